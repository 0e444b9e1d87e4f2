// SPDX-License-Identifier: Apache-2.0
// Which moments of a training are kept. A pure function of its episodes or epochs so far, in order:
// it knows no files, and a run that was interrupted keeps the same moments as one that was not.
//
// Moments are spread by environment steps, or by epochs. The first event of an update is a
// candidate if the update is the first to begin at or after a multiple of RETENTION_SPACING; its
// level is the largest k for which that holds of a multiple of RETENTION_SPACING << k. When there
// are too many, the level from which candidates stay goes up by one, and every other one goes.
// Events with a role stay whatever their level.
#ifndef RUN_RECORD_RETENTION_H
#define RUN_RECORD_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/train/learner.h"
#include "trm/train/supervised.h"

enum { RETENTION_SPACING = 64, RETENTION_LEVELS = 48, RETENTION_LEAST = 6 };

typedef enum trm_retention_role {
    RETENTION_FIRST_SUCCESS, // of epochs: the first that answers a sample right in every cell
    RETENTION_BEST,
    RETENTION_WORST,
    RETENTION_LONGEST, // of episodes
    RETENTION_LAST,    // of epochs
    RETENTION_ROLES
} trm_retention_role;

// An episode or an epoch. The one that is worth most has a role, of equals the first; -INFINITY:
// this one cannot have it.
typedef struct trm_retention_event {
    int64_t number, update; // events of one update have the same weights
    int64_t begin;          // what moments are spread by
    double worth[RETENTION_ROLES];
} trm_retention_event;

trm_retention_event trm_retention_episode(const trm_episode *ep);
trm_retention_event trm_retention_epoch(int64_t epoch, const trm_score *score);

// What stays: moments from a level on, and the events that have a role (-1: none has).
typedef struct trm_retention_rule {
    int64_t level;
    int64_t numbers[RETENTION_ROLES];
} trm_retention_rule;

typedef struct trm_retention {
    int32_t capacity; // most moments at a time, at least RETENTION_LEAST
    trm_retention_rule rule;
    int32_t role_levels[RETENTION_ROLES];
    double most[RETENTION_ROLES];     // what the events with a role are worth
    int64_t counts[RETENTION_LEVELS]; // candidates so far, by level
    int64_t update, begin;            // of the newest; -1 before the first
} trm_retention;

void trm_retention_init(trm_retention *k, int32_t capacity);

// Takes in the next event. *level: that of a candidate, else -1. True if it is to be kept; what
// was kept before and k->rule does not keep any more is to go.
bool trm_retention_offer(trm_retention *k, const trm_retention_event *event, int32_t *level);

// A moment that is there. After events that were all offered this changes nothing; where some were
// not, because the metrics do not tell of them, it makes up for them. `counts`: moments that are
// there by level. trm_retention_commit comes after the last of them; last: its number, -1 if there
// is none. The newest epoch may be missing, as a later one took its place before the run was cut
// back.
void trm_retention_recall(trm_retention *k, const trm_retention_event *event, int32_t level,
                          int64_t counts[RETENTION_LEVELS]);
void trm_retention_commit(trm_retention *k, const int64_t counts[RETENTION_LEVELS], int64_t last);

// How many moments the rule keeps.
int64_t trm_retention_count(const trm_retention *k);

bool trm_retention_keeps(const trm_retention_rule *rule, int64_t number, int32_t level);

#endif
