// SPDX-License-Identifier: Apache-2.0
#include "tui/compare/draw.h"
#include "tui/compare/state.h"
#include "tui/layout.h"

static void pause_or_go(void *self) {
    trm_compare_screen *s = self;
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

static void hide(void *self, int32_t config) {
    trm_compare_screen *s = self;
    trm_compare_view *v = &s->view;
    if (config >= v->configs)
        return;
    v->hidden[config] = !v->hidden[config];
    s->renew = true;
    trm_app_status(s->app, "%s is %s", trm_compare_label(s->compare, config),
                   v->hidden[config] ? "hidden" : "shown");
}

static void hide_selected(void *self) {
    trm_compare_screen *s = self;
    if (s->view.focus == TRM_COMPARE_FOCUS_TABLE)
        hide(s, s->view.selected);
}

static void turn_axis(void *self) {
    trm_compare_screen *s = self;
    s->view.axis = (trm_compare_axis)(((int32_t)s->view.axis + 1) % TRM_COMPARE_AXES);
    s->renew = true;
}

static void smooth(void *self, int32_t by) {
    trm_compare_screen *s = self;
    trm_compare_view_smooth(&s->view, by);
    s->renew = true;
}

static void turn_band(void *self) {
    trm_compare_screen *s = self;
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

static void turn_focus(void *self, int32_t by) {
    trm_compare_view *v = &((trm_compare_screen *)self)->view;
    const int32_t to = (int32_t)v->focus + by + TRM_COMPARE_FOCUS_COUNT;
    set_focus(v, (trm_compare_focus)(to % TRM_COMPARE_FOCUS_COUNT));
}

static void move(void *self, int32_t way) {
    trm_compare_view *v = &((trm_compare_screen *)self)->view;
    if (trm_way_cols(way) != 0)
        turn_focus(self, trm_way_cols(way));
    else if (v->focus == TRM_COMPARE_FOCUS_TABLE)
        v->selected = trm_way_cell(way, v->selected, v->configs, 1);
}

static void leave(void *ctx) {
    trm_app_pop(((trm_compare_screen *)ctx)->app);
}

static void quit(void *self) {
    trm_compare_screen *s = self;
    if (s->view.over)
        leave(s);
    else
        trm_app_ask(s->app, "Stop training and leave?", leave, s);
}

const trm_action trm_compare_actions[] = {
    {TRM_KEYS(' '), "pause", "pause training, go on", 1, .usable = runs_on,
     .label_now = pause_label, .act = pause_or_go},
    {TRM_KEYS('1', '2', '3', '4', '5', '6', '7', '8', '9'), "hide", "hide or show that preset", 2,
     .step = 1, .run = hide},
    {TRM_KEYS('x'), "axis", "curves over episodes, steps or seconds of training", 3,
     .act = turn_axis},
    {TRM_KEYS('+', '='), "smooth", "mean of the reward over more episodes", 4, .arg = 1,
     .run = smooth},
    {TRM_KEYS('-', '_'), "", "over fewer", .pair = true, .arg = -1, .run = smooth},
    {TRM_KEYS('b'), "band", "the seeds' deviation from the mean: show or hide", 6,
     .usable = has_seeds, .act = turn_band},
    {TRM_KEYS(TRM_KEY_TAB), "panel", "the next panel", 8, .arg = 1, .run = turn_focus},
    {TRM_KEYS(TRM_KEY_SHIFT_TAB), "", "the panel before", .arg = -1, .run = turn_focus},
    {TRM_KEYS_MOVE, "", "the preset in the table; left, right: the panel", .step = 1, .run = move},
    {TRM_KEYS(TRM_KEY_ENTER), "hide", "in the table: hide or show that preset",
     .act = hide_selected},
    {TRM_KEYS('q', TRM_CTRL('C')), "quit", "stop training, leave, and print the table", 5,
     .act = quit},
    {.keys = {0}},
};

// A click into a panel gives it the focus, one on a row of the table selects that.
void trm_compare_click(void *self, int32_t y, int32_t x) {
    trm_compare_view *v = &((trm_compare_screen *)self)->view;
    const trm_compare_layout l =
        trm_compare_layout_of(v, trm_app_area(((trm_compare_screen *)self)->app));
    const trm_rect panels[TRM_COMPARE_FOCUS_COUNT] = {
        [TRM_COMPARE_FOCUS_REWARD] = l.curves[0],
        [TRM_COMPARE_FOCUS_SUCCESS] = l.curves[1],
        [TRM_COMPARE_FOCUS_TABLE] = l.table,
    };
    for (int32_t i = 0; i < TRM_COMPARE_FOCUS_COUNT; i++)
        if (trm_rect_has(panels[i], y, x))
            set_focus(v, (trm_compare_focus)i);
    const int32_t row = trm_compare_config_at(l.table, v, y, x);
    v->selected = row >= 0 ? row : v->selected;
}
