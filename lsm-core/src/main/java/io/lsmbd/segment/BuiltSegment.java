package io.lsmbd.segment;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A segment ready to be put. Its frames lie in the builder's memory: it must not be used after the
 * builder was reset or closed, and while it is being put neither may happen.
 */
public final class BuiltSegment {
    private final SegmentTables tables;
    private final List<ByteBuffer> frames;
    private final ByteBuffer encodedTables;
    private final List<ByteBuffer> body;

    BuiltSegment(SegmentTables tables, List<ByteBuffer> frames, ByteBuffer encodedTables) {
        this.tables = tables;
        this.frames = frames;
        this.encodedTables = encodedTables;
        List<ByteBuffer> all = new ArrayList<>(frames.size() + 3);
        all.add(ByteBuffer.wrap(SegmentFormat.encodeHeader(tables.header())));
        all.addAll(frames);
        all.add(encodedTables);
        all.add(ByteBuffer.wrap(tables.encodeFooter()));
        this.body = all.stream().map(ByteBuffer::asReadOnlyBuffer).toList();
        long size = body.stream().mapToLong(ByteBuffer::remaining).sum();
        if (size != tables.objectBytes()) {
            throw new IllegalStateException(
                    "a body of %d bytes for an object of %d".formatted(size, tables.objectBytes()));
        }
    }

    /** The segment that only takes a number for its epoch. */
    public static BuiltSegment fence(SegmentIdentity identity) {
        var nothing = new ExtentTable.Builder(0).build();
        var encoded =
                SegmentTables.of(
                        new SegmentHeader(SegmentKind.FENCE, identity),
                        new FrameTable.Builder(0).build(),
                        nothing);
        return new BuiltSegment(encoded.tables(), List.of(), encoded.bytes());
    }

    /** The same segment under another number, at the cost of a header and a footer. */
    public BuiltSegment withNumber(long number) {
        SegmentHeader header =
                new SegmentHeader(tables.kind(), tables.identity().withNumber(number));
        return new BuiltSegment(tables.withHeader(header), frames, encodedTables);
    }

    public SegmentIdentity identity() {
        return tables.identity();
    }

    /** The object's bytes, in order; read-only, and nobody moves their positions. */
    public List<ByteBuffer> body() {
        return body;
    }

    public SegmentTables tables() {
        return tables;
    }

    /** What the object takes in the bucket; {@code tables().dataSectors()} is what it holds. */
    public long objectBytes() {
        return tables.objectBytes();
    }
}
