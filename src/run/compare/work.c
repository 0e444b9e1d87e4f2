// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/cluster/impl.h"
#include "run/compare/impl.h"
#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/run/course.h"

static const double TURN = 0.05; // seconds that a run is kept before the next has its turn

static double share(const trm_compare_job *j) {
    return (double)j->run.episodes / (double)j->run.episodes_total;
}

// The run that is due: of the first seed that has any, the one that is furthest behind. NULL: every
// run has ended or is with another thread, which will finish it. there: for another rank, which
// cannot go on with one that has begun here.
static trm_compare_job *due(trm_compare *c, bool there) {
    trm_compare_job *best = NULL;
    for (int32_t i = 0; i < c->count * c->seeds; i++) {
        trm_compare_job *j = &c->jobs[i];
        if (j->busy || compare_ended(j->run.state) || (there && j->course != NULL))
            continue;
        if (best != NULL && j->seed_index > best->seed_index)
            break;
        if (best == NULL || share(j) < share(best))
            best = j;
    }
    return best;
}

static trm_compare_job *take(trm_compare *c, bool there) {
    pthread_mutex_lock(&c->queue);
    while (c->paused && !atomic_load(&c->stop))
        pthread_cond_wait(&c->wake, &c->queue);
    trm_compare_job *j = atomic_load(&c->stop) ? NULL : due(c, there);
    if (j != NULL)
        j->busy = true;
    pthread_mutex_unlock(&c->queue);
    return j;
}

static void give_back(trm_compare *c, trm_compare_job *j) {
    pthread_mutex_lock(&c->queue);
    j->busy = false;
    pthread_mutex_unlock(&c->queue);
}

static void end(trm_compare_job *j, trm_compare_state state, const trm_error *e) {
    trm_course_free(j->course);
    j->course = NULL;
    pthread_mutex_lock(&j->lock);
    j->run.state = state;
    if (e != NULL)
        j->run.error = *e;
    pthread_mutex_unlock(&j->lock);
}

static bool begin(trm_compare_job *j) {
    trm_config c = j->owner->entries[j->run.config].config;
    trm_error e = {0};
    c.seed = j->run.seed;
    j->course = trm_run_course(&c, &e);
    if (j->course == NULL || !trm_run_begin(j->course, &c, &e)) {
        end(j, TRM_COMPARE_FAILED, &e);
        return false;
    }
    pthread_mutex_lock(&j->lock);
    j->run.state = TRM_COMPARE_RUNNING;
    pthread_mutex_unlock(&j->lock);
    return true;
}

static void thin(float *seconds, int32_t points) {
    for (int32_t i = 0; i < points / 2; i++)
        seconds[i] = seconds[2 * i + 1];
}

// Adds an episode to the curve; when the history makes two points one, so do the seconds.
static void add(trm_compare_job *j, const trm_episode *ep) {
    trm_history *h = &j->curve.history;
    const int64_t width = h->width;
    trm_history_add(h, ep);
    if (h->width != width)
        thin(j->curve.seconds, TRM_HISTORY_POINTS);
    j->curve.seconds[h->count - 1] = (float)j->spent;
    const bool full = h->episodes >= TRM_HISTORY_WINDOW;
    const long successes = lrintf(trm_history_success50(h) * TRM_HISTORY_WINDOW);
    if (j->run.reached_episode < 0 && full && successes >= TRM_COMPARE_REACHED) {
        j->run.reached_episode = h->episodes;
        j->run.reached_seconds = j->spent;
    }
}

void trm_compare_add_episodes(trm_compare_job *j, const trm_episode *episodes, int32_t count) {
    trm_compare_run *r = &j->run;
    const trm_history *h = &j->curve.history;
    for (int32_t i = 0; i < count; i++)
        add(j, &episodes[i]);
    r->success50 = trm_history_success50(h);
    r->mean50 = trm_history_mean50(h);
    r->window = trm_history_window(h);
    r->best_reward = h->best_reward;
    r->first_success = h->first_success;
}

