package io.lsmbd.nbd.transmission;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.lsmbd.env.NanoClock;
import io.lsmbd.nbd.handshake.NegotiatedExport;
import io.lsmbd.nbd.limits.InFlightBudget;
import io.lsmbd.nbd.metrics.ConnectionMetrics.Stall;
import io.lsmbd.nbd.metrics.VolumeMeters;
import io.lsmbd.nbd.wire.BlockStatusQuery;
import io.lsmbd.nbd.wire.HeaderStyle;
import io.lsmbd.nbd.wire.NbdCommand;
import io.lsmbd.nbd.wire.NbdError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

    /** After that time without a request, memory that might be used again is given back. */
    private static final Duration IDLE = Duration.ofSeconds(4);

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
    private final NanoClock clock;
    private final Transmissions server;
    private final VolumeMeters meters;
    private final InFlightBudget.Share share;
    private final InFlightRequests inFlight;
    private final RequestIntake intake;
    private final StallGuard stalls;

    /** Set when the handler is added, before anything arrives. */
    private @Nullable Wired wired;

    private Phase phase = Phase.SERVING;
    private long nowNanos;

    /** At a bound: the bytes received so far wait, and no more are read. */
    private boolean isPaused;

    /** Between the start of reading and its end, where everything is flushed. */
    private boolean isReading;

    private boolean isFlushScheduled;

    /** Somebody will tell when the socket has taken all replies. */
    private boolean isToldWhenSent;

    /** Would keep the connection in memory after its end, and so must be cancelled. */
    private final List<ScheduledFuture<?>> timers = new ArrayList<>(2);

    /** Serves {@code export} from what the channel reads into {@code received}. */
    public TransmissionHandler(
            NegotiatedExport export,
            ServedVolume served,
            ReceiveBuffer received,
            EventExecutor eventLoop,
            Transmissions server) {
        HeaderStyle headers = export.replies().headers();
        this.export = export;
        this.served = served;
        this.received = received;
        this.server = server;
        this.clock = server.environment().nanoClock();
        this.meters = served.meters();
        this.share = server.budget().open(eventLoop, this::hasRoom);
        this.inFlight = new InFlightRequests(server.limits().perConnection(), share, headers);
        this.intake = new RequestIntake(received, headers, inFlight, new Receiver());
        this.stalls = new StallGuard(server.limits().stalls(), clock);
    }

    public String volumeName() {
        return export.volume().name();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ReplyWriter replies = new ReplyWriter(ctx, export.replies());
        WaitingRequests waiting =
                new WaitingRequests(
                        served,
                        server.metrics(),
                        server.environment(),
                        ctx.channel().eventLoop(),
                        replies.reads(),
                        this::hasWaited);
        RequestExecutor executor =
                new RequestExecutor(
                        served, replies, waiting, new GatheredWrites(received), this::answered);
        wired = new Wired(ctx, replies, waiting, executor);
        received.begin(share);
        long period = stalls.period().toNanos();
        timers.add(ctx.executor().scheduleWithFixedDelay(this::look, period, period, NANOSECONDS));
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
            flush();
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
        public boolean hasRoomFor(Request request, int arrived) {
            if (inFlight.hasRoomFor(request) && wired().ctx().channel().isWritable()) {
                share.unsent(unsentBytes());
                return inFlight.takeRoom(request, arrived);
            }
            share.standAside();
            return false;
        }

        @Override
        public boolean hasRoomForPayload(Request request, long arrived) {
            share.unsent(unsentBytes());
            return inFlight.takeMoreRoom(request, arrived);
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
            share.settle(0);
            return;
        }
        wired().executor().answer(request);
        if (!isReading) {
            resume();
            scheduleFlush();
            closeIfDone();
        }
    }

    /** Other connections have left room for this one. */
    private void hasRoom() {
        if (phase == Phase.SERVING && isPaused) {
            resume();
            scheduleFlush();
            closeIfDone();
        } else {
            share.standAside();
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
                stalls.reading();
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
            flush();
        }
    }

    private void flush() {
        wired().replies().flush();
        settle();
    }

    /** Lets other connections have what this one does not need any more. */
    private void settle() {
        long unsent = unsentBytes();
        stalls.unsent(unsent);
        share.settle(unsent);
        if (unsent > 0 && !isToldWhenSent) {
            isToldWhenSent = true;
            ChannelHandlerContext ctx = wired().ctx();
            // Next to the socket: TLS would not keep the order. Not at once: until the buffer is
            // left, it counts what it has written.
            var _ =
                    ctx.pipeline()
                            .firstContext()
                            .writeAndFlush(Unpooled.EMPTY_BUFFER)
                            .addListener(_ -> ctx.executor().execute(this::allSent));
        }
    }

    private void allSent() {
        isToldWhenSent = false;
        if (phase != Phase.CLOSED) {
            settle();
        }
    }

    /** Of replies: what the socket has not taken yet. */
    private long unsentBytes() {
        ChannelOutboundBuffer outbound = outbound();
        long gathered = wired().replies().gatheredBytes();
        return outbound == null ? gathered : gathered + outbound.totalPendingWriteBytes();
    }

    private @Nullable ChannelOutboundBuffer outbound() {
        return wired().ctx().channel().unsafe().outboundBuffer();
    }

    /** Happens every few seconds. */
    private void look() {
        Request arriving = intake.receiving();
        ChannelOutboundBuffer outbound = outbound();
        if (arriving != null
                && !isPaused
                && stalls.isPayloadStalled(
                        arriving, intake.arrivedBytes(arriving), share.isInTheWay())) {
            giveUp(Stall.PAYLOAD);
        } else if (outbound != null && stalls.areRepliesStalled(sentBytes(outbound))) {
            giveUp(Stall.REPLIES);
        } else if (inFlight.count() == 0 && clock.nanos() - nowNanos >= IDLE.toNanos()) {
            received.trim();
            inFlight.trim();
            wired().replies().trim();
            settle();
        }
    }

    private long sentBytes(ChannelOutboundBuffer outbound) {
        long unsent = outbound.totalPendingWriteBytes() - outbound.currentProgress();
        return wired().replies().writtenBytes() - unsent;
    }

    private void giveUp(Stall stall) {
        String problem =
                switch (stall) {
                    case PAYLOAD -> "limits.payload-time over in the middle of a payload";
                    case REPLIES -> "limits.reply-time over before replies that nobody reads";
                };
        server.connections().stalled(stall);
        Channel channel = wired().ctx().channel();
        server.complaints().about(channel.remoteAddress(), "closing a stalled connection", problem);
        // The kernel, too, is to forget what the client does not read.
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        close();
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
            flush();
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void closeBecause(String reason) {
        server.complaints()
                .about(
                        wired().ctx().channel().remoteAddress(),
                        "closing, not the NBD protocol volume=" + volumeName(),
                        reason);
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
            wired().waiting().abandon();
            // What has begun may have to wait for long, and the client may be gone.
            long patience = server.limits().stalls().replies().toNanos();
            timers.add(ctx.executor().schedule(this::close, patience, NANOSECONDS));
            closeIfDone();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (phase != Phase.DISCONNECTING) {
            wired().waiting().abandon();
        }
        wired().waiting().close();
        phase = Phase.CLOSED;
        for (ScheduledFuture<?> timer : timers) {
            timer.cancel(false);
        }
        intake.close();
        wired().replies().close();
        share.close();
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
