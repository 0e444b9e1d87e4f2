// SPDX-License-Identifier: Apache-2.0
// Checkpoints of the paper's models through the real binary: they find their board, and are
// measured, asked and written out like models of our own.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "json.h"
#include "process.h"
#include "trm/run/safetensors.h"
#include "trm/run/weights.h"

typedef struct trained {
    const char *folder, *weights;
    int boards, changed; // changed: wrong answers that change a given
} trained;

static const trained models[] = {{"sudoku4-attn", "step_4193", 300, 0},
                                 {"sudoku6-mlpt", "step_771", 300, 16}};

static const char *fixture(const char *folder, const char *name, char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "%s/paper/%s/%s", getenv("TRM_FIXTURES_DEFAULT"), folder, name);
    return out;
}

static const char *trained_file(const trained *t, const char *name, char out[PATH_SIZE]) {
    char folder[128];
    snprintf(folder, sizeof folder, "trained/%s", t->folder);
    return fixture(folder, name, out);
}

static bool near(double a, double b) {
    return fabs(a - b) < 1e-9;
}

// What PyTorch measured of the same boards, step by step.
static void check_steps(const trained *t, const cJSON *json) {
    char path[PATH_SIZE];
    size_t size;
    char *text = file_text(trained_file(t, "by_step.json", path), &size);
    cJSON *truth = cJSON_Parse(text);
    const cJSON *steps = cJSON_GetObjectItem(json, "steps");
    const cJSON *wanted = cJSON_GetObjectItem(truth, "by_step");
    assert_int_equal(cJSON_GetArraySize(steps), cJSON_GetArraySize(wanted));
    for (int i = 0; i < cJSON_GetArraySize(wanted); i++) {
        const cJSON *step = cJSON_GetArrayItem(steps, i), *want = cJSON_GetArrayItem(wanted, i);
        assert_true(near(number_of(step, "exact_accuracy"), number_of(want, "exact")));
        assert_true(near(number_of(step, "cell_accuracy"), number_of(want, "cells")));
        assert_true(near(number_of(step, "halt_says_right"), number_of(want, "q_says_right")));
        assert_true(near(number_of(step, "halt_agrees"), number_of(want, "q_agrees")));
        assert_true(number_of(step, "exact_low") <= number_of(want, "exact"));
        assert_true(number_of(step, "exact_high") >= number_of(want, "exact"));
        assert_true(number_of(step, "blank_accuracy") <= number_of(want, "cells"));
    }
    cJSON_Delete(truth);
    free(text);
}

static void test_measured_as_pytorch_does(void **state) {
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        const trained *t = &models[i];
        char weights[PATH_SIZE], puzzles[PATH_SIZE], word[PATH_SIZE + 16];
        trained_file(t, "puzzles.txt", puzzles);
        snprintf(word, sizeof word, "env.puzzles=%s", puzzles);
        cJSON *json =
            json_of(RUN(*state, "eval", trained_file(t, t->weights, weights), word, "--json"));
        assert_int_equal((int)number_of(json, "samples"), t->boards);
        assert_true(near(number_of(json, "changes_given"), (double)t->changed / t->boards));
        assert_true(number_of(json, "stopping_steps") < 2);
        check_steps(t, json);
        cJSON_Delete(json);
    }
}

// Steps beyond those of the training.
static void test_more_steps(void **state) {
    char weights[PATH_SIZE];
    trained_file(&models[0], models[0].weights, weights);
    cJSON *json =
        json_of(RUN(*state, "eval", weights, "--episodes", "5", "model.sup_steps=100", "--json"));
    const cJSON *steps = cJSON_GetObjectItem(json, "steps");
    assert_int_equal(cJSON_GetArraySize(steps), 100);
    assert_true(number_of(cJSON_GetArrayItem(steps, 99), "moved") <
                number_of(cJSON_GetArrayItem(steps, 1), "moved"));
    cJSON_Delete(json);
    assert_refused(RUN(*state, "eval", weights, "model.sup_steps=1025"), "1024");
}

