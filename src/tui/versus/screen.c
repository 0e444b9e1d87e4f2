// SPDX-License-Identifier: Apache-2.0
#include "trm/base/text.h"
#include "trm/tui/versus.h"
#include "tui/explain/explain.h"
#include "tui/versus/draw.h"
#include "tui/versus/state.h"

static const double STEP = 0.5; // seconds a step while it runs by itself

static bool tick(void *self, double now) {
    trm_versus *v = self;
    const bool worked = v->kind->work(v);
    if (!v->playing || now < v->due || (worked && v->t >= trm_versus_length(v) - 1))
        return worked;
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
    return v->kind->busy(v) ? 0.0 : !v->playing ? 1.0 : wait > 0.0 ? wait : 0.0;
}

static void close_screen(void *self) {
    trm_versus_free(self);
}

static int32_t panel_of(const void *self) {
    return trm_versus_is_game(self) ? TRM_PANEL_VERSUS_GAME : TRM_PANEL_VERSUS_SAMPLE;
}

static const trm_screen_ops ops = {
    .name = "trm versus",
    .meanwhile = "the boards wait",
    .actions = trm_versus_actions,
    .tick = tick,
    .wait = wait_time,
    .draw = trm_versus_draw,
    .panel = panel_of,
    .click = trm_versus_click,
    .close = close_screen,
    .wheel = {',', '.'},
};

bool trm_versus_open(trm_app *app, const trm_versus_setup *setup, trm_error *e) {
    trm_versus *v = trm_versus_new(setup);
    v->app = app;
    return trm_app_push(app, &ops, v, e);
}

static bool push(trm_app *app, const void *ctx, trm_error *e) {
    const trm_versus_options *o = ctx;
    trm_versus_setup setup = {.env = o->env, .board = o->board};
    if (!o->env)
        setup.total = o->sets[0]->count < o->sets[1]->count ? o->sets[0]->count : o->sets[1]->count;
    trm_text_copy(setup.start_name, sizeof setup.start_name, "held-out");
    for (int32_t i = 0; i < 2; i++) {
        setup.models[i] = o->models[i];
        setup.sets[i] = o->sets[i];
        setup.configs[i] = o->configs[i];
        trm_text_copy(setup.names[i], sizeof setup.names[i], o->names[i]);
    }
    return trm_versus_open(app, &setup, e);
}

bool trm_versus_run(const trm_versus_options *o, trm_error *e) {
    return trm_app_show(&o->screen, push, o, e);
}
