package io.lsmbd.nbd;

import static io.lsmbd.nbd.wire.NbdConstants.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.nbd.RawNbdClient.Reply;
import io.lsmbd.testkit.ModelVolume.Waiting;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** The chunks of READ: data and holes of one request, and errors in the middle of it. */
@ParameterizedClass
@CsvSource({
    "NEVER_NEEDED,COMPACT",
    "NEVER_NEEDED,EXTENDED",
    "ALWAYS_NEEDED,COMPACT",
    "ALWAYS_NEEDED,EXTENDED"
})
class ReadReplyTest {
    private static final int READ = 0;
    private static final int FLUSH = 3;
    private static final int EIO = 5;
    private static final int ESHUTDOWN = 108;
    private static final int PAGE = 4096;
    private static final int SPACE = 4 << 20;

    enum Headers {
        COMPACT,
        EXTENDED
    }

    private final Waiting waiting;
    private final Headers headers;
    private final byte[] contents = new byte[SPACE];
    private final BitSet written = new BitSet();
    private NbdFixture nbd;
    private RawNbdClient client;

    ReadReplyTest(Waiting waiting, Headers headers) {
        this.waiting = waiting;
        this.headers = headers;
    }

    @BeforeEach
    void start() throws IOException {
        nbd = new NbdFixture();
        client =
                switch (headers) {
                    case COMPACT -> nbd.structured();
                    case EXTENDED -> RawNbdClient.extended(nbd.address(), "disk");
                };
        nbd.disk.setWaiting(waiting);
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        nbd.close();
    }

    private void write(int offset, byte[] data) throws IOException {
        assertThat(client.call(1, 0, offset, data.length, data).error()).isZero();
        System.arraycopy(data, 0, contents, offset, data.length);
        written.set(offset / PAGE, (offset + data.length - 1) / PAGE + 1);
    }

    private static byte[] random(Random random, int length) {
        byte[] data = new byte[length];
        random.nextBytes(data);
        return data;
    }

    /** What the content chunks say, checked against the rules for them. */
    private byte[] assembled(List<Reply> chunks, int offset, int length) {
        byte[] data = new byte[length];
        int at = offset;
        for (Reply chunk : chunks) {
            ByteBuffer payload = chunk.buffer();
            if ((chunk.type() & 0x8000) != 0) {
                continue;
            }
            // In any order would be right, too; lsmbd sends them from first to last.
            assertThat(payload.getLong()).isEqualTo(at);
            if (chunk.type() == REPLY_TYPE_OFFSET_HOLE) {
                assertThat(payload.remaining()).isEqualTo(Integer.BYTES);
                at += payload.getInt();
            } else {
                assertThat(chunk.type()).isEqualTo(REPLY_TYPE_OFFSET_DATA);
                int count = payload.remaining();
                assertThat(count).isPositive();
                payload.get(data, at - offset, count);
                at += count;
            }
        }
        return Arrays.copyOf(data, at - offset);
    }

    @Test
    @Proves({
        "NBD_REPLY_FLAG_DONE",
        "NBD_REPLY_TYPE_OFFSET_DATA",
        "NBD_REPLY_TYPE_OFFSET_HOLE",
        "done-last"
    })
    void toldFromTheMapWhatAreHoles() throws IOException {
        Random random = new Random(2);
        write(8 * PAGE, random(random, 2 * PAGE));
        write(20 * PAGE, random(random, PAGE));
        List<Reply> chunks = client.chunks(READ, 0, 4 * PAGE, 20 * PAGE);
        assertThat(chunks.stream().map(Reply::type))
                .containsExactly(
                        REPLY_TYPE_OFFSET_HOLE,
                        REPLY_TYPE_OFFSET_DATA,
                        REPLY_TYPE_OFFSET_HOLE,
                        REPLY_TYPE_OFFSET_DATA,
                        REPLY_TYPE_OFFSET_HOLE);
        assertThat(assembled(chunks, 4 * PAGE, 20 * PAGE))
                .isEqualTo(Arrays.copyOfRange(contents, 4 * PAGE, 24 * PAGE));
    }

