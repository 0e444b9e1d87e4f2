// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "trm/base/text.h"
#include "trm/model/model.h"
#include "trm/nn/categorical.h"

enum { ROWS = 7 };

static trm_model_config config_of(const char *type, int32_t state_dim, int32_t action_dim) {
    trm_model_config c = trm_model_config_default();
    trm_text_copy(c.type, sizeof c.type, type);
    c.state_dim = state_dim;
    c.action_dim = action_dim;
    return c;
}

static trm_model *model_of(const trm_model_config *c, uint64_t seed) {
    trm_error e = {0};
    trm_model *m = trm_model_new(c, &e);
    if (!m)
        fail_msg("%s", e.message);
    trm_rng rng;
    trm_rng_seed(&rng, seed, 0);
    trm_model_init(m, &rng);
    return m;
}

static void test_parameter_counts(void **state) {
    (void)state;
    const struct {
        const char *type;
        int32_t k, state, action, h, l;
        int64_t total;
    } cases[] = {{"trm-full", 3, 25, 4, 64, 32, 69038},
                 {"trm-full", 5, 25, 4, 64, 32, 69038},
                 {"trm-full", 5, 16, 64, 128, 64, 273296},
                 {"mlp", 1, 25, 4, 64, 32, 20356}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_model_config c = config_of(cases[i].type, cases[i].state, cases[i].action);
        c.k_cycles = cases[i].k;
        c.h_dim = cases[i].h;
        c.l_dim = cases[i].l;
        trm_model *m = model_of(&c, 1);
        assert_int_equal(trm_model_params(m)->total, cases[i].total);
        trm_model_free(m);
    }
}

static void test_bad_sizes_are_refused_by_name(void **state) {
    (void)state;
    trm_error e;
    trm_model_config c = config_of("trm-ful", 25, 4);
    assert_null(trm_model_new(&c, &e));
    assert_non_null(strstr(e.message, "did you mean \"trm-full\""));
    c = config_of("trm-full", 25, 4);
    c.k_cycles = 0;
    assert_null(trm_model_new(&c, &e));
    assert_string_equal(e.message, "model.k_cycles: 0 is out of range 1..64");
    c = config_of("mlp", 0, 4);
    assert_null(trm_model_new(&c, &e));
    c = config_of("mlp", 25, 4);
    c.hidden = 5000;
    assert_null(trm_model_new(&c, &e));
}

// A loss over every wanted output: sum of fixed weights times logits.
typedef struct graded {
    trm_model *m;
    trm_workspace *w;
    bool all;
    float x[ROWS * 9];
    int32_t prev[ROWS];
    float weights[8 * ROWS * 5]; // [outputs][ROWS][A]
} graded;

static double graded_loss(void *ctx) {
    graded *g = ctx;
    double sum = 0;
    int32_t outputs = trm_model_outputs(g->m), actions = trm_model_get_config(g->m)->action_dim;
    trm_model_forward(g->m, g->w, 0, trm_mat_of(g->x, ROWS, trm_model_get_config(g->m)->state_dim),
                      g->prev);
    for (int32_t o = g->all ? 0 : outputs - 1; o < outputs; o++)
        for (int32_t i = 0; i < ROWS * actions; i++)
            sum += (double)g->weights[o * ROWS * actions + i] *
                   (double)trm_workspace_logits(g->w, o).data[i];
    return sum;
}

static void check_model_gradient(const trm_model_config *c, bool all, int with_prev) {
    graded g = {.m = model_of(c, 9), .all = all};
    trm_rng rng;
    trm_rng_seed(&rng, 2, 0);
    g.w = trm_workspace_new(g.m, ROWS, all);
    check_fill(g.x, ROWS * c->state_dim, 1, &rng);
    for (int32_t r = 0; r < ROWS; r++)
        g.prev[r] = with_prev == 0 || (with_prev == 1 && r % 3 == 0)
                        ? -1
                        : (int32_t)trm_rng_below(&rng, (uint32_t)c->action_dim);
    int32_t outputs = trm_model_outputs(g.m);
    check_fill(g.weights, (int64_t)outputs * ROWS * c->action_dim, 1, &rng);
    graded_loss(&g);
    for (int32_t o = all ? 0 : outputs - 1; o < outputs; o++)
        memcpy(trm_workspace_dlogits(g.w, o).data, g.weights + o * ROWS * c->action_dim,
               (size_t)(ROWS * c->action_dim) * sizeof(float));
    trm_params *p = trm_model_params(g.m);
    float *grads = trm_alloc((size_t)p->size, sizeof *grads);
    trm_model_backward(g.m, g.w, 0, ROWS, grads);
    for (int32_t i = 0; i < p->count; i++)
        check_gradient(p->items[i].name, trm_params_at(p, p->values, i), trm_params_at(p, grads, i),
                       p->items[i].size, 12, graded_loss, &g, 0.01);
    free(grads);
    trm_workspace_free(g.w);
    trm_model_free(g.m);
}

static void test_full_gradients(void **state) {
    (void)state;
    for (int k = 1; k <= 4; k += 3)
        for (int with_prev = 0; with_prev <= 2; with_prev++) {
            trm_model_config c = config_of("trm-full", 9, 4);
            c.h_dim = 10;
            c.l_dim = 5;
            c.k_cycles = k;
            c.l_layers = 2;
            check_model_gradient(&c, with_prev == 1, with_prev);
        }
}

