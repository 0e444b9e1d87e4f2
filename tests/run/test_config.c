// SPDX-License-Identifier: Apache-2.0
#include "support.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "run/config/keys.h"
#include "trm/base/rng.h"
#include "trm/run/config.h"

static bool same(const trm_config *a, const trm_config *b) {
    const trm_config_row *k;
    for (size_t i = 0; (k = trm_config_row_at(i)); i++)
        if (!trm_config_key_equal(k, a, b))
            return false;
    return true;
}

// Every kind of wrong text: what the error must say. The configuration must stay as it was.
static const struct {
    const char *text, *words[4];
} wrong_texts[] = {
    {"", {"f.json:1:1:", "not valid JSON", "ends too early"}},
    {"{", {"f.json:1:2:", "ends too early"}},
    {"{\n  \"seed\": 1,\n  \"train\" 3}", {"f.json:3:11:", "not valid JSON", "3"}},
    {"{\"seed\": 1} x", {"f.json:1:13:", "\"x\""}},
    {"{\"seed\": 1,}", {"f.json:1:12:", "not valid JSON"}},
    {"{x}", {"f.json:1:2:", "\"x\""}},
    {"{\"seed\": 1,\n  2: 3}", {"f.json:2:3:", "\"2\""}},
    {"{\"seed\": 1 2}", {"f.json:1:12:", "\"2\""}},
    {"{\"seed\": tru}", {"f.json:1:10:", "\"t\""}},
    {"{\"seed\": 0x10}", {"f.json:1:11:", "\"x\""}},
    {"{\"seed\": NaN}", {"f.json:1:10:", "not valid JSON"}},
    {"{\"\xc3\xa4\": 1 \"seed\"}", {"f.json:1:9:", "not valid JSON"}},
    {"{\"seed\": \"\xff\"}", {"f.json:1:11:", "not UTF-8"}},
    {"[1]", {"f.json: expected an object, found an array"}},
    {"null", {"f.json: expected an object, found null"}},
    {"{\"trian\": {}}", {"f.json: unknown key trian"}},
    {"{\"train\": {\"lrr\": 1}}", {"f.json: unknown key train.lrr", "did you mean train.lr?"}},
    {"{\"train\": {\"k_cycles\": 1}}", {"unknown key train.k_cycles", "mean model.k_cycles?"}},
    {"{\"lr\": 1}", {"unknown key lr", "mean train.lr?"}},
    {"{\"zzzzzzzz\": 1}", {"unknown key zzzzzzzz", "trm presets --describe"}},
    {"{\"train.lr\": 1}", {"train.lr: write it nested: {\"train\": {\"lr\": ...}}"}},
    {"{\"train\": {\"lr.x\": 1}}", {"unknown key train.lr.x"}},
    {"{\"train\": 3}", {"f.json: train: expected an object, found a number"}},
    {"{\"seed\": {}}", {"f.json: seed: expected a whole number, found an object"}},
    {"{\"seed\": 1, \"seed\": 2}", {"f.json: seed: appears twice"}},
    {"{\"train\": {}, \"train\": {}}", {"f.json: train: appears twice"}},
    {"{\"train\": {\"lr\": 1, \"lr\": 1}}", {"f.json: train.lr: appears twice"}},
    {"{\"train\": {\"lr\": \"1\"}}", {"f.json: train.lr: expected a number, found a string"}},
    {"{\"train\": {\"lr\": null}}", {"train.lr: expected a number, found null"}},
    {"{\"train\": {\"lr\": [1]}}", {"train.lr: expected a number, found an array"}},
    {"{\"train\": {\"lr\": -1}}", {"train.lr: -1 is out of range 0..1000000"}},
    {"{\"train\": {\"lr\": 1e999}}", {"train.lr:", "out of range"}},
    {"{\"train\": {\"broadcast_bug\": 1}}", {"broadcast_bug: expected true or false, found a nu"}},
    {"{\"train\": {\"envs\": true}}", {"train.envs: expected a whole number, found true or fal"}},
    {"{\"model\": {\"k_cycles\": 0}}", {"model.k_cycles: 0 is out of range 1..64"}},
    {"{\"model\": {\"k_cycles\": 65}}", {"model.k_cycles: 65 is out of range 1..64"}},
    {"{\"model\": {\"k_cycles\": 3.5}}", {"k_cycles: expected a whole number, found 3.5"}},
    {"{\"model\": {\"k_cycles\": 1e300}}", {"k_cycles: 1e300 is out of range"}},
    {"{\"model\": {\"h_dim\": 63}}", {"h_dim: expected a multiple of 2, found 63"}},
    {"{\"seed\": 9007199254740993}", {"seed:", "out of range 0..9007199254740991"}},
    {"{\"seed\": -1}", {"seed: -1 is out of range"}},
    {"{\"model\": {\"type\": \"trm-ful\"}}", {"model.type: unknown \"trm-ful\"", "mean trm-full?"}},
    {"{\"model\": {\"type\": \"zzzzzz\"}}", {"model.type: unknown \"zzzzzz\"", "known:", "mlp"}},
    {"{\"env\": {\"type\": \"maze-opne\"}}", {"env.type: unknown", "mean maze-open?"}},
    {"{\"train\": {\"baseline\": \"runing\"}}", {"train.baseline: unknown", "mean running?"}},
    {"{\"preset\": \"a/b\"}", {"preset: expected at most 47 letters"}},
    {"{\"preset\": \"..\"}", {"preset: expected at most 47 letters"}},
};

