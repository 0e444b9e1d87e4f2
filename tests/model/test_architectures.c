// SPDX-License-Identifier: Apache-2.0
// What every architecture promises: the original's number of parameters, sizes that are read off
// weights, batches cut anywhere, traces that are the forward, refusals.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"
#include "trm/nn/categorical.h"

static trm_model_config recursion(trm_model_config c, int32_t x, int32_t z, int32_t y,
                                  int32_t hidden, int32_t head_hidden, int32_t inner, int32_t sup) {
    c.x_dim = x;
    c.z_dim = z;
    c.y_dim = y;
    c.hidden = hidden;
    c.head_hidden = head_hidden;
    c.inner_steps = inner;
    c.sup_steps = sup;
    return c;
}

static trm_model_config cells(int32_t positions, int32_t values, int32_t classes) {
    trm_model_config c = subject_config("trm-baseline", positions * values, classes);
    c.positions = positions;
    return c;
}

static void check_count(trm_model_config c, int64_t total, int32_t outputs) {
    trm_model *m = subject_model(&c, 1);
    assert_int_equal(trm_model_params(m)->total, total);
    assert_int_equal(trm_model_outputs(m), outputs);
    trm_model_free(m);
}

static void test_parameter_counts(void **state) {
    (void)state;
    trm_model_config policy = subject_config("trm-rl", 25, 4);
    check_count(recursion(policy, 0, 32, 16, 128, 64, 2, 2), 17092, 2);
    check_count(recursion(policy, 0, 32, 16, 64, 32, 2, 2), 8612, 2);
    check_count(recursion(cells(16, 32, 10), 0, 64, 16, 128, 64, 4, 6), 28778, 6);
    check_count(recursion(subject_grid("trm-simple", 8, 8, 3, 2), 16, 32, 8, 64, 32, 3, 5), 9922,
                5);
    check_count(recursion(subject_grid("trm-maze", 10, 10, 3, 2), 32, 64, 16, 128, 64, 4, 6), 28258,
                6);
    check_count(subject_grid("cnn", 8, 8, 3, 2), 74850, 1);
    check_count(subject_grid("transformer", 10, 10, 3, 2), 616514, 1);
}

static trm_model_config reason(trm_model_config c) {
    c.d_model = 8;
    c.heads = 2;
    c.layers = 2;
    c.feedforward = 6;
    c.inner_steps = 2;
    c.k_cycles = 2;
    c.sup_steps = 3;
    return c;
}

// Small ones of every kind; several chunks of rows each in 70 rows.
enum { KINDS = 13, ROWS = 70 };

static trm_model_config small(int kind) {
    trm_model_config c;
    switch (kind) {
    case 0:
        return recursion(subject_config("trm-rl", 9, 5), 0, 6, 4, 9, 7, 2, 3);
    case 1:
        return recursion(cells(5, 3, 4), 0, 6, 4, 9, 7, 3, 2);
    case 2:
        return recursion(subject_grid("trm-simple", 4, 3, 3, 2), 5, 6, 4, 9, 7, 2, 3);
    case 3:
        return recursion(subject_grid("trm-maze", 3, 4, 2, 3), 5, 6, 4, 9, 7, 2, 3);
    case 4:
        c = subject_grid("cnn", 3, 5, 4, 3);
        c.channels = 6;
        return c;
    case 6:
        return reason(subject_grid("trm-attn", 4, 4, 2, 3));
    case 7:
        return reason(subject_grid("trm-mix", 3, 4, 2, 3));
    case 8:
        return reason(subject_grid("trm-conv", 3, 4, 2, 3));
    case 9:
        return reason(subject_grid("trm-peer", 6, 6, 2, 3));
    case 10: // a policy over cells and classes
        c = subject_config("trm-attn", 3 * 9, 2 * 9);
        c.height = c.width = 3;
        return reason(c);
    case 11: // one of few actions
        c = subject_config("trm-conv", 3 * 9, 4);
        c.height = c.width = 3;
        return reason(c);
    case 12: // one answer for all positions
        c = subject_grid("mlp", 4, 3, 3, 2);
        c.hidden = 13;
        return c;
    default:
        c = subject_grid("transformer", 5, 3, 4, 3);
        c.d_model = 12;
        c.heads = 2;
        c.layers = 2;
        c.feedforward = 17;
        return c;
    }
}

