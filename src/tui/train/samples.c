// SPDX-License-Identifier: Apache-2.0
// A sample in sight, and the answers to it, step by step.
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/train/view.h"

enum { STRIP = 8, LONG_STRIP = 16, LONG = 64 };

void trm_train_view_of_samples(trm_train_view *v, const trm_model *model) {
    static const trm_train_units units = {"batches", "samples/s", "epochs", "epoch", "epoch"};
    const trm_model_config *m = trm_model_get_config(model);
    trm_sample_sight *s = &v->sample;
    v->samples = true;
    v->units = &units;
    v->parameters = trm_model_params_const(model)->total;
    s->side = TRM_SPLIT_HELD_OUT;
    s->positions = m->positions;
    s->classes = m->action_dim;
    s->state_dim = m->state_dim;
    s->grid = m->height > 0;
    s->set = (trm_dataset){
        .state_dim = m->state_dim,
        .positions = m->positions,
        .classes = m->action_dim,
        .encoding = trm_arch_reads_tokens(m->type) ? TRM_ENCODING_TOKENS : TRM_ENCODING_PLANES,
        .geometry = {
            .rows = m->height, .cols = m->width, .box_rows = m->box_rows, .box_cols = m->box_cols}};
    s->path = trm_dataset_is_maze(&s->set);
    const int32_t strip = s->positions > LONG ? LONG_STRIP : STRIP;
    s->cols = s->grid ? m->width : s->positions < strip ? s->positions : strip;
    s->rows = s->grid ? m->height : (s->positions + s->cols - 1) / s->cols;
    s->answers = trm_alloc((size_t)v->shape.cycles, sizeof *s->answers);
    const size_t all = (size_t)v->shape.cycles * (size_t)s->positions;
    int32_t *classes = trm_alloc(all, sizeof *classes);
    float *values = trm_alloc(2 * all, sizeof *values);
    for (int32_t i = 0; i < v->shape.cycles; i++) {
        s->answers[i].classes = classes + (int64_t)i * s->positions;
        s->answers[i].shade = values + (int64_t)2 * i * s->positions;
        s->answers[i].mean = s->answers[i].shade + s->positions;
    }
}

// ---- the parts of a trace -----------------------------------------------------------------------

// A slab of `size` floats holds the prefix tokens and the positions one behind the other.
static const float *part(const trm_train_view *v, const float *slab, int32_t size, int32_t cell,
                         int32_t *n) {
    const int32_t tokens = v->shape.prefix + v->sample.positions;
    *n = size % tokens == 0 ? size / tokens : 0;
    return slab + (int64_t)(v->shape.prefix + cell) * *n;
}

const float *trm_train_view_latent(const trm_train_view *v, int32_t step, bool low, int32_t *n) {
    const trm_trace_shape *s = &v->shape;
    float *trace = trm_train_view_trace(v);
    return low ? part(v, trm_trace_l(s, trace, step), s->l, v->sample.cell, n)
               : part(v, trm_trace_h(s, trace, step), s->h, v->sample.cell, n);
}

const float *trm_train_view_probs(const trm_train_view *v, int32_t step, int32_t cell) {
    return trm_trace_probs(&v->shape, trm_train_view_trace(v), step) +
           (int64_t)cell * v->sample.classes;
}

// ---- the answers --------------------------------------------------------------------------------

static void take_answer(trm_train_view *v, int32_t step) {
    const trm_sample_sight *s = &v->sample;
    trm_step_answer *a = &s->answers[step];
    const trm_reading r = trm_train_view_reading(v);
    a->read = step >= v->shape.first_logits && step < s->sample->known;
    a->right = a->filled = a->missed = a->too_many = a->changed = 0;
    for (int32_t p = 0; a->read && p < s->positions; p++) {
        const float *probs = trm_train_view_probs(v, step, p);
        const int32_t best = trm_reading_class(&r, step, p);
        a->classes[p] = best;
        a->shade[p] = s->path ? trm_answer_on_path(&s->set, &r, step, p) : probs[best];
        const int32_t truth = s->sample->target[p];
        a->right += best == truth;
        if (s->path) {
            const bool on = trm_dataset_on_path(&s->set, best);
            a->missed += !on && trm_dataset_on_path(&s->set, truth);
            a->too_many += on && !trm_dataset_on_path(&s->set, truth);
        } else if (s->grid && s->sample->board.rows > 0) {
            const bool given = s->sample->board.cells[p].digit > 0;
            a->changed += best != truth && given;
            a->filled += best == truth && !given;
        }
    }
}

