#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Public headers, as TAP: each compiles on its own, twice over, as strict C and as C++, and trm.h
# brings all of them but those of the screens.
#   headers.sh INCLUDE [C-COMPILER...] -- [C++-COMPILER...]
set -u
include=$1
shift
cc=
while [ "$1" != -- ]; do
    cc="$cc $1"
    shift
done
shift
cxx=$*
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
warnings='-Wall -Wextra -Wpedantic -Wundef -Werror -fsyntax-only'
number=0

# check NAME STATUS FILE: passes if STATUS is 0; FILE says why it is not
check() {
    number=$((number + 1))
    if [ "$2" -eq 0 ]; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        sed 's/^/# /' "$3"
    fi
}

# use HEADER: a file for each language that includes it twice
use() {
    for ending in c cc; do
        printf '#include <%s>\n#include <%s>\nextern int used;\n' "$1" "$1" >"$folder/use.$ending"
    done
}

cd -- "$include" || exit 1
for header in $(find trm -name '*.h' | LC_ALL=C sort); do
    use "$header"
    # shellcheck disable=SC2086 # lists of words
    $cc -std=c11 $warnings -I. "$folder/use.c" 2>"$folder/log"
    check "$header as C" $? "$folder/log"
    if [ -n "$cxx" ]; then
        # shellcheck disable=SC2086
        $cxx -std=c++11 $warnings -I. "$folder/use.cc" 2>"$folder/log"
        check "$header as C++" $? "$folder/log"
    fi
    case "$header" in
    trm/trm.h | trm/base/api.h) continue ;;
    trm/tui/*) ;;
    *)
        grep -q "^#include \"$header\"" trm/trm.h || echo "add to trm.h: #include \"$header\"" >"$folder/log"
        check "$header is in trm.h" "$(grep -c '^add' "$folder/log")" "$folder/log"
        ;;
    esac
    guard=$(echo "$header" | tr 'a-z/.-' 'A-Z___')
    {
        grep -q "^#ifndef ${guard}\$" "$header" || echo "its guard is not $guard"
        grep -q '^TRM_BEGIN_DECLS$' "$header" && grep -q '^TRM_END_DECLS$' "$header" ||
            echo "TRM_BEGIN_DECLS and TRM_END_DECLS (trm/base/api.h) do not enclose it"
        grep -nE '#include "' "$header" | grep -v '#include "trm/'
        grep -nE '^ *# *define ' "$header" | grep -v 'define TRM_'
        grep -nE '^(typedef )?(struct|enum|union) [a-z]' "$header" | grep -vE '(struct|enum|union) trm_'
        grep -nE '^} ' "$header" | grep -v '^[0-9]*:} trm_'
    } >"$folder/log"
    check "$header keeps to the names" "$(grep -c . "$folder/log")" "$folder/log"
done
if [ -z "$cxx" ]; then
    number=$((number + 1))
    echo "ok $number - as C++ # SKIP there is no C++ compiler"
fi
echo "1..$number"