static void wrong_texts_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof wrong_texts / sizeof *wrong_texts; i++) {
        trm_config c, before;
        trm_error e = {.code = TRM_OK};
        assert_true(trm_config_preset(&c, "maze-optimized", NULL));
        before = c;
        if (trm_config_parse(&c, "f.json", wrong_texts[i].text, &e))
            fail_msg("accepted: %s", wrong_texts[i].text);
        const char *const *w = wrong_texts[i].words;
        assert_error(&e, TRM_E_INPUT, w[0], w[1], w[2], w[3], NULL);
        assert_memory_equal(&c, &before, sizeof c);
    }
}

// A later key being wrong must not leave the earlier ones set.
static void failure_changes_nothing(void **state) {
    (void)state;
    trm_config c = trm_config_default(), before = c;
    trm_error e;
    assert_false(trm_config_parse(&c, "f", "{\"seed\": 7, \"train\": {\"lr\": 1, \"x\": 1}}", &e));
    assert_memory_equal(&c, &before, sizeof c);
}

static void deep_nesting_is_refused(void **state) {
    (void)state;
    enum { DEPTH = 100000 };
    char *text = malloc(DEPTH + 16);
    trm_error e;
    trm_config c = trm_config_default();
    memcpy(text, "{\"seed\":", 8);
    memset(text + 8, '[', DEPTH);
    text[8 + DEPTH] = '\0';
    assert_false(trm_config_parse(&c, "deep.json", text, &e));
    assert_error(&e, TRM_E_INPUT, "deep.json:1:", "not valid JSON", NULL);
    free(text);
}

// Every prefix of a good text is refused but the ones that lack only the last newline.
static void truncated_texts_are_refused(void **state) {
    (void)state;
    trm_config c = trm_config_default();
    char *text = trm_config_print(&c);
    size_t size = strlen(text);
    for (size_t n = 0; n + 1 < size; n++) {
        trm_error e;
        trm_config d = trm_config_default();
        char *part = strndup(text, n);
        if (trm_config_parse(&d, "part", part, &e))
            fail_msg("accepted the first %zu bytes", n);
        assert_error(&e, TRM_E_INPUT, "part:", "not valid JSON", NULL);
        free(part);
    }
    free(text);
}

