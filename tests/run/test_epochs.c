// SPDX-License-Identifier: Apache-2.0
// A trainer of supervised courses: its thread, its commands, what it shows and records. Everything
// waits for what it expects.
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "record_support.h"
#include "support.h"
#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/run/rundir.h"
#include "trm/run/safetensors.h"

enum { EPOCHS = 3, BATCHES = 4 }; // 40 samples in batches of 12
enum { PATIENCE = 600 };          // seconds for each thing that is waited for: valgrind is slow

typedef struct watched {
    trm_config config;
    trm_course *course;
    trm_rundir *rundir;
    trm_trainer *t;
} watched;

static trm_config small(int32_t epochs) {
    trm_config c = trm_config_default();
    trm_error e = {0};
    if (!trm_config_preset(&c, "mazes-8-fixed-trm", &e))
        fail_msg("%s", e.message);
    c.data.train = 40;
    c.data.validation = c.data.test = 10;
    c.train.batch = 12;
    c.train.epochs = epochs;
    c.model.sup_steps = 2;
    c.model.hidden = 16;
    c.model.z_dim = c.model.x_dim = c.model.head_hidden = 8;
    return c;
}

static void make_trainer(watched *c, const trm_history *history, double seconds) {
    trm_trainer_hooks hooks = {0};
    if (c->rundir)
        hooks = trm_rundir_hooks(c->rundir, &c->config);
    c->t = trm_trainer_new(c->course, &hooks, history, seconds);
}

static void open_with(watched *c, const trm_config *config, const char *folder) {
    trm_error e = {0};
    *c = (watched){.config = *config, .course = new_course(config)};
    if (folder && !(c->rundir = trm_rundir_create(config, temp_path(folder), &e)))
        fail_msg("%s", e.message);
    make_trainer(c, NULL, 0);
}

static void open_course(watched *c, int32_t epochs, const char *folder) {
    const trm_config config = small(epochs);
    open_with(c, &config, folder);
}

static void start(watched *c) {
    trm_error e = {0};
    if (!trm_trainer_start(c->t, &e))
        fail_msg("%s", e.message);
}

static void close_course(watched *c) {
    trm_trainer_free(c->t);
    trm_rundir_close(c->rundir);
    trm_course_free(c->course);
}

static trm_snapshot snapshot(watched *c) {
    trm_snapshot s;
    trm_trainer_snapshot(c->t, &s);
    return s;
}

// Between two looks: under valgrind, threads take turns, and the trainer's is what is waited for.
static void take_a_break(void) {
    poll(NULL, 0, 1);
}

#define WAIT_FOR(c, condition)                                                                     \
    do {                                                                                           \
        double end = trm_clock_now() + PATIENCE;                                                   \
        for (trm_snapshot s = snapshot(c); !(condition); s = snapshot(c)) {                        \
            if (trm_clock_now() > end)                                                             \
                fail_msg("never came: %s (state %d, epochs %lld, batch %d)", #condition,           \
                         (int)s.state, (long long)s.done, s.batch);                                \
            take_a_break();                                                                        \
        }                                                                                          \
    } while (0)

static bool same_tensors(trm_course *a, trm_course *b) {
    const int32_t n = trm_course_tensors(a, NULL, 0);
    trm_tensor *left = trm_alloc((size_t)n, sizeof *left);
    trm_tensor *right = trm_alloc((size_t)n, sizeof *right);
    trm_course_tensors(a, left, n);
    assert_int_equal(trm_course_tensors(b, right, n), n);
    bool same = true;
    for (int32_t i = 0; i < n; i++)
        same &= memcmp(left[i].data, right[i].data,
                       (size_t)trm_tensor_count(&left[i]) * trm_dtype_size(left[i].dtype)) == 0;
    free(left);
    free(right);
    return same;
}

// The course is what so many epochs without any trainer make of it.
static void assert_as_untouched(watched *c, int32_t epochs) {
    trm_config config = c->config;
    trm_advance out;
    trm_error e = {0};
    config.train.epochs = epochs;
    trm_course *plain = new_course(&config);
    for (int32_t i = 0; i < epochs; i++)
        assert_int_equal(trm_course_advance(plain, NULL, &out, &e), TRM_UPDATE_DONE);
    assert_true(same_tensors(plain, c->course));
    trm_course_free(plain);
}

