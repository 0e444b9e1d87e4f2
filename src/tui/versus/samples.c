// SPDX-License-Identifier: Apache-2.0
// Two models that answer the same samples.
#include <stdlib.h>

#include "trm/agent/words.h"
#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/versus/state.h"

static const double QUICK = 0.01; // seconds that a key may wait

static bool known(const trm_versus *v) {
    return v->answers.known[0] && v->answers.known[1];
}

static bool busy(const trm_versus *v) {
    return !known(v);
}

static int32_t count(const trm_versus *v) {
    const int32_t a = v->setup.sets[0]->count, b = v->setup.sets[1]->count;
    return a < b ? a : b;
}

static int32_t length(const trm_versus *v) {
    return v->answers.steps;
}

// What a side has in its cells at the step in sight.
static void go(trm_versus *v) {
    for (int32_t i = 0; i < 2; i++) {
        trm_versus_side *s = &v->sides[i];
        const trm_subject subject = trm_duel_answers_subject(&v->answers, i);
        const trm_reading r = trm_duel_answers_reading(&v->answers, i);
        const int32_t cycle = trm_duel_answers_cycle(&v->answers, i, v->t);
        trm_subject_board(&subject, &s->seen);
        trm_subject_legal(&subject, v->cell, s->legal);
        s->right = r.trace ? trm_subject_right(&subject, &r, cycle) : -1;
        trm_answer_cells(&subject, &s->seen, &r, cycle, s->marks);
        for (int32_t k = 0; k < trm_subject_cells(&subject); k++)
            if (trm_duel_answers_differ(&v->answers, v->t, k)) {
                s->marks[k].before = '>';
                s->marks[k].before_style = TRM_STYLE_ACCENT;
            }
    }
}

static bool ask(trm_versus *v) {
    const double from = trm_clock_now();
    if (!trm_duel_answers_ask(&v->answers))
        return false;
    const double took = trm_clock_now() - from;
    v->look_seconds = took > v->look_seconds ? took : v->look_seconds;
    v->quick = v->look_seconds < QUICK;
    return true;
}

// The first piece of work is to let the screen say so.
static bool work(trm_versus *v) {
    if (known(v))
        return false;
    if (v->drawn)
        ask(v);
    v->drawn = true;
    go(v);
    return true;
}

static void turn(trm_versus *v, int64_t number) {
    const int32_t at = number < count(v) ? (int32_t)number : count(v) - 1;
    v->setup.board = at;
    trm_duel_answers_go(&v->answers, at);
    v->drawn = false;
    while (v->quick && ask(v))
        continue;
    trm_versus_go(v, v->t);
}

static int32_t first(const trm_versus *v) {
    return v->answers.first;
}

static bool differs(const trm_versus *v, int32_t t) {
    return v->answers.differing[t] > 0;
}

static void select_cell(trm_versus *v, int32_t cell) {
    const trm_subject s = trm_duel_answers_subject(&v->answers, 0);
    v->cell = trm_clamp(cell, 0, trm_subject_cells(&s) - 1);
    go(v);
}

static void next(trm_versus *v, int32_t by) {
    const int32_t cell = trm_duel_answers_next(&v->answers, v->t, v->cell, by);
    if (cell >= 0)
        select_cell(v, cell);
    else
        trm_app_status(v->app, "no cell that differs %s this one at this step",
                       by > 0 ? "after" : "before");
}

static void move(trm_versus *v, int32_t way) {
    const trm_board *b = &v->sides[0].seen;
    select_cell(v, trm_way_cell(way, v->cell, b->rows, b->cols));
}

static bool open_side(trm_versus *v, int32_t side, int32_t what_if, trm_error *e) {
    trm_inspector_source source = trm_inspector_source_around(
        v->setup.models[side], v->setup.sets[side], v->answers.sample, v->setup.names[side]);
    source.number += v->setup.before;
    source.total = v->setup.total;
    source.cell = v->cell;
    source.config = v->setup.configs[side];
    return trm_inspector_push_either(v->app, &source, what_if, e);
}

