// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/overlay.h"

#include "trm/base/text.h"

enum { HELP_KEYS = 17, HELP_WIDTH = 76 };

static trm_rect centred(const trm_canvas *c, int32_t h, int32_t w) {
    h = h < c->rows ? h : c->rows;
    w = w < c->cols ? w : c->cols;
    return (trm_rect){(c->rows - h) / 2, (c->cols - w) / 2, h, w};
}

static void open_box(trm_canvas *c, trm_rect r, const char *title) {
    trm_canvas_clear_rect(c, r);
    trm_canvas_frame(c, r, TRM_STYLE_NORMAL);
    if (title[0] != 0 && r.w > 8)
        trm_canvas_print(c, r.y, r.x + 2, r.w - 4, TRM_STYLE_TITLE, " %s ", title);
}

static void help_line(trm_canvas *c, trm_rect r, int32_t y, const trm_action *a) {
    char keys[80];
    trm_action_keys(a, keys, sizeof keys);
    const int32_t left = HELP_KEYS < r.w - 6 ? HELP_KEYS : r.w - 6;
    trm_canvas_text(c, y, r.x + 3, left, TRM_STYLE_KEY, keys);
    trm_canvas_text(c, y, r.x + 3 + left, r.w - left - 5, TRM_STYLE_NORMAL, a->help);
}

int32_t trm_overlay_help(trm_canvas *c, const char *name, const trm_action *screen, int32_t n,
                         const trm_action *app, int32_t m, int32_t scroll) {
    const int32_t lines = n + 1 + m;
    char title[64];
    trm_text_format(title, sizeof title, "%s: keys", name);
    const trm_rect r = centred(c, lines + 2, HELP_WIDTH);
    open_box(c, r, title);
    const int32_t room = r.h - 2;
    const int32_t most = lines > room ? lines - room : 0;
    scroll = scroll < most ? scroll : most;
    for (int32_t i = 0; i < room && scroll + i < lines; i++) {
        const int32_t k = scroll + i;
        if (k < n)
            help_line(c, r, r.y + 1 + i, &screen[k]);
        else if (k > n)
            help_line(c, r, r.y + 1 + i, &app[k - n - 1]);
        else
            trm_canvas_repeat(c, r.y + 1 + i, r.x + 3, r.w - 6, 0x2500, TRM_STYLE_RULE);
    }
    trm_canvas_print(c, r.y + r.h - 1, r.x + 2, r.w - 4, TRM_STYLE_DIM, "%s",
                     most == 0       ? " Esc closes "
                     : scroll < most ? " Down: more  Esc closes "
                                     : " Up: back  Esc closes ");
    return scroll;
}

void trm_overlay_question(trm_canvas *c, const char *question) {
    const int32_t w = trm_text_columns(question) + 14;
    const trm_rect r = centred(c, 5, w);
    open_box(c, r, "");
    int32_t x = r.x + 3;
    x += trm_canvas_text(c, r.y + 2, x, r.w - 10, TRM_STYLE_STRONG, question) + 2;
    trm_canvas_text(c, r.y + 2, x, 5, TRM_STYLE_SELECTED, " y/n ");
}

void trm_overlay_prompt(trm_canvas *c, int32_t y, const char *label, const char *typed) {
    trm_canvas_clear_rect(c, (trm_rect){y, 0, 1, c->cols});
    int32_t x = 1 + trm_canvas_text(c, y, 1, c->cols - 1, TRM_STYLE_STRONG, label);
    x += trm_canvas_text(c, y, x, c->cols - x, TRM_STYLE_STRONG, ": ");
    const int32_t room = c->cols - x - 1;
    while (*typed != 0 && trm_text_columns(typed) > room)
        trm_utf8_next(&typed);
    x += trm_canvas_text(c, y, x, room, TRM_STYLE_NORMAL, typed);
    trm_canvas_put(c, y, x, ' ', TRM_STYLE_SELECTED);
}
