#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The library as a stranger meets it, as TAP: installed below the build folder, found by pkg-config,
# its example compiled as C and as C++, linked with what was installed, and run.
# From the environment: MESON, BUILD (build folder), PREFIX, LIBDIR, EXAMPLE (its installed path),
# CC, CXX (empty: none), FLAGS (what the library was built with and a program needs, too).
set -u
number=0

# check NAME COMMAND...: passes if the command does
check() {
    number=$((number + 1))
    name=$1
    shift
    if "$@" >"$folder/log" 2>&1; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        sed 's/^/# /' "$folder/log"
    fi
}

folder=$(mktemp -d "$BUILD/tests/lib/installed.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
root=$folder$PREFIX
lib=$root/$LIBDIR

# The files name the place that they are meant for; here they stand below another one.
install() {
    # shellcheck disable=SC2086 # a list of words
    $MESON install -C "$BUILD" --no-rebuild --quiet --destdir "$folder" &&
        sed "s|^prefix=.*|prefix=$root|" "$lib/pkgconfig/trm.pc" >"$folder/trm.pc" &&
        mv "$folder/trm.pc" "$lib/pkgconfig/trm.pc"
}

flags() {
    PKG_CONFIG_PATH="$lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}" pkg-config "$@" trm
}

# build COMPILER STANDARD LANGUAGE PROGRAM [--static]
build() {
    words=$(flags --cflags --libs ${5:+"$5"}) || return 1
    # With both libraries there -ltrm is the shared one.
    [ -z "${5:-}" ] || words=$(echo "$words" | sed "s|-ltrm\\b|$lib/libtrm.a|")
    # shellcheck disable=SC2086 # lists of words
    $1 "-std=$2" -Wall -Wextra -Wpedantic -Werror $FLAGS -x "$3" "$folder$EXAMPLE" -x none $words -o "$4"
}

run() {
    out=$(LD_LIBRARY_PATH="$lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$1") || return 1
    echo "$out"
    expr "$out" : '100 of 100 held-out episodes succeed' >/dev/null
}

# Short enough to be read at once.
short() {
    [ "$(wc -l <"$folder$EXAMPLE")" -le 40 ]
}

# all_of KIND [--static]
all_of() {
    check "$1: the example builds as C" build "$CC" c11 c "$folder/$1-c" ${2:+"$2"}
    check "$1: it trains a maze" run "$folder/$1-c"
    if [ -n "$CXX" ]; then
        check "$1: the example builds as C++" build "$CXX" c++11 c++ "$folder/$1-cpp" ${2:+"$2"}
        check "$1: it trains a maze" run "$folder/$1-cpp"
    fi
}

check "it installs" install
check "the example has at most 40 lines" short
check "no header of the screens is there" test ! -e "$root/include/trm/tui"
[ ! -e "$lib/libtrm.a" ] || all_of static --static
[ ! -e "$lib/libtrm.so" ] || all_of shared
echo "1..$number"
