package io.lsmbd.ctl;

import io.lsmbd.error.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * An image and the list of its ranges, {@code FILE} and {@code FILE.json}, which appear whole, on
 * disk, or not at all. Until then they are {@code FILE.partial} and {@code FILE.json.partial},
 * which the next run writes anew. The image's name comes last, so a run that was killed can always
 * be repeated.
 */
final class SalvagedFiles {
    private final Path image;

    /** Writes an image that is of its size and empty. */
    @FunctionalInterface
    interface Content {
        void writeTo(FileChannel image) throws StorageException, IOException;
    }

    SalvagedFiles(Path image) {
        this.image = image;
    }

    Path image() {
        return image;
    }

    Path ranges() {
        return beside(image, ".json");
    }

    private static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private static Path partial(Path file) {
        return beside(file, ".partial");
    }

    /** {@code sizeBytes} is positive. */
    void write(long sizeBytes, Content content, String ranges)
            throws StorageException, CtlException {
        byte[] list = ranges.getBytes(StandardCharsets.UTF_8);
        try {
            checkNames(list);
            try {
                // 1. All bytes, synced.
                create(
                        partial(image),
                        channel -> {
                            channel.write(ByteBuffer.allocate(1), sizeBytes - 1);
                            content.writeTo(channel);
                        });
                create(partial(ranges()), channel -> writeAll(channel, list));
                // 2. The names. A kill between them leaves a list that the next run finds equal.
                Files.move(partial(ranges()), ranges(), StandardCopyOption.ATOMIC_MOVE);
                Files.move(partial(image), image, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(partial(image));
                Files.deleteIfExists(partial(ranges()));
            }
            // 3. Names are on disk once their folder is.
            syncFolder();
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            throw new CtlException(
                    ExitCode.FAILED, "cannot write %s: %s".formatted(image, e), "", e);
        }
    }

    /** Nobody's file is written over. */
    private void checkNames(byte[] list) throws CtlException, IOException {
        if (Files.exists(image)) {
            throw isThere(image);
        }
        if (Files.exists(ranges()) && !Arrays.equals(Files.readAllBytes(ranges()), list)) {
            throw isThere(ranges());
        }
    }

    private static CtlException isThere(Path file) {
        return new CtlException(
                ExitCode.USAGE, file + " is there already", "choose another --to, or move it away");
    }

    private static void create(Path file, Content content) throws StorageException, IOException {
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            content.writeTo(channel);
            channel.force(true);
        }
    }

    private static void writeAll(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            channel.write(left);
        }
    }

    private void syncFolder() throws IOException {
        Path folder = image.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException(image + " is in no folder");
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
