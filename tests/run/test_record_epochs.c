// SPDX-License-Identifier: Apache-2.0
// Moments of supervised runs, and what holds of both kinds when a run is stopped and resumed.
#include "record_support.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/record/retention.h"
#include "trm/base/file.h"
#include "trm/run/rundir.h"
#include "trm/train/course.h"

// ---- which moments ------------------------------------------------------------------------------

enum { LENGTH = 4000 };

typedef struct made {
    trm_retention retention;
    bool there[LENGTH];
    int32_t levels[LENGTH], count;
    int64_t first, best, worst; // epochs
    double cells, exact, low_cells, low_exact;
} made;

static void drop(made *m, int64_t until) {
    m->count = 0;
    for (int64_t i = 0; i <= until; i++) {
        m->there[i] = m->there[i] && trm_retention_keeps(&m->retention.rule, i, m->levels[i]);
        m->count += m->there[i];
    }
}

static void offer(made *m, int64_t epoch, const trm_score *s) {
    const trm_retention_event event = trm_retention_epoch(epoch, s);
    m->there[epoch] = trm_retention_offer(&m->retention, &event, &m->levels[epoch]);
    if (s->exact_accuracy > 0 && m->first < 0)
        m->first = epoch;
    if (m->best < 0 || s->exact_accuracy > m->exact ||
        (s->exact_accuracy >= m->exact && s->cell_accuracy > m->cells)) {
        m->best = epoch;
        m->exact = s->exact_accuracy;
        m->cells = s->cell_accuracy;
    }
    if (m->worst < 0 || s->exact_accuracy < m->low_exact ||
        (s->exact_accuracy <= m->low_exact && s->cell_accuracy < m->low_cells)) {
        m->worst = epoch;
        m->low_exact = s->exact_accuracy;
        m->low_cells = s->cell_accuracy;
    }
    drop(m, epoch);
}

static void epochs_are_bounded_and_spread(void **state) {
    (void)state;
    static const int32_t capacities[] = {RETENTION_LEAST, 7, 20, 300};
    made *m = malloc(sizeof *m);
    for (size_t i = 0; i < sizeof capacities / sizeof *capacities; i++) {
        trm_rng rng;
        trm_rng_seed(&rng, i, 1);
        *m = (made){.first = -1, .best = -1, .worst = -1};
        trm_retention_init(&m->retention, capacities[i]);
        for (int64_t epoch = 0; epoch < LENGTH / less(); epoch++) {
            // Exact answers come late, and rarely.
            const uint32_t exact = trm_rng_below(&rng, epoch < 50 ? 1 : 4);
            const trm_score s = {.exact_accuracy = exact / 1e6,
                                 .cell_accuracy = trm_rng_below(&rng, 1000000) / 1e6};
            offer(m, epoch, &s);
            assert_true(m->count <= capacities[i]);
            assert_true(m->there[0] && m->there[epoch]);
            assert_true(m->there[m->best] && m->there[m->worst]);
            assert_true(m->first < 0 || m->there[m->first]);
            int64_t gap = 0, most = 0;
            for (int64_t k = 0; k <= epoch; k++) {
                gap = m->there[k] ? 0 : gap + 1;
                most = gap > most ? gap : most;
            }
            assert_true(most <= 4 * (epoch / (capacities[i] - RETENTION_ROLES + 1) + 1));
        }
        assert_true(3 * m->count >= capacities[i]);
    }
    free(m);
}

// ---- what is kept -------------------------------------------------------------------------------

// The weights that answered after each epoch, and how many cells they got right.
typedef struct kept_epoch {
    float *weights;
    int32_t right[8];
    int64_t updates;
} kept_epoch;

static void keep_epoch(kept_epoch *k, trm_course *course) {
    const trm_dataset *d = trm_course_data(course, TRM_SET_VALIDATION);
    const trm_params *p = trm_model_params_const(trm_course_model_const(course));
    int32_t *classes = malloc((size_t)d->positions * sizeof *classes);
    k->weights = malloc((size_t)p->size * sizeof *k->weights);
    k->updates = trm_course_count(course).updates;
    trm_course_weights(course, k->weights);
    for (int32_t i = 0; i < 8; i++) {
        k->right[i] = 0;
        trm_course_answer(course, d->inputs + (int64_t)i * d->state_dim, classes);
        for (int32_t c = 0; c < d->positions; c++)
            k->right[i] += classes[c] == d->targets[(int64_t)i * d->positions + c];
    }
    free(classes);
}

