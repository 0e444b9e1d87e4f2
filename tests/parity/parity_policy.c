// SPDX-License-Identifier: Apache-2.0
// Policies: outputs of every cycle or inner step, the loss, and every parameter's gradient. The
// loss is the mean over the batch of -(log_prob(action) * weight), minus 0.01 times the mean
// entropy.
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
    c.z_dim = (int32_t)parity_number(s, "z_dim", c.z_dim);
    c.y_dim = (int32_t)parity_number(s, "y_dim", c.y_dim);
    c.head_hidden = (int32_t)parity_number(s, "head_hidden", c.head_hidden);
    c.inner_steps = (int32_t)parity_number(s, "inner_steps", c.inner_steps);
    c.sup_steps = (int32_t)parity_number(s, "sup_steps", c.sup_steps);
    c.action_conditioning = conditioned && strcmp(conditioned, "true") == 0;
    return c;
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

// Row `row` of tensor <kind>.<i>.<part> against what a trace has. The largest value of the tensor
// sets the scale for all its rows.
static void check_part(const trm_safetensors *s, const char *kind, int32_t i, const char *part,
                       const float *got, int32_t size, int32_t row) {
    const trm_tensor *t = parity_tensor(s, TRM_F32, "%s.%d.%s", kind, i, part);
    check_close_at(t->name, got, (const float *)t->data + (int64_t)row * size, size,
                   check_largest(t->data, trm_tensor_count(t)), PARITY_OUTPUT_TOLERANCE);
}

static void check_cycle(const trm_safetensors *s, const trm_trace_shape *shape, int32_t c,
                        float *data, int32_t row) {
    check_part(s, "cycle", c, "h_mid", trm_trace_h_mid(shape, data, c), shape->h_mid, row);
    check_part(s, "cycle", c, "l", trm_trace_l(shape, data, c), shape->l, row);
    check_part(s, "cycle", c, "h", trm_trace_h(shape, data, c), shape->h, row);
    check_part(s, "cycle", c, "logits", trm_trace_logits(shape, data, c), shape->actions, row);
}

static void check_inner_step(const trm_safetensors *s, const trm_trace_shape *shape, int32_t c,
                             int32_t inner_steps, float *data, int32_t row) {
    check_part(s, "inner", c, "z", trm_trace_h(shape, data, c), shape->h, row);
    if ((c + 1) % inner_steps == 0)
        check_part(s, "sup", c / inner_steps, "logits", trm_trace_logits(shape, data, c),
                   shape->actions, row);
}

static void check_cycles(const trm_model *m, trm_workspace *w, const trm_safetensors *s,
                         int32_t rows) {
    trm_trace_shape shape = trm_model_trace_shape(m);
    float *data = trm_alloc((size_t)trm_trace_size(&shape), sizeof *data);
    for (int32_t r = 0; r < rows; r++) {
        trm_model_trace(m, w, r, data);
        for (int32_t c = 0; c < shape.cycles; c++)
            if (trm_safetensors_find(s, "inner.0.z"))
                check_inner_step(s, &shape, c, trm_model_get_config(m)->inner_steps, data, r);
            else
                check_cycle(s, &shape, c, data, r);
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
    parity_check_gradients(m, w, s, rows);
}

void parity_policy(const trm_safetensors *s) {
    trm_model_config c = config_from(s);
    trm_model *m = parity_model(&c, s);
    const trm_tensor *x = parity_tensor(s, TRM_F32, "input.state");
    int32_t rows = (int32_t)x->shape[0], *prev = previous_actions(s, rows);
    trm_workspace *w = trm_workspace_new(m, rows, false);
    trm_model_forward(m, w, 0, trm_mat_of(x->data, rows, c.state_dim), prev);
    if (trm_safetensors_find(s, "cycle.0.h") || trm_safetensors_find(s, "inner.0.z"))
        check_cycles(m, w, s, rows);
    if (trm_safetensors_find(s, "logits"))
        check_close("logits", trm_workspace_logits(w, trm_model_outputs(m) - 1).data,
                    parity_tensor(s, TRM_F32, "logits")->data, (int64_t)rows * c.action_dim,
                    PARITY_OUTPUT_TOLERANCE);
    check_loss_and_gradients(m, w, s, rows);
    free(prev);
    trm_workspace_free(w);
    trm_model_free(m);
}
