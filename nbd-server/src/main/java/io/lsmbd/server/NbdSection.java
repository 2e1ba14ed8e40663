package io.lsmbd.server;

import io.lsmbd.config.ListenAddress;
import io.lsmbd.config.Setting;
import io.lsmbd.config.Settings;
import io.lsmbd.nbd.Transport;
import io.lsmbd.nbd.tls.TlsConfig;
import io.lsmbd.nbd.tls.TlsPolicy;
import java.util.List;
import java.util.Optional;

/** {@code [nbd]}: where disks are served. */
public record NbdSection(
        List<ListenAddress> listen,
        String unix,
        Transport transport,
        int threads,
        Tls tls,
        Plaintext plaintext) {
    static final String AUTO = "auto";
    static final String NONE = "none";

    /** Whether clients use TLS. */
    public enum Tls {
        OFF,
        /** As they like. */
        ON,
        REQUIRED
    }

    /** Which TCP clients may come without TLS. */
    public enum Plaintext {
        LOOPBACK,
        ANYWHERE
    }

    public NbdSection {
        listen = List.copyOf(listen);
        Bounds.check("nbd.threads", threads, 0, 256);
        if (listen.isEmpty() && unix.equals(NONE)) {
            throw new IllegalArgumentException("nbd.listen is empty and nbd.unix is none");
        }
    }

    static NbdSection read(Settings in) {
        return new NbdSection(
                in.list(
                        "nbd.listen",
                        "127.0.0.1:10809",
                        "TCP addresses, as HOST:PORT.",
                        ListenAddress::parse),
                in.text(
                        "nbd.unix",
                        AUTO,
                        "Path of the Unix socket. auto is nbd.sock below data.dir, none is no "
                                + "socket."),
                in.value(
                        new Setting(
                                "nbd.transport",
                                "auto|epoll|io_uring|nio",
                                "auto",
                                "How sockets are served; auto takes the best that works here."),
                        Transport::parse),
                in.integer("nbd.threads", "0", "Event loops; 0 is one per processor."),
                in.choice(
                        "nbd.tls",
                        Tls.values(),
                        "off",
                        "Whether clients have to use TLS over TCP; on leaves it to them. Needs "
                                + "tls.certificate and tls.key."),
                in.choice(
                        "nbd.plaintext",
                        Plaintext.values(),
                        "loopback",
                        "Where clients may do without TLS. Addresses in nbd.listen that other "
                                + "hosts can reach need nbd.tls = required or this = anywhere."));
    }

    /** Throws if TLS cannot be served as wanted, or is likely to be wanted and forgotten. */
    void checkAgainst(TlsSection files, AccessSection access) {
        if (tls == Tls.OFF && files.isAnythingSet()) {
            throw new IllegalArgumentException(
                    "files are named in [tls], but nbd.tls is off: set it to on or required");
        }
        if (tls != Tls.OFF && (files.certificate().isEmpty() || files.key().isEmpty())) {
            throw new IllegalArgumentException(
                    "nbd.tls is %s, which needs tls.certificate and tls.key"
                            .formatted(Settings.word(tls)));
        }
        if (access.rules().needCertificates() && files.clientCa().isEmpty()) {
            throw new IllegalArgumentException(
                    """
                    access.allow asks for names of client certificates, which no client will \
                    show: set nbd.tls and tls.client-ca\
                    """);
        }
        Optional<ListenAddress> open =
                listen.stream().filter(address -> !address.isLoopback()).findFirst();
        if (open.isPresent() && tls != Tls.REQUIRED && plaintext == Plaintext.LOOPBACK) {
            throw new IllegalArgumentException(
                    """
                    nbd.listen %s can be reached from other hosts, and without TLS everyone on the \
                    way can read and change what clients store: set nbd.tls = "required" with \
                    tls.certificate and tls.key, or, if all of that network is trusted, \
                    nbd.plaintext = "anywhere"\
                    """
                            .formatted(open.get()));
        }
    }

    /** How TLS is to be served; only after {@link #checkAgainst}. */
    Optional<TlsConfig> tlsConfig(TlsSection files) {
        return switch (tls) {
            case OFF -> Optional.empty();
            case ON -> Optional.of(files.toConfig(TlsPolicy.OFFERED));
            case REQUIRED -> Optional.of(files.toConfig(TlsPolicy.REQUIRED));
        };
    }
}
