package io.lsmbd.server;

import io.lsmbd.config.Setting;
import io.lsmbd.config.Settings;
import io.lsmbd.objectstore.decorator.HedgeConfig;
import io.lsmbd.objectstore.url.ObjectStores;
import java.time.Duration;
import java.util.Optional;

/** {@code [store]}: where segments live. */
public record StoreSection(
        String url, Fencing fencing, Hedge hedge, int hedgePercent, Duration readTimeout) {
    static final String AUTO = "auto";
    private static final String MEMORY = "mem:";
    private static final String HEDGE_PERCENT = "store.hedge-percent";

    /** Whether a store must be able to turn away a writer that has lost its volume. */
    public enum Fencing {
        REQUIRED,
        /** There is one daemon, as the user says. */
        WAIVED
    }

    /** Whether requests that are late are sent a second time. */
    public enum Hedge {
        /** To stores across a network. */
        AUTO,
        ON,
        OFF
    }

    public StoreSection {
        if (url.isBlank()) {
            throw new IllegalArgumentException("store.url is empty");
        }
        Bounds.check(HEDGE_PERCENT, hedgePercent, 1, 100);
        Bounds.check("store.read-timeout", readTimeout, Duration.ZERO, Duration.ofDays(7));
    }

    static StoreSection read(Settings in) {
        return new StoreSection(
                in.value(
                        new Setting(
                                "store.url",
                                "text",
                                AUTO,
                                "The object store: file:///path, a path, or s3://bucket/prefix"
                                        + " (docs/STORES.md). auto is the folder store below"
                                        + " data.dir."),
                        StoreSection::checked),
                in.value(
                        new Setting(
                                "store.unsafe-single-writer",
                                "true|false",
                                "false",
                                "Write to a store although its conditional writes do not work."
                                        + " Safe only if never a second daemon opens it, not even"
                                        + " by mistake (docs/STORES.md)."),
                        StoreSection::fencing),
                in.choice(
                        "store.hedge",
                        Hedge.values(),
                        "auto",
                        "Whether a read, or the upload of a small segment, that takes longer than "
                                + "95 of 100 did of late is sent a second time. auto is on for "
                                + "s3."),
                in.integer(
                        HEDGE_PERCENT,
                        "5",
                        "The most second requests, of 100 that could have one; each is paid "
                                + "for."),
                in.duration(
                        "store.read-timeout",
                        "1h",
                        "How long a client's read of what is in the store alone waits while that "
                                + "is away, before it fails (EIO). Writes never fail for that."));
    }

    private static Fencing fencing(String unsafe) {
        return switch (unsafe.strip()) {
            case "true" -> Fencing.WAIVED;
            case "false" -> Fencing.REQUIRED;
            default -> throw new IllegalArgumentException("write true or false, not " + unsafe);
        };
    }

    /** Empty: every request is sent once. */
    Optional<HedgeConfig> hedges() {
        boolean isOn = hedge == Hedge.ON || (hedge == Hedge.AUTO && ObjectStores.isS3(url));
        return isOn ? Optional.of(HedgeConfig.ofShare(hedgePercent / 100.0)) : Optional.empty();
    }

    /** So that no key that somebody wrote into an address gets as far as a log. */
    private static String checked(String url) {
        ObjectStores.checkAddress(url);
        return url;
    }

    /** Whether the store is a part of the data directory, made with it. */
    public boolean isAuto() {
        return url.equals(AUTO);
    }

    /** Whether no other daemon can open it: it goes with our folder, or with our process. */
    boolean isOurs() {
        return isAuto() || url.equals(MEMORY);
    }

    /** What {@link ObjectStores#open} understands. */
    public String location(DataSection data) {
        return isAuto() ? data.dir().toAbsolutePath().resolve("store").toString() : url;
    }
}
