#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make lint: what a machine can hold the tree to. Each check is a module of tools/checks/ with

    def check(tree): yield "file:line: what is wrong"

and a first docstring line that says what it holds. Only files that git knows (or would add) are
looked at.

usage: lint.py [--results FILE] [CHECK...]
"""
import importlib
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True

CHECKS = ["spdx", "layers", "choke", "threats", "headers", "banned", "names", "sizes", "docs", "sources", "places", "formatted"]


class Tree:
    """The files of the project: paths relative to its root, and their text."""

    def __init__(self, root):
        self.root = root
        git = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root,
                             capture_output=True, text=True)
        listed = git.stdout.split("\n") if git.returncode == 0 else self.walk()
        self.files = sorted(p for p in set(listed) if p and (root / p).is_file())
        self._text = {}

    def walk(self):
        """The same without git, as in an unpacked archive."""
        for path in self.root.rglob("*"):
            parts = path.relative_to(self.root).parts
            if not {"build", "node_modules", "__pycache__", ".git"} & set(parts):
                yield "/".join(parts)

    def having(self, *suffixes):
        return [p for p in self.files if p.endswith(suffixes)]

    def text(self, path):
        if path not in self._text:
            self._text[path] = (self.root / path).read_bytes().decode("utf-8", "replace")
        return self._text[path]

    def lines(self, path):
        """(number, line) of a file."""
        return enumerate(self.text(path).split("\n"), 1)


def main(words):
    results = None
    if words[:1] == ["--results"]:
        results = open(words[1], "a")
        words = words[2:]
    tree = Tree(Path(__file__).resolve().parent.parent)
    bad = 0
    for name in words or CHECKS:
        module = importlib.import_module(f"checks.{name}")
        complaints = list(module.check(tree))
        for line in complaints[:50]:
            print(line)
        if len(complaints) > 50:
            print(f"... and {len(complaints) - 50} more")
        verdict = "fail" if complaints else "pass"
        bad += bool(complaints)
        print(f"lint: {'ok' if not complaints else 'BAD'} {name} - {module.__doc__.splitlines()[0]}")
        if results:
            results.write(f"{verdict} lint {name}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
