"""Many connections that come to nothing, or do nothing, as far as the server's files allow.

usage: storm.py PORT EXPORT drop COUNT RATE    opens so many, so many a second, and drops each after
                                               another byte of the handshake
       storm.py PORT EXPORT idle COUNT FIFO    opens so many, half of them in transmission after a
                                               write and a read, prints 'open', and holds them until
                                               it can read from FIFO
"""
import collections
import socket
import struct
import sys
import time

import wire

SOURCES = [f"127.0.1.{i}" for i in range(1, 65)]
OPEN_AT_ONCE = 100
BLOCK = 4096
RESET = struct.pack("ii", 1, 0)


def drop(address, name, count, rate):
    session = wire.long_handshake(name)
    recent = collections.deque()
    started = time.monotonic()
    for i in range(count):
        sock = wire.connect(address, SOURCES[i % len(SOURCES)])
        try:
            sock.sendall(session[: i % (len(session) + 1)])
        except OSError:
            pass  # refused already: that, too, is dropped
        recent.append(sock)
        if len(recent) > OPEN_AT_ONCE:
            hang_up(recent.popleft(), i)
        ahead = i / rate - (time.monotonic() - started)
        if ahead > 0.01:
            time.sleep(ahead)
    for i, sock in enumerate(recent):
        hang_up(sock, i)
    seconds = time.monotonic() - started
    print(f"{count} connections dropped at {len(session) + 1} places, {count / seconds:.0f}/s")


def hang_up(sock, number):
    """In order, or by a reset."""
    if number % 2:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    sock.close()


def idle(address, name, count, fifo):
    held = []
    for i in range(count):
        sock = wire.connect(address, SOURCES[i % len(SOURCES)])
        if i % 2:
            wire.read_exactly(sock, 18)
        else:
            wire.go(sock, name)
            offset = i * BLOCK
            sock.sendall(wire.request(wire.WRITE, 1, offset, BLOCK) + bytes(BLOCK))
            wire.read_exactly(sock, 16)
            sock.sendall(wire.request(wire.READ, 2, offset, BLOCK))
            wire.read_exactly(sock, 16 + BLOCK)
        held.append(sock)
    print("open", flush=True)
    with open(fifo):
        pass
    for sock in held:
        sock.setblocking(False)
        try:
            if sock.recv(1) == b"":
                sys.exit("the server closed an idle connection")
        except BlockingIOError:
            pass
    for sock in held:
        sock.close()


def main():
    port, name, what, count, last = sys.argv[1:]
    address = ("127.0.0.1", int(port))
    if what == "drop":
        drop(address, name.encode(), int(count), float(last))
    else:
        idle(address, name.encode(), int(count), last)


if __name__ == "__main__":
    main()
