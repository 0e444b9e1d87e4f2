// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <string.h>

#include "trm/base/text.h"
#include "tui/layout.h"
#include "tui/replay/draw.h"
#include "tui/widgets/curve.h"
#include "tui/widgets/title.h"

static const char mark_letters[TRM_MARK_COUNT] = {'F', 'B', 'W', 'L'};

// Where an episode ends on the axis.
static float place_of(const trm_replay *r, const trm_episode *ep) {
    return r->then.view.curves.by_steps ? (float)ep->step : (float)(ep->episode + 1);
}

static trm_curve curve_of(const trm_replay *r) {
    const trm_train_curves *k = &r->then.view.curves;
    trm_curve v = {.n = k->n,
                   .x = k->x,
                   .x1 = k->x1,
                   .mark = NAN,
                   .has_cursor = true,
                   .cursor = place_of(r, &r->episode),
                   .x_name = k->by_steps ? "steps" : "episodes"};
    if (r->success) {
        v.line = k->success50;
        v.y0 = 0.0f;
        v.y1 = 100.0f;
        v.unit = "%";
        return v;
    }
    v.raw = k->reward;
    v.low = k->low;
    v.high = k->high;
    v.line = k->mean50;
    v.y0 = k->n > 0 ? k->low_y : -1.0f;
    v.y1 = k->n > 0 ? k->high_y : 1.0f;
    v.unit = "";
    trm_curve_range(&v.y0, &v.y1);
    return v;
}

// The point of the history that an episode is in; NULL if it is in none.
static const trm_history_point *point_of(const trm_history *h, int64_t episode) {
    int32_t low = 0, high = h->count;
    while (low < high) {
        const int32_t middle = (low + high) / 2;
        if (h->points[middle].episode <= episode)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &h->points[low - 1] : NULL;
}

// What the curves are at the cursor, as much of it as there is room for.
static trm_rect draw_heading(trm_canvas *c, trm_rect r, const trm_replay *v) {
    const int64_t episode = v->then.episode_trace.episode;
    const trm_history_point *p = point_of(&v->history, episode);
    const int32_t last = v->then.episode_trace.length - 1;
    char place[80], reward[32], mean[48] = "", number[32], of[32];
    trm_text_format(place, sizeof place, "episode %s/%s", trm_text_thousands(number, episode + 1),
                    trm_text_thousands(of, v->then.view.snap.total));
    trm_text_format(reward, sizeof reward, "reward %+.2f",
                    (double)v->then.episode_trace.steps[last].total_reward);
    if (p != NULL)
        trm_text_format(mean, sizeof mean, "mean of 50 %+.2f  success %.0f%%", (double)p->mean50,
                        100.0 * (double)p->success50);
    return trm_panel(c, r, v->success ? "success of the last 50" : "reward", false,
                     TRM_WORDS(place, reward, mean));
}

static int32_t column_of(trm_rect r, const trm_curve *curve, const trm_replay *v, int32_t moment) {
    return trm_curve_column(r, curve, place_of(v, &trm_record_moment(v->record, moment)->episode));
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
    const trm_curve curve = curve_of(r);
    trm_rect line = l->line;
    trm_curve_draw(c, draw_heading(c, l->curve, r), &curve);
    draw_track(c, trm_rect_top(&line, 1, 0), &curve, r);
    draw_marks(c, line, &curve, r);
}

int32_t trm_replay_moment_at(const trm_replay_layout *l, const trm_replay *r, int32_t y,
                             int32_t x) {
    const trm_curve curve = curve_of(r);
    if (y <= l->curve.y || x < trm_curve_column(l->line, &curve, 0.0f))
        return -1;
    const int32_t count = trm_record_count(r->record);
    int32_t best = 0, distance = INT32_MAX;
    for (int32_t i = 0; i < count; i++) {
        const int32_t far = column_of(l->line, &curve, r, i) - x;
        if ((far < 0 ? -far : far) < distance) {
            distance = far < 0 ? -far : far;
            best = i;
        }
    }
    return best;
}
