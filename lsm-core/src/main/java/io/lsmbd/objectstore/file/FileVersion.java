package io.lsmbd.objectstore.file;

import io.lsmbd.objectstore.ETag;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What tells one content of an object from every other without reading it. A published file is
 * never written again, a replacement's modification time is always later than that of the file it
 * replaces, and a new object's time carries a counter below the millisecond; so two contents of one
 * key never have inode number, size and time all equal.
 */
record FileVersion(long inode, long sizeBytes, long modifiedNanos) {
    private static final String ATTRIBUTES = "unix:ino,size,lastModifiedTime,isRegularFile";

    /** Of the regular file at this path; empty if there is none. */
    static Optional<FileVersion> of(Path path) throws IOException {
        Map<String, Object> attributes;
        try {
            attributes = Files.readAttributes(path, ATTRIBUTES);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (FileSystemException e) {
            if (FileErrors.isNotAFolder(e)) {
                return Optional.empty();
            }
            throw e;
        }
        if (!attribute(attributes, "isRegularFile", Boolean.class)) {
            return Optional.empty();
        }
        return Optional.of(
                new FileVersion(
                        attribute(attributes, "ino", Long.class),
                        attribute(attributes, "size", Long.class),
                        attribute(attributes, "lastModifiedTime", FileTime.class)
                                .to(TimeUnit.NANOSECONDS)));
    }

    private static <T> T attribute(Map<String, Object> all, String name, Class<T> type) {
        return type.cast(Objects.requireNonNull(all.get(name), name));
    }

    ETag etag() {
        return new ETag("%x-%x-%x".formatted(inode, sizeBytes, modifiedNanos));
    }

    ObjectInfo info(ObjectKey key) {
        return new ObjectInfo(key, sizeBytes, etag(), TimeUnit.NANOSECONDS.toMillis(modifiedNanos));
    }
}
