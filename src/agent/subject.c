// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/subject.h"

#include <assert.h>
#include <string.h>

#include "trm/base/text.h"

enum { STRIP = 8, LONG_STRIP = 16, LONG = 64, MAZE_LEAST = 7 };

trm_subject trm_subject_of_state(const trm_env *env, const void *state, int32_t prev_action) {
    return (trm_subject){.env = env, .state = state, .prev_action = prev_action};
}

trm_subject trm_subject_of_sample(const trm_dataset *set, int32_t i) {
    assert(i >= 0 && i < set->count);
    return (trm_subject){.prev_action = -1,
                         .set = set,
                         .input = set->inputs + (int64_t)i * set->state_dim,
                         .target = set->targets + (int64_t)i * set->positions};
}

trm_subject trm_subject_with(const trm_subject *s, const void *block) {
    trm_subject other = *s;
    if (s->env != NULL) {
        other.state = block;
    } else {
        other.input = block;
        if (memcmp(block, s->input, trm_subject_size(s)) != 0)
            other.target = NULL;
    }
    return other;
}

bool trm_subject_answers(const trm_model *model, const trm_dataset *set, trm_error *e) {
    const trm_model_config *m = trm_model_get_config(model);
    const bool fits = m->state_dim == set->state_dim && m->positions == set->positions &&
                      m->action_dim == set->classes;
    if (fits && m->height > 0 && set->geometry.rows > 0 &&
        (m->height != set->geometry.rows || m->width != set->geometry.cols))
        return trm_error_set(e, TRM_E_INPUT,
                             "the model is for boards of %d x %d, the samples have %d x %d",
                             m->height, m->width, set->geometry.rows, set->geometry.cols);
    return fits ||
           trm_error_set(e, TRM_E_INPUT,
                         "the model takes %d numbers and gives %d answers of %d classes, the "
                         "samples have %d, %d and %d",
                         m->state_dim, m->positions, m->action_dim, set->state_dim, set->positions,
                         set->classes);
}

static trm_dataset sizes_of_model(const trm_model *m) {
    const trm_model_config *c = trm_model_get_config(m);
    const bool tokens = trm_arch_reads_tokens(c->type);
    return (trm_dataset){
        .count = 1,
        .state_dim = c->state_dim,
        .positions = c->positions,
        .classes = c->action_dim,
        .encoding = tokens ? TRM_ENCODING_TOKENS : TRM_ENCODING_PLANES,
        .geometry = {
            .rows = c->height, .cols = c->width, .box_rows = c->box_rows, .box_cols = c->box_cols}};
}

// Are inputs and answers those of the board that the sizes tell of?
static bool sound(const trm_dataset *d) {
    const int32_t digits = d->geometry.rows, mazes = 3;
    const bool sudoku = trm_dataset_is_sudoku(d);
    if (d->positions < 2 || d->positions != trm_geometry_cells(&d->geometry))
        return false;
    if (d->encoding == TRM_ENCODING_TOKENS)
        return d->classes > (sudoku ? digits + TRM_TOKEN_BLANK : TRM_TOKEN_PATH);
    return sudoku ? d->classes == digits && d->state_dim == d->positions * (digits + 1)
                  : d->classes == 2 && d->state_dim == d->positions * mazes;
}

bool trm_subject_boards(const trm_model *model, trm_dataset *sizes) {
    *sizes = sizes_of_model(model);
    return sound(sizes);
}

trm_dataset *trm_subject_samples_for(const trm_model *model, const trm_dataset *set, trm_error *e) {
    trm_dataset as;
    const bool boards = trm_subject_boards(model, &as) && set->geometry.rows > 0 &&
                        memcmp(&as.geometry, &set->geometry, sizeof as.geometry) == 0;
    if (boards && as.encoding != set->encoding)
        return trm_dataset_recode(set, &as);
    return trm_subject_answers(model, set, e) ? trm_dataset_part(set, 0, set->count) : NULL;
}

bool trm_subject_is_path(const trm_subject *s) {
    return s->env == NULL && trm_dataset_is_maze(s->set);
}

static bool is_vectors(const trm_subject *s) {
    return s->env == NULL && s->set->geometry.rows == 0;
}

size_t trm_subject_size(const trm_subject *s) {
    return s->env != NULL ? trm_env_state_size(s->env)
                          : (size_t)s->set->state_dim * sizeof *s->input;
}

// ---- the board

int32_t trm_subject_cells(const trm_subject *s) {
    const trm_geometry g = s->env != NULL ? trm_env_geometry(s->env) : s->set->geometry;
    return is_vectors(s) ? s->set->positions : trm_geometry_cells(&g);
}

