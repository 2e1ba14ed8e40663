package io.lsmbd.nbd;

import io.netty.channel.ChannelHandlerAdapter;
import io.netty.channel.ChannelHandlerContext;

/**
 * To be the first handler of a connection, and so the last to leave it: by then all others have
 * given back what they held, which is not yet so when the channel counts as closed.
 */
final class LastOut extends ChannelHandlerAdapter {
    private final Runnable afterwards;

    LastOut(Runnable afterwards) {
        this.afterwards = afterwards;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        afterwards.run();
    }
}
