# SPDX-License-Identifier: Apache-2.0
"""every source stands in a meson.build, and nothing that is generated stands beside what people wrote"""
import os
import re

# made by tools from other files; they belong into build/
GENERATED = re.compile(r"(^|/)(node_modules|dist|__pycache__|build)/|\.(o|so|a|pyc|gcda|gcno|profraw)$")


def check(tree):
    for path in tree.files:
        if GENERATED.search(path):
            yield f"{path}: generated files belong into build/"
    for path in tree.having(".c"):
        folder, name = os.path.split(path)
        places = [folder, os.path.dirname(folder), ""]
        texts = [tree.text(f"{p}/meson.build" if p else "meson.build") for p in places
                 if (f"{p}/meson.build" if p else "meson.build") in tree.files]
        stem = re.sub(r"^(test|fuzz|bench)_", "", name[:-2])  # lists name targets by their stem
        if not any(name in t or f"'{stem}'" in t for t in texts):
            yield f"{path}: is in no meson.build"
