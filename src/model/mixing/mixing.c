// SPDX-License-Identifier: Apache-2.0
#include "mixing.h"

#include <math.h>
#include <string.h>

#include "model/cells.h"
#include "trm/base/text.h"
#include "trm/nn/conv.h"
#include "trm/nn/layers.h"

enum { MAX_TOKENS = 4096 };

static bool has_grid(const trm_model_config *c) {
    return c->height >= 1 && c->width >= 1;
}

int32_t trm_mixing_tokens(const trm_model_config *c) {
    if (c->positions > 1)
        return c->positions;
    return has_grid(c) ? c->height * c->width : c->state_dim;
}

static int32_t chunk(const trm_model_config *c) {
    return trm_chunk_samples(trm_mixing_tokens(c));
}

int32_t trm_mixing_add_weight(trm_model *m, const char *prefix, const char *name, int32_t out,
                              int32_t in) {
    char full[TRM_PARAM_NAME];
    trm_text_format(full, sizeof full, "%s.%s.weight", prefix, name);
    return trm_params_add(&m->params, &m->arena, full, 2, (int32_t[]){out, in}, TRM_INIT_NORMAL, 0,
                          1.0f / sqrtf((float)in));
}

static int32_t add_start(trm_model *m, const char *name) {
    return trm_params_add(&m->params, &m->arena, name, 1, &m->config.d_model, TRM_INIT_NORMAL, 0,
                          1.0f);
}

static int32_t add_local(trm_model *m, const char *prefix) {
    char name[TRM_PARAM_NAME];
    if (!m->config.local)
        return -1;
    trm_text_format(name, sizeof name, "%s.local.weight", prefix);
    return trm_params_add(&m->params, &m->arena, name, 2,
                          (int32_t[]){TRM_CONV_TAPS, m->config.d_model}, TRM_INIT_NORMAL, 0,
                          1.0f / sqrtf(TRM_CONV_TAPS));
}

static void *add_all(trm_model *m, const trm_mixer *mix) {
    const trm_model_config *c = &m->config;
    trm_mixing_layout *l = trm_arena_alloc(&m->arena, sizeof *l);
    l->mixer = mix;
    l->tokens = trm_mixing_tokens(c);
    l->planes = c->state_dim / l->tokens;
    l->embed = trm_params_add_linear(&m->params, &m->arena, "embed", l->planes, c->d_model);
    m->params.items[l->embed].init = TRM_INIT_NORMAL;
    m->params.items[l->embed].scale = 1.0f;
    m->params.items[l->embed + 1].init = TRM_INIT_ZERO;
    l->y0 = add_start(m, "y0");
    l->z0 = add_start(m, "z0");
    l->blocks = trm_arena_array(&m->arena, (size_t)c->layers, sizeof *l->blocks);
    for (int32_t i = 0; i < c->layers; i++) {
        char prefix[32];
        trm_text_format(prefix, sizeof prefix, "blocks.%d", i);
        mix->layout(m, l, prefix, &l->blocks[i]);
        l->blocks[i].local = add_local(m, prefix);
        l->blocks[i].gate =
            trm_mixing_add_weight(m, prefix, "gate", 2 * c->feedforward, c->d_model);
        l->blocks[i].down = trm_mixing_add_weight(m, prefix, "down", c->d_model, c->feedforward);
    }
    trm_mixing_head_add(m, l);
    if (mix->prepare)
        mix->prepare(m, l);
    return l;
}

static void zero(trm_model *m, int32_t weight) {
    float *at = trm_params_at(&m->params, m->params.values, weight);
    memset(at, 0, (size_t)m->params.items[weight].size * sizeof *at);
}

// What a block adds becomes 0, and what it is given has been normalised before.
static void silence(trm_model *m, int32_t first) {
    const trm_mixing_layout *l = m->layout;
    for (int32_t i = first; i < m->config.layers; i++) {
        const trm_block_layout *b = &l->blocks[i];
        zero(m, b->mix1 >= 0 ? b->mix1 : b->mix0);
        zero(m, b->down);
        if (b->local >= 0)
            zero(m, b->local);
    }
}