// A rollout runs row by row and differentiates in parts: that must be what one batch gives.
static void test_row_by_row_is_the_batch(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        trm_model_config c = small(kind);
        subject s;
        subject_new(&s, &c, ROWS, true);
        s.dropout = true; // a sample's masks are its own, wherever it stands
        trm_rng_seed(&s.masks, 12, 0);
        float *want = subject_gradient(&s);
        const trm_params *p = trm_model_params_const(s.m);
        float *grads = trm_arena_array(&s.arena, (size_t)p->size, sizeof *grads);
        int32_t last = trm_model_outputs(s.m) - 1;
        int64_t size = (int64_t)ROWS * c.positions * c.action_dim;
        float *logits = trm_arena_array(&s.arena, (size_t)size, sizeof *logits);
        memcpy(logits, trm_workspace_logits(s.w, last).data, (size_t)size * sizeof *logits);
        trm_rng masks = s.masks;
        trm_workspace_set_dropout(s.w, &masks);
        for (int32_t r = 0; r < ROWS; r++)
            trm_model_forward(s.m, s.w, r, trm_mat_of(s.x + r * c.state_dim, 1, c.state_dim),
                              s.prev + r);
        // dozens of blocks behind one another carry rounding further
        double tolerance = kind >= 6 ? 1e-4 : 1e-5;
        check_close(c.type, trm_workspace_logits(s.w, last).data, logits, size, tolerance);
        trm_model_backward(s.m, s.w, 0, 33, grads);
        trm_model_backward(s.m, s.w, 33, ROWS - 33, grads);
        check_close(c.type, grads, want, p->size, 1e-4);
        subject_free(&s);
    }
}

// What learns by step adds up its steps in another order; the others do the same work.
static void test_learning_is_forward_and_backward(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++)
        for (int all = 0; all < 2; all++) {
            trm_model_config c = small(kind);
            subject s;
            subject_new(&s, &c, ROWS, all);
            s.dropout = true;
            trm_rng_seed(&s.masks, 12, 0);
            const float *want = subject_gradient(&s), *learned = subject_learn(&s);
            check_close(c.type, learned, want, trm_model_params(s.m)->size, 1e-5);
            assert_memory_equal(subject_learn(&s), learned,
                                (size_t)trm_model_params(s.m)->size * sizeof *learned);
            subject_free(&s);
        }
}

static void check_probs(const trm_trace_shape *shape, float *data, int32_t cycle, int32_t classes) {
    float probs[32];
    const float *logits = trm_trace_logits(shape, data, cycle);
    for (int32_t first = 0; first < shape->actions; first += classes) {
        trm_softmax(probs, logits + first, classes);
        assert_memory_equal(trm_trace_probs(shape, data, cycle) + first, probs,
                            (size_t)classes * sizeof *probs);
    }
}

