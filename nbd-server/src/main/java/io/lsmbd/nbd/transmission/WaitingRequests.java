package io.lsmbd.nbd.transmission;

import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_FUA;
import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_REQ_ONE;
import static io.lsmbd.nbd.wire.NbdConstants.LOCATION_CACHED;
import static io.lsmbd.nbd.wire.NbdConstants.LOCATION_HOLE;
import static io.lsmbd.nbd.wire.NbdConstants.LOCATION_SEGMENT;
import static io.lsmbd.nbd.wire.NbdConstants.LOCATION_WAL;

import io.lsmbd.env.Environment;
import io.lsmbd.error.StorageException;
import io.lsmbd.nbd.handshake.MetaContext;
import io.lsmbd.nbd.handshake.NegotiatedExport.SelectedContext;
import io.lsmbd.nbd.metrics.NbdMetrics;
import io.lsmbd.nbd.wire.Extents;
import io.lsmbd.nbd.wire.NbdCommand;
import io.lsmbd.volume.BlockVolume;
import io.lsmbd.volume.Completion;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Runs the requests of one connection that have to wait, each on a virtual thread, and hands them
 * back to the event loop. As many at a time as the connection may have in flight.
 *
 * <p>Once the connection is gone, mutations that have not begun are dropped: their client may have
 * sent them again elsewhere, and newer ones after them. Those that have begun keep their turn in
 * the {@link MutationOrder}, so that newer ones come after them.
 */
final class WaitingRequests {
    /** Answers may be shorter than the request; the client then asks again for the rest. */
    private static final int MAX_EXTENTS = 16 << 10;

    private final BlockVolume volume;
    private final MutationOrder order;
    private final NbdMetrics metrics;
    private final Environment environment;
    private final EventLoop eventLoop;
    private final Consumer<Request> done;
    private final ReadReplies reads;

    /** Set by the event loop when nobody can get a reply any more. */
    private volatile boolean isAbandoned;

    /** Set by the event loop when the connection is closed. */
    private volatile boolean isClosed;

    /** {@code done} is told on the event loop of each request that has waited. */
    WaitingRequests(
            ServedVolume served,
            NbdMetrics metrics,
            Environment environment,
            EventLoop eventLoop,
            ReadReplies reads,
            Consumer<Request> done) {
        this.volume = served.volume();
        this.order = served.order();
        this.metrics = metrics;
        this.environment = environment;
        this.eventLoop = eventLoop;
        this.reads = reads;
        this.done = done;
    }

    /** Drops the mutations that have not begun. */
    void abandon() {
        isAbandoned = true;
    }

    /** Gives up the reads, too, that wait for the store: nobody can get a reply. */
    void close() {
        isClosed = true;
    }

    /** Starts a request; from now on until it is handed back it is not the event loop's. */
    void start(Request request) {
        NbdCommand command = Objects.requireNonNull(request.command);
        metrics.requestBeganToWait();
        try {
            environment.spawnVirtual("nbd-" + command.label(), () -> run(request, command));
        } catch (RuntimeException | Error e) {
            metrics.requestEndedWaiting();
            leave(request);
            throw e;
        }
    }

    private void leave(Request request) {
        if (request.turn != null) {
            order.leave(request.turn);
        }
    }

    /** Makes durable what has been written, for this and those linked to it; else as start. */
    void flush(Request first) {
        for (Request each = first; each != null; each = each.syncedWith) {
            metrics.requestBeganToWait();
        }
        flushThenHandBack(first);
    }

    private void run(Request request, NbdCommand command) {
        try {
            perform(request, command);
        } catch (StorageException e) {
            request.fail(Failure.of(e));
        } catch (RuntimeException | AssertionError e) {
            request.fail(Failure.ofBug(request, e));
        } catch (OutOfMemoryError e) {
            // A mutation may be half in the log's bookkeeping: better to start anew from the log.
            if (command.isMutation()) {
                throw e;
            }
            request.fail(Failure.ofMemory(request, e));
        } finally {
            leave(request);
        }
        if (command == NbdCommand.READ) {
            makeReply(request);
        }
        boolean hasWritten = command.isMutation() && request.failure == null;
        if (hasWritten && request.header.hasFlag(CMD_FLAG_FUA)) {
            flushThenHandBack(request);
        } else {
            handBack(request);
        }
    }

    private void makeReply(Request request) {
        try {
            reads.make(request, ByteBufAllocator.DEFAULT);
        } catch (RuntimeException | AssertionError e) {
            request.fail(Failure.ofBug(request, e));
            request.dropData();
        } catch (OutOfMemoryError e) {
            request.fail(Failure.ofMemory(request, e));
            request.dropData();
        }
    }

