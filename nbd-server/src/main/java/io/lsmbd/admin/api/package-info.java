/**
 * The records of the admin API, version 1, as JSON: field names are the components' names, sizes
 * and offsets are numbers of bytes, times are ISO 8601 in UTC, ages are milliseconds. Fields may be
 * added, never renamed; a field that has nothing to say is absent. Served below {@code /v1}:
 *
 * <pre>
 * GET    /v1/status                                  StatusInfo
 * GET    /v1/volumes                                 VolumeList
 * POST   /v1/volumes                    CreateVolume -> VolumeInfo
 * GET    /v1/volumes/NAME                            VolumeInfo
 * DELETE /v1/volumes/NAME                            nothing         ?clients=cut-off
 * POST   /v1/volumes/NAME/resize        ResizeVolume -> VolumeInfo
 * POST   /v1/volumes/NAME/accept-loss                VolumeInfo
 * GET    /v1/inspect/store                           StoreInfo
 * GET    /v1/inspect/wal                             WalInfo
 * GET    /v1/inspect/volumes/NAME                    VolumeDetail    ?segments=all lists them
 * GET    /v1/inspect/volumes/NAME/segments/N         SegmentDetail   ?check=frames reads all of it
 * GET    /v1/inspect/volumes/NAME/lba                LbaInfo         ?offset=BYTES&amp;length=BYTES
 * any error                                          ErrorInfo
 * </pre>
 */
@NullMarked
package io.lsmbd.admin.api;

import org.jspecify.annotations.NullMarked;
