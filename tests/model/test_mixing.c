// SPDX-License-Identifier: Apache-2.0
// The recursive models whose cells see one another: gradients by central differences where all is
// differentiated, and, where it is not, against the same step run from the state it started from.
#include <math.h>
#include <string.h>

#include "model/mixing/mixing.h"
#include "subject.h"

enum { KINDS = 4 };
static const char *const kinds[KINDS] = {"trm-attn", "trm-mix", "trm-conv", "trm-peer"};

static trm_model_config tiny(trm_model_config c, int32_t n, int32_t cycles, int32_t steps) {
    c.d_model = 8;
    c.heads = 2;
    c.layers = 2;
    c.feedforward = 6;
    c.inner_steps = n;
    c.k_cycles = cycles;
    c.sup_steps = steps;
    c.halting = false;
    return c;
}

static void check_kind(const trm_model_config *c) {
    subject s;
    subject_new(&s, c, 3, false);
    subject_check_gradient(&s, 10);
    subject_free(&s);
}

static void test_gradients(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        trm_model_config c = tiny(subject_grid(kinds[kind], 4, 4, 3, 3), 2, 1, 1);
        check_kind(&c);
        c.local = true;
        check_kind(&c);
        c = tiny(subject_grid(kinds[kind], 2, 3, 2, 2), 1, 1, 1);
        check_kind(&c);
    }
    trm_model_config large = tiny(subject_grid("trm-attn", 6, 6, 2, 2), 2, 1, 1);
    check_kind(&large); // too large for probabilities to be kept
}

// Few actions: the mean and the planes' means are read; as many as cells have classes: every cell.
static void test_gradients_of_policies(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++)
        for (int32_t actions = 4; actions <= 24; actions += 20) {
            trm_model_config c = subject_config(kinds[kind], 2 * 12, actions);
            c.height = 3;
            c.width = 4;
            c = tiny(c, 1, 1, 1);
            check_kind(&c);
            c.local = true;
            check_kind(&c);
        }
    trm_model_config line = tiny(subject_config("trm-attn", 7, 3), 1, 1, 1);
    check_kind(&line);
}

// Wide and high boards; a policy that is read at the agent; boxes of another shape than the side's.
static void test_gradients_on_oblong_boards(void **state) {
    (void)state;
    static const int32_t sizes[][2] = {{3, 7}, {6, 2}};
    for (int kind = 0; kind < KINDS; kind++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            const int32_t rows = sizes[i][0], cols = sizes[i][1];
            trm_model_config c = tiny(subject_grid(kinds[kind], rows, cols, 3, 2), 2, 1, 1);
            c.local = true;
            check_kind(&c);
            c = tiny(subject_config(kinds[kind], 3 * rows * cols, 4), 2, 1, 1);
            c.height = rows;
            c.width = cols;
            c.read_at_agent = true;
            check_kind(&c);
        }
    trm_model_config boxes = tiny(subject_grid("trm-peer", 6, 4, 2, 3), 1, 1, 1);
    boxes.box_rows = 3;
    boxes.box_cols = 2;
    check_kind(&boxes);
}

// Boxes are the board's. Where it has none, the blocks are those that old models learned with.
static void test_boxes_are_the_boards(void **state) {
    (void)state;
    static const struct {
        int32_t rows, cols, box_rows, box_cols; // of the configuration
        int32_t rows_wanted, cols_wanted;
    } cases[] = {{4, 4, 2, 2, 2, 2},   {6, 6, 2, 3, 2, 3},   {9, 9, 3, 3, 3, 3},
                 {6, 6, 3, 2, 3, 2},   {6, 4, 3, 2, 3, 2},   {8, 12, 4, 3, 4, 3},
                 {4, 4, 0, 0, 2, 2},   {6, 6, 0, 0, 2, 3},   {9, 9, 0, 0, 3, 3},
                 {7, 7, 0, 0, 1, 7},   {15, 15, 0, 0, 3, 5}, {16, 16, 0, 0, 4, 4},
                 {7, 15, 0, 0, 1, 15}, {15, 7, 0, 0, 1, 7},  {1, 36, 0, 0, 1, 36}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_model_config c =
            tiny(subject_grid("trm-peer", cases[i].rows, cases[i].cols, 2, 3), 1, 1, 1);
        c.box_rows = cases[i].box_rows;
        c.box_cols = cases[i].box_cols;
        trm_model *m = subject_model(&c, 1);
        const trm_groups *g = &((const trm_mixing_layout *)m->layout)->groups;
        const int32_t h = cases[i].rows_wanted, w = cases[i].cols_wanted;
        assert_int_equal(g->first[3] - g->first[2], c.positions / (h * w));
        assert_true(fabsf(g->scale[2] * (float)(h * w) - 1) < 1e-6f);
        for (int32_t p = 0; p < c.positions; p++) {
            const int32_t row = p / c.width, col = p % c.width;
            assert_int_equal(g->group[3 * p], row);
            assert_int_equal(g->group[3 * p + 1], col);
            assert_int_equal(g->group[3 * p + 2], row / h * (c.width / w) + col / w);
        }
        trm_model_free(m);
    }
    trm_error e = {0};
    trm_model_config c = tiny(subject_grid("trm-peer", 6, 6, 2, 3), 1, 1, 1);
    c.box_rows = 4;
    c.box_cols = 2;
    assert_null(trm_model_new(&c, &e));
    assert_non_null(strstr(e.message, "boxes of 4 x 2 do not fill a board of 6 x 6"));
}

