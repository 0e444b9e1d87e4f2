// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/marks.h"

#include <math.h>
#include <stddef.h>

#include "tui/widgets/decisions.h"

enum {
    AGENT = 0x25CF,
    GOAL = 0x25C6,
    WALL = 0x2588,
    BLOCK = 0x2588,
    FLOOR = 0x00B7,
    TRAIL = 0x2022
};
enum { WRONG = 0x00D7, MOST_DIGIT_ROWS = 3 };

uint32_t trm_mark_digit(int32_t digit) {
    return (uint32_t)(digit < 10 ? '0' + digit : 'A' + digit - 10);
}

static trm_style digit_style(const trm_cell *cell) {
    return cell->conflict                 ? TRM_STYLE_BAD
           : cell->kind == TRM_CELL_GIVEN ? TRM_STYLE_STRONG
                                          : TRM_STYLE_ACCENT;
}

trm_cell_mark trm_mark_of(const trm_cell *cell) {
    if (cell->digit > 0)
        return (trm_cell_mark){.ch = trm_mark_digit(cell->digit),
                               .style = digit_style(cell),
                               .after = cell->conflict ? '!' : 0,
                               .after_style = TRM_STYLE_BAD};
    if (cell->kind == TRM_CELL_WALL)
        return (trm_cell_mark){.ch = WALL, .style = TRM_STYLE_WALL, .fill = true};
    if (cell->kind == TRM_CELL_GOAL)
        return (trm_cell_mark){.ch = GOAL, .style = TRM_STYLE_GOAL, .piece = GOAL};
    if (cell->kind == TRM_CELL_AGENT)
        return (trm_cell_mark){.ch = AGENT, .style = TRM_STYLE_AGENT, .piece = BLOCK};
    return (trm_cell_mark){.ch = FLOOR, .style = TRM_STYLE_FLOOR};
}

trm_board_view trm_board_view_of(const trm_board *b, trm_cell_mark (*mark)(const void *, int32_t),
                                 const void *ctx) {
    return (trm_board_view){.rows = b->rows,
                            .cols = b->cols,
                            .box_rows = b->box_rows,
                            .box_cols = b->box_cols,
                            .cursor = -1,
                            .focus = -1,
                            .frame = true,
                            .mark = mark,
                            .ctx = ctx};
}

trm_cell_mark trm_board_mark(const void *board_marks, int32_t i) {
    static const struct {
        uint32_t ch;
        trm_style style;
    } tints[TRM_TINTS] = {
        [TRM_TINT_SAME] = {'\'', TRM_STYLE_TITLE}, [TRM_TINT_CONFLICT] = {'!', TRM_STYLE_BAD},
        [TRM_TINT_TRIED] = {'!', TRM_STYLE_BAD},   [TRM_TINT_HINT] = {'<', TRM_STYLE_GOAL},
        [TRM_TINT_MODEL] = {'*', TRM_STYLE_AGENT},
    };
    const trm_board_marks *k = board_marks;
    const trm_cell *cell = &k->board->cells[i];
    const trm_tint tint = k->tints != NULL ? (trm_tint)k->tints[i] : TRM_TINT_NONE;
    trm_cell_mark m = trm_mark_of(cell);
    if (cell->digit == 0 && tint == TRM_TINT_TRIED)
        m.ch = trm_mark_digit(k->tried);
    else if (cell->digit == 0 && k->notes != NULL)
        m.notes = k->notes[i];
    if (tint == TRM_TINT_CONFLICT || tint == TRM_TINT_TRIED)
        m.style = TRM_STYLE_BAD;
    if (tint != TRM_TINT_NONE) {
        m.after = tints[tint].ch;
        m.after_style = tints[tint].style;
    }
    if (m.ch == FLOOR && k->visits != NULL && k->visits[i] > 0) {
        m.ch = TRAIL;
        m.style = TRM_STYLE_TRAIL;
    }
    return m;
}

int32_t trm_board_agent(const trm_board *b) {
    for (int32_t i = 0; i < b->rows * b->cols; i++)
        if (b->cells[i].kind == TRM_CELL_AGENT)
            return i;
    return -1;
}

trm_board_view trm_board_marks_view(const trm_board_marks *m) {
    trm_board_view v = trm_board_view_of(m->board, trm_board_mark, m);
    const int32_t agent = trm_board_agent(m->board);
    v.focus = agent >= 0 ? agent : v.rows * v.cols - 1;
    v.wide = v.box_rows > 0;
    v.most = v.box_rows > 0 ? MOST_DIGIT_ROWS : 0;
    return v;
}

// ---- answers

enum { BLANK = '_', PAD = '?', FALSE_WALL = '#' };

// Of tokens a blank, a pad and a wall can be answers, too.
static uint32_t symbol(const trm_dataset *d, int32_t class_of) {
    const bool tokens = d->encoding == TRM_ENCODING_TOKENS;
    if (d->geometry.rows == 0)
        return trm_mark_digit(class_of);
    if (tokens && class_of == TRM_TOKEN_PAD)
        return PAD;
    if (trm_dataset_is_sudoku(d)) {
        const int32_t digit = trm_dataset_digit(d, class_of);
        return digit > 0 ? trm_mark_digit(digit) : BLANK;
    }
    return trm_dataset_on_path(d, class_of)       ? TRAIL
           : tokens && class_of == TRM_TOKEN_WALL ? FALSE_WALL
                                                  : FLOOR;
}

