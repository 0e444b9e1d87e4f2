// SPDX-License-Identifier: Apache-2.0
#include "train/algorithms/replay_buffer.h"

#include <string.h>

void trm_sum_tree_init(trm_sum_tree *t, trm_arena *a, int32_t leaves_at_least) {
    t->leaves = 1;
    while (t->leaves < leaves_at_least)
        t->leaves *= 2;
    t->node = trm_arena_array(a, 2 * (size_t)t->leaves, sizeof *t->node);
}

void trm_sum_tree_set(trm_sum_tree *t, int32_t leaf, double priority) {
    int32_t at = t->leaves + leaf;
    t->node[at] = priority;
    for (at /= 2; at > 0; at /= 2)
        t->node[at] = t->node[2 * at] + t->node[2 * at + 1];
}

int32_t trm_sum_tree_find(const trm_sum_tree *t, double at) {
    int32_t i = 1;
    while (i < t->leaves) {
        const double left = t->node[2 * i], right = t->node[2 * i + 1];
        i *= 2;
        if (at >= left && right > 0) { // rounding never leads to where there is nothing
            at -= left;
            i++;
        }
    }
    return i - t->leaves;
}

void trm_sum_tree_rebuild(trm_sum_tree *t) {
    for (int32_t i = t->leaves - 1; i > 0; i--)
        t->node[i] = t->node[2 * i] + t->node[2 * i + 1];
}

float trm_n_step_return(const float *rewards, int32_t length, int32_t t, int32_t n, float gamma,
                        int32_t *ahead, float *discount) {
    double sum = 0, factor = 1;
    int32_t k = 0;
    for (; k < n && t + k < length; k++) {
        sum += factor * (double)rewards[t + k];
        factor *= (double)gamma;
    }
    *ahead = k;
    *discount = t + k < length ? (float)factor : 0.0f;
    return (float)sum;
}

void trm_replay_buffer_init(trm_replay_buffer *r, trm_arena *a, int32_t capacity, int32_t most,
                            int32_t dim, int32_t actions) {
    const size_t slots = (size_t)capacity + (size_t)most;
    *r = (trm_replay_buffer){
        .capacity = capacity, .slots = capacity + most, .dim = dim, .actions = actions};
    r->ends = trm_arena_array(a, 2, sizeof *r->ends);
    r->seen = trm_arena_array(a, slots * (size_t)dim, sizeof *r->seen);
    r->legal = trm_arena_array(a, slots * (size_t)actions, sizeof *r->legal);
    r->step = trm_arena_array(a, slots * TRM_STEP_FIELDS, sizeof *r->step);
    r->gained = trm_arena_array(a, slots, sizeof *r->gained);
    r->discount = trm_arena_array(a, slots, sizeof *r->discount);
    r->highest = trm_arena_array(a, 1, sizeof *r->highest);
    *r->highest = 1;
    trm_sum_tree_init(&r->tree, a, r->slots);
    r->tree_kept = trm_arena_array(a, 2 * (size_t)r->tree.leaves, sizeof *r->tree_kept);
}

double trm_replay_buffer_bytes(int32_t capacity, int32_t most, int32_t dim, int32_t actions) {
    const double tree = 8 * sizeof(double); // twice, and rounded up to a power of two
    return ((double)capacity + most) *
           (4.0 * dim + actions + 8.0 * TRM_STEP_FIELDS + 2 * 4.0 + tree);
}

static size_t tree_bytes(const trm_replay_buffer *r) {
    return 2 * (size_t)r->tree.leaves * sizeof(double);
}

void trm_replay_buffer_begin(trm_replay_buffer *r) {
    memcpy(r->tree_kept, r->tree.node, tree_bytes(r));
    r->highest_kept = *r->highest;
}

int32_t trm_replay_buffer_room(trm_replay_buffer *r) {
    const int32_t slot = (int32_t)((r->ends[0] + r->added++) % r->slots);
    trm_sum_tree_set(&r->tree, slot, *r->highest);
    return slot;
}

static void clear(trm_replay_buffer *r, int32_t slot) {
    const size_t i = (size_t)slot;
    memset(r->seen + i * (size_t)r->dim, 0, (size_t)r->dim * sizeof *r->seen);
    memset(r->legal + i * (size_t)r->actions, 0, (size_t)r->actions * sizeof *r->legal);
    memset(trm_replay_buffer_step(r, slot), 0, TRM_STEP_FIELDS * sizeof *r->step);
    r->gained[i] = r->discount[i] = 0;
    trm_sum_tree_set(&r->tree, slot, 0);
}

void trm_replay_buffer_commit(trm_replay_buffer *r) {
    r->ends[0] += r->added;
    r->added = 0;
    while (r->ends[0] - r->ends[1] > r->capacity)
        clear(r, (int32_t)(r->ends[1]++ % r->slots));
}

void trm_replay_buffer_set_back(trm_replay_buffer *r) {
    for (; r->added > 0; r->added--)
        clear(r, (int32_t)((r->ends[0] + r->added - 1) % r->slots));
    memcpy(r->tree.node, r->tree_kept, tree_bytes(r));
    *r->highest = r->highest_kept;
}

int32_t trm_replay_buffer_draw(const trm_replay_buffer *r, int32_t i, int32_t n, trm_rng *rng) {
    return trm_sum_tree_find(&r->tree,
                             trm_sum_tree_total(&r->tree) * (i + trm_rng_double(rng)) / n);
}
