// SPDX-License-Identifier: Apache-2.0
#include "tui/lesson/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/model/reading.h"
#include "tui/layout.h"
#include "tui/lesson/sentence.h"

enum { STRIP = 8, LONG_STRIP = 16, LONG = 64 };

static const float FADE = 0.98f; // of the activations' peak, a sample in sight

static void take_shape(trm_lesson_view *v, const trm_model_config *m) {
    v->positions = m->positions;
    v->classes = m->action_dim;
    v->state_dim = m->state_dim;
    v->grid = m->height > 0;
    v->path = v->grid && v->classes == 2;
    const int32_t strip = v->positions > LONG ? LONG_STRIP : STRIP;
    v->cols = v->grid ? m->width : v->positions < strip ? v->positions : strip;
    v->rows = v->grid ? m->height : (v->positions + v->cols - 1) / v->cols;
}

void trm_lesson_view_init(trm_lesson_view *v, const trm_config *config, const trm_course *course,
                          bool ascii) {
    const trm_model *model = trm_course_model_const(course);
    memset(v, 0, sizeof *v);
    v->config = config;
    v->shape = trm_model_trace_shape(model);
    v->parameters = trm_model_params_const(model)->total;
    v->ascii = ascii;
    take_shape(v, trm_model_get_config(model));
    v->answers = trm_alloc((size_t)v->shape.cycles, sizeof *v->answers);
    for (int32_t i = 0; i < v->shape.cycles; i++) {
        v->answers[i].classes = trm_alloc((size_t)v->positions, sizeof(int32_t));
        v->answers[i].shade = trm_alloc((size_t)v->positions, sizeof(float));
        v->answers[i].mean = trm_alloc((size_t)v->positions, sizeof(float));
    }
    trm_sample_init(&v->peek, course);
    trm_history_init(&v->history);
    v->side = TRM_SPLIT_HELD_OUT;
    v->left = (double)NAN;
    v->best = -1;
    v->selected = v->shape.cycles - 1;
}

void trm_lesson_view_done(trm_lesson_view *v) {
    for (int32_t i = 0; i < v->shape.cycles; i++) {
        free(v->answers[i].classes);
        free(v->answers[i].shade);
        free(v->answers[i].mean);
    }
    free(v->answers);
    trm_sample_done(&v->peek);
}

// ---- the parts of a trace -----------------------------------------------------------------------

// A slab of `size` floats holds the positions one behind the other.
static const float *part(const trm_lesson_view *v, const float *slab, int32_t size, int32_t cell,
                         int32_t *n) {
    *n = size % v->positions == 0 ? size / v->positions : 0;
    return slab + (int64_t)cell * *n;
}

const float *trm_lesson_view_z(const trm_lesson_view *v, int32_t step, int32_t *n) {
    return part(v, trm_trace_h(&v->shape, v->peek.trace, step), v->shape.h, v->cell, n);
}

const float *trm_lesson_view_y(const trm_lesson_view *v, int32_t step, int32_t *n) {
    return part(v, trm_trace_l(&v->shape, v->peek.trace, step), v->shape.l, v->cell, n);
}

const float *trm_lesson_view_probs(const trm_lesson_view *v, int32_t step, int32_t cell) {
    return trm_trace_probs(&v->shape, v->peek.trace, step) + (int64_t)cell * v->classes;
}

// ---- a sample's answers -------------------------------------------------------------------------

static void take_answer(trm_lesson_view *v, int32_t step) {
    trm_step_answer *a = &v->answers[step];
    const trm_reading r = {.shape = &v->shape, .trace = v->peek.trace};
    a->read = step >= v->shape.first_logits;
    a->right = a->missed = a->too_many = 0;
    for (int32_t p = 0; a->read && p < v->positions; p++) {
        const float *probs = trm_lesson_view_probs(v, step, p);
        const int32_t best = trm_reading_class(&r, step, p);
        a->classes[p] = best;
        a->shade[p] = v->classes == 2 ? probs[1] : probs[best];
        const int32_t truth = v->peek.target[p];
        a->right += best == truth;
        a->missed += best == 0 && truth == 1;
        a->too_many += best == 1 && truth == 0;
    }
}

