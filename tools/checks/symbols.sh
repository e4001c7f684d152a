#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# symbols.sh BUILD: no two sources of the libraries define the same function or object. The linker
# takes whichever of the two archives it meets first and says nothing.
set -eu
twice=$(nm --defined-only "$1"/libtocsin_core.a "$1"/libtocsin_pure.a 2>/dev/null |
    awk 'NF == 3 && $2 ~ /^[TDBRV]$/ && $3 ~ /^tc_/ { print $3 }' | sort | uniq -d)
[ -z "$twice" ] || { echo "defined in two sources: $twice" >&2; exit 1; }
