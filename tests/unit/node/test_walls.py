# SPDX-License-Identifier: Apache-2.0
"""Runs walls.c in a folder of its own.

usage: test_walls.py WALLS"""
import subprocess
import sys
import tempfile

with tempfile.TemporaryDirectory(prefix="tocsin-walls-") as folder:
    status = subprocess.run([sys.argv[1], folder], stdin=subprocess.DEVNULL).returncode
sys.exit(status)
