// SPDX-License-Identifier: Apache-2.0
// Imitation on whole boards: one forward answers for every cell as the policy would there.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/arch.h"
#include "support.h"
#include "train/algorithms/boards.h"
#include "trm/base/text.h"

enum { CELLS = 7 * 9, STATE = 8192 };

static small_setup board_setup(void) {
    small_setup s = small_default();
    trm_text_copy(s.env.type, sizeof s.env.type, "maze");
    s.env.size = 7;
    s.env.width = 9;
    s.env.braid = 0.5f;
    trm_text_copy(s.model.type, sizeof s.model.type, "trm-conv");
    s.model.read_at_agent = true;
    s.model.d_model = 8;
    s.model.feedforward = 8;
    s.model.layers = 1;
    s.model.inner_steps = 3;
    s.model.k_cycles = 1;
    s.model.sup_steps = 2;
    trm_text_copy(s.train.algorithm, sizeof s.train.algorithm, "imitation");
    s.train.deep_supervision = true;
    s.train.batch = 6;
    s.train.envs = 20; // two shards
    s.train.episodes = 10000;
    return s;
}

static void test_the_answer_for_a_cell_is_the_policys_there(void **state) {
    (void)state;
    small_setup s = board_setup();
    trm_error e = {0};
    trm_rng rng;
    s.train.batch = 20;
    trm_learner *l = small_learner(&s, 1);
    small_train(l, 1);
    assert_non_null(l->answerer);
    memcpy(trm_model_params(l->answerer)->values, trm_model_params(l->model)->values,
           (size_t)l->adam.size * sizeof(float));
    trm_workspace *all = trm_workspace_new(l->answerer, 1, false);
    trm_workspace *one = trm_workspace_new(l->model, 1, false);
    char *at = malloc(STATE);
    float *x = malloc((size_t)trm_env_state_dim(l->env) * sizeof *x);
    int32_t tried = 0, last = trm_model_outputs(l->model) - 1;
    trm_rng_seed(&rng, 2, 0);
    trm_env_reset(l->env, at, &rng, TRM_SPLIT_TRAIN);
    trm_env_observe(l->env, at, x);
    trm_model_forward(l->answerer, all, 0, trm_mat_of(x, 1, trm_env_state_dim(l->env)), NULL);
    for (int32_t cell = 0; cell < CELLS; cell++) {
        const trm_edit edit = {.kind = TRM_EDIT_AGENT, .cell = cell};
        if (!trm_env_edit(l->env, at, &edit, &e))
            continue;
        trm_env_observe(l->env, at, x);
        trm_model_forward(l->model, one, 0, trm_mat_of(x, 1, trm_env_state_dim(l->env)), NULL);
        const float *there = trm_workspace_logits(all, last).data + cell * 4;
        const float *here = trm_workspace_logits(one, last).data;
        for (int a = 0; a < 4; a++)
            assert_true(fabsf(there[a] - here[a]) < 1e-4f * (1 + fabsf(here[a])));
        tried++;
    }
    assert_true(tried > 20);
    free(at);
    free(x);
    trm_workspace_free(all);
    trm_workspace_free(one);
    trm_learner_free(l);
}

// Nothing of an episode is differentiated: its length costs no memory, the boards do.
static void test_activations_of_episodes_pass(void **state) {
    (void)state;
    small_setup s = board_setup();
    trm_error e = {0};
    s.train.batch = 20;
    trm_learner *l = small_learner(&s, 1);
    for (int32_t k = 0; k < l->shard_count; k++)
        assert_int_equal(l->shards[k].workspace->max_rows, l->shards[k].count);
    trm_learner_free(l);
    s.train.batch = 10000000;
    assert_null(trm_learner_new(&s.env, &s.model, &s.train, 1, &e));
    assert_non_null(strstr(e.message, "train.batch: 10000000 boards need"));
}

// Labels are the moves that come nearer, from every free cell but the goal.
static void test_labels(void **state) {
    (void)state;
    small_setup s = board_setup();
    s.train.batch = 20;
    trm_learner *l = small_learner(&s, 1);
    small_train(l, 1);
    const trm_boards *b = l->shards[0].boards;
    for (int32_t i = 0; i < b->count; i++)
        for (int32_t p = 0; p < CELLS; p++) {
            const float *x = b->x + i * 3 * CELLS;
            bool free_cell = x[p] == 0 && x[2 * CELLS + p] == 0;
            const bool *best = b->best + (i * CELLS + p) * 4;
            int32_t count = trm_count_best(best, 4);
            assert_true(free_cell ? count >= 1 : count == 0);
            const int32_t steps[4] = {-9, 9, -1, 1};
            for (int a = 0; a < 4; a++)
                assert_false(best[a] && x[p + steps[a]] > 0); // never into a wall
        }
    trm_learner_free(l);
}

static void test_threads_and_resume_change_nothing(void **state) {
    (void)state;
    small_setup s = board_setup();
    s.train.batch = 21;
    trm_learner *one = small_learner(&s, 3), *again = small_learner(&s, 9);
    s.train.threads = 2;
    trm_learner *two = small_learner(&s, 3);
    static trm_tensor from[256], to[256];
    trm_error e = {0};
    small_train(one, 1);
    small_train(two, 1);
    assert_same_learner(one, two);
    int32_t n = trm_learner_tensors(one, from, 256);
    assert_int_equal(trm_learner_tensors(again, to, 256), n);
    for (int32_t i = 0; i < n; i++) {
        size_t bytes = from[i].dtype == TRM_F32 ? 4 : 8;
        for (int32_t d = 0; d < from[i].ndim; d++)
            bytes *= (size_t)from[i].shape[d];
        memcpy(to[i].data, from[i].data, bytes);
    }
    assert_true(trm_learner_restored(again, &e));
    small_train(one, 1);
    small_train(again, 1);
    assert_same_learner(one, again);
    trm_learner_free(one);
    trm_learner_free(two);
    trm_learner_free(again);
}

static void test_refusals(void **state) {
    (void)state;
    small_setup s = board_setup();
    trm_error e = {0};
    assert_null(trm_learner_new(&s.env, &s.model, &s.train, 1, &e));
    assert_non_null(strstr(e.message, "train.batch: 6 boards are fewer than the 20"));
    s = board_setup();
    s.env = trm_env_config_default();
    assert_null(trm_learner_new(&s.env, &s.model, &s.train, 1, &e));
    assert_non_null(strstr(e.message, "model.read_at_agent"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_answer_for_a_cell_is_the_policys_there),
        cmocka_unit_test(test_activations_of_episodes_pass),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_threads_and_resume_change_nothing),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
