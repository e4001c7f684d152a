#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden tests of the command line.

usage: run.py PROGRAM [--accept] FILE.t...

A .t file is a small session. Lines that start with '#' or are empty mean nothing; "$ " starts a
command for sh (">" in the first column goes on with it); what follows is what it must print: lines
of standard output as they are, lines of standard error behind "2> ", and last "[N]" when the exit
status is not 0. A line that ends with " (re)" is a regular expression. Lines of output that are empty or
look like one of these forms stand behind "| ".

    # a wrong call says what is wrong
    $ tocsin zebra
    2> tocsin: there is no command 'zebra'; see tocsin --help
    [2]

All commands of a file run in one new empty folder, where "tocsin" is the program and $HERE the
folder of the file (for its inputs). --accept writes what was printed into the file instead.
Prints TAP, one line for each command.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS = 60


class Step:
    """A command and what it must print."""

    def __init__(self, number, command):
        self.number = number  # of its line in the file
        self.command = command
        self.want = []
        self.head = []  # lines as written: the command itself
        self.after = []  # comments and empty lines behind its output


def parse(path):
    """(lines before the first command, steps)"""
    intro, steps = [], []
    for number, line in enumerate(path.read_text().split("\n"), 1):
        step = steps[-1] if steps else None
        if line.startswith("$ "):
            step = Step(number, line[2:])
            step.head.append(line)
            steps.append(step)
        elif not step:
            intro.append(line)
        elif line.startswith("> ") and not step.want and not step.after:
            step.command += "\n" + line[2:]
            step.head.append(line)
        elif line.startswith("#") or not line or step.after:
            step.after.append(line)
        else:
            step.want.append(line)
    return intro, steps


def run(step, env, folder):
    """What it printed, in the form of the file."""
    done = subprocess.run(["sh", "-c", step.command], cwd=folder, env=env, timeout=SECONDS,
                          stdin=subprocess.DEVNULL, capture_output=True)
    out = done.stdout.decode("utf-8", "replace").splitlines()
    # an empty line of output would look like the end of the output
    got = [line if line and not line.startswith(("#", "$ ", "2> ")) else f"| {line}".rstrip()
           for line in out]
    got += [f"2> {line}".rstrip() for line in done.stderr.decode("utf-8", "replace").splitlines()]
    if done.returncode:
        got.append(f"[{done.returncode}]")
    return got


def same(want, got):
    if want.endswith(" (re)"):
        return re.fullmatch(want[:-5], got) is not None
    return want == got


def matches(want, got):
    return len(want) == len(got) and all(map(same, want, got))


def play(path, program, accept, count):
    """Number of steps that failed."""
    intro, steps = parse(path)
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.abspath(program), os.path.join(folder, ".tocsin"))
        env = {**os.environ, "HERE": str(path.parent.resolve()), "HOME": folder, "LC_ALL": "C.UTF-8",
               "TZ": "UTC", "PATH": f"{folder}/.bin:{os.environ['PATH']}"}
        os.mkdir(f"{folder}/.bin")
        os.rename(f"{folder}/.tocsin", f"{folder}/.bin/tocsin")
        for step in steps:
            got = run(step, env, folder)
            count[0] += 1
            ok = matches(step.want, got)
            if accept and not ok:
                step.want, ok = got, True
            print(f"{'ok' if ok else 'not ok'} {count[0]} - {path.name}:{step.number} {step.head[0]}")
            if not ok:
                bad += 1
                for line in step.want:
                    print(f"# want {line}")
                for line in got:
                    print(f"# got  {line}")
    if accept:
        lines = intro + [x for s in steps for x in s.head + s.want + s.after]
        path.write_text("\n".join(lines))
    return bad


def main(words):
    accept = "--accept" in words
    program, *files = [w for w in words if w != "--accept"]
    count = [0]
    bad = sum(play(Path(f), program, accept, count) for f in files)
    print(f"1..{count[0]}")
    return 1 if bad or not count[0] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
