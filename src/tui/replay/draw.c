// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/replay/state.h"
#include "tui/train/draw.h"
#include "tui/widgets/title.h"

enum { GAP = 2, LINE = 2, ROOMY = 12, WORDS = 3 };

// ---- where things are ---------------------------------------------------------------------------

typedef struct layout {
    trm_train_layout sides[2]; // board, cycles, detail and sentence; the second only in comparison
    trm_rect labels[2];        // in comparison: what each side is
    trm_rect curve;            // its heading in the first row
    trm_rect line;             // of the same width: the track, and the marks below it
} layout;

static trm_train_layout side_of(trm_rect r, int32_t board, bool detail) {
    trm_train_layout l = {0};
    const int32_t rows = detail && r.h >= ROOMY ? 1 : 0;
    l.sentence = trm_rect_bottom(&r, 1, 0);
    trm_rect_left(&l.sentence, 1, 0);
    l.subject = trm_rect_left(&r, board, GAP);
    l.detail = trm_rect_bottom(&r, rows, 0);
    l.thinking = r;
    return l;
}

static layout layout_of(trm_rect area, bool compare) {
    layout l = {0};
    const int32_t rows = area.h + 1;
    trm_rect_top(&area, 1, 0); // the title
    l.curve = trm_rect_bottom(
        &area, rows < 24 ? trm_clamp(area.h - 14, 6, 9) : 9 + (rows - 24) * 30 / 100, 0);
    l.line = trm_rect_bottom(&l.curve, LINE, 0);
    if (!compare) {
        l.sides[0] = side_of(area, trm_clamp(area.w * 28 / 100, 20, 66), true);
        return l;
    }
    const int32_t half = (area.w - GAP) / 2;
    for (int32_t i = 0; i < 2; i++) {
        trm_rect r = trm_rect_left(&area, half, GAP);
        l.labels[i] = trm_rect_top(&r, 1, 0);
        l.sides[i] = side_of(r, trm_clamp(half * 45 / 100, 15, 66), false);
    }
    return l;
}

// ---- the moment ---------------------------------------------------------------------------------

// What the moment in sight is known for.
static const char *fame_of(const trm_replay *r) {
    static const char *const episodes[] = {"the first success", "the best", "the worst",
                                           "the longest"};
    static const char *const epochs[] = {"the first whole answer", "the best", "the worst", ""};
    for (int32_t k = 0; k < TRM_MARK_COUNT; k++)
        if (trm_record_marked(r->record, (trm_mark)k) == r->moment)
            return r->epochs ? epochs[k] : episodes[k];
    return "";
}

static void draw_title(trm_canvas *c, const trm_replay *r) {
    const trm_config *k = trm_record_config(r->record);
    char moment[64], model[160], speed[64];
    trm_text_format(moment, sizeof moment, "moment %d/%d", r->moment + 1,
                    trm_record_count(r->record));
    trm_text_format(model, sizeof model, "%s K=%d  seed %lld", k->model.type,
                    r->then.view.shape.cycles, (long long)k->seed);
    trm_text_format(speed, sizeof speed, "%s  %.0f %s%s/s", r->playing ? "playing" : "paused",
                    trm_replay_speeds[r->gear], r->epochs ? "epoch" : r->then.view.words->move,
                    r->gear == 0 ? "" : "s");
    const char *type = r->epochs ? k->data.type : k->env.type;
    trm_title_draw(
        c, &(trm_title){.name = "trm replay",
                        .about = {{k->preset[0] != 0 ? k->preset : type, TRM_STYLE_STRONG},
                                  {moment, TRM_STYLE_NORMAL},
                                  {fame_of(r), TRM_STYLE_ACCENT},
                                  {model, TRM_STYLE_DIM}},
                        .state = {{speed, r->playing ? TRM_STYLE_STRONG : TRM_STYLE_NORMAL}}});
}

static void draw_side(trm_canvas *c, const trm_train_layout *l, const trm_train_view *v) {
    trm_train_draw_subject(c, l->subject, v);
    trm_train_draw_thinking(c, l, v);
}

static void draw_label(trm_canvas *c, trm_rect r, const char *name, const char *how,
                       int64_t update) {
    char count[32];
    trm_pen pen = trm_pen_on(c, r);
    trm_pen_print(&pen, TRM_STYLE_STRONG, " %s", name);
    trm_pen_print(&pen, TRM_STYLE_DIM, "  after %s updates, %s", trm_text_thousands(count, update),
                  how);
}

// ---- the curve and the line ---------------------------------------------------------------------