// The halting head's logit is part of the loss here.
typedef struct halting {
    subject s;
    float weights[3];
} halting;

static double halting_loss(void *ctx) {
    halting *h = ctx;
    double sum = subject_loss(&h->s);
    for (int32_t r = 0; r < h->s.rows; r++)
        sum += (double)h->weights[r] * (double)trm_workspace_halt(h->s.w, 0)[r];
    return sum;
}

static void check_halting_head(const trm_model_config *c) {
    halting h = {.weights = {3, -5, 7}};
    subject_new(&h.s, c, 3, false);
    trm_params *p = trm_model_params(h.s.m);
    trm_rng rng;
    trm_rng_seed(&rng, 4, 0);
    int32_t halt = trm_params_find(p, "halt.weight");
    check_fill(trm_params_at(p, p->values, halt), p->items[halt].size, 1, &rng);
    memcpy(trm_workspace_dhalt(h.s.w, 0), h.weights, sizeof h.weights);
    float *grads = subject_gradient(&h.s);
    for (int32_t i = 0; i < p->count; i++)
        check_gradient(p->items[i].name, trm_params_at(p, p->values, i), trm_params_at(p, grads, i),
                       p->items[i].size, 10, halting_loss, &h, 0.01);
    subject_free(&h.s);
}

// The mean of all cells is read, also where the policy reads the agent's alone.
static void test_gradient_of_the_halting_head(void **state) {
    (void)state;
    trm_model_config c = tiny(subject_grid("trm-peer", 4, 4, 3, 3), 1, 1, 1);
    c.halting = true;
    check_halting_head(&c);
    c = tiny(subject_config("trm-conv", 3 * 12, 4), 1, 1, 1);
    c.height = 3;
    c.width = 4;
    c.read_at_agent = true;
    c.halting = true;
    check_halting_head(&c);
}

// ---- what is detached ---------------------------------------------------------------------------

// A model of the same weights and other numbers of cycles or steps.
static trm_model *twin(const subject *s, int32_t cycles, int32_t steps) {
    trm_model_config c = *trm_model_get_config(s->m);
    c.k_cycles = cycles;
    c.sup_steps = steps;
    trm_model *m = subject_model(&c, 1);
    memcpy(trm_model_params(m)->values, trm_model_params(s->m)->values,
           (size_t)trm_model_params(m)->size * sizeof(float));
    return m;
}

// Forward and backward of one step in a carried workspace, with the subject's weights of output o
// as the gradient of its logits; adds to grads.
static void run_step(const subject *s, const trm_model *m, trm_workspace *w, int32_t o,
                     float *grads) {
    const trm_model_config *c = trm_model_get_config(m);
    int32_t size = s->rows * c->positions * c->action_dim;
    trm_model_forward(m, w, 0, trm_mat_of(s->x, s->rows, c->state_dim), NULL);
    if (!grads)
        return;
    check_close("logits", trm_workspace_logits(w, 0).data, trm_workspace_logits(s->w, o).data, size,
                1e-5);
    memcpy(trm_workspace_dlogits(w, 0).data, s->weights[o], (size_t)size * sizeof(float));
    trm_model_backward(m, w, 0, s->rows, grads);
}

static trm_workspace *carried(const subject *s, const trm_model *m) {
    trm_workspace *w = trm_workspace_new_carried(m, s->rows);
    for (int32_t r = 0; r < s->rows; r++)
        trm_model_carry_start(m, trm_workspace_carry(w) + r * trm_model_carry_size(m));
    return w;
}

