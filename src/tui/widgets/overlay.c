// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/overlay.h"

#include "trm/base/text.h"
#include "tui/layout.h"
#include "tui/pen.h"
#include "tui/widgets/table.h"

enum { HELP_KEYS = 16, HELP_WIDTH = 78, HELP_ROWS = 96 };

static trm_rect open_box(trm_canvas *c, int32_t h, int32_t w, const char *title) {
    const trm_rect r = trm_rect_centre((trm_rect){0, 0, c->rows, c->cols}, h, w);
    trm_canvas_clear_rect(c, r);
    trm_canvas_frame(c, r, TRM_STYLE_NORMAL);
    if (title[0] != 0 && r.w > 8)
        trm_canvas_print(c, r.y, r.x + 2, r.w - 4, TRM_STYLE_TITLE, " %s ", title);
    return r;
}

// Both tables, with a line between them, NULL.
typedef struct help {
    const trm_action *rows[HELP_ROWS];
    int32_t n;
} help;

static void add_rows(help *h, const trm_action *table, const void *self) {
    for (const trm_action *a = table; a->keys[0] != 0 && h->n < HELP_ROWS; a++)
        if (self == NULL || a->usable == NULL || a->usable(self))
            h->rows[h->n++] = a;
}

static int32_t text_column(const char *keys) {
    const int32_t w = trm_text_columns(keys);
    return w < HELP_KEYS ? HELP_KEYS : w + 1;
}

// Columns that the widest row takes.
static int32_t widest(const help *h) {
    int32_t most = 0;
    for (int32_t i = 0; i < h->n; i++) {
        char keys[80] = "";
        if (h->rows[i] == NULL)
            continue;
        trm_action_keys(h->rows[i], keys, sizeof keys);
        const int32_t w = text_column(keys) + trm_text_columns(h->rows[i]->help);
        most = w > most ? w : most;
    }
    return most;
}

static void help_row(trm_canvas *c, trm_rect r, const void *ctx, int32_t i) {
    const trm_action *a = ((const help *)ctx)->rows[i];
    char keys[80];
    trm_pen pen = trm_pen_on(c, r);
    if (a == NULL) {
        trm_pen_rule(&pen);
        return;
    }
    trm_action_keys(a, keys, sizeof keys);
    trm_pen_text(&pen, TRM_STYLE_KEY, keys);
    pen.x = text_column(keys);
    trm_pen_text(&pen, TRM_STYLE_NORMAL, a->help);
}

int32_t trm_overlay_help(trm_canvas *c, const char *name, const trm_action *screen,
                         const void *self, const trm_action *app, int32_t scroll) {
    help h = {.n = 0};
    add_rows(&h, screen, self);
    h.n += h.n < HELP_ROWS;
    add_rows(&h, app, NULL);
    trm_list l = {.count = h.n, .selected = -1, .first = scroll, .row = help_row, .ctx = &h};
    char title[64];
    const int32_t wide = widest(&h) + 4;
    trm_text_format(title, sizeof title, "%s: keys", name);
    const trm_rect r = open_box(c, l.count + 2, wide > HELP_WIDTH ? wide : HELP_WIDTH, title);
    const trm_rect in = trm_rect_inset(r, 1, 2);
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
