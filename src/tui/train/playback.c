// SPDX-License-Identifier: Apache-2.0
#include "tui/train/playback.h"

#include <math.h>

enum {
    STRETCH = 25
}; // the pacing paces episodes: epochs are cut into stretches of so many batches

static const double LINGER = 1.2;     // seconds that the end of an episode shown again stays
static const double SEEK_SPEED = 250; // steps a second at least, to the next episode
static const double EPISODE_LOOK = 1.0 / 60;
static const double SAMPLE_LOOK = 1.0 / 30;
static const double CALM = 1.0 / 15;      // between looks at what is too fast to follow
static const double SOON = 0.004;         // between looks for what was asked for
static const double PATIENCE = 0.5;       // … for so long
static const double PRELUDE = 2;          // seconds that the first step of the first one stays
static const double STAY = 3;             // steps that the last step of a sample stays
static const double STEPS_OF_SHOW = 0.25; // steps of a sample shown for one of the pacing's

static const char failed[] = "training has failed: nothing moves on any more";
static const char none_yet[] = "the first step is still to come";

void trm_playback_init(trm_playback *s, trm_trainer *t, const trm_course *course) {
    const trm_env *env = trm_course_env(course);
    const trm_model *model = trm_course_model_const(course);
    *s = (trm_playback){.samples = env == NULL, .trainer = t, .cursor = -1, .speed = -1.0};
    if (env != NULL) {
        s->envs = trm_course_config(course)->envs;
        s->max_steps = trm_env_max_steps(env);
        trm_episode_trace_init(&s->episode_trace, env, model);
        return;
    }
    const trm_trace_shape shape = trm_model_trace_shape(model);
    s->first = shape.first_logits;
    s->steps = shape.cycles;
    s->cursor = shape.cycles - 1;
    s->side = TRM_SPLIT_HELD_OUT;
    s->ask = true;
    trm_sample_init(&s->sample, course);
    trm_sample_init(&s->before, course);
}

void trm_playback_done(trm_playback *s) {
    trm_episode_trace_done(&s->episode_trace);
    trm_sample_done(&s->sample);
    trm_sample_done(&s->before);
}

void trm_playback_tell(const trm_playback *s, const trm_snapshot *snap, trm_pace_input *in) {
    const int64_t batches = snap->done * snap->batches + snap->batch;
    in->episodes = s->samples ? batches / STRETCH : snap->done;
    in->total = s->samples ? (snap->total * snap->batches + STRETCH - 1) / STRETCH : snap->total;
    in->steps = s->samples ? batches : snap->steps;
    in->envs = s->samples ? 1 : s->envs;
    in->max_steps = s->samples ? STRETCH : s->max_steps;
    in->holding = !s->samples && snap->state == TRM_TRAINER_HOLDING;
    in->ended = !s->samples && s->mode == TRM_PLAYBACK_LIVE && s->episode_trace.finished &&
                s->cursor == s->episode_trace.length - 1;
}

// Lets the trainer go on that waited for an episode to be shown.
static void release(trm_playback *s) {
    if (s->state == TRM_TRAINER_HOLDING)
        trm_trainer_go_on(s->trainer);
    if (s->resume_late)
        trm_trainer_resume(s->trainer);
    s->resume_late = false;
}

// ---- episodes: the trainer's recording is followed, or shown again ------------------------------

static bool sync(trm_playback *s, double now) {
    const uint64_t id = s->episode_trace.id;
    const int32_t length = s->episode_trace.length;
    s->looked = now;
    if (!trm_trainer_episode(s->trainer, &s->episode_trace))
        return false;
    const bool fast = s->speed == 0.0 || s->speed > TRM_PACE_FOLLOWING;
    if (s->episode_trace.id != id)
        s->followed = !fast && s->episode_trace.length <= 2;
    else if (fast || s->episode_trace.length > length + 2)
        s->followed = false;
    return true;
}

static bool to_the_end(trm_playback *s, double now) {
    if (!sync(s, now))
        return false;
    s->cursor = s->episode_trace.length - 1;
    return true;
}

static bool look(trm_playback *s, double now) {
    const bool fast = s->speed > 15.0 && s->seeking == 0;
    return !(fast && now - s->looked < CALM) && to_the_end(s, now);
}

