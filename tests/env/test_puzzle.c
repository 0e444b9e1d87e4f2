// SPDX-License-Identifier: Apache-2.0
// Drawing sudokus, their one-line form, their twins, and files of them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/check.h"
#include "env/sudoku/solver.h"
#include "env/sudoku/twins.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/env/dataset.h"
#include "trm/env/puzzle.h"

static const int32_t sides[] = {4, 6, 9};
enum { SIDES = 3 };

// By the rules as they are told, apart from the solver's masks.
static void assert_solved(int32_t side, const uint8_t *grid) {
    int32_t box_rows = side == 9 ? 3 : 2, box_cols = side == 4 ? 2 : 3;
    for (int32_t a = 0; a < side * side; a++) {
        assert_true(grid[a] >= 1 && grid[a] <= side);
        for (int32_t b = 0; b < a; b++) {
            int32_t ra = a / side, ca = a % side, rb = b / side, cb = b % side;
            bool boxed = ra / box_rows == rb / box_rows && ca / box_cols == cb / box_cols;
            if (ra == rb || ca == cb || boxed)
                assert_int_not_equal(grid[a], grid[b]);
        }
    }
}

static void test_drawn_puzzles_have_one_solution_and_so_many_givens(void **state) {
    (void)state;
    const int32_t asked[SIDES][3] = {{6, 5, 12}, {14, 12, 32}, {36, 45, 30}};
    trm_rng rng;
    trm_rng_seed(&rng, 3, 0);
    for (int k = 0; k < SIDES; k++)
        for (int i = 0; i < 60; i++) {
            trm_puzzle p;
            uint8_t solution[81];
            int32_t givens = 0, side = sides[k];
            trm_split split = i % 2 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT;
            trm_puzzle_draw(side, asked[k][i % 3], split, &rng, &p);
            assert_solved(side, p.solution);
            for (int32_t c = 0; c < side * side; c++) {
                givens += p.cells[c] != 0;
                assert_true(!p.cells[c] || p.cells[c] == p.solution[c]);
            }
            assert_int_equal(givens, asked[k][i % 3]);
            assert_int_equal(p.givens, givens);
            assert_int_equal(trm_sudoku_count(trm_sudoku_shape_of(side), p.cells, 2, solution), 1);
            assert_memory_equal(solution, p.solution, (size_t)(side * side));
            assert_int_equal(trm_puzzle_side(&p), split);
        }
}

static void test_too_few_givens_give_a_puzzle_that_cannot_lose_one(void **state) {
    (void)state;
    trm_rng rng;
    trm_rng_seed(&rng, 4, 0);
    for (int i = 0; i < 5; i++) {
        trm_puzzle p;
        trm_puzzle_draw(9, 17, TRM_SPLIT_TRAIN, &rng, &p);
        assert_true(p.givens >= 17 && p.givens < 27);
        for (int32_t c = 0; c < 81; c++) {
            uint8_t digit = p.cells[c];
            if (!digit)
                continue;
            p.cells[c] = 0;
            assert_int_equal(trm_sudoku_count(trm_sudoku_shape_of(9), p.cells, 2, NULL), 2);
            p.cells[c] = digit;
        }
    }
}

static int by_text(const void *a, const void *b) {
    return memcmp(a, b, 16);
}

// Chi-squared over the 288 grids: 287 degrees of freedom, mean 287, deviation 24.
static void test_all_grids_of_four_come_up_alike_often(void **state) {
    (void)state;
    enum { EACH = 50, GRIDS = 288, N = EACH * GRIDS };
    uint8_t(*grids)[16] = malloc(N * sizeof *grids);
    double chi = 0;
    int32_t distinct = 0;
    trm_rng rng;
    trm_rng_seed(&rng, 5, 0);
    for (int32_t i = 0; i < N; i++)
        trm_sudoku_draw(trm_sudoku_shape_of(4), &rng, grids[i]);
    qsort(grids, N, sizeof *grids, by_text);
    for (int32_t i = 0, next; i < N; i = next, distinct++) {
        for (next = i; next < N && !by_text(grids[i], grids[next]);)
            next++;
        chi += (next - i - EACH) * (next - i - EACH) / (double)EACH;
    }
    assert_int_equal(distinct, GRIDS);
    assert_true(chi > 287 - 5 * 24 && chi < 287 + 5 * 24);
    free(grids);
}

