// SPDX-License-Identifier: Apache-2.0
// The trainer of supervised runs: its thread, its commands, what it shows. Everything waits for
// what it expects.
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/run/lesson_trainer.h"
#include "trm/run/safetensors.h"

enum { EPOCHS = 3, BATCHES = 4 }; // 40 samples in batches of 12
enum { PATIENCE = 600 };          // seconds for each thing that is waited for: valgrind is slow

typedef struct course {
    trm_config config;
    trm_lesson lesson;
    trm_rundir *rundir;
    trm_lesson_trainer *t;
} course;

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

static void open_course(course *c, int32_t epochs, const char *folder) {
    trm_error e = {0};
    *c = (course){.config = small(epochs)};
    if (!trm_lesson_init(&c->lesson, &c->config, &e) ||
        (folder && !(c->rundir = trm_rundir_create(&c->config, temp_path(folder), &e))))
        fail_msg("%s", e.message);
    c->t = trm_lesson_trainer_new(&c->lesson, &c->config, c->rundir, NULL, 0);
}

static void start(course *c) {
    trm_error e = {0};
    if (!trm_lesson_trainer_start(c->t, &e))
        fail_msg("%s", e.message);
}

static void close_course(course *c) {
    trm_lesson_trainer_free(c->t);
    trm_rundir_close(c->rundir);
    trm_lesson_done(&c->lesson);
}

static trm_lesson_snapshot snapshot(course *c) {
    trm_lesson_snapshot s;
    trm_lesson_trainer_snapshot(c->t, &s);
    return s;
}

// Between two looks: under valgrind, threads take turns, and the trainer's is what is waited for.
static void take_a_break(void) {
    poll(NULL, 0, 1);
}

#define WAIT_FOR(c, condition)                                                                     \
    do {                                                                                           \
        double end = trm_clock_now() + PATIENCE;                                                   \
        for (trm_lesson_snapshot s = snapshot(c); !(condition); s = snapshot(c)) {                 \
            if (trm_clock_now() > end)                                                             \
                fail_msg("never came: %s (state %d, epochs %lld, batch %d)", #condition,           \
                         (int)s.state, (long long)s.epochs, s.batch);                              \
            take_a_break();                                                                        \
        }                                                                                          \
    } while (0)

static bool same_tensors(trm_supervised *a, trm_supervised *b) {
    const int32_t n = trm_supervised_tensors(a, NULL, 0);
    trm_tensor *left = trm_alloc((size_t)n, sizeof *left);
    trm_tensor *right = trm_alloc((size_t)n, sizeof *right);
    trm_supervised_tensors(a, left, n);
    assert_int_equal(trm_supervised_tensors(b, right, n), n);
    bool same = true;
    for (int32_t i = 0; i < n; i++)
        same &= memcmp(left[i].data, right[i].data,
                       (size_t)trm_tensor_count(&left[i]) * trm_dtype_size(left[i].dtype)) == 0;
    free(left);
    free(right);
    return same;
}

// The learner is what so many epochs without any trainer make of it.
static void assert_as_untouched(course *c, int32_t epochs) {
    trm_config config = small(epochs);
    trm_lesson plain;
    trm_epoch out;
    trm_error e = {0};
    assert_true(trm_lesson_init(&plain, &config, &e));
    for (int32_t i = 0; i < epochs; i++)
        assert_int_equal(trm_lesson_epoch(&plain, NULL, NULL, &out, &e), TRM_UPDATE_DONE);
    assert_true(same_tensors(plain.learner, c->lesson.learner));
    trm_lesson_done(&plain);
}

static void test_meddling_changes_nothing(void **state) {
    (void)state;
    static course c;
    trm_lesson_peek peek;
    trm_lesson_history history;
    open_course(&c, EPOCHS, "run");
    trm_lesson_peek_init(&peek, &c.lesson);
    trm_lesson_history_init(&history);
    start(&c);
    double deadline = trm_clock_now() + PATIENCE;
    int64_t saved = 0;
    for (int32_t i = 0; snapshot(&c).state != TRM_TRAINER_SHOWING; i++) {
        assert_true(trm_clock_now() < deadline);
        if (i % 16 == 15)
            take_a_break();
        trm_lesson_trainer_look(c.t, i % 2 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT, i - 7);
        trm_lesson_trainer_peek(c.t, &peek);
        trm_lesson_trainer_history(c.t, &history);
        trm_lesson_trainer_pause(c.t);
        trm_lesson_trainer_step(c.t, 1);
        const int64_t updates = snapshot(&c).updates;
        if (updates > saved) { // once a batch: each sets its epoch back, and it has to end
            saved = updates;
            trm_lesson_trainer_checkpoint(c.t);
        }
        trm_lesson_trainer_speed(c.t, i % 3 ? 1000 : 0);
        trm_lesson_trainer_resume(c.t);
    }
    trm_lesson_trainer_history(c.t, &history);
    assert_int_equal(history.epochs.count, EPOCHS);
    assert_int_equal(history.batches.count, EPOCHS * BATCHES);
    trm_lesson_trainer_stop(c.t);
    trm_lesson_trainer_join(c.t);
    assert_as_untouched(&c, EPOCHS);
    assert_int_equal(count_lines(temp_path("run/metrics.jsonl")), EPOCHS);
    trm_lesson_peek_done(&peek);
    close_course(&c);
}

