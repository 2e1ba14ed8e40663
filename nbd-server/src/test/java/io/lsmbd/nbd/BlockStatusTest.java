package io.lsmbd.nbd;

import static io.lsmbd.nbd.wire.NbdConstants.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.nbd.RawNbdClient.Reply;
import io.lsmbd.testkit.ModelVolume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** BLOCK_STATUS, with compact headers except where told; ExtendedHeadersTest has its 64 bits. */
class BlockStatusTest {
    private static final int WRITE = 1;
    private static final int BLOCK_STATUS = 7;
    private static final int EINVAL = 22;
    private static final int EIO = 5;

    private NbdFixture nbd;

    @BeforeEach
    void start() throws IOException {
        nbd = new NbdFixture();
    }

    @AfterEach
    void stop() {
        nbd.close();
    }

    @Test
    @Proves({
        "base:allocation",
        "NBD_STATE_HOLE",
        "NBD_STATE_ZERO",
        "NBD_CMD_BLOCK_STATUS",
        "NBD_CMD_FLAG_REQ_ONE",
        "NBD_REPLY_TYPE_BLOCK_STATUS",
        "req-one",
        "status-merged"
    })
    void tellsDataFromHolesAndMergesNeighbours() throws IOException {
        try (RawNbdClient client = nbd.structured()) {
            client.call(WRITE, 0, 8192, 4096, new byte[4096]);
            client.call(WRITE, 0, 12288, 4096, new byte[4096]);
            assertThat(extents(client.call(BLOCK_STATUS, 0, 4096, 1 << 20)))
                    .containsExactly(4096, 3, 8192, 0, (1 << 20) - 12288, 3);
            assertThat(extents(client.call(BLOCK_STATUS, CMD_FLAG_REQ_ONE, 4096, 1 << 20)))
                    .containsExactly(4096, 3);
            int flags = CMD_FLAG_REQ_ONE | CMD_FLAG_FUA;
            assertThat(extents(client.call(BLOCK_STATUS, flags, 9000, 100)))
                    .containsExactly(100, 0);
        }
    }

    @Test
    void fourGigabytesFit() throws IOException {
        nbd.volumes.add(new ModelVolume("huge", 1L << 40));
        try (RawNbdClient client = RawNbdClient.structured(nbd.address(), "huge")) {
            assertThat(extents(client.call(BLOCK_STATUS, 0, 1L << 39, 0xffff_ffffL)))
                    .containsExactly(-1, 3);
            client.call(WRITE, 0, 1L << 39, 512, new byte[512]);
            assertThat(extents(client.call(BLOCK_STATUS, 0, 1L << 39, 0xffff_ffffL)))
                    .containsExactly(4096, 0, 0xffff_ffff - 4096, 3);
        }
    }

    @Test
    @Proves("empty-requests")
    void anEmptyRangeIsInvalid() throws IOException {
        try (RawNbdClient client = nbd.structured()) {
            assertThat(client.call(BLOCK_STATUS, 0, 0, 0).error()).isEqualTo(EINVAL);
        }
    }

    @Test
    @Proves({"status-chunks", "req-one"})
    void eachSelectedContextGetsItsChunk() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            client.options(OPT_STRUCTURED_REPLY);
            List<Integer> ids = client.select("disk", BASE_ALLOCATION, LSMBD_LOCATION);
            client.go("disk");
            client.call(WRITE, 0, 4096, 4096, new byte[4096]);
            List<Reply> chunks = client.chunks(BLOCK_STATUS, 0, 0, 1 << 20);
            assertThat(chunks).hasSize(2);
            assertThat(chunks.getFirst().flags()).isZero();
            assertThat(contextOf(chunks.getFirst())).isEqualTo(ids.getFirst());
            assertThat(numbersOf(chunks.getFirst()))
                    .containsExactly(4096, 3, 4096, 0, (1 << 20) - 8192, 3);
            assertThat(contextOf(chunks.getLast())).isEqualTo(ids.getLast());
            assertThat(numbersOf(chunks.getLast()))
                    .containsExactly(
                            4096,
                            LOCATION_HOLE,
                            4096,
                            LOCATION_WAL,
                            (1 << 20) - 8192,
                            LOCATION_HOLE);
            List<Reply> one = client.chunks(BLOCK_STATUS, CMD_FLAG_REQ_ONE, 4096, 1 << 20);
            assertThat(numbersOf(one.getFirst())).containsExactly(4096, 0);
            assertThat(numbersOf(one.getLast())).containsExactly(4096, LOCATION_WAL);
        }
    }

    @Test
    @Proves("payload-status")
    void someOfTheContextsMayBeAskedForWithExtendedHeaders() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            client.negotiateExtended();
            List<Integer> ids = client.select("disk", BASE_ALLOCATION, LSMBD_LOCATION);
            client.go("disk");
            for (List<Integer> asked :
                    List.of(List.of(ids.get(0)), List.of(ids.get(1)), ids, ids.reversed())) {
                ByteBuffer query = ByteBuffer.allocate(8 + 4 * asked.size()).putLong(1 << 20);
                asked.forEach(query::putInt);
                List<Reply> chunks =
                        client.chunks(BLOCK_STATUS, 0, 0, query.capacity(), query.array());
                assertThat(chunks.stream().map(BlockStatusTest::contextOf).toList())
                        .isEqualTo(asked);
            }
            assertThat(client.chunks(BLOCK_STATUS, 0, 0, 512)).hasSize(2);
        }
    }

    @Test
    @Proves("error-once")
    void aFailureIsToldOnceForAllContexts() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            client.options(OPT_STRUCTURED_REPLY);
            client.select("disk", BASE_ALLOCATION, LSMBD_LOCATION);
            client.go("disk");
            nbd.disk.failWith(new CorruptDataException("map/7", 4096, "wrong checksum"));
            assertThat(client.call(BLOCK_STATUS, 0, 0, 512).error()).isEqualTo(EIO);
        }
    }

    private static int[] extents(Reply reply) {
        assertThat(contextOf(reply)).isEqualTo(1);
        return numbersOf(reply);
    }

    private static int contextOf(Reply reply) {
        assertThat(reply.type()).isIn(REPLY_TYPE_BLOCK_STATUS, REPLY_TYPE_BLOCK_STATUS_EXT);
        return reply.buffer().getInt();
    }

    /** Lengths and flags in turn. */
    private static int[] numbersOf(Reply reply) {
        assertThat(reply.type()).isEqualTo(REPLY_TYPE_BLOCK_STATUS);
        ByteBuffer data = reply.buffer().position(Integer.BYTES);
        int[] numbers = new int[data.remaining() / Integer.BYTES];
        data.asIntBuffer().get(numbers);
        return numbers;
    }
}
