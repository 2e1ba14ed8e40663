package io.lsmbd.ctl;

import io.lsmbd.admin.api.VerifyInfo;
import io.lsmbd.ctl.terminal.Progress;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.inspect.StoreInspector;
import io.lsmbd.model.VolumeName;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.url.ObjectStores;
import io.lsmbd.segment.SegmentReport;
import java.util.ArrayList;
import java.util.List;

/** Reads a store without a daemon, changing nothing; it may be in use by one. */
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
            throw new CtlException(codeOf(e), String.valueOf(e.getMessage()), "", e);
        }
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
