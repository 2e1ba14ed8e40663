package io.lsmbd.objectstore.file;

import io.lsmbd.env.SystemLogDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes names survive power loss. A folder found existing may have been made a moment ago by
 * someone who has not synced it yet, so a folder counts as durable only once this store has synced
 * all the folders above it.
 */
final class DurableFolders {
    private static final int MAX_REMEMBERED = 10_000;

    private final Path root;
    private final Set<Path> durable = ConcurrentHashMap.newKeySet();
    private final Set<Path> settled = ConcurrentHashMap.newKeySet();

    DurableFolders(Path root) {
        this.root = root;
    }

    /** Creates the folder if need be; when this returns it is there after a power loss, too. */
    void create(Path folder) throws IOException {
        if (folder.equals(root) || durable.contains(folder)) {
            return;
        }
        Path parent = folder.getParent();
        if (parent == null || !folder.startsWith(root)) {
            throw new IllegalArgumentException(folder + " is not below " + root);
        }
        create(parent);
        Files.createDirectories(folder);
        SystemLogDirectory.syncDirectory(parent);
        remember(durable, folder);
    }

    /** Makes the names in this folder durable. */
    void sync(Path folder) throws IOException {
        SystemLogDirectory.syncDirectory(folder);
    }

    /**
     * Syncs a folder when this store first meets it: a process that crashed may have left names in
     * it that are seen, and will be relied on, without being durable.
     */
    void settle(Path folder) throws IOException {
        if (settled.contains(folder)) {
            return;
        }
        sync(folder);
        remember(settled, folder);
    }

    private static void remember(Set<Path> folders, Path folder) {
        if (folders.size() >= MAX_REMEMBERED) {
            folders.clear();
        }
        folders.add(folder);
    }
}
