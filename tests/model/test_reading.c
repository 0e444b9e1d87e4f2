// SPDX-License-Identifier: Apache-2.0
// What a trace says, on traces made by hand: against plain arithmetic and against the words' rules.
#include <math.h>
#include <string.h>

#include "../support/check.h"
#include "trm/model/reading.h"
#include "trm/nn/categorical.h"

enum { CYCLES = 4, ACTIONS = 5 };

static const trm_trace_shape shape = {
    .cycles = CYCLES, .actions = ACTIONS, .positions = 1, .first_logits = 1};

static void set_logits(const trm_trace_shape *s, float *trace, int32_t cycle, const float *logits) {
    const int32_t classes = trm_trace_classes(s);
    float *probs = trm_trace_probs(s, trace, cycle);
    memcpy(trm_trace_logits(s, trace, cycle), logits, (size_t)s->actions * sizeof *logits);
    for (int32_t p = 0; p < s->positions; p++)
        trm_softmax(probs + p * classes, logits + p * classes, classes);
}

// The first cycle cannot be read; of the others one action each is the largest.
static void make_trace(float *trace, const int32_t best[CYCLES]) {
    for (int32_t i = 0; i < trm_trace_size(&shape); i++)
        trace[i] = NAN;
    for (int32_t c = shape.first_logits; c < CYCLES; c++) {
        float logits[ACTIONS];
        for (int32_t a = 0; a < ACTIONS; a++)
            logits[a] = 0.3f * (float)((a + c) % 3) + (a == best[c] ? 2.0f : 0.0f);
        set_logits(&shape, trace, c, logits);
    }
}

static void test_where_it_was_decided(void **state) {
    (void)state;
    static const struct {
        int32_t best[CYCLES];
        int32_t decided, from, turns;
    } cases[] = {{{0, 1, 1, 1}, 1, -1, 0},
                 {{0, 2, 1, 1}, 2, 2, 1},
                 {{0, 1, 1, 2}, 3, 1, 1},
                 {{0, 1, 2, 1}, 3, 2, 2}};
    float trace[CYCLES * 2 * ACTIONS];
    const trm_reading r = {.shape = &shape, .trace = trace};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        make_trace(trace, cases[k].best);
        assert_int_equal(trm_reading_best(&r, 0), -1);
        assert_true(isnan(trm_reading_masked(&r, 0, 0)) && isnan(trm_reading_raw(&r, 0, 0)));
        for (int32_t c = 1; c < CYCLES; c++) {
            assert_int_equal(trm_reading_best(&r, c), cases[k].best[c]);
            assert_int_equal(trm_reading_turns(&r, c),
                             c > 1 && cases[k].best[c] != cases[k].best[c - 1]);
        }
        assert_int_equal(trm_reading_decided(&r), cases[k].decided);
        const trm_reading_facts f = trm_reading_facts_of(&r, 0);
        assert_int_equal(f.action, cases[k].best[CYCLES - 1]);
        assert_int_equal(f.decided, cases[k].decided);
        assert_int_equal(f.from, cases[k].from);
        assert_int_equal(f.turns, cases[k].turns);
        assert_false(f.greedy);
        assert_true(f.p_end == trm_reading_raw(&r, CYCLES - 1, f.action));
        assert_true(f.p_then == trm_reading_raw(&r, f.decided, f.action));
        assert_true(f.p_chosen == trm_reading_raw(&r, CYCLES - 1, 0));
        assert_int_equal(isnan(f.p_from), f.from < 0);
    }
}

