package io.lsmbd.nbd.tls;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of TLS in the words of a plain connection, so that handlers behind need not know of it. */
final class TlsEvents extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(TlsEvents.class);

    /** A client's goodbye is the end of its input. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        ctx.fireUserEventTriggered(event);
        if (event instanceof SslCloseCompletionEvent) {
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    /** What does not decrypt is its sender's fault, and nobody else's business. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof SSLException
                || (cause instanceof DecoderException
                        && cause.getCause() instanceof SSLException)) {
            log.debug("closing peer={} problem={}", ctx.channel().remoteAddress(), "" + cause);
            var _ = ctx.close();
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }
}