static void only_given_keys_change(void **state) {
    (void)state;
    trm_config c, want;
    trm_error e;
    assert_true(trm_config_preset(&c, "original-maze-k5", &e));
    want = c;
    want.seed = 42;
    want.train.lr = 0.125f;
    want.train.threads = 2;
    want.model.action_conditioning = false;
    want.train.broadcast_bug = false;
    want.train.episodes = INT64_C(1000000000000);
    const char *text =
        "{\"seed\": 42, \"train\": {\"lr\": 0.125, \"threads\": 2, \"broadcast_bug\": "
        "false, \"episodes\": 1e12}, \"model\": {\"action_conditioning\": false}}";
    assert_true(trm_config_parse(&c, "f", text, &e));
    assert_true(same(&c, &want));
}

static void assert_round_trip(const trm_config *c) {
    trm_config back = trm_config_default();
    trm_error e;
    char *text = trm_config_print(c);
    if (!trm_config_parse(&back, "printed", text, &e))
        fail_msg("%s in %s", e.message, text);
    assert_true(same(&back, c));
    char *again = trm_config_print(&back);
    assert_string_equal(again, text);
    free(again);
    free(text);
}

static void printed_configurations_read_back(void **state) {
    (void)state;
    trm_rng rng;
    trm_rng_seed(&rng, 1, 0);
    for (int i = 0; trm_preset_name(i); i++) {
        trm_config c;
        trm_error e;
        assert_true(trm_config_preset(&c, trm_preset_name(i), &e));
        assert_string_equal(c.preset, trm_preset_name(i));
        assert_true(trm_config_check(&c, &e));
        assert_round_trip(&c);
        // The last but one reads back wrong through a double when written as short as a float can.
        const float odd[] = {0.1f,  1.0f / 3,    FLT_MIN,       FLT_TRUE_MIN,
                             1e-7f, 123456.789f, 7.038531e-26f, 1e6f};
        for (size_t j = 0; j < sizeof odd / sizeof *odd; j++) {
            c.train.lr = odd[j];
            c.train.entropy = nextafterf(odd[j], 0);
            assert_round_trip(&c);
        }
        for (int j = 0; j < 200 / less(); j++) {
            c.train.gamma = trm_rng_float(&rng);
            c.train.lr = ldexpf(trm_rng_float(&rng), (int)trm_rng_below(&rng, 60) - 45);
            c.seed = (int64_t)(trm_rng_next(&rng) >> 11);
            assert_round_trip(&c);
        }
    }
}

static void print_has_the_layout_of_the_table(void **state) {
    (void)state;
    trm_config c;
    trm_error e;
    assert_true(trm_config_preset(&c, "maze", &e));
    char *text = trm_config_print(&c);
    assert_non_null(strstr(text, "{\n  \"preset\": \"maze\",\n  \"seed\": 0,\n  \"env\": {\n    "
                                 "\"type\": \"maze-open\",\n    \"size\": 5,\n"));
    assert_non_null(strstr(text, "\n    \"gamma\": 0.95,\n"));
    const char *tail = "\n  },\n  \"run\": {\n    \"checkpoint_every\": 100,\n"
                       "    \"record_mib\": 64\n  }\n}\n";
    assert_true(strlen(text) > strlen(tail));
    assert_string_equal(text + strlen(text) - strlen(tail), tail);
    free(text);
}

static void overrides_set_every_type(void **state) {
    (void)state;
    trm_config c = trm_config_default();
    trm_error e;
    static const char *const words[] = {"seed=3",          "model.k_cycles=5",
                                        "train.lr=2.5e-4", "train.broadcast_bug=true",
                                        "model.type=mlp",  "train.episodes=1e3"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!trm_config_override(&c, words[i], &e))
            fail_msg("%s", e.message);
    assert_int_equal(c.seed, 3);
    assert_int_equal(c.model.k_cycles, 5);
    assert_true(c.train.lr == 2.5e-4f);
    assert_true(c.train.broadcast_bug);
    assert_string_equal(c.model.type, "mlp");
    assert_int_equal(c.train.episodes, 1000);
}