// Logits of a supervision step are in the cycle that ends it, whether the loss wanted them or not.
static void test_trace_is_the_forward(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        trm_model_config c = small(kind);
        subject all, last;
        subject_new(&all, &c, 3, true);
        subject_new(&last, &c, 3, false);
        subject_loss(&all);
        float *want = subject_gradient(&last);
        trm_trace_shape shape = trm_model_trace_shape(last.m);
        float *data = trm_arena_array(&last.arena, (size_t)trm_trace_size(&shape), sizeof *data);
        int32_t outputs = trm_model_outputs(all.m);
        int32_t stride = outputs == 1 ? 1 : shape.cycles / outputs;
        trm_model_trace(last.m, last.w, 2, data);
        for (int32_t o = 0; o < outputs; o++) {
            int32_t cycle = shape.cycles - 1 - (outputs - 1 - o) * stride;
            assert_memory_equal(trm_trace_logits(&shape, data, cycle),
                                trm_mat_row(trm_workspace_logits(all.w, o), 2),
                                (size_t)shape.actions * sizeof *data);
        }
        for (int32_t cycle = 0; cycle < shape.cycles; cycle++)
            if (cycle < shape.first_logits)
                assert_true(isnan(trm_trace_logits(&shape, data, cycle)[0]) &&
                            isnan(trm_trace_probs(&shape, data, cycle)[shape.actions - 1]));
            else
                check_probs(&shape, data, cycle, c.action_dim);
        const trm_params *p = trm_model_params_const(last.m);
        float *grads = trm_arena_array(&last.arena, (size_t)p->size, sizeof *grads);
        trm_model_backward(last.m, last.w, 0, 3, grads);
        assert_memory_equal(grads, want, (size_t)p->size * sizeof *grads);
        subject_free(&last);
        subject_free(&all);
    }
}

// Of a policy: the head on [z, y] at every inner step, y what the step before it said.
static void test_trace_of_inner_steps(void **state) {
    (void)state;
    trm_model_config c = small(0);
    subject s;
    subject_new(&s, &c, 2, false);
    subject_loss(&s);
    trm_trace_shape shape = trm_model_trace_shape(s.m);
    assert_int_equal(shape.cycles, 6);
    assert_int_equal(shape.h, 6);
    assert_int_equal(shape.l, 4);
    assert_int_equal(shape.kind, TRM_TRACE_STEPS);
    float *data = trm_arena_array(&s.arena, (size_t)trm_trace_size(&shape), sizeof *data);
    trm_model_trace(s.m, s.w, 1, data);
    trm_params *p = trm_model_params(s.m);
    const float *table = trm_params_at(p, p->values, trm_params_find(p, "y_embed.weight"));
    for (int32_t cycle = 0; cycle < shape.cycles; cycle++) {
        float y[4] = {0};
        if (cycle < 2)
            memcpy(y, table + (s.prev[1] < 0 ? 0 : s.prev[1]) * 4, sizeof y);
        for (int i = 0; i < 20 && cycle >= 2; i++)
            y[i % 4] += trm_trace_probs(&shape, data, (cycle / 2) * 2 - 1)[i / 4] * table[i];
        check_close("y", trm_trace_l(&shape, data, cycle), y, 4, 1e-5);
    }
    // With one inner step fewer in the first supervision step, what the head says is what is shown.
    c.inner_steps = 1;
    c.sup_steps = 1;
    subject one;
    subject_new(&one, &c, 2, false);
    subject_loss(&one);
    check_close("head", trm_trace_logits(&shape, data, 0),
                trm_mat_row(trm_workspace_logits(one.w, 0), 1), shape.actions, 1e-5);
    subject_free(&one);
    subject_free(&s);
}

static void test_no_previous_action_is_action_0(void **state) {
    (void)state;
    trm_model_config c = small(0);
    subject s;
    subject_new(&s, &c, 1, false);
    const int32_t zero = 0;
    trm_mat x = trm_mat_of(s.x, 1, c.state_dim), logits = trm_workspace_logits(s.w, 2);
    float want[5];
    trm_model_forward(s.m, s.w, 0, x, &zero);
    memcpy(want, logits.data, sizeof want);
    trm_model_forward(s.m, s.w, 0, x, NULL);
    assert_memory_equal(logits.data, want, sizeof want);
    subject_free(&s);
}

static void test_sizes_are_read_off_bare_weights(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        trm_model_config c = small(kind), found = trm_model_config_default();
        trm_model *m = subject_model(&c, 1);
        trm_error e = {0};
        found.positions = c.positions;
        found.height = c.height;
        found.width = c.width;
        found.heads = c.heads;
        if (!trm_model_recognise(trm_model_params_const(m), &found, &e))
            fail_msg("%s", e.message);
        assert_string_equal(found.type, c.type);
        assert_int_equal(found.state_dim, c.state_dim);
        assert_int_equal(found.action_dim, c.action_dim);
        assert_int_equal(found.inner_steps, trm_model_config_default().inner_steps);
        trm_model *again = subject_model(&found, 1);
        assert_int_equal(trm_model_params(again)->total, trm_model_params(m)->total);
        trm_model_free(again);
        trm_model_params(m)->items[2].name[0] = '?';
        assert_false(trm_model_recognise(trm_model_params_const(m), &found, &e));
        trm_model_free(m);
    }
}

