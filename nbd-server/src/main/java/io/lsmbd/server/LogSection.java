package io.lsmbd.server;

import io.lsmbd.config.Settings;

/** {@code [log]}: what is written to standard error. */
public record LogSection(Level level, Format format) {
    /** The least important kind of message that is written. */
    public enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    /** For people, or for a log collector: one JSON object per line. */
    public enum Format {
        TEXT,
        JSON
    }

    static LogSection read(Settings in) {
        return new LogSection(
                in.choice(
                        "log.level",
                        Level.values(),
                        "info",
                        "debug adds a line per segment, trace one per request."),
                in.choice(
                        "log.format",
                        Format.values(),
                        "text",
                        "For people, or one JSON object per line."));
    }
}
