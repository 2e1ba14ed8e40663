package io.lsmbd.nbd.tls;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where certificates and keys are, all in PEM.
 *
 * @param certificate the server's, followed by those between it and the authority
 * @param key its private key in PKCS #8
 * @param keyPassword a file whose first line is the password of an encrypted key
 * @param clientAuthorities who signs client certificates; with these a client must have one
 */
public record TlsFiles(
        Path certificate, Path key, Optional<Path> keyPassword, Optional<Path> clientAuthorities) {}