// Nothing in a convolution tells how large its grids are; and a number of cells tells no board,
// unless it is a square.
static void test_a_grid_is_assumed_only_where_it_is_one_cell_or_a_square(void **state) {
    (void)state;
    for (int kind = 2; kind < KINDS - 1; kind++) { // the mlp knows no grid
        trm_model_config c = small(kind), found = trm_model_config_default();
        trm_model *m = subject_model(&c, 1);
        trm_error e = {0};
        found.heads = c.heads;
        bool known = trm_model_recognise(trm_model_params_const(m), &found, &e);
        trm_model_free(m);
        if (kind == 5) { // a transformer of 5 x 3 cells
            assert_false(known);
            assert_non_null(
                strstr(e.message, "the number of cells is known, 15: name its data set"));
            continue;
        }
        if (!known)
            fail_msg("%s", e.message);
        if (strcmp(c.type, "trm-mix") == 0) { // of 12 cells, which need no board
            assert_true(found.positions == 12 && found.height == 0);
            continue;
        }
        bool few_actions = c.positions == 1 && c.action_dim == 4; // no head for each cell
        assert_true(few_actions || found.height * found.width == found.positions);
        assert_int_equal(found.positions, 1);
    }
    trm_model_config c = small(5), found = trm_model_config_default();
    c.height = c.width = 3;
    c.positions = 9;
    c.state_dim = 9;
    found.heads = c.heads;
    trm_model *m = subject_model(&c, 1);
    trm_error e = {0};
    assert_true(trm_model_recognise(trm_model_params_const(m), &found, &e));
    assert_int_equal(found.height, 3);
    assert_int_equal(found.width, 3);
    trm_model_free(m);
}

static void check_refused(const trm_model_config *c, const char *message) {
    trm_error e = {0};
    assert_null(trm_model_new(c, &e));
    assert_string_equal(e.message, message);
}

static void test_sizes_that_do_not_fit_are_refused(void **state) {
    (void)state;
    trm_model_config c = cells(5, 3, 4);
    c.state_dim = 16;
    check_refused(&c, "model.state_dim: 16 values cannot be shared out to 5 positions");
    c = subject_config("trm-full", 9, 4);
    c.positions = 3;
    check_refused(&c, "model.type: trm-full answers once a sample, and 3 answers are wanted");
    c = subject_config("mlp", 9, 1 << 15);
    c.positions = 3;
    check_refused(&c, "model.type: mlp gives at most 65536 logits, and 3 answers of 32768 classes "
                      "are more");
    c = small(4);
    c.width = 4;
    check_refused(&c, "model.type: cnn works on grids, and a grid of 3 x 4 is not 15 positions");
    c = subject_config("trm-maze", 75, 2);
    check_refused(
        &c, "model.type: trm-maze works on boards, and of this one only the number of cells is "
            "known, 1: name its data set (data.type, data.size)");
    c = small(5);
    c.heads = 5;
    check_refused(&c, "model.heads: 5 does not divide model.d_model, which is 12");
    c = small(5);
    c.dropout = 1;
    check_refused(&c, "model.dropout: 1 is out of range 0 <= p < 1");
    c.dropout = NAN;
    check_refused(&c, "model.dropout: nan is out of range 0 <= p < 1");
    c = small(0);
    c.inner_steps = 0;
    check_refused(&c, "model.inner_steps: 0 is out of range 1..64");
}

