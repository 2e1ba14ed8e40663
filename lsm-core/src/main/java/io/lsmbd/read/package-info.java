/** From an LBA to bytes: WAL index, extent map, frame caches, ranged gets. */
@NullMarked
package io.lsmbd.read;

import org.jspecify.annotations.NullMarked;
