/**
 * The only door to time, chance, threads and files (DESIGN.md 7). Everything else is given an
 * {@link io.lsmbd.env.Environment} and a {@link io.lsmbd.env.LogDirectory}, so that one seeded
 * single-threaded simulation can run the real code.
 */
@NullMarked
package io.lsmbd.env;

import org.jspecify.annotations.NullMarked;
