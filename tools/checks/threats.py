# SPDX-License-Identifier: Apache-2.0
"""each row of SECURITY.md's threat model names an attacker, a wish, a wall and a test that are there"""
import re

FILE = "SECURITY.md"
HEAD = "| attacker | wish | wall | test |"
WORD = re.compile(r"`([^`\s]+)`(?: \(([^()]+)\))?")
ATTACKER = re.compile(r"^- \*\*(\w+)\*\*:", re.M)
TESTS = ("tests/", "fuzz/", "tools/check")


def paths(cell, roots):
    """(path, what of it) of a cell: code that looks like a path of the tree"""
    for word, of in WORD.findall(cell):
        if word.split("/")[0] in roots and ("/" in word or "." in word):
            yield word, [x.strip() for x in of.split(",")] if of else []


def rows(tree):
    """(number, cells) of the table"""
    inside = False
    for number, line in tree.lines(FILE):
        if line == HEAD:
            inside = True
        elif inside and not line.startswith("|"):
            return
        elif inside and not line.startswith("|---"):
            yield number, [c.strip() for c in line.strip("|").split(" | ")]


def check(tree):
    if FILE not in tree.files or HEAD not in tree.text(FILE):
        yield f"{FILE}:1: there is no threat model ({HEAD})"
        return
    files, roots = set(tree.files), {p.split("/")[0] for p in tree.files}
    known, seen = ATTACKER.findall(tree.text(FILE)), []
    for number, cells in rows(tree):
        at = f"{FILE}:{number}"
        if len(cells) != 4 or not all(cells):
            yield f"{at}: not four cells"
            continue
        if cells[0] not in known:
            yield f"{at}: {cells[0]} is not introduced above the table"
        if cells[0] in seen[:-1]:
            yield f"{at}: the rows of {cells[0]} do not stand together"
        if cells[0] not in seen:
            seen.append(cells[0])
        for cell, what in ((cells[2], "wall"), (cells[3], "test")):
            found = list(paths(cell, roots))
            if not found:
                yield f"{at}: no file of a {what} is named"
            if what == "test" and not any(p.startswith(TESTS) for p, _ in found):
                yield f"{at}: what is named as a test is none"
            for path, of in found:
                if path not in files:
                    yield f"{at}: there is no {path}"
                    continue
                for name in of:
                    if name not in tree.text(path):
                        yield f"{at}: {path} has no {name}"
    for name in known:
        if name not in seen:
            yield f"{FILE}:1: {name} has no row"
