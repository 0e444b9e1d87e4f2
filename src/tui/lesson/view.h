// SPDX-License-Identifier: Apache-2.0
// Everything that the screen of a supervised training shows, as plain data. Drawing reads it and
// nothing else.
#ifndef TUI_LESSON_VIEW_H
#define TUI_LESSON_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/run/config.h"
#include "trm/train/trainer.h"
#include "tui/canvas.h"
#include "tui/pace.h"
#include "tui/widgets/marks.h"

typedef enum trm_lesson_focus {
    TRM_LESSON_FOCUS_SAMPLE,
    TRM_LESSON_FOCUS_ANSWERS,
    TRM_LESSON_FOCUS_CURVES,
    TRM_LESSON_FOCUS_NUMBERS,
    TRM_LESSON_FOCUS_COUNT
} trm_lesson_focus;

// What a step of the model makes of the sample in sight.
typedef struct trm_step_answer {
    bool read;        // the head reads this step
    int32_t right;    // positions
    int32_t missed;   // path cells that are not marked; mazes only
    int32_t too_many; // cells marked that are not on the path; mazes only
    int32_t *classes; // [P]
    float *shade;     // [P] of two classes the probability of class 1, else of the answer
    float *mean;      // [P] of the cell's latent
} trm_step_answer;

typedef struct trm_lesson_view {
    // What it is about; set once.
    const trm_config *config;
    trm_trace_shape shape;
    int32_t positions, classes;
    int32_t state_dim;  // S
    int32_t rows, cols; // of the grid that the positions are drawn as
    bool grid;          // they are the cells of one; else tokens
    bool path;          // two classes in a grid: off and on the path
    int64_t parameters;
    bool ascii;

    // Training.
    trm_snapshot snap;
    trm_history history;
    bool done, paused;
    bool bare;      // nothing was trained here: only the model is to be seen
    double elapsed; // seconds that the view has run, pauses left out
    double left;    // seconds, NaN: unknown
    trm_pace pace;
    double speed; // batches a second; done: steps shown a second; 0: free

    // The sample in sight.
    trm_sample peek;          // id 0: none yet
    trm_step_answer *answers; // [cycles]
    int32_t best;             // step with most positions right, the first of them; -1: none
    float z_scale, y_scale, mean_scale, z_peak, y_peak, mean_peak;
    char sentence[200];

    // The viewer.
    trm_split side; // asked for
    int32_t sample; // asked for
    int32_t selected;
    int32_t cell; // the cursor
    trm_lesson_focus focus;
    int32_t curve; // which one where only one fits: 0 accuracy, 1 loss
} trm_lesson_view;

void trm_lesson_view_init(trm_lesson_view *v, const trm_config *config, const trm_course *course,
                          bool ascii);
void trm_lesson_view_done(trm_lesson_view *v);

// v->peek has changed.
void trm_lesson_view_take(trm_lesson_view *v);

// Selects a step, or a cell; clamped.
void trm_lesson_view_select(trm_lesson_view *v, int32_t step);
void trm_lesson_view_move(trm_lesson_view *v, int32_t rows, int32_t cols);

// The cell's part of the latent z, or of y, at a step; *n floats, 0 where there is none.
const float *trm_lesson_view_z(const trm_lesson_view *v, int32_t step, int32_t *n);
const float *trm_lesson_view_y(const trm_lesson_view *v, int32_t step, int32_t *n);

// Probabilities [classes] of a cell at a step that is read.
const float *trm_lesson_view_probs(const trm_lesson_view *v, int32_t step, int32_t cell);

// What stands in the grid: the truth (step -1), or the answer of a step, or its means where it is
// not read; and the mean of each cell's latent.
trm_answer_marks trm_lesson_view_answers(const trm_lesson_view *v, int32_t step);
trm_answer_marks trm_lesson_view_means(const trm_lesson_view *v, int32_t step);

// The grid with those marks, without a frame.
trm_board_view trm_lesson_view_board(const trm_lesson_view *v, const trm_answer_marks *m);

// "path", "floor"; "digit 4"; "class 7".
void trm_lesson_view_class(const trm_lesson_view *v, int32_t class_of, char out[16]);

#endif
