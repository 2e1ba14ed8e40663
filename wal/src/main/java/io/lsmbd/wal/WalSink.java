package io.lsmbd.wal;

/**
 * Learns where a volume's records are. Called under the append lock, in LSN order, by whatever
 * thread appends or recycles: it must be quick, take leaf locks only, and not throw.
 */
public interface WalSink {
    /**
     * The next records are one request of a client's: they count together or not at all. Not told
     * of requests of one record. They may come in several lock holds, but nothing else of the
     * volume comes between.
     *
     * @param records how many, at least 2
     * @param payloadSectors of data in all of them
     */
    void begins(int records, long payloadSectors);

    /**
     * The request under way, if one is, stays incomplete: what {@link #appended} told of it counts
     * for nothing. Nothing more is appended.
     */
    void brokenOff();

    /**
     * A record is in the page cache: {@code sectors} from {@code lba} are at {@code location} and
     * following. One large write makes several calls.
     */
    void appended(long lsn, WalKind kind, long lba, long sectors, long location);

    /**
     * A record was copied to the log's tail because its file is wanted back: whatever still leads
     * into the record {@code fromLocation} must lead into {@code toLocation}, both of them the
     * location of the record's first sector, before this returns.
     */
    void relocated(long lsn, long lba, long sectors, long fromLocation, long toLocation);
}
