// SPDX-License-Identifier: Apache-2.0
// A subject: what a model is asked about, one thing for a state of an environment and for a sample
// of a data set. Whoever shows or changes what a model thinks asks its questions here: the board,
// what may be done, what an action is called and which cell it is about, and what is right there.
//
// An action of a state is one of the environment's. An action of a sample is an answer: class c of
// position p is action p * classes + c, as in traces.
//
// A subject borrows everything and is made where it is needed. Pure; thread safe.
#ifndef TRM_AGENT_SUBJECT_H
#define TRM_AGENT_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/agent/agent.h"
#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/env/board.h"
#include "trm/env/dataset.h"
#include "trm/env/env.h"
#include "trm/model/reading.h"

TRM_BEGIN_DECLS

typedef struct trm_subject {
    // Of a state; env is NULL for a sample.
    const trm_env *env;
    const void *state;
    int32_t prev_action; // -1: none
    // Of a sample. Of the data set only the sizes are read.
    const trm_dataset *set;
    const float *input;    // [S]
    const int32_t *target; // [P]; NULL: not known
} trm_subject;

trm_subject trm_subject_of_state(const trm_env *env, const void *state, int32_t prev_action);
trm_subject trm_subject_of_sample(const trm_dataset *set, int32_t i);

// The same subject with another block in the place of its state or input; what is right is not
// known of it, unless it is the very same.
trm_subject trm_subject_with(const trm_subject *s, const void *block);

static inline bool trm_subject_is_sample(const trm_subject *s) {
    return s->env == NULL;
}

// Does the model take the data set's inputs and give its answers? Else *e says in one line why not.
bool trm_subject_answers(const trm_model *model, const trm_dataset *set, trm_error *e);

// Does the model answer boards whose form its sizes tell: sudokus or mazes, in planes or in tokens?
// Then they are filled into *sizes (count 1, slabs NULL).
bool trm_subject_boards(const trm_model *model, trm_dataset *sizes);

// The same samples as the model reads them, in its own encoding where that is another. NULL, with
// one line: it does not answer such boards. Free with trm_dataset_free.
trm_dataset *trm_subject_samples_for(const trm_model *model, const trm_dataset *set, trm_error *e);

// Answers that say for every cell whether it is on a path.
bool trm_subject_is_path(const trm_subject *s);

// Bytes of the block that the subject is about: a state block, or an input of S floats.
size_t trm_subject_size(const trm_subject *s);

// The board for drawing. Vectors, which have none, are a strip of empty cells, whose last row may
// be longer than the tokens go: trm_subject_cells of them are there.
void trm_subject_board(const trm_subject *s, trm_board *board);
int32_t trm_subject_cells(const trm_subject *s);

// ---- actions and answers

int32_t trm_subject_actions(const trm_subject *s);

// The actions that are chosen between in one place: of a state all, of a sample the classes of a
// cell. Returns the first, *count says how many.
int32_t trm_subject_choices(const trm_subject *s, int32_t cell, int32_t *count);

// mask [actions]: what may be taken; of a sample the classes of `cell`. Returns whether anything is
// masked.
bool trm_subject_legal(const trm_subject *s, int32_t cell, bool *mask);

// The cell that an action or answer is about, and the digit it puts there; cell -1: none. A class
// of a path, a pad and a blank put no digit, 0.
trm_placement trm_subject_placement(const trm_subject *s, int32_t action);

// What an answer puts in its cell, the same for every way of writing the board: a digit (0: none),
// 1 on a path and 0 beside it, the class of a vector.
int32_t trm_subject_value(const trm_subject *s, int32_t action);

// "right", "r2c3=4"; "r2c3 = 4", "r2c3 path"; "t12 = 3" of a vector.
enum { TRM_SUBJECT_NAME = 24 };
void trm_subject_name(const trm_subject *s, int32_t action, char out[TRM_SUBJECT_NAME]);

// The same without the cell: "right", "r2c3=4"; "4", "blank", "path", "floor", "wall" …
void trm_subject_choice_name(const trm_subject *s, int32_t action, char out[TRM_SUBJECT_NAME]);

// "r2c3"; "t12".
void trm_subject_cell_name(const trm_subject *s, int32_t cell, char out[TRM_SUBJECT_NAME]);

// Does a class of a path's cell say that the cell is on the path?
bool trm_subject_on_path(const trm_subject *s, int32_t class_of);

// The class that a sample's input itself tells of a cell (trm_dataset_given); -1: none.
int32_t trm_subject_given(const trm_subject *s, int32_t cell);

// The class that is right in a cell; -1: not known.
int32_t trm_subject_target(const trm_subject *s, int32_t cell);

// How many cells of an answer are right at a cycle; -1: the target is not known, or the head does
// not read the cycle.
int32_t trm_subject_right(const trm_subject *s, const trm_reading *r, int32_t cycle);

// ---- asking

// What the model thinks of it. The agent is one of the environment, or of none for samples.
void trm_subject_look(const trm_subject *s, trm_agent *a, float *trace);

// How the logits of that trace depend on its units: as trm_agent_gradient.
bool trm_subject_gradient(const trm_subject *s, trm_agent *a, float *trace, int32_t action0,
                          int32_t actions, int32_t unit0, int32_t units, float *out);

// ---- changing

// As trm_env_editable and trm_env_edit, or trm_dataset_editable and trm_dataset_edit. block: a copy
// of the subject's, which is changed; left as it was where the change is refused.
bool trm_subject_editable(const trm_subject *s, trm_edit_kind kind);
bool trm_subject_edit(const trm_subject *s, void *block, const trm_edit *edit, trm_error *e);

// ---- playing

// The environment that a sample's board is played in: a sudoku, or a maze with a border of wall
// around the sample's. Of a state its own. False, with one line: there is no board to play.
bool trm_subject_env(const trm_subject *s, trm_env_config *out, trm_error *e);

// The state of such an environment that has the subject's board: its own state, or an episode's
// start. False, with one line: the environment cannot hold the board, or it has no solution.
bool trm_subject_state(const trm_subject *s, const trm_env *env, void *state, trm_error *e);

TRM_END_DECLS

#endif
