package io.lsmbd.objectstore.decorator;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.decorator.HedgeMetrics.Winner;
import io.lsmbd.objectstore.decorator.HedgePolicy.Kind;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request, sent a second time if the first is late. Each attempt runs on a task of its own,
 * which may outlive the race; what the attempts' bodies take is given back when the last has ended.
 *
 * @param <T> what it answers
 */
final class HedgeRace<T> {
    private static final Logger LOG = LoggerFactory.getLogger(HedgeRace.class);

    private final Course course;
    private final Request<T> request;
    private final Predicate<End<T>> isDecisive;
    private final Signal ended;

    /** Attempts under way, and the caller. */
    private final AtomicInteger present = new AtomicInteger(1);

    /** Each attempt runs it once; it shares no memory with other attempts that either writes. */
    @FunctionalInterface
    interface Request<T> {
        T attempt() throws ObjectStoreException;
    }

    /**
     * What all races have in common, and what this one is about.
     *
     * @param bytes of the body
     * @param roomBytes taken from the policy, to be given back
     */
    record Course(
            Environment environment,
            HedgePolicy policy,
            HedgeMetrics metrics,
            Kind kind,
            long bytes,
            long roomBytes) {}

    /** How an attempt ended. */
    sealed interface End<T> {
        record Answered<T>(T answer) implements End<T> {}

        record Failed<T>(ObjectStoreException cause) implements End<T> {}

        /** A bug, or a store that was closed meanwhile. */
        record Broken<T>(RuntimeException cause) implements End<T> {}
    }

    /**
     * @param isDecisive whether nothing that the other attempt brings could change what the caller
     *     is told
     */
    HedgeRace(Course course, Request<T> request, Predicate<End<T>> isDecisive) {
        this.course = course;
        this.request = request;
        this.isDecisive = isDecisive;
        this.ended = course.environment().signal();
    }

    private final class Attempt {
        private volatile @Nullable End<T> end; // set once, by its task

        boolean isOver() {
            return end != null;
        }

        boolean isDecisive() {
            End<T> now = end;
            return now != null && isDecisive.test(now);
        }

        boolean isAnswered() {
            return end instanceof End.Answered<T>;
        }

        void run() {
            long started = course.environment().nanoClock().nanos();
            try {
                T answer = request.attempt();
                long took = course.environment().nanoClock().nanos() - started;
                course.policy().ended(course.kind(), course.bytes(), answer, took);
                end = new End.Answered<>(answer);
            } catch (ObjectStoreException e) {
                course.policy().failed(e);
                end = new End.Failed<>(e);
            } catch (RuntimeException e) {
                LOG.debug("attempt broke off", e); // the caller may be gone already
                end = new End.Broken<>(e);
            } finally {
                leave();
                ended.signalAll();
            }
        }

        T result() throws ObjectStoreException {
            return switch (end) {
                case End.Answered<T>(T answer) -> answer;
                case End.Failed<T>(ObjectStoreException cause) -> throw cause;
                case End.Broken<T>(RuntimeException cause) -> throw cause;
                case null -> throw new IllegalStateException("not over");
            };
        }
    }

    private Attempt start() {
        Attempt attempt = new Attempt();
        present.incrementAndGet();
        course.environment().spawnVirtual("store-request", attempt::run);
        return attempt;
    }

    private void leave() {
        if (present.decrementAndGet() == 0) {
            course.policy().giveBack(course.roomBytes());
        }
    }

    /** Blocks until the caller can be told; the second attempt begins after {@code delay}. */
    T run(Duration delay) throws ObjectStoreException {
        try {
            Attempt first = start();
            if (ended.await(first::isOver, delay) || !course.policy().takeShare()) {
                ended.await(first::isOver);
                return first.result();
            }
            Attempt second = start();
            ended.await(() -> isDecided(first, second));
            Attempt told = told(first, second);
            course.metrics().ended(course.kind(), winner(told, first));
            return told.result();
        } finally {
            leave();
        }
    }

    private boolean isDecided(Attempt first, Attempt second) {
        return first.isDecisive() || second.isDecisive() || (first.isOver() && second.isOver());
    }

    private Attempt told(Attempt first, Attempt second) {
        if (first.isDecisive() || second.isDecisive()) {
            return first.isDecisive() ? first : second;
        }
        // "Nobody knows" of one is true of both, "certainly not done" of the other is not.
        return second.isAnswered() ? second : first;
    }

    private Winner winner(Attempt told, Attempt first) {
        if (!told.isDecisive()) {
            return Winner.NONE;
        }
        return told == first ? Winner.FIRST : Winner.SECOND;
    }
}
