"""Flips single bits in the segments of a store, and has lsmctl find them.

usage: flips.py fill URI MIB --seed N
       flips.py flip STORE --flips N --seed N -- LSMCTL...

A batch flips one bit in each of many segments: `LSMCTL inspect segment --verify --all` must end
with status 6 and name each of these objects with an offset, and no other. In the first segment of
a batch, `LSMCTL inspect segment VOLUME N --verify` must find it as well. Then the bits are restored.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys

from clients import Clients
from stamps import SECTOR, Stamps

OK, CORRUPT = 0, 6


def fill(uri, mib, seed):
    clients, stamps, chosen = Clients(uri, 1), Stamps(seed), random.Random(seed)

    def done(ok):
        if not ok:
            sys.exit("FAIL: a request failed")

    size, written, version = clients.handles[0].get_size(), 0, 0
    while written < mib << 20:
        version += 1
        count = chosen.choice((1, 8, 128, 512))
        at = chosen.randrange(size // SECTOR - count)
        if version % 16 == 0:
            clients.trim(0, count * SECTOR, at * SECTOR, False, done)
        clients.write(0, stamps.write(0, version, at, count), at * SECTOR, False, done)
        written += count * SECTOR
        while clients.in_flight[0] >= 32:
            clients.turn()
    clients.flush(0, done)
    clients.drain()


class Lsmctl:
    def __init__(self, command, store):
        self.command, self.store = command + ["-o", "json", "--store", store], store

    def run(self, *arguments):
        """Exit status and what it printed."""
        run = subprocess.run(
            self.command + list(arguments), capture_output=True, text=True, check=False)
        if run.returncode not in (OK, CORRUPT):
            sys.exit("FAIL: lsmctl %s ended with %d:\n%s%s" % (
                " ".join(arguments), run.returncode, run.stdout, run.stderr))
        return run.returncode, run.stdout + run.stderr

    def problems(self):
        """Messages by object key."""
        status, text = self.run("inspect", "segment", "--verify", "--all")
        found = {}
        for problem in json.loads(text[text.index("{"):])["problems"]:
            named = re.search(r"(v/\S+/segments/\d+) at offset (\d+)", problem)
            if not named:
                sys.exit("FAIL: names no object and offset: " + problem)
            found.setdefault(named.group(1), []).append(problem)
        if status != (CORRUPT if found else OK):
            sys.exit("FAIL: status %d with %d problems" % (status, len(found)))
        return found


def segments(store):
    """Key and file of each."""
    found = []
    for folder, _, names in os.walk(store):
        if os.path.basename(folder) == "segments":
            paths = [os.path.join(folder, name) for name in sorted(names)]
            found.extend((os.path.relpath(path, store), path) for path in paths)
    return found


def toggle(path, byte, bit):
    with open(path, "r+b") as file:
        file.seek(byte)
        value = file.read(1)[0]
        file.seek(byte)
        file.write(bytes([value ^ 1 << bit]))


def pick(chosen, size):
    """A byte: one in four near each end, where header, tables and footer are."""
    near = min(size, 1024)
    return chosen.choice((chosen.randrange(near), chosen.randrange(size), chosen.randrange(size),
                          size - 1 - chosen.randrange(near)))


def flip(store, flips, seed, command):
    lsmctl, chosen, objects = Lsmctl(command, store), random.Random(seed), segments(store)
    if not objects:
        sys.exit("FAIL: no segments in %s" % store)
    if lsmctl.problems():
        sys.exit("FAIL: damaged before any flip: %s" % lsmctl.problems())
    done = batches = 0
    while done < flips:
        batch = {}
        for key, path in chosen.sample(objects, min(flips - done, len(objects))):
            batch[key] = (path, pick(chosen, os.path.getsize(path)), chosen.randrange(8))
            toggle(*batch[key])
        found = lsmctl.problems()
        first = min(batch)
        status, text = lsmctl.run("inspect", "segment", "vol1", str(int(first[-20:])), "--verify")
        for flipped in batch.values():
            toggle(*flipped)
        if found.keys() != batch.keys():
            sys.exit("FAIL: not found (file, byte, bit): %s; reported but whole: %s" % (
                [batch[key] for key in batch if key not in found],
                [found[key] for key in found if key not in batch]))
        if status != CORRUPT or first not in text:
            sys.exit("FAIL: not found by its number: %s: %d %s" % (batch[first], status, text))
        done += len(batch)
        batches += 1
    if lsmctl.problems():
        sys.exit("FAIL: damaged after the bits were restored: %s" % lsmctl.problems())
    print("  %d flips in %d segments, %d batches: all found" % (done, len(objects), batches))


def main():
    arguments, command = sys.argv[1:], []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, command = arguments[:at], arguments[at + 1:]
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    phases = parser.add_subparsers(dest="phase", required=True)
    filling = phases.add_parser("fill")
    filling.add_argument("uri")
    filling.add_argument("mib", type=int)
    flipping = phases.add_parser("flip")
    flipping.add_argument("store")
    flipping.add_argument("--flips", type=int, default=1000)
    options = parser.parse_args(arguments)
    if options.phase == "fill":
        fill(options.uri, options.mib, options.seed & 0xFFFFFFFF)
    else:
        flip(options.store, options.flips, options.seed, command)


if __name__ == "__main__":
    main()
