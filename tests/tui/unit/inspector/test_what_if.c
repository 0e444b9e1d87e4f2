// SPDX-License-Identifier: Apache-2.0
// Changes with their history, and what comes of them beside the original.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../legible.h"
#include "stage.h"
#include "tui/inspector/what_if/draw.h"

typedef struct scene {
    stage *s;
    trm_change change;
    trm_what_if_view view;
} scene;

static scene *open_scene_masked(const char *env, const char *model, bool masked) {
    scene *k = calloc(1, sizeof *k);
    const int32_t size = strcmp(env, "maze-open") == 0 ? 5 : 4;
    k->s = (masked ? stage_open_masked : stage_open)(env, size, model);
    trm_change_init(&k->change, k->s->scope, 1);
    trm_what_if_view_init(&k->view, k->s->scope, &k->change, 1, false);
    return k;
}

static scene *open_scene(const char *env, const char *model) {
    return open_scene_masked(env, model, false);
}

static void close_scene(scene *k) {
    trm_what_if_view_done(&k->view);
    trm_change_done(&k->change);
    stage_close(k->s);
    free(k);
}

static const trm_trace_shape *shape_of(const scene *k, int32_t side) {
    return &k->view.sides[side].shape;
}

static void test_nothing_changed_is_bit_for_bit_the_original(void **state) {
    (void)state;
    static const char *const models[] = {"trm-full", "mlp", "trm-rl"};
    for (int m = 0; m < 3; m++) {
        scene *k = open_scene("maze-open", models[m]);
        for (int32_t at = 0; at < k->s->scope->moments; at++) {
            trm_change_go(&k->change, at);
            trm_what_if_view_go(&k->view, at);
            float *own = trm_inspection_compute(k->s->scope, at);
            const size_t bytes = sizeof(float) * (size_t)trm_trace_size(shape_of(k, TRM_AS_IS));
            assert_true(k->view.same);
            assert_memory_equal(k->view.sides[TRM_AS_IS].trace, own, bytes);
            assert_memory_equal(k->view.sides[TRM_WHAT_IF].trace, own, bytes);
        }
        close_scene(k);
    }
}

// After changes of every kind and taking all back, the original again.
static void test_undo_comes_back_to_the_original(void **state) {
    (void)state;
    scene *k = open_scene("maze-open", "trm-full");
    trm_change *c = &k->change;
    trm_error e = {0};
    char words[128];
    int32_t changes = 0;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++)
            changes += trm_change_cycles(c, 1, &e);
        changes += trm_change_feedback(c, &e);
        changes += trm_change_carry(c, &e);
        changes += trm_change_unit(c, true, 3, &e);
        changes += trm_change_units(c, "h:1,l:2", &e);
        changes += trm_change_edit(c, &(trm_edit){.kind = TRM_EDIT_AGENT, .cell = 7 + round}, &e);
    }
    assert_int_equal(changes, 27);
    trm_what_if_view_refresh(&k->view);
    assert_false(k->view.same);
    trm_version_words(c, trm_change_now(c), words, sizeof words);
    assert_string_equal(words, "K 3 to 15, no feedback, no carry, 3 units held");
    int32_t undone = 0;
    while (trm_change_undo(c))
        undone++;
    assert_int_equal(undone, changes);
    trm_what_if_view_refresh(&k->view);
    assert_true(k->view.same);
    trm_version_words(c, trm_change_now(c), words, sizeof words);
    assert_string_equal(words, "");
    while (trm_change_redo(c))
        undone--;
    assert_int_equal(undone, 0);
    trm_version_flags(c, trm_change_now(c), words, sizeof words);
    assert_string_equal(words, " --k 15 --no-feedback --no-carry --mask h:1,h:3,l:2");
    trm_change_nothing(c, 1);
    trm_what_if_view_refresh(&k->view);
    assert_true(k->view.same);
    assert_true(trm_change_undo(c));
    trm_what_if_view_refresh(&k->view);
    assert_false(k->view.same);
    // Another step: the board is its own, the model is run as before.
    trm_change_go(c, 2);
    trm_what_if_view_go(&k->view, 2);
    assert_memory_equal(trm_change_now(c)->state, trm_inspection_state(k->s->scope, 2),
                        k->s->scope->state_size);
    trm_version_flags(c, trm_change_now(c), words, sizeof words);
    assert_string_equal(words, " --k 15 --no-feedback --no-carry --mask h:1,h:3,l:2");
    close_scene(k);
}

