"""Overlapping requests on several connections against a model, over kills of the server.

usage: stress.py URI STATE load --pid PID --after N      kills PID after N acknowledgements
       stress.py URI STATE load --after N                ends by itself, no kill
       stress.py URI STATE load --after N --until FILE   the same, but not before FILE is there
       stress.py URI STATE check                         reads everything and compares

Options of the first load: --seed N, --area BYTES, --at BYTES (the place of the area in the volume),
--connections N, --depth N (requests in flight on each).

Versions are numbered as they are issued. A version may be seen in a sector if it is the newest
acknowledged one, or was in flight when that was issued, or was never acknowledged. What a check
has seen is settled: from then on a sector must hold just that, or something newer.
"""
import argparse
import array
import os
import pickle
import random
import signal
import sys

from clients import Clients, connect
from stamps import SECTOR, Damaged, Stamps

LONGEST = 256 * 1024 // SECTOR
KINDS = ("write", "read", "trim", "zero", "flush")
WEIGHTS = (65, 20, 6, 6, 3)


class Operation:
    __slots__ = ("start", "end", "is_zero", "acked")

    def __init__(self, start, end, is_zero):
        self.start, self.end, self.is_zero, self.acked = start, end, is_zero, None

    def covers(self, sector):
        return self.start <= sector < self.end


class Model:
    """What each sector of the area may hold. Sectors count from the start of the area."""

    def __init__(self, run, first_lba, sectors):
        self.run, self.first_lba, self.sectors = run, first_lba, sectors
        self.version = 0
        self.newest = array.array("L", bytes(8 * sectors))  # the newest acknowledged version
        self.operations = {}  # version -> Operation, those since the last check
        self.rounds = 0

    def issue(self, start, count, is_zero):
        self.version += 1
        self.operations[self.version] = Operation(start, start + count, is_zero)
        return self.version

    def acknowledge(self, version):
        operation = self.operations[version]
        operation.acked = self.version
        start, end = operation.start, operation.end
        if max(self.newest[start:end]) < version:
            self.newest[start:end] = array.array("L", [version]) * (end - start)
        else:
            for sector in range(start, end):
                self.newest[sector] = max(self.newest[sector], version)

    def is_superseded(self, operation, newest):
        return operation.acked is not None and newest > operation.acked

    def explain(self, sector, seen, newest):
        """Why a sector must not hold what it holds, or None; newest as of the read's start."""
        if seen == newest:
            return None
        if seen == 0:
            current = self.operations.get(newest)
            if current and current.is_zero:
                return None
            for operation in self.operations.values():
                if (operation.is_zero and operation.covers(sector)
                        and not self.is_superseded(operation, newest)):
                    return None
            return "zeros, but version %d was acknowledged" % newest
        operation = self.operations.get(seen)
        if operation is None:
            return "version %d of an earlier round, expected %d or newer" % (seen, newest)
        if operation.is_zero or not operation.covers(sector):
            return "version %d, which never was written there" % seen
        if self.is_superseded(operation, newest):
            return "version %d is older than %d, which was acknowledged" % (seen, newest)
        return None

    def compare(self, start, versions, newest, what):
        for index, seen in enumerate(versions):
            if seen != newest[index]:
                reason = self.explain(start + index, seen, newest[index])
                if reason:
                    sys.exit("FAIL: %s, LBA %d: %s" % (
                        what, self.first_lba + start + index, reason))

    def settle(self, start, versions):
        self.newest[start:start + len(versions)] = array.array("L", versions)


