// SPDX-License-Identifier: Apache-2.0
// trm-paper and hrm: gradients by central differences where all is differentiated, and where it is
// not, against the same passes run from the state they began in; passes, carry, interventions.
#include <math.h>
#include <string.h>

#include "subject.h"
#include "trm/base/text.h"
#include "trm/model/inspect.h"
#include "trm/model/paper.h"

enum { CELLS = 6, WORDS = 5, ROWS = 3 };

static trm_model_config tiny(const char *type, const char *encoding, int32_t prefix) {
    trm_model_config c = subject_config(type, CELLS + (prefix > 0), WORDS);
    trm_text_copy(c.position_encoding, sizeof c.position_encoding, encoding);
    c.positions = CELLS;
    c.prefix = prefix;
    c.puzzle_dim = prefix > 0 ? 8 * prefix - 3 : 0; // the last token's values end in zeros
    c.puzzles = 3;
    c.d_model = 8;
    c.heads = 2;
    c.layers = 2;
    c.h_layers = 1;
    c.feedforward = 6;
    c.token_feedforward = 7;
    c.inner_steps = 1;
    c.k_cycles = 1;
    c.sup_steps = 1;
    return c;
}

// Tokens instead of what a subject is filled with, and heads that say something.
static void fill(subject *s) {
    const trm_model_config *c = trm_model_get_config(s->m);
    trm_params *p = trm_model_params(s->m);
    trm_rng rng;
    trm_rng_seed(&rng, 5, 0);
    for (int32_t i = 0; i < s->rows * c->state_dim; i++)
        s->x[i] = (float)trm_rng_below(&rng, i % c->state_dim == CELLS ? 3 : WORDS);
    for (int32_t i = 0; i < p->count; i++)
        if (p->items[i].init == TRM_INIT_ZERO)
            check_fill(trm_params_at(p, p->values, i), p->items[i].size, 1, &rng);
}

static const float halt_weights[ROWS] = {2, -3, 1}, continue_weights[ROWS] = {-1, 2, 4};

// The heads' two outputs are part of the loss.
static double loss(void *ctx) {
    subject *s = ctx;
    double sum = subject_loss(s);
    for (int32_t r = 0; r < s->rows; r++)
        sum += (double)halt_weights[r] * (double)trm_workspace_halt(s->w, 0)[r] +
               (double)continue_weights[r] * (double)trm_workspace_continue(s->w, 0)[r];
    return sum;
}

static void check_gradients(const trm_model_config *c) {
    subject s;
    subject_new(&s, c, ROWS, false);
    fill(&s);
    memcpy(trm_workspace_dhalt(s.w, 0), halt_weights, sizeof halt_weights);
    memcpy(trm_workspace_dcontinue(s.w, 0), continue_weights, sizeof continue_weights);
    float *grads = subject_gradient(&s);
    trm_params *p = trm_model_params(s.m);
    for (int32_t i = 0; i < p->count; i++) {
        float *grad = trm_params_at(p, grads, i);
        if (p->items[i].learning == TRM_FIXED)
            assert_true(check_largest(grad, p->items[i].size) == 0);
        else
            check_gradient(p->items[i].name, trm_params_at(p, p->values, i), grad, p->items[i].size,
                           12, loss, &s, 0.01);
    }
    subject_free(&s);
}

// With one H cycle all of trm-paper is differentiated, with one L cycle all of hrm.
static void test_gradients(void **state) {
    (void)state;
    for (int32_t i = 0; trm_position_encoding_name(i); i++)
        for (int32_t prefix = 0; prefix <= 2; prefix++) {
            trm_model_config c = tiny("trm-paper", trm_position_encoding_name(i), prefix);
            c.inner_steps = 2;
            check_gradients(&c);
            c.mlp_t = true;
            check_gradients(&c);
            c = tiny("hrm", trm_position_encoding_name(i), prefix);
            check_gradients(&c);
        }
}

// The same weights, with other numbers of cycles and steps.
static trm_model *twin(const subject *s, int32_t inner, int32_t cycles) {
    trm_model_config c = *trm_model_get_config(s->m);
    c.inner_steps = inner;
    c.k_cycles = cycles;
    c.sup_steps = 1;
    trm_model *m = subject_model(&c, 1);
    memcpy(trm_model_params(m)->values, trm_model_params(s->m)->values,
           (size_t)trm_model_params(m)->size * sizeof(float));
    return m;
}

