package io.lsmbd.objectstore.file;

import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectPage;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One page of a listing. Keys compare as whole strings, so a folder stands where its name with a
 * slash behind it belongs: {@code a-b/x}, {@code a.b}, {@code a/x}. Walking folders in that order
 * yields keys in order, and the walk stops with the page.
 */
final class FileListing {
    private final Path root;
    private final FileReads.Settling settling;
    private final String prefix;
    private final @Nullable ObjectKey after;
    private final int max;
    private final List<ObjectInfo> found = new ArrayList<>();

    /** What {@link io.lsmbd.objectstore.ObjectStore#list} was asked. */
    record Query(String prefix, @Nullable ObjectKey after, int max) {}

    FileListing(Path root, FileReads.Settling settling, Query query) {
        this.root = root;
        this.settling = settling;
        this.prefix = query.prefix();
        this.after = query.after();
        this.max = query.max();
    }

    ObjectPage page() throws IOException {
        String start = prefix.substring(0, prefix.lastIndexOf('/') + 1);
        if (start.isEmpty()
                || FileNames.keyOf(start.substring(0, start.length() - 1)).isPresent()) {
            walk(start);
        }
        boolean hasMore = found.size() > max;
        return new ObjectPage(hasMore ? found.subList(0, max) : found, hasMore);
    }

    /** Adds the keys below {@code folder}, which is empty or ends with a slash. */
    private void walk(String folder) throws IOException {
        for (String entry : entriesInKeyOrder(folder)) {
            if (found.size() > max) {
                return;
            }
            if (entry.endsWith("/")) {
                walk(entry);
            } else {
                addIfFile(entry);
            }
        }
    }

    private void addIfFile(String entry) throws IOException {
        ObjectKey key = new ObjectKey(entry);
        if (!entry.startsWith(prefix) || (after != null && key.compareTo(after) <= 0)) {
            return;
        }
        Optional<FileVersion> version = FileVersion.of(FileNames.pathOf(root, key));
        version.ifPresent(present -> found.add(present.info(key)));
    }

    private List<String> entriesInKeyOrder(String folder) throws IOException {
        List<String> entries = new ArrayList<>();
        Path path = root.resolve(folder);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                String entry = folder + file.getFileName();
                if (FileNames.isOfKey(file) && mayHoldKeys(entry)) {
                    entries.add(Files.isDirectory(file) ? entry + "/" : entry);
                }
            }
            settling.settle(path);
        } catch (NoSuchFileException | NotDirectoryException _) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        Collections.sort(entries);
        return entries;
    }

    /** Whether this entry, as a file or as a folder, can lead to a key that is asked for. */
    private boolean mayHoldKeys(String entry) {
        boolean isOnPath = entry.startsWith(prefix) || prefix.startsWith(entry + "/");
        if (after == null || !isOnPath) {
            return isOnPath;
        }
        String last = after.value();
        // Everything below the entry comes after "entry/", and before "entry0".
        return (entry + "0").compareTo(last) > 0;
    }
}
