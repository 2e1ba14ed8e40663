package io.lsmbd.cache;

import io.lsmbd.env.Environment;
import io.lsmbd.env.LogDirectory;
import io.lsmbd.env.LogFile;
import io.lsmbd.env.Mailbox;
import io.lsmbd.env.Task;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.model.DataSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frames in a file of fixed slots on the local disk; it survives a restart. Every hit is verified
 * (see {@link SlotFormat}); what fails is forgotten, counted, and missed, never returned. Frames
 * are inserted behind the callers' backs by one worker; when that falls behind, frames are not
 * kept. A disk that fails makes the cache useless, not the reads. Thread-safe.
 */
public final class DiskFrameCache implements AutoCloseable {
    static final String FRAMES = "frames";

    private static final Logger log = LoggerFactory.getLogger(DiskFrameCache.class);
    private static final int MAX_FRAMES_BEHIND = 128;
    private static final Duration SAVE_PERIOD = Duration.ofMinutes(5);

    /** A copy of a frame on its way to the disk. */
    private record Insert(FrameKey key, FrameBuffer buffer) {}

    private final DiskSlots slots;
    private final LogFile file;
    private final DirectoryFile directory;
    private final Environment env;
    private final CacheMetrics metrics;
    private final FrameBuffers buffers;
    private final Mailbox<Insert> mailbox;
    private final AtomicBoolean isClosed = new AtomicBoolean();
    private @Nullable Task worker; // set once, before the cache is handed out
    private long lastSaveNanos; // these two: the worker's; after it, close()'s
    private boolean isChanged;

    private DiskFrameCache(
            DiskSlots slots,
            LogFile file,
            DirectoryFile directory,
            Environment env,
            CacheMetrics metrics) {
        this.slots = slots;
        this.file = file;
        this.directory = directory;
        this.env = env;
        this.metrics = metrics;
        this.buffers = new FrameBuffers(env, MAX_FRAMES_BEHIND);
        this.mailbox = env.mailbox(MAX_FRAMES_BEHIND);
        this.lastSaveNanos = env.nanoClock().nanos();
    }

    /**
     * Opens the cache in a directory of its own, with the frames that it held when it was last
     * closed, or some time before it was killed; and starts its worker.
     *
     * @param capacity of the file, which grows up to it as slots are used; a file that is larger
     *     than this is thrown away
     */
    public static DiskFrameCache open(
            LogDirectory directory, DataSize capacity, Environment env, CacheMetrics metrics)
            throws LocalStorageException {
        DiskFrameCache cache = openIdle(directory, capacity, env, metrics);
        cache.worker = env.spawn("disk-cache", cache::insertUntilClosed);
        return cache;
    }

    /** Without the worker: whoever calls this also calls {@link #runOnce}. */
    static DiskFrameCache openIdle(
            LogDirectory directory, DataSize capacity, Environment env, CacheMetrics metrics)
            throws LocalStorageException {
        DiskSlots slots = new DiskSlots(Math.toIntExact(capacity.bytes() / SlotFormat.SLOT_BYTES));
        DirectoryFile entries = new DirectoryFile(directory, metrics);
        try {
            LogFile file = openFrames(directory, entries, SlotFormat.position(slots.capacity()));
            entries.load(slots);
            metrics.disk()
                    .watch(
                            (long) slots.capacity() * FrameCache.FRAME_BYTES,
                            slots::bytes,
                            slots::evictions);
            return new DiskFrameCache(slots, file, entries, env, metrics);
        } catch (IOException e) {
            throw new LocalStorageException(
                    "cannot open the frame cache in " + directory.path(), e);
        }
    }

    private static LogFile openFrames(
            LogDirectory directory, DirectoryFile entries, long capacityBytes) throws IOException {
        if (directory.list().contains(FRAMES)) {
            LogFile file = directory.open(FRAMES);
            if (file.size() <= capacityBytes) {
                return file;
            }
            file.close();
            directory.delete(FRAMES);
        }
        entries.delete();
        return directory.create(FRAMES);
    }

