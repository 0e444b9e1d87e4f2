// SPDX-License-Identifier: Apache-2.0
// Gradient of the transformer, in the reverse order of its forward.
#include "transformer.h"
#include "trm/nn/attention.h"
#include "trm/nn/layers.h"

// dsum = gradient at what the norm read
static void norm_backward(const trm_model *m, float *grads, int32_t weight, trm_mat dsum,
                          trm_mat dy, trm_mat xhat, const float *rstd) {
    trm_mat_zero(dsum);
    trm_layernorm_backward_add(dsum, trm_model_grad(m, grads, weight),
                               trm_model_grad(m, grads, weight + 1), dy, xhat, rstd,
                               trm_model_weight(m, weight));
}

// dx1 += gradient through the feed-forward branch, whose end's is dbranch
static void feedforward_backward(const trm_model *m, const trm_transformer_plan *p, int32_t layer,
                                 trm_mat dx1, trm_mat dbranch, int32_t row0, int32_t rows,
                                 float *grads) {
    const trm_encoder_layout *l = &((const trm_transformer_layout *)m->layout)->layers[layer];
    const trm_encoder_acts *a = &p->layers[layer];
    trm_mat hidden = cells_rows(m, a->hidden, row0, rows);
    trm_mat dhidden = cells_rows(m, p->dhidden, 0, rows);
    trm_transformer_drop(m, p, dbranch, layer, DROP_FEEDFORWARD, row0, rows);
    trm_apply_linear_backward(m, grads, l->linear2, dhidden, dbranch, hidden);
    trm_transformer_drop(m, p, dhidden, layer, DROP_HIDDEN, row0, rows);
    trm_relu_backward(dhidden, dhidden, hidden);
    trm_apply_linear_backward_add(m, grads, l->linear1, dx1, dhidden,
                                  cells_rows(m, a->x1, row0, rows));
}

// dx += gradient through the attention branch, whose end's is dbranch
static void attention_backward(const trm_model *m, const trm_transformer_plan *p, int32_t layer,
                               trm_mat dx, trm_mat dbranch, trm_mat x, int32_t row0, int32_t rows,
                               float *grads) {
    const trm_encoder_layout *l = &((const trm_transformer_layout *)m->layout)->layers[layer];
    const trm_encoder_acts *a = &p->layers[layer];
    trm_mat dmixed = cells_rows(m, p->dmixed, 0, rows), dqkv = cells_rows(m, p->dqkv, 0, rows);
    trm_mat qkv = cells_rows(m, a->qkv, row0, rows);
    trm_transformer_drop(m, p, dbranch, layer, DROP_MIXED, row0, rows);
    trm_apply_linear_backward(m, grads, l->out_proj, dmixed, dbranch,
                              cells_rows(m, a->mixed, row0, rows));
    for (int32_t i = 0; i < rows; i++) {
        trm_rng rng;
        bool drop = trm_transformer_masks(p, row0 + i, layer, DROP_ATTENTION, &rng);
        trm_attention_backward(cells_rows(m, dqkv, i, 1), cells_rows(m, dmixed, i, 1),
                               cells_rows(m, qkv, i, 1), m->config.heads, m->config.dropout,
                               drop ? &rng : NULL, p->probs, false, p->dprobs);
    }
    trm_apply_linear_backward_add(m, grads, l->in_proj, dx, dqkv, x);
}

// dx: in, the gradient at the layer's output; out, at its input x.
static void layer_backward(const trm_model *m, const trm_transformer_plan *p, int32_t layer,
                           trm_mat dx, trm_mat x, int32_t row0, int32_t rows, float *grads) {
    const trm_encoder_layout *l = &((const trm_transformer_layout *)m->layout)->layers[layer];
    const trm_encoder_acts *a = &p->layers[layer];
    trm_mat dsum = cells_rows(m, p->dsum, 0, rows), dbranch = cells_rows(m, p->dbranch, 0, rows);
    norm_backward(m, grads, l->norm2, dsum, dx, cells_rows(m, a->xhat2, row0, rows),
                  a->rstd2 + cells_of(m, row0));
    trm_mat_copy(dbranch, dsum);
    feedforward_backward(m, p, layer, dsum, dbranch, row0, rows, grads);
    norm_backward(m, grads, l->norm1, dx, dsum, cells_rows(m, a->xhat1, row0, rows),
                  a->rstd1 + cells_of(m, row0));
    trm_mat_copy(dbranch, dx);
    attention_backward(m, p, layer, dx, dbranch, x, row0, rows, grads);
}

static void embed_backward(const trm_model *m, trm_workspace *w, trm_mat dx, int32_t row0,
                           int32_t rows, float *grads) {
    const trm_transformer_layout *l = m->layout;
    const trm_transformer_plan *p = w->impl;
    trm_mat dpos =
        trm_mat_of(trm_model_grad(m, grads, l->pos_encoding), m->config.positions, dx.cols);
    for (int32_t i = 0; i < rows; i++)
        trm_mat_add(dpos, cells_rows(m, dx, i, 1));
    trm_apply_linear_backward(m, grads, l->input_proj, (trm_mat){0}, dx,
                              trm_cells_input(m, w, p->cells, row0, rows));
}

void trm_transformer_backward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                              float *grads) {
    const trm_transformer_layout *l = m->layout;
    const trm_transformer_plan *p = w->impl;
    int32_t layers = m->config.layers;
    trm_mat dx = cells_rows(m, p->dx, 0, rows), dhead = cells_rows(m, p->dhead, 0, rows);
    trm_mat head = cells_rows(m, p->head, row0, rows);
    trm_apply_linear_backward(m, grads, l->head2, dhead,
                              cells_rows(m, cells_view(m, w->dlogits[0]), row0, rows), head);
    trm_relu_backward(dhead, dhead, head);
    trm_apply_linear_backward(m, grads, l->head0, dx, dhead,
                              cells_rows(m, p->layers[layers - 1].x2, row0, rows));
    for (int32_t i = layers - 1; i >= 0; i--)
        layer_backward(m, p, i, dx, cells_rows(m, i == 0 ? p->x0 : p->layers[i - 1].x2, row0, rows),
                       row0, rows, grads);
    embed_backward(m, w, dx, row0, rows, grads);
}
