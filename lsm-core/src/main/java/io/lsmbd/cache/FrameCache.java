package io.lsmbd.cache;

import io.lsmbd.env.Environment;
import io.lsmbd.env.LogDirectory;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.Sectors;
import java.nio.ByteBuffer;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Plain frames of immutable segments, shared by all volumes of a daemon. A frame is named by
 * (volume that wrote it, segment, index in the segment) and holds {@link #FRAME_BYTES}, except that
 * a segment's last may be shorter. Frames never change, so nothing is ever invalidated.
 * Thread-safe.
 *
 * <p>A frame is looked for in memory, then on disk, then loaded; at most one load per frame is
 * under way, whoever asks, and what is being loaded is bounded. A failed load is told to all who
 * waited for it and not remembered.
 */
public final class FrameCache implements AutoCloseable {
    /** The most that a frame holds: 128 sectors. */
    public static final int FRAME_BYTES = 128 * Sectors.BYTES;

    private final FrameTiers tiers;
    private final Environment env;
    private final CacheMetrics metrics;
    private final FrameBuffers buffers;
    private final SingleFlight flights;

    /**
     * Closes both tiers when it is closed. Loads at most {@link CacheConfig#DEFAULT}'s number of
     * bytes at a time.
     */
    public FrameCache(
            MemoryFrameCache memory,
            @Nullable DiskFrameCache disk,
            Environment env,
            CacheMetrics metrics) {
        this(new FrameTiers(memory, disk), CacheConfig.DEFAULT.maxLoading(), env, metrics);
    }

    private FrameCache(
            FrameTiers tiers, DataSize maxLoading, Environment env, CacheMetrics metrics) {
        this.tiers = tiers;
        this.env = env;
        this.metrics = metrics;
        long loading = Math.min(maxLoading.bytes() / FRAME_BYTES, Integer.MAX_VALUE);
        this.buffers = new FrameBuffers(env, (int) loading);
        this.flights = new SingleFlight(buffers);
    }

    /** Opens the caches as configured, the disk tier in {@code directory} if it has a size. */
    public static FrameCache open(
            CacheConfig config, LogDirectory directory, Environment env, CacheMetrics metrics)
            throws StorageException {
        DiskFrameCache disk =
                config.disk().bytes() == 0
                        ? null
                        : DiskFrameCache.open(directory, config.disk(), env, metrics);
        var memory = new MemoryFrameCache(config.memory(), metrics);
        return new FrameCache(new FrameTiers(memory, disk), config.maxLoading(), env, metrics);
    }

    /**
     * Fills {@code into} (its remaining bytes) from byte {@code offsetBytes} of the frame and
     * consumes it, if the frame is in memory; else false, and {@code into} is as it was. Allocates
     * nothing, never waits.
     */
    public boolean copyIfResident(
            long volume, long segment, int frame, int offsetBytes, ByteBuffer into) {
        boolean isHit = tiers.memory().copyIfResident(volume, segment, frame, offsetBytes, into);
        if (isHit) {
            // A miss is counted by the read that follows it.
            metrics.memory().hit();
        }
        return isHit;
    }

    /**
     * Fills {@code into} (its remaining bytes) from byte {@code offsetBytes} of the first frame on,
     * across as many of the {@code frameCount} neighbouring frames as that takes, and consumes it.
     * May wait for the disk, the loader, and other loads. On an exception the contents of {@code
     * into} are undefined and its position is unchanged.
     *
     * @throws IllegalArgumentException if the frames do not have so many bytes
     */
    public void read(
            long volume,
            long segment,
            int firstFrame,
            int frameCount,
            int offsetBytes,
            ByteBuffer into,
            FrameLoader loader)
            throws StorageException {
        FrameKey first = new FrameKey(volume, segment, firstFrame);
        FrameRequest request = FrameRequest.toRead(first, frameCount, offsetBytes, into);
        BitSet missing = new BitSet();
        for (int i = 0; i < request.count(); i++) {
            if (request.isServedBy(tiers.memory(), i)) {
                metrics.memory().hit();
            } else {
                metrics.memory().miss();
                missing.set(i);
            }
        }
        bring(request, missing, loader);
        into.position(into.limit());
    }

    /**
     * Brings those of the neighbouring frames in that are neither in memory nor on their way, for
     * read-ahead and NBD's CACHE. May wait as {@link #read} does.
     */
    public void warm(long volume, long segment, int firstFrame, int frameCount, FrameLoader loader)
            throws StorageException {
        FrameKey first = new FrameKey(volume, segment, firstFrame);
        FrameRequest request = FrameRequest.toWarm(first, frameCount);
        BitSet missing = new BitSet();
        for (int i = 0; i < frameCount; i++) {
            if (!request.isServedBy(tiers.memory(), i)) {
                missing.set(i);
            }
        }
        bring(request, missing, loader);
    }

    private void bring(FrameRequest request, BitSet missing, FrameLoader loader)
            throws StorageException {
        if (!missing.isEmpty()) {
            new FrameFetch(tiers, buffers, flights, env, request, loader).bring(missing);
        }
    }

    /**
     * Takes a copy of a frame that is at hand anyway, {@code plain}'s remaining bytes (its position
     * stays), into memory. Only for frames of a segment that is known to be committed: what a
     * fenced or unknown upload held must never be found under a segment's name.
     */
    public void offer(long volume, long segment, int frame, ByteBuffer plain) {
        tiers.memory().insert(volume, segment, frame, plain);
    }

    /** How many frames both tiers together can hold. */
    public long capacityFrames() {
        return tiers.capacityFrames();
    }

    /** Whether the frame is in a tier, so that reading it takes no request to the store. */
    public boolean contains(long volume, long segment, int frame) {
        return tiers.contains(new FrameKey(volume, segment, frame));
    }

    static void checkOffset(int offsetBytes) {
        if (offsetBytes < 0 || offsetBytes >= FRAME_BYTES) {
            throw new IllegalArgumentException(
                    "offset %d is not in a frame of %d bytes".formatted(offsetBytes, FRAME_BYTES));
        }
    }

    static void checkLength(int lengthBytes) {
        if (lengthBytes <= 0 || lengthBytes > FRAME_BYTES) {
            throw new IllegalArgumentException(
                    "a frame has 1 to %d bytes, not %d".formatted(FRAME_BYTES, lengthBytes));
        }
    }

    /** Reads go on, past the caches; frames and memory are released. */
    @Override
    public void close() {
        tiers.memory().close();
        DiskFrameCache disk = tiers.disk();
        if (disk != null) {
            disk.close();
        }
    }
}
