// SPDX-License-Identifier: Apache-2.0
// Forwards that depart from the model, and the gradient of the head.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "subject.h"
#include "trm/model/inspect.h"

enum { S = 9, A = 5, MAX_CYCLES = 16 };

// A model with a workspace to look with, and a sample.
typedef struct scene {
    trm_model *m;
    trm_workspace *w;
    float x[S];
    int32_t prev;
} scene;

static trm_model_config full_config(void) {
    trm_model_config c = subject_config("trm-full", S, A);
    c.h_dim = 12;
    c.l_dim = 6;
    return c;
}

static scene open_scene(const trm_model_config *c) {
    scene s = {.m = subject_model(c, 4), .prev = 2};
    trm_rng rng;
    trm_rng_seed(&rng, 8, 0);
    s.w = trm_workspace_new_inspect(s.m, 1, MAX_CYCLES);
    check_fill(s.x, S, 1, &rng);
    return s;
}

static void close_scene(scene *s) {
    trm_workspace_free(s->w);
    trm_model_free(s->m);
}

static float *look(scene *s, const trm_intervention *i) {
    trm_error e = {0};
    if (!trm_workspace_intervene(s->m, s->w, i, &e))
        fail_msg("%s", e.message);
    trm_trace_shape shape = trm_workspace_trace_shape(s->m, s->w);
    float *trace = calloc((size_t)trm_trace_size(&shape), sizeof *trace);
    trm_model_forward(s->m, s->w, 0, trm_mat_of(s->x, 1, S), &s->prev);
    trm_model_trace(s->m, s->w, 0, trace);
    return trace;
}

// The trace of the model as it is, in a workspace of the usual kind.
static float *plain(const trm_model *m, scene *s, bool all) {
    trm_trace_shape shape = trm_model_trace_shape(m);
    float *trace = calloc((size_t)trm_trace_size(&shape), sizeof *trace);
    trm_workspace *w = trm_workspace_new(m, 1, all);
    trm_model_forward(m, w, 0, trm_mat_of(s->x, 1, S), &s->prev);
    trm_model_trace(m, w, 0, trace);
    trm_workspace_free(w);
    return trace;
}

static void check_same(const float *a, const float *b, const trm_trace_shape *shape) {
    assert_memory_equal(a, b, (size_t)trm_trace_size(shape) * sizeof *a);
}

// With nothing changed, and after what was changed has been put back, every bit is the model's.
static void test_nothing_changed_is_the_original(void **state) {
    (void)state;
    static const char *const types[] = {"trm-full", "mlp", "trm-rl"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        trm_model_config c = full_config();
        snprintf(c.type, sizeof c.type, "%s", types[i]);
        scene s = open_scene(&c);
        trm_trace_shape shape = trm_model_trace_shape(s.m);
        uint8_t held[64] = {0};
        const trm_intervention nothing = {.h_held = i == 0 ? held : NULL,
                                          .l_held = i == 0 ? held : NULL};
        float *traces[] = {plain(s.m, &s, false), plain(s.m, &s, true), look(&s, NULL),
                           look(&s, &nothing)};
        for (int k = 1; k < 4; k++)
            check_same(traces[0], traces[k], &shape);
        for (int k = 0; k < 4; k++)
            free(traces[k]);
        if (trm_model_interventions(s.m).cycles) {
            free(look(&s, &(trm_intervention){.cycles = MAX_CYCLES}));
            float *back = look(&s, NULL), *own = plain(s.m, &s, false);
            check_same(back, own, &shape);
            free(back);
            free(own);
        }
        close_scene(&s);
    }
}

// field: the number of cycles in *c.
static void check_cycles(trm_model_config *c, int32_t *field) {
    scene s = open_scene(c);
    for (int32_t k = 1; k <= MAX_CYCLES; k++) {
        *field = k;
        trm_model *configured = subject_model(c, 4);
        trm_trace_shape shape = trm_model_trace_shape(configured);
        float *asked = look(&s, &(trm_intervention){.cycles = k});
        float *own = plain(configured, &s, false);
        trm_trace_shape found = trm_workspace_trace_shape(s.m, s.w);
        assert_int_equal(found.cycles, shape.cycles);
        check_same(asked, own, &shape);
        trm_mat last = trm_workspace_logits(s.w, k - 1);
        assert_memory_equal(last.data, trm_trace_logits(&shape, own, shape.cycles - 1),
                            A * sizeof(float));
        free(asked);
        free(own);
        trm_model_free(configured);
    }
    close_scene(&s);
}

