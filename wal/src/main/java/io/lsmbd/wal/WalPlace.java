package io.lsmbd.wal;

import io.lsmbd.model.Sectors;
import java.util.List;
import java.util.Optional;

/**
 * Where in the log's files something is, for people.
 *
 * @param offset of the byte in the file
 */
public record WalPlace(String file, long offset) {
    /**
     * Where the sector is that a location leads to; for a hole, where its record is. Empty if the
     * files are not those that the location is of, or were recycled.
     *
     * @param files oldest first
     */
    public static Optional<WalPlace> of(long location, List<WalFileInfo> files) {
        long position = WalLocation.position(location);
        for (WalFileInfo file : files.reversed()) {
            if (file.firstPosition() <= position) {
                long offset = position - file.firstPosition();
                return offset < file.usedBytes()
                        ? Optional.of(new WalPlace(file.name(), offset + inRecord(location)))
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static long inRecord(long location) {
        return WalLocation.isHole(location)
                ? 0
                : RecordFormat.HEADER_BYTES + Sectors.toBytes(WalLocation.firstSector(location));
    }
}
