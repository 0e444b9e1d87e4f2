// SPDX-License-Identifier: Apache-2.0
// Models that answer for every position: the logits of every output, the loss, and every
// parameter's gradient. The loss is the mean over outputs i of (1 + 0.1 i) times the cross entropy
// averaged over batch and positions. Sizes are read off the tensors.
#include <stdio.h>
#include <string.h>

#include "parity.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/nn/categorical.h"

// What the original uses where a file does not say.
static const struct original {
    const char *model;
    int32_t inner_steps, sup_steps;
} originals[] = {{"trm-baseline", 4, 6}, {"trm-simple", 3, 5}, {"trm-maze", 4, 6}};

static int32_t count_outputs(const trm_safetensors *s) {
    for (int32_t n = 0;; n++) {
        char name[64];
        snprintf(name, sizeof name, "sup.%d.logits", n);
        if (!trm_safetensors_find(s, name))
            return n;
    }
}

// Names and shapes of param.*
static trm_params list_params(const trm_safetensors *s, trm_arena *a) {
    static const char prefix[] = "param.";
    trm_params p = {0};
    for (int32_t i = 0; i < s->count; i++) {
        const trm_tensor *t = &s->tensors[i];
        int32_t shape[TRM_PARAM_DIMS];
        if (strncmp(t->name, prefix, sizeof prefix - 1) != 0)
            continue;
        for (int32_t d = 0; d < t->ndim; d++)
            shape[d] = (int32_t)t->shape[d];
        trm_params_add(&p, a, t->name + sizeof prefix - 1, t->ndim, shape, TRM_INIT_ZERO, 0, 0);
    }
    return p;
}

// input.x is [B, positions, x] or [B, planes, height, width].
static trm_model_config config_from(const trm_safetensors *s) {
    trm_model_config c = trm_model_config_default();
    const char *model = trm_safetensors_meta(s, "model");
    const trm_tensor *x = parity_tensor(s, TRM_F32, "input.x");
    const char *detach = trm_safetensors_meta(s, "detach_inner_steps");
    c.detach_inner_steps = !detach || strcmp(detach, "true") == 0;
    c.sup_steps = count_outputs(s);
    for (size_t i = 0; i < sizeof originals / sizeof *originals; i++)
        if (strcmp(originals[i].model, model) == 0) {
            c.inner_steps = (int32_t)parity_number(s, "inner_steps", originals[i].inner_steps);
            c.sup_steps = (int32_t)parity_number(s, "sup_steps", originals[i].sup_steps);
            assert_int_equal(c.sup_steps, count_outputs(s));
        }
    c.heads = (int32_t)parity_number(s, "heads", c.heads);
    c.positions = (int32_t)x->shape[1];
    if (x->ndim == 4) {
        c.height = (int32_t)x->shape[2];
        c.width = (int32_t)x->shape[3];
        c.positions = c.height * c.width;
    }
    trm_arena arena = TRM_ARENA_INIT;
    trm_params params = list_params(s, &arena);
    trm_error e = {0};
    if (!trm_model_recognise(&params, &c, &e))
        fail_msg("%s", e.message);
    trm_arena_free(&arena);
    assert_string_equal(c.type, model);
    assert_int_equal((int64_t)c.state_dim * x->shape[0], trm_tensor_count(x));
    return c;
}

// Writes d loss / d logits of one output and returns its part of the loss.
static double output_loss(const trm_model_config *c, trm_mat logits, trm_mat dlogits,
                          const int64_t *target, double weight) {
    double sum = 0;
    for (int32_t r = 0; r < logits.rows; r++)
        for (int32_t p = 0; p < c->positions; p++)
            sum +=
                (double)trm_cross_entropy(trm_mat_row(dlogits, r) + p * c->action_dim,
                                          trm_mat_row(logits, r) + p * c->action_dim, c->action_dim,
                                          (int32_t)target[r * c->positions + p], (float)weight);
    return sum * weight;
}

// What the trace says of each output's logits must be what the file says.
static void check_trace(const trm_model *m, trm_workspace *w, const trm_safetensors *s,
                        int32_t rows) {
    trm_arena arena = TRM_ARENA_INIT;
    trm_trace_shape shape = trm_model_trace_shape(m);
    int32_t outputs = trm_model_outputs(m);
    float *data = trm_arena_array(&arena, (size_t)trm_trace_size(&shape), sizeof *data);
    for (int32_t r = 0; r < rows; r++) {
        trm_model_trace(m, w, r, data);
        for (int32_t o = 0; o < outputs; o++) {
            const trm_tensor *t = parity_tensor(s, TRM_F32, "sup.%d.logits", o);
            check_close_at(t->name, trm_trace_logits(&shape, data, shape.cycles - outputs + o),
                           (const float *)t->data + (int64_t)r * shape.actions, shape.actions,
                           check_largest(t->data, trm_tensor_count(t)), PARITY_OUTPUT_TOLERANCE);
        }
    }
    trm_arena_free(&arena);
}

void parity_cells(const trm_safetensors *s) {
    trm_model_config c = config_from(s);
    trm_model *m = parity_model(&c, s);
    const trm_tensor *x = parity_tensor(s, TRM_F32, "input.x");
    const int64_t *target = parity_tensor(s, TRM_I64, "input.target")->data;
    int32_t rows = (int32_t)x->shape[0], outputs = trm_model_outputs(m);
    trm_workspace *w = trm_workspace_new(m, rows, true);
    trm_model_forward(m, w, 0, trm_mat_of(x->data, rows, c.state_dim), NULL);
    double loss = 0;
    for (int32_t o = 0; o < outputs; o++) {
        trm_mat logits = trm_workspace_logits(w, o);
        const trm_tensor *t = parity_tensor(s, TRM_F32, "sup.%d.logits", o);
        assert_int_equal(trm_tensor_count(t), (int64_t)rows * logits.cols);
        check_close(t->name, logits.data, t->data, trm_tensor_count(t), PARITY_OUTPUT_TOLERANCE);
        loss += output_loss(&c, logits, trm_workspace_dlogits(w, o), target,
                            (1 + 0.1 * o) / outputs / rows / c.positions);
    }
    float loss_f32 = (float)loss;
    check_close("loss", &loss_f32, parity_tensor(s, TRM_F32, "loss")->data, 1,
                PARITY_OUTPUT_TOLERANCE);
    check_trace(m, w, s, rows);
    parity_check_gradients(m, w, s, rows);
    trm_workspace_free(w);
    trm_model_free(m);
}
