package io.lsmbd.inspect;

import io.lsmbd.admin.api.WalInfo;
import io.lsmbd.admin.api.WalRecord;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.model.VolumeId;
import io.lsmbd.wal.WalFileInfo;
import io.lsmbd.wal.WalRecordInfo;
import io.lsmbd.wal.WalReport;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The log as records of the API. */
public final class LogDescription {
    private LogDescription() {}

    /** A log that was looked at without a daemon: all of it, or what concerns one volume. */
    public static WalInfo of(WalReport report, @Nullable VolumeId only) {
        List<WalFileInfo> files = report.files();
        long end = files.isEmpty() ? 0 : end(files.getLast());
        return new WalInfo(
                report.directory(),
                null,
                report.usedBytes(),
                report.end().map(WalReport.End::position).orElse(end),
                report.syncedPosition(),
                files.stream()
                        .filter(file -> concerns(file, only))
                        .map(LogDescription::file)
                        .toList(),
                List.of(),
                new WalInfo.Found(
                        report.end().map(LogDescription::end).orElse(null),
                        report.damage().map(LogDescription::damage).orElse(null),
                        WalInfo.Close.valueOf(report.close().name()),
                        WalInfo.Boot.valueOf(report.boot().name()),
                        WalInfo.Loss.valueOf(report.possibleLoss().name()),
                        report.filesAhead(),
                        report.filesDropped(),
                        report.volumes().stream()
                                .filter(part -> only == null || part.volume().equals(only))
                                .map(LogDescription::part)
                                .toList()));
    }

    private static long end(WalFileInfo file) {
        return file.firstPosition() + file.usedBytes();
    }

    private static boolean concerns(WalFileInfo file, @Nullable VolumeId only) {
        return only == null || file.pinnedBy().contains(only);
    }

    /** A file of the log. */
    public static WalInfo.File file(WalFileInfo file) {
        return new WalInfo.File(
                file.name(),
                file.sequence(),
                file.firstPosition(),
                file.usedBytes(),
                file.records(),
                file.pinnedBy().size());
    }

    private static WalInfo.End end(WalReport.End end) {
        return new WalInfo.End(
                end.file(), end.offset(), end.reason(), end.tornBytes(), end.recordsBehind());
    }

    private static WalInfo.Damage damage(CorruptDataException damage) {
        return new WalInfo.Damage(
                damage.where(), damage.offset(), String.valueOf(damage.getMessage()));
    }

    private static WalInfo.Part part(WalReport.Part part) {
        return new WalInfo.Part(
                part.volume().toString(),
                part.records(),
                part.bytes(),
                part.firstLsn(),
                part.lastLsn(),
                part.firstEpoch(),
                part.lastEpoch());
    }

    /** A record of the log. */
    public static WalRecord of(WalRecordInfo record) {
        return new WalRecord(
                record.file(),
                record.offset(),
                record.volume().toString(),
                record.epoch(),
                record.lsn(),
                record.kind().name().toLowerCase(Locale.ROOT),
                record.lba(),
                record.sectors(),
                "%08x".formatted(record.payloadCrc()),
                record.continues());
    }
}