static void wrong_overrides_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *word, *words[3];
    } cases[] = {
        {"seed", {"\"seed\" is not a key=value word"}},
        {"=3", {"\"=3\" is not a key=value word"}},
        {"", {"is not a key=value word"}},
        {"train.lrr=1", {"unknown key train.lrr", "mean train.lr?"}},
        {"k_cycles=4", {"unknown key k_cycles", "mean model.k_cycles?"}},
        {"train=1", {"unknown key train"}},
        {"model.k_cycles=", {"model.k_cycles: expected a whole number, found \"\""}},
        {"model.k_cycles=abc", {"expected a whole number, found \"abc\""}},
        {"model.k_cycles=3.5", {"expected a whole number, found 3.5"}},
        {"model.k_cycles=99", {"99 is out of range 1..64"}},
        {"train.lr=nan", {"train.lr: expected a number, found \"nan\""}},
        {"train.lr=1x", {"train.lr: expected a number, found \"1x\""}},
        {"train.broadcast_bug=yes", {"expected true or false, found \"yes\""}},
        {"env.type=maze-plian", {"env.type: unknown", "mean maze-plain?"}},
        {"seed=1e300", {"seed: 1e300 is out of range"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_config c = trm_config_default(), before = c;
        trm_error e = {.code = TRM_OK};
        if (trm_config_override(&c, cases[i].word, &e))
            fail_msg("accepted: %s", cases[i].word);
        assert_error(&e, TRM_E_INPUT, cases[i].words[0], cases[i].words[1], cases[i].words[2],
                     NULL);
        assert_memory_equal(&c, &before, sizeof c);
    }
}

static void long_words_are_refused(void **state) {
    (void)state;
    char word[2000];
    trm_config c = trm_config_default();
    trm_error e;
    memset(word, 'a', sizeof word);
    word[sizeof word - 1] = '\0';
    word[1000] = '=';
    assert_false(trm_config_override(&c, word, &e));
    assert_error(&e, TRM_E_INPUT, "unknown key aaa", NULL);
    memcpy(word, "preset=", 7);
    assert_false(trm_config_override(&c, word, &e));
    assert_error(&e, TRM_E_INPUT, "preset: expected at most 47", NULL);
}

// The edges of every numeric key's range are accepted, what lies beyond is not.
static void ranges_are_closed(void **state) {
    (void)state;
    const trm_config_row *k;
    for (size_t i = 0; (k = trm_config_row_at(i)); i++) {
        if (k->type != KEY_I32 && k->type != KEY_I64 && k->type != KEY_F32)
            continue;
        trm_config c = trm_config_default();
        trm_error e;
        trm_config_value v = {.kind = VALUE_NUMBER, .number = k->min};
        assert_true(trm_config_key_set(k, &c, &v, &e));
        v.number = k->max;
        assert_true(trm_config_key_set(k, &c, &v, &e));
        v.number = k->max + (k->max > 1e9 ? 1e9 : 1);
        assert_false(trm_config_key_set(k, &c, &v, &e));
        v.number = k->min - 1;
        assert_false(trm_config_key_set(k, &c, &v, &e));
        v.number = (double)NAN;
        assert_false(trm_config_key_set(k, &c, &v, &e));
    }
}

// The defaults must be values that the table allows.
static void defaults_are_in_the_table(void **state) {
    (void)state;
    trm_config c = trm_config_default();
    assert_round_trip(&c);
    char *description = NULL;
    size_t size;
    FILE *out = open_memstream(&description, &size);
    trm_config_describe(out);
    fclose(out);
    const trm_config_row *k;
    for (size_t i = 0; (k = trm_config_row_at(i)); i++) {
        assert_non_null(strstr(description, k->path));
        assert_non_null(strstr(description, k->doc));
    }
    assert_non_null(strstr(description, "1..64 cycles"));
    free(description);
}

static void presets_are_what_they_say(void **state) {
    (void)state;
    static const struct {
        const char *name, *type, *baseline;
        int k, h, episodes;
        float lr, entropy, clip;
        bool bug;
    } want[] = {
        {"maze", "trm-full", "running", 3, 64, 500, 1e-3f, 0.02f, 1, false},
        {"maze-k5", "trm-full", "running", 5, 64, 500, 1e-3f, 0.02f, 1, false},
        {"maze-mlp", "mlp", "running", 3, 64, 500, 1e-3f, 0.02f, 1, false},
        {"maze-optimized", "trm-full", "running", 3, 128, 600, 5e-4f, 0.02f, 0.5f, false},
        {"original-maze", "trm-full", "episode", 3, 64, 500, 2e-3f, 0.01f, 1, true},
        {"original-maze-k5", "trm-full", "episode", 5, 64, 500, 2e-3f, 0.01f, 1, true},
        {"original-maze-mlp", "mlp", "episode", 3, 64, 500, 3e-3f, 0.01f, 1, true},
        {"original-maze-fixed", "trm-full", "episode", 3, 64, 500, 2e-3f, 0.01f, 1, false},
        {"original-maze-k5-fixed", "trm-full", "episode", 5, 64, 500, 2e-3f, 0.01f, 1, false},
        {"original-maze-mlp-fixed", "mlp", "episode", 3, 64, 500, 3e-3f, 0.01f, 1, false},
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        trm_config c;
        trm_error e;
        assert_true(trm_config_preset(&c, want[i].name, &e));
        assert_string_equal(c.model.type, want[i].type);
        assert_string_equal(c.train.baseline, want[i].baseline);
        assert_int_equal(c.train.broadcast_bug, want[i].bug);
        assert_int_equal(c.model.k_cycles, want[i].k);
        assert_int_equal(c.model.h_dim, want[i].h);
        // The original's recipe is a specification; what is ours may be tuned.
        if (strncmp(want[i].name, "original", 8) == 0) {
            assert_int_equal(c.train.episodes, want[i].episodes);
            assert_true(c.train.lr == want[i].lr && c.train.entropy == want[i].entropy);
            assert_true(c.train.clip == want[i].clip && c.train.gamma == 0.95f);
        }
    }
}

static double parameters_of(const char *preset) {
    trm_config c;
    trm_model_config sized;
    trm_error e = {0};
    assert_true(trm_config_preset(&c, preset, &e));
    assert_true(trm_config_model(&c, &sized, &e));
    trm_model *m = trm_model_new(&sized, &e);
    assert_non_null(m);
    double n = (double)trm_model_params_const(m)->total;
    trm_model_free(m);
    return n;
}

// What a plain network is compared with is as large as it, to two in a hundred.
static void plain_networks_are_of_equal_size(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"sudoku-4-mlp", "sudoku-4-peer"},
                                           {"sudoku-6-mlp", "sudoku-6-peer"},
                                           {"sudoku-9-mlp", "sudoku-9-peer"},
                                           {"mazes-8-fresh-mlp", "mazes-8-fixed-attn"},
                                           {"mazes-10-fresh-mlp", "mazes-10-fixed-attn"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        double share = parameters_of(pairs[i][0]) / parameters_of(pairs[i][1]);
        if (fabs(share - 1) > 0.02)
            fail_msg("%s has %.3f of the parameters of %s", pairs[i][0], share, pairs[i][1]);
    }
}