static void strip(const trm_subject *s, trm_board *board) {
    const int32_t n = s->set->positions, most = n > LONG ? LONG_STRIP : STRIP;
    const int32_t cols = n < most ? n : most, rows = (n + cols - 1) / cols;
    assert(rows * cols <= TRM_BOARD_MAX * TRM_BOARD_MAX);
    board->geometry = (trm_geometry){.rows = rows, .cols = cols};
    memset(board->cells, 0, (size_t)(rows * cols) * sizeof *board->cells);
}

void trm_subject_board(const trm_subject *s, trm_board *board) {
    if (s->env != NULL) {
        trm_env_describe(s->env, s->state, board);
    } else if (is_vectors(s)) {
        strip(s, board);
    } else {
        trm_dataset one = *s->set;
        one.count = 1;
        one.inputs = (float *)(uintptr_t)s->input; // only read
        trm_dataset_board(&one, 0, board);
    }
}

// ---- actions and answers

int32_t trm_subject_actions(const trm_subject *s) {
    return s->env != NULL ? trm_env_action_dim(s->env) : s->set->positions * s->set->classes;
}

int32_t trm_subject_choices(const trm_subject *s, int32_t cell, int32_t *count) {
    *count = s->env != NULL ? trm_env_action_dim(s->env) : s->set->classes;
    return s->env != NULL ? 0 : cell * s->set->classes;
}

bool trm_subject_legal(const trm_subject *s, int32_t cell, bool *mask) {
    if (s->env != NULL)
        return trm_agent_legal(s->env, s->state, mask);
    const int32_t classes = s->set->classes;
    memset(mask, 0, (size_t)trm_subject_actions(s) * sizeof *mask);
    memset(mask + (int64_t)cell * classes, true, (size_t)classes * sizeof *mask);
    return true;
}

trm_placement trm_subject_placement(const trm_subject *s, int32_t action) {
    if (s->env != NULL)
        return trm_env_placement(s->env, s->state, action);
    const int32_t classes = s->set->classes;
    const bool puts = trm_dataset_is_sudoku(s->set);
    return (trm_placement){.cell = action / classes,
                           .digit = puts ? trm_dataset_digit(s->set, action % classes) : 0};
}

int32_t trm_subject_value(const trm_subject *s, int32_t action) {
    const int32_t class_of = action % s->set->classes;
    return is_vectors(s)            ? class_of
           : trm_subject_is_path(s) ? trm_subject_on_path(s, class_of)
                                    : trm_subject_placement(s, action).digit;
}

void trm_subject_cell_name(const trm_subject *s, int32_t cell, char out[TRM_SUBJECT_NAME]) {
    if (is_vectors(s)) {
        trm_text_format(out, TRM_SUBJECT_NAME, "t%d", cell + 1);
        return;
    }
    const trm_geometry g = s->env != NULL ? trm_env_geometry(s->env) : s->set->geometry;
    trm_text_format(out, TRM_SUBJECT_NAME, "r%dc%d", trm_geometry_row(&g, cell) + 1,
                    trm_geometry_col(&g, cell) + 1);
}

void trm_subject_choice_name(const trm_subject *s, int32_t action, char out[TRM_SUBJECT_NAME]) {
    if (s->env != NULL) {
        char name[16];
        trm_env_action_name(s->env, action, name);
        trm_text_copy(out, TRM_SUBJECT_NAME, name);
        return;
    }
    const int32_t class_of = action % s->set->classes;
    if (is_vectors(s))
        trm_text_format(out, TRM_SUBJECT_NAME, "%d", class_of);
    else
        trm_text_copy(out, TRM_SUBJECT_NAME, trm_dataset_class_name(s->set, class_of));
}

void trm_subject_name(const trm_subject *s, int32_t action, char out[TRM_SUBJECT_NAME]) {
    char cell[TRM_SUBJECT_NAME], choice[TRM_SUBJECT_NAME];
    trm_subject_choice_name(s, action, choice);
    if (s->env != NULL) {
        trm_text_copy(out, TRM_SUBJECT_NAME, choice);
        return;
    }
    trm_subject_cell_name(s, action / s->set->classes, cell);
    trm_text_format(out, TRM_SUBJECT_NAME, "%.8s%s%.12s", cell,
                    trm_subject_is_path(s) ? " " : " = ", choice);
}

bool trm_subject_on_path(const trm_subject *s, int32_t class_of) {
    return trm_subject_is_path(s) && trm_dataset_on_path(s->set, class_of);
}

int32_t trm_subject_given(const trm_subject *s, int32_t cell) {
    return s->env != NULL || is_vectors(s) ? -1 : trm_dataset_given(s->set, s->input, cell);
}

int32_t trm_subject_target(const trm_subject *s, int32_t cell) {
    return s->target != NULL ? s->target[cell] : -1;
}

