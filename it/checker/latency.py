"""The 99th percentile of a latency log of fio (log_unix_epoch=1), for each kind of spell.

usage: latency.py LOG [SPELLS]    LOG: lines 'ms since 1970, nanoseconds, ...'
                                  SPELLS: lines 'KIND FROM TO', ms since 1970, one after the other;
                                  without them, all of the log is one
                                  prints 'KIND MICROSECONDS SAMPLES' for each kind
"""
import bisect
import collections
import sys

# What a spell set off is over by then, and what was begun before it is finished.
SETTLES_MS = 200


def read_spells(lines):
    spells = []
    for line in lines:
        kind, begin, end = line.split()
        spells.append((int(begin) + SETTLES_MS, int(end), kind))
    return sorted(spells)


def read_log(lines):
    for line in lines:
        at, nanoseconds = line.split(",")[:2]
        yield int(at), int(nanoseconds)


def by_kind(log, spells):
    """The latencies of each kind, sorted. Who wrote the log must have been there in each spell."""
    found = [[] for _ in spells]
    begins = [begin for begin, _, _ in spells]
    for at, nanoseconds in log:
        i = bisect.bisect_right(begins, at) - 1
        if i >= 0 and at < spells[i][1]:
            found[i].append(nanoseconds)
    kinds = collections.defaultdict(list)
    for (begin, end, kind), samples in zip(spells, found):
        if not samples and end - begin > SETTLES_MS:
            raise ValueError(f"nothing was logged between {begin} and {end} ({kind})")
        kinds[kind] += samples
    return {kind: sorted(samples) for kind, samples in kinds.items()}


def p99(samples):
    return samples[len(samples) * 99 // 100]


def main():
    path, *rest = sys.argv[1:]
    with open(path) as file:
        log = list(read_log(file))
    if rest:
        with open(rest[0]) as file:
            spells = read_spells(file)
    else:
        spells = [(log[0][0], log[-1][0] + 1, "all")]
    kinds = by_kind(log, spells)
    for kind, samples in sorted(kinds.items()):
        print(kind, round(p99(samples) / 1000), len(samples))


if __name__ == "__main__":
    main()
