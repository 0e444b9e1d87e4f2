// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "trm/tui/replay.h"
#include "tui/replay/draw.h"
#include "tui/replay/replay.h"

static const double LINGER = 0.7; // seconds that an episode's end stays
static const double LOOK = 0.5;   // between looks at the files

// Seconds that the step or epoch in sight stays: an episode's end longer, where single steps can be
// seen.
static double period(const trm_replay *r) {
    const double step = 1.0 / trm_replay_speeds[r->gear];
    if (r->kind == &trm_replay_epochs)
        return step;
    const bool end = r->at == r->kind->last(r);
    return end && !r->then.episode_trace.finished ? step
           : end                                  ? fmax(step, fmin(LINGER, 4.0 * step))
                                                  : step;
}

static bool play(trm_replay *r, double now) {
    if (!r->playing)
        return false;
    if (r->due <= 0.0 || now - r->due > 0.5) // just begun, or after a stall
        r->due = now + period(r);
    if (now < r->due)
        return false;
    while (r->playing && r->due <= now) {
        if (!r->kind->forward(r))
            r->playing = false;
        r->due += period(r);
    }
    return true;
}

static bool tick(void *self, double now) {
    trm_replay *r = self;
    const bool moved = play(r, now);
    return trm_replay_renew(r, now) || moved;
}

static double wait_time(const void *self, double now) {
    const trm_replay *r = self;
    return r->playing ? fmin(LOOK, fmax(0.0, r->due - now)) : LOOK;
}

static void close_screen(void *self) {
    trm_replay_free(self);
}

static const trm_screen_ops ops = {
    .name = "trm replay",
    .meanwhile = "nothing is lost",
    .actions = trm_replay_actions,
    .tick = tick,
    .wait = wait_time,
    .draw = trm_replay_draw,
    .click = trm_replay_click,
    .close = close_screen,
};

bool trm_replay_push(trm_app *app, const char *run, trm_trainer *trainer, trm_error *e) {
    trm_replay *r = trm_replay_new(app, run, trainer, e);
    return r != NULL && trm_app_push(app, &ops, r, e);
}

static bool push(trm_app *app, const void *run, trm_error *e) {
    return trm_replay_push(app, run, NULL, e);
}

bool trm_replay_run(const trm_replay_options *o, trm_error *e) {
    return trm_app_show(&(trm_app_options){o->ascii, o->color, o->mouse}, push, o->run, e);
}
