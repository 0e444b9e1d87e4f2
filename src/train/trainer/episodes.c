// SPDX-License-Identifier: Apache-2.0
// Watching a course of episodes: environment 0's are recorded step by step; after training the
// model plays greedily on new starts.
#include <stdlib.h>

#include "train/trainer/impl.h"
#include "trm/base/arena.h"
#include "trm/base/streams.h"

static const double SHOW_SPEED = 8; // steps a second where no speed is set

static void init(trm_trainer *t) {
    trm_episode_trace_init(&t->episode_trace, trm_course_env(t->course),
                           trm_course_model(t->course));
    t->episode_weights_updates = -1;
}

static void done(trm_trainer *t) {
    trm_player_done(&t->player);
    trm_episode_trace_done(&t->episode_trace);
    free(t->episode_weights);
}

// Begins a new episode trace and keeps the weights that it is acted with.
static void begin_reel(trm_trainer *t, int64_t episode) {
    const trm_params *p = trm_model_params_const(trm_course_model(t->course));
    const int64_t updates = trm_course_count(t->course).updates;
    trm_episode_trace_begin(&t->episode_trace, ++t->episode_id, episode);
    if (t->episode_weights == NULL)
        t->episode_weights = trm_alloc((size_t)p->size, sizeof *t->episode_weights);
    if (t->episode_weights_updates != updates)
        trm_course_weights(t->course, t->episode_weights);
    t->episode_weights_updates = updates;
}

// The first success and every new best are worth seeing in full, once there is something to
// compare.
static void mark_notable(trm_trainer *t) {
    enum { ENOUGH = 5 };
    trm_episode_trace *r = &t->episode_trace;
    float total = r->steps[r->length - 1].total_reward;
    r->first_success = r->success && t->history.first_success < 0;
    r->best = t->history.episodes >= ENOUGH && total > t->history.best_reward;
    t->notable = r->first_success || r->best;
}

static void publish_step(trm_trainer *t, const trm_course_step *step) {
    t->notable = false;
    if (step->first)
        begin_reel(t, step->view->episode);
    trm_episode_trace_append(&t->episode_trace, trm_course_env(t->course), step->view);
    t->ended = t->episode_trace.finished;
    if (t->ended)
        mark_notable(t);
    t->snap.steps = step->steps;
}

static void publish_update(trm_trainer *t, const trm_advance *a) {
    const trm_update *u = &a->update;
    for (int32_t i = 0; i < u->count; i++)
        trm_history_add(&t->history, &u->episodes[i]);
    t->snap.loss = u->loss;
    t->snap.entropy = u->entropy;
    t->snap.grad_norm = u->grad_norm;
    t->snap.lr = u->lr;
    t->snap.reward = u->episodes[u->count - 1].reward;
}

static void prepare(trm_trainer *t) {
    if (t->player.agent.env)
        return;
    trm_player_init(&t->player, trm_course_env(t->course), trm_course_model(t->course));
    trm_rng_seed(&t->player_rng, trm_course_seed(t->course), TRM_STREAM_PLAYBACK);
}

// One step, published. The forward runs outside the lock.
static void show(trm_trainer *t) {
    pthread_mutex_unlock(&t->lock);
    prepare(t);
    bool first = t->player.finished;
    if (first)
        trm_player_reset(&t->player, &t->player_rng, TRM_SPLIT_HELD_OUT);
    trm_player_step(&t->player);
    trm_step_view view = trm_player_view(&t->player, -1);
    pthread_mutex_lock(&t->lock);
    if (first)
        begin_reel(t, -1);
    trm_episode_trace_append(&t->episode_trace, t->player.agent.env, &view);
    t->snap.version++;
    trm_trainer_serve(t);
    trm_trainer_wait(t, SHOW_SPEED);
}

const trm_watching trm_watching_episodes = {
    .init = init, .done = done, .step = publish_step, .advance = publish_update, .show = show};
