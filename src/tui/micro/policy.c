// SPDX-License-Identifier: Apache-2.0
#include "tui/micro/policy.h"

#include <math.h>
#include <string.h>

#include "trm/base/text.h"

enum { MOST_DIGITS = 16 };

void trm_probability_text(float p, char out[8]) {
    if (isnan(p))
        trm_text_copy(out, 8, "-");
    else if (p >= 0.995f)
        trm_text_copy(out, 8, "1.0");
    else
        trm_text_format(out, 8, ".%02d", (int)lrintf(p * 100.0f));
}

// Told by weight, and by the number below.
static trm_style confidence(float p) {
    return p >= 0.9f ? TRM_STYLE_STRONG : p >= 0.5f ? TRM_STYLE_NORMAL : TRM_STYLE_DIM;
}

// The arrow beside the agent, or alone. Where the arrow is another than at the cycle before, it has
// an apostrophe.
static void add_arrow(const trm_look *look, const trm_policy_view *v, int32_t cell,
                      trm_cell_mark *m) {
    const trm_policy_map *map = v->map;
    const int32_t at = v->cycle * map->cells + cell, action = map->action[at];
    if (action < 0)
        return;
    if (v->board->cells[cell].kind == TRM_CELL_AGENT) {
        m->before = 0x25CF;
        m->before_style = TRM_STYLE_AGENT;
    }
    const char *glyph = trm_scope_glyph(v->scope, action, look);
    m->ch = glyph[0] != 0 ? trm_utf8_next(&glyph) : (uint32_t)v->scope->names[action][0];
    m->style = m->before != 0 ? TRM_STYLE_AGENT : confidence(map->prob[at]);
    trm_probability_text(map->prob[at], m->below);
    m->below_style = TRM_STYLE_DIM;
    const int32_t before = v->cycle > 0 ? map->action[at - map->cells] : -1;
    if (before >= 0 && before != action) {
        m->after = '\'';
        m->after_style = TRM_STYLE_ACCENT;
    }
}

static const float *probabilities(const trm_policy_view *v) {
    const bool read = v->trace != NULL && v->cycle >= v->shape->first_logits;
    return read ? trm_trace_probs(v->shape, v->trace, v->cycle) : NULL;
}

// The likeliest digit of each empty cell; what the model would do has a star.
static void add_digits(const trm_policy_view *v) {
    const float *p = probabilities(v);
    const int32_t n = v->board->rows * v->board->cols;
    const int32_t decision = trm_trace_best(v->shape, v->trace, v->cycle, v->open);
    float best[TRM_BOARD_MAX * TRM_BOARD_MAX];
    for (int32_t i = 0; i < n; i++)
        best[i] = -1.0f;
    for (int32_t a = 0; p != NULL && a < v->shape->actions; a++) {
        const trm_placement at = trm_env_placement(v->scope->env, v->state, a);
        if (at.cell < 0 || at.cell >= n || !(p[a] > best[at.cell]))
            continue;
        trm_cell_mark *m = &v->marks[at.cell];
        best[at.cell] = p[a];
        if (v->board->cells[at.cell].digit == 0) {
            m->ch = trm_mark_digit(at.digit);
            m->style = confidence(p[a]);
        }
        if (a == decision) {
            m->after = '*';
            m->style = m->after_style = TRM_STYLE_AGENT;
        }
        trm_probability_text(p[a], m->below);
        m->below_style = TRM_STYLE_DIM;
    }
}

static bool is_maze(const trm_policy_view *v) {
    return v->map != NULL && v->map->cells > 0;
}

static bool same_cell(const trm_cell *a, const trm_cell *b) {
    return a->kind == b->kind && a->digit == b->digit;
}

static trm_cell_mark mark_at(const void *ctx, int32_t cell) {
    return ((const trm_policy_view *)ctx)->marks[cell];
}

trm_board_view trm_policy_board(const trm_policy_view *v) {
    trm_board_view b = trm_board_view_of(v->board, mark_at, v);
    b.cursor = v->cell;
    b.wide = true;
    return b;
}

