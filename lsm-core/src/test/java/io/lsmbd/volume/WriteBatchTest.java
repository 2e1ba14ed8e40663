package io.lsmbd.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WriteBatchTest {
    private final WriteBatch batch = new WriteBatch();

    private static ByteBuffer[] buffers(int... lengths) {
        return Arrays.stream(lengths).mapToObj(ByteBuffer::allocate).toArray(ByteBuffer[]::new);
    }

    @Test
    void keepsWritesInTheirOrderWithTheBuffersThatWereGiven() {
        ByteBuffer[] given = buffers(7, 100, 300, 112, 512);
        batch.add(4096, given, 1, 3);
        batch.add(0, given, 4, 1);
        assertThat(batch.size()).isEqualTo(2);
        assertThat(batch.totalBytes()).isEqualTo(1024);
        assertThat(batch.offset(0)).isEqualTo(4096);
        assertThat(batch.lengthBytes(0)).isEqualTo(512);
        assertThat(buffersOf(0)).containsExactly(given[1], given[2], given[3]);
        assertThat(batch.offset(1)).isZero();
        assertThat(batch.lengthBytes(1)).isEqualTo(512);
        assertThat(buffersOf(1)).containsExactly(given[4]);
    }

    private ByteBuffer[] buffersOf(int write) {
        int first = batch.firstBuffer(write);
        return Arrays.copyOfRange(batch.buffers(), first, first + batch.bufferCount(write));
    }

    @Test
    void countsWhatRemainsInABufferAndLeavesItsPosition() {
        ByteBuffer buffer = ByteBuffer.allocate(2048).position(512).limit(1536);
        batch.add(0, new ByteBuffer[] {buffer}, 0, 1);
        assertThat(batch.lengthBytes(0)).isEqualTo(1024);
        assertThat(buffer.position()).isEqualTo(512);
    }

    @Test
    void isFullAtItsNumberOfWrites() {
        for (int i = 0; i < WriteBatch.MAX_WRITES; i++) {
            assertThat(batch.hasRoom(512, 1)).isTrue();
            batch.add(i * 512L, buffers(512), 0, 1);
        }
        assertNoRoom(512, 1);
    }

    @Test
    void isFullAtItsBytes() {
        batch.add(0, buffers(WriteBatch.MAX_BYTES - 512), 0, 1);
        assertNoRoom(1024, 1);
        assertThat(batch.hasRoom(512, 1)).isTrue();
        batch.add(0, buffers(512), 0, 1);
        assertNoRoom(512, 1);
    }

    @Test
    void isFullAtItsBuffers() {
        int[] lengths = new int[WriteBatch.MAX_BUFFERS - 1];
        Arrays.fill(lengths, 512);
        batch.add(0, buffers(lengths), 0, lengths.length);
        assertNoRoom(1024, 2);
        assertThat(batch.hasRoom(512, 1)).isTrue();
    }

    private void assertNoRoom(int length, int count) {
        int size = batch.size();
        int bytes = batch.totalBytes();
        int[] lengths = new int[count];
        Arrays.fill(lengths, length / count);
        assertThat(batch.hasRoom(length, count)).isFalse();
        assertThatThrownBy(() -> batch.add(0, buffers(lengths), 0, count))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no room for " + length + " bytes in " + count + " buffers");
        assertThat(batch.size()).isEqualTo(size);
        assertThat(batch.totalBytes()).isEqualTo(bytes);
    }

    @Test
    void isEmptyAndForgetsItsBuffersWhenCleared() {
        batch.add(0, buffers(256, 256), 0, 2);
        batch.clear();
        assertThat(batch.size()).isZero();
        assertThat(batch.totalBytes()).isZero();
        assertThat(batch.buffers()).containsOnlyNulls();
        batch.add(512, buffers(WriteBatch.MAX_BYTES), 0, 1);
        assertThat(batch.firstBuffer(0)).isZero();
        assertThat(batch.lengthBytes(0)).isEqualTo(WriteBatch.MAX_BYTES);
    }

    @ParameterizedTest
    @CsvSource({"1,512", "512,513", "0,0", "-512,512", "0,511"})
    void refusesWhatIsNotAWriteOfWholeSectors(long offset, int length) {
        assertThatThrownBy(() -> batch.add(offset, buffers(length), 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a write of whole sectors");
        assertThat(batch.size()).isZero();
    }
}
