// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "trm/base/text.h"
#include "tui/micro/draw.h"
#include "tui/micro/layout.h"
#include "tui/micro/save.h"
#include "tui/micro/state.h"
#include "tui/widgets/heatmap.h"

static trm_micro_layout layout_of(const trm_micro *m) {
    int32_t rows = 0, cols = 0;
    trm_app_size(m->app, &rows, &cols);
    return trm_micro_layout_of(rows, cols, m->view.side);
}

void trm_micro_go(trm_micro *m, int32_t at) {
    m->answer_first = true;
    trm_micro_view_go(&m->view, at);
}

static void step_forward(void *self, uint32_t key) {
    trm_micro *m = self;
    (void)key;
    trm_micro_go(m, m->view.at + 1);
}

static void step_back(void *self, uint32_t key) {
    trm_micro *m = self;
    (void)key;
    trm_micro_go(m, m->view.at - 1);
}

static void go_first(void *self, uint32_t key) {
    (void)key;
    trm_micro_go(self, 0);
}

static void go_last(void *self, uint32_t key) {
    trm_micro *m = self;
    (void)key;
    trm_micro_go(m, m->scope->moments - 1);
}

static int32_t tenth(const trm_micro *m) {
    return m->scope->moments < 20 ? 2 : m->scope->moments / 10;
}

static void leap_forward(void *self, uint32_t key) {
    trm_micro *m = self;
    (void)key;
    trm_micro_go(m, m->view.at + tenth(m));
}

static void leap_back(void *self, uint32_t key) {
    trm_micro *m = self;
    (void)key;
    trm_micro_go(m, m->view.at - tenth(m));
}

static void next_cycle(void *self, uint32_t key) {
    trm_micro *m = self;
    (void)key;
    trm_micro_view_select_cycle(&m->view, m->view.cycle + 1);
}

static void previous_cycle(void *self, uint32_t key) {
    trm_micro *m = self;
    (void)key;
    trm_micro_view_select_cycle(&m->view, m->view.cycle - 1);
}

// ---- panels -------------------------------------------------------------------------------------

static void focus_on(trm_micro *m, trm_micro_panel panel) {
    trm_micro_view *v = &m->view;
    v->focus = panel;
    if (panel != TRM_MICRO_BOARD)
        v->side = panel;
    trm_micro_view_refresh(v); // the panel may show what was not needed before
}

static void next_panel(void *self, uint32_t key) {
    trm_micro *m = self;
    (void)key;
    focus_on(m, (trm_micro_panel)((m->view.focus + 1) % TRM_MICRO_PANELS));
}

static void previous_panel(void *self, uint32_t key) {
    trm_micro *m = self;
    (void)key;
    focus_on(m, (trm_micro_panel)((m->view.focus + TRM_MICRO_PANELS - 1) % TRM_MICRO_PANELS));
}

static void to_panel(void *self, uint32_t key) {
    focus_on(self, (trm_micro_panel)(key - '1'));
}

// ---- the unit -----------------------------------------------------------------------------------

static int32_t size_of(const trm_micro *m, trm_level level) {
    return trm_level_size(&m->scope->shape, level);
}

// The next level upwards or downwards that the architecture has.
static bool turn_level(trm_micro *m, int32_t by, bool to_end) {
    trm_micro_view *v = &m->view;
    for (int32_t level = (int32_t)v->level + by; level >= 0 && level < TRM_LEVELS; level += by) {
        const int32_t n = size_of(m, (trm_level)level);
        if (n == 0)
            continue;
        trm_micro_view_select_unit(v, (trm_level)level,
                                   trm_micro_view_unit_at(v, (trm_level)level, to_end ? n - 1 : 0));
        return true;
    }
    return false;
}

static void move_place(trm_micro *m, int32_t by) {
    trm_micro_view *v = &m->view;
    const int32_t n = size_of(m, v->level), place = trm_micro_view_place(v) + by;
    if (place < 0 || place >= n)
        turn_level(m, by < 0 ? -1 : 1, by < 0);
    else
        trm_micro_view_select_unit(v, v->level, trm_micro_view_unit_at(v, v->level, place));
}

