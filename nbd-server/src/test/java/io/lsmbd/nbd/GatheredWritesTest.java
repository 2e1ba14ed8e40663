package io.lsmbd.nbd;

import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_FUA;
import static io.lsmbd.nbd.wire.NbdConstants.SIMPLE_REPLY_MAGIC;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.model.DataSize;
import io.lsmbd.nbd.access.Access;
import io.lsmbd.nbd.handshake.NegotiatedExport;
import io.lsmbd.nbd.handshake.NegotiatedExport.ReplyStyle;
import io.lsmbd.nbd.limits.Complaints;
import io.lsmbd.nbd.limits.InFlightBudget;
import io.lsmbd.nbd.metrics.ConnectionMetrics;
import io.lsmbd.nbd.metrics.NbdMetrics;
import io.lsmbd.nbd.transmission.ReceiveBuffer;
import io.lsmbd.nbd.transmission.ServedVolume;
import io.lsmbd.nbd.transmission.TransmissionHandler;
import io.lsmbd.nbd.transmission.TransmissionLimits;
import io.lsmbd.nbd.transmission.Transmissions;
import io.lsmbd.testkit.ModelVolume;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** WRITEs that come in one read of the socket, which here is one message to the handler. */
class GatheredWritesTest {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int DISC = 2;
    private static final int FLUSH = 3;
    private static final int TRIM = 4;
    private static final int EIO = 5;
    private static final int ENOSPC = 28;
    private static final int SIZE = 4 << 20;

    private final ModelVolume disk = new ModelVolume("disk", SIZE);
    private final ByteArrayOutputStream toSend = new ByteArrayOutputStream();
    private EmbeddedChannel channel = serving(TransmissionLimits.STANDARD);

    private record Answer(long cookie, int error) {}

    private EmbeddedChannel serving(TransmissionLimits limits) {
        SystemEnvironment environment = new SystemEnvironment((_, _) -> {});
        NbdMetrics metrics = new NbdMetrics(new SimpleMeterRegistry());
        NegotiatedExport export =
                new NegotiatedExport(
                        disk,
                        Access.READ_WRITE,
                        ReplyStyle.SIMPLE,
                        List.of(),
                        NegotiatedExport.LENIENT);
        Transmissions server =
                new Transmissions(
                        limits,
                        new InFlightBudget(limits.inAll()),
                        metrics,
                        new ConnectionMetrics(new SimpleMeterRegistry()),
                        new Complaints(environment.nanoClock()),
                        environment);
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline()
                .addLast(
                        new TransmissionHandler(
                                export,
                                new ServedVolume(disk, metrics.volume("disk"), environment),
                                new ReceiveBuffer(),
                                channel.eventLoop(),
                                server));
        return channel;
    }

    @AfterEach
    void nothingLeaks() {
        channel.finishAndReleaseAll();
        BufferLedger.assertEmpty();
    }

    private void write(long cookie, int flags, long offset, byte[] payload) {
        toSend.writeBytes(RawNbdClient.request(WRITE, flags, cookie, offset, payload.length));
        toSend.writeBytes(payload);
    }

    private void request(int command, long cookie, long offset, int length) {
        toSend.writeBytes(RawNbdClient.request(command, 0, cookie, offset, length));
    }

    private void arrive() {
        channel.writeInbound(Unpooled.copiedBuffer(toSend.toByteArray()));
        toSend.reset();
    }

