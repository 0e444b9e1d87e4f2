// SPDX-License-Identifier: Apache-2.0
// The microscope and what-if: screens over what a model thinks, of one state of an episode after
// the other, or of one sample after the other. Any screen can push them. They own copies of the
// weights and of the episode or the samples, so that whatever goes on below changes nothing in
// them.
#ifndef TUI_INSPECTOR_MICRO_H
#define TUI_INSPECTOR_MICRO_H

#include "trm/agent/episode.h"
#include "trm/env/dataset.h"
#include "trm/env/env.h"
#include "trm/model/model.h"
#include "trm/run/config.h"
#include "tui/app.h"

// What is put under the microscope: an episode, or samples of a data set. Everything but the
// environment is copied by the call; the environment must outlive the screen.
typedef struct trm_inspector_source {
    // An episode; env NULL, and nothing else here is read: samples.
    const trm_env *env;
    const trm_episode_step *steps; // [length] the episode so far; NULL where length is 0
    const void *states;            // [length + 1] state blocks; block t is before step t
    int32_t length;
    const char *how; // static: "you played", where what was done was not sampled; NULL: it was

    // Samples first .. first + count - 1 of a data set, at least one.
    const trm_dataset *set;
    int32_t first, count;
    int32_t number, total; // how they are counted on the screen: the first is sample number + 1 of
                           // so many
    int32_t cell;          // the cell to begin with
    int32_t puzzle;        // the puzzle's number that a model of answers reads; 0: as in config
    const trm_config *config; // the model's, to write it down for trm probe; NULL: it is not

    const trm_model *model; // takes the environment's observations and has its actions, or takes
                            // the data set's inputs and has its answers
    const float *weights;   // as the model's parameters' slab; NULL: the model's own
    int32_t at;             // the state or sample to begin with, 0 .. length, or 0 .. count - 1
    const char *title;      // "episode 44", "held-out": what it is, in a few words
} trm_inspector_source;

// A recorded episode, or what there is of it, at step `at`.
trm_inspector_source trm_inspector_source_of(const trm_env *env, const trm_model *model,
                                             const float *weights,
                                             const trm_episode_trace *episode_trace, int32_t at,
                                             const char *title);

// Samples first .. first + count - 1 of a data set; `at` counts from the first of them.
trm_inspector_source trm_inspector_source_of_samples(const trm_model *model, const float *weights,
                                                     const trm_dataset *set, int32_t first,
                                                     int32_t count, int32_t at, const char *title);

// The same for so many samples around one as are enough to walk through.
trm_inspector_source trm_inspector_source_around(const trm_model *model, const trm_dataset *set,
                                                 int32_t sample, const char *title);

// Push the screen; it frees itself when it is left. False: nothing was pushed, and *e says why.
bool trm_inspector_push(trm_app *app, const trm_inspector_source *source, trm_error *e);
bool trm_what_if_push(trm_app *app, const trm_inspector_source *source, trm_error *e);
// One of the two, as the argument of a key says: 0 the microscope, 1 what-if.
bool trm_inspector_push_either(trm_app *app, const trm_inspector_source *source, int32_t what_if,
                               trm_error *e);

#endif
