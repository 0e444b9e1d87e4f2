// SPDX-License-Identifier: Apache-2.0
// Learned halting: the policy learns as it does without, and the head learns when to stop.
#include <math.h>
#include <string.h>

#include "support.h"
#include "trm/agent/evaluate.h"
#include "trm/base/text.h"

static const char *const algorithms[] = {"reinforce", "actor-critic", "ppo", "imitation"};
enum { ALGORITHMS = sizeof algorithms / sizeof *algorithms };

static small_setup sudoku_setup(const char *algorithm, bool deep, bool halting) {
    small_setup s = small_default();
    trm_text_copy(s.env.type, sizeof s.env.type, "sudoku");
    s.env.size = 4;
    s.env.givens = 12;
    s.env.mask_actions = true;
    s.model.k_cycles = 3;
    trm_text_copy(s.train.algorithm, sizeof s.train.algorithm, algorithm);
    s.train.deep_supervision = deep;
    s.train.halting = halting;
    s.train.clip = 0; // the norm is of all gradients together
    s.train.passes = 2;
    s.train.minibatches = 3;
    s.train.envs = 20;
    s.train.episodes = 1000;
    s.train.lr = 1e-3f;
    return s;
}

static trm_learner *sudoku_learner(const char *algorithm, bool deep, bool halting) {
    small_setup s = sudoku_setup(algorithm, deep, halting);
    return small_learner(&s, 2);
}

static void test_threads_change_nothing(void **state) {
    (void)state;
    for (int i = 0; i < ALGORITHMS; i++) {
        small_setup s = sudoku_setup(algorithms[i], false, true);
        trm_learner *one = small_learner(&s, 3);
        s.train.threads = 2;
        trm_learner *two = small_learner(&s, 3);
        small_train(one, 3);
        small_train(two, 3);
        assert_same_learner(one, two);
        trm_learner_free(one);
        trm_learner_free(two);
    }
}

static void test_the_policy_learns_as_without(void **state) {
    (void)state;
    for (int i = 0; i < ALGORITHMS; i++)
        for (int deep = 0; deep < 2; deep++) {
            trm_learner *with = sudoku_learner(algorithms[i], deep, true);
            trm_learner *without = sudoku_learner(algorithms[i], deep, false);
            trm_params *p = trm_model_params(trm_learner_model(with));
            trm_params *q = trm_model_params(trm_learner_model(without));
            int32_t head = trm_params_find(p, "halting_head.weight");
            float before = trm_params_at(p, p->values, head)[0];
            small_train(with, 4);
            small_train(without, 4);
            for (int32_t k = 0; k < q->count; k++) {
                const trm_param *item = &q->items[k];
                int32_t at = trm_params_find(p, item->name);
                size_t n = 1;
                for (int32_t d = 0; d < item->ndim; d++)
                    n *= (size_t)item->shape[d];
                if (memcmp(trm_params_at(p, p->values, at), trm_params_at(q, q->values, k),
                           n * sizeof(float)) != 0)
                    fail_msg("%s: %s is another", algorithms[i], item->name);
            }
            assert_true(trm_params_at(p, p->values, head)[0] != before);
            trm_learner_free(with);
            trm_learner_free(without);
        }
}

// Before it has learned, a head is sure of nothing. Afterwards it saves cycles and no success:
// where every cycle is supervised more than where only the last one is.
static void test_the_head_learns_to_stop(void **state) {
    (void)state;
    enum { SEEDS = 3, EPISODES = 60, SEED = 4 };
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        for (int deep = 0; deep < 2; deep++) {
            small_setup s = small_default();
            trm_evaluation before, whole, stopping;
            trm_text_copy(s.train.algorithm, sizeof s.train.algorithm, "imitation");
            s.env.size = 4;
            s.model.h_dim = 16;
            s.model.k_cycles = 4;
            s.train.envs = 8;
            s.train.lr = 5e-3f;
            s.train.deep_supervision = deep;
            s.train.halting = true;
            trm_learner *l = small_learner(&s, seed);
            const trm_model *m = trm_learner_model(l);
            const trm_env *env = trm_learner_env(l);
            trm_evaluate(m, env, 20, SEED, true, NULL, NULL, &before);
            assert_true(before.mean_cycles == 4);
            small_train(l, 120);
            trm_evaluate(m, env, EPISODES, SEED, false, NULL, NULL, &whole);
            assert_true(isnan(whole.mean_cycles));
            assert_int_equal(whole.successes, EPISODES);
            trm_evaluate(m, env, EPISODES, SEED, true, NULL, NULL, &stopping);
            assert_int_equal(stopping.successes, EPISODES);
            assert_true(stopping.mean_cycles < (deep ? 1.5 : 3));
            trm_learner_free(l);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_policy_learns_as_without),
        cmocka_unit_test(test_threads_change_nothing),
        cmocka_unit_test(test_the_head_learns_to_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
