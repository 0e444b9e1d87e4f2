// SPDX-License-Identifier: Apache-2.0
#include "trm/run/compare.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/compare/impl.h"
#include "run/rundir/metrics.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/base/thread.h"
#include "trm/run/course.h"

#define SEED_MAX (((int64_t)1 << 53) - 1)

// The end of a long label tells more than its start.
static void set_label(char out[TRM_COMPARE_LABEL], const char *text) {
    const size_t length = strlen(text);
    const size_t skip = length < TRM_COMPARE_LABEL ? 0 : length - (TRM_COMPARE_LABEL - 1);
    const char *from = text + skip;
    while (skip > 0 && trm_utf8_cut(text, (size_t)(from - text)) < (size_t)(from - text))
        from++;
    trm_text_copy(out, TRM_COMPARE_LABEL, from);
    for (char *s = out; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7F)
            *s = '?';
}

// Checks the configuration by making its course, and counts the parameters.
static bool set_entry(trm_compare_entry *x, const trm_compare_request *q, int32_t i, trm_error *e) {
    set_label(x->label, q->labels[i]);
    x->config = q->configs[i];
    x->config.train.threads = 1;
    if (q->seed_first >= 0)
        x->config.seed = q->seed_first;
    const trm_config *c = &x->config;
    if (!trm_config_check(c, e))
        return trm_error_prefix(e, "%s", x->label);
    if (c->seed > SEED_MAX - (q->seeds - 1))
        return trm_error_set(e, TRM_E_INPUT,
                             "%s: %d seeds from %lld on go past %lld, the largest: start lower",
                             x->label, q->seeds, (long long)c->seed, (long long)SEED_MAX);
    trm_course *course = trm_run_course(c, e);
    if (!course)
        return trm_error_prefix(e, "%s", x->label);
    x->parameters = trm_model_params(trm_course_model(course))->total;
    trm_course_free(course);
    return true;
}

static void set_job(trm_compare *c, int32_t config, int32_t seed) {
    trm_compare_job *j = &c->jobs[seed * c->count + config];
    const trm_config *k = &c->entries[config].config;
    j->owner = c;
    j->seed_index = seed;
    pthread_mutex_init(&j->lock, NULL);
    trm_history_init(&j->curve.history);
    j->run =
        (trm_compare_run){.config = config,
                          .seed = k->seed + seed,
                          .episodes_total = c->supervised ? k->train.epochs : k->train.episodes,
                          .success50 = NAN,
                          .mean50 = NAN,
                          .best_reward = -INFINITY,
                          .first_success = -1,
                          .reached_episode = -1,
                          .reached_seconds = NAN,
                          .validation_cells = NAN,
                          .validation_exact = NAN,
                          .test_cells = NAN,
                          .test_exact = NAN,
                          .test_recall = NAN};
}

static int32_t thread_count(const trm_compare_request *q) {
    const int64_t runs = (int64_t)q->count * q->seeds;
    int64_t n = q->threads > 0 ? q->threads : sysconf(_SC_NPROCESSORS_ONLN);
    n = n < 1 ? 1 : n > TRM_COMPARE_THREADS ? TRM_COMPARE_THREADS : n;
    return (int32_t)(n < runs ? n : runs);
}

trm_compare *trm_compare_new(const trm_compare_request *request, trm_error *e) {
    const trm_compare_request *q = request;
    assert(q->count >= 1 && q->count <= TRM_COMPARE_CONFIGS);
    assert(q->seeds >= 1 && q->seeds <= TRM_COMPARE_SEEDS);
    const bool supervised = trm_config_supervised(&q->configs[0]);
    for (int32_t i = 1; i < q->count; i++)
        if (trm_config_supervised(&q->configs[i]) != supervised) {
            trm_error_set(
                e, TRM_E_INPUT,
                "%s and %s: one learns by reinforcement, the other from answers; they have "
                "no figure in common",
                q->labels[0], q->labels[i]);
            return NULL;
        }
    trm_compare *c = trm_alloc(1, sizeof *c);
    for (int32_t i = 0; i < q->count; i++)
        if (!set_entry(&c->entries[i], q, i, e)) {
            free(c);
            return NULL;
        }
    c->supervised = supervised;
    c->count = q->count;
    c->seeds = q->seeds;
    c->threads = thread_count(q);
    c->jobs = trm_alloc((size_t)c->count * (size_t)c->seeds, sizeof *c->jobs);
    for (int32_t s = 0; s < c->seeds; s++)
        for (int32_t i = 0; i < c->count; i++)
            set_job(c, i, s);
    pthread_mutex_init(&c->queue, NULL);
    pthread_cond_init(&c->wake, NULL);
    atomic_init(&c->stop, false);
    atomic_init(&c->hold, false);
    return c;
}

