#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts pack files into a C source: embed.py OUT.c ROOT FILE ... (FILE is ROOT/pack/path)."""
import os
import sys


def literal(data):
    lines = []
    for at in range(0, len(data), 24):
        lines.append("    " + "".join(f"{b}," for b in data[at:at + 24]))
    return "\n".join(lines)


def main(out, root, files):
    rows = []
    with open(out, "w", encoding="ascii") as c:
        c.write("/* Made by packs/embed.py. */\n#include \"pack/pack.h\"\n\n")
        for i, name in enumerate(files):
            with open(name, "rb") as f:
                data = f.read()
            pack, path = os.path.relpath(name, root).replace(os.sep, "/").split("/", 1)
            c.write(f"static const unsigned char f{i}[] = {{\n{literal(data)}0}};\n")
            rows.append(f'    {{"{pack}", "{path}", (const char *)f{i}, {len(data)}}},')
        c.write("\nconst struct tc_pack_file tc_pack_builtin[] = {\n" + "\n".join(rows) + "\n};\n")
        c.write(f"const size_t tc_pack_builtin_count = {len(rows)};\n")


main(sys.argv[1], sys.argv[2], sys.argv[3:])
