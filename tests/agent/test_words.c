// SPDX-License-Identifier: Apache-2.0
// The words for what was thought, on traces made by hand.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../support/check.h"
#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "trm/nn/categorical.h"

enum { ACTIONS = 4, SIZE = 160 };

static trm_env *env_of(const char *type) {
    trm_env_config c = trm_env_config_default();
    trm_error e = {0};
    trm_text_copy(c.type, sizeof c.type, type);
    c.size = 4;
    trm_env *env = trm_env_new(&c, &e);
    if (!env)
        fail_msg("%s", e.message);
    return env;
}

static void set(const trm_trace_shape *s, float *trace, int32_t cycle, const float *probs) {
    for (int32_t a = 0; a < ACTIONS; a++) {
        trm_trace_logits(s, trace, cycle)[a] = logf(probs[a]);
        trm_trace_probs(s, trace, cycle)[a] = probs[a];
    }
}

static void says(const trm_reading *r, int32_t chosen, const char *want) {
    char got[SIZE];
    trm_env *env = env_of("maze-open");
    trm_words_decision(env, r, chosen, "sampled", got, SIZE);
    assert_string_equal(got, want);
    trm_env_free(env);
}

// On no screen does one word stand for what the model repeats and for what is done on the board.
static void test_one_word_means_one_thing(void **state) {
    (void)state;
    for (int32_t k = 0; k < TRM_TRACE_KINDS; k++) {
        const trm_trace_shape s = {.kind = (trm_trace_kind)k};
        const trm_trace_words *w = trm_words_of_trace(&s);
        assert_string_not_equal(w->cycle, w->move);
        assert_true(strcmp(w->move, "step") == 0 || strcmp(w->cycle, "step") == 0);
    }
}

static void test_decisions(void **state) {
    (void)state;
    static const float up[] = {0.7f, 0.1f, 0.1f, 0.1f}, down[] = {0.05f, 0.85f, 0.05f, 0.05f};
    static const float surer[] = {0.01f, 0.97f, 0.01f, 0.01f};
    const trm_trace_shape s = {.cycles = 3, .actions = ACTIONS, .positions = 1};
    float trace[3 * 2 * ACTIONS];
    const trm_reading r = {.shape = &s, .trace = trace};
    set(&s, trace, 0, down);
    set(&s, trace, 1, down);
    set(&s, trace, 2, surer);
    says(&r, 1, "decided at cycle 1: down, 0.85 to 0.97");
    set(&s, trace, 0, up);
    says(&r, 1, "cycle 2 turned from up to down, 0.10 to 0.85; ends at 0.97");
    set(&s, trace, 2, down);
    says(&r, 1, "cycle 2 turned from up to down, 0.10 to 0.85");
    says(&r, 3, "cycle 2 turned from up to down, 0.10 to 0.85; sampled right (p 0.05)");
    set(&s, trace, 2, up);
    says(&r, -1, "cycle 3 turned again, from down to up, 0.05 to 0.70");
    // What may not be taken takes no part, and the others share its probability.
    const bool legal[ACTIONS] = {true, false, true, true};
    const trm_reading masked = {.shape = &s, .trace = trace, .legal = legal};
    says(&masked, 0, "decided at cycle 1: up, 0.78 to 0.78");
    const trm_trace_shape one = {.cycles = 1, .actions = ACTIONS, .positions = 1};
    says(&(trm_reading){.shape = &one, .trace = trace}, 0, "up at 0.70");
    says(&(trm_reading){.shape = &one}, 0, "");
}

