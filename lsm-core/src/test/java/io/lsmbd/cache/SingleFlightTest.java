package io.lsmbd.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SingleFlightTest {
    private final Environment env = Frames.environment();
    private final FrameBuffers buffers = new FrameBuffers(env, 4);
    private final SingleFlight flights = new SingleFlight(buffers);

    private Flight flight(int frame) {
        return new Flight(Frames.key(frame), buffers.take(1).getFirst(), env.signal());
    }

    private Flight join(int frame) {
        Flight mine = flight(frame);
        Flight other = Objects.requireNonNull(flights.joinOrStart(mine));
        buffers.giveBack(mine.buffer());
        return other;
    }

    @Test
    void aFlightUnderWayIsJoined() {
        Flight leader = flight(1);
        assertThat(flights.joinOrStart(leader)).isNull();
        assertThat(join(1)).isSameAs(leader);
        assertThat(flights.joinOrStart(flight(2))).isNull();
    }

    @Test
    void theBufferStaysUntilTheLastHolderLetsGo() {
        Flight leader = flight(1);
        flights.joinOrStart(leader);
        Flight joined = join(1);
        flights.end(leader, Flight.Outcome.Landed.LANDED);
        flights.letGo(leader);
        assertThat(buffers.takenNow()).isEqualTo(1);
        assertThat(joined.await()).isEqualTo(Flight.Outcome.Landed.LANDED);
        flights.letGo(joined);
        assertThat(buffers.takenNow()).isZero();
        assertThat(buffers.take(1)).containsExactly(leader.buffer());
    }

    @Test
    void aFailureIsToldToAllWhoJoinedAndThenForgotten() {
        var down = new ObjectStoreException(Outlook.RETRYABLE, "down");
        Flight leader = flight(1);
        flights.joinOrStart(leader);
        Flight second = join(1);
        Flight third = join(1);
        flights.end(leader, new Flight.Outcome.Failed(down));
        assertThat(second.await()).isEqualTo(new Flight.Outcome.Failed(down));
        assertThat(third.await()).isEqualTo(new Flight.Outcome.Failed(down));
        assertThat(flights.joinOrStart(flight(1))).isNull();
    }

    @Test
    void aBufferOfAFailedFlightIsNotUsedAgain() {
        Flight leader = flight(1);
        flights.joinOrStart(leader);
        flights.end(leader, Flight.Outcome.Abandoned.ABANDONED);
        flights.letGo(leader);
        assertThat(buffers.take(4)).doesNotContain(leader.buffer());
    }
}