static void step(const subject *s, const trm_model *m, trm_workspace *w) {
    trm_model_forward(m, w, 0, trm_mat_of(s->x, s->rows, trm_model_get_config(m)->state_dim), NULL);
}

static trm_workspace *carried(const subject *s, const trm_model *m) {
    trm_workspace *w = trm_workspace_new_carried(m, s->rows);
    for (int32_t r = 0; r < s->rows; r++)
        trm_model_carry_start(m, trm_workspace_carry(w) + r * trm_model_carry_size(m));
    return w;
}

// Two steps of two H cycles are, from one to the next, four steps of one; of these the second and
// the fourth are differentiated, and are read.
static void test_what_is_detached(void **state) {
    (void)state;
    for (int mlp_t = 0; mlp_t <= 1; mlp_t++) {
        trm_model_config c = tiny("trm-paper", "rope", 2);
        c.mlp_t = mlp_t;
        c.inner_steps = 2;
        c.k_cycles = 2;
        c.sup_steps = 2;
        subject s;
        subject_new(&s, &c, ROWS, true);
        fill(&s);
        float *grads = subject_gradient(&s);
        trm_model *m = twin(&s, 2, 1);
        trm_workspace *w = carried(&s, m);
        int64_t size = trm_model_params(m)->size, logits = (int64_t)ROWS * CELLS * WORDS;
        float *want = trm_arena_array(&s.arena, (size_t)size, sizeof *want);
        for (int32_t k = 0; k < 4; k++) {
            step(&s, m, w);
            if (k % 2 == 0)
                continue;
            check_close("logits", trm_workspace_logits(s.w, k / 2).data,
                        trm_workspace_logits(w, 0).data, logits, 1e-5);
            memcpy(trm_workspace_dlogits(w, 0).data, s.weights[k / 2],
                   (size_t)logits * sizeof(float));
            trm_model_backward(m, w, 0, ROWS, want);
        }
        check_close("gradient", grads, want, size, 1e-4);
        check_close("learned by step", subject_learn(&s), want, size, 1e-4);
        trm_workspace_free(w);
        trm_model_free(m);
        subject_free(&s);
    }
}

// A backward in parts, in any order, and after looking, is the backward of all rows.
static void test_backward_computes_again(void **state) {
    (void)state;
    trm_model_config c = tiny("hrm", "rope", 1);
    c.k_cycles = c.inner_steps = 2;
    c.sup_steps = 2;
    subject s;
    subject_new(&s, &c, ROWS, true);
    fill(&s);
    float *all = subject_gradient(&s);
    float *parts = trm_arena_array(&s.arena, (size_t)trm_model_params(s.m)->size, sizeof *parts);
    for (int32_t r = ROWS - 1; r >= 0; r--)
        trm_model_backward(s.m, s.w, r, 1, parts);
    check_close("gradient", parts, all, trm_model_params(s.m)->size, 1e-5);
    subject_free(&s);
}

// ---- passes -------------------------------------------------------------------------------------

typedef struct seen {
    const trm_model *m;
    int32_t passes, writes_h;
    float last_h[(CELLS + 1) * 8], last_logits[CELLS * WORDS], halt;
} seen;

static void see(void *ctx, const trm_pass *pass) {
    seen *s = ctx;
    assert_int_equal(pass->index, s->passes++);
    assert_int_equal(pass->writes_h, pass->l_cycle == trm_model_get_config(s->m)->inner_steps);
    assert_int_equal(pass->index, pass->h_cycle * 3 + pass->l_cycle);
    s->writes_h += pass->writes_h;
    trm_mat made = pass->layers[pass->layer_count - 1], state = pass->writes_h ? pass->h : pass->l;
    assert_memory_equal(made.data, state.data, (size_t)state.rows * 8 * sizeof(float));
    memcpy(s->last_h, pass->h.data, sizeof s->last_h);
    memcpy(s->last_logits, pass->logits, sizeof s->last_logits);
    s->halt = pass->halt;
}

