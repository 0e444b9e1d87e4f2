// SPDX-License-Identifier: Apache-2.0
// The hierarchical model with K cycles of H -> L -> H and a carry (trm_rl.py: TRMPolicy).
#include "trm_full.h"

#include <stddef.h>
#include <string.h>

#include "trm/base/text.h"
#include "trm/nn/categorical.h"
#include "trm/nn/layers.h"

static int32_t head_dim(const trm_model_config *c) {
    return c->h_dim / 2;
}

// The widest of a chunk's matrices, [chunk, 4H], is held at this size where it can be: the more
// rows a product has, the less of its time goes into laying out the weights.
enum { CHUNK_FLOATS = 1 << 16, CHUNK_MOST = 4 * TRM_CHUNK };

static int32_t chunk_rows(const trm_model_config *c) {
    int32_t rows = CHUNK_FLOATS / (4 * c->h_dim);
    return rows < TRM_CHUNK ? TRM_CHUNK : rows > CHUNK_MOST ? CHUNK_MOST : rows;
}

static trm_full_h_block add_h_block(trm_model *m, int32_t i) {
    int32_t dim = m->config.h_dim;
    char prefix[40], first[64], second[64], proj[64], norm[64];
    trm_text_format(prefix, sizeof prefix, "recursive_core.h_blocks.%d", i);
    trm_text_format(first, sizeof first, "%s.swiglu.linear1", prefix);
    trm_text_format(second, sizeof second, "%s.swiglu.linear2", prefix);
    trm_text_format(proj, sizeof proj, "%s.output_proj", prefix);
    trm_text_format(norm, sizeof norm, "%s.norm", prefix);
    trm_full_h_block b;
    b.gate = trm_params_add_linear_pair(&m->params, &m->arena, first, second, dim, 2 * dim);
    b.output_proj = trm_params_add_linear(&m->params, &m->arena, proj, 2 * dim, dim);
    b.norm = trm_params_add_norm(&m->params, &m->arena, norm, dim);
    return b;
}

static trm_full_l_block add_l_block(trm_model *m, int32_t i) {
    int32_t dim = m->config.l_dim;
    char net0[64], net2[64], norm[64];
    trm_text_format(net0, sizeof net0, "recursive_core.l_blocks.%d.net.0", i);
    trm_text_format(net2, sizeof net2, "recursive_core.l_blocks.%d.net.2", i);
    trm_text_format(norm, sizeof norm, "recursive_core.l_blocks.%d.norm", i);
    trm_full_l_block b;
    b.net0 = trm_params_add_linear(&m->params, &m->arena, net0, dim, 2 * dim);
    b.net2 = trm_params_add_linear(&m->params, &m->arena, net2, 2 * dim, dim);
    b.norm = trm_params_add_norm(&m->params, &m->arena, norm, dim);
    return b;
}

static void *layout(trm_model *m) {
    const trm_model_config *c = &m->config;
    trm_params *p = &m->params;
    trm_arena *a = &m->arena;
    trm_full_layout *l = trm_arena_alloc(a, sizeof *l);
    l->input_embed =
        trm_params_add_linear(p, a, "recursive_core.input_embed", c->state_dim, c->h_dim);
    l->h_blocks = trm_arena_array(a, (size_t)c->h_layers, sizeof *l->h_blocks);
    for (int32_t i = 0; i < c->h_layers; i++)
        l->h_blocks[i] = add_h_block(m, i);
    l->h_to_l = trm_params_add_linear(p, a, "recursive_core.h_to_l", c->h_dim, c->l_dim);
    l->l_blocks = trm_arena_array(a, (size_t)c->l_layers, sizeof *l->l_blocks);
    for (int32_t i = 0; i < c->l_layers; i++)
        l->l_blocks[i] = add_l_block(m, i);
    l->l_to_h = trm_params_add_linear(p, a, "recursive_core.l_to_h", c->l_dim, c->h_dim);
    l->h_carry = trm_params_add_linear(p, a, "recursive_core.h_carry", c->h_dim, c->h_dim);
    l->head0 = trm_params_add_linear(p, a, "action_head.0", c->h_dim, head_dim(c));
    l->head2 = trm_params_add_linear(p, a, "action_head.2", head_dim(c), c->action_dim);
    l->action_embed = l->action_proj = -1;
    if (c->action_conditioning) {
        l->action_embed = trm_params_add_embedding(p, a, "action_embed", c->action_dim, c->h_dim);
        l->action_proj =
            trm_params_add_linear(p, a, "action_proj", c->state_dim + c->h_dim, c->state_dim);
    }
    return l;
}

