// SPDX-License-Identifier: Apache-2.0
// Reading a run while another process writes it: the tail of its metrics, its lock, its weights.
#include "support.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/follow/beside.h"
#include "run/rundir/lock.h"
#include "run/rundir/metrics.h"
#include "trm/run/compare.h"
#include "trm/run/course.h"
#include "trm/run/follow.h"
#include "trm/run/rundir.h"

static trm_metrics_tail *tail;

static void put_line(const char *path, const char *mode, int episode, double seconds) {
    FILE *f = fopen(path, mode);
    fprintf(f,
            "{\"episode\":%d,\"update\":%d,\"step\":%d,\"seconds\":%g,\"reward\":%g,\"success\":%d,"
            "\"length\":3,\"loss\":0.5,\"entropy\":1,\"grad_norm\":0.1,\"lr\":0.001}\n",
            episode, episode, 3 * (episode + 1), seconds, 0.25 * episode, episode % 2);
    fclose(f);
}

static trm_metrics_change read_tail(void) {
    trm_metrics_change change;
    trm_error e;
    if (!trm_metrics_tail_read(tail, &change, NULL, NULL, &e))
        fail_msg("%s", e.message);
    return change;
}

// What was read piece by piece is what the file says as a whole.
static void assert_history(const char *path, int lines) {
    trm_history *piecewise = malloc(sizeof *piecewise), *whole = malloc(sizeof *whole);
    trm_metrics_tail_history(tail, piecewise);
    trm_history_init(whole);
    assert_true(trm_metrics_recover(path, TRM_UNIT_EPISODE, whole, NULL));
    assert_int_equal(piecewise->episodes, lines);
    assert_int_equal(whole->episodes, lines);
    assert_int_equal(piecewise->count, whole->count);
    for (int i = 0; i < whole->count; i++) {
        assert_int_equal(piecewise->points[i].step, whole->points[i].step);
        assert_float_equal(piecewise->points[i].mean50, whole->points[i].mean50, 0);
    }
    assert_float_equal(piecewise->best_reward, whole->best_reward, 0);
    assert_int_equal(piecewise->first_success, whole->first_success);
    free(piecewise);
    free(whole);
}

static void lines_are_read_as_they_come(void **state) {
    (void)state;
    const char *path = temp_path("m");
    trm_metrics_change change;
    tail = trm_metrics_tail_new(path, TRM_UNIT_EPISODE);
    assert_false(trm_metrics_tail_read(tail, &change, NULL, NULL, NULL));
    assert_null(trm_metrics_tail_last(tail));
    for (int i = 0; i < 5; i++)
        put_line(path, "a", i, 0.5 * i);
    assert_int_equal(read_tail(), TRM_METRICS_MORE);
    assert_int_equal(trm_metrics_tail_last(tail)->number, 4);
    assert_history(path, 5);
    assert_int_equal(read_tail(), TRM_METRICS_SAME);
    FILE *f = fopen(path, "a"); // half a line is left for later
    fputs("{\"episode\":5,\"upda", f);
    fclose(f);
    assert_int_equal(read_tail(), TRM_METRICS_SAME);
    f = fopen(path, "a");
    fputs("te\":5,\"step\":18,\"seconds\":3,\"reward\":2,\"success\":1,\"length\":3,\"loss\":0.5,"
          "\"entropy\":1,\"grad_norm\":0.1,\"lr\":0.001}\n",
          f);
    fclose(f);
    assert_int_equal(read_tail(), TRM_METRICS_MORE);
    assert_history(path, 6);
    trm_metrics_tail_free(tail);
}