// Supervision steps one by one from the state carried over, and of each the cycles before the last
// without gradient: together that must be the whole model.
static void test_steps_and_cycles_are_detached(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++)
        for (int32_t cycles = 1; cycles <= 3; cycles++) {
            trm_model_config c = tiny(subject_grid(kinds[kind], 4, 4, 3, 3), 2, cycles, 3);
            subject s;
            subject_new(&s, &c, 3, true);
            float *want = subject_gradient(&s);
            trm_model *one = twin(&s, 1, 1);
            trm_workspace *w = carried(&s, one);
            trm_params *p = trm_model_params(one);
            float *grads = trm_arena_array(&s.arena, (size_t)p->size, sizeof *grads);
            for (int32_t o = 0; o < 3; o++) {
                for (int32_t t = 1; t < cycles; t++)
                    run_step(&s, one, w, o, NULL);
                run_step(&s, one, w, o, grads);
            }
            for (int32_t i = 0; i < p->count; i++)
                if (p->items[i].name[1] != '0') // y0 and z0 are not reached from a carried state
                    check_close(p->items[i].name, trm_params_at(p, grads, i),
                                trm_params_at(p, want, i), p->items[i].size, 1e-4);
            trm_workspace_free(w);
            trm_model_free(one);
            subject_free(&s);
        }
}

// ---- stopping -----------------------------------------------------------------------------------

static void test_stopping_gives_the_step_that_stopped(void **state) {
    (void)state;
    enum { ROWS = 70, STEPS = 4 };
    trm_model_config c = tiny(subject_grid("trm-peer", 4, 4, 3, 3), 1, 1, STEPS);
    c.halting = true;
    subject s;
    subject_new(&s, &c, ROWS, true);
    trm_params *p = trm_model_params(s.m);
    trm_rng rng;
    trm_rng_seed(&rng, 4, 0);
    int32_t halt = trm_params_find(p, "halt.weight");
    check_fill(trm_params_at(p, p->values, halt), p->items[halt].size, 3, &rng);
    subject_loss(&s);
    *trm_params_at(p, p->values, halt + 1) =
        TRM_HALT_SURE - trm_workspace_halt(s.w, 1)[0]; // about one in two
    subject_loss(&s);
    trm_workspace *w = trm_workspace_new(s.m, ROWS, false);
    trm_workspace_set_stopping(w, true);
    trm_model_forward(s.m, w, 0, trm_mat_of(s.x, ROWS, c.state_dim), NULL);
    int32_t early = 0, late = 0, size = c.positions * c.action_dim;
    for (int32_t r = 0; r < ROWS; r++) {
        int32_t want = 1;
        while (want < STEPS && !(trm_workspace_halt(s.w, want - 1)[r] > TRM_HALT_SURE))
            want++;
        assert_int_equal(trm_workspace_steps(w, r), want);
        early += want < STEPS;
        late += want == STEPS;
        check_close("logits", trm_mat_row(trm_workspace_logits(w, STEPS - 1), r),
                    trm_mat_row(trm_workspace_logits(s.w, want - 1), r), size, 1e-5);
    }
    assert_true(early > 0 && late > 0);
    trm_workspace_free(w);
    subject_free(&s);
}

// ---- beginning again
// ------------------------------------------------------------------------------

enum { RESTARTS = 2, RESTART_ROWS = 40, RESTART_STEPS = 5 };

// A model whose halting head is sure of about every other sample at the step before the first
// restart.
static void new_unsure(subject *s, const char *kind) {
    trm_model_config c = tiny(subject_grid(kind, 4, 4, 3, 3), 1, 1, RESTART_STEPS);
    c.halting = true;
    c.restart = RESTARTS;
    c.restart_noise = 0.5f;
    subject_new(s, &c, RESTART_ROWS, true);
    trm_params *p = trm_model_params(s->m);
    trm_rng rng;
    trm_rng_seed(&rng, 4, 0);
    const int32_t halt = trm_params_find(p, "halt.weight");
    check_fill(trm_params_at(p, p->values, halt), p->items[halt].size, 3, &rng);
    subject_loss(s);
    float of[RESTART_ROWS];
    memcpy(of, trm_workspace_halt(s->w, RESTARTS - 1), sizeof of);
    for (int i = 0; i <= RESTART_ROWS / 2; i++) // the median by selection
        for (int k = i + 1; k < RESTART_ROWS; k++)
            if (of[k] > of[i]) {
                const float larger = of[k];
                of[k] = of[i];
                of[i] = larger;
            }
    *trm_params_at(p, p->values, halt + 1) += TRM_HALT_SURE - of[RESTART_ROWS / 2];
    subject_loss(s);
}

