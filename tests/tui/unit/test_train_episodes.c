// SPDX-License-Identifier: Apache-2.0
// The training screen of a course of episodes drawn from a made-up view, at every size.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "legible.h"
#include "trm/base/arena.h"
#include "tui/train/draw.h"

typedef struct stage {
    trm_config config;
    trm_env *env;
    trm_episode_trace episode_trace;
    trm_train_view view;
    trm_history history;
} stage;

static void open_reel(trm_episode_trace *r, const trm_env *env, const trm_trace_shape *shape) {
    *r = (trm_episode_trace){.id = 1, .episode = 0, .shape = *shape, .capacity = 60};
    r->state_size = trm_env_state_size(env);
    r->steps = trm_alloc(60, sizeof *r->steps);
    r->states = trm_alloc(61, r->state_size);
    r->traces = trm_alloc(60, sizeof(float) * (size_t)trm_trace_size(shape));
}

// Down to the goal's row and right along it, with thoughts that turn once.
static void play(stage *s) {
    trm_episode_trace *r = &s->episode_trace;
    trm_rng rng;
    trm_rng_seed(&rng, 1, 1);
    char *now = r->states;
    trm_env_reset(s->env, now, &rng, TRM_SPLIT_TRAIN);
    float total = 0.0f;
    for (bool done = false; !done && r->length < r->capacity;) {
        int32_t action = 0;
        assert_true(trm_env_solve(s->env, now, &action, 1) > 0);
        char *next = now + r->state_size;
        memcpy(next, now, r->state_size);
        const trm_step step = trm_env_step(s->env, next, action);
        total += step.reward;
        done = step.done;
        const int32_t t = r->length++;
        r->steps[t] = (trm_episode_step){.action = action,
                                         .reward = step.reward,
                                         .total_reward = total,
                                         .reason = step.reason,
                                         .done = step.done,
                                         .solved = step.solved};
        float *trace = trm_episode_trace_trace(r, t);
        for (int64_t i = 0; i < trm_trace_size(&r->shape); i++)
            trace[i] = sinf((float)i);
        now = next;
    }
    r->finished = true;
}

static void set_probs(stage *s, int32_t cycle, const float *p) {
    float *trace = trm_train_view_trace(&s->view);
    for (int32_t a = 0; a < s->episode_trace.shape.actions; a++) {
        trm_trace_probs(&s->episode_trace.shape, trace, cycle)[a] = p[a];
        trm_trace_logits(&s->episode_trace.shape, trace, cycle)[a] = logf(p[a]);
    }
}

static stage *open_stage(int32_t size, trm_trace_shape shape, bool ascii) {
    stage *s = trm_alloc(1, sizeof *s);
    trm_error e = {0};
    s->config = trm_config_default();
    s->config.env.size = size;
    s->env = trm_env_new(&s->config.env, &e);
    assert_non_null(s->env);
    shape.actions = trm_env_action_dim(s->env);
    open_reel(&s->episode_trace, s->env, &shape);
    play(s);
    trm_train_view_init(&s->view, &s->config, &shape, ascii);
    trm_train_view_of_episodes(&s->view, s->env);
    s->view.snap.total = 500;
    s->view.snap.success50 = s->view.snap.mean50 = NAN;
    trm_history_init(&s->history);
    for (int64_t i = 0; i < 200; i++) {
        const trm_episode ep = {
            .episode = i, .step = 10 * i, .reward = (float)(i % 20) - 8.0f, .length = 10};
        trm_history_add(&s->history, &ep);
    }
    trm_train_view_history(&s->view, &s->history);
    trm_train_view_step(&s->view, &s->episode_trace, 0);
    return s;
}

static void close_stage(stage *s) {
    trm_train_view_done(&s->view);
    trm_env_free(s->env);
    free(s->episode_trace.steps);
    free(s->episode_trace.states);
    free(s->episode_trace.traces);
    free(s);
}

static const trm_trace_shape TRM_SHAPE = {.cycles = 3,
                                          .h_mid = 64,
                                          .l = 32,
                                          .h = 64,
                                          .positions = 1,
                                          .halts = true,
                                          .kind = TRM_TRACE_CYCLES};
static const trm_trace_shape MLP_SHAPE = {
    .cycles = 2, .h = 128, .positions = 1, .first_logits = 1, .kind = TRM_TRACE_LAYERS};

