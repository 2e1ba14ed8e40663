"""Numbered writes to a daemon that loses its volume, and what the next one has of them.

usage: takeover.py URI STATE load --disturbed FILE    writes until the connection fails
       takeover.py URI STATE check --durability local|object --max-age SECONDS
                   --taken TIME --resumed TIME --within SECONDS

Options of the first load: --seed N, --area BYTES, --at BYTES.

One request at a time, now and then a FLUSH, so the order is known. A request may fail only once
FILE is there, which tells the time of the disturbance. The check reads from the next daemon:

- what is there is an exact prefix of what was written, also of what was acknowledged too late;
- durability local: what is lost is at most --max-age older than the disturbance;
- durability object: nothing is lost that an acknowledged FLUSH covers, and no FLUSH is acknowledged
  that was sent after --taken, when the next daemon had the volume;
- nothing at all is acknowledged longer than --within after --resumed, when the old daemon could know.
"""
import argparse
import os
import pickle
import random
import signal
import sys
import time

import nbd

import prefix
from clients import connect
from stamps import SECTOR, Stamps

LONGEST = 64 * 1024 // SECTOR
PATIENCE = 120


class History(prefix.History):
    """flushed: so many operations a FLUSH covers. last_*: times of the newest acknowledgements."""

    def begin(self):
        self.mode, self.killed = "serial", None
        self.flushed = 0
        self.last_answer = self.last_flush_sent = 0.0


def load(uri, history, options):
    chosen = random.Random("%d/%d" % (history.run, history.version))
    stamps = Stamps(history.run)
    history.begin()
    signal.alarm(PATIENCE)  # a daemon that neither answers nor fails
    try:
        handle = connect(uri)
        while True:
            if chosen.random() < 0.03:
                sent = time.time()
                handle.flush()
                history.flushed, history.last_flush_sent = len(history.operations), sent
            else:
                write(handle, history, chosen, stamps)
            if not history.last_answer:
                print("loading", flush=True)
            history.last_answer = time.time()
    except nbd.Error as error:
        if not os.path.exists(options.disturbed):
            sys.exit("FAIL: a request failed before anything was done: %s" % error)
    with open(options.disturbed) as file:
        history.killed = float(file.read())


def write(handle, history, chosen, stamps):
    count = min(int(2 ** chosen.uniform(0, LONGEST.bit_length())) or 1, LONGEST)
    start = chosen.randrange(history.sectors - count + 1)
    kind = chosen.random()
    operation = history.add(start, count, kind < 0.1)
    lba = history.first_lba + start
    if kind < 0.05:
        handle.trim(count * SECTOR, lba * SECTOR)
    elif kind < 0.1:
        handle.zero(count * SECTOR, lba * SECTOR)
    else:
        handle.pwrite(stamps.write(0, history.version, lba, count), lba * SECTOR)
    history.answered(operation)


def breach(history, count, options):
    """Which promise was broken, or None; the first count operations are left."""
    lost = [o for o in history.operations[count:] if o.answer_time]
    age = history.killed - min((o.answer_time for o in lost), default=history.killed)
    if options.durability == "object":
        if count < history.flushed:
            return "%d operations are left, a FLUSH covered %d" % (count, history.flushed)
        if history.last_flush_sent > options.taken:
            return "a FLUSH was acknowledged that was sent %.3f s after the takeover" % (
                history.last_flush_sent - options.taken)
    elif age > options.max_age:
        return "lost what was answered %.2f s before the disturbance" % age
    late = history.last_answer - options.resumed
    if late > options.within:
        return "acknowledged %.3f s after it could know, %.3f s are allowed" % (
            late, options.within)
    return None


def check(uri, history, options):
    found = prefix.read_all(uri, history)
    count = prefix.serial_prefix(history, found)
    reason = breach(history, count, options)
    answered = sum(1 for o in history.operations if o.answered is not None)
    print("  %-6s %6d of %6d answered operations are left, FLUSH covered %6d; last answer %+.3f s" % (
        options.durability, count, answered, history.flushed,
        history.last_answer - options.resumed))
    if reason:
        sys.exit("FAIL: %s: %s" % (options.durability, reason))
    history.base, history.operations = found, []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("state")
    parser.add_argument("phase", choices=("load", "check"))
    parser.add_argument("--disturbed")
    parser.add_argument("--durability", choices=("local", "object"))
    parser.add_argument("--max-age", type=float, default=float("inf"))
    parser.add_argument("--taken", type=float)
    parser.add_argument("--resumed", type=float)
    parser.add_argument("--within", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--area", type=int, default=4 << 20)
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
        load(options.uri, history, options)
    with open(options.state, "wb") as file:
        pickle.dump(history, file)


if __name__ == "__main__":
    main()
