// SPDX-License-Identifier: Apache-2.0
#include "tui/inspector/what_if/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/agent/agent.h"
#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/inspector/view.h"

static const double LONG = 0.004; // seconds

trm_subject trm_what_if_subject(const trm_what_if_view *v, int32_t side) {
    const trm_subject own = trm_inspection_subject(v->scope, v->at);
    return side == TRM_AS_IS ? own : trm_subject_with(&own, trm_change_now(v->change)->state);
}

// The agent is run as on a side. What the change allows, the agent can do.
static void put_agent(trm_what_if_view *v, int32_t side) {
    trm_error e;
    trm_agent_intervene(&v->scope->agent,
                        side == TRM_AS_IS ? NULL : &trm_change_now(v->change)->otherwise, &e);
}

trm_reading trm_what_if_reading(const trm_what_if_view *v, int32_t side) {
    const trm_side *s = &v->sides[side];
    return (trm_reading){
        .shape = &s->shape, .trace = s->trace, .legal = s->masks ? s->legal : NULL};
}

void trm_what_if_view_init(trm_what_if_view *v, trm_inspection *scope, const trm_change *change,
                           int32_t at, bool later) {
    *v = (trm_what_if_view){.scope = scope, .change = change, .at = at, .later = later};
    trm_trace_shape most = scope->shape;
    most.cycles = most.cycles / change->own_cycles * change->most_cycles;
    for (int32_t i = 0; i < TRM_SIDES; i++) {
        v->sides[i].legal = trm_alloc((size_t)scope->actions, sizeof(bool));
        v->sides[i].trace = trm_alloc((size_t)trm_trace_size(&most), sizeof(float));
        trm_policy_map_init(&v->sides[i].map, &scope->agent, trm_inspection_state(scope, 0),
                            most.cycles);
    }
    v->difference = trm_alloc((size_t)scope->shape.h + 1, sizeof *v->difference);
    const trm_subject first = trm_inspection_subject(scope, at);
    v->cell = trm_clamp(scope->cell, 0, trm_subject_cells(&first) - 1);
    trm_subject_board(&first, &v->sides[0].board);
    const trm_board *b = &v->sides[0].board;
    v->marks = trm_alloc((size_t)b->rows * (size_t)b->cols, sizeof *v->marks);
    trm_what_if_view_go(v, at);
    const int32_t agent = trm_board_agent(b);
    v->cell = agent >= 0 && !trm_inspection_samples(scope) ? agent : v->cell;
}

void trm_what_if_view_done(trm_what_if_view *v) {
    for (int32_t i = 0; i < TRM_SIDES; i++) {
        free(v->sides[i].legal);
        free(v->sides[i].trace);
        trm_policy_map_done(&v->sides[i].map);
    }
    free(v->difference);
    free(v->marks);
}

// What can be done there, and what the model would do.
static void judge(trm_what_if_view *v, int32_t i) {
    trm_side *side = &v->sides[i];
    const trm_subject subject = trm_what_if_subject(v, i);
    side->masks = trm_subject_legal(&subject, v->cell, side->legal);
    side->best = side->decided = -1;
    if (!side->known)
        return;
    const trm_reading r = trm_what_if_reading(v, i);
    side->best = trm_reading_best(&r, side->shape.cycles - 1);
    side->decided = trm_reading_decided(&r);
}

void trm_what_if_view_select_cell(trm_what_if_view *v, int32_t cell) {
    const trm_subject subject = trm_what_if_subject(v, TRM_AS_IS);
    v->cell = trm_clamp(cell, 0, trm_subject_cells(&subject) - 1);
    for (int32_t i = 0; i < TRM_SIDES && trm_inspection_samples(v->scope); i++)
        judge(v, i);
}

// What can be seen of a side before it is looked at.
static void prepare(trm_what_if_view *v, int32_t i) {
    trm_side *side = &v->sides[i];
    put_agent(v, i);
    side->known = false;
    side->shape = v->scope->agent.shape;
    const trm_subject subject = trm_what_if_subject(v, i);
    trm_subject_board(&subject, &side->board);
    judge(v, i);
    const int32_t agent = trm_board_agent(&side->board);
    trm_policy_map_begin(&side->map, &v->scope->agent, agent >= 0 ? agent : 0);
    put_agent(v, TRM_AS_IS);
}

static void look(trm_what_if_view *v, int32_t i) {
    trm_side *side = &v->sides[i];
    const double from = trm_clock_now();
    put_agent(v, i);
    const trm_subject subject = trm_what_if_subject(v, i);
    trm_subject_look(&subject, &v->scope->agent, side->trace);
    side->known = !trm_workspace_stopped(v->scope->agent.workspace);
    put_agent(v, TRM_AS_IS);
    judge(v, i);
    v->look_seconds = fmax(v->look_seconds, trm_clock_now() - from);
}

static float *last_h(trm_side *side) {
    return trm_trace_h(&side->shape, side->trace, side->shape.cycles - 1);
}

