// SPDX-License-Identifier: Apache-2.0
// The microscope and what-if: screens over one decision of a model. Any screen can push them. They
// own copies of the weights and of the episode, so that whatever goes on below changes nothing in
// them.
#ifndef TUI_MICRO_MICRO_H
#define TUI_MICRO_MICRO_H

#include "trm/agent/episode.h"
#include "trm/env/env.h"
#include "trm/model/model.h"
#include "tui/app.h"

// What is put under the microscope. Everything but the environment is copied by the call; the
// environment must outlive the screen.
typedef struct trm_micro_source {
    const trm_env *env;
    const trm_model *model;     // takes the environment's observations and has its actions
    const float *weights;       // as the model's parameters' slab; NULL: the model's own
    const trm_reel_step *steps; // [length] the episode so far; NULL where length is 0
    const void *states;         // [length + 1] state blocks; block t is before step t
    int32_t length;
    int32_t at;        // the state to begin with, 0 .. length
    const char *title; // "episode 44": what it is, in a few words
    const char *how;   // static: "you played", where what was done was not sampled; NULL: it was
} trm_micro_source;

// A recorded episode, or what there is of it, at step `at`.
trm_micro_source trm_micro_source_of(const trm_env *env, const trm_model *model,
                                     const float *weights, const trm_reel *reel, int32_t at,
                                     const char *title);

// Push the screen; it frees itself when it is left. False: nothing was pushed, and *e says why.
bool trm_micro_push(trm_app *app, const trm_micro_source *source, trm_error *e);
bool trm_what_if_push(trm_app *app, const trm_micro_source *source, trm_error *e);

#endif
