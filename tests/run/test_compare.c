// SPDX-License-Identifier: Apache-2.0
// Comparisons: every run is the one that a learner alone would make, however many threads there
// are; what is told of it is right; it can be paused and stopped.
#include <math.h>
#include <string.h>

#include "support.h"
#include "trm/base/clock.h"
#include "trm/run/compare.h"
#include "trm/train/course.h"

enum { SEEDS = 3, WAIT_SECONDS = 120 };

typedef struct setup {
    trm_config configs[2];
    const char *labels[2];
    trm_compare_request request;
} setup;

// A small maze, with both networks.
static void set_up(setup *s) {
    for (int i = 0; i < 2; i++) {
        trm_config *c = &s->configs[i];
        *c = trm_config_default();
        c->env.size = 3;
        c->model.h_dim = 8;
        c->model.l_dim = 4;
        c->model.k_cycles = 2;
        c->train.episodes = 70;
        c->seed = 5;
    }
    memcpy(s->configs[1].model.type, "mlp", 4);
    s->configs[1].train.envs = 4;
    s->labels[0] = "trm";
    s->labels[1] = "plain";
    s->request = (trm_compare_request){.count = 2,
                                       .configs = s->configs,
                                       .labels = s->labels,
                                       .seeds = SEEDS,
                                       .seed_first = -1,
                                       .threads = 2};
}

static trm_compare *new_compare(const setup *s) {
    trm_error e = {0};
    trm_compare *c = trm_compare_new(&s->request, &e);
    if (c == NULL)
        fail_msg("%s", e.message);
    return c;
}

static void start(trm_compare *c) {
    trm_error e = {0};
    if (!trm_compare_start(c, &e))
        fail_msg("%s", e.message);
}

static void finish(trm_compare *c) {
    start(c);
    trm_compare_join(c);
    assert_true(trm_compare_over(c));
}

// The same run by a course alone.
static void train_alone(const trm_config *c, int64_t seed, trm_history *h, int64_t *steps) {
    trm_config k = *c;
    k.seed = seed;
    trm_course *course = new_course(&k);
    trm_history_init(h);
    while (!trm_course_done(course)) {
        trm_advance a;
        trm_error e = {0};
        assert_int_equal(trm_course_advance(course, NULL, &a, &e), TRM_UPDATE_DONE);
        for (int32_t i = 0; i < a.update.count; i++)
            trm_history_add(h, &a.update.episodes[i]);
    }
    *steps = trm_course_count(course).steps;
    trm_course_free(course);
}

static void assert_same_history(const trm_history *a, const trm_history *b) {
    assert_int_equal(a->episodes, b->episodes);
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->successes, b->successes);
    for (int32_t i = 0; i < a->count; i++) {
        assert_int_equal(a->points[i].step, b->points[i].step);
        assert_true(a->points[i].sum == b->points[i].sum);
        assert_true(a->points[i].mean50 == b->points[i].mean50);
    }
}

static void assert_as_alone(const trm_compare *c, const setup *s, int32_t config, int32_t seed) {
    static trm_history alone;
    static trm_compare_course course;
    trm_compare_run r;
    int64_t steps;
    trm_compare_get(c, config, seed, &r);
    trm_compare_get_course(c, config, seed, &course);
    assert_int_equal(r.state, TRM_COMPARE_DONE);
    assert_int_equal(r.seed, 5 + seed);
    train_alone(&s->configs[config], r.seed, &alone, &steps);
    assert_same_history(&course.history, &alone);
    assert_int_equal(r.steps, steps);
    assert_int_equal(r.episodes, alone.episodes);
    assert_true(r.mean50 == trm_history_mean50(&alone));
    assert_true(r.success50 == trm_history_success50(&alone));
    assert_int_equal(r.window, trm_history_window(&alone));
    assert_true(r.seconds > 0);
}

static void test_as_a_learner_alone(void **state) {
    (void)state;
    setup s;
    set_up(&s);
    static const int32_t threads[] = {1, 4};
    for (int i = 0; i < 2; i++) {
        s.request.threads = threads[i];
        trm_compare *c = new_compare(&s);
        assert_int_equal(trm_compare_threads(c), threads[i]);
        finish(c);
        for (int32_t k = 0; k < 2; k++)
            for (int32_t n = 0; n < SEEDS; n++)
                assert_as_alone(c, &s, k, n);
        trm_compare_free(c);
    }
}

