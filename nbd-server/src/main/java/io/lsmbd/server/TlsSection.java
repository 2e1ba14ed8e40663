package io.lsmbd.server;

import io.lsmbd.config.Settings;
import io.lsmbd.nbd.tls.TlsConfig;
import io.lsmbd.nbd.tls.TlsFiles;
import io.lsmbd.nbd.tls.TlsPolicy;
import io.lsmbd.nbd.tls.TlsVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code [tls]}: certificates and keys; {@code nbd.tls} decides whether they are used. */
public record TlsSection(
        Optional<Path> certificate,
        Optional<Path> key,
        Optional<Path> keyPasswordFile,
        Optional<Path> clientCa,
        List<TlsVersion> versions,
        Duration checkInterval) {
    private static final String NONE = "none";

    public TlsSection {
        versions = List.copyOf(versions);
        if (versions.isEmpty()) {
            throw new IllegalArgumentException("tls.versions is empty: write 1.2, 1.3 or both");
        }
        Bounds.check(
                "tls.check-interval", checkInterval, Duration.ofSeconds(1), Duration.ofDays(1));
    }

    static TlsSection read(Settings in) {
        return new TlsSection(
                path(
                        in,
                        "tls.certificate",
                        "PEM file: the server's certificate, followed by those between it and the "
                                + "authority."),
                path(in, "tls.key", "PEM file: the key of that certificate, in PKCS #8."),
                path(
                        in,
                        "tls.key-password-file",
                        "File whose first line is the password of the key, if it has one."),
                path(
                        in,
                        "tls.client-ca",
                        "PEM file: who signs the certificates of clients; with it they must have "
                                + "one."),
                in.list("tls.versions", "1.2,1.3", "Versions of TLS.", TlsVersion::parse),
                in.duration(
                        "tls.check-interval",
                        "10s",
                        "How often the files are looked at; new ones are used from then on, if "
                                + "they are good."));
    }

    private static Optional<Path> path(Settings in, String key, String help) {
        String text = in.text(key, NONE, help);
        return text.equals(NONE) ? Optional.empty() : Optional.of(Path.of(text));
    }

    boolean isAnythingSet() {
        return certificate.isPresent()
                || key.isPresent()
                || keyPasswordFile.isPresent()
                || clientCa.isPresent();
    }

    /** Only after {@link NbdSection#checkAgainst}. */
    TlsConfig toConfig(TlsPolicy policy) {
        return new TlsConfig(
                policy,
                new TlsFiles(
                        certificate.orElseThrow(), key.orElseThrow(), keyPasswordFile, clientCa),
                Set.copyOf(versions),
                checkInterval);
    }
}