// What success brings is part of what a checkpoint holds.
static void test_a_curriculum_goes_on_where_it_was(void **state) {
    (void)state;
    trm_config c = trm_config_default();
    trm_advance out;
    trm_error e = {0};
    if (!trm_config_preset(&c, "sudoku-4-tiny", &e))
        fail_msg("%s", e.message);
    c.data.train = 200;
    c.data.validation = 20;
    c.data.givens_min = c.data.givens_max = 11;
    c.data.minimal = 0.3f;
    c.data.curriculum = true;
    trm_course *a = new_course(&c), *b = new_course(&c);
    for (int i = 0; i < 3; i++)
        assert_int_equal(trm_course_advance(a, NULL, &out, &e), TRM_UPDATE_DONE);
    assert_true(out.epoch.score.exact_accuracy > 0); // else the test would say nothing
    trm_tensor from[256], to[256];
    const int32_t n = trm_course_tensors(a, from, 256);
    assert_int_equal(trm_course_tensors(b, to, 256), n);
    for (int32_t i = 0; i < n; i++)
        memcpy(to[i].data, from[i].data, trm_tensor_bytes(&from[i]));
    assert_true(trm_course_restored(b, &e));
    assert_int_equal(trm_course_advance(a, NULL, &out, &e), TRM_UPDATE_DONE);
    assert_int_equal(trm_course_advance(b, NULL, &out, &e), TRM_UPDATE_DONE);
    assert_true(same_tensors(a, b));
    trm_course_free(a);
    trm_course_free(b);
}

static void test_meddling_changes_nothing(void **state) {
    (void)state;
    static watched c;
    trm_sample peek;
    static trm_history history;
    open_course(&c, EPOCHS, "run");
    trm_sample_init(&peek, c.course);
    trm_history_init(&history);
    start(&c);
    double deadline = trm_clock_now() + PATIENCE;
    int64_t saved = 0;
    for (int32_t i = 0; snapshot(&c).state != TRM_TRAINER_SHOWING; i++) {
        assert_true(trm_clock_now() < deadline);
        if (i % 16 == 15)
            take_a_break();
        trm_trainer_request_sample(c.t, i % 2 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT, i - 7);
        trm_trainer_sample(c.t, &peek);
        trm_trainer_history(c.t, &history);
        trm_trainer_pause(c.t);
        trm_trainer_step(c.t, 1);
        const int64_t updates = snapshot(&c).updates;
        if (updates > saved) { // once a batch: each sets its epoch back, and it has to end
            saved = updates;
            trm_trainer_checkpoint(c.t);
        }
        trm_trainer_speed(c.t, i % 3 ? 1000 : 0);
        trm_trainer_resume(c.t);
    }
    trm_trainer_history(c.t, &history);
    assert_int_equal(history.epochs.count, EPOCHS);
    assert_int_equal(history.batches.count, EPOCHS * BATCHES);
    trm_trainer_stop(c.t);
    trm_trainer_join(c.t);
    assert_as_untouched(&c, EPOCHS);
    assert_int_equal(count_lines(temp_path("run/metrics.jsonl")), EPOCHS);
    trm_sample_done(&peek);
    close_course(&c);
    run_until(&c.config, temp_path("plain"), EPOCHS, NULL);
    assert_same_record(temp_path("plain"), temp_path("run"));
}

static void test_steps_are_single_batches(void **state) {
    (void)state;
    static watched c;
    open_course(&c, EPOCHS, NULL);
    trm_trainer_pause(c.t);
    start(&c);
    WAIT_FOR(&c, s.state == TRM_TRAINER_PAUSED && s.updates == 1);
    for (int64_t n = 2; n < EPOCHS * BATCHES; n++) {
        trm_trainer_step(c.t, 1);
        // The last batch's epoch is scored at once.
        WAIT_FOR(&c, s.state == TRM_TRAINER_PAUSED && s.updates == n && s.done == n / BATCHES);
        const trm_snapshot s = snapshot(&c);
        assert_int_equal(s.steps, n);
        assert_int_equal(s.batch, n % BATCHES);
        assert_int_equal(s.epoch.epoch, n / BATCHES - 1);
    }
    trm_trainer_resume(c.t);
    WAIT_FOR(&c, s.state == TRM_TRAINER_SHOWING && s.tested);
    assert_as_untouched(&c, EPOCHS);
    close_course(&c);
}

