// SPDX-License-Identifier: Apache-2.0
// Words and options without effect, and sudokus of one's own for models that answer.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "process.h"

static void put(void **state, const char *name, const char *text) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", (const char *)*state, name);
    file_put_text(path, text);
}

static cJSON *json_of(outcome o) {
    assert_int_equal(o.status, 0);
    cJSON *json = cJSON_Parse(o.out);
    assert_non_null(json);
    outcome_free(&o);
    return json;
}

static double number_of(const cJSON *json, const char *name) {
    const cJSON *item = cJSON_GetObjectItem(json, name);
    assert_true(cJSON_IsNumber(item));
    return item->valuedouble;
}

static void done(outcome o) {
    assert_int_equal(o.status, 0);
    outcome_free(&o);
}

// Every command that takes words judges them.
static void test_words(void **state) {
    assert_refused(RUN(*state, "train", "maze", "env.braid=0.5"), "env.type, env.size");
    assert_refused(RUN(*state, "watch", "maze", "data.size=4"), "data.size");
    assert_refused(RUN(*state, "compare", "maze", "maze-mlp", "data.size=4", "--json"),
                   "data.size");
    assert_refused(RUN(*state, "diagnose", "maze", "train.gae=0.3"), "train.gae");
    assert_refused(RUN(*state, "bench", "maze", "run.record_mib=3"), "run.record_mib");
    assert_int_equal(folder_entries(*state), 0);
    done(RUN(*state, "train", "maze", "train.episodes=2", "--out", "run"));
    assert_refused(RUN(*state, "train", "run", "--resume", "train.epochs=3"), "train.episodes");
    assert_refused(RUN(*state, "eval", "run", "train.lr=1"), "model.k_cycles");
    assert_refused(RUN(*state, "probe", "run", "--state", "-", "seed=3"), "seed=3");
    assert_refused(RUN(*state, "play", "run", "train.lr=1"), "train.lr");
    assert_refused(RUN(*state, "versus", "run", "run", "train.lr=1"), "train.lr");
    assert_refused(RUN(*state, "export", "run", "x.safetensors", "train.lr=1"), "train.lr");
    assert_refused(RUN(*state, "diagnose", "run", "env.braid=1"), "env.braid");
    done(RUN(*state, "eval", "run", "--episodes", "2", "model.k_cycles=5", "seed=3"));
    done(RUN(*state, "compare", "maze", "maze-mlp", "model.k_cycles=2", "train.episodes=2",
             "--json"));
}

// More supervision steps than any model is trained with.
static void test_deep_steps(void **state) {
    done(RUN(*state, "eval", "sudoku4", "--episodes", "2", "model.sup_steps=128"));
    done(RUN(*state, "probe", "sudoku4", "--sample", "1", "model.sup_steps=128", "--json"));
    assert_refused(RUN(*state, "eval", "sudoku4", "model.sup_steps=1025"), "out of range 1..1024");
}

static void test_options(void **state) {
    done(RUN(*state, "train", "maze-mlp", "train.episodes=2", "--out", "run"));
    assert_refused(RUN(*state, "eval", "run", "--fill"), "--fill");
    assert_refused(RUN(*state, "eval", "run", "--steps"), "--steps");
    assert_refused(RUN(*state, "eval", "mazes8", "--fill"), "--fill");
    assert_refused(RUN(*state, "eval", "sudoku4", "--random", "--steps"), "--steps");
    assert_refused(RUN(*state, "probe", "run", "--state", "-", "--gradient"), "--json");
    assert_refused(RUN(*state, "probe", "run", "--state", "-", "--prev-action", "1"),
                   "--prev-action");
    assert_refused(RUN(*state, "diagnose", "sudoku-4-tiny", "--episodes", "3"), "--episodes");
    assert_refused(RUN(*state, "compare", "maze", "--json", "--plain"), "--plain");
    assert_refused(RUN(*state, "compare", "maze", "--json", "seed=3", "--seed-first", "4"), "seed");
    assert_refused(RUN(*state, "compare", "maze", "--json", "--ascii"), "--ascii");
    assert_refused(RUN(*state, "replay", "run", "--check", "--json"), "--json");
    assert_refused(RUN(*state, "replay", "run", "--check", "--ascii"), "--ascii");
    assert_refused(RUN(*state, "reproduce", "data-8", "--json", "--markdown"), "--markdown");
    assert_refused(RUN(*state, "presets", "--describe", "--json"), "--json");
    assert_refused(RUN(*state, "play", "sudoku-easy", "--puzzle", "12..3412214343.1", "seed=3"),
                   "seed has no effect: it chooses a board, and --puzzle names one");
    assert_refused(RUN(*state, "plot", "run", "-o", "a.svg", "--samples", "2"), "--samples");
    assert_refused(RUN(*state, "plot", "run", "-o", "a.svg", "--panels", "--axis", "steps"),
                   "--axis");
}

