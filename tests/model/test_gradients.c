// SPDX-License-Identifier: Apache-2.0
// Central differences for the architectures beside trm-full and the mlp.
#include <math.h>
#include <string.h>

#include "subject.h"

static trm_model_config small_recursion(trm_model_config c, int32_t inner, int32_t sup) {
    c.x_dim = 5;
    c.z_dim = 6;
    c.y_dim = 4;
    c.hidden = 9;
    c.head_hidden = 7;
    c.inner_steps = inner;
    c.sup_steps = sup;
    return c;
}

static void test_policy(void **state) {
    (void)state;
    for (int32_t inner = 1; inner <= 3; inner++)
        for (int32_t sup = 1; sup <= 3; sup++) {
            trm_model_config c = small_recursion(subject_config("trm-rl", 8, 3), inner, sup);
            subject_check(&c, 7, false, 8);
            subject_check(&c, 7, true, 8);
        }
}

// With one supervision step there is no softmax to be left out of the gradient, and with one inner
// step, or without detaching, nothing is detached.
static void test_cells_where_nothing_is_detached(void **state) {
    (void)state;
    for (int32_t inner = 1; inner <= 3; inner++) {
        trm_model_config c = subject_config("trm-baseline", 4 * 5, 3);
        c.positions = 4;
        c = small_recursion(c, inner, 1);
        c.detach_inner_steps = inner == 1;
        subject_check(&c, 5, true, 8);
        c = small_recursion(subject_grid("trm-simple", 3, 4, 3, 2), inner, 1);
        c.detach_inner_steps = inner == 1;
        subject_check(&c, 3, true, 8);
        c = small_recursion(subject_grid("trm-maze", 2, 5, 3, 2), inner, 1);
        c.detach_inner_steps = inner == 1;
        subject_check(&c, 3, true, 8);
    }
}

// ---- what is detached ---------------------------------------------------------------------------

// trm-baseline once more, plainly. What it must not differentiate is recorded when it first runs
// and played back afterwards: its difference quotients are then the gradient that is wanted.
typedef struct plain {
    subject *s;
    bool playing;
    int32_t at;
    float kept[4096];
    float error; // largest difference from the model's logits while recording
} plain;

static void detach(plain *p, float *x, int32_t n) {
    assert_true(p->at + n <= 4096);
    memcpy(p->playing ? x : p->kept + p->at, p->playing ? p->kept + p->at : x,
           (size_t)n * sizeof *x);
    p->at += n;
}

static const float *param(const plain *p, const char *name) {
    trm_params *params = trm_model_params(p->s->m);
    int32_t i = trm_params_find(params, name);
    assert_true(i >= 0);
    return trm_params_at(params, params->values, i);
}

static void layer(float *y, const float *x, const float *w, const float *b, int32_t in, int32_t out,
                  bool relu) {
    for (int32_t o = 0; o < out; o++) {
        double sum = (double)b[o];
        for (int32_t i = 0; i < in; i++)
            sum += (double)w[o * in + i] * (double)x[i];
        y[o] = relu && sum < 0 ? 0 : (float)sum;
    }
}

static void softmax(float *probs, const float *logits, int32_t n) {
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += exp((double)logits[i]);
    for (int32_t i = 0; i < n; i++)
        probs[i] = (float)(exp((double)logits[i]) / sum);
}

static void mix(float *y, const float *probs, const float *table, int32_t n, int32_t dim) {
    for (int32_t j = 0; j < dim; j++) {
        double sum = 0;
        for (int32_t i = 0; i < n; i++)
            sum += (double)probs[i] * (double)table[i * dim + j];
        y[j] = (float)sum;
    }
}

// One cell; returns its part of the loss.
static double plain_cell(plain *p, int32_t cell) {
    const trm_model_config *c = trm_model_get_config(p->s->m);
    int32_t x_dim = c->state_dim / c->positions, z_dim = c->z_dim, y_dim = c->y_dim;
    float logits[8] = {0}, probs[8], joined[64], hidden[64];
    double loss = 0;
    memcpy(joined, param(p, "z0"), (size_t)z_dim * sizeof *joined);
    memcpy(joined + z_dim, p->s->x + cell * x_dim, (size_t)x_dim * sizeof *joined);
    float *y = joined + z_dim + x_dim;
    const float *table = param(p, "y_token_embedding.weight");
    for (int32_t s = 0; s < c->sup_steps; s++) {
        for (int32_t t = 0; t < c->inner_steps; t++) {
            softmax(probs, logits, c->action_dim);
            detach(p, probs, c->action_dim);
            mix(y, probs, table, c->action_dim, y_dim);
            layer(hidden, joined, param(p, "tiny.net.0.weight"), param(p, "tiny.net.0.bias"),
                  z_dim + x_dim + y_dim, c->hidden, true);
            layer(joined, hidden, param(p, "tiny.net.2.weight"), param(p, "tiny.net.2.bias"),
                  c->hidden, z_dim, false);
            if (c->detach_inner_steps && t < c->inner_steps - 1)
                detach(p, joined, z_dim);
        }
        float answer[64];
        softmax(probs, logits, c->action_dim);
        memcpy(answer, joined, (size_t)z_dim * sizeof *answer);
        mix(answer + z_dim, probs, table, c->action_dim, y_dim);
        layer(hidden, answer, param(p, "head.net.0.weight"), param(p, "head.net.0.bias"),
              z_dim + y_dim, c->head_hidden, true);
        layer(logits, hidden, param(p, "head.net.2.weight"), param(p, "head.net.2.bias"),
              c->head_hidden, c->action_dim, false);
        for (int32_t a = 0; a < c->action_dim; a++) {
            int32_t i = cell * c->action_dim + a;
            if (!p->playing)
                p->error =
                    fmaxf(p->error, fabsf(logits[a] - trm_workspace_logits(p->s->w, s).data[i]));
            loss += (double)logits[a] * (double)p->s->weights[s][i];
        }
    }
    return loss;
}

