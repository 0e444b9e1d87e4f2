// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/overlay.h"

#include <string.h>

#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/widgets/table.h"

enum { HELP_KEYS = 16, HELP_LEAST = 40, HELP_GAP = 3, HELP_ROWS = 64, HELP_TEXT = 80 };

static trm_rect open_box(trm_canvas *c, int32_t h, int32_t w, const char *title) {
    const trm_rect r = trm_rect_centre((trm_rect){0, 0, c->rows, c->cols}, h, w);
    trm_canvas_clear_rect(c, r);
    trm_canvas_frame(c, r, TRM_STYLE_NORMAL);
    if (title[0] != 0 && r.w > 8)
        trm_canvas_print(c, r.y, r.x + 2, r.w - 4, TRM_STYLE_TITLE, " %s ", title);
    return r;
}

// Rows of both tables that have the filter's text in them; NULL: a line between the tables.
typedef struct help {
    const trm_action *rows[HELP_ROWS];
    int32_t count, width; // width: of the widest
} help;

// One column of it.
typedef struct column {
    const help *help;
    int32_t first;
} column;

static int32_t text_column(const char *keys) {
    const int32_t w = trm_text_columns(keys);
    return w < HELP_KEYS ? HELP_KEYS : w + 1;
}

static int32_t row_width(const trm_action *a, char keys[HELP_TEXT]) {
    trm_action_keys(a, keys, HELP_TEXT);
    return text_column(keys) + trm_text_columns(a->help);
}

// self: the screen, to leave out what means nothing on it now; NULL: nothing is left out.
static void add_rows(help *h, const trm_action *table, const void *self, const char *filter) {
    char keys[HELP_TEXT];
    for (const trm_action *a = table; a->keys[0] != 0 && h->count < HELP_ROWS; a++) {
        const int32_t w = row_width(a, keys);
        if (self && a->usable && !a->usable(self))
            continue;
        if (!strcasestr(a->help, filter) && !strcasestr(a->label, filter) &&
            !strcasestr(keys, filter))
            continue;
        h->rows[h->count++] = a;
        h->width = w > h->width ? w : h->width;
    }
}

static void help_row(trm_canvas *c, trm_rect r, const void *ctx, int32_t i) {
    const column *k = ctx;
    const trm_action *a = k->help->rows[k->first + i];
    char keys[HELP_TEXT];
    trm_pen pen = trm_pen_on(c, r);
    if (a == NULL) {
        trm_pen_rule(&pen);
        return;
    }
    trm_action_keys(a, keys, sizeof keys);
    trm_pen_text(&pen, TRM_STYLE_KEY, keys);
    pen.x = pen.x < HELP_KEYS ? HELP_KEYS : pen.x + 1;
    trm_pen_text(&pen, TRM_STYLE_NORMAL, a->help);
}

int32_t trm_overlay_help(trm_canvas *c, const char *name, const trm_action *screen,
                         const void *self, const trm_action *app, const char *filter,
                         int32_t scroll) {
    help h = {.width = HELP_LEAST};
    add_rows(&h, screen, self, filter);
    if (h.count > 0 && h.count < HELP_ROWS)
        h.rows[h.count++] = NULL;
    add_rows(&h, app, NULL, filter);
    // Two columns where one is too long and there is room beside it.
    const bool two = h.count > c->rows - 2 && c->cols >= 2 * h.width + HELP_GAP + 4;
    const int32_t n = two ? (h.count + 1) / 2 : h.count;
    char title[64];
    trm_text_format(title, sizeof title, "%s: keys", name);
    const trm_rect r =
        open_box(c, n + 2, (two ? 2 : 1) * h.width + (two ? HELP_GAP : 0) + 4, title);
    trm_rect in = trm_rect_inset(r, 1, 2);
    int32_t first = 0;
    for (int32_t k = 0; k < (two ? 2 : 1); k++) {
        const column of = {&h, k * n};
        trm_list l = {.count = k == 0 ? n : h.count - n,
                      .selected = -1,
                      .first = scroll,
                      .row = help_row,
                      .ctx = &of};
        l.first = trm_list_first(&l, in.h);
        first = k == 0 ? l.first : first;
        trm_list_draw(c, two ? trm_rect_left(&in, h.width, HELP_GAP) : in, &l);
    }
    trm_canvas_print(c, r.y + r.h - 1, r.x + 2, r.w - 4, TRM_STYLE_DIM, " %s/%s  Esc closes ",
                     n <= in.h          ? ""
                     : first < n - in.h ? "Down: more  "
                                        : "Up: back  ",
                     filter[0] != 0 ? filter : " finds");
    return first;
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
