// SPDX-License-Identifier: Apache-2.0
// Other people's weights: files of torch.save and what is hostile in them, half precision, names,
// all_config.yaml, and what else a file may be.
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/torch/pickle.h"
#include "run/torch/torch.h"
#include "support.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/model/paper.h"
#include "trm/run/checkpoint.h"
#include "trm/run/weights.h"

static const char *fixture(const char *name) {
    char below[1024];
    trm_text_format(below, sizeof below, "paper/%s", name);
    return fixture_path(below);
}

static void check_line(const trm_error *e, const char *part) {
    assert_int_equal(e->code, TRM_E_INPUT);
    assert_null(strchr(e->message, '\n'));
    if (!strstr(e->message, part))
        fail_msg("\"%s\" does not say \"%s\"", e->message, part);
}

static trm_model *load(const char *path, char *const *words, int n) {
    trm_config c = trm_config_default();
    trm_error e = {0};
    trm_model *m = trm_checkpoint_model(path, words, n, &c, &e);
    if (!m)
        fail_msg("%s", e.message);
    return m;
}

// ---- the forms of one checkpoint ----------------------------------------------------------------

static char cells_16[] = "model.cells=16";
static char *const sixteen[] = {cells_16};

static void check_same(const trm_model *m, const char *path) {
    trm_model *other = load(path, sixteen, 1);
    const trm_params *a = trm_model_params_const(m), *b = trm_model_params_const(other);
    assert_int_equal(a->size, b->size);
    assert_memory_equal(a->values, b->values, (size_t)a->size * sizeof(float));
    assert_memory_equal(trm_model_get_config(m), trm_model_get_config(other),
                        sizeof(trm_model_config));
    trm_model_free(other);
}

// Writes the weights, less the first `cut` characters of their names, under another prefix, as
// doubles or as floats, with what people's files hold beside them.
static void write_weights(const trm_model *m, const char *prefix, size_t cut, bool wide) {
    const trm_params *p = trm_model_params_const(m);
    trm_params copy = *p;
    trm_tensor *tensors = trm_alloc((size_t)p->count + 2, sizeof *tensors);
    trm_tensor *own = trm_checkpoint_parameters(&copy, p->values);
    int64_t steps = 7;
    trm_error e = {0};
    for (int32_t i = 0; i < p->count; i++) {
        tensors[i] = own[i];
        trm_text_format(tensors[i].name, sizeof tensors[i].name, "%s%s", prefix, own[i].name + cut);
        if (!wide)
            continue;
        int64_t n = trm_tensor_count(&own[i]);
        double *doubles = trm_alloc((size_t)n, sizeof *doubles);
        for (int64_t k = 0; k < n; k++)
            doubles[k] = (double)((const float *)own[i].data)[k];
        tensors[i].data = doubles;
        tensors[i].dtype = TRM_F64;
    }
    tensors[p->count] = (trm_tensor){.name = "steps", .dtype = TRM_I64, .data = &steps};
    tensors[p->count + 1] =
        (trm_tensor){.name = "none", .dtype = TRM_F32, .ndim = 1, .data = &steps};
    if (!trm_safetensors_write(temp_path("rewritten.safetensors"), tensors, p->count + 2, NULL, 0,
                               &e))
        fail_msg("%s", e.message);
    for (int32_t i = 0; wide && i < p->count; i++)
        free(tensors[i].data);
    free(own);
    free(tensors);
}

static void check_rewritten(const trm_model *m, const char *prefix, bool wide) {
    write_weights(m, prefix, strlen(TRM_PAPER_PREFIX), wide);
    check_same(m, temp_path("rewritten.safetensors"));
}

static bool has_end(const char *name, const char *end) {
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcmp(name + n - m, end) == 0;
}

