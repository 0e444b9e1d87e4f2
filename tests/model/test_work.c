// SPDX-License-Identifier: Apache-2.0
// Operations counted from sizes, against the parameters themselves and the original's figures.
#include <string.h>

#include "nn/openblas.h"
#include "subject.h"
#include "trm/base/text.h"
#include "trm/model/work.h"

enum { PRODUCTS = 128 };

static bool is_embedding(const char *name) {
    return strstr(name, "embed.weight") != NULL && strstr(name, "input_embed") == NULL;
}

// Every matrix of the model is counted once, with its shape; embeddings are looked up instead.
static void check_products(const trm_model_config *c) {
    trm_model *m = subject_model(c, 1);
    const trm_params *p = trm_model_params_const(m);
    trm_product products[PRODUCTS];
    int32_t count = trm_model_products(trm_model_get_config(m), products, PRODUCTS);
    assert_in_range(count, 1, PRODUCTS);
    int64_t of_products = 0, of_params = 0;
    for (int32_t i = 0; i < count; i++) {
        int32_t at = trm_params_find(p, products[i].name);
        assert_true(at >= 0);
        const trm_param *param = &p->items[at];
        bool pair = strstr(param->name, "linear1") != NULL;
        assert_int_equal(param->shape[0] * (pair ? 2 : 1), products[i].out);
        assert_int_equal(param->shape[1], products[i].in);
        if (!is_embedding(param->name))
            of_products += (int64_t)products[i].out * products[i].in;
    }
    for (int32_t i = 0; i < p->count; i++)
        if (p->items[i].ndim == 2 && !is_embedding(p->items[i].name))
            of_params += p->items[i].size;
    assert_int_equal(of_products, of_params);
    trm_model_free(m);
}

static void test_products_are_the_weights(void **state) {
    (void)state;
    trm_model_config c = subject_config("trm-full", 25, 4);
    check_products(&c);
    c.h_layers = 3;
    c.l_layers = 2;
    c.action_conditioning = false;
    check_products(&c);
    c = subject_config("mlp", 25, 4);
    check_products(&c);
    c = subject_config("trm-rl", 25, 4);
    c.hidden = 128;
    check_products(&c);
}

static trm_model_config full_config(void) {
    trm_model_config c = trm_model_config_default();
    c.state_dim = 25;
    c.action_dim = 4;
    return c;
}

// Multiply-adds by hand: conditioning, embedding, three cycles, two carries, the head.
static void test_full_by_hand(void **state) {
    (void)state;
    trm_model_config c = full_config();
    trm_flops flops = trm_model_flops(&c);
    int64_t macs = (25 + 64) * 25 + 25 * 64 +
                   3 * (2 * (64 * 256 + 128 * 64) + 64 * 32 + 32 * 64 + 64 * 32 + 32 * 64) +
                   2 * 64 * 64 + 64 * 32 + 32 * 4;
    assert_true(flops.forward == 2.0 * (double)macs);
    assert_true(flops.training == 3 * flops.forward);
    // What the original's was estimated at.
    assert_true(flops.forward > 0.99 * 0.375e6 && flops.forward < 1.01 * 0.375e6);
    assert_true(flops.training > 0.99 * 1.12e6 && flops.training < 1.01 * 1.12e6);
}

// Another cycle is another pass through all blocks, and a carry.
static void test_cycles_add_up(void **state) {
    (void)state;
    trm_model_config c = full_config();
    trm_flops one, two, nine;
    c.k_cycles = 1;
    one = trm_model_flops(&c);
    c.k_cycles = 2;
    two = trm_model_flops(&c);
    c.k_cycles = 9;
    nine = trm_model_flops(&c);
    assert_true(nine.forward - one.forward == 8 * (two.forward - one.forward));
    assert_true(nine.training - one.training == 8 * (two.training - one.training));
}

// Where nothing lies before a layer, no gradient is wanted of its input.
static void test_first_layers(void **state) {
    (void)state;
    trm_model_config c = full_config();
    trm_flops flops;
    c.action_conditioning = false;
    flops = trm_model_flops(&c);
    assert_true(flops.training == 3 * flops.forward - 2 * 25 * 64);
    memcpy(c.type, "mlp", sizeof "mlp");
    flops = trm_model_flops(&c);
    assert_true(flops.forward == 2 * (25 * 128 + 128 * 128 + 128 * 4));
    assert_true(flops.training == 3 * flops.forward - 2 * 25 * 128);
}

