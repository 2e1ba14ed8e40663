package io.lsmbd.nbd;

import static io.lsmbd.nbd.RawNbdClient.goData;
import static io.lsmbd.nbd.RawNbdClient.metaContextData;
import static io.lsmbd.nbd.RawNbdClient.option;
import static io.lsmbd.nbd.wire.NbdConstants.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.nbd.RawNbdClient.OptionReply;
import io.lsmbd.testkit.ModelVolume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How options depend on each other, and what they commit a client to. */
class NegotiationTest {
    private static final int READ = 0;
    private static final int FLUSH = 3;
    private static final int BLOCK_STATUS = 7;
    private static final int EINVAL = 22;

    private NbdFixture nbd;

    @BeforeEach
    void start() throws IOException {
        nbd = new NbdFixture();
    }

    @AfterEach
    void stop() {
        nbd.close();
    }

    private static int type(RawNbdClient client, int option, byte... data) throws IOException {
        List<OptionReply> replies = client.options(option, data);
        return replies.getLast().type();
    }

    @Test
    @Proves({"NBD_OPT_EXTENDED_HEADERS", "NBD_REP_ERR_EXT_HEADER_REQD", "extended-precedence"})
    void extendedHeadersTakeThePlaceOfStructuredReplies() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            assertThat(type(client, OPT_STRUCTURED_REPLY)).isEqualTo(REP_ACK);
            client.negotiateExtended();
            assertThat(type(client, OPT_STRUCTURED_REPLY)).isEqualTo(REP_ERR_EXT_HEADER_REQD);
            client.negotiateExtended();
            client.go("disk");
            assertThat(client.call(READ, 0, 0, 512).error()).isZero();
        }
    }

    @Test
    @Proves({"NBD_OPT_EXTENDED_HEADERS", "extended-alone"})
    void extendedHeadersNeedNoStructuredReplies() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            client.negotiateExtended();
            client.select("disk", BASE_ALLOCATION);
            client.go("disk");
            assertThat(client.call(BLOCK_STATUS, 0, 0, 512).error()).isZero();
        }
    }

    @Test
    @Proves({"NBD_OPT_EXTENDED_HEADERS", "NBD_REP_ERR_INVALID", "extended-data"})
    void extendedHeadersTakeNoData() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            for (int length : new int[] {1, 8, 100_000}) {
                assertThat(type(client, OPT_EXTENDED_HEADERS, new byte[length]))
                        .isEqualTo(REP_ERR_INVALID);
            }
            client.go("disk");
            assertThat(client.call(FLUSH, 0, 0, 0).isSimple()).isTrue();
        }
    }

    @Test
    @Proves({"NBD_OPT_EXTENDED_HEADERS", "NBD_OPT_EXPORT_NAME", "extended-export-name"})
    void exportNameAfterExtendedHeadersCloses() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            client.negotiateExtended();
            client.send(option(OPT_EXPORT_NAME, "disk".getBytes(UTF_8)));
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    @Proves({"NBD_REP_ERR_BLOCK_SIZE_REQD", "sizes-not-required", "sizes-error"})
    void clientsThatAskForNoBlockSizesAreServedToTheByte() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            assertThat(type(client, OPT_INFO, goData("disk"))).isEqualTo(REP_ACK);
            assertThat(type(client, OPT_GO, goData("disk", INFO_NAME))).isEqualTo(REP_ACK);
            assertThat(client.call(1, 0, 777, 3, (byte) 1, (byte) 2, (byte) 3).error()).isZero();
            assertThat(client.call(READ, 0, 778, 1).error()).isZero();
            assertThat(client.readBytes(1)).containsExactly(2);
        }
    }

    /** Only GO does: what came before was a question. */
    @Test
    @Proves({"NBD_INFO_BLOCK_SIZE", "sizes-info"})
    void infoDoesNotCommitToBlockSizes() throws IOException {
        try (RawNbdClient asking = nbd.greeted();
                RawNbdClient committed = nbd.greeted()) {
            asking.options(OPT_INFO, goData("disk", INFO_BLOCK_SIZE));
            asking.go("disk");
            assertThat(asking.call(READ, 0, 1, 1).error()).isZero();
            asking.readBytes(1);
            committed.go("disk", INFO_BLOCK_SIZE);
            assertThat(committed.call(READ, 0, 1, 1).error()).isEqualTo(EINVAL);
            assertThat(committed.call(READ, 0, 512, 512).error()).isZero();
        }
    }

    @Test
    @Proves({"NBD_INFO_BLOCK_SIZE", "sizes-minimum", "sizes-preferred", "sizes-maximum"})
    void blockSizesKeepWithinTheirBoundsAndLeadToTheEndOfTheExport() throws IOException {
        for (long size : new long[] {0, 1, 511, 512, 513, 4096, 1 << 20, (1L << 50) + 512}) {
            nbd.volumes.add(new ModelVolume("v" + size, size));
            try (RawNbdClient client = nbd.greeted()) {
                ByteBuffer info =
                        ByteBuffer.wrap(
                                client.options(OPT_INFO, goData("v" + size, INFO_BLOCK_SIZE))
                                        .get(1)
                                        .data());
                assertThat(info.remaining()).isEqualTo(14);
                assertThat(info.getShort()).isEqualTo((short) INFO_BLOCK_SIZE);
                int minimum = info.getInt();
                int preferred = info.getInt();
                int maximum = info.getInt();
                assertThat(Integer.bitCount(minimum)).isEqualTo(1);
                assertThat(minimum).isLessThanOrEqualTo(1 << 16);
                assertThat(size % minimum).isZero();
                assertThat(Integer.bitCount(preferred)).isEqualTo(1);
                assertThat(preferred).isGreaterThanOrEqualTo(Math.max(minimum, 512));
                assertThat(maximum % minimum).isZero();
                assertThat(maximum).isGreaterThanOrEqualTo(Math.max(preferred, 1 << 20));
            }
        }
    }

    @Test
    @Proves({"NBD_REP_INFO", "info-unknown-type", "info-once"})
    void eachInformationComesOnceHoweverOftenItIsAskedFor() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            List<OptionReply> replies =
                    client.options(OPT_INFO, goData("disk", 3, 3, 0, 1, 2, 1, 0, 0, 3, 4, 65535));
            assertThat(replies.stream().filter(reply -> reply.type() == REP_INFO))
                    .extracting(reply -> ByteBuffer.wrap(reply.data()).getShort())
                    .containsExactlyInAnyOrder((short) 0, (short) 1, (short) 2, (short) 3);
        }
    }

    @Test
    @Proves({"NBD_OPT_SET_META_CONTEXT", "context-one-reply"})
    void contextsHaveIdsOfTheirOwn() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            client.options(OPT_STRUCTURED_REPLY);
            assertThat(client.select("disk", BASE_ALLOCATION, LSMBD_LOCATION))
                    .doesNotHaveDuplicates()
                    .hasSize(2);
            assertThat(type(client, OPT_SET_META_CONTEXT, metaContextData("disk")))
                    .isEqualTo(REP_ACK);
        }
    }

    @Test
    @Proves({"NBD_OPT_GO", "go-no-padding"})
    void nothingComesBetweenGoAndTheFirstReply() throws IOException {
        for (int flags : new int[] {FLAG_FIXED_NEWSTYLE, FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES}) {
            try (RawNbdClient client = nbd.connect()) {
                client.readGreeting();
                client.send(RawNbdClient.clientFlags(flags));
                client.go("disk");
                assertThat(client.call(FLUSH, 0, 0, 0).error()).isZero();
            }
        }
    }

    @Test
    @Proves({"NBD_OPT_EXPORT_NAME", "default-export"})
    void theEmptyNameIsTheOnlyVolumeForExportNameToo() throws IOException {
        try (RawNbdClient ambiguous = nbd.greeted();
                RawNbdClient client = nbd.greeted()) {
            ambiguous.send(option(OPT_EXPORT_NAME));
            assertThat(ambiguous.readToEnd()).isEmpty();
            nbd.volumes.remove(nbd.disk);
            client.send(option(OPT_EXPORT_NAME));
            assertThat(client.readLong()).isEqualTo(NbdFixture.SIZE);
            assertThat(client.readShort() & FLAG_READ_ONLY).isEqualTo(FLAG_READ_ONLY);
        }
    }
}
