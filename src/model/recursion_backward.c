// SPDX-License-Identifier: Apache-2.0
#include "recursion.h"
#include "trm/nn/layers.h"
#include "trm/nn/soft.h"

// danswer = gradient at the head's input, from r->dlogits
static void head_backward(const trm_recursion *r, const trm_model *m, const trm_recursion_layout *l,
                          int32_t s, int32_t row0, int32_t rows, float *grads) {
    const trm_recursion_sup *sup = &r->sups[s];
    trm_mat hidden = trm_mat_rows(sup->head, row0, rows);
    trm_mat dhidden = trm_mat_rows(r->dhead, 0, rows);
    trm_apply_linear_backward(m, grads, l->head2, dhidden, trm_mat_rows(r->dlogits, 0, rows),
                              hidden);
    trm_relu_backward(dhidden, dhidden, hidden);
    trm_apply_linear_backward(m, grads, l->head0, trm_mat_rows(r->danswer, 0, rows), dhidden,
                              trm_mat_rows(sup->answer, row0, rows));
}

// dz: in, the gradient at the end of an inner step; out, at its start. Adds to dx and dy.
static void inner_backward(const trm_recursion *r, const trm_model *m,
                           const trm_recursion_layout *l, const trm_recursion_inner *inner,
                           trm_mat dz, trm_mat dx, trm_mat dy, int32_t row0, float *grads) {
    trm_mat hidden = trm_mat_rows(inner->hidden, row0, dz.rows);
    trm_mat dhidden = trm_mat_rows(r->dhidden, 0, dz.rows);
    trm_mat djoined = trm_mat_rows(r->djoined, 0, dz.rows);
    trm_apply_linear_backward(m, grads, l->tiny2, dhidden, dz, hidden);
    trm_relu_backward(dhidden, dhidden, hidden);
    trm_apply_linear_backward(m, grads, l->tiny0, djoined, dhidden,
                              trm_mat_rows(inner->joined, row0, dz.rows));
    trm_mat_copy(dz, recursion_z(m, djoined));
    trm_mat_add(dx, trm_mat_cols(djoined, m->config.z_dim, l->x_dim));
    trm_mat_add(dy, recursion_y(m, djoined));
}

// From the gradient at y to the embedding, and to the logits of the step before: r->dlogits. `all`
// is what the embedding gets, `direct` what the softmax does.
static void y_backward(const trm_recursion *r, const trm_model *m, const trm_recursion_layout *l,
                       int32_t s, trm_mat direct, trm_mat all, const int32_t *prev, int32_t row0,
                       float *grads) {
    const float *table = trm_model_weight(m, l->embed);
    float *dtable = trm_model_grad(m, grads, l->embed);
    if (!r->sups[s].probs.data) {
        for (int32_t i = 0; i < all.rows; i++) {
            int32_t action = recursion_start(prev[i]);
            trm_embedding_backward(dtable, trm_mat_rows(all, i, 1), &action);
        }
        return;
    }
    trm_mat probs = trm_mat_rows(r->sups[s].probs, row0, all.rows);
    trm_soft_embedding_backward((trm_mat){0}, dtable, all, probs, table);
    if (s == 0)
        return;
    trm_mat dprobs = trm_mat_rows(r->dprobs, 0, all.rows);
    trm_soft_embedding_backward(dprobs, NULL, direct, probs, table);
    trm_softmax_rows_backward(trm_mat_rows(r->dlogits, 0, all.rows), dprobs, probs);
}

// In: r->dlogits has what came to this step's logits through the next one's y; dz likewise for z.
static void sup_backward(const trm_recursion *r, const trm_model *m, const trm_recursion_layout *l,
                         int32_t s, trm_mat dz, trm_mat dx, const int32_t *prev, int32_t row0,
                         float *grads) {
    const trm_recursion_sup *sup = &r->sups[s];
    trm_mat danswer = trm_mat_rows(r->danswer, 0, dz.rows);
    trm_mat dy_inner = trm_mat_rows(r->dy_inner, 0, dz.rows), dy = recursion_y(m, danswer);
    if (sup->dlogits.data)
        trm_mat_add(trm_mat_rows(r->dlogits, 0, dz.rows),
                    trm_mat_rows(sup->dlogits, row0, dz.rows));
    head_backward(r, m, l, s, row0, dz.rows, grads);
    trm_mat_add(dz, recursion_z(m, danswer));
    trm_mat_zero(dy_inner);
    for (int32_t k = r->kept - 1; k >= 0; k--)
        inner_backward(r, m, l, &sup->kept[k], dz, dx, dy_inner, row0, grads);
    if (r->kept < m->config.inner_steps) // what came before the last inner step is detached
        trm_mat_zero(dz);
    trm_mat_add(dy_inner, dy);
    y_backward(r, m, l, s, l->policy ? dy_inner : dy, dy_inner, prev, row0, grads);
}

trm_mat trm_recursion_backward(const trm_recursion *r, const trm_model *m,
                               const trm_recursion_layout *l, const int32_t *prev, int32_t row0,
                               int32_t rows, float *grads) {
    trm_mat dz = trm_mat_rows(r->dz, 0, rows), dx = trm_mat_rows(r->dx, 0, rows);
    trm_mat_zero(dz);
    trm_mat_zero(dx);
    trm_mat_zero(trm_mat_rows(r->dlogits, 0, rows));
    for (int32_t s = m->config.sup_steps - 1; s >= 0; s--)
        sup_backward(r, m, l, s, dz, dx, prev, row0, grads);
    trm_mat dz0 = trm_mat_of(trm_model_grad(m, grads, l->z0), 1, dz.cols);
    for (int32_t i = 0; i < rows; i++)
        trm_mat_add(dz0, trm_mat_rows(dz, i, 1));
    return dx;
}
