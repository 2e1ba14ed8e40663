package io.lsmbd.wal;

import io.lsmbd.env.Environment;
import io.lsmbd.env.LogDirectory;
import io.lsmbd.env.LogFile;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.StorageException;
import io.lsmbd.format.CorruptFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log's directory: names, headers, spares. Every step leaves a directory that recovery
 * understands, and is on disk before the next one begins. Used by the thread that opens the log,
 * then by the recycler's alone.
 */
final class LogFiles {
    static final String SYNCED_NAME = "synced";

    /** Its presence says that acknowledged records may be missing and nobody accepted it yet. */
    private static final String LOSS_NAME = "possible-loss";

    private static final Logger log = LoggerFactory.getLogger(LogFiles.class);
    private static final Pattern LOG_NAME = Pattern.compile("[0-9]{20}\\.wal");
    private static final int MAX_SPARES = 1024;
    private static final Pattern SPARE_NAME = Pattern.compile("spare-[0-9]{20}\\.wal");

    private final Environment env;
    private final LogDirectory directory;
    private final long fileSize;

    /** Uploads free several files at once; what is deleted would be filled with zeroes again. */
    private final int maxSpares;

    private final RandomGenerator random;
    private final ArrayDeque<String> spares = new ArrayDeque<>();

    LogFiles(Environment env, LogDirectory directory, WalConfig config) {
        this.env = env;
        this.directory = directory;
        this.fileSize = config.fileSize().bytes();
        long files = config.budget().bytes() / config.fileSize().bytes();
        this.maxSpares = Math.max(config.spareFiles(), (int) Math.min(files / 4, MAX_SPARES));
        this.random = env.random("wal-file-uuid");
    }

    static String name(long sequence) {
        return "%020d.wal".formatted(sequence);
    }

    private static String spareName(long sequence) {
        return "spare-" + name(sequence);
    }

    LogDirectory directory() {
        return directory;
    }

    /** Opens all files of the log, by name, and notes the spares; closes them if one fails. */
    List<WalFile> openAll() throws StorageException {
        List<WalFile> files = new ArrayList<>();
        try {
            for (String name : directory.list()) {
                if (LOG_NAME.matcher(name).matches()) {
                    files.add(openOne(name));
                } else if (SPARE_NAME.matcher(name).matches()) {
                    spares.add(name);
                }
            }
            return files;
        } catch (IOException e) {
            files.forEach(LogFiles::closeQuietly);
            throw failure("reading " + directory.path(), e);
        }
    }

    /** Told of a file whose header cannot be used, which is closed afterwards. */
    @FunctionalInterface
    interface Headless {
        void found(LogFile file, String problem) throws IOException;
    }

    /** As {@link #openAll}, but goes on behind what is damaged. */
    List<WalFile> openReadable(Headless headless) throws StorageException {
        List<WalFile> files = new ArrayList<>();
        try {
            for (String name : directory.list()) {
                if (LOG_NAME.matcher(name).matches()) {
                    openReadable(name, headless).ifPresent(files::add);
                }
            }
            return files;
        } catch (IOException e) {
            files.forEach(LogFiles::closeQuietly);
            throw failure("reading " + directory.path(), e);
        }
    }

    private Optional<WalFile> openReadable(String name, Headless headless) throws IOException {
        var io = new ReadableParts(directory.open(name));
        try {
            return Optional.of(withHeader(name, io));
        } catch (CorruptDataException e) {
            try (io) {
                Throwable problem = e.getCause() == null ? e : e.getCause();
                headless.found(io, String.valueOf(problem.getMessage()));
                return Optional.empty();
            }
        } catch (IOException e) {
            io.close();
            throw e;
        }
    }

    private WalFile openOne(String name) throws IOException {
        LogFile io = directory.open(name);
        try {
            return withHeader(name, io);
        } catch (IOException e) {
            io.close();
            throw e;
        }
    }

    private WalFile withHeader(String name, LogFile io) throws IOException {
        try {
            FileHeader header = readHeader(io);
            if (!name(header.sequence()).equals(name)) {
                throw new CorruptDataException(
                        path(name), 0, "its header belongs to " + name(header.sequence()));
            }
            return new WalFile(header, name, io);
        } catch (CorruptFormatException e) {
            throw new CorruptDataException(path(name), 0, e);
        }
    }

    /** The header as it is now. */
    FileHeader readHeader(LogFile io) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocate(FileFormat.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int count = io.read(0, bytes);
        if (count < FileFormat.HEADER_BYTES) {
            throw new CorruptDataException(
                    path(io.name()), count, "a log file of only " + count + " bytes");
        }
        return FileFormat.decode(bytes);
    }

