// SPDX-License-Identifier: Apache-2.0
// What the tests of the record share: trainings of both kinds that record themselves.
#ifndef TESTS_RUN_RECORD_SUPPORT_H
#define TESTS_RUN_RECORD_SUPPORT_H

#include <stdint.h>

#include "trm/run/config.h"
#include "trm/run/record.h"

typedef enum training_kind { BY_EPISODES, BY_EPOCHS, TRAINING_KINDS } training_kind;

// A preset and words for it, NULL at the end.
trm_config config_of(const char *const *words);
#define CONFIG(...) config_of((const char *const[]){__VA_ARGS__, NULL})

// The head of a CONFIG: a supervised run of two batches an epoch and ten validation samples.
#define SUPERVISED                                                                                 \
    "mazes-8-fixed-trm", "data.train=24", "data.validation=10", "data.test=10", "train.batch=12",  \
        "train.lr=0.01", "train.epochs=100"

// A tiny training of a kind, with one word.
trm_config small_training(training_kind kind, const char *word);

// DIR/NAME, in one of four buffers taken in turn.
const char *inside(const char *dir, const char *name);

// A run of so many episodes or epochs in `path`, with a look after every advance (NULL: none).
void run_until(const trm_config *c, const char *path, int64_t length,
               void (*look)(const char *path));

// Goes on with the run in `path` up to so many, in `note` what resuming says of it.
void go_on_until(const char *path, int64_t length, char *note, int size);

trm_record *open_record(const char *path); // never NULL

void assert_same_file(const char *a, const char *b, const char *name);

// The lines and the weights of every moment, and no other weights.
void assert_same_record(const char *a, const char *b);

#endif
