#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""embed.py OUT HEADER TYPE NAME=FILE... : files as C arrays, each a "const struct TYPE NAME" with
name, data and size, as HEADER declares them."""
import sys

out, header, kind, *files = sys.argv[1:]
with open(out, "w") as f:
    f.write(f'/* made by tools/embed.py */\n#include "{header}"\n\n')
    for pair in files:
        name, path = pair.split("=", 1)
        data = open(path, "rb").read()
        f.write(f"static const unsigned char {name}_bytes[] = {{\n")
        for i in range(0, len(data), 24):
            f.write(",".join(str(b) for b in data[i:i + 24]) + ",\n")
        f.write(f'}};\nconst struct {kind} {name} = {{"{path.rsplit("/", 1)[-1]}", {name}_bytes, '
                f"{len(data)}}};\n\n")
