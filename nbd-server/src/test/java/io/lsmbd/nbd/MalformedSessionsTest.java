package io.lsmbd.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.lsmbd.model.DataSize;
import io.lsmbd.nbd.handshake.HandshakeLimits;
import io.lsmbd.testkit.ModelVolume;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Many clients that keep to the protocol badly or not at all, against servers with and without TLS:
 * everything they are answered is protocol, no connection hangs, no buffer stays behind, no stack
 * trace gets into the log, and a client that behaves notices nothing. A failure tells the seed of
 * the session: {@code ./dev fuzz -Dfuzz.seed=N -Dfuzz.runs=1} repeats it.
 */
@Tag("fuzz")
class MalformedSessionsTest {
    private static final int CLIENTS = 4;
    private static final int BATCH = 500;
    private static final int PATIENCE_SECONDS = 60;

    /** What is certain to be seen in so many sessions; a fuzzer that meets less has gone blind. */
    private static final int ENOUGH_TO_SEE_ALL = 5_000;

    private static final String[] TO_BE_SEEN = {
        "option reply 00000001",
        "option reply 00000002",
        "option reply 00000003",
        "option reply 00000004",
        "option reply 80000001",
        "option reply 80000003",
        "option reply 80000006",
        "option reply 80000009",
        "export name",
        "chunk 0000",
        "chunk 0001",
        "chunk 0002",
        "chunk 0005",
        "chunk 0006",
        "chunk 8001",
        "error 0",
        "error 1",
        "error 22",
        "error 28"
    };

    private final long runs = Long.getLong("fuzz.runs", ENOUGH_TO_SEE_ALL);
    private final long firstSeed = Long.getLong("fuzz.seed", new Random().nextInt() & 0x7fffffffL);
    private final AtomicLong next = new AtomicLong(firstSeed);
    private final Map<String, LongAdder> seen = new ConcurrentSkipListMap<>();
    private final LogWatch log = new LogWatch();

    @TempDir Path folder;

    /** Fails nothing by itself, since events come on any thread: keeps the first bad one. */
    private static final class LogWatch extends AppenderBase<ILoggingEvent> {
        private final AtomicReference<@Nullable String> trouble = new AtomicReference<>();

