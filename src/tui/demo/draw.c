// SPDX-License-Identifier: Apache-2.0
// Draws the start screen, from 20x5 on: two boards side by side, one, or what is said about them.
#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/demo/demo.h"
#include "tui/widgets/bars.h"
#include "tui/widgets/marks.h"
#include "tui/widgets/title.h"

enum {
    GAP = 2,
    PAIR = 62,
    BOARDS = 11,
    STORY = 4,
    STORY_LEAST = 2,
    CAPTION = 2,
    ROOMY = 16,
    ALONE = 4
};

typedef struct layout {
    trm_rect acts[TRM_DEMO_ACTS]; // w 0: not there
    trm_rect story;               // h 0: not there
    bool boards;
} layout;

static layout layout_of(const trm_demo *d, trm_rect area) {
    layout l = {0};
    if (area.h > 4)
        trm_rect_top(&area, 1, 0); // the title
    l.boards = area.h >= BOARDS;
    const int32_t story = trm_clamp(area.h - ROOMY - 2, 0, STORY);
    if (story >= STORY_LEAST)
        l.story = trm_rect_inset(trm_rect_bottom(&area, story, 1), 0, 1);
    l.acts[d->focus] = area;
    if (!l.boards && area.w < PAIR && area.h >= 2 * ALONE) { // one above the other
        l.acts[0] = trm_rect_top(&area, area.h / 2, 0);
        l.acts[1] = area;
    } else if (area.w >= PAIR) {
        l.acts[0] = trm_rect_left(&area, (area.w - GAP) / 2, GAP);
        l.acts[1] = area;
    }
    return l;
}

// ---- a board ------------------------------------------------------------------------------------

typedef struct cells {
    const trm_act *a;
    const trm_look *look;
    trm_answer_marks answers; // sudoku
    int32_t classes[TRM_ACT_CELLS], before[TRM_ACT_CELLS];
    bool way[TRM_ACT_CELLS], trail[TRM_ACT_CELLS]; // maze
    int32_t agent;
} cells;

static bool thinks(const trm_act *a) {
    return a->known && a->step >= 0;
}

static void take_answers(cells *k) {
    const trm_act *a = k->a;
    k->answers = (trm_answer_marks){.set = &a->set, .board = &a->board};
    if (!thinks(a))
        return;
    for (int32_t i = 0; i < a->cells; i++) {
        k->classes[i] = trm_dataset_class(&a->set, a->answer[a->step][i]);
        k->before[i] = a->step > 0 ? trm_dataset_class(&a->set, a->answer[a->step - 1][i]) : -1;
    }
    k->answers.classes = k->classes;
    k->answers.before = a->step > 0 ? k->before : NULL;
    k->answers.truth = a->set.targets;
    k->answers.shade = a->sure[a->step];
}

static void take_way(cells *k) {
    const trm_act *a = k->a;
    k->agent = a->start;
    for (int32_t i = 0; thinks(a) && a->step >= a->last && i < a->way_length; i++) {
        k->way[a->way[i]] = true;
        k->trail[a->way[i]] = i < a->walked;
    }
    if (a->walked > 0)
        k->agent = a->way[a->walked];
}

static trm_cell_mark answer_mark(const cells *k, int32_t i) {
    trm_cell_mark m = trm_answer_mark(&k->answers, i);
    if (thinks(k->a) && k->a->asked[i]) {
        trm_probability_text(k->a->sure[k->a->step][i], m.below);
        m.below_style = TRM_STYLE_DIM;
    }
    return m;
}

// The way from a cell: where the model is wrong it has a cross, where it has turned an apostrophe.
static trm_cell_mark arrow_mark(const cells *k, int32_t i) {
    const trm_act *a = k->a;
    trm_cell_mark m = trm_mark_of(&a->board.cells[i]);
    if (i == k->agent)
        m = trm_mark_of(&(trm_cell){.kind = TRM_CELL_AGENT});
    else if (i == a->start)
        m = trm_mark_of(&(trm_cell){.kind = TRM_CELL_EMPTY});
    m.piece = 0;
    const int32_t action = thinks(a) && a->asked[i] ? a->answer[a->step][i] : -1;
    if (action < 0 || (i == k->agent && a->walked > 0))
        return m;
    const char *glyph = trm_env_action_glyph(a->env, action, k->look->glyphs == TRM_GLYPHS_ASCII);
    const bool wrong = !a->right[a->step][i];
    if (i == k->agent) {
        m.before = m.ch;
        m.before_style = m.style;
    }
    m.ch = trm_utf8_next(&glyph);
    m.style = wrong         ? TRM_STYLE_BAD
              : k->trail[i] ? TRM_STYLE_TRAIL
              : k->way[i]   ? TRM_STYLE_STRONG
                            : TRM_STYLE_FLOOR;
    if (!wrong && a->step < a->last)
        m.style = a->sure[a->step][i] >= 0.9f ? TRM_STYLE_NORMAL : TRM_STYLE_DIM;
    const bool turned = a->step > 0 && a->answer[a->step - 1][i] != action;
    m.after = wrong ? 0x00D7 : turned ? '\'' : 0;
    m.after_style = wrong ? TRM_STYLE_BAD : TRM_STYLE_ACCENT;
    return m;
}