// Every file NAME.pt of the fixtures is the same as NAME.new.pt and NAME.safetensors, where they
// are, as the fixture NAME itself, and as itself under other names.
static void test_forms(void **state) {
    (void)state;
    DIR *dir = opendir(fixture("checkpoints"));
    int found = 0;
    assert_non_null(dir);
    for (struct dirent *d; (d = readdir(dir));) {
        char name[512], path[1024];
        if (!has_end(d->d_name, ".pt") || has_end(d->d_name, ".new.pt"))
            continue;
        trm_text_format(name, sizeof name, "%.*s", (int)strlen(d->d_name) - 3, d->d_name);
        trm_text_format(path, sizeof path, "checkpoints/%s", d->d_name);
        trm_model *m = load(fixture(path), sixteen, 1);
        static const char *const forms[] = {".new.pt", ".safetensors"};
        for (size_t i = 0; i < 2; i++) {
            trm_text_format(path, sizeof path, "checkpoints/%s%s", name, forms[i]);
            if (trm_file_exists(fixture(path)))
                check_same(m, fixture(path));
        }
        check_rewritten(m, "", false);
        check_rewritten(m, "module._orig_mod.module.model.inner.", false);
        check_rewritten(m, "inner.", true);
        trm_model_free(m);
        found++;
    }
    closedir(dir);
    assert_true(found > 0);
}

// Models of our own in other people's files: below a wrapper's name, as doubles, and beside buffers
// that say nothing of the model.
static void test_ours(void **state) {
    (void)state;
    static const char *const prefixes[] = {"", "module.", "_orig_mod.model."};
    trm_model_config c = trm_model_config_default();
    trm_text_copy(c.type, sizeof c.type, "mlp");
    trm_error e = {0};
    c.state_dim = 25;
    c.action_dim = 4;
    c.hidden = 4;
    trm_model *m = trm_model_new(&c, &e);
    assert_non_null(m);
    trm_rng rng;
    trm_rng_seed(&rng, 1, 1);
    trm_model_init(m, &rng);
    for (int32_t i = 0; i < 6; i++) {
        write_weights(m, prefixes[i / 2], 0, i % 2);
        trm_model *read = load(temp_path("rewritten.safetensors"), NULL, 0);
        const trm_params *a = trm_model_params_const(m), *b = trm_model_params_const(read);
        assert_int_equal(a->size, b->size);
        assert_memory_equal(a->values, b->values, (size_t)a->size * sizeof(float));
        trm_model_free(read);
    }
    trm_model_free(m);
}

// The fixture that the checkpoint was made of has the same numbers.
static void test_the_numbers_are_the_fixtures(void **state) {
    (void)state;
    trm_safetensors a, b;
    trm_error e = {0};
    assert_true(trm_weights_read(&a, fixture("checkpoints/mlpt-s16-d64-noemb.pt"), &e));
    assert_true(trm_weights_read(&b, fixture("mlpt-s16-d64-noemb.safetensors"), &e));
    assert_int_equal(a.count, 14);
    for (int32_t i = 0; i < a.count; i++) {
        char name[TRM_TENSOR_NAME + 8];
        trm_text_format(name, sizeof name, "param.%s", a.tensors[i].name);
        const trm_tensor *t = trm_safetensors_find(&b, name);
        assert_non_null(t);
        assert_int_equal(a.tensors[i].dtype, TRM_F32); // H_init and L_init are BF16 in the file
        assert_int_equal(trm_tensor_count(t), trm_tensor_count(&a.tensors[i]));
        assert_memory_equal(t->data, a.tensors[i].data, (size_t)trm_tensor_count(t) * 4);
    }
    trm_safetensors_free(&a);
    trm_safetensors_free(&b);
}

// ---- half precision -----------------------------------------------------------------------------