// Runs and records so many epochs, keeping what the record is to hold.
static void run_and_keep(const trm_config *c, const char *path, int32_t epochs, kept_epoch *kept) {
    trm_error e;
    trm_advance a;
    trm_rundir *r = trm_rundir_create(c, path, &e);
    trm_trainer_hooks h = trm_rundir_hooks(r, c);
    trm_course *course = new_course(c);
    for (int32_t i = 0; i < epochs; i++) {
        assert_int_equal(trm_course_advance(course, NULL, &a, &e), TRM_UPDATE_DONE);
        assert_true(h.advance(h.ctx, course, &a, 1, &e));
        keep_epoch(&kept[i], course);
    }
    assert_true(h.checkpoint(h.ctx, course, &(trm_saving){.final = true, .seconds = 1}, &e));
    trm_course_free(course);
    trm_rundir_close(r);
}

static void assert_sample(trm_record *r, const trm_dataset *d, int32_t i, int32_t k,
                          const kept_epoch *then) {
    trm_error e;
    trm_record_answer a;
    if (!trm_record_sample(r, i, k, &a, &e))
        fail_msg("%s", e.message);
    assert_int_equal(a.sample, k);
    assert_int_equal(a.cells, d->positions);
    assert_int_equal(a.right, then->right[k]);
    assert_int_equal(a.exact, a.right == a.cells);
    assert_memory_equal(a.input, d->inputs + (int64_t)k * d->state_dim,
                        (size_t)d->state_dim * sizeof *a.input);
    assert_memory_equal(a.target, d->targets + (int64_t)k * d->positions,
                        (size_t)d->positions * sizeof *a.target);
    trm_board board = {0};
    if (d->geometry.rows > 0)
        trm_dataset_board(d, k, &board);
    assert_int_equal(a.board.rows, board.rows);
    assert_int_equal(a.board.cols, board.cols);
}

static void assert_moments(const trm_config *c, const char *path, const kept_epoch *kept) {
    trm_error e;
    trm_course *fresh = new_course(c);
    const trm_dataset *d = trm_course_data(fresh, TRM_SET_VALIDATION);
    trm_record *r = open_record(path);
    trm_model *m = trm_record_model(r, &e);
    trm_agent agent;
    trm_agent_init(&agent, trm_record_env(r), m);
    const trm_params *p = trm_model_params_const(m);
    assert_int_equal(trm_record_unit(r), TRM_UNIT_EPOCH);
    assert_null(trm_record_env(r));
    for (int32_t i = 0; i < trm_record_count(r); i++) {
        const trm_moment *moment = trm_record_moment(r, i);
        const kept_epoch *then = &kept[moment->number];
        assert_int_equal(moment->update, then->updates);
        assert_int_equal(moment->count, 8);
        if (!trm_record_weights(r, i, m, &e) || !trm_record_check(r, i, &agent, &e))
            fail_msg("%s", e.message);
        assert_memory_equal(p->values, then->weights, (size_t)p->size * sizeof(float));
        for (int32_t k = 0; k < moment->count; k++)
            assert_sample(r, d, i, k, then);
        assert_int_equal(trm_record_at(r, moment->number), i);
    }
    trm_agent_done(&agent);
    trm_model_free(m);
    trm_record_free(r);
    trm_course_free(fresh);
}

// What a moment holds is what the course was then, whatever it answers and however it learns.
static void moments_are_as_the_course_was(void **state) {
    (void)state;
    enum { EPOCHS = 6 };
    const trm_config configs[] = {
        small_training(BY_EPOCHS, "seed=3"),
        small_training(BY_EPOCHS, "train.ema=0.9"),
        small_training(BY_EPOCHS, "train.threads=2"),
        CONFIG("sudoku-4-peer", "data.train=24", "data.validation=12", "data.test=12",
               "train.batch=12", "train.epochs=100"),
        CONFIG("baseline", "data.train=24", "data.validation=12", "data.test=12", "train.batch=12",
               "train.epochs=100"),
    };
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
        char name[16];
        kept_epoch kept[EPOCHS];
        snprintf(name, sizeof name, "run-%zu", i);
        run_and_keep(&configs[i], temp_path(name), EPOCHS, kept);
        assert_moments(&configs[i], temp_path(name), kept);
        for (int32_t k = 0; k < EPOCHS; k++)
            free(kept[k].weights);
    }
}

