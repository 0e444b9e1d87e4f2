// SPDX-License-Identifier: Apache-2.0
// A trainer of a small learner on a thread of its own, watched and commanded from the test's.
#ifndef TRM_TESTS_TRAIN_WATCHED_H
#define TRM_TESTS_TRAIN_WATCHED_H

#include <sched.h>

#include "support.h"
#include "trm/base/clock.h"
#include "trm/train/trainer.h"

typedef struct watched {
    trm_course *c;
    trm_learner *l; // the course's
    trm_trainer *t;
    int32_t saves, finals; // calls of the checkpoint hook, and those that were final
    int64_t saved_episodes;
} watched;

void watched_new(watched *w, int64_t episodes);
void watched_start(watched *w);
void watched_stop(watched *w); // stops and joins
void watched_free(watched *w);
trm_snapshot watched_snapshot(watched *w);

// Every tensor is that of the same learner trained for so many episodes without any trainer.
void assert_as_untouched(watched *w, int64_t episodes);

// Waits until the condition over `s`, the newest snapshot, holds.
#define WAIT_FOR(w, condition)                                                                     \
    do {                                                                                           \
        double deadline = trm_clock_now() + 60;                                                    \
        for (trm_snapshot s = watched_snapshot(w); !(condition); s = watched_snapshot(w)) {        \
            if (trm_clock_now() > deadline)                                                        \
                fail_msg("never came: %s (state %d, steps %lld)", #condition, (int)s.state,        \
                         (long long)s.steps);                                                      \
            sched_yield();                                                                         \
        }                                                                                          \
    } while (0)

#endif
