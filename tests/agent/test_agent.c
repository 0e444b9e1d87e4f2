// SPDX-License-Identifier: Apache-2.0
// Agents: snapshots of a model, run as it is and otherwise, the mask, and the policy from every
// cell.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../train/support.h"
#include "trm/agent/episode.h"
#include "trm/agent/player.h"
#include "trm/agent/policy_map.h"
#include "trm/base/text.h"
#include "trm/train/sizes.h"

enum { CYCLES = 16, STATE = 64 };

static trm_agent snapshot_of(trm_learner *l) {
    trm_error e = {0};
    trm_agent a;
    if (!trm_agent_init_snapshot(&a, trm_learner_env(l), trm_learner_model(l), NULL, CYCLES, &e))
        fail_msg("%s", e.message);
    return a;
}

// What a snapshot sees is what an agent thinks with the model it was copied from, at that moment.
static void test_a_snapshot_is_the_model_of_its_moment(void **state) {
    (void)state;
    small_setup setup = small_default();
    trm_learner *l = small_learner(&setup, 3);
    const trm_env *env = trm_learner_env(l);
    trm_agent snapshot = snapshot_of(l);
    trm_agent agent;
    trm_agent_init(&agent, env, trm_learner_model(l));
    char s[STATE];
    trm_rng rng;
    trm_rng_seed(&rng, 1, 0);
    trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
    size_t bytes = (size_t)trm_trace_size(&agent.shape) * sizeof(float);
    float *trace = malloc(bytes), *before = malloc(bytes);
    for (int32_t prev = -1; prev < 4; prev++) {
        trm_agent_think(&agent, s, prev);
        trm_agent_inspect(&snapshot, s, prev, trace);
        assert_memory_equal(trace, agent.trace, bytes);
    }
    memcpy(before, trace, bytes);
    small_train(l, 2);
    trm_agent_inspect(&snapshot, s, 3, trace);
    assert_memory_equal(trace, before, bytes);
    trm_agent_think(&agent, s, 3);
    assert_memory_not_equal(trace, agent.trace, bytes);
    free(trace);
    free(before);
    trm_agent_done(&agent);
    trm_agent_done(&snapshot);
    trm_learner_free(l);
}

// Large models on large boards: what fits is kept, and how the episode ended.
static void test_long_episodes_are_cut(void **state) {
    (void)state;
    trm_error e = {0};
    trm_episode_trace trace, copy;
    trm_player player;
    trm_rng rng;
    small_setup setup = small_default();
    trm_learner *l = small_learner(&setup, 3);
    const trm_env *env = trm_learner_env(l);
    trm_rng_seed(&rng, 1, 0);
    trm_player_init(&player, env, trm_learner_model(l));
    trm_player_reset(&player, &rng, TRM_SPLIT_HELD_OUT);
    trm_episode_trace_init(&trace, env, trm_learner_model(l));
    trm_episode_trace_init(&copy, env, trm_learner_model(l));
    assert_int_equal(trace.capacity, trm_env_max_steps(env));
    trace.capacity = copy.capacity = 2;
    trm_episode_trace_begin(&trace, 1, 0);
    int32_t steps = 0;
    for (; !player.finished; steps++) {
        trm_player_step(&player);
        const trm_step_view view = trm_player_view(&player, 0);
        trm_episode_trace_append(&trace, env, &view);
        assert_int_equal(trm_episode_trace_full(&trace), steps >= 1);
    }
    assert_true(steps > 2);
    assert_int_equal(trace.length, 2);
    assert_true(trace.finished);
    trm_episode_trace_sync(&copy, &trace);
    assert_int_equal(copy.length, 2);
    assert_true(copy.finished && trm_episode_trace_full(&copy));
    trm_episode_trace_done(&trace);
    trm_episode_trace_done(&copy);
    trm_player_done(&player);
    trm_learner_free(l);

    trm_env_config board = trm_env_config_default();
    trm_text_copy(board.type, sizeof board.type, "maze");
    board.size = 31;
    trm_env *large = trm_env_new(&board, &e);
    trm_model_config config = trm_model_config_default();
    trm_text_copy(config.type, sizeof config.type, "trm-conv");
    config.sup_steps = 12;
    trm_model_take_env(&config, large);
    trm_model *m = trm_model_new(&config, &e);
    assert_non_null(m);
    trm_episode_trace_init(&trace, large, m);
    const int64_t bytes = trm_trace_size(&trace.shape) * (int64_t)sizeof(float);
    const int64_t most = (int64_t)TRM_EPISODE_TRACE_MIB << 20;
    assert_true(trace.capacity < trm_env_max_steps(large));
    assert_true(bytes * trace.capacity <= most && bytes * (trace.capacity + 1) > most);
    trm_episode_trace_done(&trace);
    trm_model_free(m);
    trm_env_free(large);
}

