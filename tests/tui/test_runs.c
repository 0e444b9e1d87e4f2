// SPDX-License-Identifier: Apache-2.0
// The screen of runs: every key does what it says, at every size, and other screens are reached
// from it and left to it.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "../cli/process.h"
#include "screen.h"

#define TRAIN(...)                                                                                 \
    do {                                                                                           \
        outcome o = RUN(*state, "train", __VA_ARGS__);                                             \
        assert_int_equal(o.status, 0);                                                             \
        outcome_free(&o);                                                                          \
    } while (0)

static int train_some(void **state) {
    char path[PATH_SIZE];
    if (scratch_make(state) != 0)
        return 1;
    TRAIN("maze", "seed=1", "train.episodes=30");
    TRAIN("maze", "seed=2", "train.episodes=20");
    TRAIN("sudoku-4-tiny", "data.train=20", "data.validation=10", "data.test=10", "train.batch=10",
          "train.epochs=2");
    snprintf(path, sizeof path, "%s/runs/odd", (const char *)*state);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/runs/odd/config.json", (const char *)*state);
    file_put_text(path, "{");
    return 0;
}

static void leave(screen *s) {
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

static void test_keys(void **state) {
    char path[PATH_SIZE];
    screen *s = OPEN(*state, 24, 100, NULL, "runs");
    SEE(s, "4 runs");
    SEE(s, "maze-1");
    SEE(s, "finished");
    SEE(s, "broken");
    screen_keys(s, "i");
    SEE(s, "A row for each recorded training.");
    screen_keys(s, "i");
    LOSE(s, "A row for each recorded training.");
    screen_keys(s, "s");
    SEE(s, "by name");
    screen_keys(s, "I");
    SEE(s, "reversed");
    screen_keys(s, "I");
    LOSE(s, "reversed");
    screen_keys(s, "/maze\r");
    SEE(s, "2 of 4 runs");
    LOSE(s, "sudoku-4-tiny");
    screen_keys(s, "a");
    SEE(s, "4 runs");
    screen_keys(s, "a");
    SEE(s, "no filter is set");
    screen_keys(s, "g");
    SEE(s, "runs/maze-1");
    screen_keys(s, "c");
    SEE(s, "mark two runs");
    screen_keys(s, "  "); // both mazes
    SEE(s, "● maze-2");
    screen_keys(s, "c");
    SEE(s, "versus");
    screen_keys(s, "q");
    SEE(s, "4 runs");
    screen_keys(s, "e"); // on the broken one, to which the marks led
    SEE(s, "cannot be opened");
    screen_keys(s, "ge");
    SEE(s, "is finished");
    screen_keys(s, "gr");
    SEE(s, "moment ");
    screen_keys(s, "q");
    SEE(s, "4 runs");
    screen_keys(s, "f");
    SEE(s, "followed to its end");
    screen_keys(s, "q");
    SEE(s, "4 runs");
    screen_keys(s, "j");
    SEE(s, "runs/maze-2");
    screen_keys(s, "\r");
    SEE(s, "moment ");
    screen_keys(s, "q");
    SEE(s, "4 runs");
    screen_keys(s, "jjj");
    screen_keys(s, "g");
    screen_keys(s, "j");
    SEE(s, "runs/maze-2");
    screen_keys(s, "d");
    SEE(s, "to the trash?");
    screen_keys(s, "n");
    screen_keys(s, "d");
    SEE(s, "to the trash?");
    screen_keys(s, "y");
    SEE(s, "3 runs");
    snprintf(path, sizeof path, "%s/home/trm/trash/maze-2/config.json", (const char *)*state);
    assert_true(file_is_there(path));
    leave(s);
}

static void test_a_broken_one_is_not_opened(void **state) {
    screen *s = OPEN(*state, 24, 80, NULL, "runs", "runs", "--filter", "odd");
    SEE(s, "1 of ");
    SEE(s, "config.json");
    screen_keys(s, "\r");
    SEE(s, "cannot be opened");
    leave(s);
}

static void test_one_run_is_one_run(void **state) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/alone", (const char *)*state);
    mkdir(path, 0777);
    TRAIN("maze-mlp", "env.size=3", "train.episodes=2", "--out", "alone/only");
    screen *s = OPEN(*state, 24, 80, NULL, "runs", "alone");
    SEE(s, "by age  1 run");
    LOSE(s, "1 runs");
    leave(s);
}

static void test_sizes(void **state) {
    static const int sizes[][2] = {{16, 60}, {24, 80}, {40, 120}, {60, 200}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        screen *s = OPEN(*state, sizes[i][0], sizes[i][1], NULL, "runs", "--sort", "name");
        SEE(s, "maze-1");
        SEE(s, "finished");
        SEE(s, "broken");
        SEE(s, "quit");
        leave(s);
    }
}

// Printed where there is no terminal.
static void test_print(void **state) {
    outcome o = RUN(*state, "runs", "--sort", "name");
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.out, "runs/maze-1"));
    assert_non_null(strstr(o.out, "30/30"));
    outcome_free(&o);
    o = RUN(*state, "runs", "runs", "--json", "--sort", "name");
    assert_int_equal(o.status, 0);
    cJSON *json = cJSON_Parse(o.out);
    assert_true(cJSON_IsArray(json));
    const cJSON *first = cJSON_GetArrayItem(json, 0);
    assert_string_equal(cJSON_GetObjectItem(first, "run")->valuestring, "runs/maze-1");
    assert_string_equal(cJSON_GetObjectItem(first, "state")->valuestring, "finished");
    assert_int_equal(cJSON_GetObjectItem(first, "episodes")->valueint, 30);
    assert_true(cJSON_GetObjectItem(first, "bytes")->valuedouble > 1000);
    cJSON_Delete(json);
    outcome_free(&o);
    o = RUN(*state, "runs", "--json", "--filter", "no such run");
    assert_string_equal(o.out, "[]\n");
    outcome_free(&o);
    assert_refused(RUN(*state, "runs", "nowhere"), "nowhere");
    assert_refused(RUN(*state, "runs", "--json", "--ascii"), "--ascii");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_a_broken_one_is_not_opened),
        cmocka_unit_test(test_one_run_is_one_run),
        cmocka_unit_test(test_keys), // the last: one run is gone then
    };
    return cmocka_run_group_tests(tests, train_some, scratch_remove);
}