    /** What the file {@link #SYNCED_NAME} says, if it says anything. */
    Optional<SyncedFormat> readHint(LogFile file) throws StorageException {
        try {
            ByteBuffer bytes = ByteBuffer.allocate(SyncedFormat.BYTES);
            int count = file.read(0, bytes);
            return count < SyncedFormat.BYTES
                    ? Optional.empty()
                    : SyncedFormat.decode(bytes.flip());
        } catch (IOException e) {
            throw failure("reading " + path(file.name()), e);
        }
    }

    String path(String name) {
        return directory.path() + "/" + name;
    }

    /**
     * Makes a file that can be appended to: on disk, under its name, before this returns.
     *
     * @throws LocalStorageException if the directory's state is now unknown
     * @throws IOException if nothing has changed: disk full, most likely
     */
    WalFile prepare(Place place) throws IOException {
        if (place.base() > WalLocation.END_OF_LIFE - fileSize) {
            throw WalAppender.endOfLife();
        }
        FileHeader header =
                new FileHeader(
                        new UUID(random.nextLong(), random.nextLong()),
                        place.sequence(),
                        place.base(),
                        fileSize,
                        place.previousSequence(),
                        place.previousEnd(),
                        place.synced(),
                        env.wallClock().millis(),
                        env.bootId());
        String spare = spareWith(header);
        String name = name(place.sequence());
        try {
            directory.rename(spare, name);
            directory.sync();
            return new WalFile(header, name, directory.open(name));
        } catch (IOException e) {
            throw failure("making " + path(name), e);
        }
    }

    /**
     * Where a file comes in the log.
     *
     * @param previousEnd see {@link FileHeader}
     */
    record Place(long sequence, long base, long previousSequence, long previousEnd, long synced) {}

    private String spareWith(FileHeader header) throws IOException {
        String spare = spares.isEmpty() ? newSpare(header.sequence()) : spares.remove();
        try (LogFile io = directory.open(spare)) {
            if (io.size() == fileSize) {
                io.write(0, FileFormat.encode(header));
                io.sync();
                return spare;
            }
        } catch (IOException e) {
            deleteQuietly(spare);
            throw e;
        }
        directory.delete(spare);
        return spareWith(header);
    }

    private String newSpare(long sequence) throws IOException {
        String name = spareName(sequence);
        if (directory.list().contains(name)) {
            directory.delete(name);
        }
        try (LogFile io = directory.create(name)) {
            io.preallocate(fileSize);
            return name;
        } catch (IOException e) {
            deleteQuietly(name);
            throw e;
        }
    }

    /** Gives up a file that is out of the log: it becomes a spare, or goes. */
    void retire(WalFile file) throws StorageException {
        try {
            file.io.close();
            String spare = spareName(file.header.sequence());
            boolean isWanted = spares.size() < maxSpares && !spares.contains(spare);
            if (isWanted && file.header.size() == fileSize) {
                directory.rename(file.name, spare);
                directory.sync();
                spares.add(spare);
            } else {
                directory.delete(file.name);
                directory.sync();
            }
        } catch (IOException e) {
            throw failure("recycling " + path(file.name), e);
        }
    }

    /** Durably notes that acknowledged records may be missing, until {@link #forgetLoss}. */
    void rememberLoss() throws StorageException {
        try (LogFile mark = openOrCreate(LOSS_NAME)) {
            mark.sync();
            directory.sync();
        } catch (IOException e) {
            throw failure("writing " + path(LOSS_NAME), e);
        }
    }

    boolean remembersLoss() throws StorageException {
        try {
            return directory.list().contains(LOSS_NAME);
        } catch (IOException e) {
            throw failure("listing " + path(LOSS_NAME), e);
        }
    }

    void forgetLoss() throws StorageException {
        try {
            if (directory.list().contains(LOSS_NAME)) {
                directory.delete(LOSS_NAME);
                directory.sync();
            }
        } catch (IOException e) {
            throw failure("deleting " + path(LOSS_NAME), e);
        }
    }

    /** Opens a small file beside the log's, made if absent. */
    LogFile openOrCreate(String name) throws StorageException {
        try {
            return directory.list().contains(name) ? directory.open(name) : directory.create(name);
        } catch (IOException e) {
            throw failure("opening " + path(name), e);
        }
    }

    private void deleteQuietly(String name) {
        try {
            directory.delete(name);
        } catch (IOException e) {
            log.warn("wal could not delete a useless spare name={}", name, e);
        }
    }

    static void closeQuietly(WalFile file) {
        try {
            file.io.close();
        } catch (IOException e) {
            log.warn("wal could not close name={}", file.name, e);
        }
    }

    /** What it is already, or a failure of the local disk. */
    static StorageException failure(String doing, IOException cause) {
        return cause instanceof StorageException known
                ? known
                : new LocalStorageException(doing + " failed: " + cause, cause);
    }
}
