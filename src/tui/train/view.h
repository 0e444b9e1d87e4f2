// SPDX-License-Identifier: Apache-2.0
// Everything that the training screen shows, as plain data. Drawing reads it and nothing else. What
// is in sight is a step of an episode or a sample, by the course that is watched.
#ifndef TUI_TRAIN_VIEW_H
#define TUI_TRAIN_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/episode.h"
#include "trm/agent/words.h"
#include "trm/env/env.h"
#include "trm/run/config.h"
#include "trm/train/history.h"
#include "trm/train/trainer.h"
#include "tui/pacing.h"
#include "tui/train/playback.h"
#include "tui/widgets/marks.h"
#include "tui/widgets/policy.h"

typedef enum trm_train_focus {
    TRM_FOCUS_SUBJECT,  // the board or the sample
    TRM_FOCUS_THINKING, // the cycles
    TRM_FOCUS_CURVES,
    TRM_FOCUS_NUMBERS,
    TRM_FOCUS_COUNT
} trm_train_focus;

enum { TRM_TOP_UNITS = 8, TRM_ACTION_NAME = 16, TRM_TRAIN_CURVES = 2 };

// The history as curves. Shares are in per cent.
typedef struct trm_train_curves {
    bool by_steps; // x axis: environment steps or batches, not episodes or epochs
    float x1;
    int32_t n; // episodes
    float low_y, high_y;
    float x[TRM_HISTORY_POINTS], reward[TRM_HISTORY_POINTS];
    float low[TRM_HISTORY_POINTS], high[TRM_HISTORY_POINTS];
    float mean50[TRM_HISTORY_POINTS], success50[TRM_HISTORY_POINTS];
    int32_t epochs, batches; // samples
    float epoch_x[TRM_HISTORY_CURVE], cells[TRM_HISTORY_CURVE], exact[TRM_HISTORY_CURVE];
    float held_out[TRM_HISTORY_CURVE]; // loss
    float batch_x[TRM_HISTORY_CURVE], loss[TRM_HISTORY_CURVE];
} trm_train_curves;

// The selected cycle in numbers.
typedef struct trm_cycle_detail {
    float low, high, norm;
    int32_t units[TRM_TOP_UNITS]; // of the largest magnitudes, falling; `count` of them
    int32_t count;
} trm_cycle_detail;

// A step of an episode.
typedef struct trm_step_sight {
    const trm_env *env;
    int32_t actions;
    char (*names)[TRM_ACTION_NAME]; // [actions]
    const char **glyphs;            // [actions], "" where there is none
    int32_t name_width;
    int32_t *order; // [actions] actions as listed when not all fit: by the last cycle's probability

    const trm_episode_trace *episode_trace;
    int32_t cursor;    // -1: none yet
    trm_board board;   // as the step left it
    trm_board decided; // … and as it was when the step was chosen
    uint8_t visits[TRM_BOARD_MAX * TRM_BOARD_MAX];
    int32_t agent; // cell, -1: none
    bool has_optimum;
    float optimum_reward;
    int32_t optimum_length;
    float optimum_mean; // over the starts seen, for the curve; NaN
    int64_t optimum_count;
    uint64_t optimum_id; // episode trace whose optimum was taken
    trm_cycle_detail detail;

    bool planned;              // the plan stands in the board: what it would do from every cell
    const trm_policy_map *map; // … of the step in sight, as far as it was asked; NULL: not yet
    trm_cell_mark *marks;      // [cells of the board] scratch
} trm_step_sight;

// What a step of the model makes of a sample.
typedef struct trm_step_answer {
    bool read;        // the head reads this step
    int32_t right;    // positions
    int32_t filled;   // … of them, those that are blank in the sample; sudokus only
    int32_t missed;   // path cells that are not marked; mazes only
    int32_t too_many; // cells marked that are not on the path; mazes only
    int32_t changed;  // givens that the answer has otherwise; sudokus only
    int32_t *classes; // [P]
    float *shade;     // [P] of a maze how sure it is on the path, else how sure the answer is
    float *mean;      // [P] of the cell's latent
} trm_step_answer;

// A sample and the answers to it.
typedef struct trm_sample_sight {
    trm_dataset set; // its sizes
    int32_t positions, classes;
    int32_t state_dim;  // S
    int32_t rows, cols; // of the grid that the positions are drawn as
    bool grid;          // they are the cells of one; else vectors
    bool path;          // the cells of a maze

    const trm_sample *sample; // NULL: none yet
    trm_split side;           // asked for
    trm_step_answer *answers; // [cycles]
    int32_t best;             // step with most positions right, the first of them; -1: none
    int32_t cell;             // the cursor
    int32_t blanks;           // cells that a sudoku leaves to be filled; 0: it is none
} trm_sample_sight;

