// SPDX-License-Identifier: Apache-2.0
// What the two kinds of probe print alike.
#ifndef TRM_CLI_PROBE_PRINT_H
#define TRM_CLI_PROBE_PRINT_H

#include <stdint.h>

#include "trm/model/trace.h"

// "[1,2,...]", as numbers that read back exactly.
void trm_probe_print_values(const float *values, int32_t n);

// "[{...},...]": every cycle's activations, logits and probabilities, as numbers that read back
// exactly; what an architecture lacks, or its head does not read, is left out.
void trm_probe_print_cycles(const trm_trace_shape *s, float *trace);

#endif
