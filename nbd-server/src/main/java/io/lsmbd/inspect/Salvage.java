package io.lsmbd.inspect;

import io.lsmbd.admin.api.SalvageInfo;
import io.lsmbd.env.Environment;
import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.manifest.ManifestStore;
import io.lsmbd.model.Sectors;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.recovery.LeftOver;
import io.lsmbd.wal.Unreadable;
import io.lsmbd.wal.WalLocation;
import io.lsmbd.wal.WalRecordInfo;
import io.lsmbd.wal.WalRecords;
import io.lsmbd.wal.WalSalvage;
import io.lsmbd.wal.index.ExtentIndex;
import io.lsmbd.wal.index.ExtentList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes out what a log alone has of a volume that another host took over, however damaged the log
 * is. Log and store are not changed. Blocks; one thread.
 */
public final class Salvage {
    private final WalSalvage log;
    private final Manifest manifest;
    private final WalRecords records;
    private final LeftOver leftOver;
    private final List<LeftOver.Gap> gaps;

    /** Indexes of the records that are written out. */
    private final List<Integer> chosen;

    /** So many of them are an exact prefix of what was written. */
    private final int wholePrefix;

    private final ExtentList extents = new ExtentList();

    /** From a record's location to its place among the chosen. */
    private final Map<Long, Integer> byLocation = new HashMap<>();

    /** How far to go. */
    public enum Extent {
        /** Up to where the first record is missing: a state that the volume was in. */
        PREFIX,
        /** Everything that can be read. */
        ALL
    }

    private Salvage(WalSalvage log, Manifest manifest, LeftOver leftOver, Extent extent) {
        this.log = log;
        this.manifest = manifest;
        this.records = log.records();
        this.leftOver = leftOver;
        List<Integer> left = leftOver.indexes();
        // Of a sound log nothing is missing: what it has not, it was allowed to forget.
        SortedMap<Integer, LeftOver.Gap> found =
                log.unreadable().isEmpty() ? new TreeMap<>() : leftOver.gaps();
        this.gaps = List.copyOf(found.values());
        this.wholePrefix = wholeRequests(left, found.isEmpty() ? left.size() : found.firstKey());
        this.chosen = extent == Extent.ALL ? left : left.subList(0, wholePrefix);
        ExtentIndex index = new ExtentIndex();
        for (int i = 0; i < chosen.size(); i++) {
            int record = chosen.get(i);
            // The volume may have been larger once, but never larger than this.
            long sectors =
                    Math.min(
                            records.sectors(record),
                            Sectors.MAX_VOLUME_SECTORS - records.lba(record));
            if (sectors > 0) {
                index.put(records.lba(record), sectors, records.location(record));
                byLocation.put(WalLocation.record(records.location(record)), i);
            }
        }
        index.copyTo(extents);
    }

    /** The count without the parts of a last request that is not whole. */
    private int wholeRequests(List<Integer> left, int count) {
        int whole = count;
        while (whole > 0 && records.continues(left.get(whole - 1))) {
            whole--;
        }
        return whole;
    }

    /**
     * Finds out what there is; reads the head of every segment.
     *
     * @param log of this volume, closed after this
     */
    public static Salvage open(
            ObjectStore store, Environment environment, VolumeId id, WalSalvage log, Extent extent)
            throws StorageException {
        Manifest manifest = new ManifestStore(store, environment).load(id).manifest();
        List<Long> numbers =
                new StoreInspector(store)
                        .segments(id).stream()
                                .map(ObjectInfo::key)
                                .map(key -> key.number())
                                .toList();
        return new Salvage(
                log, manifest, LeftOver.find(store, manifest, numbers, log.records()), extent);
    }

    /** What it is, and where it goes. */
    public SalvageInfo describe() {
        List<SalvageInfo.Range> ranges = new ArrayList<>();
        long data = 0;
        long zeros = 0;
        long beyond = 0;
        long imageEnd = manifest.sizeBytes();
        for (int i = 0; i < extents.size(); i++) {
            SalvageInfo.Range next = range(i);
            boolean isData = !WalLocation.isHole(extents.location(i));
            data += isData ? next.length() : 0;
            zeros += isData ? 0 : next.length();
            long end = next.offset() + next.length();
            if (isData && end > manifest.sizeBytes()) {
                beyond += end - Math.max(next.offset(), manifest.sizeBytes());
                imageEnd = Math.max(imageEnd, end);
            }
            SalvageInfo.Range last = ranges.isEmpty() ? next : ranges.getLast();
            if (last.offset() + last.length() == next.offset()
                    && last.kind().equals(next.kind())
                    && last.epoch() == next.epoch()
                    && last.isBehindGap() == next.isBehindGap()) {
                ranges.removeLast();
                ranges.add(joined(last, next));
            } else {
                ranges.add(next);
            }
        }
        int heldBack = leftOver.indexes().size() - chosen.size();
        List<SalvageInfo.Unreadable> unreadable =
                log.unreadable().stream().map(this::describe).toList();
        return new SalvageInfo(
                manifest.name().value(),
                manifest.volume().toString(),
                manifest.sizeBytes(),
                imageEnd,
                manifest.epoch(),
                gaps.isEmpty()
                        && heldBack == 0
                        && unreadable.stream().allMatch(it -> it.loss() == SalvageInfo.Loss.NONE),
                chosen.size(),
                heldBack,
                data,
                zeros,
                beyond,
                epochs(),
                ranges,
                gaps.stream()
                        .map(it -> new SalvageInfo.Missing(it.epoch(), it.firstLsn(), it.lastLsn()))
                        .toList(),
                unreadable);
    }

