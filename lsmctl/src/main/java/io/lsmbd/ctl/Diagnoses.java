package io.lsmbd.ctl;

import io.lsmbd.objectstore.probe.CheckResult;
import io.lsmbd.objectstore.probe.ProbeReport;
import io.lsmbd.objectstore.probe.Verdict;
import java.util.ArrayList;
import java.util.List;

/** What was found out about a store, as lines for people. */
final class Diagnoses {
    private static final int COLUMNS = 80;

    private Diagnoses() {}

    static List<String> lines(ProbeReport report) {
        List<String> lines = new ArrayList<>();
        lines.add("store  " + report.store());
        lines.add(
                "tried  %d writers, %s, %s"
                        .formatted(
                                report.writers(),
                                Units.count(report.rounds(), "round"),
                                Units.age(report.tookMillis())));
        lines.add("");
        var table = new TextTable("", "CHECK", "FOUND");
        for (CheckResult check : report.checks()) {
            table.row(tag(check.verdict()), check.name(), check.finding());
        }
        lines.addAll(table.lines());
        for (CheckResult check : report.checks()) {
            if (!check.hint().isEmpty()) {
                lines.add("");
                lines.addAll(wrapped(check.name() + ": " + check.hint()));
            }
        }
        lines.add("");
        lines.add(summary(report));
        return lines;
    }

    private static String tag(Verdict verdict) {
        return switch (verdict) {
            case OK -> "[ok]";
            case WARNING -> "[warn]";
            case FAILED, UNANSWERED -> "[FAIL]";
            case SKIPPED -> "[skip]";
        };
    }

    private static String summary(ProbeReport report) {
        long failed = count(report, Verdict.FAILED) + count(report, Verdict.UNANSWERED);
        long warnings = count(report, Verdict.WARNING);
        if (failed > 0) {
            return "not fit for volumes: %s failed".formatted(Units.count(failed, "check"));
        }
        return warnings == 0
                ? "fit for volumes"
                : "fit for volumes, with " + Units.count(warnings, "warning");
    }

    private static long count(ProbeReport report, Verdict verdict) {
        return report.checks().stream().filter(check -> check.verdict() == verdict).count();
    }

    /** Broken between words; what follows the first line is indented. */
    private static List<String> wrapped(String text) {
        List<String> lines = new ArrayList<>();
        var line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (line.length() + 1 + word.length() > COLUMNS) {
                lines.add(line.toString());
                line = new StringBuilder(" ");
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
