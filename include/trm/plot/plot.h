// SPDX-License-Identifier: Apache-2.0
// Pictures of recorded runs, written as SVG or PNG by the ending of the file's name: whole or not
// at all, and the same bytes for the same runs (on a machine with the same fonts). One thread at a
// time.
#ifndef TRM_PLOT_PLOT_H
#define TRM_PLOT_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/env/board.h"

TRM_BEGIN_DECLS

enum {
    TRM_PLOT_RUNS = 256,   // at most
    TRM_PLOT_GROUPS = 9,   // curves at most
    TRM_PLOT_MODELS = 6,   // columns of predictions at most
    TRM_PLOT_SAMPLES = 16, // rows of them at most
    TRM_PLOT_SMOOTH = 1000000
};

// Whether pictures can be drawn: this build knows cairo, and cairo is there. Where it cannot, the
// functions below fail with one line that says what to do.
bool trm_plot_possible(trm_error *e);

typedef enum trm_plot_axis {
    TRM_PLOT_BY_EPISODE, // of supervised runs: by epoch
    TRM_PLOT_BY_STEP,    // environment steps; not for supervised runs
    TRM_PLOT_BY_SECOND,  // of training
    TRM_PLOT_AXES
} trm_plot_axis;

typedef struct trm_curves_request {
    const char *const *runs; // [count] run directories, reinforcement or supervised, not both
    int32_t count;           // 1 .. TRM_PLOT_RUNS
    const char *out;         // FILE.svg or FILE.png
    const char *title;       // NULL: none
    trm_plot_axis axis;
    bool log_x, log_y; // axes by powers of ten; y: the loss, of supervised runs only
    int32_t smooth;    // a curve's point is the mean of so many episodes or epochs, the last before
                       // it; 0: 50 episodes, 1 epoch
} trm_curves_request;

// Learning curves: reward and success, or loss, cells and whole answers. Runs that differ in
// nothing but the seed are one curve: their mean, in a band of one standard deviation, as far as
// the shortest of them goes. A run alone is drawn raw and smoothed.
bool trm_plot_curves(const trm_curves_request *request, trm_error *e);

typedef struct trm_mazes_request {
    const char *const *runs; // [count] supervised runs on one and the same data set of mazes
    int32_t count;           // 1 .. TRM_PLOT_MODELS
    const char *out;         // FILE.svg or FILE.png
    const char *title;       // NULL: none
    int32_t samples;         // rows, 1 .. TRM_PLOT_SAMPLES
} trm_mazes_request;

// Held-out mazes, a row each: the input, the true path, and what each run's model answers. The
// mazes are the first test samples of the first run.
bool trm_plot_mazes(const trm_mazes_request *request, trm_error *e);

// A picture in memory. Free bytes with free().
typedef struct trm_plot_png {
    unsigned char *bytes;
    size_t size;
    int32_t width, height; // pixels
} trm_plot_png;

// A board of a row or more. signs: trm_cell_sign of each cell of an answer, where the agent is the
// start; NULL: the board of an episode. Given digits are bold on grey, answers blue on white, wrong
// ones have a frame; of a path what is missed is hollow and what is wrong crossed out.
bool trm_plot_board(const trm_board *board, const uint8_t *signs, trm_plot_png *out, trm_error *e);

TRM_END_DECLS

#endif
