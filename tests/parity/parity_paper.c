// SPDX-License-Identifier: Apache-2.0
// The paper's Tiny Recursive Model and HRM against their own code: the state after every pass, what
// the heads read after every step, from the start and from the file's own state before each step,
// two steps of training with every gradient, and one step of the optimisers.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/paper/paper.h"
#include "parity.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/nn/categorical.h"
#include "trm/nn/layers.h"
#include "trm/nn/optim.h"

#define STATE_TOLERANCE    2e-4 // absolute
#define GRADIENT_TOLERANCE 1e-4 // of the tensor's largest value
#define LOSS_TOLERANCE     1e-6 // a sample

typedef struct paper {
    const trm_safetensors *s;
    const char *prefix; // of the file's names, before "model.inner."
    trm_model *m;
    int32_t rows;
    trm_mat x; // [rows, S (+ 1)]
    trm_arena arena;
    double worst_state, worst_logits, worst_gradient, worst_loss, worst_after;
} paper;

static double number(const paper *p, const char *key) {
    return parity_number(p->s, key, -1);
}

static bool is_true(const paper *p, const char *key) {
    const char *text = trm_safetensors_meta(p->s, key);
    return text && strcmp(text, "true") == 0;
}

// ---- the model ----------------------------------------------------------------------------------

static trm_params list_params(paper *p) {
    trm_params out = {0};
    char start[64];
    trm_text_format(start, sizeof start, "param.%s", p->prefix);
    for (int32_t i = 0; i < p->s->count; i++) {
        const trm_tensor *t = &p->s->tensors[i];
        int32_t shape[TRM_PARAM_DIMS];
        if (strncmp(t->name, start, strlen(start)) != 0)
            continue;
        for (int32_t d = 0; d < t->ndim; d++)
            shape[d] = (int32_t)t->shape[d];
        trm_params_add(&out, &p->arena, t->name + strlen(start), t->ndim, shape, TRM_INIT_ZERO, 0,
                       0);
    }
    return out;
}

static trm_model_config config_from(paper *p) {
    trm_model_config c = trm_model_config_default();
    trm_params params = list_params(p);
    trm_error e = {0};
    const char *positions = trm_safetensors_meta(p->s, "pos_encodings");
    bool known = strcmp(positions, "rope") == 0 || strcmp(positions, "learned") == 0;
    trm_paper_defaults(&params, &c);
    c.positions = (int32_t)number(p, "seq_len");
    c.heads = (int32_t)number(p, "num_heads");
    c.k_cycles = (int32_t)number(p, "H_cycles");
    c.inner_steps = (int32_t)number(p, "L_cycles");
    c.sup_steps = (int32_t)number(p, "steps");
    c.prefix = (int32_t)number(p, "puzzle_emb_len");
    c.norm_eps = (float)parity_number(p->s, "rms_norm_eps", 1e-5);
    c.rope_theta = (float)parity_number(p->s, "rope_theta", 10000);
    trm_text_copy(c.position_encoding, sizeof c.position_encoding, known ? positions : "none");
    if (!trm_model_recognise(&params, &c, &e))
        fail_msg("%s", e.message);
    const char *arch = trm_safetensors_meta(p->s, "arch");
    assert_string_equal(c.type, strcmp(arch, "hrm") == 0 ? "hrm" : "trm-paper");
    assert_int_equal(c.action_dim, (int32_t)number(p, "vocab_size"));
    assert_int_equal(c.d_model, (int32_t)number(p, "hidden_size"));
    assert_int_equal(c.layers, (int32_t)number(p, "L_layers"));
    assert_int_equal(c.mlp_t, is_true(p, "mlp_t"));
    assert_int_equal(c.feedforward, trm_swiglu_width((float)number(p, "expansion"), c.d_model));
    return c;
}

static const trm_tensor *tensor_of(const paper *p, const char *kind, const char *name) {
    return parity_tensor(p->s, TRM_F32, "%s.%s%s", kind, p->prefix, name);
}

