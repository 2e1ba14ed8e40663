package io.lsmbd.nbd.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.lsmbd.nbd.access.CertificateName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Signs certificates for tests, so that none has to be kept that would expire. The JDK reads
 * certificates but writes none, so this does (RFC 5280), by hand.
 */
public final class TestAuthority {
    private static final Duration VALIDITY = Duration.ofDays(1);
    private static final byte[] ECDSA_SHA256 = oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2);
    private static final byte[] COMMON_NAME = oid(0x55, 4, 3);
    private static final byte[] BASIC_CONSTRAINTS = oid(0x55, 0x1d, 0x13);
    private static final byte[] ALTERNATIVE_NAMES = oid(0x55, 0x1d, 0x11);
    private static final DateTimeFormatter UTC_TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private final KeyPair keys = newKeys("EC");
    private final byte[] name;
    private final X509Certificate certificate;

    /** A certificate with its key. */
    public record Identity(X509Certificate certificate, KeyPair keys) {
        public String certificatePem() {
            return pem("CERTIFICATE", encoded(certificate));
        }

        public String keyPem() {
            return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
        }

        /** For a server in {@code folder}; replaced at one stroke each, as by renewal tools. */
        public void store(Path folder) {
            replace(folder.resolve("server.pem"), certificatePem());
            replace(folder.resolve("server.key"), keyPem());
        }
    }

    public TestAuthority(String commonName) {
        name = nameOf(commonName);
        Instant now = Instant.now();
        certificate =
                sign(name, keys, List.of(), Authority.YES, now.minus(VALIDITY), now.plus(VALIDITY));
    }

    private enum Authority {
        YES,
        NO
    }

    public String pem() {
        return pem("CERTIFICATE", encoded(certificate));
    }

    /** Valid for a day. */
    public Identity issue(String commonName, CertificateName... alternatives) {
        return issue(newKeys("EC"), nameOf(commonName), alternatives);
    }

    public Identity issueRsa(String commonName) {
        return issue(newKeys("RSA"), nameOf(commonName));
    }

    public Identity issueWithCommonNames(String... commonNames) {
        return issue(newKeys("EC"), nameOf(commonNames));
    }

    public Identity issueExpired(String commonName) {
        KeyPair subject = newKeys("EC");
        Instant end = Instant.now().minus(Duration.ofHours(1));
        return new Identity(
                sign(
                        nameOf(commonName),
                        subject,
                        List.of(),
                        Authority.NO,
                        end.minus(VALIDITY),
                        end),
                subject);
    }

    private Identity issue(KeyPair subject, byte[] subjectName, CertificateName... alternatives) {
        Instant now = Instant.now();
        return new Identity(
                sign(
                        subjectName,
                        subject,
                        List.of(alternatives),
                        Authority.NO,
                        now.minus(VALIDITY),
                        now.plus(VALIDITY)),
                subject);
    }

    /** For a client that trusts this authority and shows {@code identities}, if any. */
    public SSLContext clientContext(Identity... identities) {
        try {
            KeyStore trusted = emptyKeyStore();
            trusted.setCertificateEntry("authority", certificate);
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            KeyStore own = emptyKeyStore();
            for (Identity identity : identities) {
                own.setKeyEntry(
                        "own",
                        identity.keys().getPrivate(),
                        new char[0],
                        new X509Certificate[] {identity.certificate()});
            }
            var show = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            show.init(own, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(show.getKeyManagers(), trust.getTrustManagers(), new SecureRandom());
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyStore emptyKeyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static KeyPair newKeys(String algorithm) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(algorithm.equals("EC") ? 256 : 2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private X509Certificate sign(
            byte[] subject,
            KeyPair subjectKeys,
            List<CertificateName> alternatives,
            Authority authority,
            Instant from,
            Instant until) {
        byte[] algorithm = sequence(ECDSA_SHA256);
        byte[] extensions = new byte[0];
        if (authority == Authority.YES) {
            byte[] isAuthority = sequence(der(0x01, new byte[] {-1}));
            extensions = sequence(BASIC_CONSTRAINTS, der(0x04, isAuthority));
        } else if (!alternatives.isEmpty()) {
            byte[][] names =
                    alternatives.stream()
                            .map(alternative ->
                                    der(
                                            tagOf(alternative.kind()),
                                            alternative.value().getBytes(US_ASCII)))
                            .toArray(byte[][]::new);
            extensions = sequence(ALTERNATIVE_NAMES, der(0x04, sequence(names)));
        }
        byte[] body =
                sequence(
                        der(0xa0, der(0x02, new byte[] {2})),
                        der(0x02, new BigInteger(64, new SecureRandom()).toByteArray()),
                        algorithm,
                        name,
                        sequence(time(from), time(until)),
                        subject,
                        subjectKeys.getPublic().getEncoded(),
                        extensions.length == 0 ? extensions : der(0xa3, sequence(extensions)));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(body);
            byte[] bits = der(0x03, new byte[] {0}, signature.sign());
            byte[] whole = sequence(body, algorithm, bits);
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(whole));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static int tagOf(CertificateName.Kind kind) {
        return switch (kind) {
            case EMAIL -> 0x81;
            case DNS -> 0x82;
            case URI -> 0x86;
            case CN -> throw new IllegalArgumentException("not an alternative name");
        };
    }

    private static byte[] nameOf(String... commonNames) {
        return sequence(
                Arrays.stream(commonNames)
                        .map(cn -> der(0x31, sequence(COMMON_NAME, der(0x0c, cn.getBytes(UTF_8)))))
                        .toArray(byte[][]::new));
    }

    private static byte[] time(Instant instant) {
        return der(0x17, UTC_TIME.format(instant).getBytes(US_ASCII));
    }

    private static byte[] oid(int... bytes) {
        byte[] content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        return der(0x06, content);
    }

    private static byte[] sequence(byte[]... parts) {
        return der(0x30, parts);
    }

    private static byte[] der(int tag, byte[]... parts) {
        var content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        var out = new ByteArrayOutputStream();
        out.write(tag);
        int length = content.size();
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.writeBytes(new byte[] {(byte) 0x81, (byte) length});
        } else {
            out.writeBytes(new byte[] {(byte) 0x82, (byte) (length >> 8), (byte) length});
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    public static String pem(String kind, byte[] der) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, text, kind);
    }

    public static void replace(Path file, String content) {
        try {
            Path next = Files.writeString(Path.of(file + ".new"), content);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
