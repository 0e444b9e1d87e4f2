// SPDX-License-Identifier: Apache-2.0
// Pieces of work that several ranks take, which are threads here: comparisons, measurements and
// evaluations give what one process gives.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/ranks.h"
#include "support.h"
#include "trm/run/cluster.h"
#include "trm/run/compare.h"
#include "trm/run/course.h"
#include "trm/run/evaluate.h"
#include "trm/run/reproduce.h"

static const int counts[] = {1, 2, 3, 5};
enum { COUNTS = sizeof counts / sizeof *counts };

// body on rank 0, with the others at its service.
typedef struct part {
    void (*body)(trm_peers *p, void *ctx);
    void *ctx;
} part;

static void lead(trm_peers *p, void *ctx) {
    const part *x = ctx;
    if (p->rank > 0) {
        trm_cluster_serve(p);
        return;
    }
    x->body(p, x->ctx);
    trm_cluster_dismiss(p);
}

static void with_ranks(int count, void (*body)(trm_peers *p, void *ctx), void *ctx) {
    ranks_run(count, lead, &(part){body, ctx});
}

// ---- comparisons --------------------------------------------------------------------------------

enum { CONFIGS = 2, SEEDS = 3 };

typedef struct comparison {
    trm_config configs[CONFIGS];
    trm_compare_request request;
    trm_compare_run runs[CONFIGS][SEEDS]; // by one process
    trm_history histories[CONFIGS][SEEDS];
} comparison;

static void set_up(comparison *x, const char *preset, const char *const *words) {
    static const char *const labels[] = {"one", "other"};
    trm_error e = {0};
    for (int i = 0; i < CONFIGS; i++) {
        assert_true(trm_config_preset(&x->configs[i], preset, &e));
        for (int w = 0; words[w]; w++)
            if (!trm_config_override(&x->configs[i], words[w], &e))
                fail_msg("%s", e.message);
        x->configs[i].train.lr *= i == 0 ? 1 : 2;
    }
    x->request = (trm_compare_request){.count = CONFIGS,
                                       .configs = x->configs,
                                       .labels = labels,
                                       .seeds = SEEDS,
                                       .seed_first = -1,
                                       .threads = 1};
}

static trm_compare *finish(const comparison *x, trm_peers *p, int32_t threads) {
    trm_compare_request q = x->request;
    trm_error e = {0};
    q.peers = p;
    q.threads = threads;
    trm_compare *c = trm_compare_new(&q, &e);
    if (!c || !trm_compare_start(c, &e))
        fail_msg("%s", e.message);
    while (!trm_compare_over(c))
        ;
    trm_compare_join(c);
    return c;
}

static void assert_same_run(trm_compare_run a, trm_compare_run b) {
    a.seconds = b.seconds = a.reached_seconds = b.reached_seconds = 0;
    assert_int_equal(a.state, TRM_COMPARE_DONE);
    assert_int_equal(a.config, b.config);
    assert_int_equal(a.seed, b.seed);
    assert_int_equal(a.state, b.state);
    assert_int_equal(a.steps, b.steps);
    assert_int_equal(a.episodes, b.episodes);
    assert_int_equal(a.reached_episode, b.reached_episode);
    assert_memory_equal(&a.mean50, &b.mean50, sizeof a.mean50);
    assert_memory_equal(&a.validation_cells, &b.validation_cells, sizeof a.validation_cells);
    assert_memory_equal(&a.test_cells, &b.test_cells, sizeof a.test_cells);
    assert_memory_equal(&a.test_exact, &b.test_exact, sizeof a.test_exact);
}

static void compare_together(trm_peers *p, void *ctx) {
    const comparison *x = ctx;
    trm_compare *c = finish(x, p, p->count == 2 ? 2 : 1);
    static trm_compare_course curve;
    for (int32_t i = 0; i < CONFIGS; i++)
        for (int32_t n = 0; n < SEEDS; n++) {
            trm_compare_run r;
            trm_compare_get(c, i, n, &r);
            trm_compare_get_course(c, i, n, &curve);
            assert_same_run(r, x->runs[i][n]);
            assert_memory_equal(&curve.history, &x->histories[i][n], sizeof curve.history);
        }
    trm_compare_free(c);
}

