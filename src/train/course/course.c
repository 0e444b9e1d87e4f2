// SPDX-License-Identifier: Apache-2.0
#include "trm/train/course.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/course/impl.h"
#include "trm/base/arena.h"

static const struct {
    const char *name, *plural;
} units[] = {
    [TRM_UNIT_EPISODE] = {"episode", "episodes"},
    [TRM_UNIT_EPOCH] = {"epoch", "epochs"},
    [TRM_UNIT_STEP] = {"step", "steps"},
    [TRM_UNIT_BATCH] = {"batch", "batches"},
};

const char *trm_unit_name(trm_unit u) {
    return units[u].name;
}

const char *trm_unit_plural(trm_unit u) {
    return units[u].plural;
}

trm_course *trm_course_new(const trm_course_plan *plan, trm_error *e) {
    trm_course *c = trm_alloc(1, sizeof *c);
    const bool supervised = strcmp(plan->train->algorithm, "supervised") == 0;
    c->ops = supervised ? &trm_course_of_epochs : &trm_course_of_episodes;
    c->seed = plan->seed;
    if (c->ops->make(c, plan, e))
        return c;
    trm_course_free(c);
    return NULL;
}

void trm_course_free(trm_course *c) {
    if (!c)
        return;
    trm_course_lead_no_more(c);
    c->ops->done(c);
    free(c);
}

trm_unit trm_course_unit(const trm_course *c) {
    return c->ops->unit;
}

trm_course_counts trm_course_count(const trm_course *c) {
    return c->ops->count(c);
}

bool trm_course_done(const trm_course *c) {
    const trm_course_counts n = c->ops->count(c);
    return n.done >= n.total;
}

void trm_course_set_total(trm_course *c, int64_t total) {
    c->ops->set_total(c, total);
}

trm_outcome trm_course_advance(trm_course *c, const trm_step_callback *callback, trm_advance *out,
                               trm_error *e) {
    *out = (trm_advance){.unit = c->ops->unit};
    trm_course_lead(c);
    return c->ops->advance(c, callback, out, e);
}

void trm_course_set_stop(trm_course *c, bool (*asked)(void *ctx), void *ctx) {
    if (c->supervised)
        trm_supervised_set_stop(c->supervised, asked, ctx);
}

double trm_course_update_share(const trm_course *c) {
    return c->supervised ? trm_supervised_update_share(c->supervised) : (double)NAN;
}

trm_model *trm_course_model(trm_course *c) {
    return c->ops->model(c);
}

const trm_model *trm_course_model_const(const trm_course *c) {
    return c->ops->model(c);
}

void trm_course_weights(const trm_course *c, float *out) {
    c->ops->weights(c, out);
}

void trm_course_begin(trm_course *c) {
    c->ops->begin(c);
}

int32_t trm_course_tensors(trm_course *c, trm_tensor *out, int32_t capacity) {
    return c->ops->tensors(c, out, capacity);
}

bool trm_course_restored(trm_course *c, trm_error *e) {
    return c->ops->restored(c, e);
}

const trm_train_config *trm_course_config(const trm_course *c) {
    return c->ops->config(c);
}

uint64_t trm_course_seed(const trm_course *c) {
    return c->seed;
}

const trm_env *trm_course_env(const trm_course *c) {
    return c->learner ? trm_learner_env(c->learner) : NULL;
}

trm_learner *trm_course_learner(trm_course *c) {
    return c->learner;
}

const trm_dataset *trm_course_data(const trm_course *c, trm_course_set set) {
    return c->sets[set];
}

bool trm_course_score(trm_course *c, bool (*go_on)(void *ctx), void *ctx, trm_score *out) {
    return c->ops->score && c->ops->score(c, go_on, ctx, out);
}

void trm_course_answer(trm_course *c, const float *input, int32_t *classes) {
    assert(c->ops->answer);
    c->ops->answer(c, input, classes);
}

void trm_course_sample(trm_course *c, trm_split side, int32_t sample, trm_steps_seen *seen,
                       void *ctx, trm_sample *out) {
    assert(c->ops->sample);
    c->ops->sample(c, side, sample, seen, ctx, out);
}
