// SPDX-License-Identifier: Apache-2.0
// Models on mazes that are not square: the policy of every cell, reading at the agent's cell, and
// imitation of whole boards.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/oblong.h"
#include "support.h"
#include "train/algorithms/boards.h"
#include "trm/agent/policy_map.h"
#include "trm/base/text.h"
#include "trm/train/diagnose.h"
#include "trm/train/sizes.h"

enum { STATE = 8192, KINDS = 4, MOST_CELLS = 700, FOR_ALL_KINDS = 110 };
static const char *const kinds[KINDS] = {"trm-attn", "trm-mix", "trm-conv", "trm-peer"};

static small_setup setup_of(oblong size, const char *model) {
    small_setup s = small_default();
    trm_text_copy(s.env.type, sizeof s.env.type, "maze");
    trm_text_copy(s.model.type, sizeof s.model.type, model);
    s.env.size = size.rows;
    s.env.width = size.cols;
    s.env.braid = 0.3f;
    s.model.read_at_agent = true;
    s.model.local = true;
    s.model.d_model = 8;
    s.model.heads = 2;
    s.model.feedforward = 8;
    s.model.layers = 1;
    s.model.inner_steps = 2;
    s.model.k_cycles = 1;
    s.model.sup_steps = 1;
    trm_text_copy(s.train.algorithm, sizeof s.train.algorithm, "imitation");
    s.train.batch = s.train.envs = 2;
    s.train.episodes = 10000;
    return s;
}

static int32_t distance(const trm_board *b, int32_t x, int32_t y) {
    return abs(x / b->cols - y / b->cols) + abs(x % b->cols - y % b->cols);
}

// Every cell once, the nearest first; an answer for every cell that the agent can be in, and a
// slab's end that nothing is written behind.
static void check_map(const trm_env *env, const trm_model *m) {
    static trm_board b;
    char s[STATE];
    trm_error e = {0};
    trm_rng rng;
    trm_rng_seed(&rng, 1, 0);
    trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
    trm_env_describe(env, s, &b);
    const int32_t cells = b.rows * b.cols;
    trm_agent agent;
    if (!trm_agent_init_snapshot(&agent, env, m, NULL, 1, &e))
        fail_msg("%s", e.message);
    trm_policy_map map;
    trm_policy_map_init(&map, &agent, s, 1);
    int32_t here = 0;
    while (b.cells[here].kind != TRM_CELL_AGENT)
        here++;
    const int32_t starts[] = {0, b.cols - 1, cells - 1, cells / 2, -1, cells, here};
    for (size_t k = 0; k < sizeof starts / sizeof *starts; k++) {
        bool *seen = calloc((size_t)cells, sizeof *seen);
        trm_policy_map_begin(&map, &agent, starts[k]);
        const int32_t near = starts[k] >= 0 && starts[k] < cells ? starts[k] : 0;
        for (int32_t i = 0; i < cells; i++) {
            assert_in_range(map.order[i], 0, cells - 1);
            assert_false(seen[map.order[i]]);
            seen[map.order[i]] = true;
            assert_true(i == 0 ||
                        distance(&b, near, map.order[i - 1]) <= distance(&b, near, map.order[i]));
        }
        free(seen);
    }
    int32_t looks = 0;
    while (trm_policy_map_next(&map, &agent, s, -1))
        looks++;
    assert_int_equal(looks, cells);
    const int32_t last = (map.cycles - 1) * cells;
    for (int32_t cell = 0; cell < cells; cell++) {
        const uint8_t kind = b.cells[cell].kind;
        assert_int_equal(map.action[last + cell] >= 0,
                         kind == TRM_CELL_EMPTY || kind == TRM_CELL_AGENT);
    }
    trm_policy_map_done(&map);
    trm_agent_done(&agent);
}

static void test_the_policy_of_every_cell(void **state) {
    (void)state;
    for (int i = 0; i < MAZES; i++) {
        small_setup s = setup_of(mazes[i], "mlp");
        s.model.hidden = 4;
        s.model.read_at_agent = false;
        trm_learner *l = small_learner(&s, 3);
        check_map(trm_learner_env(l), trm_learner_model(l));
        trm_learner_free(l);
    }
}

// One forward of the whole board answers for a cell what the policy answers from there.
static void check_reading(const trm_learner *l) {
    static trm_board b;
    const int32_t states = trm_env_state_dim(l->env), last = trm_model_outputs(l->model) - 1;
    trm_error e = {0};
    trm_rng rng;
    char at[STATE];
    memcpy(trm_model_params(l->answerer)->values, trm_model_params_const(l->model)->values,
           (size_t)l->adam.size * sizeof(float));
    trm_workspace *all = trm_workspace_new(l->answerer, 1, false);
    trm_workspace *one = trm_workspace_new(l->model, 1, false);
    float *x = malloc((size_t)states * sizeof *x);
    trm_rng_seed(&rng, 2, 0);
    trm_env_reset(l->env, at, &rng, TRM_SPLIT_TRAIN);
    trm_env_describe(l->env, at, &b);
    trm_env_observe(l->env, at, x);
    trm_model_forward(l->answerer, all, 0, trm_mat_of(x, 1, states), NULL);
    int32_t tried = 0;
    for (int32_t cell = 0; cell < b.rows * b.cols && tried < 12; cell++) {
        const trm_edit edit = {.kind = TRM_EDIT_AGENT, .cell = cell};
        if (!trm_env_edit(l->env, at, &edit, &e))
            continue;
        trm_env_observe(l->env, at, x);
        trm_model_forward(l->model, one, 0, trm_mat_of(x, 1, states), NULL);
        const float *there = trm_workspace_logits(all, last).data + cell * TRM_DIRECTIONS;
        const float *here = trm_workspace_logits(one, last).data;
        for (int a = 0; a < TRM_DIRECTIONS; a++)
            assert_true(fabsf(there[a] - here[a]) < 1e-4f * (1 + fabsf(here[a])));
        tried++;
    }
    assert_int_equal(tried, 12);
    free(x);
    trm_workspace_free(all);
    trm_workspace_free(one);
}

