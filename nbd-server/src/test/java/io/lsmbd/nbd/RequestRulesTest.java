package io.lsmbd.nbd;

import static io.lsmbd.nbd.RawNbdClient.goData;
import static io.lsmbd.nbd.wire.NbdConstants.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.nbd.RawNbdClient.Reply;
import io.lsmbd.testkit.ModelVolume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules for requests and replies that hold for several commands, or between them. */
class RequestRulesTest {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int DISC = 2;
    private static final int FLUSH = 3;
    private static final int TRIM = 4;
    private static final int CACHE = 5;
    private static final int WRITE_ZEROES = 6;
    private static final int BLOCK_STATUS = 7;
    private static final int EIO = 5;
    private static final int EINVAL = 22;
    private static final int EOVERFLOW = 75;
    private static final int SPACE = 1 << 20;

    private NbdFixture nbd;

    @BeforeEach
    void start() throws IOException {
        nbd = new NbdFixture();
    }

    @AfterEach
    void stop() {
        nbd.close();
    }

    private RawNbdClient knowingBlockSizes(String export) throws IOException {
        RawNbdClient client = nbd.greeted();
        client.negotiateStructured(export);
        client.go(export, INFO_BLOCK_SIZE);
        return client;
    }

    private byte[] scatter(Random random, RawNbdClient client, int alignment) throws IOException {
        byte[] contents = new byte[SPACE];
        for (int i = 0; i < 20; i++) {
            byte[] data = new byte[alignment * (1 + random.nextInt(4 * 4096 / alignment))];
            random.nextBytes(data);
            int at = alignment * random.nextInt((SPACE - data.length) / alignment);
            assertThat(client.call(WRITE, 0, at, data.length, data).error()).isZero();
            System.arraycopy(data, 0, contents, at, data.length);
        }
        return contents;
    }

    /** Whatever is wrong with it, each gets one reply, and the stream stays in step. */
    @Test
    @Proves({"any-flag", "structured-read", "error-unknown-flag"})
    void anyFlagsOnAnyCommandAreAnswered() throws IOException {
        try (RawNbdClient simple = nbd.simple();
                RawNbdClient structured = nbd.structured();
                RawNbdClient extended =
                        RawNbdClient.extended(nbd.address(), "disk", BASE_ALLOCATION)) {
            for (int command : new int[] {1, 3, 4, 5, 6, 7, 8, 9, 0xffff, 0}) {
                for (int flags = 0; flags < 128; flags++) {
                    int any = flags == 127 ? 0xffff : flags;
                    byte[] payload = new byte[command == WRITE ? 512 : 0];
                    structured.chunks(command, any, 0, 512, payload);
                    int withoutPayload = any & ~CMD_FLAG_PAYLOAD_LEN;
                    extended.chunks(command, withoutPayload, 0, 512, payload);
                    extended.chunks(command, any | CMD_FLAG_PAYLOAD_LEN, 0, 512, new byte[512]);
                    if (command != READ || any > CMD_FLAG_FUA) {
                        simple.call(command, any, 0, 512, payload);
                    }
                }
            }
        }
    }

    @Test
    @Proves({"one-at-a-time", "NBD_CMD_FLUSH", "out-of-order"})
    void whatHasToWaitHoldsUpNothingElse() throws IOException {
        try (RawNbdClient client = nbd.structured()) {
            nbd.disk.hold();
            for (int i = 0; i < 50; i++) {
                client.send(RawNbdClient.request(READ, 0, i, i * 4096L, 4096));
            }
            nbd.disk.awaitHeld(50);
            assertThat(client.call(FLUSH, 0, 0, 0).error()).isZero();
            nbd.disk.release();
            for (int i = 0; i < 50; i++) {
                assertThat(client.readReply().error()).isZero();
            }
        }
    }

    @Test
    @Proves({"NBD_FLAG_CAN_MULTI_CONN", "NBD_CMD_FLUSH", "flush-covers", "multi-conn"})
    void aFlushCoversWhatWasAnsweredOnOtherConnections() throws IOException {
        try (RawNbdClient writer = nbd.structured();
                RawNbdClient other = nbd.structured()) {
            byte[] data = new byte[4096];
            new Random(1).nextBytes(data);
            assertThat(writer.call(WRITE, 0, 0, 4096, data).error()).isZero();
            byte[] read = other.call(READ, 0, 0, 4096).data();
            assertThat(Arrays.copyOfRange(read, 8, read.length)).isEqualTo(data);
            assertThat(nbd.disk.flushes()).isZero();
            assertThat(other.call(FLUSH, 0, 0, 0).error()).isZero();
            assertThat(nbd.disk.flushes()).isEqualTo(1);
        }
    }