static void start_replay(trm_playback *s, const trm_pacing *d, const trm_pace_input *in) {
    s->mode = TRM_PLAYBACK_REPLAY;
    s->cursor = 0;
    s->next = in->now + 1.0 / trm_pacing_play_speed(d, in->done, s->episode_trace.length);
}

static bool show_again(trm_playback *s, const trm_pacing *d, const trm_pace_input *in) {
    if (in->now < s->next)
        return false;
    if (s->cursor >= s->episode_trace.length - 1) {
        s->mode = TRM_PLAYBACK_LINGER;
        s->next = in->now + LINGER;
        return true;
    }
    // Due times follow each other, so that the speed is kept; after a stall they start again.
    const double period = 1.0 / trm_pacing_play_speed(d, in->done, s->episode_trace.length);
    if (in->now - s->next > 0.5)
        s->next = in->now;
    while (s->next <= in->now && s->cursor < s->episode_trace.length - 1) {
        s->cursor++;
        s->next += period;
    }
    return true;
}

// What has come of the next episode may be shorter than where the last one ended.
static bool await(trm_playback *s, const trm_pacing *d, const trm_pace_input *in) {
    const bool news = sync(s, in->now);
    if (s->episode_trace.id == s->played || !s->episode_trace.finished ||
        s->episode_trace.length == 0) {
        if (news && s->cursor >= s->episode_trace.length)
            s->cursor = s->episode_trace.length - 1;
        return news;
    }
    s->played = s->episode_trace.id;
    start_replay(s, d, in);
    return true;
}

static void ask_next(trm_playback *s) {
    s->played = s->episode_trace.id;
    s->mode = TRM_PLAYBACK_AWAIT;
    trm_trainer_request_episode(s->trainer);
}

static bool live(trm_playback *s, const trm_pacing *d, const trm_pace_input *in) {
    if (d->pace == TRM_PACE_FREE && !in->done) {
        ask_next(s);
        return true;
    }
    if (s->state != TRM_TRAINER_HOLDING)
        return look(s, in->now);
    sync(s, in->now);
    s->cursor = s->episode_trace.length - 1;
    if (s->followed) {
        s->mode = TRM_PLAYBACK_LINGER;
        s->next = in->now + LINGER;
    } else {
        start_replay(s, d, in);
    }
    return true;
}

static bool linger(trm_playback *s, const trm_pacing *d, const trm_pace_input *in) {
    if (in->now < s->next)
        return false;
    release(s);
    if (d->pace == TRM_PACE_FREE && !in->done)
        ask_next(s);
    else
        s->mode = TRM_PLAYBACK_LIVE;
    return true;
}

// A step that is taken now, and looked for until it is there.
static void step(trm_playback *s, double now) {
    s->mode = TRM_PLAYBACK_LIVE;
    s->stepped = now;
    s->step_id = s->episode_trace.id;
    s->step_length = s->episode_trace.length;
    trm_trainer_step(s->trainer, 1);
}

// Paused, and on the way to the next episode, which begins with its first step.
static bool seek(trm_playback *s, double now) {
    if (!to_the_end(s, now))
        return false;
    if (s->episode_trace.id == s->seeking) {
        step(s, now);
    } else {
        s->seeking = 0;
        s->cursor = 0;
    }
    return true;
}

static bool follow_episode(trm_playback *s, const trm_pacing *d, const trm_pace_input *in,
                           bool paused) {
    static bool (*const modes[])(trm_playback *, const trm_pacing *, const trm_pace_input *) = {
        [TRM_PLAYBACK_LIVE] = live,
        [TRM_PLAYBACK_REPLAY] = show_again,
        [TRM_PLAYBACK_LINGER] = linger,
        [TRM_PLAYBACK_AWAIT] = await,
    };
    if (s->episode_trace.id != s->seeking && !paused)
        s->seeking = 0;
    if (paused) {
        if (s->seeking != 0)
            return seek(s, in->now);
        // Only a step that was asked for can bring anything new.
        if (s->mode != TRM_PLAYBACK_LIVE || s->cursor < s->episode_trace.length - 1)
            return false;
        return to_the_end(s, in->now);
    }
    if (s->mode == TRM_PLAYBACK_AWAIT && (d->pace != TRM_PACE_FREE || in->done))
        s->mode = TRM_PLAYBACK_LIVE;
    return modes[s->mode](s, d, in);
}