// A resumed run cuts its file back and writes other seconds, or renames a new file over it. Neither
// the size nor the place tells.
static void a_file_that_was_cut_back_is_read_again(void **state) {
    (void)state;
    struct stat st;
    const char *path = temp_path("m"), *other = temp_path("other");
    for (int i = 0; i < 5; i++)
        put_line(path, "a", i, 0.5 * i);
    tail = trm_metrics_tail_new(path, TRM_UNIT_EPISODE);
    assert_int_equal(read_tail(), TRM_METRICS_MORE);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size / 5 * 2), 0);
    FILE *f = fopen(path, "r+");
    assert_non_null(f);
    fclose(f);
    char *bytes = read_bytes(path, &(size_t){0});
    const int whole = (int)(strrchr(bytes, '\n') - bytes) + 1;
    free(bytes);
    assert_int_equal(truncate(path, whole), 0);
    const int kept = (int)count_lines(path);
    for (int i = kept; i < 9; i++)
        put_line(path, "a", i, 0.5 * i + 0.1);
    assert_int_equal(read_tail(), TRM_METRICS_REWRITTEN);
    assert_int_equal(trm_metrics_tail_last(tail)->number, 8);
    assert_history(path, 9);
    for (int i = 0; i < 3; i++)
        put_line(other, "a", i, i);
    assert_int_equal(rename(other, path), 0);
    assert_int_equal(read_tail(), TRM_METRICS_REWRITTEN);
    assert_history(path, 3);
    trm_metrics_tail_free(tail);
}

static atomic_bool over;

static void *look_at_lock(void *folder) {
    while (!atomic_load(&over))
        trm_lock_holder(folder);
    return NULL;
}

// Those who look whether a run is trained never keep its writer out.
static void who_looks_at_a_lock_keeps_nobody_out(void **state) {
    (void)state;
    enum { LOOKERS = 2, TIMES = 200 };
    char folder[PATH_SIZE], path[PATH_SIZE + 8];
    pthread_t threads[LOOKERS];
    trm_error e;
    trm_lock lock;
    snprintf(folder, sizeof folder, "%s", temp_path("run"));
    snprintf(path, sizeof path, "%s/lock", folder);
    assert_int_equal(mkdir(folder, 0777), 0);
    atomic_store(&over, false);
    for (int i = 0; i < LOOKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, look_at_lock, folder), 0);
    for (int i = 0; i < TIMES; i++) {
        write_text(path, "1\n"); // left by one that was killed
        if (!trm_lock_take(&lock, folder, &e))
            fail_msg("%s", e.message);
        assert_int_equal(trm_lock_holder(folder), getpid());
        trm_lock other;
        assert_false(trm_lock_take(&other, folder, NULL)); // at once: it is a writer that has it
        trm_lock_release(&lock);
    }
    atomic_store(&over, true);
    for (int i = 0; i < LOOKERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(trm_lock_holder(folder), 0);
}

// The first numbers, weights and moments of a run come as it makes them; a checkpoint can be asked
// for.
static void a_run_is_followed_from_its_start(void **state) {
    (void)state;
    trm_error e;
    trm_config c, seen;
    trm_snapshot snap = {.following.age = (double)NAN};
    const trm_history *history = NULL;
    const char *path = temp_path("run");
    assert_true(trm_config_preset(&c, "maze", &e));
    c.train.episodes = 12;
    c.model.h_dim = 8;
    trm_rundir *r = trm_rundir_create(&c, path, &e);
    assert_non_null(r);
    trm_follower *f = trm_follower_open(path, NULL, 0, &seen, &e);
    assert_non_null(f);
    const trm_trainer_source source = trm_follower_source(f);
    assert_true(source.renew(source.ctx, &snap, &history));
    assert_int_equal(snap.following.writer, getpid());
    assert_int_equal(snap.done, 0);
    assert_int_equal(snap.total, 12);
    assert_false(trm_rundir_asked(r));
    assert_true(trm_follower_ask(f, &e));
    assert_true(trm_rundir_asked(r));
    assert_false(trm_rundir_asked(r));

    trm_course *course = new_course(&c), *shown = trm_follower_course(f, &e);
    assert_non_null(shown);
    const trm_trainer_hooks hooks = trm_rundir_hooks(r, &c);
    trm_trainer *t = trm_trainer_new(course, &hooks, NULL, 0);
    assert_true(trm_trainer_run(t, &e));
    assert_true(source.renew(source.ctx, &snap, &history));
    assert_non_null(history);
    assert_int_equal(history->episodes, 12);
    assert_int_equal(snap.done, 12);
    assert_int_equal(snap.following.weights, trm_course_count(course).updates);

    trm_model *m = trm_course_model(shown);
    const trm_params *mine = trm_model_params(m),
                     *theirs = trm_model_params(trm_course_model(course));
    assert_true(source.weights(source.ctx, m));
    assert_memory_equal(mine->values, theirs->values, (size_t)mine->size * sizeof(float));
    assert_false(source.weights(source.ctx, m));
    trm_episode_trace trace;
    float *weights = malloc((size_t)mine->size * sizeof *weights);
    trm_episode_trace_init(&trace, trm_course_env(shown), m);
    assert_true(source.moment(source.ctx, &trace, weights));
    assert_true(trace.length > 0 && trace.finished && trace.episode < 12);
    assert_false(source.moment(source.ctx, &trace, weights));
    trm_episode_trace_done(&trace);
    free(weights);

    trm_trainer_free(t);
    trm_rundir_close(r);
    assert_true(source.renew(source.ctx, &snap, &history));
    assert_int_equal(snap.following.writer, 0);
    assert_false(trm_follower_ask(f, &e));
    assert_error(&e, TRM_E_INPUT, "no process trains", NULL);
    trm_follower_free(f);
    trm_course_free(shown);
    trm_course_free(course);
}