void trm_compare_free(trm_compare *c) {
    if (c == NULL)
        return;
    trm_compare_stop(c);
    trm_compare_join(c);
    for (int32_t i = 0; i < c->count * c->seeds; i++)
        pthread_mutex_destroy(&c->jobs[i].lock);
    pthread_cond_destroy(&c->wake);
    pthread_mutex_destroy(&c->queue);
    for (int32_t i = 0; c->tails != NULL && i < c->count; i++)
        trm_metrics_tail_free(c->tails[i]);
    free(c->tails);
    free(c->jobs);
    free(c);
}

bool trm_compare_start(trm_compare *c, trm_error *e) {
    assert(c->started == 0);
    pthread_mutex_lock(&c->queue);
    int failed = 0;
    while (c->started < c->threads && failed == 0) {
        failed = trm_thread_start(&c->workers[c->started],
                                  c->tails != NULL ? trm_compare_read : trm_compare_work, c);
        c->started += failed == 0 ? 1 : 0;
    }
    c->working = c->started;
    pthread_mutex_unlock(&c->queue);
    // Fewer threads than asked for do the same work.
    return c->started > 0 ||
           trm_error_set(e, TRM_E_IO, "no thread can be started: %s", strerror(failed));
}

void trm_compare_pause(trm_compare *c, bool pause) {
    pthread_mutex_lock(&c->queue);
    c->paused = pause;
    atomic_store(&c->hold, pause || atomic_load(&c->stop));
    pthread_cond_broadcast(&c->wake);
    pthread_mutex_unlock(&c->queue);
}

void trm_compare_stop(trm_compare *c) {
    pthread_mutex_lock(&c->queue);
    atomic_store(&c->stop, true);
    atomic_store(&c->hold, true);
    pthread_cond_broadcast(&c->wake);
    pthread_mutex_unlock(&c->queue);
}

void trm_compare_join(trm_compare *c) {
    for (; c->started > 0; c->started--)
        pthread_join(c->workers[c->started - 1], NULL);
    for (int32_t i = 0; i < c->count * c->seeds; i++) {
        trm_compare_job *j = &c->jobs[i];
        trm_course_free(j->course);
        j->course = NULL;
        pthread_mutex_lock(&j->lock);
        if (!compare_ended(j->run.state))
            j->run.state = TRM_COMPARE_STOPPED;
        pthread_mutex_unlock(&j->lock);
    }
}

bool trm_compare_over(trm_compare *c) {
    pthread_mutex_lock(&c->queue);
    const bool over = c->working == 0;
    pthread_mutex_unlock(&c->queue);
    return over;
}

bool trm_compare_supervised(const trm_compare *c) {
    return c->supervised;
}

bool trm_compare_follows(const trm_compare *c) {
    return c->tails != NULL;
}

int32_t trm_compare_configs(const trm_compare *c) {
    return c->count;
}

int32_t trm_compare_seeds(const trm_compare *c) {
    return c->seeds;
}

int32_t trm_compare_threads(const trm_compare *c) {
    return c->threads;
}

const char *trm_compare_label(const trm_compare *c, int32_t config) {
    return c->entries[config].label;
}

int64_t trm_compare_parameters(const trm_compare *c, int32_t config) {
    return c->entries[config].parameters;
}

static trm_compare_job *job_at(const trm_compare *c, int32_t config, int32_t seed) {
    assert(config >= 0 && config < c->count && seed >= 0 && seed < c->seeds);
    return &c->jobs[seed * c->count + config];
}

void trm_compare_get(const trm_compare *c, int32_t config, int32_t seed, trm_compare_run *out) {
    trm_compare_job *j = job_at(c, config, seed);
    pthread_mutex_lock(&j->lock);
    *out = j->run;
    pthread_mutex_unlock(&j->lock);
}

