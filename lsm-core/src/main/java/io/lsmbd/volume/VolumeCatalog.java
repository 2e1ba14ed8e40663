package io.lsmbd.volume;

import java.util.List;
import java.util.Optional;

/** The volumes that this daemon serves, for front ends. All calls are quick and never block. */
public interface VolumeCatalog {
    /** The open volume of that name. */
    Optional<BlockVolume> find(String name);

    /** All open volumes, by name. */
    List<BlockVolume> list();

    /**
     * Whether those are all; false while a daemon that started during an outage of the store has
     * others still to attach.
     */
    default boolean isComplete() {
        return true;
    }
}
