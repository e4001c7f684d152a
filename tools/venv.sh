#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build/venv: the real clients that the tests use, at the versions of tests/clients/requirements.txt.
# Does nothing when they are there. Exit 1 when they cannot be had (the tests are skipped then).
set -euo pipefail
cd "$(dirname "$0")/.."
wants=tests/clients/requirements.txt
stamp=build/venv/made-from.txt
if [ -f "$stamp" ] && cmp -s "$wants" "$stamp"; then
    exit 0
fi
echo "venv: installing the clients of $wants into build/venv"
rm -rf build/venv
python3 -m venv build/venv
build/venv/bin/pip install --quiet --disable-pip-version-check -r "$wants" || {
    rm -rf build/venv
    exit 1
}
cp "$wants" "$stamp"
