/**
 * The bytes of the NBD protocol, in the words of its specification
 * (https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md); big-endian. Holds no state
 * of a connection.
 */
@NullMarked
package io.lsmbd.nbd.wire;

import org.jspecify.annotations.NullMarked;
