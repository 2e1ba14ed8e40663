package io.lsmbd.objectstore.probe;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.ETag;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.StoredObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What was put is read, all of it and nothing else, and what is absent is said to be. */
final class ContentChecks {
    private static final int ROUNDS = 30;
    private static final int BODY_BYTES = 1000;
    private static final List<Integer> SIZES = List.of(0, 1, 4096, 1 << 20, (5 << 20) + 1);
    private static final int RANGED_BYTES = 300_001;
    private static final String STALE_HINT =
            "lsmbd needs a store that shows at once what was written. A cache or a proxy before it,"
                    + " or replication that lags, has to go.";
    private static final String BYTES_HINT =
            "Something between here and the store cuts or changes bytes: look for a proxy, and for"
                    + " a newer version of the store.";

    private final ObjectStore store;
    private final ProbeRoom room;
    private final ProbeConfig config;

    ContentChecks(ObjectStore store, ProbeRoom room, ProbeConfig config) {
        this.store = store;
        this.room = room;
        this.config = config;
    }

    @FunctionalInterface
    private interface Request {
        void make() throws ObjectStoreException;
    }

    /** Without a clear "not there", a forbidden or failing request cannot be told from it. */
    Finding absence() throws ObjectStoreException {
        ObjectKey key = room.key("absence");
        List<Request> requests =
                List.of(
                        () -> {
                            var _ = store.get(key);
                        },
                        () -> {
                            var _ = store.info(key);
                        },
                        () -> store.read(key, 0, ByteBuffer.allocate(1)));
        for (Request request : requests) {
            try {
                request.make();
                return Finding.failed("an object that was never put is there", STALE_HINT);
            } catch (ObjectStoreException e) {
                if (e.isRetryable()) {
                    throw e;
                }
                if (!e.isNotFound()) {
                    return Finding.failed(
                            "asked for an absent object, the store answers: " + e.getMessage(),
                            "S3 says 403 instead of 404 to those who may not list: grant"
                                    + " s3:ListBucket. `lsmctl doctor --policy` prints all that"
                                    + " is needed.");
                }
            }
        }
        return Finding.ok("what is not there is said to be not there");
    }

    /** The newest version is what everyone reads, right after it was put. */
    Finding readAfterWrite() throws ObjectStoreException {
        int rounds = Math.min(ROUNDS, config.rounds());
        int stale = 0;
        for (int round = 0; round < rounds; round++) {
            ObjectKey key = room.key("read-after-write/%02d".formatted(round));
            boolean isNewSeen = isReadAfterPut(key);
            boolean isNewerSeen = isReadAfterPut(key);
            stale += isNewSeen && isNewerSeen ? 0 : 1;
        }
        Finding finding =
                stale == 0
                        ? Finding.ok("the newest version is read at once")
                        : Finding.failed(
                                "in %d of %d rounds what had been put was not what was read"
                                        .formatted(stale, rounds),
                                STALE_HINT);
        return finding.with("rounds", rounds).with("stale", stale);
    }

    private boolean isReadAfterPut(ObjectKey key) throws ObjectStoreException {
        byte[] body = room.randomBytes(BODY_BYTES);
        ETag etag = room.put(key, body);
        Optional<StoredObject> there = room.look(key);
        Optional<ObjectInfo> info = room.inform(key);
        return there.isPresent()
                && Arrays.equals(there.get().bytes(), body)
                && there.get().etag().equals(etag)
                && info.isPresent()
                && info.get().etag().equals(etag)
                && info.get().sizeBytes() == body.length;
    }

    /** Objects of all sizes come back whole. */
    Finding bodies() throws ObjectStoreException {
        for (int size : SIZES) {
            ObjectKey key = room.key("bodies/" + size);
            byte[] body = room.randomBytes(size);
            room.put(key, body);
            byte[] there = store.get(key).bytes();
            if (!Arrays.equals(there, body)) {
                String what =
                        there.length == size
                                ? "with other bytes"
                                : "with %d".formatted(there.length);
                return Finding.failed(
                        "an object of %d bytes came back %s".formatted(size, what), BYTES_HINT);
            }
        }
        return Finding.ok(
                "objects up to %s come back whole".formatted(new DataSize(SIZES.getLast())));
    }

    /** A range is exactly that range; what is not there is an error. */
    Finding ranges() throws ObjectStoreException {
        ObjectKey key = room.key("ranges");
        byte[] body = room.randomBytes(RANGED_BYTES);
        room.put(key, body);
        for (Range range : inside()) {
            ByteBuffer into = ByteBuffer.allocate(range.length);
            store.read(key, range.offset, into);
            int from = Math.toIntExact(range.offset);
            byte[] wanted = Arrays.copyOfRange(body, from, from + range.length);
            if (into.hasRemaining() || !Arrays.equals(into.array(), wanted)) {
                return Finding.failed(
                        "asked for %s, other bytes came".formatted(range), BYTES_HINT);
            }
        }
        for (Range range : beyond()) {
            Optional<String> breach = breachBeyond(key, range);
            if (breach.isPresent()) {
                return Finding.failed(breach.get(), BYTES_HINT);
            }
        }
        return Finding.ok("ranges are exact, and end where the object ends")
                .with("ranges", inside().size() + beyond().size());
    }

    private record Range(long offset, int length) {
        @Override
        public String toString() {
            return "%d bytes from %d of %d".formatted(length, offset, RANGED_BYTES);
        }
    }

    private static List<Range> inside() {
        List<Range> ranges = new ArrayList<>();
        for (int length : new int[] {1, 512, 4096, 65_536, 131_071}) {
            for (int offset : new int[] {0, 1, 12_345, 65_536, RANGED_BYTES - length}) {
                ranges.add(new Range(offset, length));
            }
        }
        ranges.add(new Range(0, RANGED_BYTES));
        return ranges;
    }

    private static List<Range> beyond() {
        return List.of(
                new Range(RANGED_BYTES, 1),
                new Range(RANGED_BYTES - 1, 2),
                new Range(0, RANGED_BYTES + 1),
                new Range(1L << 40, 1));
    }

    private Optional<String> breachBeyond(ObjectKey key, Range range) {
        try {
            store.read(key, range.offset, ByteBuffer.allocate(range.length));
            return Optional.of("asked for %s, more came than there is".formatted(range));
        } catch (ObjectStoreException e) {
            return e.isNotFound()
                    ? Optional.of("asked for %s, the object was said to be absent".formatted(range))
                    : Optional.empty();
        }
    }
}