static trm_course *read_back(const char *folder, const trm_config *config, trm_history *history,
                             double *seconds) {
    trm_error e = {0};
    trm_config read = *config;
    char note[256];
    trm_course *course = new_course(config);
    trm_rundir *r = trm_rundir_open(&read, temp_path(folder), &e);
    if (!r || !trm_rundir_resume(r, course, history, seconds, note, sizeof note, &e))
        fail_msg("%s", e.message);
    trm_rundir_close(r);
    return course;
}

// A checkpoint in the middle of a paused epoch holds the whole epochs, and the epoch goes on where
// it stood.
static void test_saving_in_the_middle(void **state) {
    (void)state;
    static watched c;
    static trm_history history;
    double seconds = -1;
    trm_error e = {0};
    open_course(&c, EPOCHS, "run");
    trm_trainer_pause(c.t);
    trm_trainer_step(c.t, 5);
    start(&c);
    WAIT_FOR(&c, s.state == TRM_TRAINER_PAUSED && s.updates == 6);
    trm_trainer_checkpoint(c.t);
    WAIT_FOR(&c, s.checkpoints == 1);
    trm_trainer_request_sample(c.t, TRM_SPLIT_HELD_OUT, 0);
    trm_sample peek;
    trm_sample_init(&peek, c.course);
    double deadline = trm_clock_now() + PATIENCE;
    while (!trm_trainer_sample(c.t, &peek)) {
        assert_true(trm_clock_now() < deadline);
        take_a_break();
    }
    assert_int_equal(peek.epochs, 1);
    assert_int_equal(peek.batch, 2); // answered when it stood there again
    trm_sample_done(&peek);
    assert_true(trm_rundir_copy(temp_path("run"), temp_path("copy"), &e));
    trm_course *saved = read_back("copy", &c.config, &history, &seconds);
    assert_int_equal(trm_course_count(saved).done, 1);
    assert_int_equal(history.epochs.count, 1);
    assert_true(seconds > 0);
    trm_course_free(saved);
    assert_int_equal(snapshot(&c).updates, 6);
    trm_trainer_step(c.t, 1);
    WAIT_FOR(&c, s.updates == 7);
    trm_trainer_resume(c.t);
    WAIT_FOR(&c, s.state == TRM_TRAINER_SHOWING);
    assert_as_untouched(&c, EPOCHS);
    close_course(&c);
}

static void test_stopped_and_resumed(void **state) {
    (void)state;
    static watched c;
    double seconds;
    open_course(&c, EPOCHS, "run");
    trm_trainer_pause(c.t);
    trm_trainer_step(c.t, 8);
    start(&c);
    WAIT_FOR(&c, s.state == TRM_TRAINER_PAUSED && s.updates == 9);
    trm_trainer_stop(c.t);
    trm_trainer_join(c.t);
    assert_int_equal(snapshot(&c).state, TRM_TRAINER_STOPPED);
    close_course(&c);

    trm_error e = {0};
    static trm_history history;
    char note[256];
    c.course = new_course(&c.config);
    c.rundir = trm_rundir_open(&c.config, temp_path("run"), &e);
    assert_non_null(c.rundir);
    assert_true(trm_rundir_resume(c.rundir, c.course, &history, &seconds, note, sizeof note, &e));
    assert_string_equal(note, "");
    assert_int_equal(trm_course_count(c.course).done, 2);
    assert_int_equal(history.epochs.count, 2);
    assert_true(isfinite((double)history.epochs.exact[1]) && history.epochs.x[1] == 2);
    make_trainer(&c, &history, seconds);
    assert_int_equal(snapshot(&c).epoch.epoch, 1);
    assert_true(trm_trainer_run(c.t, &e));
    assert_as_untouched(&c, EPOCHS);
    assert_int_equal(count_lines(temp_path("run/metrics.jsonl")), EPOCHS);
    close_course(&c);
}