// Which board it is, V and S tell; where they do not, a line names the words that do.
static void test_boards(void **state) {
    char path[PATH_SIZE];
    assert_refused(RUN(*state, "eval", fixture("checkpoints", "mlpt-s16-d64-noemb.pt", path)),
                   "data.size");
    trained_file(&models[0], models[0].weights, path);
    cJSON *json = json_of(RUN(*state, "eval", path, "--episodes", "2", "--json",
                              "data.type=mazes-10-fixed", "data.size=10"));
    assert_string_equal(cJSON_GetObjectItem(json, "data")->valuestring, "mazes-10-fixed");
    assert_true(number_of(json, "cell_accuracy") < 1);
    cJSON_Delete(json);
}

// ---- the forms of one checkpoint ----------------------------------------------------------------

static void put_safetensors(const trm_safetensors *s, const char *prefix, const char *path) {
    trm_tensor *tensors = calloc((size_t)s->count, sizeof *tensors);
    trm_error e = {0};
    assert_non_null(tensors);
    for (int32_t i = 0; i < s->count; i++) {
        const char *name = strstr(s->tensors[i].name, "model.inner.");
        tensors[i] = s->tensors[i];
        assert_non_null(name);
        snprintf(tensors[i].name, sizeof tensors[i].name, "%s%.100s", prefix,
                 name + strlen("model.inner."));
    }
    if (!trm_safetensors_write(path, tensors, s->count, NULL, 0, &e))
        fail_msg("%s", e.message);
    free(tensors);
}

static char *probed(void **state, const char *file) {
    outcome o = RUN(*state, "probe", file, "--state", "tokens.json", "--json");
    if (o.status != 0)
        fail_msg("%s: exit status %d:\n%s", file, o.status, o.err);
    char *text = strdup(o.out);
    outcome_free(&o);
    return text;
}

static void test_all_forms_of_a_checkpoint_are_one(void **state) {
    char old[PATH_SIZE], new[PATH_SIZE], plain[PATH_SIZE], compiled[PATH_SIZE], tokens[PATH_SIZE];
    trm_safetensors s;
    trm_error e = {0};
    fixture("checkpoints", "mlpt-s16-d64-noemb.pt", old);
    fixture("checkpoints", "mlpt-s16-d64-noemb.new.pt", new);
    snprintf(plain, sizeof plain, "%.400s/plain.safetensors", (const char *)*state);
    snprintf(compiled, sizeof compiled, "%.400s/compiled.safetensors", (const char *)*state);
    snprintf(tokens, sizeof tokens, "%.400s/tokens.json", (const char *)*state);
    file_put_text(tokens, "[1,2,3,4,5,6,7,8,9,10,1,2,3,4,5,1]");
    if (!trm_weights_read(&s, old, &e))
        fail_msg("%s", e.message);
    put_safetensors(&s, "", plain);
    put_safetensors(&s, "_orig_mod.model.inner.", compiled);
    trm_safetensors_free(&s);
    char *first = probed(state, old);
    const char *others[] = {new, plain, compiled};
    assert_non_null(strstr(first, "\"positions\":16,\"classes\":11"));
    for (size_t i = 0; i < 3; i++) {
        char *other = probed(state, others[i]);
        assert_string_equal(first, other);
        free(other);
    }
    free(first);
}

// ---- what else people's files hold

