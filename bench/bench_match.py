#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tocsin match from end to end: a file of equality indicators, a file of observed-data as JSON lines,
the whole program, processor time. What it takes to start and to load the patterns is measured with
no observation and taken away.

usage: bench_match.py TOCSIN [INDICATORS [LINES]]"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TOCSIN = sys.argv[1]
INDICATORS = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
LINES = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
WANTED, LOAD = 200_000, 5.0


def address(i):
    i = i * 2654435761 % (1 << 32)
    return f"{i >> 24}.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"


def patterns(file):
    with open(file, "w") as f:
        for i in range(INDICATORS):
            f.write(f"[domain-name:value = 'host-{i}.example']\n" if i % 2
                    else f"[ipv4-addr:value = '{address(i)}']\n")


def observations(file):
    with open(file, "w") as f:
        for i in range(LINES):
            hit = i * 2 % INDICATORS if i % 100 == 0 else INDICATORS * 2 + i * 2
            f.write('{"type":"observed-data","id":"observed-data--%d","first_observed":'
                    '"2026-01-01T00:00:00Z","last_observed":"2026-01-01T00:00:00Z",'
                    '"number_observed":1,"objects":{"0":{"type":"network-traffic","src_ref":"1",'
                    '"dst_ref":"2","dst_port":443,"protocols":["tcp"]},"1":{"type":"ipv4-addr",'
                    '"value":"%s"},"2":{"type":"domain-name","value":"host-%d.test"}}}\n'
                    % (i, address(hit), i))


def spent(p, o, out):
    with open(out, "w") as f:
        child = subprocess.Popen([TOCSIN, "match", "--patterns", p, "--observations", o, "--json"],
                                 stdout=f)
        _, status, used = os.wait4(child.pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 1), status
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


with tempfile.TemporaryDirectory() as top:
    p, o, none, out = (str(Path(top) / n) for n in ("p.txt", "o.jsonl", "none", "out"))
    patterns(p)
    observations(o)
    Path(none).write_text("")
    load, _ = spent(p, none, out)
    whole, megabytes = spent(p, o, out)
    with open(out) as f:
        matches = sum(1 for _ in f)
    rate = LINES / max(whole - load, 1e-6)
    print(json.dumps({"bench": "match, the program", "indicators": INDICATORS, "lines": LINES,
                      "matches": matches, "load_s": round(load, 2), "lines_per_s": round(rate),
                      "megabytes": round(megabytes),
                      "wanted": {"load_s": LOAD, "lines_per_s": WANTED},
                      "holds": load <= LOAD and rate >= WANTED}), flush=True)