// ---- workspace ----------------------------------------------------------------------------------

static trm_mat rows_mat(const trm_model *m, trm_workspace *w, int32_t samples, int32_t cols) {
    return trm_workspace_mat(w, mixing_rows(m, samples), cols);
}

static trm_net_acts plan_net(const trm_model *m, trm_workspace *w, int32_t samples) {
    const trm_model_config *c = &m->config;
    const trm_mixing_layout *l = m->layout;
    trm_net_acts net = {.in = rows_mat(m, w, samples, c->d_model)};
    net.blocks = trm_arena_array(&w->arena, (size_t)c->layers, sizeof *net.blocks);
    for (int32_t i = 0; i < c->layers; i++) {
        trm_block_acts *b = &net.blocks[i];
        b->mid = rows_mat(m, w, samples, c->d_model);
        b->out = rows_mat(m, w, samples, c->d_model);
        b->rstd1 = rows_mat(m, w, samples, 1).data;
        b->rstd2 = rows_mat(m, w, samples, 1).data;
        b->ab = rows_mat(m, w, samples, 2 * c->feedforward);
        b->gated = rows_mat(m, w, samples, c->feedforward);
        l->mixer->plan(m, w, samples, &b->mix, true);
    }
    return net;
}

static void plan_step(const trm_model *m, trm_workspace *w, trm_mixing_step *s, int32_t o) {
    const trm_model_config *c = &m->config;
    s->start_y = rows_mat(m, w, w->max_rows, c->d_model);
    s->start_z = rows_mat(m, w, w->max_rows, c->d_model);
    s->y = rows_mat(m, w, w->max_rows, c->d_model);
    s->z = rows_mat(m, w, w->max_rows, c->d_model);
    s->logits = trm_workspace_wants(w, o)
                    ? w->logits[o]
                    : trm_workspace_mat(w, w->max_rows, c->positions * c->action_dim);
}

static void plan_scratch(const trm_model *m, trm_workspace *w, trm_mixing_scratch *s,
                         int32_t samples) {
    const trm_model_config *c = &m->config;
    const trm_mixing_layout *l = m->layout;
    s->d0 = rows_mat(m, w, samples, c->d_model);
    s->dab = rows_mat(m, w, samples, 2 * c->feedforward);
    s->dgated = rows_mat(m, w, samples, c->feedforward);
    l->mixer->plan(m, w, samples, &s->mix, false);
}

static void *plan(const trm_model *m, trm_workspace *w) {
    const trm_model_config *c = &m->config;
    const trm_mixing_layout *l = m->layout;
    trm_mixing_plan *p = trm_arena_alloc(&w->arena, sizeof *p);
    int32_t samples = trm_workspace_chunk(m, w);
    p->steps = trm_arena_array(&w->arena, (size_t)w->room, sizeof *p->steps);
    for (int32_t o = 0; o < w->room; o++)
        plan_step(m, w, &p->steps[o], o);
    p->nets = trm_arena_array(&w->arena, (size_t)c->inner_steps + 1, sizeof *p->nets);
    for (int32_t i = 0; i <= c->inner_steps; i++)
        p->nets[i] = plan_net(m, w, samples);
    p->idle = c->k_cycles > 1 ? plan_net(m, w, samples) : (trm_net_acts){0};
    p->cells = rows_mat(m, w, samples, l->planes);
    p->inputs = c->read_at_agent ? rows_mat(m, w, samples, l->planes) : p->cells;
    p->x = rows_mat(m, w, samples, c->d_model);
    p->y = rows_mat(m, w, samples, c->d_model);
    p->z = rows_mat(m, w, samples, c->d_model);
    p->dx = rows_mat(m, w, samples, c->d_model);
    p->dy = rows_mat(m, w, samples, c->d_model);
    p->dz = rows_mat(m, w, samples, c->d_model);
    trm_mixing_head_plan(m, w, p, samples);
    if (m->value_head >= 0)
        p->features = trm_workspace_mat(w, w->max_rows, trm_mixing_head_feature_dim(c));
    plan_scratch(m, w, &p->scratch, samples);
    trm_recall_plan(m, w, &p->recall);
    return p;
}