static bool shows(const trm_canvas *c, const char *text) {
    for (int32_t y = 0; y < c->rows; y++)
        for (int32_t x = 0; x < c->cols; x++) {
            int32_t i = 0;
            while (text[i] != 0 && x + i < c->cols &&
                   c->cells[y * c->cols + x + i].ch == (uint32_t)text[i])
                i++;
            if (text[i] == 0)
                return true;
        }
    return false;
}

static void test_every_size(void **state) {
    (void)state;
    static const trm_look looks[] = {{TRM_GLYPHS_FULL, TRM_DEPTH_256},
                                     {TRM_GLYPHS_BLOCKS, TRM_DEPTH_8},
                                     {TRM_GLYPHS_ASCII, TRM_DEPTH_MONO}};
    for (int k = 0; k < 3; k++) {
        trm_trace_shape shape = k == 1 ? MLP_SHAPE : TRM_SHAPE;
        if (k == 2) {
            shape.cycles = 16;
            shape.h = 512;
        }
        stage *s = open_stage(k == 2 ? 20 : 5, shape, k == 2);
        trm_canvas c;
        trm_canvas_init(&c, &looks[k]);
        for (int32_t rows = 16; rows <= 200; rows += rows < 64 ? 1 : 45)
            for (int32_t cols = 60; cols <= 500; cols += cols < 130 ? 1 : 61) {
                trm_canvas_resize(&c, rows, cols);
                s->view.focus = (trm_train_focus)(cols % TRM_FOCUS_COUNT);
                trm_train_view_select(&s->view, cols % shape.cycles);
                trm_train_view_step(&s->view, &s->episode_trace, rows % s->episode_trace.length);
                trm_train_draw(&c, &s->view);
                assert_true(shows(&c, "board"));
                assert_true(shows(&c, "episode"));
                assert_true(shows(&c, "reward") || s->view.curve == 1);
                assert_legible(&c);
            }
        trm_canvas_done(&c);
        close_stage(s);
    }
}

static void test_what_80x24_shows(void **state) {
    (void)state;
    static const char *const words[] = {
        "cycle 1", "cycle 2", "cycle 3",   "optimum",   "towards", "total",       "step 1",
        "numbers", "entropy", "loss",      "grad norm", "lr",      "elapsed",     "steps/s",
        "success", "left",    "computing", "norm",      "reward",  "p(halt) 0.25"};
    stage *s = open_stage(5, TRM_SHAPE, true);
    const trm_look look = {TRM_GLYPHS_ASCII, TRM_DEPTH_MONO};
    trm_canvas c;
    trm_canvas_init(&c, &look);
    trm_canvas_resize(&c, 24, 80);
    *trm_trace_halt(&s->episode_trace.shape, trm_train_view_trace(&s->view), s->view.selected) =
        0.25f;
    trm_train_draw(&c, &s->view);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!shows(&c, words[i]))
            fail_msg("\"%s\" is not shown", words[i]);
    trm_canvas_done(&c);
    close_stage(s);
}

static void test_ranks_are_told_at_every_size(void **state) {
    (void)state;
    static const struct {
        int32_t rows, cols;
        const char *words[4];
    } sizes[] = {{24, 80, {"2 at 70%"}}, {40, 120, {"2 at 70%", "waiting", "20%", "exchanging"}}};
    stage *s = open_stage(5, TRM_SHAPE, false);
    const trm_look look = {TRM_GLYPHS_ASCII, TRM_DEPTH_MONO};
    trm_canvas c;
    trm_canvas_init(&c, &look);
    s->view.snap.ranks = 2;
    s->view.snap.seconds = 10;
    s->view.snap.waiting = 2;
    s->view.snap.exchanging = 1;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        trm_canvas_resize(&c, sizes[i].rows, sizes[i].cols);
        trm_train_draw(&c, &s->view);
        for (int32_t k = 0; k < 4 && sizes[i].words[k]; k++)
            if (!shows(&c, sizes[i].words[k]))
                fail_msg("\"%s\" is not shown", sizes[i].words[k]);
    }
    trm_canvas_done(&c);
    close_stage(s);
}

