#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every fuzz target for SECONDS (60). What crashes is kept in build/fuzz/found; copy it into
# fuzz/corpus/NAME and mend the code, then "make check" holds it for ever.
#
#   tools/fuzz.sh [SECONDS] [NAME...]        FUZZ_NOMEM=1: with a refused allocation in each input
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true
tools/deps.sh check
[ -f build/fuzz/build.ninja ] || CC=clang meson setup build/fuzz --buildtype=debugoptimized \
    -Db_sanitize=address,undefined -Db_lundef=false -Dfuzz=true -Dtests=disabled
ninja -C build/fuzz
mkdir -p build/fuzz/found
status=0
for target in build/fuzz/fuzz/fuzz_*; do
    [ -f "$target" ] && [ -x "$target" ] || continue
    name=${target##*/fuzz_}
    [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
    mkdir -p "build/fuzz/corpus/$name"
    dict=()
    [ ! -f "fuzz/$name.dict" ] || dict=("-dict=fuzz/$name.dict")
    echo "== fuzz $name for $seconds s"
    "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=0 \
        "${dict[@]}" -artifact_prefix="build/fuzz/found/$name-" "build/fuzz/corpus/$name" \
        "fuzz/corpus/$name" >"build/fuzz/$name.log" 2>&1 || {
        status=1
        tail -40 "build/fuzz/$name.log"
    }
    grep -E '^#[0-9]+' "build/fuzz/$name.log" | tail -1 || true
done
if [ $# = 0 ] || [[ " $* " == *" http_state "* ]]; then
    echo "== fuzz http_state for $seconds s"
    TOCSIN_LIVE=$PWD/build/fuzz/fuzz/http_state_live TOCSIN_ROUTES=$PWD/build/fuzz/fuzz/http_state_routes \
        UBSAN_OPTIONS=halt_on_error=1 python3 fuzz/http_state.py --seed "$(date +%s)" \
        --seconds "$seconds" --steps 3000 --go-on >build/fuzz/http_state.log 2>&1 || {
        status=1
        head -c 20000 build/fuzz/http_state.log
    }
    tail -1 build/fuzz/http_state.log
fi
exit "$status"
