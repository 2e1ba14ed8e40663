/**
 * Where a volume's sectors are in the log: LBA to {@link io.lsmbd.wal.WalLocation}, for extents of
 * any length. {@link io.lsmbd.wal.index.WalIndex} is a volume's index, behind one leaf lock; {@link
 * io.lsmbd.wal.index.ExtentIndex} is the same structure for one thread.
 */
@NullMarked
package io.lsmbd.wal.index;

import org.jspecify.annotations.NullMarked;
