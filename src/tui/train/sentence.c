// SPDX-License-Identifier: Apache-2.0
#include "tui/train/sentence.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "trm/base/text.h"

static void add(char *out, int32_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add(char *out, int32_t size, const char *format, ...) {
    const size_t used = strlen(out);
    va_list args;
    va_start(args, format);
    vsnprintf(out + used, (size_t)size - used, format, args);
    va_end(args);
}

static void add_stop(const trm_train_view *v, char *out, int32_t size) {
    const trm_reading r = trm_train_view_reading(v);
    const int32_t step = trm_reading_stop(&r);
    if (step >= 0)
        add(out, size, "; halts at %d", step + 1);
}

void trm_train_sample_sentence(const trm_train_view *v, char *out, int32_t size) {
    const int32_t first = v->shape.first_logits, last = v->shape.cycles - 1;
    const trm_step_answer *begin = &v->sample.answers[first], *end = &v->sample.answers[last];
    const char *step = v->words->cycle;
    out[0] = 0;
    if (v->sample.best < 0)
        return;
    if (first < last) {
        add(out, size, "%s %d has %d of %d right", step, first + 1, begin->right,
            v->sample.positions);
        if (v->sample.best > first && v->sample.best < last)
            add(out, size, ", %s %d has %d, the most", step, v->sample.best + 1,
                v->sample.answers[v->sample.best].right);
        add(out, size, "; in the end ");
    }
    if (end->right == v->sample.positions)
        add(out, size, "all %d are right", v->sample.positions);
    else
        add(out, size, "%d of %d are right", end->right, v->sample.positions);
    if (v->sample.path && end->right < v->sample.positions)
        add(out, size, ": %d of the path missed, %d too many", end->missed, end->too_many);
    add_stop(v, out, size);
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
        trm_train_view_class(v, order[i], name);
        add(out, size, "%s %s %.2f", i > 0 ? "," : ":", name, (double)probs[order[i]]);
    }
}

void trm_train_cell_words(const trm_train_view *v, char *out, int32_t size) {
    char name[16];
    out[0] = 0;
    if (v->sample.sample == NULL)
        return;
    trm_train_view_class(v, v->sample.sample->target[v->sample.cell], name);
    if (v->sample.grid)
        add(out, size, "row %d column %d", v->sample.cell / v->sample.cols + 1,
            v->sample.cell % v->sample.cols + 1);
    else
        add(out, size, "token %d", v->sample.cell + 1);
    const bool wall = v->sample.path && v->sample.sample->board.rows > 0 &&
                      v->sample.sample->board.cells[v->sample.cell].kind == TRM_CELL_WALL;
    add(out, size, " is %s, %s %d", wall ? "a wall" : name, v->words->cycle, v->selected + 1);
    if (v->sample.answers[v->selected].read)
        add_probs(v, trm_train_view_probs(v, v->selected, v->sample.cell), out, size);
    else
        add(out, size, " is not read");
    if (v->shape.halts)
        add(out, size, "; p(halt) %.2f",
            (double)*trm_trace_halt(&v->shape, trm_train_view_trace(v), v->selected));
}
