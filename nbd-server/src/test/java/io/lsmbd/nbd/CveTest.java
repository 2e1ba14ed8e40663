package io.lsmbd.nbd;

import static io.lsmbd.nbd.RawNbdClient.clientFlags;
import static io.lsmbd.nbd.RawNbdClient.goData;
import static io.lsmbd.nbd.RawNbdClient.metaContextData;
import static io.lsmbd.nbd.RawNbdClient.option;
import static io.lsmbd.nbd.RawNbdClient.optionHeader;
import static io.lsmbd.nbd.RawNbdClient.request;
import static io.lsmbd.nbd.wire.NbdConstants.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.nbd.RawNbdClient.OptionReply;
import io.lsmbd.nbd.transmission.TransmissionLimits;
import io.lsmbd.testkit.ModelVolume;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What other NBD servers fell for, each under the number that it got. CVE-2021-3716 (state kept
 * over STARTTLS) is in {@link TlsTest}.
 */
class CveTest {
    private static final int BLOCK_STATUS = 7;
    private static final int FLUSH = 3;
    private static final int[] NAMING_OPTIONS = {
        OPT_INFO, OPT_GO, OPT_LIST_META_CONTEXT, OPT_SET_META_CONTEXT
    };

    private NbdFixture nbd;

    @BeforeEach
    void start() throws IOException {
        nbd = new NbdFixture();
    }

    @AfterEach
    void stop() {
        nbd.close();
    }

    private RawNbdClient structured() throws IOException {
        RawNbdClient client = nbd.greeted();
        assertThat(client.options(OPT_STRUCTURED_REPLY).getLast().type()).isEqualTo(REP_ACK);
        return client;
    }

    private static void assertOnly(List<OptionReply> replies, int type) {
        assertThat(replies).extracting(OptionReply::type).containsExactly(type);
    }

