package io.lsmbd.nbd.transmission;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.model.DataSize;
import io.lsmbd.nbd.limits.InFlightBudget;
import io.lsmbd.nbd.limits.InFlightLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

@SuppressWarnings("deprecation") // the only type of handle that Netty accepts
class ReceiveBufferTest {
    private static final int LIMIT = 16 << 20;
    private static final int HEADER = 28;

    private static void read(
            ReceiveBuffer received, RecvByteBufAllocator.Handle handle, int count) {
        ByteBuf bytes = handle.allocate(ByteBufAllocator.DEFAULT);
        bytes.writeZero(Math.min(count, bytes.writableBytes()));
        received.consumeRead(ByteBufAllocator.DEFAULT, bytes);
        ByteBuf current = Objects.requireNonNull(received.current());
        // A part of the next header stays, unless this was one.
        int rest = count > HEADER ? HEADER / 2 : 0;
        current.skipBytes(Math.max(0, current.readableBytes() - rest));
    }

    /** Found by a reviewer: it was given back to the account and kept all the same. */
    @Test
    void roomThatWasGivenBackIsNotInMemory() {
        var budget = new InFlightBudget(new InFlightLimits(4096, new DataSize(LIMIT)));
        List<ReceiveBuffer> all = new ArrayList<>();
        long capacity = 0;
        long mostCounted = 0;
        for (int i = 0; i < 200; i++) {
            InFlightBudget.Share share = budget.open(Runnable::run, () -> {});
            ReceiveBuffer received = new ReceiveBuffer();
            all.add(received);
            received.begin(share);
            RecvByteBufAllocator.Handle handle = received.newHandle();
            for (int j = 0; j < 20; j++) {
                read(received, handle, 1 << 20);
                share.settle(0);
            }
            mostCounted = Math.max(mostCounted, budget.usage().bytes());
            for (int j = 0; j < 320; j++) {
                read(received, handle, HEADER);
                share.settle(0);
            }
            capacity += Objects.requireNonNull(received.current()).capacity();
        }
        assertThat(mostCounted).as("they did grow").isGreaterThan(200 << 10);
        assertThat(budget.usage().bytes()).isZero();
        assertThat(capacity).isEqualTo(200 * (16 << 10));
        all.forEach(ReceiveBuffer::close);
    }
}