// ---- drawing

static int32_t choices(const trm_versus *v) {
    const int32_t a = v->setup.sets[0]->classes, b = v->setup.sets[1]->classes;
    return a > b ? a : b;
}

static const char *word(const trm_versus *v) {
    return trm_words_of_trace(&v->answers.agents[0].shape)->cycle;
}

static void title(const trm_versus *v, char what[96], char number[128]) {
    trm_text_copy(what, 96, v->setup.start_name);
    trm_text_format(number, 128, "sample %d of %d", v->answers.sample + v->setup.before + 1,
                    v->setup.total);
}

static void name_choice(const trm_versus *v, int32_t side, char name[TRM_SUBJECT_NAME],
                        float *probability) {
    const trm_subject s = trm_duel_answers_subject(&v->answers, side);
    const trm_reading r = trm_duel_answers_reading(&v->answers, side);
    const int32_t cycle = trm_duel_answers_cycle(&v->answers, side, v->t);
    const int32_t action = v->cell * s.set->classes + trm_reading_class(&r, cycle, v->cell);
    trm_subject_choice_name(&s, action, name);
    *probability = trm_reading_raw(&r, cycle, action);
}

// "step 3: 7 cells differ; r4c5 is 7, 0.40, against 4, 0.91; the target is 4"
static void sentence(const trm_versus *v, char *out, int32_t size) {
    const trm_duel_answers *a = &v->answers;
    const trm_subject s = trm_duel_answers_subject(a, 0);
    const int32_t target = trm_subject_target(&s, v->cell);
    char cell[TRM_SUBJECT_NAME], x[TRM_SUBJECT_NAME], y[TRM_SUBJECT_NAME], right[48] = "";
    float p, q;
    trm_text_copy(out, (size_t)size, "both are being asked …");
    if (!known(v))
        return;
    for (int32_t i = 0; i < 2; i++) {
        const trm_reading r = trm_duel_answers_reading(a, i);
        if (trm_reading_known(&r, trm_duel_answers_cycle(a, i, v->t)))
            continue;
        trm_text_format(out, (size_t)size, "the %s one has no answer yet at step %d",
                        i == 0 ? "left" : "right", v->t + 1);
        return;
    }
    trm_subject_cell_name(&s, v->cell, cell);
    name_choice(v, 0, x, &p);
    name_choice(v, 1, y, &q);
    if (target >= 0) {
        char name[TRM_SUBJECT_NAME];
        trm_subject_choice_name(&s, v->cell * s.set->classes + target, name);
        trm_text_format(right, sizeof right, "; the target is %s", name);
    }
    const int32_t n = a->differing[v->t];
    char differing[32] = "they answer alike";
    if (n > 0)
        trm_text_format(differing, sizeof differing, "%d cell%s", n,
                        n > 1 ? "s differ" : " differs");
    if (trm_duel_answers_differ(a, v->t, v->cell))
        trm_text_format(out, (size_t)size, "%s; %s is %s, %.2f, against %s, %.2f%s", differing,
                        cell, x, (double)p, y, (double)q, right);
    else
        trm_text_format(out, (size_t)size, "%s; %s is %s for both, %.2f and %.2f%s", differing,
                        cell, x, (double)p, (double)q, right);
}

static trm_cell_mark mark_at(const void *side, int32_t cell) {
    return ((const trm_versus_side *)side)->marks[cell];
}

static void board(trm_canvas *c, trm_rect r, const trm_versus *v, int32_t side) {
    const trm_versus_side *s = &v->sides[side];
    const trm_subject subject = trm_duel_answers_subject(&v->answers, side);
    trm_board_view view = trm_board_view_of(&s->seen, mark_at, s);
    view.cursor = v->cell;
    view.wide = true;
    view.count = trm_subject_cells(&subject);
    trm_board_draw(c, r, &view);
}

