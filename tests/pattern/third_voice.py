#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The OASIS matcher on random cases beside the engine; skipped (77) where it is not installed.

usage: third_voice.py SAY_CASES N      (run by build/venv/bin/python when that is there)
"""
import json
import os
import subprocess
import sys
from pathlib import Path

VENV = Path(__file__).resolve().parents[2] / "build/venv/bin/python"

try:
    from stix2matcher.matcher import MatcherException, match
except ImportError as why:
    if VENV.exists() and "TOCSIN_VENV" not in os.environ:
        os.execve(VENV, [str(VENV)] + sys.argv, dict(os.environ, TOCSIN_VENV="1"))
    print("skipped: the OASIS matcher cannot be used (%s)" % why)
    sys.exit(77)


def main(say_cases, n):
    cases = matches = unread = 0
    done = subprocess.run([say_cases, n], stdout=subprocess.PIPE, check=True)
    for line in done.stdout.splitlines():
        case = json.loads(line)
        try:
            theirs = bool(match(case["pattern"], [case["bundle"]], stix_version="2.1"))
        except (MatcherException, ValueError, TypeError, KeyError) as why:
            unread += 1
            if unread < 4:
                print("the matcher gave up (%s): %s" % (str(why)[:200], case["pattern"]))
            continue
        cases += 1
        matches += theirs
        if theirs != case["match"]:
            print("matcher %s, engine %s: %s" % (theirs, case["match"], line.decode()))
            return 1
    print("%d cases agree, %d match, the matcher gave up on %d" % (cases, matches, unread))
    return 0 if cases else 1


sys.exit(main(*sys.argv[1:]))
