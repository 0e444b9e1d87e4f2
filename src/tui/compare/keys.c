// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "trm/base/clock.h"
#include "trm/tui/compare.h"
#include "tui/canvas/layout.h"
#include "tui/compare/view.h"
#include "tui/explain/explain.h"

static void pause_or_go(void *self) {
    trm_compare_view *v = self;
    v->paused = !v->paused;
    v->renew = true;
    trm_compare_pause(v->compare, v->paused);
}

static const char *pause_label(const void *self) {
    return ((const trm_compare_view *)self)->paused ? "go on" : "pause";
}

static bool runs_on(const void *self) {
    return !((const trm_compare_view *)self)->over;
}

static void hide(void *self, int32_t config) {
    trm_compare_view *v = self;
    if (config >= v->configs)
        return;
    v->hidden[config] = !v->hidden[config];
    v->renew = true;
    trm_app_status(v->app, "%s is %s", trm_compare_label(v->compare, config),
                   v->hidden[config] ? "hidden" : "shown");
}

static void hide_selected(void *self) {
    trm_compare_view *v = self;
    if (v->focus == TRM_COMPARE_FOCUS_TABLE)
        hide(v, v->selected);
}

static void turn_axis(void *self) {
    trm_compare_view *v = self;
    v->axis = (trm_compare_axis)(((int32_t)v->axis + 1) % TRM_COMPARE_AXES);
    if (v->supervised && v->axis == TRM_COMPARE_BY_STEP)
        v->axis = TRM_COMPARE_BY_SECOND;
    v->renew = true;
}

static void smooth(void *self, int32_t by) {
    trm_compare_view *v = self;
    trm_compare_view_smooth(v, by);
    v->renew = true;
}

static void turn_band(void *self) {
    trm_compare_view *v = self;
    v->band = !v->band;
    v->renew = true;
}

static bool has_seeds(const void *self) {
    return ((const trm_compare_view *)self)->seeds > 1;
}

static void set_focus(trm_compare_view *v, trm_compare_focus focus) {
    v->focus = focus;
    if (focus != TRM_COMPARE_FOCUS_TABLE)
        v->curve = focus == TRM_COMPARE_FOCUS_SUCCESS ? 1 : 0;
}

static void turn_focus(void *self, int32_t by) {
    trm_compare_view *v = self;
    const int32_t to = (int32_t)v->focus + by + TRM_COMPARE_FOCUS_COUNT;
    set_focus(v, (trm_compare_focus)(to % TRM_COMPARE_FOCUS_COUNT));
}

static void move(void *self, int32_t way) {
    trm_compare_view *v = self;
    if (trm_way_cols(way) != 0)
        turn_focus(self, trm_way_cols(way));
    else if (v->focus == TRM_COMPARE_FOCUS_TABLE)
        v->selected = trm_way_cell(way, v->selected, v->configs, 1);
}

static void leave(void *ctx) {
    trm_app_pop(((trm_compare_view *)ctx)->app);
}

static void quit(void *self) {
    trm_compare_view *v = self;
    if (v->over || trm_compare_follows(v->compare))
        leave(v);
    else
        trm_app_ask(v->app, "Stop training and leave?", leave, v);
}

// A click into a panel gives it the focus, one on a row of the table selects that.
static void click(void *self, int32_t y, int32_t x) {
    trm_compare_view *v = self;
    const trm_compare_focus focus =
        trm_compare_panel_at(v, trm_app_area(v->app), y, x, &v->selected);
    if (focus != TRM_COMPARE_FOCUS_COUNT)
        set_focus(v, focus);
}

const trm_action trm_compare_actions[] = {
    {TRM_KEYS(' '), "pause", "pause training, go on", 1, .usable = runs_on,
     .label_now = pause_label, .act = pause_or_go},
    {TRM_KEYS('1', '2', '3', '4', '5', '6', '7', '8', '9'), "hide", "hide or show that preset", 2,
     .step = 1, .run = hide},
    {TRM_KEYS('x'), "axis", "curves over episodes or epochs, steps or seconds", 3,
     .act = turn_axis},
    {TRM_KEYS('+', '='), "smooth", "mean of the first curve over more episodes or epochs", 4,
     .arg = 1, .run = smooth},
    {TRM_KEYS('-', '_'), "", "mean of the first curve over fewer", .pair = true, .arg = -1,
     .run = smooth},
    {TRM_KEYS('b'), "band", "show or hide the deviation between seeds", 6, .usable = has_seeds,
     .act = turn_band},
    {TRM_KEYS(TRM_KEY_TAB), "panel", "the next panel", 8, .arg = 1, .run = turn_focus},
    {TRM_KEYS(TRM_KEY_SHIFT_TAB), "", "the panel before", .arg = -1, .run = turn_focus},
    {TRM_KEYS_MOVE, "", "the preset in the table; left, right: the panel", .step = 1, .run = move},
    {TRM_KEYS(TRM_KEY_ENTER), "hide", "in the table: hide or show that preset",
     .act = hide_selected},
    {TRM_KEYS('q', TRM_CTRL('C')), "quit", "stop training, leave, and print the table", 5,
     .act = quit},
    {.keys = {0}},
};