// ---- forward ------------------------------------------------------------------------------------

void trm_mixing_embed(const trm_model *m, const trm_workspace *w, trm_mixing_plan *p, int32_t row0,
                      int32_t samples) {
    const trm_mixing_layout *l = m->layout;
    int32_t rows = mixing_rows(m, samples);
    trm_mat cells = trm_mat_rows(p->cells, 0, rows), planes = trm_mat_rows(w->x, row0, samples);
    if (has_grid(&m->config))
        trm_cells_from_planes(cells, planes);
    else
        trm_mat_copy(cells, trm_mat_of(planes.data, rows, l->planes));
    trm_mat inputs = trm_mat_rows(p->inputs, 0, rows);
    if (m->config.read_at_agent) {
        trm_mat_copy(inputs, cells);
        trm_mat_zero(trm_mat_cols(inputs, AGENT_PLANE, 1));
    }
    trm_apply_linear(m, l->embed, trm_mat_rows(p->x, 0, rows), inputs);
}

// One latent recursion; nets [n + 1], or one that all passes use.
static void recurse(const trm_model *m, trm_mixing_plan *p, trm_net_acts *nets, bool one,
                    int32_t rows) {
    trm_mat x = trm_mat_rows(p->x, 0, rows), y = trm_mat_rows(p->y, 0, rows);
    trm_mat z = trm_mat_rows(p->z, 0, rows);
    for (int32_t i = 0; i <= m->config.inner_steps; i++) {
        trm_net_acts *net = one ? nets : &nets[i];
        bool answers = i == m->config.inner_steps;
        trm_mat in = trm_mat_rows(net->in, 0, rows);
        if (answers)
            trm_mat_sum(in, y, z);
        else
            trm_mat_sum3(in, x, y, z);
        trm_mat_copy(answers ? y : z, trm_net_forward(m, net, rows, &p->scratch));
    }
}

void trm_mixing_recursion(const trm_model *m, trm_mixing_plan *p, int32_t samples) {
    recurse(m, p, p->nets, false, mixing_rows(m, samples));
}

static void supervision_step(const trm_model *m, trm_workspace *w, int32_t row0, int32_t samples,
                             int32_t o) {
    trm_mixing_plan *p = w->impl;
    trm_mixing_step *s = &p->steps[o];
    int32_t rows = mixing_rows(m, samples), first = mixing_rows(m, row0);
    for (int32_t t = 1; t < m->config.k_cycles; t++)
        recurse(m, p, &p->idle, true, rows);
    trm_mat_copy(trm_mat_rows(s->start_y, first, rows), trm_mat_rows(p->y, 0, rows));
    trm_mat_copy(trm_mat_rows(s->start_z, first, rows), trm_mat_rows(p->z, 0, rows));
    trm_mixing_recursion(m, p, samples);
    p->held = (trm_held_chunk){row0, samples, o};
    trm_mat_copy(trm_mat_rows(s->y, first, rows), trm_mat_rows(p->y, 0, rows));
    trm_mat_copy(trm_mat_rows(s->z, first, rows), trm_mat_rows(p->z, 0, rows));
    trm_mixing_head_forward(m, p, trm_mat_rows(s->logits, row0, samples),
                            w->halt ? w->halt[o] + row0 : NULL, trm_mat_rows(s->y, first, rows));
    if (!w->learning.grads || !trm_workspace_wants(w, o))
        return;
    w->learning.loss(w->learning.ctx, o, row0, samples);
    trm_mixing_backward_step(m, w, row0, samples, o, w->learning.grads);
}

