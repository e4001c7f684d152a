# SPDX-License-Identifier: Apache-2.0
"""no call that cannot be used safely, no recursion traps, no forgotten work"""
import re

from checks.code import bare

CALLS = re.compile(r"(?<![\w.>])(strcpy|strcat|sprintf|vsprintf|strncpy|strncat|strtok|strtok_r|atoi"
                   r"|atol|atoll|atof|strtol|strtoul|strtoll|strtoull|strtod|strtof|sscanf|scanf"
                   r"|fscanf|gets|gmtime|gmtime_r|localtime|localtime_r|mktime|strerror|alloca"
                   r"|system|popen|tmpnam|tempnam|mktemp)\s*\(")
GUESSED = re.compile(r"(?<![\w.>])(rand|random|srand|drand48)\s*\(")  # tests may have one of their own
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
                for call in GUESSED.findall(line):
                    yield f"{path}:{number}: {call} can be guessed; getrandom is what we use"
            if "strtod_l" in line and path != "src/base/num.c":
                yield f"{path}:{number}: strtod_l stands only in base/num.c"
    for path in tree.having(".c", ".h", ".py", ".sh", ".ts", ".tsx"):
        for number, line in tree.lines(path):
            if LATER.search(line) and path != "tools/checks/banned.py":
                yield f"{path}:{number}: unfinished work is an issue, not a comment"