static void test_full_gradients_without_conditioning(void **state) {
    (void)state;
    trm_model_config c = config_of("trm-full", 9, 5);
    c.h_dim = 7;
    c.l_dim = 3;
    c.h_layers = 1;
    c.action_conditioning = false;
    check_model_gradient(&c, true, 0);
}

static void test_mlp_gradients(void **state) {
    (void)state;
    trm_model_config c = config_of("mlp", 9, 4);
    c.hidden = 12;
    check_model_gradient(&c, false, 0);
}

// A rollout runs row by row and differentiates at once: that must be what one batch gives.
static void test_row_by_row_is_the_batch(void **state) {
    (void)state;
    trm_model_config c = config_of("trm-full", 25, 4);
    trm_model *m = model_of(&c, 4);
    enum { B = 150 }; // more than two chunks
    trm_workspace *batch = trm_workspace_new(m, B, false), *single = trm_workspace_new(m, B, false);
    float *x = trm_alloc(B * 25, sizeof *x);
    int32_t prev[B];
    trm_rng rng;
    trm_rng_seed(&rng, 8, 0);
    check_fill(x, B * 25, 1, &rng);
    for (int32_t r = 0; r < B; r++)
        prev[r] = (int32_t)trm_rng_below(&rng, 5) - 1;
    trm_model_forward(m, batch, 0, trm_mat_of(x, B, 25), prev);
    for (int32_t r = 0; r < B; r++)
        trm_model_forward(m, single, r, trm_mat_of(x + r * 25, 1, 25), prev + r);
    check_close("logits", trm_workspace_logits(single, 2).data, trm_workspace_logits(batch, 2).data,
                B * 4, 1e-5);
    int64_t size = trm_model_params(m)->size;
    float *grads = trm_alloc((size_t)size, sizeof *grads),
          *want = trm_alloc((size_t)size, sizeof *want);
    check_fill(trm_workspace_dlogits(batch, 2).data, B * 4, 1, &rng);
    memcpy(trm_workspace_dlogits(single, 2).data, trm_workspace_dlogits(batch, 2).data,
           B * 4 * sizeof(float));
    trm_model_backward(m, batch, 0, B, want);
    trm_model_backward(m, single, 0, 100, grads);
    trm_model_backward(m, single, 100, B - 100, grads);
    check_close("gradients", grads, want, size, 1e-4);
    free(want);
    free(grads);
    free(x);
    trm_workspace_free(single);
    trm_workspace_free(batch);
    trm_model_free(m);
}

static void test_trace_is_the_forward(void **state) {
    (void)state;
    trm_model_config c = config_of("trm-full", 25, 4);
    trm_model *m = model_of(&c, 4);
    trm_workspace *all = trm_workspace_new(m, 2, true), *last = trm_workspace_new(m, 2, false);
    float x[50];
    const int32_t prev[2] = {-1, 3};
    trm_rng rng;
    trm_rng_seed(&rng, 8, 0);
    check_fill(x, 50, 1, &rng);
    trm_model_forward(m, all, 0, trm_mat_of(x, 2, 25), prev);
    trm_model_forward(m, last, 0, trm_mat_of(x, 2, 25), prev);
    trm_trace_shape s = trm_model_trace_shape(m);
    float *data = trm_alloc((size_t)trm_trace_size(&s), sizeof *data);
    trm_model_trace(m, last, 1, data);
    for (int32_t k = 0; k < 3; k++) {
        assert_memory_equal(trm_trace_logits(&s, data, k),
                            trm_mat_row(trm_workspace_logits(all, k), 1), 4 * sizeof(float));
        float probs[4];
        trm_softmax(probs, trm_trace_logits(&s, data, k), 4);
        assert_memory_equal(trm_trace_probs(&s, data, k), probs, sizeof probs);
    }
    free(data);
    trm_workspace_free(last);
    trm_workspace_free(all);
    trm_model_free(m);
}

static void test_architecture_is_read_off_bare_weights(void **state) {
    (void)state;
    const char *types[] = {"trm-full", "mlp"};
    for (int i = 0; i < 2; i++) {
        trm_model_config c = config_of(types[i], 11, 6), found = trm_model_config_default();
        c.h_dim = 20;
        c.l_dim = 6;
        c.h_layers = 3;
        c.l_layers = 2;
        c.hidden = 33;
        c.action_conditioning = false;
        found.k_cycles = 9;
        trm_model *m = model_of(&c, 1);
        trm_error e = {0};
        assert_true(trm_model_recognise(trm_model_params_const(m), &found, &e));
        assert_string_equal(found.type, types[i]);
        assert_int_equal(found.state_dim, 11);
        assert_int_equal(found.action_dim, 6);
        assert_int_equal(found.k_cycles, 9);
        if (i == 0) {
            assert_int_equal(found.h_layers, 3);
            assert_int_equal(found.l_layers, 2);
            assert_false(found.action_conditioning);
        } else {
            assert_int_equal(found.hidden, 33);
        }
        trm_model_params(m)->items[3].name[0] = '?';
        assert_false(trm_model_recognise(trm_model_params_const(m), &found, &e));
        trm_model_free(m);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameter_counts),
        cmocka_unit_test(test_bad_sizes_are_refused_by_name),
        cmocka_unit_test(test_full_gradients),
        cmocka_unit_test(test_full_gradients_without_conditioning),
        cmocka_unit_test(test_mlp_gradients),
        cmocka_unit_test(test_row_by_row_is_the_batch),
        cmocka_unit_test(test_trace_is_the_forward),
        cmocka_unit_test(test_architecture_is_read_off_bare_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
