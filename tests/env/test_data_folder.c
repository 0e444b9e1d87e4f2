// SPDX-License-Identifier: Apache-2.0
// The folders that the paper's code trains from: arrays of tokens, and CSV.
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/check.h"
#include "env/files/npy.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/env/dataset.h"
#include "trm/env/puzzle.h"

enum { PATH = 256 };

// ---- arrays

// A NumPy file: its header, then the items. Returns its size.
static size_t npy(char *out, const char *header, const void *data, size_t bytes) {
    const size_t length = strlen(header);
    memcpy(out, "\x93NUMPY\x01\0", 8);
    out[8] = (char)(length & 255);
    out[9] = (char)(length >> 8);
    memcpy(out + 10, header, length);
    memcpy(out + 10 + length, data, bytes);
    return 10 + length + bytes;
}

static void test_three_types(void **state) {
    (void)state;
    static const int32_t four[] = {1, -2, 300000};
    static const int64_t eight[] = {1, -2, INT64_C(1) << 40};
    char bytes[256];
    trm_npy a;
    trm_error e = {0};
    size_t n = npy(bytes, "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }   \n",
                   "\1\2\3\4\5\xff", 6);
    assert_true(trm_npy_parse(bytes, n, &a, &e));
    assert_true(a.dims == 2 && a.shape[0] == 2 && a.shape[1] == 3 && a.count == 6);
    assert_true(trm_npy_at(&a, 0) == 1 && trm_npy_at(&a, 5) == 255);
    n = npy(bytes, "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }\n", four, 12);
    assert_true(trm_npy_parse(bytes, n, &a, &e));
    assert_true(trm_npy_at(&a, 1) == -2 && trm_npy_at(&a, 2) == 300000);
    n = npy(bytes, "{'shape': (3,), 'fortran_order': False, 'descr': '<i8'}", eight, 24);
    assert_true(trm_npy_parse(bytes, n, &a, &e));
    assert_true(trm_npy_at(&a, 1) == -2 && trm_npy_at(&a, 2) == INT64_C(1) << 40);
}

static void test_headers_that_lie(void **state) {
    (void)state;
    static const struct {
        const char *header, *says;
    } bad[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "items of type '<f4'"},
        {"{'descr': '>i4', 'fortran_order': False, 'shape': (1,), }", "items of type '>i4'"},
        {"{'descr': '|u1', 'fortran_order': True, 'shape': (4,), }", "Fortran order"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }", "5 bytes, found 4"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (-4,), }", "shape"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,), }", "shape"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (1073741824, 1024), }", "2^30 items"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 1, 1, 4), }", "more than 4"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (4", "does not end"},
        {"{'descr': '|u1', 'descr': '|u1', 'shape': (4,), }", "twice"},
        {"{'descr': '|u1', 'shape': (4,), }", "lacks"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (4,), } x", "something follows"},
        {"(1)", "not a dict"},
    };
    char bytes[256];
    trm_npy a;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        trm_error e = {0};
        const size_t n = npy(bytes, bad[i].header, "\1\2\3\4", 4);
        char *exact = malloc(n);
        memcpy(exact, bytes, n);
        assert_false(trm_npy_parse(exact, n, &a, &e));
        if (e.code != TRM_E_INPUT || !strstr(e.message, bad[i].says))
            fail_msg("%s: %s", bad[i].header, e.message);
        for (size_t cut = 0; cut < n; cut++) // no part of it is read past its end
            trm_npy_parse(memcpy(exact, bytes, cut), cut, &a, NULL);
        free(exact);
    }
    trm_error e = {0};
    assert_false(trm_npy_parse("PK\3\4", 4, &a, &e));
    assert_non_null(strstr(e.message, "not a NumPy file"));
}

// ---- folders

static void put(const char *folder, const char *name, const void *bytes, size_t size) {
    char path[PATH];
    trm_error e = {0};
    trm_text_format(path, sizeof path, "%s/%s", folder, name);
    assert_true(trm_file_write(path, bytes, size, &e));
}

