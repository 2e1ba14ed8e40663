package io.lsmbd.planted;

/** Violates: RocksDB has one door. */
record RocksDbUser(org.rocksdb.RocksDB index) {}
