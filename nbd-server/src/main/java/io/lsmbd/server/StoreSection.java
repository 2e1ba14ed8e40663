package io.lsmbd.server;

import io.lsmbd.config.Settings;

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
                in.text(
                        "store.url",
                        AUTO,
                        "The object store: file:///path, or a path. auto is the folder store "
                                + "below data.dir."));
    }

    /** Whether the store is a part of the data directory, made with it. */
    public boolean isAuto() {
        return url.equals(AUTO);
    }

    /** What {@link io.lsmbd.objectstore.url.ObjectStores#open} understands. */
    public String location(DataSection data) {
        return isAuto() ? data.dir().toAbsolutePath().resolve("store").toString() : url;
    }
}
