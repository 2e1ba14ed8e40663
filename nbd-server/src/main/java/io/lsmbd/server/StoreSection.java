package io.lsmbd.server;

import io.lsmbd.config.Setting;
import io.lsmbd.config.Settings;
import io.lsmbd.objectstore.url.ObjectStores;

/** {@code [store]}: where segments live. */
public record StoreSection(String url) {
    static final String AUTO = "auto";

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
                        StoreSection::checked));
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

    /** What {@link ObjectStores#open} understands. */
    public String location(DataSection data) {
        return isAuto() ? data.dir().toAbsolutePath().resolve("store").toString() : url;
    }
}