static void test_steps_are_single_batches(void **state) {
    (void)state;
    static course c;
    open_course(&c, EPOCHS, NULL);
    trm_lesson_trainer_pause(c.t);
    start(&c);
    WAIT_FOR(&c, s.state == TRM_TRAINER_PAUSED && s.updates == 1);
    for (int64_t n = 2; n < EPOCHS * BATCHES; n++) {
        trm_lesson_trainer_step(c.t, 1);
        // The last batch's epoch is scored at once.
        WAIT_FOR(&c, s.state == TRM_TRAINER_PAUSED && s.updates == n && s.epochs == n / BATCHES);
        const trm_lesson_snapshot s = snapshot(&c);
        assert_int_equal(s.last.batch, n - 1);
        assert_int_equal(s.batch, n % BATCHES);
        assert_int_equal(s.epoch.epoch, n / BATCHES - 1);
    }
    trm_lesson_trainer_resume(c.t);
    WAIT_FOR(&c, s.state == TRM_TRAINER_SHOWING && s.tested);
    assert_as_untouched(&c, EPOCHS);
    close_course(&c);
}

static void read_back(const char *folder, trm_lesson *l, const trm_config *config,
                      double *seconds) {
    trm_error e = {0};
    trm_config read = *config;
    trm_rundir *r = trm_rundir_open(&read, temp_path(folder), &e);
    if (!r || !trm_lesson_init(l, config, &e) || !trm_lesson_resume(r, l, seconds, &e))
        fail_msg("%s", e.message);
    trm_rundir_close(r);
}

// A checkpoint in the middle of a paused epoch holds the whole epochs, and the epoch goes on where
// it stood.
static void test_saving_in_the_middle(void **state) {
    (void)state;
    static course c;
    trm_lesson saved;
    double seconds = -1;
    trm_error e = {0};
    open_course(&c, EPOCHS, "run");
    trm_lesson_trainer_pause(c.t);
    trm_lesson_trainer_step(c.t, 5);
    start(&c);
    WAIT_FOR(&c, s.state == TRM_TRAINER_PAUSED && s.updates == 6);
    trm_lesson_trainer_checkpoint(c.t);
    WAIT_FOR(&c, s.checkpoints == 1);
    trm_lesson_trainer_look(c.t, TRM_SPLIT_HELD_OUT, 0);
    trm_lesson_peek peek;
    trm_lesson_peek_init(&peek, &c.lesson);
    double deadline = trm_clock_now() + PATIENCE;
    while (!trm_lesson_trainer_peek(c.t, &peek)) {
        assert_true(trm_clock_now() < deadline);
        take_a_break();
    }
    assert_int_equal(peek.epochs, 1);
    assert_int_equal(peek.batch, 2); // answered when it stood there again
    trm_lesson_peek_done(&peek);
    assert_true(trm_rundir_copy(temp_path("run"), temp_path("copy"), &e));
    read_back("copy", &saved, &c.config, &seconds);
    assert_int_equal(trm_supervised_epochs(saved.learner), 1);
    assert_true(seconds > 0);
    trm_lesson_done(&saved);
    assert_int_equal(snapshot(&c).updates, 6);
    trm_lesson_trainer_step(c.t, 1);
    WAIT_FOR(&c, s.updates == 7);
    trm_lesson_trainer_resume(c.t);
    WAIT_FOR(&c, s.state == TRM_TRAINER_SHOWING);
    assert_as_untouched(&c, EPOCHS);
    close_course(&c);
}

