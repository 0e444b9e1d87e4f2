// SPDX-License-Identifier: Apache-2.0
// Returns, their normalisation and both losses against the original's numbers.
#include <math.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "../support/check.h"
#include "train/returns.h"
#include "trm/base/file.h"
#include "trm/base/text.h"

enum { LONGEST = 4096 };

typedef struct series {
    float x[LONGEST];
    int32_t n;
} series;

static series series_of(const cJSON *entry, const char *name) {
    static series s;
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(entry, name), *item;
    assert_true(cJSON_IsArray(array));
    s.n = 0;
    cJSON_ArrayForEach(item, array) {
        assert_true(cJSON_IsNumber(item) && s.n < LONGEST);
        s.x[s.n++] = (float)item->valuedouble;
    }
    return s;
}

static float number_of(const cJSON *entry, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(entry, name);
    assert_true(cJSON_IsNumber(item));
    return (float)item->valuedouble;
}

// -mean(log_prob * weight); near zero the original's is rounding noise, so the scale is absolute.
static void check_loss(const char *what, const series *log_probs, const float *weights,
                       float want) {
    double loss = 0;
    for (int32_t t = 0; t < log_probs->n; t++)
        loss -= (double)log_probs->x[t] * (double)weights[t] / log_probs->n;
    if (!(fabs(loss - (double)want) <= 1e-5))
        fail_msg("%s: got %.9g, want %.9g", what, loss, (double)want);
}

static void check_entry(const cJSON *entry) {
    series rewards = series_of(entry, "rewards"), returns = series_of(entry, "returns");
    series normalised = series_of(entry, "normalised"), log_probs = series_of(entry, "log_probs");
    float x[LONGEST];
    trm_returns_discount(x, rewards.x, rewards.n, number_of(entry, "gamma"));
    check_close("returns", x, returns.x, returns.n, 1e-5);
    trm_returns_normalise(x, rewards.n);
    check_close("normalised", x, normalised.x, normalised.n, 1e-5);
    check_loss("loss", &log_probs, x, number_of(entry, "loss_corrected"));
    trm_returns_broadcast(x, rewards.n);
    check_loss("broadcast loss", &log_probs, x, number_of(entry, "loss_broadcast"));
}

static void test_the_originals_returns_and_losses(void **state) {
    (void)state;
    char path[4096], *text;
    size_t size;
    trm_error e = {0};
    trm_text_format(path, sizeof path, "%s/returns.json", check_fixtures());
    if (!trm_file_read(path, 64 << 20, &text, &size, &e))
        fail_msg("%s", e.message);
    cJSON *all = cJSON_Parse(text), *entry;
    assert_true(cJSON_IsArray(all) && cJSON_GetArraySize(all) > 0);
    cJSON_ArrayForEach(entry, all) {
        check_entry(entry);
    }
    cJSON_Delete(all);
    free(text);
}

static void test_a_constant_or_single_return_is_left_alone(void **state) {
    (void)state;
    float one[] = {3}, same[] = {2, 2, 2};
    trm_returns_normalise(one, 1);
    trm_returns_normalise(same, 3);
    assert_true(one[0] == 3 && same[0] == 2 && same[2] == 2);
}

static void test_running_baseline_forgets_at_its_rate(void **state) {
    (void)state;
    trm_baseline b = {0};
    trm_baseline_update(&b, 10, 104, 0.1f);
    float x[] = {12, 10, 8};
    trm_baseline_apply(&b, x, 3);
    assert_true(fabsf(x[0] - 1) < 1e-4f && fabsf(x[1]) < 1e-6f && fabsf(x[2] + 1) < 1e-4f);
    trm_baseline_update(&b, 20, 400, 0.1f);
    assert_true(fabs(b.mean - 15) < 1e-12); // two so far: they count alike
    for (int i = 0; i < 8; i++)
        trm_baseline_update(&b, 15, 300, 0.1f);
    double before = b.mean;
    trm_baseline_update(&b, before + 10, 300, 0.1f);
    assert_true(fabs(b.mean - before - 1) < 1e-6);
}

static void test_no_deviation_does_not_blow_up(void **state) {
    (void)state;
    trm_baseline b = {0};
    float x[] = {4, 4};
    trm_baseline_update(&b, 4, 16, 0.1f);
    trm_baseline_apply(&b, x, 2);
    assert_true(x[0] == 0 && x[1] == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_originals_returns_and_losses),
        cmocka_unit_test(test_a_constant_or_single_return_is_left_alone),
        cmocka_unit_test(test_running_baseline_forgets_at_its_rate),
        cmocka_unit_test(test_no_deviation_does_not_blow_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