static void unknown_presets_offer_the_nearest(void **state) {
    (void)state;
    trm_config c = trm_config_default(), before = c;
    trm_error e;
    assert_false(trm_config_preset(&c, "mzae", &e));
    assert_error(&e, TRM_E_INPUT, "unknown preset \"mzae\"", "did you mean maze-open?", NULL);
    assert_false(trm_config_load(&c, "original-maze-k5-fixd", &e));
    assert_error(&e, TRM_E_INPUT, "did you mean original-maze-k5-fixed?", NULL);
    assert_false(trm_config_load(&c, "qqqqqqqqqqqq", &e));
    assert_error(&e, TRM_E_INPUT, "unknown preset", "trm presets", NULL);
    assert_memory_equal(&c, &before, sizeof c);
    assert_null(trm_preset_name(-1));
}

static void load_takes_presets_files_and_runs(void **state) {
    (void)state;
    trm_config c;
    trm_error e;
    assert_true(trm_config_load(&c, "maze-k5", &e));
    assert_int_equal(c.model.k_cycles, 5);

    const char *path = temp_path("mine.json");
    write_text(path, "{\"seed\": 9}\n");
    assert_true(trm_config_load(&c, path, &e));
    assert_int_equal(c.seed, 9);
    assert_string_equal(c.preset, "mine");
    assert_int_equal(c.model.k_cycles, 3);

    const char *run = temp_path("run");
    mkdir(run, 0777);
    assert_false(trm_config_load(&c, run, &e));
    assert_error(&e, TRM_E_INPUT, run, "no config.json", NULL);
    write_text(temp_path("run/config.json"), "{\"preset\": \"maze\", \"seed\": 4}");
    assert_true(trm_config_load(&c, run, &e));
    assert_int_equal(c.seed, 4);
    assert_string_equal(c.preset, "maze");
}

