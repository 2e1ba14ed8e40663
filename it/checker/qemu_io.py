"""Random qemu-io commands, and the bytes that a disk must hold after them.

usage: qemu_io.py MODEL --commands N --seed N -- QEMU-IO...    MODEL: a file as long as the disk

Any offset and length down to single bytes, for which qemu reads, changes and writes. Each command
is followed by a read of what it left. MODEL is changed as the disk is; compare both afterwards.
"""
import argparse
import random
import re
import subprocess
import sys

BATCH = 40  # commands to a process, so that most of them meet what another connection left
LONGEST = 1 << 20
KINDS = ("write", "force", "vector", "zero", "unmap", "discard", "async")


class Script:
    def __init__(self, model, seed):
        self.model, self.random = model, random.Random(seed)
        self.commands = []

    def pick(self):
        length = int(2 ** self.random.uniform(0, LONGEST.bit_length() - 1))
        length = min(length, len(self.model))
        start = self.random.randrange(len(self.model) - length + 1)
        if self.random.random() < 0.5:
            start, length = start & ~511, (length + 511) & ~511
        return start, min(length, len(self.model) - start)

    def add(self):
        start, length = self.pick()
        kind = self.random.choice(KINDS)
        if kind == "discard":  # of whole sectors; what is left of others keeps its content
            start, length = start & ~511, max(512, length & ~511)
        pattern = 0 if kind in ("zero", "unmap", "discard") else self.random.randrange(1, 256)
        at = "%d %d" % (start, length)
        self.commands += {
            "write": ["write -P %d %s" % (pattern, at)],
            "force": ["write -f -P %d %s" % (pattern, at)],
            "vector": ["writev -P %d %d %s" % (pattern, start, self.vector(length))],
            "zero": ["write -z %s" % at],
            "unmap": ["write -z -u %s" % at],
            "discard": ["discard %s" % at],
            "async": ["aio_write -P %d %s" % (pattern, at), "aio_flush"],
        }[kind]
        self.commands.append("read -P %d %s" % (pattern, at))
        self.model[start:start + length] = bytes([pattern]) * length

    def vector(self, length):
        first = self.random.randrange(length + 1)
        return " ".join(str(part) for part in (first, length - first) if part)


def run(command, script):
    arguments = [word for line in script for word in ("-c", line)]
    done = subprocess.run(command[:-1] + arguments + command[-1:], capture_output=True, text=True,
                          check=False)
    output = done.stdout + done.stderr
    if done.returncode or re.search("failed|error", output, re.IGNORECASE):
        sys.exit("FAIL: qemu-io ended with %d:\n%s\n%s" % (
            done.returncode, "\n".join(script), output))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--commands", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    with open(options.model, "rb") as file:
        script = Script(bytearray(file.read()), options.seed)
    done = 0
    while done < options.commands:
        script.commands.clear()
        for _ in range(min(BATCH, options.commands - done)):
            script.add()
            done += 1
        run(options.command, script.commands + ["flush"])
    with open(options.model, "wb") as file:
        file.write(script.model)


if __name__ == "__main__":
    main()
