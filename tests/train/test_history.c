// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>

#include "../support/check.h"
#include "trm/base/arena.h"
#include "trm/train/history.h"

static trm_history *history_of(int64_t episodes, int64_t peak) {
    trm_history *h = trm_alloc(1, sizeof *h);
    trm_history_init(h);
    for (int64_t i = 0; i < episodes; i++) {
        float reward = i == peak ? 1000.0f : (float)(i % 7);
        trm_history_add(
            h, &(trm_episode){
                   .episode = i, .step = 10 * (i + 1), .reward = reward, .success = reward > 5});
    }
    return h;
}

static void test_short_runs_keep_every_episode(void **state) {
    (void)state;
    trm_history *h = history_of(TRM_HISTORY_POINTS, 3);
    assert_int_equal(h->width, 1);
    assert_int_equal(h->count, TRM_HISTORY_POINTS);
    for (int32_t i = 0; i < h->count; i++) {
        assert_int_equal(h->points[i].episode, i);
        assert_int_equal(h->points[i].count, 1);
    }
    assert_true(h->points[3].max == 1000);
    free(h);
}

static void test_long_runs_are_thinned_and_lose_no_extreme(void **state) {
    (void)state;
    enum { EPISODES = 100000, PEAK = 33333 };
    trm_history *h = history_of(EPISODES, PEAK);
    int64_t episodes = 0;
    double sum = 0;
    float max = -INFINITY, min = INFINITY;
    assert_in_range(h->count, TRM_HISTORY_POINTS / 2, TRM_HISTORY_POINTS);
    for (int32_t i = 0; i < h->count; i++) {
        assert_int_equal(h->points[i].episode, episodes);
        episodes += h->points[i].count;
        sum += h->points[i].sum;
        max = fmaxf(max, h->points[i].max);
        min = fminf(min, h->points[i].min);
        if (h->points[i].episode <= PEAK && PEAK < episodes)
            assert_true(h->points[i].max == 1000);
    }
    double want = 1000 - PEAK % 7;
    for (int64_t i = 0; i < EPISODES; i++)
        want += (double)(i % 7);
    assert_int_equal(episodes, EPISODES);
    assert_true(sum == want);
    assert_true(max == 1000 && min == 0);
    assert_int_equal(h->best_episode, PEAK);
    assert_int_equal(h->first_success, 6);
    free(h);
}

static void test_the_window_is_the_last_fifty(void **state) {
    (void)state;
    trm_history *h = history_of(0, -1);
    assert_true(isnan(trm_history_last(h)) && isnan(trm_history_mean50(h)) &&
                isnan(trm_history_success50(h)));
    free(h);
    h = history_of(3, -1);
    assert_true(trm_history_mean50(h) == 1.0f);
    free(h);
    h = history_of(500, -1);
    double sum = 0, successes = 0;
    for (int i = 450; i < 500; i++) {
        sum += i % 7;
        successes += i % 7 > 5;
    }
    assert_true(trm_history_last(h) == 499 % 7);
    assert_true(fabs((double)trm_history_mean50(h) - sum / 50) < 1e-5);
    assert_true(fabs((double)trm_history_success50(h) - successes / 50) < 1e-6);
    free(h);
}

// However many points come, a list stays within its size, rising, and its means stay true.
static void test_curves_of_epochs_thin_out(void **state) {
    (void)state;
    static trm_history h;
    enum { N = 5000 };
    trm_history_init(&h);
    for (int32_t i = 1; i <= N; i++) {
        trm_history_add_batch(&h, i, i);
        const trm_epoch epoch = {.epoch = i - 1, .train_loss = i, .score.exact_accuracy = i};
        trm_history_add_epoch(&h, &epoch);
        assert_in_range(h.batches.count, 1, TRM_HISTORY_CURVE);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_runs_keep_every_episode),
        cmocka_unit_test(test_long_runs_are_thinned_and_lose_no_extreme),
        cmocka_unit_test(test_the_window_is_the_last_fifty),
        cmocka_unit_test(test_curves_of_epochs_thin_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
