package io.lsmbd.server;

import io.lsmbd.config.Setting;
import io.lsmbd.config.Settings;
import io.lsmbd.objectstore.url.ObjectStores;

/** {@code [store]}: where segments live. */
public record StoreSection(String url, Fencing fencing) {
    static final String AUTO = "auto";
    private static final String MEMORY = "mem:";

    /** Whether a store must be able to turn away a writer that has lost its volume. */
    public enum Fencing {
        REQUIRED,
        /** There is one daemon, as the user says. */
        WAIVED
    }

    public StoreSection {
        if (url.isBlank()) {
            throw new IllegalArgumentException("store.url is empty");
        }
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
                        StoreSection::fencing));
    }

    private static Fencing fencing(String unsafe) {
        return switch (unsafe.strip()) {
            case "true" -> Fencing.WAIVED;
            case "false" -> Fencing.REQUIRED;
            default -> throw new IllegalArgumentException("write true or false, not " + unsafe);
        };
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
