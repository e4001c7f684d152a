# SPDX-License-Identifier: Apache-2.0
"""every file that people wrote names its licence at the top"""

WANTS = (".c", ".h", ".def", ".py", ".sh", ".ts", ".tsx", ".mjs", ".js", ".css", ".html", ".build",
         ".yaml", ".yml", ".in", ".sql", "Makefile", ".ci/run")
DATA = ("fuzz/corpus/", "tests/data/")


def check(tree):
    for path in tree.having(*WANTS):
        top = tree.text(path).split("\n")[:3]
        if not path.startswith(DATA) and not any("SPDX-License-Identifier: Apache-2.0" in x
                                                 for x in top):
            yield f"{path}:1: no SPDX-License-Identifier line"
