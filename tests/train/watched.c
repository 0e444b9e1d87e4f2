// SPDX-License-Identifier: Apache-2.0
#include "watched.h"

static bool count_saves(void *ctx, trm_course *c, const trm_saving *how, trm_error *e) {
    (void)e;
    watched *w = ctx;
    w->saves++;
    w->finals += how->final;
    w->saved_episodes = trm_course_count(c).done;
    return how->seconds >= 0;
}

void watched_new(watched *w, int64_t episodes) {
    small_setup s = small_default();
    s.train.episodes = episodes;
    *w = (watched){.c = small_course(&s, 7)};
    w->l = trm_course_learner(w->c);
    const trm_trainer_hooks hooks = {.ctx = w, .checkpoint = count_saves};
    w->t = trm_trainer_new(w->c, &hooks, NULL, 0);
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
    trm_course_free(w->c);
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