// What a training is counted in.
typedef struct trm_train_units {
    const char *rate;    // what the pace is counted in: "steps", "moves", "batches"
    const char *speed;   // of computing: "steps/s", "moves/s", "samples/s"
    const char *unit;    // what the training is counted in: "episodes", "epochs"
    const char *advance; // what a checkpoint waits for: "update", "epoch"
    const char *one;     // of the units: "episode", "epoch"
} trm_train_units;

typedef struct trm_train_view {
    // What it is about; set once.
    bool samples; // of a course of epochs; else steps of episodes
    const trm_train_units *units;
    const trm_config *config;
    trm_trace_shape shape;
    const trm_trace_words *words; // its names
    int64_t parameters;
    bool ascii;

    // Training.
    trm_snapshot snap;
    bool done, paused;
    bool bare;      // nothing was trained here: only the model is to be seen
    bool follows;   // another process trains
    double elapsed; // seconds that the view has run, pauses left out
    double left;    // seconds, NaN: unknown
    trm_train_curves curves;

    // What is in sight.
    trm_step_sight step;
    trm_sample_sight sample;
    bool on_board; // H and L of the step in sight lie on its cells
    float h_scale, l_scale, mean_scale, h_peak, l_peak, mean_peak;
    char sentence[200];

    // The viewer.
    trm_pace pace;
    double speed; // steps or batches a second of what is seen; 0: free
    trm_playback_mode mode;
    int32_t selected; // cycle
    trm_train_focus focus;
    int32_t curve; // which one where only one fits
} trm_train_view;

// Zeroed but for what both kinds have. Then one of the two: a view of episodes, or of samples.
void trm_train_view_init(trm_train_view *v, const trm_config *config, const trm_trace_shape *shape,
                         bool ascii);
void trm_train_view_of_episodes(trm_train_view *v, const trm_env *env);
void trm_train_view_of_samples(trm_train_view *v, const trm_model *model);
void trm_train_view_done(trm_train_view *v);

void trm_train_view_history(trm_train_view *v, const trm_history *h);

// The viewer wants it paused, and the trainer is still at what it had begun, a step or an update.
bool trm_train_view_pausing(const trm_train_view *v);

// The step `cursor` of the episode trace, or the sample, is in sight now.
void trm_train_view_step(trm_train_view *v, const trm_episode_trace *episode_trace, int32_t cursor);
void trm_train_view_sample(trm_train_view *v, const trm_sample *sample);

// Selects a cycle, or a cell; clamped.
void trm_train_view_select(trm_train_view *v, int32_t cycle);
void trm_train_view_move(trm_train_view *v, int32_t rows, int32_t cols);

// The trace of what is in sight, with what could be done there; its trace is NULL if there is none.
trm_reading trm_train_view_reading(const trm_train_view *v);

// Steps of the model that are there; of a sample that is being answered not all yet.
int32_t trm_train_view_known(const trm_train_view *v);
float *trm_train_view_trace(const trm_train_view *v);

// Brings the scales up to the largest activations in sight.
void trm_train_view_scale(trm_train_view *v);

// ---- samples ------------------------------------------------------------------------------------

// The cell's part of the latent z, or of the lower one, y, at a step; *n floats, 0: there is none.
const float *trm_train_view_latent(const trm_train_view *v, int32_t step, bool low, int32_t *n);

// Probabilities [classes] of a cell at a step that is read.
const float *trm_train_view_probs(const trm_train_view *v, int32_t step, int32_t cell);

// What stands in the grid: the truth (step -1), or the answer of a step, or its means where it is
// not read; and the mean of each cell's latent.
trm_answer_marks trm_train_view_answers(const trm_train_view *v, int32_t step);
trm_answer_marks trm_train_view_means(const trm_train_view *v, int32_t step);

// The grid with those marks, without a frame.
trm_board_view trm_train_view_grid(const trm_train_view *v, const trm_answer_marks *m);

// The cell under the cursor at the selected step: "row 3 column 5 is path, step 2: path 0.97, …".
void trm_train_view_cell(const trm_train_view *v, char *out, int32_t size);

#endif
