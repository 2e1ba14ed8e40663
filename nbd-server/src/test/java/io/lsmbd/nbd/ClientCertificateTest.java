package io.lsmbd.nbd;

import static io.lsmbd.nbd.RawNbdClient.goData;
import static io.lsmbd.nbd.RawNbdClient.metaContextData;
import static io.lsmbd.nbd.wire.NbdConstants.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.nbd.RawNbdClient.OptionReply;
import io.lsmbd.nbd.access.CertificateName;
import io.lsmbd.nbd.access.CertificateName.Kind;
import io.lsmbd.nbd.tls.TestAuthority.Identity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who a client is, by its certificate, and what that opens. */
class ClientCertificateTest {
    private static final int WRITE = 1;
    private static final int EPERM = 1;

    private static final Map<String, Identity> CLIENTS =
            Map.of(
                    "web", TlsFixture.AUTHORITY.issue("web"),
                    "rsa", TlsFixture.AUTHORITY.issueRsa("web"),
                    "two names", TlsFixture.AUTHORITY.issueWithCommonNames("web", "db"),
                    "dns",
                            TlsFixture.AUTHORITY.issue(
                                    "any",
                                    new CertificateName(Kind.DNS, "Web.Example.ORG"),
                                    new CertificateName(Kind.DNS, "other.example.org")),
                    "uri",
                            TlsFixture.AUTHORITY.issue(
                                    "any", new CertificateName(Kind.URI, "spiffe://x/web")),
                    "email as dns",
                            TlsFixture.AUTHORITY.issue(
                                    "any", new CertificateName(Kind.EMAIL, "web.example.org")));

    @TempDir private Path folder;
    private TlsFixture tls;

    @BeforeEach
    void makeFiles() {
        tls = new TlsFixture(folder).withClientCertificates();
    }

    private static Identity named(String who) {
        return Objects.requireNonNull(CLIENTS.get(who));
    }