static void put_arrays(const char *folder, int32_t n, int32_t cells, const uint8_t *inputs,
                       const uint8_t *labels) {
    char header[160], *bytes = malloc((size_t)(n * cells) + 256);
    trm_text_format(header, sizeof header,
                    "{'descr': '|u1', 'fortran_order': False, 'shape': (%d, %d), }\n", n, cells);
    put(folder, "all__inputs.npy", bytes, npy(bytes, header, inputs, (size_t)(n * cells)));
    put(folder, "all__labels.npy", bytes, npy(bytes, header, labels, (size_t)(n * cells)));
    trm_text_format(header, sizeof header,
                    "{\"pad_id\": 0, \"ignore_label_id\": 0, \"blank_identifier_id\": 0, "
                    "\"seq_len\": %d, \"sets\": [\"all\"]}",
                    cells);
    put(folder, "dataset.json", header, strlen(header));
    free(bytes);
}

static char *sub_folder(char out[PATH], const char *folder, const char *name) {
    trm_text_format(out, PATH, "%s/%s", folder, name);
    mkdir(out, 0700);
    return out;
}

static void remove_tree(const char *folder) {
    static const char *const names[] = {"train/", "test/", ""};
    static const char *const files[] = {
        "all__inputs.npy",         "all__labels.npy", "dataset.json", "all__puzzle_identifiers.npy",
        "all__puzzle_indices.npy", "train.csv",       "test.csv",     ""};
    char path[PATH];
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
            trm_text_format(path, sizeof path, "%s/%s%s", folder, names[i], files[k]);
            if (unlink(path) != 0)
                rmdir(path);
        }
}

// Tokens are digits and 1.
static void put_puzzles(const char *folder, int32_t n, uint64_t seed) {
    uint8_t inputs[64 * 16], labels[64 * 16];
    trm_rng rng;
    trm_rng_seed(&rng, seed, 0);
    for (int32_t i = 0; i < n; i++) {
        trm_puzzle p;
        trm_puzzle_draw(4, 6, TRM_SPLIT_TRAIN, &rng, &p);
        for (int32_t k = 0; k < 16; k++) {
            inputs[i * 16 + k] = (uint8_t)(p.cells[k] + 1);
            labels[i * 16 + k] = (uint8_t)(p.solution[k] + 1);
        }
    }
    put_arrays(folder, n, 16, inputs, labels);
}

static int32_t count_of(trm_dataset_config *c, trm_split split, trm_error *e) {
    trm_dataset *d = trm_dataset_new(c, split, 1000, 1, e);
    const int32_t count = d ? d->count : -1;
    trm_dataset_free(d);
    return count;
}

static void test_sudokus_of_two_sides(void **state) {
    (void)state;
    char folder[] = "/tmp/trm-folder-XXXXXX", path[PATH];
    trm_error e = {0};
    assert_non_null(mkdtemp(folder));
    trm_dataset_config c = {.type = "sudoku", .size = 4};
    trm_text_copy(c.files, sizeof c.files, folder);
    put_puzzles(sub_folder(path, folder, "train"), 20, 1);
    put_puzzles(sub_folder(path, folder, "test"), 7, 2);
    assert_int_equal(count_of(&c, TRM_SPLIT_TRAIN, &e), 20);
    assert_int_equal(count_of(&c, TRM_SPLIT_HELD_OUT, &e), 7);
    c.asked = true;
    assert_int_equal(count_of(&c, TRM_SPLIT_HELD_OUT, &e), 7);
    trm_text_copy(c.files, sizeof c.files, path); // the one folder alone
    assert_int_equal(count_of(&c, TRM_SPLIT_HELD_OUT, &e), 7);

    uint8_t input[] = {2, 3, 1, 1, 4, 5, 1, 1, 1, 1, 5, 1, 1, 4, 3, 2};
    uint8_t label[] = {2, 3, 4, 5, 4, 5, 2, 3, 3, 2, 5, 4, 5, 4, 3, 2};
    put_arrays(path, 1, 16, input, label);
    assert_int_equal(count_of(&c, TRM_SPLIT_HELD_OUT, &e), 1);
    label[15] = 3;
    put_arrays(path, 1, 16, input, label);
    assert_int_equal(count_of(&c, TRM_SPLIT_HELD_OUT, &e), -1);
    assert_non_null(strstr(e.message, "sample 0: the answer has 2 in row 4, column 4"));
    input[0] = 7;
    put_arrays(path, 1, 16, input, label);
    assert_int_equal(count_of(&c, TRM_SPLIT_HELD_OUT, &e), -1);
    assert_non_null(strstr(e.message, "sample 0: cell 0 has input 7"));
    put(path, "all__puzzle_identifiers.npy", input, 4);
    assert_int_equal(count_of(&c, TRM_SPLIT_HELD_OUT, &e), -1);
    assert_non_null(strstr(e.message, "all__puzzle_identifiers.npy: not a NumPy file"));
    remove_tree(folder);
}

