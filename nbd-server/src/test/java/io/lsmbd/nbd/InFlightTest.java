package io.lsmbd.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.model.DataSize;
import io.lsmbd.nbd.transmission.StallLimits;
import io.lsmbd.nbd.transmission.TransmissionLimits;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What all connections together may have in flight, and clients that stand still. */
class InFlightTest {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int MIB = 1 << 20;
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofMinutes(10);

    private static NbdFixture serving(TransmissionLimits limits) throws IOException {
        return new FixtureConfig().transmission(limits).start();
    }

    /** So little that no two large requests fit. */
    private static NbdFixture narrow() throws IOException {
        return serving(TransmissionLimits.STANDARD.inAll(64, DataSize.ofMebibytes(1)));
    }

    private static double taken(NbdFixture nbd) {
        return nbd.registry.get("lsmbd_nbd_room_taken_bytes").gauge().value();
    }

    private static double stalled(NbdFixture nbd, String reason) {
        return nbd.counter("lsmbd_nbd_stalled_connections_total", reason);
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    /** By a thread of its own: the server may not read it. */
    private static Thread sendLater(RawNbdClient client, byte[]... parts) {
        return Thread.ofVirtual()
                .start(() -> {
                    try {
                        for (byte[] part : parts) {
                            client.send(part);
                        }
                    } catch (IOException _) {
                        // Closed by the server or at the end of the test.
                    }
                });
    }

    @Test
    void payloadsThatTogetherAreTooMuchAllArrive() throws IOException {
        int length = 4 * MIB;
        List<RawNbdClient> clients = new ArrayList<>();
        try (NbdFixture nbd = narrow()) {
            for (int i = 0; i < 8; i++) {
                RawNbdClient client = nbd.simple();
                clients.add(client);
                byte[] header = RawNbdClient.request(WRITE, 0, i, (long) i * length, length);
                sendLater(client, header, filled(length, i + 1));
            }
            for (int i = 0; i < 8; i++) {
                assertThat(clients.get(i).readReply().error()).isZero();
                byte[] contents = nbd.disk.contents((long) i * length, length);
                assertThat(Arrays.equals(contents, filled(length, i + 1))).isTrue();
            }
            for (RawNbdClient client : clients) {
                client.close();
            }
            NbdFixture.await(() -> taken(nbd) == 0);
        }
    }

    @Test
    void repliesThatTogetherAreTooMuchAllLeave() throws IOException {
        int length = 3 * MIB;
        try (NbdFixture nbd = narrow();
                RawNbdClient one = nbd.simple();
                RawNbdClient two = nbd.simple()) {
            for (int i = 0; i < 20; i++) {
                one.send(RawNbdClient.request(READ, 0, i, 0, length));
                two.send(RawNbdClient.request(READ, 0, i, 0, length));
            }
            Thread other = Thread.ofVirtual().start(() -> readAll(two, 20, length));
            readAll(one, 20, length);
            NbdFixture.await(() -> !other.isAlive());
            NbdFixture.await(() -> taken(nbd) < MIB);
        }
    }

    private static void readAll(RawNbdClient client, int count, int length) {
        try {
            for (int i = 0; i < count; i++) {
                assertThat(client.readReply().error()).isZero();
                client.readBytes(length);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoStandsStillKeepsNobodyElseWaiting() throws IOException {
        int length = 32 * MIB;
        List<RawNbdClient> still = new ArrayList<>();
        try (NbdFixture nbd = narrow();
                RawNbdClient good = nbd.simple()) {
            for (int i = 0; i < 5; i++) {
                RawNbdClient writer = nbd.simple();
                RawNbdClient reader = slowReader(nbd);
                still.addAll(List.of(writer, reader));
                byte[] header = RawNbdClient.request(WRITE, 0, 1, 0, length);
                sendLater(writer, header, new byte[length / 2]);
                sendLater(reader, RawNbdClient.request(READ, 0, 1, 0, length));
            }
            NbdFixture.await(() -> taken(nbd) > 2 * MIB);
            for (int i = 0; i < 200; i++) {
                assertThat(good.call(WRITE, 0, 0, 4096, filled(4096, i)).error()).isZero();
                assertThat(good.call(READ, 0, 0, 4096).error()).isZero();
                assertThat(good.readBytes(4096)[0]).isEqualTo((byte) i);
            }
            for (RawNbdClient client : still) {
                client.close();
            }
        }
    }

    private static RawNbdClient slowReader(NbdFixture nbd) throws IOException {
        RawNbdClient reader = RawNbdClient.connectNarrow(nbd.address());
        reader.readGreeting();
        reader.send(RawNbdClient.clientFlags(3));
        reader.go("disk");
        return reader;
    }

    /** Reads that are answered at once are in flight for no time; their replies are. */
    @Test
    void repliesThatNobodyReadsStayWithinTheBoundsAndLeaveRoom() throws IOException {
        int length = MIB / 2;
        int limit = 8 * MIB;
        List<RawNbdClient> still = new ArrayList<>();
        try (NbdFixture nbd =
                        serving(TransmissionLimits.STANDARD.inAll(4096, new DataSize(limit)));
                RawNbdClient good = nbd.simple()) {
            for (int i = 0; i < 12; i++) {
                RawNbdClient reader = slowReader(nbd);
                still.add(reader);
                for (int j = 0; j < 64; j++) {
                    reader.send(RawNbdClient.request(READ, 0, j, 0, length));
                }
            }
            NbdFixture.await(() -> taken(nbd) > limit / 2.0);
            for (int i = 0; i < 200; i++) {
                assertThat(good.call(READ, 0, 0, 4096).error()).isZero();
                good.readBytes(4096);
                // One request may come on top.
                assertThat(taken(nbd)).isLessThan(limit + MIB);
            }
            for (RawNbdClient client : still) {
                client.close();
            }
        }
    }

    @Test
    void whoDoesNotSendTheRestOfAPayloadIsClosed() throws IOException {
        var limits = TransmissionLimits.STANDARD.stalls(new StallLimits(SHORT, LONG));
        try (NbdFixture nbd = serving(limits);
                RawNbdClient idle = nbd.simple();
                RawNbdClient stopped = nbd.simple();
                RawNbdClient refused = nbd.simple()) {
            stopped.send(RawNbdClient.request(WRITE, 0, 1, 0, MIB));
            stopped.send(new byte[10]);
            refused.send(RawNbdClient.request(WRITE, 0, 1, -1, MIB));
            refused.send(new byte[10]);
            nbd.awaitConnections(1);
            assertThat(stalled(nbd, "payload")).isEqualTo(2);
            assertThat(stalled(nbd, "replies")).isZero();
            assertThat(idle.call(READ, 0, 0, 512).error()).isZero();
            NbdFixture.await(() -> taken(nbd) < MIB);
        }
    }

    @Test
    void whoDoesNotReadItsRepliesIsClosed() throws IOException {
        var limits = TransmissionLimits.STANDARD.stalls(new StallLimits(LONG, SHORT));
        try (NbdFixture nbd = serving(limits);
                RawNbdClient reader = RawNbdClient.connectNarrow(nbd.address())) {
            reader.readGreeting();
            reader.send(RawNbdClient.clientFlags(3));
            reader.go("disk");
            for (int i = 0; i < 64; i++) {
                reader.send(RawNbdClient.request(READ, 0, i, 0, MIB));
            }
            nbd.awaitConnections(0);
            assertThat(stalled(nbd, "replies")).isEqualTo(1);
            assertThat(stalled(nbd, "payload")).isZero();
            NbdFixture.await(() -> taken(nbd) == 0);
        }
    }

    @Test
    void requestsThatOutliveTheirConnectionKeepTheirRoom() throws IOException {
        try (NbdFixture nbd = serving(TransmissionLimits.STANDARD)) {
            nbd.disk.hold();
            RawNbdClient client = nbd.simple();
            for (int i = 0; i < 4; i++) {
                client.send(RawNbdClient.request(READ, 0, i, 0, MIB));
            }
            nbd.disk.awaitHeld(4);
            client.reset();
            nbd.awaitConnections(0);
            assertThat(taken(nbd)).isEqualTo(4 * MIB);
            nbd.disk.release();
            NbdFixture.await(() -> taken(nbd) == 0);
        }
    }

    /** The client reads none of them: what waits for it must not hold more than it says. */
    @Test
    void shortRepliesToLongReadsOfHolesHoldLittleMemory() throws IOException {
        int reads = 40;
        try (NbdFixture nbd = new FixtureConfig().start();
                RawNbdClient client = nbd.structured()) {
            client.call(WRITE, 0, 0, 8192, filled(8192, 1));
            for (int i = 0; i < reads; i++) {
                client.send(RawNbdClient.request(READ, 0, i, 0, 8 * MIB));
            }
            NbdFixture.await(() -> answered(nbd) == reads);
            assertThat(BufferLedger.bytes()).isLessThan(2 * MIB);
        }
    }

    private static double answered(NbdFixture nbd) {
        return nbd.registry.get("lsmbd_nbd_requests_total").tag("op", "read").counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }
}
