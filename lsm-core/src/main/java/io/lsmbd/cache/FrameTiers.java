package io.lsmbd.cache;

import org.jspecify.annotations.Nullable;

/** Where a frame is looked for and kept: memory, then disk if there is one. */
record FrameTiers(MemoryFrameCache memory, @Nullable DiskFrameCache disk) {
    /** Puts the frame into the buffer if a tier has it. May wait for the disk. */
    boolean find(FrameKey key, FrameBuffer buffer) {
        return memory.copyWhole(key, buffer) || findOnDisk(key, buffer);
    }

    private boolean findOnDisk(FrameKey key, FrameBuffer buffer) {
        if (disk == null || !disk.read(key, buffer)) {
            return false;
        }
        memory.insert(key.volume(), key.segment(), key.frame(), buffer.plain());
        return true;
    }

    /** Neither waits nor counts as a use. */
    boolean contains(FrameKey key) {
        return memory.contains(key.volume(), key.segment(), key.frame())
                || (disk != null && disk.contains(key));
    }

    long capacityFrames() {
        return memory.capacityFrames() + (disk == null ? 0 : disk.capacityFrames());
    }

    /** Keeps a frame that was loaded: in memory now, on disk behind the caller's back. */
    void keep(FrameKey key, FrameBuffer buffer) {
        memory.insert(key.volume(), key.segment(), key.frame(), buffer.plain());
        if (disk != null) {
            disk.insertBehind(key, buffer.plain());
        }
    }
}
