// SPDX-License-Identifier: Apache-2.0
// Gradient of trm-full, in the reverse order of its forward. dh is the gradient at the H level's
// stream: residual connections leave it where it is and the blocks add to it.
#include "trm/nn/layers.h"
#include "trm_full.h"

static void h_block_backward(const trm_model *m, const trm_full_plan *p, const trm_full_h_block *b,
                             const trm_full_h_acts *acts, trm_mat dh, int32_t row0, float *grads) {
    int32_t rows = dh.rows;
    trm_mat dgated = trm_mat_rows(p->dgated, 0, rows), dab = trm_mat_rows(p->dab, 0, rows);
    trm_mat dn = trm_mat_rows(p->dn_h, 0, rows), n = trm_mat_rows(p->n_h, 0, rows);
    trm_mat gated = trm_mat_rows(p->gated, 0, rows), ab = trm_mat_rows(acts->ab, row0, rows);
    trm_mat xhat = trm_mat_rows(acts->xhat, row0, rows);
    trm_swiglu_forward(gated, ab);
    trm_apply_linear_backward(m, grads, b->output_proj, dgated, dh, gated);
    trm_swiglu_backward(dab, dgated, ab);
    trm_layernorm_scale(n, xhat, trm_model_weight(m, b->norm), trm_model_weight(m, b->norm + 1));
    trm_linear_backward(dn, trm_model_grad(m, grads, b->gate),
                        trm_model_grad(m, grads, b->gate + 2), dab, n,
                        trm_model_weight(m, b->gate));
    trm_layernorm_backward_add(dh, trm_model_grad(m, grads, b->norm),
                               trm_model_grad(m, grads, b->norm + 1), dn, xhat, acts->rstd + row0,
                               trm_model_weight(m, b->norm));
}

static void l_block_backward(const trm_model *m, const trm_full_plan *p, const trm_full_l_block *b,
                             const trm_full_l_acts *acts, trm_mat dl, int32_t row0, float *grads) {
    int32_t rows = dl.rows;
    trm_mat hidden = trm_mat_rows(acts->hidden, row0, rows);
    trm_mat dhidden = trm_mat_rows(p->dhidden, 0, rows), dn = trm_mat_rows(p->dn_l, 0, rows);
    trm_mat n = trm_mat_rows(p->n_l, 0, rows), xhat = trm_mat_rows(acts->xhat, row0, rows);
    trm_apply_linear_backward(m, grads, b->net2, dhidden, dl, hidden);
    trm_relu_backward(dhidden, dhidden, hidden);
    trm_layernorm_scale(n, xhat, trm_model_weight(m, b->norm), trm_model_weight(m, b->norm + 1));
    trm_apply_linear_backward(m, grads, b->net0, dn, dhidden, n);
    trm_layernorm_backward_add(dl, trm_model_grad(m, grads, b->norm),
                               trm_model_grad(m, grads, b->norm + 1), dn, xhat, acts->rstd + row0,
                               trm_model_weight(m, b->norm));
}

// dh += gradient through what the state is worth; dq becomes the gradient of the advantages.
static void duel_backward(const trm_model *m, const trm_full_plan *p, trm_mat dh, trm_mat dq,
                          trm_mat h, float *grads) {
    const trm_mat dvalue = trm_mat_rows(p->value, 0, dh.rows);
    for (int32_t r = 0; r < dq.rows; r++) {
        float *row = trm_mat_row(dq, r), sum = 0;
        for (int32_t a = 0; a < dq.cols; a++)
            sum += row[a];
        for (int32_t a = 0; a < dq.cols; a++)
            row[a] -= sum / (float)dq.cols;
        dvalue.data[r] = sum;
    }
    trm_apply_linear_backward_add(m, grads, m->dueling_head, dh, dvalue, h);
}

