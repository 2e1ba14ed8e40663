package io.lsmbd.nbd.transmission;

import io.lsmbd.nbd.transmission.PayloadBuffers.HeldPayload;
import io.lsmbd.nbd.wire.Extents;
import io.lsmbd.nbd.wire.NbdCommand;
import io.lsmbd.nbd.wire.NbdError;
import io.lsmbd.nbd.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request from its header to its reply; reused afterwards. Its event loop owns it, except
 * between the start of a waiting task and that task's handing it back by the event loop's queue.
 */
final class Request {
    final RequestHeader header = new RequestHeader();

    /** Null for an unknown command. */
    @Nullable NbdCommand command;

    long startNanos;

    /** Begun and not yet answered. */
    boolean isOpen;

    NbdError error = NbdError.OK;
    String message = "";

    /** READ: the buffer of its reply, with room for the header in front of the data. */
    @Nullable ByteBuf data;

    /** WRITE that waits: what it holds of the buffers in which its payload arrived. */
    HeldPayload payload = HeldPayload.NOTHING;

    /** BLOCK_STATUS: what was found. */
    @Nullable Extents extents;

    /** WRITE with FUA: the next one that the same sync makes durable. */
    @Nullable Request syncedWith;

    /** Mutation that waits. */
    MutationOrder.@Nullable Turn turn;

    long offset() {
        return header.offset();
    }

    long length() {
        return header.length();
    }

    void fail(NbdError with, String because) {
        error = with;
        message = because;
    }

    void fail(Failure failure) {
        fail(failure.error(), failure.message());
    }

    /** Where the data of a READ that waits goes; for use from any thread. */
    ByteBuffer placeForData() {
        ByteBuf buffer = Objects.requireNonNull(data);
        int length = (int) header.length();
        return buffer.nioBuffer(buffer.capacity() - length, length);
    }

    /** Payload that is in memory on its account, either way. */
    long payloadBytes() {
        return command == NbdCommand.READ || command == NbdCommand.WRITE ? header.length() : 0;
    }

    /** Releases what it holds and forgets everything but the header. */
    void reset() {
        payload.release();
        payload = HeldPayload.NOTHING;
        if (data != null) {
            data.release();
            data = null;
        }
        extents = null;
        turn = null;
        syncedWith = null;
        error = NbdError.OK;
        message = "";
    }
}
