package io.lsmbd.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FrameBuffersTest {
    private final Environment env = Frames.environment();
    private final FrameBuffers buffers = new FrameBuffers(env, 4);

    @Test
    void reusesWhatIsGivenBack() {
        FrameBuffer buffer = buffers.take(1).getFirst();
        buffers.giveBack(buffer);
        assertThat(buffers.take(2)).contains(buffer);
        assertThat(buffers.takenNow()).isEqualTo(2);
    }

    @Test
    void neverHandsOutAgainWhatWasGivenUp() {
        FrameBuffer buffer = buffers.take(1).getFirst();
        buffers.giveUp();
        assertThat(buffers.take(4)).doesNotContain(buffer);
    }

    @Test
    void refusesMoreThanItWillEverHave() {
        assertThatThrownBy(() -> buffers.take(5)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void givesNothingWithoutWaitingWhenAllAreTaken() {
        List<FrameBuffer> all = buffers.take(4);
        assertThat(buffers.takeIfFree()).isNull();
        buffers.giveBack(all.getFirst());
        assertThat(buffers.takeIfFree()).isSameAs(all.getFirst());
    }

    @Test
    void takersBeyondTheBoundWaitAndTheBoundHolds() {
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int count = 1 + i % 4;
            tasks.add(
                    env.spawnVirtual(
                            "taker",
                            () -> {
                                for (int round = 0; round < 50; round++) {
                                    List<FrameBuffer> mine = buffers.take(count);
                                    most.accumulateAndGet(taken.addAndGet(count), Math::max);
                                    taken.addAndGet(-count);
                                    mine.forEach(buffers::giveBack);
                                }
                            }));
        }
        tasks.forEach(Task::join);
        assertThat(most.get()).isBetween(1, 4);
        assertThat(buffers.takenNow()).isZero();
    }
}
