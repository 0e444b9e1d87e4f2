// SPDX-License-Identifier: Apache-2.0
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trm/run/safetensors.h"

// A file with this header and so many bytes of data 0, 1, 2, …; free() it.
static char *build(const char *header, size_t data_size, size_t *size) {
    uint64_t length = strlen(header);
    *size = 8 + length + data_size;
    char *bytes = malloc(*size);
    memcpy(bytes, &length, 8);
    memcpy(bytes + 8, header, length);
    for (size_t i = 0; i < data_size; i++)
        bytes[8 + length + i] = (char)i;
    return bytes;
}

static bool parse(trm_safetensors *s, const char *header, size_t data_size, trm_error *e) {
    size_t size;
    char *bytes = build(header, data_size, &size);
    bool ok = trm_safetensors_parse(s, "f", bytes, size, e);
    free(bytes);
    return ok;
}

#define T(name, dtype, shape, begin, end)                                                          \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end   \
    "]}"

static const struct {
    const char *header;
    size_t data;
    const char *words[3];
} hostile[] = {
    {"", 0, {"header, byte 8: expected '{'"}},
    {"[]", 0, {"expected '{'"}},
    {"{", 0, {"expected '\"'"}},
    {"{} x", 0, {"something follows the header's end"}},
    {"{,}", 0, {"expected '\"'"}},
    {"{\"a\"}", 0, {"expected ':'"}},
    {"{\"a\":1}", 0, {"expected '{'"}},
    {"{\"a\":{}}", 0, {"expected '\"'"}},
    {"{" T("a", "F32", "[1]", "0", "4") ",}", 4, {"expected '\"'"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, {"tensor \"a\"", "data_offsets is missing"}},
    {"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, {"shape is missing"}},
    {"{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, {"dtype is missing"}},
    {"{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 4, {"\"dtype\" appears twice"}},
    {"{\"a\":{\"dtype\":\"F32\",\"x\":1}}", 4, {"\"x\" does not belong there"}},
    {"{" T("a", "F8_E4M3", "[4]", "0", "4") "}", 4, {"tensor \"a\"", "F8_E4M3 cannot be read"}},
    {"{" T("a", "C64", "[1]", "0", "8") "}", 8, {"dtype C64 cannot be read"}},
    {"{" T("a", "BF16", "[3]", "0", "4") "}", 4, {"the shape needs 6 bytes, data_offsets give 4"}},
    {"{" T("a", "f32", "[1]", "0", "4") "}", 4, {"dtype f32 cannot be read"}},
    {"{" T("a", "F32", "[-1]", "0", "4") "}", 4, {"expected a whole number, 0 or more"}},
    {"{" T("a", "F32", "[1.0]", "0", "4") "}", 4, {"expected a whole number"}},
    {"{" T("a", "F32", "[1e0]", "0", "4") "}", 4, {"expected a whole number"}},
    {"{" T("a", "F32", "[NaN]", "0", "4") "}", 4, {"expected a whole number"}},
    {"{" T("a", "F32", "[01]", "0", "4") "}", 4, {"expected a whole number"}},
    {"{" T("a", "F32", "[]", "0", "null") "}", 4, {"expected a whole number"}},
    {"{" T("a", "F32", "[\"1\"]", "0", "4") "}", 4, {"expected a whole number"}},
    {"{" T("a", "F32", "[9007199254740992]", "0", "4") "}", 4, {"the number is too large"}},
    {"{" T("a", "F32", "[99999999999999999999999]", "0", "4") "}", 4, {"too large"}},
    {"{" T("a", "F32", "[4294967296,4294967296]", "0", "0") "}", 0, {"the shape overflows"}},
    {"{" T("a", "F64", "[1125899906842624]", "0", "0") "}", 0, {"the shape needs"}},
    {"{" T("a", "F64", "[2305843009213693,1024,1024]", "0", "0") "}", 0, {"overflows"}},
    {"{" T("a", "F32", "[1,1,1,1,1]", "0", "4") "}", 4, {"more than 4 dimensions"}},
    {"{" T("a", "F32", "[1]", "4", "0") "}", 4, {"do not lie within the 4 bytes"}},
    {"{" T("a", "F32", "[1]", "0", "8") "}", 4, {"do not lie within"}},
    {"{" T("a", "F32", "[1]", "0", "9007199254740991") "}", 4, {"do not lie within"}},
    {"{" T("a", "F32", "[2]", "0", "4") "}", 4, {"needs 8 bytes, data_offsets give 4"}},
    {"{" T("a", "F32", "[0]", "0", "4") "}", 4, {"needs 0 bytes, data_offsets give 4"}},
    {"{" T("a", "F32", "[1]", "0", "4") "}", 8, {"4 bytes of data belong to no tensor"}},
    {"{}", 4, {"4 bytes of data belong to no tensor"}},
    {"{" T("a", "F32", "[1]", "4", "8") "}", 8, {"tensor \"a\"", "leave a hole"}},
    {"{" T("a", "F32", "[1]", "0", "4") "," T("b", "F32", "[1]", "8", "12") "}", 12, {"a hole"}},
    {"{" T("a", "F32", "[2]", "0", "8") "," T("b", "F32", "[1]", "4", "8") "}", 8, {"overlap"}},
    {"{" T("a", "F32", "[1]", "0", "4") "," T("b", "F32", "[1]", "0", "4") "}", 4, {"overlap"}},
    {"{" T("a", "F32", "[2]", "0", "8") "," T("b", "F32", "[0]", "4", "4") "}", 8, {"overlap"}},
    {"{" T("a", "F32", "[1]", "0", "4") "," T("a", "F32", "[1]", "4", "8") "}", 8, {"twice"}},
    {"{" T("a", "F32", "[1]", "0", "4") "," T("\\u0061", "F32", "[0]", "4", "4") "}",
     4,
     {"tensor \"a\" appears twice"}},
    {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, {"__metadata__ appears twice"}},
    {"{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, {"metadata \"a\" appears twice"}},
    {"{\"__metadata__\":{\"a\":1}}", 0, {"the values of __metadata__ must be texts"}},
    {"{\"__metadata__\":{\"a\":{}}}", 0, {"the values of __metadata__ must be texts"}},
    {"{\"__metadata__\":[]}", 0, {"expected '{'"}},
    {"{\"__metadata__\":null}", 0, {"expected '{'"}},
    {"{\"\xff\":{}}", 0, {"header, byte 10: not UTF-8"}},
    {"{\"\xc0\xaf\":{}}", 0, {"not UTF-8"}},
    {"{\"\xed\xa0\x80\":{}}", 0, {"not UTF-8"}},
    {"{\"a\\ud800\":{}}", 0, {"half a surrogate pair"}},
    {"{\"a\\ud800\\u0041\":{}}", 0, {"half a surrogate pair"}},
    {"{\"a\\udc00\":{}}", 0, {"half a surrogate pair"}},
    {"{\"a\\u0000\":{}}", 0, {"zero character"}},
    {"{\"a\\u00g0\":{}}", 0, {"hexadecimal"}},
    {"{\"a\\x\":{}}", 0, {"unknown escape"}},
    {"{\"a\n\":{}}", 0, {"control character"}},
    {"{\"a", 0, {"the string does not end"}},
    {"{\"a\\", 0, {"unknown escape"}},
};

static void hostile_headers_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        trm_safetensors s;
        trm_error e = {.code = TRM_OK};
        if (parse(&s, hostile[i].header, hostile[i].data, &e))
            fail_msg("accepted: %s", hostile[i].header);
        assert_error(&e, TRM_E_INPUT, "f: ", hostile[i].words[0], hostile[i].words[1], NULL);
        assert_null(s.tensors);
        assert_int_equal(s.count, 0);
    }
}