// Units in a row of the level's map, as it is drawn now.
static int32_t row_of_units(const trm_micro *m) {
    const trm_micro_view *v = &m->view;
    const trm_micro_layout l = layout_of(m);
    const trm_rect panel = l.panels[TRM_MICRO_CYCLES];
    const bool fills = trm_look_fills(trm_app_look(m->app));
    if (panel.h < 1)
        return 1;
    const trm_micro_columns k = trm_micro_columns_of(v, panel, fills);
    const trm_rect map = k.maps[v->level];
    const trm_heat_fit fit = trm_heatmap_fit(size_of(m, v->level), map.w, map.h, fills);
    return fit.cols * fit.pool > 0 ? fit.cols * fit.pool : 1;
}

static void turn(void *self, uint32_t key) {
    trm_micro *m = self;
    trm_micro_view *v = &m->view;
    (void)key;
    for (int32_t i = 1; i <= TRM_LEVELS; i++) {
        const trm_level level = (trm_level)(((int32_t)v->level + i) % TRM_LEVELS);
        if (size_of(m, level) == 0)
            continue;
        trm_micro_view_select_unit(v, level, v->unit);
        return;
    }
}

static void order(void *self, uint32_t key) {
    trm_micro *m = self;
    trm_micro_view *v = &m->view;
    (void)key;
    v->order = (trm_unit_order)(((int32_t)v->order + 1) % TRM_ORDERS);
    trm_micro_view_refresh(v);
    if (v->order == TRM_ORDER_WEIGHT && !v->has_weights) {
        v->order = TRM_ORDER_NUMBER;
        trm_micro_view_refresh(v);
    }
    trm_app_status(m->app, "units %s",
                   v->order == TRM_ORDER_NUMBER     ? "by number"
                   : v->order == TRM_ORDER_ACTIVITY ? "by activity at the selected cycle"
                                                    : "of H by their weight to the action");
}

static void next_action(void *self, uint32_t key) {
    trm_micro *m = self;
    (void)key;
    trm_micro_view_select_action(&m->view, m->view.action + 1);
    trm_app_status(m->app, "weights to %s", m->scope->names[m->view.action]);
}

static void previous_action(void *self, uint32_t key) {
    trm_micro *m = self;
    (void)key;
    trm_micro_view_select_action(&m->view, m->view.action - 1);
    trm_app_status(m->app, "weights to %s", m->scope->names[m->view.action]);
}

// "12", "h:12", "l:3".
static void found(void *ctx, const char *text) {
    trm_micro *m = ctx;
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
    trm_micro_view_select_unit(&m->view, level, (int32_t)unit);
}

static void find(void *self, uint32_t key) {
    trm_micro *m = self;
    (void)key;
    trm_app_prompt(m->app, "unit (12, h:12, l:3)", "", found, m);
}

static void pin(void *self, uint32_t key) {
    trm_micro *m = self;
    (void)key;
    trm_micro_view_pin(&m->view);
    if (m->view.pinned >= 0)
        trm_app_status(m->app, "step %d is pinned: differences are against it", m->view.pinned + 1);
}

// What is in sight now, as a source for another screen.
static void what_if(void *self, uint32_t key) {
    trm_micro *m = self;
    trm_error e = {0};
    (void)key;
    const trm_micro_source source = trm_scope_source(m->scope, m->view.at);
    if (!trm_what_if_push(m->app, &source, &e))
        trm_app_status(m->app, "%s", e.message);
}

static const char *pin_label(const void *self) {
    const trm_micro *m = self;
    return m->view.pinned >= 0 && m->view.pinned == m->view.at ? "unpin" : "pin";
}

// ---- moving -------------------------------------------------------------------------------------

static int32_t clamp(int32_t x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : x;
}

static void move_cell(trm_micro_view *v, int32_t dy, int32_t dx) {
    const int32_t row = clamp(v->cell / v->board.cols + dy, 0, v->board.rows - 1);
    const int32_t col = clamp(v->cell % v->board.cols + dx, 0, v->board.cols - 1);
    v->cell = row * v->board.cols + col;
}