    @Test
    @Proves({"NBD_CMD_FLAG_FUA", "NBD_CMD_FLUSH", "fua-persisted", "flush-covers"})
    void whatHasToBeDurableIsNotAnsweredBefore() throws IOException {
        try (RawNbdClient client = nbd.simple()) {
            nbd.disk.holdFlushes();
            int[] commands = {WRITE, TRIM, WRITE_ZEROES, FLUSH};
            for (int i = 0; i < commands.length; i++) {
                int command = commands[i];
                client.send(RawNbdClient.request(command, CMD_FLAG_FUA, i, i * 4096L, 4096));
                client.send(new byte[command == WRITE ? 4096 : 0]);
                int asked = i + 1;
                NbdFixture.await(() -> nbd.disk.flushes() == asked);
                // Of this one comes a reply, and of none of those before.
                assertThat(client.call(WRITE, 0, 1 << 20, 512, new byte[512]).error()).isZero();
            }
            nbd.disk.release();
            Set<Long> cookies = new TreeSet<>();
            for (int i = 0; i < commands.length; i++) {
                cookies.add(client.readReply().cookie());
            }
            assertThat(cookies).containsExactly(0L, 1L, 2L, 3L);
        }
    }

    @Test
    @Proves("offset-cast")
    void offsetsBeyond32BitsAreNotTheSmallOnes() throws IOException {
        nbd.volumes.add(new ModelVolume("huge", 1L << 50));
        long[] offsets = {0, 1L << 31, 1L << 32, 3L << 32, 1L << 41, (1L << 50) - 512};
        try (RawNbdClient client = RawNbdClient.simple(nbd.address(), "huge")) {
            for (int i = 0; i < offsets.length; i++) {
                byte[] data = new byte[512];
                Arrays.fill(data, (byte) (i + 1));
                assertThat(client.call(WRITE, 0, offsets[i], 512, data).error()).isZero();
            }
            for (int i = 0; i < offsets.length; i++) {
                assertThat(client.call(READ, 0, offsets[i], 512).error()).isZero();
                assertThat(client.readBytes(512)).containsOnly(i + 1);
            }
        }
    }

    /** With and without alignment to the minimum block size. */
    @ParameterizedTest
    @ValueSource(ints = {1, 512})
    @Proves({
        "NBD_CMD_BLOCK_STATUS",
        "NBD_STATE_ZERO",
        "NBD_REPLY_TYPE_BLOCK_STATUS",
        "zero-reads-zero",
        "allocation-other-bits",
        "req-one",
        "status-length",
        "status-sum",
        "status-consecutive",
        "status-aligned",
        "status-merged"
    })
    void extentsFollowEachOtherAndWhatIsToldOfThemIsTrue(int alignment) throws IOException {
        Random random = new Random(alignment);
        try (RawNbdClient client = alignment == 1 ? nbd.structured() : knowingBlockSizes("disk")) {
            byte[] contents = scatter(random, client, alignment);
            for (int i = 0; i < 300; i++) {
                int length = alignment * (1 + random.nextInt(SPACE / 2 / alignment));
                int offset = alignment * random.nextInt((SPACE - length) / alignment);
                ByteBuffer extents = client.call(BLOCK_STATUS, 0, offset, length).buffer();
                extents.getInt();
                assertThat(extents.remaining() % 8).isZero();
                int at = offset;
                int before = -1;
                do {
                    assertThat(at)
                            .as("all but the last end in the range")
                            .isLessThan(offset + length);
                    int extent = extents.getInt();
                    int status = extents.getInt();
                    assertThat(extent).isPositive();
                    assertThat(extent % alignment).isZero();
                    assertThat(status).isNotEqualTo(before).isIn(0, STATE_HOLE | STATE_ZERO);
                    if ((status & STATE_ZERO) != 0) {
                        int end = Math.min(at + extent, SPACE);
                        assertThat(Arrays.copyOfRange(contents, at, end)).containsOnly(0);
                    }
                    at += extent;
                    before = status;
                } while (extents.hasRemaining());
                ByteBuffer one =
                        client.call(BLOCK_STATUS, CMD_FLAG_REQ_ONE, offset, length).buffer();
                assertThat(one.remaining()).isEqualTo(12);
                assertThat(one.getInt(4)).isBetween(1, length);
            }
        }
    }

