// SPDX-License-Identifier: Apache-2.0
#include "run/record/writer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "run/record/answers.h"
#include "run/record/store.h"
#include "trm/base/arena.h"
#include "trm/base/thread.h"
#include "trm/run/checkpoint.h"

enum { JOBS = 4, MOST_MOMENTS = 4096, MIB = 1 << 20 };

// A moment to keep, or only a rule to keep by.
typedef struct job {
    trm_retention_rule rule;
    bool keeps;
    trm_moment moment; // its arrays have room for the longest
    float *weights;    // the parameters' slab
} job;

struct trm_writer {
    trm_lines_kind kind;
    trm_env *env;            // of episodes
    trm_params params;       // table only, borrowed from nobody: items are in the arena
    trm_retention retention; // the training thread's
    trm_retention_rule told; // the rule of the last job

    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t filled, emptied;
    job jobs[JOBS]; // a ring; under the lock: which of them wait
    int32_t first, waiting;
    bool stop;
    trm_error error; // the first; TRM_OK: none

    // The writing thread's, or the other's while nothing waits.
    trm_store store;
    trm_retention_rule applied;
    char *file; // of weights: the head is made once, the values are put in behind it
    size_t file_size, head_size;
    trm_json_buffer line;
    char *state;      // of episodes: a state block
    trm_model *model; // of epochs: what answers …
    trm_agent agent;  // … a sample at a time …
    int32_t count;    // … of so many
    float *inputs;    // [count, S]
    int32_t *targets; // [count, P]

    trm_arena arena;
};

// Lines are there twice while they are rewritten, and a file before its predecessor goes.
static int64_t bytes_of_moment(const trm_writer *w) {
    return (int64_t)w->file_size + 2 * (int64_t)trm_lines_longest(&w->kind);
}

static int32_t capacity_of(const trm_writer *w, int64_t mib) {
    const int64_t n = mib * MIB / bytes_of_moment(w) - 1;
    return n < 0 ? 0 : n < MOST_MOMENTS ? (int32_t)n : MOST_MOMENTS;
}

// ---- the writing thread -------------------------------------------------------------------------

static void put_values(trm_writer *w, const float *slab) {
    char *to = w->file + w->head_size;
    for (int32_t i = 0; i < w->params.count; i++) {
        size_t bytes = (size_t)w->params.items[i].size * sizeof(float);
        memcpy(to, slab + w->params.items[i].offset, bytes);
        to += bytes;
    }
}

// The reason of each step is had by playing the episode.
static void find_reasons(trm_writer *w, trm_moment *m) {
    trm_rng rng = m->start;
    trm_env_reset(w->env, w->state, &rng, TRM_SPLIT_TRAIN);
    for (int32_t t = 0; t < m->episode.length; t++)
        m->why[t] = (uint8_t)trm_env_step(w->env, w->state, m->actions[t]).reason;
}

static void answer(trm_writer *w, trm_moment *m, const float *weights) {
    const trm_model_config *c = trm_model_get_config(w->model);
    trm_model_set_weights(w->model, weights);
    for (int32_t i = 0; i < m->count; i++) {
        m->right[i] = trm_answers_ask(&w->agent, w->inputs + (int64_t)i * c->state_dim,
                                      w->targets + (int64_t)i * c->positions)
                          .right;
        m->exact[i] = m->right[i] == c->positions;
    }
}

static bool write_moment(trm_writer *w, job *j, trm_error *e) {
    trm_moment *m = &j->moment;
    const trm_store_moment kept = {m->number, m->update, m->level};
    if (w->env)
        find_reasons(w, m);
    else
        answer(w, m, j->weights);
    w->line.size = 0;
    trm_lines_print(&w->line, &w->kind, m);
    if (w->line.size > (size_t)trm_lines_longest(&w->kind))
        return true;
    put_values(w, j->weights);
    return trm_store_add(&w->store, &kept, w->line.data, w->line.size, w->file, w->file_size, e);
}

static bool do_job(trm_writer *w, job *j, trm_error *e) {
    if (memcmp(&j->rule, &w->applied, sizeof j->rule) != 0) {
        w->applied = j->rule;
        if (!trm_store_thin(&w->store, &j->rule, e))
            return false;
    }
    return !j->keeps || write_moment(w, j, e);
}