// A block of each kind, 12 cells of 2 values, 3 steps of 2 recursions of 4 passes, by hand.
static void test_reasoning_by_hand(void **state) {
    (void)state;
    static const struct {
        const char *type;
        int32_t mixer; // multiply-adds a pass
    } kinds[] = {{"trm-attn", 12 * (4 * 8 * 8 + 2 * 12 * 8)},
                 {"trm-mix", 8 * (10 * 12 + 12 * 5)},
                 {"trm-conv", 12 * 9 * 8 * 8},
                 {"trm-peer", 10 * 8 * 8}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        trm_model_config c = subject_grid(kinds[i].type, 3, 4, 2, 3);
        c.d_model = 8;
        c.heads = 2;
        c.layers = 1;
        c.feedforward = 5;
        c.inner_steps = 3;
        c.k_cycles = 2;
        c.sup_steps = 3;
        c.halting = false;
        for (int local = 0; local < 2; local++) {
            c.local = local == 1;
            int32_t pass = kinds[i].mixer + 12 * (3 * 5 * 8 + local * 9 * 8);
            int32_t embed = 12 * 2 * 8, head = 3 * 12 * 3 * 8;
            trm_flops flops;
            flops = trm_model_flops(&c);
            assert_true(flops.forward == 2.0 * (embed + 3 * 2 * 4 * pass + head));
            assert_true(flops.training == 2.0 * (2 * embed + 3 * (2 + 2) * 4 * pass + 3 * head));
        }
    }
}

static void test_transformer_by_hand(void **state) {
    (void)state;
    trm_model_config c = subject_grid("transformer", 3, 4, 2, 3);
    c.d_model = 8;
    c.heads = 2;
    c.layers = 3;
    c.feedforward = 5;
    trm_flops flops = trm_model_flops(&c);
    int32_t layer = 4 * 8 * 8 + 2 * 12 * 8 + 2 * 5 * 8;
    assert_true(flops.forward == 2.0 * 12 * (2 * 8 + 3 * layer + 8 * 4 + 4 * 3));
    assert_true(flops.training == 3 * flops.forward - 2 * 12 * 2 * 8);
}

// Four convolutions of 3x3, one layer a cell behind them; nothing lies before the first.
static void test_cnn_by_hand(void **state) {
    (void)state;
    trm_model_config c = subject_grid("cnn", 3, 4, 2, 3);
    c.channels = 8;
    trm_flops flops = trm_model_flops(&c);
    int32_t first = 9 * 2 * 8, others = 9 * (8 * 16 + 16 * 16 + 16 * 8) + 8 * 3;
    assert_true(flops.forward == 2.0 * 12 * (first + others));
    assert_true(flops.training == 2.0 * 12 * (2 * first + 3 * others));
}

// Of three inner steps the last is differentiated, or all of them.
static void test_cells_by_hand(void **state) {
    (void)state;
    trm_model_config c = subject_grid("trm-maze", 3, 4, 2, 3);
    c.x_dim = 5;
    c.z_dim = 7;
    c.y_dim = 4;
    c.hidden = 6;
    c.head_hidden = 8;
    c.inner_steps = 3;
    c.sup_steps = 2;
    int32_t input = 2 * 5, inner = 6 * (7 + 5 + 4) + 7 * 6, head = 8 * (7 + 4) + 3 * 8, y = 3 * 4;
    for (int32_t detach = 0; detach < 2; detach++) {
        c.detach_inner_steps = detach;
        trm_flops flops = trm_model_flops(&c);
        int32_t learned = detach ? 1 : 3;
        assert_true(flops.forward == 2.0 * 12 * (input + 2 * (3 * inner + head + y)));
        assert_true(flops.training - flops.forward ==
                    2.0 * 12 * (input + 2 * (2 * learned * inner + 2 * head + y) + y));
    }
}

#ifdef __ELF__ // whose linker can stand between

// ---- counted, and made --------------------------------------------------------------------------

typedef void product(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb,
                     blasint m, blasint n, blasint k, float alpha, const float *a, blasint lda,
                     const float *b, blasint ldb, float beta, float *c, blasint ldc);
product __real_cblas_sgemm, __wrap_cblas_sgemm;
static double made; // operations of all products so far

