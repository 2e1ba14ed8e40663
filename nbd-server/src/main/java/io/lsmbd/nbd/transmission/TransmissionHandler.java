package io.lsmbd.nbd.transmission;

import io.lsmbd.env.Environment;
import io.lsmbd.env.NanoClock;
import io.lsmbd.nbd.handshake.NegotiatedExport;
import io.lsmbd.nbd.metrics.NbdMetrics;
import io.lsmbd.nbd.metrics.VolumeMeters;
import io.lsmbd.nbd.wire.BlockStatusQuery;
import io.lsmbd.nbd.wire.NbdCommand;
import io.lsmbd.nbd.wire.NbdError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves one connection's transmission phase: decodes what arrives, stops reading at the bounds of
 * what may be in flight, sees to it that replies leave, and ends in an orderly way. Everything but
 * its construction happens on the connection's event loop.
 */
public final class TransmissionHandler extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(TransmissionHandler.class);

    /** How the connection is to go on. */
    private enum Phase {
        SERVING,
        /** The server stops: what is in flight is finished, what has not begun never does. */
        DRAINING,
        /** The client said DISC: what is in flight is finished, anything behind is ignored. */
        DISCONNECTING,
        /** The client sends no more and said no DISC: as that, but it may be gone. */
        INPUT_ENDED,
        CLOSED
    }

    /** What needs the channel. */
    private record Wired(
            ChannelHandlerContext ctx,
            ReplyWriter replies,
            WaitingRequests waiting,
            RequestExecutor executor) {}

    private final NegotiatedExport export;
    private final ServedVolume served;
    private final ReceiveBuffer received;
    private final NbdMetrics metrics;
    private final Environment environment;
    private final NanoClock clock;
    private final VolumeMeters meters;
    private final InFlightRequests inFlight;
    private final RequestIntake intake;

    /** Set when the handler is added, before anything arrives. */
    private @Nullable Wired wired;

    private Phase phase = Phase.SERVING;
    private long nowNanos;

    /** At a bound: the bytes received so far wait, and no more are read. */
    private boolean isPaused;

    /** Between the start of reading and its end, where everything is flushed. */
    private boolean isReading;

    private boolean isFlushScheduled;

    /** Serves {@code export} from what the channel reads into {@code received}. */
    public TransmissionHandler(
            NegotiatedExport export,
            ServedVolume served,
            ReceiveBuffer received,
            TransmissionLimits limits,
            NbdMetrics metrics,
            Environment environment) {
        this.export = export;
        this.served = served;
        this.received = received;
        this.metrics = metrics;
        this.environment = environment;
        this.clock = environment.nanoClock();
        this.meters = served.meters();
        this.inFlight = new InFlightRequests(limits, export.replies().headers());
        this.intake =
                new RequestIntake(received, export.replies().headers(), inFlight, new Receiver());
    }

    public String volumeName() {
        return export.volume().name();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ReplyWriter replies = new ReplyWriter(ctx, export.replies());
        WaitingRequests waiting =
                new WaitingRequests(
                        served, metrics, environment, ctx.channel().eventLoop(), this::hasWaited);
        RequestExecutor executor =
                new RequestExecutor(
                        served, replies, waiting, new GatheredWrites(received), this::answered);
        wired = new Wired(ctx, replies, waiting, executor);
        received.begin();
    }

    private Wired wired() {
        if (wired == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return wired;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        isReading = true;
        received.consumeRead(ctx.alloc(), (ByteBuf) message);
        nowNanos = clock.nanos();
        decode();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        isReading = false;
        if (phase != Phase.CLOSED) {
            wired().replies().flush();
            closeIfDone();
        }
    }

    private void decode() {
        try {
            decodeRequests();
        } finally {
            // Their payload lies where the next read goes.
            wired().executor().finishWrites();
        }
        if (phase == Phase.DISCONNECTING || phase == Phase.DRAINING) {
            intake.ignoreReceived();
            closeIfDone();
        }
    }

    private void decodeRequests() {
        while (!isPaused && phase == Phase.SERVING) {
            switch (intake.step()) {
                case PROGRESS -> {}
                case NEEDS_BYTES -> {
                    return;
                }
                case NO_ROOM -> {
                    // Those that were only gathered so far may make room at once.
                    if (!wired().executor().finishWrites()) {
                        pause();
                    }
                }
                case DISCONNECT -> phase = Phase.DISCONNECTING;
                case NOT_A_REQUEST -> {
                    closeBecause("no request magic");
                    return;
                }
                case ENDLESS_PAYLOAD -> {
                    closeBecause("a payload of more than 4 GiB");
                    return;
                }
            }
        }
    }

    private final class Receiver implements RequestIntake.Receiver {
        private final RequestValidator validator = new RequestValidator(export);

        @Override
        public boolean hasRoomFor(Request request) {
            return inFlight.hasRoomFor(request) && wired().ctx().channel().isWritable();
        }

        @Override
        public @Nullable Refusal begin(Request request) {
            inFlight.begin(request, nowNanos);
            request.contexts = export.contexts();
            return validator.check(request);
        }

        @Override
        public void refuse(Request request, Refusal why) {
            wired().replies().failure(request, Failure.of(why));
            answered(request, why.error());
        }

        @Override
        public void execute(Request request) {
            wired().executor().execute(request);
        }

        @Override
        public void executeQuery(Request request, BlockStatusQuery query) {
            Refusal problem = validator.select(request, query);
            if (problem == null) {
                execute(request);
            } else {
                refuse(request, problem);
            }
        }

        @Override
        public void executeWrite(Request request, PayloadBuffers payload, ByteBuf rest) {
            wired().executor().executeWrite(request, payload, rest);
        }
    }

    /** A request has got its reply. */
    private void answered(Request request, NbdError result) {
        meters.finished(request.command, result, clock.nanos() - request.startNanos);
        if (result == NbdError.OK) {
            if (request.command == NbdCommand.READ) {
                meters.read(request.length);
            } else if (request.command == NbdCommand.WRITE) {
                meters.written(request.length);
            }
        }
        inFlight.end(request);
    }

    /** A request that waited is to be answered now. */
    private void hasWaited(Request request) {
        if (phase == Phase.CLOSED) {
            inFlight.end(request);
            return;
        }
        wired().executor().answer(request);
        if (!isReading) {
            resume();
            scheduleFlush();
            closeIfDone();
        }
    }

    private void pause() {
        isPaused = true;
        wired().ctx().channel().config().setAutoRead(false);
    }

    private void resume() {
        if (isPaused) {
            isPaused = false;
            nowNanos = clock.nanos();
            decode();
            if (!isPaused && phase != Phase.INPUT_ENDED) {
                wired().ctx().channel().config().setAutoRead(true);
            }
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable() && !isReading && phase != Phase.CLOSED) {
            resume();
            scheduleFlush();
        }
    }

    /** Replies that get ready one after the other leave together. */
    private void scheduleFlush() {
        if (!isFlushScheduled) {
            isFlushScheduled = true;
            wired().ctx().executor().execute(this::flushNow);
        }
    }

    private void flushNow() {
        isFlushScheduled = false;
        if (phase != Phase.CLOSED) {
            wired().replies().flush();
        }
    }

    /**
     * Finishes what is in flight, begins nothing any more, then closes. A client that reconnects
     * sends again what had no reply, but hands an error on to its user. On the event loop only.
     */
    public void drain() {
        if (phase == Phase.SERVING) {
            phase = Phase.DRAINING;
            intake.ignoreReceived();
            closeIfDone();
        }
    }

    private void closeIfDone() {
        boolean isEnding = phase != Phase.SERVING && phase != Phase.CLOSED;
        if (isEnding && inFlight.count() == intake.incomplete()) {
            ChannelHandlerContext ctx = wired().ctx();
            wired().replies().flush();
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void closeBecause(String reason) {
        log.warn(
                "closing, not the NBD protocol reason={} volume={} peer={}",
                reason,
                volumeName(),
                wired().ctx().channel().remoteAddress());
        wired().replies().flush();
        close();
    }

    private void close() {
        var _ = wired().ctx().close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        boolean isOpen = phase == Phase.SERVING || phase == Phase.DRAINING;
        if (event instanceof ChannelInputShutdownEvent && isOpen) {
            // What has not begun must not begin any more: the client may have sent it again over
            // another connection, and newer writes after it.
            phase = Phase.INPUT_ENDED;
            intake.ignoreReceived();
            closeIfDone();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (phase != Phase.DISCONNECTING) {
            wired().waiting().abandon();
        }
        phase = Phase.CLOSED;
        intake.close();
        wired().replies().close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A reset by the client is its own affair; anything else is a bug.
        if (!(cause instanceof IOException)) {
            log.error("closing connection peer={}", ctx.channel().remoteAddress(), cause);
        }
        close();
    }
}
