// SPDX-License-Identifier: Apache-2.0
// One question, one answer: over many steps of every preset that plays in an environment, masked
// and unmasked, what training did and kept, what an agent says, what a snapshot says, what several
// states side by side say and what can be told from an observation alone agree to the digits shown.
// The same of presets that answer samples: both evaluations, agents, snapshots and their words.
//
// By hand, TRM_STEPS=1000 asks for so many steps (of presets that answer: cells) of every preset,
// however long they take, and prints a line each; TRM_SECONDS is how long one may take (1200),
// TRM_PRESET the only one.
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "trm/agent/agent.h"
#include "trm/agent/episode.h"
#include "trm/agent/evaluate_answers.h"
#include "trm/agent/evaluate_steps.h"
#include "trm/agent/player.h"
#include "trm/agent/words.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "trm/model/work.h"
#include "trm/nn/categorical.h"
#include "trm/run/config.h"
#include "trm/run/course.h"
#include "trm/train/learner.h"

enum { UPDATES = 120, SIDE_BY_SIDE = 3, SENTENCE = 200 };

// How much is asked. Presets whose steps or samples take longer would not end in time.
static struct {
    bool by_hand;
    int64_t steps;
    double flops, answers_flops; // a step; a sample
    double seconds;              // a preset
    const char *preset;          // NULL: all
} asked = {
#ifdef __SANITIZE_ADDRESS__
    .steps = 150, // which take as long as 1,000 without
#else
    .steps = 1000,
#endif
    .flops = 5e5,
    .answers_flops = 1e8,
    .seconds = 1200,
};

// What a preset came to.
static struct {
    int64_t steps, disagreements;
    int line; // of the first one
    double began;
} found;

static void begin(void) {
    memset(&found, 0, sizeof found);
    found.began = trm_clock_now();
}

static void agree(bool same, int line) {
    if (!same && found.disagreements++ == 0)
        found.line = line;
}
#define AGREE(same) agree(same, __LINE__)

static bool left_out(const char *preset) {
    return asked.preset && strcmp(asked.preset, preset) != 0;
}

static bool too_long(void) {
    return asked.by_hand && trm_clock_now() - found.began > asked.seconds;
}

// Returns the steps that were compared.
static int64_t report(const char *preset, const char *how) {
    if (asked.by_hand) {
        printf("%-28s %-9s %6" PRId64 " steps  %" PRId64 " disagreements  %7.1f s", preset, how,
               found.steps, found.disagreements, trm_clock_now() - found.began);
        if (found.disagreements > 0)
            printf(" (line %d)", found.line);
        puts(too_long() ? "  not to the end" : "");
        fflush(stdout);
    } else if (found.disagreements > 0) {
        fail_msg("%s, %s: %" PRId64 " disagreements in %" PRId64 " steps, the first at line %d",
                 preset, how, found.disagreements, found.steps, found.line);
    }
    return found.steps;
}

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
    int64_t refused;
} scene;

static int32_t actions_of(const scene *s) {
    return trm_env_action_dim(s->env);
}

static void same_legal(const scene *s, const bool *got, const bool *want) {
    AGREE((got != NULL) == (want != NULL));
    if (got && want)
        AGREE(memcmp(got, want, (size_t)actions_of(s) * sizeof *want) == 0);
}

static void sentence_of(const scene *s, const trm_reading *r, int32_t chosen, char out[SENTENCE]) {
    trm_words_decision(s->env, r, chosen, "sampled", out, SENTENCE);
    AGREE(out[0] != 0);
}

static void same_reading(const scene *s, const trm_reading *got, const trm_reading *want,
                         int32_t chosen) {
    char a[SENTENCE], b[SENTENCE];
    same_legal(s, got->legal, want->legal);
    for (int32_t c = want->shape->first_logits; c < want->shape->cycles; c++) {
        AGREE(trm_reading_best(got, c) == trm_reading_best(want, c));
        trm_reading_shown_all(got, c, s->shown[0]);
        trm_reading_shown_all(want, c, s->shown[1]);
        for (int32_t k = 0; k < actions_of(s); k++)
            AGREE(fabsf(s->shown[0][k] - s->shown[1][k]) < 1e-5f);
    }
    sentence_of(s, got, chosen, a);
    sentence_of(s, want, chosen, b);
    AGREE(strcmp(a, b) == 0);
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
        AGREE(trm_agent_best(&s->batch, i) == best);
        same_legal(s, trm_agent_row_legal(&s->batch, i), v->legal);
    }
}

