package io.lsmbd.nbd.transmission;

import io.lsmbd.nbd.handshake.NegotiatedExport;
import io.lsmbd.nbd.handshake.NegotiatedExport.SelectedContext;
import io.lsmbd.nbd.transmission.PayloadBuffers.HeldPayload;
import io.lsmbd.nbd.wire.HeaderStyle;
import io.lsmbd.nbd.wire.NbdCommand;
import io.lsmbd.nbd.wire.RequestHeader;
import io.lsmbd.read.Holes;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request from its header to its reply; reused afterwards. Its event loop owns it, except
 * between the start of a waiting task and that task's handing it back by the event loop's queue.
 */
final class Request {
    private static final Holes NO_HOLES = Holes.unwanted();

    /** More than a long reply to BLOCK_STATUS usually has. */
    private static final int MAX_STATUS_BYTES = 128 << 10;

    final RequestHeader header;

    /** Null for an unknown command. */
    @Nullable NbdCommand command;

    /** Bytes of the export that it is about. */
    long length;

    long startNanos;

    /** Begun and not yet answered. */
    boolean isOpen;

    /** What it has taken of the room that all connections share. */
    long takenBytes;

    /** Why it is not answered as its client would like. */
    @Nullable Failure failure;

    /** READ: the buffer of its reply, with room for the header in front of the data. */
    @Nullable ByteBuf data;

    /** READ that waits: how many bytes of it are there, all unless it failed. */
    int bytesRead;

    /** READ that waits: where they are zeroes. */
    Holes holes = NO_HOLES;

    /** WRITE that waits: what it holds of the buffers in which its payload arrived. */
    HeldPayload payload = HeldPayload.NOTHING;

    /** BLOCK_STATUS: what it asks about. */
    List<SelectedContext> contexts = List.of();

    /** BLOCK_STATUS: what was found, in the order of the contexts. */
    List<BlockStatus> statuses = List.of();

    /** WRITE with FUA: the next one that the same sync makes durable. */
    @Nullable Request syncedWith;

    /** Mutation that waits. */
    MutationOrder.@Nullable Turn turn;

    Request(HeaderStyle style) {
        header = new RequestHeader(style);
    }

    long offset() {
        return header.offset();
    }

    void fail(Failure why) {
        failure = why;
    }

    /** Where the data of a READ that waits goes; for use from any thread. */
    ByteBuffer placeForData() {
        ByteBuf buffer = Objects.requireNonNull(data);
        int count = (int) length;
        return buffer.nioBuffer(buffer.capacity() - count, count);
    }

    /** Whether as many bytes as it is about go over the wire, either way. */
    boolean movesData() {
        return command == NbdCommand.READ || command == NbdCommand.WRITE;
    }

    /** Payload that is in memory on its account; what is too long is refused and never there. */
    long payloadBytes() {
        boolean isAccepted =
                Long.compareUnsigned(header.length(), NegotiatedExport.ACCEPTED_PAYLOAD) <= 0;
        return movesData() && isAccepted ? header.length() : 0;
    }

    /** What there will be in memory on its account. */
    long memoryBytes() {
        return command == NbdCommand.BLOCK_STATUS ? MAX_STATUS_BYTES : payloadBytes();
    }

    /** READ: there is nothing to be sent of what it brought. */
    void dropData() {
        if (data != null) {
            data.release();
            data = null;
        }
        bytesRead = 0;
    }

    /** Releases what it holds and forgets everything but the header. */
    void reset() {
        payload.release();
        payload = HeldPayload.NOTHING;
        dropData();
        holes = NO_HOLES;
        contexts = List.of();
        statuses = List.of();
        turn = null;
        syncedWith = null;
        failure = null;
    }
}