static void test_history_is_bounded(void **state) {
    (void)state;
    scene *k = open_scene("maze-open", "trm-full");
    trm_error e = {0};
    for (int i = 0; i < 1001; i++)
        assert_true(trm_change_unit(&k->change, true, 0, &e));
    assert_int_equal(trm_change_now(&k->change)->h_held[0], 1);
    int32_t undone = 0;
    while (trm_change_undo(&k->change)) {
        undone++;
        assert_int_equal(trm_change_now(&k->change)->h_held[0], (undone + 1) % 2);
    }
    assert_int_equal(undone, TRM_VERSIONS - 1);
    // A new change forgets what was undone.
    assert_true(trm_change_carry(&k->change, &e));
    assert_false(trm_change_redo(&k->change));
    close_scene(k);
}

static void test_refusals_change_nothing(void **state) {
    (void)state;
    scene *k = open_scene("maze-open", "trm-full");
    trm_change *c = &k->change;
    trm_error e = {0};
    assert_true(trm_change_carry(c, &e));
    assert_true(trm_change_undo(c));
    assert_false(trm_change_edit(c, &(trm_edit){.kind = TRM_EDIT_AGENT, .cell = 24}, &e));
    assert_non_null(strstr(e.message, "episode is over"));
    assert_false(trm_change_edit(c, &(trm_edit){.kind = TRM_EDIT_DIGIT, .digit = 1}, &e));
    assert_false(trm_change_units(c, "h:99", &e));
    assert_false(trm_change_cycles(c, 14, &e));
    assert_non_null(strstr(e.message, "1 to 16"));
    assert_false(trm_change_cycles(c, -3, &e));
    assert_false(trm_change_unit(c, false, 6, &e));
    assert_true(trm_change_redo(c)); // what was undone is still there
    assert_true(trm_change_now(c)->otherwise.model.no_carry);
    close_scene(k);
    k = open_scene("maze-open", "mlp");
    assert_false(trm_change_cycles(&k->change, 1, &e));
    assert_false(trm_change_feedback(&k->change, &e));
    assert_false(trm_change_carry(&k->change, &e));
    assert_false(trm_change_unit(&k->change, true, 0, &e));
    close_scene(k);
}

// Every number of cycles is what a model configured so computes.
static void test_cycles_are_those_of_a_model_configured_so(void **state) {
    (void)state;
    scene *k = open_scene("maze-open", "trm-full");
    trm_error e = {0};
    assert_true(trm_change_cycles(&k->change, -2, &e));
    for (int32_t cycles = 1; cycles <= 16; cycles++) {
        trm_what_if_view_refresh(&k->view);
        trm_model_config config = *trm_model_get_config(k->s->model);
        config.k_cycles = cycles;
        trm_model *m = trm_model_new(&config, &e);
        const trm_params *p = trm_model_params_const(k->s->model);
        memcpy(trm_model_params(m)->values, p->values, (size_t)p->size * sizeof *p->values);
        trm_agent agent;
        assert_true(trm_agent_init_snapshot(&agent, k->s->env, m, NULL, cycles, &e));
        const trm_trace_shape shape = agent.shape;
        float *trace = calloc((size_t)trm_trace_size(&shape), sizeof *trace);
        trm_agent_inspect(&agent, trm_inspection_state(k->s->scope, 1),
                          trm_inspection_prev_action(k->s->scope, 1), trace);
        assert_int_equal(shape_of(k, TRM_WHAT_IF)->cycles, cycles);
        assert_memory_equal(trace, k->view.sides[TRM_WHAT_IF].trace,
                            sizeof(float) * (size_t)trm_trace_size(&shape));
        free(trace);
        trm_agent_done(&agent);
        trm_model_free(m);
        assert_int_equal(trm_change_cycles(&k->change, 1, &e), cycles < 16);
    }
    close_scene(k);
}

