// SPDX-License-Identifier: Apache-2.0
// The operations of the models whose cells see one another.
#include "model/mixing/mixing.h"
#include "trm/base/text.h"

// Passes through the blocks a sample, and how many of them are differentiated: of each supervision
// step the last recursion.
typedef struct passes {
    int32_t all, learned;
} passes;

// A product that each of a block's passes makes `rows` times.
static void add_passes(trm_product_list *l, int32_t block, const char *name, int32_t out,
                       int32_t in, int32_t rows, passes p) {
    char full_name[TRM_PARAM_NAME];
    trm_text_format(full_name, sizeof full_name, "blocks.%d.%s", block, name);
    trm_products_add(l, full_name,
                     (trm_product){.out = out,
                                   .in = in,
                                   .times = rows * p.all,
                                   .weight_gradients = rows * p.learned,
                                   .input_gradients = rows * p.learned});
}

static void attention(trm_product_list *l, const trm_model_config *c, int32_t block, int32_t n,
                      passes p) {
    int32_t d = c->d_model;
    add_passes(l, block, "attention.qkv.weight", 3 * d, d, n, p);
    add_passes(l, block, "attention.scores", n, d, n, p);
    add_passes(l, block, "attention.values", n, d, n, p);
    add_passes(l, block, "attention.out.weight", d, d, n, p);
}

static void over_positions(trm_product_list *l, const trm_model_config *c, int32_t block, int32_t n,
                           passes p) {
    add_passes(l, block, "positions.gate.weight", 2 * c->feedforward, n, c->d_model, p);
    add_passes(l, block, "positions.down.weight", n, c->feedforward, c->d_model, p);
}

static void convolution(trm_product_list *l, const trm_model_config *c, int32_t block, int32_t n,
                        passes p) {
    add_passes(l, block, "conv.weight", c->d_model, 9 * c->d_model, n, p);
}

// A sum for every row, column and box; as many boxes as rows.
static void relations(trm_product_list *l, const trm_model_config *c, int32_t block, int32_t n,
                      passes p) {
    const int32_t sums[] = {c->height, c->width, trm_mixing_boxes(c)}; // rows, columns, boxes
    (void)n;
    for (int32_t k = 0; k < 3; k++)
        add_passes(l, block, "relations.weight", c->d_model, c->d_model, sums[k], p);
}

typedef void mixer_products(trm_product_list *l, const trm_model_config *c, int32_t block,
                            int32_t n, passes p);

static void reason(trm_product_list *l, const trm_model_config *c, mixer_products *mixes) {
    int32_t n = trm_mixing_tokens(c), recursion = c->inner_steps + 1;
    passes p = {c->sup_steps * c->k_cycles * recursion, c->sup_steps * recursion};
    trm_products_add_linear(l, "embed.weight", c->d_model, c->state_dim / n, n, 0);
    for (int32_t i = 0; i < c->layers; i++) {
        mixes(l, c, i, n, p);
        if (c->local)
            add_passes(l, i, "local.weight", 9, c->d_model, n, p);
        add_passes(l, i, "gate.weight", 2 * c->feedforward, c->d_model, n, p);
        add_passes(l, i, "down.weight", c->d_model, c->feedforward, n, p);
    }
    if (trm_mixing_head_by_cell(c, c->action_dim))
        trm_products_add_linear(l, "head.weight", c->positions * c->action_dim / n, c->d_model,
                                n * c->sup_steps, n * c->sup_steps);
    else
        trm_products_add_linear(l, "head.weight", c->action_dim, trm_mixing_head_feature_dim(c),
                                c->sup_steps, c->sup_steps);
    if (c->halting)
        trm_products_add_linear(l, "halt.weight", 1, c->d_model, c->sup_steps, c->sup_steps);
}

void trm_products_attn(trm_product_list *l, const trm_model_config *c) {
    reason(l, c, attention);
}

void trm_products_mix(trm_product_list *l, const trm_model_config *c) {
    reason(l, c, over_positions);
}

void trm_products_conv(trm_product_list *l, const trm_model_config *c) {
    reason(l, c, convolution);
}

void trm_products_peer(trm_product_list *l, const trm_model_config *c) {
    reason(l, c, relations);
}