static void test_half_precision(void **state) {
    (void)state;
    static const char header[] =
        "{\"b\":{\"dtype\":\"BF16\",\"shape\":[3],\"data_offsets\":[0,6]},"
        "\"h\":{\"dtype\":\"F16\",\"shape\":[6],\"data_offsets\":[6,18]},"
        "\"i\":{\"dtype\":\"I16\",\"shape\":[1],\"data_offsets\":[18,20]},"
        "\"t\":{\"dtype\":\"BOOL\",\"shape\":[2,0],\"data_offsets\":[20,20]}}";
    static const uint16_t halves[] = {0x3f80, 0xc049, 0x0001, 0x3c00, 0xc248,
                                      0x0001, 0x03ff, 0x7bff, 0x8000, 0x1234};
    char bytes[512];
    const uint64_t length = sizeof header - 1;
    memcpy(bytes, &length, 8);
    memcpy(bytes + 8, header, sizeof header - 1);
    memcpy(bytes + 8 + length, halves, sizeof halves);
    trm_safetensors s;
    trm_error e = {0};
    if (!trm_weights_parse(&s, "f", bytes, 8 + length + sizeof halves, &e))
        fail_msg("%s", e.message);
    const float *b = trm_safetensors_find(&s, "b")->data, *h = trm_safetensors_find(&s, "h")->data;
    assert_int_equal(trm_safetensors_find(&s, "b")->dtype, TRM_F32);
    assert_true(b[0] == 1 && b[1] == -3.140625f && b[2] > 0 && b[2] < 1e-40f);
    assert_true(h[0] == 1 && h[1] == -3.140625f && h[2] == 0x1p-24f && h[3] == 1023 * 0x1p-24f);
    assert_true(h[4] == 65504 && h[5] == 0 && signbit(h[5]));
    assert_int_equal(trm_safetensors_find(&s, "i")->dtype, TRM_I16);
    assert_int_equal(*(const int16_t *)trm_safetensors_find(&s, "i")->data, 0x1234);
    assert_int_equal(trm_safetensors_find(&s, "t")->dtype, TRM_BOOL);
    trm_safetensors_free(&s);
}

// nano-trm's sudokus have a token "end" behind the pad, which goes; other numbers of tokens stay.
static void test_the_end_token_goes(void **state) {
    (void)state;
    for (int32_t tokens = 11; tokens <= 13; tokens++) {
        char bytes[1024];
        float rows[2 * 13];
        const size_t size = (size_t)(2 * tokens) * sizeof *rows;
        const uint64_t length = (uint64_t)snprintf(
            bytes + 8, sizeof bytes - 8,
            "{\"lenet.layers.0.x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            "\"input_embedding.embedding_weight\":{\"dtype\":\"F32\",\"shape\":[%d,2],"
            "\"data_offsets\":[4,%zu]}}",
            tokens, 4 + size);
        memcpy(bytes, &length, 8);
        for (int32_t i = 0; i < 2 * tokens; i++)
            rows[i] = (float)i;
        memset(bytes + 8 + length, 0, 4);
        memcpy(bytes + 8 + length + 4, rows, size);
        trm_safetensors s;
        trm_error e = {0};
        if (!trm_safetensors_parse(&s, "f", bytes, 8 + length + 4 + size, &e) ||
            !trm_weights_adapt(&s, &e))
            fail_msg("%s", e.message);
        const trm_tensor *t = trm_safetensors_find(&s, "model.inner.embed_tokens.embedding_weight");
        assert_non_null(t);
        assert_int_equal(t->shape[0], tokens == 12 ? 11 : tokens);
        for (int64_t r = 0; r < t->shape[0]; r++)
            assert_true(((const float *)t->data)[2 * r + 1] ==
                        (float)(2 * (r > 0 && tokens == 12 ? r + 1 : r) + 1));
        trm_safetensors_free(&s);
    }
}

// What a file's metadata say of the model is taken as what all_config.yaml says.
static void test_settings_by_name(void **state) {
    (void)state;
    trm_model_config c = trm_model_config_default();
    trm_error e = {0};
    assert_true(trm_torch_take_setting("seq_len", "36", &c, &e) && c.cells == 36);
    assert_true(trm_torch_take_setting("H_cycles", "5", &c, &e) && c.k_cycles == 5);
    assert_true(trm_torch_take_setting("format", "pt", &c, &e) && c.k_cycles == 5);
    assert_false(trm_torch_take_setting("L_cycles", "many", &c, &e));
    assert_non_null(strstr(e.message, "L_cycles"));
}

// ---- pickles ------------------------------------------------------------------------------------

#define HEAD     "\x80\x02"
#define DICT     "ccollections\nOrderedDict\n)R"
#define TEXT1(c) "X\x01\0\0\0" c
#define STORAGE(type, elements)                                                                    \
    "(X\x07\0\0\0storagectorch\n" type "\n" TEXT1("0") "X\x03\0\0\0cpu" elements "tQ"
