// SPDX-License-Identifier: Apache-2.0
#include "tui/pacing.h"

#include <math.h>

#include "tui/canvas/layout.h"

static const double speeds[] = {0.5, 1, 2, 4, 8, 15, 30, 60, 120, 250, 500, 1000, 2000, 5000};
enum { GEARS = sizeof speeds / sizeof *speeds, GEAR_START = 3, GEAR_PLAY = 4 };

static const double SPAN = 120.0; // seconds for the default number of episodes
static const double SPAN_EPISODES = 500.0;
static const double OPENING = 18.0; // seconds of real time at the start, at most
static const double OPENING_SPEED = 5.0;
static const double OPENING_EPISODES = 2.0;
static const double CLOSING_EPISODES = 3.0;
static const double LINGER = 0.8; // seconds that the end of an episode stays

void trm_pacing_init(trm_pacing *d, trm_pace pace, double now) {
    *d = (trm_pacing){.pace = pace,
                      .before_free = pace == TRM_PACE_FREE ? TRM_PACE_AUTO : pace,
                      .gear = GEAR_START,
                      .play_gear = GEAR_PLAY,
                      .auto_speed = OPENING_SPEED,
                      .span = SPAN,
                      .last = now};
}

void trm_pacing_begin(trm_pacing *d, const trm_pace_input *in) {
    const double left = (double)(in->total - in->episodes);
    d->span = SPAN * fmin(5.0, fmax(0.25, sqrt(left / SPAN_EPISODES)));
    d->auto_speed = OPENING_SPEED;
    d->shown = 0.0;
    d->first = in->episodes;
    d->last = in->now;
}

// Shown episodes that are left, and the steps they will have.
static double episodes_left(const trm_pace_input *in) {
    return (double)(in->total - in->episodes) / (double)(in->envs > 0 ? in->envs : 1);
}

static double mean_length(const trm_pace_input *in) {
    return in->episodes > 0 ? fmax(1.0, (double)in->steps / (double)in->episodes)
                            : (double)in->max_steps;
}

double trm_pace_grow(double speed, double steps, double seconds, double dt) {
    // speed * (e^x - 1) / x * seconds = steps, for x the growth over the time that is left.
    const double ratio = steps / (speed * seconds);
    double low = -4.0, high = 16.0;
    for (int32_t i = 0; i < 40; i++) {
        const double x = 0.5 * (low + high);
        const double y = fabs(x) < 1e-6 ? 1.0 + 0.5 * x : expm1(x) / x;
        *(y < ratio ? &low : &high) = x;
    }
    return speed * exp(0.5 * (low + high) * dt / seconds);
}

static double auto_speed(trm_pacing *d, const trm_pace_input *in, double dt) {
    const double left = episodes_left(in), length = mean_length(in);
    const double margin = d->auto_speed * 0.1 / length; // may pass between two looks
    if (left <= CLOSING_EPISODES + margin)
        return TRM_PACE_WATCH;
    const double opened = (double)(in->episodes - d->first) / (double)(in->envs > 0 ? in->envs : 1);
    if (d->shown < OPENING && opened < OPENING_EPISODES)
        return OPENING_SPEED;
    const double seconds = fmax(4.0, d->span - d->shown - CLOSING_EPISODES * 2.0);
    const double v = trm_pace_grow(d->auto_speed, left * length, seconds, dt);
    d->auto_speed = fmin(20000.0, fmax(OPENING_SPEED, v));
    return d->auto_speed;
}

double trm_pacing_speed(trm_pacing *d, const trm_pace_input *in) {
    // A machine that slept must not leap.
    const double dt = fmin(0.1, fmax(0.0, in->now - d->last));
    d->last = in->now;
    double v = 0.0;
    if (in->done)
        v = d->pace == TRM_PACE_PACED ? speeds[d->gear] : speeds[d->play_gear];
    else if (d->pace == TRM_PACE_PACED)
        return speeds[d->gear];
    else if (d->pace == TRM_PACE_FREE)
        return 0.0;
    if (!in->done && in->training) {
        d->shown += dt;
        v = in->holding ? d->auto_speed : auto_speed(d, in, dt);
    } else if (!in->done) {
        v = d->auto_speed;
    }
    return in->ended && v <= TRM_PACE_FOLLOWING ? fmin(v, 1.0 / LINGER) : v;
}

double trm_pacing_play_speed(const trm_pacing *d, bool done, int32_t length) {
    if (d->pace == TRM_PACE_FREE || done)
        return speeds[d->play_gear];
    return fmin(15.0, fmax(TRM_PACE_WATCH, (double)length / 4.0));
}

double trm_pacing_left(const trm_pacing *d, const trm_pace_input *in, double rate) {
    if (in->done)
        return (double)NAN;
    if (d->pace == TRM_PACE_AUTO)
        return fmax(1.0, d->span - d->shown);
    const double v = d->pace == TRM_PACE_PACED ? speeds[d->gear] : 0.0;
    const double steps = episodes_left(in) * mean_length(in);
    if (in->episodes > 0 && v > 0.0)
        return steps / v;
    return in->episodes > 0 && rate > 0.0 ? steps * in->envs / rate : (double)NAN;
}

void trm_pacing_shift(trm_pacing *d, bool done, int32_t by) {
    if (d->pace == TRM_PACE_PACED) {
        d->gear = trm_clamp(d->gear + by, 0, GEARS - 1);
        return;
    }
    if (d->pace == TRM_PACE_FREE || done) {
        d->play_gear = trm_clamp(d->play_gear + by, 0, GEARS - 1);
        return;
    }
    // From auto: the next speed above or below the one it had.
    int32_t gear = 0;
    while (gear < GEARS - 1 && speeds[gear] < d->auto_speed * 0.99)
        gear++;
    const bool between = speeds[gear] > d->auto_speed * 1.01;
    d->gear = trm_clamp(by > 0 && between ? gear : gear + by, 0, GEARS - 1);
    d->pace = d->before_free = TRM_PACE_PACED;
}

void trm_pacing_toggle_free(trm_pacing *d) {
    if (d->pace == TRM_PACE_FREE) {
        d->pace = d->before_free;
    } else {
        d->before_free = d->pace;
        d->pace = TRM_PACE_FREE;
    }
}

void trm_pacing_auto(trm_pacing *d, const trm_pace_input *in) {
    const double left = (double)(in->total - in->episodes);
    const double all = (double)(in->total - d->first);
    d->pace = TRM_PACE_AUTO;
    // Coming back from another pace: what is left gets its share of the time.
    if (all > 0.0)
        d->shown = fmax(d->shown, d->span * (1.0 - left / all));
}
