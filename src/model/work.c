// SPDX-License-Identifier: Apache-2.0
#include "trm/model/work.h"

#include <string.h>

#include "trm/base/text.h"

typedef struct list {
    trm_product *items;
    int32_t count, capacity;
} list;

static void add(list *l, const char *name, int32_t out, int32_t in, int32_t times,
                int32_t input_gradients) {
    if (times == 0)
        return;
    if (l->count < l->capacity) {
        trm_product *p = &l->items[l->count];
        *p =
            (trm_product){.out = out, .in = in, .times = times, .input_gradients = input_gradients};
        trm_text_copy(p->name, sizeof p->name, name);
    }
    l->count++;
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
    add(l, "net.4.weight", c->action_dim, c->hidden, 1, 1);
}

static void rl(list *l, const trm_model_config *c) {
    int32_t sups = c->sup_steps, inner = sups * c->inner_steps;
    add(l, "tiny.net.0.weight", c->hidden, c->z_dim + c->state_dim + c->y_dim, inner, inner);
    add(l, "tiny.net.2.weight", c->z_dim, c->hidden, inner, inner);
    add(l, "head.net.0.weight", c->head_hidden, c->z_dim + c->y_dim, sups, sups);
    add(l, "head.net.2.weight", c->action_dim, c->head_hidden, sups, sups);
    add(l, "y_embed.weight", c->action_dim, c->y_dim, sups - 1, sups - 1);
}

static const struct {
    const char *type;
    void (*count)(list *l, const trm_model_config *c);
} counts[] = {{"trm-full", full}, {"mlp", mlp}, {"trm-rl", rl}};

int32_t trm_model_products(const trm_model_config *c, trm_product *out, int32_t capacity) {
    list l = {.items = out, .capacity = capacity};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (strcmp(counts[i].type, c->type) == 0)
            counts[i].count(&l, c);
    return l.count;
}

bool trm_model_flops(const trm_model_config *c, trm_flops *out) {
    enum { MOST = 128 }; // the largest trm-full has 71
    trm_product items[MOST];
    int32_t count = trm_model_products(c, items, MOST);
    *out = (trm_flops){0};
    for (int32_t i = 0; i < count && i < MOST; i++) {
        const trm_product *p = &items[i];
        double once = 2.0 * p->out * p->in;
        out->forward += once * p->times;
        out->training += once * (2.0 * p->times + p->input_gradients);
    }
    return count > 0;
}
