package io.lsmbd.env;

/** Time of day in milliseconds since 1970; may jump either way. For people, never for ordering. */
@FunctionalInterface
public interface WallClock {
    long millis();
}
