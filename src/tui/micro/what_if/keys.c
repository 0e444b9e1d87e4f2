// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "trm/base/text.h"
#include "tui/micro/save.h"
#include "tui/micro/what_if/draw.h"
#include "tui/micro/what_if/state.h"
#include "tui/widgets/heatmap.h"

static void refresh(trm_what_if *w) {
    w->answer_first = true;
    trm_what_if_view_refresh(&w->view);
}

static int32_t clamp(int32_t x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : x;
}

// What came of a change: looked at, or why it was refused.
static void after(trm_what_if *w, bool changed, const trm_error *e) {
    if (changed)
        refresh(w);
    else
        trm_app_status(w->app, "%s", e->message);
}

// ---- the board ----------------------------------------------------------------------------------

static void edit(trm_what_if *w, trm_edit_kind kind, int32_t digit) {
    trm_error e = {0};
    const trm_edit change = {.kind = kind, .cell = w->view.cell, .digit = digit};
    after(w, trm_change_edit(&w->change, &change, &e), &e);
}

static bool moves_agent(const void *self) {
    return trm_env_editable(((const trm_what_if *)self)->scope->env, TRM_EDIT_AGENT);
}

static bool moves_goal(const void *self) {
    return trm_env_editable(((const trm_what_if *)self)->scope->env, TRM_EDIT_GOAL);
}

static bool has_digits(const void *self) {
    return trm_env_editable(((const trm_what_if *)self)->scope->env, TRM_EDIT_DIGIT);
}

static void put_goal(void *self, uint32_t key) {
    (void)key;
    edit(self, TRM_EDIT_GOAL, 0);
}

static void put_digit(void *self, uint32_t key) {
    edit(self, TRM_EDIT_DIGIT, (int32_t)(key - '0'));
}

static void clear_cell(void *self, uint32_t key) {
    (void)key;
    edit(self, TRM_EDIT_DIGIT, 0);
}

// ---- how the model is run -----------------------------------------------------------------------

static void more_cycles(void *self, uint32_t key) {
    trm_what_if *w = self;
    trm_error e = {0};
    (void)key;
    after(w, trm_change_cycles(&w->change, 1, &e), &e);
}

static void fewer_cycles(void *self, uint32_t key) {
    trm_what_if *w = self;
    trm_error e = {0};
    (void)key;
    after(w, trm_change_cycles(&w->change, -1, &e), &e);
}

static void feedback(void *self, uint32_t key) {
    trm_what_if *w = self;
    trm_error e = {0};
    (void)key;
    after(w, trm_change_feedback(&w->change, &e), &e);
}

static void carry(void *self, uint32_t key) {
    trm_what_if *w = self;
    trm_error e = {0};
    (void)key;
    after(w, trm_change_carry(&w->change, &e), &e);
}

static void turn_before(trm_what_if *w, int32_t by) {
    trm_error e = {0};
    after(w, trm_change_before(&w->change, by, &e), &e);
}

static void next_before(void *self, uint32_t key) {
    (void)key;
    turn_before(self, 1);
}

static void previous_before(void *self, uint32_t key) {
    (void)key;
    turn_before(self, -1);
}

static void hold_units(void *ctx, const char *text) {
    trm_what_if *w = ctx;
    trm_error e = {0};
    after(w, trm_change_units(&w->change, text, &e), &e);
}

static void ask_units(void *self, uint32_t key) {
    trm_what_if *w = self;
    (void)key;
    trm_app_prompt(w->app, "hold units at 0 (h:12,l:3)", "", hold_units, w);
}

// The agent comes here, or the unit is held or let go.
static void enter(void *self, uint32_t key) {
    trm_what_if *w = self;
    const trm_what_if_focus focus = w->view.focus;
    trm_error e = {0};
    (void)key;
    if (focus == TRM_WHAT_IF_BOARD)
        edit(w, TRM_EDIT_AGENT, 0);
    else
        after(w, trm_change_unit(&w->change, focus == TRM_WHAT_IF_H, w->view.unit[focus], &e), &e);
}

static const char *enter_label(const void *self) {
    return ((const trm_what_if *)self)->view.focus == TRM_WHAT_IF_BOARD ? "agent here" : "hold";
}

static bool can_enter(const void *self) {
    return ((const trm_what_if *)self)->view.focus != TRM_WHAT_IF_BOARD || moves_agent(self);
}

// ---- back and forth -----------------------------------------------------------------------------

static void undo(void *self, uint32_t key) {
    trm_what_if *w = self;
    (void)key;
    if (trm_change_undo(&w->change))
        refresh(w);
    else
        trm_app_status(w->app, "there is nothing to undo");
}

static void redo(void *self, uint32_t key) {
    trm_what_if *w = self;
    (void)key;
    if (trm_change_redo(&w->change))
        refresh(w);
    else
        trm_app_status(w->app, "there is nothing to do again");
}

