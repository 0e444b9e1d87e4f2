// SPDX-License-Identifier: Apache-2.0
// Watching a course of episodes: environment 0's are recorded step by step; after training the
// model plays greedily on new starts.
#include <stdlib.h>
#include <string.h>

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

// Begins a new episode trace and keeps the weights that it is acted with. moment: the newest of
// what is followed, played already.
static void begin_trace(trm_trainer *t, int64_t episode, bool moment) {
    const size_t size = (size_t)trm_model_params_const(trm_course_model(t->course))->size;
    const int64_t updates = moment ? -1 : trm_course_count(t->course).updates;
    trm_episode_trace_begin(&t->episode_trace, ++t->episode_id, episode);
    if (t->episode_weights == NULL)
        t->episode_weights = trm_alloc(size, sizeof *t->episode_weights);
    if (moment)
        memcpy(t->episode_weights, t->moment_weights, size * sizeof *t->episode_weights);
    else if (t->episode_weights_updates != updates)
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
        begin_trace(t, step->view->episode, false);
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
}

static void prepare(trm_trainer *t) {
    if (t->player.agent.env)
        return;
    trm_player_init(&t->player, trm_course_env(t->course), trm_course_model(t->course));
    trm_rng_seed(&t->player_rng, trm_course_seed(t->course), TRM_STREAM_PLAYBACK);
}

// Takes the newest moment of what is followed, if there is one that was not shown.
static bool take_moment(trm_trainer *t) {
    const trm_model *m = trm_course_model(t->course);
    if (t->moment.steps == NULL) {
        trm_episode_trace_init(&t->moment, trm_course_env(t->course), m);
        t->moment_weights =
            trm_alloc((size_t)trm_model_params_const(m)->size, sizeof *t->moment_weights);
    }
    t->moment.id = t->episode_id;
    if (!t->source.moment(t->source.ctx, &t->moment, t->moment_weights))
        return false;
    t->moment.id = t->episode_id + 1;
    t->moment_at = 0;
    return true;
}

// Chooses what is shown next.
static void choose(trm_trainer *t) {
    if (t->following) {
        trm_trainer_take_weights(t);
        if (take_moment(t))
            return;
    }
    trm_player_reset(&t->player, &t->player_rng, TRM_SPLIT_HELD_OUT);
}

static void show_moment(trm_trainer *t) {
    trm_episode_trace_take(&t->episode_trace, &t->moment, ++t->moment_at);
    if (t->moment_at == t->moment.length)
        t->moment_at = -1;
}

// One step, published. The forward runs outside the lock. An episode that is too long to be kept is
// left where room ends.
static void show(trm_trainer *t) {
    const bool over = t->player.finished || trm_episode_trace_full(&t->episode_trace);
    const bool first = over && t->moment_at < 0;
    trm_step_view view = {0};
    pthread_mutex_unlock(&t->lock);
    prepare(t);
    if (first)
        choose(t);
    if (t->moment_at < 0) {
        trm_player_step(&t->player);
        view = trm_player_view(&t->player, -1);
    }
    pthread_mutex_lock(&t->lock);
    if (first)
        begin_trace(t, t->moment_at < 0 ? -1 : t->moment.episode, t->moment_at >= 0);
    if (t->moment_at >= 0)
        show_moment(t);
    else
        trm_episode_trace_append(&t->episode_trace, t->player.agent.env, &view);
    t->snap.version++;
    trm_trainer_serve(t);
    trm_trainer_wait(t, SHOW_SPEED);
}

const trm_watching trm_watching_episodes = {
    .init = init, .done = done, .step = publish_step, .advance = publish_update, .show = show};
