// SPDX-License-Identifier: Apache-2.0
// What measuring the claims has shown, on standard output.
#ifndef TRM_CLI_REPRODUCE_REPORT_H
#define TRM_CLI_REPRODUCE_REPORT_H

#include <stdbool.h>

#include "trm/run/reproduce.h"

enum { REPRODUCE_COLUMNS = 3 }; // as the original does it, corrected, ours

// A claim with what was measured of it.
typedef struct reproduce_row {
    const trm_claim *claim;
    const trm_measure_task *tasks[REPRODUCE_COLUMNS]; // NULL where there is no preset
} reproduce_row;

const char *reproduce_preset(const trm_claim *c, int column); // NULL where there is none

void reproduce_print_table(const reproduce_row *rows, int count, bool markdown);
void reproduce_print_json(const reproduce_row *rows, int count);

#endif
