// SPDX-License-Identifier: Apache-2.0
// The list of runs: every state, broken in every way, and that reading writes nothing.
#include "support.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/rundir/lock.h"
#include "trm/run/runs.h"

static char folder[PATH_SIZE];

static char *path_in(const char *run, const char *name) {
    static char paths[4][2 * PATH_SIZE];
    static int next;
    char *out = paths[next++ % 4];
    snprintf(out, sizeof paths[0], "%s/%s%s%s", folder, run, name[0] != '\0' ? "/" : "", name);
    return out;
}

// A run of `episodes` lines, each with the reward of its number, every second a success.
static void make_run(const char *name, const char *preset, int episodes, int total) {
    trm_config c;
    trm_error e;
    assert_true(trm_config_preset(&c, preset, &e));
    const bool supervised = trm_config_supervised(&c);
    c.train.episodes = c.train.epochs = total;
    char *text = trm_config_print(&c);
    assert_int_equal(mkdir(path_in(name, ""), 0777), 0);
    write_text(path_in(name, "config.json"), text);
    free(text);
    if (episodes == 0)
        return;
    FILE *f = fopen(path_in(name, "metrics.jsonl"), "w");
    for (int i = 0; i < episodes; i++)
        if (supervised)
            fprintf(f, "{\"epoch\":%d,\"seconds\":%d,\"exact_accuracy\":%g}\n", i, i,
                    0.1 * (i % 5));
        else
            fprintf(f, "{\"episode\":%d,\"seconds\":%d,\"reward\":%d,\"success\":%d}\n", i, i,
                    i % 7, i % 2);
    fclose(f);
}

static trm_runs list(void) {
    trm_runs r = {0};
    trm_error e;
    if (!trm_runs_add(&r, folder, &e))
        fail_msg("%s", e.message);
    return r;
}

static trm_run_entry *find(trm_runs *r, const char *name) {
    for (int32_t i = 0; i < r->count; i++)
        if (strcmp(r->items[i].path, path_in(name, "")) == 0)
            return &r->items[i];
    fail_msg("%s is not listed", name);
    return NULL;
}

static int make_folder(void **state) {
    if (temp_setup(state) != 0)
        return 1;
    snprintf(folder, sizeof folder, "%s", temp_path("runs"));
    return mkdir(folder, 0777);
}

static void states_are_told_apart(void **state) {
    (void)state;
    trm_lock lock;
    trm_error e;
    make_run("finished", "maze", 60, 60);
    make_run("stopped", "maze", 30, 60);
    make_run("resumable", "maze", 30, 60);
    write_text(path_in("resumable", "checkpoint.safetensors"), "");
    make_run("killed", "maze", 30, 60);
    write_text(path_in("killed", "lock"), "1\n");
    make_run("fresh", "maze", 0, 60);
    make_run("running", "sudoku-4-tiny", 3, 60);
    assert_true(trm_lock_take(&lock, path_in("running", ""), &e));
    trm_runs r = list();
    assert_int_equal(r.count, 6);
    assert_int_equal(find(&r, "finished")->state, TRM_RUN_FINISHED);
    assert_int_equal(find(&r, "stopped")->state, TRM_RUN_STOPPED);
    assert_false(find(&r, "stopped")->resumable);
    assert_true(find(&r, "resumable")->resumable);
    assert_int_equal(find(&r, "killed")->state, TRM_RUN_FAILED);
    assert_int_equal(find(&r, "fresh")->state, TRM_RUN_STOPPED);
    assert_true(isnan(find(&r, "fresh")->last));
    const trm_run_entry *x = find(&r, "running");
    assert_int_equal(x->state, TRM_RUN_RUNNING);
    assert_true(x->supervised);
    assert_int_equal(x->done, 3);
    assert_int_equal(x->total, 60);
    assert_float_equal(x->last, 0.2, 1e-9);
    assert_string_equal(x->preset, "sudoku-4-tiny");
    trm_run_entry *f = find(&r, "finished");
    assert_float_equal(f->last, 0.5, 1e-9);
    assert_float_equal(f->seconds, 59, 1e-9);
    trm_runs_measure(f);
    assert_float_equal(f->best, 6, 1e-9);
    assert_true(f->bytes > 1000);
    assert_true(trm_runs_match(f, "maze FINI"));
    assert_false(trm_runs_match(f, "maze running"));
    trm_runs_sort(&r, TRM_RUNS_BY_PROGRESS, false);
    assert_string_equal(r.items[0].path, path_in("finished", ""));
    trm_runs_sort(&r, TRM_RUNS_BY_NAME, true);
    assert_string_equal(r.items[0].path, path_in("stopped", ""));
    trm_runs_filter(&r, "maze stop");
    trm_runs_measure_all(&r);
    assert_true(r.count > 0);
    for (int i = 0; i < r.count; i++) {
        assert_int_equal(r.items[i].state, TRM_RUN_STOPPED);
        assert_true(r.items[i].measured);
    }
    trm_runs_free(&r);
    trm_lock_release(&lock);
}