// Another number of cycles is what a model configured so computes, bit for bit.
static void test_cycles_agree_with_a_model_configured_so(void **state) {
    (void)state;
    trm_model_config c = full_config();
    check_cycles(&c, &c.k_cycles);
    trm_model_config rl = subject_config("trm-rl", S, A);
    check_cycles(&rl, &rl.sup_steps);
}

static void zero_param(trm_model *m, const char *name) {
    trm_params *p = trm_model_params(m);
    int32_t i = trm_params_find(p, name);
    assert_true(i >= 0);
    int64_t n = 1;
    for (int32_t d = 0; d < p->items[i].ndim; d++)
        n *= p->items[i].shape[d];
    memset(p->values + p->items[i].offset, 0, (size_t)n * sizeof(float));
}

// Without feedback, or carry, is the model whose weights there are 0.
static void test_switches_agree_with_weights_of_zero(void **state) {
    (void)state;
    static const char *const parts[] = {"l_to_h", "h_carry"};
    for (int k = 0; k < 2; k++) {
        trm_model_config c = full_config();
        scene s = open_scene(&c);
        trm_trace_shape shape = trm_model_trace_shape(s.m);
        float *before = look(&s, NULL);
        float *off = look(&s, &(trm_intervention){.no_feedback = k == 0, .no_carry = k == 1});
        float *original = look(&s, NULL);
        check_same(before, original, &shape);
        char name[64];
        snprintf(name, sizeof name, "recursive_core.%s.weight", parts[k]);
        zero_param(s.m, name);
        snprintf(name, sizeof name, "recursive_core.%s.bias", parts[k]);
        zero_param(s.m, name);
        float *zero = look(&s, NULL);
        double difference = 0;
        for (int64_t i = 0; i < trm_trace_size(&shape); i++) {
            assert_true(fabsf(zero[i] - off[i]) <= 1e-6f * (1 + fabsf(zero[i])));
            difference += fabs((double)off[i] - (double)before[i]);
        }
        assert_true(difference > 1e-3);
        free(before);
        free(off);
        free(original);
        free(zero);
        close_scene(&s);
    }
}

static void test_held_units_are_zero(void **state) {
    (void)state;
    trm_model_config c = full_config();
    scene s = open_scene(&c);
    trm_trace_shape shape = trm_model_trace_shape(s.m);
    uint8_t h[12] = {0}, l[6] = {0};
    trm_error e = {0};
    assert_true(trm_held_parse(s.m, "h:3,l:0,h:11", h, l, &e));
    assert_true(h[3] == 1 && h[11] == 1 && l[0] == 1);
    float *own = look(&s, NULL);
    float *held = look(&s, &(trm_intervention){.h_held = h, .l_held = l});
    for (int32_t k = 0; k < shape.cycles; k++) {
        for (int32_t i = 0; i < shape.h; i++) {
            assert_true(trm_trace_h(&shape, own, k)[i] != 0);
            assert_int_equal(trm_trace_h(&shape, held, k)[i] == 0, h[i] != 0);
            assert_int_equal(trm_trace_h_mid(&shape, held, k)[i] == 0, h[i] != 0);
        }
        for (int32_t i = 0; i < shape.l; i++)
            assert_int_equal(trm_trace_l(&shape, held, k)[i] == 0, l[i] != 0);
    }
    h[3] = 0; // the workspace has a copy of its own
    float x[S];
    memcpy(x, s.x, sizeof x);
    trm_model_forward(s.m, s.w, 0, trm_mat_of(x, 1, S), &s.prev);
    float *again = calloc((size_t)trm_trace_size(&shape), sizeof *again);
    trm_model_trace(s.m, s.w, 0, again);
    check_same(held, again, &shape);
    free(again);
    free(own);
    free(held);
    close_scene(&s);
}

