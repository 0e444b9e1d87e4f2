// SPDX-License-Identifier: Apache-2.0
// What differs on the training screen between a course of episodes and one of epochs: what stands
// in the left panel, in the columns of thinking, in the curves and in the numbers, and how it is
// put in words. Everything else is the same for both.
#ifndef TUI_TRAIN_PANEL_H
#define TUI_TRAIN_PANEL_H

#include "tui/train/layout.h"
#include "tui/train/view.h"
#include "tui/widgets/curve.h"
#include "tui/widgets/table.h"

enum { TRM_TRAIN_NUMBERS = 14, TRM_TRAIN_HEADING = 3 };

// A curve with its heading.
typedef struct trm_train_curve {
    char name[32];
    char words[TRM_TRAIN_HEADING][48]; // at the end of the heading; the first empty one ends them
    trm_curve curve;                   // its range is that of the values, not yet widened
    trm_curve_series series[2];
    int32_t series_count;
} trm_train_curve;

// What stands at the right end of a column's header, from the longest to the shortest; "": nothing.
typedef struct trm_train_reading {
    char words[3][40];
} trm_train_reading;

typedef struct trm_train_drawing {
    void (*subject)(trm_canvas *c, trm_rect r, const trm_train_view *v); // the left panel

    // A column: the least that it takes, how its rows are shared out, what its colours mean, what
    // is in it; and the line below all of them. All but the first two only where there is a trace.
    int32_t (*least_column)(const trm_train_view *v);
    void (*fit)(const trm_train_view *v, trm_train_columns *k, int32_t rows, bool fills);
    void (*scale)(const trm_train_view *v, const trm_train_columns *k, char *out, int32_t size);
    void (*reading)(const trm_train_view *v, int32_t width, int32_t cycle, trm_train_reading *out);
    void (*column)(trm_canvas *c, trm_rect r, const trm_train_view *v, const trm_train_columns *k,
                   int32_t cycle);
    void (*detail)(trm_canvas *c, trm_rect r, const trm_train_view *v);

    // What may stand beside the sentence from column x on; NULL: nothing.
    void (*beside)(trm_canvas *c, trm_rect r, int32_t x, const trm_train_view *v);

    void (*curve)(const trm_train_view *v, int32_t which, trm_train_curve *out);
    void (*numbers)(const trm_train_view *v, int32_t width, trm_row rows[TRM_TRAIN_NUMBERS]);
} trm_train_drawing;

struct trm_train_panel {
    const char *rate;    // what the pace is counted in: "steps", "batches"
    const char *unit;    // what the training is counted in: "episodes", "epochs"
    const char *advance; // what a checkpoint waits for: "update", "epoch"

    bool plays; // after training the trainer itself goes on, step by step

    // state: what goes on while it is not paused and has not failed.
    void (*state)(const trm_train_view *v, char *out, int32_t size);
    void (*announce)(const trm_snapshot *s, bool bare, char *out, int32_t size);
    void (*summary)(const trm_snapshot *s, char *out, int32_t size);

    trm_reading (*reading)(const trm_train_view *v); // of what is in sight; trace NULL: nothing
    void (*history)(trm_train_view *v, const trm_history *h);
    void (*select)(trm_train_view *v); // another cycle is; NULL: nothing follows from it
    void (*done)(trm_train_view *v);
    const trm_train_drawing *draw;
};

// One of the two curves. *out must stay where it is: its curve points to its series.
void trm_train_curve_of(const trm_train_view *v, int32_t which, trm_train_curve *out);

extern const trm_train_panel trm_train_episodes, trm_train_samples;
extern const trm_train_drawing trm_train_draw_episodes, trm_train_draw_samples;

#endif
