// SPDX-License-Identifier: Apache-2.0
// `trm probe --activations FILE`: all that a model computed on one input, for other programs.
#ifndef TRM_CLI_PROBE_ACTIVATIONS_H
#define TRM_CLI_PROBE_ACTIVATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "trm/agent/agent.h"

// The text of `trm help probe` about these files.
#define TRM_ACTIVATIONS_HELP                                                                       \
    "--activations FILE.safetensors writes all activations: for trm-paper and hrm "                \
    "step.N.pass.K.z_L or z_H (what pass K of supervision step N wrote, [tokens, hidden]), "       \
    "step.N.logits [cells, classes], step.N.q_halt and q_continue (logits), counted from 0; for "  \
    "others cycle.N.h_mid, l, h, logits, probs and halt. FILE.npy is one float32 array: "          \
    "[steps * passes, 2, tokens, hidden] with z_H and z_L after every pass, or [cycles, h_mid + "  \
    "l + h]. "

// Does the file's name end in .npy or .safetensors?
bool trm_activations_named(const char *path, trm_error *e);

// There is one file: fails for more inputs than one.
bool trm_activations_one(size_t inputs, trm_error *e);

// What the agent computed on the input it was asked about last, of which this is the trace.
bool trm_activations_write(trm_agent *a, float *trace, const char *path, trm_error *e);

#endif
