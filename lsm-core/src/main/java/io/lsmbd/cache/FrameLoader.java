package io.lsmbd.cache;

import io.lsmbd.error.StorageException;
import java.nio.ByteBuffer;

/** Gets frames that no cache holds from where they are stored. */
@FunctionalInterface
public interface FrameLoader {
    /**
     * Reads, verifies and decodes the {@code count} neighbouring frames from {@code firstFrame} on.
     * {@code plain[i]}, for frame {@code firstFrame + i}, comes as an empty direct buffer of {@link
     * FrameCache#FRAME_BYTES}: fill and flip it, or put a buffer of your own in its place whose
     * remaining bytes are the frame. May wait. Keeps no buffer and lets nobody write into one after
     * it has returned.
     */
    void load(int firstFrame, int count, ByteBuffer[] plain) throws StorageException;
}