static void test_compared(const char *preset, const char *const *words) {
    static comparison x;
    static trm_compare_course curve;
    set_up(&x, preset, words);
    trm_compare *alone = finish(&x, NULL, 2);
    for (int32_t i = 0; i < CONFIGS; i++)
        for (int32_t n = 0; n < SEEDS; n++) {
            trm_compare_get(alone, i, n, &x.runs[i][n]);
            trm_compare_get_course(alone, i, n, &curve);
            x.histories[i][n] = curve.history;
        }
    trm_compare_free(alone);
    assert_true(isnan(x.runs[0][0].validation_cells)
                    ? x.runs[0][0].mean50 != x.runs[0][1].mean50
                    : x.runs[0][0].validation_cells != x.runs[0][1].validation_cells);
    for (int i = 0; i < COUNTS; i++)
        with_ranks(counts[i], compare_together, &x);
}

static void test_comparisons_are_those_of_one_process(void **state) {
    (void)state;
    test_compared("maze-batch",
                  (const char *const[]){"train.episodes=64", "env.size=3", "model.h_dim=8", NULL});
    test_compared("sudoku-4-tiny", (const char *const[]){"data.train=40", "data.validation=16",
                                                         "data.test=16", "train.epochs=2", NULL});
}

// Far from its end, whatever the ranks are at.
static void stop_in_between(trm_peers *p, void *ctx) {
    trm_compare_request q = ((const comparison *)ctx)->request;
    trm_error e = {0};
    trm_compare_run r = {0};
    q.peers = p;
    trm_compare *c = trm_compare_new(&q, &e);
    assert_non_null(c);
    assert_true(trm_compare_start(c, &e));
    // told of by another rank, or so far here
    for (int32_t n = 0; r.updates < 3; n = (n + 1) % SEEDS)
        trm_compare_get(c, n % CONFIGS, n, &r);
    trm_compare_pause(c, true);
    trm_compare_pause(c, false);
    trm_compare_stop(c);
    trm_compare_join(c);
    trm_compare_get(c, 0, 0, &r);
    assert_int_equal(r.state, TRM_COMPARE_STOPPED);
    trm_compare_free(c);
    trm_compare_free(trm_compare_new(&q, &e)); // and one that never begins
}

static void test_a_comparison_is_stopped_on_all_ranks(void **state) {
    (void)state;
    static comparison x;
    set_up(&x, "maze-batch",
           (const char *const[]){"train.episodes=1000000000", "env.size=3", "model.h_dim=8", NULL});
    with_ranks(3, stop_in_between, &x);
}

static void refuse(trm_peers *p, void *ctx) {
    trm_compare_request q = ((const comparison *)ctx)->request;
    trm_error e = {0};
    q.peers = p;
    assert_null(trm_compare_new(&q, &e));
    assert_non_null(strstr(e.message, "nowhere"));
}

static void test_what_is_refused_leaves_all_ready(void **state) {
    (void)state;
    static comparison x;
    set_up(&x, "maze11", (const char *const[]){"env.mazes=nowhere", NULL});
    with_ranks(3, refuse, &x);
}

// ---- measurements -------------------------------------------------------------------------------

enum { TASKS = 3 };

static const trm_claim *claim_of(trm_claim_kind kind) {
    int32_t i = 0;
    while (trm_claim_at(i)->kind != kind)
        i++;
    return trm_claim_at(i);
}

typedef struct measured {
    trm_measure_task tasks[TASKS];
    int ended;
} measured;

static void count_ended(void *ctx, const trm_measure_task *task) {
    ((measured *)ctx)->ended += task->seeds_done > 0;
}

