// SPDX-License-Identifier: Apache-2.0
// Two models on one board or sample: games, answers, differences, and thoughts that are those of
// each model alone.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../train/support.h"
#include "trm/agent/duel.h"
#include "trm/agent/player.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/train/sizes.h"

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

// Both games are there from their first steps on, and what is known early stays.
static void test_games_grow_step_by_step(void **state) {
    (void)state;
    pair p;
    open_pair(&p, "maze-open", 1, 11, 5);
    trm_duel *d = &p.duel;
    const int32_t first = d->first, differences = d->differences, lengths = d->games[0].length;
    assert_true(trm_duel_over(d) && !trm_duel_go_on(d));
    trm_duel_begin(d, p.start);
    int32_t asked = 0;
    while (trm_duel_go_on(d)) {
        const trm_duel_game *g = d->games;
        asked++;
        assert_true(g[0].over || g[1].over || abs(g[0].length - g[1].length) <= 1);
        assert_true(d->first < 0 || d->first == first);
        assert_true(d->compared <= g[0].length);
    }
    assert_int_equal(asked, d->games[0].length + d->games[1].length + d->compared);
    assert_int_equal(d->first, first);
    assert_int_equal(d->differences, differences);
    assert_int_equal(d->games[0].length, lengths);
    close_pair(&p);
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

// ---- samples

static trm_dataset *draw_samples(const char *type, int32_t size) {
    trm_dataset_config c = {.size = size};
    trm_error e = {0};
    trm_text_copy(c.type, sizeof c.type, type);
    trm_dataset *d = trm_dataset_new(&c, TRM_SPLIT_HELD_OUT, 3, 5, &e);
    if (!d)
        fail_msg("%s", e.message);
    return d;
}

// Mazes of another number of rows than of columns, which no generator makes.
static trm_dataset *oblong_samples(void) {
    enum { COUNT = 3, ROWS = 3, COLS = 7, CELLS = ROWS * COLS };
    trm_dataset *d = draw_samples("mazes-8-fixed", 7);
    trm_dataset *wide = trm_dataset_part(d, 0, COUNT);
    wide->geometry = (trm_geometry){.rows = ROWS, .cols = COLS};
    wide->positions = CELLS;
    wide->state_dim = 3 * CELLS;
    trm_dataset_free(d);
    return wide;
}

static trm_model *answering(const trm_dataset *d, uint64_t seed, int32_t steps) {
    trm_model_config c = trm_model_config_default();
    trm_error e = {0};
    trm_rng rng;
    trm_text_copy(c.type, sizeof c.type, "trm-attn");
    c.sup_steps = steps;
    trm_model_take_dataset(&c, d);
    trm_model *m = trm_model_new(&c, &e);
    if (!m)
        fail_msg("%s", e.message);
    trm_rng_seed(&rng, seed, 0);
    trm_model_init(m, &rng);
    return m;
}

// A side thinks what its model thinks alone.
static void assert_own_answer(const trm_duel_answers *a, int32_t side) {
    const trm_subject s = trm_duel_answers_subject(a, side);
    trm_agent alone;
    trm_agent_init(&alone, NULL, a->agents[side].model);
    trm_subject_look(&s, &alone, alone.trace);
    assert_memory_equal(alone.trace, trm_duel_answers_reading(a, side).trace,
                        (size_t)trm_trace_size(&alone.shape) * sizeof(float));
    trm_agent_done(&alone);
}

// Steps and cells that differ are those in which the classes do, step by step aligned.
static int32_t assert_differing_cells(const trm_duel_answers *a) {
    const trm_reading one = trm_duel_answers_reading(a, 0), two = trm_duel_answers_reading(a, 1);
    int32_t first = -1, all = 0;
    for (int32_t t = 0; t < a->steps; t++) {
        const int32_t c = t < one.shape->cycles ? t : one.shape->cycles - 1;
        const int32_t d = t < two.shape->cycles ? t : two.shape->cycles - 1;
        int32_t n = 0, walked = 0;
        assert_int_equal(trm_duel_answers_cycle(a, 0, t), c);
        assert_int_equal(trm_duel_answers_cycle(a, 1, t), d);
        for (int32_t p = 0; p < a->sets[0]->positions; p++) {
            const bool differ = trm_reading_class(&one, c, p) != trm_reading_class(&two, d, p);
            assert_int_equal(trm_duel_answers_differ(a, t, p), differ);
            n += differ;
        }
        for (int32_t p = trm_duel_answers_next(a, t, -1, 1); p >= 0;
             p = trm_duel_answers_next(a, t, p, 1))
            walked++;
        assert_int_equal(walked, n);
        assert_int_equal(a->differing[t], n);
        first = n > 0 && first < 0 ? t : first;
        all += n;
    }
    assert_int_equal(a->first, first);
    return all;
}

static void test_answers_to_one_sample(void **state) {
    (void)state;
    static const struct {
        const char *type;
        int32_t size;
    } sets[] = {{"sudoku", 4}, {"mazes-8-fixed", 7}, {"tokens", 6}, {NULL, 0}};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        trm_dataset *d = sets[i].type ? draw_samples(sets[i].type, sets[i].size) : oblong_samples();
        trm_model *models[2] = {answering(d, 1, 2), answering(d, 2, 4)};
        trm_duel_answers a;
        trm_duel_answers_init(&a, (const trm_dataset *[]){d, d},
                              (const trm_model *[]){models[0], models[1]});
        assert_int_equal(a.steps, 4);
        int32_t differing = 0;
        for (int32_t k = 0; k < d->count; k++) {
            trm_duel_answers_go(&a, k);
            assert_null(trm_duel_answers_reading(&a, 0).trace);
            assert_int_equal(trm_duel_answers_next(&a, 0, -1, 1), -1);
            assert_true(trm_duel_answers_ask(&a));
            assert_int_equal(a.first, -1);
            assert_true(trm_duel_answers_ask(&a));
            assert_false(trm_duel_answers_ask(&a));
            assert_own_answer(&a, 0);
            assert_own_answer(&a, 1);
            differing += assert_differing_cells(&a);
        }
        assert_true(differing > 0);
        trm_duel_answers_done(&a);
        trm_duel_answers_init(&a, (const trm_dataset *[]){d, d},
                              (const trm_model *[]){models[1], models[1]});
        trm_duel_answers_go(&a, 1);
        while (trm_duel_answers_ask(&a))
            continue;
        assert_int_equal(a.first, -1);
        trm_duel_answers_done(&a);
        trm_model_free(models[0]);
        trm_model_free(models[1]);
        trm_dataset_free(d);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_games_and_differences),
        cmocka_unit_test(test_games_grow_step_by_step),
        cmocka_unit_test(test_a_model_does_not_differ_from_itself),
        cmocka_unit_test(test_answers_to_one_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
