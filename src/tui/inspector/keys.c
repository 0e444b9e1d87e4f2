// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "trm/model/paper.h"
#include "tui/canvas/layout.h"
#include "tui/inspector/draw.h"
#include "tui/inspector/layout.h"
#include "tui/inspector/passes.h"
#include "tui/inspector/save.h"
#include "tui/inspector/state.h"
#include "tui/widgets/heatmap.h"
#include "tui/widgets/policy.h"

static trm_inspector_layout layout_of(const trm_inspector *m) {
    return trm_inspector_layout_of(trm_app_area(m->app), m->view.side);
}

void trm_inspector_go(trm_inspector *m, int32_t at) {
    m->answer_first = true;
    trm_inspector_view_go(&m->view, at);
}

static void go(void *self, int32_t at) {
    trm_inspector_go(self, at);
}

static void step(void *self, int32_t by) {
    trm_inspector *m = self;
    trm_inspector_go(m, m->view.at + by);
}

// A tenth of the episode.
static void leap(void *self, int32_t sign) {
    trm_inspector *m = self;
    step(m, sign * (m->scope->moments < 20 ? 2 : m->scope->moments / 10));
}

static void turn_cycle(void *self, int32_t by) {
    trm_inspector *m = self;
    trm_inspector_view_select_cycle(&m->view, m->view.cycle + by);
}

// ---- panels -------------------------------------------------------------------------------------

static void to_panel(void *self, int32_t panel) {
    trm_inspector_view *v = &((trm_inspector *)self)->view;
    v->focus = (trm_inspector_panel)panel;
    if (panel != TRM_INSPECTOR_BOARD)
        v->side = v->focus;
    trm_inspector_view_refresh(v); // the panel may show what was not needed before
}

static void turn_panel(void *self, int32_t by) {
    const trm_inspector *m = self;
    to_panel(self, ((int32_t)m->view.focus + by + TRM_INSPECTOR_PANELS) % TRM_INSPECTOR_PANELS);
}

// ---- the unit -----------------------------------------------------------------------------------

static int32_t size_of(const trm_inspector *m, trm_level level) {
    return trm_level_size(&m->scope->shape, level);
}

// The next level upwards or downwards that the architecture has.
static bool turn_level(trm_inspector *m, int32_t by, bool to_end) {
    trm_inspector_view *v = &m->view;
    for (int32_t level = (int32_t)v->level + by; level >= 0 && level < TRM_LEVELS; level += by) {
        const int32_t n = size_of(m, (trm_level)level);
        if (n == 0)
            continue;
        trm_inspector_view_select_unit(
            v, (trm_level)level,
            trm_inspector_view_unit_at(v, (trm_level)level, to_end ? n - 1 : 0));
        return true;
    }
    return false;
}

static void move_place(trm_inspector *m, int32_t by) {
    trm_inspector_view *v = &m->view;
    const int32_t n = size_of(m, v->level), place = trm_inspector_view_place(v) + by;
    if (place < 0 || place >= n)
        turn_level(m, by < 0 ? -1 : 1, by < 0);
    else
        trm_inspector_view_select_unit(v, v->level, trm_inspector_view_unit_at(v, v->level, place));
}

// Units in a row of the level's map, as it is drawn now.
static int32_t row_of_units(const trm_inspector *m) {
    const trm_inspector_view *v = &m->view;
    const trm_inspector_layout l = layout_of(m);
    const trm_rect panel = l.panels[TRM_INSPECTOR_CYCLES];
    const bool fills = trm_look_fills(trm_app_look(m->app));
    if (panel.h < 1)
        return 1;
    const trm_inspector_columns k = trm_inspector_columns_of(v, panel, fills);
    const trm_rect map = k.maps[v->level];
    const trm_heat_fit fit = trm_heatmap_fit(size_of(m, v->level), map.w, map.h, fills);
    return fit.cols * fit.pool > 0 ? fit.cols * fit.pool : 1;
}

