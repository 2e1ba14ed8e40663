"""How long FLUSH, or a read of 4 KiB, takes beside the one request to the store that it needs.

usage: one_request.py URI METRICS flush|read COUNT AT_MOST SEED [FIRST]

flush: writes 4 KiB and flushes, COUNT times, and compares with what a PUT took meanwhile.
read: reads 4 KiB in each MiB from number FIRST on, in no order, and compares with what a ranged
GET took meanwhile. METRICS is the address of the server's metrics. Fails above the ratio AT_MOST.
"""
import random
import statistics
import sys
import time
import urllib.request

from clients import connect

BLOCK = 4096
MIB = 1 << 20


def store_time(metrics, operation):
    """(requests, seconds) of the store so far."""
    text = urllib.request.urlopen(metrics).read().decode()
    found = {}
    for what in "count", "sum":
        name = f'lsmbd_store_request_duration_seconds_{what}{{op="{operation}"'
        found[what] = sum(
            float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))
    return found["count"], found["sum"]


def timed(action):
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def flushes(client, count, rng, _):
    for _ in range(count):
        client.pwrite(rng.randbytes(BLOCK), rng.randrange(count) * BLOCK)
        yield timed(client.flush)


def reads(client, count, rng, first):
    places = [i * MIB + rng.randrange(MIB // BLOCK) * BLOCK for i in range(first, first + count)]
    rng.shuffle(places)
    for place in places:
        yield timed(lambda: client.pread(BLOCK, place))


def main(uri, metrics, what, count, at_most, seed, first="0"):
    rng = random.Random(int(seed))
    client = connect(uri)
    requests_before, seconds_before = store_time(metrics, "put" if what == "flush" else "read")
    times = list((flushes if what == "flush" else reads)(client, int(count), rng, int(first)))
    requests, seconds = store_time(metrics, "put" if what == "flush" else "read")
    requests, seconds = requests - requests_before, seconds - seconds_before
    if requests < int(count):
        sys.exit(f"{requests:.0f} requests to the store for {count}: they were not needed")
    took, request = statistics.mean(times), seconds / requests
    ratio = took / request
    print(f"{what}: mean {took * 1000:.2f} ms, median {statistics.median(times) * 1000:.2f} ms, "
          f"largest {max(times) * 1000:.2f} ms; {requests:.0f} requests of mean "
          f"{request * 1000:.2f} ms: ratio {ratio:.3f}, at most {at_most}")
    sys.exit(ratio > float(at_most))


if __name__ == "__main__":
    main(*sys.argv[1:])
