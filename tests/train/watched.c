// SPDX-License-Identifier: Apache-2.0
#include "watched.h"

static bool count_saves(void *ctx, trm_learner *l, bool final, double seconds, trm_error *e) {
    (void)e;
    watched *w = ctx;
    w->saves++;
    w->finals += final;
    w->saved_episodes = trm_learner_episodes(l);
    return seconds >= 0;
}

void watched_new(watched *w, int64_t episodes) {
    small_setup s = small_default();
    s.train.episodes = episodes;
    *w = (watched){.l = small_learner(&s, 7)};
    const trm_trainer_hooks hooks = {.ctx = w, .checkpoint = count_saves};
    w->t = trm_trainer_new(w->l, &hooks, NULL, 0);
}

void watched_start(watched *w) {
    trm_error e = {0};
    if (!trm_trainer_start(w->t, &e))
        fail_msg("%s", e.message);
}

void watched_stop(watched *w) {
    trm_trainer_stop(w->t);
    trm_trainer_join(w->t);
}

void watched_free(watched *w) {
    trm_trainer_free(w->t);
    trm_learner_free(w->l);
}

trm_snapshot watched_snapshot(watched *w) {
    trm_snapshot s;
    trm_trainer_snapshot(w->t, &s);
    return s;
}

void assert_as_untouched(watched *w, int64_t episodes) {
    small_setup s = small_default();
    s.train.episodes = episodes;
    trm_learner *plain = small_learner(&s, 7);
    while (!trm_learner_done(plain))
        small_train(plain, 1);
    assert_same_learner(w->l, plain);
    trm_learner_free(plain);
}
