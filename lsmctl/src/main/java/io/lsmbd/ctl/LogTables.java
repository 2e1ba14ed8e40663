package io.lsmbd.ctl;

import io.lsmbd.admin.api.WalInfo;
import java.util.ArrayList;
import java.util.List;

/** The log as lines for people: as its daemon has it, or as it was found without one. */
final class LogTables {
    private LogTables() {}

    static List<String> wal(WalInfo wal) {
        List<String> lines = new ArrayList<>();
        Long budget = wal.budgetBytes();
        lines.add(
                "wal       %s   %s%s"
                        .formatted(
                                wal.directory(),
                                Units.bytes(wal.usedBytes()),
                                budget == null ? "" : " of " + Units.bytes(budget)));
        lines.add(
                "position  appended %d   synced %d"
                        .formatted(wal.appendedPosition(), wal.syncedPosition()));
        WalInfo.Found found = wal.found();
        if (found != null) {
            lines.addAll(found(found));
        }
        lines.add("");
        lines.addAll(files(wal.files()));
        lines.add("");
        lines.addAll(found == null ? lags(wal.lags()) : parts(found.volumes()));
        return lines;
    }

    private static List<String> found(WalInfo.Found found) {
        List<String> lines = new ArrayList<>();
        WalInfo.End end = found.end();
        if (end != null) {
            lines.add("end       %s +%d: %s".formatted(end.file(), end.offset(), why(found, end)));
        }
        lines.add(
                "left      %s   written in %s boot   possible loss: %s"
                        .formatted(
                                found.close() == WalInfo.Close.CLEAN
                                        ? "closed cleanly"
                                        : "not closed (in use, or killed)",
                                found.boot() == WalInfo.Boot.SAME ? "this" : "an earlier",
                                Tables.word(found.possibleLoss())));
        if (found.filesAhead() + found.filesDropped() > 0) {
            lines.add(
                    "besides   %d files ahead   %d files dropped"
                            .formatted(found.filesAhead(), found.filesDropped()));
        }
        WalInfo.Damage damage = found.damage();
        if (damage != null) {
            lines.add("DAMAGED");
            lines.add("  " + damage.problem());
        }
        return lines;
    }

    private static String why(WalInfo.Found found, WalInfo.End end) {
        if (found.close() == WalInfo.Close.CLEAN) {
            return "closed there";
        }
        return end.tornBytes() == 0
                ? "no more records"
                : "%s; %s behind it are torn, %d intact records among them"
                        .formatted(end.reason(), Units.bytes(end.tornBytes()), end.recordsBehind());
    }

    private static List<String> files(List<WalInfo.File> all) {
        var files = new TextTable("FILE", ">FROM", ">TO", ">USED", ">RECORDS", ">VOLUMES");
        for (WalInfo.File file : all) {
            files.row(
                    file.name(),
                    file.firstPosition(),
                    file.firstPosition() + file.usedBytes(),
                    Units.bytes(file.usedBytes()),
                    Units.count(file.records()),
                    file.volumes());
        }
        return files.lines();
    }

    private static List<String> lags(List<WalInfo.Lag> all) {
        var lags = new TextTable("VOLUME", ">APPENDED", ">COMMITTED", ">UNUPLOADED", ">OLDEST");
        for (WalInfo.Lag lag : all) {
            lags.row(
                    lag.volume(),
                    lag.appendedLsn(),
                    lag.committedLsn(),
                    Units.bytes(lag.unuploadedBytes()),
                    Units.age(lag.unuploadedAgeMillis()));
        }
        return lags.lines();
    }

    private static List<String> parts(List<WalInfo.Part> all) {
        var parts = new TextTable("VOLUME", ">RECORDS", ">BYTES", ">LSN", ">EPOCH");
        for (WalInfo.Part part : all) {
            parts.row(
                    part.volume(),
                    Units.count(part.records()),
                    Units.bytes(part.bytes()),
                    part.firstLsn() + ".." + part.lastLsn(),
                    part.firstEpoch() == part.lastEpoch()
                            ? part.lastEpoch()
                            : part.firstEpoch() + ".." + part.lastEpoch());
        }
        return parts.lines();
    }
}
