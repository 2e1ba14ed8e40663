package io.lsmbd.nbd.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.nbd.tls.TestAuthority.Identity;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are wrong, each told by its setting, its path and what to do. */
class TlsFilesTest {
    private static final TestAuthority AUTHORITY = new TestAuthority("authority");
    private static final Identity EC = AUTHORITY.issue("server");
    private static final Identity RSA = AUTHORITY.issueRsa("server");

    @TempDir private Path folder;
    private Path certificate;
    private Path key;
    private Path password;
    private Path authorities;

    @BeforeEach
    void makeGoodFiles() throws IOException {
        EC.store(folder);
        certificate = folder.resolve("server.pem");
        key = folder.resolve("server.key");
        password = folder.resolve("password");
        authorities = Files.writeString(folder.resolve("ca.pem"), AUTHORITY.pem());
    }

    private void open() throws TlsFileException {
        open(Optional.empty());
    }

    private void open(Optional<Path> keyPassword) throws TlsFileException {
        var files = new TlsFiles(certificate, key, keyPassword, Optional.of(authorities));
        var config =
                new TlsConfig(
                        TlsPolicy.REQUIRED,
                        files,
                        EnumSet.allOf(TlsVersion.class),
                        Duration.ofHours(1));
        TlsServer.open(config, new SystemEnvironment((_, _) -> {}), new SimpleMeterRegistry())
                .close();
    }

    private void assertRefused(Path file, String... words) {
        assertThatThrownBy(this::open)
                .isInstanceOf(TlsFileException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContainingAll(words);
    }

    @Test
    void keysOfBothKindsAndTextAroundThemAreUnderstood() throws IOException {
        open();
        RSA.store(folder);
        open();
        Files.writeString(key, "Bag Attributes: none\n" + RSA.keyPem() + "\nthe end\n");
        Files.writeString(certificate, "subject=x\n" + RSA.certificatePem() + AUTHORITY.pem());
        open();
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        Files.delete(certificate);
        assertRefused(certificate, "tls.certificate", "no such file");
        EC.store(folder);
        Files.delete(key);
        assertRefused(key, "tls.key", "no such file");
        EC.store(folder);
        Files.delete(authorities);
        assertRefused(authorities, "tls.client-ca", "no such file");
    }

    @Test
    void filesThatAreSomethingElseAreRefused() throws IOException {
        Files.writeString(certificate, "");
        assertRefused(certificate, "no certificate");
        Files.writeString(certificate, EC.keyPem());
        assertRefused(certificate, "tls.certificate");
        Files.write(certificate, new byte[2 << 20]);
        assertRefused(certificate, "larger");
        EC.store(folder);
        Files.writeString(key, EC.certificatePem());
        assertRefused(key, "no key in it");
        Files.writeString(key, "-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----\n");
        assertRefused(key, "cannot be read");
        Files.writeString(key, "-----BEGIN PRIVATE KEY-----\n!-!\n-----END PRIVATE KEY-----\n");
        assertRefused(key, "cannot be read");
        EC.store(folder);
        Files.writeString(authorities, "nothing");
        assertRefused(authorities, "tls.client-ca");
    }

    @Test
    void keysInOlderFormatsComeWithTheCommandThatConvertsThem() throws IOException {
        for (String kind : new String[] {"RSA PRIVATE KEY", "EC PRIVATE KEY"}) {
            String text = TestAuthority.pem(kind, new byte[] {1, 2, 3});
            Files.writeString(key, text.replaceFirst("\n", "\nProc-Type: 4,ENCRYPTED\n\n"));
            assertRefused(key, kind, "openssl pkcs8 -topk8");
        }
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() throws IOException {
        Files.writeString(key, AUTHORITY.issue("other").keyPem());
        assertRefused(key, "does not belong");
        Files.writeString(key, RSA.keyPem());
        assertRefused(key, "cannot be read as a key of the certificate's kind");
    }

    @Test
    void anEncryptedKeyNeedsItsPassword() throws IOException, GeneralSecurityException {
        String secret = "correct horse";
        Files.writeString(key, encrypted(secret));
        assertRefused(key, "tls.key-password-file");
        Files.writeString(password, secret + "\n");
        open(Optional.of(password));
        Files.writeString(password, "battery staple");
        assertThatThrownBy(() -> open(Optional.of(password)))
                .isInstanceOf(TlsFileException.class)
                .hasMessageContaining(key.toString())
                .message()
                .doesNotContain("battery");
        assertThatThrownBy(() -> open(Optional.of(folder.resolve("nowhere"))))
                .hasMessageContaining("tls.key-password-file");
    }

    private static String encrypted(String password) throws IOException, GeneralSecurityException {
        String algorithm = "PBEWithHmacSHA256AndAES_256";
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(
                Cipher.ENCRYPT_MODE,
                SecretKeyFactory.getInstance(algorithm)
                        .generateSecret(new PBEKeySpec(password.toCharArray())));
        byte[] content = cipher.doFinal(EC.keys().getPrivate().getEncoded());
        var scheme = AlgorithmParameters.getInstance("PBES2");
        scheme.init(cipher.getParameters().getEncoded());
        var info = new EncryptedPrivateKeyInfo(scheme, content);
        return TestAuthority.pem("ENCRYPTED PRIVATE KEY", info.getEncoded());
    }

    @Test
    void messagesKeepTheKeyToThemselves() throws IOException {
        String body = EC.keyPem().lines().skip(1).findFirst().orElseThrow();
        Files.writeString(key, EC.keyPem().replaceFirst("M", "!"));
        assertThatThrownBy(this::open).message().doesNotContain(body.substring(8, 24));
        assertThat(body).hasSizeGreaterThan(24);
    }
}