// Longer than a history has points: the clock of its points is thinned with them.
static void test_clock_of_points(void **state) {
    (void)state;
    setup s;
    set_up(&s);
    s.request.seeds = s.request.count = 1;
    s.configs[0].train.episodes = TRM_HISTORY_POINTS + 300;
    memcpy(s.configs[0].model.type, "mlp", 4);
    trm_compare *c = new_compare(&s);
    finish(c);
    static trm_compare_course course;
    trm_compare_get_course(c, 0, 0, &course);
    const trm_history *h = &course.history;
    assert_int_equal(h->width, 2);
    assert_int_equal(h->episodes, TRM_HISTORY_POINTS + 300);
    for (int32_t i = 1; i < h->count; i++)
        assert_true(course.seconds[i] > course.seconds[i - 1]);
    trm_compare_run r;
    trm_compare_get(c, 0, 0, &r);
    assert_true(course.seconds[h->count - 1] == (float)r.seconds);
    trm_compare_free(c);
}

// The episode at which 98 % were reached is that of the course, and its clock the course's.
static void test_reached(void **state) {
    (void)state;
    setup s;
    set_up(&s);
    trm_error e = {0};
    assert_true(trm_config_preset(&s.configs[0], "maze-mlp", &e));
    s.configs[0].env.size = 3;
    s.configs[0].train.episodes = 1000;
    s.configs[0].seed = 5;
    s.request.count = 1;
    trm_compare *c = new_compare(&s);
    finish(c);
    int32_t reached = 0;
    for (int32_t n = 0; n < SEEDS; n++) {
        static trm_compare_course course;
        trm_compare_run r;
        trm_compare_get(c, 0, n, &r);
        trm_compare_get_course(c, 0, n, &course);
        assert_int_equal(course.history.width, 1);
        int64_t first = -1;
        for (int32_t i = TRM_HISTORY_WINDOW - 1; i < course.history.count && first < 0; i++)
            if (course.history.points[i].success50 > 0.97f)
                first = i + 1;
        assert_int_equal(r.reached_episode, first);
        if (first >= 0) {
            reached++;
            assert_true((float)r.reached_seconds == course.seconds[first - 1]);
        } else {
            assert_true(isnan(r.reached_seconds));
        }
    }
    assert_true(reached > 0);
    trm_compare_summary sum;
    trm_compare_summarise(c, 0, &sum);
    assert_int_equal(sum.reached, reached);
    assert_true(sum.reached_seconds > 0);
    trm_compare_free(c);
}

static void test_summary(void **state) {
    (void)state;
    setup s;
    set_up(&s);
    trm_compare *c = new_compare(&s);
    trm_compare_summary sum;
    trm_compare_summarise(c, 0, &sum);
    assert_int_equal(sum.begun, 0);
    assert_int_equal(sum.episodes, 0);
    assert_true(isnan(sum.success) && isnan(sum.reward) && isnan(sum.reached_seconds));
    finish(c);
    double mean = 0, square = 0;
    for (int32_t n = 0; n < SEEDS; n++) {
        trm_compare_run r;
        trm_compare_get(c, 1, n, &r);
        mean += (double)r.mean50 / SEEDS;
    }
    for (int32_t n = 0; n < SEEDS; n++) {
        trm_compare_run r;
        trm_compare_get(c, 1, n, &r);
        square += ((double)r.mean50 - mean) * ((double)r.mean50 - mean);
    }
    trm_compare_summarise(c, 1, &sum);
    assert_int_equal(sum.done, SEEDS);
    assert_int_equal(sum.begun, SEEDS);
    assert_int_equal(sum.failed, 0);
    assert_int_equal(sum.episodes_total, 70 * SEEDS);
    assert_int_equal(sum.episodes, 72 * SEEDS); // whole updates of 4
    assert_true(fabs(sum.reward - mean) < 1e-9);
    assert_true(square > 0 && fabs(sum.reward_sd - sqrt(square / (SEEDS - 1))) < 1e-9);
    assert_true(sum.steps_per_second > 0);
    trm_compare_free(c);
}

static int64_t episodes(const trm_compare *c) {
    int64_t n = 0;
    for (int32_t i = 0; i < trm_compare_configs(c); i++) {
        trm_compare_summary sum;
        trm_compare_summarise(c, i, &sum);
        n += sum.episodes;
    }
    return n;
}