static void test_brief(void **state) {
    (void)state;
    static const float up[] = {0.7f, 0.1f, 0.1f, 0.1f}, down[] = {0.05f, 0.85f, 0.05f, 0.05f};
    const trm_trace_shape s = {
        .cycles = 2, .actions = ACTIONS, .positions = 1, .kind = TRM_TRACE_STEPS};
    float trace[2 * 2 * ACTIONS];
    char got[SIZE];
    trm_env *env = env_of("maze-open");
    set(&s, trace, 0, up);
    set(&s, trace, 1, down);
    trm_words_brief(env, &(trm_reading){.shape = &s, .trace = trace}, got, SIZE);
    assert_string_equal(got, "down, 0.85: decided at step 2 of 2");
    trm_env_free(env);
}

// A model of every kind has a word for what it repeats, and for its first level.
static void test_trace_words(void **state) {
    (void)state;
    for (int32_t k = 0; k < TRM_TRACE_KINDS; k++) {
        const trm_trace_words *w =
            trm_words_of_trace(&(trm_trace_shape){.kind = (trm_trace_kind)k});
        assert_true(w->cycle && w->cycle[0] && w->h && w->h[0] && w->l);
    }
    assert_string_equal(trm_words_of_trace(&(trm_trace_shape){.kind = TRM_TRACE_LEVELS})->l, "H");
}

// A step with which the model begins again says so where there is room.
static void test_restarts(void **state) {
    (void)state;
    const trm_trace_shape s = {.cycles = 3,
                               .actions = 1,
                               .positions = 1,
                               .halts = true,
                               .restart = 2,
                               .kind = TRM_TRACE_STEPS};
    float trace[3 * 3] = {0};
    const trm_reading r = {.shape = &s, .trace = trace};
    char got[SIZE];
    trm_words_cycle(&r, 1, SIZE, got, sizeof got);
    assert_string_equal(got, "step 2");
    trm_words_cycle(&r, 2, 14, got, sizeof got);
    assert_string_equal(got, "step 3 restart");
    trm_words_cycle(&r, 2, 13, got, sizeof got);
    assert_string_equal(got, "step 3");
}

// Every action that may not be taken has a reason that the board shows.
static void test_refusals(void **state) {
    (void)state;
    static const char *const envs[] = {"maze-open", "sudoku-medium", "sudoku-empty"};
    bool seen[TRM_REFUSALS] = {false};
    for (int k = 0; k < 3; k++) {
        trm_env *env = env_of(envs[k]);
        char at[256];
        bool legal[64];
        trm_board board;
        trm_rng rng;
        assert_true(trm_env_state_size(env) <= sizeof at);
        trm_rng_seed(&rng, 3, 0);
        trm_env_reset(env, at, &rng, TRM_SPLIT_TRAIN);
        for (bool done = false; !done;) {
            trm_env_legal(env, at, legal);
            trm_env_describe(env, at, &board);
            for (int32_t a = 0; a < trm_env_action_dim(env); a++) {
                const trm_refusal why = trm_env_refusal(env, at, a);
                const trm_placement put = trm_env_placement(env, at, a);
                assert_int_equal(why == TRM_REFUSAL_NONE, legal[a]);
                assert_int_equal(trm_words_of_refusal(why)[0] == 0, legal[a]);
                seen[why] = true;
                if (!legal[a] && put.cell >= 0) {
                    const uint8_t kind = board.cells[put.cell].kind;
                    assert_int_equal(why == TRM_REFUSAL_GIVEN, kind == TRM_CELL_GIVEN);
                    assert_int_equal(why == TRM_REFUSAL_FILLED, kind == TRM_CELL_FILLED);
                }
            }
            done = trm_env_step(env, at,
                                (int32_t)trm_rng_below(&rng, (uint32_t)trm_env_action_dim(env)))
                       .done;
        }
        trm_env_free(env);
    }
    for (int32_t r = 0; r < TRM_REFUSALS; r++)
        assert_int_equal(seen[r], r != TRM_REFUSAL_WALL && r != TRM_REFUSAL_OVER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_word_means_one_thing),
        cmocka_unit_test(test_decisions),
        cmocka_unit_test(test_brief),
        cmocka_unit_test(test_trace_words),
        cmocka_unit_test(test_restarts),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
