package io.lsmbd.wal;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Mailbox;
import io.lsmbd.env.NanoClock;
import io.lsmbd.env.Signal;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.env.Task;
import io.lsmbd.env.WallClock;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;

/** The real environment with a chosen boot id and repeatable chance. */
final class TestEnvironment implements Environment {
    private final ConcurrentLinkedQueue<Throwable> deaths = new ConcurrentLinkedQueue<>();
    private final SystemEnvironment real = new SystemEnvironment((_, cause) -> deaths.add(cause));
    private final String bootId;
    private final RandomGenerator random;

    TestEnvironment(String bootId, long seed) {
        this.bootId = bootId;
        this.random = new SplittableRandom(seed);
    }

    void checkNoTaskDied() {
        for (Throwable death : deaths) {
            throw new AssertionError("a task died", death);
        }
    }

    @Override
    public NanoClock nanoClock() {
        return real.nanoClock();
    }

    @Override
    public WallClock wallClock() {
        return () -> 1_700_000_000_000L;
    }

    @Override
    public RandomGenerator random(String stream) {
        return random;
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
        return bootId;
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
        return "test";
    }
}