static void good_headers_are_read(void **state) {
    (void)state;
    trm_safetensors s;
    trm_error e;
    // Any order of keys and of tensors, space anywhere, escapes, scalars, empty and unaligned ones.
    const char *header =
        " {\t\"b\" : {\"data_offsets\":[3 , 7],\"shape\":[],\"dtype\":\"F32\"},\n"
        "\"a\\u00e4\\ud83d\\ude00\\n\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
        "\"__metadata__\":{\"k\":\"v\\\"\\\\\\/\",\"\":\"\"},"
        "\"z\":{\"dtype\":\"F64\",\"shape\":[4,0],\"data_offsets\":[7,7]},"
        "\"i\":{\"dtype\":\"I64\",\"shape\":[1,1,1,1],\"data_offsets\":[7,15]}}   \n ";
    if (!parse(&s, header, 15, &e))
        fail_msg("%s", e.message);
    assert_int_equal(s.count, 4);
    assert_string_equal(s.tensors[0].name, "a\xc3\xa4\xf0\x9f\x98\x80\n");
    assert_string_equal(s.tensors[1].name, "b");
    assert_string_equal(s.tensors[2].name, "z");
    assert_string_equal(s.tensors[3].name, "i");
    assert_string_equal(trm_safetensors_meta(&s, "k"), "v\"\\/");
    assert_string_equal(trm_safetensors_meta(&s, ""), "");
    assert_null(trm_safetensors_meta(&s, "x"));
    assert_null(trm_safetensors_find(&s, "x"));
    const trm_tensor *b = trm_safetensors_find(&s, "b");
    assert_int_equal(b->ndim, 0);
    assert_int_equal(trm_tensor_count(b), 1);
    assert_int_equal((uintptr_t)b->data % 4, 0);
    assert_memory_equal(b->data, "\3\4\5\6", 4);
    assert_int_equal(trm_tensor_count(trm_safetensors_find(&s, "z")), 0);
    const trm_tensor *i = trm_safetensors_find(&s, "i");
    assert_int_equal((uintptr_t)i->data % 8, 0);
    assert_memory_equal(i->data, "\7\10\11\12\13\14\15\16", 8);
    trm_safetensors_free(&s);
    assert_true(parse(&s, "{}", 0, &e));
    assert_int_equal(s.count, 0);
    trm_safetensors_free(&s);
}