static void test_csv_of_two_sides(void **state) {
    (void)state;
    static const char train[] = "source,question,answer,rating\n"
                                "a,12..34....4..321,1234341221434321,0\n"
                                "b,123.3.1..1.34..1,1234341221434321,3\n";
    static const char test[] = "source,question,answer,rating\n"
                               "c,21..34....4..312,2134342112434312,1\n";
    char folder[] = "/tmp/trm-folder-XXXXXX";
    trm_error e = {0};
    assert_non_null(mkdtemp(folder));
    put(folder, "train.csv", train, strlen(train));
    trm_dataset_config c = {.type = "sudoku", .size = 4};
    trm_text_copy(c.files, sizeof c.files, folder);
    put(folder, "test.csv", test, strlen(test));
    assert_int_equal(count_of(&c, TRM_SPLIT_TRAIN, &e), 2);
    assert_int_equal(count_of(&c, TRM_SPLIT_HELD_OUT, &e), 1);
    remove_tree(folder);
}

// A path of the label's own where there are several; one that is longer is refused.
static void test_mazes_take_the_labels_path(void **state) {
    (void)state;
    //  S .    one way is right and down, the other down and right
    //  . G
    const uint8_t input[] = {3, 2, 2, 2, 4, 2, 2, 2, 2};
    uint8_t label[] = {3, 2, 2, 5, 4, 2, 2, 2, 2};
    char folder[] = "/tmp/trm-folder-XXXXXX";
    trm_error e = {0};
    assert_non_null(mkdtemp(folder));
    for (int way = 0; way < 2; way++) {
        label[1] = way ? 5 : 2;
        label[3] = way ? 2 : 5;
        put_arrays(folder, 1, 9, input, label);
        trm_dataset_config c = {.type = "mazes-10-fixed", .size = 3, .asked = true};
        trm_text_copy(c.files, sizeof c.files, folder);
        trm_dataset *d = trm_dataset_new(&c, TRM_SPLIT_HELD_OUT, 1, 1, &e);
        if (!d)
            fail_msg("%s", e.message);
        assert_true(d->targets[1] == way && d->targets[3] == !way && d->targets[0] == 1);
        trm_dataset_free(d);
        label[1] = label[3] = 5;
        put_arrays(folder, 1, 9, input, label);
        assert_null(trm_dataset_new(&c, TRM_SPLIT_HELD_OUT, 1, 1, &e));
        assert_non_null(strstr(e.message, "sample 0: the label's path is not one of the shortest"));
    }
    remove_tree(folder);
}

// What dataset.json says must be so.
static void test_what_the_folder_says_of_itself(void **state) {
    (void)state;
    static const struct {
        const char *json, *says; // says NULL: it is fine
    } cases[] = {
        {"{}", NULL},
        {"{\"seq_len\": 16, \"vocab_size\": 6, \"num_puzzle_identifiers\": 1}", NULL},
        {"{\"ignore_label_id\": null, \"sets\": [\"all\"], \"total_groups\": 20.5}", NULL},
        {"{\"seq_len\": 81}", "dataset.json: \"seq_len\" is 81, and the samples have 16 cells"},
        {"{\"vocab_size\": 5}",
         "\"vocab_size\" is 5, and sample 0 of all__inputs.npy has the token"},
        {"{\"pad_id\": 1}", "\"pad_id\" is 1, expected 0"},
        {"{\"ignore_label_id\": 3}", "\"ignore_label_id\" is 3, expected 0"},
        {"{\"seq_len\": \"16\"}", "\"seq_len\" is not a whole number"},
        {"{\"vocab_size\": 6.5}", "\"vocab_size\" is not a whole number"},
        {"{\"vocab_size\": 1e300}", "\"vocab_size\" is not a whole number"},
        {"{\"sets\": [\"small\"]}", "does not name the set \"all\""},
        {"[16]", "dataset.json: this is not a JSON object"},
        {"{\"seq_len\": 16", "dataset.json: this is not a JSON object"},
        {"", "dataset.json: this is not a JSON object"},
    };
    char folder[] = "/tmp/trm-folder-XXXXXX";
    trm_dataset_config c = {.type = "sudoku", .size = 4, .asked = true};
    assert_non_null(mkdtemp(folder));
    trm_text_copy(c.files, sizeof c.files, folder);
    put_puzzles(folder, 20, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_error e = {0};
        put(folder, "dataset.json", cases[i].json, strlen(cases[i].json));
        const int32_t n = count_of(&c, TRM_SPLIT_HELD_OUT, &e);
        if (cases[i].says ? n >= 0 || !strstr(e.message, cases[i].says) : n != 20)
            fail_msg("%s: %d, %s", cases[i].json, n, e.message);
        assert_null(strchr(e.message, '\n'));
    }
    remove_tree(folder);
}