static void sentence(stage *s, char got[200]) {
    trm_train_view_step(&s->view, &s->episode_trace, s->view.step.cursor);
    snprintf(got, 200, "%s", s->view.sentence);
}

static void test_sentences(void **state) {
    (void)state;
    stage *s = open_stage(5, TRM_SHAPE, true);
    const int32_t done = s->episode_trace.steps[0].action, other = done == 0 ? 1 : 0;
    float sure[4], unsure[4];
    for (int32_t a = 0; a < 4; a++) {
        sure[a] = a == done ? 0.85f : 0.05f;
        unsure[a] = a == other ? 0.70f : 0.10f;
    }
    char want[200], got[200];
    for (int32_t c = 0; c < 3; c++)
        set_probs(s, c, sure);
    sentence(s, got);
    snprintf(want, sizeof want, "decided at cycle 1: %s, 0.85 to 0.85", s->view.step.names[done]);
    assert_string_equal(got, want);

    set_probs(s, 0, unsure);
    sentence(s, got);
    snprintf(want, sizeof want, "cycle 2 turned from %s to %s, 0.10 to 0.85",
             s->view.step.names[other], s->view.step.names[done]);
    assert_string_equal(got, want);

    set_probs(s, 2, unsure);
    sentence(s, got);
    snprintf(want, sizeof want,
             "cycle 3 turned again, from %s to %s, 0.05 to 0.70; sampled %s (p 0.10)",
             s->view.step.names[done], s->view.step.names[other], s->view.step.names[done]);
    assert_string_equal(got, want);
    close_stage(s);
}

static void test_detail_names_the_largest_units(void **state) {
    (void)state;
    stage *s = open_stage(5, TRM_SHAPE, true);
    float *h = trm_trace_h(&s->episode_trace.shape, trm_train_view_trace(&s->view), 1);
    for (int32_t i = 0; i < 64; i++)
        h[i] = 0.01f * (float)i;
    h[40] = -3.0f;
    trm_train_view_select(&s->view, 1);
    const trm_cycle_detail *d = &s->view.step.detail;
    assert_int_equal(d->count, TRM_TOP_UNITS);
    assert_int_equal(d->units[0], 40);
    assert_int_equal(d->units[1], 63);
    assert_int_equal(d->units[7], 57);
    assert_float_equal(d->low, -3.0f, 1e-6f);
    assert_float_equal(d->high, 0.63f, 1e-6f);
    trm_train_view_select(&s->view, 99);
    assert_int_equal(s->view.selected, 2);
    trm_train_view_select(&s->view, -1);
    assert_int_equal(s->view.selected, 0);
    close_stage(s);
}

static void test_trail(void **state) {
    (void)state;
    stage *s = open_stage(5, TRM_SHAPE, true);
    const int32_t last = s->episode_trace.length - 1;
    trm_train_view_step(&s->view, &s->episode_trace, last);
    int32_t seen = 0;
    for (int32_t i = 0; i < 25; i++)
        seen += s->view.step.visits[i] > 0;
    assert_in_range(seen, last + 1, last + 2); // every cell of a shortest path once
    trm_train_view_step(&s->view, &s->episode_trace, 0);
    seen = 0;
    for (int32_t i = 0; i < 25; i++)
        seen += s->view.step.visits[i] > 0;
    assert_int_equal(seen, 2);
    close_stage(s);
}

// Another episode has begun in the episode trace in sight, and is not yet as long as the step that
// was seen.
static void test_a_shorter_episode(void **state) {
    (void)state;
    static const trm_look look = {TRM_GLYPHS_FULL, TRM_DEPTH_256};
    stage *s = open_stage(5, TRM_SHAPE, false);
    trm_canvas c;
    trm_canvas_init(&c, &look);
    trm_canvas_resize(&c, 40, 120);
    trm_train_view_step(&s->view, &s->episode_trace, s->episode_trace.length - 1);
    s->episode_trace.id = 2;
    s->episode_trace.length = 1;
    trm_train_draw(&c, &s->view);
    assert_true(shows(&c, "numbers"));
    trm_canvas_done(&c);
    close_stage(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_what_80x24_shows),
        cmocka_unit_test(test_ranks_are_told_at_every_size),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_detail_names_the_largest_units),
        cmocka_unit_test(test_trail),
        cmocka_unit_test(test_a_shorter_episode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
