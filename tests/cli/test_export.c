// SPDX-License-Identifier: Apache-2.0
// `trm export` of a run, and `trm train --tensorboard`.
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "process.h"
#ifdef TRM_EVENTS
#include "../support/events.h"
#endif

static void done(outcome o) {
    if (o.status != 0)
        fail_msg("status %d: %s", o.status, o.err);
    outcome_free(&o);
}

#define TWENTY "train", "maze", "seed=3", "train.episodes=20"

static void test_forms(void **state) {
    char path[PATH_SIZE];
    done(RUN(*state, TWENTY, "--out", "run"));
    done(RUN(*state, "export", "run", "--csv", "m.csv", "--jsonl", "m.jsonl", "--activations",
             "a.npz"));
    snprintf(path, sizeof path, "%s/run/metrics.jsonl", (const char *)*state);
    char *lines = file_text(path, NULL);
    snprintf(path, sizeof path, "%s/m.jsonl", (const char *)*state);
    char *same = file_text(path, NULL);
    assert_string_equal(same, lines);
    free(lines);
    free(same);
    snprintf(path, sizeof path, "%s/m.csv", (const char *)*state);
    char *text = file_text(path, NULL);
    assert_int_equal(line_count(text), 21);
    free(text);
    snprintf(path, sizeof path, "%s/a.npz", (const char *)*state);
    assert_true(file_is_there(path));
    outcome o = RUN(*state, "export", "run", "--csv", "-");
    assert_int_equal(o.status, 0);
    assert_int_equal(strncmp(o.out, "episode,update,step,seconds,reward,", 35), 0);
    outcome_free(&o);
    done(RUN(*state, "export", "run", "w.safetensors")); // a model's weights, as ever
}

static void assert_nothing(const char *dir, const char *name) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_false(file_is_there(path));
}

#ifdef TRM_EVENTS
// The event file in a folder; false where there is none.
static bool find_events(const char *dir, const char *folder, char out[PATH_SIZE]) {
    char path[PATH_SIZE / 2];
    bool found = false;
    snprintf(path, sizeof path, "%s/%s", dir, folder);
    DIR *d = opendir(path);
    for (const struct dirent *entry; d != NULL && (entry = readdir(d)) != NULL;)
        if (strncmp(entry->d_name, "events.out.tfevents.", 20) == 0) {
            snprintf(out, PATH_SIZE, "%.250s/%.200s", path, entry->d_name);
            found = true;
        }
    if (d != NULL)
        closedir(d);
    return found;
}

typedef struct told {
    int scalars, pictures;
    int64_t first, last; // steps of pictures
    const char *tag;
} told;

static void see(void *ctx, const Trm__Event *event) {
    told *t = ctx;
    int32_t width, height;
    if (event->what_case == TRM__EVENT__WHAT_FILE_VERSION)
        return;
    const Trm__Summary__Value *v = event->summary->value[0];
    if (v->value_case == TRM__SUMMARY__VALUE__VALUE_SIMPLE_VALUE) {
        t->scalars++;
        return;
    }
    png_size(v->image->encoded_image_string.data, v->image->encoded_image_string.len, &width,
             &height);
    assert_int_equal(width, v->image->width);
    assert_int_equal(height, v->image->height);
    assert_string_equal(v->tag, t->tag);
    if (t->pictures++ == 0)
        t->first = event->step;
    assert_true(event->step > t->last);
    t->last = event->step;
}

static told told_in(const char *dir, const char *folder, const char *tag) {
    char path[PATH_SIZE];
    told t = {.first = -1, .last = -1, .tag = tag};
    assert_true(find_events(dir, folder, path));
    read_events(path, see, &t);
    return t;
}

#ifdef TRM_PLOTS
enum { PICTURES = true };
#else
enum { PICTURES = false };
#endif

// What standard error says of pictures: nothing, or where none can be drawn, one line.
static void done_with_pictures(outcome o) {
    if (o.status != 0 || line_count(o.err) != !PICTURES)
        fail_msg("status %d: %s", o.status, o.err);
    outcome_free(&o);
}

