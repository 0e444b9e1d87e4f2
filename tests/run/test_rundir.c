// SPDX-License-Identifier: Apache-2.0
#include "support.h"

#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "trm/base/file.h"
#include "trm/run/rundir.h"

enum { EPISODES = 30, EVERY = 8 };

// A small run: an mlp on the smallest maze.
static trm_config small_config(void) {
    static const char *const words[] = {"env.size=2", "model.hidden=6",  "train.episodes=30",
                                        "seed=5",     "train.gamma=0.9", "run.checkpoint_every=8"};
    trm_config c;
    assert_true(trm_config_preset(&c, "maze-mlp", NULL));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_true(trm_config_override(&c, words[i], NULL));
    return c;
}

// Updates until `until` episodes are done, recorded as a trainer would, on a clock of its own.
static void train(trm_course *l, const trm_trainer_hooks *h, int64_t until) {
    trm_error e;
    trm_advance u;
    while (trm_course_count(l).done < until) {
        assert_int_equal(trm_course_advance(l, NULL, &u, &e), TRM_UPDATE_DONE);
        double seconds = 0.5 * (double)trm_course_count(l).updates;
        if (!h->advance(h->ctx, l, &u, seconds, &e))
            fail_msg("%s", e.message);
        bool end = trm_course_done(l), due = trm_course_count(l).updates % h->checkpoint_every == 0;
        if ((end || due) &&
            !h->checkpoint(h->ctx, l, &(trm_saving){.final = end, .seconds = seconds}, &e))
            fail_msg("%s", e.message);
    }
}

static trm_rundir *create(const trm_config *c, const char *path) {
    trm_error e;
    trm_rundir *r = trm_rundir_create(c, path, &e);
    if (!r)
        fail_msg("%s", e.message);
    return r;
}

// A run in `path` up to an episode, closed as if nothing more was to come.
static void run_until(const trm_config *c, const char *path, int64_t until) {
    trm_rundir *r = create(c, path);
    trm_trainer_hooks h = trm_rundir_hooks(r, c);
    trm_course *l = new_course(c);
    train(l, &h, until);
    trm_course_free(l);
    trm_rundir_close(r);
}

// Opens, resumes and trains to the end.
static void go_on(const char *path, char *note, int size) {
    trm_config c;
    trm_error e;
    double seconds;
    trm_history *history = malloc(sizeof *history);
    trm_rundir *r = trm_rundir_open(&c, path, &e);
    if (!r)
        fail_msg("%s", e.message);
    trm_course *l = new_course(&c);
    if (!trm_rundir_resume(r, l, history, &seconds, note, size, &e))
        fail_msg("%s", e.message);
    assert_true(seconds == 0.5 * (double)history->episodes || note[0]);
    trm_trainer_hooks h = trm_rundir_hooks(r, &c);
    train(l, &h, c.train.episodes);
    trm_course_free(l);
    trm_rundir_close(r);
    free(history);
}