static int32_t outputs(const trm_model_config *c) {
    return c->k_cycles;
}

static void plan_cycle(const trm_model_config *c, trm_workspace *w, trm_full_cycle *cycle,
                       bool head) {
    int32_t rows = w->max_rows, h = c->h_dim, l = c->l_dim;
    cycle->h_blocks = trm_arena_array(&w->arena, (size_t)c->h_layers, sizeof *cycle->h_blocks);
    for (int32_t i = 0; i < c->h_layers; i++)
        cycle->h_blocks[i] = (trm_full_h_acts){
            .xhat = trm_workspace_mat(w, rows, h),
            .rstd = trm_arena_array(&w->arena, (size_t)rows, sizeof(float)),
            .ab = trm_workspace_mat(w, rows, 4 * h),
        };
    cycle->l_blocks = trm_arena_array(&w->arena, (size_t)c->l_layers, sizeof *cycle->l_blocks);
    for (int32_t i = 0; i < c->l_layers; i++)
        cycle->l_blocks[i] = (trm_full_l_acts){
            .xhat = trm_workspace_mat(w, rows, l),
            .rstd = trm_arena_array(&w->arena, (size_t)rows, sizeof(float)),
            .hidden = trm_workspace_mat(w, rows, 2 * l),
        };
    cycle->h_mid = trm_workspace_mat(w, rows, h);
    cycle->l = trm_workspace_mat(w, rows, l);
    cycle->h = trm_workspace_mat(w, rows, h);
    if (head)
        cycle->head = trm_workspace_mat(w, rows, head_dim(c));
}

static void *plan(const trm_model *m, trm_workspace *w) {
    const trm_model_config *c = &m->config;
    trm_full_plan *p = trm_arena_alloc(&w->arena, sizeof *p);
    int32_t rows = w->max_rows, h = c->h_dim, l = c->l_dim, s = c->state_dim;
    int32_t chunk = trm_workspace_chunk(m, w);
    if (c->action_conditioning) {
        p->joined = trm_workspace_mat(w, rows, s + h);
        p->djoined = trm_workspace_mat(w, chunk, s + h);
        p->dinput = trm_workspace_mat(w, chunk, s);
        p->input = trm_workspace_mat(w, rows, s);
    }
    p->h0 = trm_workspace_mat(w, rows, h);
    p->cycles = trm_arena_array(&w->arena, (size_t)w->room, sizeof *p->cycles);
    for (int32_t k = 0; k < w->room; k++)
        plan_cycle(c, w, &p->cycles[k], trm_workspace_wants(w, k));
    p->n_h = trm_workspace_mat(w, chunk, h);
    p->n_l = trm_workspace_mat(w, chunk, l);
    p->gated = trm_workspace_mat(w, chunk, 2 * h);
    p->dh = trm_workspace_mat(w, chunk, h);
    p->dn_h = trm_workspace_mat(w, chunk, h);
    p->dr = trm_workspace_mat(w, chunk, h);
    p->dl = trm_workspace_mat(w, chunk, l);
    p->dn_l = trm_workspace_mat(w, chunk, l);
    p->dab = trm_workspace_mat(w, chunk, 4 * h);
    p->dgated = trm_workspace_mat(w, chunk, 2 * h);
    p->dhidden = trm_workspace_mat(w, chunk, 2 * l);
    p->dhead = trm_workspace_mat(w, chunk, head_dim(c));
    if (m->dueling_head >= 0)
        p->value = trm_workspace_mat(w, chunk, 1);
    if (m->halting_head >= 0)
        p->stopped = trm_workspace_mat(w, chunk, c->action_dim);
    p->probe_head = trm_arena_array(&w->arena, (size_t)head_dim(c), sizeof(float));
    return p;
}

// h += block(h)
static void h_block_forward(const trm_model *m, const trm_full_plan *p, const trm_full_h_block *b,
                            const trm_full_h_acts *acts, trm_mat h, int32_t row0) {
    trm_mat n = trm_mat_rows(p->n_h, 0, h.rows), ab = trm_mat_rows(acts->ab, row0, h.rows);
    trm_mat gated = trm_mat_rows(p->gated, 0, h.rows);
    trm_layernorm_forward(n, trm_mat_rows(acts->xhat, row0, h.rows), acts->rstd + row0, h,
                          trm_model_weight(m, b->norm), trm_model_weight(m, b->norm + 1));
    trm_linear_forward(ab, n, trm_model_weight(m, b->gate), trm_model_weight(m, b->gate + 2));
    trm_swiglu_forward(gated, ab);
    trm_apply_linear_add(m, b->output_proj, h, gated);
}