void trm_compare_add_epoch(trm_compare_job *j, const trm_epoch *epoch) {
    static const double SOLVED = 0.98;
    trm_compare_run *r = &j->run;
    trm_history_epochs *k = &j->curve.history.epochs;
    const int64_t stride = k->stride;
    trm_history_add_epoch(&j->curve.history, epoch);
    if (k->stride != stride)
        thin(j->curve.seconds, TRM_HISTORY_CURVE);
    if (k->seen % k->stride == 0)
        j->curve.seconds[k->count - 1] = (float)j->spent;
    r->validation_cells = epoch->score.cell_accuracy;
    r->validation_exact = epoch->score.exact_accuracy;
    if (r->reached_episode < 0 && r->validation_exact >= SOLVED) {
        r->reached_episode = epoch->epoch + 1;
        r->reached_seconds = j->spent;
    }
}

static void publish(trm_compare_job *j, const trm_advance *a) {
    trm_compare_run *r = &j->run;
    const trm_course_counts n = trm_course_count(j->course);
    pthread_mutex_lock(&j->lock);
    r->episodes = n.done;
    r->updates = n.advances;
    r->steps = a->unit == TRM_UNIT_EPISODE ? n.steps : 0;
    r->seconds = j->spent;
    if (a->unit == TRM_UNIT_EPISODE)
        trm_compare_add_episodes(j, a->update.episodes, a->update.count);
    else
        trm_compare_add_epoch(j, &a->epoch);
    pthread_mutex_unlock(&j->lock);
}

// The final score, on samples that no epoch was judged by.
static void take_score(trm_compare_job *j) {
    trm_score score;
    if (!trm_course_score(j->course, NULL, NULL, &score))
        return;
    pthread_mutex_lock(&j->lock);
    j->run.test_cells = score.cell_accuracy;
    j->run.test_exact = score.exact_accuracy;
    j->run.test_recall = score.path_recall;
    pthread_mutex_unlock(&j->lock);
}

// A run as another rank tells of it.
typedef struct told {
    trm_compare_run run;
    trm_compare_course curve;
} told;

static bool go_on(void *ctx, const trm_course_step *step) {
    trm_compare_job *j = ctx;
    (void)step;
    if (j->heartbeat && trm_heartbeat_due(j->heartbeat)) {
        const told t = {j->run, j->curve};
        if (!trm_heartbeat_beat(j->heartbeat, &t))
            atomic_store(&j->owner->stop, true);
    }
    return !atomic_load_explicit(&j->owner->stop, memory_order_relaxed);
}

// Trains until the turn, the run or the comparison is over.
static void train(trm_compare *c, trm_compare_job *j, double turn) {
    const trm_step_callback callback = {go_on, j};
    const double until = trm_clock_now() + turn;
    trm_error e = {0};
    trm_advance a;
    for (double now = trm_clock_now(); now < until && !atomic_load(&c->hold);) {
        const trm_outcome outcome = trm_course_advance(j->course, &callback, &a, &e);
        const double after = trm_clock_now();
        j->spent += after - now;
        now = after;
        if (outcome == TRM_UPDATE_FAILED) {
            end(j, TRM_COMPARE_FAILED, &e);
            return;
        }
        if (outcome == TRM_UPDATE_ABANDONED)
            return;
        publish(j, &a);
        if (trm_course_done(j->course)) {
            take_score(j);
            end(j, TRM_COMPARE_DONE, NULL);
            return;
        }
    }
}

// ---- runs of other ranks ------------------------------------------------------------------------

