// SPDX-License-Identifier: Apache-2.0
// Courses of episodes: a learner of any algorithm.
#include <string.h>

#include "train/course/impl.h"

static bool make(trm_course *c, const trm_course_plan *plan, trm_error *e) {
    c->learner = trm_learner_new(plan->env, plan->model, plan->train, plan->seed, e);
    return c->learner != NULL;
}

static void done(trm_course *c) {
    trm_learner_free(c->learner);
}

static void join(trm_course *c, trm_peers *peers) {
    trm_learner_join(c->learner, peers);
}

static trm_course_counts count(const trm_course *c) {
    const trm_learner *l = c->learner;
    return (trm_course_counts){.done = trm_learner_episodes(l),
                               .total = trm_learner_config(l)->episodes,
                               .advances = trm_learner_updates(l),
                               .updates = trm_learner_updates(l),
                               .steps = trm_learner_steps(l)};
}

static void set_total(trm_course *c, int64_t total) {
    trm_learner_set_episodes(c->learner, total);
}

typedef struct stepping {
    const trm_course *course;
    const trm_step_callback *callback;
} stepping;

static bool tell_step(void *ctx, const trm_step_view *view) {
    const stepping *s = ctx;
    const trm_course_step step = {.index = view->t,
                                  .steps = trm_learner_steps(s->course->learner) + view->t + 1,
                                  .first = view->t == 0,
                                  .view = view};
    return s->callback->step(s->callback->ctx, &step);
}

static trm_outcome advance(trm_course *c, const trm_step_callback *callback, trm_advance *out,
                           trm_error *e) {
    stepping s = {c, callback};
    const trm_learner_callback each = {tell_step, &s};
    return trm_learner_update(c->learner, callback ? &each : NULL, &out->update, e);
}

static trm_model *model(const trm_course *c) {
    return trm_learner_model(c->learner);
}

static void weights(const trm_course *c, float *out) {
    const trm_params *p = trm_model_params_const(model(c));
    memcpy(out, p->values, (size_t)p->size * sizeof *out);
}

static void begin(trm_course *c) {
    (void)c;
}

static int32_t tensors(trm_course *c, trm_tensor *out, int32_t capacity) {
    return trm_learner_tensors(c->learner, out, capacity);
}

static bool restored(trm_course *c, trm_error *e) {
    return trm_learner_restored(c->learner, e);
}

static const trm_train_config *config(const trm_course *c) {
    return trm_learner_config(c->learner);
}

const trm_course_ops trm_course_of_episodes = {.unit = TRM_UNIT_EPISODE,
                                               .make = make,
                                               .done = done,
                                               .join = join,
                                               .count = count,
                                               .set_total = set_total,
                                               .advance = advance,
                                               .model = model,
                                               .weights = weights,
                                               .begin = begin,
                                               .tensors = tensors,
                                               .restored = restored,
                                               .config = config};
