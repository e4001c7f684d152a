# SPDX-License-Identifier: Apache-2.0
"""files split at 800 lines, functions over 100 lines say why ("/* long: why */" above them)"""
import re

FILE_LIMIT, FUNCTION_LIMIT = 800, 100
CODE = (".c", ".h", ".py", ".sh", ".ts", ".tsx", ".css")


def functions(lines):
    """(first line, opening line, closing line), 1-based: our format puts both braces in column 0"""
    opening = None
    for number, line in enumerate(lines, 1):
        if line == "{" and number > 1 and lines[number - 2].endswith(")"):
            opening = number
        elif line == "}" and opening:
            first = opening - 1
            while first > 1 and lines[first - 1].startswith((" ", "\t")):
                first -= 1
            yield first, opening, number
            opening = None


def check(tree):
    for path in tree.having(*CODE):
        lines = tree.text(path).split("\n")
        if len(lines) > FILE_LIMIT and not path.startswith(("fuzz/corpus/", "tests/data/")):
            yield f"{path}:1: {len(lines)} lines, split it ({FILE_LIMIT} at most)"
        if not path.endswith((".c", ".h")):
            continue
        for first, opening, closing in functions(lines):
            above = lines[first - 2] if first > 1 else ""
            comment = "\n".join(lines[max(0, first - 12):first - 1])
            if closing - opening > FUNCTION_LIMIT and not (
                    re.search(r"/\* long: ", comment) and above.rstrip().endswith("*/")):
                yield (f"{path}:{first}: a function of {closing - opening} lines "
                       f"needs \"/* long: why */\" above it")
