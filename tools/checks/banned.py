# SPDX-License-Identifier: Apache-2.0
"""no call that cannot be used safely, no recursion traps, no forgotten work"""
import re

from checks.code import bare

CALLS = re.compile(r"(?<![\w.>])(strcpy|strcat|sprintf|vsprintf|strncpy|strncat|strtok|strtok_r|atoi"
                   r"|atol|atoll|atof|strtol|strtoul|strtoll|strtoull|strtod|strtof|sscanf|scanf"
                   r"|fscanf|gets|gmtime|gmtime_r|localtime|localtime_r|mktime|strerror|alloca"
                   r"|tmpnam|tempnam|mktemp)\s*\(")
# tests may clear their own folder, and have random numbers that can be played again
IN_PROGRAM = re.compile(r"(?<![\w.>])(system|popen|rand|random|srand|drand48)\s*\(")
LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def check(tree):
    for path in tree.having(".c", ".h"):
        if not path.startswith(("src/", "include/", "fuzz/", "bench/", "tests/")):
            continue
        text = bare(tree.text(path))
        for number, line in enumerate(text.split("\n"), 1):
            for call in CALLS.findall(line):
                yield f"{path}:{number}: {call} is banned (use base/str.h, base/num.h, base/time.h)"
            if not path.startswith(("tests/", "bench/")):
                for call in IN_PROGRAM.findall(line):
                    yield f"{path}:{number}: {call} is banned (no shell; getrandom for chance)"
            if "strtod_l" in line and path != "src/base/num.c":
                yield f"{path}:{number}: strtod_l stands only in base/num.c"
    for path in tree.having(".c", ".h", ".py", ".sh", ".ts", ".tsx"):
        for number, line in tree.lines(path):
            if LATER.search(line) and path != "tools/checks/banned.py":
                yield f"{path}:{number}: unfinished work is an issue, not a comment"
