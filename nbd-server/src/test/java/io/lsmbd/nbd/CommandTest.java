package io.lsmbd.nbd;

import static io.lsmbd.nbd.wire.NbdConstants.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.nbd.RawNbdClient.Reply;
import io.lsmbd.testkit.ModelVolume;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Each command, once with everything in memory and once with everything having to wait. */
@ParameterizedClass
@EnumSource
class CommandTest {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int FLUSH = 3;
    private static final int TRIM = 4;
    private static final int CACHE = 5;
    private static final int WRITE_ZEROES = 6;
    private static final int BLOCK_STATUS = 7;
    private static final int EPERM = 1;
    private static final int EIO = 5;
    private static final int EINVAL = 22;
    private static final int ENOSPC = 28;
    private static final int EOVERFLOW = 75;
    private static final int ESHUTDOWN = 108;
    private static final long SIZE = NbdFixture.SIZE;

    private final Random random = new Random(1);
    private final ModelVolume.Waiting waiting;
    private NbdFixture nbd;

    CommandTest(ModelVolume.Waiting waiting) {
        this.waiting = waiting;
    }

    @BeforeEach
    void start() throws IOException {
        nbd = new NbdFixture();
        nbd.disk.setWaiting(waiting);
    }

    @AfterEach
    void stop() {
        nbd.close();
    }

    private byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    @Proves({
        "NBD_CMD_READ",
        "NBD_CMD_WRITE",
        "NBD_REPLY_TYPE_OFFSET_DATA",
        "NBD_CMD_FLAG_DF",
        "write-done"
    })
    void readsGiveBackWhatWasWrittenAtAnyLengthAndAlignmentInBothStyles() throws IOException {
        try (RawNbdClient simple = nbd.simple();
                RawNbdClient structured = nbd.structured()) {
            int[] lengths = {
                1, 511, 512, 4096, 5000, 16384, 16385, 65536, 262144, 300000, 1 << 20, 9 << 20
            };
            for (int length : lengths) {
                for (long offset : new long[] {0, 512, 777, SIZE - length}) {
                    byte[] data = randomBytes(length);
                    assertThat(simple.call(WRITE, 0, offset, length, data).error()).isZero();
                    assertThat(nbd.disk.contents(offset, length)).isEqualTo(data);
                    assertThat(simple.call(READ, 0, offset, length).error()).isZero();
                    assertThat(simple.readBytes(length)).isEqualTo(data);
                    Reply reply = structured.call(READ, CMD_FLAG_DF, offset, length);
                    assertThat(reply.type()).isEqualTo(REPLY_TYPE_OFFSET_DATA);
                    assertThat(reply.buffer().getLong()).isEqualTo(offset);
                    assertThat(Arrays.copyOfRange(reply.data(), 8, length + 8)).isEqualTo(data);
                }
            }
        }
    }

    @Test
    @Proves({
        "NBD_REPLY_TYPE_OFFSET_HOLE",
        "NBD_CMD_FLAG_DF",
        "NBD_SIMPLE_REPLY_MAGIC",
        "NBD_STRUCTURED_REPLY_MAGIC",
        "simple-only",
        "df-one-chunk"
    })
    void zeroesAreReadAsHolesInStructuredRepliesOnly() throws IOException {
        try (RawNbdClient simple = nbd.simple();
                RawNbdClient structured = nbd.structured()) {
            for (int length : new int[] {4096, 65536, 2 << 20}) {
                Reply hole = structured.call(READ, 0, 8192, length);
                assertThat(hole.type()).isEqualTo(REPLY_TYPE_OFFSET_HOLE);
                assertThat(hole.buffer().getLong()).isEqualTo(8192);
                assertThat(hole.buffer().getInt(8)).isEqualTo(length);
                simple.call(READ, 0, 8192, length);
                assertThat(simple.readBytes(length)).containsOnly(0);
                // One byte at the very end makes data of it, if it has to be in one piece.
                simple.call(WRITE, 0, 8191L + length, 1, (byte) 9);
                Reply data = structured.call(READ, CMD_FLAG_DF, 8192, length);
                assertThat(data.type()).isEqualTo(REPLY_TYPE_OFFSET_DATA);
                assertThat(data.data()[7 + length]).isEqualTo((byte) 9);
                simple.call(TRIM, 0, 0, SIZE);
            }
        }
    }

