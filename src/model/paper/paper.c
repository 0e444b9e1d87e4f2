// SPDX-License-Identifier: Apache-2.0
#include "paper.h"

#include <math.h>
#include <string.h>

#include "trm/base/text.h"
#include "trm/nn/layers.h"

enum { MAX_TOKENS = 1 << 13 };

const char *trm_position_encoding_name(int32_t i) {
    static const char *const names[] = {"rope", "learned", "none"};
    return i >= 0 && i < (int32_t)(sizeof names / sizeof *names) ? names[i] : NULL;
}

static bool encodes(const trm_model_config *c, const char *name) {
    return strcmp(c->position_encoding, name) == 0;
}

int32_t trm_paper_token_hidden(const trm_model_config *c) {
    return !c->mlp_t              ? 0
           : c->token_feedforward ? c->token_feedforward
                                  : trm_swiglu_width(4, paper_tokens(c));
}

static int32_t chunk(const trm_model_config *c) {
    return trm_chunk_samples(paper_tokens(c));
}

// ---- sizes --------------------------------------------------------------------------------------

static bool check_input(const trm_model_config *c, trm_error *e) {
    int32_t ids = c->puzzle_dim > 0 ? 1 : 0;
    if (c->state_dim != c->positions + ids)
        return trm_error_set(e, TRM_E_INPUT,
                             "model.type: %s reads one token a cell%s, %d values for %d cells, and "
                             "is given %d: it answers data sets of tokens",
                             c->type, ids ? " and the puzzle's number" : "", c->positions + ids,
                             c->positions, c->state_dim);
    if (paper_tokens(c) > MAX_TOKENS)
        return trm_error_set(e, TRM_E_INPUT, "model.prefix: %d tokens with the cells, at most %d",
                             paper_tokens(c), (int)MAX_TOKENS);
    if ((c->puzzle_dim > 0) != (c->prefix > 0) || c->puzzle_dim > (int64_t)c->prefix * c->d_model)
        return trm_error_set(
            e, TRM_E_INPUT,
            "model.prefix: %d tokens of %d values do not hold a puzzle's vector of "
            "%d (model.puzzle_dim)",
            c->prefix, c->d_model, c->puzzle_dim);
    return true;
}

static bool check(const trm_model_config *c, trm_error *e) {
    if (!check_input(c, e))
        return false;
    bool known = false;
    const char *name;
    for (int32_t i = 0; (name = trm_position_encoding_name(i)); i++)
        known |= encodes(c, name);
    if (!known)
        return trm_error_set(
            e, TRM_E_INPUT, "model.position_encoding: found \"%s\", expected rope, learned or none",
            c->position_encoding);
    int32_t even = encodes(c, "rope") ? 2 : 1;
    if (!c->mlp_t && c->d_model % (even * c->heads) != 0)
        return trm_error_set(e, TRM_E_INPUT,
                             "model.heads: %d heads of %s width do not make a model.d_model of %d",
                             c->heads, even == 2 ? "an even" : "equal", c->d_model);
    if (!(c->norm_eps > 0 && c->norm_eps < 1) || !(c->rope_theta > 1 && c->rope_theta < 1e9f))
        return trm_error_set(e, TRM_E_INPUT,
                             "model.norm_eps, model.rope_theta: %g and %g are out of range",
                             (double)c->norm_eps, (double)c->rope_theta);
    return true;
}

static bool check_hrm(const trm_model_config *c, trm_error *e) {
    if (c->mlp_t)
        return trm_error_set(e, TRM_E_INPUT, "model.mlp_t: hrm has attention only");
    return check(c, e);
}

// ---- parameters ---------------------------------------------------------------------------------

static int32_t add_param(trm_model *m, const char *name, int32_t rows, int32_t cols,
                         trm_param_init init, float scale) {
    char full[TRM_PARAM_NAME];
    trm_text_format(full, sizeof full, "%s%s", TRM_PAPER_PREFIX, name);
    return trm_params_add(&m->params, &m->arena, full, cols ? 2 : 1, (int32_t[]){rows, cols}, init,
                          0, scale);
}

static int32_t add_linear(trm_model *m, const char *block, const char *part, int32_t out,
                          int32_t in) {
    char name[TRM_PARAM_NAME];
    trm_text_format(name, sizeof name, "%s.%s.weight", block, part);
    return add_param(m, name, out, in, TRM_INIT_TRUNCATED, 1.0f / sqrtf((float)in));
}

static int32_t add_embedding(trm_model *m, const char *name, int32_t rows) {
    int32_t d = m->config.d_model;
    return add_param(m, name, rows, d, TRM_INIT_TRUNCATED, 1.0f / sqrtf((float)d));
}

static int32_t add_start(trm_model *m, const char *name) {
    int32_t i = add_param(m, name, m->config.d_model, 0, TRM_INIT_TRUNCATED, 1.0f);
    m->params.items[i].learning = TRM_FIXED;
    return i;
}

static int32_t add_puzzles(trm_model *m) {
    const trm_model_config *c = &m->config;
    if (c->puzzle_dim == 0)
        return -1;
    int32_t i = add_param(m, "puzzle_emb.weights", c->puzzles, c->puzzle_dim, TRM_INIT_ZERO, 0);
    m->params.items[i].learning = TRM_LEARNS_BY_SIGN;
    return i;
}