// For a value head, of the step that acts.
static void keep_features(const trm_model *m, const trm_workspace *w, int32_t row0,
                          int32_t samples) {
    const trm_mixing_plan *p = w->impl;
    int32_t tokens = mixing_rows(m, 1);
    for (int32_t i = 0; i < samples; i++) {
        int32_t r = row0 + i;
        trm_mat y = trm_mat_rows(p->steps[w->steps[r] - 1].y, r * tokens, tokens);
        trm_mixing_head_features(m, trm_mat_rows(p->features, r, 1), y,
                                 trm_mat_rows(p->cells, i * tokens, tokens));
    }
}

static void think(const trm_model *m, trm_workspace *w, int32_t row0, int32_t samples) {
    trm_mixing_plan *p = w->impl;
    trm_mixing_start(m, w, p, row0, samples);
    if (w->learning.grads)
        trm_mixing_backward_begin(m, w, samples);
    for (int32_t o = 0; o < w->outputs; o++) {
        trm_mixing_restart(m, w, p, row0, samples, o);
        supervision_step(m, w, row0, samples, o);
        if (w->stops && trm_halting_note(w, o, row0, samples))
            break;
    }
    if (w->learning.grads)
        trm_mixing_backward_end(m, w, samples, w->learning.grads);
    trm_mixing_keep(m, w, p, row0, samples);
}

// What was thought of row `from` is what row `to` would come to; read where its agent stands.
static void recall(const trm_model *m, trm_workspace *w, int32_t from, int32_t to) {
    trm_mixing_plan *p = w->impl;
    const int32_t rows = mixing_rows(m, 1), first = mixing_rows(m, from), at = mixing_rows(m, to);
    for (int32_t o = 0; o < w->outputs; o++) {
        trm_mixing_step *s = &p->steps[o];
        trm_mat *all[] = {&s->start_y, &s->start_z, &s->y, &s->z};
        for (int i = 0; from != to && i < 4; i++)
            trm_mat_copy(trm_mat_rows(*all[i], at, rows), trm_mat_rows(*all[i], first, rows));
        trm_mixing_head_forward(m, p, trm_mat_rows(s->logits, to, 1),
                                w->halt ? w->halt[o] + to : NULL, trm_mat_rows(s->y, at, rows));
    }
    p->held = (trm_held_chunk){0}; // what is embedded is of another row than `nets`
}

static void forward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t samples) {
    trm_mixing_plan *p = w->impl;
    trm_halting_start(w, row0, samples);
    trm_mixing_embed(m, w, p, row0, samples);
    const int32_t known = w->learning.grads ? -1 : trm_recall_find(m, w, p, samples);
    if (known >= 0)
        recall(m, w, known, row0);
    else
        think(m, w, row0, samples);
    trm_recall_keep(m, w, p, row0, samples);
    if (m->value_head >= 0)
        keep_features(m, w, row0, samples);
    trm_mat last = p->steps[w->outputs - 1].logits;
    for (int32_t r = row0; w->stops && r < row0 + samples; r++)
        if (w->steps[r] < w->outputs)
            memcpy(trm_mat_row(last, r), trm_mat_row(p->steps[w->steps[r] - 1].logits, r),
                   (size_t)last.cols * sizeof(float));
}

static trm_mat features(const trm_model *m, const trm_workspace *w) {
    (void)m;
    return ((const trm_mixing_plan *)w->impl)->features;
}

// ---- trace --------------------------------------------------------------------------------------

static trm_trace_shape trace_shape(const trm_model_config *c) {
    int32_t values = trm_mixing_tokens(c) * c->d_model;
    return (trm_trace_shape){.cycles = c->sup_steps,
                             .h = values,
                             .l = values,
                             .actions = c->positions * c->action_dim,
                             .positions = c->positions,
                             .cells = c->positions > 1 || has_grid(c) ? trm_mixing_tokens(c) : 0,
                             .kind = TRM_TRACE_STEPS};
}

