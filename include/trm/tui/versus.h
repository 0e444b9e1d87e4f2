// SPDX-License-Identifier: Apache-2.0
// Two models on one board, or on the same samples, side by side, their cycles aligned. Only the
// calling thread draws.
#ifndef TRM_TUI_VERSUS_H
#define TRM_TUI_VERSUS_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/env/env.h"
#include "trm/model/model.h"
#include "trm/run/config.h"
#include "trm/tui/screens.h"

TRM_BEGIN_DECLS

typedef struct trm_versus_options {
    const trm_env *env;         // NULL: the models answer samples
    const trm_model *models[2]; // that fit the environment, or each its data set
    const char *names[2];
    int64_t board; // the number of the first board: equal numbers are equal boards. Of samples the
                   // first one, from 0
    const trm_dataset *sets[2];   // samples: sample i of one is the board of sample i of the other
    const trm_config *configs[2]; // samples: to write the models down for trm probe; NULL: not
    trm_screen_options screen;
} trm_versus_options;

// Opens the view and returns when the user leaves. False: it could not be opened, or a signal ended
// it (TRM_E_STOPPED).
bool trm_versus_run(const trm_versus_options *o, trm_error *e);

TRM_END_DECLS

#endif