// Every digit in every cell of large grids, about alike often.
static void test_large_grids_vary(void **state) {
    (void)state;
    enum { N = 1800 };
    for (int k = 1; k < SIDES; k++) {
        int32_t side = sides[k], counts[81][10] = {{0}};
        uint8_t grid[81];
        trm_rng rng;
        trm_rng_seed(&rng, 6, 0);
        for (int32_t i = 0; i < N; i++) {
            trm_sudoku_draw(trm_sudoku_shape_of(side), &rng, grid);
            for (int32_t c = 0; c < side * side; c++)
                counts[c][grid[c]]++;
        }
        for (int32_t c = 0; c < side * side; c++)
            for (int32_t d = 1; d <= side; d++)
                assert_true(counts[c][d] > N / side * 0.6 && counts[c][d] < N / side * 1.4);
    }
}

// ---- twins

static void shuffled(trm_rng *rng, int32_t first, int32_t *items, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        items[i] = first + i;
    trm_rng_shuffle(rng, items, (uint32_t)n);
}

static void draw_order(trm_rng *rng, int32_t side, int32_t band, int32_t *order) {
    int32_t bands[9];
    shuffled(rng, 0, bands, side / band);
    for (int32_t b = 0; b < side / band; b++)
        shuffled(rng, bands[b] * band, order + b * band, band);
}

static trm_puzzle twin_of(const trm_puzzle *p, trm_rng *rng) {
    int32_t side = p->side, rows[9], cols[9], digits[10];
    trm_puzzle t = {.side = side, .givens = p->givens};
    draw_order(rng, side, side == 9 ? 3 : 2, rows);
    draw_order(rng, side, side == 4 ? 2 : 3, cols);
    shuffled(rng, 1, digits + 1, side);
    digits[0] = 0;
    bool turned = side != 6 && trm_rng_below(rng, 2);
    for (int32_t r = 0; r < side; r++)
        for (int32_t c = 0; c < side; c++) {
            int32_t from = turned ? cols[c] * side + rows[r] : rows[r] * side + cols[c];
            t.cells[r * side + c] = (uint8_t)digits[p->cells[from]];
            t.solution[r * side + c] = (uint8_t)digits[p->solution[from]];
        }
    return t;
}

static uint64_t key_of(const trm_puzzle *p) {
    return trm_sudoku_key(trm_sudoku_shape_of(p->side), p->cells, p->solution);
}

static void test_twins_stand_on_one_side(void **state) {
    (void)state;
    trm_rng rng;
    trm_rng_seed(&rng, 7, 0);
    for (int k = 0; k < SIDES; k++)
        for (int i = 0; i < 40; i++) {
            trm_puzzle p;
            trm_split split = i % 2 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT;
            trm_puzzle_draw(sides[k], trm_puzzle_size_of(sides[k])->usual, split, &rng, &p);
            for (int j = 0; j < 30; j++) {
                trm_puzzle t = twin_of(&p, &rng);
                assert_solved(t.side, t.solution);
                assert_true(key_of(&t) == key_of(&p));
                assert_int_equal(trm_puzzle_side(&t), split);
            }
        }
}

// One in five is held out, and classes are told apart: few keys are shared.
static void test_the_split_divides(void **state) {
    (void)state;
    enum { N = 400 };
    for (int k = 0; k < SIDES; k++) {
        static uint64_t keys[N];
        int32_t held_out = 0, distinct = 0;
        trm_rng rng;
        trm_rng_seed(&rng, 8, 0);
        const trm_sudoku_shape *shape = trm_sudoku_shape_of(sides[k]);
        for (int32_t i = 0; i < N; i++) {
            trm_puzzle p = {.side = sides[k]};
            trm_sudoku_draw(shape, &rng, p.solution);
            trm_sudoku_dig(shape, &rng, p.solution, trm_puzzle_size_of(sides[k])->usual, p.cells);
            keys[i] = key_of(&p);
            held_out += trm_puzzle_side(&p) == TRM_SPLIT_HELD_OUT;
            bool new = true;
            for (int32_t j = 0; j < i; j++)
                new &= keys[j] != keys[i];
            distinct += new;
        }
        assert_true(held_out > N / 10 && held_out < N * 3 / 10);
        assert_true(distinct > (sides[k] == 4 ? N / 4 : N * 95 / 100));
    }
}