static void test_the_policy_of_every_cell(void **state) {
    (void)state;
    small_setup setup = small_default();
    trm_learner *l = small_learner(&setup, 3);
    const trm_env *env = trm_learner_env(l);
    trm_agent snapshot = snapshot_of(l);
    char s[STATE], at[STATE];
    trm_rng rng;
    trm_rng_seed(&rng, 1, 0);
    trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
    trm_policy_map map;
    trm_policy_map_init(&map, &snapshot, s, CYCLES);
    trm_error e = {0};
    for (int32_t cycles = 0; cycles <= CYCLES; cycles += 5) {
        assert_true(trm_agent_intervene(
            &snapshot, &(trm_agent_intervention){.model = {.cycles = cycles}}, &e));
        trm_policy_map_begin(&map, &snapshot, 4);
        assert_int_equal(map.cells, 9);
        assert_int_equal(map.order[0], 4); // the nearest first
        assert_int_equal(map.cycles, cycles ? cycles : 2);
        int32_t n = 0;
        while (trm_policy_map_next(&map, &snapshot, s, 1))
            n++;
        assert_int_equal(n, 9);
        trm_trace_shape shape = snapshot.shape;
        float *trace = malloc((size_t)trm_trace_size(&shape) * sizeof *trace);
        for (int32_t cell = 0; cell < 9; cell++) {
            memcpy(at, s, sizeof s);
            bool free_cell =
                trm_env_edit(env, at, &(trm_edit){.kind = TRM_EDIT_AGENT, .cell = cell}, &e);
            assert_int_equal(free_cell, cell != 8);
            trm_agent_inspect(&snapshot, at, 1, trace);
            for (int32_t c = 0; c < shape.cycles; c++) {
                int32_t a = map.action[c * 9 + cell];
                assert_int_equal(a >= 0, free_cell);
                if (!free_cell)
                    continue;
                const float *probs = trm_trace_probs(&shape, trace, c);
                assert_true(map.prob[c * 9 + cell] == probs[a]);
                for (int32_t k = 0; k < shape.actions; k++)
                    assert_true(probs[k] <= probs[a]);
            }
        }
        free(trace);
    }
    trm_policy_map_done(&map);
    trm_agent_done(&snapshot);
    trm_learner_free(l);
}

// Every cell once, the nearest first, whatever the sides of the board.
static void check_turns(int32_t height, int32_t width) {
    enum { MOST = 15 * 15 };
    small_setup setup = small_default();
    trm_text_copy(setup.env.type, sizeof setup.env.type, "maze");
    setup.env.size = height;
    setup.env.width = width;
    trm_learner *l = small_learner(&setup, 3);
    const int32_t cells = height * width;
    char *s = malloc(trm_env_state_size(trm_learner_env(l)));
    trm_agent snapshot = snapshot_of(l);
    trm_rng rng;
    trm_rng_seed(&rng, 1, 0);
    trm_env_reset(trm_learner_env(l), s, &rng, TRM_SPLIT_TRAIN);
    trm_policy_map map;
    trm_policy_map_init(&map, &snapshot, s, CYCLES);
    assert_int_equal(map.cells, cells);
    for (int32_t near = -1; near <= cells; near++) {
        bool seen[MOST] = {false};
        trm_policy_map_begin(&map, &snapshot, near);
        for (int32_t i = 0; i < cells; i++) {
            assert_in_range(map.order[i], 0, cells - 1);
            assert_false(seen[map.order[i]]);
            seen[map.order[i]] = true;
        }
    }
    free(s);
    trm_policy_map_done(&map);
    trm_agent_done(&snapshot);
    trm_learner_free(l);
}

static void test_every_cell_has_its_turn(void **state) {
    (void)state;
    check_turns(7, 7);
    check_turns(7, 15);
    check_turns(13, 9);
}

