#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What else answers "who fails with it", for each single outage of one graph file.

    peers.py GRAPH_FILE RESULT     RESULT: the line that "tocsin bench cascade" printed for the file

  heapq               the whole model (k of n, buffers, times) in good sparse Python
  scipy fixed point   k of n by sparse matrices, step by step until nothing changes; no times
  igraph, networkx    who can be reached; no k of n, no times: another, easier question

Each is run on samples of the four tiers (0.5, 4.5, 20 and 75 % of the assets; steps of equal width)
and its seconds for all outages are extrapolated from the tiers' means, which is said in the line.
Verdicts come first: where heapq does all assets its sums must be Tocsin's, the fixed point must name
as many as heapq for each sample, and igraph and networkx must reach the same. Processor time."""
import heapq
import json
import struct
import sys
import time
from array import array

SAMPLES = {"heapq": 400, "scipy": 12, "igraph": 12, "networkx": 3}
wrong = []


class Graph:
    def __init__(self, path):
        with open(path, "rb") as f:
            self.n, m, e, _ = struct.unpack("<4I", f.read(16))
            read = lambda kind, count: array(kind, f.read(count * array(kind).itemsize)).tolist()
            self.owner, need, self.minutes = read("I", m), read("I", m), read("I", m)
            start, supplier = read("Q", m + 1), read("I", e)
        self.edges = [(supplier[i], k) for k in range(m) for i in range(start[k], start[k + 1])]
        self.lost_with = [start[k + 1] - start[k] - need[k] + 1 for k in range(m)]
        self.out = [[] for _ in range(self.n)]
        for s, k in self.edges:
            self.out[s].append(k)
        bounds = [0, self.n // 200, self.n // 20, self.n // 4, self.n]
        self.tiers = list(zip(bounds, bounds[1:]))


def cascade(g, v):
    """Failed, sum of minutes."""
    queue, time_of, lost, done, total = [(0, v)], {v: 0}, {}, set(), 0
    out, owner, minutes, lost_with = g.out, g.owner, g.minutes, g.lost_with
    while queue:
        now, v = heapq.heappop(queue)
        if v in done:
            continue
        done.add(v)
        total += now
        for k in out[v]:
            gone = lost.get(k, 0) + 1
            lost[k] = gone
            if gone == lost_with[k]:
                w, at = owner[k], now + minutes[k]
                if at < time_of.get(w, 1 << 60):
                    time_of[w] = at
                    heapq.heappush(queue, (at, w))
    return len(done), total


def fixed_point(g):
    import numpy as np
    from scipy.sparse import csr_matrix
    m = len(g.owner)
    rows, cols = [k for _, k in g.edges], [s for s, _ in g.edges]
    needs = csr_matrix((np.ones(len(rows), np.int32), (rows, cols)), shape=(m, g.n))
    owns = csr_matrix((np.ones(m, np.int32), (g.owner, range(m))), shape=(g.n, m))
    limit = np.array(g.lost_with)

    def ask(v):
        down = np.zeros(g.n, np.int32)
        down[v] = 1
        while True:
            more = (owns @ ((needs @ down) >= limit).astype(np.int32) > 0) | (down > 0)
            if more.sum() == down.sum():
                return int(down.sum())
            down = more.astype(np.int32)
    return ask


def with_igraph(g):
    import igraph
    graph = igraph.Graph(n=g.n, edges=[(s, g.owner[k]) for s, k in g.edges], directed=True)
    return lambda v: len(graph.subcomponent(v, mode="out"))


def with_networkx(g):
    import networkx
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(g.n))
    graph.add_edges_from((s, g.owner[k]) for s, k in g.edges)
    return lambda v: len(networkx.descendants(graph, v)) + 1


def sample(g, ask, count):
    """Seconds for all outages, extrapolated; {asset: answer}."""
    total, answers = 0.0, {}
    for first, end in g.tiers:
        chosen = range(first, end, max((end - first) // count, 1))
        start = time.process_time()
        for v in chosen:
            answers[v] = ask(v)
        total += (time.process_time() - start) / len(chosen) * (end - first)
    return total, answers


def say(peer, seconds, ours, **more):
    print(json.dumps({"bench": "sweeps", "peer": peer, "all_outages_s": round(seconds, 3),
                      "ours_s": ours, "times": round(seconds / ours, 1), **more}), flush=True)


def python_heap(g, r):
    ours = r["timed_seconds"]
    if r["failed_sum"] <= 1000000:
        start = time.process_time()
        answers = [cascade(g, v) for v in range(g.n)]
        took, how = time.process_time() - start, "all outages"
        if (sum(a for a, _ in answers), sum(b for _, b in answers)) != (
                r["timed_failed_sum"], r["failure_minutes_sum"]):
            wrong.append("heapq finds other sums")
    else:
        took, _ = sample(g, lambda v: cascade(g, v), SAMPLES["heapq"])
        how = "extrapolated from samples"
    say("python heapq", took, ours, question="the same", how=how, times_wanted=20,
        times_holds=took / ours >= 20)


def others(g, r):
    reach = {}
    for peer, build, question in (("scipy", fixed_point, "without times"),
                                  ("igraph", with_igraph, "reachable only"),
                                  ("networkx", with_networkx, "reachable only")):
        try:
            ask = build(g)
        except ImportError:
            print(json.dumps({"bench": "sweeps", "peer": peer, "skipped": "not installed"}))
            continue
        took, answers = sample(g, ask, SAMPLES[peer])
        truth = {v: cascade(g, v)[0] for v in answers}
        more = {}
        if peer == "scipy":
            same = all(answers[v] == truth[v] for v in answers)
        else:
            same = all(reach.setdefault(v, a) == a for v, a in answers.items())
            more["warned_for_each_failed"] = round(sum(answers.values()) / sum(truth.values()), 1)
        if not same:
            wrong.append(f"{peer} finds something else")
        say(peer, took, r["seconds"], question=question, how="extrapolated from samples",
            samples=len(answers), **more)


def main():
    g, r = Graph(sys.argv[1]), json.loads(sys.argv[2])
    python_heap(g, r)
    others(g, r)
    for text in wrong:
        print(text, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
