/** Micro-benchmarks of what happens per request. {@code ./dev bench NAME} runs those that match. */
@NullMarked
package io.lsmbd.bench;

import org.jspecify.annotations.NullMarked;
