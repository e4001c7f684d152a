#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build/venv: the real clients that the tests use, at the versions of tests/clients/requirements.txt.
# "venv.sh bench": build/venv-bench, what the benchmarks stand beside, by bench/requirements.txt.
# Does nothing when they are there. Exit 1 when they cannot be had (they are skipped then).
set -euo pipefail
cd "$(dirname "$0")/.."
wants=tests/clients/requirements.txt venv=build/venv
if [ "${1:-}" = bench ]; then
    wants=bench/requirements.txt venv=build/venv-bench
fi
stamp=$venv/made-from.txt
if [ -f "$stamp" ] && cmp -s "$wants" "$stamp"; then
    exit 0
fi
echo "venv: installing the clients of $wants into $venv"
rm -rf "$venv"
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r "$wants" || {
    rm -rf "$venv"
    exit 1
}
cp "$wants" "$stamp"
