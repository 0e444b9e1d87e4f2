// SPDX-License-Identifier: Apache-2.0
// Deep Q-learning: the memory and the returns by hand, the gradient by differences, and that it
// learns. What it shares with every algorithm is in test_algorithms.c.
#include <math.h>
#include <string.h>

#include "support.h"
#include "train/algorithms/dqn.h"
#include "trm/base/text.h"

static void test_sums_and_leaves(void **state) {
    (void)state;
    trm_arena a = {0};
    trm_sum_tree t;
    trm_sum_tree_init(&t, &a, 5);
    assert_int_equal(t.leaves, 8);
    const double priorities[] = {1, 0, 2, 4, 0.5};
    for (int32_t i = 0; i < 5; i++)
        trm_sum_tree_set(&t, i, priorities[i]);
    assert_true(trm_sum_tree_total(&t) == 7.5);
    // Side by side they are 0 to 1, 1 to 1, 1 to 3, 3 to 7, 7 to 7.5.
    const struct {
        double at;
        int32_t leaf;
    } found[] = {{0, 0}, {0.999, 0}, {1, 2}, {2.999, 2}, {3, 3}, {6.999, 3}, {7, 4}, {7.5, 4}};
    for (size_t i = 0; i < sizeof found / sizeof *found; i++)
        assert_int_equal(trm_sum_tree_find(&t, found[i].at), found[i].leaf);
    trm_sum_tree_set(&t, 3, 0);
    assert_true(trm_sum_tree_total(&t) == 3.5);
    assert_int_equal(trm_sum_tree_find(&t, 3), 4);
    const double root = t.node[1];
    t.node[1] = t.node[2] = 99;
    trm_sum_tree_rebuild(&t);
    assert_true(t.node[1] == root);
    trm_arena_free(&a);
}

static void test_returns_of_several_steps(void **state) {
    (void)state;
    const float rewards[] = {1, 2, -4, 8};
    const struct {
        int32_t t, n, ahead;
        float gained, discount;
    } by_hand[] = {{0, 1, 1, 1, 0.5f},  {0, 3, 3, 1, 0.125f}, // 1 + 1 - 1
                   {1, 2, 2, 0, 0.25f}, {1, 3, 3, 2, 0},      // 2 - 2 + 2
                   {3, 3, 1, 8, 0},     {0, 9, 4, 2, 0}};
    for (size_t i = 0; i < sizeof by_hand / sizeof *by_hand; i++) {
        int32_t ahead;
        float discount;
        const float gained =
            trm_n_step_return(rewards, 4, by_hand[i].t, by_hand[i].n, 0.5f, &ahead, &discount);
        assert_true(gained == by_hand[i].gained && discount == by_hand[i].discount);
        assert_int_equal(ahead, by_hand[i].ahead);
    }
}

static void test_the_memory_forgets_the_oldest_and_takes_back(void **state) {
    (void)state;
    trm_arena a = {0};
    trm_replay_buffer r;
    trm_replay_buffer_init(&r, &a, 3, 2, 1, 1);
    for (int update = 0; update < 3; update++) {
        trm_replay_buffer_begin(&r);
        for (int i = 0; i < 2; i++)
            r.seen[trm_replay_buffer_room(&r)] = (float)(2 * update + i + 1);
        trm_replay_buffer_commit(&r);
    }
    assert_int_equal(trm_replay_buffer_count(&r), 3);
    const float left[] = {6, 0, 0, 4, 5}; // 1 to 6 went round five slots
    assert_memory_equal(r.seen, left, sizeof left);
    assert_true(trm_sum_tree_total(&r.tree) == 3);
    trm_replay_buffer_begin(&r);
    for (int i = 0; i < 2; i++)
        r.seen[trm_replay_buffer_room(&r)] = 9;
    trm_sum_tree_set(&r.tree, 3, 7);
    trm_replay_buffer_set_back(&r);
    assert_memory_equal(r.seen, left, sizeof left);
    assert_true(trm_sum_tree_total(&r.tree) == 3);
    assert_int_equal(trm_replay_buffer_count(&r), 3);
    trm_arena_free(&a);
}

static small_setup setup_of(bool double_q, bool deep, bool dueling) {
    small_setup s = small_default();
    trm_text_copy(s.train.algorithm, sizeof s.train.algorithm, "dqn");
    s.train.double_q = double_q;
    s.train.deep_supervision = deep;
    s.train.dueling = dueling;
    s.train.batch = 32;
    return s;
}

// With epsilon 1 nothing that is played depends on the weights, and with lr 0 they stay.
static double loss_with(const small_setup *s, int64_t at, float by, float *gradient) {
    trm_learner *l = small_learner(s, 3);
    trm_update u;
    trm_error e = {0};
    assert_int_equal(trm_learner_update(l, NULL, &u, &e), TRM_UPDATE_DONE);
    trm_model_params(l->model)->values[at] += by;
    assert_int_equal(trm_learner_update(l, NULL, &u, &e), TRM_UPDATE_DONE);
    if (gradient)
        *gradient = l->grads[at];
    trm_learner_free(l);
    return (double)u.loss;
}

static void test_gradient_is_that_of_the_loss(void **state) {
    (void)state;
    for (int kind = 0; kind < 8; kind++) {
        small_setup s = setup_of(kind & 1, kind & 2, kind & 4);
        s.train.epsilon = s.train.epsilon_min = 1;
        s.train.lr = s.train.clip = 0;
        s.train.replays = 1;
        s.train.target_every = 1000;
        trm_learner *l = small_learner(&s, 3);
        const int64_t size = trm_model_params(l->model)->size;
        trm_learner_free(l);
        int32_t compared = 0;
        for (int64_t at = 5; at < size; at += size / 23) {
            const float by = 1e-2f;
            float g;
            loss_with(&s, at, 0, &g);
            const double d =
                (loss_with(&s, at, by, NULL) - loss_with(&s, at, -by, NULL)) / (2 * (double)by);
            if (fabs((double)g - d) > 0.02 * fabs(d) + 3e-4)
                fail_msg("weight %lld: gradient %g, by differences %g", (long long)at, (double)g,
                         d);
            compared += fabs(d) > 1e-3;
        }
        assert_true(compared >= 3); // else the test would say nothing
    }
}

// A random policy needs more than twenty steps, the best one four; a twentieth of the actions is
// random.
static void test_it_learns(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 4; seed++) {
        small_setup s = setup_of(true, false, seed % 2);
        s.model.h_dim = s.model.l_dim = 16;
        s.train.lr = 1e-3f;
        s.train.replays = 16;
        s.train.epsilon_episodes = 80;
        s.train.episodes = 1000;
        trm_learner *l = small_learner(&s, seed);
        trm_update u;
        trm_error e = {0};
        double sum = 0;
        for (int32_t k = 0; k < 160; k++) {
            assert_int_equal(trm_learner_update(l, NULL, &u, &e), TRM_UPDATE_DONE);
            if (k >= 120)
                sum += u.episodes[0].length / 40.0;
        }
        if (!(sum < 6))
            fail_msg("seed %d: %g steps", (int)seed, sum);
        trm_learner_free(l);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_and_leaves),
        cmocka_unit_test(test_returns_of_several_steps),
        cmocka_unit_test(test_the_memory_forgets_the_oldest_and_takes_back),
        cmocka_unit_test(test_gradient_is_that_of_the_loss),
        cmocka_unit_test(test_it_learns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