static void load(paper *p) {
    trm_model_config c = config_from(p);
    trm_error e = {0};
    p->m = trm_model_new(&c, &e);
    if (!p->m)
        fail_msg("%s", e.message);
    trm_params *params = trm_model_params(p->m);
    for (int32_t i = 0; i < params->count; i++) {
        const trm_tensor *t = tensor_of(p, "param", params->items[i].name);
        assert_int_equal(trm_tensor_count(t), params->items[i].size);
        memcpy(trm_params_at(params, params->values, i), t->data,
               (size_t)params->items[i].size * sizeof(float));
    }
    const int64_t *tokens = parity_tensor(p->s, TRM_I64, "input.inputs")->data;
    const int64_t *ids = parity_tensor(p->s, TRM_I64, "input.puzzle_identifiers")->data;
    p->rows = (int32_t)parity_tensor(p->s, TRM_I64, "input.inputs")->shape[0];
    p->x =
        trm_mat_of(trm_arena_array(&p->arena, (size_t)p->rows * (size_t)c.state_dim, sizeof(float)),
                   p->rows, c.state_dim);
    for (int32_t r = 0; r < p->rows; r++) {
        for (int32_t i = 0; i < c.positions; i++)
            trm_mat_row(p->x, r)[i] = (float)tokens[r * c.positions + i];
        if (c.puzzle_dim > 0)
            trm_mat_row(p->x, r)[c.positions] = (float)ids[r];
    }
}

// ---- comparing ----------------------------------------------------------------------------------

// Row `row` of the tensor, or (row < 0) all of it, absolutely.
static void check_state(double *worst, const trm_tensor *t, const float *got, int64_t size,
                        int32_t row) {
    const float *want = (const float *)t->data + (row < 0 ? 0 : row) * size;
    assert_true(trm_tensor_count(t) >= size);
    for (int64_t i = 0; i < size; i++) {
        double off = fabs((double)got[i] - (double)want[i]);
        if (!(off <= STATE_TOLERANCE))
            fail_msg("%s, row %d, %d: %g found, %g expected", t->name, row, (int)i, (double)got[i],
                     (double)want[i]);
        *worst = off > *worst ? off : *worst;
    }
}

static void check_gradient_of(paper *p, const trm_tensor *t, const float *got, int64_t size,
                              int32_t row) {
    const float *want = (const float *)t->data + (row < 0 ? 0 : row) * size;
    double scale = check_largest(t->data, trm_tensor_count(t));
    check_close_at(t->name, got, want, size, scale, GRADIENT_TOLERANCE);
    for (int64_t i = 0; i < size; i++) {
        double off = fabs((double)got[i] - (double)want[i]) / scale;
        p->worst_gradient = off > p->worst_gradient ? off : p->worst_gradient;
    }
}

static void check_loss(paper *p, const char *prefix, const char *name, double got) {
    const trm_tensor *t = parity_tensor(p->s, TRM_F64, "%s%s", prefix, name);
    double off = fabs(got - *(const double *)t->data) / p->rows;
    if (!(off <= LOSS_TOLERANCE))
        fail_msg("%s: %.9g found, %.9g expected", t->name, got, *(const double *)t->data);
    p->worst_loss = off > p->worst_loss ? off : p->worst_loss;
}

static const trm_tensor *step_tensor(const paper *p, int32_t step, const char *part) {
    return parity_tensor(p->s, TRM_F32, "step.%d.%s", step, part);
}

// ---- evaluation ---------------------------------------------------------------------------------

static void check_heads(paper *p, const trm_workspace *w, int32_t o, int32_t step) {
    const trm_model_config *c = trm_model_get_config(p->m);
    int64_t size = (int64_t)p->rows * c->positions * c->action_dim;
    check_state(&p->worst_logits, step_tensor(p, step, "logits"), trm_workspace_logits(w, o).data,
                size, -1);
    check_state(&p->worst_logits, step_tensor(p, step, "q_halt"), trm_workspace_halt(w, o), p->rows,
                -1);
    check_state(&p->worst_logits, step_tensor(p, step, "q_continue"), trm_workspace_continue(w, o),
                p->rows, -1);
}

typedef struct seen {
    paper *p;
    int32_t row, passes;
} seen;

static void check_pass(void *ctx, const trm_pass *pass) {
    seen *s = ctx;
    const trm_mat state = pass->writes_h ? pass->h : pass->l;
    int64_t size = (int64_t)state.rows * state.cols;
    assert_int_equal(state.stride, state.cols);
    assert_int_equal(pass->index, s->passes++);
    check_state(&s->p->worst_state,
                parity_tensor(s->p->s, TRM_F32, "step.0.pass.%d.z_%c", pass->index,
                              pass->writes_h ? 'H' : 'L'),
                state.data, size, s->row);
    for (int32_t i = 0; pass->index == 0 && i < pass->layer_count; i++)
        check_state(&s->p->worst_state,
                    parity_tensor(s->p->s, TRM_F32, "step.0.pass.0.layer.%d", i),
                    pass->layers[i].data, size, s->row);
    if (s->passes == trm_model_passes(s->p->m))
        check_state(&s->p->worst_logits, step_tensor(s->p, 0, "logits"), pass->logits,
                    trm_model_trace_shape(s->p->m).actions, s->row);
}

