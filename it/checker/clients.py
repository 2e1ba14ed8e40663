"""Pipelined NBD requests on several connections, each of whose outcome is reported once."""
import select

import nbd

READ, WRITE = nbd.AIO_DIRECTION_READ, nbd.AIO_DIRECTION_WRITE


class Clients:
    """Calls done(ok) for every request: False if it failed or its connection broke."""

    def __init__(self, uri, connections):
        self.handles = [connect(uri) for _ in range(connections)]
        self.in_flight = [0] * connections

    def alive(self, index):
        return self.handles[index].aio_is_ready() or self.handles[index].aio_is_processing()

    def _submit(self, index, request, done):
        def completed(error):
            self.in_flight[index] -= 1
            done(error.value == 0 if hasattr(error, "value") else error == 0)
            return 1

        self.in_flight[index] += 1
        try:
            request(completed)
        except nbd.Error:
            if self.alive(index):
                raise
            # The connection broke in this call, which does not tell it as a completion.
            self.in_flight[index] -= 1
            done(False)

    def write(self, index, data, offset, fua, done):
        flags = nbd.CMD_FLAG_FUA if fua else 0
        buffer = nbd.Buffer.from_bytearray(bytearray(data))
        self._submit(
            index, lambda c: self.handles[index].aio_pwrite(buffer, offset, c, flags), done)

    def trim(self, index, length, offset, fua, done):
        flags = nbd.CMD_FLAG_FUA if fua else 0
        self._submit(
            index, lambda c: self.handles[index].aio_trim(length, offset, c, flags), done)

    def zero(self, index, length, offset, fua, done, no_hole=False):
        flags = (nbd.CMD_FLAG_FUA if fua else 0) | (nbd.CMD_FLAG_NO_HOLE if no_hole else 0)
        self._submit(
            index, lambda c: self.handles[index].aio_zero(length, offset, c, flags), done)

    def flush(self, index, done):
        self._submit(index, lambda c: self.handles[index].aio_flush(c), done)

    def read(self, index, length, offset, done):
        """Calls done with the data, or None."""
        buffer = nbd.Buffer(length)
        self._submit(
            index, lambda c: self.handles[index].aio_pread(buffer, offset, c),
            lambda ok: done(buffer.to_bytearray() if ok else None))

    def turn(self, timeout_ms=1000):
        """Waits for the network once, and lets the requests proceed."""
        poll, by_file = select.poll(), {}
        for index, handle in enumerate(self.handles):
            if self.alive(index) and self.in_flight[index]:
                direction = handle.aio_get_direction()
                events = (select.POLLIN if direction & READ else 0) | (
                    select.POLLOUT if direction & WRITE else 0)
                file = handle.aio_get_fd()
                by_file[file] = handle
                poll.register(file, events)
        if not by_file:
            return
        for file, events in poll.poll(timeout_ms):
            handle = by_file[file]
            direction = handle.aio_get_direction()
            try:
                if direction & READ and events & (select.POLLIN | select.POLLHUP | select.POLLERR):
                    handle.aio_notify_read()
                elif direction & WRITE and events & (select.POLLOUT | select.POLLERR):
                    handle.aio_notify_write()
            except nbd.Error:
                if handle.aio_is_ready() or handle.aio_is_processing():
                    raise

    def drain(self):
        """Until no request is open, be it answered or broken off."""
        while any(self.in_flight[i] for i in range(len(self.handles)) if self.alive(i)):
            self.turn()


def connect(uri):
    handle = nbd.NBD()
    handle.add_meta_context(nbd.CONTEXT_BASE_ALLOCATION)
    handle.connect_uri(uri)
    return handle
