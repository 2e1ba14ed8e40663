package io.lsmbd.env;

/** Monotonic time in nanoseconds from an arbitrary origin; compare by subtraction only. */
@FunctionalInterface
public interface NanoClock {
    long nanos();
}
