#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lists every message of the program that tells of something wrong, with its file, to be read:
# what, where, what was expected, what to do.
set -eu
cd -- "$(dirname -- "$0")/../src"
find . -name '*.c' | sort | while read -r file; do
    awk -v file="${file#./}" 'BEGIN { RS = ";" }
        /trm_error_set\(|trm_error_prefix\(|trm_report_usage\(|trm_report_no_effect\(|fprintf\(stderr|trm_app_status\(/ {
            text = ""
            rest = $0
            sub(/.*(trm_error_set|trm_error_prefix|trm_report_usage|trm_report_no_effect|fprintf\(stderr|trm_app_status)/, "", rest)
            while (match(rest, /"([^"\\]|\\.)*"/)) {
                text = text substr(rest, RSTART + 1, RLENGTH - 2)
                rest = substr(rest, RSTART + RLENGTH)
            }
            if (text != "" && text != "%s")
                print file ": " text
        }' "$file"
done
