// SPDX-License-Identifier: Apache-2.0
// The four ways in which cells see one another.
#include <math.h>

#include "mixing.h"
#include "trm/base/text.h"
#include "trm/nn/attention.h"
#include "trm/nn/conv.h"
#include "trm/nn/layers.h"

static int32_t samples_of(const trm_model *m, trm_mat rows) {
    return rows.rows / ((const trm_mixing_layout *)m->layout)->tokens;
}

static bool is_grid(const trm_model_config *c, int32_t tokens) {
    return c->height >= 1 && c->width >= 1 && c->height * c->width == tokens;
}

// ---- attention with rotary positions ------------------------------------------------------------

static bool attention_check(const trm_model_config *c, int32_t tokens, trm_error *e) {
    (void)tokens;
    if (c->d_model % (2 * c->heads) == 0)
        return true;
    return trm_error_set(e, TRM_E_INPUT,
                         "model.heads: %d heads of an even width do not make a model.d_model of %d",
                         c->heads, c->d_model);
}

static void attention_layout(trm_model *m, trm_mixing_layout *l, const char *prefix,
                             trm_block_layout *b) {
    (void)l;
    int32_t d = m->config.d_model;
    b->mix0 = trm_mixing_add_weight(m, prefix, "attention.qkv", 3 * d, d);
    b->mix1 = trm_mixing_add_weight(m, prefix, "attention.out", d, d);
}

static int32_t pairs_of(const trm_model *m) {
    return m->config.d_model / m->config.heads / 2;
}

static void attention_prepare(trm_model *m, trm_mixing_layout *l) {
    const trm_model_config *c = &m->config;
    size_t size = (size_t)l->tokens * (size_t)pairs_of(m);
    bool grid = is_grid(c, l->tokens);
    l->cosines = trm_arena_array(&m->arena, size, sizeof(float));
    l->sines = trm_arena_array(&m->arena, size, sizeof(float));
    trm_rotary_table(l->cosines, l->sines, grid ? c->height : 1, grid ? c->width : l->tokens,
                     pairs_of(m));
}

// On small boards, where they take no more than everything else that a block keeps.
static bool keeps_probs(const trm_model *m) {
    const trm_model_config *c = &m->config;
    return mixing_rows(m, 1) * (int64_t)c->heads <= 6 * (int64_t)c->d_model + 3 * c->feedforward;
}

static void attention_plan(const trm_model *m, trm_workspace *w, int32_t samples,
                           trm_mixer_mats *mats, bool kept) {
    const int32_t tokens = mixing_rows(m, 1), d = m->config.d_model;
    mats->mat0 = trm_workspace_mat(w, mixing_rows(m, samples), 3 * d); // qkv
    mats->mat1 = trm_workspace_mat(w, mixing_rows(m, samples), d);     // mixed
    if (kept && keeps_probs(m))
        mats->probs = trm_workspace_mat(w, mixing_rows(m, samples) * m->config.heads, tokens);
    if (kept)
        return;
    mats->probs = trm_workspace_mat(w, tokens, tokens);
    mats->dprobs = trm_workspace_mat(w, tokens, tokens);
}

// Of a sample, what its block keeps or the scratch.
static trm_mat probs_of(const trm_model *m, const trm_block_acts *a, const trm_mixing_scratch *s,
                        int32_t sample) {
    const int32_t rows = mixing_rows(m, 1) * m->config.heads;
    return a->mix.probs.rows > 0 ? trm_mat_rows(a->mix.probs, sample * rows, rows) : s->mix.probs;
}

// Queries and keys, which lie side by side, are turned as if they were twice as many heads.
static void rotate(const trm_model *m, trm_mat qkv, bool back) {
    const trm_mixing_layout *l = m->layout;
    trm_rotary_apply(trm_mat_cols(qkv, 0, 2 * m->config.d_model), 2 * m->config.heads, l->cosines,
                     l->sines, l->tokens, pairs_of(m), back);
}

static void attention_forward(const trm_model *m, const trm_block_layout *b, trm_mat y,
                              const trm_block_acts *a, trm_mixing_scratch *s) {
    int32_t tokens = ((const trm_mixing_layout *)m->layout)->tokens;
    trm_mat qkv = trm_mat_rows(a->mix.mat0, 0, y.rows),
            mixed = trm_mat_rows(a->mix.mat1, 0, y.rows);
    trm_linear_forward(qkv, a->in, trm_model_weight(m, b->mix0), NULL);
    rotate(m, qkv, false);
    for (int32_t i = 0; i < samples_of(m, y); i++)
        trm_attention_forward(trm_mat_rows(mixed, i * tokens, tokens),
                              trm_mat_rows(qkv, i * tokens, tokens), m->config.heads, 0, NULL,
                              probs_of(m, a, s, i));
    trm_linear_forward(y, mixed, trm_model_weight(m, b->mix1), NULL);
}

