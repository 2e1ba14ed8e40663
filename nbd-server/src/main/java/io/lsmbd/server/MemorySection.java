package io.lsmbd.server;

import io.lsmbd.config.Settings;
import io.lsmbd.model.DataSize;

/** {@code [memory]}: one number; {@link MemoryPlan} divides it. */
public record MemorySection(DataSize budget) {
    public MemorySection {
        Bounds.check(
                "memory.budget", budget, DataSize.ofMebibytes(256), DataSize.ofGibibytes(4096));
    }

    static MemorySection read(Settings in) {
        return new MemorySection(
                in.size(
                        "memory.budget",
                        "1GiB",
                        "All memory of the process: heap, buffers and caches. `lsmbd config "
                                + "show` prints the division."));
    }
}
