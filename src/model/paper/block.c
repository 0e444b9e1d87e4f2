// SPDX-License-Identifier: Apache-2.0
// A block: h = norm(h + mix(h)), h = norm(h + down(silu(a(h)) * b(h))).
#include "paper.h"
#include "trm/nn/attention.h"
#include "trm/nn/layers.h"

static trm_mat rows_mat(const trm_model *m, trm_workspace *w, int32_t samples, int32_t cols) {
    return trm_workspace_mat(w, paper_rows(m, samples), cols);
}

static void plan_mix(const trm_model *m, trm_workspace *w, int32_t samples, trm_mat *in,
                     trm_mat *out) {
    const trm_paper_layout *l = m->layout;
    int32_t d = m->config.d_model;
    *in = l->token_hidden ? trm_workspace_mat(w, samples * 2 * l->token_hidden, d)
                          : rows_mat(m, w, samples, 3 * d);
    *out = l->token_hidden ? trm_workspace_mat(w, samples * l->token_hidden, d)
                           : rows_mat(m, w, samples, d);
}

trm_paper_net_acts trm_paper_plan_net(const trm_model *m, trm_workspace *w, int32_t samples,
                                      int32_t count) {
    const trm_model_config *c = &m->config;
    const trm_paper_layout *l = m->layout;
    trm_paper_net_acts net = {.in = rows_mat(m, w, samples, c->d_model)};
    net.blocks = trm_arena_array(&w->arena, (size_t)count, sizeof *net.blocks);
    for (int32_t i = 0; i < count; i++) {
        trm_paper_acts *a = &net.blocks[i];
        plan_mix(m, w, samples, &a->mix_in, &a->mix_out);
        a->mid = rows_mat(m, w, samples, c->d_model);
        a->out = rows_mat(m, w, samples, c->d_model);
        a->rstd_mid = l->token_hidden ? trm_workspace_mat(w, samples, c->d_model).data
                                      : rows_mat(m, w, samples, 1).data;
        a->rstd_out = rows_mat(m, w, samples, 1).data;
        a->ab = rows_mat(m, w, samples, 2 * c->feedforward);
        a->gated = rows_mat(m, w, samples, c->feedforward);
    }
    return net;
}

void trm_paper_plan_scratch(const trm_model *m, trm_workspace *w, trm_paper_scratch *s,
                            int32_t samples) {
    const trm_model_config *c = &m->config;
    const trm_paper_layout *l = m->layout;
    s->sum = rows_mat(m, w, samples, c->d_model);
    s->dab = rows_mat(m, w, samples, 2 * c->feedforward);
    s->dgated = rows_mat(m, w, samples, c->feedforward);
    s->dots = trm_workspace_mat(w, 1, c->d_model).data;
    plan_mix(m, w, samples, &s->mix_in, &s->mix_out);
    if (!l->token_hidden) {
        s->square0 = trm_workspace_mat(w, l->tokens, l->tokens);
        s->square1 = trm_workspace_mat(w, l->tokens, l->tokens);
    }
}

// ---- attention ----------------------------------------------------------------------------------

// Queries and keys, which lie side by side, are turned as if they were twice as many heads.
static void rotate(const trm_model *m, trm_mat qkv, bool back) {
    const trm_paper_layout *l = m->layout;
    const trm_model_config *c = &m->config;
    if (l->cosines)
        trm_rotary_apply(trm_mat_cols(qkv, 0, 2 * c->d_model), 2 * c->heads, l->cosines, l->sines,
                         l->tokens, c->d_model / c->heads / 2, back);
}

