// SPDX-License-Identifier: Apache-2.0
#include "tui/versus/draw.h"
#include "tui/versus/state.h"

static const double STEP = 0.5; // seconds a step while it runs by itself

static bool open_screen(void *self, trm_app *app, trm_error *e) {
    trm_versus *v = self;
    (void)e;
    v->app = app;
    return true;
}

static bool tick(void *self, double now) {
    trm_versus *v = self;
    if (!v->playing || now < v->due)
        return false;
    v->due = now + STEP;
    if (v->t >= trm_versus_length(v) - 1)
        v->playing = false;
    else
        trm_versus_go(v, v->t + 1);
    return true;
}

static double wait_time(const void *self, double now) {
    const trm_versus *v = self;
    const double wait = v->due - now;
    return !v->playing ? 1.0 : wait > 0.0 ? wait : 0.0;
}

static void draw(const void *self, trm_canvas *c) {
    trm_versus_draw(c, self);
}

static void close_screen(void *self) {
    trm_versus_free(self);
}

static const trm_screen_ops ops = {
    .name = "trm versus",
    .min_rows = 16,
    .min_cols = 60,
    .meanwhile = "the boards wait",
    .actions = trm_versus_actions,
    .action_count = TRM_VERSUS_ACTIONS,
    .open = open_screen,
    .tick = tick,
    .wait = wait_time,
    .draw = draw,
    .click = trm_versus_click,
    .close = close_screen,
};

trm_screen trm_versus_screen(trm_versus *v) {
    return (trm_screen){&ops, v};
}
