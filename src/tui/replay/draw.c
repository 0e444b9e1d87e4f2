// SPDX-License-Identifier: Apache-2.0
#include "tui/replay/draw.h"

#include "trm/base/text.h"
#include "tui/layout.h"
#include "tui/pen.h"
#include "tui/train/draw.h"
#include "tui/widgets/title.h"

static void draw_title(trm_canvas *c, const trm_replay *r) {
    const trm_config *k = trm_record_config(r->record);
    char moment[64], model[160], speed[64];
    trm_text_format(moment, sizeof moment, "moment %d/%d", r->moment + 1,
                    trm_record_count(r->record));
    trm_text_format(model, sizeof model, "%s K=%d  seed %lld", k->model.type,
                    r->then.view.shape.cycles, (long long)k->seed);
    trm_text_format(speed, sizeof speed, "%s  %.0f %s%s/s", r->playing ? "playing" : "paused",
                    trm_replay_speeds[r->gear], r->kind->beat, r->gear == 0 ? "" : "s");
    const char *type = r->kind == &trm_replay_epochs ? k->data.type : k->env.type;
    trm_title_draw(
        c, &(trm_title){.name = "trm replay",
                        .about = {{k->preset[0] != 0 ? k->preset : type, TRM_STYLE_STRONG},
                                  {moment, TRM_STYLE_NORMAL},
                                  {trm_replay_fame(r), TRM_STYLE_ACCENT},
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

void trm_replay_draw(trm_canvas *c, const void *replay) {
    const trm_replay *r = replay;
    const trm_replay_layout l = trm_replay_layout_of(trm_canvas_area(c), r->compare);
    draw_title(c, r);
    draw_side(c, &l.sides[0], &r->then.view);
    if (r->compare) {
        draw_label(c, l.labels[0], "then", r->kind->then, r->then.update);
        draw_label(c, l.labels[1], "now", r->kind->now, r->now.update);
        draw_side(c, &l.sides[1], &r->now.view);
    }
    trm_replay_draw_line(c, &l, r);
}
