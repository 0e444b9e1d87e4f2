// SPDX-License-Identifier: Apache-2.0
// Courses of epochs: supervised learning, with the samples it is about.
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/course/impl.h"
#include "train/tensors.h"
#include "trm/base/arena.h"

// Random streams of the seed: validation samples have the seed's own, the test samples and each
// epoch that has its own training samples one of those after it.
enum { SEED_TEST = 1, SEED_FRESH = 2 };

static uint64_t seed_beside(uint64_t seed, int64_t n) {
    return seed + ((uint64_t)n << 32);
}

trm_dataset *trm_course_draw_test(const trm_dataset_config *data, int32_t count, uint64_t seed,
                                  trm_error *e) {
    return trm_dataset_new(data, TRM_SPLIT_HELD_OUT, count, seed_beside(seed, SEED_TEST), e);
}

static trm_samples samples_of(const trm_dataset *d) {
    return (trm_samples){.inputs = d->inputs, .targets = d->targets, .count = d->count};
}

// The training samples of an epoch, where every epoch has its own.
static trm_dataset *draw_epoch(const trm_course *c, int64_t epoch, trm_error *e) {
    const uint64_t seed = seed_beside(c->seed, SEED_FRESH + epoch);
    return c->originals ? trm_dataset_augment(c->source, c->originals, c->data.augment, seed, e)
                        : trm_dataset_draw(c->source, TRM_SPLIT_TRAIN, c->data.train, seed, e);
}

// Draws all three sets, from files that are read once.
static bool draw_sets(trm_course *c, trm_error *e) {
    const trm_dataset_config *d = &c->data;
    trm_dataset **sets = c->sets;
    c->source = trm_dataset_open(d, e);
    if (c->source) {
        trm_dataset_set_solved(c->source, 0);
        sets[TRM_SET_TRAIN] = trm_dataset_draw(c->source, TRM_SPLIT_TRAIN, d->train, c->seed, e);
        trm_dataset_set_solved(c->source, 1);
    }
    if (sets[TRM_SET_TRAIN])
        sets[TRM_SET_VALIDATION] =
            trm_dataset_draw(c->source, TRM_SPLIT_HELD_OUT, d->validation, c->seed, e);
    if (sets[TRM_SET_VALIDATION])
        sets[TRM_SET_TEST] = trm_dataset_draw(c->source, TRM_SPLIT_HELD_OUT, d->test,
                                              seed_beside(c->seed, SEED_TEST), e);
    if (!sets[TRM_SET_TEST])
        return false;
    assert(sets[TRM_SET_TRAIN]);
    if (d->augment && !d->fresh && trm_dataset_reads(d->type, "augment")) {
        c->originals = sets[TRM_SET_TRAIN];
        sets[TRM_SET_TRAIN] = draw_epoch(c, 0, e);
        if (!sets[TRM_SET_TRAIN])
            return false;
    }
    const int32_t count = sets[TRM_SET_TRAIN]->count;
    return c->train.batch <= count || d->asked ||
           trm_error_set(
               e, TRM_E_INPUT,
               "train.batch: %d is more than the %d training boards of %s: set a smaller one",
               (int)c->train.batch, (int)count, d->files);
}

static bool make(trm_course *c, const trm_course_plan *plan, trm_error *e) {
    c->data = *plan->data;
    c->train = *plan->train;
    if (!draw_sets(c, e))
        return false;
    const trm_dataset *d = c->sets[TRM_SET_TRAIN];
    assert(plan->model->state_dim == d->state_dim && plan->model->positions == d->positions);
    (void)d;
    c->supervised = trm_supervised_new(plan->model, &c->train, c->seed, e);
    return c->supervised != NULL;
}

static void done(trm_course *c) {
    trm_supervised_free(c->supervised);
    for (int32_t i = 0; i < TRM_SETS; i++)
        trm_dataset_free(c->sets[i]);
    trm_dataset_free(c->originals);
    trm_dataset_close(c->source);
}

static void join(trm_course *c, trm_peers *peers) {
    trm_supervised_join(c->supervised, peers);
}

static trm_course_counts count(const trm_course *c) {
    const int64_t epochs = trm_supervised_epochs(c->supervised);
    const int64_t updates = trm_supervised_updates(c->supervised);
    return (trm_course_counts){.done = epochs,
                               .total = c->train.epochs,
                               .advances = epochs,
                               .updates = updates,
                               .steps = updates,
                               .samples = epochs * c->sets[TRM_SET_TRAIN]->count};
}

static void set_total(trm_course *c, int64_t total) {
    assert(total >= trm_supervised_epochs(c->supervised));
    c->train.epochs = total < INT32_MAX ? (int32_t)total : INT32_MAX;
}

// Draws the samples of the epoch to come where every epoch has its own.
static bool refresh(trm_course *c, trm_error *e) {
    const int64_t epoch = trm_supervised_epochs(c->supervised);
    if ((!c->data.fresh && !c->originals) || c->drawn == epoch)
        return true;
    trm_dataset_set_solved(c->source, c->solved);
    trm_dataset *d = draw_epoch(c, epoch, e);
    if (!d)
        return false;
    trm_dataset_free(c->sets[TRM_SET_TRAIN]);
    c->sets[TRM_SET_TRAIN] = d;
    c->drawn = epoch;
    return true;
}

