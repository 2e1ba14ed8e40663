package io.lsmbd.nbd;

import static io.lsmbd.nbd.RawNbdClient.clientFlags;
import static io.lsmbd.nbd.RawNbdClient.goData;
import static io.lsmbd.nbd.RawNbdClient.metaContextData;
import static io.lsmbd.nbd.RawNbdClient.option;
import static io.lsmbd.nbd.RawNbdClient.request;
import static io.lsmbd.nbd.wire.NbdConstants.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.nbd.RawNbdClient.OptionReply;
import io.lsmbd.nbd.handshake.HandshakeLimits;
import io.lsmbd.nbd.tls.TlsVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** STARTTLS and what comes before and after. NBD protocol, "TLS support". */
class TlsTest {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int DISC = 2;
    private static final int FLUSH = 3;
    private static final int BLOCK_STATUS = 7;
    private static final int EINVAL = 22;

    @TempDir private Path folder;
    private TlsFixture tls;

    @BeforeEach
    void makeFiles() {
        tls = new TlsFixture(folder);
    }

    private static RawNbdClient secured(NbdFixture nbd) throws IOException {
        RawNbdClient client = nbd.greeted();
        client.startTls(TlsFixture.ANONYMOUS);
        return client;
    }

    private static int type(RawNbdClient client, int option, byte... data) throws IOException {
        return client.options(option, data).getLast().type();
    }