void __wrap_cblas_sgemm(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb,
                        blasint m, blasint n, blasint k, float alpha, const float *a, blasint lda,
                        const float *b, blasint ldb, float beta, float *c, blasint ldc) {
    made += 2.0 * m * n * k;
    __real_cblas_sgemm(order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

// Attention that does not keep its probabilities asks for its scores again on the way back.
static void check_made(const char *type, double forward, double training) {
    enum { SAMPLES = 12 };
    trm_model_config c = subject_grid(type, 6, 6, 3, 5);
    c.halting = false;
    if (!strcmp(type, "trm-paper") || !strcmp(type, "hrm"))
        c.state_dim = c.positions; // tokens
    c.d_model = 16;
    c.heads = 2;
    c.feedforward = 24;
    c.k_cycles = 2;
    c.sup_steps = 3;
    subject s;
    subject_new(&s, &c, SAMPLES, true);
    memset(s.x, 0, SAMPLES * (size_t)c.state_dim * sizeof *s.x); // a token of any vocabulary
    const trm_flops flops = trm_model_flops(trm_model_get_config(s.m));
    made = 0;
    subject_loss(&s);
    assert_float_equal(made / SAMPLES / flops.forward, forward, 1e-3);
    made = 0;
    subject_learn(&s);
    assert_float_equal(made / SAMPLES / flops.training, training, training > 1 ? 0.04 : 1e-3);
    subject_free(&s);
}

static void test_what_is_counted_is_made(void **state) {
    (void)state;
    static const char *const exact[] = {"trm-attn", "trm-mix", "trm-conv", "trm-peer", "cnn"};
    static const char *const attend[] = {"trm-paper", "hrm", "transformer"};
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
        check_made(exact[i], 1, 1);
    for (size_t i = 0; i < sizeof attend / sizeof *attend; i++)
        check_made(attend[i], 1, 1.04);
}

#endif

// Every architecture counts weights that it has, with their sizes.
static void test_every_model_is_counted(void **state) {
    (void)state;
    for (int32_t i = 0; trm_arch_name(i); i++) {
        trm_model_config c = subject_grid(trm_arch_name(i), 3, 3, 2, 3);
        if (!strcmp(c.type, "trm-full") || !strcmp(c.type, "trm-rl"))
            c = subject_config(c.type, 9, 4);
        if (!strcmp(c.type, "trm-paper") || !strcmp(c.type, "hrm"))
            c.state_dim = c.positions; // tokens
        trm_model *m = subject_model(&c, 1);
        const trm_params *p = trm_model_params_const(m);
        trm_product products[PRODUCTS];
        int32_t count = trm_model_products(trm_model_get_config(m), products, PRODUCTS), found = 0;
        assert_in_range(count, 1, PRODUCTS);
        for (int32_t k = 0; k < count; k++) {
            int32_t at = trm_params_find(p, products[k].name);
            if (at < 0 || strstr(products[k].name, "relations") ||
                strstr(products[k].name, "swiglu"))
                continue;
            found++;
            assert_int_equal((int64_t)products[k].out * products[k].in, p->items[at].size);
        }
        assert_in_range(found, count < 3 ? count : 3, count);
        assert_true(trm_model_flops(trm_model_get_config(m)).forward > 0);
        trm_model_free(m);
    }
}

static void test_fields(void **state) {
    (void)state;
    assert_true(trm_arch_reads("trm-full", "k_cycles"));
    assert_true(trm_arch_reads("trm-full", "action_conditioning"));
    assert_true(trm_arch_reads("trm-attn", "heads"));
    assert_false(trm_arch_reads("trm-peer", "heads"));
    assert_false(trm_arch_reads("mlp", "k_cycles"));
    assert_true(trm_arch_reads("transformer", "dropout"));
    assert_true(trm_arch_reads("mlp", "xavier_gain"));
    assert_false(trm_arch_reads("mlp", "state_dim"));
    assert_false(trm_arch_reads("mlpp", "hidden"));
    assert_false(trm_arch_reads("mlpp", "xavier_gain"));
}

// A pass of trm-paper over T tokens, times all of them, and what of it is differentiated.
static void test_paper_by_hand(void **state) {
    (void)state;
    trm_model_config c = subject_config("trm-paper", 9, 5);
    c.positions = 9;
    c.d_model = 8;
    c.heads = 2;
    c.layers = 3;
    c.feedforward = 6;
    c.inner_steps = 4;
    c.k_cycles = 2;
    c.sup_steps = 7;
    double attention = 9 * (8.0 * 24 + 2 * 9 * 8 + 8 * 8), swiglu = 9 * (8.0 * 12 + 6 * 8);
    double pass = 3 * (attention + swiglu), heads = 9 * 5.0 * 8 + 2 * 8;
    trm_flops flops = trm_model_flops(&c);
    assert_true(flops.forward == 2 * 7 * (10 * pass + heads));
    assert_true(flops.training == flops.forward + 2 * 7 * 2 * (5 * pass + heads));
    c.h_layers = 1;
    trm_text_copy(c.type, sizeof c.type, "hrm");
    flops = trm_model_flops(&c);
    assert_true(flops.forward == 2 * 7 * (2 * 13 * (pass / 3) + heads));
    assert_true(flops.training == flops.forward + 2 * 7 * 2 * (4 * (pass / 3) + heads));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products_are_the_weights),
        cmocka_unit_test(test_full_by_hand),
        cmocka_unit_test(test_cycles_add_up),
        cmocka_unit_test(test_first_layers),
        cmocka_unit_test(test_reasoning_by_hand),
        cmocka_unit_test(test_transformer_by_hand),
        cmocka_unit_test(test_cnn_by_hand),
        cmocka_unit_test(test_cells_by_hand),
        cmocka_unit_test(test_paper_by_hand),
#ifdef __ELF__
        cmocka_unit_test(test_what_is_counted_is_made),
#endif
        cmocka_unit_test(test_every_model_is_counted),
        cmocka_unit_test(test_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
