package io.lsmbd.server;

import io.lsmbd.admin.AdminServer;
import io.lsmbd.admin.StoreCosts;
import io.lsmbd.admin.VolumesAdmin;
import io.lsmbd.admin.api.BuildInfo;
import io.lsmbd.admin.api.CreateVolume;
import io.lsmbd.admin.api.VolumeInfo;
import io.lsmbd.config.ListenAddress;
import io.lsmbd.env.Environment;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.nbd.NbdServer;
import io.lsmbd.nbd.NbdServerConfig;
import io.lsmbd.nbd.tls.TlsFileException;
import io.lsmbd.volume.Attaching;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/** Puts a daemon together, and says where it can be reached. */
final class Wiring implements AutoCloseable {
    private static final Duration STORE_PATIENCE = Duration.ofSeconds(15);

    private final ServerConfig config;
    private final Environment environment;
    private final Optional<Path> unixSocket;
    private final Shutdown shutdown = new Shutdown();
    private final Lifecycle lifecycle = new Lifecycle();
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    /** Outermost: nothing that holds a lock asks for a scrape (docs/adr/20261120-locks.md). */
    private final ReentrantLock scraping = new ReentrantLock();

    private final AtomicReference<Runnable> beforeScrape = new AtomicReference<>(() -> {});

    /** Those of a store that was away at the start; told of like problems. */
    private volatile List<String> lateRisks = List.of();

    private StopProgress.Remaining remaining = StopProgress.Remaining.NOTHING;

    private Wiring(ServerConfig config, Environment environment, Optional<Path> unixSocket) {
        this.config = config;
        this.environment = environment;
        this.unixSocket = unixSocket;
        registry.config().namingConvention(new FullCounterNames());
    }

    /** A daemon that serves clients. */
    record Running(VolumesAdmin admin, ReadyText.Addresses addresses) {}

    /** Opens nothing yet. */
    static Wiring of(ServerConfig config, Environment environment, Map<String, String> variables)
            throws StartException {
        return new Wiring(
                config, environment, UnixSocketPath.of(config.nbd(), config.data(), variables));
    }

    /**
     * Starts everything, in the order in which it is needed. Health and metrics can be asked for
     * while the rest starts. On a failure {@link #close} tidies up.
     */
    Running start(List<CreateVolume> wanted) throws StartException {
        shutdown.add("lock", DataLock.take(config.data().dir()));
        shutdown.add("metrics", new ProcessMetrics(registry));
        AdminServer admin = shutdown.add("admin", openAdmin());
        Engine engine = openEngine();
        attach(engine);
        beforeScrape.set(new VolumeGauges(engine.volumes(), registry)::refresh);
        NbdServer nbd = shutdown.add("nbd", openNbd(engine));
        remaining =
                new StopProgress.Remaining(
                        () -> nbd.clients().values().stream().mapToInt(Integer::intValue).sum(),
                        engine.volumes().backpressure()::totalBytes);
        List<InetSocketAddress> tcp = tcpOf(nbd);
        var volumes =
                new VolumesAdmin(
                        new VolumesAdmin.Engine(
                                engine.volumes(),
                                engine.wal(),
                                engine.store(),
                                environment.nanoClock(),
                                lifecycle::problems),
                        facts(tcp, engine),
                        connectionsOf(nbd));
        create(wanted, volumes);
        admin.serve(volumes, nbd::reloadCertificates, costs(engine, volumes));
        lifecycle.enter(Lifecycle.Phase.READY);
        return new Running(
                volumes,
                new ReadyText.Addresses(tcp, config.nbd().tls(), unixSocket, admin.address()));
    }

    private StoreCosts costs(Engine engine, VolumesAdmin volumes) {
        return new StoreCosts(
                engine.requests()::use,
                () -> volumes.status().volumes().stream().mapToLong(VolumeInfo::storedBytes).sum(),
                config.cost().currency(),
                config.cost().prices(),
                environment.nanoClock());
    }

    private static VolumesAdmin.Connections connectionsOf(NbdServer nbd) {
        return new VolumesAdmin.Connections() {
            @Override
            public Map<String, Integer> counts() {
                return nbd.clients();
            }

            @Override
            public void close(String volume) {
                nbd.disconnect(volume);
            }
        };
    }

    private AdminServer openAdmin() throws StartException {
        try {
            return AdminServer.open(config.admin(), environment, lifecycle, this::scrape);
        } catch (IOException e) {
            throw taken("admin.listen", config.admin().listen().toString(), e);
        }
    }

