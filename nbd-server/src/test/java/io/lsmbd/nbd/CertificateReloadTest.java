package io.lsmbd.nbd;

import static io.lsmbd.nbd.wire.NbdConstants.OPT_STARTTLS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.nbd.tls.TestAuthority;
import io.lsmbd.nbd.tls.TestAuthority.Identity;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New certificates while the server goes on. */
class CertificateReloadTest {
    private static final int FLUSH = 3;
    private static final Identity RENEWED = TlsFixture.AUTHORITY.issue("server");

    @TempDir private Path folder;

    private static Certificate shownTo(NbdFixture nbd) {
        try (RawNbdClient client = nbd.greeted()) {
            client.options(OPT_STARTTLS);
            var socket = client.beginTls(TlsFixture.ANONYMOUS);
            socket.startHandshake();
            return socket.getSession().getPeerCertificates()[0];
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static double reloads(NbdFixture nbd, String result) {
        return nbd.registry
                .get("lsmbd_nbd_tls_reloads_total")
                .tag("result", result)
                .counter()
                .count();
    }

    @Test
    void newFilesAreTakenOverByThemselves() throws IOException {
        var tls = new TlsFixture(folder).checkEvery(Duration.ofMillis(10));
        try (NbdFixture nbd = tls.start();
                RawNbdClient earlier = nbd.greeted()) {
            earlier.startTls(TlsFixture.ANONYMOUS);
            earlier.go("disk");
            assertThat(shownTo(nbd)).isEqualTo(TlsFixture.SERVER.certificate());
            RENEWED.store(folder);
            NbdFixture.await(() -> shownTo(nbd).equals(RENEWED.certificate()));
            assertThat(earlier.call(FLUSH, 0, 0, 0).error()).isZero();
            assertThat(reloads(nbd, "ok")).isEqualTo(1);
        }
    }

    @Test
    void badFilesLeaveTheOldOnesInUseAndSaySo() throws IOException {
        var tls = new TlsFixture(folder).checkEvery(Duration.ofMillis(10));
        try (NbdFixture nbd = tls.start()) {
            TestAuthority.replace(folder.resolve("server.pem"), "not a certificate");
            NbdFixture.await(() -> reloads(nbd, "failed") == 1);
            assertThat(shownTo(nbd)).isEqualTo(TlsFixture.SERVER.certificate());
            // Half of a renewal: the certificate is new and the key is old.
            TestAuthority.replace(folder.resolve("server.pem"), RENEWED.certificatePem());
            NbdFixture.await(() -> reloads(nbd, "failed") == 2);
            assertThat(shownTo(nbd)).isEqualTo(TlsFixture.SERVER.certificate());
            TestAuthority.replace(folder.resolve("server.key"), RENEWED.keyPem());
            NbdFixture.await(() -> shownTo(nbd).equals(RENEWED.certificate()));
            assertThat(reloads(nbd, "failed")).isEqualTo(2);
        }
    }

    @Test
    void filesAreLookedAtOnDemand() throws IOException {
        try (NbdFixture nbd = new TlsFixture(folder).start()) {
            assertThat(nbd.server.reloadCertificates()).isEmpty();
            assertThat(reloads(nbd, "ok")).isZero();
            TestAuthority.replace(folder.resolve("server.key"), RENEWED.keyPem());
            assertThat(nbd.server.reloadCertificates().orElseThrow()).contains("does not belong");
            RENEWED.store(folder);
            assertThat(nbd.server.reloadCertificates()).isEmpty();
            assertThat(shownTo(nbd)).isEqualTo(RENEWED.certificate());
        }
        try (NbdFixture nbd = new NbdFixture()) {
            assertThat(nbd.server.reloadCertificates().orElseThrow()).contains("nbd.tls is off");
        }
    }

    @Test
    void aClientAuthorityThatIsTakenAwayLetsNobodyResume() throws IOException {
        var tls = new TlsFixture(folder).withClientCertificates();
        var context = TlsFixture.AUTHORITY.clientContext(TlsFixture.AUTHORITY.issue("web"));
        try (NbdFixture nbd = tls.start()) {
            try (RawNbdClient client = nbd.greeted()) {
                client.startTls(context);
                client.go("disk");
                assertThat(client.call(FLUSH, 0, 0, 0).error()).isZero();
            }
            TestAuthority.replace(folder.resolve("ca.pem"), TlsFixture.STRANGER.pem());
            assertThat(nbd.server.reloadCertificates()).isEmpty();
            try (RawNbdClient client = nbd.greeted()) {
                assertThatThrownBy(
                                () -> {
                                    client.startTls(context);
                                    client.go("disk");
                                })
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void theEndOfTheCertificateIsAMetric() throws IOException {
        try (NbdFixture nbd = new TlsFixture(folder).start()) {
            double end =
                    nbd.registry
                            .get("lsmbd_nbd_tls_certificate_expiry_timestamp_seconds")
                            .gauge()
                            .value();
            assertThat(Instant.ofEpochSecond((long) end))
                    .isEqualTo(TlsFixture.SERVER.certificate().getNotAfter().toInstant());
        }
    }
}
