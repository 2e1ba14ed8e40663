package io.lsmbd.nbd;

import static io.lsmbd.nbd.wire.NbdConstants.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.nbd.RawNbdClient.OptionReply;
import io.lsmbd.nbd.transmission.TransmissionLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandshakeTest {
    private static final int FLAGS =
            FLAG_HAS_FLAGS
                    | FLAG_SEND_FLUSH
                    | FLAG_SEND_FUA
                    | FLAG_SEND_TRIM
                    | FLAG_SEND_WRITE_ZEROES
                    | FLAG_CAN_MULTI_CONN
                    | FLAG_SEND_CACHE
                    | FLAG_SEND_FAST_ZERO;

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
        "NBDMAGIC",
        "IHAVEOPT",
        "NBD_FLAG_FIXED_NEWSTYLE",
        "NBD_FLAG_NO_ZEROES",
        "server-first",
        "no-oldstyle",
        "only-known-flags"
    })
    void serverSpeaksFirstAndOffersFixedNewstyleAndNoZeroes() throws IOException {
        try (RawNbdClient client = nbd.connect()) {
            assertThat(client.readGreeting()).isEqualTo(FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES);
        }
    }

    @Test
    @Proves({"unknown-client-flag", "client-flag-unknown"})
    void everyUnknownClientFlagDropsTheConnection() throws IOException {
        for (int bit = 2; bit < 32; bit++) {
            try (RawNbdClient client = nbd.connect()) {
                client.readGreeting();
                client.send(RawNbdClient.clientFlags(FLAG_FIXED_NEWSTYLE | 1 << bit));
                assertThat(client.readToEnd()).isEmpty();
            }
        }
        assertThat(failures("protocol")).isEqualTo(30);
    }

    @Test
    @Proves("IHAVEOPT")
    void wrongOptionMagicDropsTheConnection() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            client.send(new byte[16]);
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    @Proves({"NBD_OPT_PEEK_EXPORT", "NBD_REP_ERR_UNSUP", "option-skipped", "no-hard-disconnect"})
    void unsupportedOptionsAreConsumedAndTheNextOneIsServed() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            for (int code : new int[] {0, OPT_PEEK_EXPORT, OPT_STARTTLS, 99, -1}) {
                assertError(client.options(code), REP_ERR_UNSUP);
                assertError(client.options(code, new byte[1000]), REP_ERR_UNSUP);
                assertError(client.options(code, new byte[300_000]), REP_ERR_UNSUP);
            }
            client.go("disk");
        }
    }

    @Test
    @Proves({
        "NBD_FLAG_C_NO_ZEROES",
        "NBD_FLAG_C_FIXED_NEWSTYLE",
        "NBD_OPT_EXPORT_NAME",
        "NBD_SIMPLE_REPLY_MAGIC",
        "NBD_FLAG_ROTATIONAL",
        "NBD_FLAG_SEND_RESIZE",
        "export-name-answer",
        "simple-only",
        "structured-negotiated",
        "no-zeroes"
    })
    void exportNameAnswersSizeAndFlagsWithPaddingUnlessNoZeroes() throws IOException {
        for (int clientFlags : new int[] {FLAG_FIXED_NEWSTYLE, FLAG_NO_ZEROES, 3, 0}) {
            try (RawNbdClient client = nbd.connect()) {
                client.readGreeting();
                client.send(RawNbdClient.clientFlags(clientFlags));
                client.send(RawNbdClient.option(OPT_EXPORT_NAME, "disk".getBytes(UTF_8)));
                assertThat(client.readLong()).isEqualTo(NbdFixture.SIZE);
                assertThat(client.readShort()).isEqualTo(FLAGS);
                if ((clientFlags & FLAG_NO_ZEROES) == 0) {
                    assertThat(client.readBytes(124)).containsOnly(0);
                }
                assertThat(client.call(3, 0, 0, 0).isSimple()).isTrue();
            }
        }
    }

    @Test
    @Proves({"NBD_OPT_STRUCTURED_REPLY", "NBD_STRUCTURED_REPLY_MAGIC"})
    void exportNameAfterStructuredReplyReadsStructured() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            client.negotiateStructured("disk");
            client.send(RawNbdClient.option(OPT_EXPORT_NAME, "disk".getBytes(UTF_8)));
            assertThat(client.readLong()).isEqualTo(NbdFixture.SIZE);
            assertThat(client.readShort()).isEqualTo(FLAGS | FLAG_SEND_DF);
            assertThat(client.call(0, 0, 0, 512).type()).isEqualTo(REPLY_TYPE_OFFSET_DATA);
            assertThat(client.call(7, 0, 0, 512).type()).isEqualTo(REPLY_TYPE_BLOCK_STATUS);
        }
    }

    @Test
    @Proves({"NBD_OPT_EXPORT_NAME", "export-name-refused"})
    void exportNameThatIsUnknownOrNonsenseClosesWithoutAByte() throws IOException {
        for (byte[] name :
                List.of("no".getBytes(UTF_8), new byte[5000], new byte[] {-1}, new byte[99999])) {
            try (RawNbdClient client = nbd.greeted()) {
                client.send(RawNbdClient.option(OPT_EXPORT_NAME, name));
                assertThat(client.readToEnd()).isEmpty();
            }
        }
        assertThat(failures("unknown_export")).isEqualTo(4);
    }

    @Test
    @Proves({"NBD_OPT_ABORT", "abort-unanswered", "abort-acknowledged", "abort-data"})
    void abortIsAcknowledgedThenClosed() throws IOException {
        for (int length : new int[] {0, 7, 100_000}) {
            try (RawNbdClient client = nbd.greeted()) {
                assertThat(client.options(OPT_ABORT, new byte[length]).getFirst().type())
                        .isEqualTo(REP_ACK);
                assertThat(client.readToEnd()).isEmpty();
            }
        }
    }

    @Test
    @Proves({
        "NBD_OPT_LIST",
        "NBD_REP_SERVER",
        "NBD_REP_ACK",
        "option-final-reply",
        "server-reply",
        "packed-list"
    })
    void listTellsEachExportInAReplyOfItsOwn() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            List<OptionReply> replies = client.options(OPT_LIST);
            assertThat(replies).extracting(OptionReply::type).containsExactly(2, 2, 1);
            ByteBuffer data = ByteBuffer.wrap(replies.get(1).data());
            byte[] name = new byte[data.getInt()];
            data.get(name);
            assertThat(new String(name, UTF_8)).isEqualTo("fixed");
            assertThat(replies.get(1).text()).endsWith("64 MiB, read-only");
        }
    }

    @Test
    @Proves({"NBD_REP_ERR_INVALID", "trailing-data", "list-data", "structured-data"})
    void optionsWithoutDataRefuseData() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            for (int code : new int[] {OPT_LIST, OPT_STRUCTURED_REPLY}) {
                assertError(client.options(code, new byte[3]), REP_ERR_INVALID);
                assertError(client.options(code, new byte[70_000]), REP_ERR_INVALID);
            }
            assertThat(client.options(OPT_LIST)).hasSize(3);
            client.go("disk");
            assertThat(client.call(3, 0, 0, 0).isSimple()).isTrue();
        }
    }

    @Test
    @Proves({
        "NBD_OPT_INFO",
        "NBD_OPT_GO",
        "NBD_REP_INFO",
        "NBD_REP_ACK",
        "NBD_INFO_EXPORT",
        "NBD_INFO_NAME",
        "NBD_INFO_DESCRIPTION",
        "NBD_INFO_BLOCK_SIZE",
        "NBD_FLAG_HAS_FLAGS",
        "NBD_FLAG_SEND_FLUSH",
        "NBD_FLAG_SEND_FUA",
        "NBD_FLAG_SEND_TRIM",
        "NBD_FLAG_SEND_WRITE_ZEROES",
        "NBD_FLAG_CAN_MULTI_CONN",
        "NBD_FLAG_SEND_CACHE",
        "NBD_FLAG_SEND_FAST_ZERO",
        "NBD_FLAG_ROTATIONAL",
        "NBD_FLAG_SEND_RESIZE",
        "sizes-withheld",
        "sizes-advertised",
        "unsupported-flags",
        "fast-zero-flag",
        "info-unknown-type",
        "info-then-go",
        "info-lengths"
    })
    void infoAndGoGiveTheSameAnswers() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            byte[] data = RawNbdClient.goData("disk", 1, 2, 3, 77, 0);
            List<OptionReply> info = client.options(OPT_INFO, data);
            List<OptionReply> go = client.options(OPT_GO, data);
            assertThat(go).hasSameSizeAs(info);
            for (int i = 0; i < go.size(); i++) {
                assertThat(go.get(i).type()).isEqualTo(info.get(i).type());
                assertThat(go.get(i).data()).isEqualTo(info.get(i).data());
            }
            assertThat(info.get(0).data()).isEqualTo(infoExport(FLAGS));
            assertThat(info.get(1).text()).isEqualTo("\0\1disk");
            assertThat(info.get(2).text()).isEqualTo("\0\2" + "64 MiB");
            assertThat(info.get(3).data())
                    .isEqualTo(
                            ByteBuffer.allocate(14)
                                    .putShort((short) 3)
                                    .putInt(512)
                                    .putInt(4096)
                                    .putInt(32 << 20)
                                    .array());
            assertThat(info.get(4).type()).isEqualTo(REP_ACK);
        }
    }

    @Test
    @Proves({
        "NBD_INFO_EXPORT",
        "NBD_FLAG_SEND_DF",
        "has-flags",
        "df-needs-structured",
        "info-export"
    })
    void infoExportComesUnasked() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            List<OptionReply> replies = client.options(OPT_INFO, RawNbdClient.goData("disk"));
            assertThat(replies).hasSize(2);
            assertThat(replies.getFirst().data()).isEqualTo(infoExport(FLAGS));
            client.negotiateStructured("disk");
            replies = client.options(OPT_GO, RawNbdClient.goData("disk"));
            assertThat(replies.getFirst().data()).isEqualTo(infoExport(FLAGS | FLAG_SEND_DF));
        }
    }

    @Test
    @Proves({
        "NBD_FLAG_READ_ONLY",
        "NBD_FLAG_SEND_TRIM",
        "NBD_FLAG_SEND_WRITE_ZEROES",
        "NBD_FLAG_SEND_FAST_ZERO",
        "unsupported-flags",
        "has-flags",
        "fast-zero-flag"
    })
    void readOnlyExportsSaySo() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            OptionReply reply = client.options(OPT_INFO, RawNbdClient.goData("fixed")).getFirst();
            assertThat(ByteBuffer.wrap(reply.data()).getShort(10) & 0xffff)
                    .isEqualTo(
                            FLAG_HAS_FLAGS
                                    | FLAG_READ_ONLY
                                    | FLAG_SEND_FLUSH
                                    | FLAG_SEND_FUA
                                    | FLAG_CAN_MULTI_CONN
                                    | FLAG_SEND_CACHE);
        }
    }

    @Test
    @Proves({
        "NBD_OPT_GO",
        "NBD_OPT_INFO",
        "NBD_REP_ERR_UNKNOWN",
        "go-to-the-last",
        "no-hard-disconnect",
        "info-unknown-export"
    })
    void goToAnUnknownExportTellsWhatThereIsAndGoesOnHaggling() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            client.options(OPT_INFO, RawNbdClient.goData("disk"));
            for (int code : new int[] {OPT_INFO, OPT_GO}) {
                List<OptionReply> replies = client.options(code, RawNbdClient.goData("dsik"));
                assertError(replies, REP_ERR_UNKNOWN);
                assertThat(replies.getFirst().text()).contains("dsik").contains("disk fixed");
            }
            client.options(OPT_GO, RawNbdClient.goData("n".repeat(4096)));
            client.go("disk");
        }
    }

    @Test
    @Proves("default-export")
    void theEmptyNameMeansTheOnlyVolume() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            assertError(client.options(OPT_GO, RawNbdClient.goData("")), REP_ERR_UNKNOWN);
            nbd.volumes.remove(1);
            List<OptionReply> replies = client.options(OPT_GO, RawNbdClient.goData("", 1));
            assertThat(replies.get(1).text()).isEqualTo("\0\1disk");
        }
    }

    @Test
    void theOnlyVolumeSoFarIsNotTheOnlyOne() throws IOException {
        nbd.volumes.remove(1);
        nbd.isComplete = false;
        try (RawNbdClient client = nbd.greeted()) {
            List<OptionReply> replies = client.options(OPT_GO, RawNbdClient.goData(""));
            assertError(replies, REP_ERR_UNKNOWN);
            assertThat(replies.getFirst().text()).contains("come again later");
            client.go("disk");
        }
    }

    @Test
    void noVolumeAtAllIsExplained() throws IOException {
        nbd.volumes.clear();
        try (RawNbdClient client = nbd.greeted()) {
            assertThat(client.options(OPT_LIST)).hasSize(1);
            List<OptionReply> replies = client.options(OPT_GO, RawNbdClient.goData("disk"));
            assertThat(replies.getFirst().text()).contains("no volume is open");
        }
    }

    @Test
    @Proves({
        "NBD_REP_ERR_INVALID",
        "NBD_REP_ERR_TOO_BIG",
        "trailing-data",
        "string-utf8",
        "no-hard-disconnect",
        "info-name-length"
    })
    void nonsenseLengthsInInfoAndGoAreInvalidAtOnce() throws IOException {
        byte[] good = RawNbdClient.goData("disk", 3);
        byte[] longName = good.clone();
        longName[0] = -1;
        byte[] nameUpToTheEnd = ByteBuffer.allocate(10).putInt(5).array();
        byte[] tooManyInfos = good.clone();
        tooManyInfos[9] = 9;
        byte[] trailing = Arrays.copyOf(good, good.length + 1);
        byte[] nul = RawNbdClient.goData("a\0b");
        byte[] tooLong = RawNbdClient.goData("n".repeat(4097));
        byte[] notUtf8 = RawNbdClient.goData("disk");
        notUtf8[5] = -1;
        try (RawNbdClient client = nbd.greeted()) {
            for (byte[] data :
                    List.of(
                            new byte[0],
                            new byte[3],
                            longName,
                            nameUpToTheEnd,
                            tooManyInfos,
                            trailing,
                            nul,
                            tooLong,
                            notUtf8)) {
                assertError(client.options(OPT_INFO, data), REP_ERR_INVALID);
                assertError(client.options(OPT_GO, data), REP_ERR_INVALID);
            }
            assertError(client.options(OPT_GO, new byte[1 << 20]), REP_ERR_TOO_BIG);
            client.go("disk");
        }
    }

    @Test
    @Proves({"bytes-behind-go", "go-immediately"})
    void bytesBehindGoAreRequests() throws IOException {
        try (RawNbdClient client = nbd.connect()) {
            ByteBuffer all = ByteBuffer.allocate(10_000);
            all.put(RawNbdClient.clientFlags(3));
            all.put(RawNbdClient.option(OPT_GO, RawNbdClient.goData("disk")));
            all.put(RawNbdClient.request(1, 0, 1, 4096, 4096)).put(new byte[4096]);
            all.put(RawNbdClient.request(3, 0, 2, 0, 0));
            client.send(Arrays.copyOf(all.array(), all.position()));
            client.readGreeting();
            assertThat(client.readOptionReply().type()).isEqualTo(REP_INFO);
            assertThat(client.readOptionReply().type()).isEqualTo(REP_ACK);
            assertThat(client.readReply().cookie()).isEqualTo(1);
            assertThat(client.readReply().cookie()).isEqualTo(2);
        }
    }

    @Test
    void aClientThatDoesNotChooseIsDropped() throws IOException {
        NbdServerConfig hasty =
                NbdFixture.config(TransmissionLimits.STANDARD, 100, Duration.ofSeconds(1));
        try (NbdFixture nbd = new NbdFixture(hasty);
                RawNbdClient silent = nbd.connect();
                RawNbdClient chooser = nbd.simple()) {
            silent.readGreeting();
            assertThat(silent.readToEnd()).isEmpty();
            assertThat(chooser.call(3, 0, 0, 0).error()).isZero();
            assertThat(
                            nbd.registry
                                    .get("lsmbd_nbd_handshake_failures_total")
                                    .tag("reason", "timeout")
                                    .counter()
                                    .count())
                    .isPositive();
        }
    }

    private double failures(String reason) {
        return nbd.registry
                .get("lsmbd_nbd_handshake_failures_total")
                .tag("reason", reason)
                .counter()
                .count();
    }

    private static byte[] infoExport(int flags) {
        return ByteBuffer.allocate(12)
                .putShort((short) 0)
                .putLong(NbdFixture.SIZE)
                .putShort((short) flags)
                .array();
    }

    private static void assertError(List<OptionReply> replies, int type) {
        assertThat(replies).extracting(OptionReply::type).containsExactly(type);
    }
}
