// SPDX-License-Identifier: Apache-2.0
// Nothing allocates once it has been set up: not a step, not an update, not a trace.
#include <stdlib.h>
#include <string.h>

#include "../support/allocations.h"
#include "support.h"
#include "trm/base/text.h"
#include "trm/train/trainer.h"

// A test that counted nothing would pass for anything.
static void test_counter_counts(void **state) {
    (void)state;
    small_setup s = small_default();
    int64_t before = allocations();
    trm_learner *l = small_learner(&s, 1);
    assert_true(allocations() > before + 10);
    trm_learner_free(l);
}

static void updates(const small_setup *s) {
    trm_learner *l = small_learner(s, 1);
    int64_t before = allocations();
    small_train(l, 5);
    assert_int_equal(allocations() - before, 0);
    trm_learner_free(l);
}

static void test_updates(void **state) {
    (void)state;
    static const char *const models[] = {"trm-full", "mlp", "trm-rl"};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        for (int32_t envs = 1; envs <= 64; envs *= 8) {
            small_setup s = small_default();
            trm_text_copy(s.model.type, sizeof s.model.type, models[i]);
            s.train.envs = envs;
            s.train.threads = envs > 8 ? 2 : 1;
            updates(&s);
        }
    }
}

// Every environment with its smallest size: reset, look, step, ask, describe.
static void test_environments(void **state) {
    (void)state;
    static trm_board board;
    for (int32_t i = 0; trm_env_name(i) != NULL; i++) {
        trm_env_config c = trm_env_config_default();
        trm_text_copy(c.type, sizeof c.type, trm_env_name(i));
        c.size = strncmp(c.type, "sudoku", 6) == 0 ? 4 : strcmp(c.type, "maze") == 0 ? 7 : 5;
        trm_error e = {0};
        trm_env *env = trm_env_new(&c, &e);
        assert_non_null(env);
        void *block = malloc(trm_env_state_size(env));
        float *obs = malloc(sizeof(float) * (size_t)trm_env_state_dim(env));
        bool *mask = malloc((size_t)trm_env_action_dim(env));
        trm_rng rng;
        trm_rng_seed(&rng, 1, 1);
        int64_t before = allocations();
        for (int32_t n = 0; n < 20; n++) {
            trm_env_reset(env, block, &rng, TRM_SPLIT_TRAIN);
            for (bool done = false; !done;) {
                int32_t action = (int32_t)trm_rng_below(&rng, (uint32_t)trm_env_action_dim(env));
                trm_env_observe(env, block, obs);
                trm_env_legal(env, block, mask);
                trm_env_describe(env, block, &board);
                done = trm_env_step(env, block, action).done;
            }
        }
        assert_int_equal(allocations() - before, 0);
        free(block);
        free(obs);
        free(mask);
        trm_env_free(env);
    }
}

typedef struct recorder {
    int64_t first, last; // allocations after the first update, and after the newest
    float *trace;
} recorder;

static bool note_update(void *ctx, const trm_course *c, const trm_advance *a, double seconds,
                        trm_error *e) {
    recorder *r = ctx;
    (void)c;
    (void)seconds;
    (void)e;
    if (a->update.update == 0)
        r->first = allocations();
    r->last = allocations();
    return true;
}

// The trainer's loop around it, with its history and snapshots.
static void test_trainer(void **state) {
    (void)state;
    small_setup s = small_default();
    s.train.episodes = 200;
    trm_course *c = small_course(&s, 1);
    recorder r = {0};
    trm_trainer_hooks hooks = {.ctx = &r, .advance = note_update};
    trm_trainer *t = trm_trainer_new(c, &hooks, NULL, 0);
    trm_error e = {0};
    assert_true(trm_trainer_run(t, &e));
    assert_true(r.first > 0);
    assert_int_equal(r.last - r.first, 0);
    trm_trainer_free(t);
    trm_course_free(c);
}

static bool look(void *ctx, const trm_step_view *view) {
    recorder *r = ctx;
    trm_model_trace(view->model, view->workspace, view->row, r->trace);
    return true;
}

// A step that is looked at.
static void test_traces(void **state) {
    (void)state;
    small_setup s = small_default();
    trm_learner *l = small_learner(&s, 1);
    trm_trace_shape shape = trm_model_trace_shape(trm_learner_model(l));
    recorder r = {.trace = malloc(sizeof(float) * (size_t)trm_trace_size(&shape))};
    trm_learner_callback callback = {.step = look, .ctx = &r};
    trm_update u;
    trm_error e = {0};
    int64_t before = allocations();
    for (int i = 0; i < 5; i++)
        assert_int_equal(trm_learner_update(l, &callback, &u, &e), TRM_UPDATE_DONE);
    assert_int_equal(allocations() - before, 0);
    free(r.trace);
    trm_learner_free(l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counter_counts), cmocka_unit_test(test_updates),
        cmocka_unit_test(test_environments),   cmocka_unit_test(test_trainer),
        cmocka_unit_test(test_traces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
