package io.lsmbd.nbd.handshake;

import io.lsmbd.model.DataSize;
import io.lsmbd.volume.BlockVolume;
import io.lsmbd.volume.VolumeCatalog;
import java.util.List;
import java.util.Optional;

/** The volumes by their names as exports: the empty name means the only volume. */
public final class ExportCatalog {
    private static final int MAX_NAMED = 20;
    private static final int MAX_NAME_SHOWN = 128;

    private final VolumeCatalog volumes;

    public ExportCatalog(VolumeCatalog volumes) {
        this.volumes = volumes;
    }

    Optional<BlockVolume> find(String exportName) {
        if (!exportName.isEmpty()) {
            return volumes.find(exportName);
        }
        List<BlockVolume> all = volumes.list();
        return all.size() == 1 ? Optional.of(all.getFirst()) : Optional.empty();
    }

    List<BlockVolume> list() {
        return volumes.list();
    }

    static String describe(BlockVolume volume) {
        String size = new DataSize(volume.sizeBytes()).toString();
        return volume.isReadOnly() ? size + ", read-only" : size;
    }

    /** Helps someone who asked for {@code exportName} in vain; of bounded length. */
    String explainUnknown(String exportName) {
        List<BlockVolume> all = volumes.list();
        String problem;
        if (exportName.isEmpty()) {
            problem = "the empty export name means the only volume, but there are " + all.size();
        } else {
            String shown =
                    exportName.length() > MAX_NAME_SHOWN
                            ? exportName.substring(0, MAX_NAME_SHOWN) + "..."
                            : exportName;
            problem = "there is no export \"" + shown + '"';
        }
        if (all.isEmpty()) {
            return problem + "; no volume is open";
        }
        StringBuilder text = new StringBuilder(problem).append("; exports:");
        for (BlockVolume volume : all.subList(0, Math.min(all.size(), MAX_NAMED))) {
            text.append(' ').append(volume.name());
        }
        if (all.size() > MAX_NAMED) {
            text.append(" and ").append(all.size() - MAX_NAMED).append(" more");
        }
        return text.toString();
    }
}
