// SPDX-License-Identifier: Apache-2.0
#include "trm/model/model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "arch.h"
#include "trm/base/text.h"
#include "trm/nn/init.h"
#include "trm/nn/layers.h"

trm_model_config trm_model_config_default(void) {
    return (trm_model_config){.type = "trm-full",
                              .h_dim = 64,
                              .l_dim = 32,
                              .k_cycles = 3,
                              .h_layers = 2,
                              .l_layers = 1,
                              .action_conditioning = true,
                              .hidden = 128,
                              .positions = 1,
                              .x_dim = 32,
                              .z_dim = 32,
                              .y_dim = 16,
                              .head_hidden = 64,
                              .inner_steps = 2,
                              .sup_steps = 2,
                              .detach_inner_steps = true,
                              .channels = 32,
                              .d_model = 128,
                              .heads = 4,
                              .layers = 3,
                              .feedforward = 512,
                              .halting = true,
                              .puzzles = 1,
                              .position_encoding = "rope",
                              .rope_theta = 10000.0f,
                              .norm_eps = 1e-5f,
                              .dropout = 0.1f,
                              .restart_noise = 0.5f};
}

static bool check_size(const char *name, int32_t value, int32_t min, int32_t max, trm_error *e) {
    if (value >= min && value <= max)
        return true;
    return trm_error_set(e, TRM_E_INPUT, "model.%s: %d is out of range %d..%d", name, value, min,
                         max);
}

static bool check_sizes(const trm_arch *arch, const trm_model_config *c, trm_error *e) {
    if (!check_size("state_dim", c->state_dim, 1, 1 << 16, e) ||
        !check_size("action_dim", c->action_dim, 1, 1 << 16, e) ||
        !check_size("positions", c->positions, 1, 1 << 12, e))
        return false;
    for (const struct trm_field *f = arch->fields; f && f->name; f++) {
        int32_t value;
        if (!f->size)
            continue;
        memcpy(&value, (const char *)c + f->offset, sizeof value);
        if (!check_size(f->name, value, f->min, f->max, e))
            return false;
    }
    if (c->value_head && !arch->features)
        return trm_error_set(e, TRM_E_INPUT,
                             "model.type: %s has no place for a value head, which this algorithm "
                             "needs",
                             arch->name);
    if (c->halting_head && !arch->halting_features)
        return trm_error_set(e, TRM_E_INPUT,
                             "model.type: %s has no place for a halting head that learns in play "
                             "(train.halting)",
                             arch->name);
    if (c->dueling_head && !arch->duels)
        return trm_error_set(e, TRM_E_INPUT,
                             "model.type: %s has no place for a head that tells what a state is "
                             "worth (train.dueling); trm-full has",
                             arch->name);
    if (arch->check)
        return arch->check(c, e);
    if (c->positions != 1)
        return trm_error_set(e, TRM_E_INPUT,
                             "model.type: %s answers once a sample, and %d answers are wanted",
                             arch->name, c->positions);
    return true;
}

// Floats that memory has room for: the machine's, or what this process is allowed.
static int64_t floats_there(void) {
    struct rlimit limit;
    int64_t bytes = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur < (rlim_t)bytes)
        bytes = (int64_t)limit.rlim_cur;
    return bytes / (int64_t)sizeof(float);
}

trm_model *trm_model_new(const trm_model_config *config, trm_error *e) {
    return trm_model_new_within(config, floats_there(), e);
}

trm_model *trm_model_new_within(const trm_model_config *config, int64_t most, trm_error *e) {
    if (!trm_initialised()) {
        trm_error_set(
            e, TRM_E_INPUT,
            "no model can be made before trm_init(): call it at the start of the program");
        return NULL;
    }
    const trm_arch *arch = trm_arch_find(config->type, e);
    if (!arch || !check_sizes(arch, config, e))
        return NULL;
    trm_model *m = trm_alloc(1, sizeof *m);
    m->arch = arch;
    m->config = *config;
    m->chunk = arch->chunk ? arch->chunk(config) : trm_chunk_rows(config);
    m->layout = arch->layout(m);
    m->value_head = m->halting_head = m->dueling_head = -1;
    if (config->value_head)
        m->value_head = trm_params_add_linear(&m->params, &m->arena, "value_head",
                                              arch->feature_dim(config), 1);
    if (config->halting_head)
        m->halting_head = trm_params_add_linear(&m->params, &m->arena, "halting_head",
                                                arch->feature_dim(config), 1);
    if (config->dueling_head)
        m->dueling_head = trm_params_add_linear(&m->params, &m->arena, "dueling_head",
                                                arch->feature_dim(config), 1);
    if (m->params.size > most) {
        trm_error_set(e, TRM_E_INPUT,
                      "a model of %lld parameters, and its file or this machine's memory holds at "
                      "most %lld: use smaller sizes (model.d_model, model.layers, …)",
                      (long long)m->params.size, (long long)most);
        trm_model_free(m);
        return NULL;
    }
    trm_params_place(&m->params, &m->arena);
    return m;
}

