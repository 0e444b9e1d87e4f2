// SPDX-License-Identifier: Apache-2.0
// Bad input: one clear line, exit status 2, nothing written.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "process.h"

static void in_folder(void **state, const char *name, char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "%s/%s", (const char *)*state, name);
}

static void put_text(void **state, const char *name, const char *text) {
    char path[PATH_SIZE];
    in_folder(state, name, path);
    file_put_text(path, text);
}

static void test_unknown_names(void **state) {
    assert_refused(RUN(*state, "train", "mzae"), "maze");
    assert_refused(RUN(*state, "train", "qqqqqqqqqq"), "qqqqqqqqqq");
    assert_refused(RUN(*state, "train", "maze", "model.k_cycle=5"), "model.k_cycles");
    assert_refused(RUN(*state, "train", "maze", "env.type=maze-opn"), "maze-open");
    assert_refused(RUN(*state, "train", "maze", "model.type=trm-ful"), "trm-full");
    assert_refused(RUN(*state, "train", "no/such/config.json"), "no/such/config.json");
    assert_int_equal(folder_entries(*state), 0);
}

static void test_wrong_values(void **state) {
    static const char *const words[] = {
        "model.k_cycles=0",
        "model.k_cycles=abc",
        "model.k_cycles=1.5",
        "model.k_cycles=",
        "model.h_dim=-64",
        "model.h_dim=99999999999999999999",
        "env.size=1",
        "env.size=65",
        "train.lr=nan",
        "train.lr=-1",
        "train.episodes=-1",
        "train.threads=0",
        "train.gamma=2",
        "train.envs=0",
        "seed=-1",
        "seed=x",
        "train.broadcast_bug=maybe",
        "train.clip=inf",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char key[64];
        snprintf(key, sizeof key, "%.*s", (int)strcspn(words[i], "="), words[i]);
        assert_refused(RUN(*state, "train", "maze", words[i]), key);
    }
    assert_int_equal(folder_entries(*state), 0);
}

static void test_config_that_is_no_json(void **state) {
    put_text(state, "bad.json", "{\n  \"seed\": 1,\n  \"env\": {]\n}\n");
    assert_refused(RUN(*state, "train", "bad.json"), "bad.json:3:");
    put_text(state, "bad.json", "{\"model\": {\"k_cycels\": 3}}");
    assert_refused(RUN(*state, "train", "./bad.json"), "k_cycles");
    put_text(state, "bad.json", "{\"model\": {\"k_cycles\": \"three\"}}");
    assert_refused(RUN(*state, "train", "./bad.json"), "k_cycles");
    put_text(state, "bad.json", "[]");
    assert_refused(RUN(*state, "train", "bad.json"), "bad.json");
    put_text(state, "bad.json", "");
    assert_refused(RUN(*state, "train", "bad.json"), "bad.json");
    assert_int_equal(folder_entries(*state), 1);
}

static void test_output_that_cannot_be_made(void **state) {
    put_text(state, "file", "mine");
    assert_refused(RUN(*state, "train", "maze", "--out", "file/run"), "file");
    assert_refused(RUN(*state, "train", "maze", "--out", "file"), "file");
    assert_refused(RUN(*state, "train", "maze", "--out", "/proc/run"), "/proc/run");
    char path[PATH_SIZE];
    in_folder(state, "file", path);
    char *text = file_text(path, NULL);
    assert_string_equal(text, "mine");
    free(text);
    assert_int_equal(folder_entries(*state), 1);
}

static void test_a_run_is_not_overwritten(void **state) {
    outcome o = RUN(*state, "train", "maze-mlp", "train.episodes=2", "--out", "run");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    char path[PATH_SIZE];
    in_folder(state, "run/metrics.jsonl", path);
    char *before = file_text(path, NULL);
    assert_refused(RUN(*state, "train", "maze-mlp", "--out", "run"), "run");
    char *after = file_text(path, NULL);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void test_a_folder_that_is_no_run(void **state) {
    assert_refused(RUN(*state, "train", "home", "--resume"), "home");
    assert_refused(RUN(*state, "train", "nowhere", "--resume"), "nowhere");
    assert_refused(RUN(*state, "eval", "home"), "home");
    assert_refused(RUN(*state, "eval", "nowhere"), "nowhere");
}

// Every model that is read: eval, probe, and train --resume.
static void refuse_checkpoint(void **state, const void *bytes, size_t size) {
    char path[PATH_SIZE];
    in_folder(state, "run/checkpoint.safetensors", path);
    file_put(path, bytes, size);
    assert_refused(RUN(*state, "eval", "run"), "checkpoint.safetensors");
    assert_refused(RUN(*state, "eval", "run/checkpoint.safetensors"), "checkpoint.safetensors");
    assert_refused(RUN_WITH(*state, "[0]", "probe", "run", "--state", "-"),
                   "checkpoint.safetensors");
    char *before = file_text(path, NULL);
    assert_refused(RUN(*state, "train", "run", "--resume", "train.episodes=9"),
                   "checkpoint.safetensors");
    char *after = file_text(path, NULL);
    assert_memory_equal(before, after, size);
    free(before);
    free(after);
}

static void test_hostile_checkpoints(void **state) {
    outcome o = RUN(*state, "train", "maze-mlp", "train.episodes=2", "--out", "run");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    char path[PATH_SIZE];
    in_folder(state, "run/checkpoint.safetensors", path);
    size_t size;
    char *whole = file_text(path, &size);
    refuse_checkpoint(state, whole, size / 2);
    refuse_checkpoint(state, whole, size - 1);
    refuse_checkpoint(state, whole, 7);
    refuse_checkpoint(state, whole, 0);
    refuse_checkpoint(state, "\xff\xff\xff\xff\xff\xff\xff\xff{}", 10);
    refuse_checkpoint(state, "\x02\0\0\0\0\0\0\0[]", 10);
    static const char huge[] = "{\"w\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],"
                               "\"data_offsets\":[0,16]}}";
    char bytes[8 + sizeof huge + 16] = {(char)(sizeof huge - 1)};
    memcpy(bytes + 8, huge, sizeof huge - 1);
    refuse_checkpoint(state, bytes, 8 + sizeof huge - 1 + 16);
    free(whole);
}

static void test_environment_that_does_not_fit(void **state) {
    outcome o = RUN(*state, "train", "maze-mlp", "train.episodes=2", "--out", "run");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    assert_refused(RUN(*state, "eval", "run", "env.size=6"), "size 6");
    assert_refused(RUN(*state, "eval", "run", "env.sise=6"), "env.size");
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_unknown_names),
        WITH_FOLDER(test_wrong_values),
        WITH_FOLDER(test_config_that_is_no_json),
        WITH_FOLDER(test_output_that_cannot_be_made),
        WITH_FOLDER(test_a_run_is_not_overwritten),
        WITH_FOLDER(test_a_folder_that_is_no_run),
        WITH_FOLDER(test_hostile_checkpoints),
        WITH_FOLDER(test_environment_that_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
