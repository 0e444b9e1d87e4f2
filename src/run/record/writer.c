// SPDX-License-Identifier: Apache-2.0
#include "run/record/writer.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "run/record/lines.h"
#include "run/record/store.h"
#include "trm/base/arena.h"
#include "trm/base/thread.h"
#include "trm/run/checkpoint.h"

enum { JOBS = 4, MOST_MOMENTS = 4096 };

// A moment to keep, or only a rule to keep by.
typedef struct job {
    keeper_rule rule;
    bool moment;
    trm_episode episode;
    int32_t level;
    trm_rng start;
    int32_t *actions; // [max_steps]
    float *rewards;   // [max_steps]
    float *weights;   // the parameters' slab
} job;

struct writer {
    trm_env *env;
    trm_params params; // table only, borrowed from nobody: items are in the arena
    keeper keeper;     // the training thread's
    keeper_rule told;  // the rule of the last job

    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t filled, emptied;
    job jobs[JOBS]; // a ring; under the lock: which of them wait
    int32_t first, count;
    bool stop;
    trm_error error; // the first; TRM_OK: none

    // The writing thread's.
    store store;
    keeper_rule applied;
    char *file; // of weights: the head is made once, the values are put in behind it
    size_t file_size, head_size;
    json_text line;
    uint8_t *why; // [max_steps]
    char *state;

    trm_arena arena;
};

int32_t writer_capacity(int64_t bytes, size_t weights_size, const trm_env *env) {
    // Lines are there twice while they are written anew, and a file before its predecessor goes.
    int64_t each = (int64_t)weights_size + 2 * (int64_t)lines_longest(env);
    int64_t n = bytes / each - 1;
    return n < 0 ? 0 : n < MOST_MOMENTS ? (int32_t)n : MOST_MOMENTS;
}

// ---- the writing thread -------------------------------------------------------------------------

static void put_values(writer *w, const float *slab) {
    char *to = w->file + w->head_size;
    for (int32_t i = 0; i < w->params.count; i++) {
        size_t bytes = (size_t)w->params.items[i].size * sizeof(float);
        memcpy(to, slab + w->params.items[i].offset, bytes);
        to += bytes;
    }
}

// The reason of each step is had by playing the episode.
static void find_reasons(writer *w, const job *j) {
    trm_rng rng = j->start;
    trm_env_reset(w->env, w->state, &rng, TRM_SPLIT_TRAIN);
    for (int32_t t = 0; t < j->episode.length; t++)
        w->why[t] = (uint8_t)trm_env_step(w->env, w->state, j->actions[t]).reason;
}

static bool write_moment(writer *w, const job *j, trm_error *e) {
    const trm_moment m = {.episode = j->episode,
                          .level = j->level,
                          .start = j->start,
                          .actions = j->actions,
                          .rewards = j->rewards,
                          .why = w->why};
    const store_moment kept = {m.episode.episode, m.episode.update, m.level};
    find_reasons(w, j);
    w->line.size = 0;
    lines_print(&w->line, &m);
    if (w->line.size > (size_t)lines_longest(w->env))
        return true;
    put_values(w, j->weights);
    return store_add(&w->store, &kept, w->line.data, w->line.size, w->file, w->file_size, e);
}

static bool do_job(writer *w, const job *j, trm_error *e) {
    if (memcmp(&j->rule, &w->applied, sizeof j->rule) != 0) {
        w->applied = j->rule;
        if (!store_thin(&w->store, &j->rule, e))
            return false;
    }
    return !j->moment || write_moment(w, j, e);
}

