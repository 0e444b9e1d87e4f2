// SPDX-License-Identifier: Apache-2.0
// The board widget: geometry at every size, marks, and the looks that screens share.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "legible.h"
#include "tui/canvas/layout.h"
#include "tui/widgets/marks.h"

static const trm_look looks[] = {
    {TRM_GLYPHS_FULL, TRM_DEPTH_RGB},  {TRM_GLYPHS_FULL, TRM_DEPTH_256},
    {TRM_GLYPHS_FULL, TRM_DEPTH_8},    {TRM_GLYPHS_ASCII, TRM_DEPTH_MONO},
    {TRM_GLYPHS_BLOCKS, TRM_DEPTH_16}, {TRM_GLYPHS_FULL, TRM_DEPTH_MONO},
};
enum { LOOKS = sizeof looks / sizeof *looks };

static trm_canvas canvas_of(const trm_look *look, int32_t rows, int32_t cols) {
    trm_canvas c;
    trm_canvas_init(&c, look);
    trm_canvas_resize(&c, rows, cols);
    return c;
}

static trm_board *board_of(int32_t rows, int32_t cols, int32_t box_rows, int32_t box_cols) {
    trm_board *b = calloc(1, sizeof *b);
    b->rows = rows;
    b->cols = cols;
    b->box_rows = box_rows;
    b->box_cols = box_cols;
    return b;
}

static bool shows(const trm_canvas *c, const char *text) {
    for (int32_t y = 0; y < c->rows; y++)
        for (int32_t x = 0; x < c->cols; x++) {
            int32_t i = 0;
            while (text[i] != 0 && x + i < c->cols &&
                   c->cells[y * c->cols + x + i].ch == (uint32_t)text[i])
                i++;
            if (text[i] == 0)
                return true;
        }
    return false;
}

static int32_t count(const trm_canvas *c, uint32_t ch) {
    int32_t n = 0;
    for (int32_t i = 0; i < c->rows * c->cols; i++)
        n += c->cells[i].ch == ch;
    return n;
}

// Nothing is drawn outside of the rectangle that is said to be used, and that is within what was
// given.
static void assert_within(const trm_canvas *c, trm_rect given, trm_rect used) {
    if (used.h > 0)
        assert_true(used.y >= given.y && used.x >= given.x &&
                    used.y + used.h <= given.y + given.h && used.x + used.w <= given.x + given.w);
    for (int32_t y = 0; y < c->rows; y++)
        for (int32_t x = 0; x < c->cols; x++)
            if (c->cells[y * c->cols + x].ch != ' ' && !trm_rect_has(used, y, x))
                fail_msg("something at row %d column %d, outside of %d,%d %dx%d", y, x, used.y,
                         used.x, used.h, used.w);
}

static const struct {
    int32_t rows, cols, box_rows, box_cols;
} boards[] = {{5, 5, 0, 0}, {11, 11, 0, 0}, {7, 15, 0, 0}, {15, 7, 0, 0}, {64, 64, 0, 0},
              {1, 1, 0, 0}, {4, 4, 2, 2},   {6, 6, 2, 3},  {9, 9, 3, 3}};
enum { BOARDS = sizeof boards / sizeof *boards };

