// SPDX-License-Identifier: Apache-2.0
#include "tui/play/adviser.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/thread.h"
#include "trm/model/work.h"

static const double QUICK = 2e9; // operations of an answer that is there within a few frames

typedef enum question { NONE, OPEN, TAKEN, ANSWERED } question;

struct trm_adviser {
    trm_agent *agent;
    bool threaded;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_bool dropped; // what is being computed is not wanted any more

    // Under the lock.
    bool leave;
    question question;
    char *state;
    int32_t prev_action, action, puzzle;

    char *asked; // the thread's own copy of the state
};

static bool is_dropped(void *ctx) {
    const trm_adviser *a = ctx;
    return atomic_load_explicit(&a->dropped, memory_order_relaxed);
}

static int32_t think(trm_adviser *a, const void *state, int32_t prev_action, int32_t puzzle) {
    if (a->agent->answering != NULL)
        trm_agent_set_puzzle(a->agent, puzzle);
    return trm_agent_think(a->agent, state, prev_action);
}

static void *answer(void *ctx) {
    trm_adviser *a = ctx;
    pthread_mutex_lock(&a->lock);
    while (!a->leave) {
        if (a->question != OPEN) {
            pthread_cond_wait(&a->wake, &a->lock);
            continue;
        }
        a->question = TAKEN;
        atomic_store(&a->dropped, false);
        memcpy(a->asked, a->state, trm_env_state_size(a->agent->env));
        const int32_t prev_action = a->prev_action, puzzle = a->puzzle;
        pthread_mutex_unlock(&a->lock);
        const int32_t action = think(a, a->asked, prev_action, puzzle);
        pthread_mutex_lock(&a->lock);
        if (a->question == TAKEN && action >= 0) {
            a->action = action;
            a->question = ANSWERED;
        }
    }
    pthread_mutex_unlock(&a->lock);
    return NULL;
}

trm_adviser *trm_adviser_new(trm_agent *agent) {
    trm_adviser *a = trm_alloc(1, sizeof *a);
    a->agent = agent;
    a->state = trm_alloc(1, trm_env_state_size(agent->env));
    a->asked = trm_alloc(1, trm_env_state_size(agent->env));
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->wake, NULL);
    atomic_init(&a->dropped, false);
    if (trm_model_flops(trm_model_get_config(agent->model)).forward > QUICK)
        a->threaded = trm_thread_start(&a->thread, answer, a) == 0;
    if (a->threaded)
        trm_workspace_set_stop(agent->workspace, is_dropped, a);
    return a;
}

void trm_adviser_free(trm_adviser *a) {
    if (a == NULL)
        return;
    if (a->threaded) {
        pthread_mutex_lock(&a->lock);
        a->leave = true;
        atomic_store(&a->dropped, true);
        pthread_cond_signal(&a->wake);
        pthread_mutex_unlock(&a->lock);
        pthread_join(a->thread, NULL);
        trm_workspace_set_stop(a->agent->workspace, NULL, NULL);
    }
    pthread_cond_destroy(&a->wake);
    pthread_mutex_destroy(&a->lock);
    free(a->state);
    free(a->asked);
    free(a);
}

void trm_adviser_set_puzzle(trm_adviser *a, int32_t puzzle) {
    pthread_mutex_lock(&a->lock);
    a->puzzle = puzzle;
    pthread_mutex_unlock(&a->lock);
}

void trm_adviser_drop(trm_adviser *a) {
    pthread_mutex_lock(&a->lock);
    a->question = NONE;
    atomic_store(&a->dropped, true);
    pthread_mutex_unlock(&a->lock);
}

void trm_adviser_ask(trm_adviser *a, const void *state, int32_t prev_action) {
    if (!a->threaded) {
        a->action = think(a, state, prev_action, a->puzzle);
        a->question = ANSWERED;
        return;
    }
    pthread_mutex_lock(&a->lock);
    memcpy(a->state, state, trm_env_state_size(a->agent->env));
    a->prev_action = prev_action;
    a->question = OPEN;
    atomic_store(&a->dropped, true); // what it works at is an older question
    pthread_cond_signal(&a->wake);
    pthread_mutex_unlock(&a->lock);
}

bool trm_adviser_answer(trm_adviser *a, int32_t *action) {
    pthread_mutex_lock(&a->lock);
    const bool there = a->question == ANSWERED;
    if (there) {
        *action = a->action;
        a->question = NONE;
    }
    pthread_mutex_unlock(&a->lock);
    return there;
}

bool trm_adviser_open(trm_adviser *a) {
    pthread_mutex_lock(&a->lock);
    const bool open = a->question != NONE;
    pthread_mutex_unlock(&a->lock);
    return open;
}

bool trm_adviser_quick(trm_adviser *a) {
    return !a->threaded;
}