    private static RawNbdClient secured(NbdFixture nbd, Identity... identity) throws IOException {
        RawNbdClient client = nbd.greeted();
        client.startTls(TlsFixture.AUTHORITY.clientContext(identity));
        return client;
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    @Proves("tls-handshake-fails")
    void aClientNeedsAGoodCertificate(String version) throws IOException {
        SSLContext none = TlsFixture.ANONYMOUS;
        SSLContext foreign = TlsFixture.AUTHORITY.clientContext(TlsFixture.STRANGER.issue("web"));
        SSLContext expired =
                TlsFixture.AUTHORITY.clientContext(TlsFixture.AUTHORITY.issueExpired("web"));
        try (NbdFixture nbd = tls.start()) {
            for (SSLContext context : List.of(none, foreign, expired)) {
                try (RawNbdClient client = nbd.greeted()) {
                    // In TLS 1.3 a client learns of it only when it reads.
                    assertThatThrownBy(
                                    () -> {
                                        client.startTls(context, version);
                                        client.options(OPT_LIST);
                                    })
                            .isInstanceOf(IOException.class);
                }
            }
            NbdFixture.await(() -> nbd.handshakeFailures("tls") == 3);
            try (RawNbdClient client = secured(nbd, named("web"))) {
                client.go("disk");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        // certificate, rule,                                    access
        "web,          cn=web read-write,                        READ_WRITE",
        "web,          cn=web read-only,                         READ_ONLY",
        "web,          cn=w?b read-write,                        READ_WRITE",
        "web,          cn=WEB read-write,                        NONE",
        "web,          cn=db read-write,                         NONE",
        "web,          dns=web read-write,                       NONE",
        "web,          cn=web network=127.0.0.1 read-write,      READ_WRITE",
        "web,          cn=web network=10.0.0.0/8 read-write,     NONE",
        "web,          network=127.0.0.0/8 read-only,            READ_ONLY",
        "rsa,          cn=web read-write,                        READ_WRITE",
        "two names,    cn=web read-write,                        NONE",
        "two names,    cn=db read-write,                         NONE",
        "dns,          dns=web.example.org read-write,           READ_WRITE",
        "dns,          dns=OTHER.example.org read-write,         READ_WRITE",
        "dns,          dns=*.example.org read-only,              READ_ONLY",
        "dns,          cn=web.example.org read-write,            NONE",
        "uri,          uri=spiffe://x/* read-write,              READ_WRITE",
        "uri,          uri=spiffe://y/* read-write,              NONE",
        "email as dns, dns=web.example.org read-write,           NONE",
        "email as dns, email=web.example.org read-write,         READ_WRITE",
    })
    void theAccessMatrix(String who, String rule, String access) throws IOException {
        try (NbdFixture nbd =
                        new FixtureConfig()
                                .tls(tls.config())
                                .allow("volumes=disk " + rule)
                                .start();
                RawNbdClient client = secured(nbd, named(who))) {
            boolean isOpen = !access.equals("NONE");
            assertThat(client.options(OPT_LIST)).hasSize(isOpen ? 2 : 1);
            List<OptionReply> go = client.options(OPT_GO, goData("disk"));
            assertThat(go.getLast().type()).isEqualTo(isOpen ? REP_ACK : REP_ERR_UNKNOWN);
            if (isOpen) {
                boolean isReadOnly = access.equals("READ_ONLY");
                int flags = ByteBuffer.wrap(go.getFirst().data()).getShort(10);
                assertThat((flags & FLAG_READ_ONLY) != 0).isEqualTo(isReadOnly);
                assertThat(client.call(WRITE, 0, 0, 512, new byte[512]).error())
                        .isEqualTo(isReadOnly ? EPERM : 0);
            }
        }
    }

    @Test
    @Proves({"NBD_REP_ERR_TLS_REQD", "tls-required-after", "selective-info", "selective-list"})
    void beforeTlsWhatACertificateMayOpenLooksLikeWhatIsNotThere() throws IOException {
        try (NbdFixture nbd =
                        new FixtureConfig()
                                .tls(tls.offered().config())
                                .allow("volumes=fixed read-only", "volumes=disk cn=web read-write")
                                .start();
                RawNbdClient client = nbd.greeted()) {
            assertThat(client.options(OPT_LIST)).hasSize(2);
            for (String name : List.of("disk", "other")) {
                for (int option : new int[] {OPT_INFO, OPT_GO}) {
                    List<OptionReply> replies = client.options(option, goData(name));
                    assertThat(replies)
                            .extracting(OptionReply::type)
                            .containsExactly(REP_ERR_TLS_REQD);
                    assertThat(replies.getFirst().text())
                            .isEqualTo("there is no export \"" + name + "\"; exports: fixed");
                }
            }
            assertThat(client.options(OPT_INFO, goData("fixed")).getLast().type())
                    .isEqualTo(REP_ACK);
            client.startTls(TlsFixture.AUTHORITY.clientContext(named("web")));
            assertThat(client.options(OPT_LIST)).hasSize(3);
            assertThat(client.options(OPT_INFO, goData("other")).getLast().type())
                    .isEqualTo(REP_ERR_UNKNOWN);
            client.go("disk");
        }
    }

    /** Of all options only those that choose an export may be answered with TLS_REQD. */
    @Test
    @Proves({"NBD_REP_ERR_TLS_REQD", "selective-others"})
    void beforeTlsOtherOptionsAreNotToldOfIt() throws IOException {
        try (NbdFixture nbd =
                        new FixtureConfig()
                                .tls(tls.offered().config())
                                .allow("volumes=fixed read-only", "volumes=disk cn=web read-write")
                                .start();
                RawNbdClient client = nbd.greeted()) {
            client.options(OPT_STRUCTURED_REPLY);
            for (String name : List.of("disk", "other", "fixed", "")) {
                for (int option = 0; option < 20; option++) {
                    if (List.of(OPT_EXPORT_NAME, OPT_ABORT, OPT_STARTTLS, OPT_INFO, OPT_GO)
                            .contains(option)) {
                        continue;
                    }
                    assertThat(client.options(option, metaContextData(name)).getLast().type())
                            .isNotEqualTo(REP_ERR_TLS_REQD);
                }
            }
        }
    }

    @Test
    @Proves({"NBD_OPT_EXPORT_NAME", "selective-export-name"})
    void anExportNameThatNeedsACertificateClosesWithoutAByte() throws IOException {
        try (NbdFixture nbd =
                        new FixtureConfig()
                                .tls(tls.offered().config())
                                .allow("volumes=fixed read-only", "volumes=disk cn=web read-write")
                                .start();
                RawNbdClient plain = nbd.greeted();
                RawNbdClient named = nbd.greeted()) {
            plain.send(RawNbdClient.option(OPT_EXPORT_NAME, "disk".getBytes(UTF_8)));
            assertThat(plain.readToEnd()).isEmpty();
            named.startTls(TlsFixture.AUTHORITY.clientContext(named("web")));
            named.send(RawNbdClient.option(OPT_EXPORT_NAME, "disk".getBytes(UTF_8)));
            assertThat(named.readLong()).isEqualTo(NbdFixture.SIZE);
        }
    }

    @Test
    void noVolumeIsTouchedForAClientWithoutCertificate() throws IOException {
        try (NbdFixture nbd = tls.start();
                RawNbdClient client = nbd.greeted()) {
            nbd.disk.throwFromEverything(new IllegalStateException("touched"));
            assertThat(client.options(OPT_STARTTLS).getLast().type()).isEqualTo(REP_ACK);
            assertThatThrownBy(
                            () -> {
                                client.beginTls(TlsFixture.ANONYMOUS).startHandshake();
                                client.go("disk");
                            })
                    .isInstanceOf(IOException.class);
            nbd.awaitConnections(0);
        }
    }

    @Test
    void namesComeFromTheClientsOwnCertificate() {
        assertThat(CertificateName.of(named("dns").certificate()))
                .isEqualTo(
                        Set.of(
                                new CertificateName(Kind.CN, "any"),
                                new CertificateName(Kind.DNS, "web.example.org"),
                                new CertificateName(Kind.DNS, "other.example.org")));
        for (String odd : List.of("a,CN=b", "a+CN=b", "a\\\"b", " a ", "a\0b")) {
            assertThat(CertificateName.of(TlsFixture.AUTHORITY.issue(odd).certificate()))
                    .isEqualTo(Set.of(new CertificateName(Kind.CN, odd)));
        }
    }
}
