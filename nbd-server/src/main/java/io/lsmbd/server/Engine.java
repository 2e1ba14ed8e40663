package io.lsmbd.server;

import io.lsmbd.cache.CacheConfig;
import io.lsmbd.cache.CacheMetrics;
import io.lsmbd.cache.FrameCache;
import io.lsmbd.env.Environment;
import io.lsmbd.env.SystemLogDirectory;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.localindex.LocalIndex;
import io.lsmbd.localindex.LocalIndexConfig;
import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.decorator.HedgingObjectStore;
import io.lsmbd.objectstore.decorator.LimitingObjectStore;
import io.lsmbd.objectstore.decorator.MeteredObjectStore;
import io.lsmbd.objectstore.decorator.RetryConfig;
import io.lsmbd.objectstore.decorator.RetryingObjectStore;
import io.lsmbd.objectstore.decorator.StoreHealth;
import io.lsmbd.objectstore.decorator.WatchedObjectStore;
import io.lsmbd.objectstore.url.ObjectStores;
import io.lsmbd.volume.Volumes;
import io.lsmbd.volume.VolumesConfig;
import io.lsmbd.wal.Wal;
import io.lsmbd.wal.WalConfig;
import io.lsmbd.wal.WalMetrics;
import io.lsmbd.wal.WalRecovery;
import io.lsmbd.write.UploadPolicy;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Store, log, index, caches and volumes of a daemon, opened as configured; no volume attached.
 *
 * @param requests counts every attempt of a request
 * @param watch tells of outages until the last upload of a stop is done
 * @param store with retries
 * @param risks that the user took with this store, a sentence each; absent if it was away, and it
 *     has to be asked before anything is written to it
 */