// The model is told of another previous action: what it thinks is what it thinks where that action
// came before.
static void test_another_previous_action(void **state) {
    (void)state;
    scene *k = open_scene("maze-open", "trm-full");
    trm_error e = {0};
    char words[64];
    const int32_t own = trm_inspection_prev_action(k->s->scope, 1), actions = k->s->scope->actions;
    trm_agent agent;
    trm_agent_init(&agent, k->s->env, k->s->model);
    for (int32_t i = 0; i <= actions; i++) {
        assert_true(trm_change_before(&k->change, 1, &e));
        trm_what_if_view_refresh(&k->view);
        const int32_t before = trm_version_before(trm_change_now(&k->change), own);
        assert_int_equal(before, i < actions ? i : -1);
        trm_agent_think(&agent, trm_inspection_state(k->s->scope, 1), before);
        assert_memory_equal(agent.trace, k->view.sides[TRM_WHAT_IF].trace,
                            sizeof(float) * (size_t)trm_trace_size(&agent.shape));
        assert_int_equal(k->view.same, before == own);
    }
    trm_version_words(&k->change, trm_change_now(&k->change), words, sizeof words);
    assert_string_equal(words, "previous none");
    assert_true(trm_change_before(&k->change, 1, &e)); // its own again
    assert_int_equal(trm_version_before(trm_change_now(&k->change), own), own);
    trm_agent_done(&agent);
    close_scene(k);
    k = open_scene("maze-open", "mlp");
    assert_false(trm_change_before(&k->change, 1, &e));
    assert_non_null(strstr(e.message, "previous action"));
    close_scene(k);
}

static void test_digits_and_the_difference(void **state) {
    (void)state;
    scene *k = open_scene("sudoku-empty", "trm-full");
    trm_error e = {0};
    const trm_board *before = &k->view.sides[TRM_AS_IS].board;
    int32_t cell = 0, digit = 1;
    while (before->cells[cell].digit != 0)
        cell++;
    while (!trm_change_edit(&k->change, &(trm_edit){TRM_EDIT_DIGIT, cell, digit}, &e))
        digit++;
    trm_what_if_view_refresh(&k->view);
    assert_int_equal(k->view.sides[TRM_WHAT_IF].board.cells[cell].digit, digit);
    assert_int_equal(k->view.sides[TRM_AS_IS].board.cells[cell].digit, 0);
    assert_false(k->view.same);
    double sum = 0;
    for (int32_t i = 0; i < k->s->scope->shape.h; i++)
        sum += (double)k->view.difference[i] * (double)k->view.difference[i];
    assert_true(fabs(sqrt(sum) - (double)k->view.norm) < 1e-4);
    close_scene(k);
}

static void test_every_size_and_look(void **state) {
    (void)state;
    static const trm_look looks[] = {{TRM_GLYPHS_FULL, TRM_DEPTH_256},
                                     {TRM_GLYPHS_ASCII, TRM_DEPTH_MONO}};
    static const char *const envs[] = {"maze-open", "sudoku-easy"};
    static const char *const models[] = {"trm-full", "mlp"};
    for (int n = 0; n < 4; n++) {
        scene *k = open_scene_masked(envs[n % 2], models[n % 2], n >= 2);
        trm_error e = {0};
        for (int i = 0; i < 13; i++)
            trm_change_cycles(&k->change, 1, &e);
        trm_what_if_view_refresh(&k->view);
        while (trm_what_if_view_work(&k->view)) {
        }
        assert_false(trm_what_if_view_busy(&k->view));
        trm_canvas c;
        trm_canvas_init(&c, &looks[n % 2]);
        for (int32_t rows = 16; rows <= 100; rows += rows < 40 ? 2 : 30)
            for (int32_t cols = 60; cols <= 300; cols += 16)
                for (int32_t f = 0; f < TRM_WHAT_IF_FOCUSES; f++) {
                    trm_canvas_resize(&c, rows, cols);
                    k->view.focus = (trm_what_if_focus)f;
                    trm_what_if_draw(&c, &k->view);
                    assert_legible(&c);
                    assert_true(stage_shows(&c, "as it is"));
                }
        trm_canvas_done(&c);
        close_scene(k);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_changed_is_bit_for_bit_the_original),
        cmocka_unit_test(test_undo_comes_back_to_the_original),
        cmocka_unit_test(test_history_is_bounded),
        cmocka_unit_test(test_refusals_change_nothing),
        cmocka_unit_test(test_cycles_are_those_of_a_model_configured_so),
        cmocka_unit_test(test_another_previous_action),
        cmocka_unit_test(test_digits_and_the_difference),
        cmocka_unit_test(test_every_size_and_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
