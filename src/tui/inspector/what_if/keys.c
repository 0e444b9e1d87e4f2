// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/inspector/save.h"
#include "tui/inspector/what_if/draw.h"
#include "tui/inspector/what_if/state.h"
#include "tui/widgets/heatmap.h"

static void refresh(trm_what_if *w) {
    w->answer_first = true;
    trm_what_if_view_refresh(&w->view);
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

static bool editable(const void *self, trm_edit_kind kind) {
    const trm_subject subject = trm_inspection_subject(((const trm_what_if *)self)->scope, 0);
    return trm_subject_editable(&subject, kind);
}

static bool moves_agent(const void *self) {
    return editable(self, TRM_EDIT_AGENT);
}

static bool moves_goal(const void *self) {
    return editable(self, TRM_EDIT_GOAL);
}

static bool has_digits(const void *self) {
    return editable(self, TRM_EDIT_DIGIT);
}

static bool has_walls(const void *self) {
    return editable(self, TRM_EDIT_WALL);
}

static void put_wall(void *self) {
    edit(self, TRM_EDIT_WALL, 0);
}

static void put_goal(void *self) {
    edit(self, TRM_EDIT_GOAL, 0);
}

static void put_digit(void *self, int32_t digit) {
    edit(self, TRM_EDIT_DIGIT, digit);
}

// ---- how the model is run -----------------------------------------------------------------------

static void more_cycles(void *self, int32_t by) {
    trm_what_if *w = self;
    trm_error e = {0};
    after(w, trm_change_cycles(&w->change, by, &e), &e);
}

static bool has_passes(const void *self) {
    return ((const trm_what_if *)self)->change.can.passes;
}

static bool has_prefix(const void *self) {
    return ((const trm_what_if *)self)->change.can.prefix;
}

static void more_h_cycles(void *self, int32_t by) {
    trm_what_if *w = self;
    trm_error e = {0};
    after(w, trm_change_passes(&w->change, true, by, &e), &e);
}

static void more_l_cycles(void *self, int32_t by) {
    trm_what_if *w = self;
    trm_error e = {0};
    after(w, trm_change_passes(&w->change, false, by, &e), &e);
}

static void prefix(void *self) {
    trm_what_if *w = self;
    trm_error e = {0};
    after(w, trm_change_prefix(&w->change, &e), &e);
}

static bool has_feedback(const void *self) {
    return ((const trm_what_if *)self)->change.can.feedback;
}

static bool has_carry(const void *self) {
    return ((const trm_what_if *)self)->change.can.carry;
}

static bool has_cycles(const void *self) {
    return ((const trm_what_if *)self)->change.can.cycles;
}

static bool has_units(const void *self) {
    const trm_what_if *w = self;
    return w->change.can.h + w->change.can.l > 0;
}

static void feedback(void *self) {
    trm_what_if *w = self;
    trm_error e = {0};
    after(w, trm_change_feedback(&w->change, &e), &e);
}

static void carry(void *self) {
    trm_what_if *w = self;
    trm_error e = {0};
    after(w, trm_change_carry(&w->change, &e), &e);
}

static void turn_before(void *self, int32_t by) {
    trm_what_if *w = self;
    trm_error e = {0};
    after(w, trm_change_before(&w->change, by, &e), &e);
}

static void hold_units(void *ctx, const char *text) {
    trm_what_if *w = ctx;
    trm_error e = {0};
    after(w, trm_change_units(&w->change, text, &e), &e);
}

static void ask_units(void *self) {
    trm_what_if *w = self;
    trm_app_prompt(w->app, "hold units at 0 (h:12,l:3)", "", hold_units, w);
}

// The agent comes here, or the unit is held or let go.
static void enter(void *self) {
    trm_what_if *w = self;
    const trm_what_if_focus focus = w->view.focus;
    trm_error e = {0};
    if (focus == TRM_WHAT_IF_BOARD)
        edit(w, TRM_EDIT_AGENT, 0);
    else
        after(w, trm_change_unit(&w->change, focus == TRM_WHAT_IF_H, w->view.unit[focus], &e), &e);
}

static const char *enter_label(const void *self) {
    const trm_what_if *w = self;
    return w->view.focus != TRM_WHAT_IF_BOARD ? "hold"
           : trm_inspection_samples(w->scope) ? "start here"
                                              : "agent here";
}

static bool can_enter(const void *self) {
    return ((const trm_what_if *)self)->view.focus != TRM_WHAT_IF_BOARD || moves_agent(self);
}

// Samples have no actions before them.
static bool is_state(const void *self) {
    return !trm_inspection_samples(((const trm_what_if *)self)->scope);
}

static const char *step_label(const void *self) {
    return trm_inspection_word(((const trm_what_if *)self)->scope);
}

// ---- back and forth -----------------------------------------------------------------------------

// by: -1 undoes, 1 does again.
static void undo(void *self, int32_t by) {
    trm_what_if *w = self;
    if ((by < 0 ? trm_change_undo : trm_change_redo)(&w->change))
        refresh(w);
    else
        trm_app_status(w->app,
                       by < 0 ? "there is nothing to undo" : "there is nothing to do again");
}

static void original(void *self) {
    trm_what_if *w = self;
    trm_change_nothing(&w->change, w->view.at);
    refresh(w);
}

static void step(void *self, int32_t by) {
    trm_what_if *w = self;
    const int32_t at = trm_clamp(w->view.at + by, 0, w->scope->moments - 1);
    if (at == w->view.at)
        return;
    trm_change_go(&w->change, at);
    w->answer_first = true;
    trm_what_if_view_go(&w->view, at);
}

// ---- moving -------------------------------------------------------------------------------------

static int32_t size_of(const trm_what_if *w, trm_what_if_focus focus) {
    return focus == TRM_WHAT_IF_H ? w->scope->shape.h : w->scope->shape.l;
}

static trm_what_if_layout layout_of(const trm_what_if *w) {
    return trm_what_if_layout_of(&w->view, trm_app_area(w->app),
                                 trm_look_fills(trm_app_look(w->app)));
}

static void turn_focus(void *self, int32_t by) {
    trm_what_if *w = self;
    trm_what_if_view *v = &w->view;
    do
        v->focus = (trm_what_if_focus)(((int32_t)v->focus + by + TRM_WHAT_IF_FOCUSES) %
                                       TRM_WHAT_IF_FOCUSES);
    while (v->focus != TRM_WHAT_IF_BOARD && size_of(w, v->focus) == 0);
}

static void move(void *self, int32_t way) {
    trm_what_if *w = self;
    trm_what_if_view *v = &w->view;
    if (v->focus == TRM_WHAT_IF_BOARD) {
        const trm_board *b = &v->sides[TRM_WHAT_IF].board;
        trm_what_if_view_select_cell(v, trm_way_cell(way, v->cell, b->rows, b->cols));
        return;
    }
    const trm_rect map = layout_of(w).maps[v->focus];
    const int32_t n = size_of(w, v->focus);
    const trm_heat_fit fit = trm_heatmap_fit(n, map.w, map.h, trm_look_fills(trm_app_look(w->app)));
    const int32_t row = fit.cols * fit.pool > 0 ? fit.cols * fit.pool : 1;
    const int32_t by = trm_way_cols(way) + trm_way_rows(way) * row;
    v->unit[v->focus] = trm_clamp(v->unit[v->focus] + by, 0, n - 1);
}

// ---- the rest -----------------------------------------------------------------------------------

static void save_to(void *ctx, const char *text) {
    trm_what_if *w = ctx;
    char line[256], flags[256];
    trm_error e = {0};
    const trm_version *now = trm_change_now(&w->change);
    trm_version_flags(&w->change, now, flags, sizeof flags);
    const int32_t prev = trm_version_before(now, trm_inspection_prev_action(w->scope, w->view.at));
    if (trm_inspector_save(w->scope, now->state, prev, text, line, sizeof line, &e))
        trm_app_status(w->app, "%s%s", line, flags);
    else
        trm_app_status(w->app, "not saved: %s", e.message);
}

static bool can_save(const void *self) {
    return trm_inspector_saves(((const trm_what_if *)self)->scope);
}

static void save(void *self) {
    trm_what_if *w = self;
    trm_app_prompt_new(w->app, "write model and state for trm probe to the new directory", "probe",
                       save_to, w);
}

void trm_what_if_click(void *self, int32_t y, int32_t x) {
    trm_what_if *w = self;
    trm_what_if_view *v = &w->view;
    const trm_what_if_layout l = layout_of(w);
    const bool fills = trm_look_fills(trm_app_look(w->app));
    if (trm_rect_has(l.board, y, x)) {
        v->focus = TRM_WHAT_IF_BOARD;
        const trm_policy_view policy = {.board = &v->sides[TRM_WHAT_IF].board, .cell = v->cell};
        const trm_board_view board = trm_policy_board(&policy);
        const int32_t cell = trm_board_at(trm_what_if_board_rect(l.board), &board, y, x);
        trm_what_if_view_select_cell(v, cell >= 0 ? cell : v->cell);
    }
    for (int32_t i = TRM_WHAT_IF_H; i < TRM_WHAT_IF_FOCUSES; i++) {
        if (!trm_rect_has(l.maps[i], y, x))
            continue;
        v->focus = (trm_what_if_focus)i;
        const int32_t unit = trm_heatmap_at(l.maps[i], size_of(w, v->focus), fills, y, x);
        v->unit[i] = unit >= 0 ? unit : v->unit[i];
    }
}

const trm_action trm_what_if_actions[] = {
    {TRM_KEYS(TRM_KEY_ENTER), "agent here", "move the agent or start here; or hold a unit at 0", 1,
     .usable = can_enter, .label_now = enter_label, .act = enter},
    {TRM_KEYS('t'), "goal here", "put the goal here, where it can be moved", 6,
     .usable = moves_goal, .act = put_goal},
    {TRM_KEYS('#'), "wall", "build a wall of a sample's maze, or take it away", 2,
     .usable = has_walls, .act = put_wall},
    {TRM_KEYS('1', '2', '3', '4', '5', '6', '7', '8', '9'), "digit", "put a digit", 1, .arg = 1,
     .step = 1, .usable = has_digits, .run = put_digit},
    {TRM_KEYS('x', '0', TRM_KEY_BACKSPACE), "clear", "clear the cell", 6, .usable = has_digits,
     .run = put_digit},
    {TRM_KEYS('+', '='), "K", "one cycle more", 2, .arg = 1, .usable = has_cycles,
     .run = more_cycles},
    {TRM_KEYS('-', '_'), "", "one cycle less", .pair = true, .arg = -1, .usable = has_cycles,
     .run = more_cycles},
    {TRM_KEYS('>'), "H cycles", "one H cycle a step more", 3, .arg = 1, .usable = has_passes,
     .run = more_h_cycles},
    {TRM_KEYS('<'), "", "one H cycle a step less", .pair = true, .arg = -1, .usable = has_passes,
     .run = more_h_cycles},
    {TRM_KEYS(')'), "L cycles", "one L cycle an H cycle more", 3, .arg = 1, .usable = has_passes,
     .run = more_l_cycles},
    {TRM_KEYS('('), "", "one L cycle an H cycle less", .pair = true, .arg = -1,
     .usable = has_passes, .run = more_l_cycles},
    {TRM_KEYS('X'), "prefix", "switch the prefix tokens' vectors off or on", 5,
     .usable = has_prefix, .act = prefix},
    {TRM_KEYS('F'), "feedback", "switch the feedback from L to H off or on", 3,
     .usable = has_feedback, .act = feedback},
    {TRM_KEYS('C'), "carry", "switch the carry between cycles off or on", 3, .usable = has_carry,
     .act = carry},
    {TRM_KEYS('p'), "previous", "tell it of another previous action, none, or its own", 8, .arg = 1,
     .usable = is_state, .run = turn_before},
    {TRM_KEYS('P'), "", "the same, backwards", .pair = true, .arg = -1, .usable = is_state,
     .run = turn_before},
    {TRM_KEYS('/'), "units", "hold units at 0 by their numbers", 8, .usable = has_units,
     .act = ask_units},
    {TRM_KEYS('u'), "undo", "undo the last change", 4, .arg = -1, .run = undo},
    {TRM_KEYS(TRM_CTRL('R')), "redo", "redo", .arg = 1, .run = undo},
    {TRM_KEYS('O'), "original", "undo every change", 7, .act = original},
    {TRM_KEYS(','), "step", "the step before, or the sample", 10, .arg = -1,
     .label_now = step_label, .run = step},
    {TRM_KEYS('.'), "", "the next step or sample, with the same changes to the model", .pair = true,
     .arg = 1, .run = step},
    {TRM_KEYS(TRM_KEY_TAB), "units", "board, units of H, units of L", 5, .arg = 1,
     .run = turn_focus},
    {TRM_KEYS(TRM_KEY_SHIFT_TAB), "", "the panel before", .arg = -1, .run = turn_focus},
    {TRM_KEYS_MOVE, "", "move over the cells or the units", .step = 1, .run = move},
    {TRM_KEYS('s'), "save", "write model and state for trm probe", 9, .usable = can_save,
     .act = save},
    {TRM_KEYS('q', TRM_CTRL('C')), "leave", "go back; no change is kept", 5, .leaves = true},
    {.keys = {0}},
};
