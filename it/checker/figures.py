"""One figure of a report of fio, over reads and writes.

usage: figures.py REPORT iops    requests a second
"""
import json
import sys


def main():
    path, figure = sys.argv[1:]
    if figure != "iops":
        sys.exit(f"no such figure: {figure}")
    with open(path) as file:
        text = file.read()
    # Its engine for NBD tells first that it is connected.
    job = json.loads(text[text.index("{"):])["jobs"][0]
    print(round(sum(job[kind]["iops"] for kind in ("read", "write"))))


if __name__ == "__main__":
    main()