static void *open_configs(const void *setup, size_t bytes, uint64_t *boards, trm_error *e) {
    const trm_config *configs = setup;
    trm_compare *c = trm_alloc(1, sizeof *c);
    c->count = (int32_t)(bytes / sizeof *configs);
    c->supervised = trm_config_supervised(configs);
    for (int32_t i = 0; i < c->count; i++) {
        c->entries[i].config = configs[i];
        // what a rank makes is the same; what it reads may not be
        if (configs[i].env.puzzles[0] == '\0' && configs[i].env.mazes[0] == '\0')
            continue;
        trm_course *course = trm_run_course(&configs[i], e);
        if (course == NULL) {
            free(c);
            return NULL;
        }
        *boards = trm_cluster_hash_boards(*boards, course);
        trm_course_free(course);
    }
    return c;
}

// Which run.
typedef struct item {
    int32_t config;
    int64_t seed;
} item;

// To its end, wherever the rest is computed.
static bool do_run(void *state, const void *bytes, void *result, trm_heartbeat *heartbeat,
                   trm_error *e) {
    const item *x = bytes;
    trm_compare *owner = trm_alloc(1, sizeof *owner); // with a flag of its own to stop it
    trm_compare_job *j = trm_alloc(1, sizeof *j);
    memcpy(owner, state, sizeof *owner);
    trm_compare_set_job(owner, j, x->config, x->seed);
    j->heartbeat = heartbeat;
    if (begin(j))
        train(owner, j, INFINITY);
    const bool stopped = j->run.state == TRM_COMPARE_RUNNING;
    trm_course_free(j->course);
    const told t = {j->run, j->curve};
    memcpy(result, &t, sizeof t);
    pthread_mutex_destroy(&j->lock);
    free(j);
    free(owner);
    return !stopped || trm_error_set(e, TRM_E_STOPPED, "interrupted");
}

const trm_work_kind trm_work_compare = {open_configs, free, do_run};

bool trm_compare_join_workers(trm_compare *c, trm_peers *peers, trm_error *e) {
    trm_config configs[TRM_COMPARE_CONFIGS];
    for (int32_t i = 0; i < c->count; i++)
        configs[i] = c->entries[i].config;
    const trm_workers_request request = {.kind = &trm_work_compare,
                                         .threads = c->threads,
                                         .setup = configs,
                                         .setup_bytes = (size_t)c->count * sizeof *configs,
                                         .item_bytes = sizeof(item),
                                         .result_bytes = sizeof(told)};
    c->workers = trm_workers_open(peers, &request, e);
    return c->workers != NULL;
}

static void take_in(trm_compare_job *j, const told *t) {
    pthread_mutex_lock(&j->lock);
    j->run = t->run;
    j->curve = t->curve;
    pthread_mutex_unlock(&j->lock);
}

// Where it stands there. The answer waits while the comparison is paused.
static bool hear(void *ctx, const void *result) {
    trm_compare_job *j = ctx;
    trm_compare *c = j->owner;
    take_in(j, result);
    pthread_mutex_lock(&c->queue);
    while (c->paused && !atomic_load(&c->stop))
        pthread_cond_wait(&c->wake, &c->queue);
    pthread_mutex_unlock(&c->queue);
    return !atomic_load(&c->stop);
}

static void train_there(trm_compare *c, trm_compare_job *j, int32_t slot) {
    const item x = {j->run.config, j->run.seed};
    const trm_heartbeat heartbeat = {.beat = hear, .ctx = j};
    told *t = trm_alloc(1, sizeof *t);
    trm_workers_do(c->workers, slot, &x, t, &heartbeat,
                   NULL); // its state says whether it was stopped
    take_in(j, t);
    free(t);
}

void *trm_compare_work(void *hand) {
    const trm_compare_hand *h = hand;
    trm_compare *c = h->owner;
    const bool there = h->slot >= c->threads;
    for (trm_compare_job *j; (j = take(c, there)) != NULL; give_back(c, j))
        if (there)
            train_there(c, j, h->slot);
        else if (j->course != NULL || begin(j))
            train(c, j, c->workers ? INFINITY : TURN);
    pthread_mutex_lock(&c->queue);
    c->working--;
    pthread_mutex_unlock(&c->queue);
    return NULL;
}