static void take_means(trm_lesson_view *v, int32_t step) {
    const float *slab = trm_trace_h(&v->shape, v->peek.trace, step);
    for (int32_t p = 0; p < v->positions; p++) {
        int32_t n;
        const float *z = part(v, slab, v->shape.h, p, &n);
        float sum = 0.0f;
        for (int32_t i = 0; i < n; i++)
            sum += z[i];
        v->answers[step].mean[p] = n > 0 ? sum / (float)n : 0.0f;
    }
}

static float largest(const float *x, int32_t n) {
    float m = 0.0f;
    for (int32_t i = 0; i < n; i++)
        if (fabsf(x[i]) > m)
            m = fabsf(x[i]);
    return m;
}

static void take_scales(trm_lesson_view *v) {
    float z = 0.0f, y = 0.0f, mean = 0.0f;
    for (int32_t c = 0; c < v->shape.cycles; c++) {
        z = fmaxf(z, largest(trm_trace_h(&v->shape, v->peek.trace, c), v->shape.h));
        y = fmaxf(y, largest(trm_trace_l(&v->shape, v->peek.trace, c), v->shape.l));
        mean = fmaxf(mean, largest(v->answers[c].mean, v->positions));
    }
    // Each scale follows a peak that fades slowly, so that it does not change from look to look.
    v->z_peak = fmaxf(z, FADE * v->z_peak);
    v->y_peak = fmaxf(y, FADE * v->y_peak);
    v->mean_peak = fmaxf(mean, FADE * v->mean_peak);
    v->z_scale = trm_heat_scale(v->z_scale, v->z_peak);
    v->y_scale = trm_heat_scale(v->y_scale, v->y_peak);
    v->mean_scale = trm_heat_scale(v->mean_scale, v->mean_peak);
}

void trm_lesson_view_take(trm_lesson_view *v) {
    v->best = -1;
    for (int32_t i = 0; i < v->shape.cycles; i++) {
        take_answer(v, i);
        take_means(v, i);
        if (v->answers[i].read && (v->best < 0 || v->answers[i].right > v->answers[v->best].right))
            v->best = i;
    }
    take_scales(v);
    trm_lesson_sentence(v, v->sentence, sizeof v->sentence);
}

// ---- the viewer ---------------------------------------------------------------------------------

void trm_lesson_view_select(trm_lesson_view *v, int32_t step) {
    v->selected = trm_clamp(step, 0, v->shape.cycles - 1);
}

void trm_lesson_view_move(trm_lesson_view *v, int32_t rows, int32_t cols) {
    const int32_t row = trm_clamp(v->cell / v->cols + rows, 0, v->rows - 1);
    const int32_t col = trm_clamp(v->cell % v->cols + cols, 0, v->cols - 1);
    v->cell = trm_clamp(row * v->cols + col, 0, v->positions - 1);
}

static trm_answer_marks empty_marks(const trm_lesson_view *v) {
    return (trm_answer_marks){.board = v->grid && v->peek.board.rows > 0 ? &v->peek.board : NULL,
                              .path = v->path,
                              .first = v->grid ? 1 : 0};
}

trm_answer_marks trm_lesson_view_means(const trm_lesson_view *v, int32_t step) {
    trm_answer_marks m = empty_marks(v);
    m.heat = v->answers[step].mean;
    m.scale = v->mean_scale;
    return m;
}

trm_answer_marks trm_lesson_view_answers(const trm_lesson_view *v, int32_t step) {
    trm_answer_marks m = empty_marks(v);
    if (step < 0) {
        m.classes = v->peek.target;
        return m;
    }
    const trm_step_answer *a = &v->answers[step];
    if (!a->read)
        return trm_lesson_view_means(v, step);
    m.classes = a->classes;
    m.truth = v->peek.target;
    m.shade = a->shade;
    return m;
}

trm_board_view trm_lesson_view_board(const trm_lesson_view *v, const trm_answer_marks *m) {
    return (trm_board_view){.rows = v->rows,
                            .cols = v->cols,
                            .box_rows = m->board != NULL ? m->board->box_rows : 0,
                            .box_cols = m->board != NULL ? m->board->box_cols : 0,
                            .count = v->positions,
                            .cursor = v->cell,
                            .mark = trm_answer_mark,
                            .ctx = m};
}

void trm_lesson_view_class(const trm_lesson_view *v, int32_t class_of, char out[16]) {
    if (v->path)
        trm_text_copy(out, 16, class_of == 1 ? "path" : "floor");
    else
        trm_text_format(out, 16, "%d", class_of + (v->grid ? 1 : 0));
}
