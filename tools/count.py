#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts test results.

count.py --tests testlog.json   prints "pass|fail|skip NAME" for every case of Meson's log: each
                                line of a test that speaks TAP, else the test itself
count.py RESULTS                prints what failed and was skipped, then "N passed, N failed";
                                exit 1 when something failed or nothing passed
"""
import json
import re
import sys

TAP = re.compile(r"^(not ok|ok)\b\s*\d*\s*-?\s*([^#\n]*)(?:#\s*(skip|todo)\S*)?([^\n]*)", re.I | re.M)
VERDICT = {"OK": "pass", "EXPECTEDFAIL": "pass", "SKIP": "skip"}


def cases(test):
    """(verdict, name) of one entry of the log."""
    whole = VERDICT.get(test["result"], "fail")
    out = test.get("stdout") or ""
    found = []
    if re.search(r"^1\.\.\d+", out, re.M):
        for ok, name, skip, rest in TAP.findall(out):
            # cmocka says "not ok 1 # SKIP name" of what it skipped
            verdict = "skip" if skip else "pass" if ok.lower() == "ok" else "fail"
            found.append((verdict, f"{test['name']}: {(name.strip() or rest.strip())}"))
    # a crash, a leak or a time-out fails the test although its lines are fine
    if not found or (whole == "fail" and not any(v == "fail" for v, _ in found)):
        found.append((whole, f"{test['name']} ({test['result']})"))
    return found


def from_log(path):
    with open(path) as f:
        for line in f:
            for verdict, name in cases(json.loads(line)):
                print(verdict, name)


def total(path):
    count = {"pass": 0, "fail": 0, "skip": 0}
    rows = [line.rstrip("\n").split(" ", 1) for line in open(path)]
    for verdict, _ in rows:
        count[verdict] += 1
    print()
    for wanted in ("skip", "fail"):
        for verdict, name in rows:
            if verdict == wanted:
                print(f"{'skipped' if wanted == 'skip' else 'FAILED'}: {name}")
    skipped = f", {count['skip']} skipped" if count["skip"] else ""
    print(f"{count['pass']} passed, {count['fail']} failed{skipped}")
    return 1 if count["fail"] or not count["pass"] else 0


if __name__ == "__main__":
    if sys.argv[1] == "--tests":
        from_log(sys.argv[2])
    else:
        sys.exit(total(sys.argv[1]))