static const char *turn_episode(trm_playback *s, trm_pacing *d, const trm_pace_input *in,
                                bool paused, int32_t by) {
    if (s->cursor < 0)
        return none_yet;
    if (s->seeking != 0)
        return "the next episode is on its way";
    if (by < 0) {
        const bool start = s->cursor == 0;
        s->cursor = 0;
        return start ? "earlier episodes are on the time line: r" : NULL;
    }
    if (s->state == TRM_TRAINER_FAILED)
        return failed;
    const bool free = d->pace == TRM_PACE_FREE && !in->done;
    if (free && !paused) {
        const bool waits = s->mode == TRM_PLAYBACK_AWAIT;
        ask_next(s);
        return waits ? "the next episode is on its way" : NULL;
    }
    release(s);
    d->pace = free ? TRM_PACE_PACED : d->pace;
    s->mode = TRM_PLAYBACK_LIVE;
    s->seeking = s->episode_trace.id;
    if (paused)
        step(s, in->now);
    return NULL;
}

// ---- samples: answered again whenever the weights have changed ----------------------------------

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

// Does the answer lack no step?
static bool whole(const trm_sample *answer, const trm_playback *s) {
    return answer->id == 0 || answer->known == s->steps;
}

// A new answer takes the place of the older one of the two; more steps of one, its own.
static bool take_answer(trm_playback *s) {
    if (!whole(&s->sample, s)) {
        if (!trm_trainer_sample(s->trainer, &s->sample))
            return false;
    } else {
        const uint64_t id = s->before.id;
        s->before.id = s->sample.id;
        if (!trm_trainer_sample(s->trainer, &s->before)) {
            s->before.id = id;
            return false;
        }
        const trm_sample newest = s->before;
        s->before = s->sample;
        s->sample = newest;
        s->back = false;
    }
    s->asked = false;
    if (s->sample.side == s->side && s->sample.count > 0) // another may have been asked for since
        s->wanted %= s->sample.count;
    return true;
}

// Is the model still thinking about the step behind the one in sight, or about another sample?
static bool thinks(const trm_playback *s) {
    return s->ask || s->asked || (!whole(&s->sample, s) && s->cursor + 1 >= s->sample.known);
}

int32_t trm_playback_cursor(const trm_playback *s) {
    const trm_sample *sample = s->samples ? trm_playback_sample(s) : NULL;
    return sample != NULL && s->cursor >= sample->known ? sample->known - 1 : s->cursor;
}

// The place of a sample in the order.
static int32_t place_of(const trm_playback *s, int32_t sample) {
    int32_t at = 0;
    while (at + 1 < s->order_count && s->order[at] != sample)
        at++;
    return at;
}

static void turn_by(trm_playback *s, int32_t by) {
    const int32_t n = s->sample.count > 0 ? s->sample.count : 1;
    if (s->order != NULL && s->side == TRM_SPLIT_HELD_OUT) {
        const int32_t all = s->order_count;
        s->wanted = s->order[((place_of(s, s->wanted) + by) % all + all) % all];
        s->ask = true;
        return;
    }
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
static bool show_samples(trm_playback *s, trm_pacing *d, const trm_pace_input *in, bool paused) {
    const bool over = in->done && s->state == TRM_TRAINER_SHOWING;
    if (over != (s->mode == TRM_PLAYBACK_REPLAY)) {
        s->mode = over ? TRM_PLAYBACK_REPLAY : TRM_PLAYBACK_LIVE;
        s->next = in->now + PRELUDE;
        s->cursor = over ? s->first : s->steps - 1;
        return true;
    }
    if (!over || paused || in->now < s->next || thinks(s))
        return false;
    walk(s, 1);
    s->next = in->now + (s->cursor == s->steps - 1 ? STAY : 1.0) / show_speed(d, in);
    return true;
}

static bool follow_sample(trm_playback *s, trm_pacing *d, const trm_pace_input *in,
                          const trm_snapshot *snap, bool paused) {
    const bool news = take_answer(s);
    const bool moved = show_samples(s, d, in, paused);
    ask(s, in->now, snap);
    return news || moved;
}

void trm_playback_order(trm_playback *s, const int32_t *order, int32_t count) {
    s->order = order;
    s->order_count = count;
    s->side = TRM_SPLIT_HELD_OUT;
    s->wanted = order != NULL ? order[0] : 0;
    s->cursor = s->first;
    s->ask = true;
}

const char *trm_playback_side(trm_playback *s) {
    s->side = s->side == TRM_SPLIT_TRAIN ? TRM_SPLIT_HELD_OUT : TRM_SPLIT_TRAIN;
    s->wanted = 0;
    s->ask = true;
    return s->state == TRM_TRAINER_FAILED ? failed : NULL;
}

// ---- both ---------------------------------------------------------------------------------------

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
    return s->samples ? follow_sample(s, d, in, snap, paused) : follow_episode(s, d, in, paused);
}