// What may be done follows from the observation, and then so does everything else.
static void check_observation(scene *s, const trm_step_view *v, int32_t best) {
    trm_reading r = trm_agent_reading(&s->snapshot, s->trace);
    trm_env_observe(s->env, v->state, s->obs);
    AGREE(trm_env_restore(s->env, s->obs, s->restored));
    const bool masks = trm_agent_legal(s->env, s->restored, s->legal);
    trm_agent_inspect_input(&s->snapshot, s->obs, v->prev_action, s->trace);
    r.legal = masks ? s->legal : NULL;
    same_legal(s, r.legal, v->legal);
    AGREE(trm_reading_best(&r, r.shape->cycles - 1) == best);
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
    AGREE(trm_reading_best(&own, own.shape->cycles - 1) == best);
    AGREE(f.action == best && f.greedy == (v->action == best));
    if (own.shape->q_values)
        AGREE(trm_reading_shown(&own, own.shape->cycles - 1, v->action) ==
              trm_agent_row_decision(&s->agent, 0)[v->action]);
    else
        AGREE(f.p_chosen > 0 && f.p_chosen == trm_agent_row_probs(&s->agent, 0)[v->action]);
    AGREE(trm_reading_legal(&own, v->action));
    trm_agent_inspect(&s->snapshot, v->state, v->prev_action, s->trace);
    const trm_reading seen = trm_agent_reading(&s->snapshot, s->trace);
    same_reading(s, &seen, &own, v->action);
    if (found.steps % 4 == 0) {
        check_rows(s, v, best);
        check_observation(s, v, best);
    }
    for (int32_t a = 0; v->legal && a < actions_of(s); a++)
        s->refused += !v->legal[a];
    found.steps++;
    return !too_long();
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
static void play_again(scene *s, double epsilon) {
    int32_t *actions = calloc((size_t)trm_env_max_steps(s->env), sizeof *actions);
    float *rewards = calloc((size_t)trm_env_max_steps(s->env), sizeof *rewards);
    trm_played played = trm_learner_played(s->learner, 0, actions, rewards);
    int32_t prev = -1;
    trm_env_reset(s->env, s->states, &played.start, TRM_SPLIT_TRAIN);
    for (int32_t t = 0; t < played.length; t++) {
        trm_agent_ask(&s->snapshot, s->states, prev);
        prev = s->snapshot.shape.q_values
                   ? trm_agent_explore(&s->snapshot, 0, epsilon, &played.start, NULL)
                   : trm_agent_sample(&s->snapshot, 0, &played.start);
        AGREE(prev == actions[t]);
        AGREE(trm_env_step(s->env, s->states, prev).reward == rewards[t]);
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
            strcmp(before.train.algorithm, c->train.algorithm) == 0 &&
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
    if (trm_config_supervised(&c) || left_out(name) || (!asked.by_hand && came_before(preset, &c)))
        return 0;
    c.env.mask_actions = mask;
    c.train.envs = c.train.threads = c.train.batch = 1;
    trm_learner *l = trm_learner_new(&c.env, &c.model, &c.train, 5, &e);
    if (!l)
        fail_msg("%s: %s", name, e.message);
    if (trm_model_flops(trm_model_get_config(trm_learner_model(l))).forward > asked.flops) {
        trm_learner_free(l);
        return 0;
    }
    scene s;
    open_scene(&s, l);
    const trm_learner_callback callback = {check_step, &s};
    begin();
    for (int32_t i = 0; (asked.by_hand || i < UPDATES) && found.steps < asked.steps; i++) {
        take_snapshot(&s);
        const trm_outcome outcome = trm_learner_update(l, &callback, &u, &e);
        if (outcome == TRM_UPDATE_FAILED)
            fail_msg("%s: %s", name, e.message);
        if (outcome == TRM_UPDATE_ABANDONED) // takes too long
            break;
        play_again(&s, trm_train_epsilon(&c.train, i));
    }
    AGREE((s.refused > 0) == (mask && strcmp(c.env.type, "sudoku-one") != 0));
    close_scene(&s);
    return report(name, mask ? "masked" : "unmasked");
}

// ---- answers ------------------------------------------------------------------------------------

typedef struct answers {
    const trm_dataset *d;
    trm_agent agent, snapshot, batch; // the last of SIDE_BY_SIDE rows
    float *traces[2];
    bool *legal; // [actions]
    int64_t right;
} answers;

static trm_reading reading_of(const answers *x, int32_t k) {
    return (trm_reading){.shape = &x->agent.shape, .trace = x->traces[k]};
}

// One cell, as the inspector and the sentences read it.
static void check_cell(answers *x, const trm_subject *s, int32_t cell) {
    char words[2][SENTENCE], name[TRM_SUBJECT_NAME], target[TRM_SUBJECT_NAME + 20];
    trm_reading r[2] = {reading_of(x, 0), reading_of(x, 1)};
    const int32_t last = r[0].shape->cycles - 1, answer = trm_reading_class(&r[0], last, cell);
    trm_subject_legal(s, cell, x->legal);
    for (int k = 0; k < 2; k++) {
        r[k].legal = x->legal;
        trm_words_answer(s, &r[k], cell, words[k], SENTENCE);
        AGREE(trm_reading_best(&r[k], last) == cell * x->d->classes + answer);
    }
    AGREE(strcmp(words[0], words[1]) == 0);
    trm_subject_choice_name(s, cell * x->d->classes + answer, name);
    AGREE(strstr(words[0], name) != NULL);
    trm_subject_choice_name(s, cell * x->d->classes + trm_subject_target(s, cell), name);
    trm_text_format(target, sizeof target, "the target is %s", name);
    AGREE(strstr(words[0], target) != NULL);
    x->right += answer == trm_subject_target(s, cell);
    found.steps++;
}

static void check_sample(answers *x, int32_t i) {
    const trm_dataset *d = x->d;
    const int32_t first = i - i % SIDE_BY_SIDE, left = d->count - first;
    const trm_subject s = trm_subject_of_sample(d, i);
    trm_subject_look(&s, &x->agent, x->traces[0]);
    trm_subject_look(&s, &x->snapshot, x->traces[1]);
    if (i == first)
        trm_agent_run(&x->batch, 0, left < SIDE_BY_SIDE ? left : SIDE_BY_SIDE, NULL,
                      d->inputs + (int64_t)i * d->state_dim, NULL);
    const trm_reading r = reading_of(x, 0);
    const float *logits =
        trm_mat_row(trm_workspace_logits(x->batch.workspace, x->batch.outputs - 1), i - first);
    const int64_t before = x->right;
    for (int32_t cell = 0; cell < d->positions; cell++) {
        check_cell(x, &s, cell);
        AGREE(trm_categorical_argmax(logits + (int64_t)cell * d->classes, d->classes) ==
              trm_reading_class(&r, r.shape->cycles - 1, cell));
    }
    AGREE(trm_subject_right(&s, &r, r.shape->cycles - 1) == x->right - before);
}

// Both evaluations find what was counted cell by cell.
static void check_evaluations(const answers *x, const trm_model *m) {
    trm_answer_evaluation *whole = calloc(1, sizeof *whole);
    trm_step_evaluation *steps = calloc(1, sizeof *steps);
    AGREE(trm_evaluate_answers(m, x->d, false, false, NULL, NULL, NULL, whole));
    AGREE(trm_evaluate_steps(m, x->d, true, NULL, NULL, NULL, steps));
    const double share = (double)x->right / (double)found.steps;
    AGREE(whole->by_step.score.cell_accuracy == share && steps->score.cell_accuracy == share);
    AGREE(steps->step[steps->steps - 1].cell_accuracy == share);
    AGREE(whole->by_step.score.exact_accuracy == steps->score.exact_accuracy);
    AGREE(fabs(whole->by_step.score.loss - steps->score.loss) <
          1e-5 * (1 + whole->by_step.score.loss));
    free(steps);
    free(whole);
}

static void check_answers(const trm_model *m, const trm_dataset *d) {
    trm_error e = {0};
    answers x = {.d = d};
    trm_agent_init_rows(&x.agent, NULL, m, 1, true);
    trm_agent_init_rows(&x.batch, NULL, m, SIDE_BY_SIDE, false);
    assert_true(trm_agent_init_snapshot(&x.snapshot, NULL, m, NULL, 0, &e));
    x.legal = calloc((size_t)d->positions * (size_t)d->classes, sizeof *x.legal);
    for (int k = 0; k < 2; k++)
        x.traces[k] = calloc((size_t)trm_trace_size(&x.agent.shape), sizeof *x.traces[k]);
    for (int32_t i = 0; i < d->count && !too_long(); i++)
        check_sample(&x, i);
    if (!too_long())
        check_evaluations(&x, m);
    trm_agent_done(&x.agent);
    trm_agent_done(&x.snapshot);
    trm_agent_done(&x.batch);
    free(x.legal);
    free(x.traces[0]);
    free(x.traces[1]);
}

// Returns the cells that were compared; 0: the preset is not one of these.
static int64_t check_answering_preset(int32_t preset) {
    const char *name = trm_preset_name(preset);
    trm_config c;
    trm_model_config mc;
    trm_error e = {0};
    trm_rng rng;
    assert_true(trm_config_preset(&c, name, &e));
    if (!trm_config_supervised(&c) || left_out(name))
        return 0;
    if (!trm_config_model(&c, &mc, &e))
        fail_msg("%s: %s", name, e.message);
    // Untrained, the paper's models multiply what rounds otherwise in a batch by about ten in each
    // H cycle: after six steps nothing of it is left to compare.
    if (trm_arch_reads_tokens(mc.type))
        mc.sup_steps = 1;
    if (trm_model_flops(&mc).forward > asked.answers_flops)
        return 0;
    const int64_t samples = (asked.steps + mc.positions - 1) / mc.positions;
    trm_dataset *d = trm_run_evaluation_samples(&c, (int32_t)samples, &e);
    trm_model *m = trm_model_new(&mc, &e);
    if (!d || !m)
        fail_msg("%s: %s", name, e.message);
    trm_rng_seed(&rng, 5, 0);
    trm_model_init(m, &rng);
    begin();
    check_answers(m, d);
    trm_model_free(m);
    trm_dataset_free(d);
    return report(name, "answers");
}

static void test_answers(void **state) {
    (void)state;
    int64_t presets = 0;
    for (int32_t i = 0; trm_preset_name(i) != NULL; i++) {
        const int64_t n = check_answering_preset(i);
        assert_true(n == 0 || n >= asked.steps || asked.by_hand);
        presets += n > 0;
    }
    assert_true(presets >= 10 || asked.preset);
}

static void check_all(bool mask) {
    int64_t steps = 0, presets = 0;
    for (int32_t i = 0; trm_preset_name(i) != NULL; i++) {
        const int64_t n = check_preset(i, mask);
        steps += n;
        presets += n > 0;
    }
    assert_true(asked.preset || (presets >= 10 && steps >= 10 * asked.steps / 2));
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
    const char *steps = getenv("TRM_STEPS"), *seconds = getenv("TRM_SECONDS");
    if (steps) {
        asked.by_hand = trm_text_to_i64(steps, &asked.steps) && asked.steps > 0;
        asked.flops = asked.answers_flops = (double)INFINITY;
    }
    asked.preset = getenv("TRM_PRESET");
    if (seconds)
        asked.seconds = strtod(seconds, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unmasked),
        cmocka_unit_test(test_masked),
        cmocka_unit_test(test_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
