#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy (.clang-tidy names its checks and why some are off) and gcc's analyzer over src/.
set -uo pipefail
cd "$(dirname "$0")/.."
tools/deps.sh check || exit 4
jobs=${JOBS:-$(nproc)}
status=0
[ -f build/deep/build.ninja ] || CC=clang meson setup build/deep -Dtests=disabled >/dev/null || exit 4
ninja -C build/deep -j "$jobs" --quiet || exit 1 # generated sources must be there
echo "== clang-tidy"
git ls-files 'src/*.c' | xargs -P "$jobs" -n 1 clang-tidy -p build/deep --quiet \
    >build/deep/tidy.log 2>/dev/null || status=1
grep -E '(warning|error):' build/deep/tidy.log | sort -u
echo "== gcc -fanalyzer"
[ -f build/analyze/build.ninja ] || CC=gcc meson setup build/analyze --buildtype=debug -Dtests=disabled \
    '-Dc_args=-fanalyzer -fanalyzer-transitivity' >/dev/null || exit 4
rm -f build/analyze/*.a
ninja -C build/analyze -t clean >/dev/null
ninja -C build/analyze -j "$jobs" >build/analyze/log.txt 2>&1 || status=1
found=$(grep -E 'warning:.*Wanalyzer' build/analyze/log.txt | sort -u)
while read -r file option _; do # findings that were looked at and are wrong
    case $file in '' | '#'*) continue ;; esac
    found=$(grep -v "$file:.*$option" <<<"$found")
done <tools/analyzer-accepted.txt
if [ -n "$found" ]; then
    echo "$found"
    status=1
fi
exit "$status"