static void unreadable_files_are_refused(void **state) {
    (void)state;
    trm_config c = trm_config_default(), before = c;
    trm_error e;
    const char *path = temp_path("none.json");
    assert_false(trm_config_load(&c, path, &e));
    assert_error(&e, TRM_E_INPUT, path, NULL);
    write_bytes(path, "{\"seed\": 1}\0 ", 13);
    assert_false(trm_config_load(&c, path, &e));
    assert_error(&e, TRM_E_INPUT, path, "zero bytes", NULL);
    assert_false(trm_config_load(&c, "some/where.safetensors", &e));
    assert_error(&e, TRM_E_INPUT, "a model, not a configuration", NULL);
    assert_memory_equal(&c, &before, sizeof c);
}

static void combinations_are_checked(void **state) {
    (void)state;
    trm_config c;
    trm_error e;
    assert_true(trm_config_preset(&c, "original-maze", &e));
    c.train.envs = 8;
    assert_false(trm_config_check(&c, &e));
    assert_error(&e, TRM_E_INPUT, "train.broadcast_bug", "train.envs=1", "8", NULL);
}

// A key that came later than files that do without it is written only where it says something.
static void test_later_keys_are_quiet(void **state) {
    (void)state;
    trm_config c = trm_config_default(), back = c;
    trm_error e = {0};
    char *text = trm_config_print(&c);
    assert_null(strstr(text, "mlp_t"));
    assert_null(strstr(text, "position_encoding"));
    assert_non_null(strstr(text, "xavier_gain"));
    free(text);
    assert_true(trm_config_override(&c, "model.mlp_t=true", &e));
    assert_true(trm_config_override(&c, "model.position_encoding=learned", &e));
    assert_true(trm_config_override(&c, "model.prefix=16", &e));
    text = trm_config_print(&c);
    assert_true(trm_config_parse(&back, "printed", text, &e));
    assert_memory_equal(&back.model, &c.model, sizeof c.model);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_later_keys_are_quiet),
        cmocka_unit_test(wrong_texts_are_refused),
        cmocka_unit_test(failure_changes_nothing),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(truncated_texts_are_refused),
        cmocka_unit_test(only_given_keys_change),
        cmocka_unit_test(printed_configurations_read_back),
        cmocka_unit_test(print_has_the_layout_of_the_table),
        cmocka_unit_test(overrides_set_every_type),
        cmocka_unit_test(wrong_overrides_are_refused),
        cmocka_unit_test(long_words_are_refused),
        cmocka_unit_test(ranges_are_closed),
        cmocka_unit_test(defaults_are_in_the_table),
        cmocka_unit_test(presets_are_what_they_say),
        cmocka_unit_test(plain_networks_are_of_equal_size),
        cmocka_unit_test(unknown_presets_offer_the_nearest),
        cmocka_unit_test_setup_teardown(load_takes_presets_files_and_runs, temp_setup,
                                        temp_teardown),
        cmocka_unit_test_setup_teardown(unreadable_files_are_refused, temp_setup, temp_teardown),
        cmocka_unit_test(combinations_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
