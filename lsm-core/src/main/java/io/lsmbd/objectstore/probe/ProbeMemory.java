package io.lsmbd.objectstore.probe;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.error.StorageException;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The newest report, and the newest of each address, kept in the store that they are about ({@link
 * ObjectKey#probeResult}).
 */
public final class ProbeMemory {
    private final ObjectStore store;

    public ProbeMemory(ObjectStore store) {
        this.store = store;
    }

    /**
     * Replaces what was remembered. Blocks.
     *
     * @throws ObjectStoreException if it is not certain that the store has it
     */
    public void remember(ProbeReport report) throws ObjectStoreException {
        put(ObjectKey.probeResult(), report);
        put(ObjectKey.probeResult(report.store()), report);
    }

    private void put(ObjectKey key, ProbeReport report) throws ObjectStoreException {
        ByteBuffer body = ByteBuffer.wrap(ProbeReportFormat.encode(report));
        // Whatever is there: it must work where conditional writes do not.
        PutOutcome outcome = store.put(key, List.of(body), new PutCondition.Unconditional());
        if (!(outcome instanceof PutOutcome.Stored)) {
            throw new ObjectStoreException(
                    Outlook.RETRYABLE, "%s may not be stored: %s".formatted(key, outcome));
        }
    }

    /**
     * What was found out last; empty if nobody ever tried. Blocks.
     *
     * @throws CorruptDataException if it is damaged, or a newer lsmbd wrote it
     * @throws ObjectStoreException if the store does not answer: that is not "nobody tried"
     */
    public Optional<ProbeReport> recall() throws StorageException {
        return recall(ObjectKey.probeResult());
    }

    /** What was found out last under this address; as {@link #recall()} otherwise. */
    public Optional<ProbeReport> recall(String location) throws StorageException {
        // Whoever copies a store's objects copies this one as well; two addresses may have one
        // hash.
        return recall(ObjectKey.probeResult(location))
                .filter(report -> report.store().equals(location));
    }

    private Optional<ProbeReport> recall(ObjectKey key) throws StorageException {
        try {
            return Optional.of(ProbeReportFormat.decode(store.get(key).bytes()));
        } catch (ObjectStoreException e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw e;
        } catch (CorruptFormatException e) {
            throw new CorruptDataException(key.value(), 0, e);
        }
    }
}
