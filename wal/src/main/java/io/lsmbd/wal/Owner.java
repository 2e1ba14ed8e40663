package io.lsmbd.wal;

/** Whose records are being written: {@code lsn} is the first one's number. */
record Owner(long volume, long epoch, long lsn, int flags) {}