static void check_embeddings(paper *p) {
    int32_t tokens = paper_rows(p->m, 1), d = trm_model_get_config(p->m)->d_model;
    size_t size = (size_t)p->rows * (size_t)tokens * (size_t)d;
    trm_mat x = trm_mat_of(trm_arena_array(&p->arena, size, sizeof(float)), p->rows * tokens, d);
    trm_paper_embed(p->m, x, p->x);
    check_state(&p->worst_state, step_tensor(p, 0, "input_embeddings"), x.data, (int64_t)size, -1);
}

static void check_evaluation(paper *p) {
    trm_trace_shape shape = trm_model_trace_shape(p->m);
    trm_workspace *w = trm_workspace_new(p->m, p->rows, true);
    float *data = trm_arena_array(&p->arena, (size_t)trm_trace_size(&shape), sizeof *data);
    trm_model_forward(p->m, w, 0, p->x, NULL);
    for (int32_t n = 0; n < shape.cycles; n++)
        check_heads(p, w, n, n);
    for (int32_t r = 0; r < p->rows; r++) {
        seen s = {.p = p, .row = r};
        trm_model_trace(p->m, w, r, data);
        for (int32_t n = 0; n < shape.cycles; n++) {
            check_state(&p->worst_state, step_tensor(p, n, "z_H"), trm_trace_l(&shape, data, n),
                        shape.l, r);
            check_state(&p->worst_state, step_tensor(p, n, "z_L"), trm_trace_h(&shape, data, n),
                        shape.h, r);
        }
        trm_model_visit_passes(p->m, w, r, 0, check_pass, &s);
        assert_int_equal(s.passes, trm_model_passes(p->m));
    }
    trm_workspace_free(w);
}

static trm_workspace *carried(const paper *p) {
    trm_workspace *w = trm_workspace_new_carried(p->m, p->rows);
    for (int32_t r = 0; r < p->rows; r++)
        trm_model_carry_start(p->m, trm_workspace_carry(w) + r * trm_model_carry_size(p->m));
    return w;
}

// Every step from the state that the file has before it.
static void check_steps_alone(paper *p) {
    trm_workspace *w = carried(p);
    int64_t half = trm_model_carry_size(p->m) / 2;
    for (int32_t n = 0; n < trm_model_outputs(p->m); n++) {
        float *carry = trm_workspace_carry(w);
        for (int32_t r = 0; n > 0 && r < p->rows; r++) {
            const float *h = step_tensor(p, n - 1, "z_H")->data;
            const float *l = step_tensor(p, n - 1, "z_L")->data;
            memcpy(carry + 2 * r * half, h + r * half, (size_t)half * sizeof *carry);
            memcpy(carry + (2 * r + 1) * half, l + r * half, (size_t)half * sizeof *carry);
        }
        trm_model_forward(p->m, w, 0, p->x, NULL);
        check_heads(p, w, 0, n);
        for (int32_t r = 0; r < p->rows; r++) {
            check_state(&p->worst_state, step_tensor(p, n, "z_H"), carry + 2 * r * half, half, r);
            check_state(&p->worst_state, step_tensor(p, n, "z_L"), carry + (2 * r + 1) * half, half,
                        r);
        }
    }
    trm_workspace_free(w);
}

// ---- training -----------------------------------------------------------------------------------

typedef struct losses {
    double lm, halt, go_on;
} losses;