static bool stop_after_one(void *ctx, const trm_course *c, const trm_advance *a, double seconds,
                           trm_error *e) {
    (void)c;
    (void)seconds;
    (void)e;
    assert_int_equal(a->epoch.epoch, 0);
    trm_trainer_stop(((const watched *)ctx)->t);
    return true;
}

static void test_run_stops_when_told(void **state) {
    (void)state;
    static watched c;
    trm_error e = {0};
    const trm_config config = small(EPOCHS);
    c = (watched){.config = config, .course = new_course(&config)};
    const trm_trainer_hooks hooks = {.ctx = &c, .advance = stop_after_one};
    c.t = trm_trainer_new(c.course, &hooks, NULL, 0);
    assert_false(trm_trainer_run(c.t, &e));
    assert_error(&e, TRM_E_STOPPED, "stopped after 1 of 3 epochs", NULL);
    assert_int_equal(trm_course_count(c.course).done, 1);
    assert_as_untouched(&c, 1);
    close_course(&c);
}

// Done, it answers what it is asked, and can be extended.
static void test_shows_and_extends(void **state) {
    (void)state;
    static watched c;
    trm_sample peek;
    open_course(&c, 1, NULL);
    trm_sample_init(&peek, c.course);
    start(&c);
    WAIT_FOR(&c, s.state == TRM_TRAINER_SHOWING);
    for (int32_t k = 0; k < 3; k++) {
        trm_trainer_request_sample(c.t, TRM_SPLIT_HELD_OUT, 9 + k);
        double deadline = trm_clock_now() + PATIENCE;
        while (!trm_trainer_sample(c.t, &peek)) {
            assert_true(trm_clock_now() < deadline);
            take_a_break();
        }
        const trm_dataset *d = trm_course_data(c.course, TRM_SET_VALIDATION);
        assert_int_equal(peek.sample, (9 + k) % 10);
        assert_int_equal(peek.count, 10);
        assert_int_equal(peek.board.rows, 8);
        assert_memory_equal(peek.target, d->targets + (int64_t)peek.sample * d->positions,
                            (size_t)d->positions * sizeof *peek.target);
        trm_trace_shape shape = trm_model_trace_shape(trm_course_model(c.course));
        const float *p = trm_trace_probs(&shape, peek.trace, shape.cycles - 1);
        assert_true(fabsf(p[0] + p[1] - 1) < 1e-5f);
    }
    trm_trainer_extend(c.t, 2);
    WAIT_FOR(&c, s.state == TRM_TRAINER_SHOWING && s.done == 3 && s.total == 3);
    assert_as_untouched(&c, 3);
    trm_sample_done(&peek);
    close_course(&c);
}

// Carried, a sample takes as many batches as steps: what is counted is samples, and no rate is
// below nothing or above what there was.
static bool rates_hold(void *ctx, const trm_course *course, const trm_advance *a, double seconds,
                       trm_error *e) {
    const trm_snapshot s = snapshot(ctx);
    const int32_t count = trm_course_data(course, TRM_SET_TRAIN)->count;
    (void)e;
    (void)a;
    assert_true(s.samples_per_second >= 0 && s.steps_per_second >= 0);
    assert_true(s.samples_per_second <= count * (double)s.done / 0.05);
    return seconds >= 0;
}

