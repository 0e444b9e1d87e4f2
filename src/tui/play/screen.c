// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "trm/base/clock.h"
#include "tui/play/draw.h"
#include "tui/play/state.h"

static bool open_screen(void *self, trm_app *app, trm_error *e) {
    trm_play *p = self;
    (void)e;
    p->app = app;
    p->looked = trm_clock_now();
    if (p->setup.note != NULL && p->setup.note[0] != 0)
        trm_app_status(app, "%s", p->setup.note);
    p->setup.note = NULL;
    return true;
}

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

static void draw(const void *self, trm_canvas *c) {
    trm_play_draw(c, self);
}

static void close_screen(void *self) {
    trm_play_free(self);
}

static const trm_screen_ops ops = {
    .name = "trm play",
    .min_rows = 16,
    .min_cols = 60,
    .meanwhile = "the board waits",
    .actions = trm_play_actions,
    .action_count = TRM_PLAY_ACTIONS,
    .open = open_screen,
    .tick = tick,
    .wait = wait_time,
    .draw = draw,
    .click = trm_play_click,
    .close = close_screen,
};

trm_screen trm_play_screen(trm_play *p) {
    return (trm_screen){&ops, p};
}