// The point of the history that an episode is in; NULL if it is in none.
static const trm_history_point *point_of(const trm_history *h, int64_t episode) {
    int32_t i = h->count;
    while (i > 0 && h->points[i - 1].episode > episode)
        i--;
    return i > 0 ? &h->points[i - 1] : NULL;
}

static void episode_words(const trm_replay *r, char words[WORDS][80]) {
    const trm_history_point *p = point_of(&r->history, r->number);
    char number[32], of[32];
    trm_text_format(words[0], sizeof words[0], "episode %s/%s",
                    trm_text_thousands(number, r->number + 1),
                    trm_text_thousands(of, r->then.view.snap.total));
    trm_text_format(words[1], sizeof words[1], "reward %+.2f",
                    (double)r->then.episode_trace.steps[trm_replay_last(r)].total_reward);
    if (p != NULL)
        trm_text_format(words[2], sizeof words[2], "mean of 50 %+.2f  success %.0f%%",
                        (double)p->mean50, 100.0 * (double)p->success50);
}

static void epoch_words(const trm_replay *r, char words[WORDS][80]) {
    const trm_score *s = &r->score;
    trm_text_format(words[0], sizeof words[0], "epoch %lld/%lld", (long long)r->number + 1,
                    (long long)r->then.view.snap.total);
    if (r->second) {
        trm_text_format(words[1], sizeof words[1], "h held-out %.3f", s->loss);
        return;
    }
    trm_text_format(words[1], sizeof words[1], "c cells %.1f%%", 100.0 * s->cell_accuracy);
    trm_text_format(words[2], sizeof words[2], "e exact %.1f%%", 100.0 * s->exact_accuracy);
}

// Where a moment stands on the axis.
static float place_of(const trm_replay *r, int64_t number, int64_t steps) {
    return r->then.view.curves.by_steps ? (float)steps : (float)(number + 1);
}

static void curve_of(const trm_replay *r, trm_train_curve *out) {
    trm_train_curve_of(&r->then.view, r->second ? 1 : 0, out);
    trm_curve_range(&out->curve.y0, &out->curve.y1);
    out->curve.has_cursor = true;
    out->curve.cursor = place_of(r, r->number, r->steps);
}

static int32_t column_of(trm_rect r, const trm_curve *curve, const trm_replay *v, int32_t moment) {
    const trm_moment *m = trm_record_moment(v->record, moment);
    return trm_curve_column(r, curve, place_of(v, m->number, trm_replay_steps(v, m)));
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
    static const struct {
        char letter;
        trm_style style;
    } marks[TRM_MARK_COUNT] = {{'F', TRM_STYLE_GOOD},
                               {'B', TRM_STYLE_ACCENT},
                               {'W', TRM_STYLE_BAD},
                               {'L', TRM_STYLE_STRONG}};
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
        trm_canvas_put(c, r.y, x, (uint32_t)marks[k].letter, marks[k].style);
    }
}

static void draw_line(trm_canvas *c, layout l, const trm_replay *r) {
    char words[WORDS][80] = {""};
    trm_train_curve k;
    curve_of(r, &k);
    (r->epochs ? epoch_words : episode_words)(r, words);
    l.curve = trm_panel(c, l.curve, k.name, false, TRM_WORDS(words[0], words[1], words[2]));
    trm_curve_draw(c, l.curve, &k.curve);
    draw_track(c, trm_rect_top(&l.line, 1, 0), &k.curve, r);
    draw_marks(c, l.line, &k.curve, r);
}

void trm_replay_draw(trm_canvas *c, const void *replay) {
    const trm_replay *r = replay;
    const layout l = layout_of(trm_canvas_area(c), r->compare);
    draw_title(c, r);
    draw_side(c, &l.sides[0], &r->then.view);
    if (r->compare) {
        draw_label(c, l.labels[0], "then", r->epochs ? "weights of then" : "as drawn",
                   r->then.update);
        draw_label(c, l.labels[1], "now", r->epochs ? "newest weights" : "greedy", r->now.update);
        draw_side(c, &l.sides[1], &r->now.view);
    }
    draw_line(c, l, r);
}

int32_t trm_replay_moment_at(const trm_replay *r, trm_rect area, int32_t y, int32_t x) {
    const layout l = layout_of(area, r->compare);
    trm_train_curve k;
    curve_of(r, &k);
    if (y <= l.curve.y || x < trm_curve_column(l.line, &k.curve, 0.0f))
        return -1;
    int32_t best = 0, distance = INT32_MAX;
    for (int32_t i = 0; i < trm_record_count(r->record); i++) {
        const int32_t far = abs(column_of(l.line, &k.curve, r, i) - x);
        if (far < distance) {
            distance = far;
            best = i;
        }
    }
    return best;
}
