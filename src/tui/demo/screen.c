// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "tui/demo/demo.h"
#include "tui/explain/explain.h"
#include "tui/play/open.h"
#include "tui/train/state.h"

static trm_act *focused(trm_demo *d) {
    return &d->acts[d->focus];
}

// ---- time ---------------------------------------------------------------------------------------

static void pause_or_go(void *self) {
    trm_demo *d = self;
    d->paused = !d->paused;
}

static const char *pause_label(const void *self) {
    return ((const trm_demo *)self)->paused ? "go on" : "pause";
}

static void step(void *self, int32_t by) {
    trm_demo *d = self;
    trm_act *a = focused(d);
    d->paused = true;
    if (!a->known)
        trm_app_status(d->app, "it is still thinking");
    else if (!trm_act_go(a, a->step + by))
        trm_app_status(d->app, by < 0 ? "this is the board alone" : "this is the last step");
}

static void turn_board(void *self, int32_t by) {
    trm_demo *d = self;
    trm_act *a = focused(d);
    trm_act_board(a, a->number + by, d->now);
}

static void turn_focus(void *self, int32_t by) {
    trm_demo *d = self;
    d->focus = (d->focus + by + TRM_DEMO_ACTS) % TRM_DEMO_ACTS;
}

static void move(void *self, int32_t way) {
    trm_demo *d = self;
    const int32_t by = trm_way_cols(way);
    if (by != 0)
        d->focus = by > 0;
    else
        step(self, trm_way_rows(way));
}

// ---- other screens ------------------------------------------------------------------------------

static void report(trm_demo *d, bool ok, const trm_error *e) {
    if (!ok)
        trm_app_status(d->app, "%s", e->message);
}

static void look(void *self, int32_t what_if) {
    trm_demo *d = self;
    trm_error e = {0};
    const trm_inspector_source source = trm_act_source(focused(d));
    report(d, trm_inspector_push_either(d->app, &source, what_if, &e), &e);
}

static void play(void *self) {
    trm_demo *d = self;
    const trm_act *a = focused(d);
    trm_error e = {0};
    const trm_subject subject = trm_act_subject(a);
    trm_model *copy = trm_model_new(trm_model_get_config(a->model), &e);
    if (copy != NULL)
        trm_model_set_weights(copy, trm_model_params_const(a->model)->values);
    report(d,
           copy != NULL && trm_play_push(d->app, &subject, copy, NULL, a->name,
                                         "the board of the start screen", 0, &e),
           &e);
}

static void own_typed(void *ctx, const char *text) {
    trm_demo *d = ctx;
    trm_error e = {0};
    report(d, trm_act_own(focused(d), text, d->now, &e), &e);
}

static void own(void *self) {
    trm_demo *d = self;
    trm_app_prompt(d->app,
                   focused(d)->maze ? "your maze (a file of #, S and G; up to 33 x 33 cells)"
                                    : "your sudoku (81 digits and dots, or a file)",
                   "", own_typed, d);
}

static void train(void *self) {
    trm_demo *d = self;
    trm_error e = {0};
    report(d, trm_train_push(d->app, d->o->train, d->o->trained, &e), &e);
}

// ---- the tour -----------------------------------------------------------------------------------

static void show_stop(void *ctx, int32_t stop) {
    trm_demo *d = ctx;
    const trm_tour_stop *s = trm_tour_at(stop);
    d->paused = s != NULL;
    if (s == NULL)
        return;
    trm_act *a = &d->acts[s->act];
    d->focus = s->act;
    d->stop = stop;
    if (a->known)
        trm_act_go(a, s->step < 0 ? a->last : s->step - 1);
}

static void tour(void *self) {
    trm_demo *d = self;
    trm_app_tour(d->app, show_stop, d);
}

// In the tour Enter goes on to the next stop.
static const char *enter_label(const void *self) {
    return trm_app_touring(((const trm_demo *)self)->app) ? "next stop" : "train one";
}