// Copies the trained 4x4 model with a tensor more, or without one of that name, and asks it.
static outcome asked_of(void **state, const char *prefix, const char *more, const char *without,
                        const char *config) {
    char path[PATH_SIZE], beside[PATH_SIZE];
    trm_safetensors s;
    trm_error e = {0};
    size_t size;
    float zeros[4] = {0};
    trained_file(&models[0], models[0].weights, path);
    if (!trm_weights_read(&s, path, &e))
        fail_msg("%s", e.message);
    trm_tensor *own = s.tensors, *tensors = calloc((size_t)s.count + 1, sizeof *tensors);
    const int32_t count = s.count;
    assert_non_null(tensors);
    s.count = 0;
    for (int32_t i = 0; i < count; i++)
        if (!without || !strstr(own[i].name, without))
            tensors[s.count++] = own[i];
    if (more) {
        tensors[s.count] = (trm_tensor){.dtype = TRM_F32, .ndim = 2, .shape = {2, 2}};
        snprintf(tensors[s.count].name, sizeof tensors->name, "model.inner.%s", more);
        tensors[s.count++].data = zeros;
    }
    s.tensors = tensors;
    snprintf(path, sizeof path, "%.400s/step.safetensors", (const char *)*state);
    snprintf(beside, sizeof beside, "%.400s/all_config.yaml", (const char *)*state);
    put_safetensors(&s, prefix, path);
    char *plain =
        config ? NULL : file_text(trained_file(&models[0], "all_config.yaml", path), &size);
    file_put_text(beside, config ? config : plain);
    free(plain);
    s.tensors = own;
    s.count = count;
    free(tensors);
    trm_safetensors_free(&s);
    return RUN(*state, "probe", "step.safetensors", "--board", "3421.....3..41.2", "--json");
}

static void test_names_and_settings_of_others(void **state) {
    static const char flat[] = "H_cycles: 2\nL_cycles: 3\nnum_heads: 2\nhalt_max_steps: 4\n"
                               "pos_encodings: rope\npuzzle_emb_len: 4\ndata_path: data/sudoku4\n";
    static const char unset[] =
        "arch:\n  H_cycles: 2\n  L_cycles: 3\n  num_heads: 2\n"
        "  halt_max_steps: 4\n  pos_encodings: rope\n  puzzle_emb_len: 4\n"
        "  rope_theta: null\n  rms_norm_eps: ~\ndata_paths: [data/sudoku4]\n";
    static const struct {
        const char *prefix, *more, *without, *config;
    } same[] = {
        {"module.net.inner.", NULL, NULL, NULL},
        {"state_dict.", NULL, NULL, NULL},
        {"", "puzzle_emb.local_weights", NULL, NULL},
        {"", "rotary_emb.cos_cached", NULL, NULL},
        {"", NULL, NULL, flat},
        {"", NULL, NULL, unset},
    };
    outcome plain = asked_of(state, "model.inner.", NULL, NULL, NULL);
    assert_int_equal(plain.status, 0);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        outcome o = asked_of(state, same[i].prefix, same[i].more, same[i].without, same[i].config);
        if (o.status != 0 || strcmp(o.out, plain.out) != 0)
            fail_msg("%zu: %s", i, o.err);
        outcome_free(&o);
    }
    outcome_free(&plain);
    assert_refused(asked_of(state, "", NULL, "lm_head", NULL), "no tensor \"lm_head.weight\"");
    assert_refused(asked_of(state, "", NULL, "q_head.bias", NULL), "q_head.bias");
    assert_refused(asked_of(state, "", "foo.weight", NULL, NULL), "unexpected tensor");
}

// ---- asking -------------------------------------------------------------------------------------

static const trm_tensor *tensor(const trm_safetensors *s, const char *name, int64_t rows,
                                int64_t cols) {
    const trm_tensor *t = trm_safetensors_find(s, name);
    if (!t)
        fail_msg("no tensor %s", name);
    assert_true(t->shape[0] == rows && (cols == 0 || t->shape[1] == cols));
    return t;
}

