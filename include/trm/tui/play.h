// SPDX-License-Identifier: Apache-2.0
// Playing by hand: a full-screen view of a board, with a model to ask and to race. Only the calling
// thread draws.
#ifndef TRM_TUI_PLAY_H
#define TRM_TUI_PLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/env/dataset.h"
#include "trm/env/env.h"
#include "trm/model/model.h"
#include "trm/run/config.h"
#include "trm/tui/screens.h"

TRM_BEGIN_DECLS

typedef struct trm_play_options {
    const trm_env *env;
    const trm_model *model;   // that fits the environment; NULL: none
    const char *model_name;   // what it is called on the screen
    const trm_config *config; // the model's, where it plays by its answers; NULL: not known
    int64_t board;            // the number of the first board: equal numbers are equal boards
    const void *start;        // a state to start from instead, a puzzle of one's own; or NULL
    const char *note;         // one line to show at the start, or NULL
    const trm_dataset_source *boards; // where numbered boards come from; NULL: the environment
    bool race;                        // the model moves beside the player from the start
    trm_screen_options screen;
} trm_play_options;

// Opens the view and returns when the player leaves. Games that end are recorded in the score file
// (trm/run/scores.h). False: the view could not be opened, or a signal ended it (TRM_E_STOPPED).
bool trm_play_run(const trm_play_options *o, trm_error *e);

TRM_END_DECLS

#endif
