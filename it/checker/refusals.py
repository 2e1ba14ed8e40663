"""What libnbd keeps its users from sending is refused with the right error, changes nothing, and
leaves the connection in step, for all styles of replies. Runs in nbdsh, with strict mode off:

usage: nbdsh -c 'import refusals; refusals.main("nbd://...")'
"""
import errno
import os
import random
import socket
import struct

import nbd

SECTOR = 512
TOO_LONG = (64 << 20) + SECTOR
FUA, NO_HOLE, DF, REQ_ONE, FAST_ZERO = 1, 2, 4, 8, 16
MUTATIONS = ("write", "trim", "zero")
# Flags that a command takes; everything else is EINVAL. NBD protocol, "Command flags".
TAKES = {
    "read": FUA | DF,
    "write": FUA,
    "flush": FUA,
    "trim": FUA,
    "cache": FUA,
    "zero": FUA | NO_HOLE | FAST_ZERO,
    "status": FUA | REQ_ONE,
}
PAST_THE_END = {"write": errno.ENOSPC, "zero": errno.ENOSPC}
REQUEST = struct.Struct(">IHHQQI")
REQUEST_MAGIC, SIMPLE_MAGIC, CHUNK_MAGIC = 0x25609513, 0x67446698, 0x668E33EF
CHUNK_DONE, CHUNK_ERROR = 1, 0x8001


class Session:
    """One connection with one style of replies, and the sectors that it must leave alone."""

    def __init__(self, uri, style):
        self.handle, self.style, self.sent = nbd.NBD(), style, 0
        if style == "simple":
            self.handle.set_request_structured_replies(False)
        if hasattr(self.handle, "set_request_extended_headers"):
            self.handle.set_request_extended_headers(style == "extended")
        self.handle.add_meta_context(nbd.CONTEXT_BASE_ALLOCATION)
        # Extended headers want a flag on each write, which is libnbd's business.
        self.handle.set_strict_mode(nbd.STRICT_AUTO_FLAG if style == "extended" else 0)
        self.handle.connect_uri(uri)
        self.size = self.handle.get_size()
        self.is_read_only = self.handle.is_read_only()
        self.canary = self.handle.pread(SECTOR, 0)

    def call(self, command, length, offset, flags=0):
        """The error number that the server answers with, 0 for success."""
        handle = self.handle
        try:
            if command == "read":
                handle.pread(length, offset, flags)
            elif command == "write":
                handle.pwrite(b"\xee" * length, offset, flags)
            elif command == "flush":
                handle.flush(flags)
            elif command == "status":
                handle.block_status(length, offset, lambda *_: 0, flags)
            else:
                getattr(handle, command)(length, offset, flags)
        except nbd.Error as error:
            return getattr(errno, error.errno) if error.errno else error.string
        return 0

    def expect(self, wanted, command, length, offset, flags=0):
        found = self.call(command, length, offset, flags)
        what = "%s replies: %s of %d at %d, flags %#x" % (
            self.style, command, length, offset, flags)
        assert found == wanted, "%s: %s, expected %s" % (what, name(found), name(wanted))
        self.sent += 1
        assert self.handle.pread(SECTOR, 0) == self.canary, what + " changed the first sector"

    def permitted(self, command, otherwise):
        return errno.EPERM if self.is_read_only and command in MUTATIONS else otherwise

    def commands(self):
        if not self.handle.can_meta_context(nbd.CONTEXT_BASE_ALLOCATION):
            return [command for command in TAKES if command != "status"]
        return list(TAKES)

    def flags(self):
        """Every command with every flag, on a sector that nobody needs."""
        for command in self.commands():
            takes = TAKES[command] & ~(DF if self.style == "simple" else 0)
            for bit in range(16):
                flag = 1 << bit
                if flag == 1 << 5 and self.style == "extended":
                    continue  # PAYLOAD_LEN: libnbd sets it as the protocol wants
                wanted = errno.EINVAL if flag & ~takes else self.permitted(command, 0)
                self.expect(wanted, command, SECTOR, SECTOR, flag)

    def ranges(self):
        """Beyond the end, however far, and across it; off the block size that was agreed on."""
        beyond = [(self.size, SECTOR), (self.size - SECTOR, 2 * SECTOR), (1 << 63, SECTOR),
                  ((1 << 64) - SECTOR, 2 * SECTOR)]
        for command in self.commands():
            if command == "flush":
                continue
            wanted = self.permitted(command, PAST_THE_END.get(command, errno.EINVAL))
            for offset, length in beyond:
                self.expect(wanted, command, length, offset)
            if command not in ("read", "write"):
                self.expect(wanted, command, (1 << 32) - SECTOR, self.size - SECTOR)
            for offset, length in ((SECTOR + 1, SECTOR), (SECTOR, SECTOR - 1), (SECTOR + 7, 1)):
                self.expect(self.permitted(command, errno.EINVAL), command, length, offset)

    def unknown(self):
        """Commands that libnbd cannot send at all. Their length is no payload: nothing follows."""
        for command in (8, 9, 77, 0xFFFF):
            self.expect_raw(errno.EINVAL, command, 1 << 20)

    def too_long(self):
        """Longer than what libnbd sends; the payload of the write is taken, but not kept."""
        write, read = 1, 0
        self.expect_raw(self.permitted("write", errno.EINVAL), write, TOO_LONG, bytes(TOO_LONG))
        self.expect_raw(errno.EINVAL, read, TOO_LONG)
        if self.style != "simple":
            self.expect_raw(errno.EOVERFLOW, read, TOO_LONG, flags=DF)

    def expect_raw(self, wanted, command, length, payload=b"", flags=0):
        """A request in bytes of our own on libnbd's connection."""
        if self.style == "extended":
            return
        request = REQUEST.pack(REQUEST_MAGIC, flags, command, 42, 0, length)
        with socket.socket(fileno=os.dup(self.handle.aio_get_fd())) as raw:
            raw.setblocking(True)
            raw.sendall(request)
            raw.sendall(payload)
            found = self.receive_error(raw)
            raw.setblocking(False)  # as libnbd wants it
        assert found == (wanted, 42), "%s replies: command %d of %d: %s of %d, expected %s" % (
            self.style, command, length, name(found[0]), found[1], name(wanted))
        assert self.handle.pread(SECTOR, 0) == self.canary
        self.sent += 1

    def receive_error(self, raw):
        if self.style == "simple":
            magic, error, cookie = struct.unpack(">IIQ", receive(raw, 16))
            assert magic == SIMPLE_MAGIC, hex(magic)
            return error, cookie
        magic, flags, kind, cookie, length = struct.unpack(">IHHQI", receive(raw, 20))
        assert (magic, flags, kind) == (CHUNK_MAGIC, CHUNK_DONE, CHUNK_ERROR), (magic, flags, kind)
        return struct.unpack_from(">I", receive(raw, length))[0], cookie

    def contents(self, expected):
        """The same bytes come in any style, in pieces of any size."""
        chosen = random.Random(len(expected))
        at = 0
        while at < len(expected):
            length = min(len(expected) - at, SECTOR * chosen.randrange(1, 2048))
            assert self.handle.pread(length, at) == expected[at:at + length], at
            if self.style != "simple":
                self.chunks(expected, at, length, 0)
                self.chunks(expected, at, length, DF)
            at += length

    def chunks(self, expected, start, length, flags):
        """Chunks cover what was asked for, once; with DF it comes in one."""
        seen = []

        def chunk(data, offset, status, _error):
            if status == nbd.READ_HOLE:
                assert not any(expected[offset:offset + len(data)]), "data as a hole"
            else:
                assert data == expected[offset:offset + len(data)], "wrong data at %d" % offset
            seen.append((offset, len(data)))
            return 0

        self.handle.pread_structured(length, start, chunk, flags)
        end = start
        for offset, size in sorted(seen):
            assert offset == end, "chunks overlap or leave a gap at %d" % end
            end += size
        assert end == start + length and (len(seen) == 1 or not flags & DF), seen

    def wide(self):
        """Lengths of more than 32 bits, which only extended headers have."""
        far = 6 << 30
        assert self.size > far, "the volume is too small for this test"
        self.handle.pwrite(self.canary or b"x" * SECTOR, far - SECTOR)
        extents = []
        self.handle.zero(5 << 30, 1 << 30)
        assert not any(self.handle.pread(SECTOR, far - SECTOR)), "zeroed, but still there"
        self.handle.trim(5 << 30, 1 << 30)
        self.handle.block_status_64(
            5 << 30, 1 << 30, lambda _c, _o, found, _e: extents.extend(found) or 0)
        assert extents[0][0] >= 5 << 30 and extents[0][1] == 3, extents
        self.expect(errno.ENOSPC, "zero", self.size, SECTOR)
        self.expect(errno.EINVAL, "trim", (1 << 63) - SECTOR, SECTOR)


