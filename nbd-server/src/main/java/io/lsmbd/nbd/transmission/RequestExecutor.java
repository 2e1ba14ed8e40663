package io.lsmbd.nbd.transmission;

import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_FUA;

import io.lsmbd.error.StorageException;
import io.lsmbd.nbd.transmission.PayloadBuffers.HeldPayload;
import io.lsmbd.nbd.wire.NbdCommand;
import io.lsmbd.nbd.wire.NbdError;
import io.lsmbd.read.Holes;
import io.lsmbd.volume.BlockVolume;
import io.lsmbd.volume.WriteBatch;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs validated requests: on the event loop what need not wait, the rest by {@link
 * WaitingRequests}. Its connection's event loop owns it.
 */
final class RequestExecutor {
    /** More than this would keep the event loop from its other connections. */
    private static final int MAX_BYTES_ON_LOOP = 1 << 20;

    private static final int SECTOR = 512;

    private final BlockVolume volume;
    private final MutationOrder order;
    private final ReplyWriter replies;
    private final WaitingRequests waiting;
    private final GatheredWrites writes;
    private final Answered answered;
    private final Holes holes = new Holes(ReadChunks.MIN_HOLE);

    /** Told when a request has got its reply on the event loop. */
    interface Answered {
        void answered(Request request, NbdError result);
    }

    RequestExecutor(
            ServedVolume served,
            ReplyWriter replies,
            WaitingRequests waiting,
            GatheredWrites writes,
            Answered answered) {
        this.volume = served.volume();
        this.order = served.order();
        this.replies = replies;
        this.waiting = waiting;
        this.writes = writes;
        this.answered = answered;
    }

    /** Executes any request but a WRITE, after the WRITEs that came before it. */
    void execute(Request request) {
        finishWrites();
        try {
            switch (Objects.requireNonNull(request.command)) {
                case READ -> read(request);
                case FLUSH -> waiting.flush(request);
                case TRIM, WRITE_ZEROES -> clear(request);
                case CACHE, BLOCK_STATUS -> {
                    if (request.length == 0) {
                        succeed(request);
                    } else {
                        waiting.start(request);
                    }
                }
                case WRITE, DISC -> throw new IllegalStateException("not executed here");
            }
        } catch (StorageException e) {
            fail(request, Failure.of(e));
        } catch (RuntimeException | AssertionError e) {
            fail(request, Failure.ofBug(request, e));
        } catch (OutOfMemoryError e) {
            // Of direct memory, which is an answer; without heap the JVM ends by itself.
            fail(request, Failure.ofMemory(request, e));
        }
    }

    private void read(Request request) throws StorageException {
        int length = (int) request.length;
        if (length == 0) {
            succeed(request);
        } else if (length <= ReplyWriter.MAX_GATHERED_DATA) {
            readGathered(request, length);
        } else {
            request.data = replies.bufferForData(length);
            if (length > MAX_BYTES_ON_LOOP || !readAtOnce(request, request.data)) {
                readLater(request);
            }
        }
    }

    private void readGathered(Request request, int length) {
        ByteBuffer place = replies.placeForData(length);
        Holes holes = holesFor(request);
        int start = place.position();
        try {
            if (volume.readWithoutWaiting(request.offset(), place, holes)) {
                replies.gatheredData(request, length, holes);
                answered.answered(request, NbdError.OK);
            } else {
                request.data = replies.bufferForData(length);
                readLater(request);
            }
        } catch (StorageException e) {
            Failure failure = Failure.of(e);
            replies.gatheredPart(request, place.position() - start, holes, failure);
            answered.answered(request, failure.error());
        }
    }

    /** Where it will be told what are holes; for use on the event loop. */
    private Holes holesFor(Request request) {
        return replies.reads().tellHoles(request) ? holes : Holes.unwanted();
    }

    private boolean readAtOnce(Request request, ByteBuf data) {
        ByteBuffer place = replies.placeForData(data);
        int start = place.position();
        request.holes = holesFor(request);
        try {
            if (!volume.readWithoutWaiting(request.offset(), place, request.holes)) {
                return false;
            }
        } catch (StorageException e) {
            request.fail(Failure.of(e));
        }
        request.bytesRead = place.position() - start;
        replies.makeRead(request);
        answerRead(request);
        return true;
    }

    private void readLater(Request request) {
        if (replies.reads().tellHoles(request)) {
            request.holes = new Holes(ReadChunks.MIN_HOLE);
        }
        waiting.start(request);
    }

    private void answerRead(Request request) {
        replies.read(request);
        Failure failure = request.failure;
        answered.answered(request, failure == null ? NbdError.OK : failure.error());
    }