static bool differ(trm_workspace *w, trm_workspace *other, int32_t o, int32_t row) {
    const trm_mat a = trm_workspace_logits(w, o), b = trm_workspace_logits(other, o);
    return memcmp(trm_mat_row(a, row), trm_mat_row(b, row), (size_t)a.cols * sizeof(float)) != 0;
}

// Against the same model without restarts: the same until a sample that is not sure begins again,
// and where it is sure, the same on.
static void test_unsure_samples_begin_again(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        subject s;
        int32_t again = 0, on = 0;
        new_unsure(&s, kinds[kind]);
        trm_model_config never = *trm_model_get_config(s.m);
        never.restart = 0;
        trm_error e = {0};
        trm_model *m = trm_model_copy(s.m, &never, &e);
        assert_non_null(m);
        trm_workspace *w = trm_workspace_new(m, RESTART_ROWS, true);
        trm_model_forward(m, w, 0, trm_mat_of(s.x, RESTART_ROWS, never.state_dim), NULL);
        for (int32_t r = 0; r < RESTART_ROWS; r++) {
            for (int32_t o = 0; o < RESTARTS; o++)
                assert_false(differ(s.w, w, o, r));
            const bool sure = trm_workspace_halt(w, RESTARTS - 1)[r] > TRM_HALT_SURE;
            assert_int_equal(differ(s.w, w, RESTARTS, r), !sure);
            again += !sure;
            on += sure;
        }
        assert_true(again > RESTART_ROWS / 4 && on > RESTART_ROWS / 4);
        trm_workspace_free(w);
        trm_model_free(m);
        subject_free(&s);
    }
}

// Step by step from a carried state it is the same, and so it is whatever other samples there are;
// what it begins again with is the first state and noise of the size that was asked for.
static void test_beginning_again_depends_on_the_sample_alone(void **state) {
    (void)state;
    subject s;
    new_unsure(&s, "trm-peer");
    const trm_model_config *c = trm_model_get_config(s.m);
    const int64_t size = trm_model_carry_size(s.m);
    const int32_t answers = c->positions * c->action_dim;
    trm_workspace *w = trm_workspace_new_carried(s.m, RESTART_ROWS);
    float *first = trm_arena_array(&s.arena, (size_t)size, sizeof *first);
    float *again = trm_arena_array(&s.arena, (size_t)size, sizeof *again);
    for (int32_t at = 0; at < RESTART_ROWS; at += RESTART_ROWS - 1)
        for (int32_t o = 0, rows = at == 0 ? RESTART_ROWS : 1; o < RESTART_STEPS; o++) {
            trm_workspace_carry_on(w, s.m, rows, o);
            trm_model_forward(
                s.m, w, 0, trm_mat_of(s.x + (int64_t)at * c->state_dim, rows, c->state_dim), NULL);
            check_close("logits", trm_workspace_logits(w, 0).data,
                        trm_mat_row(trm_workspace_logits(s.w, o), at), rows * answers, 1e-4);
        }
    trm_model_carry_start(s.m, first);
    trm_model_carry_restart(s.m, again, RESTARTS, NULL);
    double sum = 0;
    for (int64_t i = 0; i < size; i++)
        sum += pow((double)(again[i] - first[i]), 2);
    assert_true(fabs(sqrt(sum / (double)size) - 0.5) < 0.1);
    trm_model_carry_restart(s.m, first, 2 * RESTARTS, NULL); // the next start is another one
    assert_memory_not_equal(first, again, (size_t)size * sizeof *first);
    trm_workspace_free(w);
    subject_free(&s);
}

// ---- boards that are known ----------------------------------------------------------------------

enum { BOARD_ROWS = 4, BOARD_CELLS = 12, BOARD_STEPS = 3, BOARD_ACTIONS = 4 };

