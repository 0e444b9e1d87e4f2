// SPDX-License-Identifier: Apache-2.0
// Minimal sudokus, how hard they are, and data sets that mix them with those of files.
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

static trm_puzzle puzzle_of(const char *text) {
    trm_puzzle p;
    trm_error e = {0};
    if (!trm_puzzle_parse(text, &p, &e))
        fail_msg("%s", e.message);
    return p;
}

static void assert_minimal(const trm_puzzle *p) {
    const trm_sudoku_shape *s = trm_sudoku_shape_of(p->side);
    uint8_t cells[81], solution[81];
    assert_int_equal(trm_sudoku_count(s, p->cells, 2, solution), 1);
    assert_memory_equal(solution, p->solution, (size_t)(p->side * p->side));
    memcpy(cells, p->cells, sizeof cells);
    for (int32_t c = 0; c < p->side * p->side; c++)
        if (cells[c]) {
            cells[c] = 0;
            assert_int_equal(trm_sudoku_count(s, cells, 2, NULL), 2);
            cells[c] = p->cells[c];
        }
}

static void test_none_of_a_minimal_puzzles_givens_can_go(void **state) {
    (void)state;
    const int32_t sides[] = {4, 6, 9};
    trm_rng rng;
    trm_rng_seed(&rng, 5, 0);
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < 20; i++) {
            const trm_split split = i % 2 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT;
            trm_puzzle p;
            trm_puzzle_draw_minimal(sides[k], -1, split, &rng, &p);
            assert_minimal(&p);
            assert_int_equal(trm_puzzle_side(&p), split);
        }
}

// From lists that people know.
static void test_known_puzzles_have_the_grade_they_are_known_for(void **state) {
    (void)state;
    static const struct {
        const char *text;
        trm_puzzle_grade grade;
    } known[] = {
        // An easy one of a newspaper, and three of 17 clues.
        {"53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79",
         TRM_GRADE_SINGLES},
        {"........1.....2..3..4..5........6.7..1....8..9.3.2.......8.......9.1....2......5.",
         TRM_GRADE_SINGLES},
        {".................1..2..3.4......5....6.......71......6....8..5...47...3.9..61....",
         TRM_GRADE_LOCKED},
        {"........1.....2....34.....5.......2...1.5......6...7......34....8.1.....72.....8.",
         TRM_GRADE_GUESSES},
        // The first two of top95, and two that were called the hardest.
        {"4.....8.5.3..........7......2.....6.....8.4......1.......6.3.7.5..2.....1.4......",
         TRM_GRADE_LOCKED},
        {"52...6.........7.13...........4..8..6......5...........418.........3..2...87.....",
         TRM_GRADE_LOCKED},
        {"1....7.9..3..2...8..96..5....53..9...1..8...26....4...3......1..4......7..7...3..",
         TRM_GRADE_DEEP},
        {"8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4..",
         TRM_GRADE_DEEP},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const trm_puzzle p = puzzle_of(known[i].text);
        const trm_puzzle_rating r = trm_puzzle_rate(&p);
        if (r.grade != known[i].grade)
            fail_msg("puzzle %zu: %s, depth %d", i, trm_puzzle_grade_name((int32_t)r.grade),
                     r.depth);
        assert_int_equal(r.guesses > 0, r.grade >= TRM_GRADE_GUESSES);
        assert_int_equal(r.depth > 1, r.grade == TRM_GRADE_DEEP);
    }
}

static void test_renamed_digits_change_no_rating(void **state) {
    (void)state;
    trm_rng rng;
    trm_rng_seed(&rng, 6, 0);
    int32_t seen[TRM_GRADES] = {0};
    for (int i = 0; i < 40; i++) {
        trm_puzzle p, q;
        int32_t names[9];
        trm_puzzle_draw_minimal(9, -1, TRM_SPLIT_TRAIN, &rng, &p);
        for (int32_t d = 0; d < 9; d++)
            names[d] = d + 1;
        trm_rng_shuffle(&rng, names, 9);
        q = p;
        for (int32_t c = 0; c < 81; c++)
            q.cells[c] = p.cells[c] ? (uint8_t)names[p.cells[c] - 1] : 0;
        const trm_puzzle_rating a = trm_puzzle_rate(&p), b = trm_puzzle_rate(&q);
        assert_int_equal(a.grade, b.grade);
        assert_int_equal(a.guesses, b.guesses);
        assert_int_equal(a.depth, b.depth);
        seen[a.grade]++;
    }
    assert_true(seen[TRM_GRADE_SINGLES] > 0 && seen[TRM_GRADE_DEEP] > 0);
}

