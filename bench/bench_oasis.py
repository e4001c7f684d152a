#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pattern engine beside the OASIS matcher (PyPI stix2-matcher), in one run, on the same parsed
objects; verdicts are compared first, and a difference ends it. Skipped (77) where the matcher is
not installed. Processor time of one core each; neither compiles patterns in it.

usage: bench_oasis.py BENCH_PATTERN      (run by build/venv/bin/python when that is there)

 1. 100 patterns x 1,000 observations, each pair a verdict. Wanted: 1,000 times the rate.
 2. REPEATS n/2 TIMES over n observations, and three FOLLOWEDBY: what n costs each of the two.
"""
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

VENV = Path(__file__).resolve().parents[1] / "build/venv/bin/python"
WANTED = 1000
PATIENCE = 20  # seconds: the matcher is not asked for a step that would take longer (20 times the last)

try:
    from stix2matcher.matcher import Pattern
except ImportError as why:
    if VENV.exists() and "TOCSIN_VENV" not in os.environ:
        os.execve(VENV, [str(VENV)] + sys.argv, dict(os.environ, TOCSIN_VENV="1"))
    print("skipped: the OASIS matcher cannot be used (%s)" % why)
    sys.exit(77)


def observed(i, objects, second=0):
    at = "2026-01-01T%02d:%02d:%02dZ" % (second // 3600, second // 60 % 60, second % 60)
    ids = ["%s--%08x-0000-4000-8000-%012x" % (o["type"], i, k) for k, o in enumerate(objects)]
    return {"type": "bundle", "id": "bundle--%08x-0000-4000-8000-000000000000" % i, "objects": [
        {"type": "observed-data", "spec_version": "2.1", "first_observed": at, "last_observed": at,
         "id": "observed-data--%08x-0000-4000-8000-000000000000" % i, "number_observed": 1,
         "object_refs": ids}] + [dict(o, id=n, spec_version="2.1") for n, o in zip(ids, objects)]}


def mixed(r):
    """Patterns and observations over the same few values: about one pair in fifty matches."""
    host = lambda: "h%d.example-%d.net" % (r.randrange(40), r.randrange(8))
    address = lambda: "198.51.%d.%d" % (r.randrange(8), r.randrange(64))
    kinds = [lambda: "[domain-name:value = '%s']" % host(),
             lambda: "[ipv4-addr:value = '%s' OR domain-name:value = '%s']" % (address(), host()),
             lambda: "[domain-name:value IN ('%s', '%s', '%s')]" % (host(), host(), host()),
             lambda: "[ipv4-addr:value ISSUBSET '198.51.%d.0/26']" % r.randrange(8),
             lambda: "[domain-name:value LIKE '%%.example-%d.net']" % r.randrange(8),
             lambda: "[domain-name:value MATCHES '^h%d[0-9]\\\\.']" % r.randrange(4),
             lambda: "[file:size > %d AND file:size <= %d]" % ((lambda a: (a, a + 3000))(
                 r.randrange(90000))),
             lambda: "[file:name = 'f%d' AND file:size > %d]" % (r.randrange(50), r.randrange(90000)),
             lambda: "[file:hashes.'SHA-256' = '%064x']" % r.randrange(300),
             lambda: "[file:name = 'f%d'] OR [ipv4-addr:value = '%s']" % (r.randrange(50), address())]
    patterns = [kinds[i % len(kinds)]() for i in range(100)]
    return patterns, [observed(i, [
        {"type": "domain-name", "value": host()}, {"type": "ipv4-addr", "value": address()},
        {"type": "file", "name": "f%d" % r.randrange(50), "size": r.randrange(100000),
         "hashes": {"SHA-256": "%064x" % r.randrange(300)}}]) for i in range(1000)]


def engine(program, patterns, bundles, turns):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "p").write_text("".join(p + "\n" for p in patterns))
        (Path(folder) / "b").write_text("".join(json.dumps(b) + "\n" for b in bundles))
        out = subprocess.run([program, "--cases", folder + "/p", folder + "/b", str(turns)],
                             stdout=subprocess.PIPE, check=True).stdout
    got = json.loads(out)
    return got["seconds"], {tuple(m) for m in got["matches"]}


def say(**what):
    print(json.dumps(what), flush=True)


def many(program):
    patterns, bundles = mixed(random.Random(1))
    compiled = [Pattern(p, "2.1") for p in patterns]
    start = time.process_time()
    theirs = {(i, k) for i, p in enumerate(compiled) for k, b in enumerate(bundles)
              if p.match([b])}
    slow = time.process_time() - start
    fast, ours = engine(program, patterns, bundles, 20)
    n = len(patterns) * len(bundles)
    ratio = slow / fast
    say(bench="pattern beside OASIS", pairs=n, matches=len(ours), same=theirs == ours,
        theirs_per_s=round(n / slow), ours_per_s=round(n / fast), ratio=round(ratio),
        wanted=WANTED, holds=theirs == ours and ratio >= WANTED)
    return theirs == ours


def curve(program, name, pattern, sizes, what):
    """All observations at once, a verdict for all of them."""
    same, patient = True, True
    for n in sizes:
        bundles = [observed(i, [{"type": "file", "name": "f%d" % what(i, n)}], i)
                   for i in range(n)]
        text = pattern(n)
        fast, ours = engine(program, [text], bundles, 5)
        slow = None
        if patient:
            compiled = Pattern(text, "2.1")
            start = time.process_time()
            theirs = bool(compiled.match(bundles))
            slow = time.process_time() - start
            same = same and theirs == bool(ours)
            patient = slow * 20 < PATIENCE
        say(bench="pattern beside OASIS, curve", pattern=name, observations=n,
            ours_us=round(fast * 1e6, 1),
            theirs_us=round(slow * 1e6) if slow is not None else "not asked")
    return same


def main(program):
    ok = many(program)
    # one too few of them: all combinations must be looked at
    ok = curve(program, "REPEATS n/2 of n/2 - 1", lambda n: "[file:name = 'f0'] REPEATS %d TIMES "
               "WITHIN 5000 SECONDS" % (n // 2), (8, 12, 16, 20, 24, 1000, 4000),
               lambda i, n: 0 if i < n // 2 - 1 else 1) and ok
    ok = curve(program, "REPEATS n/2 of n, too far apart",
               lambda n: "[file:name = 'f0'] REPEATS %d TIMES WITHIN 1 SECONDS" % (n // 2),
               (8, 12, 16, 20, 24, 1000, 4000), lambda i, n: 0) and ok
    ok = curve(program, "three FOLLOWEDBY, backwards", lambda n: "[file:name = 'f3'] FOLLOWEDBY "
               "[file:name = 'f2'] FOLLOWEDBY [file:name = 'f1'] FOLLOWEDBY [file:name = 'f0']",
               (8, 16, 32, 64, 128, 1000, 4000), lambda i, n: i * 4 // n) and ok
    return 0 if ok else 1


sys.exit(main(*sys.argv[1:]))