// Trains a run to its end in folder `name` of the test's own; *history is what it came to.
static char *recorded(const char *name, const trm_config *c, trm_history *history) {
    trm_error e;
    char *path = strdup(temp_path(name));
    trm_rundir *r = trm_rundir_create(c, path, &e);
    assert_non_null(r);
    trm_course *course = new_course(c);
    const trm_trainer_hooks hooks = trm_rundir_hooks(r, c);
    trm_trainer *t = trm_trainer_new(course, &hooks, NULL, 0);
    assert_true(trm_trainer_run(t, &e));
    trm_history_init(history);
    assert_true(trm_trainer_history(t, history));
    trm_trainer_free(t);
    trm_course_free(course);
    trm_rundir_close(r);
    return path;
}

// Two runs are trained and followed to their ends: what the second came to, its run and its curve.
static void record_and_follow(trm_config *c, trm_history *history, trm_compare_run *r,
                              trm_compare_course *curve) {
    trm_error e;
    char *runs[2] = {recorded("a", c, history), NULL};
    c->seed = 1;
    runs[1] = recorded("b", c, history);
    trm_compare *k = trm_compare_follow((const char *const *)runs, 2, &e);
    assert_non_null(k);
    assert_true(trm_compare_follows(k));
    assert_true(trm_compare_start(k, &e));
    trm_compare_join(k);
    assert_true(trm_compare_over(k));
    trm_compare_get(k, 1, 0, r);
    trm_compare_get_course(k, 1, 0, curve);
    assert_int_equal(r->state, TRM_COMPARE_DONE);
    trm_compare_free(k);
    free(runs[0]);
    free(runs[1]);
}

// A comparison of recorded runs has the figures of their trainings.
static void recorded_runs_are_compared(void **state) {
    (void)state;
    enum { EPISODES = 70 };
    trm_error e;
    trm_config c;
    trm_compare_run r;
    trm_history *history = malloc(sizeof *history);
    trm_compare_course *curve = malloc(sizeof *curve);
    assert_true(trm_config_preset(&c, "maze-mlp", &e));
    c.train.episodes = EPISODES;
    record_and_follow(&c, history, &r, curve);
    assert_int_equal(r.episodes, EPISODES);
    assert_float_equal(r.success50, trm_history_success50(history), 0);
    assert_float_equal(r.best_reward, history->best_reward, 0);
    assert_int_equal(curve->history.count, history->count);
    assert_float_equal(curve->history.points[EPISODES - 1].mean50,
                       history->points[EPISODES - 1].mean50, 0);
    assert_true(curve->seconds[EPISODES - 1] >= curve->seconds[0]);
    free(curve);
    free(history);
    static const char *const none[] = {"/nowhere"};
    assert_null(trm_compare_follow(none, 1, &e));
    assert_error(&e, TRM_E_INPUT, "/nowhere", "not the folder of a run", NULL);
}

