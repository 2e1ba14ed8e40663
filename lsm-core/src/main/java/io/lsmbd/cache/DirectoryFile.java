package io.lsmbd.cache;

import io.lsmbd.env.LogDirectory;
import io.lsmbd.env.LogFile;
import io.lsmbd.format.CorruptFormatException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the disk tier's directory in a file, replaced as a whole. Losing it, or keeping an old one,
 * loses nothing but hits, so no failure here is more than a warning.
 */
final class DirectoryFile {
    static final String NAME = "directory";
    private static final String NEXT = "directory.next";

    private static final Logger log = LoggerFactory.getLogger(DirectoryFile.class);

    private final LogDirectory directory;
    private final CacheMetrics metrics;

    DirectoryFile(LogDirectory directory, CacheMetrics metrics) {
        this.directory = directory;
        this.metrics = metrics;
    }

    /** Fills the empty slots from the file; they stay empty if it is absent or damaged. */
    void load(DiskSlots slots) throws IOException {
        if (!directory.list().contains(NAME)) {
            return;
        }
        try (LogFile file = directory.open(NAME)) {
            DirectoryFormat.read(file, slots);
            log.info("disk cache opened bytes={}", slots.bytes());
        } catch (CorruptFormatException e) {
            slots.clear();
            metrics.corruption();
            log.warn("disk cache starts empty: damaged file={}", NAME, e);
        }
    }

    void save(DiskSlots slots) {
        try {
            deleteIfThere(NEXT);
            try (LogFile file = directory.create(NEXT)) {
                DirectoryFormat.write(slots, file);
                file.sync();
            }
            directory.rename(NEXT, NAME);
        } catch (IOException e) {
            metrics.diskError();
            log.warn("disk cache cannot save file={}", NAME, e);
        }
    }

    void delete() throws IOException {
        deleteIfThere(NAME);
    }

    private void deleteIfThere(String name) throws IOException {
        if (directory.list().contains(name)) {
            directory.delete(name);
        }
    }
}