// dh += gradient through the head of cycle c
static void head_backward(const trm_model *m, trm_workspace *w, int32_t c, trm_mat dh, int32_t row0,
                          float *grads) {
    const trm_full_layout *l = m->layout;
    const trm_full_plan *p = w->impl;
    const trm_full_cycle *cycle = &p->cycles[c];
    trm_mat hidden = trm_mat_rows(cycle->head, row0, dh.rows);
    trm_mat dhidden = trm_mat_rows(p->dhead, 0, dh.rows);
    const trm_mat h = trm_mat_rows(cycle->h, row0, dh.rows);
    const trm_mat dlogits = trm_mat_rows(w->dlogits[c], row0, dh.rows);
    if (m->dueling_head >= 0)
        duel_backward(m, p, dh, dlogits, h, grads);
    trm_apply_linear_backward(m, grads, l->head2, dhidden, dlogits, hidden);
    trm_relu_backward(dhidden, dhidden, hidden);
    trm_apply_linear_backward_add(m, grads, l->head0, dh, dhidden, h);
}

// dh: in, the gradient at the cycle's end; out, at its start.
static void cycle_backward(const trm_model *m, trm_workspace *w, int32_t c, trm_mat dh,
                           int32_t row0, float *grads) {
    const trm_full_layout *l = m->layout;
    const trm_full_plan *p = w->impl;
    const trm_full_cycle *cycle = &p->cycles[c];
    int32_t rows = dh.rows;
    trm_mat dl = trm_mat_rows(p->dl, 0, rows), dr = trm_mat_rows(p->dr, 0, rows);
    trm_apply_linear_backward(m, grads, l->l_to_h, dl, dh, trm_mat_rows(cycle->l, row0, rows));
    for (int32_t i = m->config.l_layers - 1; i >= 0; i--)
        l_block_backward(m, p, &l->l_blocks[i], &cycle->l_blocks[i], dl, row0, grads);
    trm_apply_linear_backward_add(m, grads, l->h_to_l, dh, dl,
                                  trm_mat_rows(cycle->h_mid, row0, rows));
    if (c > 0)
        trm_apply_linear_backward(m, grads, l->h_carry, dr, dh,
                                  trm_mat_rows(p->cycles[c - 1].h, row0, rows));
    for (int32_t i = m->config.h_layers - 1; i >= 0; i--)
        h_block_backward(m, p, &l->h_blocks[i], &cycle->h_blocks[i], dh, row0, grads);
    if (c > 0)
        trm_mat_add(dh, dr);
}

// Rows without a previous action never went through action_proj: no gradient comes to it from them.
static void condition_backward(const trm_model *m, trm_workspace *w, trm_mat dinput, int32_t row0,
                               float *grads) {
    const trm_full_layout *l = m->layout;
    const trm_full_plan *p = w->impl;
    int32_t rows = dinput.rows;
    trm_mat djoined = trm_mat_rows(p->djoined, 0, rows);
    for (int32_t r = 0; r < rows; r++)
        if (w->prev[row0 + r] < 0)
            trm_mat_zero(trm_mat_rows(dinput, r, 1));
    trm_apply_linear_backward(m, grads, l->action_proj, djoined, dinput,
                              trm_mat_rows(p->joined, row0, rows));
    trm_embedding_backward(trm_model_grad(m, grads, l->action_embed),
                           trm_mat_cols(djoined, dinput.cols, m->config.h_dim), w->prev + row0);
}

void trm_full_backward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                       float *grads) {
    const trm_full_layout *l = m->layout;
    const trm_full_plan *p = w->impl;
    trm_mat dh = trm_mat_rows(p->dh, 0, rows);
    trm_workspace_start_gradient(w, dh);
    for (int32_t c = m->config.k_cycles - 1; c >= 0; c--) {
        if (trm_workspace_wants(w, c))
            head_backward(m, w, c, dh, row0, grads);
        cycle_backward(m, w, c, dh, row0, grads);
    }
    if (l->action_proj < 0) {
        trm_apply_linear_backward(m, grads, l->input_embed, (trm_mat){0}, dh,
                                  trm_mat_rows(w->x, row0, rows));
        return;
    }
    trm_mat dinput = trm_mat_rows(p->dinput, 0, rows);
    trm_apply_linear_backward(m, grads, l->input_embed, dinput, dh,
                              trm_mat_rows(p->input, row0, rows));
    condition_backward(m, w, dinput, row0, grads);
}