// Masked and unmasked side by side: logits stay as the model gave them, decisions and samples are
// among what may be done.
static void test_the_mask(void **state) {
    (void)state;
    for (int masks = 0; masks < 2; masks++) {
        small_setup setup = small_default();
        trm_text_copy(setup.env.type, sizeof setup.env.type, "sudoku-medium");
        setup.env.size = 4;
        setup.env.mask_actions = masks;
        trm_learner *l = small_learner(&setup, 3);
        const trm_env *env = trm_learner_env(l);
        const int32_t n = trm_env_action_dim(env);
        trm_agent agent;
        trm_agent_init(&agent, env, trm_learner_model(l));
        assert_int_equal(agent.legal != NULL, masks);
        char *s = malloc(trm_env_state_size(env));
        bool *changes = calloc((size_t)n, sizeof *changes);
        trm_rng rng;
        trm_rng_seed(&rng, 1, 0);
        trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
        trm_env_legal(env, s, changes);
        const int32_t best = trm_agent_think(&agent, s, -1);
        const trm_mat logits = trm_workspace_logits(agent.workspace, agent.outputs - 1);
        const float *decision = trm_agent_row_decision(&agent, 0);
        for (int32_t a = 0; a < n; a++) {
            const float raw =
                trm_trace_logits(&agent.shape, agent.trace, agent.shape.cycles - 1)[a];
            assert_true(trm_mat_row(logits, 0)[a] == raw && raw > TRM_MASKED);
            assert_true(decision[a] == (masks && !changes[a] ? TRM_MASKED : raw));
            assert_true(decision[a] <= decision[best]);
        }
        for (int i = 0; i < 200; i++)
            assert_true(!masks || changes[trm_agent_sample(&agent, 0, &rng)]);
        free(s);
        free(changes);
        trm_agent_done(&agent);
        trm_learner_free(l);
    }
}

// Told of another previous action, an agent thinks what it thinks where that one came before.
static void test_another_previous_action(void **state) {
    (void)state;
    small_setup setup = small_default();
    trm_learner *l = small_learner(&setup, 3);
    const trm_env *env = trm_learner_env(l);
    trm_agent snapshot = snapshot_of(l), agent;
    trm_agent_init(&agent, env, trm_learner_model(l));
    char s[STATE];
    trm_rng rng;
    trm_error e = {0};
    trm_rng_seed(&rng, 1, 0);
    trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
    const size_t bytes = (size_t)trm_trace_size(&agent.shape) * sizeof(float);
    float *trace = malloc(bytes);
    for (int32_t before = -1; before < 4; before++) {
        const trm_agent_intervention i = {.replaces_before = true, .before = before};
        assert_true(trm_agent_intervene(&snapshot, &i, &e));
        trm_agent_inspect(&snapshot, s, 2, trace);
        trm_agent_think(&agent, s, before);
        assert_memory_equal(trace, agent.trace, bytes);
    }
    const trm_agent_intervention wrong = {.replaces_before = true, .before = 4};
    assert_false(trm_agent_intervene(&snapshot, &wrong, &e));
    assert_non_null(strstr(e.message, "the actions are 0 to 3"));
    assert_true(trm_agent_intervene(&snapshot, NULL, &e));
    trm_agent_inspect(&snapshot, s, 2, trace);
    trm_agent_think(&agent, s, 2);
    assert_memory_equal(trace, agent.trace, bytes);
    free(trace);
    trm_agent_done(&agent);
    trm_agent_done(&snapshot);
    trm_learner_free(l);
}

static void test_models_that_do_not_fit_are_refused(void **state) {
    (void)state;
    small_setup setup = small_default();
    trm_learner *l = small_learner(&setup, 3);
    trm_env_config config = setup.env;
    config.size = 4;
    trm_error e = {0};
    trm_env *other = trm_env_new(&config, &e);
    trm_agent agent;
    assert_false(trm_agent_init_snapshot(&agent, other, trm_learner_model(l), NULL, CYCLES, &e));
    assert_non_null(strstr(e.message, "takes 9 numbers"));
    trm_agent_done(&agent); // nothing is left to free
    trm_env_free(other);
    trm_learner_free(l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_snapshot_is_the_model_of_its_moment),
        cmocka_unit_test(test_long_episodes_are_cut),
        cmocka_unit_test(test_the_policy_of_every_cell),
        cmocka_unit_test(test_every_cell_has_its_turn),
        cmocka_unit_test(test_the_mask),
        cmocka_unit_test(test_another_previous_action),
        cmocka_unit_test(test_models_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
