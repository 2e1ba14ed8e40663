package io.lsmbd.extent;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Mailbox;
import io.lsmbd.env.NanoClock;
import io.lsmbd.env.Signal;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.env.Task;
import io.lsmbd.env.WallClock;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** The real environment at one time of day, so that objects come out the same. */
final class FixedClockEnvironment implements Environment {
    static final long MILLIS = 1_700_000_000_000L;

    private final Environment real = new SystemEnvironment((_, e) -> e.printStackTrace());

    @Override
    public NanoClock nanoClock() {
        return real.nanoClock();
    }

    @Override
    public WallClock wallClock() {
        return () -> MILLIS;
    }

    @Override
    public RandomGenerator random(String stream) {
        return real.random(stream);
    }

    @Override
    public <T> Mailbox<T> mailbox(int capacity) {
        return real.mailbox(capacity);
    }

    @Override
    public Signal signal() {
        return real.signal();
    }

    @Override
    public Task spawn(String name, Runnable body) {
        return real.spawn(name, body);
    }

    @Override
    public Task spawnVirtual(String name, Runnable body) {
        return real.spawnVirtual(name, body);
    }

    @Override
    public void sleep(Duration duration) {
        real.sleep(duration);
    }

    @Override
    public String bootId() {
        return real.bootId();
    }

    @Override
    public String hostName() {
        return real.hostName();
    }
}
