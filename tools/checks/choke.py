# SPDX-License-Identifier: Apache-2.0
"""what leaves the node is asked for with a principal: whoever reads as the node itself stands in tools/choke.txt, with a reason"""
import re

INCLUDE = re.compile(r'^\s*#\s*include\s+"journal/([^"]+)"')
COUNTED = {"system": re.compile(r"\btc_principal_system\b"), "whole": re.compile(r"\.whole = true")}
MADE = re.compile(r"\.system\s*=\s*true")


def table(text):
    """{path: ({"system": n, "whole": n}, reason)}"""
    found = {}
    for line in text.split("\n"):
        if line.strip() and not line.startswith("#"):
            path, counts, reason = (x.strip() for x in line.split(":", 2))
            numbers = dict(x.split("=") for x in counts.split())
            found[path] = ({k: int(numbers.get(k, 0)) for k in COUNTED}, reason)
    return found


def check(tree):
    listed = table(tree.text("tools/choke.txt"))
    for path, (_, reason) in listed.items():
        if not reason:
            yield f"tools/choke.txt:1: {path} has no reason"
        if path not in tree.files:
            yield f"tools/choke.txt:1: there is no {path}"
    for path in tree.having(".c", ".h"):
        parts = path.split("/")
        if parts[0] != "src" or len(parts) < 3:
            continue
        seen = dict.fromkeys(COUNTED, 0)
        for number, line in tree.lines(path):
            m = INCLUDE.match(line)
            if m and m.group(1) != "journal.h" and parts[1] != "journal":
                yield f"{path}:{number}: only src/journal looks behind journal.h"
            if MADE.search(line) and path != "src/model/audience.c":
                yield f"{path}:{number}: the node's own principal is tc_principal_system"
            for name, what in COUNTED.items():
                seen[name] += len(what.findall(line))
        if parts[1] in ("journal", "model"):
            continue
        want = listed.get(path, ({k: 0 for k in COUNTED}, ""))[0]
        for name in COUNTED:
            if seen[name] != want[name]:
                yield (f"{path}:1: {name} stands here {seen[name]} times, tools/choke.txt says "
                       f"{want[name]}: who reads as the node, and why does nothing of it get out?")
