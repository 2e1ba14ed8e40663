"""Many connections that come to nothing, or do nothing, as far as the server's files allow.

usage: storm.py PORT EXPORT drop COUNT RATE    opens so many, so many a second, and drops each after
                                               another byte of the handshake
       storm.py PORT EXPORT spells COUNT RATE SECONDS OTHER_PORT
                                               the same in spells of so many seconds, in turn with
                                               quiet ones and with the same storm at OTHER_PORT;
                                               prints 'quiet|here|there FROM TO', ms since 1970
       storm.py PORT EXPORT idle COUNT FIFO    opens so many, half of them in transmission after a
                                               write and a read, prints 'open', and holds them until
                                               it can read from FIFO
"""
import collections
import random
import socket
import struct
import sys
import time

import wire

SOURCES = [f"127.0.1.{i}" for i in range(1, 65)]
OPEN_AT_ONCE = 100
BLOCK = 4096
RESET = struct.pack("ii", 1, 0)


class Storm:
    def __init__(self, name, rate):
        self.session = wire.long_handshake(name)
        self.rate = rate
        self.count = 0  # in all

    def drop(self, address, count, seconds=float("inf")):
        """So many more, or as many as the time allows; returns how many."""
        recent = collections.deque()
        started = time.monotonic()
        done = 0
        while done < count and (elapsed := time.monotonic() - started) < seconds:
            ahead = done / self.rate - elapsed
            if ahead > 0.01:
                time.sleep(ahead)
            recent.append(self.begin(address))
            if len(recent) > OPEN_AT_ONCE:
                hang_up(recent.popleft(), done)
            done += 1
        for i, sock in enumerate(recent):
            hang_up(sock, i)
        return done

    def begin(self, address):
        sock = wire.connect(address, SOURCES[self.count % len(SOURCES)])
        try:
            sock.sendall(self.session[: self.count % (len(self.session) + 1)])
        except OSError:
            pass  # refused already: that, too, is dropped
        self.count += 1
        return sock


def drop(address, name, count, rate):
    storm = Storm(name, rate)
    started = time.monotonic()
    storm.drop(address, count)
    seconds = time.monotonic() - started
    places = len(storm.session) + 1
    print(f"{count} connections dropped at {places} places, {count / seconds:.0f}/s")


def spells(address, other, name, count, rate, seconds):
    here, there = Storm(name, rate), Storm(name, rate)
    spell = {
        "quiet": lambda: time.sleep(seconds),
        "here": lambda: here.drop(address, count - here.count, seconds),
        "there": lambda: there.drop(other, count, seconds),
    }
    while here.count < count:
        # In another order each time: whatever else comes and goes is not to fall on one of them.
        for kind in random.sample(sorted(spell), len(spell)):
            began = time.time()
            spell[kind]()
            print(kind, round(began * 1000), round(time.time() * 1000))


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
    port, name, what, count, *rest = sys.argv[1:]
    address = ("127.0.0.1", int(port))
    if what == "drop":
        drop(address, name.encode(), int(count), float(rest[0]))
    elif what == "spells":
        rate, seconds, other = rest
        other = ("127.0.0.1", int(other))
        spells(address, other, name.encode(), int(count), float(rate), float(seconds))
    else:
        idle(address, name.encode(), int(count), rest[0])


if __name__ == "__main__":
    main()
