"""Numbered writes, and the proof that what is left of them is an exact prefix.

usage: prefix.py URI STATE load --pid PID --seconds S   kills PID after S seconds
       prefix.py URI STATE check --max-age SECONDS      reads, compares, prints how much is left

Options of load: --seed N, --area BYTES, --at BYTES (both first load only),
--mode serial     one request at a time: their order is known, and they overlap
       pipelined  many in flight, each at a place of its own: there an order exists if no lost
                  one was answered before one that is left was issued
A prefix ends between two operations, however long they are: now and then one is of some MiB, which
the server logs in many pieces.
What a check found is what the next load starts from.
"""
import argparse
import array
import os
import pickle
import random
import signal
import sys
import threading
import time

import nbd

from clients import Clients, connect
from stamps import SECTOR, Damaged, Stamps

LONGEST = 256 * 1024 // SECTOR
HUGE = 4 * 1024 * 1024 // SECTOR
DEPTH = 32


class Operation:
    """times: wall clock. ticks: issued counts operations, answered what was issued by then."""
    __slots__ = ("start", "count", "content", "issued", "answered", "answer_time")

    def __init__(self, start, count, content, issued):
        self.start, self.count, self.content, self.issued = start, count, content, issued
        self.answered = self.answer_time = None


class History:
    def __init__(self, run, first_lba, sectors):
        self.run, self.first_lba, self.sectors = run, first_lba, sectors
        self.base = array.array("L", bytes(8 * sectors))  # versions before the load
        self.version = 0
        self.mode = None
        self.operations = []
        self.killed = None

    def add(self, start, count, is_trim):
        self.version += 1
        content = 0 if is_trim else self.version
        operation = Operation(start, count, content, len(self.operations))
        self.operations.append(operation)
        return operation

    def answered(self, operation):
        operation.answered = len(self.operations)
        operation.answer_time = time.time()


class Load:
    def __init__(self, uri, history, options):
        self.uri, self.history, self.options = uri, history, options
        self.random = random.Random("%d/%d" % (history.run, history.version))
        self.stamps = Stamps(history.run)
        # Loads of small writes fill no segment before its time, those of large ones do.
        self.longest = self.random.choice((16, LONGEST, HUGE))

    def kill(self):
        self.history.killed = time.time()
        os.kill(self.options.pid, signal.SIGKILL)

    def run(self):
        timer = threading.Timer(self.options.seconds, self.kill)
        timer.start()
        getattr(self, self.options.mode)()
        timer.join()

    def count(self):
        return min(int(2 ** self.random.uniform(0, self.longest.bit_length())) or 1, self.longest)

    def serial(self):
        handle = connect(self.uri)
        history, first = self.history, self.history.first_lba
        try:
            while True:
                count = self.count()
                start = self.random.randrange(history.sectors - count + 1)
                kind = self.random.random()
                operation = history.add(start, count, kind < 0.1)
                at = (first + start) * SECTOR
                if kind < 0.05:
                    handle.trim(count * SECTOR, at)
                elif kind < 0.1:
                    handle.zero(count * SECTOR, at)
                else:
                    handle.pwrite(
                        self.stamps.write(0, history.version, first + start, count), at)
                history.answered(operation)
        except nbd.Error as error:
            if history.killed is None:
                sys.exit("FAIL: request failed before the kill: %s" % error)

    def pipelined(self):
        clients, history = Clients(self.uri, 1), self.history
        places = history.sectors // self.longest
        slots = self.random.sample(range(places), places)
        started = time.time()
        while clients.alive(0):
            # The places have to last until the kill.
            pace = min(1, (time.time() - started) / (self.options.seconds + 0.5))
            while (clients.alive(0) and len(slots) > places * (1 - pace)
                    and clients.in_flight[0] < DEPTH):
                self.pipeline(clients, slots.pop() * self.longest)
            if clients.in_flight[0]:
                clients.turn()
            elif history.killed:
                break
            else:
                time.sleep(0.01)
        if not history.killed:
            sys.exit("FAIL: the connection broke before the kill")

    def pipeline(self, clients, slot):
        history = self.history
        count = self.count()
        start = slot + self.random.randrange(self.longest - count + 1)
        lba = history.first_lba + start
        is_trim = self.random.random() < 0.1
        operation = history.add(start, count, is_trim)

        def done(ok):
            if ok:
                history.answered(operation)
            elif not history.killed:
                sys.exit("FAIL: request failed before the kill")

        if is_trim:
            clients.trim(0, count * SECTOR, lba * SECTOR, False, done)
        else:
            data = self.stamps.write(0, history.version, lba, count)
            clients.write(0, data, lba * SECTOR, False, done)


