// SPDX-License-Identifier: Apache-2.0
// Images of training samples: the same boards in another dress, answers and all, and never one that
// is held out.
#include <string.h>

#include "../support/check.h"
#include "trm/base/text.h"
#include "trm/env/dataset.h"
#include "trm/env/puzzle.h"

enum { COUNT = 20, IMAGES = 6, SEED = 5 };

typedef struct kind {
    const char *type;
    int32_t size;
    trm_encoding encoding;
} kind;

static const kind kinds[] = {
    {"sudoku", 4, TRM_ENCODING_PLANES},         {"sudoku", 6, TRM_ENCODING_TOKENS},
    {"sudoku", 9, TRM_ENCODING_PLANES},         {"sudoku", 9, TRM_ENCODING_TOKENS},
    {"mazes-8-fixed", 6, TRM_ENCODING_PLANES},  {"mazes-8-fixed", 8, TRM_ENCODING_TOKENS},
    {"mazes-10-fixed", 5, TRM_ENCODING_PLANES}, {"mazes-10-fixed", 30, TRM_ENCODING_TOKENS}};
enum { KINDS = sizeof kinds / sizeof *kinds };

typedef struct images {
    trm_dataset_source *source;
    trm_dataset *from, *to;
} images;

static images make(const kind *k, int32_t count, int32_t each) {
    trm_dataset_config c = {.size = k->size, .encoding = k->encoding};
    images x;
    c.numbered = k->encoding == TRM_ENCODING_TOKENS;
    trm_text_copy(c.type, sizeof c.type, k->type);
    x.source = trm_dataset_open(&c, NULL);
    assert_non_null(x.source);
    x.from = trm_dataset_draw(x.source, TRM_SPLIT_TRAIN, count, 3, NULL);
    x.to = trm_dataset_augment(x.source, x.from, each, SEED, NULL);
    assert_int_equal(x.to->count, count * each);
    return x;
}

static void drop(images *x) {
    trm_dataset_free(x->from);
    trm_dataset_free(x->to);
    trm_dataset_close(x->source);
}

static int32_t count_kind(const trm_board *b, int32_t cells, uint8_t what) {
    int32_t n = 0;
    for (int32_t p = 0; p < cells; p++)
        n += b->cells[p].kind == what;
    return n;
}

static void check_sudoku(const trm_dataset *d, int32_t i, const trm_board *board) {
    int32_t cells[TRM_PUZZLE_CELLS];
    trm_puzzle p;
    trm_error e = {0};
    for (int32_t c = 0; c < d->positions; c++)
        cells[c] = board->cells[c].digit;
    if (!trm_puzzle_of_cells(d->geometry.rows, cells, &p, &e)) // has one solution
        fail_msg("%s", e.message);
    for (int32_t c = 0; c < d->positions; c++)
        assert_int_equal(trm_dataset_digit(d, d->targets[i * d->positions + c]), p.solution[c]);
    assert_int_equal(trm_puzzle_side(&p), TRM_SPLIT_TRAIN);
}

static void test_images_are_the_same_boards(void **state) {
    (void)state;
    static trm_board before, after;
    for (int k = 0; k < KINDS; k++) {
        images x = make(&kinds[k], COUNT, IMAGES);
        const int32_t n = x.to->positions;
        for (int32_t i = 0; i < x.to->count; i++) {
            trm_dataset_board(x.from, i % COUNT, &before);
            trm_dataset_board(x.to, i, &after);
            for (uint8_t what = TRM_CELL_EMPTY; what <= TRM_CELL_GIVEN; what++)
                assert_int_equal(count_kind(&before, n, what), count_kind(&after, n, what));
            if (trm_dataset_is_sudoku(x.to))
                check_sudoku(x.to, i, &after);
            else
                assert_true(trm_dataset_is_path(x.to, i, x.to->targets + i * n));
        }
        drop(&x);
    }
}

static bool same(const trm_dataset *a, const trm_dataset *b) {
    const size_t inputs = (size_t)a->count * (size_t)a->state_dim * sizeof *a->inputs;
    const size_t targets = (size_t)a->count * (size_t)a->positions * sizeof *a->targets;
    return memcmp(a->inputs, b->inputs, inputs) == 0 &&
           memcmp(a->targets, b->targets, targets) == 0;
}

static void test_equal_seeds_give_equal_images(void **state) {
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        images x = make(&kinds[k], COUNT, IMAGES);
        trm_dataset *again = trm_dataset_augment(x.source, x.from, IMAGES, SEED, NULL);
        trm_dataset *other = trm_dataset_augment(x.source, x.from, IMAGES, SEED + 1, NULL);
        assert_true(same(x.to, again));
        assert_false(same(x.to, other));
        trm_dataset_free(again);
        trm_dataset_free(other);
        drop(&x);
    }
}

// A maze has 8 images, of which a fifth is held out; a sudoku so many that none comes twice.
static void test_how_many_there_are(void **state) {
    (void)state;
    enum { MANY = 100 };
    for (int k = 0; k < KINDS; k++) {
        images x = make(&kinds[k], 1, MANY);
        trm_dataset_stats stats;
        trm_dataset_measure(x.to, &stats);
        if (trm_dataset_is_sudoku(x.to))
            assert_true(stats.distinct_inputs > MANY - 10);
        else
            assert_in_range(stats.distinct_inputs, 3, 8);
        drop(&x);
    }
}

static void test_none_is_held_out(void **state) {
    (void)state;
    const kind small = {"mazes-10-fixed", 5, TRM_ENCODING_PLANES};
    images x = make(&small, 500, 8);
    trm_dataset *held_out = trm_dataset_draw(x.source, TRM_SPLIT_HELD_OUT, 2000, 3, NULL);
    assert_int_equal(trm_dataset_overlap(x.to, held_out), 0);
    trm_dataset_free(held_out);
    drop(&x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_images_are_the_same_boards),
        cmocka_unit_test(test_equal_seeds_give_equal_images),
        cmocka_unit_test(test_how_many_there_are),
        cmocka_unit_test(test_none_is_held_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
