package io.lsmbd.nbd;

import static io.lsmbd.nbd.wire.NbdConstants.OPT_INFO;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_LIST;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ACK;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_SHUTDOWN;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_TOO_BIG;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_UNSUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.model.DataSize;
import io.lsmbd.nbd.handshake.HandshakeLimits;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client may take that has not chosen an export. */
class HandshakeLimitsTest {
    private static final int FLUSH = 3;
    private static final DataSize DATA = HandshakeLimits.LEAST_OPTION_DATA;

    private static NbdFixture with(Duration whole, Duration betweenOptions, int options)
            throws IOException {
        return new FixtureConfig()
                .handshake(new HandshakeLimits(whole, betweenOptions, DATA, options))
                .start();
    }

    private static void assertGood(NbdFixture nbd) throws IOException {
        try (RawNbdClient good = nbd.simple()) {
            assertThat(good.call(FLUSH, 0, 0, 0).error()).isZero();
        }
    }

    @Test
    @Proves("denial-of-service")
    void bytesThatTrickleInDoNotCountAsAnOption() throws IOException {
        try (NbdFixture nbd = with(FixtureConfig.LONG, Duration.ofSeconds(1), 10);
                RawNbdClient trickling = nbd.greeted()) {
            byte[] option = RawNbdClient.optionHeader(OPT_LIST, Integer.MAX_VALUE);
            trickling.send(option);
            assertThat(sendsUntilClosed(trickling)).isTrue();
            assertThat(nbd.handshakeFailures("idle")).isEqualTo(1);
            assertGood(nbd);
        }
    }

    /** A byte at a time, at the pace of the network. */
    private static boolean sendsUntilClosed(RawNbdClient client) throws IOException {
        for (long i = 0; i < 1_000_000_000L; i++) {
            try {
                client.send((byte) 0);
            } catch (SocketException e) {
                return true;
            }
        }
        return false;
    }

    @Test
    void optionsWithoutEndDoNotProlongTheWhole() throws IOException {
        try (NbdFixture nbd = with(Duration.ofSeconds(1), FixtureConfig.LONG, 1_000_000_000);
                RawNbdClient busy = nbd.greeted()) {
            List<RawNbdClient.OptionReply> replies = new ArrayList<>();
            try {
                while (true) {
                    replies = busy.options(99);
                    assertThat(replies.getFirst().type()).isEqualTo(REP_ERR_UNSUP);
                }
            } catch (IOException e) {
                assertThat(replies).isNotEmpty();
            }
            assertThat(nbd.handshakeFailures("timeout")).isEqualTo(1);
        }
    }

    @Test
    void aClientThatSendsNotEvenItsFlagsIsDropped() throws IOException {
        try (NbdFixture nbd = with(FixtureConfig.LONG, Duration.ofMillis(50), 10);
                RawNbdClient silent = nbd.connect()) {
            silent.readGreeting();
            assertThat(silent.readToEnd()).isEmpty();
            assertThat(nbd.handshakeFailures("idle")).isEqualTo(1);
        }
    }

    @Test
    @Proves("denial-of-service")
    void oneOptionTooManyEndsTheHandshake() throws IOException {
        try (NbdFixture nbd = with(FixtureConfig.LONG, FixtureConfig.LONG, 10);
                RawNbdClient client = nbd.greeted()) {
            for (int i = 0; i < 10; i++) {
                assertThat(client.options(99).getFirst().type()).isEqualTo(REP_ERR_UNSUP);
            }
            client.send(RawNbdClient.option(99));
            assertThat(client.readToEnd()).isEmpty();
            assertThat(nbd.handshakeFailures("too_many_options")).isEqualTo(1);
        }
    }

