"""Passes TCP connections on, until it is told to stop.

usage: cut.py PORT HOST PORT

SIGUSR1 cuts: every second time connections are closed and new ones refused, else they stay open and
nothing passes. SIGUSR2 passes on again.
"""
import os
import selectors
import signal
import socket
import sys

CHUNK = 1 << 16


class Relay:
    def __init__(self, port, target):
        self.port, self.target = port, target
        self.selector = selectors.DefaultSelector()
        self.peers, self.waiting = {}, {}
        self.cuts = 0
        self.listener = None
        self.stands_still = False
        self.listen()

    def listen(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept)

    def accept(self, listener):
        client, _ = listener.accept()
        try:
            server = socket.create_connection(self.target)
        except OSError:
            client.close()
            return
        for one, other in ((client, server), (server, client)):
            one.setblocking(False)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.peers[one], self.waiting[one] = other, b""
        for one in (client, server):
            self.watch(one)

    def watch(self, one):
        """Reads only what the other end has room for."""
        events = 0 if self.waiting[self.peers[one]] else selectors.EVENT_READ
        events |= selectors.EVENT_WRITE if self.waiting[one] else 0
        known = one in self.selector.get_map()
        if events and known:
            self.selector.modify(one, events, self.move)
        elif events:
            self.selector.register(one, events, self.move)
        elif known:
            self.selector.unregister(one)

    def move(self, one):
        other = self.peers.get(one)
        if other is None:
            return
        try:
            if self.waiting[one]:
                self.waiting[one] = self.waiting[one][one.send(self.waiting[one]):]
            if not self.waiting[other]:
                data = one.recv(CHUNK)
                if not data:
                    raise ConnectionError
                self.waiting[other] = data
        except BlockingIOError:
            pass
        except OSError:
            self.close(one)
            return
        self.watch(one)
        self.watch(other)

    def close(self, one):
        if one not in self.peers:
            return  # its other end was closed, and it with that
        for end in (one, self.peers[one]):
            del self.peers[end], self.waiting[end]
            if end in self.selector.get_map():
                self.selector.unregister(end)
            end.close()

    def cut(self):
        self.cuts += 1
        if self.cuts % 2:
            self.stands_still = True
        elif self.listener:
            self.selector.unregister(self.listener)
            self.listener.close()
            self.listener = None
            for one in list(self.peers):
                self.close(one)

    def mend(self):
        self.stands_still = False
        if not self.listener:
            self.listen()

    def run(self):
        # Signals are acted on here only, where no connection is being handled.
        signals, told = os.pipe()
        os.set_blocking(told, False)
        signal.set_wakeup_fd(told)
        for number in (signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, lambda *_: None)
        self.selector.register(signals, selectors.EVENT_READ, self.obey)
        print("passing on", flush=True)
        while True:
            if self.stands_still:
                self.obey(signals)
                continue
            for key, _ in self.selector.select():
                key.data(key.fileobj)
                if key.fileobj == signals:
                    break

    def obey(self, signals):
        for number in os.read(signals, CHUNK):
            if number == signal.SIGUSR1:
                self.cut()
            elif number == signal.SIGUSR2:
                self.mend()


if __name__ == "__main__":
    Relay(int(sys.argv[1]), (sys.argv[2], int(sys.argv[3]))).run()