// l += block(l)
static void l_block_forward(const trm_model *m, const trm_full_plan *p, const trm_full_l_block *b,
                            const trm_full_l_acts *acts, trm_mat l, int32_t row0) {
    trm_mat n = trm_mat_rows(p->n_l, 0, l.rows);
    trm_mat hidden = trm_mat_rows(acts->hidden, row0, l.rows);
    trm_layernorm_forward(n, trm_mat_rows(acts->xhat, row0, l.rows), acts->rstd + row0, l,
                          trm_model_weight(m, b->norm), trm_model_weight(m, b->norm + 1));
    trm_apply_linear(m, b->net0, hidden, n);
    trm_relu_forward(hidden, hidden);
    trm_apply_linear_add(m, b->net2, l, hidden);
}

// Q(s, a) = V(s) + A(s, a) - mean of A (Wang and others, "Dueling Network Architectures for Deep
// Reinforcement Learning", 2016, equation 9).
static void duel(const trm_model *m, const trm_full_plan *p, trm_mat q, trm_mat h) {
    const trm_mat value = trm_mat_rows(p->value, 0, h.rows);
    trm_apply_linear(m, m->dueling_head, value, h);
    for (int32_t r = 0; r < h.rows; r++) {
        float *row = trm_mat_row(q, r), sum = 0;
        for (int32_t a = 0; a < q.cols; a++)
            sum += row[a];
        for (int32_t a = 0; a < q.cols; a++)
            row[a] += value.data[r] - sum / (float)q.cols;
    }
}

static void head_forward(const trm_model *m, const trm_full_plan *p, trm_mat logits, trm_mat hidden,
                         trm_mat h) {
    const trm_full_layout *l = m->layout;
    trm_apply_linear(m, l->head0, hidden, h);
    trm_relu_forward(hidden, hidden);
    trm_apply_linear(m, l->head2, logits, hidden);
    if (m->dueling_head >= 0)
        duel(m, p, logits, h);
}

// State, or action_proj([state, embedding]) where there is a previous action.
static trm_mat condition(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows) {
    const trm_full_layout *l = m->layout;
    const trm_full_plan *p = w->impl;
    trm_mat x = trm_mat_rows(w->x, row0, rows);
    if (l->action_proj < 0)
        return x;
    trm_mat joined = trm_mat_rows(p->joined, row0, rows),
            input = trm_mat_rows(p->input, row0, rows);
    trm_mat_copy(trm_mat_cols(joined, 0, x.cols), x);
    trm_embedding_forward(trm_mat_cols(joined, x.cols, m->config.h_dim), w->prev + row0,
                          trm_model_weight(m, l->action_embed));
    trm_apply_linear(m, l->action_proj, input, joined);
    for (int32_t r = 0; r < rows; r++)
        if (w->prev[row0 + r] < 0)
            trm_mat_copy(trm_mat_rows(input, r, 1), trm_mat_rows(x, r, 1));
    return input;
}

// Rows that stop at cycle c act by its reading. True once all have stopped.
static bool stop(const trm_model *m, trm_workspace *w, int32_t c, int32_t row0, trm_mat h) {
    const trm_full_plan *p = w->impl;
    bool all = trm_halting_note(w, c, row0, h.rows);
    trm_mat logits = trm_mat_rows(p->stopped, 0, h.rows), last = w->logits[w->outputs - 1];
    head_forward(m, p, logits, trm_mat_rows(p->dhead, 0, h.rows), h);
    for (int32_t r = 0; r < h.rows; r++)
        if (w->steps[row0 + r] == c + 1)
            trm_mat_copy(trm_mat_rows(last, row0 + r, 1), trm_mat_rows(logits, r, 1));
    return all;
}