const trm_action trm_demo_actions[] = {
    {TRM_KEYS(TRM_KEY_ENTER), "train one", "train a model from nothing, and watch it learn", 1,
     .label_now = enter_label, .act = train},
    {TRM_KEYS(' '), "pause", "pause, go on", 2, .label_now = pause_label, .act = pause_or_go},
    {TRM_KEYS('[', ','), "step", "the step of the model before; pauses first", 3, .arg = -1,
     .run = step},
    {TRM_KEYS(']', '.'), "", "the next step of the model; pauses first", .pair = true, .arg = 1,
     .run = step},
    {TRM_KEYS('m'), "microscope", "look inside the model on this board", 4, .run = look},
    {TRM_KEYS('w'), "what if", "change the board or the model, and see what it would do", 5,
     .arg = 1, .run = look},
    {TRM_KEYS('p'), "play", "play this board yourself", 6, .act = play},
    {TRM_KEYS('o'), "your board", "give it a sudoku or a maze of your own", 8, .act = own},
    {TRM_KEYS('t'), "tour", "ten stops that show how it works", 7, .act = tour},
    {TRM_KEYS('{'), "board", "the board before", 9, .arg = -1, .run = turn_board},
    {TRM_KEYS('}'), "", "the next board", .pair = true, .arg = 1, .run = turn_board},
    {TRM_KEYS(TRM_KEY_TAB, TRM_KEY_SHIFT_TAB), "panel", "sudoku or maze", 10, .arg = 1,
     .run = turn_focus},
    {TRM_KEYS_MOVE, "", "left and right: sudoku or maze; up and down: steps", .step = 1,
     .run = move},
    {TRM_KEYS('q', TRM_CTRL('C')), "quit", "leave", 6, .leaves = true},
    {.keys = {0}},
};

// ---- the screen ---------------------------------------------------------------------------------

static bool tick(void *self, double now) {
    trm_demo *d = self;
    bool news = false;
    d->now = now;
    for (int32_t i = 0; i < TRM_DEMO_ACTS; i++) {
        const bool knew = d->acts[i].known;
        news |= trm_act_work(&d->acts[i]);
        if (!knew && d->acts[i].known && trm_app_touring(d->app))
            show_stop(d, d->stop);
        news |= !d->paused && trm_act_play(&d->acts[i], now);
    }
    return news;
}

static double wait_time(const void *self, double now) {
    const trm_demo *d = self;
    double wait = 0.5;
    for (int32_t i = 0; i < TRM_DEMO_ACTS; i++) {
        const trm_act *a = &d->acts[i];
        if (!a->known)
            return 0.0;
        if (!d->paused)
            wait = fmin(wait, a->next - now);
    }
    return fmax(wait, 0.0);
}

static int32_t panel_of(const void *self) {
    const trm_demo *d = self;
    return d->acts[d->focus].maze ? TRM_PANEL_START_MAZE : TRM_PANEL_START_SUDOKU;
}

static void close_screen(void *self) {
    trm_demo *d = self;
    for (int32_t i = 0; i < TRM_DEMO_ACTS; i++)
        trm_act_close(&d->acts[i]);
    free(d);
}

static const trm_screen_ops ops = {
    .name = "start",
    .meanwhile = "",
    .actions = trm_demo_actions,
    .least_rows = 4,
    .least_cols = 16,
    .tick = tick,
    .wait = wait_time,
    .draw = trm_demo_draw,
    .panel = panel_of,
    .click = trm_demo_click,
    .close = close_screen,
    .wheel = {'[', ']'},
};

bool trm_demo_run(const trm_demo_options *o, trm_error *e) {
    trm_demo *d = trm_alloc(1, sizeof *d);
    d->o = o;
    for (int32_t i = 0; i < TRM_DEMO_ACTS; i++)
        if (!trm_act_open(&d->acts[i], i == 1, e)) {
            close_screen(d);
            return false;
        }
    trm_app *app = trm_app_open(&o->screen, e);
    if (app == NULL) {
        close_screen(d);
        return false;
    }
    d->app = app;
    bool ok = trm_app_push(app, &ops, d, e);
    if (ok && o->tour)
        tour(d);
    else if (ok && o->offer)
        trm_app_status(app, "first time here? t takes a tour of ten stops; ? lists the keys");
    ok = ok && trm_app_run(app, e);
    trm_app_close(app);
    return ok;
}
