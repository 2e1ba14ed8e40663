package io.lsmbd.house;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** What javac and the formatter do not check about our sources. Each method is one rule. */
final class TidyRules {

    static final int MAX_FILE_LINES = 600;
    static final int MAX_LINE_LENGTH = 100;

    // The brackets keep this line from being a find itself.
    private static final Pattern UNFINISHED =
            Pattern.compile("\\b(FIX[M]E|TO[D]O|XX[X])\\b(?!\\(#\\d+\\))");
    private static final Pattern SLEEP = Pattern.compile("\\bThread\\s*\\.\\s*sleep\\s*\\(");
    private static final Pattern DISABLED = Pattern.compile("^\\s*@(Disabled|Ignore)\\b");
    private static final Pattern SUPPRESSION = Pattern.compile("^\\s*@SuppressWarnings\\b");
    private static final Pattern COMMENT = Pattern.compile("//\\s*\\S|\\*/|^\\s*\\*\\s");
    private static final Pattern MACHINE_PATH =
            Pattern.compile("(?<![\\w.}*-])/(work|root|home/\\w+|Users/\\w+)/");
    private static final Pattern REGISTRY_HOST =
            Pattern.compile(
                    "(repo1?\\.maven\\.|central\\.sonatype\\.|registry\\.npmjs\\."
                            + "|deb\\.debian\\.|pypi\\.(org|python)|static\\.crates\\.)");

    private TidyRules() {}

    static List<String> longFiles(SourceFile file) {
        var lines = file.lines().size();
        return file.isJava() && lines > MAX_FILE_LINES
                ? List.of(file.path() + ": " + lines + " lines, at most " + MAX_FILE_LINES)
                : List.of();
    }

    /** What the formatter does not break: plain comments, strings, tables in javadoc. */
    static List<String> longLines(SourceFile file) {
        return file.isJava()
                ? lines(file, "longer than " + MAX_LINE_LENGTH, TidyRules::isTooLong)
                : List.of();
    }

    static List<String> unfinishedWork(SourceFile file) {
        return matches(file, "names no issue, as in (#12)", UNFINISHED);
    }

    static List<String> sleepingTests(SourceFile file) {
        return file.isTest() && file.isJava() ? matches(file, "sleeps", SLEEP) : List.of();
    }

    static List<String> disabledTests(SourceFile file) {
        return file.isJava() ? matches(file, "switched off", DISABLED) : List.of();
    }

    /** The reason stands on the same line or the one before. */
    static List<String> unexplainedSuppressions(SourceFile file) {
        if (!file.isJava()) {
            return List.of();
        }
        var lines = file.lines();
        return IntStream.range(0, lines.size())
                .filter(i -> SUPPRESSION.matcher(lines.get(i)).find())
                .filter(i -> !COMMENT.matcher(lines.get(i)).find())
                .filter(i -> i == 0 || !COMMENT.matcher(lines.get(i - 1)).find())
                .mapToObj(i -> at(file, i, "a suppression without its reason"))
                .toList();
    }

    static List<String> machinePaths(SourceFile file) {
        return matches(file, "a path of one machine", MACHINE_PATH);
    }

    static List<String> registryHosts(SourceFile file) {
        return matches(file, "a registry's host", REGISTRY_HOST);
    }

    /** Looks at all files at once: a missing file cannot report itself. */
    static List<String> packagesWithoutInfo(List<SourceFile> files) {
        Set<String> packages = new HashSet<>();
        Set<String> nullMarked = new HashSet<>();
        for (var file : files) {
            if (file.isMainJava()) {
                packages.add(file.folder());
                if (file.name().equals("package-info.java")
                        && file.text().contains("@NullMarked")) {
                    nullMarked.add(file.folder());
                }
            }
        }
        packages.removeAll(nullMarked);
        return packages.stream().sorted().map(p -> p + ": no @NullMarked package-info").toList();
    }

    /** Import lines cannot be broken. */
    private static boolean isTooLong(String line) {
        return line.length() > MAX_LINE_LENGTH && !line.startsWith("import ");
    }

    private static List<String> matches(SourceFile file, String complaint, Pattern pattern) {
        return lines(file, complaint, line -> pattern.matcher(line).find());
    }

    private static List<String> lines(
            SourceFile file, String complaint, Predicate<String> isWrong) {
        var lines = file.lines();
        var found = new ArrayList<String>();
        for (int i = 0; i < lines.size(); i++) {
            if (isWrong.test(lines.get(i))) {
                found.add(at(file, i, complaint));
            }
        }
        return found;
    }

    private static String at(SourceFile file, int index, String complaint) {
        return "%s:%d: %s: %s"
                .formatted(file.path(), index + 1, complaint, file.lines().get(index).strip());
    }
}
