#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make check: deps, lint, a build with ASan and UBSan, every test in it, a strict release build.
# Goes on after a failure so that one run shows them all. The last line is "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.." || exit 4
export LC_ALL=C.UTF-8
jobs=${JOBS:-$(nproc)}
results=build/check-results.txt # lines "pass|fail|skip NAME"

step() { printf '\n== %s (%ss)\n' "$*" "$SECONDS"; }
note() { echo "$1 $2" >>"$results"; }

need() { # need NAME COMMAND...: one result; without it nothing after can run
    local name=$1
    shift
    if "$@"; then
        note pass "$name"
    else
        note fail "$name"
        finish
    fi
}

finish() {
    python3 tools/count.py "$results"
    exit $?
}

setup() { # setup FOLDER OPTION...: configures once, afterwards ninja notices changes itself
    local folder=$1
    shift
    [ -f "$folder/build.ninja" ] && return 0
    meson setup "$folder" "$@" >"$folder.log" 2>&1 || {
        tail -40 "$folder.log"
        return 1
    }
}

compile() { # compile FOLDER: one line of progress on a terminal, only complaints otherwise
    if [ -t 1 ]; then
        ninja -C "$1" -j "$jobs"
    else
        ninja -C "$1" -j "$jobs" --quiet
    fi
}

mkdir -p build
: >"$results"

step "what is needed"
need deps tools/deps.sh check
tools/venv.sh || echo "no test environment of Python: tests with real clients will be skipped"
[ -x build/venv/bin/python ] && export TOCSIN_PYTHON=$PWD/build/venv/bin/python

step "lint"
python3 tools/lint.py --results "$results"

step "build with ASan and UBSan, warnings are errors"
need "sanitizer setup" setup build/check --buildtype=debugoptimized -Dwerror=true \
    -Db_sanitize=address,undefined -Db_lundef=false -Dtests=enabled
need "sanitizer build" compile build/check
need "no symbol twice" tools/checks/symbols.sh build/check

step "tests"
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=1:strict_string_checks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export CMOCKA_MESSAGE_OUTPUT=TAP
export TOCSIN_DATA=${TOCSIN_DATA:-$PWD/../shared/data}
run_tests() { # run_tests FOLDER [OPTION...]: every case of its log is a result
    local folder=$1
    shift
    # without address randomisation: ThreadSanitizer of some releases cannot bear much of it
    setarch "$(uname -m)" -R meson test -C "$folder" --no-rebuild --print-errorlogs --timeout-multiplier 4 \
        --num-processes "$jobs" "$@"
    python3 tools/count.py --tests "$folder/meson-logs/testlog.json" >>"$results" ||
        note fail "the test log of $folder can be read"
}
run_tests build/check

# tests of what is threaded are in the suite "threads" too
if meson test -C build/check --no-rebuild --list --suite threads >/dev/null 2>&1; then
    step "tests of threaded parts under TSan"
    need "thread sanitizer setup" setup build/threads --buildtype=debugoptimized \
        -Db_sanitize=thread -Db_lundef=false -Dtests=enabled
    need "thread sanitizer build" compile build/threads
    export TSAN_OPTIONS=halt_on_error=1:suppressions=$PWD/tools/tsan.supp
    run_tests build/threads --suite threads
fi

step "release build with link-time optimisation, warnings are errors"
need "release setup" setup build/strict --buildtype=release -Doptimization=2 -Dwerror=true \
    -Db_lto=true -Dtests=disabled
need "release build" compile build/strict
if tools/check-install.sh build/strict; then
    note pass "install: hardened, complete, usable by others"
else
    note fail "install: hardened, complete, usable by others"
fi

finish
