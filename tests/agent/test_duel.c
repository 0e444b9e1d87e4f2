// SPDX-License-Identifier: Apache-2.0
// Two models on one board: games, differences, and thoughts that are those of each model alone.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../train/support.h"
#include "trm/agent/duel.h"
#include "trm/agent/player.h"
#include "trm/base/arena.h"

typedef struct pair {
    trm_learner *l[2];
    const trm_env *env;
    char *start;
    trm_duel duel;
} pair;

static void open_pair(pair *p, const char *env, uint64_t first, uint64_t second, int32_t updates) {
    small_setup s = small_default();
    snprintf(s.env.type, sizeof s.env.type, "%s", env);
    if (strncmp(env, "sudoku", 6) == 0)
        s.env.size = 4;
    p->l[0] = small_learner(&s, first);
    p->l[1] = small_learner(&s, second);
    small_train(p->l[0], updates);
    p->env = trm_learner_env(p->l[0]);
    p->start = trm_alloc(1, trm_env_state_size(p->env));
    trm_rng rng;
    trm_rng_seed(&rng, 5, 0);
    trm_env_reset(p->env, p->start, &rng, TRM_SPLIT_HELD_OUT);
    trm_duel_init(&p->duel, p->env, trm_learner_model(p->l[0]), trm_learner_model(p->l[1]));
    trm_duel_play(&p->duel, p->start);
}

static void close_pair(pair *p) {
    trm_duel_done(&p->duel);
    free(p->start);
    trm_learner_free(p->l[0]);
    trm_learner_free(p->l[1]);
}

// Each game is the one that the model plays alone.
static void assert_own_game(pair *p, int32_t side) {
    const trm_duel_game *g = &p->duel.games[side];
    trm_player alone;
    trm_player_init(&alone, p->env, trm_learner_model(p->l[side]));
    trm_player_start(&alone, p->start);
    for (int32_t t = 0; t < g->length; t++) {
        assert_false(alone.finished);
        assert_memory_equal(trm_duel_state(&p->duel, side, t), alone.state,
                            trm_env_state_size(p->env));
        assert_int_equal(trm_duel_before(&p->duel, side, t), alone.prev_action);
        assert_int_equal(trm_duel_think(&p->duel, side, side, t), g->actions[t]);
        trm_player_step(&alone);
        assert_int_equal(alone.action, g->actions[t]);
        assert_true(alone.total_reward == g->totals[t]);
        assert_int_equal(alone.result.reason, g->steps[t].reason);
    }
    assert_true(alone.finished);
    assert_int_equal(alone.result.solved, g->solved);
    trm_player_done(&alone);
}

// Differences are where the second, asked about the first one's state, says another action.
static void assert_differences(pair *p) {
    trm_duel *d = &p->duel;
    int32_t count = 0, first = -1;
    for (int32_t t = 0; t < d->games[0].length; t++) {
        const bool differs = trm_duel_think(d, 1, 0, t) != d->games[0].actions[t];
        assert_int_equal(trm_duel_differs(d, t), differs);
        count += differs;
        first = differs && first < 0 ? t : first;
    }
    assert_int_equal(d->differences, count);
    assert_int_equal(d->first, first);
    for (int32_t t = 0; t < d->first; t++)
        assert_int_equal(d->games[0].actions[t], d->games[1].actions[t]);
    if (first >= 0)
        assert_int_not_equal(d->games[0].actions[first], d->games[1].actions[first]);
    int32_t walked = 0;
    for (int32_t t = trm_duel_next(d, -1, 1); t >= 0; t = trm_duel_next(d, t, 1))
        walked++;
    assert_int_equal(walked, count);
    for (int32_t t = trm_duel_next(d, d->games[0].length, -1); t >= 0; t = trm_duel_next(d, t, -1))
        walked--;
    assert_int_equal(walked, 0);
}

static void test_games_and_differences(void **state) {
    (void)state;
    static const char *const envs[] = {"maze-open", "sudoku-medium"};
    int32_t parted = 0;
    for (uint64_t k = 0; k < 6; k++) {
        pair p;
        open_pair(&p, envs[k % 2], k, k + 10, 5);
        assert_own_game(&p, 0);
        assert_own_game(&p, 1);
        assert_differences(&p);
        parted += p.duel.first >= 0;
        close_pair(&p);
    }
    assert_true(parted > 0);
}

static void test_a_model_does_not_differ_from_itself(void **state) {
    (void)state;
    pair p;
    open_pair(&p, "sudoku-medium", 3, 3, 0);
    assert_int_equal(p.duel.first, -1);
    assert_int_equal(p.duel.differences, 0);
    assert_int_equal(trm_duel_next(&p.duel, -1, 1), -1);
    assert_int_equal(p.duel.games[0].length, p.duel.games[1].length);
    close_pair(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_games_and_differences),
        cmocka_unit_test(test_a_model_does_not_differ_from_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