static trm_paper_net add_net(trm_model *m, const trm_paper_layout *l, const char *level,
                             int32_t count) {
    const trm_model_config *c = &m->config;
    int32_t d = c->d_model, hidden = l->token_hidden;
    trm_paper_net net = {.count = count};
    net.blocks = trm_arena_array(&m->arena, (size_t)count, sizeof *net.blocks);
    for (int32_t i = 0; i < count; i++) {
        char block[40];
        trm_text_format(block, sizeof block, "%s.layers.%d", level, i);
        trm_paper_block *b = &net.blocks[i];
        b->mix_in = hidden ? add_linear(m, block, "mlp_t.gate_up_proj", 2 * hidden, l->tokens)
                           : add_linear(m, block, "self_attn.qkv_proj", 3 * d, d);
        b->mix_out = hidden ? add_linear(m, block, "mlp_t.down_proj", l->tokens, hidden)
                            : add_linear(m, block, "self_attn.o_proj", d, d);
        b->gate = add_linear(m, block, "mlp.gate_up_proj", 2 * c->feedforward, d);
        b->down = add_linear(m, block, "mlp.down_proj", d, c->feedforward);
    }
    return net;
}

static void make_rope(trm_model *m, trm_paper_layout *l) {
    const trm_model_config *c = &m->config;
    if (l->token_hidden || !encodes(c, "rope"))
        return;
    int32_t pairs = c->d_model / c->heads / 2;
    size_t size = (size_t)l->tokens * (size_t)pairs;
    l->cosines = trm_arena_array(&m->arena, size, sizeof(float));
    l->sines = trm_arena_array(&m->arena, size, sizeof(float));
    trm_rope_table(l->cosines, l->sines, l->tokens, pairs, c->rope_theta);
}

static trm_paper_layout *add_common(trm_model *m) {
    const trm_model_config *c = &m->config;
    trm_paper_layout *l = trm_arena_alloc(&m->arena, sizeof *l);
    l->tokens = paper_tokens(c);
    l->cells = c->positions;
    l->prefix = c->prefix;
    l->token_hidden = trm_paper_token_hidden(c);
    l->h_init = add_start(m, "H_init");
    l->l_init = add_start(m, "L_init");
    l->embed = add_embedding(m, "embed_tokens.embedding_weight", c->action_dim);
    l->lm_head = add_param(m, "lm_head.weight", c->action_dim, c->d_model, TRM_INIT_TRUNCATED,
                           1.0f / sqrtf((float)c->d_model));
    l->q_head = add_param(m, "q_head.weight", 2, c->d_model, TRM_INIT_ZERO, 0);
    add_param(m, "q_head.bias", 2, 0, TRM_INIT_CONSTANT, -5.0f);
    l->puzzles = add_puzzles(m);
    l->positions =
        encodes(c, "learned") ? add_embedding(m, "embed_pos.embedding_weight", l->tokens) : -1;
    l->passes = c->k_cycles * (c->inner_steps + 1);
    make_rope(m, l);
    return l;
}

static void *layout(trm_model *m) {
    trm_paper_layout *l = add_common(m);
    l->level_l = l->level_h = add_net(m, l, "L_level", m->config.layers);
    l->first_learned = l->passes - (m->config.inner_steps + 1);
    return l;
}

static void *layout_hrm(trm_model *m) {
    trm_paper_layout *l = add_common(m);
    l->level_h = add_net(m, l, "H_level", m->config.h_layers);
    l->level_l = add_net(m, l, "L_level", m->config.layers);
    l->first_learned = l->passes - 2;
    return l;
}

// ---- architectures ------------------------------------------------------------------------------

#define PAPER_SIZES                                                                                \
    TRM_SIZE(d_model, 2, 4096), TRM_SIZE(heads, 1, 64), TRM_SIZE(layers, 1, 32),                   \
        TRM_SIZE(feedforward, 1, 16384), TRM_SIZE(inner_steps, 1, 64), TRM_SIZE(k_cycles, 1, 64),  \
        TRM_SIZE(sup_steps, 1, 1024), TRM_SIZE(prefix, 0, 1024), TRM_SIZE(puzzle_dim, 0, 1 << 16), \
        TRM_SIZE(puzzles, 1, 1 << 20), TRM_SIZE(cells, 0, 1 << 12), TRM_READS(position_encoding),  \
        TRM_READS(rope_theta), TRM_READS(norm_eps), TRM_SIZE(restart, 0, 1024),                    \
        TRM_READS(restart_noise)

#define PAPER_FUNCTIONS                                                                            \
    .chunk = chunk, .carry_size = trm_paper_carry_size, .carry_start = trm_paper_carry_start,      \
    .outputs = trm_outputs_of_steps, .tokens = true, .own_weights = true, .halts = true,           \
    .passes = trm_paper_passes, .visit_passes = trm_paper_visit_passes,                            \
    .interventions = trm_paper_interventions, .head_gradient = trm_paper_head_gradient,            \
    .plan = trm_paper_plan_new, .forward = trm_paper_forward, .backward = trm_paper_backward,      \
    .trace = trm_paper_trace, .learns_by_step = true, .restarts = true

const trm_arch trm_arch_paper = {
    .name = "trm-paper",
    .summary = "the paper's Tiny Recursive Model, as its own code trains and saves it",
    .check = check,
    .layout = layout,
    .recognise = trm_paper_recognise,
    .trace_shape = trm_paper_trace_shape,
    PAPER_FUNCTIONS,
    .fields = TRM_FIELDS(PAPER_SIZES, TRM_READS(mlp_t), TRM_SIZE(token_feedforward, 0, 1 << 16))};

const trm_arch trm_arch_hrm = {.name = "hrm",
                               .summary =
                                   "the Hierarchical Reasoning Model: a net for each of two levels",
                               .check = check_hrm,
                               .layout = layout_hrm,
                               .recognise = trm_paper_recognise_hrm,
                               .trace_shape = trm_paper_trace_shape_hrm,
                               PAPER_FUNCTIONS,
                               .fields = TRM_FIELDS(PAPER_SIZES, TRM_SIZE(h_layers, 1, 16))};
