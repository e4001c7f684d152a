# SPDX-License-Identifier: Apache-2.0
"""C text with comments and literals blanked out, line numbers kept"""
import re

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def bare(text):
    """Comments and the insides of strings become spaces; newlines stay."""
    return TOKEN.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