static double softplus(double x) {
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

// Binary cross entropy of a logit, and its gradient.
static double bce(double logit, double target, double scale, float *d) {
    *d = (float)(scale * (1 / (1 + exp(-logit)) - target));
    return softplus(logit) - target * logit;
}

// The loss of row r's answer; true where it is right.
static bool answer_loss(const paper *p, trm_workspace *w, int32_t r, double *loss) {
    const trm_model_config *c = trm_model_get_config(p->m);
    const int64_t *labels = parity_tensor(p->s, TRM_I64, "input.labels")->data;
    trm_mat dlogits = trm_workspace_dlogits(w, 0);
    int32_t counted = 0;
    bool right = true;
    memset(trm_mat_row(dlogits, r), 0, (size_t)dlogits.cols * sizeof(float));
    for (int32_t i = 0; i < c->positions; i++)
        counted += labels[r * c->positions + i] != -100;
    counted = counted ? counted : 1;
    for (int32_t i = 0; i < c->positions; i++) {
        const float *logits = trm_mat_row(trm_workspace_logits(w, 0), r) + i * c->action_dim;
        int64_t label = labels[r * c->positions + i];
        if (label == -100)
            continue;
        *loss += trm_stablemax_cross_entropy_f64(trm_mat_row(dlogits, r) + i * c->action_dim,
                                                 logits, c->action_dim, (int32_t)label,
                                                 1.0 / counted / p->rows) /
                 counted;
        right &= trm_categorical_argmax(logits, c->action_dim) == label;
    }
    return right;
}

// What hrm's second output is to say of row r: how sure a further step would be.
static double continue_target(const trm_workspace *further, int32_t r, bool last) {
    double halt = (double)trm_workspace_halt(further, 0)[r];
    double go_on = (double)trm_workspace_continue(further, 0)[r];
    double best = last || halt > go_on ? halt : go_on;
    return 1 / (1 + exp(-best));
}

static losses batch_loss(const paper *p, trm_workspace *w, const int64_t *steps) {
    bool hrm = paper_is_hrm(p->m);
    losses sum = {0};
    trm_workspace *further = hrm ? trm_workspace_new_carried(p->m, p->rows) : NULL;
    if (hrm) {
        memcpy(trm_workspace_carry(further), trm_workspace_carry(w),
               (size_t)(trm_model_carry_size(p->m) * p->rows) * sizeof(float));
        trm_model_forward(p->m, further, 0, p->x, NULL);
    }
    for (int32_t r = 0; r < p->rows; r++) {
        double scale = 0.5 / p->rows;
        bool right = answer_loss(p, w, r, &sum.lm), last = steps[r] >= number(p, "halt_max_steps");
        sum.halt +=
            bce((double)trm_workspace_halt(w, 0)[r], right, scale, &trm_workspace_dhalt(w, 0)[r]);
        if (hrm)
            sum.go_on +=
                bce((double)trm_workspace_continue(w, 0)[r], continue_target(further, r, last),
                    scale, &trm_workspace_dcontinue(w, 0)[r]);
    }
    trm_workspace_free(further);
    return sum;
}

static void check_losses(paper *p, const char *prefix, const losses *l) {
    check_loss(p, prefix, "loss.lm", l->lm);
    check_loss(p, prefix, "loss.q_halt", l->halt);
    if (paper_is_hrm(p->m))
        check_loss(p, prefix, "loss.q_continue", l->go_on);
    check_loss(p, prefix, "loss", l->lm + 0.5 * (l->halt + l->go_on));
}

static void check_counters(const paper *p, const trm_workspace *w, const char *prefix,
                           const int64_t *steps, bool *halted) {
    const int64_t *want_steps = parity_tensor(p->s, TRM_I64, "%ssteps", prefix)->data;
    const int64_t *want_halted = parity_tensor(p->s, TRM_I64, "%shalted", prefix)->data;
    for (int32_t r = 0; r < p->rows; r++) {
        float halt = trm_workspace_halt(w, 0)[r], go_on = trm_workspace_continue(w, 0)[r];
        halted[r] =
            steps[r] >= number(p, "halt_max_steps") || halt > (paper_is_hrm(p->m) ? go_on : 0);
        assert_int_equal(steps[r], want_steps[r]);
        assert_int_equal(halted[r], want_halted[r]);
    }
}

static void check_gradients(paper *p, trm_workspace *w, float *grads) {
    const trm_params *params = trm_model_params_const(p->m);
    trm_model_backward(p->m, w, 0, p->rows, grads);
    for (int32_t i = 0; i < params->count; i++)
        if (params->items[i].learning == TRM_LEARNS)
            check_gradient_of(p, tensor_of(p, "grad", params->items[i].name),
                              trm_params_at(params, grads, i), params->items[i].size, -1);
}

// The file has the puzzles' gradients sample by sample.
static void check_puzzle_gradients(paper *p, trm_workspace *w) {
    trm_params *params = trm_model_params(p->m);
    const trm_model_config *c = trm_model_get_config(p->m);
    int32_t table = trm_params_find(params, TRM_PAPER_PREFIX "puzzle_emb.weights");
    if (table < 0)
        return;
    const trm_tensor *t = tensor_of(p, "grad", TRM_PAPER_PREFIX "puzzle_emb.local_weights");
    for (int32_t r = 0; r < p->rows; r++) {
        float *grads = trm_alloc((size_t)params->size, sizeof *grads);
        int32_t id = (int32_t)trm_mat_row(p->x, r)[c->positions];
        trm_model_backward(p->m, w, r, 1, grads);
        check_gradient_of(p, t, trm_params_at(params, grads, table) + id * c->puzzle_dim,
                          c->puzzle_dim, r);
        free(grads);
    }
}

// after.settings: lr, weight decay, beta1, beta2, and lr and weight decay of the puzzles' table.
static void check_optimiser(paper *p, const float *grads) {
    if (!trm_safetensors_find(p->s, "after.settings"))
        return;
    const double *set = parity_tensor(p->s, TRM_F64, "after.settings")->data;
    trm_params *params = trm_model_params(p->m);
    const trm_model_config *c = trm_model_get_config(p->m);
    trm_adam adam;
    trm_adam_init(&adam, &p->arena, params->size, (float)set[3], (float)set[1]);
    adam.beta1 = (float)set[2];
    int32_t *ids = trm_arena_array(&p->arena, (size_t)p->rows, sizeof *ids);
    int32_t table = trm_params_find(params, TRM_PAPER_PREFIX "puzzle_emb.weights");
    trm_adam_atan2_step(&adam, params, grads, (float)set[0]);
    for (int32_t r = 0; table >= 0 && r < p->rows; r++)
        ids[r] = (int32_t)trm_mat_row(p->x, r)[c->positions];
    if (table >= 0)
        trm_sign_rows_step(trm_params_at(params, params->values, table),
                           grads + params->items[table].offset, c->puzzle_dim, ids, p->rows,
                           (float)set[4], (float)set[5]);
    for (int32_t i = 0; i < params->count; i++) {
        const trm_param *item = &params->items[i];
        const float *got = trm_params_at(params, params->values, i);
        if (item->learning == TRM_FIXED)
            continue;
        const trm_tensor *t = tensor_of(p, "after", item->name);
        const float *want = t->data;
        check_close(t->name, got, want, item->size, 1e-6);
        for (int64_t k = 0; k < item->size; k++)
            p->worst_after = fmax(p->worst_after, fabs((double)got[k] - (double)want[k]));
    }
}

static void check_training(paper *p) {
    const trm_params *params = trm_model_params_const(p->m);
    trm_workspace *w = carried(p);
    int64_t *steps = trm_arena_array(&p->arena, (size_t)p->rows, sizeof *steps);
    bool *halted = trm_arena_array(&p->arena, (size_t)p->rows, sizeof *halted);
    float *grads = trm_arena_array(&p->arena, (size_t)params->size, sizeof *grads);
    for (int update = 0; update < 2; update++) {
        const char *prefix = update ? "train.1." : "";
        for (int32_t r = 0; r < p->rows; r++) {
            if (halted[r])
                trm_model_carry_start(p->m,
                                      trm_workspace_carry(w) + r * trm_model_carry_size(p->m));
            steps[r] = halted[r] ? 1 : steps[r] + 1;
        }
        trm_model_forward(p->m, w, 0, p->x, NULL);
        losses l = batch_loss(p, w, steps);
        check_losses(p, prefix, &l);
        check_counters(p, w, prefix, steps, halted);
        if (update > 0)
            continue;
        check_gradients(p, w, grads);
        check_puzzle_gradients(p, w);
    }
    check_optimiser(p, grads);
    trm_workspace_free(w);
}

void parity_paper(const trm_safetensors *s) {
    paper p = {.s = s, .prefix = trm_safetensors_meta(s, "prefix")};
    load(&p);
    check_embeddings(&p);
    check_evaluation(&p);
    check_steps_alone(&p);
    parity_course(s, p.m, p.x);
    check_training(&p);
    print_message("largest differences: states %.1e, logits %.1e, gradients %.1e of the largest, "
                  "losses %.1e a sample, after a step %.1e\n",
                  p.worst_state, p.worst_logits, p.worst_gradient, p.worst_loss, p.worst_after);
    trm_model_free(p.m);
    trm_arena_free(&p.arena);
}
