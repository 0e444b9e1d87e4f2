// SPDX-License-Identifier: Apache-2.0
// Following a training of another process: what its source has is looked at now and then, on the
// thread that shows it.
#include <math.h>

#include "train/trainer/impl.h"
#include "trm/base/clock.h"

static const double LOOK = 0.5; // seconds between looks, unless the system tells of a change

void trm_trainer_take_weights(trm_trainer *t) {
    if (t->source.weights(t->source.ctx, trm_course_model(t->course)))
        t->episode_weights_updates = -1;
}

// Everything is the source's but what the trainer itself is at.
static void publish(trm_trainer *t, const trm_snapshot *now, const trm_history *history) {
    const trm_snapshot mine = t->snap;
    t->snap = *now;
    t->snap.state = mine.state;
    t->snap.speed = mine.speed;
    t->snap.version = mine.version + 1;
    if (history != NULL)
        t->history = *history;
}

void trm_trainer_look_now(void *trainer) {
    trm_trainer *t = trainer;
    pthread_mutex_lock(&t->lock);
    t->next_look = 0;
    pthread_cond_broadcast(&t->wake);
    pthread_mutex_unlock(&t->lock);
}

bool trm_trainer_look(trm_trainer *t) {
    const trm_history *history = NULL;
    trm_snapshot now = t->snap;
    if (trm_clock_now() < t->next_look)
        return false;
    pthread_mutex_unlock(&t->lock);
    const bool news = t->source.renew(t->source.ctx, &now, &history);
    if (news && trm_course_unit(t->course) == TRM_UNIT_EPOCH)
        trm_trainer_take_weights(t); // an episode ends with the weights that it began with
    pthread_mutex_lock(&t->lock);
    t->next_look = trm_clock_now() + LOOK;
    if (news)
        publish(t, &now, history);
    return news;
}