record Engine(
        MeteredObjectStore requests,
        StoreWatch watch,
        ObjectStore store,
        Optional<List<String>> risks,
        Wal wal,
        Volumes volumes) {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    /** How long a start waits for the store; then it goes on without. */
    private static final RetryConfig AT_START =
            new RetryConfig(Duration.ofSeconds(3), Duration.ofMillis(50), Duration.ofSeconds(1));

    private static final int SPARE_WAL_FILES = 2;
    private static final double COPY_FORWARD_AT = 0.75;

    /** A WAL index takes less than this for a record, all told. */
    private static final int WAL_INDEX_BYTES_PER_RECORD = 48;

    private static final int INDEX_JOBS = 2;
    private static final int INDEX_OPEN_FILES = 512;

    /** What is opened is handed to {@code shutdown} at once, whether all succeeds or not. */
    static Engine open(
            ServerConfig config, Environment environment, MeterRegistry registry, Shutdown shutdown)
            throws StorageException, IOException, StartException {
        Path data = config.data().dir();
        String identity =
                DataIdentity.of(SystemLogDirectory.open(data), environment.random("data-identity"));
        MeteredObjectStore requests = openStore(config, environment, registry);
        var health = new StoreHealth(environment.nanoClock());
        ObjectStore attempts =
                new LimitingObjectStore(
                        new WatchedObjectStore(
                                hedged(requests, config.store(), environment, registry), health),
                        environment,
                        registry);
        ObjectStore store =
                shutdown.add(
                        "store",
                        new RetryingObjectStore(attempts, environment, RetryConfig.DEFAULT));
        Optional<List<String>> risks = Optional.empty();
        if (isThere(attempts, environment)) {
            risks = Optional.of(StoreGate.pass(config.store(), store, environment, registry));
        }
        MemoryPlan memory = config.memoryPlan();
        LocalIndex index =
                shutdown.add("index", LocalIndex.open(data.resolve("index"), index(memory)));
        Wal wal =
                shutdown.add(
                        "wal",
                        Wal.open(
                                environment,
                                SystemLogDirectory.open(data.resolve("wal")),
                                wal(config.wal()),
                                new IndexedDigests(index),
                                new WalMetrics(registry)));
        tell(wal.recovery().report());
        FrameCache frames =
                shutdown.add(
                        "cache",
                        FrameCache.open(
                                cache(config.cache(), memory),
                                SystemLogDirectory.open(data.resolve("cache")),
                                environment,
                                new CacheMetrics(registry)));
        var base = new Volumes.Foundation(environment, store, attempts, wal, index, frames);
        var volumes = new Volumes(base, volumes(config, identity));
        var log = new StoreWatch.Log(wal::appendedPosition, volumes.backpressure()::roomBytes);
        var watch = new StoreWatch(environment, attempts, health, log, registry);
        shutdown.add("store-watch", watch.start());
        shutdown.add("volumes", volumes);
        wal.start();
        return new Engine(requests, watch, store, risks, wal, volumes);
    }

    private static boolean isThere(ObjectStore attempts, Environment environment) {
        try {
            var patient = new RetryingObjectStore(attempts, environment, AT_START);
            LOG.debug("store is there answer={}", patient.info(ObjectKey.probeResult()));
            return true;
        } catch (ObjectStoreException e) {
            return !e.isRetryable();
        }
    }

    private static void tell(WalRecovery.Report found) {
        LOG.info(
                "log opened files={} records={} tornTail={} millis={}",
                found.files(),
                found.records(),
                new DataSize(found.tornTailBytes()),
                found.duration().toMillis());
        switch (found.possibleLoss()) {
            case NONE -> {}
            case UNCLEAN_HOST_BOOT ->
                    LOG.warn(
                            "the host went down with writes that were not synced: what no FLUSH"
                                    + " covered may be missing, though it was acknowledged"
                                    + " volumes={}",
                            found.losses());
            case TORN_WHILE_RUNNING ->
                    LOG.warn(
                            "the disk lost a part of the log that was not synced: what no FLUSH"
                                    + " covered may be missing, though it was acknowledged"
                                    + " volumes={}",
                            found.losses());
        }
    }

    private static MeteredObjectStore openStore(
            ServerConfig config, Environment environment, MeterRegistry registry)
            throws StorageException {
        String location = config.store().location(config.data());
        ObjectStore bare =
                config.store().isAuto()
                        ? ObjectStores.open(location, environment)
                        : ObjectStores.openExisting(location, environment);
        return new MeteredObjectStore(
                config.debug().around(bare, environment),
                environment.nanoClock(),
                registry,
                config.cost().prices());
    }

    /** Outside of what counts them, since each second request is one more. */
    private static ObjectStore hedged(
            ObjectStore store,
            StoreSection section,
            Environment environment,
            MeterRegistry registry) {
        return section.hedges()
                .<ObjectStore>map(
                        config -> new HedgingObjectStore(store, environment, config, registry))
                .orElse(store);
    }

    private static LocalIndexConfig index(MemoryPlan memory) {
        var writeBuffers = new DataSize(memory.rocksDb().bytes() / 4);
        return new LocalIndexConfig(memory.rocksDb(), writeBuffers, INDEX_JOBS, INDEX_OPEN_FILES);
    }

    private static WalConfig wal(WalSection wal) {
        return new WalConfig(
                wal.fileSize(), wal.budget(), wal.syncInterval(), SPARE_WAL_FILES, COPY_FORWARD_AT);
    }

    private static CacheConfig cache(CacheSection cache, MemoryPlan memory) {
        return new CacheConfig(memory.frameCache(), cache.diskSize(), memory.frameLoading());
    }

    /** Un-uploaded bytes stop short of the log's budget: records have headers, files have ends. */
    private static VolumesConfig volumes(ServerConfig config, String identity) {
        UploadSection upload = config.upload();
        MemoryPlan memory = config.memoryPlan();
        return new VolumesConfig(
                identity,
                new UploadPolicy(
                        upload.segmentSize(),
                        UploadPolicy.STANDARD.maxRecords(),
                        upload.maxAge(),
                        upload.parallel(),
                        config.checkpoint().everySegments()),
                builders(upload, memory),
                new DataSize(config.wal().budget().bytes() / 10 * 7),
                memory.walIndex().bytes() / WAL_INDEX_BYTES_PER_RECORD,
                memory.mapPages(),
                memory.frameTables(),
                config.recovery().lease(),
                config.store().readTimeout(),
                config.shutdown().uploadTimeout(),
                config.recovery().onPossibleLoss());
    }

    /** A builder takes a segment's size twice: as it is, and compressed. */
    private static int builders(UploadSection upload, MemoryPlan memory) {
        long fitting = memory.segments().bytes() / (2 * upload.segmentSize().bytes());
        return Math.clamp(fitting, 1, upload.parallel());
    }
}