static void wait_beyond(const trm_compare *c, int64_t before) {
    const double until = trm_clock_now() + WAIT_SECONDS;
    while (episodes(c) <= before)
        assert_true(trm_clock_now() < until);
}

static void test_pause_and_stop(void **state) {
    (void)state;
    setup s;
    set_up(&s);
    s.configs[0].train.episodes = s.configs[1].train.episodes = 10000000;
    trm_compare *c = new_compare(&s);
    trm_compare_pause(c, true);
    start(c);
    assert_int_equal(episodes(c), 0);
    trm_compare_pause(c, false);
    wait_beyond(c, 20);
    trm_compare_pause(c, true);
    trm_compare_pause(c, false);
    wait_beyond(c, episodes(c));
    assert_false(trm_compare_over(c));
    trm_compare_stop(c);
    trm_compare_join(c);
    assert_true(trm_compare_over(c));
    for (int32_t n = 0; n < SEEDS; n++) {
        trm_compare_run r;
        trm_compare_get(c, 0, n, &r);
        assert_int_equal(r.state, TRM_COMPARE_STOPPED);
    }
    trm_compare_free(c);
}

// Stopped while it is paused; and freed without having begun.
static void test_stop_in_pause(void **state) {
    (void)state;
    setup s;
    set_up(&s);
    trm_compare *c = new_compare(&s);
    trm_compare_pause(c, true);
    start(c);
    trm_compare_stop(c);
    trm_compare_join(c);
    assert_int_equal(episodes(c), 0);
    trm_compare_free(c);
    trm_compare_free(new_compare(&s));
    trm_compare_free(NULL);
}

// A run that cannot go on ends by itself; the others do not notice.
static void test_failing_run(void **state) {
    (void)state;
    setup s;
    set_up(&s);
    s.configs[0].train.lr = 1e30f;
    s.configs[0].train.clip = 0;
    trm_compare *c = new_compare(&s);
    finish(c);
    trm_compare_summary sum;
    trm_compare_summarise(c, 0, &sum);
    assert_true(sum.failed > 0);
    trm_compare_run r = {0};
    for (int32_t n = 0; n < SEEDS && r.state != TRM_COMPARE_FAILED; n++)
        trm_compare_get(c, 0, n, &r);
    assert_error(&r.error, TRM_E_NUMERIC, "not finite", NULL);
    trm_compare_summarise(c, 1, &sum);
    assert_int_equal(sum.done, SEEDS);
    trm_compare_free(c);
}

static void refuse(const setup *s, const char *what, const char *label) {
    trm_error e = {0};
    assert_null(trm_compare_new(&s->request, &e));
    assert_error(&e, TRM_E_INPUT, what, label, NULL);
}

static void test_refuses(void **state) {
    (void)state;
    setup s;
    set_up(&s);
    s.configs[1].model.hidden = 1 << 30;
    refuse(&s, "hidden", "plain");
    set_up(&s);
    s.configs[1].train.broadcast_bug = true;
    refuse(&s, "broadcast_bug", "plain");
    set_up(&s);
    s.request.seed_first = ((int64_t)1 << 53) - 2;
    refuse(&s, "seeds", "trm");
}

static void test_labels_and_seeds(void **state) {
    (void)state;
    setup s;
    set_up(&s);
    char longer[200];
    memset(longer, 'x', sizeof longer);
    memcpy(longer + sizeof longer - 5, "\ttail", 5);
    char text[sizeof longer + 1];
    memcpy(text, longer, sizeof longer);
    text[sizeof longer] = '\0';
    s.labels[1] = text;
    s.request.seed_first = 40;
    trm_compare *c = new_compare(&s);
    assert_int_equal(strlen(trm_compare_label(c, 1)), TRM_COMPARE_LABEL - 1);
    assert_non_null(strstr(trm_compare_label(c, 1), "x?tail"));
    for (int32_t n = 0; n < SEEDS; n++) {
        trm_compare_run r;
        trm_compare_get(c, 1, n, &r);
        assert_int_equal(r.seed, 40 + n);
        assert_int_equal(r.state, TRM_COMPARE_WAITING);
    }
    trm_compare_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_a_learner_alone),
        cmocka_unit_test(test_clock_of_points),
        cmocka_unit_test(test_reached),
        cmocka_unit_test(test_summary),
        cmocka_unit_test(test_pause_and_stop),
        cmocka_unit_test(test_stop_in_pause),
        cmocka_unit_test(test_failing_run),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_labels_and_seeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