int32_t trm_subject_right(const trm_subject *s, const trm_reading *r, int32_t cycle) {
    int32_t right = 0;
    if (s->target == NULL || !trm_reading_known(r, cycle))
        return -1;
    for (int32_t p = 0; p < s->set->positions; p++)
        right += trm_reading_class(r, cycle, p) == s->target[p];
    return right;
}

// ---- asking

void trm_subject_look(const trm_subject *s, trm_agent *a, float *trace) {
    if (s->env != NULL)
        trm_agent_inspect(a, s->state, s->prev_action, trace);
    else
        trm_agent_inspect_input(a, s->input, -1, trace);
}

bool trm_subject_gradient(const trm_subject *s, trm_agent *a, float *trace, int32_t action0,
                          int32_t actions, int32_t unit0, int32_t units, float *out) {
    return s->env != NULL
               ? trm_agent_gradient(a, s->state, trace, action0, actions, unit0, units, out)
               : trm_agent_gradient_at(a, s->input, trace, action0, actions, unit0, units, out);
}

// ---- changing

bool trm_subject_editable(const trm_subject *s, trm_edit_kind kind) {
    return s->env != NULL ? trm_env_editable(s->env, kind) : trm_dataset_editable(s->set, kind);
}

bool trm_subject_edit(const trm_subject *s, void *block, const trm_edit *edit, trm_error *e) {
    return s->env != NULL ? trm_env_edit(s->env, block, edit, e)
                          : trm_dataset_edit(s->set, block, edit, e);
}

// ---- playing

static bool no_board(trm_error *e) {
    return trm_error_set(
        e, TRM_E_INPUT,
        "these samples are not boards, so there is nothing to play: take sudokus or mazes");
}

// The side of a maze with a border around so many cells: an odd one.
static int32_t side_around(int32_t cells) {
    const int32_t side = (cells + 2) | 1;
    return side < MAZE_LEAST ? MAZE_LEAST : side;
}

bool trm_subject_env(const trm_subject *s, trm_env_config *out, trm_error *e) {
    if (s->env != NULL) {
        *out = *trm_env_get_config(s->env);
        return true;
    }
    const trm_geometry *g = &s->set->geometry;
    if (is_vectors(s))
        return no_board(e);
    *out = trm_env_config_default();
    if (!trm_subject_is_path(s)) {
        trm_text_copy(out->type, sizeof out->type, "sudoku");
        out->size = g->rows;
        out->mask_actions = out->placed_given = true;
        return true;
    }
    trm_text_copy(out->type, sizeof out->type, "maze");
    out->size = side_around(g->rows);
    out->width = side_around(g->cols);
    return trm_env_settable(&(trm_geometry){.rows = out->size, .cols = out->width}) ||
           trm_error_set(e, TRM_E_INPUT,
                         "this maze is too large to be played by hand: take a smaller one");
}

static bool sudoku_state(const trm_subject *s, const trm_env *env, void *state, trm_error *e) {
    trm_board board;
    int32_t cells[TRM_BOARD_MAX * TRM_BOARD_MAX];
    const trm_geometry there = trm_env_geometry(env);
    trm_subject_board(s, &board);
    if (board.rows != there.rows || board.cols != there.cols)
        return trm_error_set(e, TRM_E_INPUT, "the sample has %d x %d cells, the board %d x %d",
                             board.rows, board.cols, there.rows, there.cols);
    for (int32_t i = 0; i < trm_geometry_cells(&there); i++)
        cells[i] = board.cells[i].digit;
    return trm_env_set_grid(env, state, cells, e);
}

static bool maze_state(const trm_subject *s, const trm_env *env, void *state, trm_error *e) {
    trm_board board, around;
    around.geometry = trm_env_geometry(env);
    trm_subject_board(s, &board);
    if (board.rows + 2 > around.rows || board.cols + 2 > around.cols)
        return trm_error_set(e, TRM_E_INPUT, "the sample has %d x %d cells, the board %d x %d",
                             board.rows, board.cols, around.rows, around.cols);
    for (int32_t i = 0; i < around.rows * around.cols; i++) {
        const int32_t row = i / around.cols - 1, col = i % around.cols - 1;
        const bool inside = row >= 0 && row < board.rows && col >= 0 && col < board.cols;
        around.cells[i] =
            inside ? board.cells[row * board.cols + col] : (trm_cell){.kind = TRM_CELL_WALL};
    }
    return trm_env_set_board(env, state, &around, e);
}

bool trm_subject_state(const trm_subject *s, const trm_env *env, void *state, trm_error *e) {
    if (s->env != NULL) {
        assert(s->env == env);
        memcpy(state, s->state, trm_env_state_size(env));
        return true;
    }
    if (is_vectors(s))
        return no_board(e);
    return trm_subject_is_path(s) ? maze_state(s, env, state, e) : sudoku_state(s, env, state, e);
}
