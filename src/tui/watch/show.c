// SPDX-License-Identifier: Apache-2.0
#include "tui/watch/show.h"

#include <math.h>

static const double LINGER = 1.2;     // seconds that the end of an episode shown again stays
static const double FRAME = 1.0 / 60; // between looks
static const double CALM = 1.0 / 15;  // between looks at an episode too fast to follow
static const double STEP_PATIENCE = 0.5;

void trm_show_init(trm_show *s, trm_trainer *t, const trm_env *env, const trm_model *model) {
    *s = (trm_show){.trainer = t, .cursor = -1, .speed = -1.0};
    trm_reel_init(&s->reel, env, model);
}

void trm_show_done(trm_show *s) {
    trm_reel_done(&s->reel);
}

static void tell_trainer(trm_show *s, trm_director *d, const trm_pace_input *in) {
    const double speed = trm_director_speed(d, in);
    if (fabs(speed - s->speed) > 0.01 * speed || (speed == 0.0 && s->speed != 0.0)) {
        trm_trainer_speed(s->trainer, speed);
        s->speed = speed;
    }
    const bool hold = d->pace == TRM_PACE_AUTO && !in->done;
    if (hold != s->hold) {
        trm_trainer_hold_notable(s->trainer, hold);
        s->hold = hold;
    }
}

static bool sync(trm_show *s, double now) {
    const uint64_t id = s->reel.id;
    const int32_t length = s->reel.length;
    s->looked = now;
    if (!trm_trainer_reel(s->trainer, &s->reel))
        return false;
    const bool fast = s->speed == 0.0 || s->speed > TRM_PACE_FOLLOWING;
    if (s->reel.id != id)
        s->followed = !fast && s->reel.length <= 2;
    else if (fast || s->reel.length > length + 2)
        s->followed = false;
    return true;
}

static bool to_the_end(trm_show *s, double now) {
    if (!sync(s, now))
        return false;
    s->cursor = s->reel.length - 1;
    return true;
}

static bool look(trm_show *s, double now) {
    const bool fast = s->speed > 15.0;
    return !(fast && now - s->looked < CALM) && to_the_end(s, now);
}

static void start_replay(trm_show *s, const trm_director *d, const trm_pace_input *in) {
    s->mode = TRM_SHOW_REPLAY;
    s->cursor = 0;
    s->next = in->now + 1.0 / trm_director_play_speed(d, in->done, s->reel.length);
}

static bool replay(trm_show *s, const trm_director *d, const trm_pace_input *in) {
    if (in->now < s->next)
        return false;
    if (s->cursor >= s->reel.length - 1) {
        s->mode = TRM_SHOW_LINGER;
        s->next = in->now + LINGER;
        return true;
    }
    // Due times follow each other, so that the speed is kept; after a stall they start anew.
    const double period = 1.0 / trm_director_play_speed(d, in->done, s->reel.length);
    if (in->now - s->next > 0.5)
        s->next = in->now;
    while (s->next <= in->now && s->cursor < s->reel.length - 1) {
        s->cursor++;
        s->next += period;
    }
    return true;
}

// What has come of the next episode may be shorter than where the last one ended.
static bool await(trm_show *s, const trm_director *d, const trm_pace_input *in) {
    const bool news = sync(s, in->now);
    if (s->reel.id == s->played || !s->reel.finished || s->reel.length == 0) {
        if (news && s->cursor >= s->reel.length)
            s->cursor = s->reel.length - 1;
        return news;
    }
    s->played = s->reel.id;
    start_replay(s, d, in);
    return true;
}

static void ask_next(trm_show *s) {
    s->played = s->reel.id;
    s->mode = TRM_SHOW_AWAIT;
    trm_trainer_request_reel(s->trainer);
}

static bool live(trm_show *s, const trm_director *d, const trm_pace_input *in,
                 trm_trainer_state state) {
    if (d->pace == TRM_PACE_FREE && !in->done) {
        ask_next(s);
        return true;
    }
    if (state != TRM_TRAINER_HOLDING)
        return look(s, in->now);
    sync(s, in->now);
    s->cursor = s->reel.length - 1;
    if (s->followed) {
        s->mode = TRM_SHOW_LINGER;
        s->next = in->now + LINGER;
    } else {
        start_replay(s, d, in);
    }
    return true;
}

// Lets the trainer go on that waited for an episode to be shown.
static void release(trm_show *s, trm_trainer_state state) {
    if (state == TRM_TRAINER_HOLDING)
        trm_trainer_go_on(s->trainer);
    if (s->resume_late)
        trm_trainer_resume(s->trainer);
    s->resume_late = false;
}

static bool linger(trm_show *s, const trm_director *d, const trm_pace_input *in,
                   trm_trainer_state state) {
    if (in->now < s->next)
        return false;
    release(s, state);
    if (d->pace == TRM_PACE_FREE && !in->done)
        ask_next(s);
    else
        s->mode = TRM_SHOW_LIVE;
    return true;
}

void trm_show_pause(trm_show *s, bool pause, const trm_director *d, bool done) {
    const bool again = s->mode == TRM_SHOW_REPLAY || s->mode == TRM_SHOW_LINGER;
    s->resume_late = !pause && again && d->pace != TRM_PACE_FREE && !done;
    if (pause)
        trm_trainer_pause(s->trainer);
    else if (!s->resume_late)
        trm_trainer_resume(s->trainer);
}

bool trm_show_tick(trm_show *s, trm_director *d, const trm_pace_input *in, trm_trainer_state state,
                   bool paused) {
    tell_trainer(s, d, in);
    if (paused) {
        // Only a step that was asked for can bring anything new.
        if (s->mode != TRM_SHOW_LIVE || s->cursor < s->reel.length - 1)
            return false;
        return to_the_end(s, in->now);
    }
    switch (s->mode) {
    case TRM_SHOW_LIVE:
        return live(s, d, in, state);
    case TRM_SHOW_REPLAY:
        return replay(s, d, in);
    case TRM_SHOW_LINGER:
        return linger(s, d, in, state);
    case TRM_SHOW_AWAIT:
        if (d->pace == TRM_PACE_FREE && !in->done)
            return await(s, d, in);
        s->mode = TRM_SHOW_LIVE;
        return live(s, d, in, state);
    }
    return false;
}

void trm_show_forward(trm_show *s, trm_director *d, const trm_pace_input *in) {
    if (s->cursor < s->reel.length - 1) {
        s->cursor++;
        return;
    }
    if (d->pace == TRM_PACE_FREE && !in->done) {
        d->pace = TRM_PACE_PACED; // steps are only seen where training keeps pace with the show
        tell_trainer(s, d, in);
    }
    s->mode = TRM_SHOW_LIVE;
    s->stepped = in->now;
    s->step_id = s->reel.id;
    s->step_length = s->reel.length;
    trm_trainer_step(s->trainer, 1);
}

bool trm_show_back(trm_show *s) {
    if (s->cursor <= 0)
        return false;
    s->cursor--;
    return true;
}

void trm_show_cut(trm_show *s, trm_trainer_state state) {
    release(s, state);
    s->mode = TRM_SHOW_LIVE;
}

double trm_show_wait(const trm_show *s, double now, bool paused, bool pausing) {
    const bool stepping = now - s->stepped < STEP_PATIENCE && s->reel.id == s->step_id &&
                          s->reel.length == s->step_length;
    if (stepping || pausing)
        return 0.004;
    if (paused)
        return 0.2;
    if (s->mode == TRM_SHOW_REPLAY || s->mode == TRM_SHOW_LINGER)
        return fmin(0.2, fmax(0.0, s->next - now));
    return FRAME;
}