static void original(void *self, uint32_t key) {
    trm_what_if *w = self;
    (void)key;
    trm_change_nothing(&w->change, w->view.at);
    refresh(w);
}

static void go(trm_what_if *w, int32_t at) {
    at = clamp(at, 0, w->scope->moments - 1);
    if (at == w->view.at)
        return;
    trm_change_go(&w->change, at);
    w->answer_first = true;
    trm_what_if_view_go(&w->view, at);
}

static void step_forward(void *self, uint32_t key) {
    trm_what_if *w = self;
    (void)key;
    go(w, w->view.at + 1);
}

static void step_back(void *self, uint32_t key) {
    trm_what_if *w = self;
    (void)key;
    go(w, w->view.at - 1);
}

// ---- moving -------------------------------------------------------------------------------------

static int32_t size_of(const trm_what_if *w, trm_what_if_focus focus) {
    return focus == TRM_WHAT_IF_H ? w->scope->shape.h : w->scope->shape.l;
}

static trm_what_if_layout layout_of(const trm_what_if *w) {
    int32_t rows = 0, cols = 0;
    trm_app_size(w->app, &rows, &cols);
    return trm_what_if_layout_of(&w->view, rows, cols, trm_look_fills(trm_app_look(w->app)));
}

static void turn_focus(trm_what_if *w, int32_t by) {
    trm_what_if_view *v = &w->view;
    do
        v->focus = (trm_what_if_focus)(((int32_t)v->focus + by + TRM_WHAT_IF_FOCUSES) %
                                       TRM_WHAT_IF_FOCUSES);
    while (v->focus != TRM_WHAT_IF_BOARD && size_of(w, v->focus) == 0);
}

static void next_panel(void *self, uint32_t key) {
    (void)key;
    turn_focus(self, 1);
}

static void previous_panel(void *self, uint32_t key) {
    (void)key;
    turn_focus(self, -1);
}

static void move(trm_what_if *w, int32_t dy, int32_t dx) {
    trm_what_if_view *v = &w->view;
    const trm_board *b = &v->sides[TRM_WHAT_IF].board;
    if (v->focus == TRM_WHAT_IF_BOARD) {
        const int32_t row = clamp(v->cell / b->cols + dy, 0, b->rows - 1);
        v->cell = row * b->cols + clamp(v->cell % b->cols + dx, 0, b->cols - 1);
        return;
    }
    const trm_rect map = layout_of(w).maps[v->focus];
    const int32_t n = size_of(w, v->focus);
    const trm_heat_fit fit = trm_heatmap_fit(n, map.w, map.h, trm_look_fills(trm_app_look(w->app)));
    const int32_t row = fit.cols * fit.pool > 0 ? fit.cols * fit.pool : 1;
    v->unit[v->focus] = clamp(v->unit[v->focus] + dx + dy * row, 0, n - 1);
}

static void move_left(void *self, uint32_t key) {
    (void)key;
    move(self, 0, -1);
}

static void move_right(void *self, uint32_t key) {
    (void)key;
    move(self, 0, 1);
}

static void move_up(void *self, uint32_t key) {
    (void)key;
    move(self, -1, 0);
}

static void move_down(void *self, uint32_t key) {
    (void)key;
    move(self, 1, 0);
}

// ---- the rest -----------------------------------------------------------------------------------

static void save_to(void *ctx, const char *text) {
    trm_what_if *w = ctx;
    char line[256], flags[160];
    trm_error e = {0};
    const trm_version *now = trm_change_now(&w->change);
    trm_version_flags(&w->change, now, flags, sizeof flags);
    const int32_t prev = trm_version_before(now, trm_scope_prev_action(w->scope, w->view.at));
    if (trm_micro_save(w->scope, now->state, prev, text, line, sizeof line, &e))
        trm_app_status(w->app, "%s%s", line, flags);
    else
        trm_app_status(w->app, "not saved: %s", e.message);
}

static void save(void *self, uint32_t key) {
    trm_what_if *w = self;
    (void)key;
    trm_app_prompt(w->app, "write model and state for trm probe to the new directory", "probe",
                   save_to, w);
}

static void leave(void *self, uint32_t key) {
    trm_what_if *w = self;
    (void)key;
    trm_app_pop(w->app);
}

static bool inside(trm_rect r, int32_t y, int32_t x) {
    return y >= r.y && y < r.y + r.h && x >= r.x && x < r.x + r.w;
}