    @Test
    @Proves({
        "NBD_CMD_FLAG_FUA",
        "NBD_CMD_FLAG_NO_HOLE",
        "NBD_CMD_FLAG_DF",
        "NBD_CMD_FLAG_REQ_ONE",
        "NBD_CMD_FLAG_FAST_ZERO",
        "NBD_CMD_CACHE",
        "NBD_EINVAL",
        "any-flag",
        "structured-read",
        "fua-accepted",
        "cache-flags",
        "error-unknown-flag"
    })
    void everyCommandAcceptsItsFlagsAndNoOther() throws IOException {
        int[] accepted = {
            CMD_FLAG_FUA,
            CMD_FLAG_FUA,
            0,
            CMD_FLAG_FUA,
            CMD_FLAG_FUA,
            CMD_FLAG_FUA,
            CMD_FLAG_FUA | CMD_FLAG_NO_HOLE | CMD_FLAG_FAST_ZERO,
            CMD_FLAG_FUA | CMD_FLAG_REQ_ONE
        };
        try (RawNbdClient simple = nbd.simple();
                RawNbdClient structured = nbd.structured()) {
            for (int command : new int[] {READ, WRITE, FLUSH, TRIM, CACHE, WRITE_ZEROES, 7}) {
                for (int bit = 0; bit < 16; bit++) {
                    int flag = 1 << bit;
                    byte[] payload = new byte[command == WRITE ? 512 : 0];
                    boolean withSr = (flag & (accepted[command] | (command == 0 ? 4 : 0))) != 0;
                    assertThat(structured.call(command, flag, 0, 512, payload).error())
                            .as("structured command %d flag %d", command, flag)
                            .isEqualTo(withSr ? 0 : EINVAL);
                    boolean isGood = (flag & accepted[command]) != 0 && command != BLOCK_STATUS;
                    assertThat(simple.call(command, flag, 0, 512, payload).error())
                            .as("simple command %d flag %d", command, flag)
                            .isEqualTo(isGood ? 0 : EINVAL);
                    if (isGood && command == READ) {
                        simple.readBytes(512);
                    }
                }
            }
        }
    }

    @Test
    @Proves({
        "NBD_CMD_RESIZE",
        "NBD_EINVAL",
        "length-as-payload",
        "payload-of-write",
        "no-disconnect",
        "error-unknown-command"
    })
    void unknownCommandsAreInvalidAndCarryNoPayload() throws IOException {
        try (RawNbdClient client = nbd.structured()) {
            for (int command : new int[] {8, 9, 10, 255, 256, 65535}) {
                assertThat(client.call(command, 0, 0, 0xffff_ffffL).error()).isEqualTo(EINVAL);
                assertThat(client.call(command, CMD_FLAG_FUA, 0, 512).error()).isEqualTo(EINVAL);
            }
            assertThat(client.call(FLUSH, 0, 0, 0).error()).isZero();
        }
    }

    @Test
    @Proves({
        "NBD_ENOSPC",
        "NBD_EINVAL",
        "range-overflow",
        "wrong-range-error",
        "out-of-step",
        "no-disconnect",
        "flush-reserved",
        "error-enospc",
        "error-einval-range"
    })
    void rangesBeyondTheEndAreRefusedWithoutLosingTheStream() throws IOException {
        long[] offsets = {
            SIZE - 511,
            SIZE,
            SIZE + 512,
            1L << 31,
            1L << 32,
            Long.MAX_VALUE - 511,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            -512,
            -1
        };
        try (RawNbdClient client = nbd.simple()) {
            for (long offset : offsets) {
                assertThat(client.call(READ, 0, offset, 512).error()).isEqualTo(EINVAL);
                assertThat(client.call(WRITE, 0, offset, 512, new byte[512]).error())
                        .isEqualTo(ENOSPC);
                assertThat(client.call(TRIM, 0, offset, 512).error()).isEqualTo(EINVAL);
                assertThat(client.call(CACHE, 0, offset, 512).error()).isEqualTo(EINVAL);
                assertThat(client.call(WRITE_ZEROES, 0, offset, 512).error()).isEqualTo(ENOSPC);
            }
            assertThat(client.call(TRIM, 0, 0, SIZE + 1).error()).isEqualTo(EINVAL);
            assertThat(client.call(WRITE_ZEROES, 0, 512, SIZE).error()).isEqualTo(ENOSPC);
            assertThat(client.call(FLUSH, 0, -1, 0xffff_ffffL).error()).isZero();
        }
        assertThat(nbd.disk.writes()).isZero();
    }