static void measure(trm_peers *p, measured *m) {
    trm_error e = {0};
    const trm_claim *data = claim_of(TRM_CLAIM_DATA), *sizes = claim_of(TRM_CLAIM_PARAMETERS);
    const trm_measure_watch watch = {.ended = count_ended, .ctx = m};
    *m = (measured){.tasks = {{.claim = sizes, .preset = sizes->as_is, .seeds = 2},
                              {.claim = claim_of(TRM_CLAIM_ACCURACY),
                               .preset = claim_of(TRM_CLAIM_ACCURACY)->as_is,
                               .seeds = 2,
                               .epochs = 1},
                              {.claim = data, .preset = data->as_is, .seeds = 3}},
                    .ended = 0};
    if (!trm_claims_measure(m->tasks, TASKS, p, 2, &watch, &e))
        fail_msg("%s", e.message);
    assert_int_equal(m->ended, 1 + 2 + 3);
}

static void measure_together(trm_peers *p, void *ctx) {
    const measured *alone = ctx;
    measured mine;
    measure(p, &mine);
    for (int i = 0; i < TASKS; i++) {
        const trm_measure *a = &alone->tasks[i].result, *b = &mine.tasks[i].result;
        assert_true(mine.tasks[i].done);
        assert_memory_equal(a->value, b->value, sizeof a->value);
        assert_memory_equal(a->cells, b->cells, sizeof a->cells);
    }
}

static void test_measurements_are_those_of_one_process(void **state) {
    (void)state;
    static measured alone;
    measure(NULL, &alone);
    with_ranks(3, measure_together, &alone);
}

static bool never(void *ctx) {
    (void)ctx;
    return false;
}

static void measure_nothing(trm_peers *p, void *ctx) {
    trm_error e = {0};
    const trm_claim *data = claim_of(TRM_CLAIM_DATA);
    trm_measure_task task = {.claim = data, .preset = data->as_is, .seeds = 3};
    (void)ctx;
    assert_false(trm_claims_measure(&task, 1, p, 1, &(trm_measure_watch){.go_on = never}, &e));
    assert_error(&e, TRM_E_STOPPED, "interrupted", NULL);
}

static void test_a_measurement_is_stopped(void **state) {
    (void)state;
    with_ranks(2, measure_nothing, NULL);
}

// ---- evaluations --------------------------------------------------------------------------------

enum { EPISODES = 70, SEED = 4 };

typedef struct evaluated {
    trm_course *course;
    const trm_dataset_config *data;
    bool layers, fill, stops;
    trm_evaluation episodes;
    trm_answer_evaluation answers;
    int64_t calls;
} evaluated;

static bool shares_rise(void *ctx, double share) {
    ((evaluated *)ctx)->calls++;
    return share >= 0 && share <= 1;
}

static bool stop_at_once(void *ctx, double share) {
    (void)ctx, (void)share;
    return false;
}

static void evaluate_together(trm_peers *p, void *ctx) {
    evaluated *x = ctx;
    const trm_model *m = trm_course_model(x->course);
    trm_evaluation v;
    trm_error e = {0};
    if (!trm_run_evaluate(p, m, trm_course_env(x->course), EPISODES, SEED, x->stops, NULL, NULL, &v,
                          &e))
        fail_msg("%s", e.message);
    assert_true(fabs(v.entropy - x->episodes.entropy) < 1e-9);
    v.entropy = x->episodes.entropy;
    assert_memory_equal(&v, &x->episodes, sizeof v);
}

static void test_episodes_are_those_of_one_process(void **state) {
    (void)state;
    for (int stops = 0; stops < 2; stops++) {
        evaluated x = {.stops = stops};
        trm_error e = {0};
        trm_config c;
        assert_true(trm_config_preset(&c, "maze-batch", &e));
        assert_true(trm_config_override(&c, "train.halting=true", &e));
        assert_non_null(x.course = trm_run_course(&c, &e));
        trm_evaluate(trm_course_model(x.course), trm_course_env(x.course), EPISODES, SEED, stops,
                     NULL, NULL, &x.episodes);
        assert_int_equal(x.episodes.episodes, EPISODES);
        assert_true(x.episodes.mean_reward != 0 && isnan(x.episodes.mean_cycles) != stops);
        for (int i = 0; i < COUNTS; i++)
            with_ranks(counts[i], evaluate_together, &x);
        trm_course_free(x.course);
    }
}

