package io.lsmbd.config;

import java.util.Locale;

/**
 * One key of the configuration: {@code section.name}, what it is when nobody says otherwise, and
 * what it does. {@code type} says in words what may be written.
 */
public record Setting(String key, String type, String defaultText, String help) {
    public Setting {
        if (!key.matches("[a-z]+\\.[a-z][a-z-]*")) {
            throw new IllegalArgumentException("not a key of the form section.name: " + key);
        }
        if (help.isBlank()) {
            throw new IllegalArgumentException("a key needs an explanation: " + key);
        }
    }

    public String section() {
        return key.substring(0, key.indexOf('.'));
    }

    public String name() {
        return key.substring(key.indexOf('.') + 1);
    }

    /** {@code wal.file-size} is {@code LSMBD_WAL_FILE_SIZE}. */
    public String environmentName() {
        return EnvironmentSource.PREFIX
                + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
