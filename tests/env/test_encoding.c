// SPDX-License-Identifier: Apache-2.0
// Boards in planes and in tokens: the same samples, the same board, and what may be done with one
// may be done with the other.
#include <string.h>

#include "../support/check.h"
#include "trm/base/text.h"
#include "trm/env/dataset.h"

typedef struct kind {
    const char *type;
    int32_t size;
} kind;

static const kind kinds[] = {
    {"sudoku", 4},          {"sudoku", 6},          {"sudoku", 9},
    {"mazes-8", 0},         {"mazes-8-fixed", 9},   {"mazes-10", 0},
    {"mazes-10-fixed", 30}, {"mazes-10-fixed", 11}, {"mazes-10-fixed", 16}};

enum { KINDS = sizeof kinds / sizeof *kinds, COUNT = 12 };

static trm_dataset *draw(const kind *k, trm_encoding encoding, bool numbered, trm_split split) {
    trm_dataset_config c = {.size = k->size, .encoding = encoding, .numbered = numbered};
    trm_error e = {0};
    trm_text_copy(c.type, sizeof c.type, k->type);
    trm_dataset *d = trm_dataset_new(&c, split, COUNT, 3, &e);
    if (!d)
        fail_msg("%s", e.message);
    return d;
}

static const float *input_of(const trm_dataset *d, int32_t i) {
    return d->inputs + (int64_t)i * d->state_dim;
}

static const int32_t *target_of(const trm_dataset *d, int32_t i) {
    return d->targets + (int64_t)i * d->positions;
}

static void check_maze_cell(const trm_cell *cell, int32_t planes, int32_t input, int32_t target) {
    static const int32_t tokens[] = {
        [TRM_CELL_WALL] = 1, [TRM_CELL_EMPTY] = 2, [TRM_CELL_AGENT] = 3, [TRM_CELL_GOAL] = 4};
    assert_int_equal(input, tokens[cell->kind]);
    assert_int_equal(target, cell->kind != TRM_CELL_EMPTY ? input : planes ? 5 : 2);
}

static void check_sample(const trm_dataset *planes, const trm_dataset *tokens, int32_t i) {
    static trm_board a, b;
    const float *input = input_of(tokens, i);
    trm_dataset_board(planes, i, &a);
    trm_dataset_board(tokens, i, &b);
    assert_memory_equal(&a.geometry, &b.geometry, sizeof a.geometry);
    assert_memory_equal(a.cells, b.cells, (size_t)planes->positions * sizeof *a.cells);
    for (int32_t p = 0; p < planes->positions; p++) {
        const int32_t in = (int32_t)input[p], given = trm_dataset_given(tokens, input, p);
        const int32_t truth = target_of(planes, i)[p], target = target_of(tokens, i)[p];
        if (trm_dataset_is_sudoku(planes)) {
            assert_int_equal(in, a.cells[p].digit + 1);
            assert_int_equal(target, truth + 2);
            assert_int_equal(trm_dataset_digit(tokens, target), trm_dataset_digit(planes, truth));
        } else {
            check_maze_cell(&a.cells[p], truth, in, target);
        }
        assert_true(given == -1 || given == target);
        assert_int_equal(given == -1, trm_dataset_given(planes, input_of(planes, i), p) == -1);
    }
}

static void test_the_same_samples(void **state) {
    (void)state;
    for (int32_t k = 0; k < 2 * KINDS; k++) {
        const trm_split split = k % 2 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT;
        trm_dataset *planes = draw(&kinds[k / 2], TRM_ENCODING_PLANES, false, split);
        trm_dataset *tokens = draw(&kinds[k / 2], TRM_ENCODING_TOKENS, k % 2, split);
        trm_dataset_stats a, b;
        assert_int_equal(tokens->state_dim, tokens->positions + k % 2);
        assert_int_equal(tokens->classes,
                         trm_dataset_is_maze(tokens) ? 6 : tokens->geometry.rows + 2);
        for (int32_t i = 0; i < COUNT; i++) {
            check_sample(planes, tokens, i);
            assert_true(k % 2 == 0 || input_of(tokens, i)[tokens->positions] == 0);
        }
        trm_dataset_measure(planes, &a);
        trm_dataset_measure(tokens, &b);
        assert_int_equal(a.distinct_inputs, b.distinct_inputs);
        assert_int_equal(a.without_path, b.without_path);
        trm_dataset_free(planes);
        trm_dataset_free(tokens);
    }
}