static void test_passes(void **state) {
    (void)state;
    trm_model_config c = tiny("hrm", "rope", 1);
    c.k_cycles = c.inner_steps = c.sup_steps = 2;
    subject s;
    subject_new(&s, &c, ROWS, true);
    fill(&s);
    float *before = subject_gradient(&s);
    trm_trace_shape shape = trm_model_trace_shape(s.m);
    assert_int_equal(shape.prefix, 1);
    assert_true(shape.stablemax && shape.stops_at_half);
    float *data = trm_arena_array(&s.arena, (size_t)trm_trace_size(&shape), sizeof *data);
    for (int32_t o = 1; o >= 0; o--) {
        seen got = {.m = s.m};
        trm_model_visit_passes(s.m, s.w, 1, o, see, &got);
        assert_int_equal(got.passes, trm_model_passes(s.m));
        assert_int_equal(got.writes_h, 2);
        trm_model_trace(s.m, s.w, 1, data);
        check_close("z_H", got.last_h, trm_trace_l(&shape, data, o), shape.l, 1e-5);
        check_close("logits", got.last_logits, trm_trace_logits(&shape, data, o), shape.actions,
                    1e-5);
        check_close("halt", &got.halt, &trm_workspace_halt(s.w, o)[1], 1, 1e-5);
        for (int32_t i = 0; i < CELLS; i++) {
            double sum = 0;
            for (int32_t k = 0; k < WORDS; k++)
                sum += (double)trm_trace_probs(&shape, data, o)[i * WORDS + k];
            assert_true(fabs(sum - 1) < 1e-5);
        }
    }
    float *after = trm_arena_array(&s.arena, (size_t)trm_model_params(s.m)->size, sizeof *after);
    trm_model_backward(s.m, s.w, 0, ROWS, after);
    check_close("gradient", after, before, trm_model_params(s.m)->size, 1e-6);
    subject_free(&s);
}

// ---- interventions ------------------------------------------------------------------------------

static const float *logits_with(subject *s, trm_workspace *w, const trm_intervention *i,
                                int32_t o) {
    trm_error e = {0};
    if (!trm_workspace_intervene(s->m, w, i, &e))
        fail_msg("%s", e.message);
    step(s, s->m, w);
    return trm_workspace_logits(w, o).data;
}

static bool same(const float *a, const float *b) {
    return memcmp(a, b, sizeof(float) * ROWS * CELLS * WORDS) == 0;
}

static void test_interventions(void **state) {
    (void)state;
    trm_model_config c = tiny("trm-paper", "rope", 2);
    c.inner_steps = c.k_cycles = c.sup_steps = 2;
    subject s;
    subject_new(&s, &c, ROWS, true);
    fill(&s);
    trm_workspace *w = trm_workspace_new_inspect(s.m, ROWS, 5);
    subject_loss(&s);
    const float *own = trm_workspace_logits(s.w, 1).data;
    assert_true(same(logits_with(&s, w, NULL, 1), own));
    // other numbers of cycles are those of a model of these numbers
    trm_model *m = twin(&s, 3, 1);
    trm_workspace *other = trm_workspace_new(m, ROWS, false);
    step(&s, m, other);
    const trm_intervention cycles = {.cycles = 1, .h_cycles = 1, .l_cycles = 3};
    assert_true(same(logits_with(&s, w, &cycles, 0), trm_workspace_logits(other, 0).data));
    // without the carry every step is the first one
    const trm_intervention no_carry = {.no_carry = true};
    assert_true(same(logits_with(&s, w, &no_carry, 1), trm_workspace_logits(s.w, 0).data));
    trm_trace_shape shape = trm_model_trace_shape(s.m);
    float *data = trm_arena_array(&s.arena, (size_t)trm_trace_size(&shape), sizeof *data);
    trm_model_trace(s.m, w, 0, data);
    assert_memory_equal(trm_trace_l(&shape, data, 0), trm_trace_l(&shape, data, 1),
                        (size_t)shape.l * sizeof *data);
    const trm_intervention no_feedback = {.no_feedback = true}, no_prefix = {.no_prefix = true};
    assert_false(same(logits_with(&s, w, &no_feedback, 1), own));
    assert_false(same(logits_with(&s, w, &no_prefix, 1), own));
    // a unit that is held is 0 wherever it can be seen
    uint8_t held[(CELLS + 2) * 8] = {[19] = 1};
    const trm_intervention hold = {.l_held = held};
    assert_false(same(logits_with(&s, w, &hold, 1), own));
    trm_model_trace(s.m, w, 0, data);
    assert_true(trm_trace_l(&shape, data, 1)[19] == 0 && trm_trace_l(&shape, data, 1)[18] != 0);
    assert_true(same(logits_with(&s, w, NULL, 1), own));
    trm_workspace_free(other);
    trm_model_free(m);
    trm_workspace_free(w);
    subject_free(&s);
}