    @Test
    @Proves("option-skipped")
    void optionDataAboveTheLimitIsSkippedUnread() throws IOException {
        try (NbdFixture nbd = with(FixtureConfig.LONG, FixtureConfig.LONG, 10);
                RawNbdClient client = nbd.greeted()) {
            BufferLedger.startMeasuring();
            byte[] data = new byte[16 << 20];
            assertThat(client.options(OPT_INFO, data).getFirst().type()).isEqualTo(REP_ERR_TOO_BIG);
            assertThat(client.options(99, data).getFirst().type()).isEqualTo(REP_ERR_UNSUP);
            assertThat(BufferLedger.peakBytes()).isLessThan(256 << 10);
            client.go("disk");
        }
    }

    @Test
    @Proves("denial-of-service")
    void newcomersTakeThePlacesOfTheOldestThatHaveNotChosen() throws IOException {
        try (NbdFixture nbd =
                        new FixtureConfig().connections(new ConnectionLimits(100, 100, 3)).start();
                RawNbdClient chosen = nbd.simple();
                RawNbdClient oldest = nbd.greeted()) {
            List<RawNbdClient> silent = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                silent.add(nbd.connect());
                silent.getLast().readGreeting();
                assertGood(nbd);
            }
            assertThat(oldest.readToEnd()).isEmpty();
            assertThat(silent.getFirst().readToEnd()).isEmpty();
            NbdFixture.await(() -> nbd.registry.get("lsmbd_nbd_handshakes").gauge().value() == 2);
            assertThat(nbd.handshakeFailures("crowded_out")).isEqualTo(49);
            silent.getLast().send(RawNbdClient.clientFlags(3));
            silent.getLast().go("disk");
            assertThat(chosen.call(FLUSH, 0, 0, 0).error()).isZero();
            for (RawNbdClient client : silent) {
                client.close();
            }
        }
    }

    @Test
    void oneAddressDoesNotTakeAllConnections(@TempDir Path folder) throws IOException {
        Path socket = folder.resolve("s");
        try (NbdFixture nbd =
                        new FixtureConfig()
                                .unixSocket(socket)
                                .connections(new ConnectionLimits(10, 2, 10))
                                .start();
                RawNbdClient first = nbd.simple();
                RawNbdClient second = nbd.greeted()) {
            for (int i = 0; i < 20; i++) {
                try (RawNbdClient third = nbd.connect()) {
                    assertThat(third.readToEnd()).isEmpty();
                }
            }
            assertThat(nbd.counter("lsmbd_nbd_refused_connections_total", "address")).isEqualTo(20);
            UnixClients.assertGreeted(socket, 8);
            second.shutdownOutput();
            NbdFixture.await(() -> isServed(nbd));
            assertThat(first.call(FLUSH, 0, 0, 0).error()).isZero();
        }
    }

    private static boolean isServed(NbdFixture nbd) {
        try (RawNbdClient client = nbd.connect()) {
            client.readGreeting();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    @Proves({"NBD_REP_ERR_SHUTDOWN", "shutdown-options"})
    void optionsDuringTheServersEndAreToldSo() throws IOException {
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient busy = nbd.simple();
                RawNbdClient haggling = nbd.greeted();
                RawNbdClient leaving = nbd.greeted()) {
            nbd.disk.hold();
            busy.send(RawNbdClient.request(1, 0, 1, 0, 512));
            busy.send(new byte[512]);
            nbd.disk.awaitHeld(1);
            Thread closing = Thread.ofVirtual().start(nbd.server::close);
            int type = haggling.options(OPT_LIST).getLast().type();
            while (type == REP_ACK) {
                type = haggling.options(OPT_LIST).getLast().type();
            }
            assertThat(type).isEqualTo(REP_ERR_SHUTDOWN);
            assertThat(leaving.options(2).getLast().type()).isEqualTo(REP_ACK);
            assertThat(haggling.readToEnd()).isEmpty();
            nbd.disk.release();
            assertThat(busy.readReply().error()).isZero();
            NbdFixture.await(() -> !closing.isAlive());
        }
    }
}
