// SPDX-License-Identifier: Apache-2.0
// What the microscope works out: numbers against plain arithmetic, orders, weights, the path; and
// its drawing at every size.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../legible.h"
#include "env/spec.h"
#include "stage.h"
#include "trm/agent/agent.h"
#include "tui/inspector/state.h"

// Everything shown is what an agent thinks with the model, at every step, bit for bit.
static void test_every_moment_is_the_models_thought(void **state) {
    (void)state;
    static const char *const types[] = {"trm-full", "mlp", "trm-rl"};
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        stage *s = stage_open("maze-open", 5, types[k]);
        trm_agent agent;
        trm_agent_init(&agent, s->env, s->model);
        for (int32_t t = 0; t < s->scope->moments; t++) {
            trm_inspector_view_go(&s->view, t);
            trm_inspection_compute(s->scope, t);
            trm_inspector_view_arrive(&s->view);
            trm_agent_think(&agent, trm_inspection_state(s->scope, t),
                            trm_inspection_prev_action(s->scope, t));
            assert_memory_equal(s->view.trace, agent.trace,
                                sizeof(float) * (size_t)trm_trace_size(&agent.shape));
        }
        trm_agent_done(&agent);
        stage_close(s);
    }
}

static void test_numbers_of_a_cycle(void **state) {
    (void)state;
    stage *s = stage_open("maze-open", 5, "trm-full");
    const trm_trace_shape *shape = &s->scope->shape;
    for (int pinned = 0; pinned < 2; pinned++) {
        if (pinned)
            trm_inspector_view_pin(&s->view);
        stage_go(s, 3);
        for (int32_t c = 0; c < shape->cycles; c++) {
            const trm_cycle_numbers *n = &s->view.cycles[c];
            const float *h = trm_trace_h(shape, s->view.trace, c);
            const float *other = pinned  ? trm_trace_h(shape, trm_inspection_trace(s->scope, 0), c)
                                 : c > 0 ? trm_trace_h(shape, s->view.trace, c - 1)
                                         : NULL;
            double hh = 0, oo = 0, ho = 0, dd = 0;
            for (int32_t i = 0; i < shape->h; i++) {
                const double x = (double)h[i], y = other ? (double)other[i] : 0;
                hh += x * x;
                oo += y * y;
                ho += x * y;
                dd += (x - y) * (x - y);
                if (other)
                    assert_true(s->view.difference[c * shape->h + i] == h[i] - other[i]);
            }
            assert_true(fabs((double)n->norm - sqrt(hh)) < 1e-4);
            assert_int_equal(n->compared, other != NULL);
            if (!other)
                continue;
            assert_true(fabs((double)n->difference - sqrt(dd)) < 1e-4);
            assert_true(fabs((double)n->cosine - ho / sqrt(hh * oo)) < 1e-5);
        }
        stage_go(s, 0);
    }
    assert_true(s->view.cycles[1].cosine > 0.9999f); // against itself
    trm_inspector_view_pin(&s->view);
    assert_int_equal(s->view.pinned, -1);
    stage_close(s);
}

static void test_orders_and_weights(void **state) {
    (void)state;
    stage *s = stage_open("maze-open", 5, "trm-full");
    trm_inspector_view *v = &s->view;
    const trm_trace_shape *shape = &s->scope->shape;
    v->side = TRM_INSPECTOR_UNIT;
    trm_inspector_view_refresh(v);
    assert_true(v->has_weights);
    // The unit's weights are its column of the actions' rows.
    trm_inspector_view_select_unit(v, TRM_LEVEL_H, 5);
    for (int32_t a = 0; a < shape->actions; a++) {
        trm_inspector_view_select_action(v, a);
        assert_true(v->weights[5] == v->unit_weights[a]);
    }
    for (v->order = TRM_ORDER_NUMBER; v->order < TRM_ORDERS; v->order++) {
        trm_inspector_view_refresh(v);
        const float *h = trm_trace_h(shape, v->trace, v->cycle);
        const float *key = v->order == TRM_ORDER_WEIGHT ? v->weights : h;
        bool seen[256] = {false};
        for (int32_t i = 0; i < shape->h; i++) {
            const int32_t unit = trm_inspector_view_unit_at(v, TRM_LEVEL_H, i);
            assert_false(seen[unit]);
            seen[unit] = true;
            if (v->order == TRM_ORDER_NUMBER)
                assert_int_equal(unit, i);
            else if (i > 0)
                assert_true(fabsf(key[unit]) <=
                            fabsf(key[trm_inspector_view_unit_at(v, TRM_LEVEL_H, i - 1)]));
            trm_inspector_view_select_unit(v, TRM_LEVEL_H, unit);
            assert_int_equal(trm_inspector_view_place(v), i);
            assert_true(trm_inspector_view_sorted(v, TRM_LEVEL_H, h)[i] == h[unit]);
        }
    }
    stage_close(s);
}

