// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <string.h>

#include "trm/base/text.h"
#include "tui/layout.h"
#include "tui/replay/draw.h"
#include "tui/widgets/curve.h"
#include "tui/widgets/title.h"

static const char mark_letters[TRM_MARK_COUNT] = {'F', 'B', 'W', 'L'};

// Where a moment stands on the axis.
static float place_of(const trm_replay *r, int64_t number, int64_t steps) {
    return r->then.view.curves.by_steps ? (float)steps : (float)(number + 1);
}

// Returns its name. The series belong to *k.
static const char *curve_of(const trm_replay *r, trm_train_curve *k) {
    *k = (trm_train_curve){.curve = {.mark = NAN, .unit = "", .x1 = r->then.view.curves.x1}};
    const char *name = r->kind->curve(r, k);
    k->curve.series = k->series;
    k->curve.series_count = k->series_count;
    k->curve.has_cursor = true;
    k->curve.cursor = place_of(r, r->number, r->steps);
    return name;
}

// What the curves are at the cursor, as much of it as there is room for.
static trm_rect draw_heading(trm_canvas *c, trm_rect r, const trm_replay *v, const char *name) {
    char words[TRM_REPLAY_WORDS][80] = {""};
    v->kind->heading(v, words);
    return trm_panel(c, r, name, false, TRM_WORDS(words[0], words[1], words[2]));
}

static int32_t column_of(trm_rect r, const trm_curve *curve, const trm_replay *v, int32_t moment) {
    const trm_moment *m = trm_record_moment(v->record, moment);
    return trm_curve_column(r, curve, place_of(v, m->number, v->kind->steps(m)));
}

static void draw_track(trm_canvas *c, trm_rect r, const trm_curve *curve, const trm_replay *v) {
    const int32_t left = trm_curve_column(r, curve, 0.0f), right = r.x + r.w - 1;
    trm_canvas_text(c, r.y, r.x, left - r.x, TRM_STYLE_DIM, "kept");
    trm_canvas_repeat(c, r.y, left, right - left + 1, 0x2500, TRM_STYLE_RULE);
    for (int32_t i = 0; i < trm_record_count(v->record); i++)
        trm_canvas_put(c, r.y, column_of(r, curve, v, i), 0x2502, TRM_STYLE_NORMAL);
    trm_canvas_put(c, r.y, trm_curve_column(r, curve, curve->cursor), 0x25B2, TRM_STYLE_SELECTED);
}

// Letters under the moments that are known for something, side by side where they would cover one
// another.
static void draw_marks(trm_canvas *c, trm_rect r, const trm_curve *curve, const trm_replay *v) {
    static const trm_style styles[TRM_MARK_COUNT] = {TRM_STYLE_GOOD, TRM_STYLE_ACCENT,
                                                     TRM_STYLE_BAD, TRM_STYLE_STRONG};
    int32_t taken[TRM_MARK_COUNT] = {0}, n = 0;
    for (int32_t k = 0; k < TRM_MARK_COUNT; k++) {
        const int32_t i = trm_record_marked(v->record, (trm_mark)k);
        if (i < 0)
            continue;
        int32_t x = column_of(r, curve, v, i);
        for (int32_t j = 0; j < n; j++)
            if (taken[j] == x) {
                x++;
                j = -1;
            }
        taken[n++] = x;
        trm_canvas_put(c, r.y, x, (uint32_t)mark_letters[k], styles[k]);
    }
}

void trm_replay_draw_line(trm_canvas *c, const trm_replay_layout *l, const trm_replay *r) {
    trm_train_curve k;
    trm_rect line = l->line;
    const char *name = curve_of(r, &k);
    trm_curve_draw(c, draw_heading(c, l->curve, r, name), &k.curve);
    draw_track(c, trm_rect_top(&line, 1, 0), &k.curve, r);
    draw_marks(c, line, &k.curve, r);
}

int32_t trm_replay_moment_at(const trm_replay_layout *l, const trm_replay *r, int32_t y,
                             int32_t x) {
    trm_train_curve k;
    curve_of(r, &k);
    if (y <= l->curve.y || x < trm_curve_column(l->line, &k.curve, 0.0f))
        return -1;
    const int32_t count = trm_record_count(r->record);
    int32_t best = 0, distance = INT32_MAX;
    for (int32_t i = 0; i < count; i++) {
        const int32_t far = column_of(l->line, &k.curve, r, i) - x;
        if ((far < 0 ? -far : far) < distance) {
            distance = far < 0 ? -far : far;
            best = i;
        }
    }
    return best;
}
