#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The example of include/tocsin/pattern.h as a program, and what it must print.

usage: example.py HEADER OUT.c | example.py --run PROGRAM
"""
import subprocess
import sys

OBJECTS = ", ".join(
    '{\\"type\\":\\"observed-data\\",\\"id\\":\\"observed-data--%d\\",'
    '\\"first_observed\\":\\"2026-01-01T00:00:%02dZ\\",\\"last_observed\\":\\"2026-01-01T00:00:%02dZ\\",'
    '\\"number_observed\\":1,\\"objects\\":{\\"0\\":{\\"type\\":\\"ipv4-addr\\",\\"value\\":\\"198.51.100.%d\\"}}}'
    % (i, s, s, i) for i, s in ((1, 0), (2, 30)))


def write(header, out):
    lines = [line[7:].rstrip("\n") for line in open(header) if line.startswith(" *     ")]
    end = lines.index("}") + 1
    with open(out, "w") as f:
        f.write("/* made from %s */\n#include <tocsin/pattern.h>\n\n#include <stdio.h>\n#include <string.h>\n\n"
                % header.split("/")[-1])
        f.write("\n".join(lines[:end]) + "\n\nint main(void)\n{\n")
        f.write('    const char *json = "[%s]";\n    size_t length = strlen(json);\n' % OBJECTS)
        f.write("\n".join("    " + line for line in lines[end:]) + "\n    return 0;\n}\n")


def run(program):
    done = subprocess.run([program], capture_output=True, text=True)
    want = "rule-1: observed-data--1 observed-data--2\n"
    if done.returncode or done.stdout != want or done.stderr:
        sys.exit("wanted %r, got %r and %r, status %d" % (want, done.stdout, done.stderr, done.returncode))


run(sys.argv[2]) if sys.argv[1] == "--run" else write(sys.argv[1], sys.argv[2])