// A puzzle as a word gets PyTorch's answer, and the file of activations has every pass: the last
// of a step is the state that the array has there, too.
static void test_a_puzzle_and_its_activations(void **state) {
    enum { STEPS = 6, PASSES = 10, CELLS = 36, HIDDEN = 64, STATE = CELLS * HIDDEN };
    char weights[PATH_SIZE], path[PATH_SIZE], line[CELLS + 1] = "";
    size_t size;
    trm_safetensors s;
    trm_error e = {0};
    trained_file(&models[1], models[1].weights, weights);
    char *puzzles = file_text(trained_file(&models[1], "puzzles.txt", path), &size);
    char *truth = file_text(trained_file(&models[1], "answers.txt", path), &size);
    memcpy(line, puzzles, CELLS);
    cJSON *json = json_of(RUN(*state, "probe", weights, "--board", line, "--activations",
                              "all.safetensors", "--json"));
    const cJSON *answer = cJSON_GetObjectItem(json, "answer");
    for (int i = 0; i < CELLS; i++)
        assert_int_equal(cJSON_GetArrayItem(answer, i)->valueint, truth[i] - '0' + 1);
    cJSON_Delete(json);
    outcome o = RUN(*state, "probe", weights, "--board", line, "--activations", "all.npy");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    snprintf(path, sizeof path, "%.400s/all.npy", (const char *)*state);
    char *array = file_text(path, &size);
    assert_int_equal(size, 128 + sizeof(float) * STEPS * PASSES * 2 * STATE);
    assert_non_null(strstr(array + 10, "'shape': (60, 2, 36, 64)"));
    snprintf(path, sizeof path, "%.400s/all.safetensors", (const char *)*state);
    if (!trm_safetensors_read(&s, path, &e))
        fail_msg("%s", e.message);
    assert_int_equal(s.count, STEPS * (PASSES + 3));
    tensor(&s, "step.0.pass.0.z_L", CELLS, HIDDEN);
    tensor(&s, "step.5.logits", CELLS, 8);
    tensor(&s, "step.5.q_continue", 1, 0);
    assert_memory_equal(tensor(&s, "step.5.pass.9.z_H", CELLS, HIDDEN)->data,
                        array + 128 + sizeof(float) * (STEPS * PASSES - 1) * 2 * STATE,
                        sizeof(float) * STATE);
    trm_safetensors_free(&s);
    free(array);
    free(puzzles);
    free(truth);
    assert_refused(RUN(*state, "probe", weights, "--board", "12.4"), "expected 4");
    assert_refused(RUN(*state, "probe", weights, "--board", line, "--activations", "a.txt"),
                   ".npy");
}

static void test_a_maze(void **state) {
    char weights[PATH_SIZE], path[PATH_SIZE];
    trained_file(&models[0], models[0].weights, weights);
    snprintf(path, sizeof path, "%.400s/maze.txt", (const char *)*state);
    file_put_text(path, "S .\n##.\nG .\n");
    outcome o = RUN(*state, "probe", weights, "data.type=mazes-10-fixed", "data.size=3", "--board",
                    "maze.txt");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    file_put_text(path, "S ..\n##.\nG .\n");
    assert_refused(RUN(*state, "probe", weights, "data.type=mazes-10-fixed", "data.size=3",
                       "--board", "maze.txt"),
                   "a maze of 3 x 3");
}

// What what-if changes can be asked for here, too; what the model cannot do is refused.
static void test_run_otherwise(void **state) {
    static const char line[] = "3421.....3..41.2";
    char weights[PATH_SIZE], other[PATH_SIZE];
    trained_file(&models[0], models[0].weights, weights);
    trained_file(&models[1], models[1].weights, other);
    outcome as_is = RUN(*state, "probe", weights, "--board", line, "--json");
    outcome same = RUN(*state, "probe", weights, "--board", line, "--json", "--h-cycles", "2",
                       "--l-cycles", "3");
    assert_string_equal(as_is.out, same.out);
    outcome set = RUN(*state, "probe", weights, "--board", line, "--json", "model.k_cycles=3",
                      "model.inner_steps=5");
    outcome asked = RUN(*state, "probe", weights, "--board", line, "--json", "--h-cycles", "3",
                        "--l-cycles", "5");
    assert_string_equal(set.out, asked.out);
    assert_string_not_equal(set.out, as_is.out);
    outcome bare = RUN(*state, "probe", weights, "--board", line, "--json", "--no-prefix");
    assert_true(bare.status == 0 && strcmp(bare.out, as_is.out) != 0);
    outcome_free(&as_is);
    outcome_free(&same);
    outcome_free(&set);
    outcome_free(&asked);
    outcome_free(&bare);
    assert_refused(RUN(*state, "probe", other, "--sample", "1", "--no-prefix"), "prefix");
    assert_refused(RUN(*state, "probe", "sudoku4", "--sample", "1", "--h-cycles", "2"), "H and L");
}

// ---- diagnosed ----------------------------------------------------------------------------------