// ---- one line

static const char *const nine =
    "8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4..";

static void test_a_line_there_and_back(void **state) {
    (void)state;
    trm_puzzle p;
    trm_error e = {0};
    char text[TRM_PUZZLE_TEXT], zeros[128];
    assert_true(trm_puzzle_parse(nine, &p, &e));
    assert_true(p.side == 9 && p.givens == 21 && p.solution[1] == 1);
    trm_puzzle_print(&p, text);
    assert_string_equal(text, nine);
    trm_text_format(zeros, sizeof zeros, " \t%s \r\n", nine);
    for (char *c = zeros; *c; c++)
        *c = *c == '.' ? '0' : *c;
    assert_true(trm_puzzle_parse(zeros, &p, &e));
    trm_puzzle_print(&p, text);
    assert_string_equal(text, nine);
    trm_rng rng;
    trm_rng_seed(&rng, 9, 0);
    for (int k = 0; k < SIDES; k++) {
        trm_puzzle drawn;
        trm_puzzle_draw(sides[k], trm_puzzle_size_of(sides[k])->usual, TRM_SPLIT_TRAIN, &rng,
                        &drawn);
        trm_puzzle_print(&drawn, text);
        assert_int_equal(strlen(text), sides[k] * sides[k]);
        assert_true(trm_puzzle_parse(text, &p, &e));
        assert_memory_equal(&p, &drawn, sizeof p);
    }
}

static void test_lines_that_are_no_puzzles(void **state) {
    (void)state;
    const struct {
        const char *text, *says;
    } bad[] = {
        {"", "found 0"},
        {"1234", "16, 36 or 81 characters (4x4, 6x6, 9x9), found 4"},
        {"1234....5.......", "character 9 is '5', expected 1 to 4"},
        {"1.y4............", "character 3 is 'y'"},
        {"1..1............", "the digit 1 of cell 4 (row 1, column 4) breaks a rule"},
        {"................", "more than one solution"},
        {"1234341221434321", "no blank cell"},
        {"123....4........", "no solution"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        trm_puzzle p;
        trm_error e = {0};
        assert_false(trm_puzzle_parse(bad[i].text, &p, &e));
        if (e.code != TRM_E_INPUT || !strstr(e.message, bad[i].says))
            fail_msg("%s: %s", bad[i].text, e.message);
    }
}

// ---- files

static void write_text(const char *folder, const char *name, const char *text) {
    char path[512];
    trm_error e = {0};
    trm_text_format(path, sizeof path, "%s/%s", folder, name);
    assert_true(trm_file_write(path, text, strlen(text), &e));
}

static void remove_folder(const char *folder, const char *const *names) {
    char path[512];
    for (; *names; names++) {
        trm_text_format(path, sizeof path, "%s/%s", folder, *names);
        unlink(path);
    }
    assert_int_equal(rmdir(folder), 0);
}

static void test_a_file_and_a_folder_of_puzzles(void **state) {
    (void)state;
    char folder[] = "/tmp/trm-puzzles-XXXXXX", path[64];
    trm_puzzle_list list;
    trm_error e = {0};
    assert_non_null(mkdtemp(folder));
    write_text(folder, "b.txt", "# two\n\n12..34....4..321\r\n");
    write_text(folder, "a.csv", "123.3.1..1.34..1,1234341221434321\n");
    assert_true(trm_puzzle_list_read(folder, 4, &list, &e));
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].cells[2], 3); // a before b
    assert_int_equal(list.items[1].cells[4], 3);
    trm_puzzle_list_free(&list);
    trm_text_format(path, sizeof path, "%s/b.txt", folder);
    assert_true(trm_puzzle_list_read(path, 4, &list, &e));
    assert_int_equal(list.count, 1);
    trm_puzzle_list_free(&list);

    assert_false(trm_puzzle_list_read(path, 9, &list, &e));
    assert_non_null(strstr(e.message, "b.txt:3: a 4x4 puzzle, expected 9x9"));
    write_text(folder, "b.txt", "\n12..34....4..32\n");
    assert_false(trm_puzzle_list_read(folder, 4, &list, &e));
    assert_non_null(strstr(e.message, "b.txt:2: "));
    write_text(folder, "b.txt", "# none\n");
    assert_false(trm_puzzle_list_read(path, 4, &list, &e));
    assert_non_null(strstr(e.message, "no puzzles"));
    remove_folder(folder, (const char *const[]){"a.csv", "b.txt", NULL});
    assert_false(trm_puzzle_list_read(folder, 4, &list, &e));
    assert_int_equal(e.code, TRM_E_INPUT);
}

