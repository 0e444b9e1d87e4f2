// SPDX-License-Identifier: Apache-2.0
// A comparison of runs that are recorded, or that other processes train: one thread reads their
// metrics as they grow.
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run/compare/impl.h"
#include "run/rundir/files.h"
#include "run/rundir/metrics.h"
#include "trm/base/arena.h"

enum { LOOK_MS = 500 };

// What was counted is of lines that are gone: the run was resumed from before them.
static void forget(trm_compare_job *j) {
    trm_compare_run *r = &j->run;
    trm_history_init(&j->curve.history);
    r->episodes = r->updates = r->steps = 0;
    r->first_success = r->reached_episode = -1;
    r->reached_seconds = (double)NAN;
    r->best_reward = -INFINITY;
    r->validation_cells = r->validation_exact = (double)NAN;
}

static void take_line(void *ctx, const trm_metrics_entry *x) {
    trm_compare_job *j = ctx;
    const trm_episode *ep = &x->episode.episode;
    pthread_mutex_lock(&j->lock);
    if (x->number < j->run.episodes)
        forget(j);
    j->spent = x->seconds;
    j->run.episodes = x->number + 1;
    if (j->owner->supervised) {
        trm_compare_add_epoch(j, &x->epoch.epoch);
        j->run.updates = j->run.episodes;
    } else {
        trm_compare_add_episodes(j, ep, 1);
        j->run.updates = ep->update + 1;
        j->run.steps = ep->step;
    }
    j->run.seconds = x->seconds;
    j->run.state =
        j->run.episodes >= j->run.episodes_total ? TRM_COMPARE_DONE : TRM_COMPARE_RUNNING;
    pthread_mutex_unlock(&j->lock);
}

// Half a second, or until the comparison is stopped. False: it is, or every run is at its end.
static bool wait(trm_compare *c) {
    struct timespec at;
    bool any = false;
    for (int32_t i = 0; i < c->count; i++)
        any |= !compare_ended(c->jobs[i].run.state); // written by this thread only
    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_nsec += LOOK_MS * 1000000L;
    at.tv_sec += at.tv_nsec / 1000000000L;
    at.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&c->queue);
    if (any && !atomic_load(&c->stop))
        pthread_cond_timedwait(&c->wake, &c->queue, &at);
    while (c->paused && !atomic_load(&c->stop))
        pthread_cond_wait(&c->wake, &c->queue);
    pthread_mutex_unlock(&c->queue);
    return any && !atomic_load(&c->stop);
}

void *trm_compare_read(void *compare) {
    trm_compare *c = compare;
    trm_metrics_change change;
    trm_error ignored; // a run may have no metrics yet, or be gone: its curve stays as it is
    do {
        for (int32_t i = 0; i < c->count; i++)
            trm_metrics_tail_read(c->tails[i], &change, take_line, &c->jobs[i], &ignored);
    } while (wait(c));
    pthread_mutex_lock(&c->queue);
    c->working--;
    pthread_mutex_unlock(&c->queue);
    return NULL;
}

trm_compare *trm_compare_follow(const char *const *runs, int32_t count, trm_error *e) {
    trm_config configs[TRM_COMPARE_CONFIGS];
    char path[RUN_PATH];
    const trm_compare_request request = {.count = count,
                                         .configs = configs,
                                         .labels = runs,
                                         .seeds = 1,
                                         .seed_first = -1,
                                         .threads = 1};
    for (int32_t i = 0; i < count; i++) {
        if (!trm_file_is_folder(runs[i])) {
            trm_error_set(e, TRM_E_INPUT, "%s: not the folder of a run; --follow compares runs",
                          runs[i]);
            return NULL;
        }
        if (!trm_config_load(&configs[i], runs[i], e))
            return NULL;
    }
    trm_compare *c = trm_compare_new(&request, e);
    if (c == NULL)
        return NULL;
    c->tails = trm_alloc((size_t)count, sizeof *c->tails);
    for (int32_t i = 0; i < count; i++)
        if (trm_files_join(path, runs[i], RUN_METRICS, NULL))
            c->tails[i] =
                trm_metrics_tail_new(path, c->supervised ? TRM_UNIT_EPOCH : TRM_UNIT_EPISODE);
    return c;
}
