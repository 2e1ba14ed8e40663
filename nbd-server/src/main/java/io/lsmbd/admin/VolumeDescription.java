package io.lsmbd.admin;

import io.lsmbd.admin.api.CompressionText;
import io.lsmbd.admin.api.Durability;
import io.lsmbd.admin.api.VolumeInfo;
import io.lsmbd.admin.api.VolumeState;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.FencedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.inspect.Space;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.model.Sectors;
import io.lsmbd.volume.Volume;
import io.lsmbd.write.Pressure;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A volume as a record of the API. */
final class VolumeDescription {
    private final Duration patience;

    /** {@code patience}: a volume whose writes wait longer for the store is degraded. */
    VolumeDescription(Duration patience) {
        this.patience = patience;
    }

    /** {@code clients}: how many each volume has, by name; one that has none may be missing. */
    VolumeInfo attached(Volume volume, Map<String, Integer> clients) {
        var info = volume.info();
        long ageMillis = TimeUnit.NANOSECONDS.toMillis(info.oldestUnuploadedNanos());
        Pressure pressure = info.pressure();
        Space space = Space.of(volume.map().segments());
        @Nullable String problem = problem(volume.failure(), pressure, ageMillis);
        return info(
                info.manifest(),
                state(volume.failure(), problem),
                new Figures(
                        space,
                        info.unuploadedBytes(),
                        ageMillis,
                        Math.round(1000 * pressure.fullness()) / 1000.0,
                        clients.getOrDefault(volume.name(), 0)),
                problem);
    }

    private record Figures(
            Space space, long unuploadedBytes, long ageMillis, double logFullness, int clients) {
        static final Figures NONE = new Figures(Space.NONE, 0, 0, 0, 0);
    }

    private @Nullable String problem(
            Optional<StorageException> failure, Pressure pressure, long ageMillis) {
        if (failure.isPresent()) {
            return failure.get().getMessage();
        }
        if (pressure.isSlowing()) {
            return slowed(pressure);
        }
        return ageMillis > patience.toMillis()
                ? "writes have been waiting for the object store for %d s"
                        .formatted(ageMillis / 1000)
                : null;
    }

    /** Why, and which setting would help: more room, if it is not the store that is slow. */
    private static String slowed(Pressure pressure) {
        String room =
                switch (pressure.bound()) {
                    case BYTES -> "what it may have of the log (wal.budget)";
                    case RECORDS -> "the memory for small writes in the log (memory.budget)";
                };
        return "writes %s: those that are not uploaded yet take %.0f %% of %s"
                .formatted(
                        pressure.fullness() < 1 ? "are slowed down" : "wait",
                        100 * pressure.fullness(),
                        room);
    }

    private static VolumeState state(Optional<StorageException> failure, @Nullable String problem) {
        if (failure.isEmpty()) {
            return problem == null ? VolumeState.ONLINE : VolumeState.DEGRADED;
        }
        return switch (failure.get()) {
            case FencedException _ -> VolumeState.FENCED;
            case CorruptDataException _ -> VolumeState.CORRUPT;
            default -> VolumeState.FAILED;
        };
    }

    /** A volume of the store that is not attached here. */
    VolumeInfo offline(Manifest manifest, VolumeState state, String problem) {
        return info(manifest, state, Figures.NONE, problem);
    }

    private static VolumeInfo info(
            Manifest manifest, VolumeState state, Figures figures, @Nullable String problem) {
        return new VolumeInfo(
                manifest.name().value(),
                manifest.volume().toString(),
                state,
                manifest.sizeBytes(),
                Sectors.toBytes(figures.space().liveSectors()),
                figures.space().storedBytes(),
                figures.unuploadedBytes(),
                figures.ageMillis(),
                figures.logFullness(),
                figures.clients(),
                new CompressionText(manifest.compression()),
                Durability.valueOf(manifest.durability().name()),
                problem);
    }
}
