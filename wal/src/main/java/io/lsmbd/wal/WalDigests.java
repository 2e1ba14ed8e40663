package io.lsmbd.wal;

import io.lsmbd.error.StorageException;
import java.util.Optional;
import java.util.UUID;

/**
 * Keeps what a full file's record headers say, so that the next start need not read the file. Only
 * a speed-up: may forget anything at any time, and what it returns is checked.
 */
public interface WalDigests {
    void store(UUID file, byte[] digest) throws StorageException;

    Optional<byte[]> load(UUID file) throws StorageException;

    /** Forgets a file; does nothing if it is not known. */
    void delete(UUID file) throws StorageException;

    /** Remembers nothing. */
    static WalDigests none() {
        return new WalDigests() {
            @Override
            public void store(UUID file, byte[] digest) {}

            @Override
            public Optional<byte[]> load(UUID file) {
                return Optional.empty();
            }

            @Override
            public void delete(UUID file) {}
        };
    }
}
