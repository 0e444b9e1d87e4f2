// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "tui/explain/explain.h"
#include "tui/inspector/what_if/draw.h"
#include "tui/inspector/what_if/state.h"

static const double BUDGET = 0.004; // seconds a round for looks; one more may have begun by then

static bool tick(void *self, double now) {
    trm_what_if *w = self;
    const double until = trm_clock_now() + BUDGET;
    bool any = w->answer_first && trm_what_if_view_busy(&w->view);
    const bool first = any;
    (void)now;
    w->answer_first = false;
    while (!first && trm_clock_now() < until && trm_what_if_view_work(&w->view))
        any = true;
    return any;
}

static double wait_time(const void *self, double now) {
    const trm_what_if *w = self;
    (void)now;
    return trm_what_if_view_busy(&w->view) ? 0.0 : 1.0;
}

static void draw(trm_canvas *c, const void *self) {
    const trm_what_if *w = self;
    trm_what_if_draw(c, &w->view);
}

static void close_screen(void *self) {
    trm_what_if *w = self;
    trm_what_if_view_done(&w->view);
    trm_change_done(&w->change);
    trm_inspection_free(w->scope);
    free(w);
}

static int32_t panel_of(const void *self) {
    return TRM_PANEL_WHAT_IF_BOARD + (int32_t)((const trm_what_if *)self)->view.focus;
}

static const trm_screen_ops ops = {
    .name = "what if",
    .meanwhile = "what goes on below goes on",
    .actions = trm_what_if_actions,
    .tick = tick,
    .wait = wait_time,
    .draw = draw,
    .panel = panel_of,
    .click = trm_what_if_click,
    .close = close_screen,
};

bool trm_what_if_push(trm_app *app, const trm_inspector_source *source, trm_error *e) {
    trm_inspection *scope = trm_inspection_new(source, e);
    if (scope == NULL)
        return false;
    trm_what_if *w = trm_alloc(1, sizeof *w);
    const int32_t at = source->at < scope->moments ? source->at : scope->moments - 1;
    w->app = app;
    w->scope = scope;
    trm_inspection_yield(scope, app);
    trm_change_init(&w->change, scope, at);
    trm_what_if_view_init(&w->view, scope, &w->change, at, true);
    return trm_app_push(app, &ops, w, e);
}