static void test_a_grade_can_be_asked_for(void **state) {
    (void)state;
    trm_rng rng;
    trm_rng_seed(&rng, 7, 0);
    for (int32_t grade = 0; grade < TRM_GRADES; grade++)
        for (int i = 0; i < 4; i++) {
            trm_puzzle p;
            trm_puzzle_draw_minimal(9, grade, TRM_SPLIT_TRAIN, &rng, &p);
            assert_int_equal(trm_puzzle_rate(&p).grade, grade);
            assert_minimal(&p);
        }
}

static int32_t turned_guesses(const trm_puzzle *p, int k) {
    trm_puzzle twin = *p;
    for (int32_t i = 0; i < 81; i++)
        twin.cells[k & 2 ? i % 9 * 9 + i / 9 : i] = p->cells[k & 1 ? 80 - i : i];
    return trm_puzzle_rate(&twin).guesses;
}

static void test_a_search_makes_puzzles_that_chance_hardly_ever_does(void **state) {
    (void)state;
    trm_rng rng;
    trm_rng_seed(&rng, 9, 0);
    for (int i = 0; i < 6; i++) {
        const trm_split split = i % 2 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT;
        trm_puzzle hard;
        int32_t guesses = 0, givens = 0;
        trm_puzzle_draw_hardest(split, &rng, &hard);
        assert_minimal(&hard);
        assert_int_equal(trm_puzzle_side(&hard), split);
        for (int k = 0; k < 4; k++)
            guesses += turned_guesses(&hard, k);
        for (int32_t c = 0; c < 81; c++)
            givens += hard.cells[c] != 0;
        assert_int_equal(hard.givens, givens);
        assert_true(guesses >= 4 * 16 - 2); // the mean is rounded
    }
}

// ---- data sets ----------------------------------------------------------------------------------

static trm_dataset_config config_of(const char *difficulty, float minimal) {
    trm_dataset_config c = {.type = "sudoku", .size = 9, .minimal = minimal, .givens_min = 40};
    trm_text_copy(c.difficulty, sizeof c.difficulty, difficulty);
    return c;
}

static trm_dataset *draw(const trm_dataset_config *c, trm_split split, int32_t count) {
    trm_error e = {0};
    trm_dataset *d = trm_dataset_new(c, split, count, 11, &e);
    if (!d)
        fail_msg("%s", e.message);
    return d;
}

static void puzzle_at(const trm_dataset *d, int32_t i, trm_puzzle *out) {
    *out = (trm_puzzle){.side = 9};
    for (int32_t c = 0; c < 81; c++) {
        const trm_cell cell = trm_dataset_cell(d, d->inputs + (int64_t)i * d->state_dim, c);
        out->cells[c] = cell.digit;
        out->givens += cell.digit > 0;
        out->solution[c] = (uint8_t)trm_dataset_digit(d, d->targets[(int64_t)i * 81 + c]);
    }
}

static void test_threads_change_no_sample(void **state) {
    (void)state;
    trm_dataset_config c = config_of("mixed", 0.5f);
    const int32_t count = 150; // more than two threads' pieces
    trm_dataset *one = draw(&c, TRM_SPLIT_TRAIN, count);
    c.threads = 3;
    trm_dataset *three = draw(&c, TRM_SPLIT_TRAIN, count);
    assert_memory_equal(one->inputs, three->inputs,
                        (size_t)count * (size_t)one->state_dim * sizeof *one->inputs);
    assert_memory_equal(one->targets, three->targets, (size_t)count * 81 * sizeof *one->targets);
    int32_t minimal = 0, grades[TRM_GRADES] = {0};
    for (int32_t i = 0; i < count; i++) {
        trm_puzzle p;
        puzzle_at(one, i, &p);
        minimal += p.givens < 40;
        if (p.givens < 40)
            grades[trm_puzzle_rate(&p).grade]++;
        assert_int_equal(trm_puzzle_side(&p), TRM_SPLIT_TRAIN);
    }
    assert_in_range(minimal, 50, 100);
    for (int32_t g = 0; g < TRM_GRADES; g++)
        assert_in_range(grades[g], 5, 40);
    trm_dataset_free(one);
    trm_dataset_free(three);
}

