"""Flips single bits in the segments of a store, and asks the server that serves it to find each.

usage: flips.py fill URI MIB --seed N
       flips.py flip STORE ADMIN-URL VOLUME --flips N --seed N [-- LSMCTL...]

A flip counts as found if the check of its segment reports damage, naming object and offset, and as
long as the bit is restored nothing is reported. With a command, every 50th check is made by
`LSMCTL inspect segment VOLUME N --verify`, which must end with status 6.
"""
import argparse
import collections
import json
import os
import random
import re
import subprocess
import sys
import urllib.error
import urllib.request

from clients import Clients
from stamps import SECTOR, Stamps

CORRUPT = 6


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


class Store:
    def __init__(self, folder, url, volume):
        self.folder, self.url, self.volume = folder, url, volume

    def check(self, number):
        """What is wrong with a segment, as a list of messages."""
        address = "%s/v1/inspect/volumes/%s/segments/%d?check=frames" % (
            self.url, self.volume, number)
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return json.load(answer)["verified"]["problems"]
        except urllib.error.HTTPError as error:
            body = json.loads(error.read())
            if body.get("kind", "").lower() != "corrupt":
                sys.exit("FAIL: segment %d: %d %s" % (number, error.code, body))
            return [body["error"]]

    def segments(self):
        """Number, key and file of each."""
        found = []
        for folder, _, names in os.walk(self.folder):
            if os.path.basename(folder) == "segments":
                for name in sorted(names):
                    path = os.path.join(folder, name)
                    if re.fullmatch(r"\d+", name):
                        found.append((int(name), os.path.relpath(path, self.folder), path))
        return found


def toggle(path, bit):
    with open(path, "r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))


def flip(options, command):
    store, chosen = Store(options.store, options.url, options.volume), random.Random(options.seed)
    segments = store.segments()
    if not segments:
        sys.exit("FAIL: no segments in %s" % options.store)
    for number, _, _ in segments:
        problems = store.check(number)
        if problems:
            sys.exit("FAIL: segment %d is damaged before any flip: %s" % (number, problems))
    missed, nameless, by_place = [], [], collections.Counter()
    for turn in range(options.flips):
        number, key, path = chosen.choice(segments)
        size = os.path.getsize(path)
        # A third at each end, where headers, tables and footer are.
        place = chosen.choice(("head", "body", "tail"))
        window = min(size, 1024)
        byte = {"head": chosen.randrange(window), "body": chosen.randrange(size),
                "tail": size - 1 - chosen.randrange(window)}[place]
        bit = byte * 8 + chosen.randrange(8)
        by_place[place] += 1
        toggle(path, bit)
        problems = store.check(number)
        if command and turn % 50 == 0:
            run = subprocess.run(
                command + ["inspect", "segment", options.volume, str(number), "--verify"],
                capture_output=True, text=True, check=False)
            if run.returncode != CORRUPT:
                sys.exit("FAIL: lsmctl ended with %d:\n%s%s" % (
                    run.returncode, run.stdout, run.stderr))
            problems.append(run.stdout + run.stderr)
        toggle(path, bit)
        what = "segment %d, bit %d of byte %d of %d (%s)" % (number, bit % 8, byte, size, place)
        if not problems:
            missed.append(what)
        for problem in problems:
            if key not in problem or not re.search(r"\d", problem.replace(key, "")):
                nameless.append("%s: %s" % (what, problem))
    print("  %d flips in %d segments (%s): %d found" % (
        options.flips, len(segments), ", ".join("%s %d" % p for p in sorted(by_place.items())),
        options.flips - len(missed)))
    for number, _, _ in segments:
        if store.check(number):
            sys.exit("FAIL: segment %d is still damaged after its bits were restored" % number)
    if missed:
        sys.exit("FAIL: not found:\n  " + "\n  ".join(missed[:20]))
    if nameless:
        sys.exit("FAIL: %d messages without object and offset:\n  %s" % (
            len(nameless), "\n  ".join(nameless[:10])))


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
    flipping.add_argument("url")
    flipping.add_argument("volume")
    flipping.add_argument("--flips", type=int, default=1000)
    options = parser.parse_args(arguments)
    if options.phase == "fill":
        fill(options.uri, options.mib, options.seed & 0xFFFFFFFF)
    else:
        flip(options, command)


if __name__ == "__main__":
    main()
