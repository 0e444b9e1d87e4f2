// SPDX-License-Identifier: Apache-2.0
// A copy of a model to look with, the policy from every cell, and the weights of a recorded
// episode.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/train/lens.h"
#include "trm/train/mind.h"
#include "watched.h"

enum { CYCLES = 16, STATE = 64 };

static trm_lens *open_lens(trm_learner *l, const float *weights) {
    trm_error e = {0};
    trm_lens *lens = trm_lens_new(trm_learner_env(l), trm_learner_model(l), weights, CYCLES, &e);
    if (!lens)
        fail_msg("%s", e.message);
    return lens;
}

// What a lens sees is what a mind thinks with the model it was copied from, at that moment.
static void test_a_lens_is_the_model_of_its_moment(void **state) {
    (void)state;
    small_setup setup = small_default();
    trm_learner *l = small_learner(&setup, 3);
    const trm_env *env = trm_learner_env(l);
    trm_lens *lens = open_lens(l, NULL);
    trm_mind mind;
    trm_mind_init(&mind, env, trm_learner_model(l));
    char s[STATE];
    trm_rng rng;
    trm_rng_seed(&rng, 1, 0);
    trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
    size_t bytes = (size_t)trm_trace_size(&mind.shape) * sizeof(float);
    float *trace = malloc(bytes), *before = malloc(bytes);
    for (int32_t prev = -1; prev < 4; prev++) {
        trm_mind_think(&mind, s, prev);
        trm_lens_look(lens, s, prev, trace);
        assert_memory_equal(trace, mind.trace, bytes);
    }
    memcpy(before, trace, bytes);
    small_train(l, 2);
    trm_lens_look(lens, s, 3, trace);
    assert_memory_equal(trace, before, bytes);
    trm_mind_think(&mind, s, 3);
    assert_memory_not_equal(trace, mind.trace, bytes);
    free(trace);
    free(before);
    trm_mind_done(&mind);
    trm_lens_free(lens);
    trm_learner_free(l);
}

static void test_the_policy_of_every_cell(void **state) {
    (void)state;
    small_setup setup = small_default();
    trm_learner *l = small_learner(&setup, 3);
    const trm_env *env = trm_learner_env(l);
    trm_lens *lens = open_lens(l, NULL);
    char s[STATE], at[STATE];
    trm_rng rng;
    trm_rng_seed(&rng, 1, 0);
    trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
    trm_policy_map map;
    trm_policy_map_init(&map, lens, s, CYCLES);
    trm_error e = {0};
    for (int32_t cycles = 0; cycles <= CYCLES; cycles += 5) {
        assert_true(trm_lens_intervene(lens, &(trm_intervention){.cycles = cycles}, &e));
        trm_policy_map_begin(&map, lens, 4);
        assert_int_equal(map.cells, 9);
        assert_int_equal(map.order[0], 4); // the nearest first
        assert_int_equal(map.cycles, cycles ? cycles : 2);
        int32_t n = 0;
        while (trm_policy_map_next(&map, lens, s, 1))
            n++;
        assert_int_equal(n, 9);
        trm_trace_shape shape = trm_lens_shape(lens);
        float *trace = malloc((size_t)trm_trace_size(&shape) * sizeof *trace);
        for (int32_t cell = 0; cell < 9; cell++) {
            memcpy(at, s, sizeof s);
            bool free_cell =
                trm_env_edit(env, at, &(trm_edit){.kind = TRM_EDIT_AGENT, .cell = cell}, &e);
            assert_int_equal(free_cell, cell != 8);
            trm_lens_look(lens, at, 1, trace);
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
    trm_lens_free(lens);
    trm_learner_free(l);
}

static void test_every_cell_has_its_turn(void **state) {
    (void)state;
    small_setup setup = small_default();
    setup.env.size = 7;
    trm_learner *l = small_learner(&setup, 3);
    trm_lens *lens = open_lens(l, NULL);
    char s[STATE];
    trm_rng rng;
    trm_rng_seed(&rng, 1, 0);
    trm_env_reset(trm_learner_env(l), s, &rng, TRM_SPLIT_TRAIN);
    trm_policy_map map;
    trm_policy_map_init(&map, lens, s, CYCLES);
    for (int32_t near = -1; near <= 49; near++) {
        bool seen[49] = {false};
        trm_policy_map_begin(&map, lens, near);
        for (int32_t i = 0; i < 49; i++) {
            assert_false(seen[map.order[i]]);
            seen[map.order[i]] = true;
        }
    }
    trm_policy_map_done(&map);
    trm_lens_free(lens);
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
    assert_null(trm_lens_new(other, trm_learner_model(l), NULL, CYCLES, &e));
    assert_non_null(strstr(e.message, "takes 9 numbers"));
    trm_lens_free(NULL);
    trm_env_free(other);
    trm_learner_free(l);
}

// While training goes on, the weights of the recorded episode still give its trace.
static void test_the_weights_of_a_recorded_episode(void **state) {
    (void)state;
    watched w;
    watched_new(&w, 20);
    trm_reel reel;
    trm_reel_init(&reel, trm_learner_env(w.l), trm_learner_model(w.l));
    const trm_params *p = trm_model_params_const(trm_learner_model(w.l));
    float *weights = calloc((size_t)p->size, sizeof *weights);
    assert_false(trm_trainer_reel_weights(w.t, 0, weights));
    trm_trainer_request_reel(w.t);
    watched_start(&w); // free pace: one episode is recorded, then training goes on
    WAIT_FOR(&w, s.done >= 20);
    trm_trainer_reel(w.t, &reel);
    watched_stop(&w);
    assert_true(reel.length > 0);
    bool same = trm_trainer_reel_weights(w.t, reel.id, weights);
    if (!same) { // the show after training has begun another by now
        trm_trainer_reel(w.t, &reel);
        assert_true(trm_trainer_reel_weights(w.t, reel.id, weights));
    }
    assert_false(trm_trainer_reel_weights(w.t, reel.id + 1, weights));
    trm_lens *lens = open_lens(w.l, weights);
    int64_t n = trm_trace_size(&reel.shape);
    float *trace = calloc((size_t)n, sizeof *trace);
    for (int32_t t = 0; t < reel.length; t++) {
        trm_lens_look(lens, trm_reel_state(&reel, t), reel.steps[t].prev_action, trace);
        check_close("trace", trace, trm_reel_trace(&reel, t), n, 1e-5);
    }
    free(trace);
    free(weights);
    trm_lens_free(lens);
    trm_reel_done(&reel);
    watched_free(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_lens_is_the_model_of_its_moment),
        cmocka_unit_test(test_the_policy_of_every_cell),
        cmocka_unit_test(test_every_cell_has_its_turn),
        cmocka_unit_test(test_models_that_do_not_fit_are_refused),
        cmocka_unit_test(test_the_weights_of_a_recorded_episode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