static void *thread_main(void *arg) {
    trm_writer *w = arg;
    pthread_mutex_lock(&w->lock);
    while (true) {
        while (w->waiting == 0 && !w->stop)
            pthread_cond_wait(&w->filled, &w->lock);
        if (w->waiting == 0)
            break;
        job *j = &w->jobs[w->first];
        bool failed = w->error.code != TRM_OK;
        trm_error e = {0};
        pthread_mutex_unlock(&w->lock);
        bool ok = failed || do_job(w, j, &e);
        pthread_mutex_lock(&w->lock);
        if (!ok)
            w->error = e;
        w->first = (w->first + 1) % JOBS;
        w->waiting--;
        pthread_cond_broadcast(&w->emptied);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

// ---- the training thread ------------------------------------------------------------------------

static void copy_table(trm_writer *w, const trm_params *p) {
    w->params.count = p->count;
    w->params.size = p->size;
    w->params.items = trm_arena_array(&w->arena, (size_t)p->count + 1, sizeof *p->items);
    memcpy(w->params.items, p->items, (size_t)p->count * sizeof *p->items);
}

// Only what a model is built from and asked: how long a training was meant to be changes no byte.
static void make_file(trm_writer *w, const trm_config *c) {
    trm_config saved = *c;
    const trm_train_config whole = trm_train_config_default();
    saved.train.epochs = whole.epochs;
    saved.train.episodes = whole.episodes;
    if (w->env)
        saved.train = whole;
    saved.checkpoint_every = trm_config_default().checkpoint_every;
    float *zeros = trm_alloc((size_t)w->params.size + 1, sizeof *zeros);
    trm_tensor *tensors = trm_checkpoint_parameters(&w->params, zeros);
    size_t values = 0;
    for (int32_t i = 0; i < w->params.count; i++)
        values += (size_t)w->params.items[i].size * sizeof(float);
    w->file = trm_checkpoint_print(tensors, w->params.count, &saved, &w->file_size);
    w->head_size = w->file_size - values;
    free(tensors);
    free(zeros);
}

static void allocate_episodes(trm_writer *w) {
    size_t steps = (size_t)trm_env_max_steps(w->env);
    for (int32_t i = 0; i < JOBS; i++) {
        trm_moment *m = &w->jobs[i].moment;
        m->actions = trm_arena_array(&w->arena, steps, sizeof *m->actions);
        m->rewards = trm_arena_array(&w->arena, steps, sizeof *m->rewards);
        m->why = trm_arena_array(&w->arena, steps, sizeof *m->why);
    }
    w->state = trm_arena_alloc(&w->arena, trm_env_state_size(w->env));
}

static void allocate_epochs(trm_writer *w, const trm_dataset *d) {
    const size_t n = (size_t)(d->count < LINES_SAMPLES ? d->count : LINES_SAMPLES);
    const size_t inputs = n * (size_t)d->state_dim, targets = n * (size_t)d->positions;
    w->count = (int32_t)n;
    w->inputs = trm_arena_array(&w->arena, inputs, sizeof *w->inputs);
    w->targets = trm_arena_array(&w->arena, targets, sizeof *w->targets);
    memcpy(w->inputs, d->inputs, inputs * sizeof *w->inputs);
    memcpy(w->targets, d->targets, targets * sizeof *w->targets);
    for (int32_t i = 0; i < JOBS; i++) {
        trm_moment *m = &w->jobs[i].moment;
        m->count = w->count;
        m->samples = trm_arena_array(&w->arena, n, sizeof *m->samples);
        m->right = trm_arena_array(&w->arena, n, sizeof *m->right);
        m->exact = trm_arena_array(&w->arena, n, sizeof *m->exact);
        for (int32_t k = 0; k < w->count; k++)
            m->samples[k] = k;
    }
}

static void allocate(trm_writer *w, const trm_course *course) {
    for (int32_t i = 0; i < JOBS; i++)
        w->jobs[i].weights =
            trm_arena_array(&w->arena, (size_t)w->params.size, sizeof *w->jobs[i].weights);
    if (w->env)
        allocate_episodes(w);
    else
        allocate_epochs(w, trm_course_data(course, TRM_SET_VALIDATION));
}

// What an episode is played in again, or what answers.
static bool make_subject(trm_writer *w, const trm_course *course, trm_error *e) {
    const trm_env *env = trm_course_env(course);
    if (env)
        return (w->env = trm_env_new(trm_env_get_config(env), e)) != NULL;
    w->model = trm_model_new(trm_model_get_config(trm_course_model_const(course)), e);
    if (w->model)
        trm_agent_init(&w->agent, NULL, w->model);
    return w->model != NULL;
}

static bool start_thread(trm_writer *w, trm_error *e) {
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->filled, NULL);
    pthread_cond_init(&w->emptied, NULL);
    int failed = trm_thread_start(&w->thread, thread_main, w);
    return !failed || trm_error_set(e, TRM_E_IO, "cannot start a thread: %s", strerror(failed));
}

static void release(trm_writer *w) {
    trm_store_done(&w->store);
    free(w->file);
    free(w->line.data);
    trm_agent_done(&w->agent);
    trm_model_free(w->model);
    trm_env_free(w->env);
    trm_arena_free(&w->arena);
    free(w);
}

bool trm_writer_open(trm_writer **out, const char *run, const trm_config *c,
                     const trm_course *course, int64_t *least_mib, trm_error *e) {
    *out = NULL;
    *least_mib = 0;
    if (c->record_mib == 0)
        return true;
    trm_writer *w = trm_alloc(1, sizeof *w);
    w->store.fd = -1;
    if (!make_subject(w, course, e)) {
        release(w);
        return false;
    }
    w->kind = trm_lines_kind_of(c, w->env);
    copy_table(w, trm_model_params_const(trm_course_model_const(course)));
    make_file(w, c);
    const int32_t capacity = capacity_of(w, c->record_mib);
    if (capacity < RETENTION_LEAST) {
        *least_mib = (bytes_of_moment(w) * (RETENTION_LEAST + 1) + MIB - 1) / MIB;
        release(w);
        return true;
    }
    trm_retention_init(&w->retention, capacity);
    w->told = w->applied = w->retention.rule;
    allocate(w, course);
    if (!trm_store_init(&w->store, run, capacity, e) || !start_thread(w, e)) {
        release(w);
        return false;
    }
    *out = w;
    return true;
}

void trm_writer_close(trm_writer *w) {
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_broadcast(&w->filled);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->filled);
    pthread_cond_destroy(&w->emptied);
    pthread_mutex_destroy(&w->lock);
    release(w);
}

