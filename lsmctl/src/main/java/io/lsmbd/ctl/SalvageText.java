package io.lsmbd.ctl;

import io.lsmbd.admin.api.SalvageInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code lsmctl wal salvage} tells a person. */
final class SalvageText {
    private static final int MAX_PLACES = 20;
    private final SalvageInfo info;
    private final boolean isAll;
    private final List<String> lines = new ArrayList<>();

    /** {@code isAll}: records behind missing ones were wanted as well. */
    SalvageText(SalvageInfo info, boolean isAll) {
        this.info = info;
        this.isAll = isAll;
    }

    /** {@code image} was wanted, if anything was there for it. */
    List<String> lines(@Nullable Path image) {
        if (info.records() == 0 && info.isComplete()) {
            return List.of(
                    "volume %s: the log holds nothing that is lost to it".formatted(info.volume()));
        }
        add(
                "volume  %s   id %s   epoch %d now"
                        .formatted(info.volume(), info.id(), info.takenOverBy()));
        for (SalvageInfo.Part part : info.epochs()) {
            add(
                    "epoch   %d   %s, LSN %d to %d"
                            .formatted(
                                    part.epoch(),
                                    Units.count(part.records(), "record"),
                                    part.firstLsn(),
                                    part.lastLsn()));
        }
        add(
                "holds   %s of data, %s zeroed, in %s"
                        .formatted(
                                Units.bytes(info.dataBytes()),
                                Units.bytes(info.zeroBytes()),
                                Units.count(info.ranges().size(), "range")));
        if (info.imageBytes() > info.sizeBytes()) {
            add(
                    "beyond  the volume's end, %s by now: %s of data; the image is larger, %s"
                            .formatted(
                                    Units.bytes(info.sizeBytes()),
                                    Units.bytes(info.beyondEndBytes()),
                                    Units.bytes(info.imageBytes())));
        }
        addWhatIsNotThere();
        if (info.records() == 0) {
            add("nothing was written");
        } else if (image == null) {
            add("nothing was written: --to FILE writes it out");
        } else {
            add("image   %s   ranges %s".formatted(image, new SalvagedFiles(image).ranges()));
        }
        return lines;
    }

    private void addWhatIsNotThere() {
        for (SalvageInfo.Missing gap : info.missing()) {
            add(
                    "MISSING epoch %d, LSN %d to %d: in no segment, and not to be read in the log"
                            .formatted(gap.epoch(), gap.firstLsn(), gap.lastLsn()));
        }
        for (SalvageInfo.Unreadable place : firstOf(info.unreadable())) {
            add(
                    "UNREADABLE %s at offset %d, %s: %s"
                            .formatted(
                                    place.file(),
                                    place.offset(),
                                    Units.bytes(place.length()),
                                    place.problem()));
            add("        %s".formatted(meaning(place)));
        }
        int more = info.unreadable().size() - MAX_PLACES;
        if (more > 0) {
            add(
                    "        and %s more, all in the JSON: -o json"
                            .formatted(Units.count(more, "place")));
        }
        if (info.heldBack() > 0) {
            add(
                    ("held back  %s that could be read, because earlier ones are missing; --all"
                                    + " writes them, too")
                            .formatted(Units.count(info.heldBack(), "record")));
        }
        if (isAll && info.ranges().stream().anyMatch(SalvageInfo.Range::isBehindGap)) {
            add(
                    "behind gaps  the image has records without earlier ones, so it is no state"
                            + " that the volume was in; isBehindGap marks their ranges");
        }
    }

    private static List<SalvageInfo.Unreadable> firstOf(List<SalvageInfo.Unreadable> places) {
        return places.subList(0, Math.min(MAX_PLACES, places.size()));
    }

    private String meaning(SalvageInfo.Unreadable place) {
        SalvageInfo.Lost record = place.record();
        if (record == null) {
            return "which record it was cannot be told: maybe one of this volume";
        }
        if (!record.volume().equals(info.id())) {
            return "it was a record of volume id %s, not of this one".formatted(record.volume());
        }
        return "it was epoch %d, LSN %d: %s of the volume at offset %d%s"
                .formatted(
                        record.epoch(),
                        record.lsn(),
                        Units.bytes(record.length()),
                        record.offset(),
                        place.loss() == SalvageInfo.Loss.NONE ? "; nothing is lost by it" : "");
    }

    private void add(String line) {
        lines.add(line);
    }
}
