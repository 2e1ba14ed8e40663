package io.lsmbd.server;

import io.lsmbd.config.Settings;
import io.lsmbd.model.DataSize;

/** {@code [cache]}: what was read from the store is kept on the local disk. */
public record CacheSection(DataSize diskSize) {
    public CacheSection {
        Bounds.check("cache.disk-size", diskSize, new DataSize(0), DataSize.ofGibibytes(64 << 10));
    }

    static CacheSection read(Settings in) {
        return new CacheSection(
                in.size(
                        "cache.disk-size",
                        "4GiB",
                        "Size of the read cache below data.dir; it survives a restart. 0 turns "
                                + "it off."));
    }
}
