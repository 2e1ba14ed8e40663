package io.lsmbd.testkit;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Mailbox;
import io.lsmbd.env.NanoClock;
import io.lsmbd.env.Signal;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.env.Task;
import io.lsmbd.env.WallClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;

/** The real machine, except that its boot can be another and that the death of tasks is seen. */
public class TestEnvironment implements Environment {
    private final SystemEnvironment real;
    private final List<Throwable> deaths = new CopyOnWriteArrayList<>();
    private volatile String bootId;

    public TestEnvironment(String bootId) {
        this.bootId = bootId;
        this.real = new SystemEnvironment((_, death) -> deaths.add(death));
    }

    public void reboot(String newBootId) {
        bootId = newBootId;
    }

    /** What left a task that should not have. */
    public List<Throwable> deaths() {
        return List.copyOf(deaths);
    }

    @Override
    public NanoClock nanoClock() {
        return real.nanoClock();
    }

    @Override
    public WallClock wallClock() {
        return real.wallClock();
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
        return bootId;
    }

    @Override
    public String hostName() {
        return "test";
    }

    @Override
    public String processIdentity() {
        return real.processIdentity();
    }

    /** Several hosts live in one process: nobody can be told dead by a process id. */
    @Override
    public boolean isKnownDead(String processIdentity) {
        return false;
    }
}
