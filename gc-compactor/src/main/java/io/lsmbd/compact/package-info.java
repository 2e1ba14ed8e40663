/** How full of live data segments are: what compaction decides by. */
@NullMarked
package io.lsmbd.compact;

import org.jspecify.annotations.NullMarked;
