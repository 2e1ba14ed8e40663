/**
 * What is still needed and what is not. {@link io.lsmbd.gc.Recount} proves the live counts that the
 * extent map keeps (invariant 5) from the map itself.
 */
@NullMarked
package io.lsmbd.gc;

import org.jspecify.annotations.NullMarked;