    @Test
    @Proves({"content-in-range", "hole-length", "read-whole", "df-one-chunk", "df-64k"})
    void anyReadOfAnyContentsIsRight() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < 60; i++) {
            int length = 1 + random.nextInt(i % 10 == 0 ? 1 << 18 : 3 * PAGE);
            write(random.nextInt(SPACE - length), random(random, length));
        }
        for (int i = 0; i < 300; i++) {
            int most = List.of(600, 3 * PAGE, 16 << 10, 200_000, 3 << 20).get(i % 5);
            int length = 1 + random.nextInt(most);
            int offset = random.nextInt(SPACE - length);
            List<Reply> chunks = client.chunks(READ, 0, offset, length);
            assertThat(assembled(chunks, offset, length))
                    .isEqualTo(Arrays.copyOfRange(contents, offset, offset + length));
            assertThat(holesOf(chunks)).isGreaterThanOrEqualTo(unwrittenPages(offset, length));
            Reply whole = client.call(READ, CMD_FLAG_DF, offset, length);
            assertThat(assembled(List.of(whole), offset, length))
                    .isEqualTo(Arrays.copyOfRange(contents, offset, offset + length));
        }
    }

    private static long holesOf(List<Reply> chunks) {
        return chunks.stream()
                .filter(chunk -> chunk.type() == REPLY_TYPE_OFFSET_HOLE)
                .mapToLong(chunk -> chunk.buffer().getInt(8))
                .sum();
    }

    private long unwrittenPages(int offset, int length) {
        long bytes = 0;
        for (int page = (offset + PAGE - 1) / PAGE; page < (offset + length) / PAGE; page++) {
            bytes += written.get(page) ? 0 : PAGE;
        }
        return bytes;
    }

    @Test
    void writtenZeroesBesideAHoleAreSentWithIt() throws IOException {
        write(PAGE, new byte[] {1});
        write(4 * PAGE, new byte[2 * PAGE]);
        List<Reply> chunks = client.chunks(READ, 0, PAGE, 8 * PAGE);
        assertThat(chunks).hasSize(2);
        assertThat(chunks.getLast().type()).isEqualTo(REPLY_TYPE_OFFSET_HOLE);
        assertThat(assembled(chunks, PAGE, 8 * PAGE))
                .isEqualTo(Arrays.copyOfRange(contents, PAGE, 9 * PAGE));
    }

    @Test
    @Proves({
        "NBD_REPLY_TYPE_ERROR_OFFSET",
        "NBD_EIO",
        "done-too-early",
        "error-offset",
        "error-once",
        "read-error-told"
    })
    void anErrorComesWithItsOffsetBehindWhatCouldBeRead() throws IOException {
        write(0, random(new Random(4), 40 * PAGE));
        nbd.disk.damage(30 * PAGE, new CorruptDataException("segments/7", 99, "wrong checksum"));
        for (int pages : new int[] {0, 1, 2, 3, 4, 29}) {
            int offset = (30 - pages) * PAGE;
            for (int flags : new int[] {0, CMD_FLAG_DF}) {
                List<Reply> chunks = client.chunks(READ, flags, offset, 32 * PAGE);
                Reply error = chunks.getLast();
                assertThat(error.type()).isEqualTo(REPLY_TYPE_ERROR_OFFSET);
                assertThat(error.error()).isEqualTo(EIO);
                assertThat(error.buffer().getLong(error.data().length - 8)).isEqualTo(30 * PAGE);
                assertThat(chunks).hasSize(pages == 0 ? 1 : 2);
                assertThat(assembled(chunks, offset, 32 * PAGE))
                        .isEqualTo(Arrays.copyOfRange(contents, offset, 30 * PAGE));
            }
        }
        assertThat(client.call(FLUSH, 0, 0, 0).error()).isZero();
    }

    @Test
    @Proves({"done-too-early", "read-error-told"})
    void anErrorBehindHolesLeavesThemHoles() throws IOException {
        write(20 * PAGE, random(new Random(5), PAGE));
        nbd.disk.damage(25 * PAGE, new CorruptDataException("segments/7", 99, "wrong checksum"));
        List<Reply> chunks = client.chunks(READ, 0, 10 * PAGE, 20 * PAGE);
        assertThat(chunks.stream().map(Reply::type))
                .containsExactly(
                        REPLY_TYPE_OFFSET_HOLE,
                        REPLY_TYPE_OFFSET_DATA,
                        REPLY_TYPE_OFFSET_HOLE,
                        REPLY_TYPE_ERROR_OFFSET);
        assertThat(assembled(chunks, 10 * PAGE, 20 * PAGE))
                .isEqualTo(Arrays.copyOfRange(contents, 10 * PAGE, 25 * PAGE));
    }

    @Test
    @Proves("NBD_REPLY_TYPE_ERROR")
    void anErrorOfTheWholeVolumeHasNoOffset() throws IOException {
        nbd.disk.damage(PAGE, new VolumeClosedException("volume disk is closed"));
        for (int length : new int[] {3 * PAGE, 100 * PAGE, 2 << 20}) {
            Reply reply = client.call(READ, 0, 0, length);
            assertThat(reply.type()).isEqualTo(REPLY_TYPE_ERROR);
            assertThat(reply.error()).isEqualTo(ESHUTDOWN);
        }
    }

    @Test
    @Proves({"early-success", "simple-data", "read-simple-error"})
    void simpleRepliesTellTheErrorAndNothingElse() throws IOException {
        write(0, random(new Random(6), 4 * PAGE));
        nbd.disk.damage(PAGE, new CorruptDataException("segments/7", 99, "wrong checksum"));
        try (RawNbdClient simple = nbd.simple()) {
            for (int length : new int[] {3 * PAGE, 100 * PAGE, 2 << 20}) {
                assertThat(simple.call(READ, 0, 0, length).error()).isEqualTo(EIO);
            }
            assertThat(simple.call(READ, 0, 2 * PAGE, PAGE).error()).isZero();
            assertThat(simple.readBytes(PAGE))
                    .isEqualTo(Arrays.copyOfRange(contents, 2 * PAGE, 3 * PAGE));
        }
    }
}