// Where actions are masked, a decision is among the others, and their probabilities are the softmax
// of the logits that are left, bit for bit.
static void test_masked_beside_raw(void **state) {
    (void)state;
    static const int32_t best[CYCLES] = {0, 1, 2, 3};
    const bool legal[ACTIONS] = {true, false, true, false, true};
    float trace[CYCLES * 2 * ACTIONS], left[ACTIONS], shown[ACTIONS];
    make_trace(trace, best);
    const trm_reading all = {.shape = &shape, .trace = trace};
    const trm_reading r = {.shape = &shape, .trace = trace, .legal = legal};
    for (int32_t c = 1; c < CYCLES; c++) {
        for (int32_t a = 0; a < ACTIONS; a++)
            left[a] = legal[a] ? trm_trace_logits(&shape, trace, c)[a] : -1e30f;
        assert_int_equal(trm_reading_best(&all, c), best[c]);
        assert_int_equal(trm_reading_best(&r, c), trm_categorical_argmax(left, ACTIONS));
        trm_softmax(left, left, ACTIONS);
        trm_reading_shown_all(&r, c, shown);
        for (int32_t a = 0; a < ACTIONS; a++) {
            const float raw = trm_trace_probs(&shape, trace, c)[a];
            assert_true(trm_reading_raw(&r, c, a) == raw);
            assert_true(trm_reading_masked(&r, c, a) == left[a]);
            assert_true(trm_reading_masked(&all, c, a) == raw);
            assert_true(trm_reading_shown(&r, c, a) == (legal[a] ? left[a] : raw));
            assert_true(shown[a] == trm_reading_shown(&r, c, a));
        }
    }
}

// Logits far apart, so that the probability of what may be done is 0 in a float: the decision and
// its masked probability are right all the same.
static void test_masked_where_raw_is_nothing(void **state) {
    (void)state;
    const bool legal[ACTIONS] = {false, true, true, false, true};
    float trace[CYCLES * 2 * ACTIONS] = {0};
    set_logits(&shape, trace, CYCLES - 1, (const float[ACTIONS]){500, 1, 2, 400, 0});
    const trm_reading r = {.shape = &shape, .trace = trace, .legal = legal};
    assert_true(trm_reading_raw(&r, CYCLES - 1, 2) == 0);
    assert_int_equal(trm_reading_best(&r, CYCLES - 1), 2);
    assert_true(fabsf(trm_reading_masked(&r, CYCLES - 1, 2) - 0.665241f) < 1e-5f);
}

// Of a model that answers position by position, what the position of its choice said before counts,
// not which position it was surest of.
static void test_where_a_position_was_decided(void **state) {
    (void)state;
    const trm_trace_shape two = {.cycles = 3, .actions = 4, .positions = 2};
    static const float probs[3][4] = {
        {0.1f, 0.9f, 0.4f, 0.6f}, {0.01f, 0.99f, 0.7f, 0.3f}, {0.1f, 0.9f, 0.95f, 0.05f}};
    float trace[3 * 8] = {0};
    for (int32_t c = 0; c < 3; c++) {
        float logits[4];
        for (int32_t a = 0; a < 4; a++)
            logits[a] = logf(probs[c][a]);
        set_logits(&two, trace, c, logits);
    }
    const trm_reading r = {.shape = &two, .trace = trace};
    assert_int_equal(trm_reading_best(&r, 1), 1);
    assert_int_equal(trm_reading_best(&r, 2), 2);
    assert_int_equal(trm_reading_decided(&r), 1);
    assert_int_equal(trm_reading_in_place_of(&r, 0, 2), 3);
    assert_int_equal(trm_reading_class(&r, 0, 1), 1);
    assert_int_equal(trm_reading_class(&r, 2, 1), 0);
    const trm_reading_facts f = trm_reading_facts_of(&r, -1);
    assert_int_equal(f.from, 3);
    assert_int_equal(f.turns, 1);
    assert_true(f.greedy && isnan(f.p_chosen));
    // A mask takes actions out and leaves the others' probabilities as they are.
    const bool legal[4] = {true, true, false, true};
    const trm_reading masked = {.shape = &two, .trace = trace, .legal = legal};
    assert_int_equal(trm_reading_in_place_of(&masked, 1, 2), 3);
    assert_int_equal(trm_reading_best(&masked, 2), 1);
    assert_true(trm_reading_masked(&masked, 2, 1) == trm_reading_raw(&r, 2, 1));
    assert_true(trm_reading_masked(&masked, 2, 2) == 0);
    assert_int_equal(trm_reading_class(&masked, 2, 1), 0); // what it answers, allowed or not
}