// ---- the data set

static void test_samples_are_puzzles_and_their_solutions(void **state) {
    (void)state;
    for (int k = 0; k < SIDES; k++) {
        int32_t side = sides[k], cells = side * side;
        trm_dataset_config c = {.type = "sudoku", .size = side};
        trm_error e = {0};
        trm_dataset *d = trm_dataset_new(&c, TRM_SPLIT_HELD_OUT, 20, 3, &e);
        assert_non_null(d);
        assert_true(d->state_dim == (side + 1) * cells && d->classes == side);
        assert_true(d->positions == cells && d->geometry.rows == side && d->geometry.cols == side);
        for (int32_t i = 0; i < d->count; i++) {
            trm_puzzle p = {.side = side};
            static trm_board board;
            trm_dataset_board(d, i, &board);
            for (int32_t n = 0; n < cells; n++) {
                p.cells[n] = board.cells[n].digit;
                p.solution[n] = (uint8_t)(d->targets[i * cells + n] + 1);
                assert_int_equal(d->inputs[i * d->state_dim + side * cells + n], p.cells[n] != 0);
                assert_true(!p.cells[n] || p.cells[n] == p.solution[n]);
            }
            assert_solved(side, p.solution);
            assert_int_equal(trm_puzzle_side(&p), TRM_SPLIT_HELD_OUT);
        }
        trm_dataset_free(d);
    }
}

static void test_samples_of_a_range_of_givens(void **state) {
    (void)state;
    trm_dataset_config c = {.type = "sudoku", .size = 9, .givens_min = 40, .givens_max = 44};
    trm_error e = {0};
    int32_t counts[82] = {0};
    trm_dataset *d = trm_dataset_new(&c, TRM_SPLIT_TRAIN, 200, 3, &e);
    for (int32_t i = 0; i < d->count; i++) {
        int32_t givens = 0;
        for (int32_t n = 0; n < 81; n++)
            givens += d->inputs[i * d->state_dim + 9 * 81 + n] > 0;
        counts[givens]++;
    }
    for (int32_t g = 0; g < 82; g++)
        assert_int_equal(counts[g] > 15, g >= 40 && g <= 44);
    trm_dataset_free(d);
    c.givens_min = 45;
    assert_null(trm_dataset_new(&c, TRM_SPLIT_TRAIN, 1, 3, &e));
    assert_non_null(strstr(e.message, "45 is above data.givens_max, 44"));
    c.givens_min = 16;
    assert_null(trm_dataset_new(&c, TRM_SPLIT_TRAIN, 1, 3, &e));
    assert_non_null(strstr(e.message, "16..44 is out of range 17..77"));
    c.size = 5;
    assert_null(trm_dataset_new(&c, TRM_SPLIT_TRAIN, 1, 3, &e));
    assert_non_null(strstr(e.message, "4, 6 or 9, found 5"));
}

