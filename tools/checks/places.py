# SPDX-License-Identifier: Apache-2.0
"""no path of one machine, no host that packages come from"""
import json
import re

HOME = re.compile(r"(?<![\w.~-])/(?:home|root|work|Users)/\w")
URL = re.compile(r"https?://(?!localhost|127\.0\.0\.1|\[::1\]|[\w.-]*\.?example\b)[\w.-]+")
# files that are run or read by tools: a host in them would tie the build to it
BUILD = re.compile(r"(^|/)(Makefile|\.npmrc|pip\.conf|package(-lock)?\.json|requirements[\w-]*\.txt"
                   r"|meson\.build|meson_options\.txt|[\w-]+\.wrap)$|\.sh$|^\.ci/")
FUNDING = {"funding", "homepage", "repository", "bugs", "license", "deprecated"}


def lock_urls(node, key=""):
    """strings of a package lock that name a place to fetch from"""
    if isinstance(node, dict):
        for k, v in node.items():
            if k not in FUNDING:
                yield from lock_urls(v, k)
    elif isinstance(node, list):
        for v in node:
            yield from lock_urls(v, key)
    elif isinstance(node, str) and (key == "resolved" or URL.match(node)):
        yield node


def check(tree):
    checkout = str(tree.root)
    for path in tree.files:
        if path.startswith(("fuzz/corpus/", "tests/data/")) or path.endswith((".png", ".gif", ".woff2")):
            continue
        if path.endswith("package-lock.json"):
            for url in lock_urls(json.loads(tree.text(path))):
                yield f"{path}: names where a package came from ({url}); remove \"resolved\""
            continue
        for number, line in tree.lines(path):
            if HOME.search(line) or (len(checkout) > 6 and checkout in line):
                yield f"{path}:{number}: an absolute path of one machine"
            if BUILD.search(path) and URL.search(line):
                yield f"{path}:{number}: a host's name in a build file"
