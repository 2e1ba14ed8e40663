package io.lsmbd.nbd;

import static io.lsmbd.nbd.wire.NbdConstants.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.nbd.RawNbdClient.OptionReply;
import io.lsmbd.nbd.RawNbdClient.Reply;
import io.lsmbd.testkit.ModelVolume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Requests and replies with extended headers; RawNbdClient checks of each reply that it has such
 * headers and repeats cookie and offset.
 */
@ParameterizedClass
@EnumSource
class ExtendedHeadersTest {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int DISC = 2;
    private static final int FLUSH = 3;
    private static final int TRIM = 4;
    private static final int CACHE = 5;
    private static final int WRITE_ZEROES = 6;
    private static final int BLOCK_STATUS = 7;
    private static final int EPERM = 1;
    private static final int EINVAL = 22;
    private static final int ENOSPC = 28;
    private static final int EOVERFLOW = 75;
    private static final long HUGE = 1L << 50;

    private final ModelVolume.Waiting waiting;
    private NbdFixture nbd;

    ExtendedHeadersTest(ModelVolume.Waiting waiting) {
        this.waiting = waiting;
    }

    @BeforeEach
    void start() throws IOException {
        nbd = new NbdFixture();
        nbd.volumes.add(new ModelVolume("huge", HUGE));
        nbd.disk.setWaiting(waiting);
    }

    @AfterEach
    void stop() {
        nbd.close();
    }

    private RawNbdClient on(String export) throws IOException {
        return RawNbdClient.extended(nbd.address(), export, BASE_ALLOCATION);
    }

    private static void assertInStep(RawNbdClient client) throws IOException {
        assertThat(client.call(FLUSH, 0, 0, 0).type()).isEqualTo(REPLY_TYPE_NONE);
    }