    /** One at a time: gauges of volumes are exchanged before, which another would see half done. */
    private String scrape() {
        scraping.lock();
        try {
            beforeScrape.get().run();
            return registry.scrape();
        } finally {
            scraping.unlock();
        }
    }

    private Engine openEngine() throws StartException {
        try {
            return Engine.open(config, environment, registry, shutdown);
        } catch (StorageException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new StartException(
                    "cannot use data.dir %s: %s".formatted(config.data().dir(), e.getMessage()), e);
        }
    }

    /** Also while the store is away: whatever does not need it is there, and says what is not. */
    private void attach(Engine engine) throws StartException {
        Attaching attaching =
                shutdown.add(
                        "attaching",
                        new Attaching(
                                environment,
                                engine.volumes(),
                                engine.risks().isPresent()
                                        ? Attaching.Gate.OPEN
                                        : () -> passGate(engine)));
        lifecycle.watch(() ->
                Stream.concat(
                                Stream.of(engine.watch().problem(), attaching.obstacle())
                                        .flatMap(Optional::stream),
                                lateRisks.stream())
                        .toList());
        try {
            if (engine.risks().isPresent()) {
                attaching.start();
            } else {
                attaching.startBehind();
            }
        } catch (StorageException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        }
    }

    /** What the start would have done, had the store been there. */
    private void passGate(Engine engine) throws StorageException {
        try {
            lateRisks = StoreGate.pass(config.store(), engine.store(), environment, registry);
        } catch (StartException e) {
            throw new RefusedException(
                    RefusedException.Reason.INVALID, String.valueOf(e.getMessage()));
        }
    }

    private static void create(List<CreateVolume> wanted, VolumesAdmin volumes)
            throws StartException {
        if (wanted.isEmpty()) {
            return;
        }
        try {
            var there = volumes.list().stream().map(info -> info.name()).toList();
            for (CreateVolume volume : wanted) {
                if (!there.contains(volume.name())) {
                    volumes.create(volume);
                }
            }
        } catch (StorageException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        }
    }

    private NbdServer openNbd(Engine engine) throws StartException {
        NbdSection nbd = config.nbd();
        LimitsSection limits = config.limits();
        List<InetSocketAddress> addresses =
                nbd.listen().stream().map(ListenAddress::toSocketAddress).toList();
        var settings =
                new NbdServerConfig(
                        addresses,
                        unixSocket,
                        nbd.transport(),
                        nbd.threads() == 0
                                ? NbdServerConfig.defaultEventLoopThreads()
                                : nbd.threads(),
                        limits.connectionLimits(),
                        limits.handshakeLimits(),
                        limits.inFlight().transmissionLimits(config.memoryPlan()),
                        config.access().rules(),
                        nbd.tlsConfig(config.tls()),
                        config.shutdown().drainTimeout());
        try {
            return NbdServer.start(settings, engine.volumes(), environment, registry);
        } catch (TlsFileException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw taken("nbd.listen", nbd.listen() + " " + nbd.unix(), e);
        }
    }

    private static StartException taken(String key, String address, IOException e) {
        Throwable reason = e.getCause() == null ? e : e.getCause();
        return new StartException(
                "%s: cannot listen on %s: %s; is another lsmbd running? choose another with --%s"
                        .formatted(key, address, reason.getMessage(), key),
                e);
    }

    private static List<InetSocketAddress> tcpOf(NbdServer nbd) {
        List<InetSocketAddress> tcp = new ArrayList<>();
        for (var address : nbd.boundAddresses()) {
            if (address instanceof InetSocketAddress inet) {
                tcp.add(inet);
            }
        }
        return tcp;
    }

    private VolumesAdmin.Facts facts(List<InetSocketAddress> tcp, Engine engine) {
        List<String> uris = new ArrayList<>();
        tcp.forEach(address -> uris.add(ReadyText.uri(address, config.nbd().tls())));
        unixSocket.ifPresent(path -> uris.add("nbd+unix:///?socket=" + path));
        return new VolumesAdmin.Facts(
                BuildInfo.read().version(),
                config.data().dir().toAbsolutePath().normalize().toString(),
                uris,
                engine.risks().orElse(List.of()),
                config.wal().budget(),
                config.upload().maxAge().multipliedBy(2).plus(STORE_PATIENCE),
                config.volume().compression(),
                config.volume().durability());
    }

    /** Drains clients, uploads, detaches, closes; see {@link Shutdown}. */
    @Override
    public void close() {
        lifecycle.enter(Lifecycle.Phase.STOPPING);
        try (StopProgress _ = StopProgress.start(environment, remaining)) {
            shutdown.close();
        }
    }

    boolean isCleanlyClosed() {
        return shutdown.isClean();
    }
}
