#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tocsin demo: the story to its end, two different warnings, and nothing left behind however it
ends.

usage: test_demo.py TOCSIN"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request

from served import SECONDS, Tocsin, check, done

TOCSIN = sys.argv[1]
tocsin = Tocsin(TOCSIN)


def start(env, last):
    """A demo that has printed a line that begins with last, and its output so far."""
    p = subprocess.Popen([TOCSIN, "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                         env=env)
    said = ""
    for line in p.stdout:
        said += line
        if line.startswith(last):
            break
    return p, said


def end(p, sig):
    p.send_signal(sig)
    _, errors = p.communicate(timeout=SECONDS)
    return p.returncode, errors


def main():
    with tempfile.TemporaryDirectory() as top:
        env = {**os.environ, "TMPDIR": top}
        r = tocsin("demo", "--once", env=env)
        check("--once plays to the end", r.returncode == 0 and
              r.stdout.endswith("Done; the folder is removed.\n") and not r.stderr, r)
        check("all seven steps are shown", re.findall(r"^(\d)\. ", r.stdout, re.M) == list("1234567"))
        check("and nothing is left", not os.listdir(top), os.listdir(top))
        parts = re.split(r"---- (.*) ----", r.stdout.split("\n7. ")[1])[1:]
        told = dict(zip(parts[::2], parts[1::2]))
        check("two recipients are told different things", len(told) == 2 and
              len(set(told.values())) == 2, told.keys())
        for name, own, others in (("Water supply operator NL", "waterworks", "hospital"),
                                  ("Hospital group NL", "hospital", "waterworks")):
            text = told.get(name, "")
            check(f"{name} reads of its own assets only", own in text and others not in text and
                  "substation" not in text, text)
            check(f"{name} reads that it is an exercise",
                  text.count("EXERCISE, NOT REAL") == text.count("Check reserves") > 0, text)

        p, said = start(env, "Ctrl-C")
        addresses = re.findall(r"^   (\S.*?) +(http://127\.0\.0\.1:\d+/signin\?code=\S+)$", said, re.M)
        check("it prints an address with a one-time sign-in for each of three", len(addresses) == 3, said)
        url = addresses[0][1].split("/signin")[0]
        with urllib.request.urlopen(url + "/", timeout=SECONDS) as page:
            check("the page is there", page.status == 200 and b"Tocsin" in page.read())
        check("meanwhile its folder is there", len(os.listdir(top)) == 1, os.listdir(top))
        status, errors = end(p, signal.SIGINT)
        check("SIGINT ends it with 0 and nothing is left", (status, errors, os.listdir(top)) ==
              (0, "", []), (status, errors, os.listdir(top)))
        p, said = start(env, "Ctrl-C")
        status, errors = end(p, signal.SIGTERM)
        check("SIGTERM, too", (status, os.listdir(top)) == (0, []), (status, errors, os.listdir(top)))
        for step in ("1.", "3.", "6."):
            p, said = start(env, step)
            status, errors = end(p, signal.SIGINT)
            check(f"SIGINT in step {step} leaves nothing", os.listdir(top) == [],
                  (status, errors, os.listdir(top)))

        r = tocsin("demo", "--listen", "0.0.0.0:0", env=env)
        check("it serves on no address that others reach", r.returncode != 0 and
              "TLS" in r.stderr and not os.listdir(top), r)
        r = tocsin("demo", "--once", env={**env, "TMPDIR": top + "/none"})
        check("no temporary folder: said, and nothing is played", r.returncode == 4 and
              "no folder can be made in" in r.stderr and "\n2." not in r.stdout, r)
    done()


main()