    @Test
    @Proves({
        "NBD_REPLY_TYPE_ERROR",
        "NBD_REPLY_TYPE_ERROR_OFFSET",
        "string-sent",
        "structured-error",
        "error-chunk"
    })
    void errorChunksHaveAMessageOfTheLengthThatTheyTell() throws IOException {
        List<Reply> errors = new ArrayList<>();
        try (RawNbdClient client = knowingBlockSizes("disk")) {
            errors.add(client.call(99, 0, 0, 0));
            errors.add(client.call(READ, CMD_FLAG_REQ_ONE, 0, 512));
            errors.add(client.call(READ, 0, 1, 512));
            errors.add(client.call(READ, 0, NbdFixture.SIZE, 512));
            errors.add(client.call(WRITE, 0, NbdFixture.SIZE, 512, new byte[512]));
            client.call(WRITE, 0, 0, 8192, new byte[8192]);
            nbd.disk.damage(4096, new CorruptDataException("x".repeat(9999), 1, "wrong checksum"));
            errors.add(client.chunks(READ, 0, 0, 8192).getLast());
            nbd.disk.failWith(new CorruptDataException("ü".repeat(9999), 1, "wrong checksum"));
            errors.add(client.call(TRIM, 0, 0, 512));
        }
        for (Reply reply : errors) {
            ByteBuffer data = reply.buffer();
            assertThat(data.getInt()).isPositive();
            int length = Short.toUnsignedInt(data.getShort());
            assertThat(length).isBetween(1, 4096);
            int behind = reply.type() == REPLY_TYPE_ERROR_OFFSET ? Long.BYTES : 0;
            assertThat(data.remaining()).isEqualTo(length + behind);
            if (behind > 0) {
                assertThat(data.getLong(data.limit() - behind)).isEqualTo(4096);
            }
        }
        assertThat(errors.get(5).type()).isEqualTo(REPLY_TYPE_ERROR_OFFSET);
    }

    @Test
    @Proves({"NBD_CMD_CACHE", "cache-semantics"})
    void cacheChangesNothingWhetherItSucceedsOrNot() throws IOException {
        try (RawNbdClient client = nbd.structured()) {
            byte[] contents = scatter(new Random(3), client, 512);
            assertThat(client.call(CACHE, 0, 0, SPACE).error()).isZero();
            nbd.disk.failWith(new CorruptDataException("segments/7", 1, "wrong checksum"));
            assertThat(client.call(CACHE, 0, 0, SPACE).error()).isEqualTo(EIO);
            nbd.disk.failWith(null);
            byte[] read = client.call(READ, CMD_FLAG_DF, 0, SPACE).data();
            assertThat(Arrays.copyOfRange(read, 8, read.length)).isEqualTo(contents);
        }
    }

    @Test
    @Proves({"NBD_INFO_BLOCK_SIZE", "NBD_EOVERFLOW", "sizes-advertised", "sizes-replies"})
    void clientsThatKnowTheMaximumGetNoLongerReplies() throws IOException {
        nbd.volumes.add(new ModelVolume("large", 1L << 30));
        int most = 32 << 20;
        try (RawNbdClient client = knowingBlockSizes("large")) {
            assertThat(client.call(WRITE, 0, 0, most + 512, ones(most + 512)).error()).isZero();
            assertThat(client.call(READ, 0, 0, most).data()).hasSize(8 + most);
            assertThat(client.call(READ, 0, 0, most + 512).error()).isEqualTo(EINVAL);
            assertThat(client.call(READ, CMD_FLAG_DF, 0, most + 512).error()).isEqualTo(EOVERFLOW);
            assertThat(client.call(TRIM, 0, 0, most + 512).error()).isZero();
        }
    }

    private static byte[] ones(int length) {
        byte[] ones = new byte[length];
        Arrays.fill(ones, (byte) 1);
        return ones;
    }

    @Test
    @Proves({"NBD_CMD_BLOCK_STATUS", "status-unselected"})
    void statusIsInvalidForWhoSelectedNoContext() throws IOException {
        try (RawNbdClient none = nbd.greeted();
                RawNbdClient simple = nbd.simple()) {
            none.options(OPT_STRUCTURED_REPLY);
            none.options(OPT_INFO, goData("disk"));
            none.go("disk");
            for (RawNbdClient client : List.of(none, simple)) {
                assertThat(client.call(BLOCK_STATUS, 0, 0, 512).error()).isEqualTo(EINVAL);
                assertThat(client.call(FLUSH, 0, 0, 0).error()).isZero();
            }
        }
    }

    @Test
    @Proves({"NBD_CMD_DISC", "disc-closes", "fua-accepted", "disc-no-reply"})
    void discHasNoReply() throws IOException {
        for (int flags : new int[] {0, CMD_FLAG_FUA, 0xffff}) {
            try (RawNbdClient simple = nbd.simple();
                    RawNbdClient structured = nbd.structured()) {
                for (RawNbdClient client : List.of(simple, structured)) {
                    client.send(RawNbdClient.request(DISC, flags, 7, 0, 0));
                    assertThat(client.readToEnd()).isEmpty();
                }
            }
        }
    }
}
