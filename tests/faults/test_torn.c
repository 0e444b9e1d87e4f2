// SPDX-License-Identifier: Apache-2.0
// Files as a loss of power may leave them: cut off, or at their full length with zeros or rubbish
// from some place on. The run goes on and says what it dropped, or is refused in one line and left
// as it is.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "run.h"

#define TINY "train", "maze-mlp", "env.size=3", "model.hidden=8"
#define MORE "train.episodes=24"
#define SUPERVISED                                                                                 \
    "train", "sudoku-4-mlp", "model.hidden=16", "data.train=24", "data.validation=12",             \
        "data.test=12", "train.batch=12", "train.cosine=false"

typedef enum damage { CUT, ZEROS, RUBBISH, DAMAGES } damage;

typedef struct file {
    char path[PATH_SIZE];
    char *bytes;
    size_t size;
} file;

static void read_file(file *f, const char *scratch, const char *name) {
    snprintf(f->path, sizeof f->path, "%s/%s", scratch, name);
    f->bytes = file_text(f->path, &f->size);
}

static void spoil(const file *f, size_t from, damage how) {
    if (how == CUT) {
        file_put(f->path, f->bytes, from);
        return;
    }
    char *bytes = malloc(f->size + 1);
    uint64_t random = from;
    assert_non_null(bytes);
    memcpy(bytes, f->bytes, f->size);
    for (size_t i = from; i < f->size; i++)
        bytes[i] = how == ZEROS ? '\0' : (char)random_next(&random);
    file_put(f->path, bytes, f->size);
    free(bytes);
}

static void restore(const file *f) {
    file_put(f->path, f->bytes, f->size);
}

static outcome resume(const char *scratch) {
    return RUN(scratch, "train", "r", "--resume", MORE);
}

static void assert_goes_on(const char *scratch, bool says) {
    outcome o = resume(scratch);
    if (o.status != 0 || line_count(o.err) != (says ? 1 : 0))
        fail_msg("status %d, expected 0 and %d lines:\n%s", o.status, says, o.err);
    outcome_free(&o);
}

// A run whose checkpoint is of 12 episodes and whose metrics are of 17, as one that was killed has;
// and the same run of 24 episodes, never stopped.
static void prepare(const char *scratch) {
    char path[PATH_SIZE];
    outcome o = RUN(scratch, TINY, MORE, "--out", "whole");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    o = RUN(scratch, TINY, "train.episodes=12", "--out", "r");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    snprintf(path, sizeof path, "%s/whole/metrics.jsonl", scratch);
    char *text = file_text(path, NULL);
    char *end = text;
    for (int i = 0; i < 17; i++)
        end = strchr(end, '\n') + 1;
    snprintf(path, sizeof path, "%s/r/metrics.jsonl", scratch);
    file_put(path, text, (size_t)(end - text));
    free(text);
}

// Puts the run back as prepare made it.
static void rewind_run(const char *scratch, const file *files, int count) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/r/result.json", scratch);
    unlink(path);
    for (int i = 0; i < count; i++)
        restore(&files[i]);
}

enum { CONFIG, CHECKPOINT, METRICS, FILES };

static void open_files(void **state, file files[FILES]) {
    prepare(*state);
    read_file(&files[CONFIG], *state, "r/config.json");
    read_file(&files[CHECKPOINT], *state, "r/checkpoint.safetensors");
    read_file(&files[METRICS], *state, "r/metrics.jsonl");
}

static void close_files(file files[FILES]) {
    for (int i = 0; i < FILES; i++)
        free(files[i].bytes);
}

static void assert_ends_as_whole(const char *scratch) {
    char whole[PATH_SIZE];
    char run[PATH_SIZE];
    snprintf(whole, sizeof whole, "%s/whole", scratch);
    snprintf(run, sizeof run, "%s/r", scratch);
    assert_same_run(whole, run);
}

// Refused, and nothing in the folder has changed.
static void assert_left_alone(const char *scratch, const file *files, const char *part) {
    char *spoilt[FILES];
    size_t size[FILES];
    for (int i = 0; i < FILES; i++)
        spoilt[i] = file_text(files[i].path, &size[i]);
    assert_refused(resume(scratch), part);
    for (int i = 0; i < FILES; i++) {
        size_t now_size;
        char *bytes = file_text(files[i].path, &now_size);
        assert_int_equal(now_size, size[i]);
        assert_memory_equal(bytes, spoilt[i], now_size);
        free(bytes);
        free(spoilt[i]);
    }
}