    /** Makes the frame the buffer's frame if it is here and intact. May wait for the disk. */
    boolean read(FrameKey key, FrameBuffer into) {
        DiskSlots.Place place = slots.find(key);
        boolean isHit = place != null && readSlot(key, place, into);
        if (isHit) {
            metrics.disk().hit();
        } else {
            metrics.disk().miss();
        }
        return isHit;
    }

    /** Neither looks at the disk nor counts as a use. */
    boolean contains(FrameKey key) {
        return slots.contains(key);
    }

    long capacityFrames() {
        return slots.capacity();
    }

    private boolean readSlot(FrameKey key, DiskSlots.Place place, FrameBuffer into) {
        try {
            file.read(SlotFormat.position(place.slot()), SlotFormat.toRead(into, place.length()));
        } catch (IOException e) {
            log.debug("disk cache cannot read slot={}", place.slot(), e);
            metrics.diskError();
            slots.drop(key, place);
            return false;
        }
        return switch (SlotFormat.check(key, place.length(), into)) {
            case INTACT -> true;
            case OTHER -> {
                slots.drop(key, place);
                yield false;
            }
            case DAMAGED -> {
                // If the slot was given away meanwhile, this was half of each frame: no damage.
                if (slots.drop(key, place)) {
                    log.warn("disk cache is damaged slot={} frame={}", place.slot(), key);
                    metrics.corruption();
                }
                yield false;
            }
        };
    }

    /** Takes a copy of {@code plain}'s remaining bytes to be written later, if there is room. */
    void insertBehind(FrameKey key, ByteBuffer plain) {
        FrameBuffer copy = buffers.takeIfFree();
        if (copy == null) {
            metrics.diskDrop();
            return;
        }
        copy.fillFrom(plain);
        if (!mailbox.offer(new Insert(key, copy))) {
            buffers.giveBack(copy);
            metrics.diskDrop();
        }
    }

    private void insertUntilClosed() {
        while (!mailbox.isClosed()) {
            runOnce();
        }
        for (Insert rest = mailbox.take(); rest != null; rest = mailbox.take()) {
            insert(rest);
        }
    }

    /** Inserts the next frame, waiting for it at most until the directory is to be saved. */
    void runOnce() {
        Insert next = mailbox.poll(SAVE_PERIOD);
        if (next != null) {
            insert(next);
        }
        long now = env.nanoClock().nanos();
        if (now - lastSaveNanos >= SAVE_PERIOD.toNanos()) {
            lastSaveNanos = now;
            save();
        }
    }

    /**
     * (1) Claim a slot: its old frame is forgotten before a byte of it changes. (2) Write. (3)
     * Bind: only now can the new frame be found. A failure leaves the slot empty.
     */
    private void insert(Insert what) {
        try {
            int slot = slots.claim(what.key()); // (1)
            if (slot == SlotTable.ABSENT) {
                return;
            }
            int length = what.buffer().plain().remaining();
            file.write(
                    SlotFormat.position(slot), SlotFormat.encode(what.key(), what.buffer())); // (2)
            slots.bind(slot, what.key(), length); // (3)
            isChanged = true;
        } catch (IOException e) {
            log.debug("disk cache cannot write frame={}", what.key(), e);
            metrics.diskError();
        } finally {
            buffers.giveBack(what.buffer());
        }
    }

    private void save() {
        if (isChanged) {
            isChanged = false;
            directory.save(slots);
        }
    }

    /** Writes what was accepted, saves the directory, and lets the file go. */
    @Override
    public void close() {
        if (!isClosed.compareAndSet(false, true)) {
            return;
        }
        mailbox.close();
        if (worker != null) {
            worker.join();
        }
        save();
        try {
            file.close();
        } catch (IOException e) {
            log.warn("disk cache cannot close file={}", file.name(), e);
        }
    }
}
