/**
 * The host's write-ahead log: one for all volumes of a data directory, so that one fdatasync serves
 * them all.
 *
 * <h2>Files</h2>
 *
 * <p>{@code <20 digits>.wal} are the log, in the order of their numbers; {@code spare-*.wal} are
 * blank files waiting to be used; {@code synced} tells how far the log was synced. A file is
 * preallocated, so that a sync writes data and no metadata, and recycled, so that it stays so. Its
 * header ({@link io.lsmbd.wal.FileFormat}) gives it a new uuid for each life; records ({@link
 * io.lsmbd.wal.RecordFormat}) carry it, so that what an earlier life left behind never replays.
 *
 * <p>A <em>position</em> counts bytes over the log's whole life and never comes twice: byte {@code
 * i} of a file is at {@code base + i}. A record is found by its {@link io.lsmbd.wal.WalLocation}.
 *
 * <p>Files are made ahead of their use: header written and synced, renamed to the log file's name,
 * directory synced; only then may a record go in. So a log file's header is always valid, and so is
 * the chain that headers form: each names its predecessor. A file missing in that chain is refused.
 *
 * <h2>Where the log ends</h2>
 *
 * <p>Recovery reads the files of the chain in order. A file ends at its END record, or, if its
 * successor's header gives a previous end (a recovery made that successor), there. The first slot
 * that is neither is where the log ends, at position P. Let S be the highest position known to be
 * synced: by the {@code synced} file, any file header, any valid record, also those behind P. If P
 * &lt; S, something that was on disk is damaged: refuse, change nothing. Otherwise P is a torn tail
 * and what follows P is dropped: recovery rewrites and syncs what lies between S and P, then makes
 * a fresh file whose header says that its predecessor ends at P. That rename is the commit point:
 * it can be killed before or after and the next recovery finds the same records. Dropped files
 * become spares only after it.
 *
 * <p>Rewriting, because a failed fdatasync of an earlier process may have marked pages clean that
 * never reached the disk.
 *
 * <p>Its reading part changes nothing, and {@link io.lsmbd.wal.WalInspection} runs it for people,
 * on a log that may be in use. {@link io.lsmbd.wal.WalSalvage} reads on behind damage and behind a
 * torn record, for a person who wants whatever can be read; recovery never does.
 *
 * <h2>Who owns what</h2>
 *
 * <p>The append lock of {@link io.lsmbd.wal.WalAppender} guards the tail, the list of files, which
 * volumes have records in them, and the streams. It is held across one page-cache write and calls
 * to {@link io.lsmbd.wal.WalSink}, nothing slower. The syncer task alone calls fdatasync on files
 * with records; the recycler task alone creates, renames and deletes. Readers take no lock: they
 * check what they read, and afterwards that its file was still in the log.
 *
 * <p>After the first failed write or sync the log has failed for good: every append and sync after
 * it fails. What was appended can still be read.
 */
@NullMarked
package io.lsmbd.wal;

import org.jspecify.annotations.NullMarked;