static void turn_unit_level(void *self) {
    trm_inspector *m = self;
    trm_inspector_view *v = &m->view;
    for (int32_t i = 1; i <= TRM_LEVELS; i++) {
        const trm_level level = (trm_level)(((int32_t)v->level + i) % TRM_LEVELS);
        if (size_of(m, level) == 0)
            continue;
        trm_inspector_view_select_unit(v, level, v->unit);
        return;
    }
}

static void order(void *self) {
    static const char *const words[TRM_ORDERS] = {
        [TRM_ORDER_NUMBER] = "by number",
        [TRM_ORDER_ACTIVITY] = "by activity",
        [TRM_ORDER_WEIGHT] = "of H by their weight to the action",
    };
    trm_inspector *m = self;
    trm_inspector_view *v = &m->view;
    v->order = (trm_unit_order)(((int32_t)v->order + 1) % TRM_ORDERS);
    trm_inspector_view_refresh(v);
    if (v->order == TRM_ORDER_WEIGHT && v->trace != NULL && !v->has_weights) {
        v->order = TRM_ORDER_NUMBER;
        trm_inspector_view_refresh(v);
    }
    trm_app_status(m->app, "units %s", words[v->order]);
}

static void turn_value(void *self) {
    static const char *const words[TRM_VALUES] = {
        [TRM_VALUE_CHANGE] = "how far it moved since the one before",
        [TRM_VALUE_NORM] = "the norm of its latent",
        [TRM_VALUE_UNIT] = "the selected unit, in every cell",
        [TRM_VALUE_CONFIDENCE] = "the probability of its answer or action",
    };
    trm_inspector *m = self;
    trm_inspector_view *v = &m->view;
    v->value = (trm_cell_value)(((int32_t)v->value + 1) % TRM_VALUES);
    trm_app_status(m->app, "of each cell: %s", words[v->value]);
}

static bool has_values(const void *self) {
    return trm_inspection_on_board(((const trm_inspector *)self)->scope);
}

static void turn_action(void *self, int32_t by) {
    trm_inspector *m = self;
    trm_inspector_view_select_action(&m->view, m->view.action + by);
    trm_app_status(m->app, "weights to %s", m->scope->names[m->view.action]);
}

// "12", "h:12", "l:3".
static void found(void *ctx, const char *text) {
    trm_inspector *m = ctx;
    trm_level level = m->view.level;
    int64_t unit = -1;
    const char *number = text;
    if ((text[0] == 'h' || text[0] == 'l') && text[1] == ':') {
        level = text[0] == 'h' ? TRM_LEVEL_H : TRM_LEVEL_L;
        number = text + 2;
    }
    const int32_t n = size_of(m, level);
    if (!trm_text_to_i64(number, &unit) || unit < 0 || unit >= n) {
        trm_app_status(m->app, "no such unit: expected 0 to %d, h:0 or l:0", n - 1);
        return;
    }
    trm_inspector_view_select_unit(&m->view, level, (int32_t)unit);
}

static void find(void *self) {
    trm_inspector *m = self;
    trm_app_prompt(m->app, "unit (12, h:12, l:3)", "", found, m);
}

static void pin(void *self) {
    trm_inspector *m = self;
    trm_inspector_view_pin(&m->view);
    if (m->view.pinned >= 0)
        trm_app_status(m->app, "%s %d is pinned: differences are against it",
                       trm_inspection_word(m->scope),
                       trm_inspection_number(m->scope, m->view.pinned));
}

// What is in sight now, as a source for another screen.
static void what_if(void *self) {
    trm_inspector *m = self;
    trm_error e = {0};
    trm_inspector_source source = trm_inspection_source(m->scope, m->view.at);
    source.cell = m->view.cell;
    if (!trm_what_if_push(m->app, &source, &e))
        trm_app_status(m->app, "%s", e.message);
}

