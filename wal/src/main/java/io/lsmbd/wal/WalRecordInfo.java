package io.lsmbd.wal;

import io.lsmbd.model.VolumeId;

/**
 * One record of the log, for inspection.
 *
 * @param file its name in the log's directory
 * @param offset of the record's header in that file
 * @param sectors of payload, or what a hole covers
 * @param payloadCrc CRC-32C of the payload; 0 without
 * @param continues the client's request goes on in the record of the next LSN
 */
public record WalRecordInfo(
        String file,
        long offset,
        VolumeId volume,
        long epoch,
        long lsn,
        WalKind kind,
        long lba,
        long sectors,
        int payloadCrc,
        boolean continues) {}
