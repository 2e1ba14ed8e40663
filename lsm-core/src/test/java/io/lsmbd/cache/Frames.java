package io.lsmbd.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.env.Environment;
import io.lsmbd.env.SystemEnvironment;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;

/** Frames whose every byte follows from their name, so that whoever reads one can judge it. */
final class Frames {
    static final long VOLUME = 0x8000_0000_0000_0007L;
    static final long SEGMENT = 42;

    private Frames() {}

    static Environment environment() {
        return new SystemEnvironment((_, death) -> {
            throw new AssertionError(death);
        });
    }

    static CacheMetrics metrics() {
        return new CacheMetrics(new SimpleMeterRegistry());
    }

    static FrameKey key(int frame) {
        return new FrameKey(VOLUME, SEGMENT, frame);
    }

    static byte byteAt(FrameKey key, int index) {
        return (byte) (key.hash() >>> (index % 57) ^ index >>> 8);
    }

    static ByteBuffer plain(FrameKey key, int length) {
        ByteBuffer plain = ByteBuffer.allocate(length);
        for (int i = 0; i < length; i++) {
            plain.put(i, byteAt(key, i));
        }
        return plain;
    }

    static ByteBuffer plain(FrameKey key) {
        return plain(key, FrameCache.FRAME_BYTES);
    }

    /** Whether the bytes before {@code got}'s position are the frame's from {@code offset} on. */
    static void assertIsPart(FrameKey key, int offset, ByteBuffer got) {
        for (int i = 0; i < got.position(); i++) {
            if (got.get(i) != byteAt(key, offset + i)) {
                assertThat(got.get(i))
                        .as("byte %d of %s", offset + i, key)
                        .isEqualTo(byteAt(key, offset + i));
            }
        }
    }

    /** Fills the given buffers, as a loader should that decodes in place. */
    static void load(int firstFrame, ByteBuffer[] plain) {
        for (int i = 0; i < plain.length; i++) {
            plain[i].put(plain(key(firstFrame + i))).flip();
        }
    }
}
