#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What auditing costs a reader: bench_audited.py LOAD LIVE UNAUDITED. Two nodes with the same objects,
one of them a program of this folder that keeps no audit log, asked in turn in one run. Beside what came
through in a second: the processor time of the node for a page. With several connections the first depends on
which of the server's threads takes them (all of them one, now and then), so ratios are given with their quartiles."""
import json
import os
import statistics
import subprocess
import sys

load, live, unaudited = sys.argv[1:4]
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tests", "api"))
from node import FORUM, ROOT, Node, indicator  # noqa: E402

USER = "officer:officer, quiet bells"
ROUNDS = 15


def start(program):
    os.environ["TOCSIN_LIVE"] = program
    n = Node()
    objects = [indicator(f"7d1f2a4e-3b0c-4c59-9f5e-{i:012x}", name=f"object {i}",
                         description="text " * (100 + 700 * (i % 7 == 0))) for i in range(1000)]
    for i in range(0, 1000, 500):
        n.add(objects[i:i + 500], FORUM)
    return n


def measure(n, path, connections):
    before = processor(n)
    out = subprocess.run([load, "get", str(n.address[1]), path, USER, str(connections), "1"],
                         capture_output=True, text=True, timeout=60)
    r = json.loads(out.stdout)
    if r["bad"]:
        sys.exit(f"{r['bad']} answers were not 2xx")
    return r["per_second"], (processor(n) - before) / r["done"]


def spread(ratios):
    low, middle, high = statistics.quantiles(ratios, n=4)
    return f"{middle:.3f} ({low:.2f}-{high:.2f})"


def processor(n):
    with open(f"/proc/{n.process.pid}/stat") as f:
        v = f.read().rsplit(")", 1)[1].split()
    return (int(v[11]) + int(v[12])) / os.sysconf("SC_CLK_TCK")


def main():
    nodes = start(live), start(unaudited)
    for limit in (1000, 100, 10):
        path = ROOT + f"collections/{FORUM}/objects/?limit={limit}"
        assert len({len(n.get(path).json["objects"]) for n in nodes}) == 1
        for connections in (1, 4):
            pairs = []
            for i in range(ROUNDS):  # the order turns, so that neither is always the one behind
                first = i % 2
                one = measure(nodes[first], path, connections)
                two = measure(nodes[1 - first], path, connections)
                pairs.append((two, one) if first else (one, two))
            say = f"TAXII pages of {limit}, {connections} connection(s)"
            rate = [statistics.median(p[k][0] for p in pairs) for k in (0, 1)]
            print(f"{say:38} {rate[0]:7.0f}/s, without {rate[1]:7.0f}/s: {spread(a[0] / b[0] for a, b in pairs)}"
                  f"   processor {spread(b[1] / a[1] for a, b in pairs)}"
                  f"{'   at least 0.95' if limit > 10 else ''}", flush=True)
    for n in nodes:
        n.close()


main()