static void put_numbers(const char *folder, const char *name, const int32_t *x, int32_t n) {
    char header[128], bytes[512];
    trm_text_format(header, sizeof header,
                    "{'descr': '<i4', 'fortran_order': False, 'shape': (%d,), }\n", n);
    put(folder, name, bytes, npy(bytes, header, x, (size_t)n * sizeof *x));
}

// Samples bring the number of their puzzle along; others have the one that is said.
static void test_numbers_of_puzzles(void **state) {
    (void)state;
    static const int32_t ids[] = {4, 0, 2}, starts[] = {0, 2, 3, 4};
    char folder[] = "/tmp/trm-folder-XXXXXX";
    trm_error e = {0};
    trm_dataset_config c = {.type = "sudoku",
                            .size = 4,
                            .asked = true,
                            .encoding = TRM_ENCODING_TOKENS,
                            .numbered = true,
                            .puzzles = 5,
                            .puzzle = 3};
    assert_non_null(mkdtemp(folder));
    trm_text_copy(c.files, sizeof c.files, folder);
    put_puzzles(folder, 4, 1);
    put_numbers(folder, "all__puzzle_identifiers.npy", ids, 3);
    put_numbers(folder, "all__puzzle_indices.npy", starts, 4);
    trm_dataset *d = trm_dataset_new(&c, TRM_SPLIT_HELD_OUT, 4, 1, &e);
    if (!d)
        fail_msg("%s", e.message);
    static const int32_t wanted[] = {4, 4, 3, 2};
    for (int32_t i = 0; i < 4; i++)
        assert_int_equal((int32_t)d->inputs[i * d->state_dim + d->positions], wanted[i]);
    trm_dataset_free(d);
    c.puzzles = 4;
    assert_null(trm_dataset_new(&c, TRM_SPLIT_HELD_OUT, 4, 1, &e));
    assert_non_null(
        strstr(e.message, "puzzle number 4: the model has vectors for the numbers 0 to 3"));
    put(folder, "dataset.json", "{\"num_puzzle_identifiers\": 3}", 29);
    assert_null(trm_dataset_new(&c, TRM_SPLIT_HELD_OUT, 4, 1, &e));
    assert_non_null(strstr(e.message, "\"num_puzzle_identifiers\" is 3, and"));
    c.files[0] = 0; // drawn ones
    d = trm_dataset_new(&c, TRM_SPLIT_HELD_OUT, 1, 1, &e);
    assert_int_equal((int32_t)d->inputs[d->positions], 3);
    trm_dataset_free(d);
    c.puzzle = 9;
    assert_null(trm_dataset_new(&c, TRM_SPLIT_HELD_OUT, 1, 1, &e));
    remove_tree(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_types),
        cmocka_unit_test(test_headers_that_lie),
        cmocka_unit_test(test_sudokus_of_two_sides),
        cmocka_unit_test(test_csv_of_two_sides),
        cmocka_unit_test(test_mazes_take_the_labels_path),
        cmocka_unit_test(test_what_the_folder_says_of_itself),
        cmocka_unit_test(test_numbers_of_puzzles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
