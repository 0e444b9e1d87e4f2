// SPDX-License-Identifier: Apache-2.0
#include "tui/inspector/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/arena.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/style.h"
#include "tui/widgets/marks.h"

int32_t trm_level_size(const trm_trace_shape *s, trm_level level) {
    return level == TRM_LEVEL_MID ? s->h_mid : level == TRM_LEVEL_L ? s->l : s->h;
}

float *trm_level_of(const trm_trace_shape *s, float *trace, trm_level level, int32_t cycle) {
    return level == TRM_LEVEL_MID ? trm_trace_h_mid(s, trace, cycle)
           : level == TRM_LEVEL_L ? trm_trace_l(s, trace, cycle)
                                  : trm_trace_h(s, trace, cycle);
}

// The H slot before it goes down is written small.
const char *trm_level_name(const trm_trace_shape *s, trm_level level) {
    const trm_trace_words *words = trm_words_of_trace(s);
    return level == TRM_LEVEL_MID ? "h" : level == TRM_LEVEL_L ? words->l : words->h;
}

float trm_vector_norm(const float *x, int32_t n) {
    double sum = 0.0;
    for (int32_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return (float)sqrt(sum);
}

float trm_vector_cosine(const float *x, const float *y, int32_t n) {
    double xx = 0.0, yy = 0.0, xy = 0.0;
    for (int32_t i = 0; i < n; i++) {
        xx += (double)x[i] * (double)x[i];
        yy += (double)y[i] * (double)y[i];
        xy += (double)x[i] * (double)y[i];
    }
    return xx > 0.0 && yy > 0.0 ? (float)(xy / sqrt(xx * yy)) : NAN;
}

static int32_t largest_of(int32_t a, int32_t b) {
    return a > b ? a : b;
}

// Where every cell has units of its own, the unit goes along: it is the same one of the cell.
static void take_unit_along(trm_inspector_view *v, int32_t from, int32_t to) {
    const trm_trace_shape *s = &v->scope->shape;
    const int32_t tokens = s->prefix + s->positions;
    const int32_t n = trm_level_size(s, v->level), each = n / tokens;
    if (n % tokens == 0 && each > 0 && v->unit / each - s->prefix == from)
        v->unit += (to - from) * each;
}

void trm_inspector_view_init(trm_inspector_view *v, trm_inspection *scope, int32_t at) {
    const trm_trace_shape *s = &scope->shape;
    const size_t h = (size_t)s->h + 1, l = (size_t)s->l + 1;
    *v = (trm_inspector_view){.scope = scope, .pinned = -1, .agent = -1, .level = TRM_LEVEL_H};
    v->pin = trm_alloc((size_t)trm_trace_size(s), sizeof *v->pin);
    v->cycles = trm_alloc((size_t)s->cycles, sizeof *v->cycles);
    v->difference = trm_alloc((size_t)s->cycles * h, sizeof *v->difference);
    v->place[0] = trm_alloc(h, sizeof *v->place[0]);
    v->place[1] = trm_alloc(l, sizeof *v->place[1]);
    v->weights = trm_alloc(h, sizeof *v->weights);
    v->unit_weights = trm_alloc((size_t)scope->actions, sizeof *v->unit_weights);
    v->legal = trm_alloc((size_t)scope->actions, sizeof *v->legal);
    v->sorted =
        trm_alloc((size_t)largest_of(largest_of(s->h, s->h_mid), s->l) + 1, sizeof *v->sorted);
    v->path = trm_alloc((size_t)scope->moments * (size_t)s->cycles, sizeof *v->path);
    const trm_subject first = trm_inspection_subject(scope, 0);
    trm_subject_board(&first, &v->board);
    v->cell = trm_clamp(scope->cell, 0, trm_subject_cells(&first) - 1);
    v->marks = trm_alloc((size_t)v->board.rows * (size_t)v->board.cols, sizeof *v->marks);
    v->cycle = s->cycles - 1;
    v->focus = v->side = TRM_INSPECTOR_CYCLES;
    take_unit_along(v, 0, v->cell);
    v->at = -1;
    trm_inspector_view_go(v, at);
}

void trm_inspector_view_done(trm_inspector_view *v) {
    free(v->pin);
    free(v->cycles);
    free(v->difference);
    free(v->place[0]);
    free(v->place[1]);
    free(v->weights);
    free(v->unit_weights);
    free(v->legal);
    free(v->sorted);
    free(v->path);
    free(v->marks);
}

static float peak_of(const float *x, int32_t n) {
    float m = 0.0f;
    for (int32_t i = 0; i < n; i++)
        if (fabsf(x[i]) > m)
            m = fabsf(x[i]);
    return m;
}

static void compare(trm_inspector_view *v, int32_t c) {
    const trm_trace_shape *s = &v->scope->shape;
    trm_cycle_numbers *k = &v->cycles[c];
    const float *h = trm_trace_h(s, v->trace, c);
    float *d = v->difference + (int64_t)c * s->h;
    float *other = v->pinned >= 0 ? v->pin : v->trace;
    const int32_t there = v->pinned >= 0 ? c : c - 1;
    *k = (trm_cycle_numbers){.best = trm_reading_best(&v->reading, c),
                             .norm = trm_vector_norm(h, s->h),
                             .compared = there >= 0,
                             .cosine = NAN};
    memset(d, 0, (size_t)s->h * sizeof *d);
    if (!k->compared)
        return;
    const float *before = trm_trace_h(s, other, there);
    for (int32_t i = 0; i < s->h; i++)
        d[i] = h[i] - before[i];
    k->difference = trm_vector_norm(d, s->h);
    k->cosine = trm_vector_cosine(h, before, s->h);
}

static void take_scales(trm_inspector_view *v) {
    const trm_trace_shape *s = &v->scope->shape;
    float h = 0.0f, l = 0.0f, d = 0.0f;
    for (int32_t c = 0; c < s->cycles; c++) {
        h = fmaxf(h, peak_of(trm_trace_h(s, v->trace, c), s->h));
        h = fmaxf(h, peak_of(trm_trace_h_mid(s, v->trace, c), s->h_mid));
        l = fmaxf(l, peak_of(trm_trace_l(s, v->trace, c), s->l));
        d = fmaxf(d, peak_of(v->difference + (int64_t)c * s->h, s->h));
    }
    v->h_scale = trm_heat_scale(v->h_scale, h);
    v->l_scale = trm_heat_scale(v->l_scale, l);
    v->d_scale = trm_heat_scale(v->d_scale, d);
}

typedef struct ranked {
    const float *values;
} ranked;

static int by_magnitude(const void *a, const void *b, void *ctx) {
    const ranked *r = ctx;
    const int32_t i = *(const int32_t *)a, j = *(const int32_t *)b;
    const float x = fabsf(r->values[i]), y = fabsf(r->values[j]);
    return x > y ? -1 : x < y ? 1 : i < j ? -1 : i > j;
}

static void sort_places(int32_t *place, const float *values, int32_t n, bool sorted) {
    for (int32_t i = 0; i < n; i++)
        place[i] = i;
    ranked r = {values};
    if (sorted)
        qsort_r(place, (size_t)n, sizeof *place, by_magnitude, &r);
}

static void take_order(trm_inspector_view *v) {
    const trm_trace_shape *s = &v->scope->shape;
    const bool weight = v->order == TRM_ORDER_WEIGHT && v->has_weights;
    const float *h = trm_trace_h(s, v->trace, v->cycle);
    sort_places(v->place[0], weight ? v->weights : h, s->h,
                weight || v->order == TRM_ORDER_ACTIVITY);
    sort_places(v->place[1], trm_trace_l(s, v->trace, v->cycle), s->l,
                v->order == TRM_ORDER_ACTIVITY);
}

static void take_weights(trm_inspector_view *v) {
    trm_inspection *s = v->scope;
    const int32_t h = s->shape.h;
    v->has_weights = v->reads_unit = false;
    if (!v->wide && v->side != TRM_INSPECTOR_UNIT && v->order != TRM_ORDER_WEIGHT)
        return; // nothing of it is in sight
    v->has_weights = h > 0 && trm_inspection_gradient(s, v->at, v->action, 1, 0, h, v->weights);
    if (v->level != TRM_LEVEL_MID)
        v->reads_unit = trm_inspection_gradient(s, v->at, v->choice, v->choices,
                                                v->level == TRM_LEVEL_L ? h + v->unit : v->unit, 1,
                                                v->unit_weights);
}

void trm_inspector_view_refresh(trm_inspector_view *v) {
    const trm_trace_shape *s = &v->scope->shape;
    const trm_subject subject = trm_inspection_subject(v->scope, v->at);
    v->choice = trm_subject_choices(&subject, v->cell, &v->choices);
    v->reading = trm_inspection_reading(v->scope, v->at, v->cell, v->legal);
    v->trace = v->reading.trace;
    trm_subject_board(&subject, &v->board);
    v->agent = trm_board_agent(&v->board);
    if (v->trace == NULL)
        return;
    for (int32_t c = 0; c < s->cycles; c++)
        compare(v, c);
    v->decided = trm_reading_decided(&v->reading);
    const int32_t best = v->cycles[s->cycles - 1].best;
    if (!v->action_set && best >= 0)
        v->action = best;
    take_scales(v);
    take_weights(v);
    take_order(v);
}

// The cursor on the board goes where the decision is about: with the agent, or to the placement.
static void place_cursor(trm_inspector_view *v) {
    const trm_inspection *s = v->scope;
    if (trm_inspection_samples(s))
        return; // the same cell of another sample
    if (v->agent >= 0)
        v->cell = v->agent;
    else if (v->trace != NULL && v->cycles[s->shape.cycles - 1].best >= 0) {
        const int32_t best = v->cycles[s->shape.cycles - 1].best;
        const trm_subject subject = trm_inspection_subject(s, v->at);
        const int32_t cell = trm_subject_placement(&subject, best).cell;
        v->cell = cell >= 0 ? cell : v->cell;
    }
}

void trm_inspector_view_go(trm_inspector_view *v, int32_t at) {
    const int32_t before = v->at;
    v->at = trm_clamp(at, 0, v->scope->moments - 1);
    if (v->at != before)
        trm_inspector_view_arrive(v);
}

void trm_inspector_view_arrive(trm_inspector_view *v) {
    trm_inspector_view_refresh(v);
    place_cursor(v);
}

void trm_inspector_view_select_cycle(trm_inspector_view *v, int32_t cycle) {
    v->cycle = trm_clamp(cycle, 0, v->scope->shape.cycles - 1);
    if (v->trace != NULL)
        take_order(v);
}

void trm_inspector_view_select_unit(trm_inspector_view *v, trm_level level, int32_t unit) {
    v->level = level;
    v->unit = trm_clamp(unit, 0, largest_of(trm_level_size(&v->scope->shape, level) - 1, 0));
    if (v->trace != NULL)
        take_weights(v);
}

void trm_inspector_view_select_action(trm_inspector_view *v, int32_t action) {
    const int32_t n = v->choices, i = action - v->choice;
    v->action = v->choice + (i % n + n) % n;
    v->action_set = true;
    if (v->trace == NULL)
        return;
    take_weights(v);
    take_order(v);
}

void trm_inspector_view_select_cell(trm_inspector_view *v, int32_t cell) {
    const trm_subject subject = trm_inspection_subject(v->scope, v->at);
    const int32_t to = trm_clamp(cell, 0, trm_subject_cells(&subject) - 1), from = v->cell;
    v->cell = to;
    if (!trm_inspection_samples(v->scope) || to == from)
        return;
    v->action_set = false;
    take_unit_along(v, from, to);
    trm_inspector_view_refresh(v);
}

void trm_inspector_view_pin(trm_inspector_view *v) {
    if (v->trace == NULL)
        return;
    if (v->pinned == v->at) {
        v->pinned = -1;
    } else {
        v->pinned = v->at;
        memcpy(v->pin, v->trace, (size_t)trm_trace_size(&v->scope->shape) * sizeof *v->pin);
    }
    trm_inspector_view_refresh(v);
}

// NULL: units stand in the order of their numbers.
static const int32_t *places_of(const trm_inspector_view *v, trm_level level) {
    const trm_trace_shape *s = &v->scope->shape;
    return level == TRM_LEVEL_MID && s->h_mid != s->h ? NULL : v->place[level == TRM_LEVEL_L];
}

int32_t trm_inspector_view_place(const trm_inspector_view *v) {
    const int32_t n = trm_level_size(&v->scope->shape, v->level);
    const int32_t *places = places_of(v, v->level);
    for (int32_t i = 0; places != NULL && i < n; i++)
        if (places[i] == v->unit)
            return i;
    return v->unit;
}

int32_t trm_inspector_view_unit_at(const trm_inspector_view *v, trm_level level, int32_t place) {
    const int32_t n = trm_level_size(&v->scope->shape, level);
    const int32_t *places = places_of(v, level), at = trm_clamp(place, 0, largest_of(n - 1, 0));
    return places != NULL && n > 0 ? places[at] : at;
}

const float *trm_inspector_view_sorted(const trm_inspector_view *v, trm_level level,
                                       const float *values) {
    const int32_t n = trm_level_size(&v->scope->shape, level);
    const int32_t *places = places_of(v, level);
    for (int32_t i = 0; i < n; i++)
        v->sorted[i] = values[places != NULL ? places[i] : i];
    return v->sorted;
}

void trm_inspector_view_take_path(trm_inspector_view *v) {
    const trm_trace_shape *s = &v->scope->shape;
    bool first = true;
    for (int32_t t = 0; t < v->scope->moments; t++) {
        float *trace = trm_inspection_trace(v->scope, t);
        for (int32_t c = 0; trace != NULL && c < s->cycles; c++) {
            float *at = v->path[(int64_t)t * s->cycles + c];
            trm_pca_project(v->pca, trm_trace_h(s, trace, c), at);
            for (int32_t d = 0; d < 2; d++) {
                v->path_low[d] = first ? at[d] : fminf(v->path_low[d], at[d]);
                v->path_high[d] = first ? at[d] : fmaxf(v->path_high[d], at[d]);
            }
            first = false;
        }
    }
    v->path_known = !first;
}

void trm_inspector_sentence(const trm_inspector_view *v, char *out, int32_t size) {
    const trm_inspection *s = v->scope;
    const int32_t did = v->at < s->length ? s->steps[v->at].action : -1;
    const trm_subject subject = trm_inspection_subject(s, v->at);
    if (trm_inspection_samples(s))
        trm_words_answer(&subject, &v->reading, v->cell, out, size);
    else
        trm_words_decision(s->env, &v->reading, did, s->how, out, size);
}
