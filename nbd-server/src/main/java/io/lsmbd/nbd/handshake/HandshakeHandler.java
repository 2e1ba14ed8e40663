package io.lsmbd.nbd.handshake;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.lsmbd.nbd.access.Client;
import io.lsmbd.nbd.metrics.ConnectionMetrics.ExportRefusal;
import io.lsmbd.nbd.metrics.ConnectionMetrics.HandshakeFailure;
import io.lsmbd.nbd.tls.TlsServer;
import io.lsmbd.nbd.wire.NbdConstants;
import io.lsmbd.nbd.wire.NbdOption;
import io.lsmbd.nbd.wire.OptionCodec;
import io.lsmbd.nbd.wire.OptionReplyEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns a connection until an export is chosen, then gives its place in the pipeline to the handler
 * of the transmission phase. The superclass hands over the bytes that came behind that choice.
 * While the client does not read its replies, no further option is obeyed: one small LIST can have
 * a long answer.
 */
public final class HandshakeHandler extends ByteToMessageDecoder {
    private static final Logger log = LoggerFactory.getLogger(HandshakeHandler.class);

    private static final int OFFERED_FLAGS =
            NbdConstants.FLAG_FIXED_NEWSTYLE | NbdConstants.FLAG_NO_ZEROES;
    private static final int REPLY_CAPACITY = 256;

    /** When the server stops, an option that comes so soon is still answered. */
    private static final int LAST_OPTION_MILLIS = 250;

    /** What the next bytes are. */
    private enum Step {
        CLIENT_FLAGS,
        OPTION_HEADER,
        OPTION_DATA,
        /** Data too long to be looked at. */
        SKIPPED_DATA,
        /** Not ours before TLS is agreed on. */
        TLS,
        CLOSED
    }

    private final Handshakes server;
    private final Function<NegotiatedExport, ChannelHandler> transmission;
    private final long startNanos;
    private Client client;

    /** Null until the client's flags tell what it can be offered. */
    private @Nullable OptionExecutor options;

    private long lastOptionNanos;
    private @Nullable ScheduledFuture<?> alarm;
    private Step step = Step.CLIENT_FLAGS;
    private int clientFlags;
    private boolean isStopping;
    private int optionCount;
    private int option;
    private long dataLength;

    /** Negotiates with {@code client}; {@code transmission} makes the handler that comes next. */
    public HandshakeHandler(
            Handshakes server,
            Client client,
            Function<NegotiatedExport, ChannelHandler> transmission) {
        this.server = server;
        this.client = client;
        this.transmission = transmission;
        this.startNanos = server.clock().nanos();
        this.lastOptionNanos = startNanos;
    }

    /** Starts with nothing agreed on but the flags. */
    private OptionExecutor executorFor(ChannelHandlerContext ctx, Encryption encryption) {
        var exports = new ExportCatalog(server.volumes(), server.rules().permissionsOf(client));
        var executor =
                new OptionExecutor(
                        exports, encryption, (name, reason) -> turnedAway(ctx, name, reason));
        if ((clientFlags & NbdConstants.FLAG_NO_ZEROES) != 0) {
            executor.omitPadding();
        }
        if (isStopping) {
            executor.shutDown();
        }
        return executor;
    }

    private void turnedAway(ChannelHandlerContext ctx, String exportName, ExportRefusal reason) {
        server.metrics().refused(reason);
        String why =
                switch (reason) {
                    case UNKNOWN -> "there is no volume \"%s\"".formatted(exportName);
                    case FORBIDDEN ->
                            "no rule of access.allow opens %s to it, names=%s"
                                    .formatted(exportName, client.names());
                };
        server.complaints().about(ctx.channel().remoteAddress(), "export refused", why);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        watch(ctx);
        ByteBuf greeting = ctx.alloc().directBuffer(REPLY_CAPACITY);
        OptionReplyEncoder.greeting(greeting, OFFERED_FLAGS);
        send(ctx, greeting);
        ctx.flush();
    }

