// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "tui/compare/draw.h"
#include "tui/compare/state.h"

static const double REFRESH = 0.2;     // seconds between renewals
static const double COST_SHARE = 0.05; // of the time at most may go into them
static const double LOOK = 0.1;

static int64_t updates(const trm_compare_screen *s) {
    int64_t n = 0;
    for (int32_t i = 0; i < s->view.configs; i++)
        for (int32_t k = 0; k < s->view.seeds; k++) {
            trm_compare_run r;
            trm_compare_get(s->compare, i, k, &r);
            n += r.updates;
        }
    return n;
}

static void begin(trm_compare_screen *s) {
    s->started = s->renew = true;
    if (!trm_compare_start(s->compare, &s->error))
        trm_app_pop(s->app);
}

static void announce(trm_compare_screen *s) {
    int32_t failed = 0;
    for (int32_t i = 0; i < s->view.configs; i++)
        failed += s->view.summary[i].failed;
    if (failed > 0)
        trm_app_status(s->app, "all runs have ended, %d of them failed; q leaves", failed);
    else
        trm_app_status(s->app, "all runs are done; q leaves and prints the table");
}

static bool renew(trm_compare_screen *s, double now) {
    trm_compare_view *v = &s->view;
    const bool over = trm_compare_over(s->compare);
    const bool ended = over && !v->over;
    if (!s->renew && !ended && now - s->renewed < fmax(REFRESH, s->last_cost / COST_SHARE))
        return false;
    const int64_t n = updates(s);
    if (!s->renew && !ended && n == s->seen)
        return false;
    s->seen = n;
    s->renew = false;
    v->over = over;
    trm_compare_view_renew(v, s->room);
    s->renewed = trm_clock_now();
    s->last_cost = s->renewed - now;
    if (ended)
        announce(s);
    return true;
}

static bool tick(void *self, double now) {
    trm_compare_screen *s = self;
    if (!s->started) {
        s->looked = now;
        begin(s);
    }
    const double elapsed = s->view.elapsed;
    if (!s->view.paused && !s->view.over)
        s->view.elapsed += fmin(1.0, fmax(0.0, now - s->looked));
    s->looked = now;
    return renew(s, now) || floor(s->view.elapsed) > floor(elapsed);
}

static double wait_time(const void *self, double now) {
    const trm_compare_screen *s = self;
    (void)now;
    return !s->started || s->renew ? 0.0 : s->view.over ? 1.0 : LOOK;
}

static void draw(trm_canvas *c, const void *self) {
    const trm_compare_screen *s = self;
    trm_compare_draw(c, &s->view);
}

static const trm_screen_ops ops = {
    .name = "trm compare",
    .meanwhile = "training goes on",
    .actions = trm_compare_actions,
    .tick = tick,
    .wait = wait_time,
    .draw = draw,
    .click = trm_compare_click,
};

bool trm_compare_view_run(const trm_compare_view_options *o, trm_error *e) {
    trm_app *app = trm_app_open(o->ascii, o->color, o->mouse, e);
    if (app == NULL)
        return false;
    trm_compare_screen *s = trm_alloc(1, sizeof *s);
    s->app = app;
    s->compare = o->compare;
    s->room = trm_compare_room_new();
    trm_compare_view_init(&s->view, o->compare);
    trm_compare_view_renew(&s->view, s->room);
    bool ok = trm_app_push(app, &ops, s, e) && trm_app_run(app, e);
    trm_compare_stop(o->compare);
    trm_compare_join(o->compare);
    trm_app_close(app);
    if (s->error.code != TRM_OK)
        ok = trm_error_set(e, s->error.code, "%s", s->error.message);
    free(s->room);
    free(s);
    return ok;
}
