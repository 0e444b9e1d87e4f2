// SPDX-License-Identifier: Apache-2.0
#include "trm/run/lesson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/rundir/fields.h"
#include "run/rundir/impl.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/run/checkpoint.h"

enum { TEST_SEED_STEP = 1 }; // the test samples' stream lies beside the validation samples'

static uint64_t test_seed(const trm_config *c) {
    return (uint64_t)c->seed + ((uint64_t)TEST_SEED_STEP << 32);
}

trm_dataset *trm_lesson_test(const trm_config *c, int32_t count, trm_error *e) {
    const trm_dataset_config data = trm_config_data(c);
    return trm_dataset_new(&data, TRM_SPLIT_HELD_OUT, count, test_seed(c), e);
}

// Draws all three sets, from files that are read once.
static bool draw_samples(trm_lesson *l, const trm_config *c, trm_error *e) {
    const trm_dataset_config data = trm_config_data(c);
    const trm_dataset_config *n = &c->data;
    l->source = trm_dataset_open(&data, e);
    if (l->source)
        l->train = trm_dataset_draw(l->source, TRM_SPLIT_TRAIN, n->train, l->seed, e);
    if (l->train)
        l->validation = trm_dataset_draw(l->source, TRM_SPLIT_HELD_OUT, n->validation, l->seed, e);
    if (l->validation)
        l->test = trm_dataset_draw(l->source, TRM_SPLIT_HELD_OUT, n->test, test_seed(c), e);
    return l->test && (c->train.batch <= l->train->count || n->asked ||
                       trm_error_set(e, TRM_E_INPUT,
                                     "train.batch: %d is more than the %d training puzzles of %s",
                                     (int)c->train.batch, (int)l->train->count, data.puzzles));
}

bool trm_lesson_init(trm_lesson *l, const trm_config *c, trm_error *e) {
    trm_model_config model;
    uint64_t seed = (uint64_t)c->seed;
    *l = (trm_lesson){.data = c->data, .seed = seed};
    if (!trm_config_check(c, e) || !trm_config_model(c, &model, e))
        return false;
    if (draw_samples(l, c, e))
        l->learner = trm_supervised_new(&model, &c->train, seed, e);
    if (l->learner)
        return true;
    trm_lesson_done(l);
    return false;
}

bool trm_lesson_begin(trm_lesson *l, const trm_config *c, trm_error *e) {
    if (!trm_checkpoint_begin(c, trm_supervised_model(l->learner), e))
        return false;
    trm_supervised_begin(l->learner);
    return true;
}

void trm_lesson_done(trm_lesson *l) {
    trm_supervised_free(l->learner);
    trm_dataset_free(l->train);
    trm_dataset_free(l->validation);
    trm_dataset_free(l->test);
    trm_dataset_close(l->source);
    *l = (trm_lesson){0};
}

trm_samples trm_lesson_samples(const trm_dataset *d) {
    return (trm_samples){.inputs = d->inputs, .targets = d->targets, .count = d->count};
}

// Seed of an epoch's own samples, apart from those of validation and test.
static uint64_t fresh_seed(const trm_lesson *l, int64_t epoch) {
    return l->seed + ((uint64_t)(epoch + 1 + TEST_SEED_STEP) << 32);
}

// Draws the samples of the epoch to come where every epoch has its own.
static bool refresh(trm_lesson *l, trm_error *e) {
    int64_t epoch = trm_supervised_epochs(l->learner);
    if (!l->data.fresh || l->drawn == epoch)
        return true;
    trm_dataset *d =
        trm_dataset_draw(l->source, TRM_SPLIT_TRAIN, l->data.train, fresh_seed(l, epoch), e);
    if (!d)
        return false;
    trm_dataset_free(l->train);
    l->train = d;
    l->drawn = epoch;
    return true;
}

