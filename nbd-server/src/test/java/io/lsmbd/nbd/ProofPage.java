package io.lsmbd.nbd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A page with tables whose last column, "proved by", names the tests that prove what the first one
 * has as its key. The other columns are written by hand, the last one is made from the tests.
 */
record ProofPage(Path file, List<String> lines) {
    private static final String HEADING = "proved by";

    /** A line of such a table; {@code cells} are all of it but the last. */
    record Row(int line, List<String> cells, String proofs) {
        /** Without its backticks. */
        String key() {
            return cells.getFirst().replace("`", "");
        }
    }

    static ProofPage of(String name) {
        Path file = Path.of("../docs", name);
        try {
            return new ProofPage(file, Files.readAllLines(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        boolean isProofs = false;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!line.startsWith("|")) {
                isProofs = false;
                continue;
            }
            List<String> cells = cells(line);
            if (cells.getLast().equals(HEADING)) {
                isProofs = true;
            } else if (isProofs && !cells.getLast().startsWith("---")) {
                rows.add(new Row(i, cells.subList(0, cells.size() - 1), cells.getLast()));
            }
        }
        return rows;
    }

    private static List<String> cells(String line) {
        String inner = line.substring(1, line.lastIndexOf('|'));
        return Arrays.stream(inner.split("\\|", -1)).map(String::strip).toList();
    }

    /** The page as the tests would have it. */
    List<String> filledIn(Map<String, SortedSet<String>> proofs) {
        List<String> filled = new ArrayList<>(lines);
        for (Row row : rows()) {
            List<String> cells = new ArrayList<>(row.cells());
            cells.add(String.join(", ", proofs.getOrDefault(row.key(), new TreeSet<>())));
            filled.set(row.line(), "| " + String.join(" | ", cells) + " |");
        }
        return filled;
    }

    void write(List<String> filled) {
        try {
            Files.writeString(file, String.join("\n", filled) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