// Agent, goal and cursor are in sight or not, but always legible, apart from one another, and where
// a click finds them.
static void check_size(const trm_look *look, trm_board *b, int32_t rows, int32_t cols) {
    const int32_t n = b->rows * b->cols;
    const trm_rect r = {1, 2, rows - 2, cols - 4};
    trm_canvas c = canvas_of(look, rows, cols);
    const trm_board_marks marks = {.board = b};
    trm_board_view v = trm_board_marks_view(&marks);
    const trm_rect used = trm_board_draw(&c, r, &v);
    assert_within(&c, r, used);
    assert_legible(&c);
    const uint32_t agent = trm_glyph(look, 0x25CF), goal = trm_glyph(look, 0x25C6);
    if (used.h > 0 && b->box_rows == 0 && n > 1) {
        const bool sign = look->glyphs == TRM_GLYPHS_ASCII || look->depth == TRM_DEPTH_MONO;
        const int32_t large = sign ? (int32_t)agent : 0x2588;
        assert_true(count(&c, agent) > 0 || count(&c, (uint32_t)large) > 0);
        assert_true(count(&c, goal) == 0 || agent != goal);
        assert_int_equal(trm_board_agent(b), 0);
    }
    v.cursor = n - 1; // in sight wherever anything is
    trm_canvas_clear(&c);
    trm_board_draw(&c, r, &v);
    int32_t marked = 0;
    for (int32_t y = 0; y < rows; y++)
        for (int32_t x = 0; x < cols; x++)
            if (c.cells[y * cols + x].attr & TRM_ATTR_REVERSE) {
                assert_int_equal(trm_board_at(r, &v, y, x), n - 1);
                marked++;
            }
    assert_true(used.h == 0 || marked > 0);
    assert_int_equal(trm_board_at(r, &v, 0, 0), -1);
    assert_int_equal(trm_board_at(r, &v, rows - 1, cols - 1), -1);
    trm_canvas_done(&c);
}

static void test_every_size(void **state) {
    (void)state;
    for (int32_t k = 0; k < BOARDS; k++) {
        trm_board *b =
            board_of(boards[k].rows, boards[k].cols, boards[k].box_rows, boards[k].box_cols);
        const int32_t n = b->rows * b->cols;
        for (int32_t i = 0; i < n; i++)
            if (b->box_rows > 0)
                b->cells[i] = (trm_cell){.kind = TRM_CELL_GIVEN, .digit = (uint8_t)(1 + i % 9)};
        if (b->box_rows == 0) {
            b->cells[n - 1].kind = TRM_CELL_GOAL;
            b->cells[0].kind = TRM_CELL_AGENT;
        }
        for (int32_t rows = 5; rows <= 100; rows += rows < 30 ? 3 : 35)
            for (int32_t cols = 20; cols <= 300; cols += cols < 100 ? 7 : 90)
                check_size(&looks[(rows + cols) % LOOKS], b, rows, cols);
        for (int32_t rows = 0; rows < 5; rows++) // no room for anything
            for (int32_t cols = 0; cols < 6; cols++) {
                trm_canvas c = canvas_of(&looks[0], 6, 6);
                const trm_board_marks marks = {.board = b};
                const trm_board_view v = trm_board_marks_view(&marks);
                const trm_rect r = {0, 0, rows, cols};
                assert_within(&c, r, trm_board_draw(&c, r, &v));
                trm_canvas_done(&c);
            }
        free(b);
    }
}

static void test_board_keeps_the_agent_in_sight(void **state) {
    (void)state;
    trm_board *b = board_of(TRM_BOARD_MAX, TRM_BOARD_MAX, 0, 0);
    for (int32_t i = 0; i < b->rows * b->cols; i += 63) {
        trm_canvas c = canvas_of(&looks[3], 12, 30);
        memset(b->cells, 0, sizeof b->cells);
        b->cells[i].kind = TRM_CELL_AGENT;
        const trm_board_marks marks = {.board = b};
        const trm_board_view v = trm_board_marks_view(&marks);
        trm_board_draw(&c, (trm_rect){0, 0, 12, 30}, &v);
        assert_int_equal(count(&c, '@'), 1);
        trm_canvas_done(&c);
    }
    free(b);
}