    private byte[] sent() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            byte[] some = new byte[out.readableBytes()];
            out.readBytes(some);
            bytes.writeBytes(some);
            out.release();
        }
        return bytes.toByteArray();
    }

    private List<Answer> answers() {
        ByteBuffer bytes = ByteBuffer.wrap(sent());
        List<Answer> answers = new ArrayList<>();
        while (bytes.hasRemaining()) {
            assertThat(bytes.getInt()).isEqualTo(SIMPLE_REPLY_MAGIC);
            int error = bytes.getInt();
            answers.add(new Answer(bytes.getLong(), error));
        }
        return answers;
    }

    private static List<Answer> allWith(int error, int count) {
        return LongStream.range(0, count).mapToObj(i -> new Answer(i, error)).toList();
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Test
    void goToTheVolumeInOnePiece() {
        for (int i = 0; i < 20; i++) {
            write(i, 0, i * 4096L, filled(4096, i + 1));
        }
        arrive();
        assertThat(answers()).isEqualTo(allWith(0, 20));
        assertThat(disk.batches()).containsExactly(20);
        for (int i = 0; i < 20; i++) {
            assertThat(disk.contents(i * 4096L, 4096)).containsOnly(i + 1);
        }
    }

    @Test
    void goInSeveralPiecesBeyondTheBounds() {
        for (int i = 0; i < 100; i++) {
            write(i, 0, i * 512L, filled(512, 1));
        }
        arrive();
        assertThat(answers()).isEqualTo(allWith(0, 100));
        assertThat(disk.batches()).containsExactly(64, 36);
        for (int i = 0; i < 10; i++) {
            write(i, 0, i * 300_032L, filled(300_032, i));
        }
        arrive();
        assertThat(answers()).isEqualTo(allWith(0, 10));
        assertThat(disk.writes()).isEqualTo(110);
    }

    @Test
    void keepTheirOrderWhereTheyOverlap() {
        Random random = new Random(3);
        byte[] expected = new byte[SIZE];
        for (int round = 0; round < 50; round++) {
            int count = 1 + random.nextInt(150);
            for (int i = 0; i < count; i++) {
                byte[] payload = new byte[512 * (1 + random.nextInt(9))];
                random.nextBytes(payload);
                int offset = 512 * random.nextInt(64);
                write(i, 0, offset, payload);
                System.arraycopy(payload, 0, expected, offset, payload.length);
            }
            arrive();
            assertThat(answers()).isEqualTo(allWith(0, count));
            assertThat(disk.contents(0, SIZE)).isEqualTo(expected);
        }
    }

    @Test
    void comeBeforeAnyOtherRequestBehindThem() {
        write(0, 0, 0, filled(512, 7));
        write(1, 0, 512, filled(512, 8));
        request(READ, 2, 0, 1024);
        write(3, 0, 0, filled(512, 9));
        request(TRIM, 4, 0, 512);
        write(5, 0, 1024, filled(512, 6));
        request(FLUSH, 6, 0, 0);
        arrive();
        ByteBuffer bytes = ByteBuffer.wrap(sent());
        assertThat(bytes.getLong(8)).isZero();
        assertThat(bytes.getLong(24)).isEqualTo(1);
        assertThat(bytes.getLong(40)).isEqualTo(2);
        assertThat(bytes.get(48)).isEqualTo((byte) 7);
        assertThat(bytes.get(48 + 512)).isEqualTo((byte) 8);
        assertThat(disk.batches()).containsExactly(2, 1, 1);
        assertThat(disk.contents(0, 512)).containsOnly(0);
    }

    @Test
    @Proves("fua-persisted")
    void shareOneSyncWithFua() {
        for (int i = 0; i < 10; i++) {
            write(i, i % 2 == 0 ? 0 : CMD_FLAG_FUA, i * 512L, filled(512, 1));
        }
        arrive();
        assertThat(answers()).containsExactlyInAnyOrderElementsOf(allWith(0, 10));
        assertThat(disk.flushes()).isEqualTo(1);
    }

    @Test
    @Proves("write-done")
    void allGetTheErrorOfTheirAppend() {
        disk.failWith(new CorruptDataException("segments/7", 4096, "wrong checksum"));
        assertAllFail();
        disk.failWith(null);
        disk.throwFromEverything(new IllegalStateException("a bug, as the test wants it"));
        assertAllFail();
        disk.throwFromEverything(null);
        write(0, CMD_FLAG_FUA, 0, filled(512, 1));
        arrive();
        assertThat(answers()).isEqualTo(allWith(0, 1));
    }

    private void assertAllFail() {
        for (int i = 0; i < 30; i++) {
            write(i, i % 2, i * 512L, filled(512, 1));
        }
        arrive();
        assertThat(answers()).isEqualTo(allWith(EIO, 30));
    }

    @Test
    void areNotHinderedByARefusedOneAmongThem() {
        write(0, 0, 0, filled(512, 1));
        write(1, 0, SIZE, filled(512, 2));
        write(2, 0, 512, filled(512, 3));
        arrive();
        assertThat(answers())
                .containsExactlyInAnyOrder(
                        new Answer(0, 0), new Answer(1, ENOSPC), new Answer(2, 0));
        assertThat(disk.batches()).containsExactly(2);
    }

    @Test
    void areMoreThanMayBeInFlightWithoutGettingStuck() {
        channel.finishAndReleaseAll();
        channel = serving(TransmissionLimits.STANDARD.perConnection(4, DataSize.ofMebibytes(1)));
        for (int i = 0; i < 30; i++) {
            write(i, 0, i * 512L, filled(512, i + 1));
        }
        arrive();
        assertThat(answers()).isEqualTo(allWith(0, 30));
        assertThat(disk.batches()).containsExactly(4, 4, 4, 4, 4, 4, 4, 2);
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    @Proves("disc-outstanding")
    void areDoneBeforeDiscAndBeforeGarbage() {
        write(0, 0, 0, filled(512, 1));
        request(DISC, 1, 0, 0);
        write(2, 0, 0, filled(512, 2));
        arrive();
        assertThat(answers()).isEqualTo(allWith(0, 1));
        assertThat(channel.isOpen()).isFalse();
        assertThat(disk.contents(0, 512)).containsOnly(1);

        channel = serving(TransmissionLimits.STANDARD);
        write(0, 0, 512, filled(512, 3));
        toSend.writeBytes(new byte[28]);
        arrive();
        assertThat(channel.isOpen()).isFalse();
        assertThat(disk.contents(512, 512)).containsOnly(3);
    }

    @Test
    void mayBeginAnywhereInTheStream() {
        Random random = new Random(5);
        byte[] payload = new byte[3 * 512];
        for (int round = 0; round < 200; round++) {
            for (int i = 0; i < 40; i++) {
                random.nextBytes(payload);
                write(i, 0, i * (long) payload.length, payload);
            }
            byte[] stream = toSend.toByteArray();
            toSend.reset();
            int cut = 1 + random.nextInt(stream.length - 1);
            channel.writeInbound(Unpooled.copiedBuffer(stream, 0, cut));
            channel.writeInbound(Unpooled.copiedBuffer(stream, cut, stream.length - cut));
            assertThat(answers()).isEqualTo(allWith(0, 40));
            assertThat(disk.contents(39L * payload.length, payload.length)).isEqualTo(payload);
        }
    }

    /** What a read costs by itself, the test's own doings included, does not matter here. */
    @Test
    void allocateNothingEach() {
        long few = allocatedForReadOf(8);
        long many = allocatedForReadOf(48);
        assertThat(many - few).isLessThan((48 - 8) * 16L);
    }

    private long allocatedForReadOf(int writes) {
        for (int i = 0; i < writes; i++) {
            write(i, 0, i * 4096L, filled(4096, i + 1));
        }
        byte[] stream = toSend.toByteArray();
        toSend.reset();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 500; i++) {
            ByteBuf in = Unpooled.wrappedBuffer(stream);
            long before = threads.getCurrentThreadAllocatedBytes();
            channel.writeInbound(in);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            assertThat(answers()).hasSize(writes);
        }
        return least;
    }
}
