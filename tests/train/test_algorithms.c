// SPDX-License-Identifier: Apache-2.0
// What every algorithm of a learner promises, and what each is by itself.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "train/learner_impl.h"
#include "trm/base/text.h"

typedef struct variant {
    const char *algorithm;
    bool deep, masked, mlp;
} variant;

static const variant variants[] = {
    {"reinforce", true, false, false},    {"reinforce", false, true, true},
    {"actor-critic", false, false, true}, {"actor-critic", true, true, false},
    {"ppo", false, false, false},         {"ppo", true, true, false},
    {"ppo", false, true, true},           {"imitation", false, false, false},
    {"imitation", true, true, false},     {"dqn", false, true, false},
    {"dqn", true, false, false},          {"dqn", false, false, true},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

// On a small sudoku, where masks matter.
static small_setup setup_of(const variant *v) {
    small_setup s = small_default();
    trm_text_copy(s.env.type, sizeof s.env.type, "sudoku");
    s.env.size = 4;
    s.env.givens = 12;
    s.env.mask_actions = v->masked;
    s.model.hidden = 12;
    if (v->mlp)
        trm_text_copy(s.model.type, sizeof s.model.type, "mlp");
    trm_text_copy(s.train.algorithm, sizeof s.train.algorithm, v->algorithm);
    s.train.deep_supervision = v->deep;
    s.train.passes = 2;
    s.train.minibatches = 3;
    s.train.envs = 20;
    s.train.episodes = 1000;
    return s;
}

static void test_threads_change_nothing(void **state) {
    (void)state;
    for (int i = 0; i < VARIANTS; i++) {
        small_setup s = setup_of(&variants[i]);
        trm_learner *one = small_learner(&s, 1);
        s.train.threads = 2;
        trm_learner *two = small_learner(&s, 1), *other = small_learner(&s, 2);
        small_train(one, 2);
        small_train(two, 2);
        small_train(other, 2);
        assert_same_learner(one, two);
        assert_false(same_learner(one, other));
        trm_learner_free(one);
        trm_learner_free(two);
        trm_learner_free(other);
    }
}

static void copy_tensors(trm_learner *from, trm_learner *to) {
    static trm_tensor a[256], b[256];
    int32_t n = trm_learner_tensors(from, a, 256);
    trm_error e = {0};
    assert_int_equal(trm_learner_tensors(to, b, 256), n);
    for (int32_t i = 0; i < n; i++)
        memcpy(b[i].data, a[i].data, trm_tensor_bytes(&a[i]));
    if (!trm_learner_restored(to, &e))
        fail_msg("%s", e.message);
}

static void test_resumed_equals_never_stopped(void **state) {
    (void)state;
    for (int i = 0; i < VARIANTS; i++) {
        small_setup s = setup_of(&variants[i]);
        trm_learner *a = small_learner(&s, 3), *b = small_learner(&s, 99);
        small_train(a, 2);
        copy_tensors(a, b);
        small_train(a, 2);
        small_train(b, 2);
        assert_same_learner(a, b);
        trm_learner_free(a);
        trm_learner_free(b);
    }
}

static bool stop_at_once(void *ctx, const trm_step_view *view) {
    (void)ctx;
    (void)view;
    return false;
}

// Abandoned, or failed in the middle of several steps of the optimiser.
static void test_an_update_that_is_not_done_never_was(void **state) {
    (void)state;
    for (int i = 0; i < VARIANTS; i++) {
        small_setup s = setup_of(&variants[i]);
        trm_learner *a = small_learner(&s, 3), *b = small_learner(&s, 3);
        const trm_learner_callback callback = {stop_at_once, NULL};
        trm_update u;
        trm_error e = {0};
        assert_int_equal(trm_learner_update(a, &callback, &u, &e), TRM_UPDATE_ABANDONED);
        assert_same_learner(a, b);
        a->config.lr = INFINITY;
        assert_int_equal(trm_learner_update(a, NULL, &u, &e), TRM_UPDATE_FAILED);
        assert_int_equal(e.code, TRM_E_NUMERIC);
        assert_same_learner(a, b);
        a->config.lr = b->config.lr;
        small_train(a, 1);
        small_train(b, 1);
        assert_same_learner(a, b);
        trm_learner_free(a);
        trm_learner_free(b);
    }
}

// With masks every action places a digit, so no episode is longer than there are blanks.
static void test_masked_actions_are_never_taken(void **state) {
    (void)state;
    for (int i = 0; i < VARIANTS; i++) {
        small_setup s = setup_of(&variants[i]);
        int32_t longest = 0;
        trm_learner *l = small_learner(&s, 4);
        trm_update u;
        trm_error e = {0};
        for (int k = 0; k < 3; k++) {
            assert_int_equal(trm_learner_update(l, NULL, &u, &e), TRM_UPDATE_DONE);
            assert_true(isfinite(u.loss) && isfinite(u.entropy));
            for (int32_t n = 0; n < u.count; n++)
                longest = u.episodes[n].length > longest ? u.episodes[n].length : longest;
        }
        assert_int_equal(longest <= 4, variants[i].masked);
        trm_learner_free(l);
    }
}

// The weights of the outputs add up to one, and only the last counts unless supervision is deep.
static void test_weights_of_outputs(void **state) {
    (void)state;
    for (int deep = 0; deep < 2; deep++) {
        small_setup s = small_default();
        s.model.k_cycles = 4;
        s.train.deep_supervision = deep;
        trm_learner *l = small_learner(&s, 1);
        float sum = 0;
        for (int32_t o = 0; o < 4; o++)
            sum += trm_learner_output_weight(l, o);
        assert_true(fabsf(sum - 1) < 1e-6f);
        float first = trm_learner_output_weight(l, 0), last = trm_learner_output_weight(l, 3);
        assert_true(deep ? fabsf(last / first - 1.3f) < 1e-5f : first == 0 && last == 1);
        trm_learner_free(l);
    }
}

// Advantages by their definition, a sum over all later steps: A_t = sum (gamma lambda)^i delta_t+i.
static void test_advantages(void **state) {
    (void)state;
    small_setup s = small_default();
    trm_text_copy(s.train.algorithm, sizeof s.train.algorithm, "actor-critic");
    s.train.envs = 3;
    trm_learner *l = small_learner(&s, 5);
    small_train(l, 1);
    const trm_shard *sh = &l->shards[0];
    double gamma = (double)s.train.gamma, lambda = (double)s.train.gae, mean = 0, squares = 0;
    static double expected[4096];
    int32_t steps = trm_env_max_steps(l->env);
    for (int32_t e = 0; e < 3; e++)
        for (int32_t t = 0; t < sh->length[e]; t++) {
            const int32_t *rows = sh->row_of + e * steps;
            const float *reward = sh->reward + e * steps;
            double a = 0;
            for (int32_t i = t; i < sh->length[e]; i++) {
                double next = i + 1 < sh->length[e] ? (double)sh->value[rows[i + 1]] : 0;
                double delta = (double)reward[i] + gamma * next - (double)sh->value[rows[i]];
                a += pow(gamma * lambda, i - t) * delta;
            }
            expected[rows[t]] = a;
            assert_true(fabs((double)sh->goal[rows[t]] - a - (double)sh->value[rows[t]]) < 1e-3);
        }
    for (int32_t r = 0; r < sh->rows; r++)
        mean += expected[r] / sh->rows;
    for (int32_t r = 0; r < sh->rows; r++)
        squares += (expected[r] - mean) * (expected[r] - mean) / sh->rows;
    for (int32_t r = 0; r < sh->rows; r++)
        assert_true(fabs((double)sh->weight[r] - (expected[r] - mean) / sqrt(squares)) < 1e-2);
    trm_learner_free(l);
}

// PPO's only pass in one part is actor-critic while the ratio is 1.
static void test_one_pass_of_ppo_is_actor_critic(void **state) {
    (void)state;
    const variant v = {"actor-critic", false, false, false};
    small_setup s = setup_of(&v);
    s.train.passes = s.train.minibatches = 1;
    trm_learner *a = small_learner(&s, 6);
    trm_text_copy(s.train.algorithm, sizeof s.train.algorithm, "ppo");
    trm_learner *b = small_learner(&s, 6);
    small_train(a, 3);
    small_train(b, 3);
    assert_same_learner(a, b);
    trm_learner_free(a);
    trm_learner_free(b);
}

// Mean length of the episodes of the last updates.
static double length(trm_learner *l, int32_t updates) {
    enum { LAST = 5 };
    double sum = 0, n = 0;
    trm_update u;
    trm_error e = {0};
    for (int32_t k = 0; k < updates; k++) {
        assert_int_equal(trm_learner_update(l, NULL, &u, &e), TRM_UPDATE_DONE);
        for (int32_t i = 0; i < u.count && k >= updates - LAST; i++, n++)
            sum += u.episodes[i].length;
    }
    return sum / n;
}

// Four steps are the least.
static int64_t labelled_rows(const trm_learner *l, int64_t *rows) {
    const int32_t actions = trm_env_action_dim(l->env);
    int64_t labelled = 0;
    *rows = trm_learner_rows(l);
    for (int32_t k = 0; k < l->shard_count; k++)
        for (int32_t r = 0; l->shards[k].best && r < l->shards[k].rows; r++) {
            bool any = false;
            for (int32_t a = 0; a < actions; a++)
                any |= l->shards[k].best[(int64_t)r * actions + a];
            labelled += any;
        }
    return labelled;
}

// Whatever the algorithm, entropy is a mean over what it is the sum of: never above that of chance,
// which a new policy comes close to; also where imitation has steps that nothing is best at.
static void test_entropy_is_a_mean(void **state) {
    (void)state;
    for (int i = 0; i < VARIANTS; i++) {
        small_setup s = setup_of(&variants[i]);
        s.env.mask_actions = false;
        s.env.givens = 6;
        trm_learner *l = small_learner(&s, 1);
        const double most = log(trm_env_action_dim(trm_learner_env(l)));
        trm_update u;
        trm_error e = {0};
        assert_int_equal(trm_learner_update(l, NULL, &u, &e), TRM_UPDATE_DONE);
        if (!((double)u.entropy <= most + 1e-5 && (double)u.entropy > 0.5 * most))
            fail_msg("%s: entropy %g of at most %g", s.train.algorithm, (double)u.entropy, most);
        int64_t rows, labelled = labelled_rows(l, &rows);
        if (strcmp(s.train.algorithm, "imitation") == 0)
            assert_in_range(labelled, 1, 3 * rows / 4); // else the test would say nothing
        trm_learner_free(l);
    }
}

static void test_each_learns_the_small_maze(void **state) {
    (void)state;
    static const char *const names[] = {"reinforce", "actor-critic", "ppo", "imitation"};
    for (int i = 0; i < 4; i++) {
        small_setup s = small_default();
        trm_text_copy(s.train.algorithm, sizeof s.train.algorithm, names[i]);
        trm_text_copy(s.train.baseline, sizeof s.train.baseline, "running");
        s.train.envs = 8;
        s.train.lr = 5e-3f;
        trm_learner *l = small_learner(&s, 7);
        double untrained = length(l, 5), trained = length(l, 80);
        if (untrained < 10 || trained > 0.75 * untrained)
            fail_msg("%s: from %g to %g steps", names[i], untrained, trained);
        trm_learner_free(l);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_change_nothing),
        cmocka_unit_test(test_resumed_equals_never_stopped),
        cmocka_unit_test(test_an_update_that_is_not_done_never_was),
        cmocka_unit_test(test_masked_actions_are_never_taken),
        cmocka_unit_test(test_weights_of_outputs),
        cmocka_unit_test(test_advantages),
        cmocka_unit_test(test_one_pass_of_ppo_is_actor_critic),
        cmocka_unit_test(test_entropy_is_a_mean),
        cmocka_unit_test(test_each_learns_the_small_maze),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