// In large cells, too, the agent and the goal are told apart without colour.
static void test_pieces_differ_in_shape(void **state) {
    (void)state;
    trm_board *b = board_of(3, 3, 0, 0);
    b->cells[0].kind = TRM_CELL_AGENT;
    b->cells[8].kind = TRM_CELL_GOAL;
    const trm_board_marks marks = {.board = b};
    const trm_board_view v = trm_board_marks_view(&marks);
    for (int32_t k = 0; k < LOOKS; k++)
        for (int32_t rows = 5; rows <= 60; rows += 5) {
            trm_canvas c = canvas_of(&looks[k], rows, 3 * rows);
            const trm_rect r = {0, 0, rows, 3 * rows};
            trm_board_draw(&c, r, &v);
            uint32_t pieces[2] = {0};
            for (int32_t y = 0; y < c.rows; y++)
                for (int32_t x = 0; x < c.cols; x++) {
                    const uint32_t ch = c.cells[y * c.cols + x].ch;
                    const int32_t cell = trm_board_at(r, &v, y, x);
                    if (ch != ' ' && (cell == 0 || cell == 8))
                        pieces[cell / 8] = ch;
                }
            assert_true(pieces[0] != 0 && pieces[1] != 0 && pieces[0] != pieces[1]);
            trm_canvas_done(&c);
        }
    free(b);
}

// Where the agent has been is told from where it has not, in every set of glyphs.
static void test_trail(void **state) {
    (void)state;
    trm_board *b = board_of(1, 2, 0, 0);
    const uint8_t visits[2] = {1, 0};
    const trm_board_marks marks = {.board = b, .visits = visits};
    const trm_board_view v = trm_board_marks_view(&marks);
    for (int32_t k = 0; k < LOOKS; k++) {
        trm_canvas c = canvas_of(&looks[k], 3, 6);
        trm_board_draw(&c, (trm_rect){0, 0, 3, 6}, &v);
        assert_int_not_equal(c.cells[6 + 1].ch, c.cells[6 + 3].ch);
        trm_canvas_done(&c);
    }
    free(b);
}

// Where a digit is drawn, a click finds its cell.
static void test_cells_are_found(void **state) {
    (void)state;
    static const int32_t boxes[][2] = {{2, 2}, {2, 3}, {3, 3}};
    for (int32_t k = 0; k < 3; k++) {
        const int32_t n = boxes[k][0] * boxes[k][1];
        trm_board *b = board_of(n, n, boxes[k][0], boxes[k][1]);
        trm_canvas c = canvas_of(&looks[1], 24, 80);
        const trm_rect r = {1, 2, 22, 50};
        for (int32_t i = 0; i < n * n; i++) {
            trm_canvas_clear(&c);
            b->cells[i] = (trm_cell){.kind = TRM_CELL_GIVEN, .digit = 4};
            const trm_board_marks marks = {.board = b};
            trm_board_view v = trm_board_marks_view(&marks);
            v.cursor = i;
            assert_within(&c, r, trm_board_draw(&c, r, &v));
            int32_t found = -1;
            for (int32_t y = 0; y < 24; y++)
                for (int32_t x = 0; x < 80; x++)
                    if (c.cells[y * 80 + x].ch == '4')
                        found = trm_board_at(r, &v, y, x);
            assert_int_equal(found, i);
            b->cells[i] = (trm_cell){0};
        }
        trm_canvas_done(&c);
        free(b);
    }
}

// Why a cell stands out is told by a character, and by another one for each reason.
static void test_tints(void **state) {
    (void)state;
    trm_board *b = board_of(4, 4, 2, 2);
    uint8_t tints[16] = {0};
    for (int32_t i = 0; i < TRM_TINTS; i++)
        tints[i] = (uint8_t)i;
    const trm_board_marks marks = {.board = b, .tints = tints, .tried = 3};
    for (int32_t i = 1; i < TRM_TINTS; i++) {
        const trm_cell_mark m = trm_board_mark(&marks, i);
        assert_int_not_equal(m.after, 0);
        for (int32_t k = 1; k < i; k++) // both kinds of conflict have the same
            assert_true(m.after != trm_board_mark(&marks, k).after ||
                        (i == TRM_TINT_TRIED && k == TRM_TINT_CONFLICT));
    }
    assert_int_equal(trm_board_mark(&marks, TRM_TINT_TRIED).ch, '3');
    assert_int_equal(trm_board_mark(&marks, 0).after, 0);
    free(b);
}