static void *thread_main(void *arg) {
    writer *w = arg;
    pthread_mutex_lock(&w->lock);
    while (true) {
        while (w->count == 0 && !w->stop)
            pthread_cond_wait(&w->filled, &w->lock);
        if (w->count == 0)
            break;
        const job *j = &w->jobs[w->first];
        bool failed = w->error.code != TRM_OK;
        trm_error e = {0};
        pthread_mutex_unlock(&w->lock);
        bool ok = failed || do_job(w, j, &e);
        pthread_mutex_lock(&w->lock);
        if (!ok)
            w->error = e;
        w->first = (w->first + 1) % JOBS;
        w->count--;
        pthread_cond_broadcast(&w->emptied);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

// ---- the training thread ------------------------------------------------------------------------

static void copy_table(writer *w, const trm_params *p) {
    w->params.count = p->count;
    w->params.size = p->size;
    w->params.items = trm_arena_array(&w->arena, (size_t)p->count + 1, sizeof *p->items);
    memcpy(w->params.items, p->items, (size_t)p->count * sizeof *p->items);
}

// Only what a model is built from: how long a training was meant to be changes no byte.
static void make_file(writer *w, const trm_config *c) {
    trm_config saved = *c;
    saved.train = trm_train_config_default();
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

static void allocate(writer *w) {
    size_t steps = (size_t)trm_env_max_steps(w->env);
    for (int32_t i = 0; i < JOBS; i++) {
        job *j = &w->jobs[i];
        j->actions = trm_arena_array(&w->arena, steps, sizeof *j->actions);
        j->rewards = trm_arena_array(&w->arena, steps, sizeof *j->rewards);
        j->weights = trm_arena_array(&w->arena, (size_t)w->params.size, sizeof *j->weights);
    }
    w->why = trm_arena_array(&w->arena, steps, sizeof *w->why);
    w->state = trm_arena_alloc(&w->arena, trm_env_state_size(w->env));
}

static bool start_thread(writer *w, trm_error *e) {
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->filled, NULL);
    pthread_cond_init(&w->emptied, NULL);
    int failed = trm_thread_start(&w->thread, thread_main, w);
    return !failed || trm_error_set(e, TRM_E_IO, "cannot start a thread: %s", strerror(failed));
}

static void release(writer *w) {
    store_done(&w->store);
    free(w->file);
    free(w->line.data);
    trm_env_free(w->env);
    trm_arena_free(&w->arena);
    free(w);
}

bool writer_open(writer **out, const char *run, const trm_config *c, const trm_learner *l,
                 trm_error *e) {
    *out = NULL;
    if (c->record_mib == 0)
        return true;
    writer *w = trm_alloc(1, sizeof *w);
    w->env = trm_env_new(trm_env_get_config(trm_learner_env(l)), e);
    w->store.fd = -1;
    if (!w->env) {
        release(w);
        return false;
    }
    copy_table(w, trm_model_params_const(trm_learner_model_const(l)));
    make_file(w, c);
    int32_t capacity = writer_capacity(c->record_mib << 20, w->file_size, w->env);
    if (capacity < KEEPER_LEAST) {
        release(w);
        return true;
    }
    keeper_init(&w->keeper, capacity);
    w->told = w->applied = w->keeper.rule;
    allocate(w);
    if (!store_init(&w->store, run, capacity, e) || !start_thread(w, e)) {
        release(w);
        return false;
    }
    *out = w;
    return true;
}

void writer_close(writer *w) {
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

keeper *writer_keeper(writer *w) {
    return &w->keeper;
}

bool writer_rewind(writer *w, int64_t episodes, int64_t *lacking, trm_error *e) {
    bool ok = store_rewind(&w->store, &w->keeper, w->env, episodes, lacking, e);
    w->told = w->applied = w->keeper.rule;
    return ok;
}

// The next free job, once there is one; only this thread fills jobs.
static job *take_job(writer *w) {
    pthread_mutex_lock(&w->lock);
    while (w->count == JOBS)
        pthread_cond_wait(&w->emptied, &w->lock);
    job *j = &w->jobs[(w->first + w->count) % JOBS];
    pthread_mutex_unlock(&w->lock);
    return j;
}

static void give_job(writer *w) {
    pthread_mutex_lock(&w->lock);
    w->count++;
    pthread_cond_signal(&w->filled);
    pthread_mutex_unlock(&w->lock);
}

static void offer(writer *w, const trm_update *u, int32_t i) {
    int32_t level;
    bool moment = keeper_offer(&w->keeper, &u->episodes[i], &level);
    if (!moment && memcmp(&w->told, &w->keeper.rule, sizeof w->told) == 0)
        return;
    job *j = take_job(w);
    j->rule = w->told = w->keeper.rule;
    j->moment = moment;
    if (moment) {
        j->episode = u->episodes[i];
        j->level = level;
        trm_played played = trm_learner_played(u->learner, i, j->actions, j->rewards);
        j->start = played.start;
        memcpy(j->weights, played.weights, (size_t)w->params.size * sizeof *j->weights);
    }
    give_job(w);
}

static bool sound(writer *w, trm_error *e) {
    pthread_mutex_lock(&w->lock);
    bool ok = w->error.code == TRM_OK;
    if (!ok && e)
        *e = w->error;
    pthread_mutex_unlock(&w->lock);
    return ok;
}

bool writer_update(writer *w, const trm_update *u, trm_error *e) {
    for (int32_t i = 0; i < u->count; i++)
        offer(w, u, i);
    return sound(w, e);
}

bool writer_flush(writer *w, trm_error *e) {
    pthread_mutex_lock(&w->lock);
    while (w->count > 0)
        pthread_cond_wait(&w->emptied, &w->lock);
    pthread_mutex_unlock(&w->lock);
    return sound(w, e);
}
