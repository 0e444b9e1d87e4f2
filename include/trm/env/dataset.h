// SPDX-License-Identifier: Apache-2.0
// Data sets for supervised learning: the original's three as they are, corrected twins of its mazes
// in which start, goal and path vary and every maze has exactly one shortest path, and sudokus with
// one solution. Of those that are not the original's, training and held-out samples can never be
// the same.
#ifndef TRM_ENV_DATASET_H
#define TRM_ENV_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/env/env.h"

TRM_BEGIN_DECLS

// How the samples of a board are written. Planes: [channels, cells], of a maze wall, start and
// goal, of a sudoku one for each digit and one that is 1 where a cell is given. Tokens: one whole
// number a cell, as the paper's code has them, and the answer is the whole board in the same
// tokens.
typedef enum trm_encoding { TRM_ENCODING_PLANES, TRM_ENCODING_TOKENS } trm_encoding;

enum { TRM_TOKEN_PAD, TRM_TOKEN_BLANK }; // sudoku; then the digits from 1
enum {
    TRM_TOKEN_WALL = 1,
    TRM_TOKEN_FREE,
    TRM_TOKEN_START,
    TRM_TOKEN_GOAL,
    TRM_TOKEN_PATH
}; // maze

enum { TRM_DIFFICULTY = 16 };

typedef struct trm_dataset_config {
    char type[TRM_ENV_TYPE]; // a name of trm_dataset_name(), or "" for none
    int32_t size; // side of the maze or sudoku, or tokens; 0: the type's own (8, 10, 16, 9)
    int32_t givens_min, givens_max; // sudoku: digits at the start, any number between alike often;
                                    // 0: as the other, or the size's own (6, 14, 36)
    float minimal; // sudoku: share of those that are generated which are minimal, with any number
                   // of givens (trm_puzzle_draw_minimal)
    char difficulty[TRM_DIFFICULTY]; // … of this grade: a name of trm_puzzle_grade_name(), "any" or
                                     // "" for whatever comes, "mixed" for all grades alike often,
                                     // "hardest" for trm_puzzle_draw_hardest
    bool curriculum;          // … and their share begins at 0 and grows with success
    float generated;          // sudoku: share of samples that are generated beside those of
                              // files; 0: files are all there is
    int32_t threads;          // that generate minimal ones; never changes a sample; 0: one
    int32_t train;            // samples to learn from
    bool fresh;               // … which are others in every epoch
    int32_t augment;          // … or of each an epoch has that many images; 0: itself
    int32_t validation;       // samples scored after every epoch, from the held-out side
    int32_t test;             // samples for the final score, from the held-out side
    char files[TRM_ENV_PATH]; // sudoku: as env.puzzles, mazes: as env.mazes, from where it is
                              // copied; "": samples are drawn
    bool asked; // the files are there to be asked about: either side of the split is all of them,
                // in their order, or, of a folder with train and test, the latter
    trm_encoding encoding; // given by the model: trm_arch_reads_tokens
    bool numbered;         // tokens end in the puzzle's number; given likewise
    int32_t puzzles;       // … which is below this; 0: any will do; given likewise
    int32_t puzzle;        // that number, of samples that have none of their own
} trm_dataset_config;

// Samples in two slabs that belong to the data set.
typedef struct trm_dataset {
    int32_t count;
    int32_t state_dim; // S = positions * channels; tokens: positions, and 1 if they are numbered
    int32_t positions; // P
    int32_t classes;   // A
    trm_encoding encoding; // of boards
    trm_geometry geometry; // of a board; all 0 for tokens
    float *inputs;         // [count, S]; the data set "tokens", which is no board: [P, 32]
    int32_t *targets; // [count, P]; planes: mazes 1 on the path, start and goal included, sudokus
                      // the solution's digit less 1; tokens: the token
} trm_dataset;

static inline bool trm_dataset_is_sudoku(const trm_dataset *d) {
    return d->geometry.box_rows > 0;
}

static inline bool trm_dataset_is_maze(const trm_dataset *d) {
    return d->geometry.rows > 0 && d->geometry.box_rows == 0;
}

// Names, one-line summaries and the side they have by themselves, for listings; NULL past the last.
const char *trm_dataset_name(int32_t i);
const char *trm_dataset_summary(int32_t i);

// Does the data set of that name read this field of trm_dataset_config ("givens_min")? False for
// names that are none.
bool trm_dataset_reads(const char *type, const char *field);

// Names of difficulties, for listings; NULL past the last.
const char *trm_dataset_difficulty(int32_t i);

// Draws `count` samples. Equal arguments give equal samples. The corrected mazes come from the
// asked side of a split by a hash of walls, start and goal, sudokus from the side of
// trm_puzzle_side; the original's have no split: their two sides only differ in the stream of
// random numbers. Unknown types, sizes and counts out of range, even sides where a path
// needs an odd one (the original's own 10 excepted), and more than 4 GiB of samples,
// fail with one line. Free with trm_dataset_free (NULL is fine).
//
// Puzzles of files are drawn without putting back: there are `count` samples, or as many as the
// side has, if it has fewer. Files that cannot be read, and a side that has none, fail.
//
// Where some are generated beside them there are always `count`: those of files are spread evenly
// among the others, in training each as a random twin of itself, and the list begins again where it
// ends; held out none comes twice, generated ones take their place.
trm_dataset *trm_dataset_new(const trm_dataset_config *config, trm_split split, int32_t count,
                             uint64_t seed, trm_error *e);