// The labels of a board are the moves that come nearer.
static void check_labels(const trm_learner *l) {
    const trm_boards *b = l->shards[0].boards;
    const trm_geometry g = trm_env_geometry(l->env);
    const int32_t cells = trm_geometry_cells(&g);
    for (int32_t i = 0; i < b->count; i++)
        for (int32_t p = 0; p < cells; p++) {
            const float *x = b->x + i * 3 * cells;
            const bool *best = b->best + (i * cells + p) * TRM_DIRECTIONS;
            const bool walks = !(x[p] > 0) && !(x[2 * cells + p] > 0);
            assert_int_equal(trm_count_best(best, TRM_DIRECTIONS) > 0, walks);
            for (trm_direction d = 0; d < TRM_DIRECTIONS; d++) {
                const int32_t next = trm_geometry_neighbour(&g, p, d, 1);
                assert_false(best[d] && (next < 0 || x[next] > 0));
            }
        }
}

static void test_models_that_read_at_the_agent(void **state) {
    (void)state;
    for (int i = 0; i < MAZES; i++)
        for (int kind = 0; kind < KINDS; kind++) {
            const int32_t cells = mazes[i].rows * mazes[i].cols;
            if (cells > MOST_CELLS || (cells > FOR_ALL_KINDS && kind != i % KINDS))
                continue; // would take gigabytes; or a while
            small_setup s = setup_of(mazes[i], kinds[kind]);
            trm_learner *l = small_learner(&s, 1);
            const trm_model_config *c = trm_model_get_config(l->model);
            assert_true(c->height == mazes[i].rows && c->width == mazes[i].cols);
            small_train(l, 1);
            check_reading(l);
            check_labels(l);
            trm_learner_free(l);
        }
}

// A board of as many cells, and of other rows and columns, is another board.
static void test_a_model_fits_its_own_board(void **state) {
    (void)state;
    small_setup s = setup_of((oblong){7, 15}, "trm-conv");
    trm_learner *l = small_learner(&s, 1);
    trm_error e = {0};
    assert_true(trm_model_fits_env(trm_model_get_config(l->model), l->env));
    s.env.size = 15;
    s.env.width = 7;
    trm_env *turned = trm_env_new(&s.env, &e);
    assert_non_null(turned);
    assert_int_equal(trm_env_state_dim(turned), trm_env_state_dim(l->env));
    assert_false(trm_model_fits_env(trm_model_get_config(l->model), turned));
    trm_model_config unknown = *trm_model_get_config(l->model);
    unknown.height = unknown.width = 0;
    assert_true(trm_model_fits_env(&unknown, turned));
    trm_env_free(turned);
    trm_learner_free(l);
}

static bool stop_at_one(void *ctx, int64_t done) {
    (void)ctx;
    return done < 1;
}

// What `trm diagnose` does, with few episodes.
static void check_diagnosis(trm_learner *l) {
    trm_findings f = {0};
    trm_error e = {0};
    trm_environment_diagnosis environment;
    trm_policy_diagnosis policy;
    trm_unit_diagnosis units;
    trm_gradient_diagnosis gradient;
    trm_signal_diagnosis signal;
    trm_training_diagnosis training;
    trm_diagnose_environment(l, 2, 1, NULL, NULL, &environment, &f);
    assert_true(environment.solvable && environment.optimum_succeeds);
    assert_true(environment.path_count > 0 && environment.random.length > 0);
    // Greedy play is that of eval.
    trm_diagnose_policy(l, 1, 1, &environment.random, true, stop_at_one, NULL, &policy, &f);
    assert_true(policy.sampled.length > 0 && isfinite(policy.sampled.entropy));
    trm_diagnose_units(l, 1, 1, NULL, NULL, &units, &f);
    trm_diagnose_gradient(l, 1, NULL, NULL, &gradient, &f);
    assert_true(trm_diagnose_signal(l, 1, NULL, NULL, &signal, &f, &e));
    assert_true(trm_diagnose_training(l, 2, NULL, NULL, &training, &f, &e));
    for (int32_t i = 0; i < f.count; i++)
        if (strcmp(f.items[i].check, "finite-differences") == 0)
            assert_int_equal(f.items[i].severity, TRM_SEVERITY_OK);
    trm_policy_diagnosis_done(&policy);
    trm_unit_diagnosis_done(&units);
    trm_gradient_diagnosis_done(&gradient);
}

static void test_diagnosis(void **state) {
    (void)state;
    for (int i = 0; i < SMALL_MAZES; i++) {
        small_setup s = setup_of(small_mazes[i], "mlp");
        s.model.hidden = 4;
        s.model.read_at_agent = false;
        trm_text_copy(s.train.algorithm, sizeof s.train.algorithm, "reinforce");
        s.train.envs = s.train.batch = 1;
        trm_learner *l = small_learner(&s, 3);
        check_diagnosis(l);
        trm_learner_free(l);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_policy_of_every_cell),
        cmocka_unit_test(test_models_that_read_at_the_agent),
        cmocka_unit_test(test_a_model_fits_its_own_board),
        cmocka_unit_test(test_diagnosis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