def read_all(uri, history):
    handle, stamps = connect(uri), Stamps(history.run)
    found = array.array("L")
    for start in range(0, history.sectors, 2048):
        count = min(2048, history.sectors - start)
        lba = history.first_lba + start
        try:
            found.extend(stamps.versions(handle.pread(count * SECTOR, lba * SECTOR), lba))
        except Damaged as damage:
            sys.exit("FAIL: %s" % damage)
    handle.flush()
    handle.shutdown()
    return found


def serial_prefix(history, found):
    """How many operations are left, if they are a prefix."""
    state = array.array("L", history.base)
    wrong = sum(1 for a, b in zip(state, found) if a != b)
    match = 0 if wrong == 0 else None
    fewest = (wrong, 0)
    for index, operation in enumerate(history.operations):
        for sector in range(operation.start, operation.start + operation.count):
            wrong += (operation.content != found[sector]) - (state[sector] != found[sector])
            state[sector] = operation.content
        if wrong == 0:
            match = index + 1
        fewest = min(fewest, (wrong, index + 1))
    if match is None:
        explain(history, found, *fewest)
    return match


def explain(history, found, wrong, nearest):
    state = array.array("L", history.base)
    for operation in history.operations[:nearest]:
        for sector in range(operation.start, operation.start + operation.count):
            state[sector] = operation.content
    first = history.version - len(history.operations)
    lines = [
        "LBA %d: holds version %d (operation %d of this load), expected %d (operation %d)" % (
            history.first_lba + sector, found[sector], found[sector] - first,
            state[sector], state[sector] - first)
        for sector in range(history.sectors) if state[sector] != found[sector]]
    sys.exit("FAIL: no prefix; the nearest is %d of %d operations, with %d wrong sectors:\n  %s" % (
        nearest, len(history.operations), wrong, "\n  ".join(lines[:20])))


def pipelined_prefix(history, found):
    """Which operations are left, one flag each, if an order exists that makes them a prefix.

    Those that leave no trace, trims of zeros, are left out.
    """
    history.operations = [
        operation for operation in history.operations
        if operation.content
        or any(history.base[operation.start:operation.start + operation.count])]
    left = []
    for operation in history.operations:
        place = slice(operation.start, operation.start + operation.count)
        now, before = found[place], history.base[place]
        after = array.array("L", [operation.content]) * operation.count
        if now != after and now != before:
            sys.exit("FAIL: LBA %d, %d sectors: a part of an operation is left: %s" % (
                history.first_lba + operation.start, operation.count, list(now)))
        left.append(now == after)
    lost_by = min(
        (o.answered for o, is_left in zip(history.operations, left)
         if not is_left and o.answered is not None), default=None)
    if lost_by is not None:
        for operation, is_left in zip(history.operations, left):
            if is_left and operation.issued >= lost_by:
                sys.exit("FAIL: operation %d is left, but was issued after the answer to a lost "
                         "one (answered when %d were issued)" % (operation.issued, lost_by))
    untouched = array.array("L", history.base)
    for operation in history.operations:
        place = slice(operation.start, operation.start + operation.count)
        untouched[place] = found[place]
    if untouched != found:
        sys.exit("FAIL: sectors changed that this load did not write")
    return left


def check(uri, history, options):
    found = read_all(uri, history)
    if history.mode == "serial":
        count = serial_prefix(history, found)
        left = [index < count for index in range(len(history.operations))]
        exact = ""
    else:
        left = pipelined_prefix(history, found)
        count = sum(left)
        exact = ", in the order of issue" if all(left[:count]) else ", in another order"
    operations = history.operations
    answered = sum(1 for o in operations if o.answered is not None)
    lost = [o for o, is_left in zip(operations, left) if not is_left and o.answer_time]
    age = history.killed - min((o.answer_time for o in lost), default=history.killed)
    print("  %s: %d of %d operations are left%s (%d were answered); lost: %d answered ones, the "
          "oldest %.2f s before the kill" % (
              history.mode, count, len(operations), exact, answered, len(lost), age))
    if age > options.max_age:
        sys.exit("FAIL: lost more than %.1f s" % options.max_age)
    history.base = found
    history.operations = []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("state")
    parser.add_argument("phase", choices=("load", "check"))
    parser.add_argument("--pid", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--mode", choices=("serial", "pipelined"))
    parser.add_argument("--max-age", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--area", type=int, default=256 << 20)
    parser.add_argument("--at", type=int, default=0)
    options = parser.parse_args()
    if os.path.exists(options.state):
        with open(options.state, "rb") as file:
            history = pickle.load(file)
    else:
        history = History(
            options.seed & 0xFFFFFFFF, options.at // SECTOR, options.area // SECTOR)
    if options.phase == "check":
        check(options.uri, history, options)
    else:
        history.mode, history.killed = options.mode, None
        Load(options.uri, history, options).run()
    with open(options.state, "wb") as file:
        pickle.dump(history, file)


if __name__ == "__main__":
    main()
