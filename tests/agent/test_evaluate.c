// SPDX-License-Identifier: Apache-2.0
// Greedy episodes in lock-step against the same ones played one by one.
#include <math.h>

#include "../train/support.h"
#include "trm/agent/evaluate.h"
#include "trm/agent/player.h"
#include "trm/base/text.h"

enum { EPISODES = 70, SEED = 4, STREAM_EVALUATION = 1 << 30 };

static trm_learner *learner_of(const char *env) {
    small_setup s = small_default();
    trm_text_copy(s.env.type, sizeof s.env.type, env);
    s.env.size = 4;
    return small_learner(&s, 8);
}

static trm_evaluation one_by_one(trm_learner *l) {
    trm_evaluation v = {0};
    trm_player p;
    trm_rng rng;
    bool changes[64];
    double steps = 0, choices = 0, squares = 0;
    assert_true(trm_env_action_dim(trm_learner_env(l)) <= 64);
    trm_player_init(&p, trm_learner_env(l), trm_learner_model(l));
    trm_rng_seed(&rng, SEED, STREAM_EVALUATION);
    for (; v.episodes < EPISODES; v.episodes++) {
        float reward;
        int32_t length;
        trm_player_reset(&p, &rng, TRM_SPLIT_HELD_OUT);
        bool solvable = trm_env_optimum(p.agent.env, p.state, &reward, &length);
        v.optimal_reward += solvable ? (double)reward / EPISODES : NAN;
        v.optimal_length += solvable ? (double)length / EPISODES : NAN;
        while (!p.finished) {
            trm_env_legal(p.agent.env, p.state, changes);
            trm_player_step(&p);
            const double entropy = trm_agent_row_entropy(&p.agent, 0);
            steps++;
            v.idle += !changes[p.action];
            choices += !isnan(entropy);
            v.entropy += isnan(entropy) ? 0 : entropy;
            v.certain += (double)trm_agent_row_probs(&p.agent, 0)[p.action] > TRM_CERTAIN;
        }
        squares += (double)p.total_reward * (double)p.total_reward;
        v.successes += trm_env_success(p.agent.env, p.total_reward);
        v.mean_reward += (double)p.total_reward / EPISODES;
        v.mean_length += (double)p.t / EPISODES;
    }
    trm_player_done(&p);
    squares -= EPISODES * v.mean_reward * v.mean_reward;
    v.reward_sd = sqrt(fmax(squares, 0) / (EPISODES - 1));
    v.idle /= steps;
    v.entropy /= choices;
    v.certain /= choices;
    return v;
}

static bool close_to(double a, double b) {
    return fabs(a - b) < 1e-6 || (isnan(a) && isnan(b));
}

static void check_env(const char *env) {
    trm_learner *l = learner_of(env);
    small_train(l, 5);
    trm_evaluation v, again, want = one_by_one(l);
    trm_evaluate(trm_learner_model(l), trm_learner_env(l), EPISODES, SEED, false, NULL, NULL, &v);
    trm_evaluate(trm_learner_model(l), trm_learner_env(l), EPISODES, SEED, false, NULL, NULL,
                 &again);
    assert_int_equal(v.episodes, EPISODES);
    assert_int_equal(v.successes, want.successes);
    assert_true(close_to(v.mean_reward, want.mean_reward));
    assert_true(close_to(v.mean_length, want.mean_length));
    assert_true(fabs(v.reward_sd - want.reward_sd) < 1e-3);
    assert_true(close_to(v.idle, want.idle) && close_to(v.certain, want.certain));
    assert_true(fabs(v.entropy - want.entropy) < 1e-4);
    assert_true(close_to(v.optimal_reward, want.optimal_reward));
    assert_true(close_to(v.optimal_length, want.optimal_length));
    assert_true(v.mean_reward == again.mean_reward && v.mean_length == again.mean_length);
    trm_learner_free(l);
}

static void test_as_played_one_by_one(void **state) {
    (void)state;
    check_env("maze-open");
    check_env("sudoku-easy"); // starts differ, and so do lengths
}

static void test_evaluating_changes_nothing(void **state) {
    (void)state;
    trm_learner *l = learner_of("maze-open"), *same = learner_of("maze-open");
    trm_evaluation v;
    small_train(l, 3);
    small_train(same, 3);
    trm_evaluate(trm_learner_model(l), trm_learner_env(l), 3, SEED, false, NULL, NULL, &v);
    assert_same_learner(l, same);
    trm_learner_free(l);
    trm_learner_free(same);
}

static bool until(void *ctx, int64_t done) {
    return done < *(int64_t *)ctx;
}

static void test_stopping_early_tells_of_those_that_ended(void **state) {
    (void)state;
    trm_learner *l = learner_of("maze-open");
    trm_evaluation v;
    int64_t limit = 1;
    trm_evaluate(trm_learner_model(l), trm_learner_env(l), 1000, SEED, false, until, &limit, &v);
    assert_in_range(v.episodes, 1, 999);
    assert_true(v.mean_length >= 1 && isfinite(v.mean_reward));
    limit = 0;
    trm_evaluate(trm_learner_model(l), trm_learner_env(l), 1000, SEED, false, until, &limit, &v);
    assert_int_equal(v.episodes, 0);
    trm_learner_free(l);
}

// At random a 4x4 maze takes long; with the solver's six steps it is as short as can be.
static void test_random_play_and_shortest_ways(void **state) {
    (void)state;
    trm_learner *l = learner_of("maze-open");
    trm_evaluation v, again, trained;
    trm_evaluate(NULL, trm_learner_env(l), EPISODES, SEED, false, NULL, NULL, &v);
    trm_evaluate(NULL, trm_learner_env(l), EPISODES, SEED, false, NULL, NULL, &again);
    assert_true(v.mean_length == again.mean_length && v.mean_reward == again.mean_reward);
    assert_true(v.mean_length > 12 && v.successes > 0 && v.successes < EPISODES);
    assert_true(v.shortest < v.successes / 2);
    trm_learner_free(l);
    small_setup s = small_default();
    trm_text_copy(s.train.algorithm, sizeof s.train.algorithm, "imitation");
    s.env.size = 4;
    s.train.envs = 8;
    s.train.lr = 5e-3f;
    l = small_learner(&s, 8);
    small_train(l, 60);
    trm_evaluate(trm_learner_model(l), trm_learner_env(l), 3, SEED, false, NULL, NULL, &trained);
    assert_int_equal(trained.successes, 3);
    assert_int_equal(trained.shortest, trained.mean_length == 6 ? 3 : 0);
    trm_learner_free(l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_played_one_by_one),
        cmocka_unit_test(test_evaluating_changes_nothing),
        cmocka_unit_test(test_random_play_and_shortest_ways),
        cmocka_unit_test(test_stopping_early_tells_of_those_that_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