    @Test
    @Proves({"long-write-cut-off", "out-of-step", "payload-of-write", "no-disconnect"})
    void aRefusedWriteIsConsumedToItsEndHoweverLong() throws IOException {
        try (RawNbdClient client = nbd.structured()) {
            for (int length : new int[] {1, 100_000, 70 << 20}) {
                assertThat(client.call(WRITE, 0, SIZE - 512, length, new byte[length]).error())
                        .isEqualTo(length == 1 ? 0 : ENOSPC);
                assertThat(client.call(WRITE, 1 << 14, 0, length, new byte[length]).error())
                        .isEqualTo(EINVAL);
            }
        }
    }

    @Test
    @Proves({
        "NBD_EOVERFLOW",
        "long-write-cut-off",
        "sizes-errors",
        "long-payload",
        "df-64k",
        "error-eoverflow"
    })
    void payloadsUpTo64MebibytesAreServedAndLongerOnesRefused() throws IOException {
        ModelVolume large = new ModelVolume("large", 1L << 30);
        nbd.volumes.add(large);
        int most = 64 << 20;
        try (RawNbdClient client = RawNbdClient.structured(nbd.address(), "large")) {
            byte[] data = randomBytes(most);
            assertThat(client.call(WRITE, 0, 512, most, data).error()).isZero();
            byte[] read = client.call(READ, 0, 512, most).data();
            assertThat(Arrays.equals(read, 8, read.length, data, 0, most)).isTrue();
            assertThat(client.call(READ, 0, 0, most + 1).error()).isEqualTo(EINVAL);
            assertThat(client.call(READ, CMD_FLAG_DF, 0, most + 1).error()).isEqualTo(EOVERFLOW);
            assertThat(client.call(WRITE, 0, 0, most + 1, new byte[most + 1]).error())
                    .isEqualTo(EINVAL);
            // As long as it may be, but in one sector more than a segment has.
            assertThat(client.call(WRITE, 0, 513, most, data).error()).isEqualTo(EINVAL);
            assertThat(large.writes()).isEqualTo(1);
        }
    }

    @Test
    @Proves({"whole-volume-trim", "long-effect", "fast-zero"})
    void commandsWithoutPayloadTakeLengthsUpTo4Gibibytes() throws IOException {
        nbd.volumes.add(new ModelVolume("huge", 1L << 50));
        try (RawNbdClient client = RawNbdClient.structured(nbd.address(), "huge")) {
            for (int command : new int[] {TRIM, WRITE_ZEROES, CACHE, BLOCK_STATUS}) {
                assertThat(client.call(command, 0, 1L << 49, 0xffff_ffffL).error()).isZero();
            }
        }
    }

    @Test
    @Proves({"NBD_REPLY_TYPE_NONE", "none-empty", "empty-requests"})
    void emptyRequestsSucceedWithoutTouchingAnything() throws IOException {
        try (RawNbdClient client = nbd.structured()) {
            for (int command : new int[] {READ, WRITE, TRIM, CACHE, WRITE_ZEROES}) {
                for (long offset : new long[] {0, 512, SIZE}) {
                    Reply reply = client.call(command, 0, offset, 0);
                    assertThat(reply.type()).isEqualTo(REPLY_TYPE_NONE);
                }
            }
        }
        assertThat(nbd.disk.writes()).isZero();
    }

    @Test
    @Proves({"NBD_EPERM", "read-only-errors", "error-eperm"})
    void readOnlyExportsRefuseMutationsAndGoOn() throws IOException {
        try (RawNbdClient client = RawNbdClient.structured(nbd.address(), "fixed")) {
            assertThat(client.call(WRITE, 0, 0, 512, new byte[512]).error()).isEqualTo(EPERM);
            assertThat(client.call(TRIM, 0, 0, 512).error()).isEqualTo(EPERM);
            assertThat(client.call(WRITE_ZEROES, 0, 0, 512).error()).isEqualTo(EPERM);
            assertThat(client.call(READ, 0, 0, 512).error()).isZero();
            assertThat(client.call(FLUSH, 0, 0, 0).error()).isZero();
        }
    }

