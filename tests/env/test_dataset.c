// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <string.h>

#include "../support/check.h"
#include "env/bfs.h"
#include "trm/base/text.h"
#include "trm/env/dataset.h"

static trm_dataset *draw(const char *type, int32_t size, trm_split split, int32_t count) {
    trm_dataset_config c = {.size = size};
    trm_error e = {0};
    trm_text_copy(c.type, sizeof c.type, type);
    trm_dataset *d = trm_dataset_new(&c, split, count, 7, &e);
    if (!d)
        fail_msg("%s", e.message);
    return d;
}

static int32_t only_one(const float *channel, int32_t n) {
    int32_t at = -1;
    for (int32_t i = 0; i < n; i++)
        if (channel[i] > 0) {
            assert_int_equal(at, -1);
            at = i;
        }
    assert_true(at >= 0);
    return at;
}

// The target of sample i is a shortest path by an independent search.
static void check_path(const trm_dataset *d, int32_t i) {
    enum { CELLS = TRM_BOARD_MAX * TRM_BOARD_MAX };
    const float *input = d->inputs + (int64_t)i * d->state_dim;
    const int32_t *target = d->targets + (int64_t)i * d->positions;
    int32_t actions[CELLS], marked = 0;
    bool walls[CELLS];
    for (int32_t p = 0; p < d->positions; p++) {
        walls[p] = input[p] > 0;
        marked += target[p];
        assert_false(target[p] && walls[p]);
    }
    int32_t start = only_one(input + d->positions, d->positions);
    int32_t goal = only_one(input + 2 * d->positions, d->positions);
    int32_t n = trm_bfs_path(&d->geometry, walls, start, goal, actions, CELLS);
    assert_true(start != goal && n > 0);
    assert_int_equal(marked, n + 1);
    int32_t cell = start;
    static const int32_t rows[] = {-1, 1, 0, 0}, cols[] = {0, 0, -1, 1};
    for (int32_t t = 0; t < n; t++) {
        assert_int_equal(target[cell], 1);
        cell += rows[actions[t]] * d->geometry.cols + cols[actions[t]];
    }
    assert_int_equal(cell, goal);
}

static void test_corrected_mazes_have_one_varying_path(void **state) {
    (void)state;
    const struct {
        const char *type;
        int32_t size;
    } sets[] = {{"mazes-8-fixed", 0},  {"mazes-8-fixed", 13},  {"mazes-8-fixed", 4},
                {"mazes-10-fixed", 0}, {"mazes-10-fixed", 11}, {"mazes-10-fixed", 32},
                {"mazes-8-fixed", 17}, {"mazes-8-fixed", 32},  {"mazes-10-fixed", 3}};
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++) {
        trm_dataset *d = draw(sets[k].type, sets[k].size, TRM_SPLIT_TRAIN, 300);
        trm_dataset_stats s;
        for (int32_t i = 0; i < d->count; i++)
            check_path(d, i);
        trm_dataset_measure(d, &s);
        assert_int_equal(s.without_path, 0);
        if (d->geometry.rows > 7)
            assert_true(s.distinct_targets > 250);
        trm_dataset_free(d);
    }
}

static void test_the_largest_boards(void **state) {
    (void)state;
    const char *types[] = {"mazes-8-fixed", "mazes-10-fixed"};
    for (int k = 0; k < 2; k++) {
        trm_dataset *d = draw(types[k], TRM_BOARD_MAX, TRM_SPLIT_HELD_OUT, 5);
        for (int32_t i = 0; i < d->count; i++)
            check_path(d, i);
        trm_dataset_free(d);
    }
}

static void test_a_board_is_its_channels(void **state) {
    (void)state;
    static trm_board board;
    trm_dataset *d = draw("mazes-8-fixed", 0, TRM_SPLIT_TRAIN, 50);
    for (int32_t i = 0; i < d->count; i++) {
        const float *input = d->inputs + (int64_t)i * d->state_dim;
        trm_dataset_board(d, i, &board);
        assert_true(board.rows == 8 && board.cols == 8 && board.box_rows == 0);
        for (int32_t p = 0; p < d->positions; p++) {
            assert_int_equal(board.cells[p].kind == TRM_CELL_WALL, input[p] > 0);
            assert_int_equal(board.cells[p].kind == TRM_CELL_AGENT, input[64 + p] > 0);
            assert_int_equal(board.cells[p].kind == TRM_CELL_GOAL, input[128 + p] > 0);
        }
    }
    trm_dataset_free(d);
}

// Only the target is a path where there is one shortest path; one cell more, less or moved is none.
static void test_what_is_a_path(void **state) {
    (void)state;
    trm_dataset *d = draw("mazes-8-fixed", 0, TRM_SPLIT_TRAIN, 50);
    for (int32_t i = 0; i < d->count; i++) {
        int32_t *target = d->targets + (int64_t)i * d->positions;
        assert_true(trm_dataset_is_path(d, i, target));
        for (int32_t p = 0; p < d->positions; p++) {
            target[p] ^= 1;
            assert_false(trm_dataset_is_path(d, i, target));
            for (int32_t q = 0; q < p; q++) {
                target[q] ^= 1;
                assert_false(trm_dataset_is_path(d, i, target));
                target[q] ^= 1;
            }
            target[p] ^= 1;
        }
    }
    trm_dataset_free(d);
    d = draw("mazes-10", 0, TRM_SPLIT_TRAIN, 1); // walled off: nothing is
    assert_false(trm_dataset_is_path(d, 0, d->targets));
    trm_dataset_free(d);
    d = draw("mazes-8", 0, TRM_SPLIT_TRAIN, 1); // several shortest paths: any of them
    int32_t down_first[64] = {0};
    for (int32_t k = 0; k < 8; k++)
        down_first[8 * k] = down_first[56 + k] = 1;
    assert_true(trm_dataset_is_path(d, 0, d->targets));
    assert_true(trm_dataset_is_path(d, 0, down_first));
    trm_dataset_free(d);
}

