package io.lsmbd.objectstore.file;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.List;

/**
 * What a failure of the file system means for the request. The JDK tells most of them apart only by
 * the system's own message. What a user can mend while we wait (space, quota, descriptors, a server
 * that is away, even EIO: an attempt starts over with a new file) is worth a retry; what is certain
 * to come again is not. None of them says that an object is absent.
 */
final class FileErrors {
    private static final List<String> FINAL =
            List.of(
                    "Read-only file system",
                    "Not a directory",
                    "Is a directory",
                    "File name too long",
                    "Invalid cross-device link",
                    "Operation not permitted",
                    "Operation not supported",
                    "Too many levels of symbolic links",
                    "File too large");

    private FileErrors() {}

    static ObjectStoreException toStoreException(String doing, IOException e) {
        if (e instanceof ObjectStoreException already) {
            return already;
        }
        return new ObjectStoreException(outlookOf(e), "%s: %s".formatted(doing, describe(e)), e);
    }

    private static Outlook outlookOf(IOException e) {
        if (e instanceof AccessDeniedException) {
            return Outlook.FINAL;
        }
        String message = String.valueOf(e.getMessage());
        return FINAL.stream().anyMatch(message::contains) ? Outlook.FINAL : Outlook.RETRYABLE;
    }

    private static String describe(IOException e) {
        return e.getClass() == FileSystemException.class || e.getClass() == IOException.class
                ? String.valueOf(e.getMessage())
                : e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    /** A part of the path is a file: what is asked for below it is absent. */
    static boolean isNotAFolder(FileSystemException e) {
        return "Not a directory".equals(e.getReason());
    }
}
