package io.lsmbd.nbd.transmission;

import io.lsmbd.env.Environment;
import io.lsmbd.nbd.metrics.VolumeMeters;
import io.lsmbd.volume.BlockVolume;

/** A volume and what all connections to it share. */
public final class ServedVolume {
    private final BlockVolume volume;
    private final VolumeMeters meters;
    private final MutationOrder order;

    public ServedVolume(BlockVolume volume, VolumeMeters meters, Environment environment) {
        this.volume = volume;
        this.meters = meters;
        this.order = new MutationOrder(environment);
    }

    public BlockVolume volume() {
        return volume;
    }

    VolumeMeters meters() {
        return meters;
    }

    MutationOrder order() {
        return order;
    }
}