    private void clear(Request request) throws StorageException {
        long offset = request.offset();
        long length = request.length;
        if (length > 0) {
            boolean mayGoAtOnce = isAligned(offset | length) && order.isClear(offset, length);
            if (!mayGoAtOnce || !tryClear(request)) {
                request.turn = order.enter(offset, length);
                waiting.start(request);
                return;
            }
        }
        afterMutation(request);
    }

    private boolean tryClear(Request request) throws StorageException {
        return request.command == NbdCommand.TRIM
                ? volume.tryTrim(request.offset(), request.length)
                : volume.tryWriteZeroes(request.offset(), request.length);
    }

    /**
     * Executes a WRITE whose payload is in {@code payload} and then in the readable bytes of {@code
     * rest}. If all of it is there, only {@link #finishWrites} may do so, and {@code rest} has to
     * stay as it is until then; the caller may skip those bytes.
     */
    void executeWrite(Request request, PayloadBuffers payload, ByteBuf rest) {
        int length = (int) request.length;
        boolean canBeGathered =
                payload.bytes() == 0
                        && length > 0
                        && length <= WriteBatch.MAX_BYTES
                        && isAligned(request.offset() | length);
        if (!canBeGathered || !writes.hasRoom(length)) {
            finishWrites();
        }
        if (canBeGathered) {
            writes.add(request, rest);
        } else {
            writeAlone(request, payload, rest);
        }
    }

    private void writeAlone(Request request, PayloadBuffers payload, ByteBuf rest) {
        int restLength = (int) request.length - payload.bytes();
        try {
            if (request.length == 0 || tryWriteAlone(request, payload, rest, restLength)) {
                afterMutation(request);
            } else {
                writeLater(request, payload.hold(rest, restLength));
            }
        } catch (StorageException e) {
            fail(request, Failure.of(e));
        } catch (RuntimeException | AssertionError e) {
            fail(request, Failure.ofBug(request, e));
        } finally {
            payload.release();
        }
    }

    private boolean tryWriteAlone(
            Request request, PayloadBuffers payload, ByteBuf rest, int restLength)
            throws StorageException {
        if (!isAligned(request.offset() | request.length)) {
            return false;
        }
        int count = payload.view(rest, restLength);
        return writes.tryWriteAlone(request, payload.views(), count, volume, order);
    }

    private void writeLater(Request request, HeldPayload payload) {
        request.payload = payload;
        request.turn = order.enter(request.offset(), request.length);
        waiting.start(request);
    }

    /**
     * Executes the WRITEs that have been gathered, all in one piece if none has to wait. Returns
     * whether there were any. To be called before the receive buffer is read into again.
     */
    boolean finishWrites() {
        if (writes.size() == 0) {
            return false;
        }
        boolean mustWait = false;
        Failure failure = null;
        try {
            mustWait = !writes.tryWriteTo(volume, order);
        } catch (StorageException e) {
            failure = Failure.of(e);
        } catch (RuntimeException | AssertionError e) {
            failure = Failure.ofBug(writes.request(0), e);
        }
        try {
            if (mustWait) {
                writeGatheredLater();
            } else {
                answerGathered(failure);
            }
        } finally {
            writes.clear();
        }
        return true;
    }

    private void writeGatheredLater() {
        for (int i = 0; i < writes.size(); i++) {
            Request request = writes.request(i);
            try {
                writeLater(request, writes.hold(i));
            } catch (RuntimeException | AssertionError e) {
                fail(request, Failure.ofBug(request, e));
            }
        }
    }

    /** One sync for all that want one. */
    private void answerGathered(@Nullable Failure failure) {
        Request toSync = null;
        for (int i = 0; i < writes.size(); i++) {
            Request request = writes.request(i);
            if (failure != null) {
                fail(request, failure);
            } else if (request.header.hasFlag(CMD_FLAG_FUA)) {
                request.syncedWith = toSync;
                toSync = request;
            } else {
                succeed(request);
            }
        }
        if (toSync != null) {
            waiting.flush(toSync);
        }
    }

    private static boolean isAligned(long bytes) {
        return (bytes & (SECTOR - 1)) == 0;
    }

    private void afterMutation(Request request) {
        if (request.header.hasFlag(CMD_FLAG_FUA)) {
            waiting.flush(request);
        } else {
            succeed(request);
        }
    }

    private void succeed(Request request) {
        replies.success(request);
        answered.answered(request, NbdError.OK);
    }

    private void fail(Request request, Failure failure) {
        replies.failure(request, failure);
        answered.answered(request, failure.error());
    }

    /** Answers a request that has waited. */
    void answer(Request request) {
        Failure failure = request.failure;
        if (request.command == NbdCommand.READ) {
            answerRead(request);
        } else if (failure != null) {
            fail(request, failure);
        } else if (request.command == NbdCommand.BLOCK_STATUS) {
            replies.statuses(request, request.statuses);
            answered.answered(request, NbdError.OK);
        } else {
            succeed(request);
        }
    }
}