    @Test
    @Proves({
        "NBD_EXTENDED_REQUEST_MAGIC",
        "NBD_EXTENDED_REPLY_MAGIC",
        "NBD_OPT_EXTENDED_HEADERS",
        "NBD_CMD_FLAG_PAYLOAD_LEN",
        "extended-both-ways"
    })
    void everyCommandWorks() throws IOException {
        byte[] data = new byte[300_000];
        new Random(1).nextBytes(data);
        try (RawNbdClient client = on("disk")) {
            for (int length : new int[] {1, 512, 4096, 5000, 16384, 65536, 300_000}) {
                byte[] payload = Arrays.copyOf(data, length);
                assertThat(client.call(WRITE, CMD_FLAG_FUA, 512, length, payload).type())
                        .isEqualTo(REPLY_TYPE_NONE);
                Reply read = client.call(READ, CMD_FLAG_DF, 512, length);
                assertThat(read.type()).isEqualTo(REPLY_TYPE_OFFSET_DATA);
                assertThat(read.buffer().getLong()).isEqualTo(512);
                assertThat(Arrays.copyOfRange(read.data(), 8, 8 + length)).isEqualTo(payload);
            }
            assertThat(client.call(CACHE, 0, 0, 1 << 20).type()).isEqualTo(REPLY_TYPE_NONE);
            assertThat(client.call(WRITE_ZEROES, 0, 0, 1 << 20).type()).isEqualTo(REPLY_TYPE_NONE);
            for (int length : new int[] {4096, 300_000}) {
                Reply hole = client.call(READ, 0, 4096, length);
                assertThat(hole.type()).isEqualTo(REPLY_TYPE_OFFSET_HOLE);
                assertThat(hole.buffer().getLong()).isEqualTo(4096);
                assertThat(hole.buffer().getInt(8)).isEqualTo(length);
            }
            assertThat(client.call(TRIM, 0, 0, 1 << 20).type()).isEqualTo(REPLY_TYPE_NONE);
            assertThat(client.call(FLUSH, 0, 0, 0).type()).isEqualTo(REPLY_TYPE_NONE);
            client.send(RawNbdClient.extendedRequest(DISC, 0, 0, -512, -1));
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    @Proves({
        "NBD_REPLY_TYPE_BLOCK_STATUS_EXT",
        "whole-volume-trim",
        "long-effect",
        "status-ext",
        "status-ext-high-bits"
    })
    void lengthsMayHave64Bits() throws IOException {
        try (RawNbdClient client = on("huge")) {
            for (int command : new int[] {WRITE_ZEROES, CACHE, TRIM}) {
                assertThat(client.call(command, 0, 0, HUGE).error()).isZero();
            }
            client.call(WRITE, 0, 1L << 40, 4096, new byte[4096]);
            Reply reply = client.call(BLOCK_STATUS, 0, 0, HUGE);
            assertThat(reply.type()).isEqualTo(REPLY_TYPE_BLOCK_STATUS_EXT);
            ByteBuffer status = reply.buffer();
            assertThat(status.getInt()).as("context").isEqualTo(1);
            assertThat(status.getInt()).as("descriptors").isEqualTo(3);
            assertThat(status.remaining()).isEqualTo(3 * 16);
            assertThat(status.getLong()).isEqualTo(1L << 40);
            assertThat(status.getLong()).isEqualTo(STATE_HOLE | STATE_ZERO);
            assertThat(status.getLong()).isEqualTo(4096);
            assertThat(status.getLong()).isZero();
            assertThat(status.getLong()).isEqualTo(HUGE - (1L << 40) - 4096);
            assertThat(status.getLong()).isEqualTo(STATE_HOLE | STATE_ZERO);
        }
    }

    @Test
    @Proves({"range-overflow", "wrong-range-error", "error-enospc", "error-einval-range"})
    void rangesBeyondTheEndAreRefused() throws IOException {
        long[][] ranges = {
            {0, HUGE + 512},
            {HUGE, 512},
            {512, HUGE},
            {0, Long.MIN_VALUE},
            {0, -512},
            {-512, -512},
            {Long.MAX_VALUE - 511, Long.MAX_VALUE - 511},
            {512, -512}
        };
        try (RawNbdClient client = on("huge")) {
            for (long[] range : ranges) {
                for (int command : new int[] {READ, TRIM, CACHE, BLOCK_STATUS}) {
                    assertThat(client.call(command, 0, range[0], range[1]).error())
                            .isEqualTo(EINVAL);
                }
                assertThat(client.call(WRITE_ZEROES, 0, range[0], range[1]).error())
                        .isEqualTo(ENOSPC);
            }
        }
    }

    @Test
    void readsBeyondTheMaximumPayloadAreRefused() throws IOException {
        try (RawNbdClient client = on("huge")) {
            for (long length : new long[] {(64 << 20) + 1, 1L << 32, HUGE}) {
                assertThat(client.call(READ, 0, 0, length).error()).isEqualTo(EINVAL);
                assertThat(client.call(READ, CMD_FLAG_DF, 0, length).error()).isEqualTo(EOVERFLOW);
            }
        }
    }

    @Test
    @Proves({"NBD_CMD_FLAG_PAYLOAD_LEN", "payload-flag-write"})
    void aWriteHasItsPayloadAlsoWithoutTheFlagSinceQemuSendsItSo() throws IOException {
        byte[] data = new byte[4096];
        Arrays.fill(data, (byte) 1);
        try (RawNbdClient client = on("disk");
                RawNbdClient fixed = on("fixed")) {
            client.send(RawNbdClient.extendedRequest(WRITE, CMD_FLAG_FUA, 7, 0, data.length));
            client.send(data);
            Reply reply = client.readReply();
            assertThat(reply.cookie()).isEqualTo(7);
            assertThat(reply.type()).isEqualTo(REPLY_TYPE_NONE);
            assertThat(nbd.disk.contents(0, data.length)).containsOnly(1);
            assertInStep(client);
            fixed.send(RawNbdClient.extendedRequest(WRITE, 0, 8, 0, data.length));
            fixed.send(data);
            assertThat(fixed.readReply().error()).isEqualTo(EPERM);
            assertInStep(fixed);
        }
    }

    @Test
    @Proves("payload-consumed")
    void aPayloadThatIsNotExpectedIsConsumed() throws IOException {
        try (RawNbdClient client = on("disk")) {
            for (int command : new int[] {READ, FLUSH, TRIM, CACHE, WRITE_ZEROES, 8, 99, 65535}) {
                for (int length : new int[] {1, 512, 100_000, 3 << 20}) {
                    assertThat(client.call(command, 0, 0, length, new byte[length]).error())
                            .as("command %d", command)
                            .isEqualTo(EINVAL);
                }
            }
            assertInStep(client);
        }
    }

    @Test
    @Proves({"out-of-step", "payload-consumed"})
    void refusedWritesAreConsumed() throws IOException {
        try (RawNbdClient client = on("disk");
                RawNbdClient fixed = on("fixed")) {
            int tooLong = 65 << 20;
            assertThat(client.call(WRITE, 0, 0, tooLong, new byte[tooLong]).error())
                    .isEqualTo(ENOSPC);
            assertThat(client.call(WRITE, CMD_FLAG_DF, 0, 5000, new byte[5000]).error())
                    .isEqualTo(EINVAL);
            assertThat(client.call(WRITE, 0, -1, 5000, new byte[5000]).error()).isEqualTo(ENOSPC);
            assertThat(fixed.call(WRITE, 0, 0, 5000, new byte[5000]).error()).isEqualTo(EPERM);
            assertInStep(client);
            assertInStep(fixed);
        }
    }

    @Test
    @Proves({"NBD_CMD_FLAG_PAYLOAD_LEN", "payload-flag-compact"})
    void thePayloadFlagIsInvalidWithoutExtendedHeaders() throws IOException {
        try (RawNbdClient client = nbd.structured()) {
            client.send(RawNbdClient.request(WRITE, CMD_FLAG_PAYLOAD_LEN, 1, 0, 512));
            client.send(new byte[512]);
            assertThat(client.readReply().error()).isEqualTo(EINVAL);
            client.send(RawNbdClient.request(BLOCK_STATUS, CMD_FLAG_PAYLOAD_LEN, 1, 0, 12));
            assertThat(client.readReply().error()).isEqualTo(EINVAL);
            assertInStep(client);
        }
    }

    @Test
    @Proves("payload-too-long")
    void aPayloadBeyondAllReasonEndsTheConnection() throws IOException {
        for (int command : new int[] {WRITE, READ, BLOCK_STATUS, 99}) {
            for (long length : new long[] {1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
                try (RawNbdClient client = on("disk")) {
                    client.send(
                            RawNbdClient.extendedRequest(
                                    command, CMD_FLAG_PAYLOAD_LEN, 1, 0, length));
                    assertThat(client.readToEnd()).isEmpty();
                }
            }
        }
    }

    @Test
    @Proves({"NBD_EXTENDED_REQUEST_MAGIC", "NBD_REQUEST_MAGIC", "extended-both-ways"})
    void compactRequestsAreNoRequestsThere() throws IOException {
        try (RawNbdClient extended = on("disk");
                RawNbdClient compact = nbd.structured()) {
            extended.send(RawNbdClient.request(FLUSH, 0, 1, 0, 0));
            extended.send(new byte[4]);
            assertThat(extended.readToEnd()).isEmpty();
            compact.send(RawNbdClient.extendedRequest(FLUSH, 0, 1, 0, 0));
            assertThat(compact.readToEnd()).isEmpty();
        }
    }

    @Test
    @Proves("payload-status")
    void aStatusMayBeAskedOfSomeContexts() throws IOException {
        try (RawNbdClient client = on("huge")) {
            client.call(WRITE, 0, 0, 4096, new byte[4096]);
            Reply reply = client.call(BLOCK_STATUS, 0, 0, 12, query(HUGE, 1));
            assertThat(reply.type()).isEqualTo(REPLY_TYPE_BLOCK_STATUS_EXT);
            assertThat(reply.buffer().getInt(4)).as("descriptors").isEqualTo(2);
            Reply one = client.call(BLOCK_STATUS, CMD_FLAG_REQ_ONE, 512, 12, query(1024, 1));
            assertThat(one.buffer().getInt(4)).isEqualTo(1);
            assertThat(one.buffer().getLong(8)).isEqualTo(1024);
        }
    }

    @Test
    @Proves("payload-status-invalid")
    void aStatusOfOtherContextsIsInvalid() throws IOException {
        try (RawNbdClient client = on("disk")) {
            for (byte[] payload :
                    List.of(
                            query(512),
                            query(512, 2),
                            query(512, 1, 1),
                            query(512, 1, 2),
                            query(0, 1),
                            query(-1, 1),
                            query(NbdFixture.SIZE + 1, 1),
                            Arrays.copyOf(query(512, 1), 11),
                            Arrays.copyOf(query(512, 1), 13),
                            new byte[7],
                            new byte[1],
                            new byte[100_000])) {
                Reply reply = client.call(BLOCK_STATUS, 0, 0, payload.length, payload);
                assertThat(reply.error()).isEqualTo(EINVAL);
            }
            client.send(RawNbdClient.extendedRequest(BLOCK_STATUS, CMD_FLAG_PAYLOAD_LEN, 1, 0, 0));
            assertThat(client.readReply().error()).isEqualTo(EINVAL);
            assertInStep(client);
        }
    }

    private static byte[] query(long length, int... ids) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + 4 * ids.length).putLong(length);
        for (int id : ids) {
            bytes.putInt(id);
        }
        return bytes.array();
    }

    @Test
    @Proves({
        "NBD_FLAG_BLOCK_STATUS_PAYLOAD",
        "NBD_FLAG_SEND_DF",
        "df-needs-structured",
        "payload-status-flag"
    })
    void statusPayloadsAreAdvertisedWhereThereAreContexts() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            assertThat(flags(client)).doesNotContain(FLAG_SEND_DF, FLAG_BLOCK_STATUS_PAYLOAD);
            client.negotiateStructured("disk");
            assertThat(flags(client)).contains(FLAG_SEND_DF);
            assertThat(flags(client)).doesNotContain(FLAG_BLOCK_STATUS_PAYLOAD);
            client.negotiateExtended();
            assertThat(flags(client)).contains(FLAG_SEND_DF, FLAG_BLOCK_STATUS_PAYLOAD);
            client.select("disk");
            assertThat(flags(client)).contains(FLAG_SEND_DF);
            assertThat(flags(client)).doesNotContain(FLAG_BLOCK_STATUS_PAYLOAD);
        }
    }

    private static List<Integer> flags(RawNbdClient client) throws IOException {
        OptionReply info = client.options(OPT_INFO, RawNbdClient.goData("disk")).getFirst();
        int flags = ByteBuffer.wrap(info.data()).getShort(10);
        return List.of(FLAG_SEND_DF, FLAG_BLOCK_STATUS_PAYLOAD).stream()
                .filter(flag -> (flags & flag) != 0)
                .toList();
    }
}