        @Override
        protected void append(ILoggingEvent event) {
            if (event.getThrowableProxy() != null
                    || event.getLevel().isGreaterOrEqual(Level.ERROR)) {
                trouble.compareAndSet(
                        null,
                        event.getFormattedMessage()
                                + ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
        }
    }

    private static Logger rootLogger() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    @BeforeEach
    void watchLog() {
        log.setContext(rootLogger().getLoggerContext());
        log.start();
        rootLogger().setLevel(Level.INFO);
        rootLogger().addAppender(log);
    }

    @AfterEach
    void unwatchLog() {
        rootLogger().detachAppender(log);
        rootLogger().setLevel(Level.WARN);
    }

    @Test
    void nothingThatClientsSendDoesHarm()
            throws ExecutionException, InterruptedException, IOException {
        Path plainSocket = folder.resolve("plain");
        Path tlsSocket = folder.resolve("tls");
        long start = System.nanoTime();
        try (NbdFixture plain = server().unixSocket(plainSocket).start();
                NbdFixture tls =
                        server().unixSocket(tlsSocket)
                                .tls(new TlsFixture(folder).offered().config())
                                .start();
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
                GoodClient good = new GoodClient(plain)) {
            addSlowVolume(plain);
            addSlowVolume(tls);
            for (long done = 0; done < runs; done += CLIENTS * BATCH) {
                long left = Math.min(runs - done, CLIENTS * BATCH);
                runSessions(clients, (int) left, plainSocket, tlsSocket);
                good.checkAll();
            }
            plain.awaitConnections(1);
            tls.awaitConnections(0);
        }
        report(System.nanoTime() - start);
        assertThat(log.trouble.get()).isNull();
        if (runs >= ENOUGH_TO_SEE_ALL) {
            assertThat(seen).containsKeys(TO_BE_SEEN);
        }
    }

    private static FixtureConfig server() {
        return new FixtureConfig()
                .handshake(
                        new HandshakeLimits(
                                FixtureConfig.LONG,
                                FixtureConfig.LONG,
                                new DataSize(12 << 10),
                                HandshakeLimits.STANDARD.options()));
    }

    private static void addSlowVolume(NbdFixture server) {
        ModelVolume slow = new ModelVolume("slow", NbdFixture.SIZE);
        slow.setWaiting(ModelVolume.Waiting.ALWAYS_NEEDED);
        server.volumes.add(slow);
    }

    private void runSessions(ExecutorService clients, int count, Path plain, Path tls)
            throws ExecutionException, InterruptedException {
        Future<?>[] batches = new Future<?>[CLIENTS];
        long end = next.get() + count;
        for (int i = 0; i < CLIENTS; i++) {
            Callable<@Nullable Void> batch =
                    () -> {
                        for (long seed; (seed = next.getAndIncrement()) < end; ) {
                            runNamed(seed, seed % 8 == 0 ? tls : plain);
                        }
                        return null;
                    };
            batches[i] = clients.submit(batch);
        }
        for (Future<?> batch : batches) {
            try {
                batch.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                throw new AssertionError("a session hangs, shortly before seed " + next.get(), e);
            }
        }
        next.set(end);
    }

    private void runNamed(long seed, Path socket) {
        try {
            byte[] received = run(MalformedSession.of(seed, NbdFixture.SIZE), socket);
            ReplyStream.check(received, NbdFixture.SIZE, this::count);
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
        if (log.trouble.get() != null) {
            throw new AssertionError("near seed " + seed + " the log says: " + log.trouble.get());
        }
    }

    private void count(String what) {
        seen.computeIfAbsent(what, _ -> new LongAdder()).increment();
    }

    /** Returns what the server sent, as far as it was read. */
    private static byte[] run(MalformedSession.Script script, Path socket) throws IOException {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            try {
                for (byte[] piece : script.pieces()) {
                    ByteBuffer bytes = ByteBuffer.wrap(piece);
                    while (bytes.hasRemaining()) {
                        client.write(bytes);
                    }
                }
                if (script.ending() == MalformedSession.Ending.READ_ALL) {
                    client.shutdownOutput();
                }
            } catch (IOException e) {
                // The server has had enough already; what it said before can still be read.
                assertThat(e.getMessage()).matches("Broken pipe|Connection reset.*");
            }
            return switch (script.ending()) {
                case READ_ALL -> readToEnd(client);
                case CLOSE -> readOnce(client);
                case CLOSE_UNREAD -> new byte[0];
            };
        }
    }

    private static byte[] readOnce(SocketChannel client) throws IOException {
        ByteBuffer some = ByteBuffer.allocate(64);
        client.read(some);
        return Arrays.copyOf(some.array(), some.position());
    }

    private static byte[] readToEnd(SocketChannel client) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer some = ByteBuffer.allocate(1 << 14);
        try {
            while (client.read(some.clear()) >= 0) {
                all.write(some.array(), 0, some.position());
            }
        } catch (IOException e) {
            assertThat(e.getMessage()).startsWith("Connection reset");
        }
        return all.toByteArray();
    }

    private void report(long nanos) {
        double seconds = nanos / 1e9;
        System.out.printf(
                "fuzz: %d malformed sessions from seed %d in %.1f s (%.0f/s); seen: %s%n",
                runs, firstSeed, seconds, runs / seconds, seen);
    }

    /** Writes and reads back on a volume that the others do not know. */
    private static final class GoodClient implements AutoCloseable {
        private static final int PIECE = 4096;
        private final RawNbdClient client;
        private byte round;

        GoodClient(NbdFixture server) throws IOException {
            server.volumes.add(new ModelVolume("kept", NbdFixture.SIZE));
            client = RawNbdClient.structured(server.address(), "kept");
        }

        void checkAll() throws IOException {
            round = (byte) (round % 100 + 1); // zeroes would come back as a hole
            byte[] content = new byte[PIECE];
            Arrays.fill(content, round);
            for (int i = 0; i < 16; i++) {
                long offset = (long) i * PIECE;
                assertThat(client.call(1, 0, offset, PIECE, content).error()).isZero();
                RawNbdClient.Reply reply = client.call(0, 4, offset, PIECE);
                byte[] read = Arrays.copyOfRange(reply.data(), Long.BYTES, PIECE + Long.BYTES);
                assertThat(read).isEqualTo(content);
            }
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }
}
