// SPDX-License-Identifier: Apache-2.0
// Following a run that another process trains: it changes nothing there, and survives whatever
// happens to that process and its folder.
//
// TRM_FOLLOWERS, TRM_FAULTS_KILLS and TRM_FAULTS_SEED: how many follow at once, how often the
// trainer or the follower is killed, and which moments.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "screen.h"

enum { FOLLOWERS = 3, KILLS = 4 };

#define LONG_RUN "maze", "seed=3", "train.episodes=1000000", "model.h_dim=8", "model.l_dim=8"

static long setting(const char *variable, long otherwise) {
    const char *text = getenv(variable);
    return text != NULL ? atol(text) : otherwise;
}

static process train(void **state, const char *const *words) {
    process p = process_start(*state, NULL, words);
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/run/metrics.jsonl", (const char *)*state);
    wait_for_file(path, SCREEN_SECONDS);
    return p;
}
#define TRAIN(...) train(state, (const char *const[]){"train", __VA_ARGS__, "--out", "run", NULL})

static void end(process *p, int number) {
    kill(p->pid, number);
    outcome o = process_finish(p, SCREEN_SECONDS);
    outcome_free(&o);
}

static void leave(screen *s) {
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

static screen *follow(void **state, int rows, int cols) {
    return OPEN(*state, rows, cols, NULL, "watch", "run");
}

// Killed, resumed, asked for a checkpoint, ended, deleted: the follower says what is the matter,
// and goes on.
static void test_what_happens_to_a_run(void **state) {
    char path[PATH_SIZE];
    process p = TRAIN(LONG_RUN);
    screen *s = follow(state, 40, 120);
    SEE(s, "follows process");
    SEE(s, "step ");
    screen_keys(s, "s");
    SEE(s, "asked for a checkpoint");
    snprintf(path, sizeof path, "%s/run/checkpoint.safetensors", (const char *)*state);
    wait_for_file(path, SCREEN_SECONDS);
    end(&p, SIGKILL);
    SEE(s, "nobody trains it");
    screen_keys(s, "s");
    SEE(s, "no process trains");
    p = train(state, (const char *const[]){"train", "run", "--resume", NULL});
    SEE(s, "follows process");
    end(&p, SIGTERM);
    SEE(s, "nobody trains it");
    screen_keys(s, "r");
    SEE(s, "moment ");
    screen_keys(s, "q");
    LOSE(s, "moment ");
    snprintf(path, sizeof path, "%s/run", (const char *)*state);
    folder_remove(path);
    SEE(s, "folder is gone");
    screen_keys(s, " .,m");
    SEE(s, "microscope  step");
    screen_keys(s, "q");
    LOSE(s, "microscope  step");
    leave(s);
}

static void test_an_end_is_seen(void **state) {
    process p = TRAIN("maze", "seed=3", "train.episodes=400");
    screen *s = follow(state, 24, 80);
    outcome o = process_finish(&p, SCREEN_SECONDS);
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    SEE(s, "400/400");
    LOSE(s, "process");
    screen_keys(s, "e");
    SEE(s, "--resume");
    leave(s);
    // Afterwards, too; and nothing is left in the folder.
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/run", (const char *)*state);
    const int entries = folder_entries(path);
    struct stat before, after;
    assert_int_equal(stat(path, &before), 0);
    s = OPEN(*state, 60, 200, NULL, "watch", "run", "--follow");
    SEE(s, "followed to its end");
    SEE(s, "episode "); // the newest moment is played
    leave(s);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(folder_entries(path), entries);
    assert_int_equal(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
    assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
}

// What is typed at followers, chosen by a number.
static void type(screen *s, uint64_t number) {
    static const char *const keys[] = {" ", ".", ",", "[", "]", "{", "}", "+",  "-", "f", "a",
                                       "x", "m", "w", "g", "G", "h", "l", "\t", "n", "r", "s"};
    screen_keys(s, keys[number % (sizeof keys / sizeof *keys)]);
}

// As many as are asked for, with random keys: the bytes are those of a run that nobody follows.
static void assert_untouched(void **state, const char *const *words, const char *const *alone) {
    const long count = setting("TRM_FOLLOWERS", FOLLOWERS);
    uint64_t random = (uint64_t)setting("TRM_FAULTS_SEED", 1);
    screen **all = calloc((size_t)count, sizeof *all);
    outcome o = process_run(*state, NULL, alone);
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    process p = train(state, words);
    for (long i = 0; i < count; i++)
        all[i] = OPEN(*state, 40, 120, NULL, "watch", "run", "--follow");
    for (long i = 0; i < count; i++)
        for (int k = 0; k < 6; k++) {
            SEE(all[i], "help");
            random = random * 6364136223846793005u + 1442695040888963407u;
            type(all[i], random >> 33);
        }
    o = process_finish(&p, 4.0 * SCREEN_SECONDS);
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    for (long i = 0; i < count; i++) {
        screen_signal(all[i], SIGTERM);
        screen_close(all[i]);
    }
    free(all);
    assert_true(assert_equal_runs(*state, "alone", "run") > 0);
}
#define UNTOUCHED(...)                                                                             \
    assert_untouched(state, (const char *const[]){"train", __VA_ARGS__, "--out", "run", NULL},     \
                     (const char *const[]){"train", __VA_ARGS__, "--out", "alone", NULL})

static void test_a_run_is_not_touched(void **state) {
    UNTOUCHED("maze", "seed=4", "train.episodes=800", "run.checkpoint_every=20");
}

static void test_a_supervised_run_is_not_touched(void **state) {
    UNTOUCHED("sudoku-4-tiny", "seed=4", "train.epochs=20", "data.train=200", "data.validation=40",
              "data.test=40");
}

static void test_samples_are_answered_by_the_newest_weights(void **state) {
    process p = TRAIN("sudoku-4-tiny", "train.epochs=100000", "data.train=40", "data.validation=20",
                      "data.test=20", "run.checkpoint_every=1");
    screen *s = follow(state, 40, 120);
    SEE(s, "follows process");
    SEE(s, "held-out");
    SEE(s, "accuracy");
    screen_keys(s, " m");
    LOSE(s, "accuracy");
    screen_keys(s, "q");
    SEE(s, "accuracy");
    screen_keys(s, "}");
    SEE(s, "2/20");
    leave(s);
    end(&p, SIGKILL);
}

// kill -9 at any moment of the trainer or of the follower: the other goes on, and what was killed
// comes back.
static void test_killed(void **state) {
    uint64_t random = (uint64_t)setting("TRM_FAULTS_SEED", 1);
    process p = TRAIN(LONG_RUN, "run.checkpoint_every=5");
    screen *s = follow(state, 24, 80);
    for (long i = 0; i < setting("TRM_FAULTS_KILLS", KILLS); i++) {
        SEE(s, "follows process");
        random = random * 6364136223846793005u + 1442695040888963407u;
        for (uint64_t k = (random >> 33) % 20; k > 0; k--)
            SEE(s, "help");
        if (random >> 63) {
            end(&p, SIGKILL);
            SEE(s, "nobody trains it");
            p = train(state, (const char *const[]){"train", "run", "--resume", NULL});
        } else {
            screen_signal(s, SIGKILL);
            screen_abandon(s);
            s = follow(state, 24, 80);
        }
    }
    SEE(s, "follows process");
    leave(s);
    end(&p, SIGKILL);
}

// Puts a copy of a file, or only its beginning, below the folder.
static void put_part(void **state, const char *from, const char *to, double share) {
    char path[PATH_SIZE];
    size_t size;
    char *bytes = file_text(from, &size);
    snprintf(path, sizeof path, "%s/%s", (const char *)*state, to);
    file_put(path, bytes, (size_t)((double)size * share));
    free(bytes);
}

// Checkpoints of another program come one by one; one that is not whole is waited for.
static void test_checkpoints_of_others(void **state) {
    char path[PATH_SIZE], weights[PATH_SIZE], config[PATH_SIZE];
    const char *fixtures = getenv("TRM_FIXTURES_DEFAULT");
    snprintf(weights, sizeof weights, "%s/paper/trained/sudoku4-attn/step_4193", fixtures);
    snprintf(config, sizeof config, "%s/paper/trained/sudoku4-attn/all_config.yaml", fixtures);
    if (!file_is_there(weights))
        skip();
    snprintf(path, sizeof path, "%s/logs", (const char *)*state);
    assert_int_equal(mkdir(path, 0777), 0);
    put_part(state, config, "logs/all_config.yaml", 1);
    screen *s = OPEN(*state, 40, 120, NULL, "watch", "logs");
    SEE(s, "waiting for the first");
    put_part(state, weights, "logs/step_1000", 0.5);
    put_part(state, weights, "logs/step_1000", 1);
    SEE(s, "newest: step_1000");
    SEE(s, "1000/1000");
    SEE(s, "best exact 100.0%");
    put_part(state, weights, "logs/step_20000", 0.4);
    SEE(s, "step_20000 is not whole yet");
    screen_keys(s, " ");
    SEE(s, "show paused");
    screen_keys(s, "r");
    SEE(s, "only checkpoints");
    screen_keys(s, " ");
    put_part(state, weights, "logs/step_20000", 1);
    SEE(s, "newest: step_20000");
    SEE(s, "20000/20000");
    screen_keys(s, "m");
    LOSE(s, "accuracy");
    screen_keys(s, "q");
    SEE(s, "accuracy");
    folder_remove(path);
    SEE(s, "the folder is gone");
    leave(s);
}

static void test_folders_of_nothing(void **state) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/logs", (const char *)*state);
    assert_int_equal(mkdir(path, 0777), 0);
    snprintf(path, sizeof path, "%s/logs/last.ckpt", (const char *)*state);
    file_put_text(path, "x");
    screen *s = OPEN(*state, 24, 80, NULL, "watch", "logs");
    SEE(s, "Lightning checkpoint");
    screen_abandon(s);
}

static void test_words_without_effect(void **state) {
    assert_refused(RUN(*state, "watch", "--follow"), "terminal");
    screen *s = OPEN(*state, 24, 80, NULL, "watch", "nowhere", "--follow");
    screen_abandon(s);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_what_happens_to_a_run),
        WITH_FOLDER(test_an_end_is_seen),
        WITH_FOLDER(test_a_run_is_not_touched),
        WITH_FOLDER(test_a_supervised_run_is_not_touched),
        WITH_FOLDER(test_samples_are_answered_by_the_newest_weights),
        WITH_FOLDER(test_killed),
        WITH_FOLDER(test_checkpoints_of_others),
        WITH_FOLDER(test_folders_of_nothing),
        WITH_FOLDER(test_words_without_effect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