static void take_means(trm_train_view *v, int32_t step) {
    const float *slab = trm_trace_h(&v->shape, trm_train_view_trace(v), step);
    for (int32_t p = 0; p < v->sample.positions; p++) {
        int32_t n;
        const float *z = part(v, slab, v->shape.h, p, &n);
        float sum = 0.0f;
        for (int32_t i = 0; i < n; i++)
            sum += z[i];
        v->sample.answers[step].mean[p] = n > 0 ? sum / (float)n : 0.0f;
    }
}

// ---- words --------------------------------------------------------------------------------------

static void add_stop(const trm_train_view *v, char *out, int32_t size) {
    const trm_reading r = trm_train_view_reading(v);
    const int32_t step = trm_reading_stop(&r);
    const char *before = "; restarts at ";
    for (int32_t c = 0; c < v->shape.cycles; c++)
        if (trm_reading_restarts(&r, c)) {
            trm_text_add(out, (size_t)size, "%s%d", before, c + 1);
            before = ", ";
        }
    if (step >= 0)
        trm_text_add(out, (size_t)size, "; halts at %d", step + 1);
}

static void take_sentence(trm_train_view *v) {
    char *out = v->sentence;
    const int32_t size = sizeof v->sentence;
    const int32_t first = v->shape.first_logits, last = v->shape.cycles - 1;
    const trm_step_answer *begin = &v->sample.answers[first], *end = &v->sample.answers[last];
    const char *step = v->words->cycle;
    out[0] = 0;
    if (v->sample.best < 0)
        return;
    if (trm_train_view_known(v) <= last) {
        const int32_t known = trm_train_view_known(v);
        trm_text_add(out, (size_t)size,
                     "%s %d of %d has %d of %d right; the model is still thinking", step, known,
                     last + 1, v->sample.answers[known - 1].right, v->sample.positions);
        return;
    }
    if (first < last) {
        trm_text_add(out, (size_t)size, "%s %d has %d of %d right", step, first + 1, begin->right,
                     v->sample.positions);
        if (v->sample.best > first && v->sample.best < last)
            trm_text_add(out, (size_t)size, ", %s %d has %d, the most", step, v->sample.best + 1,
                         v->sample.answers[v->sample.best].right);
        trm_text_add(out, (size_t)size, "; in the end ");
    }
    if (end->right == v->sample.positions)
        trm_text_add(out, (size_t)size, "all %d are right", v->sample.positions);
    else
        trm_text_add(out, (size_t)size, "%d of %d are right", end->right, v->sample.positions);
    if (v->sample.path && end->right < v->sample.positions)
        trm_text_add(out, (size_t)size, ": %d of the path missed, %d too many", end->missed,
                     end->too_many);
    if (end->changed > 0)
        trm_text_add(out, (size_t)size, "; %d given%s changed", end->changed,
                     end->changed > 1 ? "s" : "");
    add_stop(v, out, size);
}

static void class_name(const trm_train_view *v, int32_t class_of, char out[16]) {
    if (v->sample.grid)
        trm_text_copy(out, 16, trm_dataset_class_name(&v->sample.set, class_of));
    else
        trm_text_format(out, 16, "%d", class_of);
}

// The likeliest classes, best first.
static void add_probs(const trm_train_view *v, const float *probs, char *out, int32_t size) {
    enum { SHOWN = 3 };
    int32_t order[SHOWN], n = 0;
    for (int32_t k = 0; k < v->sample.classes; k++) {
        int32_t at = n;
        while (at > 0 && probs[k] > probs[order[at - 1]])
            at--;
        n = n < SHOWN ? n + 1 : n;
        for (int32_t i = n - 1; i > at; i--)
            order[i] = order[i - 1];
        if (at < SHOWN)
            order[at] = k;
    }
    for (int32_t i = 0; i < n; i++) {
        char name[16];
        class_name(v, order[i], name);
        trm_text_add(out, (size_t)size, "%s %s %.2f", i > 0 ? "," : ":", name,
                     (double)probs[order[i]]);
    }
}

