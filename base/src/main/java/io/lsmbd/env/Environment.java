package io.lsmbd.env;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Time, chance and threads. All waiting in lsmbd happens in {@link #sleep}, {@link Mailbox}, {@link
 * Signal}, {@link Task#join}, the object store and files; no lock is held meanwhile.
 */
public interface Environment {
    NanoClock nanoClock();

    WallClock wallClock();

    /** A generator of its own for each named stream; safe for one thread. */
    RandomGenerator random(String stream);

    <T> Mailbox<T> mailbox(int capacity);

    Signal signal();

    /** Starts a long-lived task on its own thread. A Throwable that leaves it ends the process. */
    Task spawn(String name, Runnable body);

    /** Starts a task that mostly waits (a request, a volume's worker) on a virtual thread. */
    Task spawnVirtual(String name, Runnable body);

    void sleep(Duration duration);

    /** Identifies the running kernel: a new value means that the page cache was lost. */
    String bootId();

    /** For logs and the manifest's writer record. */
    String hostName();

    /** Identifies this process among all of all hosts, for {@link #isKnownDead}. */
    String processIdentity();

    /**
     * Whether that process certainly runs no more: it ran on this host, since or before this boot,
     * in our process-id namespace, and its process id is free. False also for "cannot tell".
     */
    boolean isKnownDead(String processIdentity);
}