void trm_compare_get_course(const trm_compare *c, int32_t config, int32_t seed,
                            trm_compare_course *out) {
    trm_compare_job *j = job_at(c, config, seed);
    pthread_mutex_lock(&j->lock);
    *out = j->curve;
    pthread_mutex_unlock(&j->lock);
}

// Mean and sample standard deviation, gathered one value at a time (Welford 1962).
typedef struct tally {
    int32_t n;
    double mean, square;
} tally;

static void tally_add(tally *t, double x) {
    const double d = x - t->mean;
    t->n++;
    t->mean += d / t->n;
    t->square += d * (x - t->mean);
}

static double tally_mean(const tally *t) {
    return t->n > 0 ? t->mean : (double)NAN;
}

static double tally_sd(const tally *t) {
    return t->n > 1 ? sqrt(t->square / (t->n - 1)) : (double)NAN;
}

static void summarise_scores(const trm_compare *c, int32_t config, trm_compare_summary *out) {
    tally cells = {0}, exact = {0}, recall = {0}, seconds = {0}, seen_cells = {0}, seen_exact = {0};
    for (int32_t s = 0; s < c->seeds; s++) {
        trm_compare_run r;
        trm_compare_get(c, config, s, &r);
        if (r.episodes > 0) {
            tally_add(&seen_cells, r.validation_cells);
            tally_add(&seen_exact, r.validation_exact);
        }
        if (r.state != TRM_COMPARE_DONE)
            continue;
        tally_add(&cells, r.test_cells);
        tally_add(&exact, r.test_exact);
        tally_add(&recall, r.test_recall);
        tally_add(&seconds, r.seconds);
    }
    out->cells = tally_mean(&cells);
    out->cells_sd = tally_sd(&cells);
    out->exact = tally_mean(&exact);
    out->exact_sd = tally_sd(&exact);
    out->recall = tally_mean(&recall);
    out->recall_sd = tally_sd(&recall);
    out->seconds = tally_mean(&seconds);
    out->validation_cells = tally_mean(&seen_cells);
    out->validation_cells_sd = tally_sd(&seen_cells);
    out->validation_exact = tally_mean(&seen_exact);
    out->validation_exact_sd = tally_sd(&seen_exact);
}

void trm_compare_summarise(const trm_compare *c, int32_t config, trm_compare_summary *out) {
    tally success = {0}, reward = {0}, speed = {0}, seconds = {0}, episode = {0};
    *out = (trm_compare_summary){.runs = c->seeds};
    for (int32_t s = 0; s < c->seeds; s++) {
        trm_compare_run r;
        trm_compare_get(c, config, s, &r);
        out->done += r.state == TRM_COMPARE_DONE;
        out->failed += r.state == TRM_COMPARE_FAILED;
        out->episodes += r.episodes;
        out->episodes_total += r.episodes_total;
        if (r.episodes < 1)
            continue;
        tally_add(&success, (double)r.success50);
        tally_add(&reward, (double)r.mean50);
        tally_add(&speed, r.seconds > 0 ? (double)r.steps / r.seconds : 0.0);
        if (r.reached_episode < 0)
            continue;
        tally_add(&seconds, r.reached_seconds);
        tally_add(&episode, (double)r.reached_episode);
    }
    summarise_scores(c, config, out);
    out->begun = success.n;
    out->reached = seconds.n;
    out->success = tally_mean(&success);
    out->success_sd = tally_sd(&success);
    out->reward = tally_mean(&reward);
    out->reward_sd = tally_sd(&reward);
    out->steps_per_second = tally_mean(&speed);
    out->reached_seconds = tally_mean(&seconds);
    out->reached_seconds_sd = tally_sd(&seconds);
    out->reached_episode = tally_mean(&episode);
}

const char *trm_compare_state_name(trm_compare_state state) {
    static const char *const names[] = {[TRM_COMPARE_WAITING] = "waiting",
                                        [TRM_COMPARE_RUNNING] = "running",
                                        [TRM_COMPARE_DONE] = "done",
                                        [TRM_COMPARE_STOPPED] = "stopped",
                                        [TRM_COMPARE_FAILED] = "failed"};
    return names[state];
}