    private SalvageInfo.Unreadable describe(Unreadable place) {
        WalRecordInfo record = place.record().orElse(null);
        return new SalvageInfo.Unreadable(
                place.file(),
                place.offset(),
                place.lengthBytes(),
                place.problem(),
                lossOf(record),
                record == null
                        ? null
                        : new SalvageInfo.Lost(
                                record.volume().toString(),
                                record.epoch(),
                                record.lsn(),
                                saturated(record.lba()),
                                saturated(record.sectors())));
    }

    /** In bytes; a header that is right by chance may tell anything. */
    private static long saturated(long sectors) {
        return sectors > Long.MAX_VALUE >> Sectors.SHIFT
                ? Long.MAX_VALUE
                : Sectors.toBytes(sectors);
    }

    private SalvageInfo.Loss lossOf(@Nullable WalRecordInfo record) {
        if (record == null) {
            return SalvageInfo.Loss.POSSIBLE;
        }
        boolean isElsewhere =
                !record.volume().equals(manifest.volume())
                        || leftOver.isHeld(record.epoch(), record.lsn())
                        || hasCopy(record);
        if (isElsewhere) {
            return SalvageInfo.Loss.NONE;
        }
        // Only with records that are left over were the segments looked at.
        return leftOver.indexes().isEmpty() ? SalvageInfo.Loss.POSSIBLE : SalvageInfo.Loss.CERTAIN;
    }

    /** Records are copied forward, so one may be in the log twice. */
    private boolean hasCopy(WalRecordInfo record) {
        int low = 0;
        int high = records.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            boolean isBefore =
                    records.epoch(middle) < record.epoch()
                            || (records.epoch(middle) == record.epoch()
                                    && records.lsn(middle) < record.lsn());
            low = isBefore ? middle + 1 : low;
            high = isBefore ? high : middle;
        }
        return low < records.size()
                && records.epoch(low) == record.epoch()
                && records.lsn(low) == record.lsn();
    }

    private int placeOf(int extent) {
        Integer place = byLocation.get(WalLocation.record(extents.location(extent)));
        if (place == null) {
            throw new IllegalStateException(
                    "no record at " + WalLocation.describe(extents.location(extent)));
        }
        return place;
    }

    private SalvageInfo.Range range(int extent) {
        int place = placeOf(extent);
        int record = chosen.get(place);
        return new SalvageInfo.Range(
                Sectors.toBytes(extents.lba(extent)),
                Sectors.toBytes(extents.sectors(extent)),
                WalLocation.isHole(extents.location(extent)) ? "zeros" : "data",
                records.epoch(record),
                records.lsn(record),
                records.lsn(record),
                place >= wholePrefix);
    }

    private static SalvageInfo.Range joined(SalvageInfo.Range one, SalvageInfo.Range other) {
        return new SalvageInfo.Range(
                one.offset(),
                one.length() + other.length(),
                one.kind(),
                one.epoch(),
                Math.min(one.firstLsn(), other.firstLsn()),
                Math.max(one.lastLsn(), other.lastLsn()),
                one.isBehindGap());
    }

    private List<SalvageInfo.Part> epochs() {
        List<SalvageInfo.Part> parts = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= chosen.size(); i++) {
            if (i == chosen.size()
                    || records.epoch(chosen.get(i)) != records.epoch(chosen.get(from))) {
                parts.add(
                        new SalvageInfo.Part(
                                records.epoch(chosen.get(from)),
                                i - from,
                                records.lsn(chosen.get(from)),
                                records.lsn(chosen.get(i - 1))));
                from = i;
            }
        }
        return parts;
    }

    /**
     * Writes the data to their places in an image that has its size and no data yet; syncing it is
     * the caller's.
     *
     * @throws StorageException CORRUPT if one was damaged since
     * @throws IOException if the image cannot be written
     */
    public void writeTo(FileChannel image) throws StorageException, IOException {
        ByteBuffer payload =
                ByteBuffer.allocateDirect((int) Sectors.toBytes(WalLocation.MAX_RECORD_SECTORS));
        for (int i = 0; i < extents.size(); i++) {
            long location = extents.location(i);
            if (WalLocation.isHole(location)) {
                continue;
            }
            log.readPayload(WalLocation.record(location), payload.clear());
            int from = (int) Sectors.toBytes(WalLocation.firstSector(location));
            payload.position(from).limit(from + (int) Sectors.toBytes(extents.sectors(i)));
            long at = Sectors.toBytes(extents.lba(i));
            while (payload.hasRemaining()) {
                at += image.write(payload, at);
            }
        }
    }
}
