// SPDX-License-Identifier: Apache-2.0
// One question, one answer: over many steps of every preset that plays in an environment, masked
// and unmasked, what training did and kept, what an agent says, what a snapshot says, what several
// states side by side say and what can be told from an observation alone agree to the digits shown.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "trm/agent/agent.h"
#include "trm/agent/episode.h"
#include "trm/agent/player.h"
#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "trm/model/work.h"
#include "trm/run/config.h"
#include "trm/train/learner.h"

#ifdef __SANITIZE_ADDRESS__
enum { STEPS = 150 }; // which take as long as 1,000 without
#else
enum { STEPS = 1000 };
#endif
enum { UPDATES = 120, SIDE_BY_SIDE = 3, SENTENCE = 200 };

// Presets whose steps take longer would not end in time.
static const double MOST_FLOPS = 5e5;

typedef struct scene {
    trm_learner *learner;
    const trm_env *env;
    trm_agent agent, snapshot, batch;
    trm_episode_trace episode_trace;
    float *trace, *obs; // a look, and SIDE_BY_SIDE observations
    char *states;       // SIDE_BY_SIDE state blocks
    char *restored;
    bool *legal;
    float *shown[2]; // [A] of two readings
    int64_t steps, refused;
} scene;

static int32_t actions_of(const scene *s) {
    return trm_env_action_dim(s->env);
}

static void same_legal(const scene *s, const bool *got, const bool *want) {
    assert_int_equal(got != NULL, want != NULL);
    if (want)
        assert_memory_equal(got, want, (size_t)actions_of(s) * sizeof *want);
}

static void sentence_of(const scene *s, const trm_reading *r, int32_t chosen, char out[SENTENCE]) {
    trm_words_decision(s->env, r, chosen, "sampled", out, SENTENCE);
    assert_true(out[0] != 0);
}

static void same_reading(const scene *s, const trm_reading *got, const trm_reading *want,
                         int32_t chosen) {
    char a[SENTENCE], b[SENTENCE];
    same_legal(s, got->legal, want->legal);
    for (int32_t c = want->shape->first_logits; c < want->shape->cycles; c++) {
        assert_int_equal(trm_reading_best(got, c), trm_reading_best(want, c));
        trm_reading_shown_all(got, c, s->shown[0]);
        trm_reading_shown_all(want, c, s->shown[1]);
        for (int32_t k = 0; k < actions_of(s); k++)
            assert_true(fabsf(s->shown[0][k] - s->shown[1][k]) < 1e-5f);
    }
    sentence_of(s, got, chosen, a);
    sentence_of(s, want, chosen, b);
    assert_string_equal(a, b);
}

// The same state in several rows, and what was sampled from there.
static void check_rows(scene *s, const trm_step_view *v, int32_t best) {
    const size_t size = trm_env_state_size(s->env);
    const int32_t dim = trm_env_state_dim(s->env);
    int32_t prev[SIDE_BY_SIDE];
    for (int32_t i = 0; i < SIDE_BY_SIDE; i++) {
        memcpy(s->states + (size_t)i * size, v->state, size);
        trm_env_observe(s->env, v->state, s->obs + (int64_t)i * dim);
        prev[i] = v->prev_action;
    }
    trm_agent_run(&s->batch, 0, SIDE_BY_SIDE, s->states, s->obs, prev);
    for (int32_t i = 0; i < SIDE_BY_SIDE; i++) {
        assert_int_equal(trm_agent_best(&s->batch, i), best);
        same_legal(s, trm_agent_row_legal(&s->batch, i), v->legal);
    }
}

// What may be done follows from the observation, and then so does everything else.
static void check_observation(scene *s, const trm_step_view *v, int32_t best) {
    trm_reading r = trm_agent_reading(&s->snapshot, s->trace);
    trm_env_observe(s->env, v->state, s->obs);
    assert_true(trm_env_restore(s->env, s->obs, s->restored));
    const bool masks = trm_agent_legal(s->env, s->restored, s->legal);
    trm_agent_inspect_input(&s->snapshot, s->obs, v->prev_action, s->trace);
    r.legal = masks ? s->legal : NULL;
    same_legal(s, r.legal, v->legal);
    assert_int_equal(trm_reading_best(&r, r.shape->cycles - 1), best);
}

static bool check_step(void *ctx, const trm_step_view *v) {
    scene *s = ctx;
    trm_episode_trace_begin(&s->episode_trace, s->episode_trace.id + 1, v->episode);
    trm_episode_trace_append(&s->episode_trace, s->env, v);
    const trm_reading kept = trm_episode_trace_reading(&s->episode_trace, 0);
    const int32_t best = trm_agent_think(&s->agent, v->state, v->prev_action);
    const trm_reading own = trm_agent_reading(&s->agent, s->agent.trace);
    const trm_reading_facts f = trm_reading_facts_of(&own, v->action);
    same_reading(s, &kept, &own, v->action);
    assert_int_equal(trm_reading_best(&own, own.shape->cycles - 1), best);
    assert_true(f.action == best && f.greedy == (v->action == best));
    assert_true(f.p_chosen == trm_agent_row_probs(&s->agent, 0)[v->action]);
    assert_true(f.p_chosen > 0 && trm_reading_legal(&own, v->action));
    trm_agent_inspect(&s->snapshot, v->state, v->prev_action, s->trace);
    const trm_reading seen = trm_agent_reading(&s->snapshot, s->trace);
    same_reading(s, &seen, &own, v->action);
    if (s->steps % 4 == 0) {
        check_rows(s, v, best);
        check_observation(s, v, best);
    }
    for (int32_t a = 0; v->legal && a < actions_of(s); a++)
        s->refused += !v->legal[a];
    s->steps++;
    return true;
}

