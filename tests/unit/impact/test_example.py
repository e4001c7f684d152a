#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The example of the library prints what it says it prints. usage: test_example.py EXAMPLE SOURCE"""
import subprocess
import sys
from pathlib import Path

text = Path(sys.argv[2]).read_text().split(" * prints\n *\n")[1].split(" */")[0]
want = "".join(line.removeprefix(" *     ") for line in text.splitlines(True))
got = subprocess.run([sys.argv[1]], capture_output=True, text=True, timeout=60)
if got.returncode or got.stdout != want:
    sys.exit(f"status {got.returncode}\n{got.stderr}printed:\n{got.stdout}documented:\n{want}")
