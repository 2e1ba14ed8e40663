"""Clients that stand still, until the server has closed all of them or this is terminated.

usage: stall.py PORT EXPORT COUNT

COUNT of each kind: one asks for much and reads nothing, one stops in the middle of a payload, one
announces a payload and sends nothing of it. Prints 'standing' when all do.
"""
import select
import socket
import sys

import wire

LARGE = 32 << 20
READS, READ_LENGTH = 64, 1 << 20


def main():
    port, name, count = int(sys.argv[1]), sys.argv[2].encode(), int(sys.argv[3])
    held = [stand(kind, ("127.0.0.1", port), name) for kind in KINDS for _ in range(count)]
    print("standing", flush=True)
    poll = select.poll()
    for sock in held:
        poll.register(sock, 0)  # errors and hang-ups are told all the same
    closed = set()
    while len(closed) < len(held):
        for descriptor, _ in poll.poll():
            closed.add(descriptor)
            poll.unregister(descriptor)
    print("closed")


def stand(kind, address, name):
    sock = wire.connect(address, receive_buffer=4096)
    wire.go(sock, name)
    kind(sock)
    return sock


def read_nothing(sock):
    for cookie in range(READS):
        sock.sendall(wire.request(wire.READ, cookie, cookie * READ_LENGTH, READ_LENGTH))


def stop_in_payload(sock):
    sock.sendall(wire.request(wire.WRITE, 1, 0, LARGE))
    sock.setblocking(False)
    missing = LARGE // 2
    while missing:
        # The server may not read all of it: then it waits for room, and we for nothing.
        _, writable, _ = select.select([], [sock], [], 0.5)
        if not writable:
            return
        missing -= sock.send(bytes(min(missing, 1 << 20)))


def announce(sock):
    sock.sendall(wire.request(wire.WRITE, 1, 0, LARGE))


KINDS = (read_nothing, stop_in_payload, announce)

if __name__ == "__main__":
    main()
