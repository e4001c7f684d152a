# SPDX-License-Identifier: Apache-2.0
"""all C is as clang-format 14 writes it ("make format")"""
import re
import subprocess

RELEASE = "14"  # other releases lay out some lines differently


def check(tree):
    try:
        version = subprocess.run(["clang-format", "--version"], capture_output=True,
                                 text=True).stdout
    except FileNotFoundError:
        version = ""
    found = re.search(r"version (\d+)", version)
    if not found or found.group(1) != RELEASE:
        print(f"lint: clang-format {RELEASE} is not here, the layout was not looked at")
        return
    run = subprocess.run(["clang-format", "--dry-run", *tree.having(".c", ".h")], cwd=tree.root,
                         capture_output=True, text=True)
    for line in run.stderr.split("\n"):
        if "clang-format-violations" in line:
            yield line
