package io.lsmbd.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.model.DataSize;
import io.lsmbd.nbd.transmission.TransmissionLimits;
import io.lsmbd.testkit.ModelVolume;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How connections and the server begin and end. */
class LifecycleTest {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int DISC = 2;
    private static final int FLUSH = 3;

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Test
    @Proves({"NBD_CMD_DISC", "writes-before-disc", "disc-outstanding"})
    void discFinishesEverythingOutstandingThenCloses() throws IOException {
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient other = nbd.simple();
                RawNbdClient client = nbd.structured()) {
            nbd.disk.hold();
            for (int i = 0; i < 100; i++) {
                client.send(RawNbdClient.request(WRITE, i % 2, i, i * 4096L, 4096));
                client.send(filled(4096, i));
            }
            client.send(RawNbdClient.request(READ, 0, 100, 1 << 20, 4096));
            // Junk offset and length, as from old kernels; and bytes behind that mean nothing.
            client.send(RawNbdClient.request(DISC, 0, 101, -512, 0xffff_fe00L));
            nbd.disk.awaitHeld(101);
            client.send(filled(200_000, 200));
            client.shutdownOutput();
            for (int i = 0; i < 200; i++) {
                assertThat(other.call(FLUSH, 0, 0, 0).error()).isZero();
            }
            nbd.disk.release();
            Set<Long> cookies = new TreeSet<>();
            for (int i = 0; i < 101; i++) {
                RawNbdClient.Reply reply = client.readReply();
                assertThat(reply.error()).isZero();
                cookies.add(reply.cookie());
            }
            assertThat(cookies).hasSize(101);
            assertThat(client.readToEnd()).isEmpty();
            for (int i = 0; i < 100; i++) {
                assertThat(nbd.disk.contents(i * 4096L, 4096)).containsOnly(i);
            }
        }
    }

    @Test
    @Proves({"writes-before-disc", "disc-outstanding"})
    void writesSentBeforeDiscAreDoneEvenIfTheClientIsGoneAtOnce() throws IOException {
        try (NbdFixture nbd = new NbdFixture()) {
            nbd.disk.hold();
            try (RawNbdClient client = nbd.simple()) {
                client.send(RawNbdClient.request(WRITE, 0, 1, 0, 4096));
                client.send(filled(4096, 1));
                client.send(RawNbdClient.request(WRITE, 0, 2, 1024, 4096));
                client.send(filled(4096, 2));
                client.send(RawNbdClient.request(DISC, 0, 3, 0, 0));
                nbd.disk.awaitHeld(1);
            }
            nbd.disk.release();
            NbdFixture.await(() -> nbd.disk.writes() == 2);
            assertThat(nbd.disk.contents(1024, 4096)).containsOnly(2);
        }
    }

    @Test
    @Proves("zombie-write")
    void queuedWritesOfAResetConnectionAreDropped() throws IOException {
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient other = nbd.simple()) {
            nbd.disk.hold();
            RawNbdClient client = nbd.simple();
            client.send(RawNbdClient.request(WRITE, 0, 1, 0, 4096));
            client.send(filled(4096, 1));
            nbd.disk.awaitHeld(1);
            client.send(RawNbdClient.request(WRITE, 0, 2, 0, 4096));
            client.send(filled(4096, 2));
            NbdFixture.await(() -> waiting(nbd) == 2);
            client.reset();
            nbd.awaitConnections(1);
            nbd.disk.release();
            assertThat(other.call(WRITE, 0, 512, 512, filled(512, 3)).error()).isZero();
            assertThat(nbd.disk.contents(0, 512)).containsOnly(1);
            assertThat(nbd.disk.contents(512, 512)).containsOnly(3);
            assertThat(nbd.disk.writes()).isEqualTo(2);
        }
    }

    /** In an outage of the store it would go on waiting, and keep its room, for hours. */
    @Test
    void aReadIsWantedUntilItsConnectionIsGone() throws IOException {
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient other = nbd.simple()) {
            nbd.disk.hold();
            RawNbdClient client = nbd.simple();
            client.send(RawNbdClient.request(READ, 0, 1, 0, 512));
            nbd.disk.awaitHeld(1);
            client.reset();
            nbd.awaitConnections(1);
            nbd.disk.release();
            NbdFixture.await(() -> waiting(nbd) == 0);
            assertThat(nbd.disk.wasWanted()).isFalse();
            nbd.disk.hold();
            other.send(RawNbdClient.request(READ, 0, 2, 0, 512));
            nbd.disk.awaitHeld(1);
            nbd.disk.release();
            NbdFixture.await(() -> waiting(nbd) == 0);
            assertThat(nbd.disk.wasWanted()).isTrue();
        }
    }

    @Test
    @Proves("zombie-write")
    void aNewerWriteComesAfterAnOverlappingOneThatWaits() throws IOException {
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient first = nbd.simple();
                RawNbdClient second = nbd.simple()) {
            nbd.disk.hold();
            first.send(RawNbdClient.request(WRITE, 0, 1, 0, 8192));
            first.send(filled(8192, 1));
            nbd.disk.awaitHeld(1);
            first.reset();
            second.send(RawNbdClient.request(WRITE, 0, 2, 4096, 512));
            second.send(filled(512, 2));
            second.send(RawNbdClient.request(WRITE, 0, 3, 4096, 512));
            second.send(filled(512, 3));
            NbdFixture.await(() -> waiting(nbd) == 3);
            nbd.disk.release();
            assertThat(second.readReply().cookie()).isEqualTo(2);
            assertThat(second.readReply().cookie()).isEqualTo(3);
            assertThat(nbd.disk.contents(4096, 512)).containsOnly(3);
            assertThat(nbd.disk.contents(4608, 512)).containsOnly(1);
        }
    }

    @Test
    void alsoAWriteThatNeedNotWaitComesAfterAnOverlappingOneThatDoes() throws IOException {
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient first = nbd.simple();
                RawNbdClient second = nbd.simple()) {
            nbd.disk.holdUnaligned();
            first.send(RawNbdClient.request(WRITE, 0, 1, 100, 4096));
            first.send(filled(4096, 1));
            nbd.disk.awaitHeld(1);
            assertThat(second.call(WRITE, 0, 8192, 512, filled(512, 9)).error()).isZero();
            for (int command : new int[] {WRITE, 4, 6}) {
                second.send(RawNbdClient.request(command, 0, command, command * 512L, 512));
                second.send(filled(command == WRITE ? 512 : 0, 2));
            }
            NbdFixture.await(() -> waiting(nbd) == 4);
            nbd.disk.release();
            for (int i = 0; i < 3; i++) {
                assertThat(second.readReply().error()).isZero();
            }
            assertThat(nbd.disk.contents(512, 512)).containsOnly(2);
            assertThat(nbd.disk.contents(4 * 512, 512)).containsOnly(0);
            assertThat(nbd.disk.contents(5 * 512, 512)).containsOnly(1);
            assertThat(nbd.disk.contents(6 * 512, 512)).containsOnly(0);
        }
    }

    @Test
    @Proves("half-a-payload")
    void aClientThatLeavesInMidPayloadWritesNothing() throws IOException {
        try (NbdFixture nbd = new NbdFixture()) {
            for (int length : new int[] {4096, 32 << 20}) {
                try (RawNbdClient client = nbd.simple()) {
                    client.send(RawNbdClient.request(WRITE, 0, 1, 0, length));
                    client.send(filled(length - 1, 1));
                }
            }
            nbd.awaitConnections(0);
            assertThat(nbd.disk.writes()).isZero();
        }
    }

    @Test
    @Proves("half-close")
    void aClientThatSendsNoMoreGetsItsReplies() throws IOException {
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient other = nbd.simple();
                RawNbdClient client = nbd.structured()) {
            nbd.disk.hold();
            client.send(RawNbdClient.request(WRITE, 1, 0, 0, 4096));
            client.send(filled(4096, 1));
            client.send(RawNbdClient.request(READ, 0, 1, 1 << 20, 4096));
            client.send(RawNbdClient.request(FLUSH, 0, 2, 0, 0));
            // What has begun is finished; a write that has not would be dropped with its sender.
            nbd.disk.awaitHeld(2);
            client.shutdownOutput();
            assertThat(other.call(FLUSH, 0, 0, 0).error()).isZero();
            nbd.disk.release();
            Set<Long> cookies = new TreeSet<>();
            for (int i = 0; i < 3; i++) {
                RawNbdClient.Reply reply = client.readReply();
                assertThat(reply.error()).isZero();
                cookies.add(reply.cookie());
            }
            assertThat(cookies).containsExactly(0L, 1L, 2L);
            assertThat(client.readToEnd()).isEmpty();
            assertThat(nbd.disk.contents(0, 4096)).containsOnly(1);
        }
    }

    @Test
    @Proves("half-a-payload")
    void aClientThatSendsNoMoreInMidPayloadWritesNothing() throws IOException {
        try (NbdFixture nbd = new NbdFixture()) {
            for (int length : new int[] {4096, 32 << 20}) {
                try (RawNbdClient client = nbd.simple()) {
                    client.send(RawNbdClient.request(WRITE, 0, 1, 0, length));
                    client.send(filled(length - 1, 1));
                    client.shutdownOutput();
                    assertThat(client.readToEnd()).isEmpty();
                }
            }
            assertThat(nbd.disk.writes()).isZero();
        }
    }

    @Test
    void requestsBehindABoundAreDroppedWithTheirSender() throws IOException {
        TransmissionLimits limits =
                TransmissionLimits.STANDARD.perConnection(2, DataSize.ofMebibytes(64));
        NbdServerConfig config = NbdFixture.config(limits, 10, Duration.ofMinutes(1));
        try (NbdFixture nbd = new NbdFixture(config);
                RawNbdClient other = nbd.simple();
                RawNbdClient client = nbd.simple()) {
            nbd.disk.hold();
            for (int i = 0; i < 6; i++) {
                client.send(RawNbdClient.request(WRITE, 0, i, i * 512L, 512));
                client.send(filled(512, 1));
            }
            nbd.disk.awaitHeld(2);
            client.shutdownOutput();
            for (int i = 0; i < 100; i++) {
                assertThat(other.call(FLUSH, 0, 0, 0).error()).isZero();
            }
            nbd.disk.release();
            assertThat(client.readReply().error()).isZero();
            assertThat(client.readReply().error()).isZero();
            client.readToEnd();
            // Those that the server had not seen when their sender ended may be there or not.
            assertThat(other.call(WRITE, 0, 0, 512, filled(512, 9)).error()).isZero();
            assertThat(nbd.disk.contents(0, 512)).containsOnly(9);
        }
    }

    @Test
    @Proves("reset-with-reads")
    void aResetWithReadsOutstandingHarmsNobody() throws IOException {
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient other = nbd.simple()) {
            for (int length : new int[] {512, 100_000, 4 << 20}) {
                nbd.disk.hold();
                RawNbdClient client = nbd.structured();
                for (int i = 0; i < 10; i++) {
                    client.send(RawNbdClient.request(READ, 0, i, 0, length));
                }
                nbd.disk.awaitHeld(10);
                client.reset();
                nbd.awaitConnections(1);
                assertThat(other.call(FLUSH, 0, 0, 0).error()).isZero();
                nbd.disk.release();
                NbdFixture.await(() -> waiting(nbd) == 0);
            }
        }
    }

    @Test
    @Proves({"NBD_REQUEST_MAGIC", "request-magic"})
    void bytesThatAreNoRequestCloseTheirConnectionOnly() throws IOException {
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient good = nbd.simple();
                RawNbdClient bad = nbd.simple()) {
            bad.send(filled(28, 7));
            assertThat(bad.readToEnd()).isEmpty();
            assertThat(good.call(FLUSH, 0, 0, 0).error()).isZero();
        }
    }

    @Test
    void connectionsAboveTheCapAreClosedAndRoomIsFoundAgain() throws IOException {
        try (NbdFixture nbd =
                new NbdFixture(
                        NbdFixture.config(TransmissionLimits.STANDARD, 2, Duration.ofMinutes(1)))) {
            try (RawNbdClient first = nbd.simple();
                    RawNbdClient second = nbd.simple();
                    RawNbdClient third = nbd.connect()) {
                assertThat(third.readToEnd()).isEmpty();
                assertThat(first.call(FLUSH, 0, 0, 0).error()).isZero();
                assertThat(second.call(FLUSH, 0, 0, 0).error()).isZero();
            }
            nbd.awaitConnections(0);
            try (RawNbdClient next = nbd.simple()) {
                assertThat(next.call(FLUSH, 0, 0, 0).error()).isZero();
            }
        }
    }

    @Test
    void clientsThatLeaveDuringTheHandshakeAreForgotten() throws IOException {
        try (NbdFixture nbd = new NbdFixture()) {
            nbd.connect().close();
            nbd.greeted().close();
            nbd.awaitConnections(0);
        }
    }

    @Test
    void disconnectClosesTheVolumesConnectionsAndNoOther() throws IOException {
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient disk = nbd.simple();
                RawNbdClient fixed = RawNbdClient.simple(nbd.address(), "fixed")) {
            NbdFixture.await(() -> nbd.server.clients().equals(Map.of("disk", 1, "fixed", 1)));
            nbd.server.disconnect("disk");
            assertThat(disk.readToEnd()).isEmpty();
            NbdFixture.await(() -> nbd.server.clients().equals(Map.of("fixed", 1)));
            assertThat(fixed.call(FLUSH, 0, 0, 0).error()).isZero();
        }
    }

    @Test
    @Proves("in-flight-finished")
    void closingFinishesWhatIsInFlightAndBeginsNothingNew() throws IOException {
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient client = nbd.simple();
                RawNbdClient idle = nbd.simple();
                RawNbdClient haggling = nbd.greeted()) {
            nbd.disk.hold();
            client.send(RawNbdClient.request(WRITE, 0, 1, 0, 4096));
            client.send(filled(4096, 1));
            nbd.disk.awaitHeld(1);
            Thread closing = Thread.ofPlatform().start(nbd.server::close);
            assertThat(idle.readToEnd()).isEmpty();
            assertThat(haggling.readToEnd()).isEmpty();
            NbdFixture.await(() -> closing.getState() == Thread.State.TIMED_WAITING);
            // These are not begun. An error would end up with the client's user, where a client
            // that has no reply connects again and repeats the request.
            for (int i = 0; i < 200; i++) {
                client.send(RawNbdClient.request(FLUSH, 0, 2, 0, 0));
            }
            nbd.disk.release();
            List<RawNbdClient.Reply> replies = repliesToTheEnd(client);
            assertThat(replies).allMatch(reply -> reply.error() == 0);
            assertThat(replies).filteredOn(reply -> reply.cookie() == 1).hasSize(1);
            NbdFixture.await(() -> !closing.isAlive());
            assertThat(nbd.disk.contents(0, 4096)).containsOnly(1);
        }
    }

    /** The end may be a reset, if something was still on its way to the server. */
    private static List<RawNbdClient.Reply> repliesToTheEnd(RawNbdClient client) {
        List<RawNbdClient.Reply> replies = new ArrayList<>();
        try {
            while (true) {
                replies.add(client.readReply());
            }
        } catch (IOException end) {
            return replies;
        }
    }

    @Test
    void unixSocketsOfTheDeadAreReplacedAndOfTheLivingRespected(@TempDir Path folder)
            throws IOException {
        Path path = folder.resolve("nbd.sock");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        assertThat(path).exists();
        try (NbdServer server = startAt(path)) {
            assertThat(server.boundAddresses()).containsExactly(UnixDomainSocketAddress.of(path));
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                ByteBuffer magic = ByteBuffer.allocate(8);
                assertThat(client.read(magic)).isEqualTo(8);
                assertThat(magic.array()).asString().isEqualTo("NBDMAGIC");
            }
            assertThatThrownBy(() -> startAt(path)).hasMessageContaining("another process listens");
        }
        BufferLedger.assertEmpty();
        Files.deleteIfExists(path);
        Files.writeString(path, "precious");
        assertThatThrownBy(() -> startAt(path)).hasMessageContaining("not a socket");
        assertThat(path).hasContent("precious");
    }

    private static NbdServer startAt(Path path) throws IOException {
        return NbdServer.start(
                NbdServerConfig.listeningOn(List.of(), Optional.of(path)),
                ModelServer.catalog(List.of(new ModelVolume("disk", 4096))),
                new SystemEnvironment((_, _) -> {}),
                new SimpleMeterRegistry());
    }

    private static double waiting(NbdFixture nbd) {
        return nbd.registry.get("lsmbd_nbd_inflight_requests").gauge().value();
    }
}