static void test_too_many_notes_for_a_cell(void **state) {
    (void)state;
    trm_board *b = board_of(9, 9, 3, 3);
    const uint16_t notes[81] = {0x1FF};
    const trm_board_marks marks = {.board = b, .notes = notes};
    const trm_board_view v = trm_board_marks_view(&marks);
    trm_canvas c = canvas_of(&looks[1], 24, 80);
    trm_board_draw(&c, (trm_rect){0, 0, 24, 45}, &v);
    assert_true(shows(&c, "123") && shows(&c, "45+"));
    trm_canvas_resize(&c, 60, 120); // room for all, each at its place
    trm_board_draw(&c, (trm_rect){0, 0, 60, 120}, &v);
    assert_true(shows(&c, "1 2 3") && shows(&c, "4 5 6") && shows(&c, "7 8 9"));
    trm_canvas_done(&c);
    free(b);
}

// What stands beside and below a sign comes and goes with the room for it.
static trm_cell_mark busy_mark(const void *ctx, int32_t cell) {
    (void)ctx;
    (void)cell;
    return (trm_cell_mark){.ch = 'o', .before = '<', .after = '>', .below = ".64"};
}

static void test_marks_around_a_sign(void **state) {
    (void)state;
    trm_board_view v = {.rows = 1, .cols = 1, .cursor = -1, .focus = -1, .wide = true};
    v.mark = busy_mark;
    static const struct {
        int32_t rows, cols;
        const char *is, *is_not;
    } cases[] = {{1, 2, "<o", ">"},  {1, 4, "<o>", ".64"}, {1, 6, "o>", "?"},
                 {2, 5, "<o>", "?"}, {2, 5, ".64", "?"},   {3, 9, "<o>", "?"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_canvas c = canvas_of(&looks[0], 4, 12);
        const trm_rect r = {0, 0, cases[i].rows, cases[i].cols};
        assert_within(&c, r, trm_board_draw(&c, r, &v));
        if (!shows(&c, cases[i].is) || shows(&c, cases[i].is_not))
            fail_msg("%dx%d does not show %s", cases[i].cols, cases[i].rows, cases[i].is);
        trm_canvas_done(&c);
    }
}

// A wrong cell is told from a right one without colour, in every look.
static void test_wrong_is_marked(void **state) {
    (void)state;
    const int32_t truth[4] = {0, 1, 0, 1}, answer[4] = {0, 1, 1, 0};
    const float shade[4] = {0.1f, 0.9f, 0.8f, 0.2f};
    for (int32_t k = 0; k < LOOKS; k++) {
        trm_canvas c;
        trm_canvas_init(&c, &looks[k]);
        trm_canvas_resize(&c, 2, 4);
        const trm_dataset set = {.geometry = {.rows = 2, .cols = 2}, .positions = 4, .classes = 2};
        const trm_answer_marks marks = {
            .set = &set, .classes = answer, .truth = truth, .shade = shade};
        const trm_board_view v = {
            .rows = 2, .cols = 2, .cursor = -1, .mark = trm_answer_mark, .ctx = &marks};
        trm_board_draw(&c, (trm_rect){0, 0, 2, 4}, &v);
        const uint32_t wrong = trm_glyph(&looks[k], 0xD7);
        assert_int_equal(c.cells[4 + 1].ch, wrong);
        assert_int_equal(c.cells[4 + 3].ch, wrong);
        assert_int_not_equal(c.cells[1].ch, wrong);
        assert_int_not_equal(c.cells[3].ch, wrong);
        assert_int_not_equal(c.cells[0].ch, c.cells[2].ch); // off and on the path
        assert_int_equal(c.cells[0].ch, c.cells[4 + 2].ch);
        trm_canvas_done(&c);
    }
}

// The cursor on a cell leaves what its fill says: an unlikely cell does not look like a likely one.
static void test_the_cursor_inverts_no_shade(void **state) {
    (void)state;
    const int32_t answer[4] = {0, 1, 0, 1};
    const float shade[4] = {0.0f, 1.0f, 0.0f, 1.0f};
    const trm_dataset set = {.geometry = {.rows = 1, .cols = 4}, .positions = 4, .classes = 2};
    const trm_answer_marks marks = {.set = &set, .classes = answer, .shade = shade};
    for (int32_t k = 0; k < LOOKS; k++)
        for (int32_t cursor = 0; cursor < 4; cursor++) {
            trm_board_view v = {
                .rows = 1, .cols = 4, .cursor = -1, .mark = trm_answer_mark, .ctx = &marks};
            trm_canvas with = canvas_of(&looks[k], 1, 12), without = canvas_of(&looks[k], 1, 12);
            trm_board_draw(&without, (trm_rect){0, 0, 1, 12}, &v);
            v.cursor = cursor;
            trm_board_draw(&with, (trm_rect){0, 0, 1, 12}, &v);
            int32_t marked = 0;
            for (int32_t x = 0; x < 12; x++) {
                marked += (with.cells[x].attr & TRM_ATTR_REVERSE) != 0;
                if (x % 3 == 2) // beside the sign
                    assert_memory_equal(&with.cells[x], &without.cells[x], sizeof *with.cells);
            }
            assert_true(marked > 0);
            trm_canvas_done(&with);
            trm_canvas_done(&without);
        }
}

// Without colours only digits that are not sure have a mark, and a sure one stands alone.
static void test_sure_digits_can_be_read(void **state) {
    (void)state;
    const int32_t answer[4] = {1, 2, 3, 4};
    const float shade[4] = {1.0f, 0.7f, 0.5f, 0.1f};
    const trm_dataset set = {.geometry = {.rows = 1, .cols = 4, .box_rows = 1, .box_cols = 4},
                             .positions = 4,
                             .classes = 10};
    const trm_answer_marks marks = {.set = &set, .classes = answer, .shade = shade};
    const trm_board_view v = {
        .rows = 1, .cols = 4, .cursor = -1, .mark = trm_answer_mark, .ctx = &marks};
    for (int32_t k = 2; k < LOOKS; k++) {
        trm_canvas c = canvas_of(&looks[k], 1, 8);
        trm_board_draw(&c, (trm_rect){0, 0, 1, 8}, &v);
        for (int32_t i = 0; i < 4; i++)
            assert_int_equal(c.cells[2 * i + 1].ch, " .:?"[i]);
        trm_canvas_done(&c);
    }
}

// Without colours a large agent is not taken for a wall, nor for the goal.
static void test_pieces_differ_without_colour(void **state) {
    (void)state;
    trm_board *b = board_of(1, 3, 0, 0);
    b->cells[0].kind = TRM_CELL_AGENT;
    b->cells[1].kind = TRM_CELL_GOAL;
    b->cells[2].kind = TRM_CELL_WALL;
    const trm_board_marks marks = {.board = b};
    trm_board_view v = trm_board_marks_view(&marks);
    v.frame = false;
    static const int32_t sizes[][2] = {{1, 9}, {3, 18}, {5, 33}, {9, 60}};
    for (int32_t k = 3; k < LOOKS; k++)
        for (int32_t i = 0; i < 4; i++) {
            const int32_t rows = sizes[i][0], cols = sizes[i][1];
            if (looks[k].depth != TRM_DEPTH_MONO)
                continue;
            trm_canvas c = canvas_of(&looks[k], rows, cols);
            trm_board_draw(&c, (trm_rect){0, 0, rows, cols}, &v);
            assert_true(count(&c, trm_glyph(&looks[k], 0x25CF)) > 0);
            assert_true(count(&c, trm_glyph(&looks[k], 0x25C6)) > 0);
            trm_canvas_done(&c);
        }
    free(b);
}

// Of a board in tokens: blanks, pads and walls are answers, too, and a given that is changed has a
// mark of its own.
static void test_tokens_are_marked(void **state) {
    (void)state;
    const trm_dataset sudoku = {.encoding = TRM_ENCODING_TOKENS,
                                .geometry = {.rows = 4, .cols = 4, .box_rows = 2, .box_cols = 2},
                                .positions = 16,
                                .classes = 6};
    const int32_t truth[16] = {2, 3, 4, 5, 4}, answer[16] = {2, 0, 1, 5, 5};
    trm_board board = {.geometry = sudoku.geometry};
    board.cells[4] = board.cells[0] = (trm_cell){.kind = TRM_CELL_GIVEN, .digit = 3};
    board.cells[0].digit = 1;
    const trm_answer_marks k = {.set = &sudoku, .board = &board, .classes = answer, .truth = truth};
    static const struct {
        uint32_t ch, after;
    } is[5] = {{'1', 0}, {'?', 0xD7}, {'_', 0xD7}, {'4', 0}, {'4', '!'}};
    for (int32_t i = 0; i < 5; i++) {
        assert_int_equal(trm_answer_mark(&k, i).ch, is[i].ch);
        assert_int_equal(trm_answer_mark(&k, i).after, is[i].after);
    }
    assert_int_equal(trm_answer_mark(&k, 0).style, TRM_STYLE_STRONG); // what is given stands out
    assert_int_not_equal(trm_answer_mark(&k, 3).style, TRM_STYLE_STRONG);
    const trm_dataset maze = {.encoding = TRM_ENCODING_TOKENS,
                              .geometry = {.rows = 1, .cols = 6},
                              .positions = 6,
                              .classes = 6};
    const int32_t all[6] = {0, 1, 2, 3, 4, 5};
    static const uint32_t signs[6] = {'?', '#', 0xB7, 0x2022, 0x2022, 0x2022};
    const trm_answer_marks m = {.set = &maze, .classes = all};
    for (int32_t i = 0; i < 6; i++)
        assert_int_equal(trm_answer_mark(&m, i).ch, signs[i]);
}

static void test_cells_scroll(void **state) {
    (void)state;
    int32_t classes[100];
    for (int32_t i = 0; i < 100; i++)
        classes[i] = i % 10;
    trm_canvas c;
    trm_canvas_init(&c, &looks[5]);
    for (int32_t cursor = 0; cursor < 100; cursor++) {
        trm_canvas_resize(&c, 4, 8);
        const trm_dataset set = {.positions = 100, .classes = 10};
        const trm_answer_marks marks = {.set = &set, .classes = classes};
        const trm_board_view v = {
            .rows = 10, .cols = 10, .cursor = cursor, .mark = trm_answer_mark, .ctx = &marks};
        const trm_rect used = trm_board_draw(&c, (trm_rect){0, 0, 4, 8}, &v);
        assert_int_equal(used.h, 4);
        assert_int_equal(used.w, 8);
        int32_t marked = 0;
        for (int32_t i = 0; i < 32; i++)
            if (c.cells[i].attr & TRM_ATTR_REVERSE && c.cells[i].ch != ' ') {
                assert_int_equal(c.cells[i].ch, '0' + classes[cursor]);
                marked++;
            }
        assert_int_equal(marked, 1);
    }
    trm_canvas_done(&c);
}

// Cells of one row, of which some have a number below, some none, and one is filled.
static trm_cell_mark mixed_mark(const void *ctx, int32_t cell) {
    (void)ctx;
    trm_cell_mark m = {.ch = 'a' + (uint32_t)cell};
    if (cell == 0)
        memcpy(m.below, ".41", 4);
    if (cell == 2)
        memcpy(m.below, ".73", 4);
    m.heat = cell == 2 ? 1 : 0;
    return m;
}

static void test_signs_of_a_row_are_in_one_row(void **state) {
    (void)state;
    const trm_board_view v = {
        .rows = 1, .cols = 3, .cursor = -1, .focus = -1, .wide = true, .mark = mixed_mark};
    for (int32_t rows = 1; rows <= 9; rows++) {
        trm_canvas c = canvas_of(&looks[0], rows, 60);
        int32_t at[3] = {-1, -1, -1};
        trm_board_draw(&c, (trm_rect){0, 0, rows, 60}, &v);
        for (int32_t i = 0; i < rows * 60; i++)
            if (c.cells[i].ch >= 'a' && c.cells[i].ch <= 'c')
                at[c.cells[i].ch - 'a'] = i / 60;
        assert_true(at[0] >= 0 && at[0] == at[1] && at[1] == at[2]);
        // On a fill, too, there is a number where a row is left for it.
        assert_true(rows == 1 || (shows(&c, ".41") && shows(&c, ".73")));
        trm_canvas_done(&c);
    }
}

// Lines stand between the boxes of a sudoku wherever there is room for all of them; every digit is
// to be seen either way.
static void test_boxes(void **state) {
    (void)state;
    static const int32_t sides[][3] = {{4, 2, 2}, {6, 2, 3}, {9, 3, 3}};
    static trm_board board;
    int32_t classes[81], lined = 0;
    for (int32_t k = 0; k < 3; k++) {
        const int32_t n = sides[k][0], bands = n / sides[k][1] - 1, stacks = n / sides[k][2] - 1;
        board = (trm_board){.rows = n, .cols = n, .box_rows = sides[k][1], .box_cols = sides[k][2]};
        for (int32_t i = 0; i < n * n; i++)
            classes[i] = (i / n * sides[k][2] + i % n + i / n / sides[k][1]) % n;
        const trm_dataset set = {.positions = n * n, .classes = n, .geometry = board.geometry};
        const trm_answer_marks marks = {.set = &set, .board = &board, .classes = classes};
        const trm_board_view v = trm_board_view_of(&board, trm_answer_mark, &marks);
        assert_int_equal(trm_board_width(&v), 2 * n + stacks);
        for (int32_t rows = n + 2; rows < 3 * n + 8; rows++)
            for (int32_t cols = 2 * n + 2; cols < 5 * n + 8; cols++) {
                trm_canvas c;
                trm_canvas_init(&c, &looks[0]);
                trm_canvas_resize(&c, rows, cols);
                const trm_rect used = trm_board_draw(&c, (trm_rect){0, 0, rows, cols}, &v);
                assert_true(used.h <= trm_board_height(&v, cols, rows) && used.w <= cols);
                int32_t digits = 0, crosses = 0, joints = 0;
                for (int32_t i = 0; i < rows * cols; i++) {
                    const uint32_t ch = c.cells[i].ch;
                    digits += ch >= '1' && ch <= '9';
                    crosses += ch == 0x253C;
                    joints += ch == 0x252C || ch == 0x2534 || ch == 0x251C || ch == 0x2524;
                }
                const bool room = rows >= n + 2 + bands && cols >= 2 * n + 2 + stacks;
                assert_int_equal(digits, n * n);
                assert_int_equal(crosses, room ? bands * stacks : 0);
                assert_int_equal(joints, room ? 2 * (bands + stacks) : 0);
                lined += room;
                trm_canvas_done(&c);
            }
    }
    assert_true(lined > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_board_keeps_the_agent_in_sight),
        cmocka_unit_test(test_pieces_differ_in_shape),
        cmocka_unit_test(test_trail),
        cmocka_unit_test(test_cells_are_found),
        cmocka_unit_test(test_tints),
        cmocka_unit_test(test_too_many_notes_for_a_cell),
        cmocka_unit_test(test_marks_around_a_sign),
        cmocka_unit_test(test_wrong_is_marked),
        cmocka_unit_test(test_the_cursor_inverts_no_shade),
        cmocka_unit_test(test_sure_digits_can_be_read),
        cmocka_unit_test(test_pieces_differ_without_colour),
        cmocka_unit_test(test_tokens_are_marked),
        cmocka_unit_test(test_cells_scroll),
        cmocka_unit_test(test_signs_of_a_row_are_in_one_row),
        cmocka_unit_test(test_boxes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
