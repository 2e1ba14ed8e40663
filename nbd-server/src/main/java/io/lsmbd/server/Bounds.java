package io.lsmbd.server;

import io.lsmbd.config.Durations;
import io.lsmbd.model.DataSize;
import java.time.Duration;

/** Range checks whose messages name the key and both bounds. */
final class Bounds {
    private Bounds() {}

    static void check(String key, DataSize value, DataSize min, DataSize max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw outside(key, value, min, max);
        }
    }

    static void check(String key, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw outside(
                    key, Durations.format(value), Durations.format(min), Durations.format(max));
        }
    }

    static void check(String key, int value, int min, int max) {
        if (value < min || value > max) {
            throw outside(key, value, min, max);
        }
    }

    private static IllegalArgumentException outside(
            String key, Object value, Object min, Object max) {
        return new IllegalArgumentException(
                "%s is %s but must be from %s to %s".formatted(key, value, min, max));
    }
}