static void forward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows) {
    const trm_full_layout *l = m->layout;
    const trm_full_plan *p = w->impl;
    static const trm_intervention none = {0};
    const trm_intervention *otherwise = w->intervention ? w->intervention : &none;
    trm_mat before = trm_mat_rows(p->h0, row0, rows);
    trm_halting_start(w, row0, rows);
    trm_apply_linear(m, l->input_embed, before, condition(m, w, row0, rows));
    trm_hold_units(before, otherwise->h_held);
    for (int32_t c = 0; c < w->outputs; c++) {
        const trm_full_cycle *cycle = &p->cycles[c];
        trm_mat h_mid = trm_mat_rows(cycle->h_mid, row0, rows);
        trm_mat level_l = trm_mat_rows(cycle->l, row0, rows);
        trm_mat h = trm_mat_rows(cycle->h, row0, rows);
        trm_mat_copy(h_mid, before);
        for (int32_t i = 0; i < m->config.h_layers; i++)
            h_block_forward(m, p, &l->h_blocks[i], &cycle->h_blocks[i], h_mid, row0);
        if (c > 0 && !otherwise->no_carry)
            trm_apply_linear_add(m, l->h_carry, h_mid, before);
        trm_hold_units(h_mid, otherwise->h_held);
        trm_apply_linear(m, l->h_to_l, level_l, h_mid);
        for (int32_t i = 0; i < m->config.l_layers; i++)
            l_block_forward(m, p, &l->l_blocks[i], &cycle->l_blocks[i], level_l, row0);
        trm_hold_units(level_l, otherwise->l_held);
        trm_mat_copy(h, h_mid);
        if (!otherwise->no_feedback)
            trm_apply_linear_add(m, l->l_to_h, h, level_l);
        trm_hold_units(h, otherwise->h_held);
        if (m->halting_head >= 0)
            trm_halting_forward(m, w, c, row0, rows);
        if (w->stops && stop(m, w, c, row0, h))
            break;
        if (!w->stops && trm_workspace_wants(w, c))
            head_forward(m, p, trm_mat_rows(w->logits[c], row0, rows),
                         trm_mat_rows(cycle->head, row0, rows), h);
        before = h;
    }
}

static int32_t feature_dim(const trm_model_config *c) {
    return c->h_dim;
}

static trm_mat features(const trm_model *m, const trm_workspace *w) {
    const trm_full_plan *p = w->impl;
    return p->cycles[m->config.k_cycles - 1].h;
}

static trm_mat halting_features(const trm_model *m, const trm_workspace *w, int32_t o) {
    const trm_full_plan *p = w->impl;
    (void)m;
    return p->cycles[o].h;
}

static trm_trace_shape trace_shape(const trm_model_config *c) {
    return (trm_trace_shape){.cycles = c->k_cycles,
                             .h_mid = c->h_dim,
                             .l = c->l_dim,
                             .h = c->h_dim,
                             .actions = c->action_dim,
                             .kind = TRM_TRACE_CYCLES};
}

static void copy_row(float *out, trm_mat from, int32_t row) {
    memcpy(out, trm_mat_row(from, row), (size_t)from.cols * sizeof *out);
}

static void trace(const trm_model *m, trm_workspace *w, int32_t row, float *data) {
    const trm_full_plan *p = w->impl;
    trm_trace_shape s = trm_workspace_trace_shape(m, w);
    for (int32_t c = 0; c < s.cycles; c++) {
        const trm_full_cycle *cycle = &p->cycles[c];
        float *logits = trm_trace_logits(&s, data, c);
        copy_row(trm_trace_h_mid(&s, data, c), cycle->h_mid, row);
        copy_row(trm_trace_l(&s, data, c), cycle->l, row);
        copy_row(trm_trace_h(&s, data, c), cycle->h, row);
        if (trm_workspace_wants(w, c))
            copy_row(logits, w->logits[c], row);
        else
            head_forward(m, p, trm_mat_of(logits, 1, s.actions),
                         trm_mat_of(p->probe_head, 1, head_dim(&m->config)),
                         trm_mat_rows(cycle->h, row, 1));
        trm_softmax(trm_trace_probs(&s, data, c), logits, s.actions);
    }
}

static trm_interventions interventions(const trm_model_config *c) {
    return (trm_interventions){.cycles = true,
                               .feedback = true,
                               .carry = true,
                               .prev_action = c->action_conditioning,
                               .h = c->h_dim,
                               .l = c->l_dim};
}

// What the state's worth and the mean of the actions add to the gradient of each.
static void duel_gradient(const trm_model *m, const float *h, const float *low,
                          const trm_block *block) {
    enum { UNITS = 64 };
    const trm_full_layout *l = m->layout;
    const float *worth = trm_model_weight(m, m->dueling_head);
    const int32_t actions = m->config.action_dim;
    for (int32_t from = 0; from < block->units; from += UNITS) {
        const int32_t n = block->units - from < UNITS ? block->units - from : UNITS;
        float mean[UNITS] = {0}, one[UNITS] = {0};
        for (int32_t a = 0; a < actions; a++) {
            const trm_block part = {a, 1, block->unit0 + from, n, one};
            trm_head_gradient(m, l->head0, l->head2, h, m->config.h_dim, low, &part);
            for (int32_t u = 0; u < n; u++)
                mean[u] += one[u] / (float)actions;
        }
        for (int32_t a = 0; a < block->actions; a++)
            for (int32_t u = 0; u < n; u++)
                block->out[(int64_t)a * block->units + from + u] +=
                    worth[block->unit0 + from + u] - mean[u];
    }
}