#define TENSOR(type, elements, offset, sizes, strides)                                             \
    "ctorch._utils\n_rebuild_tensor_v2\n(" STORAGE(type, elements) offset sizes strides            \
        "\x89" DICT "tR"
#define FLOATS(offset, sizes, strides) TENSOR("FloatStorage", "K\x06", offset, sizes, strides)
#define TWO_BY_THREE                   FLOATS("K\0", "K\x02K\x03\x86", "K\x03K\x01\x86")

static bool read_pickle(trm_pickle_state *s, const char *bytes, size_t size, trm_error *e) {
    *e = (trm_error){0};
    char *copy = trm_alloc(size, 1); // so that a step beyond its end is seen
    memcpy(copy, bytes, size);
    bool ok = trm_pickle_read(s, copy, size, e);
    if (!ok)
        trm_pickle_free(s);
    else
        for (int32_t i = 0; i < s->count; i++)
            assert_int_equal(s->tensors[i].storage.size, 1);
    free(copy);
    return ok;
}

static void test_a_pickle(void **state) {
    (void)state;
    static const char well[] = HEAD DICT "q\x00(" TEXT1("w") TWO_BY_THREE TEXT1("b")
        TENSOR("BFloat16Storage", "M\x01\x01", "J\xff\0\0\0", "K\x02\x85", "K\x01\x85") TEXT1("e")
            FLOATS("K\x06", "K\0K\x03\x86", "K\x03K\x01\x86") TEXT1("0")
                FLOATS("\x8a\x01\x05", ")", ")") "u"
                                                 "}X\x09\0\0\0_metadata}" TEXT1("v") "Nssb.";
    trm_pickle_state s;
    trm_error e;
    if (!read_pickle(&s, well, sizeof well - 1, &e))
        fail_msg("%s", e.message);
    assert_int_equal(s.count, 4);
    assert_string_equal(s.tensors[0].tensor.name, "w");
    assert_int_equal(s.tensors[0].tensor.ndim, 2);
    assert_int_equal(s.tensors[0].tensor.shape[1], 3);
    assert_int_equal(s.tensors[1].tensor.dtype, TRM_BF16);
    assert_int_equal(s.tensors[1].offset, 255);
    assert_int_equal(s.tensors[1].storage_elements, 257);
    assert_int_equal(trm_tensor_count(&s.tensors[2].tensor), 0);
    assert_int_equal(s.tensors[3].tensor.ndim, 0);
    assert_int_equal(s.tensors[3].offset, 5);
    trm_pickle_free(&s);
    for (size_t n = 0; n < sizeof well - 1; n++) // whatever is cut off
        assert_false(read_pickle(&s, well, n, &e));
}

#define ONE(tensor) HEAD DICT TEXT1("w") tensor "s."
#define BAD(b, part)                                                                               \
    { b, sizeof b - 1, part }

