// SPDX-License-Identifier: Apache-2.0
// From rewards to the weights of log-probabilities.
#ifndef TRM_TRAIN_RETURNS_H
#define TRM_TRAIN_RETURNS_H

#include <stdint.h>

// Exponential means of the return and of its square over updates.
typedef struct trm_baseline {
    double mean, square;
    double count; // updates so far
} trm_baseline;

// returns[t] = rewards[t] + gamma * returns[t + 1]. In double, as the original's Python.
void trm_returns_discount(float *returns, const float *rewards, int32_t n, float gamma);

// The original's normalisation within one episode: (x - mean) / (std + 1e-6) with the n-1 standard
// deviation, when n > 1 and std > 1e-6; else unchanged. (trm_rl.py: train_rl_with_deep_supervision)
void trm_returns_normalise(float *returns, int32_t n);

// What the original's (T,1) by (T) product makes of it: the mean of all T*T products of
// log-probability and return is the product of their means, so every step has the mean as weight.
void trm_returns_broadcast(float *returns, int32_t n);

// Takes in the mean return and mean squared return of an update. `rate` is the newest one's share
// once there are 1 / rate of them; before that all count alike.
void trm_baseline_update(trm_baseline *b, double mean, double square, float rate);

// returns = (returns - mean) / (std + 1e-6) with the running mean and deviation.
void trm_baseline_apply(const trm_baseline *b, float *returns, int32_t n);

#endif
