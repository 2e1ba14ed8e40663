package io.lsmbd.nbd;

import io.lsmbd.env.Environment;
import io.lsmbd.nbd.access.Client;
import io.lsmbd.nbd.handshake.HandshakeEvent;
import io.lsmbd.nbd.handshake.HandshakeHandler;
import io.lsmbd.nbd.handshake.Handshakes;
import io.lsmbd.nbd.handshake.NegotiatedExport;
import io.lsmbd.nbd.limits.Complaints;
import io.lsmbd.nbd.limits.InFlightBudget;
import io.lsmbd.nbd.metrics.ConnectionMetrics;
import io.lsmbd.nbd.metrics.ConnectionMetrics.Refusal;
import io.lsmbd.nbd.metrics.NbdMetrics;
import io.lsmbd.nbd.tls.TlsServer;
import io.lsmbd.nbd.transmission.ReceiveBuffer;
import io.lsmbd.nbd.transmission.TransmissionHandler;
import io.lsmbd.nbd.transmission.Transmissions;
import io.lsmbd.volume.VolumeCatalog;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves volumes over NBD on TCP and Unix sockets. Thread-safe. */
public final class NbdServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NbdServer.class);
    private static final int BACKLOG = 1024;

    /** Beyond the upper mark a connection's requests wait until its client reads replies. */
    private static final WriteBufferWaterMark UNSENT_REPLIES =
            new WriteBufferWaterMark(1 << 20, 4 << 20);

    private static final Duration TO_CLOSE_SOCKETS = Duration.ofSeconds(2);

    private final NbdServerConfig config;
    private final NbdMetrics metrics;
    private final ConnectionMetrics connectionMetrics;
    private final Complaints complaints;
    private final Optional<TlsServer> tls;
    private final Handshakes handshakes;
    private final Transmissions transmissions;
    private final Connections connections;
    private final ServedVolumes volumes;
    private final MultiThreadIoEventLoopGroup eventLoops;
    private final List<Channel> listeners = new ArrayList<>();
    private final List<SocketAddress> boundAddresses = new ArrayList<>();
    private final ChannelGroup channels =
            new DefaultChannelGroup("nbd", GlobalEventExecutor.INSTANCE, true);
    private volatile boolean isClosed;

    private NbdServer(
            NbdServerConfig config,
            VolumeCatalog catalog,
            Optional<TlsServer> tls,
            Environment environment,
            MeterRegistry registry) {
        this.config = config;
        this.tls = tls;
        this.metrics = new NbdMetrics(registry);
        this.connectionMetrics = new ConnectionMetrics(registry);
        this.complaints = new Complaints(environment.nanoClock());
        this.handshakes =
                new Handshakes(
                        catalog,
                        config.access(),
                        tls,
                        config.handshake(),
                        connectionMetrics,
                        complaints,
                        environment.nanoClock());
        var budget = new InFlightBudget(config.transmission().inAll());
        connectionMetrics.watch(budget);
        this.transmissions =
                new Transmissions(
                        config.transmission(),
                        budget,
                        metrics,
                        connectionMetrics,
                        complaints,
                        environment);
        this.connections = new Connections(config.connections(), connectionMetrics);
        this.volumes = new ServedVolumes(metrics, environment);
        this.eventLoops =
                new MultiThreadIoEventLoopGroup(
                        config.eventLoopThreads(),
                        new DefaultThreadFactory("nbd", true),
                        config.transport().ioHandler());
    }

    /**
     * Listens on all addresses of {@code config}, or on none and throws.
     *
     * @throws io.lsmbd.nbd.tls.TlsFileException if TLS lacks a usable file
     * @throws IOException if an address cannot be had
     */
    public static NbdServer start(
            NbdServerConfig config,
            VolumeCatalog catalog,
            Environment environment,
            MeterRegistry registry)
            throws IOException {
        Optional<TlsServer> tls = Optional.empty();
        if (config.tls().isPresent()) {
            tls = Optional.of(TlsServer.open(config.tls().get(), environment, registry));
        }
        NbdServer server = new NbdServer(config, catalog, tls, environment, registry);
        try {
            server.bind();
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    private void bind() throws IOException {
        Transport transport = config.transport();
        for (InetSocketAddress address : config.tcp()) {
            ServerBootstrap tcp =
                    bootstrap(transport.tcpServer())
                            .option(ChannelOption.SO_REUSEADDR, true)
                            .childOption(ChannelOption.TCP_NODELAY, true)
                            .childOption(ChannelOption.SO_KEEPALIVE, true);
            Channel listener = listen(tcp, address);
            boundAddresses.add(listener.localAddress());
        }
        if (config.unixSocket().isPresent()) {
            Path path = config.unixSocket().get();
            UnixSocketFile.makeWayAt(path);
            listen(bootstrap(transport.unixServer()), transport.unixAddress(path));
            boundAddresses.add(java.net.UnixDomainSocketAddress.of(path));
        }
        log.debug("serving NBD addresses={} transport={}", boundAddresses, transport.resolved());
    }

    private ServerBootstrap bootstrap(Class<? extends ServerChannel> type) {
        return new ServerBootstrap()
                .group(eventLoops)
                .channel(type)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT_REPLIES)
                .childHandler(new Initializer());
    }

    private Channel listen(ServerBootstrap bootstrap, SocketAddress address) throws IOException {
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on " + address, bound.cause());
        }
        listeners.add(bound.channel());
        return bound.channel();
    }

    private final class Initializer extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            Optional<InetAddress> address = addressOf(channel);
            Optional<Refusal> refusal = connections.admit(channel, address);
            if (refusal.isPresent()) {
                refuse(channel, refusal.get());
                return;
            }
            channels.add(channel);
            ReceiveBuffer received = new ReceiveBuffer();
            channel.config().setRecvByteBufAllocator(received);
            channel.pipeline()
                    .addLast(
                            new HandshakeHandler(
                                    handshakes,
                                    new Client(address, Set.of()),
                                    export -> transmission(channel, export, received)));
        }
    }

    private static Optional<InetAddress> addressOf(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress inet
                ? Optional.of(inet.getAddress())
                : Optional.empty();
    }

    private void refuse(Channel channel, Refusal reason) {
        connectionMetrics.refused(reason);
        String limit =
                switch (reason) {
                    case TOTAL -> "limits.connections reached";
                    case ADDRESS -> "limits.connections-per-address reached";
                };
        complaints.about(channel.remoteAddress(), "connection refused", limit);
        var _ = channel.close();
    }

    private TransmissionHandler transmission(
            Channel channel, NegotiatedExport export, ReceiveBuffer received) {
        connections.hasChosen(channel);
        if (TlsServer.isProtected(channel)) {
            received.readCiphertext();
        }
        return new TransmissionHandler(
                export, volumes.of(export.volume()), received, channel.eventLoop(), transmissions);
    }

    /** Where it listens, with the ports that were really taken; the Unix socket comes last. */
    public List<SocketAddress> boundAddresses() {
        return List.copyOf(boundAddresses);
    }

    /** How many connections have which volume open just now; those without any are left out. */
    public Map<String, Integer> clients() {
        Map<String, Integer> counts = new HashMap<>();
        for (Channel channel : channels) {
            var handler = channel.pipeline().get(TransmissionHandler.class);
            if (handler != null) {
                counts.merge(handler.volumeName(), 1, Integer::sum);
            }
        }
        return counts;
    }

    /**
     * Takes over new certificate files now instead of at the next look at them; blocks. Returns why
     * not, if so.
     */
    public Optional<String> reloadCertificates() {
        return tls.isEmpty()
                ? Optional.of("nbd.tls is off: there are no certificates")
                : tls.get().reload();
    }

    /** Closes all connections to a volume that is no longer in the catalog. */
    public void disconnect(String volumeName) {
        onEachConnection(channel -> {
            var handler = channel.pipeline().get(TransmissionHandler.class);
            if (handler != null && handler.volumeName().equals(volumeName)) {
                var _ = channel.close();
            }
        });
        volumes.forget(volumeName);
    }

    /**
     * Accepts no more connections and begins no more requests, lets those in flight finish for the
     * drain timeout, and closes. Idempotent.
     */
    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        for (Channel listener : listeners) {
            listener.close().awaitUninterruptibly();
        }
        onEachConnection(NbdServer::drain);
        boolean isDrained =
                channels.newCloseFuture().awaitUninterruptibly(config.drainTimeout().toMillis());
        if (!isDrained) {
            log.warn("closing connections with requests in flight count={}", channels.size());
        }
        channels.close().awaitUninterruptibly(TO_CLOSE_SOCKETS.toMillis());
        eventLoops
                .shutdownGracefully(0, TO_CLOSE_SOCKETS.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly();
        tls.ifPresent(TlsServer::close);
    }

    private static void drain(Channel channel) {
        var handler = channel.pipeline().get(TransmissionHandler.class);
        if (handler == null) {
            channel.pipeline().fireUserEventTriggered(HandshakeEvent.SERVER_STOPS);
        } else {
            handler.drain();
        }
    }

    /** On its event loop, so between two of its requests or options. */
    private void onEachConnection(Consumer<Channel> action) {
        for (Channel channel : channels) {
            channel.eventLoop().execute(() -> action.accept(channel));
        }
    }
}
