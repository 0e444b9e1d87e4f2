// SPDX-License-Identifier: Apache-2.0
// The Compare screen: what it shows, and how it is brought up to date. Drawing only reads.
#ifndef TUI_COMPARE_VIEW_H
#define TUI_COMPARE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/run/compare.h"
#include "tui/app.h"

enum { TRM_COMPARE_GRID = 400 }; // places along the x axis at which seeds are averaged

typedef enum trm_compare_axis {
    TRM_COMPARE_BY_EPISODE, // or epoch
    TRM_COMPARE_BY_STEP,    // not of supervised runs
    TRM_COMPARE_BY_SECOND,
    TRM_COMPARE_AXES
} trm_compare_axis;

typedef enum trm_compare_focus {
    TRM_COMPARE_FOCUS_VALUE,
    TRM_COMPARE_FOCUS_SUCCESS,
    TRM_COMPARE_FOCUS_TABLE,
    TRM_COMPARE_FOCUS_COUNT
} trm_compare_focus;

// A curve on the grid: mean over the seeds that have come so far, and one standard deviation to
// either side where there are two or more. NaN: nothing there.
typedef struct trm_compare_curve {
    float mean[TRM_COMPARE_GRID], low[TRM_COMPARE_GRID], high[TRM_COMPARE_GRID];
} trm_compare_curve;

typedef struct trm_compare_room trm_compare_room;

typedef struct trm_compare_view {
    trm_compare *compare; // borrowed
    trm_app *app;
    int32_t configs, seeds;
    bool supervised;

    // The comparison.
    trm_compare_summary summary[TRM_COMPARE_CONFIGS];
    int32_t runs, ended;
    bool over, paused;
    double elapsed; // seconds of running, pauses left out
    float x[TRM_COMPARE_GRID], x1;
    float y0, y1;                                   // range of the value
    trm_compare_curve value[TRM_COMPARE_CONFIGS];   // reward, or per cent of cells that are right
    trm_compare_curve success[TRM_COMPARE_CONFIGS]; // per cent of successes, or of whole answers

    // The viewer.
    trm_compare_axis axis;
    int32_t smoothing; // index of the windows
    bool band;
    bool hidden[TRM_COMPARE_CONFIGS];
    trm_compare_focus focus;
    int32_t curve;    // which one where only one fits: 0 value, 1 success
    int32_t selected; // row of the table

    // How it is renewed.
    trm_compare_room *room; // memory to work in
    trm_error error;        // of the start
    bool started;
    bool renew;       // at the next look, whatever has happened
    int64_t seen;     // updates in all at the last renewal
    double looked;    // at the last tick
    double renewed;   // when that was done last
    double last_cost; // seconds that it took
} trm_compare_view;

trm_compare_view *trm_compare_view_new(trm_app *app, trm_compare *c);
void trm_compare_view_free(trm_compare_view *v);

// Takes over what the comparison has done.
void trm_compare_view_renew(trm_compare_view *v);

// Episodes or epochs that the value is averaged over; and another window, clamped.
int32_t trm_compare_view_window(const trm_compare_view *v);
void trm_compare_view_smooth(trm_compare_view *v, int32_t by);

// At any size from 60x16. When there is little room the second curve goes, then columns and rows of
// the table.
void trm_compare_draw(trm_canvas *c, const void *view); // a trm_compare_view

// The panel at a place, TRM_COMPARE_FOCUS_COUNT: none; *config: of the table's row there, or as it
// was.
trm_compare_focus trm_compare_panel_at(const trm_compare_view *v, trm_rect area, int32_t y,
                                       int32_t x, int32_t *config);

extern const trm_action trm_compare_actions[];

#endif
