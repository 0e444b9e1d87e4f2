// SPDX-License-Identifier: Apache-2.0
// trm_evaluate_answers in pieces, which may be computed anywhere: parts of at most TRM_ASKER_ROWS
// samples, plain bytes. Added in the order of their samples they give the figures of one that asked
// about all.
#ifndef TRM_AGENT_PARTS_H
#define TRM_AGENT_PARTS_H

#include "trm/agent/evaluate_answers.h"

typedef struct trm_steps_tally trm_steps_tally;

// As trm_evaluate_steps. fills: parts are filled here, not only added.
trm_steps_tally *trm_steps_open(const trm_model *m, const trm_dataset *d, bool layers,
                                trm_rng *random, bool fills);
void trm_steps_free(trm_steps_tally *t);
size_t trm_steps_part_size(const trm_steps_tally *t);

// Samples first .. first + rows - 1.
void trm_steps_fill(trm_steps_tally *t, int32_t first, int32_t rows, void *part_bytes);
void trm_steps_add(trm_steps_tally *t, void *part_bytes);
void trm_steps_conclude(trm_steps_tally *t, trm_step_evaluation *out);

// Boards filled a few cells at a time.
typedef struct trm_fill_tally {
    int64_t solved, rounds;
} trm_fill_tally;

void trm_fill_boards(const trm_model *m, const trm_dataset *d, trm_fill_tally *out);
void trm_fill_conclude(const trm_dataset *d, const trm_fill_tally *t, trm_answer_evaluation *out);

#endif