static const char *inside(const char *dir, const char *name) {
    static char paths[4][PATH_SIZE * 2];
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

static void assert_same_file(const char *a, const char *b, const char *name) {
    size_t size, other_size;
    char *bytes = read_bytes(inside(a, name), &size);
    char *other = read_bytes(inside(b, name), &other_size);
    assert_int_equal(size, other_size);
    assert_memory_equal(bytes, other, size);
    free(bytes);
    free(other);
}

static void assert_same_run(const char *a, const char *b) {
    assert_same_file(a, b, "metrics.jsonl");
    assert_same_file(a, b, "checkpoint.safetensors");
    assert_same_file(a, b, "result.json");
    assert_same_file(a, b, "config.json");
    assert_same_file(a, b, "episodes.jsonl");
}

static void a_run_has_its_files(void **state) {
    (void)state;
    const char *path = temp_path("deep/er/run");
    trm_config c = small_config(), back;
    run_until(&c, path, EPISODES);
    assert_int_equal(count_lines(inside(path, "metrics.jsonl")), EPISODES);
    assert_true(trm_config_load(&back, path, NULL));
    char *wanted = trm_config_print(&c), *got = trm_config_print(&back);
    assert_string_equal(got, wanted);
    free(wanted);
    free(got);
    assert_false(trm_file_exists(inside(path, "lock")));

    size_t size;
    char *text = read_bytes(inside(path, "result.json"), &size);
    cJSON *result = cJSON_Parse(text);
    static const char *const names[] = {"episodes", "success_last_50",  "reward_last_50",
                                        "seconds",  "steps_per_second", "parameters"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_true(cJSON_IsNumber(cJSON_GetObjectItem(result, names[i])));
    assert_int_equal(cJSON_GetObjectItem(result, "episodes")->valueint, EPISODES);
    assert_true(cJSON_GetObjectItem(result, "seconds")->valuedouble == 0.5 * EPISODES);
    // 4 -> 6 -> 6 -> 4
    assert_int_equal(cJSON_GetObjectItem(result, "parameters")->valueint, 30 + 42 + 28);
    cJSON_Delete(result);
    free(text);
}

static void result_counts_the_last_fifty(void **state) {
    (void)state;
    const char *path = temp_path("run");
    trm_config c = small_config();
    size_t size;
    run_until(&c, path, EPISODES);
    char *metrics = read_bytes(inside(path, "metrics.jsonl"), &size), *line = metrics;
    double reward = 0, success = 0;
    for (int i = 0; i < EPISODES; i++, line = strchr(line, '\n') + 1) {
        cJSON *episode = cJSON_Parse(line);
        reward += cJSON_GetObjectItem(episode, "reward")->valuedouble / EPISODES;
        success += cJSON_GetObjectItem(episode, "success")->valuedouble / EPISODES;
        assert_int_equal(cJSON_GetObjectItem(episode, "episode")->valueint, i);
        cJSON_Delete(episode);
    }
    char *text = read_bytes(inside(path, "result.json"), &size);
    cJSON *result = cJSON_Parse(text);
    assert_true(fabs(cJSON_GetObjectItem(result, "reward_last_50")->valuedouble - reward) < 1e-4);
    assert_true(fabs(cJSON_GetObjectItem(result, "success_last_50")->valuedouble - success) < 1e-6);
    cJSON_Delete(result);
    free(text);
    free(metrics);
}

static void interrupted_and_resumed_is_the_same_run(void **state) {
    (void)state;
    trm_config c = small_config();
    char whole[PATH_SIZE], note[256];
    snprintf(whole, sizeof whole, "%s", temp_path("whole"));
    run_until(&c, whole, EPISODES);
    for (int64_t stop = 1; stop < EPISODES; stop += 4) {
        char name[32];
        snprintf(name, sizeof name, "part-%d", (int)stop);
        const char *part = temp_path(name);
        run_until(&c, part, stop);
        go_on(part, note, sizeof note);
        int64_t beyond = stop % EVERY;
        if (stop < EVERY)
            assert_non_null(strstr(note, "no checkpoint"));
        else if (beyond > 0)
            assert_non_null(strstr(note, "after the last checkpoint are run again"));
        else
            assert_string_equal(note, "");
        assert_same_run(part, whole);
    }
}

// kill -9 leaves the metrics cut anywhere, and half of a file under its temporary name.
static void metrics_cut_anywhere_resume(void **state) {
    (void)state;
    trm_config c = small_config();
    char whole[PATH_SIZE], part[PATH_SIZE], note[256];
    size_t size, config_size, checkpoint_size;
    snprintf(whole, sizeof whole, "%s", temp_path("whole"));
    snprintf(part, sizeof part, "%s", temp_path("part"));
    run_until(&c, part, 2 * EVERY + 3);
    char *config = read_bytes(inside(part, "config.json"), &config_size);
    char *metrics = read_bytes(inside(part, "metrics.jsonl"), &size);
    char *checkpoint = read_bytes(inside(part, "checkpoint.safetensors"), &checkpoint_size);
    run_until(&c, whole, EPISODES);
    size_t durable = 0;
    for (int lines = 0; lines < 2 * EVERY; durable++)
        lines += metrics[durable] == '\n';
    for (size_t n = 0; n <= size; n += 37) {
        char name[32];
        snprintf(name, sizeof name, "cut-%d", (int)n);
        const char *path = temp_path(name);
        mkdir(path, 0777);
        write_bytes(inside(path, "config.json"), config, config_size);
        write_bytes(inside(path, "metrics.jsonl"), metrics, n);
        write_bytes(inside(path, "checkpoint.safetensors"), checkpoint, checkpoint_size);
        write_bytes(inside(path, "checkpoint.safetensors.77.tmp"), checkpoint, 100);
        write_text(inside(path, "lock"), "77\n");
        go_on(path, note, sizeof note);
        assert_false(trm_file_exists(inside(path, "checkpoint.safetensors.77.tmp")));
        assert_same_file(path, whole, "checkpoint.safetensors");
        if (n >= durable)
            assert_same_file(path, whole, "metrics.jsonl");
        else
            assert_non_null(strstr(note, "lacks "));
    }
    free(config);
    free(metrics);
    free(checkpoint);
}

static void resuming_a_finished_run_changes_nothing(void **state) {
    (void)state;
    trm_config c = small_config();
    const char *a = temp_path("a"), *b = temp_path("b");
    char note[256];
    run_until(&c, a, EPISODES);
    run_until(&c, b, EPISODES);
    go_on(a, note, sizeof note);
    assert_string_equal(note, "");
    assert_same_run(a, b);
}

static void going_on_removes_the_result_of_before(void **state) {
    (void)state;
    trm_config c = small_config(), opened;
    const char *path = temp_path("run");
    char note[256];
    trm_error e;
    trm_advance u;
    double seconds;
    trm_history history;
    run_until(&c, path, EPISODES);
    trm_rundir *r = trm_rundir_open(&opened, path, &e);
    opened.train.episodes = EPISODES + 20;
    trm_course *l = new_course(&opened);
    assert_true(trm_rundir_resume(r, l, &history, &seconds, note, sizeof note, &e));
    trm_trainer_hooks h = trm_rundir_hooks(r, &opened);
    assert_true(trm_file_exists(inside(path, "result.json")));
    assert_int_equal(trm_course_advance(l, NULL, &u, &e), TRM_UPDATE_DONE);
    assert_true(h.advance(h.ctx, l, &u, 16, &e));
    assert_false(trm_file_exists(inside(path, "result.json")));
    // The checkpoint takes the longer training into config.json.
    assert_true(h.checkpoint(h.ctx, l, &(trm_saving){.final = false, .seconds = 16}, &e));
    trm_course_free(l);
    trm_rundir_close(r);
    assert_true(trm_config_load(&opened, path, &e));
    assert_int_equal(opened.train.episodes, EPISODES + 20);
}

static void new_runs_are_numbered(void **state) {
    (void)state;
    char before[PATH_SIZE];
    trm_config c = small_config();
    static const char *const want[] = {"runs/maze-mlp-5", "runs/maze-mlp-5-2", "runs/maze-mlp-5-3"};
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(temp_path(".")), 0);
    for (int i = 0; i < 3; i++) {
        trm_rundir *r = create(&c, NULL);
        assert_string_equal(trm_rundir_path(r), want[i]);
        trm_rundir_close(r);
    }
    c.preset[0] = '\0';
    trm_rundir *r = create(&c, NULL);
    assert_string_equal(trm_rundir_path(r), "runs/run-5");
    trm_rundir_close(r);
    assert_int_equal(chdir(before), 0);
}

static void taken_and_unwritable_places_are_refused(void **state) {
    (void)state;
    trm_config c = small_config();
    trm_error e;
    const char *path = temp_path("run"), *file = temp_path("file"), *below = temp_path("file/run");
    write_text(file, "mine");
    trm_rundir_close(create(&c, path));
    assert_null(trm_rundir_create(&c, path, &e));
    assert_error(&e, TRM_E_INPUT, path,
                 "exists and is not empty; choose another --out, or add --resume to go on", NULL);
    assert_null(trm_rundir_create(&c, file, &e));
    assert_error(&e, TRM_E_INPUT, file, "is no directory", NULL);
    assert_null(trm_rundir_create(&c, below, &e));
    assert_error(&e, TRM_E_INPUT, below, NULL);
    assert_null(trm_rundir_create(&c, "", &e));
    assert_error(&e, TRM_E_INPUT, "no path", NULL);
    assert_null(trm_rundir_create(&c, "/proc/run", &e));
    assert_error(&e, TRM_E_INPUT, "/proc/run", NULL);
    size_t size;
    char *text = read_bytes(file, &size);
    assert_string_equal(text, "mine");
    free(text);
    const char *empty = temp_path("empty");
    mkdir(empty, 0777);
    trm_rundir_close(create(&c, empty));
    assert_true(trm_file_exists(inside(empty, "config.json")));
}

static void assert_closed(const char *path, const char *what) {
    trm_config c = small_config();
    trm_error e;
    const uid_t me = geteuid(), nobody = 65534;
    if (me == 0) // to whom nothing is closed
        assert_int_equal(seteuid(nobody), 0);
    trm_rundir *r = trm_rundir_create(&c, path, &e);
    if (me == 0)
        assert_int_equal(seteuid(me), 0);
    assert_null(r);
    assert_error(&e, TRM_E_INPUT, "Permission denied", what, NULL);
}

static void a_directory_that_cannot_be_written_is_refused(void **state) {
    (void)state;
    char here[PATH_MAX];
    const char *path = temp_path("closed");
    mkdir(path, 0555);
    chmod(temp_path("."), 0755);
    assert_closed(path, path);
    assert_closed(temp_path("closed/below"), "choose another place with --out");
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(path), 0);
    assert_closed(NULL, "choose another place with --out");
    assert_int_equal(chdir(here), 0);
}

