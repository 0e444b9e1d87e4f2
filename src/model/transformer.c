// SPDX-License-Identifier: Apache-2.0
// The transformer encoder that the original sets beside its 10x10 model
// (maze_comparison.py: TransformerMazeSolver).
#include "transformer.h"

#include <stddef.h>
#include <string.h>

#include "trm/base/text.h"
#include "trm/nn/attention.h"
#include "trm/nn/dropout.h"
#include "trm/nn/layers.h"

static trm_encoder_layout add_layer(trm_model *m, int32_t i) {
    int32_t d = m->config.d_model;
    trm_params *p = &m->params;
    trm_arena *a = &m->arena;
    char prefix[40], name[80];
    trm_encoder_layout l;
    trm_text_format(prefix, sizeof prefix, "transformer.layers.%d", i);
    trm_text_format(name, sizeof name, "%s.self_attn.in_proj_weight", prefix);
    l.in_proj = trm_params_add(p, a, name, 2, (int32_t[]){3 * d, d}, TRM_INIT_XAVIER, 0, 0);
    trm_text_format(name, sizeof name, "%s.self_attn.in_proj_bias", prefix);
    trm_params_add(p, a, name, 1, (int32_t[]){3 * d}, TRM_INIT_ZERO, 0, 0);
    trm_text_format(name, sizeof name, "%s.self_attn.out_proj", prefix);
    l.out_proj = trm_params_add_linear(p, a, name, d, d);
    p->items[l.out_proj + 1].init = TRM_INIT_ZERO;
    trm_text_format(name, sizeof name, "%s.linear1", prefix);
    l.linear1 = trm_params_add_linear(p, a, name, d, m->config.feedforward);
    trm_text_format(name, sizeof name, "%s.linear2", prefix);
    l.linear2 = trm_params_add_linear(p, a, name, m->config.feedforward, d);
    trm_text_format(name, sizeof name, "%s.norm1", prefix);
    l.norm1 = trm_params_add_norm(p, a, name, d);
    trm_text_format(name, sizeof name, "%s.norm2", prefix);
    l.norm2 = trm_params_add_norm(p, a, name, d);
    return l;
}

static void *layout(trm_model *m) {
    const trm_model_config *c = &m->config;
    int32_t d = c->d_model;
    trm_transformer_layout *l = trm_arena_alloc(&m->arena, sizeof *l);
    l->pos_encoding = trm_params_add(&m->params, &m->arena, "pos_encoding", 3,
                                     (int32_t[]){1, c->positions, d}, TRM_INIT_NORMAL, 0, 1.0f);
    l->input_proj =
        trm_params_add_linear(&m->params, &m->arena, "input_proj", cells_input_dim(c), d);
    l->layers = trm_arena_array(&m->arena, (size_t)c->layers, sizeof *l->layers);
    for (int32_t i = 0; i < c->layers; i++)
        l->layers[i] = add_layer(m, i);
    l->head0 = trm_params_add_linear(&m->params, &m->arena, "output_head.0", d, d / 2);
    l->head2 = trm_params_add_linear(&m->params, &m->arena, "output_head.2", d / 2, c->action_dim);
    return l;
}

// torch.nn.TransformerEncoder makes its layers by copying one: all start from the same values.
static void init(trm_model *m) {
    const trm_transformer_layout *l = m->layout;
    trm_params *p = &m->params;
    int32_t first = l->layers[0].in_proj, count = l->layers[0].norm2 + 2 - first;
    for (int32_t i = 1; i < m->config.layers; i++)
        for (int32_t k = 0; k < count; k++)
            memcpy(trm_params_at(p, p->values, first + i * count + k),
                   trm_params_at(p, p->values, first + k),
                   (size_t)p->items[first + k].size * sizeof(float));
}

