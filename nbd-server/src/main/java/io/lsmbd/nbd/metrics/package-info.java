/** What the NBD front end counts: {@link io.lsmbd.nbd.metrics.NbdMetrics}. */
@NullMarked
package io.lsmbd.nbd.metrics;

import org.jspecify.annotations.NullMarked;
