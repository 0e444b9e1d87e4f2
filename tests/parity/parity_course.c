// SPDX-License-Identifier: Apache-2.0
// The paper's training by the course that trains here (supervision act): the losses of two updates
// on the same samples, where the samples stand, and the weights after a step of the optimisers.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parity.h"
#include "train/supervised/impl.h"
#include "trm/base/text.h"

#define LOSS_TOLERANCE  1e-6 // a sample
#define AFTER_TOLERANCE 1e-6

typedef struct course {
    const trm_safetensors *s;
    const trm_model *m;
    trm_samples samples;
    trm_supervised *trained;
} course;

// One batch of all samples, in their order.
static course begin(const trm_safetensors *s, const trm_model *m, trm_mat x,
                    const trm_train_config *rates) {
    trm_train_config c = *rates;
    const trm_params *p = trm_model_params_const(m);
    const trm_tensor *labels = parity_tensor(s, TRM_I64, "input.labels");
    int64_t count = trm_tensor_count(labels);
    int32_t *targets = trm_alloc((size_t)count, sizeof *targets);
    trm_error e = {0};
    for (int64_t i = 0; i < count; i++)
        targets[i] = (int32_t)((const int64_t *)labels->data)[i];
    c.batch = x.rows;
    c.clip = c.explore = 0;
    trm_text_copy(c.optimizer, sizeof c.optimizer, "adam-atan2");
    trm_text_copy(c.supervision, sizeof c.supervision, "act");
    trm_text_copy(c.loss, sizeof c.loss, "stablemax-f64");
    course out = {.s = s,
                  .m = m,
                  .samples = {.inputs = x.data, .targets = targets, .count = x.rows},
                  .trained = trm_supervised_new(trm_model_get_config(m), &c, 1, &e)};
    if (!out.trained)
        fail_msg("%s", e.message);
    memcpy(trm_model_params(out.trained->model)->values, p->values,
           (size_t)p->size * sizeof(float));
    out.trained->order = trm_alloc((size_t)x.rows, sizeof(int32_t));
    out.trained->order_capacity = x.rows;
    for (int32_t i = 0; i < x.rows; i++)
        out.trained->order[i] = i;
    return out;
}

static void end(course *c) {
    trm_supervised_free(c->trained);
    free((void *)(uintptr_t)c->samples.targets);
}

static void update(course *c, const char *prefix) {
    trm_epoch epoch;
    trm_error e = {0};
    const int64_t *steps = parity_tensor(c->s, TRM_I64, "%ssteps", prefix)->data;
    const int64_t *halted = parity_tensor(c->s, TRM_I64, "%shalted", prefix)->data;
    const double *loss = parity_tensor(c->s, TRM_F64, "%sloss", prefix)->data;
    if (trm_supervised_act_epoch(c->trained, &c->samples, NULL, NULL, &epoch, &e) !=
        TRM_UPDATE_DONE)
        fail_msg("%s", e.message);
    if (!(fabs(epoch.train_loss - *loss / c->samples.count) <= LOSS_TOLERANCE))
        fail_msg("%sloss: %.9g found, %.9g expected", prefix, epoch.train_loss,
                 *loss / c->samples.count);
    for (int32_t i = 0; i < c->samples.count; i++) // a place whose sample has stopped is free
        assert_int_equal(c->trained->act->steps[2 * i], halted[i] ? 0 : steps[i]);
}

static void check_after(const course *c) {
    const trm_params *params = trm_model_params_const(c->trained->model);
    for (int32_t i = 0; i < params->count; i++) {
        const trm_param *item = &params->items[i];
        const float *got = trm_params_at(params, params->values, i);
        const float *before = trm_params_at(params, trm_model_params_const(c->m)->values, i);
        if (item->learning == TRM_FIXED)
            assert_memory_equal(got, before, (size_t)item->size * sizeof *got);
        else
            check_close(item->name, got,
                        parity_tensor(c->s, TRM_F32, "after.%s%s",
                                      trm_safetensors_meta(c->s, "prefix"), item->name)
                            ->data,
                        item->size, AFTER_TOLERANCE);
    }
}

void parity_course(const trm_safetensors *s, const trm_model *m, trm_mat x) {
    trm_train_config rates = trm_train_config_default();
    rates.lr = 0; // the file's second step is one of the same weights
    course still = begin(s, m, x, &rates);
    update(&still, "");
    update(&still, "train.1.");
    end(&still);
    if (!trm_safetensors_find(s, "after.settings"))
        return;
    const double *set = parity_tensor(s, TRM_F64, "after.settings")->data;
    rates.lr = (float)set[0];
    rates.weight_decay = (float)set[1];
    rates.beta2 = (float)set[3];
    rates.puzzle_lr = (float)set[4];
    rates.puzzle_decay = (float)set[5];
    course learns = begin(s, m, x, &rates);
    assert_true(fabs(set[2] - (double)learns.trained->adam.beta1) < 1e-6);
    update(&learns, "");
    check_after(&learns);
    end(&learns);
}