static void test_hostile_pickles(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *part;
    } cases[] = {
        BAD(HEAD "cos\nsystem\n(X\x02\0\0\0lstR.", "os.system"),
        BAD(HEAD "c__builtin__\neval\n.", "__builtin__.eval"),
        BAD(HEAD "ctorch\nFloatStorage2\n.", "FloatStorage2"),
        BAD(HEAD "ctorch\nFloatStorage", "a line that does not end"),
        BAD(HEAD "cmodels.trm\nTRM\n.", "state_dict()"),
        BAD("\x80\x04}.", "protocol 2"),
        BAD(HEAD "i", "opcode 0x69"),
        BAD(HEAD "\x93", "opcode 0x93"),
        BAD(HEAD "}q\x07.", "its memo has holes"),
        BAD(HEAD "}r\xff\xff\xff\xff.", "its memo has holes"),
        BAD(HEAD "q\0.", "nothing is on the stack"),
        BAD(HEAD "h\0.", "not kept"),
        BAD(HEAD "s.", "nothing is on the stack"),
        BAD(HEAD "}(K\1u.", "a key without a value"),
        BAD(HEAD "K\1(K\1K\2u.", "goes into no dict"),
        BAD(HEAD "(s", "a mark where"),
        BAD(HEAD "t", "no mark"),
        BAD(HEAD "K\1K\2R.", "no function"),
        BAD(HEAD "ccollections\nOrderedDict\nK\1\x85R.", "do not need"),
        BAD(HEAD "K\1}b.", "no dict"),
        BAD(HEAD "X\xff\xff\xff\xff.", "cut short"),
        BAD(HEAD "\x8a\x09"
                 "123456789.",
            "too large"),
        BAD(HEAD ".", "no dict of tensors"),
        BAD(HEAD "}}.", "no dict of tensors"),
        BAD(HEAD "K\1.", "no dict of tensors"),
        BAD(HEAD "}..", "something follows"),
        BAD(HEAD "}X\x0a\0\0\0state_dict}s.", "[\"state_dict\"]"),
        BAD(HEAD DICT TEXT1("w") TWO_BY_THREE "s" TEXT1("w") TWO_BY_THREE "s.", "twice"),
        BAD(HEAD DICT TEXT1("\xff") TWO_BY_THREE "s.", "no text"),
        BAD(HEAD DICT TEXT1("\0") TWO_BY_THREE "s.", "no text"),
        BAD(ONE(FLOATS("K\x01", "K\x02K\x03\x86", "K\x03K\x01\x86")), "beyond its storage"),
        BAD(ONE(FLOATS("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f", "K\2\x85", "K\1\x85")),
            "beyond its storage"),
        BAD(ONE(FLOATS("J\xff\xff\xff\xff", "K\2\x85", "K\1\x85")), "not told"),
        BAD(ONE(FLOATS("K\0", "K\x02K\x03\x86", "K\x01K\x02\x86")), "contiguous"),
        BAD(ONE(FLOATS("K\0", "K\x02K\x03\x86", "K\0K\0\x86")), "contiguous"),
        BAD(ONE(FLOATS("K\0", "K\x06\x85", "J\xff\xff\xff\xff\x85")), "contiguous"),
        BAD(ONE(FLOATS("K\0", "J\xff\xff\xff\xff\x85", "K\1\x85")), "sizes and strides"),
        BAD(ONE(FLOATS("K\0", "K\6\x85", "K\1K\1\x86")), "sizes and strides"),
        BAD(ONE(FLOATS("K\0", "K\6", "K\1")), "sizes and strides"),
        BAD(ONE(FLOATS("K\0", "(K\1K\1K\1K\1K\1t", "(K\1K\1K\1K\1K\1t")), "4 dimensions"),
        BAD(ONE(FLOATS("K\0", "\x8a\x08\0\0\0\0\0\0\0\x40\x8a\x08\0\0\0\0\0\0\0\x40\x86",
                       "K\1K\1\x86")),
            "tensor"),
        BAD(ONE(TENSOR("FloatStorage", "J\xff\xff\xff\xff", "K\0", ")", ")")), "storage"),
        BAD(ONE(TENSOR("FloatStorage", "N", "K\0", ")", ")")), "storage"),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_pickle_state s;
        trm_error e;
        if (read_pickle(&s, cases[i].bytes, cases[i].size, &e))
            fail_msg("case %zu reads", i);
        check_line(&e, cases[i].part);
    }
}

// What grows has an end: the stack, nesting, the memo, tuples.
static void test_endless_pickles(void **state) {
    (void)state;
    static const struct {
        const char *unit;
        size_t size;
    } cases[] = {{"}", 1}, {"(", 1}, {")\x85", 2}, {"N", 1}, {"]", 1}, {"h\0", 2}, {"NNN\x87", 4}};
    enum { TIMES = 1 << 20 };
    char *bytes = trm_alloc(4 * TIMES + 8, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = 5;
        trm_pickle_state s;
        trm_error e;
        memcpy(bytes, HEAD "Nq\0", 5);
        for (int k = 0; k < TIMES; k++, size += cases[i].size)
            memcpy(bytes + size, cases[i].unit, cases[i].size);
        assert_false(read_pickle(&s, bytes, size, &e));
        check_line(&e, "too large for weights");
    }
    free(bytes);
}

