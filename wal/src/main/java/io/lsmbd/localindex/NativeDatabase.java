package io.lsmbd.localindex;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/**
 * An open RocksDB and every native object that must live as long as it does. Not gated: callers.
 */
final class NativeDatabase implements AutoCloseable {
    private static final double BLOOM_BITS_PER_KEY = 10;
    private static final long BLOCK_BYTES = 16 << 10;
    private static final long FILE_BYTES = 16 << 20;
    private static final long ARENA_BLOCK_BYTES = 128 << 10;
    private static final long INFO_LOG_BYTES = 1 << 20;
    private static final int INFO_LOG_FILES = 2;

    final RocksDB db;

    /** RocksDB's own log is off on every write: the index is derived data. */
    final WriteOptions writeOptions;

    final FlushOptions flushOptions;
    private final Map<Family, ColumnFamilyHandle> handles;
    private final Deque<AutoCloseable> owned;

    private NativeDatabase(
            RocksDB db,
            WriteOptions writeOptions,
            FlushOptions flushOptions,
            Map<Family, ColumnFamilyHandle> handles,
            Deque<AutoCloseable> owned) {
        this.db = db;
        this.writeOptions = writeOptions;
        this.flushOptions = flushOptions;
        this.handles = handles;
        this.owned = owned;
    }

    static NativeDatabase open(Path folder, LocalIndexConfig config) throws RocksDBException {
        RocksDB.loadLibrary();
        Deque<AutoCloseable> owned = new ArrayDeque<>();
        try {
            Cache cache = own(owned, new LRUCache(config.cache().bytes()));
            DBOptions options = own(owned, databaseOptions(cache, config, owned));
            ColumnFamilyOptions familyOptions = own(owned, familyOptions(cache, config, owned));
            List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
            for (Family family : Family.values()) {
                descriptors.add(new ColumnFamilyDescriptor(family.nativeName(), familyOptions));
            }
            List<ColumnFamilyHandle> handles = new ArrayList<>();
            RocksDB db = own(owned, RocksDB.open(options, folder.toString(), descriptors, handles));
            Map<Family, ColumnFamilyHandle> byFamily = new EnumMap<>(Family.class);
            for (Family family : Family.values()) {
                byFamily.put(family, own(owned, handles.get(byFamily.size())));
            }
            WriteOptions writeOptions = own(owned, new WriteOptions().setDisableWAL(true));
            FlushOptions flushOptions =
                    own(owned, new FlushOptions().setWaitForFlush(true).setAllowWriteStall(true));
            return new NativeDatabase(db, writeOptions, flushOptions, byFamily, owned);
        } catch (RocksDBException | RuntimeException e) {
            closeAll(owned);
            throw e;
        }
    }

    private static DBOptions databaseOptions(
            Cache cache, LocalIndexConfig config, Deque<AutoCloseable> owned) {
        WriteBufferManager buffers =
                own(owned, new WriteBufferManager(config.writeBuffers().bytes(), cache));
        return new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setAtomicFlush(true)
                .setParanoidChecks(true)
                .setWriteBufferManager(buffers)
                .setMaxBackgroundJobs(config.backgroundJobs())
                .setMaxOpenFiles(config.maxOpenFiles())
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(INFO_LOG_BYTES)
                .setKeepLogFileNum(INFO_LOG_FILES)
                .setMaxManifestFileSize(4 << 20)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0)
                .setBytesPerSync(1 << 20);
    }

    private static ColumnFamilyOptions familyOptions(
            Cache cache, LocalIndexConfig config, Deque<AutoCloseable> owned) {
        BlockBasedTableConfig table =
                new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setBlockSize(BLOCK_BYTES)
                        .setCacheIndexAndFilterBlocks(true)
                        .setCacheIndexAndFilterBlocksWithHighPriority(true)
                        .setPinL0FilterAndIndexBlocksInCache(true)
                        .setFilterPolicy(own(owned, new BloomFilter(BLOOM_BITS_PER_KEY, false)));
        return new ColumnFamilyOptions()
                .setTableFormatConfig(table)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setWriteBufferSize(config.writeBuffers().bytes())
                .setMaxWriteBufferNumber(2)
                .setArenaBlockSize(ARENA_BLOCK_BYTES)
                .setTargetFileSizeBase(FILE_BYTES)
                .setParanoidFileChecks(true);
    }

    private static <T extends AutoCloseable> T own(Deque<AutoCloseable> owned, T resource) {
        owned.push(resource);
        return resource;
    }

    ColumnFamilyHandle handle(Family family) {
        return Objects.requireNonNull(handles.get(family));
    }

    List<ColumnFamilyHandle> allHandles() {
        return List.copyOf(handles.values());
    }

    /** Closes in reverse order of opening. */
    @Override
    public void close() {
        closeAll(owned);
    }

    private static void closeAll(Deque<AutoCloseable> owned) {
        while (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("a native object does not close", e);
            }
        }
    }
}
