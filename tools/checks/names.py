# SPDX-License-Identifier: Apache-2.0
"""a function that other files can see is called tc_..., and only one has that name"""
import re

from checks.code import bare
from checks.sizes import functions

NAME = re.compile(r"(\w+)\(")
ALLOWED = {"main"}


def check(tree):
    first_seen = {}
    for path in tree.having(".c"):
        if not path.startswith("src/"):
            continue
        text = tree.text(path)
        static = "|".join(["static"] + re.findall(r"#define (\w+) +static\b", text))
        lines = bare(text).split("\n")
        for first, opening, _ in functions(lines):
            head = " ".join(lines[first - 1:opening - 1])
            head = re.sub(r"__attribute__\(\(.*?\)\)", "", head)
            name = NAME.search(head)
            if not name or re.search(rf"\b({static})\b", head):
                continue
            name = name.group(1)
            if not name.startswith("tc_") and name not in ALLOWED:
                yield f"{path}:{first}: {name} is seen by other files: static, or tc_..."
            if first_seen.get(name, path) != path:  # in one file: #if and #else, or the compiler says so
                yield f"{path}:{first}: {name} is defined in {first_seen[name]} too"
            first_seen.setdefault(name, path)
