// SPDX-License-Identifier: Apache-2.0
// Small learners, and comparing them bit for bit.
#ifndef TRM_TESTS_TRAIN_SUPPORT_H
#define TRM_TESTS_TRAIN_SUPPORT_H

#include "../support/check.h"
#include "trm/train/course.h"

typedef struct small_setup {
    trm_env_config env;
    trm_model_config model;
    trm_train_config train;
} small_setup;

// A 3x3 maze, trm-full with h 8, l 4, K 2, 20 episodes.
small_setup small_default(void);

// A learner of that; fails the test if there is none.
trm_learner *small_learner(const small_setup *s, uint64_t seed);

// The same as a course.
trm_course *small_course(const small_setup *s, uint64_t seed);

// So many updates, which must all be done.
void small_train(trm_learner *l, int32_t updates);

// Every tensor of both, bit for bit.
void assert_same_learner(trm_learner *a, trm_learner *b);
bool same_learner(trm_learner *a, trm_learner *b);

#endif