// Work comes to an end, and then everything is known.
static void test_work_ends_with_everything_known(void **state) {
    (void)state;
    stage *s = stage_open("maze-open", 5, "trm-full");
    trm_inspector m = {.scope = s->scope, .view = s->view, .map_at = -1, .path_of = -1};
    const int32_t cycles = s->scope->shape.cycles;
    m.points = calloc((size_t)(s->scope->moments * cycles), sizeof *m.points);
    trm_pca_init(&m.pca, s->scope->shape.h);
    trm_policy_map_init(&m.map, &s->scope->agent, trm_inspection_state(s->scope, 0), cycles);
    m.view.map = &m.map;
    m.view.pca = &m.pca;
    for (int32_t i = 0; trm_inspector_busy(&m); i++) {
        assert_true(i < 10000);
        trm_inspector_work(&m);
    }
    assert_false(trm_inspector_work(&m));
    assert_true(m.view.path_known);
    assert_int_equal(m.map.done, 25);
    for (int32_t t = 0; t < s->scope->moments; t++)
        assert_non_null(trm_inspection_trace(s->scope, t));
    // The arrow where the agent stands is the decision itself.
    const trm_trace_shape *shape = &s->scope->shape;
    for (int32_t c = 0; c < cycles; c++) {
        const int32_t at = c * 25 + m.view.agent;
        assert_int_equal(m.map.action[at], m.view.cycles[c].best);
        assert_true(m.map.prob[at] ==
                    trm_trace_probs(shape, m.view.trace, c)[m.view.cycles[c].best]);
    }
    // The path's distances are at most those of the thoughts themselves.
    const float *a = trm_trace_h(shape, trm_inspection_trace(s->scope, 0), 0);
    const float *b = trm_trace_h(shape, trm_inspection_trace(s->scope, 2), 1);
    const float *pa = m.view.path[0], *pb = m.view.path[2 * cycles + 1];
    double whole = 0;
    for (int32_t i = 0; i < shape->h; i++)
        whole += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    assert_true(hypot((double)pa[0] - (double)pb[0], (double)pa[1] - (double)pb[1]) <=
                sqrt(whole) * 1.0001);
    trm_pca_done(&m.pca);
    trm_policy_map_done(&m.map);
    free(m.points);
    s->view = m.view;
    stage_close(s);
}

