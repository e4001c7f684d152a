#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs a release build into a folder and looks at what came: the program runs, is hardened and
# needs shared libraries only; a program of others builds against libtocsin; pages and unit are fine.
#
#   tools/check-install.sh BUILD
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
there=$PWD/$build-installed
rm -rf "$there"
DESTDIR=$there meson install -C "$build" --no-rebuild --quiet
prefix=$there$(meson introspect "$build" --buildoptions |
    python3 -c 'import json, sys; print(next(o["value"] for o in json.load(sys.stdin) if o["name"] == "prefix"))')
bad=0
complain() {
    echo "install: $*"
    bad=1
}

program=$prefix/bin/tocsin
[ "$("$program" --version)" = "tocsin $(sed -n 's/.*TC_VERSION "\(.*\)"/\1/p' include/tocsin/version.h)" ] ||
    complain "tocsin --version says something else"
elf=$(LC_ALL=C readelf -Wldh "$program")
grep -q 'Type: *DYN' <<<"$elf" || complain "not position-independent"
grep -q 'GNU_RELRO' <<<"$elf" || complain "no RELRO"
grep -q 'BIND_NOW\|FLAGS_1.*NOW' <<<"$elf" || complain "not bound at start"
grep -Eq 'GNU_STACK.* RW ' <<<"$elf" || complain "the stack is executable"
symbols=$(LC_ALL=C readelf -W --dyn-syms "$program")
grep -q '__stack_chk_fail' <<<"$symbols" || complain "no stack protector"
grep -q '__[a-z]*printf_chk\|__memcpy_chk' <<<"$symbols" || complain "not fortified"
# indirect calls may only land where the compiler put a mark (CET); not every processor's ABI has it
if [ "$(uname -m)" = x86_64 ]; then
    marks=$(LC_ALL=C objdump -d --no-show-raw-insn "$program" | grep -c endbr64)
    [ "$marks" -gt 100 ] || complain "no marks for indirect branches ($marks)"
fi
grep -Eq '\((RPATH|RUNPATH)\)' <<<"$elf" && complain "looks for libraries in a folder of its own"
while read -r name _ path _; do
    case $path in
    /lib/* | /lib64/* | /usr/lib/*) ;;
    *) complain "needs $name, which is no library of the system: $path" ;;
    esac
done < <(LC_ALL=C ldd "$program" | grep '=>')
[ "$(find "$prefix/bin" -type f | wc -l)" = 1 ] || complain "more than one program"

library=$(find "$prefix" -name 'libtocsin.so')
[ -n "$library" ] || complain "libtocsin is not there"
leaked=$(LC_ALL=C nm -D --defined-only "$library" | awk '$3 !~ /^tc_/ && $3 !~ /^(_init|_fini)$/ { print $3 }')
[ -z "$leaked" ] || complain "libtocsin shows names of its inside: $leaked"
cat >"$there/other.c" <<'C'
#include <stdio.h>
#include <string.h>
#include <tocsin/check.h>
#include <tocsin/version.h>

static void wrong(void *arg, const struct tc_checker_problem *p)
{
    (void)arg;
    if (p->level == TC_CHECKER_MUST)
        printf("%s %s\n", p->path, p->rule);
}

int main(void)
{
    const char *bad = "{\"type\":\"location\",\"spec_version\":\"2.1\",\"latitude\":91,\"longitude\":5,"
                      "\"id\":\"location--00000000-0000-4000-8000-000000000001\","
                      "\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\"}";
    char error[200] = "";
    tc_checker *c = tc_checker_new();
    puts(tc_version());
    if (!c || tc_checker_text(c, bad, strlen(bad), wrong, NULL, error, sizeof error) != 1)
        return 1;
    if (tc_checker_text(c, "{", 1, wrong, NULL, error, sizeof error) != -1 || !*error)
        return 2;
    tc_checker_free(c);
    return 0;
}
C
folder=$(dirname "$library")
flags=$(PKG_CONFIG_PATH=$folder/pkgconfig PKG_CONFIG_SYSROOT_DIR=$there pkg-config --cflags --libs tocsin)
# shellcheck disable=SC2086  # flags are words
gcc -Wall -Wextra -Werror "$there/other.c" -o "$there/other" $flags || complain "a program of others does not build"
said=$(LD_LIBRARY_PATH=$folder "$there/other") || complain "a program of others ends with $?"
# shellcheck disable=SC2086  # flags are words
gcc -Wall -Wextra -Werror docs/example_impact.c -o "$there/example" $flags || complain "the example does not build"
LD_LIBRARY_PATH=$folder "$there/example" >/dev/null || complain "the example ends with $?"
[ "$said" = "$("$program" --version | cut -d' ' -f2)
latitude range" ] || complain "a program of others gets: $said"

for page in docs/commands/*.txt; do
    name=$(basename "$page" .txt)
    [ "$name" = tocsin ] && man=tocsin.1 || man=tocsin-$name.1
    file=$(find "$prefix" -name "$man")
    if [ -z "$file" ]; then
        complain "no man page $man"
    elif command -v groff >/dev/null; then
        said=$(groff -man -Tutf8 -ww "$file" 2>&1 >/dev/null)
        [ -z "$said" ] || complain "$man: $said"
    fi
    [ "$name" = tocsin ] || "$program" "$name" --help >/dev/null || complain "$name --help fails"
done

unit=$(find "$there" -name tocsin.service)
[ -n "$unit" ] || complain "no systemd unit"
# how exposed a service is by systemd's own reckoning: 2.0 of 10 at most
if [ -n "$unit" ] && systemd-analyze security --help 2>/dev/null | grep -q -- --threshold; then
    systemd-analyze security --offline=yes --no-pager --threshold=20 "$unit" >"$there/unit.txt" 2>&1 ||
        complain "the systemd unit: $(tail -1 "$there/unit.txt")"
fi
grep -q "@" "$unit" && grep -q "@bindir@" "$unit" && complain "the unit is not filled in"
exit "$bad"