// The weights that act in the next update.
static void take_snapshot(scene *s) {
    trm_error e = {0};
    trm_agent_done(&s->snapshot);
    assert_true(
        trm_agent_init_snapshot(&s->snapshot, s->env, trm_learner_model(s->learner), NULL, 0, &e));
}

// As a recorded episode is proved: the start and the actions are drawn again. The snapshot has the
// weights that acted.
static void play_again(scene *s) {
    int32_t *actions = calloc((size_t)trm_env_max_steps(s->env), sizeof *actions);
    float *rewards = calloc((size_t)trm_env_max_steps(s->env), sizeof *rewards);
    trm_played played = trm_learner_played(s->learner, 0, actions, rewards);
    int32_t prev = -1;
    trm_env_reset(s->env, s->states, &played.start, TRM_SPLIT_TRAIN);
    for (int32_t t = 0; t < played.length; t++) {
        trm_agent_ask(&s->snapshot, s->states, prev);
        prev = trm_agent_sample(&s->snapshot, 0, &played.start);
        assert_int_equal(prev, actions[t]);
        assert_true(trm_env_step(s->env, s->states, prev).reward == rewards[t]);
    }
    free(actions);
    free(rewards);
}

static void open_scene(scene *s, trm_learner *l) {
    const trm_env *env = trm_learner_env(l);
    *s = (scene){.learner = l, .env = env};
    trm_agent_init(&s->agent, env, trm_learner_model(l));
    trm_agent_init_rows(&s->batch, env, trm_learner_model(l), SIDE_BY_SIDE, false);
    trm_episode_trace_init(&s->episode_trace, env, trm_learner_model(l));
    s->trace = calloc((size_t)trm_trace_size(&s->agent.shape), sizeof *s->trace);
    s->obs = calloc((size_t)SIDE_BY_SIDE * (size_t)trm_env_state_dim(env), sizeof *s->obs);
    s->states = calloc(SIDE_BY_SIDE, trm_env_state_size(env));
    s->restored = calloc(1, trm_env_state_size(env));
    s->legal = calloc((size_t)trm_env_action_dim(env), sizeof *s->legal);
    for (int i = 0; i < 2; i++)
        s->shown[i] = calloc((size_t)trm_env_action_dim(env), sizeof *s->shown[i]);
}

static void close_scene(scene *s) {
    trm_agent_done(&s->agent);
    trm_agent_done(&s->snapshot);
    trm_agent_done(&s->batch);
    trm_episode_trace_done(&s->episode_trace);
    trm_learner_free(s->learner);
    free(s->trace);
    free(s->obs);
    free(s->states);
    free(s->restored);
    free(s->legal);
    free(s->shown[0]);
    free(s->shown[1]);
}

// Does a preset before this one have the same model in the same environment?
static bool came_before(int32_t preset, const trm_config *c) {
    for (int32_t i = 0; i < preset; i++) {
        trm_config before;
        trm_error e;
        assert_true(trm_config_preset(&before, trm_preset_name(i), &e));
        if (strcmp(before.env.type, c->env.type) == 0 && before.env.size == c->env.size &&
            strcmp(before.model.type, c->model.type) == 0 &&
            before.model.k_cycles == c->model.k_cycles && before.model.h_dim == c->model.h_dim)
            return true;
    }
    return false;
}

// Returns the steps that were compared; 0: the preset is not one of these.
static int64_t check_preset(int32_t preset, bool mask) {
    const char *name = trm_preset_name(preset);
    trm_config c;
    trm_error e = {0};
    trm_update u;
    assert_true(trm_config_preset(&c, name, &e));
    if (trm_config_supervised(&c) || came_before(preset, &c))
        return 0;
    c.env.mask_actions = mask;
    c.train.envs = c.train.threads = c.train.batch = 1;
    trm_learner *l = trm_learner_new(&c.env, &c.model, &c.train, 5, &e);
    if (!l)
        fail_msg("%s: %s", name, e.message);
    if (trm_model_flops(trm_model_get_config(trm_learner_model(l))).forward > MOST_FLOPS) {
        trm_learner_free(l);
        return 0;
    }
    scene s;
    open_scene(&s, l);
    const trm_learner_callback callback = {check_step, &s};
    for (int32_t i = 0; i < UPDATES && s.steps < STEPS; i++) {
        take_snapshot(&s);
        if (trm_learner_update(l, &callback, &u, &e) != TRM_UPDATE_DONE)
            fail_msg("%s: %s", name, e.message);
        play_again(&s);
    }
    assert_int_equal(s.refused > 0, mask && strcmp(c.env.type, "sudoku-one") != 0);
    const int64_t steps = s.steps;
    close_scene(&s);
    return steps;
}

static void check_all(bool mask) {
    int64_t steps = 0, presets = 0;
    for (int32_t i = 0; trm_preset_name(i) != NULL; i++) {
        const int64_t n = check_preset(i, mask);
        steps += n;
        presets += n > 0;
    }
    assert_true(presets >= 10 && steps >= 10 * STEPS / 2);
}

static void test_unmasked(void **state) {
    (void)state;
    check_all(false);
}

static void test_masked(void **state) {
    (void)state;
    check_all(true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unmasked),
        cmocka_unit_test(test_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
