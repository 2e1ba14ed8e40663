/**
 * The extent map: where each sector of a volume is, as of a segment ({@link
 * io.lsmbd.extent.ExtentMap}).
 *
 * <p>The map is made of pages, one for each region of 16 MiB that is not wholly unmapped. A page
 * can be in three places, and the first that has it is right:
 *
 * <ol>
 *   <li>resident on the heap, in a radix tree by page number; pages that were changed since the
 *       last write-back are only here, and stay;
 *   <li>in the local index: all pages that were changed since they were last in a checkpoint, and
 *       many others. An emptied page is stored as an empty one, to hide what is in
 *   <li>the tree in the bucket, which the manifest's checkpoint is the root of.
 * </ol>
 *
 * A page that is in none of them is unmapped.
 *
 * <p>Invariants: segments are applied in order without a gap; a page never holds a part of what a
 * segment does to it; pages, live counts and the applied segment's number reach the local index in
 * one step; an index that contradicts the bucket is dropped as a whole; whatever is read from disk
 * or bucket is checked before it is used.
 *
 * <p>One thread at a time, the volume's worker, applies, writes back and takes checkpoints. Lookups
 * take no lock; how they and the applier share the radix tree is told at {@code PageRadix}.
 *
 * <p>Formats: {@code MapFormat} (map objects in the bucket), {@code PageFormat} and {@code MapNode}
 * (their pieces), {@code SegmentTableFormat}, {@code MapMeta} (the local index's state of a
 * volume).
 */
@NullMarked
package io.lsmbd.extent;

import org.jspecify.annotations.NullMarked;
