/**
 * The one door to RocksDB: the local index of a data directory, shared by all its volumes ({@link
 * io.lsmbd.localindex.LocalIndex}).
 *
 * <p>All of it is derived data. Delete the folder, or lose what was written since the last flush,
 * and nothing is lost: WAL and bucket rebuild it. What must never happen is that it answers
 * wrongly, so every value carries a checksum that covers its key too, and a folder once found
 * damaged is moved aside at the next start and an empty one opened in its place.
 *
 * <p>RocksDB's own log is off; a flush covers all families at once ({@code atomic_flush}), so what
 * a crash leaves is always the state after some {@link io.lsmbd.localindex.MapBatch}: pages,
 * segment states and the number of the segment that they reflect belong together.
 *
 * <p>Keys and values: {@link io.lsmbd.localindex.LocalIndexFormat}.
 */
@NullMarked
package io.lsmbd.localindex;

import org.jspecify.annotations.NullMarked;
