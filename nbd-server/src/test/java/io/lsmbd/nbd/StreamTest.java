package io.lsmbd.nbd;

import static io.lsmbd.nbd.wire.NbdConstants.CHUNK_HEADER_LENGTH;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_GO;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_INFO;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_SET_META_CONTEXT;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_STRUCTURED_REPLY;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_FLAG_DONE;
import static io.lsmbd.nbd.wire.NbdConstants.STRUCTURED_REPLY_MAGIC;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.model.DataSize;
import io.lsmbd.nbd.transmission.TransmissionLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Many requests in one stream, however it is cut, and clients that do not keep up. */
class StreamTest {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int DISC = 2;
    private static final int FLUSH = 3;
    private static final int WRITE_ZEROES = 6;

    /** A whole session, from the client flags to DISC; each cookie is its request's number. */
    private static byte[] session(Random random, int requests) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(RawNbdClient.clientFlags(3));
        bytes.writeBytes(RawNbdClient.option(99, new byte[random.nextInt(2000)]));
        bytes.writeBytes(RawNbdClient.option(OPT_STRUCTURED_REPLY));
        bytes.writeBytes(RawNbdClient.option(OPT_INFO, RawNbdClient.goData("nosuch")));
        bytes.writeBytes(
                RawNbdClient.option(
                        OPT_SET_META_CONTEXT,
                        RawNbdClient.metaContextData("disk", "base:allocation")));
        bytes.writeBytes(RawNbdClient.option(OPT_GO, RawNbdClient.goData("disk", 1, 2)));
        for (int cookie = 0; cookie < requests; cookie++) {
            int sectors = random.nextInt(8) == 0 ? 1 + random.nextInt(400) : random.nextInt(9);
            int length = sectors * 512;
            long offset = random.nextInt(2000) * 512L;
            int flags = random.nextInt(3) / 2;
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> {
                    bytes.writeBytes(RawNbdClient.request(WRITE, flags, cookie, offset, length));
                    byte[] payload = new byte[length];
                    random.nextBytes(payload);
                    bytes.writeBytes(payload);
                }
                case 3, 4, 5 ->
                        bytes.writeBytes(RawNbdClient.request(READ, 0, cookie, offset, length));
                case 6 ->
                        bytes.writeBytes(
                                RawNbdClient.request(WRITE_ZEROES, flags, cookie, offset, length));
                default -> {
                    // Refused: the payload is to be skipped.
                    bytes.writeBytes(RawNbdClient.request(WRITE, 0, cookie, -1, length));
                    bytes.writeBytes(new byte[length]);
                }
            }
        }
        bytes.writeBytes(RawNbdClient.request(DISC, 0, 0, 0, 0));
        return bytes.toByteArray();
    }

    /** Sends in pieces of at most that size; returns all answers and what the volume then holds. */
    private static byte[][] play(byte[] session, Random random, int maxPiece) throws IOException {
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient client = nbd.connect()) {
            Thread sender =
                    Thread.ofVirtual()
                            .start(() -> {
                                int at = 0;
                                while (at < session.length) {
                                    int end = at + 1 + random.nextInt(maxPiece);
                                    end = Math.min(end, session.length);
                                    send(client, Arrays.copyOfRange(session, at, end));
                                    at = end;
                                }
                            });
            byte[] answers = inOrderOfRequests(client.readToEnd());
            NbdFixture.await(() -> !sender.isAlive());
            return new byte[][] {answers, nbd.disk.contents(0, 2 << 20)};
        }
    }

    /** Which replies come first depends on what arrived together. */
    private static byte[] inOrderOfRequests(byte[] answers) {
        ByteBuffer in = ByteBuffer.wrap(answers);
        while (in.getInt(in.position()) != STRUCTURED_REPLY_MAGIC) {
            in.get();
        }
        int handshake = in.position();
        TreeMap<Long, ByteArrayOutputStream> replies = new TreeMap<>();
        Set<Long> done = new HashSet<>();
        while (in.hasRemaining()) {
            byte[] chunk = new byte[CHUNK_HEADER_LENGTH + in.getInt(in.position() + 16)];
            boolean isLast = (in.getShort(in.position() + 4) & REPLY_FLAG_DONE) != 0;
            long cookie = in.getLong(in.position() + 8);
            in.get(chunk);
            assertThat(done).as("replies that were complete").doesNotContain(cookie);
            replies.computeIfAbsent(cookie, _ -> new ByteArrayOutputStream()).writeBytes(chunk);
            if (isLast) {
                done.add(cookie);
            }
        }
        assertThat(done).isEqualTo(replies.keySet());
        ByteArrayOutputStream sorted = new ByteArrayOutputStream();
        sorted.write(answers, 0, handshake);
        replies.values().forEach(reply -> sorted.writeBytes(reply.toByteArray()));
        return sorted.toByteArray();
    }

    private static void send(RawNbdClient client, byte[] bytes) {
        try {
            client.send(bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Proves("payload-of-write")
    void aSessionByteByByteGivesTheSameAnswers() throws IOException {
        byte[] session = session(new Random(7), 40);
        byte[][] whole = play(session, new Random(7), Integer.MAX_VALUE >> 8);
        byte[][] bytewise = play(session, new Random(7), 1);
        assertThat(bytewise[0]).isEqualTo(whole[0]);
        assertThat(bytewise[1]).isEqualTo(whole[1]);
    }

    @Test
    @Proves("done-last")
    void aSessionInRandomPiecesGivesTheSameAnswers() throws IOException {
        for (int seed = 0; seed < 8; seed++) {
            byte[] session = session(new Random(seed), 600);
            byte[][] whole = play(session, new Random(seed), session.length);
            for (int maxPiece : new int[] {40, 700, 5_000, 70_000, 600_000}) {
                byte[][] pieces = play(session, new Random(seed), maxPiece);
                assertThat(Arrays.equals(pieces[0], whole[0])).as("seed %d", seed).isTrue();
                assertThat(Arrays.equals(pieces[1], whole[1])).as("seed %d", seed).isTrue();
            }
        }
    }

    @Test
    void pipelinedWritesLandWhereTheyBelongInTheOrderOfTheirSending() throws IOException {
        Random random = new Random(11);
        int space = 1 << 20;
        byte[] expected = new byte[space];
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int count = 2000;
        for (int i = 0; i < count; i++) {
            int most = i % 50 == 0 ? 700 : 32;
            byte[] payload = new byte[512 * (1 + random.nextInt(most))];
            random.nextBytes(payload);
            int offset = 512 * random.nextInt((space - payload.length) / 512 + 1);
            bytes.writeBytes(RawNbdClient.request(WRITE, 0, i, offset, payload.length));
            bytes.writeBytes(payload);
            System.arraycopy(payload, 0, expected, offset, payload.length);
        }
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient client = nbd.simple()) {
            Thread sender = Thread.ofVirtual().start(() -> send(client, bytes.toByteArray()));
            BitSet answered = new BitSet(count);
            for (int i = 0; i < count; i++) {
                RawNbdClient.Reply reply = client.readReply();
                assertThat(reply.error()).isZero();
                answered.set((int) reply.cookie());
            }
            assertThat(answered.cardinality()).isEqualTo(count);
            NbdFixture.await(() -> !sender.isAlive());
            assertThat(Arrays.equals(nbd.disk.contents(0, space), expected)).isTrue();
            assertThat(nbd.disk.batches()).anyMatch(size -> size > 1);
        }
    }

    @Test
    @Proves("same-cookie")
    void thousandsOfPipelinedRequestsAreAllAnsweredOnce() throws IOException {
        int count = 20_000;
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient client = nbd.structured()) {
            Thread sender =
                    Thread.ofVirtual()
                            .start(() -> {
                                for (int i = 0; i < count; i++) {
                                    send(client, mixedRequest(i));
                                }
                            });
            BitSet answered = new BitSet(count);
            for (int i = 0; i < count; i++) {
                RawNbdClient.Reply reply = client.readReply();
                assertThat(reply.error()).isZero();
                assertThat(answered.get((int) reply.cookie())).isFalse();
                answered.set((int) reply.cookie());
            }
            assertThat(answered.cardinality()).isEqualTo(count);
            NbdFixture.await(() -> !sender.isAlive());
            assertThat(client.call(FLUSH, 0, 0, 0).error()).isZero();
        }
    }

    /** Of those that wait and those that do not. */
    private static byte[] mixedRequest(int cookie) {
        int command = new int[] {0, 1, 3, 4, 5, 6, 7}[cookie % 7];
        long offset = (cookie * 1031L) % (NbdFixture.SIZE / 2);
        byte[] request = RawNbdClient.request(command, cookie & 1, cookie, offset, 100);
        return command == WRITE ? Arrays.copyOf(request, request.length + 100) : request;
    }

    @Test
    @Proves("slow-reader")
    void aClientThatDoesNotReadIsNotReadFromAndCostsLittle() throws IOException {
        int count = 600;
        int length = 256 << 10;
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient other = nbd.simple();
                RawNbdClient client = RawNbdClient.connectNarrow(nbd.address())) {
            other.call(WRITE, 0, 0, 512, filled(512));
            client.readGreeting();
            client.send(RawNbdClient.clientFlags(3));
            client.go("disk");
            BufferLedger.startMeasuring();
            for (int i = 0; i < count; i++) {
                client.send(RawNbdClient.request(READ, 0, i, 0, length));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(other.call(FLUSH, 0, 0, 0).error()).isZero();
            }
            for (int i = 0; i < count; i++) {
                assertThat(client.readReply().cookie()).isEqualTo(i);
                assertThat(client.readBytes(length)[0]).isEqualTo((byte) 5);
            }
            assertThat(BufferLedger.peakBytes()).isLessThan(8 << 20);
        }
    }

    @Test
    void requestsInFlightAreBoundedInNumberAndBytes() throws IOException {
        TransmissionLimits limits =
                TransmissionLimits.STANDARD.perConnection(10, DataSize.ofMebibytes(1));
        NbdServerConfig config = NbdFixture.config(limits, 10, Duration.ofMinutes(1));
        try (NbdFixture nbd = new NbdFixture(config);
                RawNbdClient many = nbd.simple();
                RawNbdClient large = nbd.simple()) {
            nbd.disk.hold();
            for (int i = 0; i < 500; i++) {
                many.send(RawNbdClient.request(READ, 0, i, 0, 512));
            }
            nbd.disk.awaitHeld(10);
            for (int i = 0; i < 50; i++) {
                large.send(RawNbdClient.request(READ, 0, i, 0, 300 << 10));
            }
            nbd.disk.awaitHeld(13);
            nbd.disk.release();
            for (int i = 0; i < 500; i++) {
                assertThat(many.readReply().error()).isZero();
                many.readBytes(512);
            }
            for (int i = 0; i < 50; i++) {
                assertThat(large.readReply().error()).isZero();
                large.readBytes(300 << 10);
            }
            assertThat(nbd.disk.mostHeld()).isEqualTo(13);
        }
    }

    @Test
    @Proves("memory-announced")
    void announcedPayloadCostsNothingUntilItArrives() throws IOException {
        try (NbdFixture nbd = new NbdFixture()) {
            BufferLedger.startMeasuring();
            RawNbdClient[] clients = new RawNbdClient[20];
            for (int i = 0; i < clients.length; i++) {
                clients[i] = nbd.simple();
                clients[i].send(RawNbdClient.request(WRITE, 0, 1, 0, 32 << 20));
                clients[i].send(new byte[1]);
            }
            assertThat(BufferLedger.peakBytes()).isLessThan(20L * (64 << 10));
            for (RawNbdClient client : clients) {
                client.close();
            }
            nbd.awaitConnections(0);
        }
    }

    private static byte[] filled(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 5);
        return bytes;
    }
}
