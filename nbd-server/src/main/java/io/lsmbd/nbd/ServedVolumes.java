package io.lsmbd.nbd;

import io.lsmbd.env.Environment;
import io.lsmbd.nbd.metrics.NbdMetrics;
import io.lsmbd.nbd.transmission.ServedVolume;
import io.lsmbd.volume.BlockVolume;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What the connections to each volume share. Thread-safe. */
final class ServedVolumes {
    private final NbdMetrics metrics;
    private final Environment environment;
    private final Map<String, ServedVolume> byName = new ConcurrentHashMap<>();

    ServedVolumes(NbdMetrics metrics, Environment environment) {
        this.metrics = metrics;
        this.environment = environment;
    }

    /** The same answer for the same open volume; a new one if it was opened anew. */
    @SuppressWarnings("ReferenceEquality") // a volume opened anew is another one
    ServedVolume of(BlockVolume volume) {
        return byName.compute(
                volume.name(),
                (name, known) ->
                        known != null && known.volume() == volume
                                ? known
                                : new ServedVolume(volume, metrics.volume(name), environment));
    }

    void forget(String name) {
        byName.remove(name);
        metrics.forget(name);
    }
}
