package io.lsmbd.write;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Mailbox;
import io.lsmbd.env.NanoClock;
import io.lsmbd.env.Signal;
import io.lsmbd.env.Task;
import io.lsmbd.env.WallClock;
import java.time.Duration;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * An environment of one thread, where time passes only while that waits, in steps of a millisecond;
 * whatever else happens is done by {@code world} in each. The same in every run.
 */
public final class SimulatedTime implements Environment {
    private static final long STEP_NANOS = Duration.ofMillis(1).toNanos();
    private static final long LONGEST_WAIT_NANOS = Duration.ofHours(1).toNanos();

    private final World world;
    private long nowNanos;

    /** What goes on besides. */
    public interface World {
        void passes(long stepNanos);
    }

    public SimulatedTime(World world) {
        this.world = world;
    }

    @Override
    public NanoClock nanoClock() {
        return () -> nowNanos;
    }

    @Override
    public void sleep(Duration duration) {
        long until = nowNanos + duration.toNanos();
        while (nowNanos < until) {
            step(Math.min(STEP_NANOS, until - nowNanos));
        }
    }

    private void step(long nanos) {
        nowNanos += nanos;
        world.passes(nanos);
    }

    @Override
    public Signal signal() {
        return new Signal() {
            @Override
            public void await(BooleanSupplier condition) {
                if (!await(condition, Duration.ofNanos(LONGEST_WAIT_NANOS))) {
                    throw new AssertionError("nothing happens any more");
                }
            }

            @Override
            public boolean await(BooleanSupplier condition, Duration atMost) {
                long until = nowNanos + atMost.toNanos();
                while (!condition.getAsBoolean() && nowNanos < until) {
                    step(Math.min(STEP_NANOS, until - nowNanos));
                }
                return condition.getAsBoolean();
            }

            @Override
            public void signalAll() {}
        };
    }

    @Override
    public RandomGenerator random(String stream) {
        return new Random(stream.hashCode());
    }

    @Override
    public WallClock wallClock() {
        return () -> nowNanos / 1_000_000;
    }

    @Override
    public <T> Mailbox<T> mailbox(int capacity) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Task spawn(String name, Runnable body) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Task spawnVirtual(String name, Runnable body) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String bootId() {
        return "boot";
    }

    @Override
    public String hostName() {
        return "test";
    }

    @Override
    public String processIdentity() {
        return "test";
    }

    @Override
    public boolean isKnownDead(String processIdentity) {
        return false;
    }
}