static void open_passes(void *self) {
    const trm_inspector *m = self;
    trm_error e = {0};
    if (!trm_passes_push(m->app, m->scope, m->view.at, m->view.cycle, m->view.cell, &e))
        trm_app_status(m->app, "%s", e.message);
}

static bool has_passes(const void *self) {
    const trm_inspector *m = self;
    return trm_inspection_samples(m->scope) && trm_model_passes(m->scope->agent.model) > 0;
}

static const char *step_label(const void *self) {
    return trm_inspection_word(((const trm_inspector *)self)->scope);
}

static const char *cycle_label(const void *self) {
    return trm_words_of_trace(&((const trm_inspector *)self)->view.scope->shape)->cycle;
}

static const char *pin_label(const void *self) {
    const trm_inspector *m = self;
    return m->view.pinned >= 0 && m->view.pinned == m->view.at ? "unpin" : "pin";
}

// ---- moving -------------------------------------------------------------------------------------

// Along the path: cycle by cycle, on into the next step.
static void move_along(trm_inspector *m, int32_t by) {
    trm_inspector_view *v = &m->view;
    const int32_t cycles = m->scope->shape.cycles, cycle = v->cycle + by;
    if (cycle >= 0 && cycle < cycles) {
        trm_inspector_view_select_cycle(v, cycle);
    } else if (v->at + by >= 0 && v->at + by < m->scope->moments) {
        trm_inspector_go(m, v->at + by);
        trm_inspector_view_select_cycle(v, by > 0 ? 0 : cycles - 1);
    }
}

static void move(void *self, int32_t way) {
    trm_inspector *m = self;
    trm_inspector_view *v = &m->view;
    const int32_t dy = trm_way_rows(way), dx = trm_way_cols(way);
    if (v->focus == TRM_INSPECTOR_BOARD)
        trm_inspector_view_select_cell(v, trm_way_cell(way, v->cell, v->board.rows, v->board.cols));
    else if (v->focus == TRM_INSPECTOR_CYCLES)
        move_place(m, dx + dy * row_of_units(m));
    else if (v->focus == TRM_INSPECTOR_UNIT && dx != 0)
        move_place(m, dx);
    else if (v->focus == TRM_INSPECTOR_UNIT)
        trm_inspector_view_select_action(v, v->action + dy);
    else if (dx != 0)
        move_along(m, dx);
    else
        step(m, dy);
}

// ---- leaving ------------------------------------------------------------------------------------

static void save_to(void *ctx, const char *text) {
    trm_inspector *m = ctx;
    char line[256];
    trm_error e = {0};
    if (trm_inspector_save(m->scope, trm_inspection_state(m->scope, m->view.at),
                           trm_inspection_prev_action(m->scope, m->view.at), text, line,
                           sizeof line, &e))
        trm_app_status(m->app, "%s", line);
    else
        trm_app_status(m->app, "not saved: %s", e.message);
}

static bool can_save(const void *self) {
    return trm_inspector_saves(((const trm_inspector *)self)->scope);
}

static void save(void *self) {
    trm_inspector *m = self;
    trm_app_prompt_new(m->app, "write model and state for trm probe to the new directory", "probe",
                       save_to, m);
}

// ---- the mouse ----------------------------------------------------------------------------------

// A unit in the maps of the cycles.
typedef struct spot {
    int32_t cycle; // -1: no cycle is there
    trm_level level;
    int32_t unit; // -1: none is
} spot;

