/**
 * From an acknowledged record to a committed segment: batches of consecutive records are built,
 * uploaded in parallel and committed in order. {@link io.lsmbd.write.WritePath} is the entry.
 */
@NullMarked
package io.lsmbd.write;

import org.jspecify.annotations.NullMarked;
