// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/policy.h"

#include <math.h>
#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "tui/canvas/pen.h"

enum { MOST_DIGITS = 16 };

// Told by weight, and by the number below; what an action is worth says nothing of it.
static trm_style confidence(const trm_policy_view *v, float p) {
    return v->reading.shape->q_values ? TRM_STYLE_NORMAL
           : p >= 0.9f                ? TRM_STYLE_STRONG
           : p >= 0.5f                ? TRM_STYLE_NORMAL
                                      : TRM_STYLE_DIM;
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
    const char *name = v->name(v->names, action, look->glyphs == TRM_GLYPHS_ASCII);
    m->ch = trm_utf8_next(&name);
    m->style = m->before != 0 ? TRM_STYLE_AGENT : confidence(v, map->prob[at]);
    trm_probability_text(map->prob[at], m->below);
    m->below_style = TRM_STYLE_DIM;
    const int32_t before = v->cycle > 0 ? map->action[at - map->cells] : -1;
    if (before >= 0 && before != action) {
        m->after = '\'';
        m->after_style = TRM_STYLE_ACCENT;
    }
}

// Every action has a cell on a board that is as large as boards can be.
enum { MOST_ACTIONS = TRM_BOARD_MAX * TRM_BOARD_MAX };

// What stands beside every action at the cycle; false: the head does not read it.
static bool probabilities(const trm_policy_view *v, float p[MOST_ACTIONS]) {
    if (!trm_reading_known(&v->reading, v->cycle) || v->reading.shape->actions > MOST_ACTIONS)
        return false;
    trm_reading_shown_all(&v->reading, v->cycle, p);
    return true;
}

// Does an action come before another one of the same cell? Those that may be taken do.
static bool precedes(const trm_policy_view *v, const float *p, int32_t a, int32_t b) {
    const bool one = trm_reading_legal(&v->reading, a), two = trm_reading_legal(&v->reading, b);
    return one != two ? one : p[a] > p[b];
}

static void add_digit(const trm_policy_view *v, const float *p, int32_t a, int32_t decision) {
    const trm_placement at = trm_subject_placement(&v->subject, a);
    trm_cell_mark *m = &v->marks[at.cell];
    const bool legal = trm_reading_legal(&v->reading, a);
    if (v->board->cells[at.cell].digit == 0) {
        m->ch = trm_mark_digit(at.digit);
        m->style = legal ? confidence(v, p[a]) : TRM_STYLE_DIM;
    }
    if (a == decision) {
        m->after = '*';
        m->style = m->after_style = TRM_STYLE_AGENT;
    } else if (!legal) {
        m->after = 0x00D7;
        m->after_style = TRM_STYLE_DIM;
    }
    trm_probability_text(p[a], m->below);
    m->below_style = TRM_STYLE_DIM;
}

// The likeliest digit of each cell, of those that may be put there; what the model would do has a
// star, and a cell where nothing may be put a cross.
static void add_digits(const trm_policy_view *v) {
    float p[MOST_ACTIONS];
    int32_t best[TRM_BOARD_MAX * TRM_BOARD_MAX];
    const int32_t n = v->board->rows * v->board->cols;
    const int32_t decision = trm_reading_best(&v->reading, v->cycle);
    if (!probabilities(v, p))
        return;
    for (int32_t i = 0; i < n; i++)
        best[i] = -1;
    for (int32_t a = 0; a < v->reading.shape->actions; a++) {
        const trm_placement at = trm_subject_placement(&v->subject, a);
        if (at.cell >= 0 && at.cell < n && (best[at.cell] < 0 || precedes(v, p, a, best[at.cell])))
            best[at.cell] = a;
    }
    for (int32_t i = 0; i < n; i++)
        if (best[i] >= 0)
            add_digit(v, p, best[i], decision);
}

