# SPDX-License-Identifier: Apache-2.0
# Counts test functions in meson's testlog.txt and prints "N passed, N failed". A program that ended
# badly without telling which of its functions failed counts as one failed; so does an empty log.

function close_program() {
    if (bad && !told)
        failed++
    bad = told = 0
}

function fail(name) {
    told = 1
    if (!((program, name) in seen)) # cmocka names a failure again in its summary
        failed++
    seen[program, name] = 1
}

/^=+ [0-9]+\/[0-9]+ =+$/ { close_program(); program++ }
/^result: / && !/^result: +exit status 0$/ { bad = 1 }
/^\[       OK \] / { passed++ }
/^\[  FAILED  \] / && !/test\(s\)/ { fail($4) }
/^ok [0-9]+/ && !/# SKIP/ { passed++ }
/^not ok [0-9]+/ { fail($3) }

END {
    close_program()
    if (!program)
        failed++
    printf "%d passed, %d failed\n", passed, failed
    exit failed > 0
}