static void assert_same_answers(const trm_answer_evaluation *a, const trm_answer_evaluation *b) {
    const trm_step_evaluation *x = &a->by_step, *y = &b->by_step;
    assert_int_equal(a->samples, b->samples);
    assert_memory_equal(&a->fill_exact, &b->fill_exact, sizeof a->fill_exact);
    assert_memory_equal(&a->fill_rounds, &b->fill_rounds, sizeof a->fill_rounds);
    assert_memory_equal(&x->score, &y->score, sizeof x->score);
    assert_int_equal(x->distinct, y->distinct);
    assert_int_equal(x->paths, y->paths);
    assert_memory_equal(&x->stop_exact, &y->stop_exact, sizeof x->stop_exact);
    assert_memory_equal(&x->stop_steps, &y->stop_steps, sizeof x->stop_steps);
    assert_int_equal(x->steps, y->steps);
    for (int32_t i = 0; i < x->steps; i++)
        assert_memory_equal(&x->step[i], &y->step[i], sizeof x->step[i]);
}

static void answer_together(trm_peers *p, void *ctx) {
    evaluated *x = ctx;
    static trm_answer_evaluation mine;
    trm_error e = {0};
    if (!trm_run_evaluate_answers(p, trm_course_model(x->course), x->data,
                                  trm_course_data(x->course, TRM_SET_TEST), x->layers, x->fill,
                                  shares_rise, x, &mine, &e))
        fail_msg("%s", e.message);
    assert_true(x->calls > 0);
    assert_same_answers(&mine, &x->answers);
    assert_false(trm_run_evaluate_answers(p, trm_course_model(x->course), x->data,
                                          trm_course_data(x->course, TRM_SET_TEST), x->layers,
                                          x->fill, stop_at_once, NULL, &mine, &e));
    assert_int_equal(e.code, TRM_E_STOPPED);
}

static void test_answers_are_those_of_one_process(void **state) {
    (void)state;
    static const struct {
        const char *preset;
        bool layers, fill;
    } kinds[] = {{"sudoku-4-tiny", false, true},
                 {"sudoku-4-tiny", true, false},
                 {"mazes-8-fixed-trm", true, false},
                 {"paper-sudoku-4", false, false}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        evaluated x = {.layers = kinds[k].layers, .fill = kinds[k].fill};
        trm_error e = {0};
        trm_config c;
        assert_true(trm_config_preset(&c, kinds[k].preset, &e));
        c.data.train = c.data.validation = c.train.batch = 16;
        c.data.test = 40;
        const trm_dataset_config data = trm_config_data(&c);
        x.data = &data;
        if (!(x.course = trm_run_course(&c, &e)))
            fail_msg("%s: %s", kinds[k].preset, e.message);
        assert_true(trm_evaluate_answers(trm_course_model(x.course),
                                         trm_course_data(x.course, TRM_SET_TEST), x.layers, x.fill,
                                         NULL, NULL, NULL, &x.answers));
        with_ranks(counts[k % COUNTS], answer_together, &x);
        with_ranks(3, answer_together, &x);
        trm_course_free(x.course);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparisons_are_those_of_one_process),
        cmocka_unit_test(test_a_comparison_is_stopped_on_all_ranks),
        cmocka_unit_test(test_what_is_refused_leaves_all_ready),
        cmocka_unit_test(test_measurements_are_those_of_one_process),
        cmocka_unit_test(test_a_measurement_is_stopped),
        cmocka_unit_test(test_episodes_are_those_of_one_process),
        cmocka_unit_test(test_answers_are_those_of_one_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
