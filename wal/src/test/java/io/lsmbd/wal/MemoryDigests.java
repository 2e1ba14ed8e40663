package io.lsmbd.wal;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Digests in memory, which outlive logs. */
final class MemoryDigests implements WalDigests {
    final Map<UUID, byte[]> digests = new HashMap<>();

    @Override
    public synchronized void store(UUID file, byte[] digest) {
        digests.put(file, digest.clone());
    }

    @Override
    public synchronized Optional<byte[]> load(UUID file) {
        return Optional.ofNullable(digests.get(file));
    }

    @Override
    public synchronized void delete(UUID file) {
        digests.remove(file);
    }
}
