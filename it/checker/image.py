"""A disk image to copy around: text, noise, zeros and runs that end within a page.

usage: image.py create FILE MIB --seed N
       image.py map FILE < JSON    compares a map from nbdinfo or qemu-img with the image

A map has to tell that zeros are zeros, in pages of 4 KiB, and must not tell it of anything else.
"""
import argparse
import json
import random
import sys

PAGE = 4096
SECTOR = 512
NBD_STATE_ZERO = 2


def pieces(length, seed):
    """Bytes that make up the image, each piece a multiple of a sector."""
    chosen = random.Random(seed)
    left = length
    while left:
        size = min(left, SECTOR << chosen.randrange(12))
        if chosen.random() < 0.25:
            size = min(left, size + SECTOR * chosen.randrange(1, 8))
        kind = chosen.choice(("zeros", "noise", "text"))
        if kind == "zeros":
            yield bytes(size)
        elif kind == "noise":
            yield chosen.randbytes(size)
        else:
            line = b"%016x at %012x\n" % (chosen.getrandbits(64), length - left)
            yield (line * (size // len(line) + 1))[:size]
        left -= size


def create(path, mib, seed):
    with open(path, "wb") as file:
        for piece in pieces(mib << 20, seed):
            file.write(piece)


def extents(rows):
    """(start, length, is_zero) of a map in either tool's JSON."""
    for row in rows:
        if "type" in row:
            yield row["offset"], row["length"], bool(row["type"] & NBD_STATE_ZERO)
        else:
            yield row["start"], row["length"], row["zero"]


def compare(image, found):
    """Why the map does not fit the image, or None."""
    at = 0
    for start, length, is_zero in found:
        if start != at or length <= 0:
            return "extent at %d, expected at %d" % (start, at)
        part = image[start:start + length]
        if is_zero and any(part):
            return "%d bytes at %d are not all zeros" % (length, start)
        if not is_zero:
            for page in range(-start % PAGE, length - PAGE + 1, PAGE):
                if not any(part[page:page + PAGE]):
                    return "zeros at %d pass for data" % (start + page)
        at += length
    return None if at == len(image) else "ends at %d of %d" % (at, len(image))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=("create", "map"))
    parser.add_argument("file")
    parser.add_argument("mib", type=int, nargs="?")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.verb == "create":
        create(options.file, options.mib, options.seed)
        return
    with open(options.file, "rb") as file:
        image = file.read()
    found = list(extents(json.load(sys.stdin)))
    reason = compare(image, found)
    if reason:
        sys.exit("FAIL: map: " + reason)
    print("%d extents" % len(found))


if __name__ == "__main__":
    main()
