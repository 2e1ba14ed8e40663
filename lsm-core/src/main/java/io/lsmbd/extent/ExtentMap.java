package io.lsmbd.extent;

import io.lsmbd.env.Environment;
import io.lsmbd.error.StorageException;
import io.lsmbd.extent.RadixSlot.Vacant;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.localindex.LocalIndex;
import io.lsmbd.model.Sectors;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The extent map of one volume: LBA to segment address, as of {@link #appliedSegment}. Opening it
 * does not load it; pages become resident when they are touched, and share a {@link PageBudget}.
 *
 * <p>Threads: lookups and {@link #segments} from anywhere, without a lock; everything under
 * "applier" from one thread at a time, the volume's worker, while lookups go on. All but {@link
 * #tryLookup} may wait for disk and object store. Failures leave the map as it was, or with a
 * segment applied in part: the same call repeated completes it.
 */
public final class ExtentMap implements AutoCloseable {
    /** Fewer unknown pages than this are looked at one by one. */
    private static final long SMALL_RANGE_PAGES = 4;

    private final ExtentMapParts parts;
    private final MapTree.Source source;
    private final Environment environment;
    private final boolean isFromLocalIndex;
    private final @Nullable MapApplier applier;
    private final @Nullable Checkpoints checkpoints;
    private volatile long appliedSegment;

    private ExtentMap(
            ExtentMapSources sources,
            MapTree.Source source,
            ExtentMapParts parts,
            ExtentMapConfig config,
            boolean isFromLocalIndex) {
        this.parts = parts;
        this.source = source;
        this.environment = sources.environment();
        this.isFromLocalIndex = isFromLocalIndex;
        LocalIndex index = sources.index();
        if (index == null) {
            applier = null;
            checkpoints = null;
        } else {
            applier = new MapApplier(sources, index, parts, config.changedPages().bytes());
            checkpoints =
                    new Checkpoints(source, index, parts, applier, config.mapObject().bytes());
        }
    }

    /**
     * Opens the map of a volume that is attached as writer. What the local index has is used if it
     * is at least as new as the checkpoint and made of committed segments only; else it is dropped
     * there and the map starts from the checkpoint. Either way, go on with the segment after {@link
     * #appliedSegment}.
     *
     * @param checkpoint the manifest's; null if it has none, which is a map without extents as of
     *     segment 0
     * @param newestCommitted the highest number of a committed segment
     */
    public static ExtentMap open(
            ExtentMapSources sources,
            PageBudget budget,
            ExtentMapConfig config,
            @Nullable CheckpointRef checkpoint,
            long newestCommitted)
            throws StorageException {
        LocalIndex index = Objects.requireNonNull(sources.index(), "a writer's map has an index");
        SegmentTable table = new SegmentTable();
        Optional<MapMeta> usable = LocalState.usable(sources, checkpoint, newestCommitted, table);
        MapTree.Source source = source(sources, budget, config);
        if (usable.isEmpty()) {
            table = new SegmentTable();
            LocalState.drop(index, sources.volume());
            readTable(source, checkpoint, table);
        }
        ExtentMap map =
                build(sources, source, budget, config, checkpoint, table, usable.isPresent());
        long applied = checkpoint == null ? 0 : checkpoint.segment();
        applied = usable.map(MapMeta::appliedSegment).orElse(applied);
        map.startAt(applied, checkpoint);
        return map;
    }

    /** Opens the map as of a checkpoint, to be looked up only: a snapshot's. */
    public static ExtentMap openSnapshot(
            ExtentMapSources sources,
            PageBudget budget,
            ExtentMapConfig config,
            CheckpointRef checkpoint)
            throws StorageException {
        if (sources.index() != null) {
            throw new IllegalArgumentException("a snapshot's map has no local index");
        }
        SegmentTable table = new SegmentTable();
        MapTree.Source source = source(sources, budget, config);
        readTable(source, checkpoint, table);
        ExtentMap map = build(sources, source, budget, config, checkpoint, table, false);
        map.appliedSegment = checkpoint.segment();
        return map;
    }

    private static MapTree.Source source(
            ExtentMapSources sources, PageBudget budget, ExtentMapConfig config) {
        return new MapTree.Source(
                sources.volume(),
                sources.store(),
                sources.keys(),
                budget.pieces(),
                Math.toIntExact(config.readAhead().bytes()));
    }

    private static void readTable(
            MapTree.Source source, @Nullable CheckpointRef checkpoint, SegmentTable into)
            throws StorageException {
        if (checkpoint != null) {
            PieceRef piece = checkpoint.segmentTable();
            try {
                SegmentTableFormat.decode(MapTree.readPiece(source, piece), into);
            } catch (CorruptFormatException e) {
                throw MapTree.corrupt(source, piece, e);
            }
        }
    }

    private static ExtentMap build(
            ExtentMapSources sources,
            MapTree.Source source,
            PageBudget budget,
            ExtentMapConfig config,
            @Nullable CheckpointRef checkpoint,
            SegmentTable table,
            boolean isFromLocalIndex) {
        MapTree tree = new MapTree(source, checkpoint == null ? null : checkpoint.root());
        StoredPages stored = new StoredPages(sources.volume(), sources.index(), tree);
        Vacant initially = tree.isEmpty() && !isFromLocalIndex ? Vacant.VACANT : null;
        PageRadix radix = new PageRadix(budget, initially);
        PageLoader loader = new PageLoader(radix, stored, sources.environment().signal());
        ExtentMapParts parts = new ExtentMapParts(radix, loader, stored, table, budget);
        return new ExtentMap(sources, source, parts, config, isFromLocalIndex);
    }

    private void startAt(long applied, @Nullable CheckpointRef checkpoint) {
        applier().startAt(applied, checkpoint == null ? 0 : checkpoint.number());
        checkpoints().startFrom(checkpoint);
        appliedSegment = applied;
    }

    // Lookup: any thread.

    /** Every segment up to this number is in the map. */
    public long appliedSegment() {
        return appliedSegment;
    }

    /** Live counts of all segments. */
    public SegmentTable segments() {
        return parts.table();
    }

    /** Whether opening found the local index usable; else it started from the checkpoint. */
    public boolean isFromLocalIndex() {
        return isFromLocalIndex;
    }

    /**
     * Looks up {@code sectors} from {@code lba} on in memory only. Returns false, with {@code out}
     * undefined, if part of the range is not resident. Allocates nothing but room in {@code out}.
     */
    public boolean tryLookup(long lba, long sectors, MapRuns out) {
        long end = checkedEnd(lba, sectors);
        out.start(lba, end);
        long limit = pageLimit(end);
        long at = lba >>> MapPage.SHIFT;
        while (at < limit) {
            RadixSlot slot = parts.radix().find(at);
            if (slot instanceof MapPage page) {
                page.isReferenced = true;
                if (!out.add(page)) {
                    return true;
                }
                at++;
            } else if (slot == Vacant.VACANT) {
                at = parts.radix().vacantEnd(at, limit);
            } else {
                return false;
            }
        }
        return true;
    }

    /**
     * Looks up {@code sectors} from {@code lba} on, loading what is not resident. The answer may
     * end early if {@code out} is full: see {@link MapRuns#coveredEnd}. Emptiness costs nothing.
     */
    public void lookup(long lba, long sectors, MapRuns out) throws StorageException {
        long end = checkedEnd(lba, sectors);
        out.start(lba, end);
        long limit = pageLimit(end);
        long at = lba >>> MapPage.SHIFT;
        while (at < limit) {
            RadixSlot slot = parts.radix().find(at);
            if (slot instanceof MapPage page) {
                page.isReferenced = true;
                if (!out.add(page)) {
                    return;
                }
                at++;
            } else if (slot == Vacant.VACANT) {
                at = parts.radix().vacantEnd(at, limit);
            } else {
                long next =
                        limit - at > SMALL_RANGE_PAGES ? parts.loader().nextMapped(at, limit) : at;
                if (next < limit && !out.add(parts.loader().load(next))) {
                    return;
                }
                at = next + 1;
            }
        }
    }

    /** The page as it is now, loaded if need be; one that maps nothing if it is unmapped. */
    MapPage page(long number) throws StorageException {
        return parts.loader().load(number);
    }

    /** The first page in {@code [from, to)} that maps something, or may do so, else {@code to}. */
    long nextMapped(long from, long to) throws StorageException {
        return parts.loader().nextMapped(from, to);
    }

    static long checkedEnd(long lba, long sectors) {
        if (lba < 0 || sectors < 1 || lba > Sectors.MAX_VOLUME_SECTORS - sectors) {
            throw new IllegalArgumentException(
                    "no such range: lba=%d sectors=%d".formatted(lba, sectors));
        }
        return lba + sectors;
    }

    static long pageLimit(long endLba) {
        return ((endLba - 1) >>> MapPage.SHIFT) + 1;
    }

    // Applier: one thread at a time.

    /**
     * Applies a committed segment: the one after {@link #appliedSegment}. May write back on the way
     * if much changed. If it throws, repeat it; until it has succeeded no other may follow.
     */
    public void apply(long segment, SegmentExtents extents, Displaced listener)
            throws StorageException {
        applier().apply(segment, extents, listener);
        checkpoints().noteApplied(segment);
        appliedSegment = segment;
    }

    /** The next number does not count: its object is of an epoch that had ended. */
    public void passOver(long segment) {
        applier().passOver(segment);
        checkpoints().noteApplied(segment);
        appliedSegment = segment;
    }

    /**
     * Tells what a segment changed that came before {@link #appliedSegment} but after the
     * checkpoint, when recovery reads its table anyhow; in order. Segments not told of cost the
     * next checkpoint a scan of the volume's local index.
     */
    public void markChanged(long segment, SegmentExtents extents) throws StorageException {
        checkpoints().mark(segment, extents);
    }

    /** Brings the local index up to date in one step; {@link LocalIndex#flush} makes it durable. */
    public void writeBack() throws StorageException {
        applier().writeBack();
    }

    /**
     * Writes the map as of {@link #appliedSegment} to the bucket, as the first free map object from
     * {@code firstNumber} on, and those after it if it is large. Returns the last one again if
     * nothing was applied since. Once the manifest names it, call {@link #published}. If it throws,
     * it may be called again; what was written is garbage with a number that is passed over.
     */
    public CheckpointRef checkpoint(long firstNumber) throws StorageException {
        return checkpoints().take(firstNumber, environment.wallClock());
    }

    /** The manifest names this checkpoint now, durably. */
    public void published(CheckpointRef ref) throws StorageException {
        checkpoints().published(ref);
    }

    /** What a segment's data takes in the bucket changed: it was compacted. */
    public void noteStoredBytes(long segment, long storedBytes) {
        parts.table()
                .usage(segment)
                .ifPresent(it ->
                        parts.table()
                                .put(
                                        new SegmentUsage(
                                                segment,
                                                it.totalSectors(),
                                                it.liveSectors(),
                                                storedBytes)));
    }

    /** A segment without live sectors was collected: forgets it. */
    public void forgetSegment(long segment) {
        Optional<SegmentUsage> usage = parts.table().usage(segment);
        if (usage.isPresent() && usage.get().liveSectors() > 0) {
            throw new IllegalStateException("a live segment cannot be forgotten: " + usage.get());
        }
        parts.table().remove(segment);
    }

    /** The map objects that a checkpoint of this map refers to, ascending, itself included. */
    public List<MapObjectUsage> referencedObjects(CheckpointRef ref) throws StorageException {
        return CheckpointWriter.readObjectTable(source, ref);
    }

    /**
     * Gives its memory back to the budget. Does not write back: call {@link #writeBack} before, or
     * have it done again by recovery. No call may follow or be under way.
     */
    @Override
    public void close() {
        if (applier != null) {
            applier.close();
        }
        parts.radix().close();
    }

    private MapApplier applier() {
        if (applier == null) {
            throw new IllegalStateException("a snapshot's map does not change");
        }
        return applier;
    }

    private Checkpoints checkpoints() {
        if (checkpoints == null) {
            throw new IllegalStateException("a snapshot's map has no checkpoints of its own");
        }
        return checkpoints;
    }
}
