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
        Space space = Space.of(volume.map().segments());
        @Nullable String problem = problem(volume.failure(), ageMillis);
        return info(
                info.manifest(),
                state(volume.failure(), problem),
                new Figures(
                        space,
                        info.unuploadedBytes(),
                        ageMillis,
                        clients.getOrDefault(volume.name(), 0)),
                problem);
    }

    private record Figures(Space space, long unuploadedBytes, long ageMillis, int clients) {
        static final Figures NONE = new Figures(Space.NONE, 0, 0, 0);
    }

    private @Nullable String problem(Optional<StorageException> failure, long ageMillis) {
        if (failure.isPresent()) {
            return failure.get().getMessage();
        }
        return ageMillis > patience.toMillis()
                ? "writes have been waiting for the object store for %d s"
                        .formatted(ageMillis / 1000)
                : null;
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
                figures.clients(),
                new CompressionText(manifest.compression()),
                Durability.valueOf(manifest.durability().name()),
                problem);
    }
}