// Another moment's weights are not taken for this one's.
static void exchanged_weights_are_found(void **state) {
    (void)state;
    trm_error e;
    const trm_config c = CONFIG("sudoku-4-tiny", "data.train=24", "data.validation=12",
                                "data.test=12", "train.batch=12", "train.epochs=100");
    run_until(&c, temp_path("run"), 10, NULL);
    trm_record *r = open_record(temp_path("run"));
    trm_model *m = trm_record_model(r, &e);
    trm_agent agent;
    trm_agent_init(&agent, trm_record_env(r), m);
    int32_t found = 0;
    for (int32_t i = 0; i < trm_record_count(r); i++) {
        const trm_moment *a = trm_record_moment(r, i), *b = trm_record_moment(r, 0);
        assert_true(trm_record_weights(r, i, m, &e));
        const bool same = memcmp(a->right, b->right, (size_t)a->count * sizeof *a->right) == 0;
        const bool passes = trm_record_check(r, 0, &agent, &e);
        assert_true(passes || !same);
        if (!passes) {
            assert_error(&e, TRM_E_INPUT, "epoch 0, sample ", "cells right, not ", NULL);
            found++;
        }
    }
    assert_true(found > 0);
    trm_agent_done(&agent);
    trm_model_free(m);
    trm_record_free(r);
}

static void fewer_samples_than_are_kept(void **state) {
    (void)state;
    const trm_config c = small_training(BY_EPOCHS, "data.validation=3");
    run_until(&c, temp_path("run"), 4, NULL);
    trm_record *r = open_record(temp_path("run"));
    assert_int_equal(trm_record_moment(r, 0)->count, 3);
    assert_int_equal(trm_record_steps(r), 12);
    trm_record_free(r);
}

// The marks, the curve and the weights of the end.
static void a_supervised_record_tells_its_course(void **state) {
    (void)state;
    enum { EPOCHS = 30 };
    trm_error e;
    int64_t update;
    const trm_config c = small_training(BY_EPOCHS, "train.lr=0.05");
    run_until(&c, temp_path("run"), EPOCHS, NULL);
    trm_record *r = open_record(temp_path("run"));
    trm_model *m = trm_record_model(r, &e), *last = trm_record_model(r, &e);
    trm_history *h = malloc(sizeof *h);
    assert_true(trm_record_history(r, h, &e));
    assert_int_equal(h->epochs.count, EPOCHS);
    assert_int_equal(trm_record_count(r), EPOCHS);
    assert_int_equal(trm_record_marked(r, TRM_MARK_LONGEST), -1);
    float best = 0;
    for (int32_t i = 0; i < EPOCHS; i++)
        best = fmaxf(best, h->epochs.exact[i]);
    const int32_t marked = trm_record_marked(r, TRM_MARK_BEST);
    assert_true((float)trm_record_moment(r, marked)->score.exact_accuracy >= best);
    assert_true((trm_record_marked(r, TRM_MARK_FIRST_SUCCESS) >= 0) == (best > 0));
    assert_true(trm_record_newest(r, m, &update, &e));
    assert_int_equal(update, 2 * EPOCHS);
    assert_true(trm_record_weights(r, EPOCHS - 1, last, &e));
    const trm_params *p = trm_model_params_const(m);
    assert_memory_equal(p->values, trm_model_params_const(last)->values,
                        (size_t)p->size * sizeof(float));
    free(h);
    trm_model_free(m);
    trm_model_free(last);
    trm_record_free(r);
}

// ---- stopped and resumed ------------------------------------------------------------------------

static trm_config thinned(training_kind kind) {
    return kind == BY_EPISODES
               ? CONFIG("maze-mlp", "run.record_mib=1", "model.hidden=100", "seed=3")
               : CONFIG(SUPERVISED, "run.record_mib=1", "model.hidden=128", "model.sup_steps=1",
                        "seed=3");
}

