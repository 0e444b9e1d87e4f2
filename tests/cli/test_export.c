// SPDX-License-Identifier: Apache-2.0
// `trm export` of a run, and `trm train --tensorboard`.
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "process.h"

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
static bool has_events(const char *dir, const char *folder) {
    char path[PATH_SIZE];
    bool found = false;
    snprintf(path, sizeof path, "%s/%s", dir, folder);
    DIR *d = opendir(path);
    for (const struct dirent *entry; d != NULL && (entry = readdir(d)) != NULL;)
        found |= strncmp(entry->d_name, "events.out.tfevents.", 20) == 0;
    if (d != NULL)
        closedir(d);
    return found;
}

static void test_event_files(void **state) {
    done(RUN(*state, TWENTY, "--out", "run", "--tensorboard", "live"));
    assert_true(has_events(*state, "live"));
    done(RUN(*state, "export", "run", "--tensorboard", "log"));
    assert_true(has_events(*state, "log"));
    assert_refused(RUN(*state, "train", "maze", "--tensorboard", "/dev/null/x", "--out", "none"),
                   "/dev/null/x");
    assert_nothing(*state, "none");
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
    assert_refused(RUN(*state, "export", "nowhere", "--csv", "m.csv"), "nowhere: not the folder of a run");
    assert_refused(RUN(*state, "export", "run", "--moment", "3"), "--moment");
    assert_refused(RUN(*state, "export", "run"), "--csv");
    assert_refused(RUN(*state, "export", "run", "file", "--csv", "-"), "file");
    assert_refused(RUN(*state, "export", "run", "seed=3", "--csv", "-"), "seed=3");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_forms, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_event_files, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_refusals, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
