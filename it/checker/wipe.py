"""Writes all over a volume, wipes the whole of it, and looks whether it is empty.

usage: wipe.py URI PLACES fill --seed N     random sectors at random places and at the edges
       wipe.py URI PLACES wipe --kind trim|zero [--within SECONDS]
       wipe.py URI PLACES full              what was filled is there
       wipe.py URI PLACES empty             it is not, and the block status is a hole everywhere
"""
import argparse
import pickle
import random
import sys
import time

from clients import Clients, connect
from stamps import SECTOR, Stamps

# The longest range that a request can name, in whole sectors.
LONGEST = (1 << 32) - SECTOR
DEPTH = 256


def edges(size):
    """Where the numbers of careless programs overflow."""
    powers = [1 << bits for bits in range(31, size.bit_length() - 1)]
    return [at - 2048 for at in powers + [size]] + [0, size - 4096]


def fill(uri, places_file, seed):
    chosen, clients = random.Random(seed), Clients(uri, 1)
    size = clients.handles[0].get_size()
    places = [(at, 4096) for at in edges(size) if at + 4096 <= size]
    places += [(chosen.randrange(size // SECTOR - 512) * SECTOR, chosen.choice((512, 4096, 65536)))
               for _ in range(3000)]
    stamps = Stamps(seed)

    def done(ok):
        if not ok:
            sys.exit("FAIL: a write failed")

    for number, (at, length) in enumerate(places):
        data = stamps.write(0, number + 1, at // SECTOR, length // SECTOR)
        clients.write(0, data, at, False, done)
        while clients.in_flight[0] >= 32:
            clients.turn()
    clients.drain()
    with open(places_file, "wb") as file:
        pickle.dump((seed, places), file)
    print("  %d writes all over %d GiB" % (len(places), size >> 30))


def wipe(uri, kind, within):
    clients = Clients(uri, 1)
    size = clients.handles[0].get_size()
    failed = []

    def done(ok):
        if not ok:
            failed.append(kind)

    started, requests = time.monotonic(), 0
    for at in range(0, size, LONGEST):
        length = min(LONGEST, size - at)
        (clients.trim if kind == "trim" else clients.zero)(0, length, at, False, done)
        requests += 1
        while clients.in_flight[0] >= DEPTH:
            clients.turn()
    clients.drain()
    took = time.monotonic() - started
    print("  %s of %d GiB: %.3f s in %d requests" % (kind, size >> 30, took, requests))
    if failed:
        sys.exit("FAIL: %d requests failed" % len(failed))
    if took > within:
        sys.exit("FAIL: took more than %.1f s" % within)


def read_places(uri, places_file, judge):
    handle = connect(uri)
    with open(places_file, "rb") as file:
        seed, places = pickle.load(file)
    stamps = Stamps(seed)
    for at, length in places:
        versions = stamps.versions(handle.pread(length, at), at // SECTOR)
        if not judge(versions):
            sys.exit("FAIL: at %d, %d bytes: versions %s" % (at, length, versions))
    return handle, len(places)


def empty(uri, places_file):
    handle, places = read_places(uri, places_file, lambda versions: not any(versions))
    size, at, others = handle.get_size(), 0, []

    def extents(context, offset, entries, error):
        nonlocal at
        for length, flags in zip(entries[::2], entries[1::2]):
            if flags != 3:
                others.append((offset, length, flags))
            offset += length
        at = offset

    started, requests = time.monotonic(), 0
    while at < size:
        before = at
        handle.block_status(min(LONGEST, size - at), at, extents)
        requests += 1
        if at <= before:
            sys.exit("FAIL: no block status at %d" % at)
    print("  %d places read zeros; block status: %d requests, %.3f s" % (
        places, requests, time.monotonic() - started))
    if others:
        sys.exit("FAIL: no hole at (offset, length, flags): %s" % others[:10])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("places")
    parser.add_argument("phase", choices=("fill", "wipe", "full", "empty"))
    parser.add_argument("--kind", choices=("trim", "zero"))
    parser.add_argument("--within", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.phase == "fill":
        fill(options.uri, options.places, options.seed & 0xFFFFFFFF)
    elif options.phase == "wipe":
        wipe(options.uri, options.kind, options.within)
    elif options.phase == "full":
        read_places(options.uri, options.places, all)
    else:
        empty(options.uri, options.places)


if __name__ == "__main__":
    main()
