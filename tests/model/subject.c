// SPDX-License-Identifier: Apache-2.0
#include "subject.h"

#include <string.h>

#include "trm/base/text.h"

trm_model_config subject_config(const char *type, int32_t state_dim, int32_t action_dim) {
    trm_model_config c = trm_model_config_default();
    trm_text_copy(c.type, sizeof c.type, type);
    c.state_dim = state_dim;
    c.action_dim = action_dim;
    return c;
}

trm_model_config subject_grid(const char *type, int32_t height, int32_t width, int32_t planes,
                              int32_t classes) {
    trm_model_config c = subject_config(type, planes * height * width, classes);
    c.positions = height * width;
    c.height = height;
    c.width = width;
    return c;
}

trm_model *subject_model(const trm_model_config *c, uint64_t seed) {
    trm_error e = {0};
    trm_model *m = trm_model_new(c, &e);
    if (!m)
        fail_msg("%s", e.message);
    trm_rng rng;
    trm_rng_seed(&rng, seed, 0);
    trm_model_init(m, &rng);
    return m;
}

// The first output whose logits the workspace has.
static int32_t first_output(const subject *s) {
    return s->all ? 0 : trm_model_outputs(s->m) - 1;
}

static int64_t logits_size(const subject *s) {
    const trm_model_config *c = trm_model_get_config(s->m);
    return (int64_t)s->rows * c->positions * c->action_dim;
}

void subject_new(subject *s, const trm_model_config *c, int32_t rows, bool all) {
    trm_rng rng;
    trm_rng_seed(&rng, 2, 0);
    *s = (subject){.m = subject_model(c, 9), .rows = rows, .all = all};
    s->w = trm_workspace_new(s->m, rows, all);
    s->x = trm_arena_array(&s->arena, (size_t)(rows * c->state_dim), sizeof *s->x);
    s->prev = trm_arena_array(&s->arena, (size_t)rows, sizeof *s->prev);
    check_fill(s->x, (int64_t)rows * c->state_dim, 1, &rng);
    for (int32_t r = 0; r < rows; r++)
        s->prev[r] = r % 3 == 0 ? -1 : (int32_t)trm_rng_below(&rng, (uint32_t)c->action_dim);
    int32_t outputs = trm_model_outputs(s->m);
    s->weights = trm_arena_array(&s->arena, (size_t)outputs, sizeof *s->weights);
    for (int32_t o = first_output(s); o < outputs; o++) {
        s->weights[o] = trm_arena_array(&s->arena, (size_t)logits_size(s), sizeof(float));
        check_fill(s->weights[o], logits_size(s), 1, &rng);
    }
}

void subject_enlarge(subject *s) {
    trm_params *p = trm_model_params(s->m);
    for (int64_t i = 0; i < p->size; i++)
        p->values[i] *= 2.8f;
}

void subject_free(subject *s) {
    trm_workspace_free(s->w);
    trm_model_free(s->m);
    trm_arena_free(&s->arena);
}

double subject_loss(void *ctx) {
    subject *s = ctx;
    double sum = 0;
    trm_rng masks = s->masks;
    trm_workspace_set_dropout(s->w, s->dropout ? &masks : NULL);
    trm_model_forward(s->m, s->w, 0,
                      trm_mat_of(s->x, s->rows, trm_model_get_config(s->m)->state_dim), s->prev);
    for (int32_t o = first_output(s); o < trm_model_outputs(s->m); o++)
        for (int64_t i = 0; i < logits_size(s); i++)
            sum += (double)s->weights[o][i] * (double)trm_workspace_logits(s->w, o).data[i];
    return sum;
}

float *subject_gradient(subject *s) {
    float *grads = trm_arena_array(&s->arena, (size_t)trm_model_params(s->m)->size, sizeof *grads);
    subject_loss(s);
    for (int32_t o = first_output(s); o < trm_model_outputs(s->m); o++)
        memcpy(trm_workspace_dlogits(s->w, o).data, s->weights[o],
               (size_t)logits_size(s) * sizeof(float));
    trm_model_backward(s->m, s->w, 0, s->rows, grads);
    return grads;
}

static void put_gradient(void *ctx, int32_t o, int32_t row0, int32_t rows) {
    subject *s = ctx;
    const int64_t each = logits_size(s) / s->rows;
    memcpy(trm_mat_row(trm_workspace_dlogits(s->w, o), row0), s->weights[o] + row0 * each,
           (size_t)(rows * each) * sizeof(float));
}

float *subject_learn(subject *s) {
    float *grads = trm_arena_array(&s->arena, (size_t)trm_model_params(s->m)->size, sizeof *grads);
    trm_rng masks = s->masks;
    trm_workspace_set_dropout(s->w, s->dropout ? &masks : NULL);
    trm_model_learn(s->m, s->w, trm_mat_of(s->x, s->rows, trm_model_get_config(s->m)->state_dim),
                    s->prev, put_gradient, s, grads);
    return grads;
}

void subject_check_gradient(subject *s, int32_t samples) {
    float *grads = subject_gradient(s);
    trm_params *p = trm_model_params(s->m);
    for (int32_t i = 0; i < p->count; i++)
        check_gradient(p->items[i].name, trm_params_at(p, p->values, i), trm_params_at(p, grads, i),
                       p->items[i].size, samples, subject_loss, s, 0.01);
}

void subject_check(const trm_model_config *c, int32_t rows, bool all, int32_t samples) {
    subject s;
    subject_new(&s, c, rows, all);
    subject_enlarge(&s);
    subject_check_gradient(&s, samples);
    subject_free(&s);
}