static void one_writer_at_a_time(void **state) {
    (void)state;
    trm_config c = small_config(), other;
    trm_error e;
    char pid[32];
    const char *path = temp_path("run");
    snprintf(pid, sizeof pid, "process %ld ", (long)getpid());
    trm_rundir *r = create(&c, path);
    assert_null(trm_rundir_open(&other, path, &e));
    assert_error(&e, TRM_E_INPUT, path, pid, NULL);
    trm_rundir_close(r);
    r = trm_rundir_open(&other, path, &e);
    assert_non_null(r);
    trm_rundir_close(r);
    trm_rundir_close(NULL);
}

static void what_is_no_run_is_refused(void **state) {
    (void)state;
    trm_config c;
    trm_error e;
    const char *path = temp_path("run"), *config = temp_path("run/config.json");
    assert_null(trm_rundir_open(&c, path, &e));
    assert_error(&e, TRM_E_INPUT, path, "not the folder of a run", NULL);
    mkdir(path, 0777);
    assert_null(trm_rundir_open(&c, path, &e));
    assert_error(&e, TRM_E_INPUT, path, "not the folder of a run", NULL);
    write_text(config, "{\"seed\": }");
    assert_null(trm_rundir_open(&c, path, &e));
    assert_error(&e, TRM_E_INPUT, config, ":1:10:", NULL);
    assert_false(trm_file_exists(temp_path("run/lock")));
}

