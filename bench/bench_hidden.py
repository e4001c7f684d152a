#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long a node takes to say that something is not there: for ids that are hidden from the caller
and for ids that nobody has, in turn over one connection. Both lines should be the same but for noise.

usage: TOCSIN_LIVE=build/dev/tests/api/live bench/bench_hidden.py [ROUNDS]
"""
import http.client
import random
import statistics
import sys
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "api"))
from node import OTHER, Node, basic, indicator  # noqa: E402

AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"


def measure(rounds):
    n = Node()
    there = [indicator(object_marking_refs=[AMBER]) for _ in range(500)]
    assert n.add(there, OTHER, login="stranger").json["failure_count"] == 0
    c = http.client.HTTPConnection(*n.address, timeout=30)
    took, roll = {"hidden": [], "absent": []}, random.Random(1)
    for k in range(2 * rounds + 200):
        kind = ("hidden", "absent")[k % 2]
        o = roll.choice(there)["id"] if kind == "hidden" else f"indicator--{uuid.uuid4()}"
        start = time.perf_counter_ns()
        a = n.get(f"/api/v1/objects/{o}", login="grid", connection=c)
        if k >= 200:
            took[kind].append((time.perf_counter_ns() - start) / 1000)
        assert a.status == 404, a
    n.close()
    return took


def main():
    took = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
    for kind, v in took.items():
        q = statistics.quantiles(v, n=20)
        print(f"{kind}: median {statistics.median(v):.1f} us, p5 {q[0]:.1f}, p95 {q[-1]:.1f}, "
              f"{len(v)} requests")
    a, b = (statistics.median(v) for v in took.values())
    # what differs between two halves of the same kind is noise
    half = [abs(statistics.median(v[::2]) - statistics.median(v[1::2])) for v in took.values()]
    print(f"difference of medians {a - b:+.2f} us; between halves of one kind {max(half):.2f} us")


if __name__ == "__main__":
    main()
