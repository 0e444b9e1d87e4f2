// SPDX-License-Identifier: Apache-2.0
// Playback of a course of epochs: a sample, answered again whenever the weights have changed.
#include <math.h>

#include "tui/train/playback.h"

// The pacing paces episodes; epochs are cut into stretches of so many batches for it.
enum { STRETCH = 25 };

static const double FRAME = 1.0 / 30;     // between looks
static const double CALM = 1.0 / 15;      // between answers at full speed
static const double SOON = 0.004;         // between looks for an answer that was asked for
static const double PATIENCE = 0.5;       // … for so long
static const double PRELUDE = 2;          // seconds before samples follow each other
static const double LINGER = 3;           // steps that the last step stays
static const double STEPS_OF_SHOW = 0.25; // steps shown for one of the pacing's

static void init(trm_playback *s, const trm_course *course) {
    s->model = trm_course_model_const(course);
    const trm_trace_shape shape = trm_model_trace_shape(s->model);
    s->first = shape.first_logits;
    s->steps = shape.cycles;
    s->cursor = shape.cycles - 1;
    s->side = TRM_SPLIT_HELD_OUT;
    s->ask = true;
    trm_sample_init(&s->sample, course);
    trm_sample_init(&s->before, course);
}

static void done(trm_playback *s) {
    trm_sample_done(&s->sample);
    trm_sample_done(&s->before);
}

static void tell(const trm_playback *s, const trm_snapshot *snap, trm_pace_input *in) {
    const int64_t batches = snap->done * snap->batches + snap->batch;
    (void)s;
    in->episodes = batches / STRETCH;
    in->total = (snap->total * snap->batches + STRETCH - 1) / STRETCH;
    in->steps = batches;
    in->envs = 1;
    in->max_steps = STRETCH;
}

const trm_sample *trm_playback_sample(const trm_playback *s) {
    const trm_sample *sample = s->back ? &s->before : &s->sample;
    return sample->id != 0 ? sample : NULL;
}

static void ask(trm_playback *s, double now, const trm_snapshot *snap) {
    const bool learned = snap->updates != s->answered && now - s->looked >= CALM;
    if ((s->asked && now - s->looked < PATIENCE && !s->ask) || (!s->ask && !learned))
        return;
    s->asked = true;
    s->ask = false;
    s->looked = now;
    s->answered = snap->updates;
    trm_trainer_request_sample(s->trainer, s->side, s->wanted);
}

// A new answer takes the place of the older one of the two.
static bool take_answer(trm_playback *s) {
    const uint64_t id = s->before.id;
    s->before.id = s->sample.id;
    if (!trm_trainer_sample(s->trainer, &s->before)) {
        s->before.id = id;
        return false;
    }
    const trm_sample newest = s->before;
    s->before = s->sample;
    s->sample = newest;
    s->back = s->asked = false;
    if (newest.side == s->side && newest.count > 0) // another one may have been asked for since
        s->wanted %= newest.count;
    return true;
}

static void turn_by(trm_playback *s, int32_t by) {
    const int32_t n = s->sample.count > 0 ? s->sample.count : 1;
    s->wanted = (int32_t)(((int64_t)s->wanted + by + n) % n);
    s->ask = true;
}

// Through the steps of the model that are read, and on to the next sample; and back.
static void walk(trm_playback *s, int32_t by) {
    s->cursor += by;
    if (s->cursor >= s->first && s->cursor < s->steps)
        return;
    turn_by(s, by);
    s->cursor = by > 0 ? s->first : s->steps - 1;
}

static double show_speed(trm_pacing *d, const trm_pace_input *in) {
    return STEPS_OF_SHOW * trm_pacing_speed(d, in);
}

// Training is over: one sample after the other. It begins, and ends where training goes on.
static bool replay(trm_playback *s, trm_pacing *d, const trm_pace_input *in, bool paused) {
    const bool over = in->done && s->state == TRM_TRAINER_SHOWING;
    if (over != (s->mode == TRM_PLAYBACK_REPLAY)) {
        s->mode = over ? TRM_PLAYBACK_REPLAY : TRM_PLAYBACK_LIVE;
        s->next = in->now + PRELUDE;
        s->cursor = s->steps - 1;
        return true;
    }
    if (!over || paused || in->now < s->next)
        return false;
    walk(s, 1);
    s->next = in->now + (s->cursor == s->steps - 1 ? LINGER : 1.0) / show_speed(d, in);
    return true;
}

static bool tick(trm_playback *s, trm_pacing *d, const trm_pace_input *in, const trm_snapshot *snap,
                 bool paused) {
    const bool news = take_answer(s);
    const bool moved = replay(s, d, in, paused);
    ask(s, in->now, snap);
    return news || moved;
}

static const char *forward(trm_playback *s, trm_pacing *d, const trm_pace_input *in) {
    (void)d;
    if (s->state == TRM_TRAINER_FAILED)
        return trm_playback_failed;
    if (in->done) {
        walk(s, 1);
    } else if (s->back) {
        s->back = false;
    } else {
        trm_trainer_step(s->trainer, 1);
        s->ask = true; // answered after the batch
    }
    return NULL;
}

static const char *back(trm_playback *s, const trm_pace_input *in) {
    if (in->done) {
        walk(s, -1);
        return NULL;
    }
    if (s->back || s->before.id == 0)
        return "only the last two answers are kept";
    s->back = true;
    return NULL;
}

static const char *turn(trm_playback *s, trm_pacing *d, const trm_pace_input *in, bool paused,
                        int32_t by) {
    (void)d;
    (void)in;
    (void)paused;
    turn_by(s, by);
    return s->state == TRM_TRAINER_FAILED ? trm_playback_failed : NULL;
}

const char *trm_playback_side(trm_playback *s) {
    s->side = s->side == TRM_SPLIT_TRAIN ? TRM_SPLIT_HELD_OUT : TRM_SPLIT_TRAIN;
    s->wanted = 0;
    s->ask = true;
    return s->state == TRM_TRAINER_FAILED ? trm_playback_failed : NULL;
}

static int32_t length(const trm_playback *s) {
    return s->steps;
}

static double speed(const trm_playback *s, trm_pacing *d, const trm_pace_input *in, double before) {
    (void)before;
    return in->done ? show_speed(d, in) : fmax(0.0, s->speed);
}

static double wait_time(const trm_playback *s, double now, bool paused) {
    if (s->ask || (s->asked && now - s->looked < PATIENCE))
        return SOON;
    return paused ? 0.2 : FRAME;
}

const trm_playback_kind trm_playback_of_samples = {
    .init = init,
    .done = done,
    .tell = tell,
    .tick = tick,
    .forward = forward,
    .back = back,
    .turn = turn,
    .length = length,
    .speed = speed,
    .wait = wait_time,
};
