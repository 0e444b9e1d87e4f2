// SPDX-License-Identifier: Apache-2.0
#include "run/record/keeper.h"

#include <assert.h>
#include <math.h>

void keeper_init(keeper *k, int32_t capacity) {
    assert(capacity >= KEEPER_LEAST);
    *k = (keeper){.capacity = capacity,
                  .rule.episodes = {-1, -1, -1, -1},
                  .best = -INFINITY,
                  .worst = INFINITY,
                  .update = -1,
                  .begin = -1};
}

bool keeper_keeps(const keeper_rule *rule, int64_t episode, int32_t level) {
    bool kept = level >= rule->level;
    for (int32_t i = 0; i < KEEPER_ROLES; i++)
        kept |= rule->episodes[i] == episode;
    return kept;
}

// The level of an update that begins at a step: the highest bit in which the multiples of the
// spacing up to there and up to the one before differ.
static int32_t level_of(keeper *k, const trm_episode *first) {
    int64_t before = k->begin;
    k->update = first->update;
    k->begin = first->step - first->length;
    if (before < 0)
        return KEEPER_LEVELS - 1;
    uint64_t differ = (uint64_t)(k->begin / KEEPER_SPACING) ^ (uint64_t)(before / KEEPER_SPACING);
    int32_t level = -1;
    for (; differ != 0 && level < KEEPER_LEVELS - 1; differ >>= 1)
        level++;
    return level;
}

static void give(keeper *k, keeper_role role, const trm_episode *ep, int32_t level) {
    k->rule.episodes[role] = ep->episode;
    k->role_levels[role] = level;
}

static void give_roles(keeper *k, const trm_episode *ep, int32_t level) {
    if (ep->success && k->rule.episodes[KEEPER_FIRST_SUCCESS] < 0)
        give(k, KEEPER_FIRST_SUCCESS, ep, level);
    if (ep->reward > k->best) {
        k->best = ep->reward;
        give(k, KEEPER_BEST, ep, level);
    }
    if (ep->reward < k->worst) {
        k->worst = ep->reward;
        give(k, KEEPER_WORST, ep, level);
    }
    if (ep->length > k->longest) {
        k->longest = ep->length;
        give(k, KEEPER_LONGEST, ep, level);
    }
}

int64_t keeper_count(const keeper *k) {
    int64_t n = 0;
    for (int64_t level = k->rule.level; level < KEEPER_LEVELS; level++)
        n += k->counts[level];
    for (int32_t i = 0; i < KEEPER_ROLES; i++) {
        bool counts = k->rule.episodes[i] >= 0 && k->role_levels[i] < k->rule.level;
        for (int32_t j = 0; j < i; j++)
            counts &= k->rule.episodes[j] != k->rule.episodes[i];
        n += counts;
    }
    return n;
}

static void thin(keeper *k) {
    while (keeper_count(k) > k->capacity && k->rule.level < KEEPER_LEVELS - 1)
        k->rule.level++;
}

bool keeper_offer(keeper *k, const trm_episode *ep, int32_t *level) {
    *level = ep->update != k->update ? level_of(k, ep) : -1;
    if (*level >= 0)
        k->counts[*level]++;
    give_roles(k, ep, *level);
    thin(k);
    return keeper_keeps(&k->rule, ep->episode, *level);
}

void keeper_recall(keeper *k, const trm_episode *ep, int32_t level, int64_t counts[KEEPER_LEVELS]) {
    if (level >= 0)
        counts[level]++;
    give_roles(k, ep, level);
}

void keeper_settle(keeper *k, const int64_t counts[KEEPER_LEVELS]) {
    for (int32_t level = 0; level < KEEPER_LEVELS; level++)
        if (counts[level] > k->counts[level])
            k->counts[level] = counts[level];
    thin(k);
}
