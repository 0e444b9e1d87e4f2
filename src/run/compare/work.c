// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "run/compare/impl.h"
#include "trm/base/clock.h"
#include "trm/run/checkpoint.h"

static const double TURN = 0.05; // seconds that a run is kept before the next has its turn

static double share(const compare_job *j) {
    return (double)j->run.episodes / (double)j->run.episodes_total;
}

// The run that is due: of the first seed that has any, the one that is furthest behind. NULL: every
// run has ended or is with another thread, which will finish it.
static compare_job *due(trm_compare *c) {
    compare_job *best = NULL;
    for (int32_t i = 0; i < c->count * c->seeds; i++) {
        compare_job *j = &c->jobs[i];
        if (j->busy || compare_ended(j->run.state))
            continue;
        if (best != NULL && j->seed_index > best->seed_index)
            break;
        if (best == NULL || share(j) < share(best))
            best = j;
    }
    return best;
}

static compare_job *take(trm_compare *c) {
    pthread_mutex_lock(&c->queue);
    while (c->paused && !atomic_load(&c->stop))
        pthread_cond_wait(&c->wake, &c->queue);
    compare_job *j = atomic_load(&c->stop) ? NULL : due(c);
    if (j != NULL)
        j->busy = true;
    pthread_mutex_unlock(&c->queue);
    return j;
}

static void give_back(trm_compare *c, compare_job *j) {
    pthread_mutex_lock(&c->queue);
    j->busy = false;
    pthread_mutex_unlock(&c->queue);
}

void compare_end(compare_job *j, trm_compare_state state, const trm_error *e) {
    trm_learner_free(j->learner);
    trm_lesson_done(&j->lesson);
    j->learner = NULL;
    pthread_mutex_lock(&j->lock);
    j->run.state = state;
    if (e != NULL)
        j->run.error = *e;
    pthread_mutex_unlock(&j->lock);
}

static bool is_open(const compare_job *j) {
    return j->learner != NULL || j->lesson.learner != NULL;
}

static bool begin(compare_job *j) {
    const trm_config *c = &j->owner->entries[j->run.config].config;
    trm_error e = {0};
    if (j->owner->supervised)
        compare_lesson_begin(j, &e);
    else
        j->learner = trm_learner_new(&c->env, &c->model, &c->train, (uint64_t)j->run.seed, &e);
    if (!is_open(j) ||
        (j->learner && !trm_checkpoint_begin(c, trm_learner_model(j->learner), &e))) {
        compare_end(j, TRM_COMPARE_FAILED, &e);
        return false;
    }
    pthread_mutex_lock(&j->lock);
    j->run.state = TRM_COMPARE_RUNNING;
    pthread_mutex_unlock(&j->lock);
    return true;
}

// Adds an episode to the course; when the history makes two points one, so do the seconds.
static void add(compare_job *j, const trm_episode *ep) {
    trm_history *h = &j->course.history;
    const int64_t width = h->width;
    trm_history_add(h, ep);
    if (h->width != width)
        for (int32_t i = 0; i < TRM_HISTORY_POINTS / 2; i++)
            j->course.seconds[i] = j->course.seconds[2 * i + 1];
    j->course.seconds[h->count - 1] = (float)j->spent;
    const bool full = h->episodes >= TRM_HISTORY_WINDOW;
    const long successes = lrintf(trm_history_success50(h) * TRM_HISTORY_WINDOW);
    if (j->run.reached_episode < 0 && full && successes >= TRM_COMPARE_REACHED) {
        j->run.reached_episode = h->episodes;
        j->run.reached_seconds = j->spent;
    }
}

static void publish(compare_job *j, const trm_update *u) {
    trm_compare_run *r = &j->run;
    const trm_history *h = &j->course.history;
    pthread_mutex_lock(&j->lock);
    for (int32_t i = 0; i < u->count; i++)
        add(j, &u->episodes[i]);
    r->episodes = trm_learner_episodes(j->learner);
    r->updates = trm_learner_updates(j->learner);
    r->steps = trm_learner_steps(j->learner);
    r->seconds = j->spent;
    r->success50 = trm_history_success50(h);
    r->mean50 = trm_history_mean50(h);
    r->best_reward = h->best_reward;
    r->first_success = h->first_success;
    pthread_mutex_unlock(&j->lock);
}

static bool go_on(void *ctx, const trm_step_view *view) {
    (void)view;
    return !atomic_load_explicit((atomic_bool *)ctx, memory_order_relaxed);
}

// Trains until the turn, the run or the comparison is over.
static void train(trm_compare *c, compare_job *j) {
    const trm_gate gate = {go_on, &c->stop};
    const double until = trm_clock_now() + TURN;
    trm_error e = {0};
    trm_update u;
    for (double now = trm_clock_now(); now < until && !atomic_load(&c->hold);) {
        const trm_outcome outcome = trm_learner_update(j->learner, &gate, &u, &e);
        const double after = trm_clock_now();
        j->spent += after - now;
        now = after;
        if (outcome == TRM_UPDATE_FAILED) {
            compare_end(j, TRM_COMPARE_FAILED, &e);
            return;
        }
        if (outcome == TRM_UPDATE_ABANDONED)
            return;
        publish(j, &u);
        if (trm_learner_done(j->learner)) {
            compare_end(j, TRM_COMPARE_DONE, NULL);
            return;
        }
    }
}

void *compare_work(void *compare) {
    trm_compare *c = compare;
    for (compare_job *j; (j = take(c)) != NULL; give_back(c, j))
        if (is_open(j) || begin(j))
            (c->supervised ? compare_lesson_train : train)(c, j);
    pthread_mutex_lock(&c->queue);
    c->working--;
    pthread_mutex_unlock(&c->queue);
    return NULL;
}