static void plan_layer(const trm_model *m, trm_workspace *w, trm_encoder_acts *acts) {
    int32_t d = m->config.d_model;
    *acts = (trm_encoder_acts){.qkv = trm_cells_mat(m, w, 3 * d),
                               .mixed = trm_cells_mat(m, w, d),
                               .xhat1 = trm_cells_mat(m, w, d),
                               .x1 = trm_cells_mat(m, w, d),
                               .hidden = trm_cells_mat(m, w, m->config.feedforward),
                               .xhat2 = trm_cells_mat(m, w, d),
                               .x2 = trm_cells_mat(m, w, d),
                               .rstd1 = trm_cells_mat(m, w, 1).data,
                               .rstd2 = trm_cells_mat(m, w, 1).data};
}

static void *plan(const trm_model *m, trm_workspace *w) {
    const trm_model_config *c = &m->config;
    int32_t d = c->d_model;
    trm_transformer_plan *p = trm_arena_alloc(&w->arena, sizeof *p);
    p->x0 = trm_cells_mat(m, w, d);
    p->layers = trm_arena_array(&w->arena, (size_t)c->layers, sizeof *p->layers);
    for (int32_t i = 0; i < c->layers; i++)
        plan_layer(m, w, &p->layers[i]);
    p->head = trm_cells_mat(m, w, d / 2);
    p->seeds = trm_arena_array(&w->arena, (size_t)w->max_rows, sizeof *p->seeds);
    p->cells = trm_cells_chunk_mat(m, w, cells_input_dim(c));
    p->sum = trm_cells_chunk_mat(m, w, d);
    p->probs = trm_workspace_mat(w, c->positions, c->positions);
    p->dprobs = trm_workspace_mat(w, c->positions, c->positions);
    p->dx = trm_cells_chunk_mat(m, w, d);
    p->dsum = trm_cells_chunk_mat(m, w, d);
    p->dbranch = trm_cells_chunk_mat(m, w, d);
    p->dmixed = trm_cells_chunk_mat(m, w, d);
    p->dqkv = trm_cells_chunk_mat(m, w, 3 * d);
    p->dhidden = trm_cells_chunk_mat(m, w, c->feedforward);
    p->dhead = trm_cells_chunk_mat(m, w, d / 2);
    return p;
}

bool trm_transformer_masks(const trm_transformer_plan *p, int32_t row, int32_t layer,
                           trm_encoder_place place, trm_rng *rng) {
    if (!p->seeds[row])
        return false;
    trm_rng_seed(rng, p->seeds[row], (uint64_t)layer * DROP_PLACES + place);
    return true;
}

void trm_transformer_drop(const trm_model *m, const trm_transformer_plan *p, trm_mat mat,
                          int32_t layer, trm_encoder_place place, int32_t row0, int32_t rows) {
    trm_rng rng;
    for (int32_t i = 0; i < rows; i++)
        if (trm_transformer_masks(p, row0 + i, layer, place, &rng))
            trm_dropout(cells_rows(m, mat, i, 1).data, (int64_t)m->config.positions * mat.cols,
                        m->config.dropout, &rng);
}

static void draw_seeds(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows) {
    const trm_transformer_plan *p = w->impl;
    for (int32_t r = row0; r < row0 + rows; r++) {
        p->seeds[r] = 0;
        if (w->dropout && m->config.dropout > 0)
            p->seeds[r] = trm_rng_next(w->dropout) | 1;
    }
}

// x0 = input_proj(cells) + pos_encoding
static void embed(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows) {
    const trm_transformer_layout *l = m->layout;
    const trm_transformer_plan *p = w->impl;
    trm_mat x0 = cells_rows(m, p->x0, row0, rows);
    const float *pos = trm_model_weight(m, l->pos_encoding);
    trm_apply_linear(m, l->input_proj, x0, trm_cells_input(m, w, p->cells, row0, rows));
    for (int32_t r = 0; r < x0.rows; r++) {
        float *row = trm_mat_row(x0, r);
        const float *at = pos + (int64_t)(r % m->config.positions) * x0.cols;
        for (int32_t i = 0; i < x0.cols; i++)
            row[i] += at[i];
    }
}

