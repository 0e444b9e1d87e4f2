// SPDX-License-Identifier: Apache-2.0
// The training screen of a course of epochs drawn from real samples and models, at every size, in
// every look; the widget of cells; sentences.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "legible.h"
#include "trm/base/arena.h"
#include "trm/run/course.h"
#include "tui/train/draw.h"

static const trm_look looks[] = {{TRM_GLYPHS_FULL, TRM_DEPTH_RGB},
                                 {TRM_GLYPHS_FULL, TRM_DEPTH_256},
                                 {TRM_GLYPHS_BLOCKS, TRM_DEPTH_8},
                                 {TRM_GLYPHS_ASCII, TRM_DEPTH_MONO}};
enum { LOOKS = sizeof looks / sizeof *looks, WORDS = 6 };

static const char *const subjects[][WORDS] = {
    {"mazes-8-fixed-trm"},
    {"mazes-8-fixed-cnn"},
    {"mazes-10-fixed-transformer", "data.size=31", "model.d_model=8", "model.heads=2"},
    {"mazes-8-fixed-trm", "data.type=sudoku", "data.size=9"},
    {"baseline"},
    {"baseline", "data.size=200"},
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

typedef struct stage {
    trm_config config;
    trm_course *course;
    trm_train_view view;
    trm_sample sample;
    trm_history history;
} stage;

static void put_sample(stage *s, int32_t i) {
    s->sample.id++;
    trm_course_sample(s->course, TRM_SPLIT_HELD_OUT, i, NULL, NULL, &s->sample);
    trm_train_view_sample(&s->view, &s->sample);
}

static void add_history(stage *s) {
    for (int32_t i = 0; i < 40; i++) {
        const trm_epoch epoch = {.epoch = i,
                                 .train_loss = 1.0 / (i + 1),
                                 .score = {1.1 / (i + 1), i / 40.0, i / 80.0, 0.5}};
        trm_history_add_epoch(&s->history, &epoch);
        trm_history_add_batch(&s->history, i + 0.5, 1.0 / (i + 1));
        s->view.snap.epoch = epoch;
    }
    s->view.snap.done = 40;
    s->view.snap.total = 50;
    s->view.snap.batches = 19;
    trm_train_view_history(&s->view, &s->history);
}

static stage *open_stage(const char *const *words, bool ascii) {
    stage *s = trm_alloc(1, sizeof *s);
    trm_error e = {0};
    s->config = trm_config_default();
    bool ok = trm_config_preset(&s->config, words[0], &e);
    s->config.data.train = s->config.data.validation = s->config.data.test = 4;
    s->config.train.batch = 2;
    for (int32_t i = 1; ok && i < WORDS && words[i] != NULL; i++)
        ok = trm_config_override(&s->config, words[i], &e);
    if (!ok || !(s->course = trm_run_course(&s->config, &e)))
        fail_msg("%s: %s", words[0], e.message);
    const trm_model *model = trm_course_model_const(s->course);
    const trm_trace_shape shape = trm_model_trace_shape(model);
    trm_train_view_init(&s->view, &s->config, &shape, ascii);
    trm_train_view_of_samples(&s->view, model);
    trm_sample_init(&s->sample, s->course);
    trm_history_init(&s->history);
    return s;
}

static void close_stage(stage *s) {
    trm_train_view_done(&s->view);
    trm_sample_done(&s->sample);
    trm_course_free(s->course);
    free(s);
}

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

static void draw_at(stage *s, trm_canvas *c, int32_t rows, int32_t cols) {
    trm_train_view *v = &s->view;
    trm_canvas_resize(c, rows, cols);
    v->focus = (trm_train_focus)(cols % TRM_FOCUS_COUNT);
    v->curve = rows % 2;
    v->done = cols % 3 == 0;
    v->paused = cols % 5 == 0;
    trm_train_view_select(v, cols % v->shape.cycles);
    trm_train_view_move(v, rows % 3 - 1, cols % 3 - 1);
    trm_train_draw(c, v);
    assert_legible(c);
}

static void test_every_size(void **state) {
    (void)state;
    for (int32_t k = 0; k < SUBJECTS * LOOKS; k++) {
        const trm_look *look = &looks[k % LOOKS];
        stage *s = open_stage(subjects[k / LOOKS], look->glyphs == TRM_GLYPHS_ASCII);
        trm_canvas c;
        trm_canvas_init(&c, look);
        draw_at(s, &c, 24, 80); // before the first sample and the first epoch
        put_sample(s, k % 4);
        draw_at(s, &c, 24, 80);
        add_history(s);
        for (int32_t rows = 16; rows <= 100; rows += rows < 40 ? 6 : 30)
            for (int32_t cols = 60; cols <= 300; cols += cols < 120 ? 13 : 60) {
                draw_at(s, &c, rows, cols);
                assert_true(shows(&c, "epoch") && shows(&c, "held-out"));
                assert_true(shows(&c, "accuracy") || shows(&c, "loss"));
            }
        trm_canvas_done(&c);
        close_stage(s);
    }
}

// Inks of text are of middle lightness: legible on black and on white.
static void test_inks(void **state) {
    (void)state;
    for (int32_t ink = TRM_INK_DEFAULT + 1; ink < TRM_INK_HEAT; ink++)
        for (int32_t depth = TRM_DEPTH_256; depth <= TRM_DEPTH_RGB; depth++)
            if (legible_contrast_with_ground((trm_depth)depth, ink) < 2.4)
                fail_msg("ink %d at depth %d has a contrast of %.2f", ink, depth,
                         legible_contrast_with_ground((trm_depth)depth, ink));
}

static void test_sentences(void **state) {
    (void)state;
    stage *s = open_stage(subjects[0], true);
    trm_train_view *v = &s->view;
    put_sample(s, 0);
    char text[200];
    const int32_t *target = s->sample.target;
    for (int32_t step = 0; step < v->shape.cycles; step++) {
        float *p = trm_trace_probs(&v->shape, s->sample.trace, step);
        for (int32_t i = 0; i < v->sample.positions; i++) {
            const bool on = (target[i] == 1) != (step == 0 ? i < 5 : step == 2 ? false : i < 2);
            p[2 * i] = on ? 0.25f : 0.75f;
            p[2 * i + 1] = on ? 0.75f : 0.25f;
        }
        float *logits = trm_trace_logits(&v->shape, s->sample.trace, step);
        for (int32_t i = 0; i < 2 * v->sample.positions; i++)
            logits[i] = logf(p[i]);
    }
    trm_train_view_sample(v, &s->sample);
    assert_int_equal(v->sample.best, 2);
    trm_train_view_sample(v, &s->sample);
    assert_non_null(strstr(v->sentence, "step 1 has 59 of 64 right, step 3 has 64, the most"));
    assert_non_null(strstr(v->sentence, "in the end 62 of 64 are right"));
    v->sample.cell = 63;
    v->selected = 2;
    trm_train_view_cell(v, text, sizeof text);
    assert_non_null(strstr(text, "row 8 column 8 is "));
    assert_non_null(strstr(text, "step 3: "));
    assert_non_null(strstr(text, "0.75"));
    assert_null(strstr(text, "halt"));
    close_stage(s);
}

// A step at which the halting head is sure; the last one where it never is.
static void test_sentences_of_halting(void **state) {
    (void)state;
    static const char *const words[WORDS] = {"sudoku-4-peer"};
    stage *s = open_stage(words, true);
    trm_train_view *v = &s->view;
    put_sample(s, 0);
    char text[200];
    for (int32_t step = 0; step < v->shape.cycles; step++)
        *trm_trace_halt(&v->shape, s->sample.trace, step) = 0.3f * (float)step;
    trm_train_view_sample(v, &s->sample);
    assert_non_null(strstr(v->sentence, "; halts at 5"));
    *trm_trace_halt(&v->shape, s->sample.trace, 4) = 0.9f;
    trm_train_view_sample(v, &s->sample);
    assert_non_null(strstr(v->sentence, "; halts at 6"));
    v->selected = 1;
    trm_train_view_cell(v, text, sizeof text);
    assert_non_null(strstr(text, "p(halt) 0.30; row "));
    close_stage(s);
}

// Where it is not sure after every second step it begins again.
static void test_sentences_of_restarts(void **state) {
    (void)state;
    static const char *const words[WORDS] = {"sudoku-4-peer", "model.restart=2"};
    stage *s = open_stage(words, true);
    trm_train_view *v = &s->view;
    put_sample(s, 0);
    for (int32_t step = 0; step < v->shape.cycles; step++)
        *trm_trace_halt(&v->shape, s->sample.trace, step) = 0.3f * (float)step;
    trm_train_view_sample(v, &s->sample);
    assert_non_null(strstr(v->sentence, "; restarts at 3, 5; halts at 5"));
    *trm_trace_halt(&v->shape, s->sample.trace, 3) = 0.97f;
    trm_train_view_sample(v, &s->sample);
    assert_non_null(strstr(v->sentence, "; restarts at 3; halts at 4"));
    close_stage(s);
}

// An answer in the making: the steps that are there are shown, the next one is being thought about,
// and of the others there is the puzzle alone.
static void test_an_answer_in_the_making(void **state) {
    (void)state;
    static const char *const words[WORDS] = {"paper-sudoku-4"};
    stage *s = open_stage(words, true);
    trm_train_view *v = &s->view;
    trm_canvas c;
    trm_canvas_init(&c, &looks[0]);
    put_sample(s, 0);
    const int32_t all = v->shape.cycles;
    assert_true(all > 3 && trm_train_view_known(v) == all);
    for (int32_t known = 1; known <= all; known++) {
        s->sample.known = known;
        trm_train_view_sample(v, &s->sample);
        assert_int_equal(trm_train_view_known(v), known);
        for (int32_t step = 0; step < all; step++) {
            assert_true(v->sample.answers[step].read == (step < known));
            assert_true((trm_train_view_answers(v, step).classes != NULL) == (step < known));
        }
        assert_true((strstr(v->sentence, "still thinking") != NULL) == (known < all));
        trm_train_view_select(v, known - 1);
        trm_canvas_resize(&c, 40, 200);
        trm_train_draw(&c, v);
        assert_legible(&c);
        assert_true(shows(&c, "thinking ") == (known < all));
    }
    trm_canvas_done(&c);
    close_stage(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_inks),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_sentences_of_halting),
        cmocka_unit_test(test_sentences_of_restarts),
        cmocka_unit_test(test_an_answer_in_the_making),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