// Where a line ends, the n-th from 1.
static size_t line_end(const file *f, int n) {
    const char *at = f->bytes;
    for (int i = 0; i < n; i++)
        at = strchr(at, '\n') + 1;
    return (size_t)(at - f->bytes);
}

// What comes after the checkpoint is run again, wherever the file is torn.
static void test_metrics_after_the_checkpoint(void **state) {
    file files[FILES];
    open_files(state, files);
    const file *m = &files[METRICS];
    const size_t at[] = {line_end(m, 12), line_end(m, 12) + 1, line_end(m, 14) - 1,
                         line_end(m, 15), line_end(m, 17) - 1, m->size};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        for (int how = CUT; how < DAMAGES; how++) {
            spoil(m, at[i], (damage)how);
            assert_goes_on(*state, i > 0 || how != CUT);
            assert_ends_as_whole(*state);
            rewind_run(*state, files, FILES);
        }
    }
    close_files(files);
}

// What was durable with the checkpoint and is gone nevertheless is told, and nothing else is lost.
static void test_metrics_before_the_checkpoint(void **state) {
    file files[FILES];
    char path[2][PATH_SIZE];
    open_files(state, files);
    const file *m = &files[METRICS];
    const size_t at[] = {0, 1, line_end(m, 5), line_end(m, 9) - 7};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        spoil(m, at[i], (damage)(i % DAMAGES));
        outcome o = resume(*state);
        assert_int_equal(o.status, 0);
        assert_int_equal(line_count(o.err), 1);
        assert_non_null(strstr(o.err, "of the checkpoint's 12 episodes"));
        outcome_free(&o);
        snprintf(path[0], PATH_SIZE, "%s/whole/checkpoint.safetensors", (const char *)*state);
        snprintf(path[1], PATH_SIZE, "%s/r/checkpoint.safetensors", (const char *)*state);
        size_t size[2];
        char *bytes[2] = {file_text(path[0], &size[0]), file_text(path[1], &size[1])};
        assert_int_equal(size[0], size[1]);
        assert_memory_equal(bytes[0], bytes[1], size[0]);
        free(bytes[0]);
        free(bytes[1]);
        rewind_run(*state, files, FILES);
    }
    close_files(files);
}

static void test_checkpoint(void **state) {
    file files[FILES];
    open_files(state, files);
    const file *c = &files[CHECKPOINT];
    const size_t at[] = {0, 4, 8, 200, c->size / 2, c->size - 1};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        spoil(c, at[i], CUT);
        assert_left_alone(*state, files, "checkpoint.safetensors");
        spoil(c, i == 0 ? 0 : 8, i % 2 == 0 ? ZEROS : RUBBISH);
        assert_left_alone(*state, files, "checkpoint.safetensors");
    }
    // Without it the training begins again, and says so.
    unlink(c->path);
    assert_goes_on(*state, true);
    assert_ends_as_whole(*state);
    close_files(files);
}

static void test_config(void **state) {
    file files[FILES];
    open_files(state, files);
    const file *c = &files[CONFIG];
    const size_t at[] = {0, 1, c->size / 2, c->size - 3};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        for (int how = CUT; how < DAMAGES; how++) {
            spoil(c, at[i], (damage)how);
            assert_left_alone(*state, files, "config.json");
        }
    }
    restore(c);
    assert_goes_on(*state, true);
    assert_ends_as_whole(*state);
    close_files(files);
}

// Nothing but what is not whole is missing from the record, which is told; all else is the same.
static void assert_goes_on_without(const char *scratch, const char *more, int32_t moments) {
    char expected[96];
    char *bytes[2];
    size_t size[2];
    outcome o = RUN(scratch, "train", "r", "--resume", more);
    snprintf(expected, sizeof expected, "lack %d moments of the run's course", moments);
    if (o.status != 0 || line_count(o.err) != 1 || strstr(o.err, expected) == NULL)
        fail_msg("status %d, expected 0 and \"%s\":\n%s", o.status, expected, o.err);
    outcome_free(&o);
    for (int i = 0; i < 2; i++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "%s/%s/checkpoint.safetensors", scratch, i ? "r" : "whole");
        bytes[i] = file_text(path, &size[i]);
    }
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(bytes[0], bytes[1], size[0]);
    free(bytes[0]);
    free(bytes[1]);
    // What is there can be played again.
    o = RUN(scratch, "replay", "r", "--check");
    if (o.status != 0)
        fail_msg("replay: status %d\n%s", o.status, o.err);
    outcome_free(&o);
}

