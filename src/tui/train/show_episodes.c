// SPDX-License-Identifier: Apache-2.0
// Playback of a course of episodes: the trainer's recording is followed, or shown again.
#include <math.h>

#include "tui/train/playback.h"

static const double LINGER = 1.2;     // seconds that the end of an episode shown again stays
static const double FRAME = 1.0 / 60; // between looks
static const double CALM = 1.0 / 15;  // between looks at an episode too fast to follow
static const double SOON = 0.004;     // between looks for a step that was asked for
static const double PATIENCE = 0.5;   // … for so long

static const char none_yet[] = "the first step is still to come";

static void init(trm_playback *s, const trm_course *course) {
    const trm_env *env = trm_course_env(course);
    s->envs = trm_course_config(course)->envs;
    s->max_steps = trm_env_max_steps(env);
    trm_episode_trace_init(&s->episode_trace, env, trm_course_model_const(course));
}

static void done(trm_playback *s) {
    trm_episode_trace_done(&s->episode_trace);
}

static void tell(const trm_playback *s, const trm_snapshot *snap, trm_pace_input *in) {
    in->ended = s->mode == TRM_PLAYBACK_LIVE && s->episode_trace.finished &&
                s->cursor == s->episode_trace.length - 1;
    in->holding = snap->state == TRM_TRAINER_HOLDING;
    in->episodes = snap->done;
    in->total = snap->total;
    in->steps = snap->steps;
    in->envs = s->envs;
    in->max_steps = s->max_steps;
}

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

static bool replay(trm_playback *s, const trm_pacing *d, const trm_pace_input *in) {
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
    trm_playback_release(s);
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

static bool tick(trm_playback *s, trm_pacing *d, const trm_pace_input *in, const trm_snapshot *snap,
                 bool paused) {
    (void)snap;
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
    switch (s->mode) {
    case TRM_PLAYBACK_LIVE:
        return live(s, d, in);
    case TRM_PLAYBACK_REPLAY:
        return replay(s, d, in);
    case TRM_PLAYBACK_LINGER:
        return linger(s, d, in);
    case TRM_PLAYBACK_AWAIT:
        if (d->pace == TRM_PACE_FREE && !in->done)
            return await(s, d, in);
        s->mode = TRM_PLAYBACK_LIVE;
        return live(s, d, in);
    }
    return false;
}

static const char *forward(trm_playback *s, trm_pacing *d, const trm_pace_input *in) {
    if (s->cursor < s->episode_trace.length - 1) {
        s->cursor++;
        return NULL;
    }
    if (s->state == TRM_TRAINER_FAILED)
        return trm_playback_failed;
    if (d->pace == TRM_PACE_FREE && !in->done)
        d->pace = TRM_PACE_PACED; // steps are only seen where training keeps pace with the show
    step(s, in->now);
    return NULL;
}

static const char *back(trm_playback *s, const trm_pace_input *in) {
    (void)in;
    if (s->cursor <= 0)
        return s->cursor < 0 ? none_yet : "this is the first step of the episode";
    s->cursor--;
    return NULL;
}

static const char *turn(trm_playback *s, trm_pacing *d, const trm_pace_input *in, bool paused,
                        int32_t by) {
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
        return trm_playback_failed;
    const bool free = d->pace == TRM_PACE_FREE && !in->done;
    if (free && !paused) {
        const bool waits = s->mode == TRM_PLAYBACK_AWAIT;
        ask_next(s);
        return waits ? "the next episode is on its way" : NULL;
    }
    trm_playback_release(s);
    d->pace = free ? TRM_PACE_PACED : d->pace;
    s->mode = TRM_PLAYBACK_LIVE;
    s->seeking = s->episode_trace.id;
    if (paused)
        step(s, in->now);
    return NULL;
}

static int32_t length(const trm_playback *s) {
    return s->episode_trace.length;
}

static double speed(const trm_playback *s, trm_pacing *d, const trm_pace_input *in, double before) {
    if (s->mode == TRM_PLAYBACK_REPLAY || s->mode == TRM_PLAYBACK_LINGER)
        return trm_pacing_play_speed(d, in->done, s->episode_trace.length);
    // An episode's end stays for a moment, and one may be passed over; that is no change of speed.
    return (in->ended || s->seeking != 0) && before > 0.0 ? before : s->speed;
}

static double wait_time(const trm_playback *s, double now, bool paused) {
    const bool stepping = now - s->stepped < PATIENCE && s->episode_trace.id == s->step_id &&
                          s->episode_trace.length == s->step_length;
    if (stepping || s->seeking != 0)
        return SOON;
    if (paused)
        return 0.2;
    if (s->mode == TRM_PLAYBACK_REPLAY || s->mode == TRM_PLAYBACK_LINGER)
        return fmin(0.2, fmax(0.0, s->next - now));
    return FRAME;
}

const trm_playback_kind trm_playback_of_episodes = {
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
