// SPDX-License-Identifier: Apache-2.0
// Two models on one board, side by side, their cycles aligned. Only the calling thread draws.
#ifndef TRM_TUI_VERSUS_H
#define TRM_TUI_VERSUS_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/env/env.h"
#include "trm/model/model.h"
#include "trm/tui/screens.h"

TRM_BEGIN_DECLS

typedef struct trm_versus_options {
    const trm_env *env;
    const trm_model *models[2]; // that fit the environment
    const char *names[2];
    int64_t board; // the number of the first board: equal numbers are equal boards
    trm_screen_options screen;
} trm_versus_options;

// Opens the view and returns when the user leaves. False: it could not be opened, or a signal ended
// it (TRM_E_STOPPED).
bool trm_versus_run(const trm_versus_options *o, trm_error *e);

TRM_END_DECLS

#endif
