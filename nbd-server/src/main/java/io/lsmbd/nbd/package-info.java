/**
 * The NBD front end as a whole: {@link io.lsmbd.nbd.NbdServer} binds sockets and owns their
 * connections; handshake and transmission are packages of their own.
 */
@NullMarked
package io.lsmbd.nbd;

import org.jspecify.annotations.NullMarked;
