#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What libtrm gives to the linker, as TAP: every external symbol has the prefix, and what a shared
# library shows is what a public header declares, no more and no less.
#   symbols.sh INCLUDE FILE...    FILE: libtrm.a, libtrm.so or both
set -u
export LC_ALL=C
include=$1
shift
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
number=0

# check NAME FILE: passes if FILE, the list of offenders, is empty
check() {
    number=$((number + 1))
    if [ ! -s "$2" ]; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        sed 's/^/# /' "$2"
    fi
}

if ! command -v readelf >/dev/null 2>&1; then
    echo "1..0 # SKIP readelf is not here"
    exit 0
fi

# Functions and objects that public headers declare: a name before a parenthesis or after extern.
find "$include/trm" -name '*.h' ! -path '*/tui/*' -exec cat {} + |
    sed 's://.*::' | grep -oE '\btrm_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u >"$folder/declared"

for file in "$@"; do
    name=${file##*/}
    table=--symbols
    case "$file" in *.a) ;; *) table=--dyn-syms ;; esac
    # Columns: number, value, size, type, binding, visibility, section, name. Names that start with
    # two underscores are the compiler's and the sanitizers'.
    readelf -W $table "$file" 2>/dev/null |
        awk '$5 ~ /GLOBAL|WEAK|UNIQUE/ && $7 != "UND" && $8 !~ /^(__|_init$|_fini$)/ { print $6, $8 }' |
        sed 's/@.*//' | sort -u >"$folder/symbols"
    [ -s "$folder/symbols" ] || echo "no symbols in $file" >"$folder/none"
    check "$name can be read" "$folder/none"
    awk '$2 !~ /^trm_/ { print $2 }' "$folder/symbols" >"$folder/out"
    check "$name: every external symbol starts with trm_" "$folder/out"
    awk '$1 == "DEFAULT" { print $2 }' "$folder/symbols" >"$folder/shown"
    comm -13 "$folder/declared" "$folder/shown" >"$folder/out"
    check "$name: what is exported is in a public header" "$folder/out"
    # A name in a header may be that of a callback type or of an inline function: of these the
    # library has no symbol at all.
    awk '$1 != "DEFAULT" { print $2 }' "$folder/symbols" | comm -12 "$folder/declared" - >"$folder/out"
    check "$name: what public headers declare is exported" "$folder/out"
done
echo "1..$number"
