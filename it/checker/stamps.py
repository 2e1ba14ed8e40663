"""What the checkers write: sectors that say who wrote them, when and where.

A sector holds a stamp (magic, run, writer, version, LBA, CRC) and a body that follows from version
and LBA: the stamp again and again, or, for odd versions, bytes that do not compress. So a sector
tells its version, and any change of it is seen. Zeros are version 0.
"""
import random
import struct
import zlib

SECTOR = 512
ZEROS = bytes(SECTOR)
STAMP = struct.Struct("<4sIIQQ")
CRC = struct.Struct("<I")
MAGIC = b"lsit"
STAMP_BYTES = STAMP.size + CRC.size
BODY_BYTES = SECTOR - STAMP_BYTES
POOL_BYTES = 1 << 20


class Damaged(Exception):
    """A sector that is neither zeros nor anything that this run wrote to this place."""


class Stamps:
    def __init__(self, run):
        self.run = run
        self.pool = random.Random(run).randbytes(POOL_BYTES + BODY_BYTES)

    def _sector(self, stamp, version, lba):
        if version % 2:
            at = (version * 7919 + lba * 641) % POOL_BYTES
            return stamp + self.pool[at:at + BODY_BYTES]
        return stamp * (SECTOR // STAMP_BYTES)

    def write(self, writer, version, lba, sectors):
        """The payload of a write."""
        parts = []
        for at in range(lba, lba + sectors):
            stamp = STAMP.pack(MAGIC, self.run, writer, version, at)
            parts.append(self._sector(stamp + CRC.pack(zlib.crc32(stamp)), version, at))
        return b"".join(parts)

    def version(self, sector, lba):
        """The version of one sector's content, or Damaged."""
        if sector == ZEROS:
            return 0
        stamp = sector[:STAMP_BYTES]
        magic, run, writer, version, at = STAMP.unpack_from(stamp)
        if magic != MAGIC or CRC.unpack_from(stamp, STAMP.size)[0] != zlib.crc32(stamp[:-4]):
            raise Damaged("no stamp, begins with " + sector[:16].hex())
        if run != self.run:
            raise Damaged("stamp of another run, %08x" % run)
        if at != lba:
            raise Damaged("belongs to LBA %d (writer %d, version %d)" % (at, writer, version))
        if sector != self._sector(stamp, version, lba):
            raise Damaged("torn inside the sector (writer %d, version %d)" % (writer, version))
        return version

    def versions(self, data, lba):
        """The versions of consecutive sectors."""
        sectors = len(data) // SECTOR
        if not any(data):
            return [0] * sectors
        found = []
        for index in range(sectors):
            sector = bytes(data[index * SECTOR:(index + 1) * SECTOR])
            try:
                found.append(self.version(sector, lba + index))
            except Damaged as damage:
                raise Damaged("LBA %d: %s" % (lba + index, damage)) from None
        return found
