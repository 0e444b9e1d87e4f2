// SPDX-License-Identifier: Apache-2.0
#include "run/record/retention.h"

#include <assert.h>
#include <math.h>

trm_retention_event trm_retention_episode(const trm_episode *ep) {
    const double reward = (double)ep->reward;
    return (trm_retention_event){.number = ep->episode,
                                 .update = ep->update,
                                 .begin = ep->step - ep->length,
                                 .worth = {[RETENTION_FIRST_SUCCESS] = ep->success ? 1 : -INFINITY,
                                           [RETENTION_BEST] = reward,
                                           [RETENTION_WORST] = -reward,
                                           [RETENTION_LONGEST] = ep->length,
                                           [RETENTION_LAST] = -INFINITY}};
}

// By exact answers, of equals by cells: one sample more of the most that there can be outweighs all
// cells.
static double quality(const trm_score *score) {
    enum { MOST_SAMPLES_BITS = 20 };
    return ldexp(score->exact_accuracy, MOST_SAMPLES_BITS) + score->cell_accuracy;
}

trm_retention_event trm_retention_epoch(int64_t epoch, const trm_score *score) {
    return (trm_retention_event){
        .number = epoch,
        .update = epoch,
        .begin = epoch * RETENTION_SPACING,
        .worth = {[RETENTION_FIRST_SUCCESS] = score->exact_accuracy > 0 ? 1 : -INFINITY,
                  [RETENTION_BEST] = quality(score),
                  [RETENTION_WORST] = -quality(score),
                  [RETENTION_LONGEST] = -INFINITY,
                  [RETENTION_LAST] = (double)epoch}};
}

void trm_retention_init(trm_retention *k, int32_t capacity) {
    assert(capacity >= RETENTION_LEAST);
    *k = (trm_retention){.capacity = capacity, .update = -1, .begin = -1};
    for (int32_t i = 0; i < RETENTION_ROLES; i++) {
        k->rule.numbers[i] = -1;
        k->most[i] = -INFINITY;
    }
}

bool trm_retention_keeps(const trm_retention_rule *rule, int64_t number, int32_t level) {
    bool kept = level >= rule->level;
    for (int32_t i = 0; i < RETENTION_ROLES; i++)
        kept |= rule->numbers[i] == number;
    return kept;
}

// The level of an update that begins there: the highest bit in which the multiples of the spacing
// up to there and up to the one before differ.
static int32_t level_of(trm_retention *k, const trm_retention_event *first) {
    int64_t before = k->begin;
    k->update = first->update;
    k->begin = first->begin;
    if (before < 0)
        return RETENTION_LEVELS - 1;
    uint64_t differ =
        (uint64_t)(k->begin / RETENTION_SPACING) ^ (uint64_t)(before / RETENTION_SPACING);
    int32_t level = -1;
    for (; differ != 0 && level < RETENTION_LEVELS - 1; differ >>= 1)
        level++;
    return level;
}

static void give_roles(trm_retention *k, const trm_retention_event *event, int32_t level) {
    for (int32_t role = 0; role < RETENTION_ROLES; role++) {
        if (!(event->worth[role] > k->most[role]))
            continue;
        k->most[role] = event->worth[role];
        k->rule.numbers[role] = event->number;
        k->role_levels[role] = level;
    }
}

int64_t trm_retention_count(const trm_retention *k) {
    int64_t n = 0;
    for (int64_t level = k->rule.level; level < RETENTION_LEVELS; level++)
        n += k->counts[level];
    for (int32_t i = 0; i < RETENTION_ROLES; i++) {
        bool counts = k->rule.numbers[i] >= 0 && k->role_levels[i] < k->rule.level;
        for (int32_t j = 0; j < i; j++)
            counts &= k->rule.numbers[j] != k->rule.numbers[i];
        n += counts;
    }
    return n;
}

static void thin(trm_retention *k) {
    while (trm_retention_count(k) > k->capacity && k->rule.level < RETENTION_LEVELS - 1)
        k->rule.level++;
}

bool trm_retention_offer(trm_retention *k, const trm_retention_event *event, int32_t *level) {
    *level = event->update != k->update ? level_of(k, event) : -1;
    if (*level >= 0)
        k->counts[*level]++;
    give_roles(k, event, *level);
    thin(k);
    return trm_retention_keeps(&k->rule, event->number, *level);
}

void trm_retention_recall(trm_retention *k, const trm_retention_event *event, int32_t level,
                          int64_t counts[RETENTION_LEVELS]) {
    if (level >= 0)
        counts[level]++;
    give_roles(k, event, level);
}

void trm_retention_commit(trm_retention *k, const int64_t counts[RETENTION_LEVELS], int64_t last) {
    for (int32_t level = 0; level < RETENTION_LEVELS; level++)
        if (counts[level] > k->counts[level])
            k->counts[level] = counts[level];
    if (k->rule.numbers[RETENTION_LAST] != last)
        k->rule.numbers[RETENTION_LAST] = -1;
    thin(k);
}