void trm_train_view_cell(const trm_train_view *v, char *out, int32_t size) {
    char name[16];
    out[0] = 0;
    if (v->sample.sample == NULL)
        return;
    class_name(v, v->sample.sample->target[v->sample.cell], name);
    if (v->shape.halts)
        trm_text_add(out, (size_t)size, "p(halt) %.2f; ",
                     (double)*trm_trace_halt(&v->shape, trm_train_view_trace(v), v->selected));
    if (v->sample.grid)
        trm_text_add(out, (size_t)size, "row %d column %d", v->sample.cell / v->sample.cols + 1,
                     v->sample.cell % v->sample.cols + 1);
    else
        trm_text_add(out, (size_t)size, "token %d", v->sample.cell + 1);
    const bool wall = v->sample.path && v->sample.sample->board.rows > 0 &&
                      v->sample.sample->board.cells[v->sample.cell].kind == TRM_CELL_WALL;
    trm_text_add(out, (size_t)size, " is %s, %s %d", wall ? "a wall" : name, v->words->cycle,
                 v->selected + 1);
    if (v->sample.answers[v->selected].read)
        add_probs(v, trm_train_view_probs(v, v->selected, v->sample.cell), out, size);
    else
        trm_text_add(out, (size_t)size, " is not read");
}

void trm_train_view_sample(trm_train_view *v, const trm_sample *sample) {
    trm_sample_sight *s = &v->sample;
    s->sample = sample;
    s->best = -1;
    s->blanks = 0;
    for (int32_t p = 0; s->grid && !s->path && p < s->positions; p++)
        s->blanks += sample->board.rows > 0 && sample->board.cells[p].digit == 0;
    for (int32_t i = 0; i < v->shape.cycles; i++) {
        take_answer(v, i);
        take_means(v, i);
        if (s->answers[i].read && (s->best < 0 || s->answers[i].right > s->answers[s->best].right))
            s->best = i;
    }
    trm_train_view_scale(v);
    take_sentence(v);
}

void trm_train_view_move(trm_train_view *v, int32_t rows, int32_t cols) {
    trm_sample_sight *s = &v->sample;
    const int32_t row = trm_clamp(s->cell / s->cols + rows, 0, s->rows - 1);
    const int32_t col = trm_clamp(s->cell % s->cols + cols, 0, s->cols - 1);
    s->cell = trm_clamp(row * s->cols + col, 0, s->positions - 1);
}

// ---- how they look ------------------------------------------------------------------------------

static trm_answer_marks empty_marks(const trm_sample_sight *s) {
    const bool board = s->grid && s->sample && s->sample->board.rows > 0;
    return (trm_answer_marks){.set = &s->set, .board = board ? &s->sample->board : NULL};
}

trm_answer_marks trm_train_view_means(const trm_train_view *v, int32_t step) {
    trm_answer_marks m = empty_marks(&v->sample);
    m.heat = v->sample.answers[step].mean;
    m.scale = v->mean_scale;
    return m;
}

trm_answer_marks trm_train_view_answers(const trm_train_view *v, int32_t step) {
    const trm_sample_sight *s = &v->sample;
    trm_answer_marks m = empty_marks(s);
    if (s->sample == NULL)
        return m;
    if (step >= trm_train_view_known(v))
        return m;
    if (step < 0) { // what the model is given; of vectors, which show nothing, what is right
        m.classes = m.board == NULL ? s->sample->target : NULL;
        return m;
    }
    const trm_step_answer *a = &s->answers[step];
    if (!a->read)
        return trm_train_view_means(v, step);
    m.classes = a->classes;
    m.before = step > v->shape.first_logits ? s->answers[step - 1].classes : NULL;
    m.truth = s->sample->target;
    m.shade = a->shade;
    return m;
}

trm_board_view trm_train_view_grid(const trm_train_view *v, const trm_answer_marks *m) {
    return (trm_board_view){.rows = v->sample.rows,
                            .cols = v->sample.cols,
                            .box_rows = m->board != NULL ? m->board->box_rows : 0,
                            .box_cols = m->board != NULL ? m->board->box_cols : 0,
                            .count = v->sample.positions,
                            .cursor = v->sample.cell,
                            .mark = trm_answer_mark,
                            .ctx = m};
}
