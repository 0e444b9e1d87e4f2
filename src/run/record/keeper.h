// SPDX-License-Identifier: Apache-2.0
// Which moments of a training are kept. A pure function of the episodes so far, in order: it knows
// no files, and what a run that was interrupted makes of the same episodes is the same.
//
// Moments are spread by environment steps. The first episode of an update is a candidate if the
// update is the first to begin at or after a multiple of KEEPER_SPACING steps; its level is the
// largest k for which that holds of a multiple of KEEPER_SPACING << k. When there are too many, the
// level from which candidates stay goes up by one, and every other one goes. Beside them the first
// success, the best, the worst and the longest episode stay, of equals the first.
#ifndef RUN_RECORD_KEEPER_H
#define RUN_RECORD_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/train/learner.h"

enum { KEEPER_SPACING = 64, KEEPER_LEVELS = 48, KEEPER_LEAST = 6 };

typedef enum keeper_role {
    KEEPER_FIRST_SUCCESS,
    KEEPER_BEST,
    KEEPER_WORST,
    KEEPER_LONGEST,
    KEEPER_ROLES
} keeper_role;

// What stays: moments from a level on, and the episodes that have a role (-1: none has).
typedef struct keeper_rule {
    int64_t level;
    int64_t episodes[KEEPER_ROLES];
} keeper_rule;

typedef struct keeper {
    int32_t capacity; // most moments at a time, at least KEEPER_LEAST
    keeper_rule rule;
    int32_t role_levels[KEEPER_ROLES];
    float best, worst;
    int32_t longest;
    int64_t counts[KEEPER_LEVELS]; // candidates so far, by level
    int64_t update, begin; // the newest, and the step at which it began; -1 before the first
} keeper;

void keeper_init(keeper *k, int32_t capacity);

// Takes in the next episode. *level: that of a candidate, else -1. True if it is to be kept; what
// was kept before and k->rule does not keep any more is to go.
bool keeper_offer(keeper *k, const trm_episode *ep, int32_t *level);

// A moment that is there. After episodes that were all offered this changes nothing; where some
// were not, because the metrics do not tell of them, it makes up for them. `counts`: moments that
// are there by level; for keeper_settle after the last.
void keeper_recall(keeper *k, const trm_episode *ep, int32_t level, int64_t counts[KEEPER_LEVELS]);
void keeper_settle(keeper *k, const int64_t counts[KEEPER_LEVELS]);

// How many moments the rule keeps.
int64_t keeper_count(const keeper *k);

bool keeper_keeps(const keeper_rule *rule, int64_t episode, int32_t level);

#endif
