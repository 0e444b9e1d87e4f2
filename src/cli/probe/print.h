// SPDX-License-Identifier: Apache-2.0
// What the commands that print readings share.
#ifndef TRM_CLI_PROBE_PRINT_H
#define TRM_CLI_PROBE_PRINT_H

#include <stdint.h>

#include "trm/env/env.h"
#include "trm/model/reading.h"

// "[1,2,...]", as numbers that read back exactly.
void trm_probe_print_values(const float *values, int32_t n);

// "[{...},...]": every cycle's activations, logits and probabilities, as numbers that read back
// exactly; what an architecture lacks, or its head does not read, is left out. Where actions are
// masked, the probabilities that are left are there, too, as "masked".
void trm_probe_print_cycles(const trm_reading *r);

// The likeliest actions of a cycle with their probabilities, and what they were before the mask
// where there is one. brief: without that, and in the order of the actions where all fit. env NULL:
// actions have numbers in place of names.
void trm_probe_print_reading(const trm_env *env, const trm_reading *r, int32_t cycle, bool brief);

// An action's name, or its number where there is no environment.
void trm_probe_action_name(const trm_env *env, int32_t action, char out[16]);

#endif