// L comes to the actions through H only.
static bool head_gradient(const trm_model *m, const float *x, const float *h, const float *low,
                          const trm_block *block) {
    const trm_full_layout *l = m->layout;
    (void)x;
    if (block->unit0 >= m->config.h_dim)
        return false;
    trm_head_gradient(m, l->head0, l->head2, h, m->config.h_dim, low, block);
    if (m->dueling_head >= 0)
        duel_gradient(m, h, low, block);
    return true;
}

static int32_t count_blocks(const trm_params *p, const char *kind) {
    int32_t n = 0;
    for (char name[TRM_PARAM_NAME];; n++) {
        trm_text_format(name, sizeof name, "recursive_core.%s.%d.norm.weight", kind, n);
        if (trm_params_find(p, name) < 0)
            return n;
    }
}

static bool recognise(const trm_params *p, trm_model_config *c) {
    int32_t in = trm_params_find(p, "recursive_core.input_embed.weight");
    int32_t down = trm_params_find(p, "recursive_core.h_to_l.weight");
    int32_t out = trm_params_find(p, "action_head.2.weight");
    if (in < 0 || down < 0 || out < 0)
        return false;
    c->h_dim = p->items[in].shape[0];
    c->state_dim = p->items[in].shape[1];
    c->l_dim = p->items[down].shape[0];
    c->action_dim = p->items[out].shape[0];
    c->h_layers = count_blocks(p, "h_blocks");
    c->l_layers = count_blocks(p, "l_blocks");
    c->action_conditioning = trm_params_find(p, "action_embed.weight") >= 0;
    return true;
}

void trm_products_full(trm_product_list *l, const trm_model_config *c) {
    int32_t h = c->h_dim, low = c->l_dim, k = c->k_cycles;
    char name[TRM_PARAM_NAME];
    if (c->action_conditioning)
        trm_products_add_linear(l, "action_proj.weight", c->state_dim, c->state_dim + h, 1, 1);
    trm_products_add_linear(l, "recursive_core.input_embed.weight", h, c->state_dim, 1,
                            c->action_conditioning);
    for (int32_t i = 0; i < c->h_layers; i++) {
        trm_text_format(name, sizeof name, "recursive_core.h_blocks.%d.swiglu.linear1.weight", i);
        trm_products_add_linear(l, name, 4 * h, h, k, k);
        trm_text_format(name, sizeof name, "recursive_core.h_blocks.%d.output_proj.weight", i);
        trm_products_add_linear(l, name, h, 2 * h, k, k);
    }
    trm_products_add_linear(l, "recursive_core.h_to_l.weight", low, h, k, k);
    for (int32_t i = 0; i < c->l_layers; i++) {
        trm_text_format(name, sizeof name, "recursive_core.l_blocks.%d.net.0.weight", i);
        trm_products_add_linear(l, name, 2 * low, low, k, k);
        trm_text_format(name, sizeof name, "recursive_core.l_blocks.%d.net.2.weight", i);
        trm_products_add_linear(l, name, low, 2 * low, k, k);
    }
    trm_products_add_linear(l, "recursive_core.l_to_h.weight", h, low, k, k);
    trm_products_add_linear(l, "recursive_core.h_carry.weight", h, h, k - 1, k - 1);
    trm_products_add_linear(l, "action_head.0.weight", h / 2, h, 1, 1);
    trm_products_add_linear(l, "action_head.2.weight", c->action_dim, h / 2, 1, 1);
}

const trm_arch trm_arch_full = {
    .name = "trm-full",
    .summary = "hierarchical H and L levels, K cycles with carry; the original's Full variant",
    .chunk = chunk_rows,
    .layout = layout,
    .outputs = outputs,
    .plan = plan,
    .forward = forward,
    .backward = trm_full_backward,
    .feature_dim = feature_dim,
    .features = features,
    .halting_features = halting_features,
    .duels = true,
    .trace_shape = trace_shape,
    .trace = trace,
    .interventions = interventions,
    .head_gradient = head_gradient,
    .recognise = recognise,
    .fields = TRM_FIELDS(TRM_SIZE(h_dim, 2, 4096), TRM_SIZE(l_dim, 1, 4096),
                         TRM_SIZE(k_cycles, 1, 64), TRM_SIZE(h_layers, 1, 16),
                         TRM_SIZE(l_layers, 1, 16), TRM_READS(action_conditioning))};