static void test_every_size_and_look(void **state) {
    (void)state;
    static const trm_look looks[] = {{TRM_GLYPHS_FULL, TRM_DEPTH_256},
                                     {TRM_GLYPHS_BLOCKS, TRM_DEPTH_8},
                                     {TRM_GLYPHS_ASCII, TRM_DEPTH_MONO}};
    static const struct {
        const char *env, *model;
        int32_t size;
    } cases[] = {{"maze-open", "trm-full", 5},
                 {"sudoku-empty", "mlp", 4},
                 {"maze-open", "trm-rl", 40},
                 {"sudoku-one", "trm-full", 4}};
    for (int k = 0; k < 8; k++) {
        const bool masked = k >= 4;
        stage *s = (masked ? stage_open_masked : stage_open)(cases[k % 4].env, cases[k % 4].size,
                                                             cases[k % 4].model);
        trm_canvas c;
        trm_canvas_init(&c, &looks[k % 3]);
        for (int32_t rows = 16; rows <= 100; rows += rows < 40 ? 3 : 30)
            for (int32_t cols = 60; cols <= 300; cols += cols < 130 ? 10 : 85) {
                trm_canvas_resize(&c, rows, cols);
                for (int32_t panel = 0; panel < TRM_INSPECTOR_PANELS; panel++) {
                    s->view.focus = (trm_inspector_panel)panel;
                    s->view.side = panel > 0 ? s->view.focus : s->view.side;
                    trm_inspector_view_refresh(&s->view);
                    trm_canvas_clear(&c);
                    trm_inspector_draw(&c, &s->view);
                    assert_legible(&c);
                    assert_true(stage_shows(&c, "microscope"));
                    if (looks[k % 3].glyphs == TRM_GLYPHS_ASCII)
                        for (int32_t i = 0; i < rows * cols; i++)
                            assert_true(c.cells[i].ch < 0x80);
                }
            }
        trm_canvas_done(&c);
        stage_close(s);
    }
}

// The numbers on the screen are those of the trace, to the digits shown.
static void test_what_is_drawn(void **state) {
    (void)state;
    const trm_look look = {TRM_GLYPHS_ASCII, TRM_DEPTH_MONO};
    stage *s = stage_open("maze-open", 5, "trm-full");
    const trm_trace_shape *shape = &s->scope->shape;
    trm_canvas c;
    trm_canvas_init(&c, &look);
    trm_canvas_resize(&c, 60, 160);
    for (int32_t t = 0; t < s->scope->moments; t++) {
        char text[64];
        stage_go(s, t);
        s->view.wide = true;
        trm_inspector_view_refresh(&s->view);
        trm_canvas_clear(&c);
        trm_inspector_draw(&c, &s->view);
        for (int32_t k = 0; k < shape->cycles; k++) {
            snprintf(text, sizeof text, "norm %.2f", (double)s->view.cycles[k].norm);
            assert_true(stage_shows(&c, text));
            snprintf(text, sizeof text, "stop %.2f",
                     (double)*trm_trace_halt(shape, s->view.trace, k));
            assert_true(stage_shows(&c, text));
            snprintf(text, sizeof text, "%+.3f",
                     (double)trm_trace_h(shape, s->view.trace, k)[s->view.unit]);
            assert_true(stage_shows(&c, text));
            for (int32_t a = 0; a < shape->actions; a++) {
                const int hundredths =
                    (int)lrintf(100 * trm_trace_probs(shape, s->view.trace, k)[a]);
                snprintf(text, sizeof text, ".%02d", hundredths);
                assert_true(hundredths == 100 || stage_shows(&c, text));
            }
        }
        for (int32_t a = 0; a < shape->actions; a++) {
            snprintf(text, sizeof text, "%+.3f", (double)s->view.unit_weights[a]);
            assert_true(stage_shows(&c, text));
        }
        snprintf(text, sizeof text, "decided at cycle %d of 3", s->view.decided + 1);
        assert_true(stage_shows(&c, text));
    }
    trm_canvas_done(&c);
    stage_close(s);
}