trm_rect trm_policy_draw(trm_canvas *c, trm_rect r, const trm_policy_view *v) {
    const int32_t n = v->board->rows * v->board->cols;
    const trm_board_view board = trm_policy_board(v);
    for (int32_t i = 0; i < n; i++) {
        v->marks[i] = trm_mark_of(&v->board->cells[i]);
        v->marks[i].piece = 0; // signs of one size: arrows will stand beside them
        if (is_maze(v) && v->cycle < v->map->cycles)
            add_arrow(&c->look, v, i, &v->marks[i]);
    }
    if (!is_maze(v))
        add_digits(v);
    for (int32_t i = 0; v->before != NULL && i < n; i++)
        if (!same_cell(&v->board->cells[i], &v->before->cells[i])) {
            v->marks[i].before = '>';
            v->marks[i].before_style = TRM_STYLE_ACCENT;
        }
    return trm_board_draw(c, r, &board);
}

// The arrow of one cycle and its probability; "" where there is none.
static void arrow_text(const trm_canvas *c, const trm_policy_view *v, int32_t k, char out[40]) {
    const trm_policy_map *map = v->map;
    const int32_t at = k * map->cells + v->cell, action = map->action[at];
    char p[8];
    out[0] = 0;
    if (action < 0)
        return;
    trm_probability_text(map->prob[at], p);
    const char *glyph = trm_scope_glyph(v->scope, action, &c->look);
    trm_text_format(out, 40, "%s%s ", glyph[0] != 0 ? glyph : v->scope->names[action], p);
}

// Where there is not room for all cycles, those up to the selected one.
static void cell_of_maze(trm_canvas *c, trm_rect r, const trm_policy_view *v) {
    const trm_policy_map *map = v->map;
    char text[40];
    int32_t x = 0, first = v->cycle < map->cycles ? v->cycle : map->cycles - 1;
    for (int32_t w = 0; first >= 0; first--) {
        arrow_text(c, v, first, text);
        w += trm_text_columns(text);
        if (w > r.w + 1) // the last blank is not needed
            break;
    }
    for (int32_t k = first + 1; k < map->cycles; k++) {
        arrow_text(c, v, k, text);
        if (x + trm_text_columns(text) > r.w + 1)
            break;
        x += trm_canvas_text(c, r.y, r.x + x, r.w - x,
                             k == v->cycle ? TRM_STYLE_STRONG : TRM_STYLE_DIM, text);
    }
    if (x == 0 && map->done == map->cells)
        trm_canvas_text(c, r.y, r.x, r.w, TRM_STYLE_DIM, "not for the agent");
}

// The digits that actions place in the cell, likeliest first.
static int32_t digits_of(const trm_policy_view *v, const float *p, int32_t *out) {
    int32_t count = 0;
    for (int32_t a = 0; a < v->shape->actions; a++) {
        if (trm_env_placement(v->scope->env, v->state, a).cell != v->cell)
            continue;
        int32_t at = count < MOST_DIGITS ? count++ : MOST_DIGITS - 1;
        for (; at > 0 && p[a] > p[out[at - 1]]; at--)
            out[at] = out[at - 1];
        out[at] = a;
    }
    return count;
}

static void cell_of_sudoku(trm_canvas *c, trm_rect r, const trm_policy_view *v) {
    const float *p = probabilities(v);
    const int32_t decision = trm_trace_best(v->shape, v->trace, v->cycle, v->open);
    int32_t order[MOST_DIGITS], x = 0;
    const int32_t n = p != NULL ? digits_of(v, p, order) : 0;
    for (int32_t i = 0; i < n; i++) {
        char number[8], text[24];
        const int32_t a = order[i];
        trm_probability_text(p[a], number);
        trm_text_format(text, sizeof text, "%d:%s ",
                        trm_env_placement(v->scope->env, v->state, a).digit, number);
        if (x + trm_text_columns(text) - 1 > r.w)
            break;
        x += trm_canvas_text(c, r.y, r.x + x, r.w - x,
                             a == decision ? TRM_STYLE_STRONG : TRM_STYLE_NORMAL, text);
    }
    if (x == 0 && p != NULL)
        trm_canvas_text(c, r.y, r.x, r.w, TRM_STYLE_DIM, "nothing is placed here");
}

void trm_policy_draw_cell(trm_canvas *c, trm_rect r, const trm_policy_view *v) {
    const int32_t x = trm_canvas_print(c, r.y, r.x, r.w, TRM_STYLE_DIM, "r%dc%d ",
                                       v->cell / v->board->cols + 1, v->cell % v->board->cols + 1);
    (is_maze(v) ? cell_of_maze : cell_of_sudoku)(c, (trm_rect){r.y, r.x + x, 1, r.w - x}, v);
}
