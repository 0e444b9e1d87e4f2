// SPDX-License-Identifier: Apache-2.0
// A block: h = norm(h + mix(h) + local(h)), h = norm(h + down(silu(a(h)) * b(h))).
#include "mixing.h"
#include "trm/nn/conv.h"
#include "trm/nn/layers.h"

static void block_forward(const trm_model *m, const trm_block_layout *b, trm_block_acts *a,
                          trm_mixing_scratch *s) {
    const trm_mixing_layout *l = m->layout;
    int32_t rows = a->in.rows;
    trm_mat sum = trm_mat_rows(s->d0, 0, rows);
    l->mixer->forward(m, b, sum, a, s);
    if (b->local >= 0)
        trm_depthwise3x3_forward_add(sum, a->in, m->config.height, m->config.width,
                                     trm_model_weight(m, b->local));
    trm_mat_add(sum, a->in);
    trm_rmsnorm_forward(a->mid, a->rstd1, sum);
    trm_linear_forward(a->ab, a->mid, trm_model_weight(m, b->gate), NULL);
    trm_swiglu_forward(a->gated, a->ab);
    trm_mat_copy(sum, a->mid);
    trm_linear_forward_add(sum, a->gated, trm_model_weight(m, b->down), NULL);
    trm_rmsnorm_forward(a->out, a->rstd2, sum);
}

static void block_backward(const trm_model *m, const trm_block_layout *b, trm_block_acts *a,
                           trm_mat d, trm_mixing_scratch *s, float *grads) {
    const trm_mixing_layout *l = m->layout;
    trm_mat dgated = trm_mat_rows(s->dgated, 0, d.rows), dab = trm_mat_rows(s->dab, 0, d.rows);
    trm_mat dsum = trm_mat_rows(s->d0, 0, d.rows);
    trm_rmsnorm_backward(d, d, a->out, a->rstd2);
    trm_linear_backward(dgated, trm_model_grad(m, grads, b->down), NULL, d, a->gated,
                        trm_model_weight(m, b->down));
    trm_swiglu_backward(dab, dgated, a->ab);
    trm_linear_backward_add(d, trm_model_grad(m, grads, b->gate), NULL, dab, a->mid,
                            trm_model_weight(m, b->gate));
    trm_rmsnorm_backward(dsum, d, a->mid, a->rstd1);
    trm_mat_copy(d, dsum);
    l->mixer->backward(m, b, d, dsum, a, s, grads);
    if (b->local >= 0)
        trm_depthwise3x3_backward_add(d, trm_model_grad(m, grads, b->local), dsum, a->in,
                                      m->config.height, m->config.width,
                                      trm_model_weight(m, b->local));
}

static trm_block_acts first_rows(const trm_block_acts *a, trm_mat in) {
    trm_block_acts out = *a;
    out.in = in;
    out.mid = trm_mat_rows(a->mid, 0, in.rows);
    out.out = trm_mat_rows(a->out, 0, in.rows);
    out.ab = trm_mat_rows(a->ab, 0, in.rows);
    out.gated = trm_mat_rows(a->gated, 0, in.rows);
    return out;
}

trm_mat trm_net_forward(const trm_model *m, trm_net_acts *a, int32_t rows, trm_mixing_scratch *s) {
    const trm_mixing_layout *l = m->layout;
    trm_mat h = trm_mat_rows(a->in, 0, rows);
    for (int32_t i = 0; i < m->config.layers; i++) {
        trm_block_acts acts = first_rows(&a->blocks[i], h);
        block_forward(m, &l->blocks[i], &acts, s);
        h = acts.out;
    }
    return h;
}

void trm_net_backward(const trm_model *m, trm_net_acts *a, trm_mat d, trm_mixing_scratch *s,
                      float *grads) {
    const trm_mixing_layout *l = m->layout;
    for (int32_t i = m->config.layers - 1; i >= 0; i--) {
        trm_mat in = i > 0 ? a->blocks[i - 1].out : a->in;
        trm_block_acts acts = first_rows(&a->blocks[i], trm_mat_rows(in, 0, d.rows));
        block_backward(m, &l->blocks[i], &acts, d, s, grads);
    }
}
