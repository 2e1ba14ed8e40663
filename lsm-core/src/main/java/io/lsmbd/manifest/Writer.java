package io.lsmbd.manifest;

/**
 * Who holds the manifest's epoch.
 *
 * @param id 128 random bits in hexadecimal, new for each attach; segments carry it
 * @param directory identity of the data directory whose WAL holds what is not uploaded yet
 * @param process host, boot, process-id namespace and process id: tells a dead neighbour at once
 * @param lineageEpoch the first epoch since which {@code directory} has held the volume without a
 *     break; older records in its WAL must never be replayed
 * @param uploadWindow how many segments this writer may have under way beyond the first one that is
 *     missing; whoever fences it closes that many numbers
 */
public record Writer(
        String id, String directory, String process, long lineageEpoch, int uploadWindow) {
    public static final int MAX_UPLOAD_WINDOW = 65;

    public Writer {
        if (uploadWindow < 1 || uploadWindow > MAX_UPLOAD_WINDOW) {
            throw new IllegalArgumentException("no such upload window: " + uploadWindow);
        }
    }
}
