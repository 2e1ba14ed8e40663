package io.lsmbd.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/** The real machine: its clocks, its threads, its chance. */
public final class SystemEnvironment implements Environment {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private static final Path PID_NAMESPACE = Path.of("/proc/self/ns/pid");

    private final Thread.UncaughtExceptionHandler onDeath;
    private final String bootId;

    /**
     * @param onDeath told of any Throwable that leaves a task: a bug, or memory running out; the
     *     process should end, because the task's work is not done by anyone else
     */
    public SystemEnvironment(Thread.UncaughtExceptionHandler onDeath) {
        this.onDeath = onDeath;
        this.bootId = readBootId();
    }

    private static String readBootId() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot tell this boot from another: " + BOOT_ID, e);
        }
    }

    @Override
    public NanoClock nanoClock() {
        return System::nanoTime;
    }

    @Override
    public WallClock wallClock() {
        return System::currentTimeMillis;
    }

    @Override
    public RandomGenerator random(String stream) {
        return new SecureRandom();
    }

    @Override
    public <T> Mailbox<T> mailbox(int capacity) {
        return new SystemMailbox<>(capacity);
    }

    @Override
    public Signal signal() {
        return new SystemSignal();
    }

    @Override
    public Task spawn(String name, Runnable body) {
        return started(
                Thread.ofPlatform()
                        .daemon()
                        .name(name)
                        .uncaughtExceptionHandler(onDeath)
                        .start(body));
    }

    @Override
    public Task spawnVirtual(String name, Runnable body) {
        return started(Thread.ofVirtual().name(name).uncaughtExceptionHandler(onDeath).start(body));
    }

    private static Task started(Thread thread) {
        return () -> uninterruptibly(thread::join);
    }

    @Override
    public void sleep(Duration duration) {
        uninterruptibly(() -> Thread.sleep(duration));
    }

    @Override
    public String bootId() {
        return bootId;
    }

    @Override
    public String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    @Override
    public String processIdentity() {
        return processScope() + "/" + ProcessHandle.current().pid();
    }

    /** What makes a process id comparable: same host name, boot and process-id namespace. */
    private String processScope() {
        try {
            String namespace = Files.readSymbolicLink(PID_NAMESPACE).toString();
            return hostName() + "/" + bootId + "/" + namespace;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot tell the process-id namespace", e);
        }
    }

    @Override
    public boolean isKnownDead(String processIdentity) {
        String scope = processScope() + "/";
        if (!processIdentity.startsWith(scope)) {
            return false;
        }
        String pid = processIdentity.substring(scope.length());
        return pid.matches("[0-9]{1,18}")
                && (Long.parseLong(pid) == ProcessHandle.current().pid()
                        || ProcessHandle.of(Long.parseLong(pid)).isEmpty());
    }

    @FunctionalInterface
    private interface Waiting {
        void run() throws InterruptedException;
    }

    /** Nothing in lsmbd stops a thread by interruption (it would close FileChannels): a bug. */
    private static void uninterruptibly(Waiting waiting) {
        try {
            waiting.run();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted while waiting", e);
    }

    private static final class SystemSignal implements Signal {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();

        @Override
        public void await(BooleanSupplier condition) {
            lock.lock();
            try {
                while (!condition.getAsBoolean()) {
                    changed.awaitUninterruptibly();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean await(BooleanSupplier condition, Duration atMost) {
            long left = TimeUnit.NANOSECONDS.convert(atMost);
            lock.lock();
            try {
                while (!condition.getAsBoolean()) {
                    if (left <= 0) {
                        return false;
                    }
                    left = changed.awaitNanos(left);
                }
                return true;
            } catch (InterruptedException e) {
                throw interrupted(e);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void signalAll() {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
