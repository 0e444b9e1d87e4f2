// SPDX-License-Identifier: Apache-2.0
// What a comparison is made of, shared by its threads and its readers.
#ifndef RUN_COMPARE_IMPL_H
#define RUN_COMPARE_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "run/cluster/workers.h"
#include "trm/run/compare.h"
#include "trm/train/course.h"

// One run. `course` and `busy` belong to whoever has taken it off the queue; what is published is
// written by that thread and read under the lock.
typedef struct trm_compare_job {
    struct trm_compare *owner;
    trm_course *course; // NULL before it begins and after it ends
    bool busy;
    int32_t seed_index;
    double spent;             // seconds in advances
    trm_heartbeat *heartbeat; // of one that another rank asked for; NULL
    pthread_mutex_t lock;
    trm_compare_run run;
    trm_compare_course curve;
} trm_compare_job;

typedef struct trm_compare_entry {
    char label[TRM_COMPARE_LABEL];
    trm_config config;
    int64_t parameters;
} trm_compare_entry;

// A thread: the workers' slot that it is, or that it sends runs to.
typedef struct trm_compare_hand {
    struct trm_compare *owner;
    int32_t slot;
    pthread_t thread;
} trm_compare_hand;

struct trm_compare {
    int32_t count, seeds, threads;
    trm_workers *workers; // of all ranks; NULL: there are none but this one
    bool supervised;
    trm_compare_entry entries[TRM_COMPARE_CONFIGS];
    trm_compare_job *jobs; // [seeds, count]

    pthread_mutex_t queue; // guards what follows, and busy
    pthread_cond_t wake;   // paused or stop has changed
    bool paused;
    int32_t working; // threads that have not ended

    struct trm_metrics_tail *
        *tails; // [count] of runs that are followed; NULL: they are trained here

    atomic_bool stop, hold;  // hold: give the run back, for a pause
    trm_compare_hand *hands; // [hand_count]
    int32_t hand_count;
    int32_t started; // threads to join
};

// A thread's work: takes runs until there are none left to take.
void *trm_compare_work(void *hand);

// The same where runs are followed: reads their metrics until all are at their ends.
void *trm_compare_read(void *hand);

// A run before its first advance.
void trm_compare_set_job(trm_compare *c, trm_compare_job *j, int32_t config, int64_t seed);

// Joins the workers of all ranks. Errors name the rank that cannot.
bool trm_compare_join_workers(trm_compare *c, trm_peers *peers, trm_error *e);

// Adds `count` episodes, at j->spent seconds, to the run's curve and figures; under the lock.
void trm_compare_add_episodes(trm_compare_job *j, const trm_episode *episodes, int32_t count);
void trm_compare_add_epoch(trm_compare_job *j, const trm_epoch *epoch); // the same

static inline bool compare_ended(trm_compare_state s) {
    return s != TRM_COMPARE_WAITING && s != TRM_COMPARE_RUNNING;
}

#endif
