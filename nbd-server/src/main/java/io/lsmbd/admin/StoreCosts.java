package io.lsmbd.admin;

import io.lsmbd.admin.api.CostInfo;
import io.lsmbd.config.Settings;
import io.lsmbd.env.NanoClock;
import io.lsmbd.objectstore.decorator.StorePrices;
import io.lsmbd.objectstore.decorator.StoreUse;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What the requests counted so far cost, and what a month will. Thread-safe. */
public final class StoreCosts implements CostAdmin {
    /** A shorter time says nothing about a month. */
    private static final Duration LEAST = Duration.ofMinutes(10);

    private static final double GIB = 1L << 30;
    private static final Duration MONTH = Duration.ofDays(30);

    private final Supplier<List<StoreUse>> uses;
    private final LongSupplier storedBytes;
    private final String currency;
    private final StorePrices prices;
    private final NanoClock clock;
    private final long startedNanos;

    /** To be made when {@code uses} begins to count. */
    public StoreCosts(
            Supplier<List<StoreUse>> uses,
            LongSupplier storedBytes,
            String currency,
            StorePrices prices,
            NanoClock clock) {
        this.uses = uses;
        this.storedBytes = storedBytes;
        this.currency = currency;
        this.prices = prices;
        this.clock = clock;
        this.startedNanos = clock.nanos();
    }

    @Override
    public CostInfo cost() {
        Duration up = Duration.ofNanos(clock.nanos() - startedNanos);
        List<CostInfo.Use> lines = uses.get().stream().map(StoreCosts::line).toList();
        double cost = lines.stream().mapToDouble(CostInfo.Use::cost).sum();
        long stored = storedBytes.getAsLong();
        double keeping = stored / GIB * prices.storedPerGibMonth();
        double rate = cost * MONTH.toMillis() / Math.max(1, up.toMillis());
        return new CostInfo(
                currency,
                up.toMillis(),
                lines,
                cost,
                stored,
                keeping,
                up.compareTo(LEAST) < 0 ? null : rate + keeping);
    }

    private static CostInfo.Use line(StoreUse use) {
        return new CostInfo.Use(
                Settings.word(use.purpose()),
                use.puts(),
                use.gets(),
                use.deletes(),
                use.bytesUp(),
                use.bytesDown(),
                use.cost());
    }
}
