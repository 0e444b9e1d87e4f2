// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <string.h>

#include "../support/check.h"
#include "trm/nn/categorical.h"
#include "trm/nn/layers.h"
#include "trm/nn/soft.h"

enum { ROWS = 5, CLASSES = 21, DIM = 6 };

static void test_softmax_of_rows_is_the_softmax_of_each(void **state) {
    (void)state;
    for (int32_t n = 1; n <= CLASSES; n++) {
        float logits[ROWS * CLASSES], probs[ROWS * CLASSES], want[CLASSES];
        trm_rng rng;
        trm_rng_seed(&rng, 3, (uint64_t)n);
        check_fill(logits, ROWS * CLASSES, 4, &rng);
        trm_mat in = {logits, ROWS, n, CLASSES}, out = {probs, ROWS, n, CLASSES};
        memset(probs, 0, sizeof probs);
        trm_softmax_rows(out, in);
        for (int32_t r = 0; r < ROWS; r++) {
            trm_softmax(want, trm_mat_row(in, r), n);
            check_close("probs", trm_mat_row(out, r), want, n, 1e-6);
            for (int32_t i = n; i < CLASSES; i++)
                assert_true(trm_mat_row(out, r)[i] == 0);
        }
        trm_softmax_rows(in, in);
        assert_memory_equal(logits, probs, (size_t)n * sizeof(float));
    }
}

static void test_softmax_of_far_logits(void **state) {
    (void)state;
    float x[] = {1e30f, -1e30f, 0, 3e4f, 3e4f, -3e4f};
    trm_softmax_rows(trm_mat_of(x, 2, 3), trm_mat_of(x, 2, 3));
    const float want[] = {1, 0, 0, 0.5f, 0.5f, 0};
    check_close("probs", x, want, 6, 1e-6);
}

typedef struct soft_case {
    float logits[ROWS * CLASSES], probs[ROWS * CLASSES], table[CLASSES * DIM], y[ROWS * DIM],
        weights[ROWS * DIM];
} soft_case;

static double soft_loss(void *ctx) {
    soft_case *c = ctx;
    double sum = 0;
    trm_mat probs = trm_mat_of(c->probs, ROWS, CLASSES);
    trm_softmax_rows(probs, trm_mat_of(c->logits, ROWS, CLASSES));
    trm_soft_embedding_forward(trm_mat_of(c->y, ROWS, DIM), probs, c->table);
    for (int i = 0; i < ROWS * DIM; i++)
        sum += (double)c->y[i] * (double)c->weights[i];
    return sum;
}

static void test_soft_embedding(void **state) {
    (void)state;
    soft_case c;
    trm_rng rng;
    trm_rng_seed(&rng, 5, 0);
    check_fill(c.logits, ROWS * CLASSES, 1, &rng);
    check_fill(c.table, CLASSES * DIM, 1, &rng);
    check_fill(c.weights, ROWS * DIM, 1, &rng);
    soft_loss(&c);
    for (int r = 0; r < ROWS; r++)
        for (int i = 0; i < DIM; i++) {
            double want = 0;
            for (int a = 0; a < CLASSES; a++)
                want += (double)c.probs[r * CLASSES + a] * (double)c.table[a * DIM + i];
            assert_true(fabs((double)c.y[r * DIM + i] - want) < 1e-5);
        }
    float dprobs[ROWS * CLASSES], dtable[CLASSES * DIM] = {0}, kept[CLASSES * DIM];
    trm_mat d = trm_mat_of(dprobs, ROWS, CLASSES), probs = trm_mat_of(c.probs, ROWS, CLASSES);
    trm_mat dy = trm_mat_of(c.weights, ROWS, DIM);
    trm_soft_embedding_backward(d, dtable, dy, probs, c.table);
    trm_softmax_rows_backward(d, d, probs);
    check_gradient("logits", c.logits, dprobs, ROWS * CLASSES, 40, soft_loss, &c, 2e-3);
    check_gradient("table", c.table, dtable, CLASSES * DIM, 40, soft_loss, &c, 2e-3);
    memcpy(kept, dtable, sizeof kept);
    soft_loss(&c);
    trm_soft_embedding_backward((trm_mat){0}, dtable, dy, probs, c.table); // adds
    for (int i = 0; i < CLASSES * DIM; i++)
        kept[i] *= 2;
    check_close("table, twice", dtable, kept, CLASSES * DIM, 1e-5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_softmax_of_rows_is_the_softmax_of_each),
        cmocka_unit_test(test_softmax_of_far_logits),
        cmocka_unit_test(test_soft_embedding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