    /** Gives up on a client that takes too long, else looks again when it might have. */
    private void watch(ChannelHandlerContext ctx) {
        HandshakeLimits limits = server.limits();
        long now = server.clock().nanos();
        long left = limits.whole().toNanos() - (now - startNanos);
        long leftForOption = limits.betweenOptions().toNanos() - (now - lastOptionNanos);
        if (left <= 0) {
            fail(ctx, HandshakeFailure.TIMEOUT, "no export chosen in " + limits.whole());
        } else if (leftForOption <= 0) {
            fail(ctx, HandshakeFailure.IDLE, "no option in " + limits.betweenOptions());
        } else {
            alarm =
                    ctx.executor()
                            .schedule(() -> watch(ctx), Math.min(left, leftForOption), NANOSECONDS);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (!ctx.channel().isWritable()) {
            return;
        }
        switch (step) {
            case CLIENT_FLAGS -> clientFlags(ctx, in);
            case OPTION_HEADER -> optionHeader(ctx, in);
            case OPTION_DATA -> optionData(ctx, in);
            case SKIPPED_DATA -> skippedData(ctx, in);
            case TLS -> fail(ctx, HandshakeFailure.TLS, "bytes that are not encrypted");
            case CLOSED -> in.skipBytes(in.readableBytes());
        }
    }

    private void clientFlags(ChannelHandlerContext ctx, ByteBuf in) {
        if (in.readableBytes() < Integer.BYTES) {
            return;
        }
        clientFlags = in.readInt();
        if ((clientFlags & ~OFFERED_FLAGS) != 0) {
            fail(ctx, HandshakeFailure.PROTOCOL, "unknown client flags " + clientFlags);
            return;
        }
        boolean isFixedNewstyle = (clientFlags & NbdConstants.FLAG_FIXED_NEWSTYLE) != 0;
        boolean opensMore = server.rules().needCertificates();
        options = executorFor(ctx, Encryption.of(server.tls(), client, isFixedNewstyle, opensMore));
        step = Step.OPTION_HEADER;
    }

    private void optionHeader(ChannelHandlerContext ctx, ByteBuf in) {
        if (in.readableBytes() < NbdConstants.OPTION_HEADER_LENGTH) {
            return;
        }
        if (in.readLong() != NbdConstants.OPTION_MAGIC) {
            fail(ctx, HandshakeFailure.PROTOCOL, "no option magic");
            return;
        }
        if (++optionCount > server.limits().options()) {
            fail(ctx, HandshakeFailure.TOO_MANY_OPTIONS, "more options than allowed");
            return;
        }
        option = in.readInt();
        dataLength = in.readUnsignedInt();
        step = dataLength > maxDataLength() ? Step.SKIPPED_DATA : Step.OPTION_DATA;
        if (dataLength == 0) {
            optionData(ctx, in);
        }
    }

    private int maxDataLength() {
        return (int) server.limits().optionData().bytes();
    }

    private void optionData(ChannelHandlerContext ctx, ByteBuf in) {
        if (in.readableBytes() < dataLength) {
            return;
        }
        ByteBuf data = in.readSlice((int) dataLength);
        step = Step.OPTION_HEADER;
        obey(ctx, OptionCodec.decode(option, data), in);
    }

    private void skippedData(ChannelHandlerContext ctx, ByteBuf in) {
        int skipped = (int) Math.min(dataLength, in.readableBytes());
        in.skipBytes(skipped);
        dataLength -= skipped;
        if (dataLength == 0) {
            step = Step.OPTION_HEADER;
            obey(ctx, OptionCodec.tooLong(option, maxDataLength()), in);
        }
    }

    /** Of {@code in} only whether there is more. */
    private void obey(ChannelHandlerContext ctx, NbdOption request, ByteBuf in) {
        lastOptionNanos = server.clock().nanos();
        ByteBuf out = ctx.alloc().directBuffer(REPLY_CAPACITY);
        OptionExecutor.Outcome outcome;
        try {
            outcome = Objects.requireNonNull(options).execute(option, request, out);
        } catch (RuntimeException e) {
            out.release();
            throw e;
        }
        if (outcome instanceof OptionExecutor.Outcome.StartTls && in.isReadable()) {
            // Put there by somebody on the way, to be taken for what came over TLS.
            out.release();
            fail(ctx, HandshakeFailure.TLS, "plain bytes behind STARTTLS");
            return;
        }
        send(ctx, out);
        switch (outcome) {
            case OptionExecutor.Outcome.NextOption() -> {}
            case OptionExecutor.Outcome.StartTls() -> startTls(ctx);
            case OptionExecutor.Outcome.Transmission(NegotiatedExport export) -> {
                ctx.flush();
                ctx.pipeline().replace(this, null, transmission.apply(export));
            }
            case OptionExecutor.Outcome.Close() -> {
                step = Step.CLOSED;
                ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            }
            case OptionExecutor.Outcome.Drop(String problem) ->
                    fail(ctx, HandshakeFailure.UNKNOWN_EXPORT, problem);
        }
    }

    private void startTls(ChannelHandlerContext ctx) {
        ctx.flush();
        step = Step.TLS;
        server.tls().orElseThrow().protect(ctx, server.limits().whole());
    }

    private void endTls(ChannelHandlerContext ctx, SslHandshakeCompletionEvent event) {
        if (!event.isSuccess()) {
            fail(ctx, HandshakeFailure.TLS, "no TLS: " + reason(event.cause()));
        } else if (step == Step.TLS) {
            lastOptionNanos = server.clock().nanos();
            client = new Client(client.address(), TlsServer.clientNames(ctx.channel()));
            options = executorFor(ctx, Encryption.IN_USE);
            step = Step.OPTION_HEADER;
        }
    }

    private static String reason(Throwable cause) {
        return cause instanceof ClosedChannelException
                ? "the client closed the connection"
                : String.valueOf(cause.getMessage());
    }

    /** Releases {@code out}. */
    private static void send(ChannelHandlerContext ctx, ByteBuf out) {
        var _ = ctx.write(out, ctx.voidPromise());
    }

    private void fail(ChannelHandlerContext ctx, HandshakeFailure reason, String problem) {
        if (step != Step.CLOSED) {
            step = Step.CLOSED;
            server.metrics().handshakeFailed(reason);
            server.complaints().about(ctx.channel().remoteAddress(), "handshake failed", problem);
            ctx.flush();
            close(ctx);
        }
    }

    private static void close(ChannelHandlerContext ctx) {
        var _ = ctx.close();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        ctx.flush();
        super.channelReadComplete(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
        boolean isWritable = ctx.channel().isWritable();
        ctx.channel().config().setAutoRead(isWritable);
        if (isWritable) {
            channelRead(ctx, Unpooled.EMPTY_BUFFER);
            ctx.flush();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        super.userEventTriggered(ctx, event);
        if (event instanceof ChannelInputShutdownEvent && !ctx.isRemoved()) {
            close(ctx); // nothing more can be agreed on
        } else if (event instanceof SslHandshakeCompletionEvent tls) {
            endTls(ctx, tls);
        } else if (event == HandshakeEvent.CROWDED_OUT) {
            fail(ctx, HandshakeFailure.CROWDED_OUT, "too many clients without an export");
        } else if (event == HandshakeEvent.SERVER_STOPS) {
            isStopping = true;
            if (options != null) {
                options.shutDown();
            }
            cancelAlarm();
            alarm = ctx.executor().schedule(() -> close(ctx), LAST_OPTION_MILLIS, MILLISECONDS);
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        cancelAlarm();
    }

    private void cancelAlarm() {
        if (alarm != null) {
            alarm.cancel(false);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A reset by the client is its own affair; anything else is a bug.
        if (!(cause instanceof IOException)) {
            log.error("closing in handshake peer={}", ctx.channel().remoteAddress(), cause);
        }
        close(ctx);
    }
}
