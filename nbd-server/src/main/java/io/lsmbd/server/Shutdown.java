package io.lsmbd.server;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was opened, to be closed in reverse order. Every part gets its turn whatever happened to
 * those before. One thread.
 */
final class Shutdown implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);
    private final Deque<Step> steps = new ArrayDeque<>();
    private boolean isClean = true;

    private record Step(String name, AutoCloseable part) {}

    <T extends AutoCloseable> T add(String name, T part) {
        steps.push(new Step(name, part));
        return part;
    }

    /** Idempotent; a failure is logged and remembered. */
    @Override
    public void close() {
        while (!steps.isEmpty()) {
            Step step = steps.pop();
            try {
                step.part().close();
                LOG.debug("closed part={}", step.name());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failed(step, e);
            } catch (Exception e) {
                failed(step, e);
            }
        }
    }

    private void failed(Step step, Exception e) {
        isClean = false;
        LOG.error("not closed cleanly part={}", step.name(), e);
    }

    /** Whether nothing failed so far. */
    boolean isClean() {
        return isClean;
    }
}
