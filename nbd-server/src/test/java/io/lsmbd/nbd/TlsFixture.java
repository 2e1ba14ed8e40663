package io.lsmbd.nbd;

import io.lsmbd.nbd.access.CertificateName;
import io.lsmbd.nbd.tls.TestAuthority;
import io.lsmbd.nbd.tls.TestAuthority.Identity;
import io.lsmbd.nbd.tls.TlsConfig;
import io.lsmbd.nbd.tls.TlsFiles;
import io.lsmbd.nbd.tls.TlsPolicy;
import io.lsmbd.nbd.tls.TlsVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** The files of a server with TLS, and the certificates of its clients. */
final class TlsFixture {
    static final TestAuthority AUTHORITY = new TestAuthority("authority");
    static final TestAuthority STRANGER = new TestAuthority("authority");
    static final Identity SERVER =
            AUTHORITY.issue("server", new CertificateName(CertificateName.Kind.DNS, "server"));

    /** Trusts the server and shows nothing. */
    static final SSLContext ANONYMOUS = AUTHORITY.clientContext();

    private final Path folder;
    private TlsPolicy policy = TlsPolicy.REQUIRED;
    private EnumSet<TlsVersion> versions = EnumSet.allOf(TlsVersion.class);
    private Optional<Path> clientAuthorities = Optional.empty();
    private Duration checkInterval = Duration.ofHours(1);

    /** The files go to {@code folder}: server.pem, server.key, ca.pem. */
    TlsFixture(Path folder) {
        this.folder = folder;
        SERVER.store(folder);
        TestAuthority.replace(folder.resolve("ca.pem"), AUTHORITY.pem());
    }

    TlsFixture offered() {
        policy = TlsPolicy.OFFERED;
        return this;
    }

    TlsFixture only(TlsVersion version) {
        versions = EnumSet.of(version);
        return this;
    }

    TlsFixture withClientCertificates() {
        clientAuthorities = Optional.of(folder.resolve("ca.pem"));
        return this;
    }

    TlsFixture checkEvery(Duration interval) {
        checkInterval = interval;
        return this;
    }

    TlsConfig config() {
        return new TlsConfig(
                policy,
                new TlsFiles(
                        folder.resolve("server.pem"),
                        folder.resolve("server.key"),
                        Optional.empty(),
                        clientAuthorities),
                versions,
                checkInterval);
    }

    NbdFixture start() throws IOException {
        return new FixtureConfig().tls(config()).start();
    }
}