static spot spot_at(const trm_inspector *m, trm_rect panel, int32_t y, int32_t x) {
    const trm_inspector_view *v = &m->view;
    const bool fills = trm_look_fills(trm_app_look(m->app));
    const trm_inspector_columns k = trm_inspector_columns_of(v, panel, fills);
    const int32_t column = (x - panel.x) / (k.width + 1);
    spot s = {.cycle = column < k.count ? k.first + column : -1, .unit = -1};
    for (int32_t i = 0; i < TRM_INSPECTOR_MAPS && s.cycle >= 0 && s.unit < 0; i++) {
        trm_rect map = k.maps[i];
        s.level = i == TRM_INSPECTOR_DIFFERENCE ? TRM_LEVEL_H : (trm_level)i;
        map.x += column * (k.width + 1);
        const int32_t place =
            trm_rect_has(map, y, x) ? trm_heatmap_at(map, size_of(m, s.level), fills, y, x) : -1;
        if (place >= 0)
            s.unit = trm_inspector_view_unit_at(v, s.level, place);
    }
    return s;
}

static void click_cycles(trm_inspector *m, trm_rect panel, int32_t y, int32_t x) {
    const spot s = spot_at(m, panel, y, x);
    if (s.cycle < 0)
        return;
    trm_inspector_view_select_cycle(&m->view, s.cycle);
    if (s.unit >= 0)
        trm_inspector_view_select_unit(&m->view, s.level, s.unit);
}

// "H#12 at cycle 3: +0.5312, rank 5 of 64 by magnitude".
static bool tell_unit(const trm_inspector_view *v, spot s, char *out, int32_t size) {
    const trm_trace_shape *shape = &v->scope->shape;
    const int32_t n = trm_level_size(shape, s.level);
    if (v->trace == NULL || s.cycle < 0 || s.unit < 0 || s.unit >= n)
        return false;
    const float *values = trm_level_of(shape, v->trace, s.level, s.cycle);
    trm_text_format(out, (size_t)size, "%s#%d at %s %d: %+.4f, rank %d of %d by magnitude",
                    trm_level_name(shape, s.level), s.unit, trm_words_of_trace(shape)->cycle,
                    s.cycle + 1, (double)values[s.unit], trm_inspector_rank(values, n, s.unit), n);
    return true;
}

static int32_t cell_under(const trm_inspector_view *v, trm_rect panel, int32_t y, int32_t x) {
    const trm_policy_view policy = {.board = &v->board, .cell = v->cell};
    const trm_board_view board = trm_policy_board(&policy);
    return trm_board_at(trm_inspector_board_rect(v, panel), &board, y, x);
}

static bool tell_cell(const trm_inspector *m, int32_t cell, char *out, int32_t size) {
    const trm_policy_view policy = trm_inspector_policy(&m->view);
    const bool ascii = trm_app_look(m->app)->glyphs == TRM_GLYPHS_ASCII;
    return trm_policy_tell(&policy, ascii, cell, out, size);
}

bool trm_inspector_tell(const void *self, int32_t y, int32_t x, char *out, int32_t size) {
    const trm_inspector *m = self;
    const trm_inspector_view *v = &m->view;
    const trm_inspector_layout l = layout_of(m);
    if (y < 0)
        return v->focus == TRM_INSPECTOR_BOARD
                   ? tell_cell(m, v->cell, out, size)
                   : tell_unit(v, (spot){v->cycle, v->level, v->unit}, out, size);
    if (trm_rect_has(l.panels[TRM_INSPECTOR_CYCLES], y, x))
        return tell_unit(v, spot_at(m, l.panels[TRM_INSPECTOR_CYCLES], y, x), out, size);
    return trm_rect_has(l.panels[TRM_INSPECTOR_BOARD], y, x) &&
           tell_cell(m, cell_under(v, l.panels[TRM_INSPECTOR_BOARD], y, x), out, size);
}

static void click_steps(trm_inspector *m, trm_rect row, int32_t x) {
    const trm_inspector_steps k = trm_inspector_steps_of(&m->view, row);
    const int32_t i = (x - k.x) / k.width;
    if (x >= k.x && i < k.count)
        trm_inspector_go(m, k.first + i);
}