// Along the path: cycle by cycle, on into the next step.
static void move_along(trm_micro *m, int32_t by) {
    trm_micro_view *v = &m->view;
    const int32_t cycles = m->scope->shape.cycles, cycle = v->cycle + by;
    if (cycle >= 0 && cycle < cycles) {
        trm_micro_view_select_cycle(v, cycle);
    } else if (v->at + by >= 0 && v->at + by < m->scope->moments) {
        trm_micro_go(m, v->at + by);
        trm_micro_view_select_cycle(v, by > 0 ? 0 : cycles - 1);
    }
}

static void move(trm_micro *m, int32_t dy, int32_t dx) {
    switch (m->view.focus) {
    case TRM_MICRO_BOARD:
        move_cell(&m->view, dy, dx);
        break;
    case TRM_MICRO_CYCLES:
        move_place(m, dx + dy * row_of_units(m));
        break;
    case TRM_MICRO_UNIT:
        if (dx != 0)
            move_place(m, dx);
        else
            trm_micro_view_select_action(&m->view, m->view.action + dy);
        break;
    case TRM_MICRO_PATH:
        if (dx != 0)
            move_along(m, dx);
        else
            trm_micro_go(m, m->view.at + dy);
        break;
    case TRM_MICRO_PANELS:
        break;
    }
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

// ---- leaving ------------------------------------------------------------------------------------

static void save_to(void *ctx, const char *text) {
    trm_micro *m = ctx;
    char line[256];
    trm_error e = {0};
    if (trm_micro_save(m->scope, trm_scope_state(m->scope, m->view.at),
                       trm_scope_prev_action(m->scope, m->view.at), text, line, sizeof line, &e))
        trm_app_status(m->app, "%s", line);
    else
        trm_app_status(m->app, "not saved: %s", e.message);
}

static void save(void *self, uint32_t key) {
    trm_micro *m = self;
    (void)key;
    trm_app_prompt(m->app, "write model and state for trm probe to the new directory", "probe",
                   save_to, m);
}

static void leave(void *self, uint32_t key) {
    trm_micro *m = self;
    (void)key;
    trm_app_pop(m->app);
}

// ---- the mouse ----------------------------------------------------------------------------------

static bool inside(trm_rect r, int32_t y, int32_t x) {
    return y >= r.y && y < r.y + r.h && x >= r.x && x < r.x + r.w;
}

static void click_cycles(trm_micro *m, trm_rect panel, int32_t y, int32_t x) {
    trm_micro_view *v = &m->view;
    const bool fills = trm_look_fills(trm_app_look(m->app));
    const trm_micro_columns k = trm_micro_columns_of(v, panel, fills);
    const int32_t column = (x - panel.x) / (k.width + 1);
    if (column >= k.count)
        return;
    trm_micro_view_select_cycle(v, k.first + column);
    for (int32_t i = 0; i < TRM_MICRO_MAPS; i++) {
        trm_rect map = k.maps[i];
        const trm_level level = i == TRM_MICRO_DIFFERENCE ? TRM_LEVEL_H : (trm_level)i;
        map.x += column * (k.width + 1);
        const int32_t place =
            inside(map, y, x) ? trm_heatmap_at(map, size_of(m, level), fills, y, x) : -1;
        if (place >= 0)
            trm_micro_view_select_unit(v, level, trm_micro_view_unit_at(v, level, place));
    }
}

static void click_steps(trm_micro *m, trm_rect row, int32_t x) {
    const trm_micro_steps k = trm_micro_steps_of(&m->view, row);
    const int32_t i = (x - k.x) / k.width;
    if (x >= k.x && i < k.count)
        trm_micro_go(m, k.first + i);
}

void trm_micro_click(void *self, int32_t y, int32_t x) {
    trm_micro *m = self;
    const trm_micro_layout l = layout_of(m);
    if (inside(l.steps, y, x)) {
        click_steps(m, l.steps, x);
        return;
    }
    for (int32_t i = 0; i < TRM_MICRO_PANELS; i++) {
        if (!inside(l.panels[i], y, x))
            continue;
        focus_on(m, (trm_micro_panel)i);
        if (i == TRM_MICRO_BOARD) {
            const trm_board_grid g =
                trm_board_grid_of(trm_micro_board_rect(l.panels[i]), &m->view.board, m->view.cell);
            const int32_t cell = trm_board_grid_at(&g, y, x);
            m->view.cell = cell >= 0 ? cell : m->view.cell;
        } else if (i == TRM_MICRO_CYCLES && m->view.trace != NULL) {
            click_cycles(m, l.panels[i], y, x);
        }
        return;
    }
}

const trm_action trm_micro_actions[TRM_MICRO_ACTIONS] = {
    {.id = "step",
     .keys = {'.'},
     .label = "step",
     .help = "the next step of the episode",
     .priority = 1,
     .run = step_forward},
    {.id = "back",
     .keys = {','},
     .label = "back",
     .help = "the step before",
     .priority = 2,
     .run = step_back},
    {.id = "first", .keys = {'g', TRM_KEY_HOME}, .help = "the first step", .run = go_first},
    {.id = "last", .keys = {'G', TRM_KEY_END}, .help = "the last step", .run = go_last},
    {.id = "leap",
     .keys = {TRM_KEY_PAGE_DOWN},
     .help = "a tenth of the episode on",
     .run = leap_forward},
    {.id = "leap-back", .keys = {TRM_KEY_PAGE_UP}, .help = "a tenth of it back", .run = leap_back},
    {.id = "next-cycle",
     .keys = {']'},
     .label = "cycle",
     .help = "the next reasoning cycle",
     .priority = 3,
     .run = next_cycle},
    {.id = "previous-cycle", .keys = {'['}, .help = "the one before", .run = previous_cycle},
    {.id = "next-panel",
     .keys = {TRM_KEY_TAB},
     .label = "panel",
     .help = "the next panel: board, cycles, unit, path",
     .priority = 4,
     .run = next_panel},
    {.id = "previous-panel",
     .keys = {TRM_KEY_SHIFT_TAB},
     .help = "the panel before",
     .run = previous_panel},
    {.id = "panels",
     .keys = {'1', '2', '3', '4'},
     .help = "to the board, the cycles, the unit, the path",
     .run = to_panel},
    {.id = "left",
     .keys = {TRM_KEY_LEFT, 'h'},
     .help = "in the panel: cell, unit, point of the path",
     .run = move_left},
    {.id = "right", .keys = {TRM_KEY_RIGHT, 'l'}, .help = "likewise", .run = move_right},
    {.id = "up",
     .keys = {TRM_KEY_UP, 'k'},
     .help = "in the panel: cell, unit, action, step",
     .run = move_up},
    {.id = "down", .keys = {TRM_KEY_DOWN, 'j'}, .help = "likewise", .run = move_down},
    {.id = "level",
     .keys = {'v'},
     .label = "level",
     .help = "the same unit at the next level: h before L, L, H",
     .priority = 8,
     .run = turn},
    {.id = "order",
     .keys = {'o'},
     .label = "order",
     .help = "units by number, by activity, by weight to the action",
     .priority = 7,
     .run = order},
    {.id = "action", .keys = {'a'}, .help = "weights to the next action", .run = next_action},
    {.id = "previous-action",
     .keys = {'A'},
     .help = "weights to the action before",
     .run = previous_action},
    {.id = "pin",
     .keys = {'c'},
     .label = "pin",
     .help = "pin this step to compare others with; again: let go",
     .priority = 6,
     .label_now = pin_label,
     .run = pin},
    {.id = "find",
     .keys = {'/'},
     .label = "unit",
     .help = "find a unit by its number",
     .priority = 10,
     .run = find},
    {.id = "what-if",
     .keys = {'w'},
     .label = "what if",
     .help = "change the state or the model, and see what it would do",
     .priority = 5,
     .run = what_if},
    {.id = "save",
     .keys = {'s'},
     .label = "save",
     .help = "write model and state for trm probe",
     .priority = 11,
     .run = save},
    {.id = "quit",
     .keys = {'q', TRM_CTRL('C')},
     .label = "leave",
     .help = "back to where you came from",
     .priority = 5,
     .run = leave},
};
