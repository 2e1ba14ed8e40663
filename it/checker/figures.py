"""One figure of a report of fio, over reads and writes.

usage: figures.py REPORT iops    requests a second
       figures.py REPORT p99     99 % took at most so many microseconds
"""
import json
import sys


def main():
    path, figure = sys.argv[1:]
    with open(path) as file:
        text = file.read()
    # Its engine for NBD tells first that it is connected.
    job = json.loads(text[text.index("{"):])["jobs"][0]
    kinds = [job["read"], job["write"]]
    if figure == "iops":
        print(round(sum(kind["iops"] for kind in kinds)))
    else:
        print(round(max(kind["lat_ns"]["percentile"]["99.000000"] for kind in kinds) / 1000))


if __name__ == "__main__":
    main()
