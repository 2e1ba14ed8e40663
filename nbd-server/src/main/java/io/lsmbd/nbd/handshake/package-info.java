/**
 * The handshake: from the greeting to the choice of an export. {@link
 * io.lsmbd.nbd.handshake.HandshakeHandler} owns a connection until then; what was agreed goes on as
 * a {@link io.lsmbd.nbd.handshake.NegotiatedExport}. NBD protocol, "Newstyle negotiation".
 */
@NullMarked
package io.lsmbd.nbd.handshake;

import org.jspecify.annotations.NullMarked;
