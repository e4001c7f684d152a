#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every single outage of large graphs, one collapse, many runs, the European grid; then what else
answers such a question, on the same graphs. One line of JSON each, the wanted value beside.

    bench_sweeps.py TOCSIN GRAPH_FILE [--most ASSETS]

Graphs come from the generators of $TOCSIN_ORACLES (../shared/oracles/cascade) where they are: then
the sums must be those of its table. Otherwise from bench/graph_file.c. Peers are run by
build/venv-bench (tools/venv.sh) where it is; one that is not installed is said. Exit 1: a sum or a
verdict is not equal.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ORACLES = Path(os.environ.get("TOCSIN_ORACLES", ROOT.parent / "shared/oracles/cascade"))
GRID = Path(os.environ.get("TOCSIN_DATA") or ROOT.parent / "shared/data") / "grid"
# kind, assets: sum of failed, sum of minutes
TABLE = {("redundant", 100000): (601667, 926627678), ("brittle", 100000): (5126344, 19497578552)}
# seconds: static, timed
WANTED = {("redundant", 100000): (0.1, 0.2), ("brittle", 100000): (0.5, 1.5),
          ("redundant", 1000000): (0.6, None), ("brittle", 1000000): (8, None)}
BYTES = {100000: 40e6}
wrong = []


def say(**line):
    print(json.dumps({"bench": "sweeps", **line}), flush=True)


def judge(name, value, wanted):
    return {name: value} if wanted is None else {
        name: value, name + "_wanted": wanted, name + "_holds": value <= wanted}


def make(kind, assets, tmp, own):
    path = tmp / f"{kind}-{assets}.bin"
    source = ORACLES / f"gen_{kind}.c"
    if not source.exists():
        subprocess.run([own, str(assets), "1", kind, path], check=True)
        return path, False
    program = tmp / f"gen_{kind}"
    if not program.exists():
        subprocess.run(["cc", "-O2", "-w", source, "-lm", "-o", program], check=True)
    subprocess.run([program, str(assets), "1", path], check=True, stderr=subprocess.DEVNULL)
    return path, True


def run(tocsin, path, *more):
    out = subprocess.run([tocsin, "bench", "cascade", "--graph", path, *more], check=True,
                         stdout=subprocess.PIPE)
    return json.loads(out.stdout)


def sweeps(tocsin, kind, assets, path, known):
    """All on two threads; the sums also on one, where that takes no minutes."""
    r = run(tocsin, path, "--threads", "2", *(["--runs", "10000"] if kind == "redundant" else []))
    sums = (r["timed_failed_sum"], r["failure_minutes_sum"])
    if sums[0] != r["failed_sum"] or (known and sums != TABLE.get((kind, assets), sums)):
        wrong.append(f"{kind} {assets}: the sums are not right")
    if assets <= 100000:
        one = run(tocsin, path)
        if (one["failed_sum"], one["failure_minutes_sum"]) != sums:
            wrong.append(f"{kind} {assets}: one thread finds other sums")
    static, timed = WANTED.get((kind, assets), (None, None))
    c, large = r["collapse"], assets >= 1000000 and kind == "brittle"
    say(graph=kind, assets=assets, dependencies=r["dependencies"], failed_sum=sums[0],
        minutes_sum=sums[1], by_table=known and (kind, assets) in TABLE,
        **judge("static_s", r["seconds"], static), **judge("timed_s", r["timed_seconds"], timed),
        load_s=r["load_seconds"], **judge("graph_bytes", r["graph_bytes"], BYTES.get(assets)))
    say(collapse=c["failed"], assets=assets, edges=c["edges"],
        **judge("static_ms", c["static_ms"], 100 if large else None),
        **judge("timed_ms", c["timed_ms"], 200 if large else None),
        **judge("with_causes_ms", c["full_ms"], 200 if large else None),
        random_reads_ms=c["random_reads_ms"],
        **judge("times_the_limit", round(c["static_ms"] / max(c["random_reads_ms"], 1e-3), 2),
                4 if large else None))
    if "monte_carlo" in r:
        m = r["monte_carlo"]
        if not m["same_on_one_thread"]:
            wrong.append("many runs: one thread finds something else")
        say(monte_carlo=m["runs"], failures_each=m["failed"], assets=assets,
            same_on_one_thread=m["same_on_one_thread"], **judge("seconds", m["seconds"], 1))
    return r


def grid(tocsin, tmp):
    if not GRID.is_dir():
        say(grid="European transmission grid", skipped="the data is not there")
        return
    subprocess.run([sys.executable, ROOT / "tools/grid-register.py", GRID, tmp / "grid"],
                   check=True, stdout=subprocess.DEVNULL)
    start = time.monotonic()
    out = subprocess.run([tocsin, "critical", "--register", tmp / "grid/assets.csv",
                          tmp / "grid/dependencies.csv", "--by", "assets", "--top", "1", "--json"],
                         check=True, stdout=subprocess.PIPE)
    took = time.monotonic() - start
    r = json.loads(out.stdout)
    say(grid="European transmission grid, islanding", outages=r["assets"],
        gravest=r["ranking"][0]["failed"], note="reading the register is in the seconds",
        **judge("seconds", round(took, 3), 10))


def peers(path, r):
    mine = ROOT / "build/venv-bench/bin/python"
    out = subprocess.run([mine if mine.exists() else sys.executable, ROOT / "bench/peers.py", path,
                          json.dumps(r)])
    if out.returncode:
        wrong.append("a peer finds something else")


def main():
    tocsin, own = sys.argv[1], sys.argv[2]
    most = int(sys.argv[4]) if sys.argv[3:4] == ["--most"] else 1000000
    with tempfile.TemporaryDirectory() as name:
        tmp = Path(name)
        grid(tocsin, tmp)
        for assets in (100000, 1000000):
            for kind in ("redundant", "brittle"):
                if assets > most:
                    continue
                path, known = make(kind, assets, tmp, own)
                r = sweeps(tocsin, kind, assets, path, known)
                if assets == 100000:
                    peers(path, r)
                path.unlink()
    for text in wrong:
        print(text, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