static void header_lengths_are_checked(void **state) {
    (void)state;
    static const uint64_t lengths[] = {
        3,          100,           UINT64_C(1) << 24, (UINT64_C(1) << 24) + 1, UINT64_C(1) << 63,
        UINT64_MAX, UINT64_MAX - 7};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char bytes[10] = {0, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
        trm_safetensors s;
        trm_error e;
        memcpy(bytes, &lengths[i], 8);
        assert_false(trm_safetensors_parse(&s, "f", bytes, sizeof bytes, &e));
        assert_error(&e, TRM_E_INPUT, "f: not safetensors, or cut short", NULL);
    }
}

static void long_names_are_refused(void **state) {
    (void)state;
    char header[400], name[TRM_TENSOR_NAME + 1];
    trm_safetensors s;
    trm_error e;
    memset(name, 'n', sizeof name);
    for (size_t length = TRM_TENSOR_NAME - 1; length <= TRM_TENSOR_NAME; length++) {
        snprintf(header, sizeof header,
                 "{\"%.*s\":{\"dtype\":\"U8\",\"shape\":[1],"
                 "\"data_offsets\":[0,1]}}",
                 (int)length, name);
        bool ok = parse(&s, header, 1, &e);
        assert_int_equal(ok, length < TRM_TENSOR_NAME);
        if (ok)
            trm_safetensors_free(&s);
        else
            assert_error(&e, TRM_E_INPUT, "the name is too long (127)", NULL);
    }
}

// Nesting has no way to go deep: the grammar knows two levels.
static void deep_nesting_is_refused(void **state) {
    (void)state;
    enum { DEPTH = 1 << 20 };
    static const char *const opening[] = {"{", "[", "{\"a\":", "{\"__metadata__\":"};
    for (size_t i = 0; i < sizeof opening / sizeof *opening; i++) {
        size_t n = strlen(opening[i]);
        char *header = malloc(DEPTH * n + 1);
        for (size_t j = 0; j < DEPTH; j++)
            memcpy(header + j * n, opening[i], n);
        header[DEPTH * n] = '\0';
        trm_safetensors s;
        trm_error e;
        assert_false(parse(&s, header, 0, &e));
        assert_error(&e, TRM_E_INPUT, "f: ", NULL);
        free(header);
    }
}