// What stands in the place of a file: nothing, other bytes, another kind of thing, no access.
static void broken_ones_are_listed_as_such(void **state) {
    (void)state;
    static const char *const texts[] = {
        "", "{", "[]", "\xff\xfe", "{\"preset\": 3}", "{\"no such key\": 1}"};
    enum { TEXTS = sizeof texts / sizeof *texts };
    char name[32];
    for (int i = 0; i < TEXTS; i++) {
        snprintf(name, sizeof name, "text%d", i);
        make_run(name, "maze", 3, 60);
        write_text(path_in(name, "config.json"), texts[i]);
    }
    make_run("pipe", "maze", 3, 60);
    unlink(path_in("pipe", "config.json"));
    assert_int_equal(mkfifo(path_in("pipe", "config.json"), 0666), 0);
    make_run("folder", "maze", 3, 60);
    unlink(path_in("folder", "config.json"));
    assert_int_equal(mkdir(path_in("folder", "config.json"), 0777), 0);
    make_run("dangling", "maze", 3, 60);
    unlink(path_in("dangling", "config.json"));
    assert_int_equal(symlink("/nowhere", path_in("dangling", "config.json")), 0);
    trm_runs r = list();
    assert_int_equal(r.count, TEXTS + 3);
    for (int32_t i = 0; i < r.count; i++) {
        assert_int_equal(r.items[i].state, TRM_RUN_BROKEN);
        assert_true(r.items[i].trouble[0] != '\0');
        trm_runs_measure(&r.items[i]);
        assert_true(isnan(r.items[i].best));
    }
    trm_runs_free(&r);
}

// The metrics may be anything: what cannot be read of them is not there.
static void damaged_metrics_are_survived(void **state) {
    (void)state;
    enum { JUNK = 30000 };
    char junk[JUNK];
    make_run("torn", "maze", 10, 60);
    FILE *f = fopen(path_in("torn", "metrics.jsonl"), "a");
    fputs("{\"episode\":10,\"sec", f);
    fclose(f);
    make_run("zeros", "maze", 10, 60);
    f = fopen(path_in("zeros", "metrics.jsonl"), "a");
    memset(junk, 0, sizeof junk);
    fwrite(junk, 1, sizeof junk, f);
    fclose(f);
    make_run("endless", "maze", 0, 60);
    memset(junk, 'x', sizeof junk);
    write_bytes(path_in("endless", "metrics.jsonl"), junk, sizeof junk);
    make_run("pipe", "maze", 0, 60);
    assert_int_equal(mkfifo(path_in("pipe", "metrics.jsonl"), 0666), 0);
    // No run at all.
    assert_int_equal(mkdir(path_in("empty", ""), 0777), 0);
    write_text(path_in("file", ""), "");
    trm_runs r = list();
    assert_int_equal(r.count, 4);
    assert_int_equal(find(&r, "torn")->done, 10);
    assert_int_equal(find(&r, "zeros")->done, 0);
    assert_int_equal(find(&r, "endless")->done, 0);
    assert_int_equal(find(&r, "pipe")->done, 0);
    for (int32_t i = 0; i < r.count; i++)
        trm_runs_measure(&r.items[i]);
    assert_int_equal(rmdir(path_in("pipe", "")), -1);
    assert_int_equal(unlink(path_in("pipe", "metrics.jsonl")), 0);
    assert_int_equal(unlink(path_in("pipe", "config.json")), 0);
    assert_int_equal(rmdir(path_in("pipe", "")), 0);
    trm_runs_renew(find(&r, "pipe"));
    assert_int_equal(find(&r, "pipe")->state, TRM_RUN_BROKEN);
    trm_runs_free(&r);
}

static void deleted_runs_are_in_the_trash(void **state) {
    (void)state;
    char to[PATH_SIZE];
    trm_error e;
    trm_lock lock;
    setenv("XDG_STATE_HOME", temp_path("state"), 1);
    for (int i = 0; i < 2; i++) {
        make_run("old", "maze", 3, 60);
        if (!trm_runs_trash(path_in("old", ""), to, sizeof to, &e))
            fail_msg("%s", e.message);
        assert_non_null(strstr(to, i == 0 ? "/trm/trash/old" : "/trm/trash/old-2"));
        assert_int_equal(access(path_in("old", ""), F_OK), -1);
        assert_int_equal(access(to, F_OK), 0);
    }
    make_run("busy", "maze", 3, 60);
    assert_true(trm_lock_take(&lock, path_in("busy", ""), &e));
    assert_false(trm_runs_trash(path_in("busy", ""), to, sizeof to, &e));
    assert_error(&e, TRM_E_INPUT, "is writing to this run", NULL);
    assert_int_equal(access(path_in("busy", "config.json"), F_OK), 0);
    trm_lock_release(&lock);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(states_are_told_apart, make_folder, temp_teardown),
        cmocka_unit_test_setup_teardown(broken_ones_are_listed_as_such, make_folder, temp_teardown),
        cmocka_unit_test_setup_teardown(damaged_metrics_are_survived, make_folder, temp_teardown),
        cmocka_unit_test_setup_teardown(deleted_runs_are_in_the_trash, make_folder, temp_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
