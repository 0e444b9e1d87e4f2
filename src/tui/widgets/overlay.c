// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/overlay.h"

#include "trm/base/text.h"
#include "tui/layout.h"
#include "tui/pen.h"
#include "tui/widgets/table.h"

enum { HELP_KEYS = 16, HELP_WIDTH = 78 };

static trm_rect open_box(trm_canvas *c, int32_t h, int32_t w, const char *title) {
    const trm_rect r = trm_rect_centre((trm_rect){0, 0, c->rows, c->cols}, h, w);
    trm_canvas_clear_rect(c, r);
    trm_canvas_frame(c, r, TRM_STYLE_NORMAL);
    if (title[0] != 0 && r.w > 8)
        trm_canvas_print(c, r.y, r.x + 2, r.w - 4, TRM_STYLE_TITLE, " %s ", title);
    return r;
}

// Both tables, with a line between them.
typedef struct help {
    const trm_action *screen, *app;
    int32_t n;
} help;

static void help_row(trm_canvas *c, trm_rect r, const void *ctx, int32_t i) {
    const help *h = ctx;
    char keys[80];
    trm_pen pen = trm_pen_on(c, r);
    if (i == h->n) {
        trm_pen_rule(&pen);
        return;
    }
    const trm_action *a = i < h->n ? &h->screen[i] : &h->app[i - h->n - 1];
    trm_action_keys(a, keys, sizeof keys);
    trm_pen_text(&pen, TRM_STYLE_KEY, keys);
    pen.x = pen.x < HELP_KEYS ? HELP_KEYS : pen.x + 1;
    trm_pen_text(&pen, TRM_STYLE_NORMAL, a->help);
}

int32_t trm_overlay_help(trm_canvas *c, const char *name, const trm_action *screen,
                         const trm_action *app, int32_t scroll) {
    const help h = {screen, app, trm_action_count(screen)};
    trm_list l = {.count = h.n + 1 + trm_action_count(app),
                  .selected = -1,
                  .first = scroll,
                  .row = help_row,
                  .ctx = &h};
    char title[64];
    trm_text_format(title, sizeof title, "%s: keys", name);
    const trm_rect r = open_box(c, l.count + 2, HELP_WIDTH, title), in = trm_rect_inset(r, 1, 2);
    l.first = trm_list_first(&l, in.h);
    trm_list_draw(c, in, &l);
    trm_canvas_print(c, r.y + r.h - 1, r.x + 2, r.w - 4, TRM_STYLE_DIM, "%s",
                     l.count <= in.h            ? " Esc closes "
                     : l.first < l.count - in.h ? " Down: more  Esc closes "
                                                : " Up: back  Esc closes ");
    return l.first;
}

void trm_overlay_question(trm_canvas *c, const char *question) {
    const trm_rect r = open_box(c, 5, trm_text_columns(question) + 14, "");
    trm_pen pen = trm_pen_on(c, trm_rect_inset(r, 2, 3));
    trm_pen_text(&pen, TRM_STYLE_STRONG, question);
    trm_pen_gap(&pen, 2);
    trm_pen_text(&pen, TRM_STYLE_SELECTED, " y/n ");
}

void trm_overlay_prompt(trm_canvas *c, int32_t y, const char *label, const char *typed) {
    trm_pen pen = trm_pen_on(c, (trm_rect){y, 0, 1, c->cols});
    trm_canvas_clear_rect(c, pen.r);
    trm_pen_print(&pen, TRM_STYLE_STRONG, " %s: ", label);
    while (*typed != 0 && trm_text_columns(typed) > trm_pen_room(&pen) - 1)
        trm_utf8_next(&typed);
    trm_pen_text(&pen, TRM_STYLE_NORMAL, typed);
    trm_pen_put(&pen, TRM_STYLE_SELECTED, ' ');
}
