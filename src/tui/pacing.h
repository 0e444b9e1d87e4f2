// SPDX-License-Identifier: Apache-2.0
// The pacing: how fast training goes while it is watched. It knows neither trainer nor clock;
// what it is told determines what it answers.
//
// Auto: the first episodes in real time; then the speed grows by a steady factor a second, chosen
// again at every look so that what is left is over when the show should end; the last episodes at
// watching speed again. Paced: the speed that was set. Free: as fast as it goes.
#ifndef TUI_PACE_H
#define TUI_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/tui/watch.h"

// Steps a second at which one can follow every step, and the most at which one still sees them.
#define TRM_PACE_WATCH     6.0
#define TRM_PACE_FOLLOWING 10.0

typedef struct trm_pacing {
    trm_pace pace, before_free;
    int32_t gear;      // speed of paced: an index of the speeds
    int32_t play_gear; // of shows that do not pace training: free, and after it
    double auto_speed; // of auto, now
    double shown;      // seconds that auto has run
    double span;       // seconds that it should take in all
    double last;       // when it was asked last
    int64_t first;     // episodes when it began
} trm_pacing;

typedef struct trm_pace_input {
    double now;    // seconds, rising
    bool training; // it runs: not paused, not done
    bool holding;  // … but waits while a notable episode is shown
    bool done;     // only playing is left
    bool ended;    // the episode in sight is over and the next has not begun
    int64_t episodes, total, steps;
    int32_t envs;      // episodes an update, of which one is shown
    int32_t max_steps; // of an episode
} trm_pace_input;

void trm_pacing_init(trm_pacing *d, trm_pace pace, double now);

// Auto starts over with the episodes that are left: after an extension.
void trm_pacing_begin(trm_pacing *d, const trm_pace_input *in);

// Steps a second for the trainer; 0: as fast as it goes. Call at every look.
double trm_pacing_speed(trm_pacing *d, const trm_pace_input *in);

// Steps a second for showing again a whole episode of `length` steps.
double trm_pacing_play_speed(const trm_pacing *d, bool done, int32_t length);

// Seconds until training is over; NaN if it cannot be said. `rate`: steps a second measured.
double trm_pacing_left(const trm_pacing *d, const trm_pace_input *in, double rate);

// `+` and `-`: another speed; takes over from auto.
void trm_pacing_shift(trm_pacing *d, bool done, int32_t by);
void trm_pacing_toggle_free(trm_pacing *d);
void trm_pacing_auto(trm_pacing *d, const trm_pace_input *in);

// The factor's work: the speed after dt seconds, when `steps` steps are to be over in `seconds`.
double trm_pace_grow(double speed, double steps, double seconds, double dt);

#endif