typedef struct stepping {
    const trm_course *course;
    const trm_step_callback *callback;
    int64_t index;
} stepping;

static bool tell_batch(void *ctx, double share) {
    stepping *s = ctx;
    trm_course_step step = {.index = s->index++,
                            .first = true,
                            .last = share >= 1,
                            .sample_count = s->course->sets[TRM_SET_TRAIN]->count};
    trm_supervised_batch(s->course->supervised, &step.batch);
    step.steps = step.batch.batch + 1;
    if (share > 0)
        step.batch_count = (int32_t)ceil((double)s->index / share - 1e-6);
    return s->callback->step(s->callback->ctx, &step);
}

static trm_outcome advance(trm_course *c, const trm_step_callback *callback, trm_advance *out,
                           trm_error *e) {
    if (!refresh(c, e))
        return TRM_UPDATE_FAILED;
    trm_supervised_set_epochs(c->supervised, c->train.epochs);
    const trm_samples train = samples_of(c->sets[TRM_SET_TRAIN]);
    const trm_samples validation = samples_of(c->sets[TRM_SET_VALIDATION]);
    stepping s = {c, callback, 0};
    const trm_outcome outcome = trm_supervised_epoch(
        c->supervised, &train, &validation, callback ? tell_batch : NULL, &s, &out->epoch, e);
    if (outcome == TRM_UPDATE_DONE)
        c->solved = out->epoch.score.exact_accuracy;
    return outcome;
}

static trm_model *model(const trm_course *c) {
    return trm_supervised_model(c->supervised);
}

static void weights(const trm_course *c, float *out) {
    trm_supervised_weights(c->supervised, out);
}

static void begin(trm_course *c) {
    trm_supervised_begin(c->supervised);
}

static int32_t tensors(trm_course *c, trm_tensor *out, int32_t capacity) {
    trm_listing to = {out, capacity, trm_supervised_tensors(c->supervised, out, capacity)};
    if (c->data.curriculum)
        trm_listing_put(&to, "state.", "solved", TRM_F64, 1, (int64_t[]){1}, &c->solved);
    return to.count;
}

static bool restored(trm_course *c, trm_error *e) {
    if (!(c->solved >= 0 && c->solved <= 1))
        return trm_error_set(e, TRM_E_INPUT, "the checkpoint's share of solved samples is not one");
    return trm_supervised_restored(c->supervised, e);
}

static const trm_train_config *config(const trm_course *c) {
    return &c->train;
}

static bool score(trm_course *c, bool (*go_on)(void *ctx), void *ctx, trm_score *out) {
    const trm_samples test = samples_of(c->sets[TRM_SET_TEST]);
    return trm_supervised_score(c->supervised, &test, go_on, ctx, out);
}

static void answer(trm_course *c, const float *input, int32_t *classes) {
    trm_supervised_answer(c->supervised, input, classes);
}

// ---- a sample -----------------------------------------------------------------------------------

static size_t trace_size(const trm_model *m) {
    const trm_trace_shape shape = trm_model_trace_shape(m);
    return (size_t)trm_trace_size(&shape);
}

void trm_sample_init(trm_sample *s, const trm_course *c) {
    const trm_model *m = trm_course_model_const(c);
    assert(c->supervised);
    const trm_model_config *k = trm_model_get_config(m);
    *s = (trm_sample){.input = trm_alloc((size_t)k->state_dim, sizeof *s->input),
                      .target = trm_alloc((size_t)k->positions, sizeof *s->target),
                      .trace = trm_alloc(trace_size(m), sizeof *s->trace)};
}

void trm_sample_done(trm_sample *s) {
    free(s->input);
    free(s->target);
    free(s->trace);
    *s = (trm_sample){0};
}

void trm_sample_copy(trm_sample *dst, const trm_sample *src, const trm_model *m) {
    const trm_model_config *k = trm_model_get_config(m);
    const trm_sample slabs = *dst;
    *dst = *src;
    dst->input = slabs.input;
    dst->target = slabs.target;
    dst->trace = slabs.trace;
    memcpy(dst->input, src->input, (size_t)k->state_dim * sizeof *dst->input);
    memcpy(dst->target, src->target, (size_t)k->positions * sizeof *dst->target);
    memcpy(dst->trace, src->trace, trace_size(m) * sizeof *dst->trace);
}

static void sample(trm_course *c, trm_split side, int32_t i, trm_steps_seen *seen, void *ctx,
                   trm_sample *out) {
    const trm_dataset *d = c->sets[side == TRM_SPLIT_TRAIN ? TRM_SET_TRAIN : TRM_SET_VALIDATION];
    out->side = side;
    out->count = d->count;
    out->sample = (i % d->count + d->count) % d->count;
    const int64_t at = out->sample;
    memcpy(out->input, d->inputs + at * d->state_dim, (size_t)d->state_dim * sizeof *out->input);
    memcpy(out->target, d->targets + at * d->positions, (size_t)d->positions * sizeof *out->target);
    if (d->geometry.rows > 0)
        trm_dataset_board(d, out->sample, &out->board);
    out->known = trm_supervised_trace(c->supervised, out->input, seen, ctx, out->trace);
}

const trm_course_ops trm_course_of_epochs = {.unit = TRM_UNIT_EPOCH,
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
                                             .config = config,
                                             .score = score,
                                             .answer = answer,
                                             .sample = sample};
