package io.lsmbd.ctl;

import io.lsmbd.admin.api.StatusInfo;
import io.lsmbd.admin.api.StoreInfo;
import io.lsmbd.admin.api.VolumeInfo;
import io.lsmbd.admin.api.VolumeState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The API's records as lines for people; those of one volume's insides are {@link Details}, those
 * of the log {@link LogTables}.
 */
final class Tables {
    private Tables() {}

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static List<String> volumes(List<VolumeInfo> volumes) {
        if (volumes.isEmpty()) {
            return List.of("no volumes yet; make one: `lsmctl volume create vol1 10GiB`");
        }
        var table =
                new TextTable(
                        "NAME",
                        ">SIZE",
                        ">USED",
                        ">STORED",
                        ">CLIENTS",
                        "STATE",
                        ">LAG",
                        ">UNUPLOADED");
        for (VolumeInfo volume : volumes) {
            table.row(
                    volume.name(),
                    Units.bytes(volume.sizeBytes()),
                    Units.bytes(volume.liveBytes()),
                    Units.bytes(volume.storedBytes()),
                    volume.clients(),
                    word(volume.state()),
                    Units.age(volume.unuploadedAgeMillis()),
                    Units.bytes(volume.unuploadedBytes()));
        }
        return table.lines();
    }

    static List<String> volume(VolumeInfo volume) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "volume      %s   id %s   %s"
                        .formatted(volume.name(), volume.id(), word(volume.state())));
        lines.add(
                "size        %s   used %s   stored %s"
                        .formatted(
                                Units.bytes(volume.sizeBytes()),
                                Units.bytes(volume.liveBytes()),
                                Units.bytes(volume.storedBytes())));
        // Of a volume that is not attached nobody knows either; its log is told of elsewhere.
        if (volume.state() != VolumeState.OFFLINE) {
            lines.add(
                    "unuploaded  %s, oldest %s, log %.0f %% full"
                            .formatted(
                                    Units.bytes(volume.unuploadedBytes()),
                                    Units.age(volume.unuploadedAgeMillis()),
                                    100 * volume.logFullness()));
            lines.add("clients     " + volume.clients());
        }
        lines.add(
                "kept        compression %s   durability %s"
                        .formatted(volume.compression(), word(volume.durability())));
        if (volume.problem() != null) {
            lines.add("problem     " + volume.problem());
        }
        return lines;
    }

    static List<String> status(StatusInfo status) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "lsmbd %s   %s   up %s"
                        .formatted(
                                status.version(),
                                word(status.health()),
                                Units.age(status.upMillis())));
        status.problems().forEach(problem -> lines.add("  ! " + problem));
        lines.add("store     " + status.store());
        lines.add("data      " + status.dataDir());
        lines.add("nbd       " + String.join("  ", status.nbd()));
        lines.add(
                "wal       %s of %s"
                        .formatted(
                                Units.bytes(status.wal().usedBytes()),
                                Units.bytes(status.wal().budgetBytes())));
        // Without any, and with problems, there may be volumes that nobody could find yet.
        if (!status.volumes().isEmpty() || status.problems().isEmpty()) {
            lines.add("");
            lines.addAll(volumes(status.volumes()));
        }
        return lines;
    }

    static List<String> store(StoreInfo store) {
        List<String> lines = new ArrayList<>();
        lines.add("store  %s   %d volumes".formatted(store.location(), store.volumes().size()));
        lines.add("");
        var table = new TextTable("NAME", "ID", ">SEGMENTS", ">PACKS", ">MAPS", ">STORED");
        for (StoreInfo.StoredVolume volume : store.volumes()) {
            table.row(
                    volume.name(),
                    volume.id(),
                    Units.count(volume.segments()),
                    Units.count(volume.packs()),
                    Units.count(volume.maps()),
                    Units.bytes(volume.storedBytes()));
        }
        lines.addAll(table.lines());
        return lines;
    }
}