    @Test
    @Proves({
        "NBD_OPT_STARTTLS",
        "NBD_REP_ERR_UNSUP",
        "NBD_REP_ERR_PLATFORM",
        "tls-mode",
        "notls-starttls",
        "notls-never-required"
    })
    void whereTlsIsOffItIsUnsupportedAndNeverRequired() throws IOException {
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient client = nbd.greeted()) {
            assertThat(type(client, OPT_STARTTLS)).isEqualTo(REP_ERR_UNSUP);
            assertThat(type(client, OPT_STARTTLS, (byte) 1)).isEqualTo(REP_ERR_UNSUP);
            assertThat(type(client, OPT_GO, goData("nothing"))).isEqualTo(REP_ERR_UNKNOWN);
            client.go("disk");
        }
    }

    @Test
    @Proves({"NBD_REP_ERR_TLS_REQD", "tls-mode", "forced-tls", "tls-required-after"})
    void whereTlsIsRequiredNothingButStartTlsAndAbortComesBefore() throws IOException {
        try (NbdFixture nbd = tls.start();
                RawNbdClient client = nbd.greeted()) {
            for (int code = 0; code < 20; code++) {
                if (code == OPT_EXPORT_NAME || code == OPT_ABORT || code == OPT_STARTTLS) {
                    continue;
                }
                for (byte[] data : List.of(new byte[0], goData("disk"), new byte[100_000])) {
                    assertThat(type(client, code, data)).isEqualTo(REP_ERR_TLS_REQD);
                }
            }
            client.startTls(TlsFixture.ANONYMOUS);
            assertThat(type(client, OPT_GO, goData("nothing"))).isEqualTo(REP_ERR_UNKNOWN);
            assertThat(type(client, 99)).isEqualTo(REP_ERR_UNSUP);
            client.go("disk");
            assertThat(client.call(FLUSH, 0, 0, 0).error()).isZero();
        }
    }

    @Test
    @Proves("forced-export-name")
    void whereTlsIsRequiredAnExportNameClosesWithoutAByteAndAbortIsAcknowledged()
            throws IOException {
        try (NbdFixture nbd = tls.start();
                RawNbdClient choosing = nbd.greeted();
                RawNbdClient leaving = nbd.greeted()) {
            choosing.send(option(OPT_EXPORT_NAME, "disk".getBytes(UTF_8)));
            assertThat(choosing.readToEnd()).isEmpty();
            assertThat(type(leaving, OPT_ABORT)).isEqualTo(REP_ACK);
            assertThat(leaving.readToEnd()).isEmpty();
        }
    }

    @Test
    @Proves({"NBD_REP_ERR_POLICY", "NBD_FLAG_C_FIXED_NEWSTYLE", "tls-needs-fixed"})
    void whereTlsIsRequiredClientsWithoutFixedNewstyleGetNowhere() throws IOException {
        try (NbdFixture nbd = tls.start();
                RawNbdClient client = nbd.connect()) {
            client.readGreeting();
            client.send(clientFlags(FLAG_NO_ZEROES));
            assertThat(type(client, OPT_STARTTLS)).isEqualTo(REP_ERR_POLICY);
            assertThat(type(client, OPT_LIST)).isEqualTo(REP_ERR_POLICY);
            assertThat(type(client, OPT_GO, goData("disk"))).isEqualTo(REP_ERR_POLICY);
            client.send(option(OPT_EXPORT_NAME, "disk".getBytes(UTF_8)));
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    @Proves({"NBD_FLAG_C_FIXED_NEWSTYLE", "tls-mode", "tls-needs-fixed"})
    void whereTlsIsOfferedItIsLeftToTheClient() throws IOException {
        try (NbdFixture nbd = tls.offered().start();
                RawNbdClient plain = nbd.simple();
                RawNbdClient secured = secured(nbd)) {
            secured.go("disk");
            assertThat(plain.call(WRITE, 0, 0, 4, (byte) 1, (byte) 2, (byte) 3, (byte) 4).error())
                    .isZero();
            assertThat(secured.call(READ, 0, 0, 4).error()).isZero();
            assertThat(secured.readBytes(4)).containsExactly(1, 2, 3, 4);
            try (RawNbdClient old = nbd.connect()) {
                old.readGreeting();
                old.send(clientFlags(0));
                assertThat(type(old, OPT_STARTTLS)).isEqualTo(REP_ERR_UNSUP);
                old.go("disk");
            }
        }
    }

    @Test
    @Proves({"starttls-acknowledged", "starttls-data"})
    void startTlsTakesNoDataAndWorksOnce() throws IOException {
        try (NbdFixture nbd = tls.start();
                RawNbdClient client = nbd.greeted()) {
            assertThat(type(client, OPT_STARTTLS, (byte) 0)).isEqualTo(REP_ERR_INVALID);
            assertThat(type(client, OPT_STARTTLS, new byte[100_000])).isEqualTo(REP_ERR_INVALID);
            client.startTls(TlsFixture.ANONYMOUS);
            assertThat(type(client, OPT_STARTTLS)).isEqualTo(REP_ERR_INVALID);
            assertThat(type(client, OPT_STARTTLS, (byte) 0)).isEqualTo(REP_ERR_INVALID);
            client.go("disk");
        }
    }

    /** CVE-2021-3716: nbdkit kept what had been agreed on in plain text. */
    @Test
    @Proves({"NBD_OPT_STARTTLS", "CVE-2021-3716", "structured-negotiated", "starttls-forgets"})
    void nothingThatWasAgreedOnBeforeTlsIsLeftAfterwards() throws IOException {
        try (NbdFixture nbd = tls.offered().start();
                RawNbdClient client = nbd.greeted()) {
            client.negotiateStructured("disk");
            client.startTls(TlsFixture.ANONYMOUS);
            assertThat(type(client, OPT_LIST_META_CONTEXT, metaContextData("disk")))
                    .isEqualTo(REP_ERR_INVALID);
            List<OptionReply> info = client.options(OPT_INFO, goData("disk"));
            assertThat(ByteBuffer.wrap(info.getFirst().data()).getShort(10) & FLAG_SEND_DF)
                    .isZero();
            client.go("disk");
            assertThat(client.call(BLOCK_STATUS, 0, 0, 512).error()).isEqualTo(EINVAL);
            assertThat(client.call(READ, 0, 0, 512).isSimple()).isTrue();
        }
    }

    /** The same with a context that is bound to the export, after structured replies anew. */
    @Test
    @Proves({"CVE-2021-3716", "starttls-forgets"})
    void contextsSelectedBeforeTlsAreNotSelectedAfterwards() throws IOException {
        try (NbdFixture nbd = tls.offered().start();
                RawNbdClient client = nbd.greeted()) {
            client.negotiateStructured("disk");
            client.startTls(TlsFixture.ANONYMOUS);
            assertThat(type(client, OPT_STRUCTURED_REPLY)).isEqualTo(REP_ACK);
            client.go("disk");
            assertThat(client.call(BLOCK_STATUS, 0, 0, 512).error()).isEqualTo(EINVAL);
        }
    }

    @Test
    @Proves("all-over-tls")
    void plainBytesBehindStartTlsCloseTheConnection() throws IOException {
        try (NbdFixture nbd = tls.offered().start()) {
            for (byte[] behind :
                    List.of(new byte[1], option(OPT_LIST), new byte[] {22, 3, 1}, new byte[1000])) {
                try (RawNbdClient client = nbd.greeted()) {
                    var bytes = new ByteArrayOutputStream();
                    bytes.writeBytes(option(OPT_STARTTLS));
                    bytes.writeBytes(behind);
                    client.send(bytes.toByteArray());
                    assertThat(client.readToEnd()).isEmpty();
                }
            }
            assertThat(nbd.handshakeFailures("tls")).isEqualTo(4);
        }
    }

    @Test
    @Proves("all-over-tls")
    void plainBytesAfterItsAcknowledgementAreNotOptions() throws IOException {
        try (NbdFixture nbd = tls.offered().start();
                RawNbdClient client = nbd.greeted()) {
            assertThat(type(client, OPT_STARTTLS)).isEqualTo(REP_ACK);
            client.send(option(OPT_LIST));
            assertThat(new String(client.readToEnd(), UTF_8)).doesNotContain("disk");
            NbdFixture.await(() -> nbd.handshakeFailures("tls") == 1);
        }
    }

    @Test
    void aClientThatIsSilentAfterStartTlsIsDropped() throws IOException {
        HandshakeLimits hasty =
                new HandshakeLimits(
                        FixtureConfig.LONG,
                        Duration.ofSeconds(1),
                        HandshakeLimits.LEAST_OPTION_DATA,
                        100);
        try (NbdFixture nbd = new FixtureConfig().tls(tls.config()).handshake(hasty).start();
                RawNbdClient client = nbd.greeted()) {
            assertThat(type(client, OPT_STARTTLS)).isEqualTo(REP_ACK);
            client.readToEnd();
            assertThat(nbd.handshakeFailures("idle")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    @Proves({"NBD_OPT_STARTTLS", "tls-versions"})
    void bothVersionsAreServed(String version) throws IOException {
        try (NbdFixture nbd = tls.start();
                RawNbdClient client = nbd.greeted()) {
            client.startTls(TlsFixture.ANONYMOUS, version);
            client.negotiateStructured("disk");
            client.go("disk");
            byte[] payload = new byte[3 << 20];
            new Random(1).nextBytes(payload);
            assertThat(client.call(WRITE, 1, 4096, payload.length, payload).error()).isZero();
            assertThat(nbd.disk.contents(4096, payload.length)).isEqualTo(payload);
            byte[] read = client.call(READ, 0, 4096, payload.length).data();
            assertThat(Arrays.copyOfRange(read, 8, read.length)).isEqualTo(payload);
        }
    }

    @Test
    @Proves("tls-handshake-fails")
    void aVersionThatIsNotWantedIsRefused() throws IOException {
        try (NbdFixture nbd = tls.only(TlsVersion.TLS_1_3).start();
                RawNbdClient client = nbd.greeted()) {
            assertThatThrownBy(() -> client.startTls(TlsFixture.ANONYMOUS, "TLSv1.2"))
                    .isInstanceOf(SSLException.class);
            NbdFixture.await(() -> nbd.handshakeFailures("tls") == 1);
        }
    }

    @Test
    void clientsCannotRenegotiate() throws IOException {
        try (NbdFixture nbd = tls.start();
                RawNbdClient client = nbd.greeted()) {
            assertThat(type(client, OPT_STARTTLS)).isEqualTo(REP_ACK);
            SSLSocket socket = client.beginTls(TlsFixture.ANONYMOUS, "TLSv1.2");
            socket.startHandshake();
            client.go("disk");
            assertThatThrownBy(
                            () -> {
                                socket.startHandshake();
                                client.call(FLUSH, 0, 0, 0);
                            })
                    .isInstanceOf(IOException.class);
        }
    }

    /** nbdkit 1.32 skipped the payload on the socket below. */
    @Test
    @Proves("out-of-step")
    void refusedWritesKeepTheStreamInStepOverTlsToo() throws IOException {
        try (NbdFixture nbd = tls.start();
                RawNbdClient client = secured(nbd)) {
            client.go("disk");
            for (int length : new int[] {512, 100_000, 1 << 20}) {
                assertThat(client.call(WRITE, 0, -1, length, new byte[length]).error())
                        .isPositive();
                assertThat(client.call(FLUSH, 0, 0, 0).error()).isZero();
            }
        }
    }

    @Test
    @Proves("same-cookie")
    void pipelinedRequestsInOneStreamAreAllAnswered() throws IOException {
        try (NbdFixture nbd = tls.start();
                RawNbdClient client = secured(nbd)) {
            client.go("disk");
            Random random = new Random(2);
            var bytes = new ByteArrayOutputStream();
            byte[] model = new byte[1 << 20];
            for (int cookie = 0; cookie < 500; cookie++) {
                byte[] payload = new byte[512 * (1 + random.nextInt(80))];
                random.nextBytes(payload);
                int at = random.nextInt((model.length - payload.length) / 512) * 512;
                System.arraycopy(payload, 0, model, at, payload.length);
                bytes.writeBytes(request(WRITE, 0, cookie, at, payload.length));
                bytes.writeBytes(payload);
            }
            byte[] all = bytes.toByteArray();
            Thread sender = Thread.ofVirtual().start(() -> sendInPieces(client, all, random));
            Set<Long> cookies = new TreeSet<>();
            for (int i = 0; i < 500; i++) {
                cookies.add(client.readReply().cookie());
            }
            assertThat(cookies).hasSize(500);
            assertThat(nbd.disk.contents(0, model.length)).isEqualTo(model);
            NbdFixture.await(() -> !sender.isAlive());
        }
    }

    private static void sendInPieces(RawNbdClient client, byte[] all, Random random) {
        try {
            for (int at = 0; at < all.length; ) {
                int end = Math.min(all.length, at + 1 + random.nextInt(40_000));
                client.send(Arrays.copyOfRange(all, at, end));
                at = end;
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Proves("writes-before-disc")
    void goodbyeOfTlsBehindDiscStillCarriesOutWhatWasSent() throws IOException {
        try (NbdFixture nbd = tls.start()) {
            nbd.disk.hold();
            try (RawNbdClient client = secured(nbd)) {
                client.go("disk");
                client.send(request(WRITE, 0, 1, 0, 4096));
                client.send(new byte[4096]);
                client.send(request(DISC, 0, 2, 0, 0));
                nbd.disk.awaitHeld(1);
            }
            nbd.disk.release();
            NbdFixture.await(() -> nbd.disk.writes() == 1);
            nbd.awaitConnections(0);
        }
    }

    @Test
    void goodbyeOfTlsWithoutDiscEndsTheConnection() throws IOException {
        try (NbdFixture nbd = tls.start();
                RawNbdClient client = secured(nbd)) {
            client.go("disk");
            client.shutdownOutput();
            nbd.awaitConnections(0);
        }
    }

    @Test
    void bytesThatDoNotDecryptEndTheirConnectionOnly() throws IOException {
        try (NbdFixture nbd = tls.start();
                RawNbdClient good = secured(nbd);
                RawNbdClient bad = nbd.greeted()) {
            good.go("disk");
            assertThat(type(bad, OPT_STARTTLS)).isEqualTo(REP_ACK);
            bad.startTlsThenSpoil(TlsFixture.ANONYMOUS);
            nbd.awaitConnections(1);
            assertThat(good.call(FLUSH, 0, 0, 0).error()).isZero();
        }
    }

    @Test
    void aUnixSocketIsGuardedByItsPermissions() throws IOException {
        Path socket = folder.resolve("s");
        try (NbdFixture nbd = new FixtureConfig().tls(tls.config()).unixSocket(socket).start()) {
            assertThat(UnixClients.replyTo(socket, option(OPT_GO, goData("disk"))))
                    .isEqualTo(REP_INFO);
            assertThat(UnixClients.replyTo(socket, option(OPT_STARTTLS))).isEqualTo(REP_ACK);
            nbd.awaitConnections(0);
        }
    }
}