    @Test
    @Proves("sizes-errors")
    void onlyClientsThatKnowTheMinimumBlockSizeAreHeldToIt() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            client.go("disk", INFO_BLOCK_SIZE);
            assertThat(client.call(READ, 0, 1, 512).error()).isEqualTo(EINVAL);
            assertThat(client.call(READ, 0, 0, 513).error()).isEqualTo(EINVAL);
            assertThat(client.call(WRITE, 0, 5, 3, new byte[3]).error()).isEqualTo(EINVAL);
            assertThat(client.call(TRIM, 0, 512, 512).error()).isZero();
        }
    }

    @Test
    @Proves({
        "NBD_CMD_TRIM",
        "NBD_CMD_WRITE_ZEROES",
        "NBD_CMD_FLAG_NO_HOLE",
        "NBD_CMD_FLAG_FAST_ZERO",
        "NBD_ENOTSUP",
        "no-hole-accepted",
        "fast-zero",
        "zeroes-read-zero"
    })
    void trimAndWriteZeroesReadBackAsZeroesAtAnyAlignment() throws IOException {
        byte[] ones = new byte[100_000];
        Arrays.fill(ones, (byte) 1);
        try (RawNbdClient client = nbd.simple()) {
            for (int command : new int[] {TRIM, WRITE_ZEROES}) {
                for (int[] range : new int[][] {{0, 512}, {4096, 8192}, {5, 7}, {4000, 50_001}}) {
                    client.call(WRITE, 0, 0, ones.length, ones);
                    byte[] expected = ones.clone();
                    Arrays.fill(expected, range[0], range[0] + range[1], (byte) 0);
                    int flags = command == TRIM ? 0 : CMD_FLAG_FAST_ZERO | CMD_FLAG_NO_HOLE;
                    assertThat(client.call(command, flags, range[0], range[1]).error()).isZero();
                    assertThat(nbd.disk.contents(0, ones.length)).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    @Proves({"NBD_CMD_FLUSH", "NBD_CMD_FLAG_FUA", "flush-covers", "fua-persisted"})
    void fuaAndFlushAskTheVolumeForDurability() throws IOException {
        try (RawNbdClient client = nbd.simple()) {
            client.call(WRITE, 0, 0, 512, new byte[512]);
            assertThat(nbd.disk.flushes()).isZero();
            client.call(WRITE, CMD_FLAG_FUA, 0, 512, new byte[512]);
            client.call(WRITE, CMD_FLAG_FUA, 3, 5, new byte[5]);
            client.call(TRIM, CMD_FLAG_FUA, 0, 512);
            client.call(WRITE_ZEROES, CMD_FLAG_FUA, 1, 1);
            client.call(FLUSH, CMD_FLAG_FUA, 0, 0);
            assertThat(nbd.disk.flushes()).isEqualTo(5);
        }
    }

    @Test
    @Proves({
        "NBD_REPLY_TYPE_ERROR",
        "NBD_EIO",
        "NBD_ESHUTDOWN",
        "simple-error",
        "simple-data",
        "structured-error",
        "command-errors"
    })
    void everyRequestToAFailingVolumeGetsItsErrorAndTheConnectionLives() throws IOException {
        try (RawNbdClient simple = nbd.simple();
                RawNbdClient structured = nbd.structured()) {
            nbd.disk.failWith(new CorruptDataException("segments/7", 4096, "wrong checksum"));
            assertAllFail(simple, structured, EIO);
            assertThat(new String(structured.call(READ, 0, 0, 512).data(), UTF_8))
                    .contains("segments/7 at offset 4096");
            nbd.disk.failWith(new VolumeClosedException("volume disk is closed"));
            assertAllFail(simple, structured, ESHUTDOWN);
            nbd.disk.failWith(null);
            nbd.disk.throwFromEverything(new IllegalStateException("a bug, as the test wants it"));
            assertAllFail(simple, structured, EIO);
            nbd.disk.throwFromEverything(null);
            assertThat(simple.call(WRITE, 0, 0, 512, new byte[512]).error()).isZero();
            assertThat(structured.call(READ, 0, 0, 512).error()).isZero();
        }
    }

    private static void assertAllFail(RawNbdClient simple, RawNbdClient structured, int error)
            throws IOException {
        for (RawNbdClient client : List.of(simple, structured)) {
            for (int length : new int[] {512, 700, 65536, 2 << 20}) {
                assertThat(client.call(READ, 0, 0, length).error()).isEqualTo(error);
                byte[] payload = new byte[length];
                assertThat(client.call(WRITE, 0, 0, length, payload).error()).isEqualTo(error);
                assertThat(client.call(TRIM, 0, 0, length).error()).isEqualTo(error);
                assertThat(client.call(WRITE_ZEROES, 1, 0, length).error()).isEqualTo(error);
                assertThat(client.call(CACHE, 0, 0, length).error()).isEqualTo(error);
            }
            assertThat(client.call(FLUSH, 0, 0, 0).error()).isEqualTo(error);
        }
        assertThat(structured.call(BLOCK_STATUS, 0, 0, 512).error()).isEqualTo(error);
    }
}
