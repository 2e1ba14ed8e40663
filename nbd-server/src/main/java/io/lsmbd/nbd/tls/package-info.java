/**
 * TLS for connections that ask for it by STARTTLS. {@link io.lsmbd.nbd.tls.TlsServer} owns the
 * certificates and looks now and then whether their files have changed. The JDK does the
 * cryptography. NBD protocol, "TLS support".
 */
@NullMarked
package io.lsmbd.nbd.tls;

import org.jspecify.annotations.NullMarked;
