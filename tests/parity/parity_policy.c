// SPDX-License-Identifier: Apache-2.0
// Policies: outputs of every cycle, the loss, and every parameter's gradient. The loss is the mean
// over the batch of -(log_prob(action) * weight), minus 0.01 times the mean entropy.
#include <stdlib.h>
#include <string.h>

#include "parity.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/model/model.h"
#include "trm/nn/categorical.h"

static const float ENTROPY = 0.01f;

static trm_model_config config_from(const trm_safetensors *s) {
    trm_model_config c = trm_model_config_default();
    const char *conditioned = trm_safetensors_meta(s, "action_conditioning");
    trm_text_copy(c.type, sizeof c.type, trm_safetensors_meta(s, "model"));
    c.state_dim = (int32_t)parity_number(s, "state_dim", -1);
    c.action_dim = (int32_t)parity_number(s, "action_dim", -1);
    c.h_dim = (int32_t)parity_number(s, "h_dim", c.h_dim);
    c.l_dim = (int32_t)parity_number(s, "l_dim", c.l_dim);
    c.k_cycles = (int32_t)parity_number(s, "k_cycles", c.k_cycles);
    c.h_layers = (int32_t)parity_number(s, "n_h_layers", c.h_layers);
    c.l_layers = (int32_t)parity_number(s, "n_l_layers", c.l_layers);
    c.hidden = (int32_t)parity_number(s, "hidden", c.hidden);
    c.action_conditioning = conditioned && strcmp(conditioned, "true") == 0;
    return c;
}

static void load_params(trm_model *m, const trm_safetensors *s) {
    trm_params *p = trm_model_params(m);
    assert_int_equal(p->total, (int64_t)parity_number(s, "params", (double)p->total));
    for (int32_t i = 0; i < p->count; i++) {
        const trm_tensor *t = parity_tensor(s, TRM_F32, "param.%s", p->items[i].name);
        assert_int_equal(trm_tensor_count(t), p->items[i].size);
        memcpy(trm_params_at(p, p->values, i), t->data, (size_t)p->items[i].size * sizeof(float));
    }
}

// input.prev_action, or NULL where the file has none.
static int32_t *previous_actions(const trm_safetensors *s, int32_t rows) {
    if (!trm_safetensors_find(s, "input.prev_action"))
        return NULL;
    const int64_t *given = parity_tensor(s, TRM_I64, "input.prev_action")->data;
    int32_t *prev = trm_alloc((size_t)rows, sizeof *prev);
    for (int32_t r = 0; r < rows; r++)
        prev[r] = (int32_t)given[r];
    return prev;
}

static void check_part(const trm_safetensors *s, const trm_trace_shape *shape, int32_t cycle,
                       const char *part, float *(*at)(const trm_trace_shape *, float *, int32_t),
                       int32_t size, float *data, int32_t row) {
    const trm_tensor *t = parity_tensor(s, TRM_F32, "cycle.%d.%s", cycle, part);
    check_close(t->name, at(shape, data, cycle), (const float *)t->data + (int64_t)row * size, size,
                PARITY_OUTPUT_TOLERANCE);
}

// The largest value of a tensor sets the scale for all its rows, but a row's own is the stricter
// test.
static void check_cycles(const trm_model *m, trm_workspace *w, const trm_safetensors *s,
                         int32_t rows) {
    trm_trace_shape shape = trm_model_trace_shape(m);
    float *data = trm_alloc((size_t)trm_trace_size(&shape), sizeof *data);
    for (int32_t r = 0; r < rows; r++) {
        trm_model_trace(m, w, r, data);
        for (int32_t c = 0; c < shape.cycles; c++) {
            check_part(s, &shape, c, "h_mid", trm_trace_h_mid, shape.h_mid, data, r);
            check_part(s, &shape, c, "l", trm_trace_l, shape.l, data, r);
            check_part(s, &shape, c, "h", trm_trace_h, shape.h, data, r);
            check_part(s, &shape, c, "logits", trm_trace_logits, shape.actions, data, r);
        }
    }
    free(data);
}

// Writes d loss / d logits and returns the loss.
static double policy_loss(trm_mat logits, trm_mat dlogits, const int64_t *action,
                          const float *weight, int32_t rows) {
    double loss = 0, n = rows;
    for (int32_t r = 0; r < rows; r++) {
        const float *row = trm_mat_row(logits, r);
        double log_prob = (double)trm_categorical_log_prob(row, logits.cols, (int32_t)action[r]);
        double entropy = (double)trm_categorical_entropy(row, logits.cols);
        loss -= (log_prob * (double)weight[r] + (double)ENTROPY * entropy) / n;
        trm_categorical_backward(trm_mat_row(dlogits, r), row, logits.cols, (int32_t)action[r],
                                 -weight[r] / (float)rows, -ENTROPY / (float)rows);
    }
    return loss;
}

static void check_loss_and_gradients(const trm_model *m, trm_workspace *w, const trm_safetensors *s,
                                     int32_t rows) {
    int32_t last = trm_model_outputs(m) - 1;
    float loss = (float)policy_loss(trm_workspace_logits(w, last), trm_workspace_dlogits(w, last),
                                    parity_tensor(s, TRM_I64, "input.action")->data,
                                    parity_tensor(s, TRM_F32, "input.weight")->data, rows);
    check_close("loss", &loss, parity_tensor(s, TRM_F32, "loss")->data, 1, PARITY_OUTPUT_TOLERANCE);
    const trm_params *p = trm_model_params_const(m);
    float *grads = trm_alloc((size_t)p->size, sizeof *grads);
    trm_model_backward(m, w, 0, rows, grads);
    for (int32_t i = 0; i < p->count; i++) {
        const trm_tensor *t = parity_tensor(s, TRM_F32, "grad.%s", p->items[i].name);
        check_close(t->name, trm_params_at(p, grads, i), t->data, p->items[i].size,
                    PARITY_GRADIENT_TOLERANCE);
    }
    free(grads);
}

void parity_policy(const trm_safetensors *s) {
    trm_model_config c = config_from(s);
    trm_error e = {0};
    trm_model *m = trm_model_new(&c, &e);
    if (!m)
        fail_msg("%s", e.message);
    load_params(m, s);
    const trm_tensor *x = parity_tensor(s, TRM_F32, "input.state");
    int32_t rows = (int32_t)x->shape[0], *prev = previous_actions(s, rows);
    trm_workspace *w = trm_workspace_new(m, rows, false);
    trm_model_forward(m, w, 0, trm_mat_of(x->data, rows, c.state_dim), prev);
    if (trm_safetensors_find(s, "cycle.0.h"))
        check_cycles(m, w, s, rows);
    else
        check_close("logits", trm_workspace_logits(w, trm_model_outputs(m) - 1).data,
                    parity_tensor(s, TRM_F32, "logits")->data, (int64_t)rows * c.action_dim,
                    PARITY_OUTPUT_TOLERANCE);
    check_loss_and_gradients(m, w, s, rows);
    free(prev);
    trm_workspace_free(w);
    trm_model_free(m);
}