static void test_lists(void **state) {
    (void)state;
    const bool legal[ACTIONS] = {true, true, false, true, true};
    float trace[CYCLES * 2 * ACTIONS] = {0}, other[CYCLES * 2 * ACTIONS] = {0};
    int32_t out[ACTIONS];
    set_logits(&shape, trace, CYCLES - 1, (const float[ACTIONS]){1, 3, 9, 2, 1});
    set_logits(&shape, other, CYCLES - 1, (const float[ACTIONS]){8, 0, 0, 0, 0});
    const trm_reading r = {.shape = &shape, .trace = trace, .legal = legal};
    const trm_reading o = {.shape = &shape, .trace = other};
    assert_int_equal(trm_reading_list(&r, CYCLES - 1, ACTIONS, out), ACTIONS);
    assert_memory_equal(out, ((const int32_t[ACTIONS]){1, 3, 0, 4, 2}), sizeof out);
    assert_int_equal(trm_reading_list(&r, CYCLES - 1, 2, out), 2);
    assert_memory_equal(out, ((const int32_t[2]){1, 3}), 2 * sizeof *out);
    assert_int_equal(trm_reading_list_both(&r, &o, 3, out), 3);
    assert_memory_equal(out, ((const int32_t[3]){0, 1, 3}), 3 * sizeof *out);
    assert_int_equal(trm_reading_list(&r, 0, 2, out), 0);
    const trm_reading nothing = {.shape = &shape};
    assert_int_equal(trm_reading_list(&nothing, CYCLES - 1, 2, out), 0);
    assert_int_equal(trm_reading_facts_of(&nothing, 1).action, -1);
}

static void test_where_it_may_stop(void **state) {
    (void)state;
    const trm_trace_shape halts = {.cycles = 3, .actions = 2, .positions = 1, .halts = true};
    float trace[3 * 5] = {0};
    const trm_reading r = {.shape = &halts, .trace = trace};
    assert_int_equal(trm_reading_stop(&r), 2);
    *trm_trace_halt(&halts, trace, 1) = 0.96f;
    assert_int_equal(trm_reading_stop(&r), 1);
    trm_trace_shape half = halts; // the paper's models
    half.stops_at_half = true;
    const trm_reading soon = {.shape = &half, .trace = trace};
    *trm_trace_halt(&halts, trace, 0) = 0.5f;
    assert_int_equal(trm_reading_stop(&soon), 1);
    *trm_trace_halt(&halts, trace, 0) = 0.51f;
    assert_int_equal(trm_reading_stop(&soon), 0);
    assert_int_equal(trm_reading_stop(&r), 1);
    const trm_reading none = {.shape = &shape, .trace = trace};
    assert_int_equal(trm_reading_stop(&none), -1);
}

static void test_where_it_begins_again(void **state) {
    (void)state;
    const trm_trace_shape again = {
        .cycles = 5, .actions = 2, .positions = 1, .halts = true, .restart = 2};
    trm_trace_shape never = again;
    never.restart = 0;
    float trace[5 * 5] = {0};
    *trm_trace_halt(&again, trace, 3) = 0.96f; // sure, so it goes on
    for (int32_t c = 0; c < again.cycles; c++) {
        assert_int_equal(trm_reading_restarts(&(trm_reading){.shape = &again, .trace = trace}, c),
                         c == 2);
        assert_false(trm_reading_restarts(&(trm_reading){.shape = &never, .trace = trace}, c));
    }
}

// A policy that fills two cells with one of two digits each: which cell it fills is its choice,
// too. The last cycle's action stood where it was the best of the board, not where its digit was
// the best of its cell.
static void test_a_policy_over_cells_decides_on_the_board(void **state) {
    (void)state;
    static const trm_trace_shape cells = {.cycles = 3, .actions = 4, .positions = 2};
    static const float logits[3][4] = {{2, 0, 1, 0}, {1, 0, 2, 0}, {2, 0, 1, 0}};
    const bool legal[4] = {true, true, true, true};
    float trace[3 * 8];
    for (int32_t c = 0; c < 3; c++)
        set_logits(&cells, trace, c, logits[c]);
    const trm_reading acting = {.shape = &cells, .trace = trace, .legal = legal};
    const trm_reading answering = {.shape = &cells, .trace = trace};
    assert_int_equal(trm_reading_decided(&acting), 2);
    assert_int_equal(trm_reading_facts_of(&acting, -1).from, 2);
    assert_int_equal(trm_reading_facts_of(&acting, -1).turns, 2);
    assert_int_equal(trm_reading_decided(&answering), 0);
}

