// SPDX-License-Identifier: Apache-2.0
// Hints: the solver says what, the board says why.

#include "agent/game/impl.h"
#include "trm/base/text.h"

int32_t trm_board_conflicts(const trm_board *b, int32_t cell, int32_t digit, bool *out) {
    int32_t n = 0;
    for (int32_t i = 0; i < b->rows * b->cols; i++) {
        out[i] =
            i != cell && b->cells[i].digit == digit && trm_geometry_sees(&b->geometry, cell, i);
        n += out[i];
    }
    return n;
}

bool trm_board_fits(const trm_board *b, int32_t cell, int32_t digit) {
    for (int32_t i = 0; i < b->rows * b->cols; i++)
        if (i != cell && b->cells[i].digit == digit && trm_geometry_sees(&b->geometry, cell, i))
            return false;
    return true;
}

// Groups that a cell belongs to: its row, its column, its box.
typedef enum group { ROW, COL, BOX, GROUPS } group;

typedef bool same_group(const trm_geometry *g, int32_t a, int32_t b);

static same_group *const same[GROUPS] = {
    [ROW] = trm_geometry_same_row, [COL] = trm_geometry_same_col, [BOX] = trm_geometry_same_box};

// Is the cell the only empty one of the group that the digit fits into?
static bool only_place(const trm_board *b, group g, int32_t cell, int32_t digit) {
    for (int32_t i = 0; i < b->rows * b->cols; i++)
        if (i != cell && b->cells[i].digit == 0 && same[g](&b->geometry, cell, i) &&
            trm_board_fits(b, i, digit))
            return false;
    return true;
}

static int32_t candidates(const trm_game *g, int32_t cell) {
    int32_t n = 0;
    for (int32_t d = 1; d <= g->digits; d++)
        n += trm_board_fits(&g->board, cell, d);
    return n;
}

// Why the digit belongs into the cell, as far as one look at the board tells; NULL: it takes more.
static const char *reason_of(const trm_game *g, int32_t cell, int32_t digit) {
    static const char *const only[GROUPS] = {[ROW] = "the only place for it in its row",
                                             [COL] = "the only place for it in its column",
                                             [BOX] = "the only place for it in its box"};
    if (candidates(g, cell) == 1)
        return "the only digit that fits there";
    for (group k = ROW; k < GROUPS; k++)
        if (only_place(&g->board, k, cell, digit))
            return only[k];
    return NULL;
}

static int32_t digit_of(const trm_game *g, int32_t action, int32_t cell) {
    for (int32_t d = 1; d <= g->digits; d++)
        if (trm_game_placement(g, cell, d) == action)
            return d;
    return 0;
}

// Of the solution's placements, the first that can be reasoned; else the first.
static void hint_digit(const trm_game *g, int32_t n, trm_hint *out) {
    char name[16];
    const char *why = NULL;
    for (int32_t i = 0; i < n && why == NULL; i++) {
        const int32_t cell = g->cell_of[g->actions[i]];
        why = reason_of(g, cell, digit_of(g, g->actions[i], cell));
        if (why != NULL || i == 0) {
            out->action = g->actions[i];
            out->cell = cell;
        }
    }
    trm_env_action_name(g->env, out->action, name);
    trm_text_format(out->text, sizeof out->text, "%s: %s", name,
                    why != NULL ? why : "the solution has it there; no single rule shows it");
}

static void hint_move(const trm_game *g, int32_t n, trm_hint *out) {
    char name[16];
    trm_env_action_name(g->env, out->action, name);
    trm_text_format(out->text, sizeof out->text, "%s: the shortest way from here, %d step%s", name,
                    n, n == 1 ? "" : "s");
}

// How many undos lead to where there was a solution.
static void hint_undo(const trm_game *g, trm_hint *out) {
    int32_t back = 0, entry = g->now;
    while (entry > 0 && g->nodes[g->entries[entry].node].left < 0) {
        entry--;
        back++;
    }
    *out = (trm_hint){.action = -1, .cell = -1, .left = back};
    if (back == 0 || g->nodes[g->entries[entry].node].left < 0) {
        trm_text_format(out->text, sizeof out->text, "no solution can be reached on this board");
        return;
    }
    char name[16] = "";
    const int32_t closed = g->nodes[g->entries[entry + 1].node].action;
    if (closed >= 0)
        trm_env_action_name(g->env, closed, name);
    trm_text_format(out->text, sizeof out->text, "no solution is left since %s: undo %d time%s",
                    name, back, back == 1 ? "" : "s");
}

bool trm_game_hint(trm_game *g, trm_hint *out) {
    if (trm_game_finished(g))
        return false;
    g->counts.hints++;
    const int32_t n = trm_env_solve(g->env, trm_game_state(g), g->actions, g->action_capacity);
    if (n <= 0) {
        hint_undo(g, out);
        return true;
    }
    *out = (trm_hint){.action = g->actions[0], .cell = g->cell_of[g->actions[0]], .left = n};
    if (g->digits > 0)
        hint_digit(g, n < g->action_capacity ? n : g->action_capacity, out);
    else
        hint_move(g, n, out);
    return true;
}