void trm_playback_pause(trm_playback *s, bool pause, const trm_pacing *d, bool done) {
    const bool again = s->mode == TRM_PLAYBACK_REPLAY || s->mode == TRM_PLAYBACK_LINGER;
    s->resume_late = !pause && again && d->pace != TRM_PACE_FREE && !done;
    if (pause)
        trm_trainer_pause(s->trainer);
    else if (!s->resume_late)
        trm_trainer_resume(s->trainer);
}

void trm_playback_cut(trm_playback *s) {
    release(s);
    s->seeking = 0;
    if (!s->samples)
        s->mode = TRM_PLAYBACK_LIVE;
}

static int32_t length_of(const trm_playback *s) {
    return s->samples ? s->steps : s->episode_trace.length;
}

void trm_playback_edge(trm_playback *s, bool last) {
    if (s->cursor >= 0)
        s->cursor = last ? length_of(s) - 1 : 0;
}

const char *trm_playback_forward(trm_playback *s, trm_pacing *d, const trm_pace_input *in) {
    if (!s->samples && s->cursor < s->episode_trace.length - 1) {
        s->cursor++;
    } else if (s->state == TRM_TRAINER_FAILED) {
        return failed;
    } else if (!s->samples) {
        if (d->pace == TRM_PACE_FREE && !in->done)
            d->pace = TRM_PACE_PACED; // steps are only seen where training keeps pace with the show
        step(s, in->now);
    } else if (in->done) {
        if (thinks(s))
            return "the model is still thinking about it";
        walk(s, 1);
    } else if (s->back) {
        s->back = false;
    } else {
        trm_trainer_step(s->trainer, 1);
        s->ask = true; // answered after the batch
    }
    return NULL;
}

const char *trm_playback_back(trm_playback *s, const trm_pace_input *in) {
    if (s->samples && in->done) {
        walk(s, -1);
    } else if (s->samples) {
        if (s->back || s->before.id == 0)
            return "only the last two answers are kept";
        s->back = true;
    } else {
        if (s->cursor <= 0)
            return s->cursor < 0 ? none_yet : "this is the first step of the episode";
        s->cursor--;
    }
    return NULL;
}

const char *trm_playback_turn(trm_playback *s, trm_pacing *d, const trm_pace_input *in, bool paused,
                              int32_t by) {
    if (!s->samples)
        return turn_episode(s, d, in, paused, by);
    turn_by(s, by);
    return s->state == TRM_TRAINER_FAILED ? failed : NULL;
}

double trm_playback_speed(const trm_playback *s, trm_pacing *d, const trm_pace_input *in,
                          double before) {
    if (s->samples)
        return in->done ? show_speed(d, in) : fmax(0.0, s->speed);
    if (s->mode == TRM_PLAYBACK_REPLAY || s->mode == TRM_PLAYBACK_LINGER)
        return trm_pacing_play_speed(d, in->done, s->episode_trace.length);
    // An episode's end stays for a moment, and one may be passed over; that is no change of speed.
    return (in->ended || s->seeking != 0) && before > 0.0 ? before : s->speed;
}

double trm_playback_wait(const trm_playback *s, double now, bool paused) {
    const bool stepping = now - s->stepped < PATIENCE && s->episode_trace.id == s->step_id &&
                          s->episode_trace.length == s->step_length;
    const bool asking = s->ask || (s->asked && now - s->looked < PATIENCE);
    if (s->samples ? asking : stepping || s->seeking != 0)
        return SOON;
    if (paused)
        return 0.2;
    if (!s->samples && (s->mode == TRM_PLAYBACK_REPLAY || s->mode == TRM_PLAYBACK_LINGER))
        return fmin(0.2, fmax(0.0, s->next - now));
    return s->samples ? SAMPLE_LOOK : EPISODE_LOOK;
}
