// SPDX-License-Identifier: Apache-2.0
#include "trm/model/work.h"

#include <string.h>

#include "model/reason/reason.h"
#include "trm/base/text.h"

typedef struct list {
    trm_product *items;
    int32_t count, capacity;
} list;

static void add_product(list *l, const char *name, trm_product p) {
    if (p.times == 0)
        return;
    trm_text_copy(p.name, sizeof p.name, name);
    if (l->count < l->capacity)
        l->items[l->count] = p;
    l->count++;
}

static void add(list *l, const char *name, int32_t out, int32_t in, int32_t times,
                int32_t input_gradients) {
    add_product(l, name,
                (trm_product){.out = out,
                              .in = in,
                              .times = times,
                              .weight_gradients = times,
                              .input_gradients = input_gradients});
}

static void full(list *l, const trm_model_config *c) {
    int32_t h = c->h_dim, low = c->l_dim, k = c->k_cycles;
    char name[TRM_PARAM_NAME];
    if (c->action_conditioning)
        add(l, "action_proj.weight", c->state_dim, c->state_dim + h, 1, 1);
    add(l, "recursive_core.input_embed.weight", h, c->state_dim, 1, c->action_conditioning);
    for (int32_t i = 0; i < c->h_layers; i++) {
        trm_text_format(name, sizeof name, "recursive_core.h_blocks.%d.swiglu.linear1.weight", i);
        add(l, name, 4 * h, h, k, k);
        trm_text_format(name, sizeof name, "recursive_core.h_blocks.%d.output_proj.weight", i);
        add(l, name, h, 2 * h, k, k);
    }
    add(l, "recursive_core.h_to_l.weight", low, h, k, k);
    for (int32_t i = 0; i < c->l_layers; i++) {
        trm_text_format(name, sizeof name, "recursive_core.l_blocks.%d.net.0.weight", i);
        add(l, name, 2 * low, low, k, k);
        trm_text_format(name, sizeof name, "recursive_core.l_blocks.%d.net.2.weight", i);
        add(l, name, low, 2 * low, k, k);
    }
    add(l, "recursive_core.l_to_h.weight", h, low, k, k);
    add(l, "recursive_core.h_carry.weight", h, h, k - 1, k - 1);
    add(l, "action_head.0.weight", h / 2, h, 1, 1);
    add(l, "action_head.2.weight", c->action_dim, h / 2, 1, 1);
}

static void mlp(list *l, const trm_model_config *c) {
    add(l, "net.0.weight", c->hidden, c->state_dim, 1, 0);
    add(l, "net.2.weight", c->hidden, c->hidden, 1, 1);
    add(l, "net.4.weight", c->positions * c->action_dim, c->hidden, 1, 1);
}

static void rl(list *l, const trm_model_config *c) {
    int32_t sups = c->sup_steps, inner = sups * c->inner_steps;
    add(l, "tiny.net.0.weight", c->hidden, c->z_dim + c->state_dim + c->y_dim, inner, inner);
    add(l, "tiny.net.2.weight", c->z_dim, c->hidden, inner, inner);
    add(l, "head.net.0.weight", c->head_hidden, c->z_dim + c->y_dim, sups, sups);
    add(l, "head.net.2.weight", c->action_dim, c->head_hidden, sups, sups);
    add(l, "y_embed.weight", c->action_dim, c->y_dim, sups - 1, sups - 1);
}

static void plain_transformer(list *l, const trm_model_config *c) {
    int32_t d = c->d_model, f = c->feedforward, n = c->positions;
    char name[TRM_PARAM_NAME];
    add(l, "input_proj.weight", d, c->state_dim / n, n, 0);
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
            add(l, name, products[k].out, products[k].in, n, n);
        }
    }
    add(l, "output_head.0.weight", d / 2, d, n, n);
    add(l, "output_head.2.weight", c->action_dim, d / 2, n, n);
}

// ---- models whose cells see one another ---------------------------------------------------------

// Passes through the blocks a sample, and how many of them are differentiated: of each supervision
// step the last recursion.
typedef struct passes {
    int32_t all, learned;
} passes;

// A product that each of a block's passes makes `rows` times.
static void add_passes(list *l, int32_t block, const char *name, int32_t out, int32_t in,
                       int32_t rows, passes p) {
    char full_name[TRM_PARAM_NAME];
    trm_text_format(full_name, sizeof full_name, "blocks.%d.%s", block, name);
    add_product(l, full_name,
                (trm_product){.out = out,
                              .in = in,
                              .times = rows * p.all,
                              .weight_gradients = rows * p.learned,
                              .input_gradients = rows * p.learned});
}