static void test_record(void **state) {
    file files[FILES];
    file lines;
    file first;
    open_files(state, files);
    read_file(&lines, *state, "r/episodes.jsonl");
    read_file(&first, *state, "r/weights/000000000.safetensors");
    const int count = line_count(lines.bytes);
    assert_true(count > 3);
    spoil(&first, first.size / 2, CUT);
    spoil(&lines, line_end(&lines, count - 1) + 5, CUT);
    assert_goes_on_without(*state, MORE, 2);
    free(lines.bytes);
    free(first.bytes);
    close_files(files);
}

static void test_supervised_record(void **state) {
    file lines;
    file first;
    outcome o = RUN(*state, SUPERVISED, "train.epochs=12", "--out", "whole");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    o = RUN(*state, SUPERVISED, "train.epochs=6", "--out", "r");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    read_file(&lines, *state, "r/episodes.jsonl");
    read_file(&first, *state, "r/weights/000000002.safetensors");
    assert_int_equal(line_count(lines.bytes), 6);
    spoil(&first, first.size / 2, CUT);
    spoil(&lines, line_end(&lines, 5) + 5, CUT);
    assert_goes_on_without(*state, "train.epochs=12", 2);
    free(lines.bytes);
    free(first.bytes);
}

// The result is of the past, the lock and what was half written are of a process that is gone.
static void test_the_rest(void **state) {
    static const char *const names[] = {"r/result.json", "r/lock",
                                        "r/checkpoint.safetensors.4000000.tmp",
                                        "r/metrics.jsonl.tmp", "r/config.json.4000000.tmp"};
    file files[FILES];
    char path[PATH_SIZE];
    open_files(state, files);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", (const char *)*state, names[i]);
        file_put(path, "\0\0{\"epis", 8);
    }
    assert_goes_on(*state, true);
    assert_ends_as_whole(*state);
    for (size_t i = 1; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", (const char *)*state, names[i]);
        assert_false(file_is_there(path));
    }
    close_files(files);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

// Each file of a run as a pipe nobody writes to, and as devices that never end: a run goes on
// without it or is refused in one line, and nothing waits.
static void test_no_files(void **state) {
    static const char *const names[] = {"config.json", "metrics.jsonl",          "episodes.jsonl",
                                        "result.json", "checkpoint.safetensors", "weights",
                                        "lock"};
    static const char *const devices[] = {NULL, "/dev/zero", "/dev/urandom", "/dev/full"};
    const char *scratch = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t d = 0; d < sizeof devices / sizeof *devices; d++) {
            char path[PATH_SIZE], folder[PATH_SIZE];
            snprintf(folder, sizeof folder, "%s/r", scratch);
            snprintf(path, sizeof path, "%s/r/%s", scratch, names[i]);
            outcome o = RUN(scratch, TINY, "train.episodes=12", "--out", "r");
            assert_int_equal(o.status, 0);
            outcome_free(&o);
            if (file_is_there(path))
                folder_remove(path);
            assert_int_equal(devices[d] ? symlink(devices[d], path) : mkfifo(path, 0600), 0);
            o = resume(scratch);
            if (o.status > 2 || (o.status == 2 && line_count(o.err) != 1))
                fail_msg("%s as %s: status %d\n%s", names[i], devices[d] ? devices[d] : "a pipe",
                         o.status, o.err);
            outcome_free(&o);
            folder_remove(folder);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_metrics_after_the_checkpoint),
        WITH_FOLDER(test_metrics_before_the_checkpoint),
        WITH_FOLDER(test_checkpoint),
        WITH_FOLDER(test_config),
        WITH_FOLDER(test_record),
        WITH_FOLDER(test_supervised_record),
        WITH_FOLDER(test_the_rest),
        WITH_FOLDER(test_no_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