static void test_stopped_and_resumed(void **state) {
    (void)state;
    static course c;
    double seconds;
    open_course(&c, EPOCHS, "run");
    trm_lesson_trainer_pause(c.t);
    trm_lesson_trainer_step(c.t, 8);
    start(&c);
    WAIT_FOR(&c, s.state == TRM_TRAINER_PAUSED && s.updates == 9);
    trm_lesson_trainer_stop(c.t);
    trm_lesson_trainer_join(c.t);
    assert_int_equal(snapshot(&c).state, TRM_TRAINER_STOPPED);
    close_course(&c);

    c.config = small(EPOCHS);
    read_back("run", &c.lesson, &c.config, &seconds);
    assert_int_equal(trm_supervised_epochs(c.lesson.learner), 2);
    trm_error e = {0};
    trm_lesson_history history;
    trm_lesson_history_init(&history);
    c.rundir = trm_rundir_open(&c.config, temp_path("run"), &e);
    assert_non_null(c.rundir);
    assert_true(trm_lesson_history_read(&history, c.rundir, &e));
    assert_int_equal(history.epochs.count, 2);
    assert_true(isfinite((double)history.epochs.exact[1]) && history.epochs.x[1] == 2);
    c.t = trm_lesson_trainer_new(&c.lesson, &c.config, c.rundir, &history, seconds);
    assert_int_equal(snapshot(&c).epoch.epoch, 1);
    assert_true(trm_lesson_trainer_run(c.t, NULL, NULL, &e));
    assert_as_untouched(&c, EPOCHS);
    assert_int_equal(count_lines(temp_path("run/metrics.jsonl")), EPOCHS);
    close_course(&c);
}

static bool only_five(void *ctx) {
    return ++*(int32_t *)ctx <= 5;
}

static void test_run_stops_when_told(void **state) {
    (void)state;
    static course c;
    int32_t asked = 0;
    trm_error e = {0};
    open_course(&c, EPOCHS, NULL);
    assert_false(trm_lesson_trainer_run(c.t, only_five, &asked, &e));
    assert_int_equal(e.code, TRM_E_STOPPED);
    assert_int_equal(trm_supervised_epochs(c.lesson.learner), 1);
    assert_as_untouched(&c, 1);
    close_course(&c);
}

// Done, it answers what it is asked, and can be extended.
static void test_shows_and_extends(void **state) {
    (void)state;
    static course c;
    trm_lesson_peek peek;
    open_course(&c, 1, NULL);
    trm_lesson_peek_init(&peek, &c.lesson);
    start(&c);
    WAIT_FOR(&c, s.state == TRM_TRAINER_SHOWING);
    for (int32_t k = 0; k < 3; k++) {
        trm_lesson_trainer_look(c.t, TRM_SPLIT_HELD_OUT, 9 + k);
        double deadline = trm_clock_now() + PATIENCE;
        while (!trm_lesson_trainer_peek(c.t, &peek)) {
            assert_true(trm_clock_now() < deadline);
            take_a_break();
        }
        const trm_dataset *d = c.lesson.validation;
        assert_int_equal(peek.sample, (9 + k) % 10);
        assert_int_equal(peek.count, 10);
        assert_int_equal(peek.board.rows, 8);
        assert_memory_equal(peek.target, d->targets + (int64_t)peek.sample * d->positions,
                            (size_t)d->positions * sizeof *peek.target);
        trm_trace_shape shape = trm_model_trace_shape(trm_supervised_model(c.lesson.learner));
        const float *p = trm_trace_probs(&shape, peek.trace, shape.cycles - 1);
        assert_true(fabsf(p[0] + p[1] - 1) < 1e-5f);
    }
    trm_lesson_trainer_extend(c.t, 2);
    WAIT_FOR(&c, s.state == TRM_TRAINER_SHOWING && s.epochs == 3 && s.epochs_total == 3);
    assert_as_untouched(&c, 3);
    trm_lesson_peek_done(&peek);
    close_course(&c);
}

// However many points come, a list stays within its size, rising, and its means stay true.
static void test_history_thins_out(void **state) {
    (void)state;
    static trm_lesson_history h;
    enum { N = 5000 };
    trm_lesson_history_init(&h);
    for (int32_t i = 1; i <= N; i++) {
        trm_lesson_history_add_batch(&h, i, i);
        const trm_epoch epoch = {.epoch = i - 1, .train_loss = i, .score.exact_accuracy = i};
        trm_lesson_history_add_epoch(&h, &epoch);
        assert_in_range(h.batches.count, 1, TRM_LESSON_POINTS);
    }
    assert_int_equal(h.batches.stride, 16);
    assert_int_equal(h.batches.count, N / 16);
    for (int32_t i = 0; i < h.batches.count; i++) {
        assert_true(h.batches.x[i] == (float)(16 * (i + 1)));
        assert_true(h.batches.loss[i] == (float)(16 * i) + 8.5f);
    }
    assert_int_equal(h.epochs.count, N / 16);
    for (int32_t i = 0; i < h.epochs.count; i++)
        assert_true(h.epochs.x[i] == (float)(16 * (i + 1)) && h.epochs.exact[i] == h.epochs.x[i]);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, temp_setup, temp_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_meddling_changes_nothing), cmocka_unit_test(test_steps_are_single_batches),
        WITH_FOLDER(test_saving_in_the_middle),     WITH_FOLDER(test_stopped_and_resumed),
        cmocka_unit_test(test_run_stops_when_told), cmocka_unit_test(test_shows_and_extends),
        cmocka_unit_test(test_history_thins_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
