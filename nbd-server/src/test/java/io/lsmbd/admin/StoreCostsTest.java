package io.lsmbd.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lsmbd.admin.api.CostInfo;
import io.lsmbd.objectstore.decorator.Purpose;
import io.lsmbd.objectstore.decorator.StorePrices;
import io.lsmbd.objectstore.decorator.StoreUse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StoreCostsTest {
    private final AtomicLong nanos = new AtomicLong(1);
    private final StoreCosts costs =
            new StoreCosts(
                    () ->
                            List.of(
                                    new StoreUse(Purpose.SEGMENT, 10, 0, 0, 100, 0, 2),
                                    new StoreUse(Purpose.READ, 0, 20, 0, 0, 50, 1)),
                    () -> 3L << 30,
                    "EUR",
                    new StorePrices(0, 0, 0, 0, 5),
                    nanos::get);

    @Test
    void aMonthIsWhatIsKeptAndTheRequestsAtTheirRate() {
        nanos.addAndGet(Duration.ofDays(3).toNanos());
        CostInfo info = costs.cost();
        assertThat(info.uses())
                .containsExactly(
                        new CostInfo.Use("segment", 10, 0, 0, 100, 0, 2),
                        new CostInfo.Use("read", 0, 20, 0, 0, 50, 1));
        assertThat(info.cost()).isEqualTo(3);
        assertThat(info.storedPerMonth()).isEqualTo(15);
        assertThat(info.perMonth()).isCloseTo(15 + 30, within(1e-9));
    }

    @Test
    void aFewMinutesSayNothingAboutAMonth() {
        nanos.addAndGet(Duration.ofMinutes(9).toNanos());
        assertThat(costs.cost().perMonth()).isNull();
        assertThat(costs.cost().upMillis()).isEqualTo(540_000);
    }
}
