# SPDX-License-Identifier: Apache-2.0
"""a folder of src/ includes only what tools/layers.txt lets it"""
import re

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def table(text):
    """{folder: (folders, library headers)} with what is inherited"""
    direct = {}
    for line in text.split("\n"):
        if line.strip() and not line.startswith("#"):
            folder, uses, libraries = (x.split() for x in line.split(":"))
            direct[folder[0]] = (uses, libraries)
    whole = {}
    for folder, (uses, libraries) in direct.items():  # a folder stands below those it uses
        folders, headers = {folder}, set(libraries)
        for used in uses:
            folders |= whole[used][0]
            headers |= whole[used][1]
        whole[folder] = (folders, headers)
    return whole


def check(tree):
    may = table(tree.text("tools/layers.txt"))
    every_library = {h for _, headers in may.values() for h in headers}
    for path in tree.having(".c", ".h", ".def"):
        parts = path.split("/")
        if parts[0] != "src" or len(parts) < 3:
            continue
        folder = parts[1]
        if folder not in may:
            yield f"{path}:1: folder {folder} is not in tools/layers.txt"
            continue
        folders, headers = may[folder]
        for number, line in tree.lines(path):
            m = INCLUDE.match(line)
            if not m:
                continue
            what = m.group(2)
            top = what.split("/")[0]
            if m.group(1) == '"' and "/" in what and top not in folders and top != "tocsin":
                yield f"{path}:{number}: {folder} may not include {what} (tools/layers.txt)"
            if m.group(1) == '"' and "/" not in what:
                yield f"{path}:{number}: include as \"part/{what}\""
            if m.group(1) == "<" and any(what.startswith(h) for h in every_library) \
                    and not any(what.startswith(h) for h in headers):
                yield f"{path}:{number}: {folder} may not use the library of {what}"