static void attention_backward(const trm_model *m, const trm_block_layout *b, trm_mat dx,
                               trm_mat dy, const trm_block_acts *a, trm_mixing_scratch *s,
                               float *grads) {
    int32_t tokens = ((const trm_mixing_layout *)m->layout)->tokens;
    trm_mat qkv = trm_mat_rows(a->mix.mat0, 0, dy.rows),
            mixed = trm_mat_rows(a->mix.mat1, 0, dy.rows);
    trm_mat dqkv = trm_mat_rows(s->mix.mat0, 0, dy.rows),
            dmixed = trm_mat_rows(s->mix.mat1, 0, dy.rows);
    trm_linear_backward(dmixed, trm_model_grad(m, grads, b->mix1), NULL, dy, mixed,
                        trm_model_weight(m, b->mix1));
    for (int32_t i = 0; i < samples_of(m, dy); i++)
        trm_attention_backward(trm_mat_rows(dqkv, i * tokens, tokens),
                               trm_mat_rows(dmixed, i * tokens, tokens),
                               trm_mat_rows(qkv, i * tokens, tokens), m->config.heads, 0, NULL,
                               probs_of(m, a, s, i), a->mix.probs.rows > 0, s->mix.dprobs);
    rotate(m, dqkv, true);
    trm_linear_backward_add(dx, trm_model_grad(m, grads, b->mix0), NULL, dqkv, a->in,
                            trm_model_weight(m, b->mix0));
}

const trm_mixer trm_mixer_attention = {.name = "attention",
                                       .check = attention_check,
                                       .layout = attention_layout,
                                       .prepare = attention_prepare,
                                       .plan = attention_plan,
                                       .forward = attention_forward,
                                       .backward = attention_backward};

// ---- a SwiGLU over positions --------------------------------------------------------------------

static void tokens_layout(trm_model *m, trm_mixing_layout *l, const char *prefix,
                          trm_block_layout *b) {
    int32_t hidden = m->config.feedforward;
    b->mix0 = trm_mixing_add_weight(m, prefix, "positions.gate", 2 * hidden, l->tokens);
    b->mix1 = trm_mixing_add_weight(m, prefix, "positions.down", l->tokens, hidden);
}

static void tokens_plan(const trm_model *m, trm_workspace *w, int32_t samples, trm_mixer_mats *mats,
                        bool kept) {
    (void)kept;
    // the gate's two inputs, and what it lets through
    mats->mat0 = trm_workspace_mat(w, samples * 2 * m->config.feedforward, m->config.d_model);
    mats->mat1 = trm_workspace_mat(w, samples * m->config.feedforward, m->config.d_model);
}

// A sample's [2F, D] as the one row [2 * F * D] in whose halves the gate finds its two inputs.
static trm_mat halves(trm_mat ab, int32_t samples, int32_t hidden) {
    return trm_mat_of(ab.data, samples, 2 * hidden * ab.cols);
}

static trm_mat whole(trm_mat gated, int32_t samples, int32_t hidden) {
    return trm_mat_of(gated.data, samples, hidden * gated.cols);
}

static void tokens_forward(const trm_model *m, const trm_block_layout *b, trm_mat y,
                           const trm_block_acts *a, trm_mixing_scratch *s) {
    (void)s;
    int32_t tokens = ((const trm_mixing_layout *)m->layout)->tokens, hidden = m->config.feedforward;
    int32_t n = samples_of(m, y);
    trm_mat ab = trm_mat_rows(a->mix.mat0, 0, n * 2 * hidden);
    trm_mat gated = trm_mat_rows(a->mix.mat1, 0, n * hidden);
    trm_positions_linear_forward(ab, a->in, trm_model_weight(m, b->mix0), 2 * hidden, tokens);
    trm_swiglu_forward(whole(gated, n, hidden), halves(ab, n, hidden));
    trm_positions_linear_forward(y, gated, trm_model_weight(m, b->mix1), tokens, hidden);
}

