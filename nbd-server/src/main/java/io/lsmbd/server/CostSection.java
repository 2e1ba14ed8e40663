package io.lsmbd.server;

import io.lsmbd.config.Setting;
import io.lsmbd.config.Settings;
import io.lsmbd.objectstore.decorator.StorePrices;

/**
 * {@code [cost]}: what the store's owner asks for. The defaults are those of Amazon S3 Standard in
 * us-east-1, read by a client in the same region.
 */
public record CostSection(String currency, StorePrices prices) {
    private static final double REQUESTS = 1000;

    static CostSection read(Settings in) {
        return new CostSection(
                in.text("cost.currency", "USD", "Currency of the prices; only shown."),
                new StorePrices(
                        price(in, "put", "0.005", "1000 requests that store or list") / REQUESTS,
                        price(in, "get", "0.0004", "1000 requests that read or ask") / REQUESTS,
                        price(in, "in", "0", "a GiB sent to the store"),
                        price(in, "out", "0", "a GiB received from the store"),
                        price(in, "stored", "0.023", "a GiB kept for a month")));
    }

    private static double price(Settings in, String name, String fallback, String thing) {
        return in.value(
                new Setting("cost." + name, "number", fallback, "Price of " + thing + "."),
                CostSection::parse);
    }

    private static double parse(String text) {
        double price;
        try {
            price = Double.parseDouble(text.strip());
        } catch (NumberFormatException _) {
            throw new IllegalArgumentException("not a number: \"%s\"".formatted(text));
        }
        if (!(price >= 0 && price <= 1e6)) {
            throw new IllegalArgumentException("a price is 0 to 1000000, not " + text.strip());
        }
        return price;
    }
}