static void recorded_supervised_runs_are_compared(void **state) {
    (void)state;
    enum { EPOCHS = 5 };
    trm_error e;
    trm_config c;
    trm_compare_run r;
    trm_history *history = malloc(sizeof *history);
    trm_compare_course *curve = malloc(sizeof *curve);
    assert_true(trm_config_preset(&c, "sudoku-4-tiny", &e));
    c.train.epochs = EPOCHS;
    c.data.train = 64;
    c.data.validation = 16;
    c.data.test = 16;
    record_and_follow(&c, history, &r, curve);
    const trm_history_epochs *k = &curve->history.epochs;
    assert_int_equal(r.episodes, EPOCHS);
    assert_int_equal(k->count, EPOCHS);
    assert_memory_equal(k->exact, history->epochs.exact, EPOCHS * sizeof *k->exact);
    assert_memory_equal(k->cells, history->epochs.cells, EPOCHS * sizeof *k->cells);
    assert_true(k->cells[EPOCHS - 1] > 0);
    assert_float_equal((float)r.validation_cells, k->cells[EPOCHS - 1], 0);
    for (int i = 1; i < EPOCHS; i++)
        assert_true(curve->seconds[i] >= curve->seconds[i - 1]);
    int reached = -1;
    for (int i = EPOCHS; i-- > 0;)
        reached = k->exact[i] >= 0.98f ? i + 1 : reached;
    assert_int_equal(r.reached_episode, reached);
    free(curve);
    free(history);
}

// ---- processors ---------------------------------------------------------------------------------

#ifdef __linux__

static cpu_set_t mine(void) {
    cpu_set_t set;
    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    return set;
}

// A process that stays on one processor. Its first byte says that it is there.
static pid_t start_on(int processor, int *end) {
    int pipes[2];
    char there;
    assert_int_equal(pipe(pipes), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(processor, &set);
        if (sched_setaffinity(0, sizeof set, &set) != 0 || write(pipes[1], "", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(pipes[0], &there, 1), 1);
    close(pipes[0]);
    *end = pipes[1];
    return child;
}

// A follower leaves the training its processor, and takes it back when it is over; the only one is
// shared.
static void a_training_keeps_its_processor(void **state) {
    (void)state;
    enum { MOST = 3 };
    const cpu_set_t before = mine();
    for (int i = 0, tried = 0; i < CPU_SETSIZE && tried < MOST; i++) {
        if (!CPU_ISSET(i, &before))
            continue;
        tried++;
        int end;
        trm_beside b = {0};
        const pid_t child = start_on(i, &end);
        trm_beside_keep_off(&b, child, 1);
        cpu_set_t now = mine();
        assert_true(CPU_COUNT(&before) == 1 || !CPU_ISSET(i, &now));
        assert_int_equal(CPU_COUNT(&now),
                         CPU_COUNT(&before) > 1 ? CPU_COUNT(&before) - 1 : CPU_COUNT(&before));
        b.due = 0;
        trm_beside_keep_off(&b, 0, 1); // nobody trains any more
        now = mine();
        assert_true(CPU_EQUAL(&now, &before));
        b.due = 0;
        trm_beside_keep_off(&b, child, 1);
        trm_beside_end(&b);
        now = mine();
        assert_true(CPU_EQUAL(&now, &before));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        close(end);
    }
}

#else

static void a_training_keeps_its_processor(void **state) {
    (void)state;
}

#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_are_read_as_they_come, temp_setup, temp_teardown),
        cmocka_unit_test_setup_teardown(a_file_that_was_cut_back_is_read_again, temp_setup,
                                        temp_teardown),
        cmocka_unit_test_setup_teardown(who_looks_at_a_lock_keeps_nobody_out, temp_setup,
                                        temp_teardown),
        cmocka_unit_test_setup_teardown(recorded_runs_are_compared, temp_setup, temp_teardown),
        cmocka_unit_test_setup_teardown(recorded_supervised_runs_are_compared, temp_setup,
                                        temp_teardown),
        cmocka_unit_test_setup_teardown(a_run_is_followed_from_its_start, temp_setup,
                                        temp_teardown),
        cmocka_unit_test(a_training_keeps_its_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
