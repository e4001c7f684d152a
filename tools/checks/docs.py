# SPDX-License-Identifier: Apache-2.0
"""commands, help pages, README and links agree; versions agree; each source folder has a README"""
import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import help as pages  # noqa: E402  (tools/help.py)

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)


def commands(tree):
    readme = tree.text("README.md") if "README.md" in tree.files else ""
    for name, says in pages.commands(tree.root):
        path = f"docs/commands/{name}.txt"
        if path not in tree.files:
            yield f"src/cli/commands.def:1: command {name} has no help page {path}"
            continue
        top = dict(pages.sections(pages.page_lines(tree.root, name))).get("NAME", [""])
        if top[0] != f"{name} - {says}":
            yield f"{path}:1: NAME must say \"{name} - {says}\" as commands.def does"
        if f"`{name}" not in readme and f"tocsin {name}" not in readme:
            yield f"README.md:1: command {name} is not mentioned"
    known = {"tocsin"} | {name for name, _ in pages.commands(tree.root)}
    for path in tree.having(".txt"):
        if path.startswith("docs/commands/") and Path(path).stem not in known:
            yield f"{path}:1: a page for no command"


def links(tree):
    for path in tree.having(".md"):
        text = FENCE.sub(lambda m: "\n" * m.group().count("\n"), tree.text(path))
        for number, line in enumerate(text.split("\n"), 1):
            for target in LINK.findall(line):
                if re.match(r"[a-z]+:|#", target):
                    continue
                file = os.path.normpath(os.path.join(os.path.dirname(path), target.split("#")[0]))
                if not (tree.root / file).exists():
                    yield f"{path}:{number}: the link {target} leads nowhere"


def versions(tree):
    build = re.search(r"version: '([^']+)'", tree.text("meson.build")).group(1)
    header = re.search(r'TC_VERSION "([^"]+)"', tree.text("include/tocsin/version.h")).group(1)
    if build != header:
        yield f"include/tocsin/version.h:1: version {header}, but meson.build says {build}"


def readmes(tree):
    folders = {os.path.dirname(p) for p in tree.having(".c") if p.startswith("src/")} - {"src"}
    for folder in sorted(folders | {"tools", "tests", "fuzz"}):
        if f"{folder}/README.md" not in tree.files:
            yield f"{folder}: no README.md (what it is for, where to enter, what always holds)"


def check(tree):
    yield from commands(tree)
    yield from links(tree)
    yield from versions(tree)
    yield from readmes(tree)
