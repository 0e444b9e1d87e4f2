// SPDX-License-Identifier: Apache-2.0
// Playback, as far as it is the same for episodes and samples.
#include "tui/train/playback.h"

#include <math.h>

const char trm_playback_failed[] = "training has failed: nothing moves on any more";

static const double SEEK_SPEED = 250; // steps a second at least, to the next episode

void trm_playback_init(trm_playback *s, trm_trainer *t, const trm_course *course) {
    *s = (trm_playback){.trainer = t, .cursor = -1, .speed = -1.0};
    s->kind = trm_course_env(course) != NULL ? &trm_playback_of_episodes : &trm_playback_of_samples;
    s->kind->init(s, course);
}

static void tell_trainer(trm_playback *s, trm_pacing *d, const trm_pace_input *in) {
    double speed = trm_pacing_speed(d, in);
    if (s->seeking != 0 && speed > 0.0)
        speed = fmax(speed, SEEK_SPEED);
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

bool trm_playback_tick(trm_playback *s, trm_pacing *d, const trm_pace_input *in,
                       const trm_snapshot *snap, bool paused) {
    s->state = snap->state;
    tell_trainer(s, d, in);
    return s->kind->tick(s, d, in, snap, paused);
}

void trm_playback_pause(trm_playback *s, bool pause, const trm_pacing *d, bool done) {
    const bool again = s->mode == TRM_PLAYBACK_REPLAY || s->mode == TRM_PLAYBACK_LINGER;
    s->resume_late = !pause && again && d->pace != TRM_PACE_FREE && !done;
    if (pause)
        trm_trainer_pause(s->trainer);
    else if (!s->resume_late)
        trm_trainer_resume(s->trainer);
}

void trm_playback_release(trm_playback *s) {
    if (s->state == TRM_TRAINER_HOLDING)
        trm_trainer_go_on(s->trainer);
    if (s->resume_late)
        trm_trainer_resume(s->trainer);
    s->resume_late = false;
}

void trm_playback_cut(trm_playback *s) {
    trm_playback_release(s);
    s->seeking = 0;
    if (s->kind == &trm_playback_of_episodes)
        s->mode = TRM_PLAYBACK_LIVE;
}

void trm_playback_edge(trm_playback *s, bool last) {
    if (s->cursor >= 0)
        s->cursor = last ? s->kind->length(s) - 1 : 0;
}