static void tokens_backward(const trm_model *m, const trm_block_layout *b, trm_mat dx, trm_mat dy,
                            const trm_block_acts *a, trm_mixing_scratch *s, float *grads) {
    int32_t tokens = ((const trm_mixing_layout *)m->layout)->tokens, hidden = m->config.feedforward;
    int32_t n = samples_of(m, dy);
    trm_mat ab = trm_mat_rows(a->mix.mat0, 0, n * 2 * hidden);
    trm_mat gated = trm_mat_rows(a->mix.mat1, 0, n * hidden);
    trm_mat dab = trm_mat_rows(s->mix.mat0, 0, n * 2 * hidden);
    trm_mat dgated = trm_mat_rows(s->mix.mat1, 0, n * hidden);
    trm_positions_linear_backward(dgated, false, trm_model_grad(m, grads, b->mix1), dy, gated,
                                  trm_model_weight(m, b->mix1), tokens, hidden);
    trm_swiglu_backward(halves(dab, n, hidden), whole(dgated, n, hidden), halves(ab, n, hidden));
    trm_positions_linear_backward(dx, true, trm_model_grad(m, grads, b->mix0), dab, a->in,
                                  trm_model_weight(m, b->mix0), 2 * hidden, tokens);
}

const trm_mixer trm_mixer_tokens = {.name = "positions",
                                    .layout = tokens_layout,
                                    .plan = tokens_plan,
                                    .forward = tokens_forward,
                                    .backward = tokens_backward};

// ---- a 3x3 convolution --------------------------------------------------------------------------

static bool grid_check(const trm_model_config *c, int32_t tokens, trm_error *e) {
    if (is_grid(c, tokens))
        return true;
    return trm_error_set(e, TRM_E_INPUT,
                         "model.type: %s works on grids, and a grid of %d x %d is not %d positions",
                         c->type, c->height, c->width, tokens);
}

static void conv_layout(trm_model *m, trm_mixing_layout *l, const char *prefix,
                        trm_block_layout *b) {
    (void)l;
    char name[TRM_PARAM_NAME];
    int32_t d = m->config.d_model;
    trm_text_format(name, sizeof name, "%s.conv.weight", prefix);
    b->mix0 = trm_params_add(&m->params, &m->arena, name, 4, (int32_t[]){d, d, 3, 3},
                             TRM_INIT_NORMAL, 0, 1.0f / sqrtf(9.0f * (float)d));
    b->mix1 = -1;
}

// In one matrix the patches, and below them the weights as patches lie.
static void conv_plan(const trm_model *m, trm_workspace *w, int32_t samples, trm_mixer_mats *mats,
                      bool kept) {
    int32_t d = m->config.d_model;
    if (!kept)
        mats->mat0 = trm_workspace_mat(w, mixing_rows(m, samples) + d, TRM_CONV_TAPS * d);
}

static trm_conv_scratch conv_scratch(trm_mat patches, int32_t rows, int32_t d) {
    return (trm_conv_scratch){trm_mat_rows(patches, 0, rows),
                              trm_mat_rows(patches, patches.rows - d, d)};
}

static void conv_forward(const trm_model *m, const trm_block_layout *b, trm_mat y,
                         const trm_block_acts *a, trm_mixing_scratch *s) {
    trm_conv3x3_forward(y, a->in, m->config.height, m->config.width, trm_model_weight(m, b->mix0),
                        NULL, conv_scratch(s->mix.mat0, y.rows, y.cols));
}

static void conv_backward(const trm_model *m, const trm_block_layout *b, trm_mat dx, trm_mat dy,
                          const trm_block_acts *a, trm_mixing_scratch *s, float *grads) {
    trm_conv3x3_backward_add(dx, trm_model_grad(m, grads, b->mix0), NULL, dy, a->in,
                             m->config.height, m->config.width, trm_model_weight(m, b->mix0),
                             conv_scratch(s->mix.mat0, dy.rows, dy.cols));
}

const trm_mixer trm_mixer_conv = {.name = "conv",
                                  .check = grid_check,
                                  .layout = conv_layout,
                                  .plan = conv_plan,
                                  .forward = conv_forward,
                                  .backward = conv_backward};

// ---- sums over rows, columns and boxes ----------------------------------------------------------

enum { ROWS, COLUMNS, BOXES, RELATIONS };

trm_mixing_box trm_mixing_box_of(const trm_model_config *c) {
    if (c->box_rows > 0)
        return (trm_mixing_box){c->box_rows, c->box_cols};
    int32_t rows = 1;
    for (int32_t h = 2; c->height == c->width && h * h <= c->height; h++)
        rows = c->height % h == 0 ? h : rows;
    return (trm_mixing_box){rows, c->width / rows};
}

int32_t trm_mixing_boxes(const trm_model_config *c) {
    const trm_mixing_box box = trm_mixing_box_of(c);
    return c->height / box.rows * (c->width / box.cols);
}

static bool relations_check(const trm_model_config *c, int32_t tokens, trm_error *e) {
    if (!grid_check(c, tokens, e))
        return false;
    const trm_mixing_box box = trm_mixing_box_of(c);
    return (box.cols >= 1 && c->height % box.rows == 0 && c->width % box.cols == 0) ||
           trm_error_set(e, TRM_E_INPUT,
                         "model.type: boxes of %d x %d do not fill a board of %d x %d", box.rows,
                         box.cols, c->height, c->width);
}

