// SPDX-License-Identifier: Apache-2.0
// What is left of a run when something went wrong, and what it must come to.
#ifndef TRM_TESTS_FAULTS_RUN_H
#define TRM_TESTS_FAULTS_RUN_H

#include <stdbool.h>
#include <stdint.h>

// Fails unless every file of the run that is there is whole: config.json and result.json are JSON,
// the checkpoint is safetensors, the metrics are lines of episodes or epochs 0, 1, 2, …, none
// twice, none missing, but for one part of a line at the end. Returns how many there are.
int64_t assert_sound(const char *run);

// Fails unless both runs have the same config.json, checkpoint and record to the byte, and the same
// metrics and result but for the clock.
void assert_same_run(const char *left, const char *right);

// The same numbers for the same seed.
uint64_t random_next(uint64_t *state);
uint64_t random_below(uint64_t *state, uint64_t bound);

// The variable's value as a whole number, or the one given.
int64_t setting(const char *variable, int64_t otherwise);

#endif