static void show_answer(trm_pen *pen, const trm_versus *v, int32_t side) {
    const trm_versus_side *s = &v->sides[side];
    const trm_agent *a = &v->answers.agents[side];
    const trm_subject subject = trm_duel_answers_subject(&v->answers, side);
    trm_reading r = trm_duel_answers_reading(&v->answers, side);
    const int32_t cycle = trm_duel_answers_cycle(&v->answers, side, v->t);
    const int32_t cells = trm_subject_cells(&subject), last = a->shape.cycles - 1;
    char name[40];
    trm_words_cycle(&r, cycle, trm_pen_room(pen) - 10, name, sizeof name);
    trm_pen_print(pen, TRM_STYLE_DIM, "%s  ", name);
    if (s->right == cells)
        trm_pen_text(pen, TRM_STYLE_GOOD, "all right");
    else if (s->right >= 0)
        trm_pen_print(pen, TRM_STYLE_STRONG, "%d of %d right", s->right, cells);
    if (a->shape.halts)
        trm_pen_print(pen, TRM_STYLE_DIM, "  p(halt) %.2f",
                      (double)*trm_trace_halt(&a->shape, r.trace, cycle));
    trm_pen_end(pen);
    const int32_t right = trm_subject_right(&subject, &r, last), stop = trm_reading_stop(&r);
    trm_pen_text(pen, TRM_STYLE_DIM, "in the end ");
    if (right == cells)
        trm_pen_text(pen, TRM_STYLE_GOOD, "right");
    else if (right >= 0)
        trm_pen_print(pen, TRM_STYLE_BAD, "%d wrong", cells - right);
    else
        trm_pen_print(pen, TRM_STYLE_DIM, "after %d", last + 1);
    if (stop >= 0)
        trm_pen_print(pen, TRM_STYLE_DIM, ", it halts at %d", stop + 1);
    trm_pen_end(pen);
}

static void text(trm_canvas *c, trm_rect r, const trm_versus *v, int32_t side) {
    trm_pen pen = trm_pen_on(c, r);
    if (!known(v)) {
        trm_pen_text(&pen, TRM_STYLE_DIM, "looking …");
        return;
    }
    trm_reading beside = trm_duel_answers_reading(&v->answers, 1 - side);
    const int32_t cycle = trm_duel_answers_cycle(&v->answers, side, v->t);
    trm_decision_table t = {.subject = trm_duel_answers_subject(&v->answers, side),
                            .reading = trm_duel_answers_reading(&v->answers, side),
                            .selected = cycle,
                            .cell = v->cell};
    show_answer(&pen, v, side);
    if (v->setup.sets[0]->classes == v->setup.sets[1]->classes)
        t.beside = &beside;
    t.reading.legal = v->sides[side].legal;
    beside.legal = v->sides[1 - side].legal;
    t.chosen = trm_reading_best(&t.reading, cycle);
    trm_decision_table_draw(c, pen.r, &t);
}

// ---- lifetime

static void init(trm_versus *v) {
    trm_duel_answers_init(&v->answers, v->setup.sets, v->setup.models);
    for (int32_t i = 0; i < 2; i++) {
        const trm_dataset *d = v->setup.sets[i];
        v->sides[i].legal =
            trm_alloc((size_t)d->positions * (size_t)d->classes, sizeof *v->sides[i].legal);
    }
    v->t = length(v) - 1;
    turn(v, v->setup.board);
}

static void done(trm_versus *v) {
    trm_duel_answers_done(&v->answers);
    free(v->sides[0].legal);
    free(v->sides[1].legal);
}

const trm_versus_kind trm_versus_samples = {
    .what = "sample",
    .word = word,
    .init = init,
    .done = done,
    .length = length,
    .go = go,
    .turn = turn,
    .first = first,
    .differs = differs,
    .next = next,
    .work = work,
    .busy = busy,
    .move = move,
    .sentence = sentence,
    .open = open_side,
    .choices = choices,
    .title = title,
    .board = board,
    .text = text,
};
