// SPDX-License-Identifier: Apache-2.0
// Every stream of random numbers (trm_rng_seed) that the program draws from, so that no two draws
// that should be independent ever share one.
//
// The numbers are part of what a seed means: recorded runs and published results depend on them, so
// they stay. Streams are told apart by seed and number. Most seeds are the run's; these are not:
//
// - Data sets of a run add a multiple of 2^32 to its seed: 0 for the training and the validation
//   samples, 1 for the test samples, 2 and up for the samples of each epoch that has its own.
// - A board's number is the seed of TRM_STREAM_BOARD, and of nothing else; a supervision step's is
//   that of TRM_STREAM_RESTART.
// - The transformer draws a seed for every sample's dropout; its streams count that sample's masks.
//
// Some numbers are used twice, but never in the same run: TRM_STREAM_ENVS belongs to policies, and
// TRM_STREAM_ORDER and TRM_STREAM_DROPOUT to supervised runs. A policy and a supervised model that
// are trained with one seed therefore share numbers, though not what the numbers decide.
#ifndef TRM_BASE_STREAMS_H
#define TRM_BASE_STREAMS_H

#include "trm/base/api.h"

TRM_BEGIN_DECLS

// Runs that draw from a stream.
enum { TRM_STREAMS_POLICY = 1, TRM_STREAMS_SUPERVISED = 2, TRM_STREAMS_ANY = 3 };

// X(name, first number, how many there are in a row, runs)
#define TRM_STREAM_TABLE(X)                                                                        \
    /* first weights */                                                                            \
    X(INIT, 0, 1, ANY)                                                                             \
    /* environment i of training: its starts and the actions sampled in it */                      \
    X(ENVS, 1, 4096, POLICY)                                                                       \
    /* order of the training samples */                                                            \
    X(ORDER, 1, 1, SUPERVISED)                                                                     \
    /* dropout in part i of a batch */                                                             \
    X(DROPOUT, 2, 65536, SUPERVISED)                                                               \
    /* samples of data sets, by the side of the split */                                           \
    X(DATA_TRAIN, 1 << 20, 1, ANY)                                                                 \
    X(DATA_HELD_OUT, (1 << 20) + 1, 1, ANY)                                                        \
    /* a diagnosis: episodes at random, sampled, greedy; noise put on the logits; places where     \
       gradients are compared; the training signal */                                              \
    X(DIAGNOSE, 1 << 29, 3, ANY)                                                                   \
    X(DIAGNOSE_NOISE, (1 << 29) + 8, 1, ANY)                                                       \
    X(DIAGNOSE_PLACES, (1 << 29) + 9, 1, ANY)                                                      \
    X(DIAGNOSE_SIGNAL, (1 << 29) + 10, 1, ANY)                                                     \
    /* starts of an evaluation */                                                                  \
    X(EVALUATION, 1 << 30, 1, ANY)                                                                 \
    /* starts of the episodes played after training */                                             \
    X(PLAYBACK, (1 << 30) + 1, 1, ANY)                                                             \
    /* the start of a numbered board */                                                            \
    X(BOARD, (1 << 30) + 2, 1, ANY)                                                                \
    /* answers at random */                                                                        \
    X(CHANCE_ANSWERS, (1 << 30) + 3, 1, ANY)                                                       \
    /* actions at random. Once this was BOARD's number: `eval --random seed=S` used what had made  \
       board S. No file holds such draws, so they could move. */                                   \
    X(CHANCE_ACTIONS, (1 << 30) + 4, 1, ANY)                                                       \
    /* inputs of speed measurements */                                                             \
    X(BENCH, (1 << 30) + 5, 1, ANY)                                                                \
    /* images of the training samples, by epoch */                                                 \
    X(AUGMENT, (1 << 30) + 6, 1, ANY)                                                              \
    /* a sample of a data set that has a generator of its own; its seed is drawn from DATA_* */    \
    X(SAMPLE, (1 << 30) + 7, 1, ANY)                                                               \
    /* which remembered steps are learned from */                                                  \
    X(REPLAY, (1 << 30) + 8, 1, ANY)                                                               \
    /* noise with which a model begins again; the seed is the supervision step */                  \
    X(RESTART, (1 << 30) + 9, 1, ANY)

#define TRM_STREAM_ENTRY(name, first, count, runs)                                                 \
    TRM_STREAM_##name = (first), TRM_STREAM_##name##_COUNT = (count),
enum { TRM_STREAM_TABLE(TRM_STREAM_ENTRY) };
#undef TRM_STREAM_ENTRY

TRM_END_DECLS

#endif