static void norm(const trm_model *m, int32_t weight, trm_mat y, trm_mat xhat, float *rstd,
                 trm_mat x) {
    trm_layernorm_forward(y, xhat, rstd, x, trm_model_weight(m, weight),
                          trm_model_weight(m, weight + 1));
}

// x2 = norm2(x1 + drop(linear2(drop(relu(linear1(x1)))))) with
// x1 = norm1(x + drop(out_proj(attention(in_proj(x)))))
static void layer_forward(const trm_model *m, const trm_transformer_plan *p, int32_t layer,
                          trm_mat x, int32_t row0, int32_t rows) {
    const trm_encoder_layout *l = &((const trm_transformer_layout *)m->layout)->layers[layer];
    const trm_encoder_acts *a = &p->layers[layer];
    trm_mat qkv = cells_rows(m, a->qkv, row0, rows), mixed = cells_rows(m, a->mixed, row0, rows);
    trm_mat sum = cells_rows(m, p->sum, 0, rows), x1 = cells_rows(m, a->x1, row0, rows);
    trm_mat hidden = cells_rows(m, a->hidden, row0, rows);
    trm_apply_linear(m, l->in_proj, qkv, x);
    for (int32_t i = 0; i < rows; i++) {
        trm_rng rng;
        bool drop = trm_transformer_masks(p, row0 + i, layer, DROP_ATTENTION, &rng);
        trm_attention_forward(cells_rows(m, mixed, i, 1), cells_rows(m, qkv, i, 1), m->config.heads,
                              m->config.dropout, drop ? &rng : NULL, p->probs);
    }
    trm_apply_linear(m, l->out_proj, sum, mixed);
    trm_transformer_drop(m, p, sum, layer, DROP_MIXED, row0, rows);
    trm_mat_add(sum, x);
    norm(m, l->norm1, x1, cells_rows(m, a->xhat1, row0, rows), a->rstd1 + cells_of(m, row0), sum);
    trm_apply_linear(m, l->linear1, hidden, x1);
    trm_relu_forward(hidden, hidden);
    trm_transformer_drop(m, p, hidden, layer, DROP_HIDDEN, row0, rows);
    trm_apply_linear(m, l->linear2, sum, hidden);
    trm_transformer_drop(m, p, sum, layer, DROP_FEEDFORWARD, row0, rows);
    trm_mat_add(sum, x1);
    norm(m, l->norm2, cells_rows(m, a->x2, row0, rows), cells_rows(m, a->xhat2, row0, rows),
         a->rstd2 + cells_of(m, row0), sum);
}

static void forward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows) {
    const trm_transformer_layout *l = m->layout;
    const trm_transformer_plan *p = w->impl;
    draw_seeds(m, w, row0, rows);
    embed(m, w, row0, rows);
    trm_mat x = cells_rows(m, p->x0, row0, rows), head = cells_rows(m, p->head, row0, rows);
    for (int32_t i = 0; i < m->config.layers; i++) {
        layer_forward(m, p, i, x, row0, rows);
        x = cells_rows(m, p->layers[i].x2, row0, rows);
    }
    trm_apply_linear(m, l->head0, head, x);
    trm_relu_forward(head, head);
    trm_apply_linear(m, l->head2, cells_rows(m, cells_view(m, w->logits[0]), row0, rows), head);
}

// A cycle is an encoder layer: its output at all positions, one behind the other.
static trm_trace_shape trace_shape(const trm_model_config *c) {
    return (trm_trace_shape){.cycles = c->layers,
                             .h = c->positions * c->d_model,
                             .actions = c->positions * c->action_dim,
                             .cells = c->positions,
                             .first_logits = c->layers - 1,
                             .kind = TRM_TRACE_TOKENS};
}

static void trace(const trm_model *m, trm_workspace *w, int32_t row, float *data) {
    const trm_transformer_plan *p = w->impl;
    trm_trace_shape shape = trace_shape(&m->config);
    for (int32_t i = 0; i < shape.cycles; i++) {
        trm_cells_copy_out(trm_trace_h(&shape, data, i), cells_rows(m, p->layers[i].x2, row, 1));
        trm_cells_trace_unread(&shape, data, i);
    }
    trm_cells_trace_logits(&shape, data, shape.cycles - 1, trm_mat_row(w->logits[0], row),
                           m->config.positions);
}

