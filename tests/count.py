#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts test functions in meson's testlog.json and prints "N passed, N failed".

A program that died without telling which of its functions failed counts as one failed.
"""
import json
import re
import sys

PASSED = re.compile(r"^(?:\[       OK \] (\S+)|ok \d+)(?!.*# SKIP)", re.M)
FAILED = re.compile(r"^(?:\[  FAILED  \] (?!\d+ test\(s\))(\S+)|not ok \d+.*)$", re.M)
GOOD = {"OK", "EXPECTEDFAIL", "SKIP"}


def count(test):
    """(passed, failed) of one program."""
    text = (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")
    passed = len(PASSED.findall(text))
    failed = len(set(m.group(0) for m in FAILED.finditer(text)))
    if test["result"] not in GOOD and failed == 0:
        failed = 1
    if test["result"] == "OK" and passed == 0 and failed == 0:
        passed = 1
    return passed, failed


def main():
    passed = failed = 0
    try:
        with open(sys.argv[1], encoding="utf-8") as log:
            tests = [json.loads(line) for line in log if line.strip()]
    except OSError as error:
        print(f"no test log: {error}", file=sys.stderr)
        tests = [{"result": "ERROR"}]
    if not tests:
        failed = 1
    for test in tests:
        p, f = count(test)
        passed += p
        failed += f
        if test["result"] not in GOOD:
            print(f"{test.get('name', 'test')}: {test['result'].lower()}, {f} failed")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