static void test_the_hardest_are_for_nines_only(void **state) {
    (void)state;
    trm_dataset_config c = config_of("hardest", 1);
    trm_error e = {0};
    trm_dataset *d = draw(&c, TRM_SPLIT_HELD_OUT, 3);
    for (int32_t i = 0; i < 3; i++) {
        trm_puzzle p;
        puzzle_at(d, i, &p);
        assert_int_equal(trm_puzzle_rate(&p).grade, TRM_GRADE_DEEP);
        assert_int_equal(trm_puzzle_side(&p), TRM_SPLIT_HELD_OUT);
    }
    trm_dataset_free(d);
    c.size = 6;
    c.givens_min = 14;
    assert_null(trm_dataset_new(&c, TRM_SPLIT_TRAIN, 3, 1, &e));
    assert_string_equal(e.message, "data.difficulty: only 9x9 sudokus are made \"hardest\": set "
                                   "data.size to 9, or leave it out");
}

static void test_success_brings_more_minimal_ones(void **state) {
    (void)state;
    trm_dataset_config c = config_of("any", 1);
    trm_error e = {0};
    const double solved[] = {0, 0.5, 1};
    int32_t minimal[3] = {0};
    c.curriculum = true;
    for (int k = 0; k < 3; k++) {
        trm_dataset_source *s = trm_dataset_open(&c, &e);
        trm_dataset_set_solved(s, solved[k]);
        trm_dataset *d = trm_dataset_draw(s, TRM_SPLIT_TRAIN, 60, 3, &e);
        for (int32_t i = 0; i < 60; i++) {
            trm_puzzle p;
            puzzle_at(d, i, &p);
            minimal[k] += p.givens < 40;
        }
        trm_dataset_free(d);
        trm_dataset_close(s);
    }
    assert_int_equal(minimal[0], 0);
    assert_in_range(minimal[1], 15, 45);
    assert_int_equal(minimal[2], 60);
}

// Writes puzzles that both sides of the split have; returns how many of them are for training.
static int32_t write_list(const char *path, int32_t count) {
    FILE *f = fopen(path, "w");
    trm_rng rng;
    int32_t train = 0;
    trm_rng_seed(&rng, 8, 0);
    for (int32_t i = 0; i < count; i++) {
        const trm_split split = i % 3 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT;
        char text[TRM_PUZZLE_TEXT];
        trm_puzzle p;
        trm_puzzle_draw(9, 30, split, &rng, &p);
        trm_puzzle_print(&p, text);
        fprintf(f, "%s\n", text);
        train += split == TRM_SPLIT_TRAIN;
    }
    fclose(f);
    return train;
}

static void test_files_and_generated_ones_stand_beside_one_another(void **state) {
    (void)state;
    char path[] = "/tmp/trm-hard-XXXXXX";
    close(mkstemp(path));
    const int32_t train = write_list(path, 12), count = 80;
    trm_dataset_config c = config_of("any", 0);
    trm_text_copy(c.files, sizeof c.files, path);
    c.generated = 0.25f;
    for (int side = 0; side < 2; side++) {
        const trm_split split = side ? TRM_SPLIT_HELD_OUT : TRM_SPLIT_TRAIN;
        trm_dataset *d = draw(&c, split, count);
        int32_t of_files = 0;
        assert_int_equal(d->count, count);
        for (int32_t i = 0; i < count; i++) {
            trm_puzzle p;
            puzzle_at(d, i, &p);
            of_files += p.givens == 30;
            assert_true(p.givens == 30 || p.givens == 40);
            assert_int_equal(trm_puzzle_side(&p), split);
        }
        // In training the list begins again, each time as another twin; held out nothing twice.
        assert_int_equal(of_files, side ? 12 - train : count - count / 4);
        trm_dataset_stats stats;
        trm_dataset_measure(d, &stats);
        assert_int_equal(stats.distinct_inputs, count);
        trm_dataset_free(d);
    }
    c.asked = true; // to be asked about the list is to be asked about nothing else
    trm_dataset *d = draw(&c, TRM_SPLIT_HELD_OUT, count);
    assert_int_equal(d->count, 12);
    trm_dataset_free(d);
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none_of_a_minimal_puzzles_givens_can_go),
        cmocka_unit_test(test_known_puzzles_have_the_grade_they_are_known_for),
        cmocka_unit_test(test_renamed_digits_change_no_rating),
        cmocka_unit_test(test_a_grade_can_be_asked_for),
        cmocka_unit_test(test_a_search_makes_puzzles_that_chance_hardly_ever_does),
        cmocka_unit_test(test_threads_change_no_sample),
        cmocka_unit_test(test_the_hardest_are_for_nines_only),
        cmocka_unit_test(test_success_brings_more_minimal_ones),
        cmocka_unit_test(test_files_and_generated_ones_stand_beside_one_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