void trm_model_free(trm_model *m) {
    if (!m)
        return;
    trm_arena_free(&m->arena);
    free(m);
}

trm_model *trm_model_copy(const trm_model *m, const trm_model_config *config, trm_error *e) {
    trm_model *copy = trm_model_new(config ? config : &m->config, e);
    if (copy)
        trm_model_set_weights(copy, m->params.values);
    return copy;
}

void trm_model_set_weights(trm_model *m, const float *values) {
    memcpy(m->params.values, values, (size_t)m->params.size * sizeof *values);
}

void trm_model_silence_blocks(trm_model *m, int32_t first) {
    assert(m->arch->silence);
    m->arch->silence(m, first);
}

bool trm_model_in_blocks(const trm_model *m, const char *name, int32_t first) {
    static const char prefix[] = "blocks.";
    const size_t length = sizeof prefix - 1;
    return m->arch->silence && strncmp(name, prefix, length) == 0 &&
           strtol(name + length, NULL, 10) >= first;
}

void trm_model_init(trm_model *m, trm_rng *rng) {
    trm_params_init(&m->params, rng, m->config.xavier_gain);
    if (m->arch->init)
        m->arch->init(m);
}

const trm_model_config *trm_model_get_config(const trm_model *m) {
    return &m->config;
}

trm_params *trm_model_params(trm_model *m) {
    return &m->params;
}

const trm_params *trm_model_params_const(const trm_model *m) {
    return &m->params;
}

int32_t trm_model_chunk(const trm_model *m) {
    return m->chunk;
}

int32_t trm_model_outputs(const trm_model *m) {
    return m->arch->outputs ? m->arch->outputs(&m->config) : 1;
}

int32_t trm_outputs_of_steps(const trm_model_config *c) {
    return c->sup_steps;
}

// Enough rows for products of a good size, few enough that a block's activations stay near.
int32_t trm_chunk_samples(int32_t tokens) {
    enum { ROWS = 648, MOST = 64 };
    const int32_t samples = ROWS / tokens;
    return samples < 1 ? 1 : samples > MOST ? MOST : samples;
}

static trm_mat *plan_outputs(trm_workspace *w, int32_t logits) {
    trm_mat *mats = trm_arena_array(&w->arena, (size_t)w->room, sizeof *mats);
    for (int32_t o = 0; o < w->room; o++)
        if (trm_workspace_wants(w, o))
            mats[o] = trm_workspace_mat(w, w->max_rows, logits);
    return mats;
}

static float **plan_halts(trm_workspace *w) {
    float **halts = trm_arena_array(&w->arena, (size_t)w->room, sizeof *halts);
    for (int32_t o = 0; o < w->room; o++)
        halts[o] = trm_arena_array(&w->arena, (size_t)w->max_rows, sizeof *halts[o]);
    return halts;
}

trm_workspace *trm_workspace_new(const trm_model *m, int32_t max_rows, bool all_outputs) {
    return trm_workspace_plan(m, max_rows, all_outputs, trm_model_outputs(m));
}

trm_workspace *trm_workspace_plan(const trm_model *m, int32_t max_rows, bool all_outputs,
                                  int32_t room) {
    assert(max_rows >= 1);
    trm_workspace *w = trm_alloc(1, sizeof *w);
    w->max_rows = max_rows;
    w->all_outputs = all_outputs;
    w->outputs = w->room = room;
    w->steps = trm_arena_array(&w->arena, (size_t)max_rows, sizeof *w->steps);
    if (trm_model_halts(m)) {
        w->halt = plan_halts(w);
        w->dhalt = plan_halts(w);
        w->go_on = m->arch->halts ? plan_halts(w) : NULL;
        w->dgo_on = m->arch->halts ? plan_halts(w) : NULL;
    }
    w->x = trm_workspace_mat(w, max_rows, m->config.state_dim);
    w->prev = trm_arena_array(&w->arena, (size_t)max_rows, sizeof *w->prev);
    w->logits = plan_outputs(w, m->config.positions * m->config.action_dim);
    w->dlogits = plan_outputs(w, m->config.positions * m->config.action_dim);
    if (m->value_head >= 0) {
        w->values = trm_workspace_mat(w, max_rows, 1).data;
        w->dvalues = trm_workspace_mat(w, max_rows, 1).data;
        w->dfeatures =
            trm_workspace_mat(w, trm_workspace_chunk(m, w), m->arch->feature_dim(&m->config));
    }
    if (m->arch->restarts && m->config.restart > 0)
        w->restarted =
            trm_arena_array(&w->arena, (size_t)trm_model_carry_size(m), sizeof *w->restarted);
    w->impl = m->arch->plan(m, w);
    return w;
}