def receive(raw, length):
    data = b""
    while len(data) < length:
        part = raw.recv(length - len(data))
        assert part, "the server closed the connection"
        data += part
    return data


def name(code):
    return errno.errorcode.get(code, code) if code else "success"


def options(uri):
    """What a client may ask before it chooses, and after it chose what is not there."""
    handle = nbd.NBD()
    handle.set_opt_mode(True)
    handle.connect_uri(uri)
    chosen = handle.get_export_name()
    handle.set_export_name("no-such-export")
    for attempt in (handle.opt_info, handle.opt_go, handle.opt_info):
        try:
            attempt()
            raise AssertionError("an export of that name is there")
        except nbd.Error as error:
            # The latter where TLS might help.
            assert error.errno in ("ENOENT", "ENOTSUP"), error.string
    exports = []
    handle.opt_list(lambda export, _description: exports.append(export) or 0)
    assert chosen in exports, exports
    contexts = []
    handle.set_export_name(chosen)
    handle.opt_list_meta_context(lambda context: contexts.append(context) or 0)
    assert nbd.CONTEXT_BASE_ALLOCATION in contexts, contexts
    handle.opt_info()
    size = handle.get_size()
    handle.opt_go()
    assert handle.get_size() == size
    handle.shutdown()


def main(uri):
    styles = ["simple", "structured"]
    if hasattr(nbd.NBD, "set_request_extended_headers"):
        styles.append("extended")
    options(uri)
    expected = sent = None
    for style in styles:
        session = Session(uri, style)
        if expected is None:
            expected = bytes(session.handle.pread(8 << 20, 0))
        session.contents(expected)
        session.flags()
        session.ranges()
        session.unknown()
        if session.size > TOO_LONG:
            session.too_long()
        if style == "extended" and not session.is_read_only:
            session.wide()
        sent = (sent or 0) + session.sent
        # What is left of the sector that was written to is not part of the next comparison.
        if not session.is_read_only:
            session.handle.pwrite(expected[SECTOR:2 * SECTOR], SECTOR)
            assert session.handle.pread(len(expected), 0) == expected, "something was changed"
        session.handle.shutdown()
    print("%d requests in %s replies" % (sent, ", ".join(styles)))
