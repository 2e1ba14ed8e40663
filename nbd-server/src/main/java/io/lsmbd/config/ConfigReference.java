package io.lsmbd.config;

import java.util.List;

/** Every key, its default and its help, as text for people. */
public final class ConfigReference {
    private static final String PREFACE =
            """
            # Configuration

            Values come from, each winning over those before: the defaults below, a TOML
            file (`--config FILE` or `$LSMBD_CONFIG`), the environment (`wal.file-size` is
            `LSMBD_WAL_FILE_SIZE`), the command line (`--wal.file-size=128MiB`). An unknown
            key or a value that makes no sense stops the start, with file and line.

            - `lsmbd config show --origin` prints what is in force and where it came from;
            - `lsmbd config check` only checks;
            - `lsmbd config reference` prints a file to start from.

            Sizes are written `512`, `4KiB`, `10GiB` or `10 GiB`; durations `500ms`, `5s`,
            `10m`, `2h`; lists as TOML arrays in the file and with commas elsewhere.

            This page is made from the program: `lsmbd config reference --markdown`.
            """;

    private ConfigReference() {}

    /** A file to start from: everything is there, commented out, at its default. */
    public static String toml(List<Setting> settings) {
        var text = new StringBuilder();
        text.append(
                "# lsmbd configuration. Each line shows a default; remove the # to change it.\n");
        text.append("# An environment variable or an option on the command line wins over it.\n");
        String section = "";
        for (Setting setting : settings) {
            if (!setting.section().equals(section)) {
                section = setting.section();
                text.append("\n[").append(section).append("]\n");
            }
            text.append("# ").append(setting.help());
            text.append(" (").append(setting.type()).append(")\n");
            text.append('#').append(setting.name()).append(" = ").append(literal(setting));
            text.append("\n");
        }
        return text.toString();
    }

    /** The page docs/configuration.md. */
    public static String markdown(List<Setting> settings) {
        var text = new StringBuilder(PREFACE);
        String section = "";
        for (Setting setting : settings) {
            if (!setting.section().equals(section)) {
                section = setting.section();
                text.append("\n## ").append(section).append("\n\n");
                text.append("| key | type | default | meaning |\n|---|---|---|---|\n");
            }
            text.append(
                    "| `%s` | %s | %s | %s |\n"
                            .formatted(
                                    setting.key(),
                                    setting.type().replace("|", ", "),
                                    code(setting.defaultText()),
                                    setting.help()));
        }
        return text.toString();
    }

    private static String code(String text) {
        return text.isEmpty() ? "" : "`" + text + "`";
    }

    private static String literal(Setting setting) {
        return switch (setting.type()) {
            case "integer" ->
                    setting.defaultText().matches("[0-9]+")
                            ? setting.defaultText()
                            : '"' + setting.defaultText() + '"';
            case "list" ->
                    setting.defaultText().isEmpty()
                            ? "[]"
                            : "[\"" + setting.defaultText().replace(",", "\", \"") + "\"]";
            default -> '"' + setting.defaultText() + '"';
        };
    }
}
