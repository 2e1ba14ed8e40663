package io.lsmbd.nbd.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * The content of a file that a setting names, read once: certificates, a private key or a password.
 * Nothing of a secret gets into a message.
 */
final class PemFile {
    private static final int MAX_BYTES = 1 << 20;
    private static final Pattern PRIVATE_KEY =
            Pattern.compile(
                    "-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----(.*?)-----END \\1-----",
                    Pattern.DOTALL);

    private final String setting;
    private final Path path;
    private final byte[] content;

    private PemFile(String setting, Path path, byte[] content) {
        this.setting = setting;
        this.path = path;
        this.content = content;
    }

    static PemFile read(String setting, Path path) throws TlsFileException {
        try (InputStream in = Files.newInputStream(path)) {
            PemFile file = new PemFile(setting, path, in.readNBytes(MAX_BYTES + 1));
            if (file.content.length > MAX_BYTES) {
                throw file.problem("is larger than " + MAX_BYTES + " bytes");
            }
            return file;
        } catch (TlsFileException e) {
            throw e;
        } catch (IOException e) {
            String reason = e instanceof NoSuchFileException ? "there is no such file" : "" + e;
            throw new TlsFileException("%s %s: %s".formatted(setting, path, reason), e);
        }
    }

    private TlsFileException problem(String what) {
        return new TlsFileException("%s %s: %s".formatted(setting, path, what));
    }

    private TlsFileException problem(String what, Exception cause) {
        return new TlsFileException("%s %s: %s".formatted(setting, path, what), cause);
    }

    void addTo(MessageDigest digest) {
        digest.update((setting + content.length).getBytes(StandardCharsets.UTF_8));
        digest.update(content);
    }

    /** All certificates in the file, at least one. */
    List<X509Certificate> certificates() throws TlsFileException {
        try {
            List<X509Certificate> found =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(content))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (found.isEmpty()) {
                throw problem("there is no certificate in it (-----BEGIN CERTIFICATE-----)");
            }
            return found;
        } catch (CertificateException e) {
            throw problem("cannot be read as certificates in PEM: " + e.getMessage(), e);
        }
    }

    /** The first line. */
    char[] password() {
        String text = new String(content, StandardCharsets.UTF_8);
        return text.lines().findFirst().orElse("").toCharArray();
    }

    /** The private key that belongs to {@code certified}. */
    PrivateKey privateKey(PublicKey certified, Optional<PemFile> password) throws TlsFileException {
        Matcher block = PRIVATE_KEY.matcher(new String(content, StandardCharsets.ISO_8859_1));
        if (!block.find()) {
            throw problem("there is no key in it (-----BEGIN PRIVATE KEY-----)");
        }
        String kind = block.group(1);
        if (!kind.equals("PRIVATE KEY") && !kind.equals("ENCRYPTED PRIVATE KEY")) {
            throw problem(
                    "is a %s; convert it: openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW"
                            .formatted(kind));
        }
        PrivateKey key;
        try {
            byte[] der = Base64.getMimeDecoder().decode(block.group(2));
            PKCS8EncodedKeySpec spec =
                    kind.startsWith("ENCRYPTED")
                            ? decrypt(der, password)
                            : new PKCS8EncodedKeySpec(der);
            key = KeyFactory.getInstance(certified.getAlgorithm()).generatePrivate(spec);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw problem("cannot be read as a key of the certificate's kind: " + reason(e), e);
        }
        if (!belongTogether(key, certified)) {
            throw problem("does not belong to the first certificate of tls.certificate");
        }
        return key;
    }

    private static String reason(Exception e) {
        return e instanceof TlsFileException ? String.valueOf(e.getMessage()) : e.toString();
    }

    private static PKCS8EncodedKeySpec decrypt(byte[] der, Optional<PemFile> password)
            throws IOException, GeneralSecurityException {
        if (password.isEmpty()) {
            throw new TlsFileException("it is encrypted: set tls.key-password-file");
        }
        var encrypted = new EncryptedPrivateKeyInfo(der);
        // Of this scheme (RFC 8018) the JDK has the algorithm's real name only in the parameters.
        String algorithm =
                encrypted.getAlgName().equals("PBES2")
                        ? encrypted.getAlgParameters().toString()
                        : encrypted.getAlgName();
        var secret = new PBEKeySpec(password.get().password());
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(
                Cipher.DECRYPT_MODE,
                SecretKeyFactory.getInstance(algorithm).generateSecret(secret),
                encrypted.getAlgParameters());
        secret.clearPassword();
        return encrypted.getKeySpec(cipher);
    }

    private boolean belongTogether(PrivateKey key, PublicKey certified) throws TlsFileException {
        String scheme =
                switch (certified.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> throw problem("keys are RSA or EC, not " + certified.getAlgorithm());
                };
        try {
            Signature signature = Signature.getInstance(scheme);
            signature.initSign(key);
            signature.update(content);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(content);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
