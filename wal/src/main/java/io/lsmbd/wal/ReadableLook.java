package io.lsmbd.wal;

import io.lsmbd.env.LogFile;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.VolumeId;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One look at a log for {@link WalSalvage}: goes on behind whatever cannot be read. */
final class ReadableLook implements AutoCloseable {
    private final LogFiles names;
    private final Scratch window;
    private final VolumeId volume;
    private final WalRecords records;
    private final List<Unreadable> unreadable = new ArrayList<>();

    /** Names of files that are there and without a valid header. */
    private final Set<String> headless = new HashSet<>();

    private List<WalFile> all = List.of();
    private List<WalFile> chain = List.of();
    private long synced;

    /** Position of the last record of any volume. */
    private long lastFound;

    /** Where the records of a file stop without saying that the log goes on. */
    private record OpenEnd(WalFile file, long position, long torn, String problem) {}

    ReadableLook(LogFiles names, Scratch window, VolumeId volume) {
        this.names = names;
        this.window = window;
        this.volume = volume;
        this.records = new WalRecords(volume);
    }

    List<Unreadable> unreadable() {
        return unreadable;
    }

    WalRecords records() {
        return records;
    }

    /** Looks. Returns false if a file left the log between its listing and its opening. */
    boolean run() throws StorageException {
        try {
            Optional<SyncedFormat> hint = LogLook.readHint(names);
            synced = hint.map(SyncedFormat::position).orElse(0L);
            all = names.openReadable(this::noteHeadless);
            if (all.isEmpty() && hint.isEmpty() && headless.isEmpty()) {
                throw LogLook.noLog(names);
            }
        } catch (LocalStorageException e) {
            if (e.getCause() instanceof NoSuchFileException) {
                return false;
            }
            throw e;
        }
        for (WalFile file : all) {
            synced = Math.max(synced, file.header.syncedPosition());
        }
        link();
        scanAll();
        unreadable.sort(
                Comparator.comparing(Unreadable::file).thenComparingLong(Unreadable::offset));
        if (unreadable.isEmpty()) {
            records.sort();
        } else {
            records.order();
        }
        return true;
    }

    private void noteHeadless(LogFile file, String problem) throws IOException {
        headless.add(file.name());
        note(file.name(), 0, file.size(), problem);
    }

    private void note(String name, long offset, long length, String problem) {
        unreadable.add(new Unreadable(names.path(name), offset, length, problem, Optional.empty()));
    }

    /**
     * Follows the headers from the newest file back, as {@link LogChain}, and on from a file that
     * is missing to the newest before it. Files between it and its successor were given up before.
     */
    private void link() {
        ArrayDeque<WalFile> linked = new ArrayDeque<>();
        WalFile file = all.isEmpty() ? null : all.getLast();
        while (file != null) {
            linked.addFirst(file);
            long previous = file.header.previousSequence();
            WalFile before = newestUpTo(Math.min(previous, file.header.sequence() - 1));
            if (before != null && before.header.sequence() != previous) {
                noteMissing(previous, file.name + " follows it and older files are there");
            }
            file = before;
        }
        chain = List.copyOf(linked);
    }

    private @Nullable WalFile newestUpTo(long sequence) {
        WalFile found = null;
        for (WalFile file : all) {
            found = file.header.sequence() <= sequence ? file : found;
        }
        return found;
    }

    private void noteMissing(long sequence, String reason) {
        String name = LogFiles.name(sequence);
        if (!headless.contains(name)) {
            note(name, 0, 0, "the file is missing, though " + reason);
        }
    }

    private void scanAll() throws StorageException {
        List<OpenEnd> ends = new ArrayList<>();
        for (int i = 0; i < chain.size(); i++) {
            WalFile file = chain.get(i);
            try {
                OpenEnd end = scan(file, i + 1 < chain.size() ? chain.get(i + 1) : null);
                if (end != null) {
                    ends.add(end);
                }
            } catch (IOException e) {
                throw LogFiles.failure("reading " + names.path(file.name), e);
            }
        }
        // An unused rest of a file is no damage, unless something must have been there.
        for (OpenEnd end : ends) {
            boolean isKnown = end.position < Math.max(synced, lastFound);
            if (isKnown || end.torn > 0) {
                long length = isKnown ? end.file.header.limit() - end.position : end.torn;
                note(end.file.name, end.file.offset(end.position), length, end.problem);
            }
        }
        if (ends.isEmpty() && !chain.isEmpty()) {
            noteMissing(chain.getLast().header.sequence() + 1, "the log goes on there");
        } else if (chain.isEmpty() && headless.isEmpty() && synced > 0) {
            note(LogFiles.SYNCED_NAME, 0, 0, "all log files are missing");
        }
    }

    /** Returns where the file's records stop, if no END record and no successor tells. */
    private @Nullable OpenEnd scan(WalFile file, @Nullable WalFile next) throws IOException {
        long cut =
                next == null || next.header.previousSequence() != file.header.sequence()
                        ? 0
                        : next.header.previousEnd();
        boolean isCut = cut != 0;
        long limit = isCut ? Math.min(cut, file.header.limit()) : file.header.limit();
        var scanner =
                new RecordScanner(
                        file.io,
                        file.header,
                        limit,
                        RecordScanner.Check.HEADER_AND_PAYLOAD,
                        window);
        while (true) {
            while (scanner.next()) {
                found(scanner);
            }
            if (scanner.stop() == RecordScanner.Stop.END) {
                return null;
            }
            long from = scanner.position();
            String problem = scanner.problem();
            long torn = scanner.tornBytes();
            Optional<WalRecordInfo> record =
                    scanner.isKnownRecord()
                            ? Optional.of(WalInspection.describe(file, scanner.entry()))
                            : Optional.empty();
            if (!scanner.resume()) {
                if (!isCut) {
                    return new OpenEnd(file, from, torn, problem);
                }
                note(file.name, file.offset(from), limit - from, problem);
                return null;
            }
            unreadable.add(
                    new Unreadable(
                            names.path(file.name),
                            file.offset(from),
                            scanner.end() - from,
                            problem,
                            record));
        }
    }

    private void found(RecordScanner scanner) {
        synced = Math.max(synced, scanner.synced());
        lastFound = Math.max(lastFound, scanner.position());
        if (scanner.volume() == volume.value()) {
            records.add(scanner.entry());
        }
    }

    /** The file with that position. */
    WalFile fileOf(long position) {
        for (WalFile file : chain) {
            if (file.base() <= position && position < file.header.limit()) {
                return file;
            }
        }
        throw new IllegalArgumentException("position " + position + " is not in this log");
    }

    /** Whether no file that was read has been given to new records meanwhile. */
    boolean isStillTheSame() throws StorageException {
        for (WalFile file : all) {
            if (!LogLook.isStillTheSame(names, file)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        all.forEach(LogFiles::closeQuietly);
    }
}