trm_retention *trm_writer_keeper(trm_writer *w) {
    return &w->retention;
}

bool trm_writer_rewind(trm_writer *w, int64_t until, int64_t *lacking, trm_error *e) {
    bool ok = trm_store_rewind(&w->store, &w->retention, &w->kind, until, lacking, e);
    w->told = w->applied = w->retention.rule;
    return ok;
}

// The next free job, once there is one; only this thread fills jobs.
static job *take_job(trm_writer *w) {
    pthread_mutex_lock(&w->lock);
    while (w->waiting == JOBS)
        pthread_cond_wait(&w->emptied, &w->lock);
    job *j = &w->jobs[(w->first + w->waiting) % JOBS];
    pthread_mutex_unlock(&w->lock);
    return j;
}

static void give_job(trm_writer *w) {
    pthread_mutex_lock(&w->lock);
    w->waiting++;
    pthread_cond_signal(&w->filled);
    pthread_mutex_unlock(&w->lock);
}

// Offers an event. A job if it is to be kept, whose moment and weights are to be filled in before
// it is given; else NULL.
static job *offer(trm_writer *w, const trm_retention_event *event) {
    int32_t level;
    bool keeps = trm_retention_offer(&w->retention, event, &level);
    if (!keeps && memcmp(&w->told, &w->retention.rule, sizeof w->told) == 0)
        return NULL;
    job *j = take_job(w);
    j->rule = w->told = w->retention.rule;
    j->keeps = keeps;
    if (!keeps) {
        give_job(w);
        return NULL;
    }
    j->moment.number = event->number;
    j->moment.level = level;
    return j;
}

static void offer_episode(trm_writer *w, const trm_update *u, int32_t i) {
    const trm_retention_event event = trm_retention_episode(&u->episodes[i]);
    job *j = offer(w, &event);
    if (!j)
        return;
    trm_moment *m = &j->moment;
    m->episode = u->episodes[i];
    m->update = m->episode.update;
    trm_played played = trm_learner_played(u->learner, i, m->actions, m->rewards);
    m->start = played.start;
    memcpy(j->weights, played.weights, (size_t)w->params.size * sizeof *j->weights);
    give_job(w);
}

static void offer_epoch(trm_writer *w, const trm_course *course, const trm_epoch *epoch) {
    const trm_retention_event event = trm_retention_epoch(epoch->epoch, &epoch->score);
    job *j = offer(w, &event);
    if (!j)
        return;
    j->moment.update = trm_course_count(course).updates;
    j->moment.score = epoch->score;
    trm_course_weights(course, j->weights);
    give_job(w);
}

static bool sound(trm_writer *w, trm_error *e) {
    pthread_mutex_lock(&w->lock);
    bool ok = w->error.code == TRM_OK;
    if (!ok && e)
        *e = w->error;
    pthread_mutex_unlock(&w->lock);
    return ok;
}

bool trm_writer_advance(trm_writer *w, const trm_course *course, const trm_advance *a,
                        trm_error *e) {
    if (a->unit == TRM_UNIT_EPOCH)
        offer_epoch(w, course, &a->epoch);
    else
        for (int32_t i = 0; i < a->update.count; i++)
            offer_episode(w, &a->update, i);
    return sound(w, e);
}

bool trm_writer_flush(trm_writer *w, trm_error *e) {
    pthread_mutex_lock(&w->lock);
    while (w->waiting > 0)
        pthread_cond_wait(&w->emptied, &w->lock);
    pthread_mutex_unlock(&w->lock);
    return sound(w, e) && trm_store_sync(&w->store, e); // its thread has nothing to do
}