// Saves after `saved` and goes on to `length` without, as one that is killed does.
static void run_killed(const trm_config *c, const char *path, int64_t saved, int64_t length) {
    trm_error e;
    trm_advance a;
    trm_rundir *r = trm_rundir_create(c, path, &e);
    trm_trainer_hooks h = trm_rundir_hooks(r, c);
    trm_course *course = new_course(c);
    while (trm_course_count(course).done < length) {
        assert_int_equal(trm_course_advance(course, NULL, &a, &e), TRM_UPDATE_DONE);
        assert_true(h.advance(h.ctx, course, &a, 1, &e));
        if (trm_course_count(course).done == saved)
            assert_true(
                h.checkpoint(h.ctx, course, &(trm_saving){.final = false, .seconds = 1}, &e));
    }
    trm_course_free(course);
    trm_rundir_close(r);
}

static void a_resumed_record_is_that_of_one_run(void **state) {
    (void)state;
    static const struct {
        int64_t saved, length;
    } cases[] = {{1, 2}, {5, 5}, {12, 13}, {12, 40}, {33, 59}};
    const size_t each = less() > 1 ? 4 : 1;
    for (training_kind kind = 0; kind < TRAINING_KINDS; kind++) {
        const trm_config c = thinned(kind);
        char whole[16], name[16], note[256];
        snprintf(whole, sizeof whole, "whole-%d", (int)kind);
        run_until(&c, temp_path(whole), 60, NULL);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i += each) {
            snprintf(name, sizeof name, "cut-%d-%zu", (int)kind, i);
            run_killed(&c, temp_path(name), cases[i].saved, cases[i].length);
            go_on_until(temp_path(name), 60, note, sizeof note);
            assert_same_record(temp_path(whole), temp_path(name));
            assert_same_file(temp_path(whole), temp_path(name), "checkpoint.safetensors");
        }
    }
}

// The last epoch's moment gave way to later ones that are gone: that is not worth a word.
static void the_last_epoch_is_not_lacking(void **state) {
    (void)state;
    char note[256];
    const trm_config c = thinned(BY_EPOCHS);
    run_killed(&c, temp_path("run"), 36, 40);
    go_on_until(temp_path("run"), 36, note, sizeof note);
    assert_null(strstr(note, "lack"));
    // With nothing left to do, all stays as it was.
    run_until(&c, temp_path("done"), 37, NULL);
    assert_true(trm_rundir_copy(temp_path("done"), temp_path("copy"), NULL));
    go_on_until(temp_path("done"), 37, note, sizeof note);
    assert_string_equal(note, "");
    assert_same_record(temp_path("done"), temp_path("copy"));
}

// A run of before there were such records goes on, and has one from there on.
static void a_run_without_record_gets_one(void **state) {
    (void)state;
    trm_error e;
    char note[256];
    trm_config c = small_training(BY_EPOCHS, "run.record_mib=0");
    run_until(&c, temp_path("run"), 4, NULL);
    c.record_mib = trm_config_default().record_mib;
    char *text = trm_config_print(&c);
    write_text(temp_path("run/config.json"), text);
    free(text);
    assert_null(trm_record_open(temp_path("run"), &e));
    assert_error(&e, TRM_E_INPUT, "before supervised runs kept one", NULL);
    go_on_until(temp_path("run"), 9, note, sizeof note);
    assert_string_equal(note, "episodes.jsonl and weights lack 4 moments of the run's course");
    trm_record *r = open_record(temp_path("run"));
    assert_int_equal(trm_record_count(r), 5);
    assert_int_equal(trm_record_moment(r, 0)->number, 4);
    trm_record_free(r);
}

#define TEMP(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(epochs_are_bounded_and_spread),
        TEMP(moments_are_as_the_course_was),
        TEMP(exchanged_weights_are_found),
        TEMP(fewer_samples_than_are_kept),
        TEMP(a_supervised_record_tells_its_course),
        TEMP(a_resumed_record_is_that_of_one_run),
        TEMP(the_last_epoch_is_not_lacking),
        TEMP(a_run_without_record_gets_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
