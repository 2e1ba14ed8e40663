package io.lsmbd.nbd.tls;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import io.lsmbd.nbd.access.CertificateName;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts TLS on connections, always with the newest files that were any good. Thread-safe. Reading
 * files blocks; nothing else does.
 */
public final class TlsServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TlsServer.class);

    /** Signing takes a millisecond, in which an event loop would serve nobody. */
    private static final int SIGNING_THREADS = 2;

    private static final Duration TO_SAY_GOODBYE = Duration.ofSeconds(1);

    private final TlsConfig config;
    private final TlsMetrics metrics;
    private final Signal closing;
    private final DefaultEventExecutorGroup signing =
            new DefaultEventExecutorGroup(
                    SIGNING_THREADS, new DefaultThreadFactory("nbd-tls", true));
    private volatile TlsMaterial current;

    /** Why the newest files were not taken over; empty if they were. */
    private volatile String problem = "";

    private volatile boolean isClosed;

    static {
        // With TLS 1.2 a client could make us negotiate on and on, and become another one.
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    }

    private TlsServer(
            TlsConfig config, TlsMaterial first, Environment environment, MeterRegistry registry) {
        this.config = config;
        this.current = first;
        this.closing = environment.signal();
        this.metrics =
                new TlsMetrics(registry, () -> current.certificate().getNotAfter().toInstant());
    }

    /**
     * Reads the files and goes on looking at them until closed.
     *
     * @throws TlsFileException if they cannot be used
     */
    public static TlsServer open(TlsConfig config, Environment environment, MeterRegistry registry)
            throws TlsFileException {
        TlsMaterial first = TlsMaterial.of(TlsMaterial.Content.read(config.files()), config);
        TlsServer server = new TlsServer(config, first, environment, registry);
        log.info("serving TLS {}", describe(first));
        var _ = environment.spawnVirtual("tls-files", server::watch);
        return server;
    }

    /**
     * Reads the files as {@link #open} does, and does nothing with them.
     *
     * @throws TlsFileException if they cannot be used
     */
    public static void check(TlsConfig config) throws TlsFileException {
        var _ = TlsMaterial.of(TlsMaterial.Content.read(config.files()), config);
    }

    private static String describe(TlsMaterial material) {
        X509Certificate certificate = material.certificate();
        return "names=%s validUntil=%s"
                .formatted(CertificateName.of(certificate), certificate.getNotAfter().toInstant());
    }

    public TlsPolicy policy() {
        return config.policy();
    }

    /**
     * From now on what {@code ctx} and those behind it read and write is encrypted on its way; what
     * was written before is not. Its handler learns of the outcome by an {@link
     * io.netty.handler.ssl.SslHandshakeCompletionEvent}.
     */
    public void protect(ChannelHandlerContext ctx, Duration handshakeTimeout) {
        SslHandler tls = current.context().newHandler(ctx.alloc(), signing);
        tls.setHandshakeTimeout(handshakeTimeout.toMillis(), TimeUnit.MILLISECONDS);
        tls.setCloseNotifyFlushTimeout(TO_SAY_GOODBYE.toMillis(), TimeUnit.MILLISECONDS);
        ctx.pipeline()
                .addBefore(ctx.name(), null, tls)
                .addBefore(ctx.name(), null, new TlsEvents());
    }

    public static boolean isProtected(Channel channel) {
        return channel.pipeline().get(SslHandler.class) != null;
    }

    /** The names of the client's certificate, once TLS is agreed on; none if it needed none. */
    public static Set<CertificateName> clientNames(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        try {
            Certificate[] chain = tls.engine().getSession().getPeerCertificates();
            return chain[0] instanceof X509Certificate own ? CertificateName.of(own) : Set.of();
        } catch (SSLPeerUnverifiedException e) {
            return Set.of();
        }
    }

    private void watch() {
        while (!closing.await(() -> isClosed, config.checkInterval())) {
            reload();
        }
    }

    /**
     * Takes over the files for connections to come, if they have changed and can be used; else the
     * old ones stay. Returns what is wrong with them. Two calls at the same time do no harm: what
     * the slower one takes over is looked at again.
     */
    public Optional<String> reload() {
        try {
            TlsMaterial.Content content = TlsMaterial.Content.read(config.files());
            if (!content.fingerprint().equals(current.fingerprint())) {
                TlsMaterial next = TlsMaterial.of(content, config);
                current = next;
                metrics.reloaded();
                log.info("new TLS files are in use {}", describe(next));
            }
            problem = "";
            return Optional.empty();
        } catch (TlsFileException e) {
            String message = String.valueOf(e.getMessage());
            if (!message.equals(problem)) {
                problem = message;
                metrics.reloadFailed();
                log.warn("new TLS files cannot be used, the old ones stay problem={}", message);
            }
            return Optional.of(message);
        }
    }

    /** Connections that are protected stay so. Idempotent. */
    @Override
    public void close() {
        isClosed = true;
        closing.signalAll();
        signing.shutdownGracefully(0, TO_SAY_GOODBYE.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly();
    }
}