static trm_cell_mark mark_at(const void *ctx, int32_t i) {
    const cells *k = ctx;
    return k->a->maze ? arrow_mark(k, i) : answer_mark(k, i);
}

static void draw_board(trm_canvas *c, trm_rect r, const trm_act *a) {
    cells k = {.a = a, .look = &c->look};
    (a->maze ? take_way : take_answers)(&k);
    trm_board_view v = trm_board_view_of(&a->board, mark_at, &k);
    v.focus = k.agent;
    v.wide = !a->maze;
    v.frame = r.h >= a->board.rows + 2 + (a->maze ? 0 : 2);
    trm_board_draw(c, r, &v);
}

// ---- what is said about it ----------------------------------------------------------------------

static int32_t step_words(const trm_act *a, int32_t k, char out[32]) {
    return (int32_t)trm_text_format(out, 32, k == a->step ? " %d:%d " : " %d:%d", k + 1,
                                    a->steps[k].wrong);
}

// "wrong  1:15  2:12  3:9": after every step up to the one in sight, the newest where not all fit.
static void show_steps(trm_pen *pen, const trm_act *a) {
    char text[32];
    trm_pen_print(pen, TRM_STYLE_DIM, "%s: wrong ", trm_words_of_trace(&a->shape)->cycle);
    int32_t first = a->step, room = trm_pen_room(pen);
    while (thinks(a) && first >= 0 && (room -= step_words(a, first, text)) >= 0)
        first--;
    for (int32_t k = first + 1; thinks(a) && k <= a->step; k++) {
        step_words(a, k, text);
        trm_pen_text(pen, k == a->step ? TRM_STYLE_SELECTED : TRM_STYLE_NORMAL, text);
    }
    trm_pen_end(pen);
}

static void draw_act(trm_canvas *c, trm_rect r, const trm_demo *d, int32_t i, bool board) {
    const trm_act *a = &d->acts[i];
    char caption[160], size[32], count[32], name[40];
    trm_text_format(size, sizeof size, "%s parameters",
                    trm_text_thousands(count, trm_model_params_const(a->model)->total));
    trm_text_format(name, sizeof name, "%s %s", a->maze ? "maze" : "sudoku", a->title);
    trm_act_caption(a, caption, sizeof caption);
    r = trm_panel(c, r, name, d->focus == i, TRM_WORDS(a->name, size));
    if (board) {
        trm_rect lower = trm_rect_bottom(&r, 1 + trm_clamp(r.h - BOARDS - 1, 1, CAPTION), 0);
        draw_board(c, r, a);
        r = lower;
    }
    trm_pen pen = trm_pen_on(c, trm_rect_inset(r, 0, r.w > 30 ? 1 : 0));
    if (board)
        show_steps(&pen, a);
    trm_pen_wrap(&pen, TRM_STYLE_STRONG, caption);
    if (!board && pen.r.h > 0)
        show_steps(&pen, a);
}

static void draw_story(trm_canvas *c, trm_rect r) {
    static const struct {
        const char *key, *text;
    } lines[] = {
        {NULL, "A tiny recursive model answers, reads its own answer, and answers again: the same "
               "few weights at every step."},
        {"Enter", "train one from nothing: right within seconds"},
        {"m w p", "look inside a step, change something and see, play the board yourself"},
        {"t i", "a tour of ten stops; what the panel in focus shows"},
    };
    trm_pen pen = trm_pen_on(c, r);
    const int32_t n = sizeof lines / sizeof *lines;
    for (int32_t i = 0; i < n; i++) {
        if (lines[i].key == NULL) {
            if (r.h < n || trm_text_columns(lines[i].text) > r.w)
                trm_pen_line(&pen, TRM_STYLE_STRONG,
                             "The same few weights, step after step, until "
                             "the answer is right.");
            else
                trm_pen_line(&pen, TRM_STYLE_STRONG, "%s", lines[i].text);
            continue;
        }
        trm_pen_print(&pen, TRM_STYLE_KEY, "%-6s", lines[i].key);
        trm_pen_line(&pen, TRM_STYLE_NORMAL, "%s", lines[i].text);
    }
}

void trm_demo_draw(trm_canvas *c, const void *demo) {
    const trm_demo *d = demo;
    const layout l = layout_of(d, trm_canvas_area(c));
    if (trm_canvas_area(c).h > 4)
        trm_title_draw(c, &(trm_title){.name = "trm",
                                       .about = {{"two models think", TRM_STYLE_STRONG},
                                                 {"about boards they never saw", TRM_STYLE_NORMAL}},
                                       .state = {{d->paused ? "paused" : "", TRM_STYLE_SELECTED}}});
    for (int32_t i = 0; i < TRM_DEMO_ACTS; i++)
        if (l.acts[i].w > 0)
            draw_act(c, l.acts[i], d, i, l.boards);
    if (l.story.h > 0)
        draw_story(c, l.story);
}

void trm_demo_click(void *demo, int32_t y, int32_t x) {
    trm_demo *d = demo;
    const layout l = layout_of(d, trm_app_area(d->app));
    for (int32_t i = 0; i < TRM_DEMO_ACTS; i++)
        if (trm_rect_has(l.acts[i], y, x))
            d->focus = i;
}
