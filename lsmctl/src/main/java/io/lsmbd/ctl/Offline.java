package io.lsmbd.ctl;

import io.lsmbd.admin.api.VerifyInfo;
import io.lsmbd.ctl.terminal.Progress;
import io.lsmbd.env.Environment;
import io.lsmbd.env.LogDirectory;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.env.SystemLogDirectory;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.inspect.OfflineVolume;
import io.lsmbd.inspect.Salvage;
import io.lsmbd.inspect.StoreInspector;
import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.url.ObjectStores;
import io.lsmbd.segment.SegmentReport;
import io.lsmbd.wal.WalInspection;
import io.lsmbd.wal.WalSalvage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads store and log without a daemon, changing nothing; they may be in use by one. */
final class Offline {
    private final String url;

    Offline(String url) {
        this.url = url;
    }

    /** What one wants to know of a store. */
    @FunctionalInterface
    interface Question<T> {
        T ask(StoreInspector inspector) throws StorageException;
    }

    <T> T ask(Question<T> question) throws CtlException {
        try (ObjectStore store = ObjectStores.openReadOnly(url)) {
            return question.ask(new StoreInspector(store));
        } catch (StorageException e) {
            throw failure(e);
        }
    }

    /** What one wants to know of a volume. */
    @FunctionalInterface
    interface VolumeQuestion<T> {
        T ask(OfflineVolume volume) throws StorageException;
    }

    /** {@code log}: the folder of a log that may hold more of the volume; null: the store only. */
    <T> T askVolume(VolumeName name, @Nullable Path log, VolumeQuestion<T> question)
            throws CtlException {
        Environment environment = environment();
        try (ObjectStore store = ObjectStores.openReadOnly(url)) {
            VolumeId id = new StoreInspector(store).idOf(name);
            try (WalInspection records =
                            log == null ? null : openLog(environment, log, Set.of(id));
                    OfflineVolume volume = OfflineVolume.open(store, environment, id, records)) {
                return question.ask(volume);
            }
        } catch (StorageException e) {
            throw failure(e);
        }
    }

    /** What one wants to know of a log. */
    @FunctionalInterface
    interface LogQuestion<T> {
        T ask(WalInspection log) throws StorageException;
    }

    static <T> T askLog(Path folder, LogQuestion<T> question) throws CtlException {
        try (WalInspection log = openLog(environment(), folder, Set.of())) {
            return question.ask(log);
        } catch (StorageException e) {
            throw failure(e);
        }
    }

    /** What one wants of the records that only a log has. */
    @FunctionalInterface
    interface SalvageQuestion<T> {
        T ask(Salvage salvage) throws StorageException, CtlException;
    }

    <T> T salvage(VolumeName name, Path log, Salvage.Extent extent, SalvageQuestion<T> question)
            throws CtlException {
        Environment environment = environment();
        try (ObjectStore store = ObjectStores.openReadOnly(url)) {
            VolumeId id = new StoreInspector(store).idOf(name);
            try (WalSalvage records = WalSalvage.open(environment, directoryOf(log), id)) {
                return question.ask(Salvage.open(store, environment, id, records, extent));
            }
        } catch (StorageException e) {
            throw failure(e);
        }
    }

    private static WalInspection openLog(Environment environment, Path folder, Set<VolumeId> kept)
            throws StorageException {
        return WalInspection.open(environment, directoryOf(folder), kept);
    }

    private static LogDirectory directoryOf(Path folder) throws RefusedException {
        try {
            return SystemLogDirectory.openReadOnly(folder);
        } catch (IOException e) {
            throw new RefusedException(
                    RefusedException.Reason.INVALID,
                    "there is no folder %s; a daemon's log is in the folder wal of its data.dir"
                            .formatted(e.getMessage()));
        }
    }

    static Environment environment() {
        return new SystemEnvironment((_, failure) -> failure.printStackTrace());
    }

    static CtlException failure(StorageException e) {
        return new CtlException(codeOf(e), String.valueOf(e.getMessage()), "", e);
    }

    private static ExitCode codeOf(StorageException failure) {
        return switch (failure) {
            case CorruptDataException _ -> ExitCode.CORRUPT;
            case RefusedException refused ->
                    refused.reason() == RefusedException.Reason.INVALID
                            ? ExitCode.USAGE
                            : ExitCode.REFUSED;
            case ObjectStoreException store ->
                    store.isNotFound() ? ExitCode.REFUSED : ExitCode.UNREACHABLE;
            case LocalStorageException _ -> ExitCode.UNREACHABLE;
            case io.lsmbd.error.FencedException _ -> ExitCode.REFUSED;
            case io.lsmbd.error.VolumeClosedException _ -> ExitCode.FAILED;
        };
    }

    /** Every segment of these volumes. */
    static VerifyInfo verifyAll(StoreInspector inspector, List<VolumeName> names)
            throws StorageException {
        List<ObjectInfo> segments = new ArrayList<>();
        for (VolumeName name : names) {
            segments.addAll(inspector.segments(name));
        }
        long total = segments.stream().mapToLong(ObjectInfo::sizeBytes).sum();
        List<String> problems = new ArrayList<>();
        try (Progress progress = Progress.ofBytes("verify", total)) {
            for (ObjectInfo segment : segments) {
                SegmentReport report = inspector.verify(segment.key());
                for (CorruptDataException problem : report.problems()) {
                    problems.add(String.valueOf(problem.getMessage()));
                }
                progress.done(segment.sizeBytes());
            }
        }
        return new VerifyInfo(inspector.location(), segments.size(), total, problems);
    }
}
