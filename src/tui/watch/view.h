// SPDX-License-Identifier: Apache-2.0
// Everything that the Watch screen shows, as plain data. Drawing reads it and nothing else.
#ifndef TUI_WATCH_VIEW_H
#define TUI_WATCH_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/episode.h"
#include "trm/env/env.h"
#include "trm/run/config.h"
#include "trm/train/history.h"
#include "trm/train/trainer.h"
#include "tui/canvas.h"
#include "tui/pace.h"
#include "tui/watch/show.h"

typedef enum trm_watch_focus {
    TRM_FOCUS_BOARD,
    TRM_FOCUS_CYCLES,
    TRM_FOCUS_CURVES,
    TRM_FOCUS_NUMBERS,
    TRM_FOCUS_COUNT
} trm_watch_focus;

enum { TRM_TOP_UNITS = 8, TRM_ACTION_NAME = 16 };

// The selected cycle in numbers.
typedef struct trm_cycle_detail {
    float low, high, norm;
    int32_t units[TRM_TOP_UNITS]; // of the largest magnitudes, falling; `count` of them
    int32_t count;
} trm_cycle_detail;

// The history as curves.
typedef struct trm_watch_curves {
    int32_t n;
    bool by_steps; // x axis
    float x1;
    float low_y, high_y; // of the reward
    float x[TRM_HISTORY_POINTS], reward[TRM_HISTORY_POINTS];
    float low[TRM_HISTORY_POINTS], high[TRM_HISTORY_POINTS];
    float mean50[TRM_HISTORY_POINTS], success50[TRM_HISTORY_POINTS]; // success in per cent
} trm_watch_curves;

typedef struct trm_watch_view {
    // What it is about; set once.
    const trm_config *config;
    const trm_env *env;
    trm_trace_shape shape;
    bool ascii;
    int32_t actions;
    char (*names)[TRM_ACTION_NAME]; // [actions]
    const char **glyphs;            // [actions], "" where there is none
    int32_t name_width;
    int32_t *order; // [actions] actions as listed when not all fit: by the last cycle's probability

    // Training.
    trm_snapshot snap;
    bool done, paused;
    bool bare;      // nothing was trained here: only the model is to be seen
    double elapsed; // seconds that the view has run, pauses left out
    double left;    // seconds, NaN: unknown
    trm_watch_curves curves;

    // The step in sight.
    const trm_reel *reel;
    trm_show_mode mode;
    int32_t cursor; // -1: none yet
    trm_board board;
    uint8_t visits[TRM_BOARD_MAX * TRM_BOARD_MAX];
    int32_t agent; // cell, -1: none
    bool has_optimum;
    float optimum_reward;
    int32_t optimum_length;
    float optimum_mean; // over the starts seen, for the curve; NaN
    float h_scale, l_scale, h_peak, l_peak;
    trm_cycle_detail detail;
    char sentence[200];

    // The viewer.
    trm_pace pace;
    double speed; // steps a second of what is seen; 0: free
    int32_t selected;
    trm_watch_focus focus;
    int32_t curve; // which one where only one fits: 0 reward, 1 success
    int64_t optimum_count;
    uint64_t optimum_id; // reel whose optimum was taken
} trm_watch_view;

void trm_watch_view_init(trm_watch_view *v, const trm_config *config, const trm_env *env,
                         const trm_trace_shape *shape, bool ascii);
void trm_watch_view_done(trm_watch_view *v);

void trm_watch_view_history(trm_watch_view *v, const trm_history *h);

// The viewer wants it paused, and the trainer is still at what it had begun, a step or an update.
bool trm_watch_view_pausing(const trm_watch_view *v);

// The step `cursor` of the reel is in sight now.
void trm_watch_view_step(trm_watch_view *v, const trm_reel *reel, int32_t cursor);

// Selects a cycle; clamped.
void trm_watch_view_select(trm_watch_view *v, int32_t cycle);

// The trace of the step in sight; NULL if there is none. The same with what could be done there.
float *trm_watch_view_trace(const trm_watch_view *v);
trm_reading trm_watch_view_reading(const trm_watch_view *v);

// What a cycle would do; -1 where the head gives no reading.
int32_t trm_watch_view_best(const trm_watch_view *v, int32_t cycle);

#endif
