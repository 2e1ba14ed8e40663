package io.lsmbd.segment;

import com.github.luben.zstd.ZstdCompressCtx;
import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;

/** Compresses one frame after the other. One thread. */
sealed interface FrameCompressor extends AutoCloseable {
    /** The most that compressing {@link SegmentFormat#FRAME_BYTES} can give, with any codec. */
    int MAX_COMPRESSED_BYTES = SegmentFormat.FRAME_BYTES + SegmentFormat.FRAME_BYTES / 128 + 1024;

    Codec codec();

    /**
     * Compresses {@code plain}'s remaining bytes to index {@code at} of {@code out}, where {@link
     * #MAX_COMPRESSED_BYTES} are free. Moves neither buffer; both are direct. Returns the length.
     */
    int compress(ByteBuffer plain, ByteBuffer out, int at);

    @Override
    void close();

    /**
     * Makes the compressor of a codec.
     *
     * @param level for LZ4 0 or 1 is the fast compressor, 2 to 12 the slow and denser one; for zstd
     *     -7 to 22, of which 0 means 3
     */
    static FrameCompressor of(Codec codec, int level) {
        return switch (codec) {
            case NONE -> new None();
            case LZ4 -> new Lz4(level(codec, level, 0, 12));
            case ZSTD -> new Zstandard(level(codec, level, -7, 22));
        };
    }

    private static int level(Codec codec, int level, int min, int max) {
        if (level < min || level > max) {
            throw new IllegalArgumentException(
                    "%s has levels %d to %d, not %d".formatted(codec, min, max, level));
        }
        return level;
    }

    /** Leaves all frames as they are. */
    record None() implements FrameCompressor {
        @Override
        public Codec codec() {
            return Codec.NONE;
        }

        @Override
        public int compress(ByteBuffer plain, ByteBuffer out, int at) {
            return plain.remaining();
        }

        @Override
        public void close() {}
    }

    /** LZ4 blocks. */
    record Lz4(LZ4Compressor compressor) implements FrameCompressor {
        Lz4(int level) {
            LZ4Factory factory = LZ4Factory.fastestInstance();
            this(level < 2 ? factory.fastCompressor() : factory.highCompressor(level));
        }

        @Override
        public Codec codec() {
            return Codec.LZ4;
        }

        @Override
        public int compress(ByteBuffer plain, ByteBuffer out, int at) {
            return compressor.compress(
                    plain, plain.position(), plain.remaining(), out, at, MAX_COMPRESSED_BYTES);
        }

        @Override
        public void close() {}
    }

    /** Zstandard frames. */
    record Zstandard(ZstdCompressCtx context) implements FrameCompressor {
        Zstandard(int level) {
            this(new ZstdCompressCtx().setLevel(level));
        }

        @Override
        public Codec codec() {
            return Codec.ZSTD;
        }

        @Override
        public int compress(ByteBuffer plain, ByteBuffer out, int at) {
            return context.compressDirectByteBuffer(
                    out, at, MAX_COMPRESSED_BYTES, plain, plain.position(), plain.remaining());
        }

        @Override
        public void close() {
            context.close();
        }
    }
}