// What may not be done is dimmed, with a cross, and the reason stands where it is looked at.
static void test_what_is_not_allowed(void **state) {
    (void)state;
    const trm_look look = {TRM_GLYPHS_FULL, TRM_DEPTH_256};
    stage *s = stage_open_masked("sudoku-medium", 4, "trm-full");
    trm_inspector_view *v = &s->view;
    trm_canvas c;
    trm_canvas_init(&c, &look);
    trm_canvas_resize(&c, 30, 120);
    const trm_reading raw = {.shape = v->reading.shape, .trace = v->reading.trace};
    const int32_t wish = trm_reading_best(&raw, v->cycle);
    const bool explained =
        trm_env_refusal(s->env, trm_inspection_state(s->scope, v->at), wish) == TRM_REFUSAL_GIVEN;
    for (int32_t cell = 0; cell < 16; cell++) {
        v->cell = cell;
        trm_canvas_clear(&c);
        trm_inspector_draw(&c, v);
        const bool given = v->board.cells[cell].kind == TRM_CELL_GIVEN;
        assert_int_equal(stage_shows(&c, "the cell is given"), given || explained);
        for (int32_t cycle = 0; cycle < v->scope->shape.cycles; cycle++) {
            const int32_t best = trm_reading_best(&v->reading, cycle);
            assert_int_equal(v->cycles[cycle].best, best);
            assert_true(v->legal[best]);
        }
        const int32_t best = trm_reading_best(&raw, v->cycle);
        char text[64], name[16];
        trm_env_action_name(s->env, best, name);
        snprintf(text, sizeof text, " %s .%02d: ", name,
                 (int)lrintf(100 * trm_reading_raw(&raw, v->cycle, best)));
        assert_int_equal(stage_shows(&c, text), !v->legal[best]);
    }
    trm_canvas_done(&c);
    stage_close(s);
    // At the edge of an open maze all four arrows are there, one or two of them with a cross.
    s = stage_open_masked("maze-open", 5, "trm-full");
    trm_canvas_init(&c, &look);
    trm_canvas_resize(&c, 30, 120);
    trm_inspector_draw(&c, &s->view);
    int32_t crosses = 0, refused = 0;
    for (int32_t i = 0; i < c.rows * c.cols; i++)
        crosses += c.cells[i].ch == 0x00D7;
    for (int32_t a = 0; a < 4; a++)
        refused += !trm_reading_legal(&s->view.reading, a);
    assert_true(refused > 0 && crosses >= refused * s->scope->shape.cycles);
    trm_canvas_done(&c);
    stage_close(s);
}

// Where there is not room for all thoughts, those around the moment are kept.
static void test_thoughts_that_do_not_all_fit(void **state) {
    (void)state;
    stage *s = stage_open("maze-open", 5, "trm-full");
    trm_inspection *k = s->scope;
    k->slots = 3; // as if the memory were that small
    for (int32_t i = 0; i < k->moments; i++)
        if (k->slot_of[i] >= 3)
            k->slot_of[i] = -1, k->known--;
    for (int32_t t = 0; t < k->moments; t++) {
        trm_inspection_compute(k, t);
        int32_t known = 0;
        for (int32_t i = 0; i < k->moments; i++)
            known += trm_inspection_trace(k, i) != NULL;
        assert_int_equal(known, k->known);
        assert_true(known <= 3 && trm_inspection_trace(k, t) != NULL);
        assert_int_equal(trm_inspection_next(k, t), known < 3 ? trm_inspection_next(k, t) : -1);
    }
    stage_close(s);
}

// An environment whose boards cannot be changed by hand and whose actions place nothing says so.
static void test_an_environment_without_an_editor(void **state) {
    (void)state;
    stage *s = stage_open("maze-open", 5, "trm-full");
    const trm_env_spec *own = s->env->spec;
    trm_env_spec spec = *own;
    spec.edits = 0;
    s->env->spec = &spec;
    trm_policy_map_done(&s->map);
    trm_policy_map_init(&s->map, &s->scope->agent, trm_inspection_state(s->scope, 0),
                        s->scope->shape.cycles);
    assert_int_equal(s->map.cells, 0);
    trm_canvas c;
    trm_canvas_init(&c, &(trm_look){TRM_GLYPHS_FULL, TRM_DEPTH_256});
    trm_canvas_resize(&c, 50, 200);
    trm_canvas_clear(&c);
    trm_inspector_draw(&c, &s->view);
    assert_true(stage_shows(&c, "maze-open has no editor: no policy by cell"));
    trm_canvas_done(&c);
    s->env->spec = own;
    stage_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_moment_is_the_models_thought),
        cmocka_unit_test(test_numbers_of_a_cycle),
        cmocka_unit_test(test_orders_and_weights),
        cmocka_unit_test(test_work_ends_with_everything_known),
        cmocka_unit_test(test_every_size_and_look),
        cmocka_unit_test(test_what_is_drawn),
        cmocka_unit_test(test_what_is_not_allowed),
        cmocka_unit_test(test_thoughts_that_do_not_all_fit),
        cmocka_unit_test(test_an_environment_without_an_editor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