static void attention(list *l, const trm_model_config *c, int32_t block, int32_t n, passes p) {
    int32_t d = c->d_model;
    add_passes(l, block, "attention.qkv.weight", 3 * d, d, n, p);
    add_passes(l, block, "attention.scores", n, d, n, p);
    add_passes(l, block, "attention.values", n, d, n, p);
    add_passes(l, block, "attention.out.weight", d, d, n, p);
}

static void over_positions(list *l, const trm_model_config *c, int32_t block, int32_t n, passes p) {
    add_passes(l, block, "positions.gate.weight", 2 * c->feedforward, n, c->d_model, p);
    add_passes(l, block, "positions.down.weight", n, c->feedforward, c->d_model, p);
}

static void convolution(list *l, const trm_model_config *c, int32_t block, int32_t n, passes p) {
    add_passes(l, block, "conv.weight", c->d_model, 9 * c->d_model, n, p);
}

// A sum for every row, column and box.
static void relations(list *l, const trm_model_config *c, int32_t block, int32_t n, passes p) {
    const int32_t sums[] = {c->height, c->width, reason_boxes(c)};
    (void)n;
    for (int32_t k = 0; k < 3; k++)
        add_passes(l, block, "relations.weight", c->d_model, c->d_model, sums[k], p);
}

typedef void mixer_products(list *l, const trm_model_config *c, int32_t block, int32_t n, passes p);

static void reason(list *l, const trm_model_config *c, mixer_products *mixes) {
    int32_t n = reason_tokens(c), recursion = c->inner_steps + 1;
    passes p = {c->sup_steps * c->k_cycles * recursion, c->sup_steps * recursion};
    add(l, "embed.weight", c->d_model, c->state_dim / n, n, 0);
    for (int32_t i = 0; i < c->layers; i++) {
        mixes(l, c, i, n, p);
        if (c->local)
            add_passes(l, i, "local.weight", 9, c->d_model, n, p);
        add_passes(l, i, "gate.weight", 2 * c->feedforward, c->d_model, n, p);
        add_passes(l, i, "down.weight", c->d_model, c->feedforward, n, p);
    }
    if (readout_by_cell(c, c->action_dim))
        add(l, "head.weight", c->positions * c->action_dim / n, c->d_model, n * c->sup_steps,
            n * c->sup_steps);
    else
        add(l, "head.weight", c->action_dim, readout_feature_dim(c), c->sup_steps, c->sup_steps);
    if (c->halting)
        add(l, "halt.weight", 1, c->d_model, c->sup_steps, c->sup_steps);
}

static void attn(list *l, const trm_model_config *c) {
    reason(l, c, attention);
}

static void mix(list *l, const trm_model_config *c) {
    reason(l, c, over_positions);
}

static void conv(list *l, const trm_model_config *c) {
    reason(l, c, convolution);
}

static void peer(list *l, const trm_model_config *c) {
    reason(l, c, relations);
}

static const struct {
    const char *type;
    void (*count)(list *l, const trm_model_config *c);
} counts[] = {
    {"trm-full", full}, {"mlp", mlp},     {"trm-rl", rl},     {"transformer", plain_transformer},
    {"trm-attn", attn}, {"trm-mix", mix}, {"trm-conv", conv}, {"trm-peer", peer}};

int32_t trm_model_products(const trm_model_config *c, trm_product *out, int32_t capacity) {
    list l = {.items = out, .capacity = capacity};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (strcmp(counts[i].type, c->type) == 0)
            counts[i].count(&l, c);
    return l.count;
}

bool trm_model_flops(const trm_model_config *c, trm_flops *out) {
    trm_product items[TRM_PRODUCTS_MAX];
    int32_t count = trm_model_products(c, items, TRM_PRODUCTS_MAX);
    *out = (trm_flops){0};
    for (int32_t i = 0; i < count && i < TRM_PRODUCTS_MAX; i++) {
        const trm_product *p = &items[i];
        double once = 2.0 * p->out * p->in;
        out->forward += once * p->times;
        out->training += once * ((double)p->times + p->weight_gradients + p->input_gradients);
    }
    return count > 0;
}
