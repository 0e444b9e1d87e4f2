// SPDX-License-Identifier: Apache-2.0
// Everything that the Compare screen shows, as plain data. Drawing reads it and nothing else.
#ifndef TUI_COMPARE_VIEW_H
#define TUI_COMPARE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/run/compare.h"

enum { TRM_COMPARE_GRID = 400 }; // places along the x axis at which seeds are averaged

typedef enum trm_compare_axis {
    TRM_COMPARE_BY_EPISODE,
    TRM_COMPARE_BY_STEP,
    TRM_COMPARE_BY_SECOND,
    TRM_COMPARE_AXES
} trm_compare_axis;

typedef enum trm_compare_focus {
    TRM_COMPARE_FOCUS_REWARD,
    TRM_COMPARE_FOCUS_SUCCESS,
    TRM_COMPARE_FOCUS_TABLE,
    TRM_COMPARE_FOCUS_COUNT
} trm_compare_focus;

// A curve on the grid: mean over the seeds that have come so far, and one standard deviation to
// either side where there are two or more. NaN: nothing there.
typedef struct trm_compare_curve {
    float mean[TRM_COMPARE_GRID], low[TRM_COMPARE_GRID], high[TRM_COMPARE_GRID];
} trm_compare_curve;

typedef struct trm_compare_view {
    const trm_compare *compare; // borrowed
    int32_t configs, seeds;

    // The comparison.
    trm_compare_summary summary[TRM_COMPARE_CONFIGS];
    int32_t runs, ended;
    bool over, paused;
    double elapsed; // seconds of running, pauses left out
    float x[TRM_COMPARE_GRID], x1;
    float y0, y1; // range of the reward
    trm_compare_curve reward[TRM_COMPARE_CONFIGS];
    trm_compare_curve success[TRM_COMPARE_CONFIGS]; // per cent

    // The viewer.
    trm_compare_axis axis;
    int32_t smoothing; // index of the windows
    bool band;
    bool hidden[TRM_COMPARE_CONFIGS];
    trm_compare_focus focus;
    int32_t curve;    // which one where only one fits: 0 reward, 1 success
    int32_t selected; // row of the table
} trm_compare_view;

void trm_compare_view_init(trm_compare_view *v, const trm_compare *c);

// Takes over what the comparison has done. `room` is memory to work in.
typedef struct trm_compare_room trm_compare_room;
trm_compare_room *trm_compare_room_new(void); // free with free()
void trm_compare_view_renew(trm_compare_view *v, trm_compare_room *room);

// Episodes that the reward is averaged over.
int32_t trm_compare_view_window(const trm_compare_view *v);

// Another window; clamped.
void trm_compare_view_smooth(trm_compare_view *v, int32_t by);

#endif
