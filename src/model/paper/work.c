// SPDX-License-Identifier: Apache-2.0
// The operations of trm-paper and hrm.
#include "paper.h"
#include "trm/base/text.h"

// Passes of one level a sample, and how many of them are differentiated.
typedef struct passes {
    const char *level;
    int32_t layers, all, learned;
} passes;

// A product that each of a block's passes makes `rows` times.
static void add(trm_product_list *l, const passes *p, int32_t block, const char *name, int32_t out,
                int32_t in, int32_t rows) {
    char full[TRM_PARAM_NAME];
    trm_text_format(full, sizeof full, "%s%s.layers.%d.%s", TRM_PAPER_PREFIX, p->level, block,
                    name);
    trm_products_add(l, full,
                     (trm_product){.out = out,
                                   .in = in,
                                   .times = rows * p->all,
                                   .weight_gradients = rows * p->learned,
                                   .input_gradients = rows * p->learned});
}

static void level(trm_product_list *l, const trm_model_config *c, const passes *p) {
    int32_t d = c->d_model, t = c->prefix + c->positions, hidden = trm_paper_token_hidden(c);
    for (int32_t i = 0; i < p->layers; i++) {
        if (hidden) {
            add(l, p, i, "mlp_t.gate_up_proj.weight", 2 * hidden, t, d);
            add(l, p, i, "mlp_t.down_proj.weight", t, hidden, d);
        } else {
            add(l, p, i, "self_attn.qkv_proj.weight", 3 * d, d, t);
            add(l, p, i, "self_attn.scores", t, d, t);
            add(l, p, i, "self_attn.values", t, d, t);
            add(l, p, i, "self_attn.o_proj.weight", d, d, t);
        }
        add(l, p, i, "mlp.gate_up_proj.weight", 2 * c->feedforward, d, t);
        add(l, p, i, "mlp.down_proj.weight", d, c->feedforward, t);
    }
}

static void heads(trm_product_list *l, const trm_model_config *c) {
    int32_t n = c->sup_steps;
    trm_products_add_linear(l, TRM_PAPER_PREFIX "lm_head.weight", c->action_dim, c->d_model,
                            c->positions * n, c->positions * n);
    trm_products_add_linear(l, TRM_PAPER_PREFIX "q_head.weight", 2, c->d_model, n, n);
}

void trm_products_paper(trm_product_list *l, const trm_model_config *c) {
    int32_t cycle = c->inner_steps + 1;
    const passes both = {"L_level", c->layers, c->sup_steps * c->k_cycles * cycle,
                         c->sup_steps * cycle};
    level(l, c, &both);
    heads(l, c);
}

void trm_products_hrm(trm_product_list *l, const trm_model_config *c) {
    int32_t h_passes = c->sup_steps * c->k_cycles;
    const passes high = {"H_level", c->h_layers, h_passes, c->sup_steps};
    const passes low = {"L_level", c->layers, h_passes * c->inner_steps, c->sup_steps};
    level(l, c, &high);
    level(l, c, &low);
    heads(l, c);
}
