// SPDX-License-Identifier: Apache-2.0
// Sizes that a model takes from what it is for: what it reads, what it answers, and the board.
#ifndef TRM_TRAIN_SIZES_H
#define TRM_TRAIN_SIZES_H

#include <stdbool.h>

#include "trm/base/api.h"
#include "trm/env/dataset.h"
#include "trm/env/env.h"
#include "trm/model/model.h"

TRM_BEGIN_DECLS

// The board alone.
void trm_model_take_board(trm_model_config *c, const trm_geometry *g);

// A policy for an environment: one answer, over its actions.
void trm_model_take_env(trm_model_config *c, const trm_env *env);

// A model that answers at every position of a data set; only the shape of `d` is read.
void trm_model_take_dataset(trm_model_config *c, const trm_dataset *d);

// Can the model act in the environment? It must read such observations, have as many actions, and,
// where it knows its board, be of the same rows and columns.
bool trm_model_fits_env(const trm_model_config *c, const trm_env *env);

TRM_END_DECLS

#endif
