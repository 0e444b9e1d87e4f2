// SPDX-License-Identifier: Apache-2.0
// After training: the model plays greedily on new starts. Nothing of the learner changes.
#include <math.h>

#include "train/trainer/impl.h"
#include "trm/base/clock.h"
#include "trm/base/streams.h"

static const double SHOW_SPEED = 8; // steps a second where no speed is set

static void prepare(trm_trainer *t) {
    const trm_env *env = trm_learner_env(t->learner);
    if (t->player.agent.env)
        return;
    trm_player_init(&t->player, env, trm_learner_model(t->learner));
    trm_rng_seed(&t->player_rng, trm_learner_seed(t->learner), TRM_STREAM_PLAYBACK);
}

// One step, published. The forward runs outside the lock.
static bool show_step(trm_trainer *t) {
    bool first = t->player.finished;
    if (first)
        trm_player_reset(&t->player, &t->player_rng, TRM_SPLIT_HELD_OUT);
    trm_player_step(&t->player);
    trm_step_view view = trm_player_view(&t->player, -1);
    pthread_mutex_lock(&t->lock);
    if (first)
        trm_trainer_begin_reel(t, -1);
    trm_reel_append(&t->reel, t->player.agent.env, &view);
    t->snap.version++;
    t->checkpoint = false; // the final one is already there
    trm_trainer_copy_weights(t);
    bool go = trm_trainer_wait(t, SHOW_SPEED) && t->extend == 0;
    pthread_mutex_unlock(&t->lock);
    return go;
}

void trm_trainer_show(trm_trainer *t) {
    prepare(t);
    pthread_mutex_lock(&t->lock);
    t->player_ready = true;
    t->seconds_before = trm_trainer_seconds(t);
    t->began = INFINITY; // the clock of training stands still
    t->snap.state = TRM_TRAINER_SHOWING;
    t->snap.version++;
    bool go = !t->stop && t->extend == 0;
    pthread_mutex_unlock(&t->lock);
    t->player.finished = true;
    while (go)
        go = show_step(t);
    pthread_mutex_lock(&t->lock);
    t->player_ready = false;
    t->began = trm_clock_now();
    t->blocked = 0;
    trm_trainer_rate_anew(t);
    pthread_mutex_unlock(&t->lock);
}