static void test_what_cannot_be_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *part;
    } bad[] = {
        {"", "not a unit"},      {"h", "not a unit"},
        {"h:", "not a unit"},    {"h:12", "h:0 to h:11"},
        {"l:6", "l:0 to l:5"},   {"h:-1", "h:0 to h:11"},
        {"h:1,", "not a unit"},  {"h:1;l:2", "not a unit"},
        {"x:1", "not a unit"},   {"h:1,l:99", "l:0 to"},
        {"h:1.5", "not a unit"}, {"h:99999999999999999999", "not a unit"},
        {"H:1", "expected h:0"},
    };
    trm_model_config c = full_config();
    scene s = open_scene(&c);
    uint8_t h[12] = {0}, l[6] = {0}, none[12] = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        trm_error e = {0};
        assert_false(trm_held_parse(s.m, bad[i].text, h, l, &e));
        if (!strstr(e.message, bad[i].part))
            fail_msg("%s: %s", bad[i].text, e.message);
        assert_memory_equal(h, none, sizeof h);
        assert_memory_equal(l, none, sizeof l);
    }
    trm_error e = {0};
    assert_false(trm_workspace_intervene(s.m, s.w, &(trm_intervention){.cycles = 17}, &e));
    assert_non_null(strstr(e.message, "expected 1 to 16"));
    assert_false(trm_workspace_intervene(s.m, s.w, &(trm_intervention){.cycles = -1}, &e));
    close_scene(&s);
    c = subject_config("mlp", S, A);
    s = open_scene(&c);
    assert_false(trm_workspace_intervene(s.m, s.w, &(trm_intervention){.cycles = 2}, &e));
    assert_non_null(strstr(e.message, "mlp has no cycles"));
    assert_false(trm_workspace_intervene(s.m, s.w, &(trm_intervention){.no_carry = true}, &e));
    assert_false(trm_workspace_intervene(s.m, s.w, &(trm_intervention){.no_feedback = true}, &e));
    assert_false(trm_held_parse(s.m, "h:1", h, l, &e));
    close_scene(&s);
}

// Logits of the last cycle's head with unit `j` of z moved by d; by the trace's own numbers the
// head is piecewise linear, so that central differences are exact but for rounding.
static void test_head_gradient_agrees_with_differences(void **state) {
    (void)state;
    trm_model_config c = full_config();
    scene s = open_scene(&c);
    trm_trace_shape shape = trm_model_trace_shape(s.m);
    float *trace = look(&s, NULL), g[A * 12], part[4];
    assert_true(trm_model_head_gradient(s.m, &shape, s.x, trace, 0, A, 0, shape.h, g));
    const trm_params *p = trm_model_params_const(s.m);
    const float *w0 = p->values + p->items[trm_params_find(p, "action_head.0.weight")].offset;
    const float *b0 = p->values + p->items[trm_params_find(p, "action_head.0.bias")].offset;
    const float *w2 = p->values + p->items[trm_params_find(p, "action_head.2.weight")].offset;
    const float *h = trm_trace_h(&shape, trace, shape.cycles - 1);
    for (int32_t a = 0; a < A; a++)
        for (int32_t u = 0; u < shape.h; u++) {
            double logit[2] = {0};
            for (int side = 0; side < 2; side++)
                for (int32_t j = 0; j < shape.h / 2; j++) {
                    double x = b0[j];
                    for (int32_t i = 0; i < shape.h; i++)
                        x += (double)w0[j * shape.h + i] *
                             ((double)h[i] + (i == u ? (side ? 1e-4 : -1e-4) : 0));
                    logit[side] += (double)w2[a * (shape.h / 2) + j] * (x > 0 ? x : 0);
                }
            double want = (logit[1] - logit[0]) / 2e-4;
            assert_true(fabs(want - (double)g[a * shape.h + u]) < 1e-4);
        }
    assert_true(trm_model_head_gradient(s.m, &shape, s.x, trace, 1, 2, 5, 2, part));
    for (int k = 0; k < 4; k++)
        assert_true(part[k] == g[(1 + k / 2) * shape.h + 5 + k % 2]);
    free(trace);
    close_scene(&s);
}

static void test_head_gradient_of_the_others(void **state) {
    (void)state;
    trm_model_config c = subject_config("mlp", S, A);
    scene s = open_scene(&c);
    float g[4];
    trm_trace_shape shape = trm_model_trace_shape(s.m);
    float *trace = look(&s, NULL);
    assert_true(trm_model_head_gradient(s.m, &shape, s.x, trace, 2, 2, 7, 2, g));
    free(trace);
    const trm_params *p = trm_model_params_const(s.m);
    const float *w = p->values + p->items[trm_params_find(p, "net.4.weight")].offset;
    for (int k = 0; k < 4; k++)
        assert_true(g[k] == w[(2 + k / 2) * c.hidden + 7 + k % 2]);
    close_scene(&s);
    // A unit of the cnn is the mean of a cell's channels.
    c = subject_grid("cnn", 3, 3, 1, 2);
    c.channels = 6;
    s = open_scene(&c);
    s.prev = -1;
    shape = trm_model_trace_shape(s.m);
    trace = look(&s, NULL);
    assert_true(trm_model_head_gradient(s.m, &shape, s.x, trace, 5, 2, 2, 2, g));
    free(trace);
    p = trm_model_params_const(s.m);
    w = p->values + p->items[trm_params_find(p, "conv_layers.8.weight")].offset;
    float sum = 0;
    for (int32_t i = 0; i < c.channels; i++)
        sum += w[c.channels + i];
    assert_true(g[0] == sum && g[1] == 0); // action 5 is class 1 of cell 2
    assert_true(g[2] == 0 && g[3] != 0);   // action 6 is class 0 of cell 3
    close_scene(&s);
}