// What is put into a cell is what stands there, and nowhere else.
static void test_cells_are_written_and_read(void **state) {
    (void)state;
    static const uint8_t maze[] = {TRM_CELL_EMPTY, TRM_CELL_WALL, TRM_CELL_AGENT, TRM_CELL_GOAL};
    for (int32_t k = 0; k < 2 * KINDS; k++) {
        trm_dataset *d =
            draw(&kinds[k / 2], k % 2 ? TRM_ENCODING_TOKENS : TRM_ENCODING_PLANES, false, 0);
        for (int32_t p = 0; p < d->positions; p++) {
            const int32_t beside = (p + 1) % d->positions;
            const trm_cell before = trm_dataset_cell(d, d->inputs, beside);
            trm_cell cell = {.kind = maze[p % 4]};
            if (trm_dataset_is_sudoku(d)) {
                cell.digit = (uint8_t)(p % (d->geometry.rows + 1));
                cell.kind = cell.digit ? TRM_CELL_GIVEN : TRM_CELL_EMPTY;
            }
            trm_dataset_put(d, d->inputs, p, cell);
            const trm_cell got = trm_dataset_cell(d, d->inputs, p);
            const trm_cell after = trm_dataset_cell(d, d->inputs, beside);
            assert_true(got.kind == cell.kind && got.digit == cell.digit);
            assert_true(before.kind == after.kind && before.digit == after.digit);
        }
        trm_dataset_free(d);
    }
}

// A hand changes both alike, or is refused by both with the same words.
static void test_edits_are_alike(void **state) {
    (void)state;
    static trm_board a, b;
    trm_rng rng;
    trm_rng_seed(&rng, 8, 0);
    for (int32_t k = 0; k < KINDS; k++) {
        trm_dataset *planes = draw(&kinds[k], TRM_ENCODING_PLANES, false, 0);
        trm_dataset *tokens = draw(&kinds[k], TRM_ENCODING_TOKENS, true, 0);
        for (int32_t n = 0; n < 500; n++) {
            const trm_edit edit = {.kind = (trm_edit_kind)trm_rng_below(&rng, 4),
                                   .cell = (int32_t)trm_rng_below(&rng, 100) - 5,
                                   .digit = (int32_t)trm_rng_below(&rng, 12) - 1};
            trm_error ours = {0}, theirs = {0};
            assert_int_equal(trm_dataset_edit(planes, planes->inputs, &edit, &ours),
                             trm_dataset_edit(tokens, tokens->inputs, &edit, &theirs));
            assert_string_equal(ours.message, theirs.message);
            trm_dataset_board(planes, 0, &a);
            trm_dataset_board(tokens, 0, &b);
            assert_memory_equal(a.cells, b.cells, (size_t)planes->positions * sizeof *a.cells);
        }
        trm_dataset_free(planes);
        trm_dataset_free(tokens);
    }
}

// Start and goal may be said as themselves or as path; a wall may not be walked.
static void test_what_is_a_path(void **state) {
    (void)state;
    const kind mazes = {"mazes-8-fixed", 8};
    trm_dataset *d = draw(&mazes, TRM_ENCODING_TOKENS, false, TRM_SPLIT_TRAIN);
    for (int32_t i = 0; i < COUNT; i++) {
        int32_t answer[64];
        memcpy(answer, target_of(d, i), sizeof answer);
        assert_true(trm_dataset_is_path(d, i, answer));
        for (int32_t p = 0; p < 64; p++) {
            const int32_t right = answer[p];
            const bool on = trm_dataset_on_path(d, right);
            for (answer[p] = 0; answer[p] < 6; answer[p]++)
                assert_int_equal(trm_dataset_is_path(d, i, answer),
                                 trm_dataset_on_path(d, answer[p]) == on);
            answer[p] = right;
        }
    }
    trm_dataset_free(d);
}

// Pads, blanks and what is no token at all are no digits, and no fault.
static void test_odd_tokens(void **state) {
    (void)state;
    const kind sudoku = {"sudoku", 4};
    trm_dataset *d = draw(&sudoku, TRM_ENCODING_TOKENS, false, TRM_SPLIT_TRAIN);
    assert_string_equal(trm_dataset_class_name(d, 0), "pad");
    assert_string_equal(trm_dataset_class_name(d, 1), "blank");
    assert_string_equal(trm_dataset_class_name(d, 5), "4");
    assert_int_equal(trm_dataset_digit(d, 0), 0);
    assert_int_equal(trm_dataset_digit(d, 1), 0);
    const float odd[] = {-3, 0, 1, 1.4f, 4.6f, 99};
    const int32_t digits[] = {0, 0, 0, 0, 4, 4};
    for (int32_t i = 0; i < 6; i++) {
        d->inputs[i] = odd[i];
        assert_int_equal(trm_dataset_cell(d, d->inputs, i).digit, digits[i]);
    }
    trm_dataset_free(d);
}

static void test_vectors_are_no_board(void **state) {
    (void)state;
    const trm_dataset_config c = {.type = "tokens", .encoding = TRM_ENCODING_TOKENS};
    trm_error e = {0};
    trm_dataset shape;
    assert_false(trm_dataset_shape(&c, &shape, &e));
    assert_non_null(strstr(e.message, "sudoku"));
    assert_null(trm_dataset_open(&c, &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_samples), cmocka_unit_test(test_cells_are_written_and_read),
        cmocka_unit_test(test_edits_are_alike),  cmocka_unit_test(test_what_is_a_path),
        cmocka_unit_test(test_odd_tokens),       cmocka_unit_test(test_vectors_are_no_board),
    };
    return cmocka_run_group_tests_name("encoding", tests, NULL, NULL);
}