// A sample stops where the first output of q_head is above 0.
static void test_stopping(void **state) {
    (void)state;
    trm_model_config c = tiny("trm-paper", "none", 0);
    c.sup_steps = 4;
    subject s;
    subject_new(&s, &c, ROWS, false);
    fill(&s);
    trm_params *p = trm_model_params(s.m);
    float *bias = trm_params_at(p, p->values, trm_params_find(p, TRM_PAPER_PREFIX "q_head.bias"));
    trm_workspace_set_stopping(s.w, true);
    bias[0] = 1000;
    subject_loss(&s);
    assert_int_equal(trm_workspace_steps(s.w, 0), 1);
    bias[0] = -1000;
    subject_loss(&s);
    assert_int_equal(trm_workspace_steps(s.w, 0), 4);
    subject_free(&s);
}

// The answers after each step of a sample that begins again after two: as without until then, other
// ones after; the same one step at a time, and the same when its passes are seen.
static void check_restarts(const subject *s, trm_workspace *never) {
    const trm_model_config *c = trm_model_get_config(s->m);
    const trm_mat x = trm_mat_of(s->x, ROWS, c->state_dim);
    trm_workspace *w = trm_workspace_new_carried(s->m, ROWS);
    for (int32_t o = 0; o < c->sup_steps; o++) {
        const float *logits = trm_workspace_logits(s->w, o).data;
        assert_int_equal(same(logits, trm_workspace_logits(never, o).data), o < c->restart);
        trm_workspace_carry_on(w, s->m, ROWS, o);
        trm_model_forward(s->m, w, 0, x, NULL);
        check_close("logits", trm_workspace_logits(w, 0).data, logits, ROWS * CELLS * WORDS, 1e-5);
        seen got = {.m = s->m};
        trm_model_visit_passes(s->m, s->w, 1, o, see, &got);
        check_close("seen", got.last_logits, logits + CELLS * WORDS, CELLS * WORDS, 1e-5);
    }
    trm_workspace_free(w);
}

static void test_restarts(void **state) {
    (void)state;
    static const char *const types[] = {"trm-paper", "hrm"};
    for (int k = 0; k < 2; k++) {
        trm_model_config c = tiny(types[k], "rope", 1);
        trm_error e = {0};
        subject s;
        c.inner_steps = 2;
        c.sup_steps = 4;
        c.restart = 2;
        subject_new(&s, &c, ROWS, true);
        fill(&s);
        trm_params *p = trm_model_params(s.m);
        float *bias =
            trm_params_at(p, p->values, trm_params_find(p, TRM_PAPER_PREFIX "q_head.bias"));
        c.restart = 0;
        for (int sure = 0; sure < 2; sure++) {
            bias[0] = sure ? 1000 : -1000;
            trm_model *m = trm_model_copy(s.m, &c, &e);
            trm_workspace *never = trm_workspace_new(m, ROWS, true);
            step(&s, m, never);
            subject_loss(&s);
            if (!sure)
                check_restarts(&s, never);
            for (int32_t o = 0; o < c.sup_steps && sure; o++)
                assert_true(
                    same(trm_workspace_logits(s.w, o).data, trm_workspace_logits(never, o).data));
            trm_workspace_free(never);
            trm_model_free(m);
        }
        subject_free(&s);
    }
}

static void test_head_gradient(void **state) {
    (void)state;
    trm_model_config c = tiny("trm-paper", "rope", 1);
    subject s;
    subject_new(&s, &c, ROWS, true);
    fill(&s);
    subject_loss(&s);
    trm_trace_shape shape = trm_model_trace_shape(s.m);
    float *data = trm_arena_array(&s.arena, (size_t)trm_trace_size(&shape), sizeof *data);
    float out[CELLS * WORDS * (CELLS + 1) * 8];
    trm_model_trace(s.m, s.w, 0, data);
    assert_false(
        trm_model_head_gradient(s.m, &shape, s.x, data, 0, shape.actions, 0, shape.h, out));
    assert_true(
        trm_model_head_gradient(s.m, &shape, s.x, data, 0, shape.actions, shape.h, shape.l, out));
    for (int32_t a = 0; a < shape.actions; a++) { // lm_head is linear: gradient times z_H
        double sum = 0;
        for (int32_t u = 0; u < shape.l; u++)
            sum += (double)out[a * shape.l + u] * (double)trm_trace_l(&shape, data, 0)[u];
        assert_true(fabs(sum - (double)trm_trace_logits(&shape, data, 0)[a]) < 1e-4);
    }
    subject_free(&s);
}

