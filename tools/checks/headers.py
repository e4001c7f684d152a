# SPDX-License-Identifier: Apache-2.0
"""each header compiles by itself, and its .c includes it first"""
import re
import shlex
import subprocess

LIBRARIES = ["yyjson", "sqlite3", "libsodium", "gnutls", "libxml-2.0", "libmicrohttpd", "libcurl",
             "libpcre2-8"]
FIRST = re.compile(r'^#include\s+[<"]([^>"]+)', re.M)


def check(tree):
    headers = [p for p in tree.having(".h") if p.startswith(("src/", "include/"))]
    flags = subprocess.run(["pkg-config", "--cflags", *LIBRARIES], capture_output=True,
                           text=True).stdout
    run = subprocess.run(["gcc", "-x", "c", "-std=c17", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall",
                          "-Wextra", "-Wno-unused-function", "-Isrc", "-Iinclude",
                          *shlex.split(flags), *headers], cwd=tree.root, capture_output=True,
                         text=True)
    for line in run.stderr.split("\n"):
        if re.search(r": (error|warning|fatal error):", line):
            yield line
    for path in tree.having(".c"):
        own = path[4:-2] + ".h"
        if path.startswith("src/") and f"src/{own}" in tree.files:
            first = FIRST.search(tree.text(path))
            if not first or first.group(1) != own:
                yield f"{path}:1: the first include must be \"{own}\""