static void test_event_files(void **state) {
    done_with_pictures(RUN(*state, TWENTY, "--out", "run", "--tensorboard", "live"));
    told t = told_in(*state, "live", "board");
    assert_int_equal(t.scalars, 20 * 10);
    assert_true(PICTURES ? t.pictures > 0 && t.last >= 0 : t.pictures == 0);
    done_with_pictures(RUN(*state, "export", "run", "--tensorboard", "log"));
    t = told_in(*state, "log", "board");
    assert_int_equal(t.scalars, 20 * 10);
    assert_true(PICTURES ? t.pictures > 2 && t.first == 0 : t.pictures == 0);
    assert_refused(RUN(*state, "train", "maze", "--tensorboard", "/dev/null/x", "--out", "none"),
                   "/dev/null/x");
    assert_nothing(*state, "none");
}

#define THREE                                                                                      \
    "train", "sudoku-4-tiny", "train.epochs=3", "data.train=64", "data.validation=8", "data.test=8"

static void test_answers(void **state) {
    done_with_pictures(RUN(*state, THREE, "--out", "run", "--tensorboard", "live"));
    const told t = told_in(*state, "live", "sample");
    assert_int_equal(t.last, PICTURES ? 2 : -1);
    done_with_pictures(RUN(*state, "export", "run", "--tensorboard", "log"));
    assert_int_equal(told_in(*state, "log", "sample").pictures, PICTURES ? 3 : 0);
}

// The numbers are written whatever became of the record, and one line says what is missing.
static void test_damaged_record(void **state) {
    static const char *const damages[] = {"nonsense\n", "", NULL};
    char path[PATH_SIZE];
    done(RUN(*state, THREE, "--out", "run"));
    snprintf(path, sizeof path, "%s/run/episodes.jsonl", (const char *)*state);
    for (int i = 0; i < 3; i++) {
        char folder[8];
        if (damages[i] != NULL)
            file_put_text(path, damages[i]);
        else
            remove(path);
        snprintf(folder, sizeof folder, "log%d", i);
        outcome o = RUN(*state, "export", "run", "--tensorboard", folder);
        assert_int_equal(o.status, 0);
        assert_int_equal(line_count(o.err), 1);
        assert_non_null(strstr(o.err, "no pictures of boards"));
        outcome_free(&o);
        const told t = told_in(*state, folder, "sample");
        assert_int_equal(t.scalars, 3 * 7);
        assert_int_equal(t.pictures, 0);
    }
}

// No file may grow beyond some bytes: within the numbers, or within the pictures.
static void test_full_disk(void **state) {
    static const char *const args[] = {"export", "run", "--tensorboard", "log", NULL};
    const rlim_t limits[] = {100, 12000};
    done(RUN(*state, TWENTY, "--out", "run"));
    for (int i = 0; i < 1 + PICTURES; i++) {
        struct rlimit before;
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        const struct rlimit limit = {limits[i], before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        process p = process_start(*state, NULL, args);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        outcome o = process_finish(&p, 60);
        if (o.status != 2 || line_count(o.err) != 1 || strstr(o.err, "tfevents") == NULL)
            fail_msg("status %d: %s", o.status, o.err);
        outcome_free(&o);
    }
}
#else
// Said before anything is begun.
static void test_event_files(void **state) {
    static const char without[] = "no event files";
    assert_refused(RUN(*state, TWENTY, "--out", "run", "--tensorboard", "live"), without);
    assert_nothing(*state, "run");
    done(RUN(*state, TWENTY, "--out", "run"));
    assert_refused(RUN(*state, "export", "run", "--tensorboard", "log"), "--csv FILE");
    assert_nothing(*state, "log");
}
#endif

static void test_refusals(void **state) {
    assert_refused(RUN(*state, "export", "nowhere", "--csv", "m.csv"),
                   "nowhere: not the folder of a run");
    assert_refused(RUN(*state, "export", "run", "--moment", "3"), "--moment");
    assert_refused(RUN(*state, "export", "run"), "--csv");
    assert_refused(RUN(*state, "export", "run", "file", "--csv", "-"), "file");
    assert_refused(RUN(*state, "export", "run", "seed=3", "--csv", "-"), "seed=3");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_forms, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_event_files, scratch_make, scratch_remove),
#ifdef TRM_EVENTS
        cmocka_unit_test_setup_teardown(test_answers, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_damaged_record, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_full_disk, scratch_make, scratch_remove),
#endif
        cmocka_unit_test_setup_teardown(test_refusals, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
