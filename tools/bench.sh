#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs what the parts registered with Meson's benchmark(), on the release build. Each prints its
# figures beside the limit of the machine that was measured in the same run.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f build/bench/build.ninja ] || meson setup build/bench --buildtype=release -Doptimization=2 \
    -Db_lto=true -Dtests=disabled
ninja -C build/bench
tools/venv.sh bench || echo "bench: peers that cannot be installed are left out"
export TOCSIN_DATA=${TOCSIN_DATA:-$PWD/../shared/data}
exec meson test -C build/bench --no-rebuild --benchmark --verbose --num-processes 1 "$@"