class Load:
    def __init__(self, uri, model, options):
        self.model, self.options = model, options
        self.random = random.Random("%d/%d" % (model.run, model.rounds))
        self.stamps = Stamps(model.run)
        self.clients = Clients(uri, options.connections)
        self.counts = dict.fromkeys(KINDS, 0)
        self.acknowledged = self.fua = self.read_sectors = 0
        self.covered = 0  # the version up to which a FLUSH has answered
        self.killed = False

    def run(self):
        clients = self.clients
        while any(clients.alive(i) for i in range(self.options.connections)):
            for index in range(self.options.connections):
                while (clients.alive(index) and clients.in_flight[index] < self.options.depth
                        and self.may_issue()):
                    self.issue(index)
            if self.is_over() and self.options.pid and not self.killed:
                os.kill(self.options.pid, signal.SIGKILL)
                self.killed = True
            if self.is_over() and not any(clients.in_flight):
                break
            clients.turn()
        if self.options.pid and not self.killed:
            sys.exit("FAIL: the connections broke before the kill")
        if not self.killed and self.acknowledged < self.options.after:
            sys.exit("FAIL: the connections broke")

    def may_issue(self):
        """The kill comes right after the queues were filled once more."""
        return not self.killed and (self.options.pid or not self.is_over())

    def is_over(self):
        until = self.options.until
        return self.acknowledged >= self.options.after and (not until or os.path.exists(until))

    def pick(self):
        """A range with lengths of all magnitudes; half of them in a small, contended part."""
        count = int(2 ** self.random.uniform(0, LONGEST.bit_length())) or 1
        count = min(count, LONGEST)
        room = self.model.sectors // (16 if self.random.random() < 0.5 else 1)
        start = self.random.randrange(room - count + 1)
        if self.random.random() < 0.5:
            start &= ~7
        return start, count

    def issue(self, index):
        kind = self.random.choices(KINDS, WEIGHTS)[0]
        if kind == "flush":
            seen = self.model.version
            before = {v for v, o in self.model.operations.items() if o.acked is None}
            oldest = min(before, default=seen + 1)
            self.clients.flush(index, lambda ok: self.flushed(ok, oldest - 1))
            return
        start, count = self.pick()
        lba = self.model.first_lba + start
        if kind == "read":
            newest = self.model.newest[start:start + count]
            self.clients.read(
                index, count * SECTOR, lba * SECTOR,
                lambda data: self.was_read(data, start, newest))
            return
        fua = self.random.random() < 0.1
        version = self.model.issue(start, count, kind != "write")

        def done(ok):
            self.done(ok, version, kind, fua)

        if kind == "write":
            data = self.stamps.write(index, version, lba, count)
            self.clients.write(index, data, lba * SECTOR, fua, done)
        elif kind == "trim":
            self.clients.trim(index, count * SECTOR, lba * SECTOR, fua, done)
        else:
            no_hole = self.random.random() < 0.5
            self.clients.zero(index, count * SECTOR, lba * SECTOR, fua, done, no_hole)

    def broken(self, what):
        """A request may fail only after the kill, and only with its connection."""
        if not self.killed:
            sys.exit("FAIL: a %s failed before the kill" % what)

    def done(self, ok, version, kind, fua):
        if not ok:
            self.broken(kind)
            return
        self.model.acknowledge(version)
        self.acknowledged += 1
        self.counts[kind] += 1
        self.fua += fua

    def flushed(self, ok, covered):
        if not ok:
            self.broken("flush")
            return
        self.counts["flush"] += 1
        self.covered = max(self.covered, covered)

    def was_read(self, data, start, newest):
        if data is None:
            self.broken("read")
            return
        self.counts["read"] += 1
        self.read_sectors += len(newest)
        lba = self.model.first_lba + start
        try:
            versions = self.stamps.versions(data, lba)
        except Damaged as damage:
            sys.exit("FAIL: read during the load, %s" % damage)
        self.model.compare(start, versions, newest, "read during the load")


def check(uri, model):
    handle, stamps = connect(uri), Stamps(model.run)
    step = 2048
    open_operations = sum(1 for o in model.operations.values() if o.acked is None)
    survived = set()
    for start in range(0, model.sectors, step):
        count = min(step, model.sectors - start)
        lba = model.first_lba + start
        try:
            versions = stamps.versions(handle.pread(count * SECTOR, lba * SECTOR), lba)
        except Damaged as damage:
            sys.exit("FAIL: after the restart, %s" % damage)
        model.compare(start, versions, model.newest[start:start + count], "after the restart")
        survived.update(
            v for v in set(versions) if v in model.operations
            and model.operations[v].acked is None)
        model.settle(start, versions)
    handle.shutdown()
    print("  checked %d sectors; of %d unacknowledged writes %d are there" % (
        model.sectors, open_operations, len(survived)))
    model.operations.clear()
    model.rounds += 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("state")
    parser.add_argument("phase", choices=("load", "check"))
    parser.add_argument("--pid", type=int)
    parser.add_argument("--after", type=int)
    parser.add_argument("--until")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--area", type=int, default=128 << 20)
    parser.add_argument("--at", type=int, default=0)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--depth", type=int, default=16)
    options = parser.parse_args()
    if os.path.exists(options.state):
        with open(options.state, "rb") as file:
            model = pickle.load(file)
    else:
        model = Model(options.seed & 0xFFFFFFFF, options.at // SECTOR, options.area // SECTOR)
    if options.phase == "check":
        check(options.uri, model)
    else:
        load = Load(options.uri, model, options)
        load.run()
        in_flight = sum(1 for o in model.operations.values() if o.acked is None)
        print("  %s, %d with FUA, flushed up to %d of %d, %d in flight at the %s" % (
            ", ".join("%d %ss" % (n, k) for k, n in load.counts.items()).replace("flushs", "flushes"),
            load.fua, load.covered, model.version, in_flight,
            "kill" if load.killed else "end"))
    with open(options.state, "wb") as file:
        pickle.dump(model, file)


if __name__ == "__main__":
    main()
