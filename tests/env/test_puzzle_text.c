// SPDX-License-Identifier: Apache-2.0
// Sudokus in the forms in which people have them.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "env/sudoku/solver.h"
#include "trm/base/text.h"
#include "trm/env/puzzle.h"

enum { TEXT = 4096 };

// ---- every form, there and back

typedef struct page {
    char text[TEXT];
    size_t used;
} page;

__attribute__((format(printf, 2, 3))) static void add(page *p, const char *format, ...) {
    va_list args;
    va_start(args, format);
    p->used += (size_t)vsnprintf(p->text + p->used, sizeof p->text - p->used, format, args);
    va_end(args);
    assert_true(p->used < sizeof p->text);
}

typedef struct form {
    const char *name;
    const char *before, *after, *end;  // of the text; after each row
    const char *between, *bar, *ruler; // cells; boxes in a row; bands (a pattern a box column)
    const char *blanks;                // any of them
    bool solved;                       // the solution follows
} form;

static const form forms[] = {
    {"a line", "", "", "\n", "", "", "", ".", false},
    {"zeros", "", "", "\n", "", "", "", "0", false},
    {"other blanks", "", "", "\n", "", "", "", "*_xX?", false},
    {"dashes", "", "", "\n", "", "", "", "-", false},
    {"no end of line", "", "", "", "", "", "", ".", false},
    {"a carriage return", "", "", "\r", "", "", "", ".", false},
    {"a byte order mark", "\xef\xbb\xbf", "", "\r\n", "", "", "", ".", false},
    {"CSV", "quizzes,solutions\n", "", ",", "", "", "", "0", true},
    {"columns", "source,question,answer,rating\npuzzles0_kaggle,", "", ",", "", "", "", ".", true},
    {"an id first", "1 ", "", "\n", "", "", "", ".", false},
    {"tabs and quotes", "\"id\"\t\"puzzle\"\n\"17\"\t\"", "", "\"\n", "", "", "", ".", false},
    {"JSON line", "{\"id\": 3, \"puzzle\": \"", "", "\"}\n", "", "", "", ".", false},
    {"JSON rows", "[[", "],\n[", "]]\n", ",", "", "", "0", false},
    {"JSON one number a line", "[\n[\n", "\n],\n[\n", "\n]\n]\n", ",\n", "", "", "0", false},
    {"JSON strings", "{\"puzzles\": [\"", "", "\"]}", "", "", "", ".", false},
    {"spaces", "", " ", "\n", " ", "", "", ".", false},
    {"rows", "", "\n", "\n", "", "", "", ".", false},
    {"rows with spaces", "# mine\n", "\r\n", "\r\n", " ", "", "", "0", false},
    {"rows of dashes", "", "\n", "\n", " ", " | ", "", "-", false},
    {"SadMan", "#A me\n[Puzzle]\n", "\n", "\n[State]\nnothing\n", "", "", "", ".", false},
    {"Euler", "Grid 01\n", "\n", "\nGrid 02\n", "", "", "", "0", false},
    {"ruled off", "", "\n", "\n========\n", "", "", "", ".", false},
    {"boxes", "", "\n", "\n", " ", " | ", "---+", ".", false},
    {"boxes and dashes", "*-----------*\n", "\n", "\n", "", "|", "----", "-", false},
    {"lines drawn", "", "\n", "\n", " ", "\u2502", "\u2500\u253c", "*", false},
    {"stars and bars", "*---*---*\n|", "|\n|", "|\n*---*---*\n", "", "|", "", "*", false},
};
enum { FORMS = sizeof forms / sizeof *forms };

