// SPDX-License-Identifier: Apache-2.0
// One error, one line. A function that can fail takes a `trm_error *`, returns false (or NULL)
// and fills it. Library code never prints and never exits.
#ifndef TRM_BASE_ERROR_H
#define TRM_BASE_ERROR_H

#include <stdbool.h>

#include "trm/base/api.h"

TRM_BEGIN_DECLS

// Why something failed; decides the exit status of the program.
typedef enum trm_errc {
    TRM_OK = 0,
    TRM_E_INPUT,   // what the user gave is wrong: exit status 2
    TRM_E_IO,      // the system refused: exit status 1 (2 where the path was the user's)
    TRM_E_NUMERIC, // a loss or a weight is not finite: exit status 1
    TRM_E_STOPPED, // interrupted by a signal or a command: exit status 130
} trm_errc;

typedef struct trm_error {
    trm_errc code;
    char message[512]; // one line, no newline at the end; cut, never overrun
} trm_error;

// Fills *e and returns false, so that `return trm_error_set(e, TRM_E_INPUT, "…", …);` reads well.
// e may be NULL. Control characters that come in through arguments are shown as '?'.
bool trm_error_set(trm_error *e, trm_errc code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Puts "prefix: " before the message that *e already holds. Returns false.
bool trm_error_prefix(trm_error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

TRM_END_DECLS

#endif