// ---- zips ---------------------------------------------------------------------------------------

static void test_damaged_files(void **state) {
    (void)state;
    char *bytes;
    size_t size;
    trm_error e = {0};
    trm_rng rng;
    trm_rng_seed(&rng, 1, 0);
    const char *path = fixture("checkpoints/mlpt-s16-d64-noemb.pt");
    assert_true(trm_file_read(path, 1 << 24, &bytes, &size, &e));
    for (size_t n = 4; n < size; n += n < 4096 ? 61 : 50021) {
        trm_safetensors s;
        assert_false(trm_weights_parse(&s, "cut", bytes, n, &e));
        check_line(&e, "cut: ");
        assert_null(s.tensors);
    }
    for (int i = 0; i < 200; i++) { // in the pickle, the list of entries, the numbers
        size_t at = i % 2 ? size - 1 - trm_rng_below(&rng, 3000) : trm_rng_below(&rng, 4000);
        char kept = bytes[at];
        trm_safetensors s;
        bytes[at] = (char)(kept ^ (1 << trm_rng_below(&rng, 8)));
        e = (trm_error){0};
        if (trm_weights_parse(&s, "changed", bytes, size, &e))
            trm_safetensors_free(&s);
        else if (memcmp(bytes, "PK", 2) == 0)
            check_line(&e, "changed: ");
        bytes[at] = kept;
    }
    free(bytes);
}

// ---- what else a file may be --------------------------------------------------------------------

static void test_other_files(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *part;
    } cases[] = {
        BAD("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "git lfs pull"),
        BAD("\r\n  <!DOCTYPE html>\n<html>", "web page"),
        BAD("<HTML>", "web page"),
        BAD("\x1f\x8b\x08\0", "gunzip"),
        BAD("\x28\xb5\x2f\xfd", "unzstd"),
        BAD("GGUF\3\0\0\0", "GGUF"),
        BAD("\x08\x07\x12\x07pytorch", "ONNX"),
        BAD("\x89HDF\r\n", "Keras"),
        BAD("\x93NUMPY\1\0", "NumPy"),
        BAD("\x80\x02\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19.", "before 1.6"),
        BAD("\x80\x04\x95", "a pickle"),
        BAD("PK\3\4", "damaged or cut short"),
        BAD("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "without data.pkl"),
        BAD("hello, world", "not safetensors"),
        BAD("", "too short"),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_safetensors s;
        trm_error e = {0};
        const char *path = temp_path("other");
        assert_false(trm_weights_parse(&s, "here", cases[i].bytes, cases[i].size, &e));
        check_line(&e, cases[i].part);
        assert_true(trm_file_write(path, cases[i].bytes, cases[i].size, &e));
        assert_false(trm_weights_read(&s, path, &e));
        check_line(&e, cases[i].part);
        check_line(&e, path);
    }
}

// ---- names --------------------------------------------------------------------------------------

// Tensors of one float each under these names, separated by blanks, in one text of safetensors.
static void named(trm_safetensors *s, const char *names) {
    static float one = 1;
    trm_tensor tensors[16];
    int32_t count = 0;
    size_t size;
    trm_error e = {0};
    for (const char *at = names; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        tensors[count] = (trm_tensor){.ndim = 1, .shape = {1}, .data = &one};
        trm_text_format(tensors[count++].name, TRM_TENSOR_NAME, "%.*s", (int)n, at);
        at += n;
    }
    char *bytes = trm_safetensors_print(tensors, count, NULL, 0, &size);
    if (!trm_safetensors_parse(s, "f", bytes, size, &e))
        fail_msg("%s", e.message);
    free(bytes);
}

static void test_names(void **state) {
    (void)state;
    static const struct {
        const char *names, *part;
    } cases[] = {
        {"model.inner.L_level.layers.0.x model.inner.L_init", "trm_singlez"},
        {"L_level.layers.0.x H_init L1_init L2_init", "trm_hier6"},
        {"_orig_mod.model.inner.H_level.layers.0.x H_init", "transformers_baseline"},
        {"lenet.layers.0.mlp.dwconv.weight", "convolutions"},
        {"L_level.layers.0.a L_init H_init module.H_init", "H_init\" appears twice"},
    };
    trm_safetensors s;
    trm_error e = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        named(&s, cases[i].names);
        assert_false(trm_weights_adapt(&s, &e));
        check_line(&e, cases[i].part);
        trm_safetensors_free(&s);
    }
    named(&s, "model.a module.b"); // of nobody known: left alone
    assert_true(trm_weights_adapt(&s, &e));
    assert_non_null(trm_safetensors_find(&s, "model.a"));
    trm_safetensors_free(&s);
    named(&s, "lenet.layers.0.a input_embedding.embedding_weight z_H_init z_L_init q_head.bias");
    assert_true(trm_weights_adapt(&s, &e));
    assert_non_null(trm_safetensors_find(&s, TRM_PAPER_PREFIX "L_level.layers.0.a"));
    assert_non_null(trm_safetensors_find(&s, TRM_PAPER_PREFIX "embed_tokens.embedding_weight"));
    assert_non_null(trm_safetensors_find(&s, TRM_PAPER_PREFIX "H_init"));
    const trm_tensor *bias = trm_safetensors_find(&s, TRM_PAPER_PREFIX "q_head.bias");
    assert_int_equal(bias->shape[0], 2); // the paper's has a second output
    assert_true(((const float *)bias->data)[0] == 1 && ((const float *)bias->data)[1] == 0);
    trm_safetensors_free(&s);
}

