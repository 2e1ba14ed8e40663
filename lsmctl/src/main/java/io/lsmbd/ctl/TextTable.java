package io.lsmbd.ctl;

import java.util.ArrayList;
import java.util.List;

/** Columns as wide as they must be; those of numbers end at the same place. */
final class TextTable {
    private static final String GAP = "  ";

    /** Where a cell's text sits in its column. */
    enum Align {
        LEFT,
        RIGHT
    }

    private final List<Align> columns = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    /** Titles; a leading '>' means a column of numbers. */
    TextTable(String... titles) {
        List<String> head = new ArrayList<>();
        for (String title : titles) {
            boolean isRight = title.startsWith(">");
            columns.add(isRight ? Align.RIGHT : Align.LEFT);
            head.add(isRight ? title.substring(1) : title);
        }
        rows.add(head);
    }

    void row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(String.valueOf(cell));
        }
        if (row.size() != columns.size()) {
            throw new IllegalArgumentException(
                    "%d cells for %d columns".formatted(row.size(), columns.size()));
        }
        rows.add(row);
    }

    /** Lines without trailing blanks. */
    List<String> lines() {
        int[] widths = new int[columns.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private String line(List<String> row, int[] widths) {
        var line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - row.get(i).length());
            line.append(i == 0 ? "" : GAP);
            line.append(
                    columns.get(i) == Align.RIGHT ? padding + row.get(i) : row.get(i) + padding);
        }
        return line.toString().stripTrailing();
    }
}