static void trace(const trm_model *m, trm_workspace *w, int32_t row, float *data) {
    const trm_mixing_plan *p = w->impl;
    const trm_mixing_layout *l = m->layout;
    trm_trace_shape shape = trm_workspace_trace_shape(m, w);
    for (int32_t o = 0; o < w->outputs; o++) {
        const trm_mixing_step *s = &p->steps[o];
        int32_t first = mixing_rows(m, row);
        trm_cells_copy_out(trm_trace_h(&shape, data, o), trm_mat_rows(s->z, first, l->tokens));
        trm_cells_copy_out(trm_trace_l(&shape, data, o), trm_mat_rows(s->y, first, l->tokens));
        trm_cells_trace_logits(&shape, data, o, trm_mat_row(s->logits, row), m->config.positions);
    }
}

// ---- architectures ------------------------------------------------------------------------------

static bool check(const trm_model_config *c, const trm_mixer *mix, trm_error *e) {
    int32_t tokens = trm_mixing_tokens(c);
    if (c->positions > 1 && has_grid(c) && (int64_t)c->height * c->width != c->positions)
        return trm_error_set(e, TRM_E_INPUT, "model.type: a grid of %d x %d is not %d positions",
                             c->height, c->width, c->positions);
    if (tokens > MAX_TOKENS)
        return trm_error_set(e, TRM_E_INPUT, "model.type: %s takes at most %d cells, found %d",
                             c->type, (int)MAX_TOKENS, tokens);
    if (c->state_dim % tokens != 0)
        return trm_error_set(e, TRM_E_INPUT,
                             "model.state_dim: %d values cannot be shared out to %d cells",
                             c->state_dim, tokens);
    if (c->read_at_agent && (!has_grid(c) || c->state_dim / tokens <= AGENT_PLANE))
        return trm_error_set(
            e, TRM_E_INPUT,
            "model.read_at_agent: needs a board that shows the agent in a plane of "
            "its own (env.type=maze)");
    if (c->local && c->height * c->width != tokens)
        return trm_error_set(e, TRM_E_INPUT, "model.local: a grid of %d x %d is not %d positions",
                             c->height, c->width, tokens);
    return !mix->check || mix->check(c, tokens, e);
}

static trm_interventions interventions(const trm_model_config *c) {
    (void)c;
    return (trm_interventions){.cycles = true};
}

// The head reads y, the L slot, alone.
static bool head_gradient(const trm_model *m, const float *x, const float *z, const float *y,
                          const trm_block *block) {
    int32_t first = trm_mixing_tokens(&m->config) * m->config.d_model;
    trm_block of_y = *block;
    (void)z;
    (void)y;
    if (block->unit0 < first)
        return false;
    of_y.unit0 -= first;
    trm_mixing_head_gradient(m, x, &of_y);
    return true;
}

// Weights that every one has; `mix` names the mixer's first.
static bool recognise(const trm_params *p, trm_model_config *c, const char *mix, int32_t ndim) {
    const int32_t *embed = trm_cells_shape(p, "embed.weight", 2);
    const int32_t *gate = trm_cells_shape(p, "blocks.0.gate.weight", 2);
    const int32_t *head = trm_cells_shape(p, "head.weight", 2);
    if (!embed || !gate || !head || !trm_cells_shape(p, mix, ndim))
        return false;
    c->d_model = embed[0];
    c->feedforward = gate[0] / 2;
    c->halting = trm_params_find(p, "halt.weight") >= 0;
    c->local = trm_cells_shape(p, "blocks.0.local.weight", 2) != NULL;
    c->layers = 0;
    char name[TRM_PARAM_NAME];
    do
        trm_text_format(name, sizeof name, "blocks.%d.gate.weight", ++c->layers);
    while (c->layers < 64 && trm_params_find(p, name) >= 0);
    bool answers_by_cell = head[1] == embed[0] && !c->read_at_agent;
    const int32_t *positions = trm_cells_shape(p, "blocks.0.positions.gate.weight", 2);
    if (positions && answers_by_cell && c->positions == 1 && !has_grid(c))
        c->positions = positions[1];
    bool known = has_grid(c);
    trm_cells_set_grid(c);
    while (!known && c->positions == 1 && !answers_by_cell && trm_mixing_head_by_cell(c, head[0]))
        c->width = ++c->height; // the smallest board on which the head reads the whole of it
    int32_t tokens = trm_mixing_tokens(c);
    int64_t size = (int64_t)embed[1] * tokens;
    c->state_dim = size > INT32_MAX ? INT32_MAX : (int32_t)size;
    int64_t actions = (int64_t)head[0] * (c->positions == 1 && answers_by_cell ? tokens : 1);
    c->action_dim = actions > INT32_MAX ? INT32_MAX : (int32_t)actions;
    return true;
}

