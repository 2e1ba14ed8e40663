package io.lsmbd.server;

import io.lsmbd.error.StorageException;
import io.lsmbd.localindex.LocalIndex;
import io.lsmbd.wal.WalDigests;
import java.util.Optional;
import java.util.UUID;

/** Keeps the digests of WAL files in the local index. */
record IndexedDigests(LocalIndex index) implements WalDigests {
    @Override
    public void store(UUID file, byte[] digest) throws StorageException {
        index.putWalDigest(file, digest);
    }

    @Override
    public Optional<byte[]> load(UUID file) throws StorageException {
        return Optional.ofNullable(index.getWalDigest(file));
    }

    @Override
    public void delete(UUID file) throws StorageException {
        index.deleteWalDigest(file);
    }
}