static void a_damaged_checkpoint_is_refused(void **state) {
    (void)state;
    trm_config c = small_config(), opened;
    trm_error e;
    char note[64];
    trm_history history;
    double seconds;
    size_t size;
    const char *path = temp_path("run");
    run_until(&c, path, EPISODES);
    char *bytes = read_bytes(inside(path, "checkpoint.safetensors"), &size);
    write_bytes(inside(path, "checkpoint.safetensors"), bytes, size - 1);
    free(bytes);
    trm_rundir *r = trm_rundir_open(&opened, path, &e);
    trm_course *l = new_course(&opened);
    assert_false(trm_rundir_resume(r, l, &history, &seconds, note, sizeof note, &e));
    assert_error(&e, TRM_E_INPUT, "checkpoint.safetensors: ", NULL);
    trm_course_free(l);
    trm_rundir_close(r);
    // Nothing of the run is gone.
    assert_int_equal(count_lines(inside(path, "metrics.jsonl")), EPISODES);
}

static void copies_are_runs(void **state) {
    (void)state;
    trm_config c = small_config();
    trm_error e;
    char note[256];
    const char *whole = temp_path("whole"), *from = temp_path("from"), *to = temp_path("x/to");
    run_until(&c, whole, EPISODES);
    trm_rundir *r = create(&c, from);
    trm_trainer_hooks h = trm_rundir_hooks(r, &c);
    trm_course *l = new_course(&c);
    train(l, &h, EVERY + 2);
    // While it is being written, with a line that is not whole yet.
    FILE *f = fopen(inside(from, "metrics.jsonl"), "a");
    fputs("{\"episode\":", f);
    fclose(f);
    if (!trm_rundir_copy(from, to, &e))
        fail_msg("%s", e.message);
    trm_course_free(l);
    trm_rundir_close(r);
    assert_false(trm_file_exists(inside(to, "lock")));
    size_t size;
    char *metrics = read_bytes(inside(to, "metrics.jsonl"), &size);
    assert_int_equal(metrics[size - 1], '\n');
    free(metrics);
    assert_false(trm_rundir_copy(from, to, &e));
    assert_error(&e, TRM_E_INPUT, to, "exists", NULL);
    assert_false(trm_rundir_copy(temp_path("none"), temp_path("y"), &e));
    assert_error(&e, TRM_E_INPUT, "not the folder of a run", NULL);
    assert_false(trm_file_exists(temp_path("y")));
    go_on(to, note, sizeof note);
    assert_same_run(to, whole);
}

