#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Help pages from docs/commands/NAME.txt: a C table for the program, man pages for man.

A page is what "tocsin NAME --help" prints. Headings stand in capitals at the first column, text
is indented by two, paragraphs are parted by empty lines. Lines that start with '#' are left out.
    NAME      one line: NAME - what it does (the same words as in src/cli/commands.def)
    SYNOPSIS, EXAMPLES, EXIT STATUS, FILES   kept line by line
    OPTIONS   an option indented by two, its text by six
    DESCRIPTION and others                   paragraphs; deeper lines are kept as they are

usage: help.py table ROOT OUT.c OUT.d    (written by the build)
       help.py man ROOT NAME VERSION OUT
"""
import re
import sys
from pathlib import Path

ROW = re.compile(r'^TC_COMMAND\((\w+),\s*"((?:[^"\\]|\\.)*)"\)')
AS_IS = {"SYNOPSIS", "EXAMPLES", "EXIT STATUS", "FILES"}


def commands(root):
    """(name, one line) of each row of commands.def, in order."""
    text = (root / "src/cli/commands.def").read_text()
    return [m.groups() for m in map(ROW.match, text.splitlines()) if m]


def page_file(root, name):
    return root / "docs/commands" / f"{name}.txt"


def page_lines(root, name):
    """The page without comments; a command without a page still has its one line."""
    file = page_file(root, name)
    if not file.exists():
        says = dict(commands(root)).get(name, "")
        return ["NAME", f"  {name} - {says}"]
    lines = [x.rstrip() for x in file.read_text().splitlines() if not x.startswith("#")]
    while lines and not lines[0]:
        lines.pop(0)
    return lines


def sections(lines):
    """[(heading, lines without the indent of two)]"""
    found = []
    for line in lines:
        if line and not line[0].isspace():
            found.append((line, []))
        elif found:
            found[-1][1].append(line[2:])
    for _, body in found:
        while body and not body[-1]:
            body.pop()
    return found


def c_string(text):
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("??", '?""?')
    return f'"{out}"'


def table(root, out, depfile):
    rows = [("tocsin", "this page")] + commands(root)
    with open(out, "w") as f:
        f.write('#include "cli/help.h"\n\nconst struct tc_cli_page tc_cli_pages[] = {\n')
        for name, says in rows:
            f.write(f'{{"{name}", "{says}",\n')
            for line in page_lines(root, name):
                f.write(f"  {c_string(line)} \"\\n\"\n")
            f.write("},\n")
        f.write("{0}};\n")
    folder = root / "docs/commands"
    needs = [root / "src/cli/commands.def", Path(__file__), folder, *sorted(folder.glob("*.txt"))]
    Path(depfile).write_text(f"{out}: {' '.join(str(x) for x in needs)}\n")


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    # a word that is longer than a line may be broken behind its commas
    text = re.sub(r"\S{40,}", lambda word: word.group().replace(",", ",\\:"), text)
    return "\\&" + text if text.startswith((".", "\\(aq")) else text


def man_options(body):
    for line in body:
        if line and not line[0].isspace():
            yield ".TP"
            yield f".B {roff(line)}"
        elif line:
            yield roff(line.strip())


def man_text(body):
    kept = False
    for line in body:
        deep = line.startswith(" ")
        if deep != kept:
            yield ".PP" if kept else ""
            yield ".nf" if deep else ".fi"
            kept = deep
        yield roff(line) if line else ".PP"
    if kept:
        yield ".fi"


def man(root, name, version, out):
    title = "tocsin" if name == "tocsin" else f"tocsin-{name}"
    f = [f'.TH {title.upper()} 1 "" "tocsin {version}" "Tocsin"',
         ".nh", ".ad l"]  # words such as {"failures":[...]} fill no line evenly
    for heading, body in sections(page_lines(root, name)):
        f.append(f".SH {heading}")
        if heading == "NAME":
            f += [roff(title) + " \\- " + roff(body[0].split(" - ", 1)[1])]
        elif heading == "OPTIONS":
            f += man_options(body)
        elif heading == "SEE ALSO":
            f += [", ".join(f"\\fB{roff('tocsin-' + x.strip())}\\fR(1)"
                            for x in " ".join(body).split(","))]
        elif heading in AS_IS:
            f += [".nf", *[roff(x) for x in body], ".fi"]
        else:
            f += [x for x in man_text(body) if x]
    if name == "tocsin":
        f.append(".SH COMMANDS")
        for command, says in commands(root):
            f += [".TP", f".BR {roff('tocsin-' + command)} (1)", roff(says)]
    Path(out).write_text("\n".join(f) + "\n")


if __name__ == "__main__":
    what, top = sys.argv[1], Path(sys.argv[2])
    if what == "table":
        table(top, sys.argv[3], sys.argv[4])
    else:
        man(top, *sys.argv[3:6])