void trm_inspector_click(void *self, int32_t y, int32_t x) {
    trm_inspector *m = self;
    trm_inspector_view *v = &m->view;
    const trm_inspector_layout l = layout_of(m);
    if (trm_rect_has(l.steps, y, x))
        click_steps(m, l.steps, x);
    for (int32_t i = 0; i < TRM_INSPECTOR_PANELS; i++) {
        if (!trm_rect_has(l.panels[i], y, x))
            continue;
        to_panel(m, i);
        if (i == TRM_INSPECTOR_BOARD) {
            const int32_t cell = cell_under(v, l.panels[i], y, x);
            trm_inspector_view_select_cell(v, cell >= 0 ? cell : v->cell);
        } else if (i == TRM_INSPECTOR_CYCLES && v->trace != NULL) {
            click_cycles(m, l.panels[i], y, x);
        }
        return;
    }
}

const trm_action trm_inspector_actions[] = {
    {TRM_KEYS(','), "step", "the step before, or the sample", 1, .arg = -1, .label_now = step_label,
     .run = step},
    {TRM_KEYS('.'), "", "the next step of the episode, or the next sample", .pair = true, .arg = 1,
     .run = step},
    {TRM_KEYS('g', TRM_KEY_HOME), "first", "the first step or sample", .run = go},
    {TRM_KEYS('G', TRM_KEY_END), "last", "the last step or sample", .arg = INT32_MAX, .run = go},
    {TRM_KEYS(TRM_KEY_PAGE_DOWN), "", "a tenth of the episode on", .arg = 1, .run = leap},
    {TRM_KEYS(TRM_KEY_PAGE_UP), "", "a tenth of it back", .arg = -1, .run = leap},
    {TRM_KEYS('['), "cycle", "the reasoning cycle before", 3, .arg = -1, .label_now = cycle_label,
     .run = turn_cycle},
    {TRM_KEYS(']'), "", "the next reasoning cycle", .pair = true, .arg = 1, .run = turn_cycle},
    {TRM_KEYS(TRM_KEY_TAB), "panel", "the next panel: board, cycles, unit, path", 4, .arg = 1,
     .run = turn_panel},
    {TRM_KEYS(TRM_KEY_SHIFT_TAB), "", "the panel before", .arg = -1, .run = turn_panel},
    {TRM_KEYS('1', '2', '3', '4'), "", "to the board, the cycles, the unit, the path", .step = 1,
     .run = to_panel},
    {TRM_KEYS_MOVE, "", "in the panel: cell, unit, action, point of the path", .step = 1,
     .run = move},
    {TRM_KEYS('v'), "level", "the same unit at the next level: h before L, L, H", 8,
     .act = turn_unit_level},
    {TRM_KEYS('o'), "order", "sort units by number, activity or weight to the action", 7,
     .act = order},
    {TRM_KEYS('a'), "action", "show the weights to the next action", .arg = 1, .run = turn_action},
    {TRM_KEYS('A'), "", "show the weights to the action before", .arg = -1, .run = turn_action},
    {TRM_KEYS('b'), "cells", "what the lower board shows: change, norm, one unit, how sure", 9,
     .usable = has_values, .act = turn_value},
    {TRM_KEYS('c'), "pin", "pin this step to compare others with it; again: unpin", 6,
     .label_now = pin_label, .act = pin},
    {TRM_KEYS('/'), "unit", "find a unit by its number", 10, .act = find},
    {TRM_KEYS('w'), "what if", "change the state or the model, and see what it would do", 5,
     .act = what_if},
    {TRM_KEYS('z'), "passes", "every pass of the selected step: z_L and z_H cell by cell", 5,
     .usable = has_passes, .act = open_passes},
    {TRM_KEYS('s'), "save", "write model and state for trm probe", 11, .usable = can_save,
     .act = save},
    {TRM_KEYS('q', TRM_CTRL('C')), "leave", "go back", 5, .leaves = true},
    {.keys = {0}},
};