static void the_state_folder_keeps_the_newest(void **state) {
    (void)state;
    trm_config c = small_config();
    trm_error e;
    char paths[6][PATH_SIZE];
    setenv("XDG_STATE_HOME", temp_path("state"), 1);
    trm_rundir *held = NULL;
    for (int i = 0; i < 6; i++) {
        c.seed = i;
        if (!trm_rundir_state_path(&c, 3, paths[i], PATH_SIZE, &e))
            fail_msg("%s", e.message);
        char want[64];
        snprintf(want, sizeof want, "state/trm/runs/maze-mlp-%d", i);
        assert_string_equal(paths[i], temp_path(want));
        trm_rundir *r = create(&c, paths[i]);
        if (i == 0)
            held = r; // the oldest, but in use
        else
            trm_rundir_close(r);
        struct timespec times[2] = {{.tv_sec = 1000 + i}, {.tv_sec = 1000 + i}};
        assert_int_equal(utimensat(AT_FDCWD, paths[i], times, 0), 0);
    }
    static const bool stays[] = {true, false, false, true, true, true};
    for (int i = 0; i < 6; i++)
        assert_int_equal(trm_file_exists(paths[i]), stays[i]);
    trm_rundir_close(held);
    // What is not ours in there is left alone.
    char mine[PATH_SIZE + 8];
    snprintf(mine, sizeof mine, "%s/mine", paths[3]);
    write_text(mine, "mine");
    assert_true(trm_rundir_state_path(&c, 1, paths[1], PATH_SIZE, &e));
    assert_true(trm_file_exists(mine));
    assert_false(trm_file_exists(paths[4]));
    unsetenv("XDG_STATE_HOME");
    setenv("HOME", temp_path("home"), 1);
    assert_true(trm_rundir_state_path(&c, 3, paths[1], PATH_SIZE, &e));
    assert_string_equal(paths[1], temp_path("home/.local/state/trm/runs/maze-mlp-5"));
}

#define TEMP(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMP(a_run_has_its_files),
        TEMP(result_counts_the_last_fifty),
        TEMP(interrupted_and_resumed_is_the_same_run),
        TEMP(metrics_cut_anywhere_resume),
        TEMP(resuming_a_finished_run_changes_nothing),
        TEMP(going_on_removes_the_result_of_before),
        TEMP(new_runs_are_numbered),
        TEMP(taken_and_unwritable_places_are_refused),
        TEMP(a_directory_that_cannot_be_written_is_refused),
        TEMP(one_writer_at_a_time),
        TEMP(what_is_no_run_is_refused),
        TEMP(a_damaged_checkpoint_is_refused),
        TEMP(copies_are_runs),
        TEMP(the_state_folder_keeps_the_newest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