// Row `row` of w, which may know the board, against a workspace that knows nothing: logits, halting
// and gradient, to the bit. recalled: that it was known.
static void check_thought(const trm_model *m, trm_workspace *w, int32_t row, float *x,
                          bool recalled) {
    const int64_t size = trm_model_params_const(m)->size;
    trm_workspace *fresh = trm_workspace_new(m, BOARD_ROWS, true);
    trm_workspace *both[] = {w, fresh};
    trm_arena arena = TRM_ARENA_INIT;
    float *grads[2];
    trm_model_forward(m, w, row, trm_mat_of(x, 1, 3 * BOARD_CELLS), NULL);
    const trm_mixing_plan *plan = w->impl;
    assert_int_equal(plan->held.rows, recalled ? 0 : 1);
    trm_model_forward(m, fresh, row, trm_mat_of(x, 1, 3 * BOARD_CELLS), NULL);
    for (int32_t o = 0; o < BOARD_STEPS; o++) {
        assert_memory_equal(trm_mat_row(trm_workspace_logits(w, o), row),
                            trm_mat_row(trm_workspace_logits(fresh, o), row),
                            BOARD_ACTIONS * sizeof(float));
        assert_memory_equal(&trm_workspace_halt(w, o)[row], &trm_workspace_halt(fresh, o)[row],
                            sizeof(float));
    }
    for (int k = 0; k < 2; k++) {
        grads[k] = trm_arena_array(&arena, (size_t)size, sizeof *grads[k]);
        for (int32_t o = 0; o < BOARD_STEPS; o++)
            for (int32_t a = 0; a < BOARD_ACTIONS; a++)
                trm_mat_row(trm_workspace_dlogits(both[k], o), row)[a] = (float)(a - o);
        trm_model_backward(m, both[k], row, 1, grads[k]);
    }
    assert_memory_equal(grads[0], grads[1], (size_t)size * sizeof(float));
    trm_arena_free(&arena);
    trm_workspace_free(fresh);
}

// A policy that reads its plan at the agent thinks again when the board, a weight, or how far it
// looks is another, and not where only the agent is.
static void test_known_boards_are_recalled(void **state) {
    (void)state;
    trm_model_config c =
        tiny(subject_config("trm-conv", 3 * BOARD_CELLS, BOARD_ACTIONS), 2, 1, BOARD_STEPS);
    c.height = 3;
    c.width = 4;
    c.read_at_agent = true;
    c.halting = true;
    subject s;
    subject_new(&s, &c, BOARD_ROWS, true);
    float *x = s.x, *agent = x + BOARD_CELLS;
    memset(agent, 0, BOARD_CELLS * sizeof *agent);
    agent[0] = 1;
    check_thought(s.m, s.w, 0, x, false);
    check_thought(s.m, s.w, 0, x, true);
    agent[0] = 0;
    agent[5] = 1;
    check_thought(s.m, s.w, 0, x, true);
    check_thought(s.m, s.w, 2, x, true);
    x[3] += 1;
    check_thought(s.m, s.w, 0, x, false);
    x[3] -= 1;
    check_thought(s.m, s.w, 1, x, true); // row 2 is still of it
    x[2 * BOARD_CELLS + 1] += 1;
    check_thought(s.m, s.w, 2, x, false);
    trm_model_params(s.m)->values[7] += 0.5f;
    check_thought(s.m, s.w, 3, x, false);
    trm_model_forward(s.m, s.w, 0, trm_mat_of(s.x, BOARD_ROWS, 3 * BOARD_CELLS), NULL);
    check_thought(s.m, s.w, 1, x, false); // several at once are not kept
    subject_free(&s);
    c.read_at_agent = false;
    subject_new(&s, &c, BOARD_ROWS, true);
    check_thought(s.m, s.w, 0, s.x, false);
    check_thought(s.m, s.w, 0, s.x, false);
    subject_free(&s);
}

static void test_refusals(void **state) {
    (void)state;
    trm_error e = {0};
    trm_model_config c = tiny(subject_grid("trm-attn", 4, 4, 3, 3), 1, 1, 1);
    c.heads = 3;
    assert_null(trm_model_new(&c, &e));
    assert_non_null(strstr(e.message, "model.heads"));
    c = tiny(subject_config("trm-conv", 10, 4), 1, 1, 1);
    assert_null(trm_model_new(&c, &e));
    assert_non_null(strstr(e.message, "grid"));
    c = tiny(subject_config("trm-attn", 10, 4), 1, 1, 1);
    c.local = true;
    assert_null(trm_model_new(&c, &e));
    assert_non_null(strstr(e.message, "model.local"));
    c = tiny(subject_grid("trm-peer", 3, 3, 2, 2), 1, 1, 1);
    c.state_dim = 19;
    assert_null(trm_model_new(&c, &e));
    assert_non_null(strstr(e.message, "19"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_gradients_of_policies),
        cmocka_unit_test(test_gradients_on_oblong_boards),
        cmocka_unit_test(test_boxes_are_the_boards),
        cmocka_unit_test(test_gradient_of_the_halting_head),
        cmocka_unit_test(test_steps_and_cycles_are_detached),
        cmocka_unit_test(test_stopping_gives_the_step_that_stopped),
        cmocka_unit_test(test_unsure_samples_begin_again),
        cmocka_unit_test(test_beginning_again_depends_on_the_sample_alone),
        cmocka_unit_test(test_known_boards_are_recalled),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