static void many_metadata_entries_are_refused(void **state) {
    (void)state;
    enum { ENTRIES = 5000 };
    char *header;
    size_t size;
    trm_safetensors s;
    trm_error e;
    FILE *out = open_memstream(&header, &size);
    fprintf(out, "{\"__metadata__\":{");
    for (int i = 0; i < ENTRIES; i++)
        fprintf(out, "%s\"%d\":\"\"", i ? "," : "", i);
    fprintf(out, "}}");
    fclose(out);
    assert_false(parse(&s, header, 0, &e));
    assert_error(&e, TRM_E_INPUT, "too many metadata entries", NULL);
    free(header);
}

static const float floats[6] = {0.1f, -0.0f, 1e-45f, 3.4e38f, -2.5f, 7};
static const int64_t ints[2] = {INT64_MIN, INT64_MAX};

// One of each dtype, in an order that the writer must change to keep the wide ones aligned.
static void write_sample(const char *path) {
    float f[6];
    int64_t i[2];
    double d[1] = {0.1};
    uint8_t u[3] = {1, 2, 255};
    char keys[2][8] = {"config", "format"}, config[] = "{\n  \"a\": \"\\\xc3\xa4\t\"\n}\n",
         format[] = "f\x01";
    memcpy(f, floats, sizeof f);
    memcpy(i, ints, sizeof i);
    const trm_tensor tensors[] = {
        {.name = "state.bytes", .dtype = TRM_U8, .ndim = 1, .shape = {3}, .data = u},
        {.name = "weight", .dtype = TRM_F32, .ndim = 2, .shape = {2, 3}, .data = f},
        {.name = "none", .dtype = TRM_F32, .ndim = 2, .shape = {0, 3}, .data = f},
        {.name = "ints", .dtype = TRM_I64, .ndim = 1, .shape = {2}, .data = i},
        {.name = "scalar", .dtype = TRM_F64, .ndim = 0, .data = d},
    };
    const struct trm_metadata metadata[] = {{keys[0], config}, {keys[1], format}};
    trm_error e;
    if (!trm_safetensors_write(path, tensors, 5, metadata, 2, &e))
        fail_msg("%s", e.message);
}

static void check_sample(const trm_safetensors *s) {
    static const char *const order[] = {"ints", "scalar", "weight", "none", "state.bytes"};
    assert_int_equal(s->count, 5);
    for (int i = 0; i < 5; i++)
        if (strcmp(s->tensors[i].name, order[i]) != 0)
            fail_msg("%s is not aligned in the file", s->tensors[i].name);
    assert_string_equal(trm_safetensors_meta(s, "config"), "{\n  \"a\": \"\\\xc3\xa4\t\"\n}\n");
    assert_string_equal(trm_safetensors_meta(s, "format"), "f\x01");
    const trm_tensor *w = trm_safetensors_find(s, "weight");
    assert_int_equal(w->ndim, 2);
    assert_int_equal(w->shape[0], 2);
    assert_int_equal(w->shape[1], 3);
    assert_memory_equal(w->data, floats, sizeof floats);
    assert_memory_equal(trm_safetensors_find(s, "ints")->data, ints, sizeof ints);
    assert_true(*(double *)trm_safetensors_find(s, "scalar")->data == 0.1);
    assert_memory_equal(trm_safetensors_find(s, "state.bytes")->data, "\1\2\377", 3);
    assert_int_equal(trm_tensor_count(trm_safetensors_find(s, "none")), 0);
}

static void what_is_written_reads_back(void **state) {
    (void)state;
    const char *path = temp_path("a.safetensors"), *again = temp_path("b.safetensors");
    trm_safetensors s;
    trm_error e;
    write_sample(path);
    if (!trm_safetensors_read(&s, path, &e))
        fail_msg("%s", e.message);
    check_sample(&s);
    trm_safetensors_free(&s);

    size_t size, size_again;
    write_sample(again);
    char *bytes = read_bytes(path, &size), *bytes_again = read_bytes(again, &size_again);
    assert_int_equal(size, size_again);
    assert_memory_equal(bytes, bytes_again, size);
    uint64_t length;
    memcpy(&length, bytes, 8);
    assert_int_equal(length % 8, 0);
    free(bytes);
    free(bytes_again);
}

