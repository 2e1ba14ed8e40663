package io.lsmbd.objectstore.file;

import io.lsmbd.objectstore.ObjectKey;
import java.nio.file.Path;
import java.util.Optional;

/** Between keys and paths. Files whose names no key can spell are foreign and never shown. */
final class FileNames {
    /** The folder of locks and sessions; no key begins with a dot. */
    static final String INTERNAL = ".lsmbd";

    private FileNames() {}

    static Path pathOf(Path root, ObjectKey key) {
        return root.resolve(key.value());
    }

    static Path folderOf(Path root, ObjectKey key) {
        int slash = key.value().lastIndexOf('/');
        return slash < 0 ? root : root.resolve(key.value().substring(0, slash));
    }

    static Optional<ObjectKey> keyOf(String text) {
        try {
            return Optional.of(new ObjectKey(text));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** Whether a key may have this path's last name as a part. */
    static boolean isOfKey(Path path) {
        Path name = path.getFileName();
        return name != null && keyOf(name.toString()).isPresent();
    }
}