void trm_workspace_free(trm_workspace *w) {
    if (!w)
        return;
    trm_arena_free(&w->arena);
    free(w);
}

size_t trm_workspace_size(const trm_workspace *w) {
    return w->arena.used;
}

trm_mat trm_workspace_logits(const trm_workspace *w, int32_t o) {
    assert(o >= 0 && o < w->outputs && w->logits[o].data);
    return w->logits[o];
}

trm_mat trm_workspace_dlogits(trm_workspace *w, int32_t o) {
    assert(o >= 0 && o < w->outputs && w->dlogits[o].data);
    return w->dlogits[o];
}

void trm_workspace_set_dropout(trm_workspace *w, trm_rng *rng) {
    w->dropout = rng;
}

void trm_workspace_set_stop(trm_workspace *w, bool (*asked)(void *ctx), void *ctx) {
    w->stop_asked = asked;
    w->stop_ctx = ctx;
    w->stopped = false;
}

bool trm_workspace_stopped(const trm_workspace *w) {
    return w->stopped;
}

int32_t trm_workspace_done(const trm_workspace *w) {
    return w->done;
}

const float *trm_workspace_values(const trm_workspace *w) {
    assert(w->values);
    return w->values;
}

float *trm_workspace_dvalues(trm_workspace *w) {
    assert(w->dvalues);
    return w->dvalues;
}

void trm_workspace_start_gradient(const trm_workspace *w, trm_mat d) {
    if (w->dfeatures.data)
        trm_mat_copy(d, trm_mat_rows(w->dfeatures, 0, d.rows));
    else
        trm_mat_zero(d);
}

static trm_mat features_of(const trm_model *m, const trm_workspace *w, int32_t row0, int32_t rows) {
    return trm_mat_rows(m->arch->features(m, w), row0, rows);
}

static void value_forward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows) {
    if (m->value_head >= 0)
        trm_apply_linear(m, m->value_head, trm_mat_of(w->values + row0, rows, 1),
                         features_of(m, w, row0, rows));
}

static void value_backward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                           float *grads) {
    if (m->value_head >= 0)
        trm_apply_linear_backward(m, grads, m->value_head, trm_mat_rows(w->dfeatures, 0, rows),
                                  trm_mat_of(w->dvalues + row0, rows, 1),
                                  features_of(m, w, row0, rows));
}

static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

void trm_model_forward(const trm_model *m, trm_workspace *w, int32_t row0, trm_mat x,
                       const int32_t *prev_action) {
    assert(x.cols == m->config.state_dim && row0 >= 0 && row0 + x.rows <= w->max_rows);
    trm_mat_copy(trm_mat_rows(w->x, row0, x.rows), x);
    for (int32_t r = 0; r < x.rows; r++) {
        w->prev[row0 + r] = prev_action ? prev_action[r] : -1;
        assert(w->prev[row0 + r] < m->config.action_dim);
    }
    int32_t chunk = m->chunk;
    w->stopped = false;
    for (int32_t done = 0; done < x.rows && !w->stopped; done += chunk) {
        int32_t rows = smaller(chunk, x.rows - done);
        w->done = 0;
        m->arch->forward(m, w, row0 + done, rows);
        value_forward(m, w, row0 + done, rows);
        w->done = w->stopped ? w->done : w->outputs;
    }
}

void trm_model_backward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                        float *grads) {
    assert(row0 >= 0 && row0 + rows <= w->max_rows && !w->intervention);
    int32_t chunk = m->chunk;
    for (int32_t done = 0; done < rows && !w->stopped; done += chunk) {
        int32_t n = smaller(chunk, rows - done);
        value_backward(m, w, row0 + done, n, grads);
        trm_halting_backward(m, w, row0 + done, n, grads);
        m->arch->backward(m, w, row0 + done, n, grads);
    }
}

// Forward and backward in one, which need not keep what lies between.
static void learn_by_step(const trm_model *m, trm_workspace *w, trm_mat x,
                          const int32_t *prev_action, trm_model_loss *loss, void *ctx,
                          float *grads) {
    assert(m->value_head < 0 && !w->intervention);
    w->learning.loss = loss;
    w->learning.ctx = ctx;
    w->learning.grads = grads;
    trm_model_forward(m, w, 0, x, prev_action);
    w->learning.grads = NULL;
}