// What actions are worth stands in the place of probabilities; bars lie between the lowest and the
// highest.
static void test_values_of_actions(void **state) {
    (void)state;
    static float trace[1 << 10];
    static const float worth[ACTIONS] = {-2, 1.5f, 8, -2, 3};
    const bool legal[ACTIONS] = {true, true, false, true, true};
    trm_trace_shape values = shape;
    values.q_values = true;
    const trm_reading r = {.shape = &values, .trace = trace, .legal = legal};
    const int32_t last = CYCLES - 1;
    int32_t order[ACTIONS];
    set_logits(&values, trace, last, worth);
    assert_int_equal(trm_reading_best(&r, last), 4);
    for (int32_t a = 0; a < ACTIONS; a++) {
        assert_true(trm_reading_raw(&r, last, a) == worth[a]);
        assert_true(trm_reading_shown(&r, last, a) == worth[a]);
        assert_true(trm_reading_masked(&r, last, a) == (legal[a] ? worth[a] : 0));
        assert_true(trm_reading_share(&r, last, a) == (worth[a] + 2) / 10);
    }
    assert_int_equal(trm_reading_list(&r, last, ACTIONS, order), ACTIONS);
    assert_memory_equal(order, ((const int32_t[]){4, 1, 0, 3, 2}), sizeof order);
    const trm_reading p = {.shape = &shape, .trace = trace};
    assert_true(trm_reading_share(&p, last, 2) == trm_reading_raw(&p, last, 2));
    assert_true(isnan(trm_reading_share(&r, 0, 0)));
}

// Behind a prefix of one token two cells of two floats each, L half as wide.
static void test_cells_by_hand(void **state) {
    (void)state;
    static const trm_trace_shape cells = {
        .cycles = 2, .h = 6, .l = 3, .actions = 2, .positions = 1, .prefix = 1, .cells = 2};
    float trace[64] = {0};
    const trm_reading r = {.shape = &cells, .trace = trace};
    memcpy(trm_trace_h(&cells, trace, 0), (const float[]){9, 9, 3, 4, 0, 1}, 6 * sizeof(float));
    memcpy(trm_trace_h(&cells, trace, 1), (const float[]){0, 9, 3, 4, 3, 5}, 6 * sizeof(float));
    memcpy(trm_trace_l(&cells, trace, 0), (const float[]){9, 1, 2}, 3 * sizeof(float));
    memcpy(trm_trace_l(&cells, trace, 1), (const float[]){0, -1, 2}, 3 * sizeof(float));
    assert_true(trm_reading_cell_norm(&r, false, 0, 0) == 5);
    assert_true(trm_reading_cell_norm(&r, true, 1, 0) == 1);
    assert_true(isnan(trm_reading_cell_change(&r, false, 0, 0)));
    assert_true(trm_reading_cell_change(&r, false, 1, 0) == 0);
    assert_true(trm_reading_cell_change(&r, false, 1, 1) == 5);
    assert_true(trm_reading_cell_change(&r, true, 1, 0) == 2);
    assert_true(trm_reading_cell_change(&r, true, 1, 1) == 0);
    trm_trace_shape none = cells;
    none.cells = 0;
    const trm_reading q = {.shape = &none, .trace = trace};
    assert_true(isnan(trm_reading_cell_norm(&q, false, 0, 0)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_policy_over_cells_decides_on_the_board),
        cmocka_unit_test(test_where_it_was_decided),
        cmocka_unit_test(test_masked_beside_raw),
        cmocka_unit_test(test_masked_where_raw_is_nothing),
        cmocka_unit_test(test_where_a_position_was_decided),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_where_it_may_stop),
        cmocka_unit_test(test_where_it_begins_again),
        cmocka_unit_test(test_values_of_actions),
        cmocka_unit_test(test_cells_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
