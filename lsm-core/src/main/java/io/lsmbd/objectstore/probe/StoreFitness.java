package io.lsmbd.objectstore.probe;

import io.lsmbd.env.Environment;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.error.StorageException;
import io.lsmbd.objectstore.ObjectStore;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a store may be written to: only where conditional writes work can a daemon that
 * has lost a volume be fenced. Goes by what is remembered of the store:
 *
 * <ul>
 *   <li>A report that saw them fail counts, under whatever address the store had then: its rounds
 *       were more than those of a start, and {@code lsmctl doctor} replaces it.
 *   <li>Else the newest one of this address counts if it saw them work: whoever copies a store's
 *       objects to another store copies the reports as well. Hosts may have one store under several
 *       addresses, and a failover must not wait for races that were run before.
 *   <li>One that has damage, or that a newer lsmbd wrote, says nothing and is left as it is.
 * </ul>
 *
 * What is not known so is tried, and remembered.
 */
public final class StoreFitness {
    private static final Logger LOG = LoggerFactory.getLogger(StoreFitness.class);

    /** A start waits for it. Racing puts that are told to try again make it longer. */
    private static final ProbeConfig QUICK = new ProbeConfig(16, 5, Duration.ofSeconds(2));

    private final ObjectStore store;
    private final Environment environment;
    private final ProbeMemory memory;

    /** {@code store}: as the daemon has it, with retries. */
    public StoreFitness(ObjectStore store, Environment environment) {
        this.store = store;
        this.environment = environment;
        this.memory = new ProbeMemory(store);
    }

    /** What is done with a store of which nothing is known. */
    public enum Unknown {
        IS_TRIED,
        /** Nobody else can reach it. */
        IS_TRUSTED
    }

    /** What is known of a store's conditional writes. */
    public sealed interface Answer {
        /** They worked when they were tried before. */
        record Remembered(ProbeReport report) implements Answer {}

        /** They work: it was tried just now. */
        record Tried(ProbeReport report) implements Answer {}

        /** Nothing, and that is enough. */
        record Trusted() implements Answer {}

        /** They were seen not to work, before or just now. */
        record Unfit(ProbeReport report) implements Answer {}
    }

    /** What was remembered; an unreadable report is neither one nor none. */
    private sealed interface Memory {
        record Report(ProbeReport report) implements Memory {}

        record None() implements Memory {}

        record Unreadable() implements Memory {}
    }

    /**
     * Answers with one request or two, if something is remembered. Blocks.
     *
     * @throws ObjectStoreException if the store gives no clear answer: that is no verdict
     */
    public Answer judge(Unknown unknown) throws StorageException {
        Memory remembered = recall();
        if (remembered instanceof Memory.Report(ProbeReport report)) {
            if (!report.brokenConditionalWrites().isEmpty()) {
                return new Answer.Unfit(report);
            }
            Optional<ProbeReport> good = ofThisAddress(report);
            if (good.isPresent()) {
                return new Answer.Remembered(good.get());
            }
        }
        if (unknown == Unknown.IS_TRUSTED) {
            return new Answer.Trusted();
        }
        ProbeReport found = tryNow();
        if (!(remembered instanceof Memory.Unreadable)) {
            memory.remember(found);
        }
        return found.hasConditionalWrites() ? new Answer.Tried(found) : new Answer.Unfit(found);
    }

    private Memory recall() throws StorageException {
        try {
            return memory.recall().<Memory>map(Memory.Report::new).orElseGet(Memory.None::new);
        } catch (CorruptDataException e) {
            LOG.warn(
                    "what was found out about this store cannot be read, `lsmctl doctor` finds it"
                            + " out anew reason={}",
                    e.getMessage());
            return new Memory.Unreadable();
        }
    }

    /** A report of this address that saw conditional writes work, if there is one. */
    private Optional<ProbeReport> ofThisAddress(ProbeReport newest) throws StorageException {
        Optional<ProbeReport> found;
        try {
            found =
                    newest.store().equals(store.location())
                            ? Optional.of(newest)
                            : memory.recall(store.location());
        } catch (CorruptDataException e) {
            LOG.debug("of this address nothing is remembered reason={}", e.getMessage());
            found = Optional.empty();
        }
        return found.filter(ProbeReport::hasConditionalWrites);
    }

    /** A report that says one or the other. */
    private ProbeReport tryNow() throws ObjectStoreException {
        ProbeReport found = new StoreProbe(store, environment, QUICK).runConditionalWrites();
        if (found.hasConditionalWrites() || !found.brokenConditionalWrites().isEmpty()) {
            return found;
        }
        CheckResult open =
                found.checks().stream()
                        .filter(CheckResult::isBad)
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("no reason: " + found));
        throw new ObjectStoreException(
                open.verdict() == Verdict.UNANSWERED ? Outlook.RETRYABLE : Outlook.FINAL,
                "cannot find out whether conditional writes work in %s: %s: %s; %s"
                        .formatted(store.location(), open.name(), open.finding(), open.hint()));
    }
}
