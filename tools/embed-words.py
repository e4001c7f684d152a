#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the words files as one C table.  usage: embed-words.py OUT.c FILE..."""
import sys
from pathlib import Path

out, files = sys.argv[1], sorted(sys.argv[2:], key=lambda f: (Path(f).stem != "en", f))
with open(out, "w") as o:
    o.write('/* made by tools/embed-words.py */\n#include "base/str.h"\n\n')
    o.write("extern const struct tc_str tc_words_files[];\n")
    for i, f in enumerate(files):
        data = Path(f).read_bytes()
        o.write(f"static const unsigned char f{i}[] = {{{','.join(map(str, data))}}};\n")
    o.write("const struct tc_str tc_words_files[] = {\n")
    for i, _ in enumerate(files):
        o.write(f"    {{(const char *)f{i}, sizeof f{i}}},\n")
    o.write("    {NULL, 0}};\n")
