// SPDX-License-Identifier: Apache-2.0
// Attention against its definition and central differences, with and without dropout; dropout by
// its rate.
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "../support/check.h"
#include "trm/nn/attention.h"
#include "trm/nn/dropout.h"

enum { P = 7, HEADS = 3, WIDTH = 4, D = HEADS * WIDTH };

static void test_dropout_keeps_the_mean(void **state) {
    (void)state;
    enum { N = 100001 };
    static float x[N], again[N];
    const float rates[] = {0, 0.1f, 0.5f, 0.9f};
    for (int k = 0; k < 4; k++) {
        trm_rng rng, same;
        trm_rng_seed(&rng, 1, (uint64_t)k);
        same = rng;
        for (int i = 0; i < N; i++)
            x[i] = again[i] = 2;
        trm_dropout(x, N, rates[k], &rng);
        int64_t dropped = 0;
        for (int i = 0; i < N; i++) {
            dropped += x[i] == 0;
            assert_true(x[i] == 0 || fabsf(x[i] - 2 / (1 - rates[k])) < 1e-4f);
        }
        double rate = (double)rates[k], deviation = sqrt(rate * (1 - rate) / N);
        assert_true(fabs((double)dropped / N - rate) <= 4 * deviation);
        trm_dropout(again, N, rates[k], &same);
        assert_memory_equal(x, again, sizeof x);
        assert_memory_equal(&rng, &same, sizeof rng);
    }
}

typedef struct attention_case {
    float qkv[P * 3 * D], y[P * D], weights[P * D], probs[HEADS * P * P], dprobs[P * P];
    float rate;
    const trm_rng *rng;
    bool keeps; // probabilities, from the forward to the backward
} attention_case;

static trm_mat probs_of(attention_case *c) {
    return trm_mat_of(c->probs, (c->keeps ? HEADS : 1) * P, P);
}

static void forward(attention_case *c) {
    trm_attention_forward(trm_mat_of(c->y, P, D), trm_mat_of(c->qkv, P, 3 * D), HEADS, c->rate,
                          c->rng, probs_of(c));
}

static double loss(void *ctx) {
    attention_case *c = ctx;
    double sum = 0;
    forward(c);
    for (int i = 0; i < P * D; i++)
        sum += (double)c->y[i] * (double)c->weights[i];
    return sum;
}

static void fill(attention_case *c) {
    trm_rng rng;
    trm_rng_seed(&rng, 4, 0);
    memset(c, 0, sizeof *c);
    check_fill(c->qkv, P * 3 * D, 1, &rng);
    check_fill(c->weights, P * D, 1, &rng);
}

// y of position p in column i, with the masks that a generator of this state gives.
static double naive(const attention_case *c, int p, int i, const float *mask) {
    int head = i / WIDTH;
    double scores[P], total = 0, y = 0;
    for (int k = 0; k < P; k++) {
        double dot = 0;
        for (int j = 0; j < WIDTH; j++)
            dot += (double)c->qkv[p * 3 * D + head * WIDTH + j] *
                   (double)c->qkv[k * 3 * D + D + head * WIDTH + j];
        scores[k] = exp(dot / sqrt(WIDTH));
        total += scores[k];
    }
    for (int k = 0; k < P; k++)
        y += scores[k] / total * (double)mask[(head * P + p) * P + k] *
             (double)c->qkv[k * 3 * D + 2 * D + i];
    return y;
}

static void check_attention(attention_case *c) {
    float mask[HEADS * P * P], dqkv[P * 3 * D];
    trm_rng draws = c->rng ? *c->rng : (trm_rng){{0}};
    for (int i = 0; i < HEADS * P * P; i++)
        mask[i] = 1;
    for (int h = 0; h < HEADS && c->rng; h++)
        trm_dropout(mask + h * P * P, (int64_t)P * P, c->rate, &draws);
    forward(c);
    for (int i = 0; i < P * D; i++)
        assert_true(fabs((double)c->y[i] - naive(c, i / D, i % D, mask)) < 1e-5);
    trm_attention_backward(trm_mat_of(dqkv, P, 3 * D), trm_mat_of(c->weights, P, D),
                           trm_mat_of(c->qkv, P, 3 * D), HEADS, c->rate, c->rng, probs_of(c),
                           c->keeps, trm_mat_of(c->dprobs, P, P));
    check_gradient("qkv", c->qkv, dqkv, (int64_t)P * 3 * D, P * 3 * D, loss, c, 2e-3);
}

static void test_attention(void **state) {
    (void)state;
    attention_case c;
    fill(&c);
    c.rate = 0.3f; // means nothing without a generator
    check_attention(&c);
}

static void test_attention_that_keeps_its_probabilities(void **state) {
    (void)state;
    attention_case c;
    fill(&c);
    c.keeps = true;
    check_attention(&c);
    for (int r = 0; r < HEADS * P; r++) {
        float sum = 0;
        for (int i = 0; i < P; i++)
            sum += c.probs[r * P + i];
        assert_true(fabsf(sum - 1) < 1e-5f);
    }
}

static void test_attention_with_dropout(void **state) {
    (void)state;
    attention_case c;
    trm_rng rng, kept;
    fill(&c);
    trm_rng_seed(&rng, 6, 0);
    kept = rng;
    c.rng = &rng;
    c.rate = 0.3f;
    check_attention(&c);
    assert_memory_equal(&rng, &kept, sizeof rng); // a copy of it is drawn from
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dropout_keeps_the_mean),
        cmocka_unit_test(test_attention),
        cmocka_unit_test(test_attention_that_keeps_its_probabilities),
        cmocka_unit_test(test_attention_with_dropout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
