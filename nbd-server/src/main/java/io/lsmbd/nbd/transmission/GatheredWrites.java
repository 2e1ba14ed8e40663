package io.lsmbd.nbd.transmission;

import io.lsmbd.error.StorageException;
import io.lsmbd.nbd.transmission.PayloadBuffers.HeldPayload;
import io.lsmbd.volume.BlockVolume;
import io.lsmbd.volume.WriteBatch;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * WRITEs that arrived in one read of the socket, to enter the log in one piece. Their payload stays
 * where it arrived, so they have to be written, or held, before the next read. The connection's
 * event loop owns it.
 */
final class GatheredWrites {
    private final ReceiveBuffer received;
    private final WriteBatch batch = new WriteBatch();
    private final @Nullable Request[] requests = new Request[WriteBatch.MAX_WRITES];
    private final ByteBuffer[] one = new ByteBuffer[1];

    /** The buffer with the payload of all of them. */
    private @Nullable ByteBuf source;

    GatheredWrites(ReceiveBuffer received) {
        this.received = received;
    }

    boolean hasRoom(int length) {
        return batch.hasRoom(length, 1);
    }

    /** Adds a WRITE of whole sectors whose payload comes next in {@code in}. */
    void add(Request request, ByteBuf in) {
        int index = batch.size();
        one[0] = received.view((int) request.length);
        batch.add(request.offset(), one, 0, 1);
        requests[index] = request;
        source = in;
    }

    int size() {
        return batch.size();
    }

    Request request(int index) {
        return Objects.requireNonNull(requests[index]);
    }

    /** Writes them if none has to wait, neither for room nor for an earlier mutation. */
    boolean tryWriteTo(BlockVolume volume, MutationOrder order) throws StorageException {
        for (int i = 0; i < batch.size(); i++) {
            if (!order.isClear(batch.offset(i), batch.lengthBytes(i))) {
                return false;
            }
        }
        return volume.tryWrite(batch);
    }

    /**
     * Writes one whose payload is in several buffers, likewise, while none are gathered; also false
     * if that is too much at once.
     */
    boolean tryWriteAlone(
            Request request,
            ByteBuffer[] payload,
            int count,
            BlockVolume volume,
            MutationOrder order)
            throws StorageException {
        if (request.length > WriteBatch.MAX_BYTES || !batch.hasRoom((int) request.length, count)) {
            return false;
        }
        batch.add(request.offset(), payload, 0, count);
        try {
            return tryWriteTo(volume, order);
        } finally {
            batch.clear();
        }
    }

    /** The payload of one of them, for use from any thread at any time until released. */
    HeldPayload hold(int index) {
        ByteBuffer view = batch.buffers()[batch.firstBuffer(index)];
        return HeldPayload.of(Objects.requireNonNull(source), view);
    }

    void clear() {
        for (int i = 0; i < batch.size(); i++) {
            requests[i] = null;
        }
        batch.clear();
        source = null;
        received.forgetViews();
    }
}