static void test_carried_samples_are_counted_as_they_are(void **state) {
    (void)state;
    static watched c;
    trm_error e = {0};
    trm_config config = small(EPOCHS);
    static const char *const words[] = {
        "model.type=trm-conv", "model.d_model=4",     "model.layers=1",
        "model.feedforward=4", "model.inner_steps=1", "model.k_cycles=1",
        "model.sup_steps=6",   "train.batch=4",       "train.supervision=carried"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_true(trm_config_override(&config, words[i], &e));
    c = (watched){.config = config, .course = new_course(&config)};
    const trm_trainer_hooks hooks = {.ctx = &c, .advance = rates_hold};
    c.t = trm_trainer_new(c.course, &hooks, NULL, 0);
    trm_trainer_pause(c.t);
    start(&c);
    for (int64_t n = 1; n <= 30; n++) { // well into the epoch: no batch takes samples back
        WAIT_FOR(&c, s.state == TRM_TRAINER_PAUSED && s.steps == n);
        assert_true(snapshot(&c).samples_per_second >= 0);
        trm_trainer_step(c.t, 1);
    }
    trm_trainer_resume(c.t);
    WAIT_FOR(&c, s.state == TRM_TRAINER_SHOWING);
    const trm_snapshot s = snapshot(&c);
    assert_int_equal(trm_course_count(c.course).samples, EPOCHS * 40);
    assert_true(fabs(s.samples_per_second * s.seconds - EPOCHS * 40) < 1e-6);
    assert_true(fabs(s.steps_per_second * s.seconds - (double)s.steps) < 1e-6);
    close_course(&c);
}

// Signals are for the thread that can answer them; a fault of this one is its own.
static bool look_at_mask(void *ctx, const trm_course *c, const trm_advance *a, double seconds,
                         trm_error *e) {
    (void)c;
    (void)a;
    (void)seconds;
    (void)e;
    pthread_sigmask(SIG_SETMASK, NULL, ctx);
    return true;
}

static void test_faults_of_the_training_thread_are_told(void **state) {
    (void)state;
    static watched c;
    sigset_t mask;
    const trm_config config = small(1);
    sigemptyset(&mask);
    c = (watched){.config = config, .course = new_course(&config)};
    const trm_trainer_hooks hooks = {.ctx = &mask, .advance = look_at_mask};
    c.t = trm_trainer_new(c.course, &hooks, NULL, 0);
    start(&c);
    WAIT_FOR(&c, s.state == TRM_TRAINER_SHOWING);
    close_course(&c);
    assert_true(sigismember(&mask, SIGINT) && sigismember(&mask, SIGTERM) &&
                sigismember(&mask, SIGHUP) && sigismember(&mask, SIGWINCH));
    assert_false(sigismember(&mask, SIGSEGV) || sigismember(&mask, SIGBUS) ||
                 sigismember(&mask, SIGFPE) || sigismember(&mask, SIGILL) ||
                 sigismember(&mask, SIGABRT));
}

// A cosine that is extended is the longer one from the next epoch on, as it is after resuming.
static void test_extended_is_as_resumed(void **state) {
    (void)state;
    static watched c;
    static trm_history history;
    double seconds;
    char note[256];
    trm_error e = {0};
    trm_config config = small(1);
    config.train.cosine = true;
    open_with(&c, &config, "run");
    start(&c);
    WAIT_FOR(&c, s.state == TRM_TRAINER_SHOWING);
    assert_true(trm_rundir_copy(temp_path("run"), temp_path("copy"), &e));
    trm_trainer_extend(c.t, 2);
    WAIT_FOR(&c, s.state == TRM_TRAINER_SHOWING && s.done == 3);
    assert_true(snapshot(&c).lr > 0);
    trm_trainer_stop(c.t);
    trm_trainer_join(c.t);
    trm_rundir *r = trm_rundir_open(&config, temp_path("copy"), &e);
    assert_non_null(r);
    config.train.epochs = 3;
    trm_course *resumed = new_course(&config);
    assert_true(trm_rundir_resume(r, resumed, &history, &seconds, note, sizeof note, &e));
    trm_trainer_hooks hooks = trm_rundir_hooks(r, &config);
    trm_trainer *t = trm_trainer_new(resumed, &hooks, &history, seconds);
    assert_true(trm_trainer_run(t, &e));
    assert_true(same_tensors(resumed, c.course));
    trm_trainer_free(t);
    trm_course_free(resumed);
    trm_rundir_close(r);
    close_course(&c);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, temp_setup, temp_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_meddling_changes_nothing),
        cmocka_unit_test(test_a_curriculum_goes_on_where_it_was),
        cmocka_unit_test(test_steps_are_single_batches),
        WITH_FOLDER(test_saving_in_the_middle),
        WITH_FOLDER(test_stopped_and_resumed),
        cmocka_unit_test(test_run_stops_when_told),
        cmocka_unit_test(test_shows_and_extends),
        cmocka_unit_test(test_carried_samples_are_counted_as_they_are),
        cmocka_unit_test(test_faults_of_the_training_thread_are_told),
        WITH_FOLDER(test_extended_is_as_resumed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