void trm_what_if_click(void *self, int32_t y, int32_t x) {
    trm_what_if *w = self;
    trm_what_if_view *v = &w->view;
    const trm_what_if_layout l = layout_of(w);
    const bool fills = trm_look_fills(trm_app_look(w->app));
    if (inside(l.board, y, x)) {
        v->focus = TRM_WHAT_IF_BOARD;
        const trm_board_grid g = trm_board_grid_of(trm_what_if_board_rect(l.board),
                                                   &v->sides[TRM_WHAT_IF].board, v->cell);
        const int32_t cell = trm_board_grid_at(&g, y, x);
        v->cell = cell >= 0 ? cell : v->cell;
    }
    for (int32_t i = TRM_WHAT_IF_H; i < TRM_WHAT_IF_FOCUSES; i++) {
        if (!inside(l.maps[i], y, x))
            continue;
        v->focus = (trm_what_if_focus)i;
        const int32_t unit = trm_heatmap_at(l.maps[i], size_of(w, v->focus), fills, y, x);
        v->unit[i] = unit >= 0 ? unit : v->unit[i];
    }
}

const trm_action trm_what_if_actions[TRM_WHAT_IF_ACTIONS] = {
    {.id = "enter",
     .keys = {TRM_KEY_ENTER},
     .label = "agent here",
     .help = "board: the agent comes here; unit: held at 0, let go",
     .priority = 1,
     .usable = can_enter,
     .label_now = enter_label,
     .run = enter},
    {.id = "goal",
     .keys = {'t'},
     .label = "goal here",
     .help = "put the goal here, where it can be moved",
     .priority = 6,
     .usable = moves_goal,
     .run = put_goal},
    {.id = "digit",
     .keys = {'1', '2', '3', '4'},
     .label = "digit",
     .help = "put a digit",
     .priority = 1,
     .usable = has_digits,
     .run = put_digit},
    {.id = "digit-more",
     .keys = {'5', '6', '7', '8'},
     .help = "put a digit",
     .usable = has_digits,
     .run = put_digit},
    {.id = "digit-nine",
     .keys = {'9'},
     .help = "put a digit",
     .usable = has_digits,
     .run = put_digit},
    {.id = "clear",
     .keys = {'x', '0', TRM_KEY_BACKSPACE},
     .label = "clear",
     .help = "clear the cell",
     .priority = 6,
     .usable = has_digits,
     .run = clear_cell},
    {.id = "more",
     .keys = {'+', '='},
     .label = "K",
     .help = "one cycle more",
     .priority = 2,
     .run = more_cycles},
    {.id = "fewer",
     .keys = {'-', '_'},
     .label = "K",
     .help = "one cycle less",
     .priority = 2,
     .run = fewer_cycles},
    {.id = "feedback",
     .keys = {'F'},
     .label = "feedback",
     .help = "what L gives back to H: off, on",
     .priority = 3,
     .run = feedback},
    {.id = "carry",
     .keys = {'C'},
     .label = "carry",
     .help = "the carry from cycle to cycle: off, on",
     .priority = 3,
     .run = carry},
    {.id = "previous-action",
     .keys = {'p'},
     .label = "previous",
     .help = "another previous action, none, its own",
     .priority = 8,
     .run = next_before},
    {.id = "previous-action-back",
     .keys = {'P'},
     .help = "the same the other way round",
     .run = previous_before},
    {.id = "units",
     .keys = {'/'},
     .label = "units",
     .help = "hold units at 0 by their numbers",
     .priority = 8,
     .run = ask_units},
    {.id = "undo",
     .keys = {'u'},
     .label = "undo",
     .help = "undo the last change",
     .priority = 4,
     .run = undo},
    {.id = "redo", .keys = {TRM_CTRL('R')}, .help = "do again what was undone", .run = redo},
    {.id = "original",
     .keys = {'O'},
     .label = "original",
     .help = "everything as it was",
     .priority = 7,
     .run = original},
    {.id = "step",
     .keys = {'.'},
     .help = "the next step, run the same way, its board unchanged",
     .run = step_forward},
    {.id = "back", .keys = {','}, .help = "the step before", .run = step_back},
    {.id = "next-panel",
     .keys = {TRM_KEY_TAB},
     .label = "units",
     .help = "board, units of H, units of L",
     .priority = 5,
     .run = next_panel},
    {.id = "previous-panel",
     .keys = {TRM_KEY_SHIFT_TAB},
     .help = "the other way round",
     .run = previous_panel},
    {.id = "left", .keys = {TRM_KEY_LEFT, 'h'}, .help = "move", .run = move_left},
    {.id = "right", .keys = {TRM_KEY_RIGHT, 'l'}, .help = "move", .run = move_right},
    {.id = "up", .keys = {TRM_KEY_UP, 'k'}, .help = "move", .run = move_up},
    {.id = "down", .keys = {TRM_KEY_DOWN, 'j'}, .help = "move", .run = move_down},
    {.id = "save",
     .keys = {'s'},
     .label = "save",
     .help = "write model and state for trm probe",
     .priority = 9,
     .run = save},
    {.id = "quit",
     .keys = {'q', TRM_CTRL('C')},
     .label = "leave",
     .help = "back to where you came from; nothing of it stays",
     .priority = 5,
     .run = leave},
};
