#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Finds what the project needs and is not there, and installs it with apt.
#
#   tools/deps.sh [build|check|bench]     build is in check, check is in bench
#
# Exit 0: everything is there now. 4: it could not be installed (says which command would).
set -euo pipefail

# set  how it is recognised          Debian's package
needs='
build  cmd:gcc                       gcc
build  file:/usr/include/stdlib.h    libc6-dev
build  cmd:meson                     meson
build  cmd:ninja                     ninja-build
build  cmd:pkg-config                pkg-config
build  cmd:python3                   python3
build  cmd:node                      nodejs
build  cmd:npm                       npm
build  pc:sqlite3                    libsqlite3-dev
build  pc:libmicrohttpd              libmicrohttpd-dev
build  pc:libsodium                  libsodium-dev
build  pc:gnutls                     libgnutls28-dev
build  pc:nettle                     nettle-dev
build  pc:libfido2                 libfido2-dev
build  pc:libxml-2.0                 libxml2-dev
build  pc:libpcre2-8                 libpcre2-dev
build  pc:libcurl                    libcurl4-gnutls-dev
build  pc:yyjson                     libyyjson-dev
build  file:/usr/include/uninorm.h   libunistring-dev
check  pc:cmocka                     libcmocka-dev
check  cmd:clang                     clang
check  cmd:clang-format              clang-format
check  cmd:clang-tidy                clang-tidy
check  fuzzer                        libclang-rt-dev
check  cmd:xmllint                   libxml2-utils
check  cmd:curl                      curl
check  cmd:git                       git
check  py:venv,ensurepip             python3-venv
check  browser                       chromium
bench  cmd:nginx                     nginx-light
bench  cmd:wrk                       wrk
'
# Not every machine must have these. Without chromium the page's tests are skipped; without node and
# npm the node is built without its page.
optional=' chromium nodejs npm '

say() { printf 'deps: %s\n' "$*"; }

there() {
    case $1 in
    cmd:*) PATH=$PATH:/usr/sbin command -v "${1#cmd:}" ;;
    pc:*) command -v pkg-config && pkg-config --exists "${1#pc:}" ;;
    file:*) [ -e "${1#file:}" ] ;;
    py:*) python3 -c "import ${1#py:}" ;;
    fuzzer) command -v clang && compgen -G "$(clang -print-resource-dir)/lib/*/libclang_rt.fuzzer*.a" ;;
    browser) command -v chromium || command -v chromium-browser || command -v google-chrome ;;
    esac >/dev/null 2>&1
}

missing_of() { # missing_of SET: prints the packages
    local sets=build set how package
    [ "$1" = build ] || sets="$sets check"
    [ "$1" != bench ] || sets="$sets bench"
    while read -r set how package; do
        case " $sets " in *" $set "*) there "$how" || echo "$package" ;; esac
    done <<<"$(sed '/^$/d' <<<"$needs")"
}

needed_of() { # needed_of PACKAGE...: prints those that are not optional
    local p
    for p in "$@"; do
        [[ $optional == *" $p "* ]] || echo "$p"
    done
}

known() { # known PACKAGE: apt could install it from the system's own lists
    local policy
    policy=$(apt-cache policy "$1" 2>/dev/null) # not through a pipe: grep -q would end it early
    [[ $policy == *'Candidate: '[!\(]* ]]
}

# Debian 12 does not carry yyjson; the two packages of Debian 13 need only its libc. They are taken
# from the mirror that this machine uses already, with lists of their own: the system's lists and
# sources stay as they are, and apt checks the signatures with the system's keyring.
install_yyjson_of_trixie() {
    local site dir keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    site=$(apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' |
        awk '$2 == "bookworm" { print $1; exit }')
    [ -n "$site" ] && [ -r "$keyring" ] || return 1
    dir=$(mktemp -d)
    chmod 755 "$dir" # apt reads it as a user without rights
    mkdir -p "$dir/lists/partial"
    echo "deb [signed-by=$keyring] $site trixie main" >"$dir/sources.list"
    local own=(-o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o "Dir::State::lists=$dir/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
    local status=0
    $sudo apt-get "${own[@]}" -q update &&
        $sudo apt-get "${own[@]}" -qy --no-install-recommends install libyyjson0 libyyjson-dev ||
        status=$?
    $sudo rm -rf "$dir"
    return "$status"
}

is_bookworm() { grep -q '^VERSION_CODENAME=bookworm' /etc/os-release && grep -q '^ID=debian' /etc/os-release; }

main() {
    local what=${1:-build} missing packages=() trixie=false updated=false p
    case $what in build | check | bench) ;; *)
        echo "usage: tools/deps.sh [build|check|bench]" >&2
        exit 2
        ;;
    esac
    missing=$(missing_of "$what" | tr '\n' ' ')
    missing=${missing% }
    if [ -z "$missing" ]; then
        say "everything for '$what' is there"
        return 0
    fi
    # shellcheck disable=SC2086  # a list of words
    if [ -z "$(needed_of $missing)" ] && { [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; }; then
        say "not there, goes without: $missing"
        return 0
    fi
    if ! command -v apt-get >/dev/null; then
        say "this machine has no apt; install what Debian calls: $missing"
        exit 4
    fi
    sudo=
    if [ "$(id -u)" != 0 ]; then
        if ! [ -t 0 ] || ! command -v sudo >/dev/null; then
            say "missing: $missing"
            say "run this as root, then again: apt-get update && apt-get install -y $missing"
            say "(or run tools/deps.sh $what as root: on Debian 12 it also knows where to get yyjson)"
            exit 4
        fi
        sudo=sudo
        read -r -p "deps: install with sudo apt-get: $missing  [Y/n] " answer
        case $answer in [nN]*) exit 4 ;; esac
    fi
    export DEBIAN_FRONTEND=noninteractive
    for p in $missing; do
        if ! known "$p" && ! $updated; then
            say "reading the package lists (apt-get update)"
            $sudo apt-get -q update || true
            updated=true
        fi
        if known "$p"; then
            packages+=("$p")
        elif [ "$p" = libyyjson-dev ] && is_bookworm; then
            trixie=true
        elif [[ $optional == *" $p "* ]]; then
            say "this release has no package $p; goes without"
        else
            say "no package $p is known to apt; install it by hand"
            exit 4
        fi
    done
    if [ ${#packages[@]} -gt 0 ]; then
        say "installing: ${packages[*]}"
        $sudo apt-get -qy --no-install-recommends install "${packages[@]}" || {
            $updated && exit 4
            $sudo apt-get -q update # the lists may be older than the mirror
            $sudo apt-get -qy --no-install-recommends install "${packages[@]}" || exit 4
        }
    fi
    if $trixie; then
        say "installing libyyjson0 and libyyjson-dev of Debian 13 from this machine's own mirror"
        install_yyjson_of_trixie || {
            say "yyjson could not be installed"
            exit 4
        }
    fi
    # shellcheck disable=SC2046  # a list of words
    missing=$(needed_of $(missing_of "$what") | tr '\n' ' ')
    if [ -n "$missing" ]; then
        say "still missing after the installation: $missing"
        exit 4
    fi
    say "done"
}

main "$@"