// ---- all_config.yaml ----------------------------------------------------------------------------

static void test_config(void **state) {
    (void)state;
    static const char text[] =
        "# a comment\narch:\n  H_cycles: 2\n  L_cycles: '4'\n  H_layers: 0\n  num_heads: 3\n"
        "  halt_max_steps: 5\n  loss:\n    H_cycles: 9\n    list: [1, {L_cycles: 9}]\n"
        "  pos_encodings: learned\n  puzzle_emb_len: 7\n  rope_theta: 500.0\n"
        "  rms_norm_eps: 1.0e-06\nL_cycles: 8\ndata_paths:\n- data/sudoku-extreme-1k\nlr: 0.1\n";
    trm_model_config c = trm_model_config_default();
    trm_error e = {0};
    c.action_dim = 11;
    if (!trm_torch_parse_config("y", text, sizeof text - 1, &c, &e))
        fail_msg("%s", e.message);
    assert_int_equal(c.k_cycles, 2);
    assert_int_equal(c.inner_steps, 4);
    assert_int_equal(c.heads, 3);
    assert_int_equal(c.sup_steps, 5);
    assert_int_equal(c.prefix, 7);
    assert_string_equal(c.position_encoding, "learned");
    assert_true(c.rope_theta == 500 && c.norm_eps == 1e-6f);
    assert_int_equal(c.cells, 81);
    static const struct {
        const char *text, *part;
    } bad[] = {
        {"arch: {H_cycles: many}", "arch.H_cycles: expected a whole number"},
        {"arch: {H_cycles: -1}", "arch.H_cycles"},
        {"arch: {rope_theta: .nan}", "arch.rope_theta"},
        {"arch: [", "not YAML"},
        {"a: \"\xff\"", "not YAML"},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "nested too deeply"},
    };
    const trm_model_config before = c;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(trm_torch_parse_config("y", bad[i].text, strlen(bad[i].text), &c, &e));
        check_line(&e, bad[i].part);
        assert_memory_equal(&c, &before, sizeof c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_ours),
        cmocka_unit_test(test_the_numbers_are_the_fixtures),
        cmocka_unit_test(test_half_precision),
        cmocka_unit_test(test_the_end_token_goes),
        cmocka_unit_test(test_settings_by_name),
        cmocka_unit_test(test_a_pickle),
        cmocka_unit_test(test_hostile_pickles),
        cmocka_unit_test(test_endless_pickles),
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_other_files),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_config),
    };
    return cmocka_run_group_tests_name("weights", tests, temp_setup, temp_teardown);
}