// Sizes that only a hostile file has: refused by name, whatever their product.
static void test_hostile_tables(void **state) {
    (void)state;
    static const char *const names[] = {"z0",
                                        "tiny.net.0.weight",
                                        "tiny.net.2.weight",
                                        "head.net.0.weight",
                                        "head.net.2.weight",
                                        "y_token_embedding.weight",
                                        "input_proj.weight"};
    const int32_t values[] = {1, 3, INT32_MAX};
    for (int v = 0; v < 3; v++)
        for (int count = 5; count <= 7; count++) {
            trm_arena arena = TRM_ARENA_INIT;
            trm_params p = {0};
            trm_model_config c = trm_model_config_default();
            c.positions = 4096;
            trm_error e = {0};
            for (int i = 0; i < count; i++) {
                const int32_t shape[] = {values[(v + i) % 3], values[(v + i + 1) % 3], 1};
                trm_params_add(&p, &arena, names[i], i == 0 ? 3 : 2, shape, TRM_INIT_ZERO, 0, 0);
            }
            assert_false(trm_model_recognise(&p, &c, &e));
            assert_true(e.message[0] != '\0');
            trm_arena_free(&arena);
        }
}

// As torch.nn.TransformerEncoder: copies of one layer; in_proj Xavier, attention's biases 0.
static void test_transformer_starts_from_equal_layers(void **state) {
    (void)state;
    trm_model_config c = small(5);
    trm_model *m = subject_model(&c, 3);
    const trm_params *p = trm_model_params_const(m);
    int32_t first = trm_params_find(p, "transformer.layers.0.self_attn.in_proj_weight");
    int32_t second = trm_params_find(p, "transformer.layers.1.self_attn.in_proj_weight");
    int32_t end = trm_params_find(p, "output_head.0.weight");
    assert_int_equal(end - second, second - first);
    for (int32_t i = first; i < second; i++)
        assert_memory_equal(p->values + p->items[i].offset,
                            p->values + p->items[i + second - first].offset,
                            (size_t)p->items[i].size * sizeof(float));
    float bound = sqrtf(6.0f / (4 * 12)), largest = 0;
    for (int64_t i = 0; i < p->items[first].size; i++)
        largest = fmaxf(largest, fabsf(p->values[p->items[first].offset + i]));
    assert_true(largest <= bound && largest > 0.95f * bound);
    for (int64_t i = 0; i < p->items[first + 1].size; i++)
        assert_true(p->values[p->items[first + 1].offset + i] == 0);
    trm_model_free(m);
}

static void test_dropout_draws_once_a_sample(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++)
        for (int rate = 0; rate <= 1; rate++) {
            trm_model_config c = small(kind);
            c.dropout = rate ? 0.2f : 0;
            subject s;
            subject_new(&s, &c, 4, false);
            trm_rng rng, want;
            trm_rng_seed(&rng, 3, 0);
            want = rng;
            for (int i = 0; i < 4 && rate && strcmp(c.type, "transformer") == 0; i++)
                trm_rng_next(&want);
            trm_workspace_set_dropout(s.w, &rng);
            trm_model_forward(s.m, s.w, 0, trm_mat_of(s.x, 4, c.state_dim), NULL);
            assert_memory_equal(&rng, &want, sizeof rng);
            subject_free(&s);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameter_counts),
        cmocka_unit_test(test_row_by_row_is_the_batch),
        cmocka_unit_test(test_learning_is_forward_and_backward),
        cmocka_unit_test(test_trace_is_the_forward),
        cmocka_unit_test(test_trace_of_inner_steps),
        cmocka_unit_test(test_no_previous_action_is_action_0),
        cmocka_unit_test(test_sizes_are_read_off_bare_weights),
        cmocka_unit_test(test_a_grid_is_assumed_only_where_it_is_one_cell_or_a_square),
        cmocka_unit_test(test_sizes_that_do_not_fit_are_refused),
        cmocka_unit_test(test_hostile_tables),
        cmocka_unit_test(test_transformer_starts_from_equal_layers),
        cmocka_unit_test(test_dropout_draws_once_a_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
