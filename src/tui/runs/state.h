// SPDX-License-Identifier: Apache-2.0
// The list of runs as it is seen.
#ifndef TUI_RUNS_STATE_H
#define TUI_RUNS_STATE_H

#include "trm/tui/runs.h"
#include "tui/app.h"

typedef struct trm_runs_screen {
    const trm_runs_options *o;
    trm_runs_choice *choice;
    trm_app *app;
    trm_runs list;
    int32_t *rows; // [list.count] those that the filter lets through, in order
    int32_t count;
    int32_t selected; // row; -1: there is none
    char (*marked)[TRM_RUNS_PATH];
    int32_t marks, room;
    char delete[TRM_RUNS_PATH]; // asked about
    double looked;              // when running ones were
    double arranged;            // when what was measured last was put in order
    double listed, cost;        // when the folders were read, and how long that took
    int64_t now;                // Unix time in sight
    bool ascii;
} trm_runs_screen;

extern const trm_action trm_runs_actions[];

void trm_runs_draw(trm_canvas *c, const void *self);

// The run in a row, and whether it is marked.
trm_run_entry *trm_runs_row(const trm_runs_screen *w, int32_t row);
bool trm_runs_is_marked(const trm_runs_screen *w, const char *path);

// The row at a place of the canvas; -1: none.
int32_t trm_runs_row_at(const trm_runs_screen *w, trm_rect area, int32_t y, int32_t x);

// Rows of runs that are in sight at once.
int32_t trm_runs_page(trm_rect area);

#endif