// What the gradient of a level says of a logit; 0 where the head does not read the level.
static double told(const trm_model *m, const trm_trace_shape *shape, const float *x, float *trace,
                   int32_t action, int32_t first, int32_t units) {
    const float *at = trm_trace_h(shape, trace, shape->cycles - 1);
    float *g = calloc((size_t)units + 1, sizeof *g);
    double sum = 0;
    if (first >= shape->h)
        at = trm_trace_l(shape, trace, shape->cycles - 1);
    if (units > 0 && trm_model_head_gradient(m, shape, x, trace, action, 1, first, units, g))
        for (int32_t u = 0; u < units; u++)
            sum += (double)g[u] * (double)at[u];
    free(g);
    return sum;
}

// Each row of the last weights becomes one value: such a head reads the mean of its input.
static void level_last_weights(trm_params *p) {
    const trm_param *last = &p->items[p->count - 2];
    for (int32_t i = 0; i < last->size; i++)
        p->values[last->offset + i] = p->values[last->offset + i - i % last->shape[1]];
}

// A head without biases is homogeneous in what it reads: its logits are the gradient times the
// units.
static void check_homogeneous(const trm_model_config *c) {
    trm_model *m = subject_model(c, 4);
    trm_params *p = trm_model_params(m);
    trm_rng rng;
    trm_rng_seed(&rng, 8, 0);
    for (int32_t i = 0; i < p->count; i++)
        if (strstr(p->items[i].name, "bias"))
            memset(trm_params_at(p, p->values, i), 0, (size_t)p->items[i].shape[0] * sizeof(float));
    if (trm_model_trace_shape(m).kind == TRM_TRACE_MEANS)
        level_last_weights(p);
    trm_workspace *w = trm_workspace_new_inspect(m, 1, MAX_CYCLES);
    trm_trace_shape shape = trm_model_trace_shape(m);
    float *trace = calloc((size_t)trm_trace_size(&shape), sizeof *trace);
    float *x = calloc((size_t)c->state_dim, sizeof *x);
    check_fill(x, c->state_dim, 1, &rng);
    trm_model_forward(m, w, 0, trm_mat_of(x, 1, c->state_dim), NULL);
    trm_model_trace(m, w, 0, trace);
    for (int32_t a = 0; a < shape.actions; a++) {
        double sum = told(m, &shape, x, trace, a, 0, shape.h) +
                     told(m, &shape, x, trace, a, shape.h, shape.l);
        double logit = (double)trm_trace_logits(&shape, trace, shape.cycles - 1)[a];
        if (!(fabs(sum - logit) < 1e-4 * (1 + fabs(logit))))
            fail_msg("%s, action %d: %g, expected %g", c->type, a, sum, logit);
    }
    free(trace);
    free(x);
    trm_workspace_free(w);
    trm_model_free(m);
}

static void test_gradients_of_heads_add_up(void **state) {
    (void)state;
    static const char *const types[] = {"trm-attn", "trm-mix", "trm-conv", "trm-peer"};
    trm_model_config c = subject_config("trm-rl", S, A);
    check_homogeneous(&c);
    static const char *const by_position[] = {"trm-baseline", "trm-simple", "trm-maze",
                                              "mlp",          "cnn",        "transformer"};
    for (size_t i = 0; i < sizeof by_position / sizeof *by_position; i++) {
        c = subject_grid(by_position[i], 4, 4, 5, 4);
        check_homogeneous(&c);
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        c = subject_grid(types[i], 4, 4, 5, 4); // an answer a cell
        c.d_model = 8;
        c.heads = 2;
        c.feedforward = 16;
        check_homogeneous(&c);
        c.positions = 1;
        c.action_dim = 64; // a policy that places a class in a cell
        check_homogeneous(&c);
        c.action_dim = A; // one that reads means over the cells
        check_homogeneous(&c);
        c.read_at_agent = true;
        check_homogeneous(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_changed_is_the_original),
        cmocka_unit_test(test_cycles_agree_with_a_model_configured_so),
        cmocka_unit_test(test_switches_agree_with_weights_of_zero),
        cmocka_unit_test(test_held_units_are_zero),
        cmocka_unit_test(test_what_cannot_be_is_refused),
        cmocka_unit_test(test_head_gradient_agrees_with_differences),
        cmocka_unit_test(test_head_gradient_of_the_others),
        cmocka_unit_test(test_gradients_of_heads_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