static bool head_gradient(const trm_model *m, const float *x, const float *h, const float *none,
                          const trm_block *block) {
    const trm_transformer_layout *l = m->layout;
    (void)x;
    trm_cells_head_gradient(m, l->head0, l->head2, h, m->config.d_model, none, 0, block);
    return true;
}

static int32_t count_layers(const trm_params *p) {
    int32_t n = 0;
    for (char name[TRM_PARAM_NAME];; n++) {
        trm_text_format(name, sizeof name, "transformer.layers.%d.norm1.weight", n);
        if (trm_params_find(p, name) < 0)
            return n;
    }
}

static bool recognise(const trm_params *p, trm_model_config *c) {
    const int32_t *pos = trm_cells_shape(p, "pos_encoding", 3);
    const int32_t *in = trm_cells_shape(p, "input_proj.weight", 2);
    const int32_t *inner = trm_cells_shape(p, "transformer.layers.0.linear1.weight", 2);
    const int32_t *out = trm_cells_shape(p, "output_head.2.weight", 2);
    if (!pos || !in || !inner || !out)
        return false;
    c->positions = pos[1];
    c->d_model = in[0];
    c->feedforward = inner[0];
    c->layers = count_layers(p);
    c->action_dim = out[0];
    trm_cells_set_grid(c);
    trm_cells_set_input(c, in[1]);
    return true;
}

static bool check(const trm_model_config *c, trm_error *e) {
    if (c->d_model % c->heads != 0)
        return trm_error_set(e, TRM_E_INPUT,
                             "model.heads: %d does not divide model.d_model, which is %d", c->heads,
                             c->d_model);
    if (!(c->dropout >= 0 && c->dropout < 1))
        return trm_error_set(e, TRM_E_INPUT, "model.dropout: %g is out of range 0 <= p < 1",
                             (double)c->dropout);
    return trm_cells_check_grid(c, e);
}

void trm_products_transformer(trm_product_list *l, const trm_model_config *c) {
    int32_t d = c->d_model, f = c->feedforward, n = c->positions;
    char name[TRM_PARAM_NAME];
    trm_products_add_linear(l, "input_proj.weight", d, c->state_dim / n, n, 0);
    for (int32_t i = 0; i < c->layers; i++) {
        const struct {
            const char *name;
            int32_t out, in;
        } products[] = {{"self_attn.in_proj_weight", 3 * d, d},
                        {"self_attn.scores", n, d},
                        {"self_attn.values", n, d},
                        {"self_attn.out_proj.weight", d, d},
                        {"linear1.weight", f, d},
                        {"linear2.weight", d, f}};
        for (size_t k = 0; k < sizeof products / sizeof *products; k++) {
            trm_text_format(name, sizeof name, "transformer.layers.%d.%s", i, products[k].name);
            trm_products_add_linear(l, name, products[k].out, products[k].in, n, n);
        }
    }
    trm_products_add_linear(l, "output_head.0.weight", d / 2, d, n, n);
    trm_products_add_linear(l, "output_head.2.weight", c->action_dim, d / 2, n, n);
}

const trm_arch trm_arch_transformer = {
    .name = "transformer",
    .summary = "a post-norm encoder; the original's baseline for 10x10 mazes",
    .check = check,
    .layout = layout,
    .init = init,
    .plan = plan,
    .forward = forward,
    .backward = trm_transformer_backward,
    .trace_shape = trace_shape,
    .trace = trace,
    .head_gradient = head_gradient,
    .recognise = recognise,
    .fields =
        TRM_FIELDS(TRM_SIZE(d_model, 2, 1024), TRM_SIZE(heads, 1, 64), TRM_SIZE(layers, 1, 16),
                   TRM_SIZE(feedforward, 1, 4096), TRM_READS(dropout))};
