package io.lsmbd.ctl;

import io.lsmbd.admin.api.LbaInfo;
import io.lsmbd.admin.api.SegmentDetail;
import io.lsmbd.admin.api.VerifyInfo;
import io.lsmbd.admin.api.VolumeDetail;
import io.lsmbd.admin.api.VolumeState;
import io.lsmbd.model.Sectors;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A volume's insides as lines for people. */
final class Details {
    private Details() {}

    static List<String> volume(VolumeDetail detail) {
        List<String> lines = new ArrayList<>(Tables.volume(detail.volume()));
        lines.add(
                "writer      epoch %d on %s   %s"
                        .formatted(detail.epoch(), detail.writer(), lease(detail.lease())));
        lines.add(
                "segments    committed %d   checkpoint %d"
                        .formatted(detail.committedSegment(), detail.checkpointSegment()));
        long sectors = detail.liveSectors() + detail.deadSectors();
        lines.add(
                "data        live %s (%s)   dead %s"
                        .formatted(
                                Units.bytes(Sectors.toBytes(detail.liveSectors())),
                                Units.percent(detail.liveSectors(), sectors),
                                Units.bytes(Sectors.toBytes(detail.deadSectors()))));
        VolumeDetail.Positions positions = detail.positions();
        lines.add(
                "lsn         appended %d   committed %d"
                        .formatted(positions.appendedLsn(), positions.committedLsn()));
        if (detail.volume().state() == VolumeState.OFFLINE) {
            lines.add("log         " + log(detail.log()));
        }
        List<VolumeDetail.SegmentSpace> segments = detail.segments();
        if (segments != null) {
            lines.add("");
            lines.addAll(segments(segments));
        }
        return lines;
    }

    private static String lease(VolumeDetail.@Nullable LeaseInfo lease) {
        return lease == null
                ? "detached"
                : "lease %s, renewal %d"
                        .formatted(Units.age(lease.durationMillis()), lease.renewals());
    }

    private static String log(VolumeDetail.@Nullable LogPart log) {
        if (log == null) {
            return "not looked into; --wal-dir DIR does";
        }
        String beyond =
                log.firstLsn() == null
                        ? "nothing beyond the segments"
                        : "%s records beyond the segments, %s, lsn %d..%d"
                                .formatted(
                                        Units.count(log.records()),
                                        Units.bytes(log.bytes()),
                                        log.firstLsn(),
                                        log.lastLsn());
        return log.leftOver() == 0
                ? beyond
                : "%s   %s left over from before another host had it"
                        .formatted(beyond, Units.count(log.leftOver()));
    }

    private static List<String> segments(List<VolumeDetail.SegmentSpace> segments) {
        var table = new TextTable(">SEGMENT", ">LIVE", ">DEAD", ">LIVE %", ">STORED");
        for (VolumeDetail.SegmentSpace segment : segments) {
            table.row(
                    segment.number(),
                    Units.bytes(Sectors.toBytes(segment.liveSectors())),
                    Units.bytes(Sectors.toBytes(segment.totalSectors() - segment.liveSectors())),
                    Units.percent(segment.liveSectors(), segment.totalSectors()),
                    Units.bytes(segment.storedBytes()));
        }
        return table.lines();
    }

    static List<String> segment(SegmentDetail segment) {
        List<String> lines = new ArrayList<>();
        lines.add("segment  %s #%d".formatted(segment.volume(), segment.number()));
        lines.add(
                "object   %s   %s".formatted(segment.object(), Units.bytes(segment.objectBytes())));
        lines.add(
                "written  %s   epoch %d   lsn %d..%d"
                        .formatted(
                                segment.createdAt(),
                                segment.epoch(),
                                segment.firstLsn(),
                                segment.lastLsn()));
        lines.add(
                "holds    %d frames   %d extents"
                        .formatted(segment.frames().size(), segment.extents().size()));
        SegmentDetail.Verified verified = segment.verified();
        if (verified != null) {
            lines.add(
                    verified.problems().isEmpty()
                            ? "verified %s, ok".formatted(Units.bytes(verified.bytes()))
                            : "DAMAGED");
            verified.problems().forEach(problem -> lines.add("  " + problem));
        }
        return lines;
    }

    static List<String> verification(VerifyInfo result) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "verified %s segments, %s: %s"
                        .formatted(
                                Units.count(result.segments()),
                                Units.bytes(result.bytes()),
                                result.problems().isEmpty() ? "ok" : "DAMAGED"));
        result.problems().forEach(problem -> lines.add("  " + problem));
        return lines;
    }

    /** Frames, then extents. */
    static List<String> frames(SegmentDetail segment) {
        var frames = new TextTable(">SECTOR", ">SECTORS", ">OFFSET", ">STORED", "CODEC", "CRC32C");
        for (SegmentDetail.FrameInfo frame : segment.frames()) {
            frames.row(
                    frame.firstSector(),
                    frame.sectors(),
                    frame.objectOffset(),
                    frame.storedBytes(),
                    frame.codec(),
                    frame.crc32c());
        }
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.addAll(frames.lines());
        lines.add("");
        var extents = new TextTable(">LBA", ">SECTORS", ">ADDRESS");
        for (SegmentDetail.ExtentInfo extent : segment.extents()) {
            Long address = extent.address();
            extents.row(extent.lba(), extent.sectors(), address == null ? "hole" : address);
        }
        lines.addAll(extents.lines());
        return lines;
    }

    static List<String> lba(LbaInfo lba) {
        var table =
                new TextTable(
                        ">OFFSET",
                        ">LENGTH",
                        "WHERE",
                        ">SEGMENT",
                        ">SECTOR",
                        ">FRAME",
                        "CODEC",
                        "CRC32C",
                        "DETAIL");
        for (LbaInfo.Run run : lba.runs()) {
            LbaInfo.Frame frame = run.frame();
            table.row(
                    run.offset(),
                    run.length(),
                    Tables.word(run.where()),
                    orDash(run.segment()),
                    orDash(run.sector()),
                    orDash(frame == null ? null : frame.number()),
                    orDash(frame == null ? null : frame.codec()),
                    orDash(frame == null ? null : frame.crc32c()),
                    detail(run));
        }
        List<String> lines = new ArrayList<>(table.lines());
        if (lba.nextOffset() != null) {
            lines.add("there is more from %d on".formatted(lba.nextOffset()));
        }
        return lines;
    }

    private static Object orDash(@Nullable Object known) {
        return known == null ? "-" : known;
    }

    private static String detail(LbaInfo.Run run) {
        LbaInfo.LogPlace place = run.log();
        String where = place == null ? "" : "%s +%d  ".formatted(place.file(), place.offset());
        return (where + run.detail()).strip();
    }
}
