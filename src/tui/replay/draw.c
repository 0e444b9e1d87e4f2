// SPDX-License-Identifier: Apache-2.0
#include "tui/replay/draw.h"

#include "trm/base/text.h"
#include "tui/watch/draw.h"

static void speed_words(const trm_replay *r, char *out, int32_t size) {
    trm_text_format(out, (size_t)size, "%s  %.0f step%s/s", r->playing ? "playing" : "paused",
                    trm_replay_speeds[r->gear], r->gear == 0 ? "" : "s");
}

static void draw_title(trm_canvas *c, const trm_replay *r) {
    const trm_config *k = trm_record_config(r->record);
    char text[160], right[64];
    speed_words(r, right, sizeof right);
    const int32_t end = c->cols - 1 - trm_text_columns(right);
    trm_canvas_text(c, 0, end, c->cols, r->playing ? TRM_STYLE_STRONG : TRM_STYLE_NORMAL, right);
    int32_t x = 1 + trm_canvas_text(c, 0, 1, end - 2, TRM_STYLE_TITLE, "trm replay");
    x += 2 + trm_canvas_text(c, 0, x + 2, end - x - 3, TRM_STYLE_STRONG,
                             k->preset[0] != 0 ? k->preset : k->env.type);
    x += 2 + trm_canvas_print(c, 0, x + 2, end - x - 3, TRM_STYLE_NORMAL, "moment %d/%d",
                              r->moment + 1, trm_record_count(r->record));
    const char *fame = trm_replay_fame(r);
    if (fame[0] != 0)
        x += 2 + trm_canvas_print(c, 0, x + 2, end - x - 3, TRM_STYLE_ACCENT, "%s", fame);
    trm_text_format(text, sizeof text, "%s K=%d  seed %lld", k->model.type,
                    r->then.view.shape.cycles, (long long)k->seed);
    if (x + 2 + trm_text_columns(text) < end - 1)
        trm_canvas_text(c, 0, x + 2, end - x - 3, TRM_STYLE_DIM, text);
}

static void draw_side(trm_canvas *c, const trm_watch_layout *l, const trm_watch_view *v) {
    trm_watch_draw_board(c, l->board, v);
    trm_watch_draw_cycles(c, l, v);
}

static void draw_label(trm_canvas *c, trm_rect r, const char *name, const char *how,
                       int64_t update) {
    char text[32];
    trm_text_thousands(text, update);
    const int32_t x = trm_canvas_text(c, r.y, r.x + 1, r.w - 1, TRM_STYLE_STRONG, name);
    trm_canvas_print(c, r.y, r.x + 1 + x, r.w - 1 - x, TRM_STYLE_DIM, "  after %s updates, %s",
                     text, how);
}

void trm_replay_draw(trm_canvas *c, const trm_replay *r) {
    const trm_replay_layout l = trm_replay_layout_of(c->rows, c->cols, r->compare);
    draw_title(c, r);
    draw_side(c, &l.sides[0], &r->then.view);
    if (r->compare) {
        draw_label(c, l.labels[0], "then", "as drawn", r->then.update);
        draw_label(c, l.labels[1], "now", "greedy", r->now.update);
        draw_side(c, &l.sides[1], &r->now.view);
    }
    trm_replay_draw_line(c, &l, r);
}
