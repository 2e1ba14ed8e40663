/**
 * Little-endian readers and writers with checked lengths, and CRC-32C: what every on-disk and
 * in-bucket format of lsmbd is built from.
 */
@NullMarked
package io.lsmbd.format;

import org.jspecify.annotations.NullMarked;