static double plain_loss(void *ctx) {
    plain *p = ctx;
    double sum = 0;
    p->at = 0;
    for (int32_t i = 0; i < p->s->rows * trm_model_get_config(p->s->m)->positions; i++)
        sum += plain_cell(p, i);
    return sum;
}

static void check_detached(const trm_model_config *c) {
    subject s;
    subject_new(&s, c, 3, true);
    subject_enlarge(&s);
    float *grads = subject_gradient(&s);
    plain p = {.s = &s};
    plain_loss(&p);
    assert_true(p.error < 1e-5f);
    p.playing = true;
    trm_params *params = trm_model_params(s.m);
    for (int32_t i = 0; i < params->count; i++)
        check_gradient(params->items[i].name, trm_params_at(params, params->values, i),
                       trm_params_at(params, grads, i), params->items[i].size, 12, plain_loss, &p,
                       0.01);
    bool z0_counts = false;
    int32_t z0 = trm_params_find(params, "z0");
    for (int64_t i = 0; i < params->items[z0].size; i++)
        z0_counts |= trm_params_at(params, grads, z0)[i] != 0;
    assert_true(z0_counts == (c->inner_steps == 1 || !c->detach_inner_steps));
    subject_free(&s);
}

static void test_cells_with_what_is_detached(void **state) {
    (void)state;
    for (int32_t inner = 1; inner <= 3; inner++)
        for (int32_t detached = 0; detached <= 1; detached++) {
            trm_model_config c = subject_config("trm-baseline", 2 * 5, 3);
            c.positions = 2;
            c = small_recursion(c, inner, 4);
            c.detach_inner_steps = detached;
            check_detached(&c);
        }
}

// ---- cnn and transformer ------------------------------------------------------------------------

static void test_cnn(void **state) {
    (void)state;
    trm_model_config c = subject_grid("cnn", 3, 4, 2, 3);
    c.channels = 4;
    subject_check(&c, 3, false, 8);
    c = subject_grid("cnn", 1, 1, 5, 2);
    c.channels = 3;
    subject_check(&c, 9, true, 8);
}

static trm_model_config small_transformer(void) {
    trm_model_config c = subject_grid("transformer", 3, 2, 3, 3);
    c.d_model = 12;
    c.heads = 3;
    c.layers = 2;
    c.feedforward = 10;
    return c;
}

static void test_transformer(void **state) {
    (void)state;
    trm_model_config c = small_transformer();
    subject_check(&c, 3, false, 8);
}

static void test_transformer_with_dropout(void **state) {
    (void)state;
    trm_model_config c = small_transformer();
    c.dropout = 0.3f;
    subject s;
    subject_new(&s, &c, 3, false);
    double without = subject_loss(&s);
    s.dropout = true;
    trm_rng_seed(&s.masks, 12, 0);
    assert_true(fabs(subject_loss(&s) - without) > 1e-3);
    subject_check_gradient(&s, 8);
    s.dropout = false;
    assert_true(subject_loss(&s) == without);
    subject_free(&s);
}

// The mlp where it answers for many positions.
static void test_mlp_of_many_positions(void **state) {
    (void)state;
    trm_model_config c = subject_grid("mlp", 3, 4, 2, 5);
    c.hidden = 11;
    subject_check(&c, 3, true, 12);
}

// Every architecture that works on a board, on one that is wide and on one that is high.
static void test_oblong_boards(void **state) {
    (void)state;
    static const int32_t sizes[][2] = {{3, 7}, {6, 2}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const int32_t rows = sizes[i][0], cols = sizes[i][1];
        trm_model_config c = small_recursion(subject_grid("trm-simple", rows, cols, 3, 2), 1, 1);
        subject_check(&c, 3, true, 6);
        c = small_recursion(subject_grid("trm-maze", rows, cols, 3, 2), 1, 1);
        subject_check(&c, 3, true, 6);
        c = subject_grid("cnn", rows, cols, 2, 3);
        c.channels = 4;
        subject_check(&c, 3, true, 6);
        c = subject_grid("transformer", rows, cols, 3, 3);
        c.d_model = 12;
        c.heads = 3;
        c.layers = 2;
        c.feedforward = 10;
        subject_check(&c, 3, true, 6);
        c = subject_grid("mlp", rows, cols, 2, 5);
        c.hidden = 11;
        subject_check(&c, 3, true, 6);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy),
        cmocka_unit_test(test_cells_where_nothing_is_detached),
        cmocka_unit_test(test_cells_with_what_is_detached),
        cmocka_unit_test(test_cnn),
        cmocka_unit_test(test_transformer),
        cmocka_unit_test(test_transformer_with_dropout),
        cmocka_unit_test(test_mlp_of_many_positions),
        cmocka_unit_test(test_oblong_boards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
