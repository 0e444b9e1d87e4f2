// SPDX-License-Identifier: Apache-2.0
// The supervised runs of a comparison: a turn is an epoch.
#include "run/compare/impl.h"
#include "trm/base/clock.h"

bool compare_lesson_begin(compare_job *j, trm_error *e) {
    trm_config c = j->owner->entries[j->run.config].config;
    c.seed = j->run.seed;
    return trm_lesson_init(&j->lesson, &c, e) && trm_lesson_begin(&j->lesson, &c, e);
}

static bool go_on(void *ctx, double share) {
    (void)share;
    return !atomic_load_explicit((atomic_bool *)ctx, memory_order_relaxed);
}

static void publish(compare_job *j, const trm_epoch *epoch) {
    trm_compare_run *r = &j->run;
    pthread_mutex_lock(&j->lock);
    r->episodes = r->updates = trm_supervised_epochs(j->lesson.learner);
    r->seconds = j->spent;
    r->validation_cells = epoch->score.cell_accuracy;
    r->validation_exact = epoch->score.exact_accuracy;
    pthread_mutex_unlock(&j->lock);
}

// The final score, on samples that no epoch was judged by.
static void examine(compare_job *j) {
    const trm_samples test = trm_lesson_samples(j->lesson.test);
    trm_score score;
    trm_supervised_score(j->lesson.learner, &test, &score);
    pthread_mutex_lock(&j->lock);
    j->run.test_cells = score.cell_accuracy;
    j->run.test_exact = score.exact_accuracy;
    j->run.test_recall = score.path_recall;
    pthread_mutex_unlock(&j->lock);
}

void compare_lesson_train(struct trm_compare *c, compare_job *j) {
    trm_error e = {0};
    trm_epoch epoch;
    const double before = trm_clock_now();
    const trm_outcome outcome = trm_lesson_epoch(&j->lesson, go_on, &c->stop, &epoch, &e);
    if (outcome == TRM_UPDATE_ABANDONED)
        return;
    j->spent += trm_clock_now() - before;
    if (outcome == TRM_UPDATE_FAILED) {
        compare_end(j, TRM_COMPARE_FAILED, &e);
        return;
    }
    publish(j, &epoch);
    if (trm_supervised_epochs(j->lesson.learner) < j->run.episodes_total)
        return;
    examine(j);
    compare_end(j, TRM_COMPARE_DONE, NULL);
}
