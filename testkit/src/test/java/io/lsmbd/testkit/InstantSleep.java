package io.lsmbd.testkit;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Mailbox;
import io.lsmbd.env.NanoClock;
import io.lsmbd.env.Signal;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.env.Task;
import io.lsmbd.env.WallClock;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** The real machine, except that its clocks move by sleeping only, which takes no time. */
final class InstantSleep implements Environment {
    private final Environment real = new SystemEnvironment((_, death) -> death.printStackTrace());
    private final AtomicLong nanos = new AtomicLong();

    @Override
    public NanoClock nanoClock() {
        return nanos::get;
    }

    @Override
    public WallClock wallClock() {
        return () -> nanos.get() / 1_000_000;
    }

    @Override
    public void sleep(Duration duration) {
        nanos.addAndGet(duration.toNanos());
    }

    @Override
    public RandomGenerator random(String stream) {
        return new Random(stream.hashCode());
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
    public String bootId() {
        return real.bootId();
    }

    @Override
    public String processIdentity() {
        return "test";
    }

    @Override
    public boolean isKnownDead(String processIdentity) {
        return false;
    }

    @Override
    public String hostName() {
        return real.hostName();
    }
}