static void relations_prepare(trm_model *m, trm_mixing_layout *l) {
    const trm_model_config *c = &m->config;
    const trm_mixing_box box = trm_mixing_box_of(c);
    const int32_t rows = c->height, cols = c->width;
    int32_t *group = trm_arena_array(&m->arena, (size_t)(l->tokens * RELATIONS), sizeof *group);
    for (int32_t p = 0; p < l->tokens; p++) {
        int32_t row = p / cols, col = p % cols, *of = group + (int64_t)p * RELATIONS;
        of[ROWS] = row;
        of[COLUMNS] = col;
        of[BOXES] = row / box.rows * (cols / box.cols) + col / box.cols;
    }
    // means: what all cells have in common must not grow
    l->groups = (trm_groups){
        .positions = l->tokens,
        .relations = RELATIONS,
        .first = {0, rows, rows + cols, rows + cols + trm_mixing_boxes(c)},
        .scale = {1.0f / (float)cols, 1.0f / (float)rows, 1.0f / (float)(box.rows * box.cols)},
        .group = group};
}

static void relations_layout(trm_model *m, trm_mixing_layout *l, const char *prefix,
                             trm_block_layout *b) {
    (void)l;
    char name[TRM_PARAM_NAME];
    int32_t d = m->config.d_model;
    trm_text_format(name, sizeof name, "%s.relations.weight", prefix);
    b->mix0 = trm_params_add(&m->params, &m->arena, name, 3, (int32_t[]){RELATIONS, d, d},
                             TRM_INIT_NORMAL, 0, 0.3f / sqrtf((float)d));
    b->mix1 = -1;
}

static void relations_plan(const trm_model *m, trm_workspace *w, int32_t samples,
                           trm_mixer_mats *mats, bool kept) {
    const trm_groups *g = &((const trm_mixing_layout *)m->layout)->groups;
    mats->mat0 = trm_workspace_mat(w, samples * g->first[g->relations], m->config.d_model);
    if (!kept)
        mats->mat1 = trm_workspace_mat(w, samples * g->first[g->relations], m->config.d_model);
}

static trm_mat relation_rows(const trm_groups *g, trm_mat mat, int32_t samples, int32_t k) {
    return trm_mat_rows(mat, samples * g->first[k], samples * (g->first[k + 1] - g->first[k]));
}

static void relations_forward(const trm_model *m, const trm_block_layout *b, trm_mat y,
                              const trm_block_acts *a, trm_mixing_scratch *s) {
    const trm_groups *g = &((const trm_mixing_layout *)m->layout)->groups;
    int32_t n = samples_of(m, y), rows = n * g->first[g->relations], d = m->config.d_model;
    trm_mat sums = trm_mat_rows(a->mix.mat0, 0, rows), heard = trm_mat_rows(s->mix.mat1, 0, rows);
    trm_groups_gather(sums, a->in, g, true);
    for (int32_t k = 0; k < g->relations; k++)
        trm_linear_forward(relation_rows(g, heard, n, k), relation_rows(g, sums, n, k),
                           trm_model_weight(m, b->mix0) + (int64_t)k * d * d, NULL);
    trm_mat_zero(y);
    trm_groups_spread_add(y, heard, g, false);
}

static void relations_backward(const trm_model *m, const trm_block_layout *b, trm_mat dx,
                               trm_mat dy, const trm_block_acts *a, trm_mixing_scratch *s,
                               float *grads) {
    const trm_groups *g = &((const trm_mixing_layout *)m->layout)->groups;
    int32_t n = samples_of(m, dy), rows = n * g->first[g->relations], d = m->config.d_model;
    trm_mat sums = trm_mat_rows(a->mix.mat0, 0, rows), dsums = trm_mat_rows(s->mix.mat0, 0, rows);
    trm_mat dheard = trm_mat_rows(s->mix.mat1, 0, rows);
    trm_groups_gather(dheard, dy, g, false);
    for (int32_t k = 0; k < g->relations; k++) {
        int64_t at = (int64_t)k * d * d;
        trm_linear_backward(relation_rows(g, dsums, n, k), trm_model_grad(m, grads, b->mix0) + at,
                            NULL, relation_rows(g, dheard, n, k), relation_rows(g, sums, n, k),
                            trm_model_weight(m, b->mix0) + at);
    }
    trm_groups_spread_add(dx, dsums, g, true);
}

const trm_mixer trm_mixer_relations = {.name = "relations",
                                       .check = relations_check,
                                       .layout = relations_layout,
                                       .prepare = relations_prepare,
                                       .plan = relations_plan,
                                       .forward = relations_forward,
                                       .backward = relations_backward};