// What a script appends to its words counts: of two values the last.
static void test_given_twice(void **state) {
    done(RUN(*state, "train", "maze-mlp", "train.episodes=3", "train.episodes=2", "--out", "left",
             "--json", "--json", "--out=run"));
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/run/config.json", (const char *)*state);
    char *config = file_text(path, NULL);
    assert_non_null(strstr(config, "\"episodes\": 2,"));
    free(config);
    assert_int_equal(folder_entries(*state), 1);
}

// A model with weights of which not even a few moments fit into the record.
static void test_no_room_for_a_record(void **state) {
    outcome o = RUN(*state, "train", "maze", "train.episodes=2", "model.h_dim=512",
                    "run.record_mib=2", "--out", "run");
    assert_int_equal(o.status, 0);
    const char *says = strstr(o.err, "no record for replay: run.record_mib=2 is too little, ");
    assert_non_null(says);
    const long holds =
        strtol(says + strlen("no record for replay: run.record_mib=2 is too little, "), NULL, 10);
    outcome_free(&o);
    o = RUN(*state, "train", "run", "--resume", "train.episodes=3");
    assert_non_null(strstr(o.err, "no record for replay"));
    outcome_free(&o);
    for (long less = 0; less < 2; less++) {
        char word[64], run[16];
        snprintf(word, sizeof word, "run.record_mib=%ld", holds - less);
        snprintf(run, sizeof run, "run-%ld", less);
        o = RUN(*state, "train", "maze", "train.episodes=2", "model.h_dim=512", word, "--out", run);
        assert_int_equal(strstr(o.err, "no record") != NULL, less);
        outcome_free(&o);
    }
    done(RUN(*state, "replay", "run-0", "--check"));
}

// Three puzzles with six to eight givens, the second with a remark behind it.
static const char puzzles[] = "# mine\n"
                              "1.....3..4....2.\n"
                              "12..34....4..321, easy\n"
                              "123.3.1..1.34..1\n";

// Puzzles that are named are what a model is asked about: all of them, in their order.
static void test_own_puzzles(void **state) {
    put(state, "mine.txt", puzzles);
    cJSON *all = json_of(RUN(*state, "eval", "sudoku4", "env.puzzles=mine.txt", "--json"));
    assert_true(number_of(all, "samples") == 3);
    cJSON_Delete(all);
    cJSON *two = json_of(
        RUN(*state, "eval", "sudoku4", "env.puzzles=mine.txt", "--episodes", "2", "--json"));
    assert_true(number_of(two, "samples") == 2);
    cJSON_Delete(two);
    outcome o = RUN(*state, "eval", "sudoku4", "env.puzzles=mine.txt");
    assert_non_null(strstr(o.out, "the puzzles of mine.txt"));
    outcome_free(&o);
    cJSON *third =
        json_of(RUN(*state, "probe", "sudoku4", "--sample", "3", "env.puzzles=mine.txt", "--json"));
    const cJSON *target = cJSON_GetObjectItem(third, "target");
    assert_int_equal(cJSON_GetArrayItem(target, 0)->valueint, 0); // 1234 …, less 1
    assert_int_equal(cJSON_GetArrayItem(target, 1)->valueint, 1);
    cJSON_Delete(third);
    assert_refused(RUN(*state, "probe", "sudoku4", "--sample", "4", "env.puzzles=mine.txt"),
                   "expected 1 to 3");
    cJSON *d = json_of(RUN(*state, "diagnose", "sudoku4", "env.puzzles=mine.txt", "--json"));
    cJSON_Delete(d);
    assert_refused(RUN(*state, "eval", "mazes8", "env.puzzles=mine.txt"), "data.size");
    assert_refused(RUN(*state, "eval", "sudoku4", "env.puzzles=mine.txt", "seed=3"), "seed");
}