void trm_dataset_free(trm_dataset *d);

// The same for several sets of one configuration: files are read once.
typedef struct trm_dataset_source trm_dataset_source;
trm_dataset_source *trm_dataset_open(const trm_dataset_config *config, trm_error *e);
trm_dataset *trm_dataset_draw(const trm_dataset_source *source, trm_split split, int32_t count,
                              uint64_t seed, trm_error *e);
void trm_dataset_close(trm_dataset_source *source); // NULL is fine

// With config.curriculum, `solved` of minimal's share of the draws to come is minimal, 0 to 1; in a
// new source all of it. Without, nothing changes.
void trm_dataset_set_solved(trm_dataset_source *source, double solved);

// A copy of samples first .. first + count - 1. Free with trm_dataset_free.
trm_dataset *trm_dataset_part(const trm_dataset *d, int32_t first, int32_t count);

// Samples that were drawn from the source for training, `images` times each as another one that is
// the same: sudokus with digits renamed and lines in another order, mazes turned and mirrored. None
// is held out. Equal arguments give equal samples. For data sets that read "augment" (asserted).
trm_dataset *trm_dataset_augment(const trm_dataset_source *source, const trm_dataset *d,
                                 int32_t images, uint64_t seed, trm_error *e);

// Fills the sizes of *out (count 0, slabs NULL) without drawing anything.
bool trm_dataset_shape(const trm_dataset_config *config, trm_dataset *out, trm_error *e);

// ---- boards in either encoding; not for the data set "tokens" (asserted) ------------------------

// What an input [S] has in a cell (a maze's start is AGENT, a sudoku's digits are GIVEN), and how
// to write it there. What is no token counts as the nearest one; pads are empty, in mazes a wall.
trm_cell trm_dataset_cell(const trm_dataset *d, const float *input, int32_t cell);
void trm_dataset_put(const trm_dataset *d, float *input, int32_t cell, trm_cell what);

// The puzzle's number of an input [S]; 0 where it has none.
int32_t trm_dataset_puzzle(const trm_dataset *d, const float *input);

// The class that the input itself tells of a cell: a digit that is given, a maze's wall, start or
// goal; -1: it is for the model to say.
int32_t trm_dataset_given(const trm_dataset *d, const float *input, int32_t cell);

// The digit that a class of a sudoku stands for (0: a pad or a blank, which are no answer), and the
// class of a digit from 1.
int32_t trm_dataset_digit(const trm_dataset *d, int32_t class_of);
int32_t trm_dataset_class(const trm_dataset *d, int32_t digit);

// Does the class of a maze say that the cell is on the path, start and goal included?
bool trm_dataset_on_path(const trm_dataset *d, int32_t class_of);

// What the answer `said` of a maze's cell tells of the path, where `right` is the class that is
// right.
trm_cell_sign trm_dataset_path_sign(const trm_dataset *d, int32_t said, int32_t right);

// A class as a word ("4", "blank", "pad", "wall", "free", "start", "goal", "path", "floor").
// Static.
const char *trm_dataset_class_name(const trm_dataset *d, int32_t class_of);

// Writes sample 0 of `from`, in planes, as sample i of `to`, the same board in tokens.
void trm_dataset_encode(const trm_dataset *to, int32_t i, const trm_dataset *from);

// The same boards in the encoding and the sizes of `as`, which has the same geometry; where these
// have room for a puzzle's number it is 0. Free with trm_dataset_free.
trm_dataset *trm_dataset_recode(const trm_dataset *d, const trm_dataset *as);

// Sample i for drawing: a maze's walls, the start as AGENT, the goal; a sudoku's givens. Not for
// tokens (asserted).
void trm_dataset_board(const trm_dataset *d, int32_t i, trm_board *board);

// Changes of an input [S] by hand: digits of a sudoku; walls, start (TRM_EDIT_AGENT) and goal of a
// maze. Of the data set only the sizes are read. Refused, with the input as it was and one line
// saying why: kinds that the data set does not know, cells off the board, changes that break a rule
// of the board. What the answer to a changed input is, nobody says.
bool trm_dataset_editable(const trm_dataset *d, trm_edit_kind kind);
bool trm_dataset_edit(const trm_dataset *d, float *input, const trm_edit *edit, trm_error *e);

// Do the cells of `prediction` [P] that are on the path make exactly a shortest path of maze i,
// from start to goal, without a gap or a cell to spare? Where there are several, any will do; where
// there is none, nothing does. For mazes only (asserted).
bool trm_dataset_is_path(const trm_dataset *d, int32_t i, const int32_t *prediction);

// What is wrong with a data set shows here.
typedef struct trm_dataset_stats {
    int32_t count;
    int32_t distinct_inputs, distinct_targets;
    int32_t without_path; // samples whose target has no cell between start and goal; mazes only
    double majority;      // share of positions that the best constant answer (one class a
                          // position, the same for all samples) gets right
    double path_share;    // share of positions of a class other than 0
} trm_dataset_stats;

void trm_dataset_measure(const trm_dataset *d, trm_dataset_stats *out);

// How many samples of a have the same input as one of b.
int32_t trm_dataset_overlap(const trm_dataset *a, const trm_dataset *b);

TRM_END_DECLS

#endif
