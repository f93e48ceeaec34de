# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What ./quickstart and ./check need from the distribution, and how to get it. Sourced by
# both. Every need is tested by use and not by package name, so that nothing is installed
# and no network is touched when the tools are there, wherever they came from.

# The compiler for the sanitized build: the version that the presets name, else any.
sil_clang() {
    if command -v clang-14 >/dev/null 2>&1; then
        echo clang-14
    else
        echo clang
    fi
}

sil_has_pc() {
    pkg-config --exists "$@" 2>/dev/null
}

# libcsv has no .pc file.
sil_has_csv() {
    printf '#include <csv.h>\nint main(void) { return csv_strerror(0) == 0; }\n' |
        gcc -x c -o /dev/null - -lcsv >/dev/null 2>&1
}

# Clang, its sanitizer runtime and its OpenMP runtime, in one go.
sil_has_clang() {
    local directory status=0
    command -v "$(sil_clang)" >/dev/null 2>&1 || return 1
    directory=$(mktemp -d) || return 1
    printf '#include <omp.h>\nint main(void) { return omp_get_max_threads() < 1; }\n' \
        >"$directory/probe.c"
    "$(sil_clang)" -fopenmp -fsanitize=address,undefined -o "$directory/probe" \
        "$directory/probe.c" >/dev/null 2>&1 || status=1
    rm -rf "$directory"
    return $status
}

# Go, with the package that Debian keeps for all Go programs.
sil_has_go() {
    command -v go >/dev/null 2>&1 && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog ]
}

sil_has_apt_package() {
    [ -n "$(apt-cache --quiet search --names-only "^$1\$" 2>/dev/null)" ]
}

# sil_missing build|test|long: one line a missing need, the first word names it.
sil_missing() {
    command -v gcc >/dev/null 2>&1 && command -v make >/dev/null 2>&1 || echo compiler
    command -v cmake >/dev/null 2>&1 || echo cmake
    command -v ninja >/dev/null 2>&1 || echo ninja
    command -v pkg-config >/dev/null 2>&1 || echo pkg-config
    command -v python3 >/dev/null 2>&1 || echo python3
    sil_has_pc 'libsodium >= 1.0.18' || echo sodium
    sil_has_pc 'gmp >= 6.2' || echo gmp
    sil_has_pc 'mpfr >= 4.1' || echo mpfr
    sil_has_pc 'jansson >= 2.13' || echo jansson
    sil_has_pc 'msgpack-c >= 4.0' || sil_has_pc 'msgpack >= 4.0' || echo msgpack
    if [ "$1" != build ]; then
        command -v git >/dev/null 2>&1 || echo git
        command -v nm >/dev/null 2>&1 || echo compiler
        command -v clang-format-14 >/dev/null 2>&1 || echo clang-format
        sil_has_clang || echo clang
        sil_has_pc 'criterion >= 2.4' || echo criterion
        sil_has_csv || echo csv
        command -v minisign >/dev/null 2>&1 || echo minisign
        command -v openssl >/dev/null 2>&1 || echo openssl
        command -v strace >/dev/null 2>&1 || echo strace
        command -v xxd >/dev/null 2>&1 || echo xxd
    fi
    if [ "$1" = long ]; then
        sil_has_go || echo go
    fi
}

# The packages that provide a need, on Debian 12 and on Ubuntu 24.04. With clang comes lld, which
# links the test programs faster and without which all works.
sil_package_of() {
    case "$1" in
    compiler) echo build-essential ;;
    cmake | git | minisign | openssl | python3 | strace | xxd) echo "$1" ;;
    go) echo golang-go golang-golang-x-mod-dev ;;
    ninja) echo ninja-build ;;
    pkg-config) echo pkg-config ;;
    sodium) echo libsodium-dev ;;
    gmp | mpfr | jansson | criterion | csv) echo "lib$1-dev" ;;
    msgpack)
        if sil_has_apt_package libmsgpack-c-dev; then
            echo libmsgpack-c-dev
        else
            echo libmsgpack-dev
        fi
        ;;
    clang-format)
        if sil_has_apt_package clang-format-14; then
            echo clang-format-14
        fi
        ;;
    clang)
        if sil_has_apt_package clang-14; then
            echo clang-14 libomp-14-dev libclang-rt-14-dev lld
        else
            echo clang libomp-dev libclang-rt-dev lld
        fi
        ;;
    esac
}

sil_packages_of() {
    local need
    for need in "$@"; do
        sil_package_of "$need"
    done | tr ' ' '\n' | sort -u | tr '\n' ' '
}

# sil_install_missing build|test|long: say what is missing, install it, make sure. Needs root or
# sudo only when something is missing.
sil_install_missing() {
    local needs as_root=
    needs=$(sil_missing "$1" | sort -u | tr '\n' ' ')
    [ -n "$needs" ] || return 0
    # A clang-format of another version formats differently: its gate is then skipped.
    if [ "$needs" = 'clang-format ' ] && ! sil_has_apt_package clang-format-14; then
        return 0
    fi
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "Missing: $needs" >&2
        echo "This script installs packages on Debian and Ubuntu only. Install these" >&2
        echo "yourself (README.md lists them) and run it again." >&2
        return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "Missing: $needs" >&2
            echo "Run this once as root, then start again:" >&2
            # shellcheck disable=SC2086
            echo "  apt-get install $(sil_packages_of $needs)" >&2
            return 1
        fi
        as_root=sudo
    fi

    echo "Missing here: $needs"
    echo "Refreshing the package list (apt-get update)."
    $as_root apt-get update -qq || return 1
    local packages
    # shellcheck disable=SC2086
    packages=$(sil_packages_of $needs)
    echo "Installing: $packages"
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $packages >/dev/null || return 1
    needs=$(sil_missing "$1" | grep -v '^clang-format$' | sort -u | tr '\n' ' ')
    if [ -n "$needs" ]; then
        echo "Still missing after the installation: $needs" >&2
        return 1
    fi
}
