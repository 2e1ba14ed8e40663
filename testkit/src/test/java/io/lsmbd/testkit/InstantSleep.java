package io.lsmbd.testkit;

import io.lsmbd.env.NanoClock;
import io.lsmbd.env.WallClock;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** Clocks move by sleeping only, which takes no time; chance is the same in every run. */
final class InstantSleep extends TestEnvironment {
    private final AtomicLong nanos = new AtomicLong();

    InstantSleep() {
        super("boot");
    }

    @Override
    public NanoClock nanoClock() {
        return nanos::get;
    }

    @Override
    public WallClock wallClock() {
        return () -> TimeUnit.NANOSECONDS.toMillis(nanos.get());
    }

    @Override
    public void sleep(Duration duration) {
        nanos.addAndGet(duration.toNanos());
    }

    @Override
    public RandomGenerator random(String stream) {
        return new Random(stream.hashCode());
    }
}
