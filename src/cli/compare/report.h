// SPDX-License-Identifier: Apache-2.0
// What a comparison has shown, on standard output.
#ifndef TRM_CLI_COMPARE_REPORT_H
#define TRM_CLI_COMPARE_REPORT_H

#include "trm/run/compare.h"

// A table with a line a configuration.
void trm_compare_print_table(const trm_compare *c);

// One JSON object with every run. `seconds`: how long it all took.
void trm_compare_print_json(const trm_compare *c, double seconds);

#endif