static bool is_sample(const trm_policy_view *v) {
    return v->subject.set != NULL;
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
    b.count = is_sample(v) ? trm_subject_cells(&v->subject) : 0;
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
    if (is_sample(v))
        trm_answer_cells(&v->subject, v->board, &v->reading, v->cycle, v->marks);
    else if (!is_maze(v))
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
    trm_text_format(out, 40, "%s%s ", v->name(v->names, action, c->look.glyphs == TRM_GLYPHS_ASCII),
                    p);
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
static int32_t digits_of(const trm_policy_view *v, int32_t cell, const float *p, int32_t *out) {
    int32_t count = 0;
    for (int32_t a = 0; a < v->reading.shape->actions; a++) {
        if (trm_subject_placement(&v->subject, a).cell != cell)
            continue;
        int32_t at = count < MOST_DIGITS ? count++ : MOST_DIGITS - 1;
        for (; at > 0 && precedes(v, p, a, out[at - 1]); at--)
            out[at] = out[at - 1];
        out[at] = a;
    }
    return count;
}

// Why an action may not be taken; "" where it may.
static const char *why_not(const trm_policy_view *v, int32_t action) {
    return trm_reading_legal(&v->reading, action)
               ? ""
               : trm_words_of_refusal(trm_env_refusal(v->subject.env, v->subject.state, action));
}

static void cell_of_sudoku(trm_canvas *c, trm_rect r, const trm_policy_view *v) {
    float p[MOST_ACTIONS];
    const int32_t decision = trm_reading_best(&v->reading, v->cycle);
    const bool known = probabilities(v, p);
    int32_t order[MOST_DIGITS], x = 0;
    const int32_t n = known ? digits_of(v, v->cell, p, order) : 0;
    if (n > 0 && why_not(v, order[0])[0] != 0) // none may be put here
        x = trm_canvas_print(c, r.y, r.x, r.w, TRM_STYLE_DIM, "%s ", why_not(v, order[0]));
    for (int32_t i = 0; i < n; i++) {
        char number[8], text[24];
        const int32_t a = order[i];
        const bool legal = trm_reading_legal(&v->reading, a);
        trm_probability_text(p[a], number);
        trm_text_format(text, sizeof text, "%d:%s%s ", trm_subject_placement(&v->subject, a).digit,
                        legal ? "" : "\u00D7", number);
        if (x + trm_text_columns(text) - 1 > r.w)
            break;
        x += trm_canvas_text(c, r.y, r.x + x, r.w - x,
                             a == decision ? TRM_STYLE_STRONG
                             : legal       ? TRM_STYLE_NORMAL
                                           : TRM_STYLE_DIM,
                             text);
    }
    if (n == 0 && known) // else it is asked from every cell, as mazes are
        trm_canvas_print(c, r.y, r.x, r.w, TRM_STYLE_DIM, "%s has no editor: no policy by cell",
                         trm_env_get_config(v->subject.env)->type);
}

// The classes of the cell, likeliest first; the right one stands out.
static void cell_of_sample(trm_canvas *c, trm_rect r, const trm_policy_view *v) {
    int32_t order[MOST_DIGITS], count;
    const int32_t first = trm_subject_choices(&v->subject, v->cell, &count);
    const int32_t right = trm_subject_target(&v->subject, v->cell);
    trm_pen pen = trm_pen_on(c, r);
    const int32_t n =
        trm_reading_list(&v->reading, v->cycle, count < MOST_DIGITS ? count : MOST_DIGITS, order);
    for (int32_t i = 0; i < n; i++) {
        char name[TRM_SUBJECT_NAME], number[8];
        trm_subject_choice_name(&v->subject, order[i], name);
        trm_probability_text(trm_reading_raw(&v->reading, v->cycle, order[i]), number);
        trm_pen_print(&pen,
                      order[i] - first == right ? TRM_STYLE_GOOD
                      : i == 0                  ? TRM_STYLE_STRONG
                                                : TRM_STYLE_DIM,
                      "%s:%s ", name, number);
    }
}

void trm_policy_draw_cell(trm_canvas *c, trm_rect r, const trm_policy_view *v) {
    char name[TRM_SUBJECT_NAME];
    trm_subject_cell_name(&v->subject, v->cell, name);
    const int32_t x = trm_canvas_print(c, r.y, r.x, r.w, TRM_STYLE_DIM, "%s ", name);
    (is_sample(v) ? cell_of_sample
     : is_maze(v) ? cell_of_maze
                  : cell_of_sudoku)(c, (trm_rect){r.y, r.x + x, 1, r.w - x}, v);
}

bool trm_policy_tell(const trm_policy_view *v, bool ascii, int32_t cell, char *out, int32_t size) {
    char name[TRM_SUBJECT_NAME];
    float p[MOST_ACTIONS];
    int32_t order[MOST_DIGITS];
    if (cell < 0 || cell >= v->board->rows * v->board->cols)
        return false;
    if (is_sample(v)) {
        trm_words_answer(&v->subject, &v->reading, cell, out, size);
        return true;
    }
    trm_subject_cell_name(&v->subject, cell, name);
    const int32_t at = is_maze(v) ? v->cycle * v->map->cells + cell : -1;
    if (at >= 0 && v->cycle < v->map->cycles && v->map->action[at] >= 0)
        trm_text_format(out, (size_t)size, "%s: %s %.2f", name,
                        v->name(v->names, v->map->action[at], ascii), (double)v->map->prob[at]);
    else if (at < 0 && probabilities(v, p) && digits_of(v, cell, p, order) > 0)
        trm_text_format(out, (size_t)size, "%s: %d %.2f%s%s", name,
                        trm_subject_placement(&v->subject, order[0]).digit, (double)p[order[0]],
                        why_not(v, order[0])[0] != 0 ? ", " : "", why_not(v, order[0]));
    else
        trm_text_copy(out, (size_t)size, name);
    return true;
}
