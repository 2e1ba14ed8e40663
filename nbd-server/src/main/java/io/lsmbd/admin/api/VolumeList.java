package io.lsmbd.admin.api;

import java.util.List;

/** Volumes by name. */
public record VolumeList(List<VolumeInfo> volumes) {
    public VolumeList {
        volumes = List.copyOf(volumes);
    }
}