static void write_rows(page *out, const form *f, const trm_puzzle *p) {
    const trm_sudoku_shape *s = trm_sudoku_shape_of(p->side);
    for (int32_t i = 0; i < p->side * p->side; i++) {
        const int32_t row = i / p->side, col = i % p->side;
        if (i > 0 && col == 0)
            add(out, "%s", f->after);
        if (f->ruler[0] && i > 0 && col == 0 && row % s->box_rows == 0) {
            for (int32_t k = 0; k < p->side; k++)
                add(out, "%s", f->ruler);
            add(out, "\n");
        }
        if (col > 0)
            add(out, "%s", col % s->box_cols == 0 && f->bar[0] ? f->bar : f->between);
        if (p->cells[i])
            add(out, "%d", p->cells[i]);
        else
            add(out, "%c", f->blanks[i % (int32_t)strlen(f->blanks)]);
    }
    add(out, "%s", f->end);
    for (int32_t i = 0; f->solved && i < p->side * p->side; i++)
        add(out, "%d", p->solution[i]);
    if (f->solved)
        add(out, ",23,2.5\n");
}

static void check_form(const form *f, const trm_puzzle *p) {
    page text = {.used = 0};
    trm_puzzle_list list;
    trm_error e = {0};
    uint8_t cells[TRM_PUZZLE_CELLS];
    add(&text, "%s", f->before);
    write_rows(&text, f, p);
    char *exact = malloc(text.used); // a sanitizer sees what is read behind it
    memcpy(exact, text.text, text.used);
    if (!trm_puzzle_list_parse("text", exact, text.used, p->side, &list, &e))
        fail_msg("%s, %d: %s\n%s", f->name, p->side, e.message, text.text);
    if (list.count != 1 || memcmp(&list.items[0], p, sizeof *p) != 0)
        fail_msg("%s, %d: another puzzle\n%s", f->name, p->side, text.text);
    trm_puzzle_list_free(&list);
    assert_int_equal(trm_puzzle_first("text", exact, text.used, cells, &e), p->side);
    assert_memory_equal(cells, p->cells, (size_t)(p->side * p->side));
    free(exact);
}

static void test_every_form_there_and_back(void **state) {
    (void)state;
    static const int32_t sides[] = {4, 6, 9};
    trm_rng rng;
    trm_rng_seed(&rng, 11, 0);
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < FORMS * 4; i++) {
            trm_puzzle p;
            trm_puzzle_draw(sides[k], trm_puzzle_size_of(sides[k])->usual, TRM_SPLIT_TRAIN, &rng,
                            &p);
            check_form(&forms[i % FORMS], &p);
        }
}

// ---- several, and what is wrong

#define A4   "12..34....4..321"
#define B4   "123.3.1..1.34..1"
#define ROWS "12..\n34..\n..4.\n.321\n"

static void test_several_in_a_text(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int32_t count;
    } good[] = {
        {A4 "\n" B4 "\n", 2},
        {A4 "\r\r\n" B4, 2},
        {ROWS "\n" ROWS, 2},
        {"Grid 1\n" ROWS "Grid 2\n" ROWS A4, 3},
        {ROWS "====\n" ROWS, 2},
        {"[\"" A4 "\", \"" B4 "\"]", 2},
        {"[[[1,2,0,0],[3,4,0,0],[0,0,4,0],[0,3,2,1]],[[1,2,0,0],[3,4,0,0],[0,0,4,0],[0,3,2,1]]]",
         2},
        {"[[1,2,0,0,3,4,0,0,0,0,4,0,0,3,2,1],[1,2,0,0,3,4,0,0,0,0,4,0,0,3,2,1]]", 2},
        {"12--\n34--\n----\n--4-\n-321", 0}, // five rows: the dashes are one
        {"12--\n34--\n--4-\n-321\n----\n", 0},
        {"12..\n34..\n----\n..4.\n.321", 1},  // … and here a border
        {ROWS "1234\n3412\n2143\n4321\n", 1}, // its answer
        {"50\n" A4 "\n", 1},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        trm_puzzle_list list;
        trm_error e = {0};
        const bool ok =
            trm_puzzle_list_parse("text", good[i].text, strlen(good[i].text), 4, &list, &e);
        if (ok != (good[i].count > 0) || (ok && list.count != good[i].count))
            fail_msg("%s: %s", good[i].text, e.message);
        trm_puzzle_list_free(&list);
    }
}

