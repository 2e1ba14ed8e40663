/**
 * Segments: immutable objects, each holding one batch of consecutive writes of one volume. A
 * segment has a space of its own for data, addressed in sectors from 0 (the segment address); its
 * extents, in LBA order, say which LBA each address belongs to, and which LBAs became holes. The
 * data is cut into frames of 64 KiB, which are compressed and checked one by one, so frame number =
 * address / 128.
 *
 * <pre>
 * | header 84 | frame 0 | frame 1 | ... | frame table | extent table | footer 136 |
 * </pre>
 *
 * <p>There is no gap and no padding, so every byte belongs to exactly one of these parts, and every
 * part has its CRC-32C: the header and the footer of their own, each table in the footer, each
 * frame in the frame table. The footer repeats the header, so the tail of the object, brought by
 * one ranged GET, tells everything but the data. {@link io.lsmbd.segment.SegmentFormat} has the
 * byte tables.
 *
 * <p>{@link io.lsmbd.segment.SegmentBuilder} is owned by one uploader thread; {@link
 * io.lsmbd.segment.SegmentTables} and its parts are immutable; readers have no state.
 */
@NullMarked
package io.lsmbd.segment;

import org.jspecify.annotations.NullMarked;