void trm_model_learn(const trm_model *m, trm_workspace *w, trm_mat x, const int32_t *prev_action,
                     trm_model_loss *loss, void *ctx, float *grads) {
    if (m->arch->learns_by_step) {
        learn_by_step(m, w, x, prev_action, loss, ctx, grads);
        return;
    }
    trm_model_forward(m, w, 0, x, prev_action);
    for (int32_t o = 0; o < w->outputs; o++)
        if (trm_workspace_wants(w, o))
            loss(ctx, o, 0, x.rows);
    trm_model_backward(m, w, 0, x.rows, grads);
}

trm_trace_shape trm_model_trace_shape(const trm_model *m) {
    trm_trace_shape shape = m->arch->trace_shape(&m->config);
    shape.positions = m->config.positions;
    // That of a model with supervision steps learns from answers only.
    shape.halts = m->halting_head >= 0 || (trm_model_halts(m) && shape.positions > 1);
    shape.stops_at_half = m->arch->halts;
    shape.restart = shape.halts && m->arch->restarts ? m->config.restart : 0;
    shape.q_values = m->config.q_values;
    assert(shape.actions == shape.positions * m->config.action_dim);
    return shape;
}

void trm_model_trace(const trm_model *m, trm_workspace *w, int32_t row, float *data) {
    assert(row >= 0 && row < w->max_rows);
    m->arch->trace(m, w, row, data);
    trm_trace_shape shape = trm_workspace_trace_shape(m, w);
    trm_halting_trace(w, &shape, row, data);
}

void trm_apply_linear(const trm_model *m, int32_t weight, trm_mat y, trm_mat x) {
    trm_linear_forward(y, x, trm_model_weight(m, weight), trm_model_weight(m, weight + 1));
}

void trm_apply_linear_add(const trm_model *m, int32_t weight, trm_mat y, trm_mat x) {
    trm_linear_forward_add(y, x, trm_model_weight(m, weight), trm_model_weight(m, weight + 1));
}

void trm_apply_linear_backward(const trm_model *m, float *grads, int32_t weight, trm_mat dx,
                               trm_mat dy, trm_mat x) {
    trm_linear_backward(dx, trm_model_grad(m, grads, weight), trm_model_grad(m, grads, weight + 1),
                        dy, x, trm_model_weight(m, weight));
}

void trm_apply_linear_backward_add(const trm_model *m, float *grads, int32_t weight, trm_mat dx,
                                   trm_mat dy, trm_mat x) {
    trm_linear_backward_add(dx, trm_model_grad(m, grads, weight),
                            trm_model_grad(m, grads, weight + 1), dy, x,
                            trm_model_weight(m, weight));
}

// The same names and shapes, whatever their order.
static bool same_tables(const trm_params *found, const trm_params *expected, trm_error *e) {
    for (int32_t i = 0; i < expected->count; i++) {
        const trm_param *want = &expected->items[i];
        int32_t at = trm_params_find(found, want->name);
        if (at < 0)
            return trm_error_set(e, TRM_E_INPUT, "no tensor \"%s\"", want->name);
        const trm_param *have = &found->items[at];
        if (have->ndim != want->ndim ||
            memcmp(have->shape, want->shape, (size_t)want->ndim * sizeof *want->shape) != 0)
            return trm_error_set(e, TRM_E_INPUT,
                                 "tensor \"%s\" has a shape that does not fit the others",
                                 want->name);
    }
    for (int32_t i = 0; i < found->count; i++)
        if (trm_params_find(expected, found->items[i].name) < 0)
            return trm_error_set(e, TRM_E_INPUT, "unexpected tensor \"%s\"", found->items[i].name);
    return true;
}

bool trm_model_recognise(const trm_params *params, trm_model_config *config, trm_error *e) {
    const trm_arch *arch;
    for (int32_t i = 0; (arch = trm_arch_at(i)); i++) {
        trm_model_config guess = *config;
        if (!arch->recognise(params, &guess))
            continue;
        guess.value_head = trm_params_find(params, "value_head.weight") >= 0;
        guess.halting_head = trm_params_find(params, "halting_head.weight") >= 0;
        guess.dueling_head = trm_params_find(params, "dueling_head.weight") >= 0;
        trm_text_copy(guess.type, sizeof guess.type, arch->name);
        trm_model *m = trm_model_new(&guess, e);
        bool ok = m && same_tables(params, &m->params, e);
        trm_model_free(m);
        if (!ok)
            return trm_error_prefix(e, "looks like %s, but", arch->name);
        *config = guess;
        return true;
    }
    return trm_error_set(e, TRM_E_INPUT, "the tensors' names fit no model that is known here");
}