#define MIXING_SIZES                                                                               \
    TRM_SIZE(d_model, 2, 4096), TRM_SIZE(layers, 1, 64), TRM_SIZE(feedforward, 1, 16384),          \
        TRM_SIZE(inner_steps, 1, 64), TRM_SIZE(k_cycles, 1, 64), TRM_SIZE(sup_steps, 1, 1024),     \
        TRM_READS(local), TRM_READS(halting), TRM_SIZE(restart, 0, 1024),                          \
        TRM_READS(restart_noise), TRM_READS(read_at_agent)

// An architecture by its mixer: the functions that need to know it, and the table's entry.
#define MIXING_ARCH(id, title, what, mix, weight, dims, ...)                                       \
    static bool id##_check(const trm_model_config *c, trm_error *e) {                              \
        return check(c, &(mix), e);                                                                \
    }                                                                                              \
    static void *id##_layout(trm_model *m) {                                                       \
        return add_all(m, &(mix));                                                                 \
    }                                                                                              \
    static bool id##_recognise(const trm_params *p, trm_model_config *c) {                         \
        return recognise(p, c, weight, dims);                                                      \
    }                                                                                              \
    const trm_arch trm_arch_##id = {.name = title,                                                 \
                                    .summary = what,                                               \
                                    .chunk = chunk,                                                \
                                    .carry_size = trm_mixing_carry_size,                           \
                                    .carry_start = trm_mixing_carry_start,                         \
                                    .check = id##_check,                                           \
                                    .layout = id##_layout,                                         \
                                    .silence = silence,                                            \
                                    .outputs = trm_outputs_of_steps,                               \
                                    .interventions = interventions,                                \
                                    .head_gradient = head_gradient,                                \
                                    .plan = plan,                                                  \
                                    .forward = forward,                                            \
                                    .backward = trm_mixing_backward,                               \
                                    .learns_by_step = true,                                        \
                                    .restarts = true,                                              \
                                    .feature_dim = trm_mixing_head_feature_dim,                    \
                                    .features = features,                                          \
                                    .trace_shape = trace_shape,                                    \
                                    .trace = trace,                                                \
                                    .recognise = id##_recognise,                                   \
                                    .fields = TRM_FIELDS(__VA_ARGS__)};

MIXING_ARCH(attn, "trm-attn", "latent and answer of every cell recur; cells attend to one another",
            trm_mixer_attention, "blocks.0.attention.qkv.weight", 2, MIXING_SIZES,
            TRM_SIZE(heads, 1, 64))
MIXING_ARCH(mix, "trm-mix", "the same; cells are mixed by a network over positions",
            trm_mixer_tokens, "blocks.0.positions.gate.weight", 2, MIXING_SIZES)
MIXING_ARCH(conv, "trm-conv", "the same; cells see their eight neighbours", trm_mixer_conv,
            "blocks.0.conv.weight", 4, MIXING_SIZES)
MIXING_ARCH(peer, "trm-peer", "the same; each cell sees its row, column and box",
            trm_mixer_relations, "blocks.0.relations.weight", 3, MIXING_SIZES)
