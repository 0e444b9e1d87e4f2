// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "trm/tui/play.h"
#include "tui/play/draw.h"
#include "tui/play/state.h"

static bool tick(void *self, double now) {
    trm_play *p = self;
    const double before = trm_game_seconds(p->game);
    // A terminal that was suspended has not been played at.
    trm_game_pass(p->game, fmin(1.0, fmax(0.0, now - p->looked)));
    p->looked = now;
    const bool moved = !trm_game_paused(p->game) && trm_play_rival(p);
    return moved || floor(trm_game_seconds(p->game)) > floor(before);
}

static double wait_time(const void *self, double now) {
    const trm_play *p = self;
    (void)now;
    if (trm_game_paused(p->game) || trm_game_finished(p->game))
        return 1.0;
    const double clock = trm_game_seconds(p->game);
    double wait = floor(clock) + 1.0 - clock;
    if (p->rival != NULL && !trm_game_finished(p->rival))
        wait = fmin(wait, p->due - clock);
    return fmax(wait, 0.001);
}

static void close_screen(void *self) {
    trm_play_free(self);
}

static const trm_screen_ops ops = {
    .name = "trm play",
    .meanwhile = "the board waits",
    .actions = trm_play_actions,
    .tick = tick,
    .wait = wait_time,
    .draw = trm_play_draw,
    .click = trm_play_click,
    .close = close_screen,
};

bool trm_play_open(trm_app *app, const trm_play_setup *setup, trm_error *e) {
    trm_play *p = trm_play_new(setup);
    p->app = app;
    if (setup->note != NULL && setup->note[0] != 0)
        trm_app_status(app, "%s", setup->note);
    return trm_app_push(app, &ops, p, e);
}

static bool push(trm_app *app, const void *ctx, trm_error *e) {
    const trm_play_options *o = ctx;
    trm_play_setup setup = {.env = o->env,
                            .model = o->model,
                            .board = o->board,
                            .start = o->start,
                            .start_name = "your puzzle",
                            .own = o->start != NULL,
                            .race = o->race,
                            .note = o->note};
    if (o->model_name != NULL)
        trm_text_copy(setup.model_name, sizeof setup.model_name, o->model_name);
    return trm_play_open(app, &setup, e);
}

bool trm_play_run(const trm_play_options *o, trm_error *e) {
    return trm_app_show(&(trm_app_options){o->ascii, o->color, o->mouse}, push, o, e);
}