static void attention_forward(const trm_model *m, const trm_paper_block *b, trm_mat sum,
                              const trm_paper_acts *a, trm_paper_scratch *s) {
    const trm_paper_layout *l = m->layout;
    trm_mat qkv = trm_mat_rows(a->mix_in, 0, sum.rows),
            mixed = trm_mat_rows(a->mix_out, 0, sum.rows);
    trm_linear_forward(qkv, a->in, trm_model_weight(m, b->mix_in), NULL);
    rotate(m, qkv, false);
    for (int32_t r = 0; r < sum.rows; r += l->tokens)
        trm_attention_forward(trm_mat_rows(mixed, r, l->tokens), trm_mat_rows(qkv, r, l->tokens),
                              m->config.heads, 0, NULL, s->square0);
    trm_mat_copy(sum, a->in);
    trm_linear_forward_add(sum, mixed, trm_model_weight(m, b->mix_out), NULL);
    trm_rmsnorm_forward_f64(a->mid, a->rstd_mid, sum, m->config.norm_eps);
}

static void attention_backward(const trm_model *m, const trm_paper_block *b, trm_mat d,
                               const trm_paper_acts *a, trm_paper_scratch *s, float *grads) {
    const trm_paper_layout *l = m->layout;
    trm_mat qkv = trm_mat_rows(a->mix_in, 0, d.rows), mixed = trm_mat_rows(a->mix_out, 0, d.rows);
    trm_mat dqkv = trm_mat_rows(s->mix_in, 0, d.rows), dmixed = trm_mat_rows(s->mix_out, 0, d.rows);
    trm_rmsnorm_backward(d, d, a->mid, a->rstd_mid);
    trm_linear_backward(dmixed, trm_model_grad(m, grads, b->mix_out), NULL, d, mixed,
                        trm_model_weight(m, b->mix_out));
    for (int32_t r = 0; r < d.rows; r += l->tokens)
        trm_attention_backward(trm_mat_rows(dqkv, r, l->tokens), trm_mat_rows(dmixed, r, l->tokens),
                               trm_mat_rows(qkv, r, l->tokens), m->config.heads, 0, NULL,
                               s->square0, false, s->square1);
    rotate(m, dqkv, true);
    trm_linear_backward_add(d, trm_model_grad(m, grads, b->mix_in), NULL, dqkv, a->in,
                            trm_model_weight(m, b->mix_in));
}

// ---- a SwiGLU over tokens -----------------------------------------------------------------------

// A sample's [n * It, D] as one row, in whose halves the gate finds its two inputs.
static trm_mat by_sample(trm_mat mat, int32_t samples) {
    return trm_mat_of(mat.data, samples, mat.rows / samples * mat.cols);
}

static void tokens_forward(const trm_model *m, const trm_paper_block *b, trm_mat sum,
                           const trm_paper_acts *a) {
    const trm_paper_layout *l = m->layout;
    int32_t n = sum.rows / l->tokens, hidden = l->token_hidden;
    trm_mat ab = trm_mat_rows(a->mix_in, 0, n * 2 * hidden);
    trm_mat gated = trm_mat_rows(a->mix_out, 0, n * hidden);
    trm_positions_linear_forward(ab, a->in, trm_model_weight(m, b->mix_in), 2 * hidden, l->tokens);
    trm_swiglu_forward(by_sample(gated, n), by_sample(ab, n));
    trm_positions_linear_forward(sum, gated, trm_model_weight(m, b->mix_out), l->tokens, hidden);
    trm_mat_add(sum, a->in);
    trm_positions_rmsnorm_forward(a->mid, a->rstd_mid, sum, l->tokens, m->config.norm_eps);
}

static void tokens_backward(const trm_model *m, const trm_paper_block *b, trm_mat d,
                            const trm_paper_acts *a, trm_paper_scratch *s, float *grads) {
    const trm_paper_layout *l = m->layout;
    int32_t n = d.rows / l->tokens, hidden = l->token_hidden;
    trm_mat ab = trm_mat_rows(a->mix_in, 0, n * 2 * hidden);
    trm_mat gated = trm_mat_rows(a->mix_out, 0, n * hidden);
    trm_mat dab = trm_mat_rows(s->mix_in, 0, ab.rows),
            dgated = trm_mat_rows(s->mix_out, 0, gated.rows);
    trm_positions_rmsnorm_backward(d, d, a->mid, a->rstd_mid, l->tokens, s->dots);
    trm_positions_linear_backward(dgated, false, trm_model_grad(m, grads, b->mix_out), d, gated,
                                  trm_model_weight(m, b->mix_out), l->tokens, hidden);
    trm_swiglu_backward(by_sample(dab, n), by_sample(dgated, n), by_sample(ab, n));
    trm_positions_linear_backward(d, true, trm_model_grad(m, grads, b->mix_in), dab, a->in,
                                  trm_model_weight(m, b->mix_in), 2 * hidden, l->tokens);
}