static const char *title_of(const cJSON *json, const char *check) {
    const cJSON *finding;
    cJSON_ArrayForEach(finding, cJSON_GetObjectItem(json, "findings")) {
        if (strcmp(cJSON_GetObjectItem(finding, "check")->valuestring, check) == 0)
            return cJSON_GetObjectItem(finding, "title")->valuestring;
    }
    fail_msg("no check %s", check);
    return NULL;
}

// The 6x6 model says "right" of 93 % where 89 % are, and changes givens; the 4x4 model does
// neither.
static void test_diagnosed(void **state) {
    static const char *const titles[][3] = {
        {"halting is calibrated", "what is given stays", "the gradient is the loss's"},
        {"the halting head is overconfident", "some answers change what is given",
         "the gradient is the loss's"}};
    static const char *const checks[] = {"halting-calibrated", "keeps-givens",
                                         "finite-differences"};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        char weights[PATH_SIZE], puzzles[PATH_SIZE], word[PATH_SIZE + 16];
        trained_file(&models[i], models[i].weights, weights);
        snprintf(word, sizeof word, "env.puzzles=%s",
                 trained_file(&models[i], "puzzles.txt", puzzles));
        cJSON *json =
            json_of(RUN(*state, "diagnose", weights, word, "data.validation=120", "--json"));
        for (size_t k = 0; k < 3; k++)
            assert_string_equal(title_of(json, checks[k]), titles[i][k]);
        assert_string_equal(title_of(json, "state-settles"), "the state settles");
        cJSON_Delete(json);
    }
}

// ---- written out, trained -----------------------------------------------------------------------

static void test_exported_and_trained(void **state) {
    char weights[PATH_SIZE];
    trained_file(&models[0], models[0].weights, weights);
    outcome o = RUN(*state, "export", weights, "again.safetensors");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    cJSON *was = json_of(RUN(*state, "eval", weights, "--episodes", "20", "--json"));
    cJSON *is = json_of(RUN(*state, "eval", "again.safetensors", "--episodes", "20", "--json"));
    assert_true(number_of(was, "loss") == number_of(is, "loss") && number_of(is, "exact") == 1);
    cJSON_Delete(was);
    cJSON_Delete(is);
#define TRAIN                                                                                      \
    "train", "maze", "train.algorithm=supervised", "data.type=sudoku", "data.size=4",              \
        "data.train=32", "data.validation=8", "data.test=8", "train.batch=8", "train.epochs=2",    \
        "model.type=trm-paper", "model.d_model=16", "model.heads=2", "model.sup_steps=2"
    o = RUN(*state, TRAIN, "--out", "run");
    if (o.status != 0)
        fail_msg("%s", o.err);
    outcome_free(&o);
    is = json_of(RUN(*state, "eval", "run", "--episodes", "4", "--json"));
    assert_string_equal(cJSON_GetObjectItem(is, "type")->valuestring, "trm-paper");
    cJSON_Delete(is);
    assert_refused(RUN(*state, TRAIN, "--out", "other", "model.xavier_gain=1"), "no effect");
}

// The recipe of the preset for mazes, on smaller ones: in seconds the held-out paths are found for
// the most part. Start and goal alone are a quarter of them, and that is where it begins.
static void test_mazes_are_learned(void **state) {
    cJSON *json = json_of(RUN(*state, "train", "paper-maze-7", "data.size=5", "data.train=1024",
                              "data.test=200", "train.batch=16", "train.warmup=50",
                              "train.epochs=5", "model.sup_steps=1", "--out", "mazes", "--json"));
    assert_true(number_of(json, "path_recall") > 0.6);
    assert_true(number_of(json, "cell_accuracy") > 0.85);
    cJSON_Delete(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_measured_as_pytorch_does, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_more_steps, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_boards, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_all_forms_of_a_checkpoint_are_one, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_a_puzzle_and_its_activations, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_names_and_settings_of_others, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_a_maze, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_run_otherwise, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_diagnosed, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_mazes_are_learned, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_exported_and_trained, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests_name("paper", tests, NULL, NULL);
}
