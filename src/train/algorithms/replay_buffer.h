// SPDX-License-Identifier: Apache-2.0
// A memory of steps for learning from values: whole episodes in the order they were played, the
// oldest forgotten first, drawn in proportion to priorities (Schaul and others, "Prioritized
// Experience Replay", 2016, with a sum tree). Allocates only when it is made.
#ifndef TRM_TRAIN_REPLAY_BUFFER_H
#define TRM_TRAIN_REPLAY_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/arena.h"
#include "trm/base/rng.h"

// Sums of priorities over a binary tree: node 1 is the root, node i has children 2 i and 2 i + 1.
typedef struct trm_sum_tree {
    int32_t leaves; // a power of two
    double *node;   // [2 * leaves]; leaf i is node leaves + i
} trm_sum_tree;

void trm_sum_tree_init(trm_sum_tree *t, trm_arena *a, int32_t leaves_at_least);
void trm_sum_tree_set(trm_sum_tree *t, int32_t leaf, double priority);
static inline double trm_sum_tree_get(const trm_sum_tree *t, int32_t leaf) {
    return t->node[t->leaves + leaf];
}
static inline double trm_sum_tree_total(const trm_sum_tree *t) {
    return t->node[1];
}
// The leaf in which `at` of 0 .. total lies when the leaves lie side by side; never one of priority
// 0 unless all are.
int32_t trm_sum_tree_find(const trm_sum_tree *t, double at);
void trm_sum_tree_rebuild(trm_sum_tree *t); // from the leaves

// What n steps brought from step t of an episode of `length` steps on: the sum of gamma^k reward
// over the next n, or as many as there are. *ahead: how many; *discount: gamma^ahead, or 0 where
// the episode is over by then, and nothing is left to add.
float trm_n_step_return(const float *rewards, int32_t length, int32_t t, int32_t n, float gamma,
                        int32_t *ahead, float *discount);

// What is kept of a step: the action before (-1: none), its own, and how many slots on the step is
// that is looked ahead to.
enum { TRM_STEP_PREV, TRM_STEP_ACTION, TRM_STEP_AHEAD, TRM_STEP_FIELDS };

// A ring of `capacity` remembered steps and room for those of an update that is not done yet: until
// trm_replay_buffer_commit those can be taken back. Slots that hold nothing are all 0.
typedef struct trm_replay_buffer {
    int32_t capacity, slots, dim, actions;
    int64_t *ends;   // [2] steps ever remembered, and how many are forgotten: slot = step % slots
    int64_t added;   // of the update that is not done
    float *seen;     // [slots, dim]
    bool *legal;     // [slots, actions]; what may be done
    int64_t *step;   // [slots, TRM_STEP_FIELDS]
    float *gained;   // [slots] as trm_n_step_return
    float *discount; // [slots]
    trm_sum_tree tree;
    double *highest; // [1] priority so far, which new steps get
    double *tree_kept, highest_kept;
} trm_replay_buffer;

// most: steps of one update.
void trm_replay_buffer_init(trm_replay_buffer *r, trm_arena *a, int32_t capacity, int32_t most,
                            int32_t dim, int32_t actions);
double trm_replay_buffer_bytes(int32_t capacity, int32_t most, int32_t dim, int32_t actions);

void trm_replay_buffer_begin(trm_replay_buffer *r); // an update
int32_t
trm_replay_buffer_room(trm_replay_buffer *r); // the slot of the next step, its priority the highest
void trm_replay_buffer_commit(trm_replay_buffer *r);   // forgets what is more than the capacity
void trm_replay_buffer_set_back(trm_replay_buffer *r); // as at trm_replay_buffer_begin

static inline int64_t *trm_replay_buffer_step(const trm_replay_buffer *r, int32_t slot) {
    return r->step + (int64_t)slot * TRM_STEP_FIELDS;
}

static inline int64_t trm_replay_buffer_count(const trm_replay_buffer *r) {
    return r->ends[0] + r->added - r->ends[1];
}

// Draws a slot in proportion to priorities from part i of n equal parts of their sum.
int32_t trm_replay_buffer_draw(const trm_replay_buffer *r, int32_t i, int32_t n, trm_rng *rng);

#endif