static void test_bad_puzzles(void **state) {
    static const char *const commands[] = {"eval", "diagnose", "train", "compare"};
    put(state, "none.txt",
        "\n5"
        "5...............................................................................\n");
    put(state, "large.txt", "12..34....4..321\n");
    put(state, "two.txt", "12..............\n");
    for (int i = 0; i < 4; i++) {
        const char *model = i < 2 ? "sudoku9" : "sudoku-9-peer";
        assert_refused(RUN(*state, commands[i], model, "env.puzzles=/does/not/exist"),
                       "/does/not/exist");
        assert_refused(RUN(*state, commands[i], model, "env.puzzles=none.txt"), "none.txt:2: ");
        assert_refused(RUN(*state, commands[i], model, "env.puzzles=large.txt"),
                       "large.txt:1: a 4x4 puzzle, expected 9x9");
    }
    assert_refused(RUN(*state, "eval", "sudoku4", "env.puzzles=two.txt"), "more than one solution");
    assert_refused(RUN(*state, "probe", "sudoku9", "--sample", "1", "env.puzzles=none.txt"),
                   "none.txt:2: ");
}

// Digits of a line renamed by adding `shift`, so that there are many lines; twins of one another.
static void add_line(char *to, const char *line, int shift) {
    size_t used = strlen(to);
    for (; *line; line++)
        to[used++] = *line == '.' ? '.' : (char)('1' + (*line - '1' + shift) % 4);
    to[used++] = '\n';
    to[used] = '\0';
}

// A supervised run learns from the file's puzzles and holds some of them out; evaluated without a
// word, it is asked about those.
static void test_training_on_puzzles(void **state) {
    static const char *const lines[] = {".1.......31....2", "3....13..2..1...", "1..3.4.........1",
                                        "1.4.........2..3", "......42..2..3..", "2....4.....4..21",
                                        "......3..3.44.1.", "..3.4....1....2."};
    enum { LINES = sizeof lines / sizeof *lines, SHIFTS = 4 };
    char text[1024] = "";
    for (int i = 0; i < LINES; i++)
        for (int shift = 0; shift < SHIFTS; shift++)
            add_line(text, lines[i], shift);
    put(state, "some.txt", text);
    outcome o = RUN(*state, "train", "sudoku-4-tiny", "env.puzzles=some.txt", "train.batch=4",
                    "train.cosine=false", "train.epochs=2", "--out", "a");
    if (o.status != 0)
        fail_msg("%s", o.err);
    outcome_free(&o);
    done(RUN(*state, "train", "sudoku-4-tiny", "env.puzzles=some.txt", "train.batch=4",
             "train.cosine=false", "train.epochs=1", "--out", "b"));
    done(RUN(*state, "train", "b", "--resume", "train.epochs=2"));
    assert_equal_runs(*state, "a", "b");
    cJSON *held_out = json_of(RUN(*state, "eval", "a", "--json"));
    cJSON *all = json_of(RUN(*state, "eval", "a", "env.puzzles=some.txt", "--json"));
    assert_true(number_of(held_out, "samples") < number_of(all, "samples"));
    assert_true(number_of(all, "samples") == LINES * SHIFTS);
    cJSON_Delete(held_out);
    cJSON_Delete(all);
    put(state, "one.txt", "12..34....4..321\n");
    assert_refused(RUN(*state, "train", "sudoku-4-tiny", "env.puzzles=one.txt"), "one.txt");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_words, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_deep_steps, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_options, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_given_twice, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_no_room_for_a_record, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_own_puzzles, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_bad_puzzles, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_training_on_puzzles, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