trm_outcome trm_lesson_epoch(trm_lesson *l, bool (*progress)(void *ctx, double share), void *ctx,
                             trm_epoch *out, trm_error *e) {
    if (!refresh(l, e))
        return TRM_UPDATE_FAILED;
    const trm_samples train = trm_lesson_samples(l->train);
    const trm_samples validation = trm_lesson_samples(l->validation);
    return trm_supervised_epoch(l->learner, &train, &validation, progress, ctx, out, e);
}

// ---- recording ----------------------------------------------------------------------------------

bool trm_lesson_record(trm_rundir *r, const trm_epoch *epoch, double seconds, trm_error *e) {
    return metrics_append_epoch(&r->metrics, epoch, seconds, e);
}

static bool write_result(trm_rundir *r, trm_lesson *l, const trm_score *score, double seconds,
                         trm_error *e) {
    const run_answers_result result = {
        .epochs = trm_supervised_epochs(l->learner),
        .test = *score,
        .seconds = seconds,
        .parameters = trm_model_params(trm_supervised_model(l->learner))->total};
    char path[RUN_PATH];
    json_text out = {0};
    json_append(&out, "{");
    fields_print(&fields_of_answers_result, &result, &out);
    json_append(&out, "}\n");
    bool ok =
        files_join(path, r->path, RUN_RESULT, e) && trm_file_write(path, out.data, out.size, e);
    free(out.data);
    return ok;
}

static trm_tensor *list_tensors(trm_lesson *l, int32_t *count) {
    *count = trm_supervised_tensors(l->learner, NULL, 0);
    trm_tensor *tensors = trm_alloc((size_t)*count, sizeof *tensors);
    trm_supervised_tensors(l->learner, tensors, *count);
    return tensors;
}

bool trm_lesson_save(trm_rundir *r, trm_lesson *l, const trm_config *c, const trm_score *score,
                     double seconds, trm_error *e) {
    char path[RUN_PATH];
    int32_t count;
    trm_tensor *tensors = list_tensors(l, &count);
    bool ok = rundir_settle(r, c, path, e) && trm_checkpoint_write(path, tensors, count, c, e) &&
              (!score || write_result(r, l, score, seconds, e));
    free(tensors);
    return ok || rundir_failed(r, e);
}

static bool restore(trm_lesson *l, const char *path, const trm_config *c, trm_error *e) {
    int32_t count;
    trm_tensor *tensors = list_tensors(l, &count);
    bool ok =
        trm_checkpoint_read(path, c, tensors, count, e) && trm_supervised_restored(l->learner, e);
    free(tensors);
    return ok;
}

bool trm_lesson_resume(trm_rundir *r, trm_lesson *l, double *seconds, trm_error *e) {
    char path[RUN_PATH];
    if (!files_join(path, r->path, RUN_CHECKPOINT, e) ||
        (trm_file_exists(path) && !restore(l, path, &r->config, e)))
        return false;
    return metrics_cut(&r->metrics, trm_supervised_epochs(l->learner), seconds, e);
}

bool trm_lesson_read(trm_lesson *l, const char *run, trm_config *c, trm_error *e) {
    char path[RUN_PATH];
    trm_config config;
    if (!files_is_directory(run))
        return trm_error_set(e, TRM_E_INPUT, "%s: no run directory", run);
    if (!trm_config_load(&config, run, e) || !files_join(path, run, RUN_CHECKPOINT, e))
        return false;
    if (!trm_config_supervised(&config))
        return trm_error_set(e, TRM_E_INPUT, "%s learned by reinforcement: it has no answers", run);
    if (!trm_file_exists(path))
        return trm_error_set(e, TRM_E_INPUT, "%s: there is no checkpoint yet", run);
    if (!trm_lesson_init(l, &config, e))
        return trm_error_prefix(e, "%s", run);
    if (!restore(l, path, &config, e)) {
        trm_lesson_done(l);
        return false;
    }
    *c = config;
    return true;
}