// ---- blocks -------------------------------------------------------------------------------------

static void block_forward(const trm_model *m, const trm_paper_block *b, trm_paper_acts *a,
                          trm_paper_scratch *s) {
    trm_mat sum = trm_mat_rows(s->sum, 0, a->in.rows);
    if (((const trm_paper_layout *)m->layout)->token_hidden)
        tokens_forward(m, b, sum, a);
    else
        attention_forward(m, b, sum, a, s);
    trm_linear_forward(a->ab, a->mid, trm_model_weight(m, b->gate), NULL);
    trm_swiglu_forward(a->gated, a->ab);
    trm_mat_copy(sum, a->mid);
    trm_linear_forward_add(sum, a->gated, trm_model_weight(m, b->down), NULL);
    trm_rmsnorm_forward_f64(a->out, a->rstd_out, sum, m->config.norm_eps);
}

static void block_backward(const trm_model *m, const trm_paper_block *b, const trm_paper_acts *a,
                           trm_mat d, trm_paper_scratch *s, float *grads) {
    trm_mat dgated = trm_mat_rows(s->dgated, 0, d.rows), dab = trm_mat_rows(s->dab, 0, d.rows);
    trm_rmsnorm_backward(d, d, a->out, a->rstd_out);
    trm_linear_backward(dgated, trm_model_grad(m, grads, b->down), NULL, d, a->gated,
                        trm_model_weight(m, b->down));
    trm_swiglu_backward(dab, dgated, a->ab);
    trm_linear_backward_add(d, trm_model_grad(m, grads, b->gate), NULL, dab, a->mid,
                            trm_model_weight(m, b->gate));
    if (((const trm_paper_layout *)m->layout)->token_hidden)
        tokens_backward(m, b, d, a, s, grads);
    else
        attention_backward(m, b, d, a, s, grads);
}

// The first rows of what a block keeps, with its input.
static trm_paper_acts first_rows(const trm_paper_acts *a, trm_mat in) {
    trm_paper_acts out = *a;
    out.in = in;
    out.mid = trm_mat_rows(a->mid, 0, in.rows);
    out.out = trm_mat_rows(a->out, 0, in.rows);
    out.ab = trm_mat_rows(a->ab, 0, in.rows);
    out.gated = trm_mat_rows(a->gated, 0, in.rows);
    return out;
}

trm_mat trm_paper_net_forward(const trm_model *m, const trm_paper_net *net, trm_paper_net_acts *a,
                              int32_t rows, trm_paper_scratch *s) {
    trm_mat h = trm_mat_rows(a->in, 0, rows);
    for (int32_t i = 0; i < net->count; i++) {
        trm_paper_acts acts = first_rows(&a->blocks[i], h);
        block_forward(m, &net->blocks[i], &acts, s);
        h = acts.out;
    }
    return h;
}

void trm_paper_net_backward(const trm_model *m, const trm_paper_net *net, trm_paper_net_acts *a,
                            trm_mat d, trm_paper_scratch *s, float *grads) {
    for (int32_t i = net->count - 1; i >= 0; i--) {
        trm_mat in = trm_mat_rows(i > 0 ? a->blocks[i - 1].out : a->in, 0, d.rows);
        trm_paper_acts acts = first_rows(&a->blocks[i], in);
        block_backward(m, &net->blocks[i], &acts, d, s, grads);
    }
}
