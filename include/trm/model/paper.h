// SPDX-License-Identifier: Apache-2.0
// What is special to the models of the paper's own code, trm-paper and hrm (trm/model/model.h has
// the rest).
//
// A sample is S floats, the tokens of its cells, each a whole number 0 .. V-1, and, where the model
// has vectors of puzzles (puzzle_dim > 0), one more float: the puzzle's number, 0 .. puzzles-1.
// What is no such number counts as the nearest one. An answer is V logits a cell; V is action_dim,
// S is positions. Parameters bear the names of the public code's checkpoints ("model.inner.…"), so
// that its load_state_dict(strict=True) takes them.
#ifndef TRM_MODEL_PAPER_H
#define TRM_MODEL_PAPER_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/model/model.h"

TRM_BEGIN_DECLS

// The prefix that all names of parameters have.
#define TRM_PAPER_PREFIX "model.inner."

// Do these names (TRM_PAPER_PREFIX and all) look like one of the two models?
bool trm_paper_fits(const trm_params *params);

// Fills what weights cannot tell with what the paper's runs used: heads of 64 values, H_cycles 3,
// L_cycles 6 (4 where there are 6 tokens; hrm: 2 and 2), 16 steps, 16 prefix tokens where puzzles
// have vectors, rope. action_dim becomes V, `cells` becomes 81 for 11 tokens, 900 for 6, else 0:
// not known.
void trm_paper_defaults(const trm_params *params, trm_model_config *c);

// ---- passes -------------------------------------------------------------------------------------

// One pass through a net, as it is handed out. All is borrowed for the call.
typedef struct trm_pass {
    int32_t index;         // of the supervision step's passes, from 0
    int32_t h_cycle;       // from 0
    int32_t l_cycle;       // from 0; L_cycles for the pass that writes z_H
    bool writes_h;         // else it wrote z_L
    trm_mat h, l;          // z_H, z_L [T, D] after the pass
    const trm_mat *layers; // [layer_count] [T, D]: what each block of the net made of it
    int32_t layer_count;
    const float *logits; // [S * V] what the heads read from this z_H
    float halt, go_on;   // logits of q_head
} trm_pass;

typedef void trm_pass_visitor(void *ctx, const trm_pass *pass);

// Passes of a supervision step, H_cycles * (L_cycles + 1); 0: an architecture that has none to
// show.
int32_t trm_model_passes(const trm_model *m);

// Runs supervision step `step` of a row again, from the state in which it began, and hands out the
// state after every pass. The row was run by a forward of this workspace (with its interventions,
// which hold here, too); step < outputs. Nothing that a later backward or trace reads is changed.
// The last pass's state is that of the forward, bit for bit, where the forward ran the row alone;
// in larger batches products may round otherwise.
void trm_model_visit_passes(const trm_model *m, trm_workspace *w, int32_t row, int32_t step,
                            trm_pass_visitor *see, void *ctx);

// The second output of q_head, whether to think on: logits [rows] of output o, and where the caller
// puts the loss's gradient (new ones are 0). Only of models that have one (asserted): hrm learns
// it, trm-paper's is never trained.
bool trm_model_continues(const trm_model *m);
const float *trm_workspace_continue(const trm_workspace *w, int32_t o);
float *trm_workspace_dcontinue(trm_workspace *w, int32_t o);

TRM_END_DECLS

#endif
