package io.lsmbd.nbd.transmission;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.nbd.handshake.NegotiatedExport.ReplyStyle;
import io.lsmbd.nbd.wire.NbdConstants;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class ReplyWriterTest {
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private final ReplyWriter writer =
            new ReplyWriter(channel.pipeline().firstContext(), ReplyStyle.SIMPLE);

    /** Found by a reviewer: the reply to a slow FLUSH got lost, and its client waited for ever. */
    @Test
    void whatIsNotFlushedOutlivesTrimming() {
        writer.success(new Request(ReplyStyle.SIMPLE.headers()));
        writer.trim();
        writer.flush();
        ByteBuf sent = channel.readOutbound();
        assertThat(sent.readableBytes()).isEqualTo(NbdConstants.SIMPLE_REPLY_LENGTH);
        sent.release();
        writer.trim();
        assertThat(writer.gatheredBytes()).isZero();
        channel.finishAndReleaseAll();
    }
}
