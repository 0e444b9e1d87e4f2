// SPDX-License-Identifier: Apache-2.0
#include "tui/versus/draw.h"

#include <string.h>

#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/widgets/title.h"

enum { GAP = 2, TABLE = 8, TABLE_MOST = 20, STEP_ROWS = 2, LINE_NAME = 7, FRAME = 5 };

// The table of cycles shrinks first, so that the whole board is in sight.
trm_versus_layout trm_versus_layout_of(const trm_versus *v, trm_rect area) {
    const int32_t least = v->sides[0].seen.rows + v->sides[0].seen.rows / 4 + 2;
    const int32_t actions = v->kind->choices(v);
    const int32_t table = actions + 1 < TABLE ? actions + 1 : (area.h + 1) / 3;
    trm_versus_layout l = {0};
    trm_rect_top(&area, 1, 0); // the title
    l.line = trm_rect_inset(trm_rect_bottom(&area, 1, 0), 0, 1);
    l.sentence = trm_rect_inset(trm_rect_bottom(&area, 1, 0), 0, 1);
    const int32_t text = STEP_ROWS + trm_clamp(table, 0, TABLE_MOST);
    const int32_t rows = trm_clamp(area.h - 1 - least, STEP_ROWS + 2, text);
    const int32_t half = (area.w - GAP) / 2;
    for (int32_t i = 0; i < 2; i++) {
        l.sides[i] = trm_rect_left(&area, half, GAP);
        l.texts[i] = trm_rect_bottom(&l.sides[i], rows, 0);
    }
    return l;
}

// ---- the time line: a column a step, or a few steps a column

static int32_t line_room(const trm_versus *v, trm_rect line) {
    const int32_t w = line.w - LINE_NAME, n = trm_versus_length(v);
    return n < w ? n : w;
}

// First step of a column.
static int32_t step_of(const trm_versus *v, int32_t column, int32_t columns) {
    return (int32_t)((int64_t)column * trm_versus_length(v) / columns);
}

int32_t trm_versus_time_at(const trm_versus *v, trm_rect line, int32_t y, int32_t x) {
    const int32_t columns = line_room(v, line), column = x - line.x - LINE_NAME;
    if (y != line.y || column < 0 || column >= columns)
        return -1;
    return step_of(v, column, columns);
}

static void draw_line(trm_canvas *c, trm_rect line, const trm_versus *v) {
    const int32_t columns = line_room(v, line);
    char name[16];
    trm_pen pen = trm_pen_on(c, line);
    trm_text_format(name, sizeof name, "%ss", v->kind->word(v));
    trm_pen_print(&pen, TRM_STYLE_DIM, "%-*s", LINE_NAME, name);
    for (int32_t k = 0; k < columns; k++) {
        const int32_t from = step_of(v, k, columns), to = step_of(v, k + 1, columns);
        bool differs = false, here = false;
        for (int32_t t = from; t < to || t == from; t++) {
            differs |= v->kind->differs(v, t);
            here |= t == v->t;
        }
        trm_pen_put(&pen,
                    here      ? TRM_STYLE_SELECTED
                    : differs ? TRM_STYLE_BAD
                              : TRM_STYLE_FLOOR,
                    differs ? 'x' : 0x00B7);
    }
}

// ---- one side

// Of a path that is too long the end, from the beginning of a part.
static const char *short_name(const char *name, int32_t room) {
    const char *end = name;
    while (trm_text_columns(end) > room && strchr(end, '/') != NULL)
        end = strchr(end, '/') + 1;
    return end[0] != 0 ? end : name;
}

static void draw_side(trm_canvas *c, const trm_versus_layout *l, const trm_versus *v,
                      int32_t side) {
    const char *name = short_name(v->setup.names[side], l->sides[side].w - FRAME);
    v->kind->board(c, trm_panel(c, l->sides[side], name, false, NULL), v, side);
    v->kind->text(c, l->texts[side], v, side);
}

static void draw_title(trm_canvas *c, const trm_versus *v) {
    char what[96], number[128], step[96], part[48] = "alike";
    const int32_t first = v->kind->first(v);
    v->kind->title(v, what, number);
    if (v->kind->busy(v))
        trm_text_copy(part, sizeof part, trm_versus_is_game(v) ? "they play …" : "…");
    if (first >= 0)
        trm_text_format(part, sizeof part, "they part at %d", first + 1);
    trm_text_format(step, sizeof step, "%s %d of %d", v->kind->word(v), v->t + 1,
                    trm_versus_length(v));
    trm_title_draw(c, &(trm_title){.name = "trm versus",
                                   .about = {{what, TRM_STYLE_STRONG}, {number, TRM_STYLE_NORMAL}},
                                   .state = {{part, TRM_STYLE_NORMAL}, {step, TRM_STYLE_STRONG}}});
}

void trm_versus_draw(trm_canvas *c, const void *versus) {
    const trm_versus *v = versus;
    const trm_versus_layout l = trm_versus_layout_of(v, trm_canvas_area(c));
    char text[160];
    draw_title(c, v);
    draw_side(c, &l, v, 0);
    draw_side(c, &l, v, 1);
    v->kind->sentence(v, text, sizeof text);
    trm_canvas_sentence(c, l.sentence.y, l.sentence.x, l.sentence.w, TRM_STYLE_STRONG, text);
    draw_line(c, l.line, v);
}