// Puzzles of a file as samples: each once, on the side where it stands; or, to be asked about, all
// of them in their order.
static void test_samples_from_a_file(void **state) {
    (void)state;
    enum { PUZZLES = 40 };
    char folder[] = "/tmp/trm-puzzles-XXXXXX", text[PUZZLES * 17 + 1] = "";
    trm_error e = {0};
    trm_rng rng;
    trm_rng_seed(&rng, 5, 0);
    assert_non_null(mkdtemp(folder));
    for (int32_t i = 0; i < PUZZLES; i++) {
        trm_puzzle p;
        trm_puzzle_draw(4, 6, i % 4 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT, &rng, &p);
        trm_puzzle_print(&p, text + i * 17);
        text[i * 17 + 16] = '\n';
    }
    text[PUZZLES * 17] = '\0';
    write_text(folder, "p.txt", text);
    trm_dataset_config c = {.type = "sudoku", .size = 4};
    trm_text_format(c.files, sizeof c.files, "%s/p.txt", folder);
    trm_dataset_source *s = trm_dataset_open(&c, &e);
    assert_non_null(s);
    trm_dataset *train = trm_dataset_draw(s, TRM_SPLIT_TRAIN, 1000, 1, &e);
    trm_dataset *again = trm_dataset_new(&c, TRM_SPLIT_TRAIN, 1000, 1, &e);
    trm_dataset *other = trm_dataset_draw(s, TRM_SPLIT_TRAIN, 20, 2, &e);
    trm_dataset *held_out = trm_dataset_draw(s, TRM_SPLIT_HELD_OUT, 1000, 1, &e);
    assert_int_equal(train->count, 30);
    assert_int_equal(other->count, 20);
    assert_int_equal(held_out->count, 10);
    assert_int_equal(trm_dataset_overlap(train, held_out), 0);
    assert_int_equal(trm_dataset_overlap(other, train), 20);
    size_t bytes = (size_t)(train->count * train->state_dim) * sizeof *train->inputs;
    assert_memory_equal(train->inputs, again->inputs, bytes);
    assert_memory_not_equal(train->inputs, other->inputs,
                            (size_t)other->state_dim * 20 * sizeof *train->inputs);
    c.asked = true;
    trm_dataset *all = trm_dataset_new(&c, TRM_SPLIT_HELD_OUT, 1000, 1, &e);
    assert_int_equal(all->count, PUZZLES);
    for (int32_t i = 0; i < 16; i++) { // of the last line: what is given is as it stands there
        char digit = text[(PUZZLES - 1) * 17 + i];
        if (digit != '.')
            assert_int_equal(all->targets[(PUZZLES - 1) * 16 + i], digit - '1');
    }
    trm_dataset *const made[] = {train, again, other, held_out, all};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        trm_dataset_free(made[i]);
    trm_dataset_close(s);
    c.asked = false;
    text[17] = '\0'; // one puzzle alone is on one side
    write_text(folder, "p.txt", text);
    assert_null(trm_dataset_new(&c, TRM_SPLIT_TRAIN, 1, 1, &e));
    assert_non_null(strstr(e.message, "none to learn from"));
    c.size = 9;
    assert_null(trm_dataset_open(&c, &e));
    assert_non_null(strstr(e.message, "p.txt:1: a 4x4 puzzle, expected 9x9"));
    remove_folder(folder, (const char *const[]){"p.txt", NULL});
    assert_null(trm_dataset_open(&c, &e));
    assert_int_equal(e.code, TRM_E_INPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drawn_puzzles_have_one_solution_and_so_many_givens),
        cmocka_unit_test(test_too_few_givens_give_a_puzzle_that_cannot_lose_one),
        cmocka_unit_test(test_all_grids_of_four_come_up_alike_often),
        cmocka_unit_test(test_large_grids_vary),
        cmocka_unit_test(test_twins_stand_on_one_side),
        cmocka_unit_test(test_the_split_divides),
        cmocka_unit_test(test_a_line_there_and_back),
        cmocka_unit_test(test_lines_that_are_no_puzzles),
        cmocka_unit_test(test_a_file_and_a_folder_of_puzzles),
        cmocka_unit_test(test_samples_from_a_file),
        cmocka_unit_test(test_samples_are_puzzles_and_their_solutions),
        cmocka_unit_test(test_samples_of_a_range_of_givens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
