package io.lsmbd.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.Crc32c;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.segment.SegmentSamples.Extent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentDamageTest {
    private static final SegmentIdentity IDENTITY = SegmentSamples.identity(42);
    private static final ObjectKey KEY = SegmentSamples.key(IDENTITY);

    private final MemoryObjectStore store = new MemoryObjectStore(() -> 0);
    private final SegmentVerifier verifier = new SegmentVerifier(store);

    private SegmentReport verify(byte[] bytes) throws StorageException {
        List<ByteBuffer> body = List.of(ByteBuffer.wrap(bytes));
        assertThat(store.put(KEY, body, new PutCondition.Unconditional()))
                .isInstanceOf(PutOutcome.Stored.class);
        return verifier.verify(KEY);
    }

    private static byte[] sample(Codec codec, int seed, int extents, int maxSectors) {
        List<Extent> all = SegmentSamples.randomExtents(new Random(seed), extents, maxSectors);
        return SegmentSamples.bytes(codec, IDENTITY, all);
    }

    private static void flip(byte[] bytes, int bit) {
        bytes[bit / 8] ^= (byte) (1 << (bit % 8));
    }

    private void assertFound(byte[] bytes, String what) throws StorageException {
        SegmentReport report = verify(bytes);
        assertThat(report.isSound()).as(what).isFalse();
        for (CorruptDataException problem : report.problems()) {
            assertThat(problem.where()).isEqualTo(KEY.value());
            assertThat(problem.offset()).as(what).isBetween(0L, (long) bytes.length);
        }
    }

    @Test
    void everyFlippedBitOfASmallSegmentIsFound() throws StorageException {
        for (Codec codec : Codec.values()) {
            byte[] bytes = sample(codec, 11, 4, 2);
            assertThat(verify(bytes).isSound()).isTrue();
            for (int bit = 0; bit < bytes.length * 8; bit++) {
                flip(bytes, bit);
                assertFound(bytes, codec + " bit " + bit);
                flip(bytes, bit);
            }
        }
    }

    @Test
    void everyFlippedBitOfAFenceIsFound() throws StorageException {
        byte[] bytes = SegmentSamples.bytes(BuiltSegment.fence(IDENTITY));
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            flip(bytes, bit);
            assertFound(bytes, "bit " + bit);
            flip(bytes, bit);
        }
    }

    @Test
    void aThousandFlippedBitsOfALargerSegmentAreFound() throws StorageException {
        for (Codec codec : Codec.values()) {
            byte[] bytes = sample(codec, 12, 40, 80);
            Random random = new Random(13);
            for (int i = 0; i < 1000; i++) {
                int bit = random.nextInt(bytes.length * 8);
                flip(bytes, bit);
                assertFound(bytes, codec + " bit " + bit);
                flip(bytes, bit);
            }
        }
    }

    @Test
    void truncationAtEveryByteIsFound() throws StorageException {
        byte[] bytes = sample(Codec.LZ4, 14, 6, 2);
        for (int length = 0; length < bytes.length; length++) {
            assertFound(Arrays.copyOf(bytes, length), "length " + length);
        }
        assertFound(Arrays.copyOf(bytes, bytes.length + 1), "one byte more");
    }

    @Test
    void bytesPutInOrTakenOutAnywhereAreFound() throws StorageException {
        byte[] bytes = sample(Codec.ZSTD, 15, 6, 2);
        for (int at = 0; at < bytes.length; at++) {
            byte[] longer = new byte[bytes.length + 1];
            System.arraycopy(bytes, 0, longer, 0, at);
            System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
            assertFound(longer, "byte put in at " + at);
            byte[] shorter = new byte[bytes.length - 1];
            System.arraycopy(bytes, 0, shorter, 0, at);
            System.arraycopy(bytes, at + 1, shorter, at, bytes.length - at - 1);
            assertFound(shorter, "byte taken out at " + at);
        }
    }

    /** A header of another write over the same frames, both parts sound by themselves. */
    @Test
    void headerAndFooterOfDifferentWritesAreFound() throws StorageException {
        byte[] bytes = sample(Codec.NONE, 16, 3, 2);
        SegmentIdentity other =
                new SegmentIdentity(IDENTITY.volumeId(), 42, 3, 1, 2, IDENTITY.writer(), 1, 1_000);
        byte[] header = SegmentFormat.encodeHeader(new SegmentHeader(SegmentKind.DATA, other));
        System.arraycopy(header, 0, bytes, 0, header.length);
        assertFound(bytes, "another header");
    }

    /** Fields changed by someone who also mends the checksums: caps must hold by themselves. */
    @Test
    void hostileFieldsAreRefusedWithoutHarm() throws StorageException {
        byte[] sound = sample(Codec.LZ4, 17, 20, 30);
        Random random = new Random(18);
        int tail = tailStart(sound);
        int survivors = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = sound.clone();
            for (int field = random.nextInt(1, 4); field > 0; field--) {
                damage(bytes, tail, random);
            }
            mendChecksums(bytes);
            survivors += survives(bytes, "seed 18, round " + i) ? 1 : 0;
        }
        assertThat(survivors).as("damage mended so that nothing can tell").isLessThan(5_000);
    }

    private static void damage(byte[] bytes, int tail, Random random) {
        int at = tail + random.nextInt(bytes.length - tail - 8);
        ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        switch (random.nextInt(5)) {
            case 0 -> view.putInt(at, -1);
            case 1 -> view.putInt(at, Integer.MAX_VALUE);
            case 2 -> view.putLong(at, Long.MIN_VALUE);
            case 3 -> view.putInt(at, random.nextInt(200));
            default -> view.put(at, (byte) random.nextInt());
        }
    }

    private static int tailStart(byte[] bytes) {
        int footer = bytes.length - SegmentFormat.FOOTER_BYTES;
        return (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(footer + 96);
    }

    private static void mendChecksums(byte[] bytes) {
        ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int footer = bytes.length - SegmentFormat.FOOTER_BYTES;
        long frames = view.getLong(footer + 96);
        int frameTable = view.getInt(footer + 104);
        int extentTable = view.getInt(footer + 112);
        mend(view, footer + 108, frames, frameTable);
        mend(view, footer + 116, frames + frameTable, extentTable);
        mend(view, footer + 80, footer, 80);
        mend(view, footer + 128, footer, 128);
    }

    private static void mend(ByteBuffer bytes, int at, long from, int length) {
        boolean isInside = from >= 0 && length >= 0 && from + length <= bytes.limit();
        if (isInside && from <= Integer.MAX_VALUE) {
            bytes.putInt(at, Crc32c.of(bytes, (int) from, length));
        }
    }

    /** Whatever the bytes say: an answer or the right exception. */
    private boolean survives(byte[] bytes, String what) throws StorageException {
        Throwable thrown = catchThrowable(() -> verify(bytes));
        if (thrown instanceof ObjectStoreException e) {
            throw e;
        }
        assertThat(thrown).as(what).isNull();
        return verify(bytes).isSound();
    }

    @Test
    void damagedCacheEntriesAreFound() throws StorageException {
        byte[] bytes = sample(Codec.LZ4, 19, 20, 30);
        SegmentTables tables =
                new SegmentReader(SegmentSamples.storeOf(KEY, bytes)).readTables(KEY);
        byte[] tail = tables.encode();
        byte[] frames = tables.frames().encode();
        for (int bit = 0; bit < tail.length * 8; bit++) {
            flip(tail, bit);
            assertThat(catchThrowable(() -> SegmentTables.decode(tail, "cache")))
                    .as("bit %d", bit)
                    .isInstanceOf(CorruptDataException.class);
            flip(tail, bit);
        }
        for (int bit = 0; bit < frames.length * 8; bit++) {
            flip(frames, bit);
            assertThat(catchThrowable(() -> FrameTable.decode(frames)))
                    .as("bit %d", bit)
                    .isInstanceOf(CorruptFormatException.class);
            flip(frames, bit);
        }
        for (int length = 0; length < tail.length; length++) {
            byte[] shorter = Arrays.copyOf(tail, length);
            assertThat(catchThrowable(() -> SegmentTables.decode(shorter, "cache")))
                    .isInstanceOf(CorruptDataException.class);
        }
    }
}
