// SPDX-License-Identifier: Apache-2.0
// Looking into a model beyond its traces: forwards that depart from the model as it was trained
// ("what if"), and how much each action owes to each unit. Weights are only read.
#ifndef TRM_MODEL_INSPECT_H
#define TRM_MODEL_INSPECT_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/model/model.h"

TRM_BEGIN_DECLS

// More cycles than this are not asked for at test time.
enum { TRM_CYCLES_MAX = 64 };

// What a forward does otherwise. All fields 0: nothing, and the forward is bit for bit the model's.
typedef struct trm_intervention {
    int32_t cycles;   // how many to run; 0: as configured
    bool no_feedback; // the L level does not come back to H (l_to_h is left out, bias and all)
    bool no_carry;    // cycles after the first do without the carry (h_carry)
    int32_t h_cycles, l_cycles; // within a supervision step; 0: as configured
    bool no_prefix;             // the prefix tokens are given nothing (x is 0 there)
    const uint8_t *h_held; // [H] nonzero: this unit of the H level is held at 0 wherever the level
                           // stands in a trace, and at its start; NULL: none
    const uint8_t *l_held; // [L] likewise
} trm_intervention;

// What an architecture's forward can be asked for.
typedef struct trm_interventions {
    bool cycles, feedback, carry;
    bool prev_action;    // it is told the previous action
    bool passes, prefix; // h_cycles and l_cycles; no_prefix
    int32_t h, l;        // units that can be held: the size of the level, or 0
} trm_interventions;

trm_interventions trm_model_interventions(const trm_model *m);

// A workspace to look with: like trm_workspace_new with all outputs, and with room for up to
// max_cycles cycles where the architecture can run another number than its own (at least its own).
// Logits of every cycle are computed in the forward itself.
trm_workspace *trm_workspace_new_inspect(const trm_model *m, int32_t max_rows, int32_t max_cycles);

// The forwards to come depart so; NULL: they do not. What the pointers name is copied. Only for
// workspaces of trm_workspace_new_inspect. Fails, and changes nothing, where the architecture
// cannot do it or the workspace has no room for so many cycles. While it holds, no backward may be
// run.
bool trm_workspace_intervene(const trm_model *m, trm_workspace *w, const trm_intervention *i,
                             trm_error *e);

// Shape of the traces of this workspace's forwards: the model's, with the cycles asked for.
trm_trace_shape trm_workspace_trace_shape(const trm_model *m, const trm_workspace *w);

// Marks the units that a text names, "h:12,l:3", counted from 0, in h_held [H] and l_held [L]; what
// is marked already stays. False, with the marks as they were, on units that the model does not
// have or that its forward cannot hold.
bool trm_held_parse(const trm_model *m, const char *text, uint8_t *h_held, uint8_t *l_held,
                    trm_error *e);

// How a trace's last logits depend on the units of its last cycle, through the head alone and to
// first order: out[i * units + j] = d logit(action0 + i) / d unit(unit0 + j). Units are counted
// through h and on through l; those asked for are of one of the two. A unit that is
// a mean counts as rising when all that it is the mean of rises alike. x [S] is the sample that the
// trace is of; it and the trace are only read. False, with `out` untouched, where the head does not
// read that level, and for architectures that do not tell.
bool trm_model_head_gradient(const trm_model *m, const trm_trace_shape *s, const float *x,
                             float *trace, int32_t action0, int32_t actions, int32_t unit0,
                             int32_t units, float *out);

TRM_END_DECLS

#endif
