package io.lsmbd.nbd.handshake;

import io.lsmbd.nbd.metrics.NbdMetrics;
import io.lsmbd.nbd.metrics.NbdMetrics.HandshakeFailure;
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
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

    /** What the next bytes are. */
    private enum Step {
        CLIENT_FLAGS,
        OPTION_HEADER,
        OPTION_DATA,
        /** Data too long to be looked at. */
        SKIPPED_DATA,
        CLOSED
    }

    private final OptionExecutor options;
    private final Function<NegotiatedExport, ChannelHandler> transmission;
    private final NbdMetrics metrics;
    private final Duration timeout;
    private @Nullable ScheduledFuture<?> deadline;
    private Step step = Step.CLIENT_FLAGS;
    private int option;
    private long dataLength;

    /** Gives up on a client that has not chosen an export after {@code timeout}. */
    public HandshakeHandler(
            ExportCatalog exports,
            Function<NegotiatedExport, ChannelHandler> transmission,
            NbdMetrics metrics,
            Duration timeout) {
        this.options = new OptionExecutor(exports);
        this.transmission = transmission;
        this.metrics = metrics;
        this.timeout = timeout;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        deadline =
                ctx.executor()
                        .schedule(
                                () -> fail(ctx, HandshakeFailure.TIMEOUT, "took too long"),
                                timeout.toNanos(),
                                TimeUnit.NANOSECONDS);
        ByteBuf greeting = ctx.alloc().directBuffer(REPLY_CAPACITY);
        OptionReplyEncoder.greeting(greeting, OFFERED_FLAGS);
        send(ctx, greeting);
        ctx.flush();
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
            case CLOSED -> in.skipBytes(in.readableBytes());
        }
    }

    private void clientFlags(ChannelHandlerContext ctx, ByteBuf in) {
        if (in.readableBytes() < Integer.BYTES) {
            return;
        }
        int flags = in.readInt();
        if ((flags & ~OFFERED_FLAGS) != 0) {
            fail(ctx, HandshakeFailure.PROTOCOL, "unknown client flags " + flags);
            return;
        }
        if ((flags & NbdConstants.FLAG_NO_ZEROES) != 0) {
            options.omitPadding();
        }
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
        option = in.readInt();
        dataLength = in.readUnsignedInt();
        step = dataLength > OptionCodec.MAX_DATA_LENGTH ? Step.SKIPPED_DATA : Step.OPTION_DATA;
        if (dataLength == 0) {
            optionData(ctx, in);
        }
    }

    private void optionData(ChannelHandlerContext ctx, ByteBuf in) {
        if (in.readableBytes() < dataLength) {
            return;
        }
        ByteBuf data = in.readSlice((int) dataLength);
        step = Step.OPTION_HEADER;
        obey(ctx, OptionCodec.decode(option, data));
    }

    private void skippedData(ChannelHandlerContext ctx, ByteBuf in) {
        int skipped = (int) Math.min(dataLength, in.readableBytes());
        in.skipBytes(skipped);
        dataLength -= skipped;
        if (dataLength == 0) {
            step = Step.OPTION_HEADER;
            obey(ctx, OptionCodec.tooLong(option));
        }
    }

    private void obey(ChannelHandlerContext ctx, NbdOption request) {
        ByteBuf out = ctx.alloc().directBuffer(REPLY_CAPACITY);
        OptionExecutor.Outcome outcome;
        try {
            outcome = options.execute(option, request, out);
        } catch (RuntimeException e) {
            out.release();
            throw e;
        }
        send(ctx, out);
        switch (outcome) {
            case OptionExecutor.Outcome.NextOption() -> {}
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

    /** Releases {@code out}. */
    private static void send(ChannelHandlerContext ctx, ByteBuf out) {
        var _ = ctx.write(out, ctx.voidPromise());
    }

    private void fail(ChannelHandlerContext ctx, HandshakeFailure reason, String problem) {
        if (step != Step.CLOSED) {
            step = Step.CLOSED;
            metrics.handshakeFailed(reason);
            log.info("handshake failed peer={} reason={}", ctx.channel().remoteAddress(), problem);
            var _ = ctx.close();
        }
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
            var _ = ctx.close(); // nothing more can be agreed on
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A reset by the client is its own affair; anything else is a bug.
        if (!(cause instanceof IOException)) {
            log.error("closing in handshake peer={}", ctx.channel().remoteAddress(), cause);
        }
        var _ = ctx.close();
    }
}