static void compare(trm_what_if_view *v) {
    trm_side *a = &v->sides[TRM_AS_IS], *b = &v->sides[TRM_WHAT_IF];
    const int32_t n = v->scope->shape.h;
    float peak = 0.0f, h = 0.0f, l = 0.0f;
    for (int32_t i = 0; i < n; i++) {
        v->difference[i] = last_h(b)[i] - last_h(a)[i];
        peak = fmaxf(peak, fabsf(v->difference[i]));
        h = fmaxf(h, fabsf(last_h(b)[i]));
    }
    const float *low = trm_trace_l(&b->shape, b->trace, b->shape.cycles - 1);
    for (int32_t i = 0; i < b->shape.l; i++)
        l = fmaxf(l, fabsf(low[i]));
    v->norm = trm_vector_norm(v->difference, n);
    v->cosine = trm_vector_cosine(last_h(a), last_h(b), n);
    v->scale = trm_heat_scale(v->scale, peak);
    v->h_scale = trm_heat_scale(v->h_scale, h);
    v->l_scale = trm_heat_scale(v->l_scale, l);
    v->same = a->shape.cycles == b->shape.cycles &&
              memcmp(a->trace, b->trace, (size_t)trm_trace_size(&a->shape) * sizeof *a->trace) == 0;
}

bool trm_what_if_view_known(const trm_what_if_view *v) {
    return v->sides[TRM_AS_IS].known && v->sides[TRM_WHAT_IF].known;
}

// The side that is to be looked at next; -1: both are known.
static int32_t unknown_side(const trm_what_if_view *v) {
    return !v->sides[TRM_AS_IS].known ? TRM_AS_IS : !v->sides[TRM_WHAT_IF].known ? TRM_WHAT_IF : -1;
}

// False: a key came before it was done.
static bool look_next(trm_what_if_view *v) {
    const int32_t side = unknown_side(v);
    look(v, side);
    if (trm_what_if_view_known(v))
        compare(v);
    return v->sides[side].known;
}

// At once, unless a key would have to wait for it.
static void look_now(trm_what_if_view *v) {
    const bool later = v->later && (v->look_seconds > LONG || !trm_inspection_quick(v->scope));
    while (unknown_side(v) >= 0 && !later && look_next(v))
        continue;
}

void trm_what_if_view_go(trm_what_if_view *v, int32_t at) {
    v->at = at;
    prepare(v, TRM_AS_IS);
    trm_what_if_view_refresh(v);
}

void trm_what_if_view_refresh(trm_what_if_view *v) {
    prepare(v, TRM_WHAT_IF);
    look_now(v);
}

bool trm_what_if_view_busy(const trm_what_if_view *v) {
    const trm_policy_map *a = &v->sides[TRM_AS_IS].map, *b = &v->sides[TRM_WHAT_IF].map;
    return unknown_side(v) >= 0 || a->done < a->cells || b->done < b->cells;
}

bool trm_what_if_view_work(trm_what_if_view *v) {
    const int32_t prev = trm_inspection_prev_action(v->scope, v->at);
    if (unknown_side(v) >= 0) {
        look_next(v);
        return true;
    }
    for (int32_t k = 0; k < TRM_SIDES; k++) {
        const int32_t i = TRM_SIDES - 1 - k; // what is changed comes first
        trm_policy_map *map = &v->sides[i].map;
        if (map->done >= map->cells)
            continue;
        put_agent(v, i);
        trm_policy_map_next(map, &v->scope->agent, trm_what_if_subject(v, i).state, prev);
        put_agent(v, TRM_AS_IS);
        return true;
    }
    return false;
}

static double end_of(const trm_what_if_view *v, int32_t side, int32_t action) {
    const trm_reading r = trm_what_if_reading(v, side);
    return (double)trm_reading_masked(&r, r.shape->cycles - 1, action);
}

// "; 12 of 16 right instead of 10": of a sample whose target is known on both sides.
static void add_right(const trm_what_if_view *v, char *out, int32_t size) {
    int32_t right[TRM_SIDES];
    for (int32_t i = 0; i < TRM_SIDES; i++) {
        const trm_subject subject = trm_what_if_subject(v, i);
        const trm_reading r = trm_what_if_reading(v, i);
        right[i] = trm_subject_right(&subject, &r, r.shape->cycles - 1);
    }
    const size_t used = strlen(out);
    if (right[TRM_AS_IS] >= 0 && right[TRM_WHAT_IF] >= 0)
        trm_text_format(out + used, (size_t)size - used, "; %d of %d right instead of %d",
                        right[TRM_WHAT_IF], v->scope->shape.positions, right[TRM_AS_IS]);
}

static void compare_words(const trm_what_if_view *v, char *out, int32_t size) {
    const int32_t a = v->sides[TRM_AS_IS].best, b = v->sides[TRM_WHAT_IF].best;
    out[0] = 0;
    if (!trm_what_if_view_known(v))
        trm_text_format(out, (size_t)size, "looking …");
    else if (v->same)
        trm_text_format(out, (size_t)size, "the same, bit for bit");
    else if (a >= 0 && a == b)
        trm_text_format(out, (size_t)size, "still %s, %.2f instead of %.2f", v->scope->names[a],
                        end_of(v, TRM_WHAT_IF, a), end_of(v, TRM_AS_IS, a));
    else if (a >= 0 && b >= 0)
        trm_text_format(out, (size_t)size, "%s at %.2f becomes %s at %.2f (%s is left with %.2f)",
                        v->scope->names[a], end_of(v, TRM_AS_IS, a), v->scope->names[b],
                        end_of(v, TRM_WHAT_IF, b), v->scope->names[a], end_of(v, TRM_WHAT_IF, a));
}

void trm_what_if_sentence(const trm_what_if_view *v, char *out, int32_t size) {
    compare_words(v, out, size);
    if (trm_what_if_view_known(v) && !v->same)
        add_right(v, out, size);
}