// Whatever the place at which a file is cut, or the byte that is changed, it is refused or read:
// never a crash, which the sanitizers would tell.
static void damaged_files_are_survived(void **state) {
    (void)state;
    const char *path = temp_path("a.safetensors");
    size_t size;
    write_sample(path);
    char *bytes = read_bytes(path, &size);
    for (size_t n = 0; n < size; n++) {
        trm_safetensors s;
        trm_error e;
        char *part = malloc(n ? n : 1);
        memcpy(part, bytes, n);
        if (trm_safetensors_parse(&s, "cut", part, n, &e))
            fail_msg("accepted the first %zu of %zu bytes", n, size);
        assert_error(&e, TRM_E_INPUT, "cut: ", NULL);
        free(part);
    }
    for (size_t i = 0; i < size; i++) {
        static const char changes[] = {0, '"', '}', '9', '\\', (char)0xff};
        for (size_t j = 0; j < sizeof changes; j++) {
            trm_safetensors s;
            trm_error e = {.code = TRM_OK};
            char kept = bytes[i];
            bytes[i] = changes[j];
            if (trm_safetensors_parse(&s, "changed", bytes, size, &e))
                trm_safetensors_free(&s);
            else
                assert_error(&e, TRM_E_INPUT, "changed: ", NULL);
            bytes[i] = kept;
        }
    }
    free(bytes);
}

static void files_of_pytorch_are_read(void **state) {
    (void)state;
    static const struct {
        const char *file, *tensor;
        int64_t rows, cols;
    } cases[] = {
        {"trm-full-maze-k3.safetensors", "param.recursive_core.input_embed.weight", 64, 25},
        {"trm-full-small.safetensors", "param.recursive_core.input_embed.weight", 16, 9},
        {"trm-full-sudoku-k5.safetensors", "param.recursive_core.input_embed.weight", 128, 16},
        {"mlp-64.safetensors", "param.net.0.weight", 64, 16},
        {"mlp-128.safetensors", "param.net.0.weight", 128, 25},
        {"adam.safetensors", "start.weight", 5, 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_safetensors s;
        trm_error e;
        if (!trm_safetensors_read(&s, fixture_path(cases[i].file), &e))
            fail_msg("%s", e.message);
        const trm_tensor *t = trm_safetensors_find(&s, cases[i].tensor);
        assert_non_null(t);
        assert_int_equal(t->shape[0], cases[i].rows);
        assert_int_equal(t->shape[1], cases[i].cols);
        assert_int_equal(t->dtype, TRM_F32);
        assert_non_null(trm_safetensors_meta(&s, "model"));
        const float *values = t->data;
        double sum = 0;
        for (int64_t j = 0; j < trm_tensor_count(t); j++)
            sum += fabs((double)values[j]);
        assert_true(isfinite(sum) && sum > 0);
        trm_safetensors_free(&s);
    }
}

static void unreadable_paths_are_refused(void **state) {
    (void)state;
    trm_safetensors s;
    trm_error e;
    const char *path = temp_path("none");
    assert_false(trm_safetensors_read(&s, path, &e));
    assert_error(&e, TRM_E_IO, path, NULL);
    trm_safetensors_free(&s);
    assert_false(trm_safetensors_read(&s, temp_path("."), &e));
    assert_error(&e, TRM_E_INPUT, NULL);
    assert_false(trm_safetensors_write(temp_path("no/such/folder"), NULL, 0, NULL, 0, &e));
    assert_error(&e, TRM_E_IO, "no/such/folder", NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_headers_are_refused),
        cmocka_unit_test(good_headers_are_read),
        cmocka_unit_test(header_lengths_are_checked),
        cmocka_unit_test(long_names_are_refused),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(many_metadata_entries_are_refused),
        cmocka_unit_test_setup_teardown(what_is_written_reads_back, temp_setup, temp_teardown),
        cmocka_unit_test_setup_teardown(damaged_files_are_survived, temp_setup, temp_teardown),
        cmocka_unit_test(files_of_pytorch_are_read),
        cmocka_unit_test_setup_teardown(unreadable_paths_are_refused, temp_setup, temp_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
