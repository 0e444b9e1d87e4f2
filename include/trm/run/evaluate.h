// SPDX-License-Identifier: Apache-2.0
// Evaluations by several processes: batches of held-out boards go to whoever is free, and what
// comes of them is added in their order. So the figures are those of one process.
#ifndef TRM_RUN_EVALUATE_H
#define TRM_RUN_EVALUATE_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/evaluate.h"
#include "trm/agent/evaluate_answers.h"
#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/base/peers.h"

TRM_BEGIN_DECLS

// As trm_evaluate, of a model (not NULL), but for the entropy, whose last digits may be others. May
// ask progress from any of its threads, one at a time; when that stops, the figures are of whole
// batches. False with *e naming the rank that cannot take part.
bool trm_run_evaluate(trm_peers *p, const trm_model *m, const trm_env *env, int64_t episodes,
                      uint64_t seed, bool stops, bool (*progress)(void *ctx, int64_t done),
                      void *ctx, trm_evaluation *out, trm_error *e);

// As trm_evaluate_answers on samples of this data set. False with TRM_E_STOPPED: progress stopped
// it.
bool trm_run_evaluate_answers(trm_peers *p, const trm_model *m, const trm_dataset_config *data,
                              const trm_dataset *d, bool layers, bool fill,
                              bool (*progress)(void *ctx, double share), void *ctx,
                              trm_answer_evaluation *out, trm_error *e);

TRM_END_DECLS

#endif