    /** nbd-server added the terminating NUL to a name length of 2^32-1 and allocated nothing. */
    @Test
    @Proves({"CVE-2022-26495", "context-overrun"})
    void cve202226495NameLengthOfAllOnes() throws IOException {
        try (RawNbdClient client = structured()) {
            BufferLedger.startMeasuring();
            for (int code : NAMING_OPTIONS) {
                for (int length : new int[] {-1, -2, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                    byte[] data = ByteBuffer.allocate(64).putInt(length).array();
                    assertOnly(client.options(code, data), REP_ERR_INVALID);
                }
            }
            for (int length : new int[] {-1, -4, Integer.MIN_VALUE}) {
                byte[] data = metaContextData("disk", "base:allocation");
                ByteBuffer.wrap(data).putInt(12, length);
                assertOnly(client.options(OPT_SET_META_CONTEXT, data), REP_ERR_INVALID);
                assertOnly(client.options(OPT_LIST_META_CONTEXT, data), REP_ERR_INVALID);
            }
            assertThat(BufferLedger.peakBytes()).isLessThan(64 << 10);
            client.go("disk");
        }
    }

    /** nbd-server copied a name of the inner length into a buffer of the outer. */
    @Test
    @Proves({"CVE-2022-26496", "info-name-length", "context-overrun"})
    void cve202226496InnerLengthAgainstOuterLength() throws IOException {
        byte[] info = goData("disk", 3);
        byte[] context = metaContextData("disk", "base:allocation");
        try (RawNbdClient client = structured()) {
            for (int code : NAMING_OPTIONS) {
                byte[] good = code == OPT_INFO || code == OPT_GO ? info : context;
                for (int length = 0; length < good.length; length++) {
                    byte[] cut = Arrays.copyOf(good, length);
                    assertOnly(client.options(code, cut), REP_ERR_INVALID);
                }
                for (int inner : new int[] {good.length - 3, good.length, 4096, 4097}) {
                    byte[] lying = good.clone();
                    ByteBuffer.wrap(lying).putInt(0, inner);
                    assertOnly(client.options(code, lying), REP_ERR_INVALID);
                }
            }
            client.go("disk");
        }
    }

    /** Content that ends before the declared length is waited for; the next option is not eaten. */
    @Test
    @Proves({"context-length-lies", "context-overrun"})
    void contextsWhoseDeclaredLengthExceedsTheirContent() throws IOException {
        byte[] data = metaContextData("disk", "base:allocation");
        try (RawNbdClient client = structured()) {
            client.send(optionHeader(OPT_SET_META_CONTEXT, data.length + 16, data));
            client.send(option(OPT_LIST)); // is taken for the rest
            assertThat(client.readOptionReply().type()).isEqualTo(REP_ERR_INVALID);
            client.go("disk");
            assertThat(client.call(BLOCK_STATUS, 0, 0, 512).error()).isEqualTo(22);
        }
    }

    /** qemu overflowed its stack with a name longer than it expected. */
    @Test
    @Proves({"CVE-2017-15118", "string-utf8"})
    void cve201715118LongExportNames() throws IOException {
        try (RawNbdClient client = structured()) {
            for (int length : new int[] {257, 4096, 4097, 5000, 60_000}) {
                String name = "n".repeat(length);
                int expected = length > 4096 ? REP_ERR_INVALID : REP_ERR_UNKNOWN;
                for (int code : NAMING_OPTIONS) {
                    boolean isInfo = code == OPT_INFO || code == OPT_GO;
                    byte[] data = isInfo ? goData(name) : metaContextData(name);
                    assertOnly(client.options(code, data), expected);
                }
            }
            client.go("disk");
        }
        try (RawNbdClient client = nbd.greeted()) {
            client.send(option(OPT_EXPORT_NAME, "n".repeat(60_000).getBytes(UTF_8)));
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    /** qemu read the whole of an option that it did not know before it went on. */
    @Test
    @Proves("CVE-2017-15119")
    void cve201715119OptionsOfFourGigabytes() throws IOException {
        BufferLedger.startMeasuring();
        List<RawNbdClient> clients = new ArrayList<>();
        for (int code : new int[] {99, OPT_INFO, OPT_ABORT, OPT_LIST, OPT_EXPORT_NAME}) {
            RawNbdClient client = nbd.greeted();
            clients.add(client);
            client.send(optionHeader(code, -1, new byte[1 << 20]));
        }
        try (RawNbdClient good = nbd.simple()) {
            assertThat(good.call(FLUSH, 0, 0, 0).error()).isZero();
        }
        assertThat(BufferLedger.peakBytes()).isLessThan(256 << 10);
        for (RawNbdClient client : clients) {
            client.close();
        }
    }

    /** qemu crashed when a client left during the negotiation. */
    @Test
    @Proves({"CVE-2017-7539", "abort-and-gone"})
    void cve20177539ClientsThatLeaveAtEveryByteOfTheHandshake() throws IOException {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(clientFlags(FLAG_FIXED_NEWSTYLE));
        bytes.writeBytes(option(OPT_STRUCTURED_REPLY));
        bytes.writeBytes(option(OPT_SET_META_CONTEXT, metaContextData("disk", "base:allocation")));
        bytes.writeBytes(option(99, new byte[20]));
        bytes.writeBytes(option(OPT_GO, goData("disk", 1, 2, 3)));
        bytes.writeBytes(request(1, 0, 1, 0, 512));
        byte[] all = bytes.toByteArray();
        for (int end = 0; end <= all.length; end++) {
            RawNbdClient client = nbd.connect();
            client.send(Arrays.copyOf(all, end));
            if (end % 2 == 0) {
                client.reset();
            } else {
                client.close();
            }
        }
        nbd.awaitConnections(0);
        assertThat(nbd.disk.writes()).isZero();
        try (RawNbdClient good = nbd.structured()) {
            assertThat(good.call(FLUSH, 0, 0, 0).error()).isZero();
        }
    }

    /** qemu put the whole name into a message that may have 4096 bytes. */
    @Test
    @Proves({"CVE-2020-10761", "string-sent"})
    void cve202010761LongNamesInMessages() throws IOException {
        try (RawNbdClient client = structured()) {
            for (String name : List.of("n".repeat(4096), "ü".repeat(2048), "\u0001".repeat(4096))) {
                for (int code : NAMING_OPTIONS) {
                    boolean isInfo = code == OPT_INFO || code == OPT_GO;
                    byte[] data = isInfo ? goData(name) : metaContextData(name);
                    OptionReply reply = client.options(code, data).getFirst();
                    assertThat(reply.type()).isEqualTo(REP_ERR_UNKNOWN);
                    assertThat(reply.data()).hasSizeLessThan(1024);
                    assertThat(reply.text()).doesNotContain("\u0001").contains("exports: disk");
                }
            }
            client.go("disk");
        }
    }

    /** nbdkit opened its backend for every connection, wanted or not. */
    @Test
    @Proves("CVE-2019-14850")
    void cve201914850ConnectionsAreFreeOfBackendWork() throws IOException {
        nbd.disk.throwFromEverything(new IllegalStateException("touched"));
        nbd.fixed.throwFromEverything(new IllegalStateException("touched"));
        for (int i = 0; i < 50; i++) {
            nbd.connect().close();
            nbd.greeted().close();
            nbd.simple().close();
        }
        nbd.awaitConnections(0);
    }

    /** nbdkit stopped on an assertion when INFO was followed by other options. */
    @Test
    @Proves("CVE-2019-14851")
    void cve201914851EveryOptionAfterInfo() throws IOException {
        for (int next = 0; next < 14; next++) {
            if (next == OPT_EXPORT_NAME || next == OPT_ABORT || next == OPT_STARTTLS) {
                continue;
            }
            try (RawNbdClient client = structured()) {
                assertThat(client.options(OPT_INFO, goData("disk")).getLast().type())
                        .isEqualTo(REP_ACK);
                client.options(next, goData("fixed"));
                if (next != OPT_GO) {
                    client.options(OPT_INFO, goData("fixed"));
                    client.go("disk");
                }
                assertThat(client.call(FLUSH, 0, 0, 0).error()).isZero();
            }
        }
    }

    /** qemu took any number of connections, and crashed when it stopped with some in handshake. */
    @Test
    @Proves("CVE-2024-7409")
    void cve20247409ManyConnectionsAndAStopInTheMiddle() throws IOException {
        ConnectionLimits few = new ConnectionLimits(20, 20, 10);
        try (NbdFixture nbd = new FixtureConfig().connections(few).start()) {
            List<RawNbdClient> clients = new ArrayList<>();
            RawNbdClient served = nbd.simple();
            for (int i = 0; i < 100; i++) {
                clients.add(nbd.connect());
            }
            NbdFixture.await(() -> opened(nbd) == 101);
            assertThat(nbd.registry.get("lsmbd_nbd_connections").gauge().value())
                    .isLessThanOrEqualTo(21);
            assertThat(served.call(FLUSH, 0, 0, 0).error()).isZero();
            Thread closing = Thread.ofVirtual().start(nbd.server::close);
            for (int i = 0; i < 20; i++) {
                try (RawNbdClient late = nbd.connect()) {
                    late.send(clientFlags(3));
                } catch (IOException e) {
                    break; // no longer listening
                }
            }
            NbdFixture.await(() -> !closing.isAlive());
            for (RawNbdClient client : clients) {
                client.close();
            }
            served.close();
        }
    }

    private static double opened(NbdFixture nbd) {
        return nbd.registry.get("lsmbd_nbd_connections_total").counter().count();
    }

    /** nbdkit counted beyond 2^32 while it added up extents. */
    @Test
    @Proves({"CVE-2025-47711", "status-length"})
    void cve202547711BlockStatusOfMaximumLength() throws IOException {
        ModelVolume huge = new ModelVolume("huge", 1L << 40);
        nbd.volumes.add(huge);
        try (RawNbdClient client = RawNbdClient.structured(nbd.address(), "huge")) {
            long start = (1L << 35) - 4096;
            client.call(1, 0, start + (1L << 31), 4096, new byte[4096]);
            for (long offset : new long[] {start, start + 1, (1L << 40) - 0xffff_ffffL}) {
                ByteBuffer data = client.call(BLOCK_STATUS, 0, offset, 0xffff_ffffL).buffer();
                data.getInt();
                long sum = 0;
                while (data.hasRemaining()) {
                    long length = Integer.toUnsignedLong(data.getInt());
                    assertThat(length).isPositive();
                    data.getInt();
                    sum += length;
                }
                assertThat(sum).isBetween(1L, 0xffff_ffffL);
            }
        }
    }

    /** nbdkit rounded such a request up to blocks, and then had an empty one. */
    @Test
    @Proves("CVE-2025-47712")
    void cve202547712UnalignedRequestsOfMaximumLength() throws IOException {
        ModelVolume huge = new ModelVolume("huge", 1L << 40);
        nbd.volumes.add(huge);
        try (RawNbdClient client = RawNbdClient.structured(nbd.address(), "huge")) {
            for (long offset : new long[] {1, 511, 513}) {
                for (int command : new int[] {4, 5, 6, BLOCK_STATUS}) {
                    assertThat(client.call(command, 0, offset, 0xffff_ffffL).error()).isZero();
                }
            }
            assertThat(client.call(FLUSH, 0, 0, 0).error()).isZero();
        }
    }

    @Test
    void connectionsAreServedAgainAfterAFlood() throws IOException {
        NbdServerConfig small =
                NbdFixture.config(TransmissionLimits.STANDARD, 5, Duration.ofMinutes(1));
        try (NbdFixture nbd = new NbdFixture(small)) {
            for (int i = 0; i < 200; i++) {
                nbd.connect().close();
            }
            var accepted = nbd.registry.get("lsmbd_nbd_connections_total").counter();
            NbdFixture.await(() -> accepted.count() == 200);
            nbd.awaitConnections(0);
            try (RawNbdClient good = nbd.simple()) {
                assertThat(good.call(FLUSH, 0, 0, 0).error()).isZero();
            }
        }
    }
}