// ---- sizes --------------------------------------------------------------------------------------

static void check_refused(trm_model_config c, const char *part) {
    trm_error e = {0};
    trm_model *m = trm_model_new(&c, &e);
    assert_null(m);
    if (!strstr(e.message, part))
        fail_msg("\"%s\" does not say %s", e.message, part);
}

static void test_sizes(void **state) {
    (void)state;
    trm_model_config c = tiny("trm-paper", "rope", 2);
    c.state_dim = CELLS;
    check_refused(c, "one token a cell");
    c = tiny("trm-paper", "rope", 2);
    c.puzzle_dim = 17;
    check_refused(c, "model.prefix");
    c = tiny("trm-paper", "rope", 0);
    c.prefix = 2;
    check_refused(c, "model.prefix");
    c = tiny("trm-paper", "rope", 0);
    c.heads = 8;
    check_refused(c, "model.heads");
    c.position_encoding[0] = 'R';
    check_refused(c, "model.position_encoding");
    c = tiny("hrm", "rope", 0);
    c.mlp_t = true;
    check_refused(c, "model.mlp_t");
    // the paper's own: 5,028,866 and 6,828,034 parameters beside the three buffers, HRM 27,275,266
    c = subject_config("trm-paper", 82, 11);
    c.positions = 81;
    c.prefix = 16;
    c.puzzle_dim = c.d_model = 512;
    c.heads = 8;
    c.layers = 2;
    c.feedforward = 1536;
    c.mlp_t = true;
    for (int i = 0; i < 3; i++) {
        trm_model *m = subject_model(&c, 1);
        const int64_t want[] = {5028866, 6828034, 27275266};
        int64_t learned = 0;
        for (int32_t k = 0; k < trm_model_params(m)->count; k++) {
            const trm_param *item = &trm_model_params(m)->items[k];
            learned += item->learning == TRM_LEARNS ? item->size : 0;
        }
        assert_int_equal(learned, want[i]);
        trm_model_free(m);
        c.mlp_t = false;
        if (i == 1) {
            trm_text_copy(c.type, sizeof c.type, "hrm");
            c.prefix = 1;
            c.layers = c.h_layers = 4;
        }
    }
}

// Sizes come back from names and shapes.
static void test_recognised(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        trm_model_config c = tiny(i == 3 ? "hrm" : "trm-paper", i == 1 ? "learned" : "rope", i % 2);
        trm_error e = {0};
        c.mlp_t = i == 2;
        c.puzzle_dim = c.prefix ? 8 : 0;
        if (c.mlp_t)
            trm_text_copy(c.position_encoding, sizeof c.position_encoding, "none");
        trm_model *m = subject_model(&c, 1);
        trm_model_config back = trm_model_config_default();
        assert_true(trm_paper_fits(trm_model_params(m)));
        trm_paper_defaults(trm_model_params(m), &back);
        assert_int_equal(back.heads, 1);
        back.positions = CELLS;
        if (!trm_model_recognise(trm_model_params(m), &back, &e))
            fail_msg("%s", e.message);
        assert_string_equal(back.type, c.type);
        assert_string_equal(back.position_encoding, c.position_encoding);
        assert_int_equal(back.prefix, c.prefix);
        assert_int_equal(back.layers, 2);
        assert_int_equal(back.state_dim, c.state_dim);
        assert_int_equal(back.mlp_t, c.mlp_t);
        trm_model_free(m);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_what_is_detached),
        cmocka_unit_test(test_backward_computes_again),
        cmocka_unit_test(test_passes),
        cmocka_unit_test(test_interventions),
        cmocka_unit_test(test_stopping),
        cmocka_unit_test(test_restarts),
        cmocka_unit_test(test_head_gradient),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_recognised),
    };
    return cmocka_run_group_tests_name("model paper", tests, NULL, NULL);
}
