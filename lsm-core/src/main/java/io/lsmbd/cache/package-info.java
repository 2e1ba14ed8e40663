/**
 * Plain frames of immutable segments, kept in memory and on a local disk. {@link
 * io.lsmbd.cache.FrameCache} is the door and owns both tiers. A frame never changes, so nothing is
 * ever invalidated; everything here may be lost at any moment and is loaded again. What the disk
 * tier writes is described in {@link io.lsmbd.cache.SlotFormat} and {@link
 * io.lsmbd.cache.DirectoryFormat}.
 */
@NullMarked
package io.lsmbd.cache;

import org.jspecify.annotations.NullMarked;