static void test_the_sides_never_meet(void **state) {
    (void)state;
    const char *types[] = {"mazes-8-fixed", "mazes-10-fixed"};
    for (int k = 0; k < 2; k++) {
        trm_dataset *a = draw(types[k], 5, TRM_SPLIT_TRAIN, 10000);
        trm_dataset *b = draw(types[k], 5, TRM_SPLIT_HELD_OUT, 10000);
        assert_int_equal(trm_dataset_overlap(a, b), 0);
        assert_true(trm_dataset_overlap(a, a) == 10000);
        trm_dataset_free(a);
        trm_dataset_free(b);
    }
}

static void test_the_originals_faults_are_there(void **state) {
    (void)state;
    trm_dataset_stats s;
    trm_dataset *d = draw("mazes-8", 0, TRM_SPLIT_TRAIN, 2000);
    trm_dataset_measure(d, &s);
    assert_int_equal(s.distinct_targets, 1);
    assert_true(s.distinct_inputs > 1900 && s.majority == 1.0);
    for (int32_t i = 0; i < 8; i++) // along the top and down the right side
        assert_true(d->targets[i] == 1 && d->targets[8 * i + 7] == 1);
    trm_dataset_free(d);
    d = draw("mazes-10", 0, TRM_SPLIT_TRAIN, 500);
    trm_dataset_measure(d, &s);
    assert_int_equal(s.without_path, 500);
    assert_true(s.path_share == 0);
    trm_dataset_free(d);
    d = draw("mazes-10", 11, TRM_SPLIT_TRAIN, 50); // on an odd side the generator is right
    trm_dataset_measure(d, &s);
    assert_int_equal(s.without_path, 0);
    trm_dataset_free(d);
}

static void test_tokens_follow_their_rule(void **state) {
    (void)state;
    trm_dataset *d = draw("tokens", 0, TRM_SPLIT_TRAIN, 400);
    double sum = 0, squares = 0;
    assert_int_equal(d->state_dim, 16 * 32);
    for (int32_t i = 0; i < d->count * d->positions; i++) {
        double total = 0;
        for (int32_t k = 0; k < 32; k++) {
            double x = (double)d->inputs[i * 32 + k];
            total += x;
            sum += x;
            squares += x * x;
        }
        if (fabs(total - floor(total) - 0.5) < 1e-4)
            continue; // rounding may go either way
        int32_t want = ((int32_t)lround(total) + i % 16) % 10;
        assert_int_equal(d->targets[i], want < 0 ? want + 10 : want);
    }
    double n = (double)d->count * d->state_dim;
    assert_true(fabs(sum / n) < 0.01 && fabs(squares / n - 1) < 0.02);
    trm_dataset_free(d);
}

static void test_equal_arguments_give_equal_samples(void **state) {
    (void)state;
    for (int32_t k = 0; trm_dataset_name(k); k++) {
        trm_dataset *a = draw(trm_dataset_name(k), 0, TRM_SPLIT_TRAIN, 20);
        trm_dataset *b = draw(trm_dataset_name(k), 0, TRM_SPLIT_TRAIN, 20);
        trm_dataset *c = draw(trm_dataset_name(k), 0, TRM_SPLIT_HELD_OUT, 20);
        size_t bytes = 20 * (size_t)a->state_dim * sizeof(float);
        assert_memory_equal(a->inputs, b->inputs, bytes);
        assert_memory_not_equal(a->inputs, c->inputs, bytes);
        trm_dataset_free(a);
        trm_dataset_free(b);
        trm_dataset_free(c);
    }
}

static void test_bad_requests_are_refused(void **state) {
    (void)state;
    trm_error e;
    trm_dataset_config c = {.type = "mazes-9"};
    assert_null(trm_dataset_new(&c, TRM_SPLIT_TRAIN, 10, 0, &e));
    assert_non_null(strstr(e.message, "did you mean"));
    c = (trm_dataset_config){.type = "mazes-8", .size = 2};
    assert_null(trm_dataset_new(&c, TRM_SPLIT_TRAIN, 10, 0, &e));
    c.size = 65;
    assert_null(trm_dataset_new(&c, TRM_SPLIT_TRAIN, 10, 0, &e));
    c.size = 8;
    assert_null(trm_dataset_new(&c, TRM_SPLIT_TRAIN, 0, 0, &e));
    assert_null(trm_dataset_new(&c, TRM_SPLIT_TRAIN, 1000001, 0, &e));
    c.size = 64;
    assert_null(trm_dataset_new(&c, TRM_SPLIT_TRAIN, 1000000, 0, &e));
    assert_non_null(strstr(e.message, "4 GiB"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_corrected_mazes_have_one_varying_path),
        cmocka_unit_test(test_the_largest_boards),
        cmocka_unit_test(test_a_board_is_its_channels),
        cmocka_unit_test(test_what_is_a_path),
        cmocka_unit_test(test_the_sides_never_meet),
        cmocka_unit_test(test_the_originals_faults_are_there),
        cmocka_unit_test(test_tokens_follow_their_rule),
        cmocka_unit_test(test_equal_arguments_give_equal_samples),
        cmocka_unit_test(test_bad_requests_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