// ---- the screen ---------------------------------------------------------------------------------

static const double REFRESH = 0.2;     // seconds between renewals
static const double COST_SHARE = 0.05; // of the time at most may go into them
static const double LOOK = 0.1;

static int64_t updates(const trm_compare_view *v) {
    int64_t n = 0;
    for (int32_t i = 0; i < v->configs; i++)
        for (int32_t k = 0; k < v->seeds; k++) {
            trm_compare_run r;
            trm_compare_get(v->compare, i, k, &r);
            n += r.updates;
        }
    return n;
}

static void begin(trm_compare_view *v) {
    v->started = v->renew = true;
    if (!trm_compare_start(v->compare, &v->error))
        trm_app_pop(v->app);
}

static void announce(trm_compare_view *v) {
    int32_t failed = 0;
    for (int32_t i = 0; i < v->configs; i++)
        failed += v->summary[i].failed;
    if (trm_compare_follows(v->compare))
        trm_app_status(v->app, "all runs are at their ends; q leaves and prints the table");
    else if (failed > 0)
        trm_app_status(v->app, "all runs have ended, %d of them failed; q leaves", failed);
    else
        trm_app_status(v->app, "all runs are done; q leaves and prints the table");
}

static bool renew(trm_compare_view *v, double now) {
    const bool over = trm_compare_over(v->compare);
    const bool ended = over && !v->over;
    if (!v->renew && !ended && now - v->renewed < fmax(REFRESH, v->last_cost / COST_SHARE))
        return false;
    const int64_t n = updates(v);
    if (!v->renew && !ended && n == v->seen)
        return false;
    v->seen = n;
    v->renew = false;
    v->over = over;
    trm_compare_view_renew(v);
    v->renewed = trm_clock_now();
    v->last_cost = v->renewed - now;
    if (ended)
        announce(v);
    return true;
}

static bool tick(void *self, double now) {
    trm_compare_view *v = self;
    if (!v->started) {
        v->looked = now;
        begin(v);
    }
    const double elapsed = v->elapsed;
    if (!v->paused && !v->over)
        v->elapsed += fmin(1.0, fmax(0.0, now - v->looked));
    v->looked = now;
    return renew(v, now) || floor(v->elapsed) > floor(elapsed);
}

static double wait_time(const void *self, double now) {
    const trm_compare_view *v = self;
    (void)now;
    return !v->started || v->renew ? 0.0 : v->over ? 1.0 : LOOK;
}

static int32_t panel_of(const void *self) {
    static const trm_panel_id panels[2][TRM_COMPARE_FOCUS_COUNT] = {
        {TRM_PANEL_COMPARE_REWARD, TRM_PANEL_COMPARE_SUCCESS, TRM_PANEL_COMPARE_TABLE},
        {TRM_PANEL_COMPARE_CELLS, TRM_PANEL_COMPARE_EXACT, TRM_PANEL_COMPARE_TABLE}};
    const trm_compare_view *v = self;
    return (int32_t)panels[v->supervised][v->focus];
}

static const trm_screen_ops ops = {
    .name = "trm compare",
    .meanwhile = "training goes on",
    .actions = trm_compare_actions,
    .tick = tick,
    .wait = wait_time,
    .draw = trm_compare_draw,
    .panel = panel_of,
    .click = click,
    .wheel = {TRM_KEY_UP, TRM_KEY_DOWN},
};

bool trm_compare_view_run(const trm_compare_view_options *o, trm_error *e) {
    trm_app *app = trm_app_open(&o->screen, e);
    if (app == NULL)
        return false;
    trm_compare_view *v = trm_compare_view_new(app, o->compare);
    bool ok = trm_app_push(app, &ops, v, e) && trm_app_run(app, e);
    trm_compare_stop(o->compare);
    trm_compare_join(o->compare);
    trm_app_close(app);
    if (v->error.code != TRM_OK)
        ok = trm_error_set(e, v->error.code, "%s", v->error.message);
    trm_compare_view_free(v);
    return ok;
}
