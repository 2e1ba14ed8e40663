package io.lsmbd.admin.api;

import java.util.List;

/** What is in the object store, as listed now. */
public record StoreInfo(String location, List<StoredVolume> volumes) {
    public StoreInfo {
        volumes = List.copyOf(volumes);
    }

    /** One volume's objects. {@code storedBytes} counts all of them. */
    public record StoredVolume(
            String name, String id, long segments, long packs, long maps, long storedBytes) {}
}