static bool is_given(const trm_answer_marks *k, int32_t i) {
    return k->board && k->board->cells[i].digit > 0;
}

static void add_answer(const trm_answer_marks *k, int32_t i, trm_cell_mark *m) {
    const int32_t class_of = k->classes[i];
    m->ch = symbol(k->set, class_of);
    m->style = !trm_dataset_is_maze(k->set)            ? TRM_STYLE_ACCENT
               : trm_dataset_on_path(k->set, class_of) ? TRM_STYLE_TRAIL
                                                       : TRM_STYLE_FLOOR;
    if (k->truth && class_of != k->truth[i]) {
        m->after = is_given(k, i) ? '!' : WRONG;
        m->style = m->after_style = TRM_STYLE_BAD;
    } else if (k->before && class_of != k->before[i] && !is_given(k, i)) {
        m->after = '\'';
        m->after_style = TRM_STYLE_ACCENT;
    }
}

// What the board says of a cell goes before the answer, unless that is wrong: of a wrong digit the
// answer is shown.
static void add_cell(const trm_answer_marks *k, int32_t i, trm_cell_mark *m) {
    const trm_cell *cell = &k->board->cells[i];
    if (cell->digit > 0 && m->after != 0)
        return;
    const trm_cell_mark own = trm_mark_of(cell);
    if (cell->digit > 0) {
        m->ch = own.ch;
        m->style = TRM_STYLE_STRONG;
    } else if (own.ch != FLOOR) {
        m->ch = own.ch;
        m->style = own.style;
        m->fill = own.fill && m->after == 0;
    }
}

// The fill, and the character that stands for it.
static void add_shade(const trm_answer_marks *k, int32_t i, trm_cell_mark *m) {
    // Of a path how likely it is; of digits only those that are not sure are marked, so that the
    // others can be read.
    static const uint16_t path[] = {' ', 0x2591, 0x2592, 0x2593, 0x2588};
    static const uint16_t digits[] = {'?', '?', ':', '.', ' '};
    const uint16_t *shades = k->set != NULL && trm_dataset_is_maze(k->set) ? path : digits;
    if (k->heat != NULL) {
        m->heat = (uint8_t)(1 + trm_heat_level(k->heat[i], k->scale));
        m->shade = trm_heat_char(m->heat - 1);
    } else if (k->shade != NULL && !isnan(k->shade[i]) && (!is_given(k, i) || m->after != 0)) {
        m->heat = (uint8_t)(1 + trm_heat_level(k->shade[i], 1.0f));
        m->shade = shades[lrintf(4.0f * fmaxf(0.0f, fminf(1.0f, k->shade[i])))];
    }
}

trm_cell_mark trm_answer_mark(const void *answer_marks, int32_t i) {
    const trm_answer_marks *k = answer_marks;
    trm_cell_mark m = {.ch = ' '};
    if (k->classes != NULL)
        add_answer(k, i, &m);
    if (k->board != NULL)
        add_cell(k, i, &m);
    add_shade(k, i, &m);
    return m;
}

float trm_answer_on_path(const trm_dataset *set, const trm_reading *r, int32_t cycle,
                         int32_t cell) {
    float p = 0.0f;
    for (int32_t k = 0; k < set->classes; k++)
        if (trm_dataset_on_path(set, k))
            p += trm_reading_raw(r, cycle, cell * set->classes + k);
    return p;
}

void trm_answer_cells(const trm_subject *s, const trm_board *board, const trm_reading *r,
                      int32_t cycle, trm_cell_mark *marks) {
    enum { MOST = TRM_BOARD_MAX * TRM_BOARD_MAX };
    int32_t classes[MOST];
    float sure[MOST], shade[MOST];
    const int32_t n = trm_subject_cells(s), count = s->set->classes;
    const bool path = trm_subject_is_path(s), grid = s->set->geometry.rows > 0;
    const bool known = trm_reading_known(r, cycle);
    for (int32_t i = 0; known && i < n; i++) {
        classes[i] = trm_reading_class(r, cycle, i);
        sure[i] = trm_reading_raw(r, cycle, i * count + classes[i]);
        shade[i] = path ? trm_answer_on_path(s->set, r, cycle, i) : sure[i];
    }
    const trm_answer_marks answers = {.set = s->set,
                                      .board = grid ? board : NULL,
                                      .classes = known ? classes : NULL,
                                      .truth = known ? s->target : NULL,
                                      .shade = known ? shade : NULL};
    for (int32_t i = 0; i < n; i++) {
        marks[i] = trm_answer_mark(&answers, i);
        if (!known || (is_given(&answers, i) && marks[i].after == 0))
            continue;
        trm_probability_text(sure[i], marks[i].below);
        marks[i].below_style = TRM_STYLE_DIM;
    }
}
