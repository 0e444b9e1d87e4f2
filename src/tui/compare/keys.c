// SPDX-License-Identifier: Apache-2.0
#include "tui/compare/draw.h"
#include "tui/compare/state.h"

static void pause_or_go(void *self, uint32_t key) {
    trm_compare_screen *s = self;
    (void)key;
    s->view.paused = !s->view.paused;
    s->renew = true;
    trm_compare_pause(s->compare, s->view.paused);
}

static const char *pause_label(const void *self) {
    return ((const trm_compare_screen *)self)->view.paused ? "go on" : "pause";
}

static bool runs_on(const void *self) {
    return !((const trm_compare_screen *)self)->view.over;
}

static void turn(trm_compare_screen *s, int32_t config) {
    trm_compare_view *v = &s->view;
    if (config >= v->configs)
        return;
    v->hidden[config] = !v->hidden[config];
    s->renew = true;
    trm_app_status(s->app, "%s is %s", trm_compare_label(s->compare, config),
                   v->hidden[config] ? "hidden" : "shown");
}

static void turn_number(void *self, uint32_t key) {
    turn(self, (int32_t)(key - '1'));
}

static bool has_four(const void *self) {
    return ((const trm_compare_screen *)self)->view.configs >= 4;
}

static bool has_seven(const void *self) {
    return ((const trm_compare_screen *)self)->view.configs >= 7;
}

static void turn_selected(void *self, uint32_t key) {
    trm_compare_screen *s = self;
    (void)key;
    if (s->view.focus == TRM_COMPARE_FOCUS_TABLE)
        turn(s, s->view.selected);
}

static void turn_axis(void *self, uint32_t key) {
    trm_compare_screen *s = self;
    (void)key;
    s->view.axis = (trm_compare_axis)(((int32_t)s->view.axis + 1) % TRM_COMPARE_AXES);
    s->renew = true;
}

static void smoother(void *self, uint32_t key) {
    trm_compare_screen *s = self;
    (void)key;
    trm_compare_view_smooth(&s->view, 1);
    s->renew = true;
}

static void rougher(void *self, uint32_t key) {
    trm_compare_screen *s = self;
    (void)key;
    trm_compare_view_smooth(&s->view, -1);
    s->renew = true;
}

static void turn_band(void *self, uint32_t key) {
    trm_compare_screen *s = self;
    (void)key;
    s->view.band = !s->view.band;
    s->renew = true;
}

static bool has_seeds(const void *self) {
    return ((const trm_compare_screen *)self)->view.seeds > 1;
}

static void set_focus(trm_compare_view *v, trm_compare_focus focus) {
    v->focus = focus;
    if (focus != TRM_COMPARE_FOCUS_TABLE)
        v->curve = focus == TRM_COMPARE_FOCUS_SUCCESS ? 1 : 0;
}

static void turn_focus(trm_compare_view *v, int32_t by) {
    const int32_t to = (int32_t)v->focus + by + TRM_COMPARE_FOCUS_COUNT;
    set_focus(v, (trm_compare_focus)(to % TRM_COMPARE_FOCUS_COUNT));
}

static void next_panel(void *self, uint32_t key) {
    (void)key;
    turn_focus(&((trm_compare_screen *)self)->view, 1);
}

static void previous_panel(void *self, uint32_t key) {
    (void)key;
    turn_focus(&((trm_compare_screen *)self)->view, -1);
}

static void move(trm_compare_view *v, int32_t by) {
    const int32_t to = v->selected + by;
    if (v->focus == TRM_COMPARE_FOCUS_TABLE)
        v->selected = to < 0 ? 0 : to >= v->configs ? v->configs - 1 : to;
}

static void move_up(void *self, uint32_t key) {
    (void)key;
    move(&((trm_compare_screen *)self)->view, -1);
}

static void move_down(void *self, uint32_t key) {
    (void)key;
    move(&((trm_compare_screen *)self)->view, 1);
}

static void leave(void *ctx) {
    trm_compare_screen *s = ctx;
    trm_app_pop(s->app);
}

static void quit(void *self, uint32_t key) {
    trm_compare_screen *s = self;
    (void)key;
    if (s->view.over)
        leave(s);
    else
        trm_app_ask(s->app, "Stop training and leave?", leave, s);
}

const trm_action trm_compare_actions[TRM_COMPARE_ACTIONS] = {
    {"pause", {' '}, "pause", "pause training, go on", 1, runs_on, pause_label, pause_or_go},
    {"hide", {'1', '2', '3'}, "hide", "hide or show that preset", 2, NULL, NULL, turn_number},
    {"hide-4", {'4', '5', '6'}, "hide", "likewise", 0, has_four, NULL, turn_number},
    {"hide-7", {'7', '8', '9'}, "hide", "likewise", 0, has_seven, NULL, turn_number},
    {"axis",
     {'x'},
     "axis",
     "curves over episodes, steps or seconds of training",
     3,
     NULL,
     NULL,
     turn_axis},
    {"smoother",
     {'+', '='},
     "smoother",
     "mean of the reward over more episodes",
     4,
     NULL,
     NULL,
     smoother},
    {"rougher", {'-', '_'}, "rougher", "over fewer", 7, NULL, NULL, rougher},
    {"band",
     {'b'},
     "band",
     "the seeds' deviation from the mean: show or hide",
     6,
     has_seeds,
     NULL,
     turn_band},
    {"next-panel", {TRM_KEY_TAB}, "panel", "the next panel", 8, NULL, NULL, next_panel},
    {"previous-panel",
     {TRM_KEY_SHIFT_TAB},
     "panel",
     "the panel before",
     0,
     NULL,
     NULL,
     previous_panel},
    {"up", {TRM_KEY_UP, 'k'}, "up", "in the table: the preset above", 0, NULL, NULL, move_up},
    {"down", {TRM_KEY_DOWN, 'j'}, "down", "in the table: the one below", 0, NULL, NULL, move_down},
    {"left", {TRM_KEY_LEFT, 'h'}, "left", "the panel before", 0, NULL, NULL, previous_panel},
    {"right", {TRM_KEY_RIGHT, 'l'}, "right", "the next panel", 0, NULL, NULL, next_panel},
    {"turn",
     {TRM_KEY_ENTER},
     "hide",
     "in the table: hide or show the selected preset",
     0,
     NULL,
     NULL,
     turn_selected},
    {"quit",
     {'q', TRM_CTRL('C')},
     "quit",
     "stop training, leave, and print the table",
     5,
     NULL,
     NULL,
     quit},
};

static bool within(trm_rect r, int32_t y, int32_t x) {
    return y >= r.y && y < r.y + r.h && x >= r.x && x < r.x + r.w;
}

void trm_compare_click(void *self, int32_t y, int32_t x) {
    trm_compare_screen *s = self;
    trm_compare_view *v = &s->view;
    int32_t rows = 0, cols = 0;
    trm_app_size(s->app, &rows, &cols);
    const trm_compare_layout l = trm_compare_layout_of(v, rows, cols);
    if (within(l.curves[0], y, x))
        set_focus(v, TRM_COMPARE_FOCUS_REWARD);
    else if (within(l.curves[1], y, x))
        set_focus(v, TRM_COMPARE_FOCUS_SUCCESS);
    else if (within(l.table, y, x)) {
        const int32_t row = y - l.table.y - 2 + l.first;
        set_focus(v, TRM_COMPARE_FOCUS_TABLE);
        if (y >= l.table.y + 2 && row < v->configs)
            v->selected = row;
    }
}