    private void perform(Request request, NbdCommand command) throws StorageException {
        if (request.turn != null) {
            order.await(request.turn);
            if (isAbandoned) {
                request.fail(Failure.of(Refusal.SHUTTING_DOWN));
                return;
            }
        }
        long offset = request.offset();
        switch (command) {
            case READ -> read(request);
            case WRITE -> {
                var views = request.payload.views();
                volume.write(offset, views, views.length);
            }
            case TRIM, WRITE_ZEROES -> clear(volume, request);
            case CACHE -> volume.cache(offset, request.length, () -> !isAbandoned);
            case BLOCK_STATUS -> request.statuses = statuses(request);
            case FLUSH, DISC -> throw new IllegalStateException(command + " does not wait here");
        }
    }

    private void read(Request request) throws StorageException {
        ByteBuffer place = request.placeForData();
        int start = place.position();
        try {
            volume.read(request.offset(), place, request.holes, () -> !isClosed);
        } finally {
            request.bytesRead = place.position() - start;
        }
    }

    static void clear(BlockVolume volume, Request request) throws StorageException {
        if (request.command == NbdCommand.TRIM) {
            volume.trim(request.offset(), request.length);
        } else {
            volume.writeZeroes(request.offset(), request.length);
        }
    }

    private List<BlockStatus> statuses(Request request) throws StorageException {
        List<BlockStatus> statuses = new ArrayList<>();
        for (SelectedContext selected : request.contexts) {
            int bound = request.header.hasFlag(CMD_FLAG_REQ_ONE) ? 1 : MAX_EXTENTS;
            Extents extents = new Extents(request.length, bound);
            switch (selected.context()) {
                case MetaContext.Allocation() -> allocation(request, extents);
                case MetaContext.Location() -> location(request, extents);
            }
            if (extents.count() == 0) {
                throw new IllegalStateException("the volume knows nothing of a range within it");
            }
            statuses.add(new BlockStatus(selected.id(), extents));
        }
        return statuses;
    }

    private void allocation(Request request, Extents extents) throws StorageException {
        volume.allocation(
                request.offset(),
                request.length,
                (_, length, allocation) ->
                        extents.add(
                                length,
                                switch (allocation) {
                                    case DATA -> Extents.stateOfData();
                                    case HOLE -> Extents.stateOfHole();
                                }));
    }

    private void location(Request request, Extents extents) throws StorageException {
        volume.locate(
                request.offset(),
                request.length,
                (_, length, location) ->
                        extents.add(
                                length,
                                switch (location) {
                                    case HOLE -> LOCATION_HOLE;
                                    case WAL -> LOCATION_WAL;
                                    case SEGMENT -> LOCATION_SEGMENT;
                                    case CACHED -> LOCATION_SEGMENT | LOCATION_CACHED;
                                }));
    }

    private void flushThenHandBack(Request first) {
        try {
            volume.flush(flushCompletion(first));
        } catch (RuntimeException | AssertionError e) {
            failAll(first, Failure.ofBug(first, e));
            handBack(first);
        }
    }

    private static void failAll(Request first, Failure why) {
        for (Request each = first; each != null; each = each.syncedWith) {
            each.fail(why);
        }
    }

    /** Hands the request back when told; being told twice would answer somebody else's request. */
    private Completion flushCompletion(Request first) {
        return new Completion() {
            private final AtomicBoolean isTold = new AtomicBoolean();

            @Override
            public void done() {
                if (isTold.compareAndSet(false, true)) {
                    handBack(first);
                }
            }

            @Override
            public void failed(StorageException cause) {
                if (isTold.compareAndSet(false, true)) {
                    failAll(first, Failure.of(cause));
                    handBack(first);
                }
            }
        };
    }

    private void handBack(Request first) {
        if (eventLoop.inEventLoop()) {
            takeBack(first);
            return;
        }
        try {
            eventLoop.execute(() -> takeBack(first));
        } catch (RejectedExecutionException e) {
            // The server is closed and so is the connection; only memory is left to give back.
            Request each = first;
            while (each != null) {
                Request next = each.syncedWith;
                metrics.requestEndedWaiting();
                each.reset();
                each = next;
            }
        }
    }

    private void takeBack(Request first) {
        Request each = first;
        while (each != null) {
            Request next = each.syncedWith;
            metrics.requestEndedWaiting();
            done.accept(each);
            each = next;
        }
    }
}
