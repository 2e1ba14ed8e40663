package io.lsmbd.nbd.tls;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What the files held when they were read.
 *
 * @param fingerprint differs if the files do
 * @param certificate the server's own
 */
record TlsMaterial(String fingerprint, SslContext context, X509Certificate certificate) {
    /**
     * A certificate that was good once is looked at again for every connection: no client resumes a
     * session that was agreed on hours ago.
     */
    private static final int SESSION_SECONDS = 1;

    /** The files' content, read but not looked at. */
    record Content(
            PemFile certificate,
            PemFile key,
            Optional<PemFile> keyPassword,
            Optional<PemFile> clientAuthorities) {

        static Content read(TlsFiles files) throws TlsFileException {
            Optional<PemFile> password = Optional.empty();
            if (files.keyPassword().isPresent()) {
                var path = files.keyPassword().get();
                password = Optional.of(PemFile.read("tls.key-password-file", path));
            }
            Optional<PemFile> authorities = Optional.empty();
            if (files.clientAuthorities().isPresent()) {
                var path = files.clientAuthorities().get();
                authorities = Optional.of(PemFile.read("tls.client-ca", path));
            }
            return new Content(
                    PemFile.read("tls.certificate", files.certificate()),
                    PemFile.read("tls.key", files.key()),
                    password,
                    authorities);
        }

        String fingerprint() {
            MessageDigest digest;
            try {
                digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("every JDK has SHA-256", e);
            }
            certificate.addTo(digest);
            key.addTo(digest);
            keyPassword.ifPresent(file -> file.addTo(digest));
            clientAuthorities.ifPresent(file -> file.addTo(digest));
            return HexFormat.of().formatHex(digest.digest());
        }
    }

    static TlsMaterial of(Content content, TlsConfig config) throws TlsFileException {
        List<X509Certificate> chain = content.certificate().certificates();
        X509Certificate own = chain.getFirst();
        PrivateKey key = content.key().privateKey(own.getPublicKey(), content.keyPassword());
        SslContextBuilder builder =
                SslContextBuilder.forServer(key, chain)
                        .sslProvider(SslProvider.JDK)
                        .protocols(config.versions().stream().map(TlsVersion::protocol).toList())
                        .sessionTimeout(SESSION_SECONDS);
        if (content.clientAuthorities().isPresent()) {
            builder.trustManager(content.clientAuthorities().get().certificates())
                    .clientAuth(ClientAuth.REQUIRE);
        }
        try {
            return new TlsMaterial(content.fingerprint(), builder.build(), own);
        } catch (IOException | IllegalArgumentException e) {
            throw new TlsFileException("the files of [tls] cannot be used: " + e.getMessage(), e);
        }
    }
}
