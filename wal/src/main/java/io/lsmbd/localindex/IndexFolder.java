package io.lsmbd.localindex;

import io.lsmbd.error.LocalStorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of a local index. Damage is written down in it as soon as it is noticed, so that the
 * next start does not trust the rest; one damaged folder is kept for whoever wants to look.
 */
record IndexFolder(Path path) {
    private static final Logger LOG = LoggerFactory.getLogger(IndexFolder.class);
    private static final String DAMAGE_NOTE = "DAMAGED";
    private static final int MAX_REASON = 1000;

    boolean isEmpty() throws LocalStorageException {
        if (!Files.isDirectory(path)) {
            return true;
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) {
            throw new LocalStorageException("cannot list the local index " + path, e);
        }
    }

    void create() throws LocalStorageException {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new LocalStorageException("cannot create the local index " + path, e);
        }
    }

    /** What an earlier run noticed; an unreadable note still tells that there was something. */
    Optional<String> notedDamage() {
        Path note = path.resolve(DAMAGE_NOTE);
        if (!Files.exists(note)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.readString(note).strip());
        } catch (IOException e) {
            return Optional.of("damage noted by an earlier run: " + e.getMessage());
        }
    }

    /** The caller reports the damage itself; this must not hide it behind a failure of its own. */
    void noteDamage(String reason) {
        try {
            Files.writeString(
                    path.resolve(DAMAGE_NOTE),
                    reason.substring(0, Math.min(reason.length(), MAX_REASON)) + "\n");
        } catch (IOException e) {
            LOG.warn("cannot note the damage of the local index folder={}", path, e);
        }
    }

    Path moveAside() throws LocalStorageException {
        Path aside = path.resolveSibling(path.getFileName() + ".damaged-1");
        try {
            deleteTree(aside);
            Files.move(path, aside);
        } catch (IOException e) {
            throw new LocalStorageException(
                    "cannot move the damaged local index " + path + " to " + aside, e);
        }
        return aside;
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        List<Path> entries;
        try (Stream<Path> walk = Files.walk(root)) {
            entries = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path entry : entries) {
            Files.delete(entry);
        }
    }
}