static void test_what_is_wrong_is_told(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"", "text: no puzzles in it"},
        {"quizzes,solutions\n", "text: no puzzles in it"},
        {A4 "\rthis is none\r", "text:2: found \"this is none\", expected a puzzle"},
        {"12..\n34..\n..4.\n", "text:3: the grid that begins in line 1 has 3 rows of 4 cells"},
        {"12..\n34..\n" A4 "\n", "text:3: the grid that begins in line 1 has 2 rows"},
        {"12..\n34.\n..4.\n.321\n", "text:2: a row of 3 cells, expected 4 as in line 1"},
        {"\n12..34....4..32\n", "text:2: a puzzle has 16, 36 or 81 characters"},
        {"id,puzzle\n1,12..34....4..32\n", "text:2: a puzzle has 16, 36 or 81 characters"},
        {"12..34....4..32y\n", "text:1: character 16 is 'y', expected 1 to 4"},
        {"12..34....4..325\n", "text:1: character 16 is '5', expected 1 to 4"},
        {A4 ",1234341221434312\n", "text:1: the answer has 1 in row 4, column 3"},
        {"1234341221434321\n", "text:1: the puzzle has no blank cell"},
        {"12..............\n", "text:1: the puzzle has more than one solution"},
        {"\xff\xfe"
         "1\0"
         "2\0",
         "text: a UTF-16 text, expected UTF-8: save it as UTF-8"},
        {"123456"
         "123456"
         "123456"
         "......"
         "......"
         "......",
         "text:1: a 6x6 puzzle, expected 4x4"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        trm_puzzle_list list;
        trm_error e = {0};
        const size_t size = bad[i].text[0] == '\xff' ? 6 : strlen(bad[i].text);
        assert_false(trm_puzzle_list_parse("text", bad[i].text, size, 4, &list, &e));
        if (e.code != TRM_E_INPUT || strncmp(e.message, bad[i].says, strlen("text:")) != 0 ||
            !strstr(e.message, bad[i].says))
            fail_msg("%s: %s", bad[i].text, e.message);
    }
}

// One line of a million characters, and a million lines: read once.
static void test_long_texts(void **state) {
    (void)state;
    enum { SIZE = 1 << 22 };
    char *text = malloc(SIZE);
    trm_puzzle_list list;
    for (int k = 0; k < 4; k++) {
        trm_error e = {0};
        memset(text, ".\n[,"[k], SIZE);
        assert_false(trm_puzzle_list_parse("text", text, SIZE, 9, &list, &e));
        assert_int_equal(e.code, TRM_E_INPUT);
    }
    free(text);
}

static void test_an_answer_is_checked(void **state) {
    (void)state;
    static const struct {
        const char *answer, *says;
    } answers[] = {{"1234341221434321", NULL},
                   {"1234341221434312", "the answer has 1 in row 4, column 3, the puzzle has 2"},
                   {"1243341221434321", "the answer: the digit 4 of cell 11"}};
    for (int i = 0; i < 3; i++) {
        uint8_t cells[16], answer[16];
        trm_puzzle p;
        trm_error e = {0};
        for (int k = 0; k < 16; k++) {
            cells[k] = A4[k] == '.' ? 0 : (uint8_t)(A4[k] - '0');
            answer[k] = (uint8_t)(answers[i].answer[k] - '0');
        }
        assert_int_equal(trm_puzzle_of_answer(4, cells, answer, &p, &e), answers[i].says == NULL);
        if (answers[i].says && !strstr(e.message, answers[i].says))
            fail_msg("%s", e.message);
    }
}

// Seventeen givens: a search that looks only at what fits in a cell takes seconds.
static void test_few_givens(void **state) {
    (void)state;
    trm_puzzle p;
    trm_error e = {0};
    assert_true(trm_puzzle_parse(
        ".................1..2..3.4......5....6.......71......6....8..5...47...3.9..61....", &p,
        &e));
    assert_int_equal(p.givens, 17);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form_there_and_back),
        cmocka_unit_test(test_several_in_a_text),
        cmocka_unit_test(test_what_is_wrong_is_told),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_few_givens),
        cmocka_unit_test(test_an_answer_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
