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
import io.lsmbd.wal.WalInspection;
import io.lsmbd.wal.WalLocation;
import io.lsmbd.wal.WalRecords;
import io.lsmbd.wal.index.ExtentIndex;
import io.lsmbd.wal.index.ExtentList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes out what a log alone has of a volume that another host took over. Log and store are not
 * changed. Blocks; one thread.
 */
public final class Salvage {
    private final WalInspection log;
    private final Manifest manifest;
    private final WalRecords records;
    private final List<Integer> left;
    private final ExtentList extents = new ExtentList();

    /** From a record's location to its index. */
    private final Map<Long, Integer> byLocation = new HashMap<>();

    private Salvage(WalInspection log, Manifest manifest, WalRecords records, List<Integer> left) {
        this.log = log;
        this.manifest = manifest;
        this.records = records;
        this.left = left;
        ExtentIndex index = new ExtentIndex();
        for (int i : left) {
            // The volume may have been larger once, but never larger than this.
            long sectors =
                    Math.min(records.sectors(i), Sectors.MAX_VOLUME_SECTORS - records.lba(i));
            if (sectors > 0) {
                index.put(records.lba(i), sectors, records.location(i));
                byLocation.put(WalLocation.record(records.location(i)), i);
            }
        }
        index.copyTo(extents);
    }

    /**
     * Finds out what there is; reads the head of every segment.
     *
     * @param log opened with the volume's records kept, closed after this
     */
    public static Salvage open(
            ObjectStore store, Environment environment, VolumeId id, WalInspection log)
            throws StorageException {
        WalRecords records = log.records(id);
        Manifest manifest = new ManifestStore(store, environment).load(id).manifest();
        List<Long> numbers =
                new StoreInspector(store)
                        .segments(id).stream()
                                .map(ObjectInfo::key)
                                .map(key -> key.number())
                                .toList();
        return new Salvage(
                log, manifest, records, LeftOver.find(store, manifest, numbers, records));
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
                    && last.epoch() == next.epoch()) {
                ranges.removeLast();
                ranges.add(joined(last, next));
            } else {
                ranges.add(next);
            }
        }
        return new SalvageInfo(
                manifest.name().value(),
                manifest.volume().toString(),
                manifest.sizeBytes(),
                imageEnd,
                manifest.epoch(),
                left.size(),
                data,
                zeros,
                beyond,
                epochs(),
                ranges);
    }

    private int recordOf(int extent) {
        Integer index = byLocation.get(WalLocation.record(extents.location(extent)));
        if (index == null) {
            throw new IllegalStateException(
                    "no record at " + WalLocation.describe(extents.location(extent)));
        }
        return index;
    }

    private SalvageInfo.Range range(int extent) {
        int record = recordOf(extent);
        return new SalvageInfo.Range(
                Sectors.toBytes(extents.lba(extent)),
                Sectors.toBytes(extents.sectors(extent)),
                WalLocation.isHole(extents.location(extent)) ? "zeros" : "data",
                records.epoch(record),
                records.lsn(record),
                records.lsn(record));
    }

    private static SalvageInfo.Range joined(SalvageInfo.Range one, SalvageInfo.Range other) {
        return new SalvageInfo.Range(
                one.offset(),
                one.length() + other.length(),
                one.kind(),
                one.epoch(),
                Math.min(one.firstLsn(), other.firstLsn()),
                Math.max(one.lastLsn(), other.lastLsn()));
    }

    private List<SalvageInfo.Part> epochs() {
        List<SalvageInfo.Part> parts = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= left.size(); i++) {
            if (i == left.size() || records.epoch(left.get(i)) != records.epoch(left.get(from))) {
                parts.add(
                        new SalvageInfo.Part(
                                records.epoch(left.get(from)),
                                i - from,
                                records.lsn(left.get(from)),
                                records.lsn(left.get(i - 1))));
                from = i;
            }
        }
        return parts;
    }

    /**
     * Writes the data to their places in an image that has its size and no data yet; syncing it is
     * the caller's.
     *
     * @throws StorageException CORRUPT if the log is damaged where they are
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
