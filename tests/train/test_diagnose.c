// SPDX-License-Identifier: Apache-2.0
// Every check is shown a case with the fault and one without.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "train/diagnose/impl.h"
#include "trm/base/text.h"

static const trm_finding *find(const trm_findings *f, const char *check) {
    for (int32_t i = 0; i < f->count; i++)
        if (strcmp(f->items[i].check, check) == 0)
            return &f->items[i];
    fail_msg("no finding of check %s", check);
    abort();
}

static void assert_severity(const trm_findings *f, const char *check, trm_severity severity) {
    const trm_finding *x = find(f, check);
    if (x->severity != severity)
        fail_msg("%s: %s, expected %s: %s", check, trm_severity_name(x->severity),
                 trm_severity_name(severity), x->seen);
    assert_true(strlen(x->title) > 0 && strlen(x->seen) > 0);
    assert_true((severity == TRM_SEVERITY_OK) == (x->advice[0] == '\0'));
}

static small_setup mlp_setup(void) {
    small_setup s = small_default();
    trm_text_copy(s.model.type, sizeof s.model.type, "mlp");
    s.model.hidden = 16;
    return s;
}

static float *tensor(trm_learner *l, const char *name, int64_t *size) {
    trm_params *p = trm_model_params(l->model);
    int32_t i = trm_params_find(p, name);
    assert_true(i >= 0);
    *size = p->items[i].size;
    return trm_params_at(p, p->values, i);
}

static void fill(trm_learner *l, const char *name, float value) {
    int64_t n;
    float *x = tensor(l, name, &n);
    for (int64_t i = 0; i < n; i++)
        x[i] = value;
}

// ---- the environment ----------------------------------------------------------------------------

static void test_environment(void **state) {
    (void)state;
    small_setup s = small_default();
    trm_learner *l = small_learner(&s, 1);
    trm_environment_diagnosis d;
    trm_findings f = {0};
    trm_diagnose_environment(l, 50, 1, NULL, NULL, &d, &f);
    assert_int_equal(d.optimal_length, 4);
    assert_int_equal(d.path_count, 4);
    assert_int_equal(d.random.episodes, 50);
    assert_true(d.random.success > 0 && d.random.idle > 0.05 && d.random.idle < 0.9);
    assert_true(d.random.length > 4 && d.random.length < 51);
    assert_severity(&f, "solution", TRM_SEVERITY_OK);
    trm_learner_free(l);
}

static void test_environment_judged(void **state) {
    (void)state;
    trm_environment_diagnosis d = {
        .solvable = true, .optimum_succeeds = true, .optimal_length = 4, .random.episodes = 10};
    const struct {
        bool solvable, succeeds;
        double chance;
        trm_severity solution, luck;
    } cases[] = {{true, true, 0.2, TRM_SEVERITY_OK, TRM_SEVERITY_OK},
                 {false, false, 0, TRM_SEVERITY_FAULT, TRM_SEVERITY_NOTE},
                 {true, false, 0.9, TRM_SEVERITY_FAULT, TRM_SEVERITY_NOTE}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_findings f = {0};
        d.solvable = cases[i].solvable;
        d.optimum_succeeds = cases[i].succeeds;
        d.random.success = cases[i].chance;
        trm_diagnose_judge_environment(&d, 51, &f);
        assert_severity(&f, "solution", cases[i].solution);
        assert_severity(&f, "chance", cases[i].luck);
    }
}

// ---- the policy ---------------------------------------------------------------------------------

static void policy_findings(trm_learner *l, bool trained, trm_findings *f) {
    trm_environment_diagnosis e;
    trm_policy_diagnosis d;
    trm_findings unused = {0};
    trm_diagnose_environment(l, 50, 1, NULL, NULL, &e, &unused);
    assert_true(trm_diagnose_policy(l, 20, 1, &e.random, trained, NULL, NULL, &d, f));
    double sum = 0;
    for (int32_t a = 0; a < d.shape.actions; a++)
        sum += (double)trm_trace_probs(&d.shape, d.first, d.shape.cycles - 1)[a];
    assert_true(fabs(sum - 1) < 1e-5);
    trm_policy_diagnosis_done(&d);
}

static void test_a_new_policy_is_well(void **state) {
    (void)state;
    small_setup s = small_default();
    trm_learner *l = small_learner(&s, 1);
    trm_findings f = {0};
    policy_findings(l, false, &f);
    assert_severity(&f, "collapse", TRM_SEVERITY_OK);
    assert_severity(&f, "wall", TRM_SEVERITY_OK);
    assert_int_equal(f.count, 2);
    trm_learner_free(l);
}

// Nothing but up, off the grid from the first step.
static void test_a_huge_bias_is_a_collapse(void **state) {
    (void)state;
    small_setup s = mlp_setup();
    trm_learner *l = small_learner(&s, 1);
    int64_t n;
    tensor(l, "net.4.bias", &n)[0] = 1000;
    trm_findings f = {0};
    policy_findings(l, true, &f);
    assert_severity(&f, "collapse", TRM_SEVERITY_FAULT);
    assert_severity(&f, "wall", TRM_SEVERITY_FAULT);
    assert_severity(&f, "chance-beaten", TRM_SEVERITY_FAULT);
    trm_learner_free(l);
}

static void test_certain_and_right_is_no_collapse(void **state) {
    (void)state;
    small_setup s = mlp_setup();
    s.train.lr = 1e-2f;
    s.train.entropy = 0;
    s.train.episodes = 400;
    trm_text_copy(s.train.baseline, sizeof s.train.baseline, "running");
    trm_learner *l = small_learner(&s, 1);
    small_train(l, 400);
    trm_findings f = {0};
    policy_findings(l, true, &f);
    assert_severity(&f, "collapse", TRM_SEVERITY_OK);
    assert_severity(&f, "chance-beaten", TRM_SEVERITY_OK);
    trm_learner_free(l);
}

// ---- units --------------------------------------------------------------------------------------

static void unit_findings(trm_learner *l, trm_findings *f, trm_unit_diagnosis *d) {
    trm_diagnose_units(l, 10, 1, NULL, NULL, d, f);
    assert_true(d->varied);
}

// net.0's units are off whatever comes in.
static int32_t kill_units(trm_learner *l, const char *bias, int32_t count) {
    int64_t n;
    float *x = tensor(l, bias, &n);
    for (int32_t i = 0; i < count; i++)
        x[i] = -1000;
    return (int32_t)n;
}

static const trm_unit_count *named(const trm_unit_count *counts, int32_t n, const char *name) {
    for (int32_t i = 0; i < n; i++)
        if (strcmp(counts[i].name, name) == 0)
            return &counts[i];
    fail_msg("no unit count of %s", name);
    abort();
}

static void test_dead_relu_units(void **state) {
    (void)state;
    const int32_t killed[] = {0, 3, 12, 16};
    const trm_severity expected[] = {TRM_SEVERITY_OK, TRM_SEVERITY_NOTE, TRM_SEVERITY_FAULT,
                                     TRM_SEVERITY_FAULT};
    for (int i = 0; i < 4; i++) {
        small_setup s = mlp_setup();
        trm_learner *l = small_learner(&s, 1);
        fill(l, "net.0.bias", 1); // all on
        fill(l, "net.2.bias", 4);
        kill_units(l, "net.0.bias", killed[i]);
        trm_findings f = {0};
        trm_unit_diagnosis d;
        unit_findings(l, &f, &d);
        const trm_unit_count *level = named(d.levels, d.level_count, "layer 1 hidden");
        assert_int_equal(level->units, 16);
        assert_int_equal(level->dead, killed[i]);
        assert_int_equal(named(d.linears, d.linear_count, "net.0")->dead, killed[i]);
        assert_severity(&f, "dead-units", expected[i]);
        assert_severity(&f, "blind", killed[i] == 16 ? TRM_SEVERITY_FAULT : TRM_SEVERITY_OK);
        trm_unit_diagnosis_done(&d);
        trm_learner_free(l);
    }
}

// A model that is told its previous action and not the board knows a sequence, and no more.
static void test_a_choice_by_the_previous_action_alone(void **state) {
    (void)state;
    for (int deaf = 0; deaf < 2; deaf++) {
        small_setup s = small_default();
        trm_learner *l = small_learner(&s, 1);
        int64_t n;
        float *w = tensor(l, "action_proj.weight", &n);
        const int64_t states = trm_env_state_dim(l->env), cols = states + s.model.h_dim;
        assert_int_equal(n, states * cols);
        for (int64_t i = 0; i < n; i++) // loud, so that the choice turns with whatever is heard
            w[i] = i % cols >= states ? 8 * w[i] : deaf ? 0 : 40 * w[i];
        trm_findings f = {0};
        trm_unit_diagnosis d;
        unit_findings(l, &f, &d);
        assert_true(d.choice.boards > 3 && d.choice.previous == 4);
        if (deaf)
            assert_float_equal(d.choice.by_board, 0, 0);
        else
            assert_true(d.choice.by_board >= 0.05);
        assert_severity(&f, "reads-board", deaf ? TRM_SEVERITY_NOTE : TRM_SEVERITY_OK);
        assert_severity(&f, "blind", TRM_SEVERITY_OK); // the logits do differ
        trm_unit_diagnosis_done(&d);
        trm_learner_free(l);
    }
}

// Units that no trace shows: the ReLU inside an L block.
static void test_dead_units_that_no_trace_shows(void **state) {
    (void)state;
    small_setup s = small_default();
    trm_learner *l = small_learner(&s, 1);
    int32_t units = kill_units(l, "recursive_core.l_blocks.0.net.0.bias", 6);
    assert_int_equal(units, 8);
    trm_findings f = {0};
    trm_unit_diagnosis d;
    unit_findings(l, &f, &d);
    assert_true(named(d.linears, d.linear_count, "recursive_core.l_blocks.0.net.0")->dead >= 6);
    assert_severity(&f, "dead-units", TRM_SEVERITY_FAULT);
    trm_unit_diagnosis_done(&d);
    trm_learner_free(l);
}

// ---- the gradient -------------------------------------------------------------------------------

static void test_the_gradient_is_right(void **state) {
    (void)state;
    static const char *const types[] = {"trm-full", "mlp", "trm-rl"};
    for (int i = 0; i < 3; i++) {
        small_setup s = small_default();
        trm_text_copy(s.model.type, sizeof s.model.type, types[i]);
        trm_learner *l = small_learner(&s, 1);
        trm_findings f = {0};
        trm_gradient_diagnosis d;
        trm_diagnose_gradient(l, 1, NULL, NULL, &d, &f);
        assert_severity(&f, "finite-differences", TRM_SEVERITY_OK);
        assert_severity(&f, "gradient-size", TRM_SEVERITY_OK);
        assert_true(d.compared >= 3 * d.tensor_count);
        assert_int_equal(d.output_count, trm_model_outputs(l->model));
        assert_true(fabs(d.outputs[d.output_count - 1].cosine - 1) < 1e-5);
        assert_true(fabs(d.outputs[d.output_count - 1].norm - d.norm) < 1e-4 * d.norm);
        trm_gradient_diagnosis_done(&d);
        trm_learner_free(l);
    }
}

typedef struct compared {
    trm_learner *l;
    trm_workspace *w;
    trm_diagnose_visits v;
    float *grads;
} compared;

static compared compare_setup(void) {
    small_setup s = small_default();
    compared c = {.l = small_learner(&s, 1)};
    c.w = trm_workspace_new(c.l->model, DIAGNOSE_CHUNK, false);
    static trm_diagnose_watch never;
    assert_true(trm_diagnose_visit(&c.v, c.l, 4, 100, 1, &never));
    c.grads = trm_alloc((size_t)c.l->adam.size, sizeof(float));
    trm_diagnose_differentiate(c.l->model, c.w, false, &c.v, 0.01f,
                               trm_model_outputs(c.l->model) - 1, c.grads);
    return c;
}

static void compare(compared *c, trm_findings *f, trm_gradient_diagnosis *d) {
    *d = (trm_gradient_diagnosis){.states = c->v.rows,
                                  .norm = trm_diagnose_norm(c->grads, c->l->adam.size)};
    trm_diagnose_differences(c->l->model, c->w, &c->v, 0.01f, c->grads, 1, d);
    trm_diagnose_judge_gradient(d, 1, f);
}

// One tensor's gradient a fifth too large, turned round, or lost.
static void test_a_broken_gradient_is_found(void **state) {
    (void)state;
    const float factors[] = {1.2f, -1, 0};
    compared c = compare_setup();
    const trm_params *p = trm_model_params_const(c.l->model);
    int64_t values = c.l->adam.size;
    float *kept = trm_alloc((size_t)values, sizeof *kept), *grads = c.grads;
    memcpy(kept, trm_model_params(c.l->model)->values, (size_t)values * sizeof *kept);
    c.grads = trm_alloc((size_t)values, sizeof *grads);
    int32_t broken = trm_params_find(p, "recursive_core.h_to_l.weight");
    for (int i = 0; i < 3; i++) {
        trm_findings f = {0};
        trm_gradient_diagnosis d;
        memcpy(c.grads, grads, (size_t)values * sizeof *grads);
        for (int64_t k = 0; k < p->items[broken].size; k++)
            trm_params_at(p, c.grads, broken)[k] *= factors[i];
        compare(&c, &f, &d);
        assert_severity(&f, "finite-differences", TRM_SEVERITY_FAULT);
        assert_non_null(strstr(find(&f, "finite-differences")->seen, "recursive_core.h_to_l"));
        assert_true(d.tensors[broken].wrong > 0);
        assert_int_equal(d.wrong, d.tensors[broken].wrong);
        trm_gradient_diagnosis_done(&d);
    }
    assert_memory_equal(kept, trm_model_params(c.l->model)->values, (size_t)values * sizeof *kept);
    free(kept);
    free(grads);
    free(c.grads);
    trm_diagnose_visits_done(&c.v);
    trm_workspace_free(c.w);
    trm_learner_free(c.l);
}

static void test_sizes_of_a_gradient(void **state) {
    (void)state;
    trm_gradient_tensor t = {.name = "x", .compared = 4};
    trm_gradient_diagnosis d = {
        .states = 10, .compared = 4, .tensor_count = 1, .tensors = &t, .norm = 1};
    const double norms[] = {1, 0, NAN, 50};
    const trm_severity expected[] = {TRM_SEVERITY_OK, TRM_SEVERITY_FAULT, TRM_SEVERITY_FAULT,
                                     TRM_SEVERITY_NOTE};
    for (int i = 0; i < 4; i++) {
        trm_findings f = {0};
        d.norm = norms[i];
        trm_diagnose_judge_gradient(&d, 1, &f);
        assert_severity(&f, "gradient-size", expected[i]);
    }
    trm_findings f = {0};
    d.undecided = 2;
    trm_diagnose_judge_gradient(&d, 1, &f);
    assert_severity(&f, "finite-differences", TRM_SEVERITY_NOTE);
}

// ---- the learning signal ------------------------------------------------------------------------

static void signal_of(const small_setup *s, bool collapsed, trm_signal_diagnosis *d,
                      trm_findings *f) {
    trm_learner *l = small_learner(s, 1), *same = small_learner(s, 1);
    trm_error e;
    int64_t n;
    if (collapsed) {
        tensor(l, "action_head.2.bias", &n)[0] = 1000;
        tensor(same, "action_head.2.bias", &n)[0] = 1000;
    }
    assert_true(trm_diagnose_signal(l, 5, NULL, NULL, d, f, &e));
    assert_same_learner(l, same); // looked at, not changed
    trm_learner_free(l);
    trm_learner_free(same);
}

static void test_the_signal_is_there(void **state) {
    (void)state;
    static const char *const baselines[] = {"episode", "running"};
    for (int i = 0; i < 4; i++) {
        small_setup s = small_default();
        s.train.envs = i < 2 ? 1 : 20;
        trm_text_copy(s.train.baseline, sizeof s.train.baseline, baselines[i % 2]);
        trm_findings f = {0};
        trm_signal_diagnosis d;
        signal_of(&s, false, &d, &f);
        assert_severity(&f, "policy-gradient", TRM_SEVERITY_OK);
        assert_int_equal(d.updates, 5);
        assert_true(d.cosine > 0.999 && d.one_weight == 0);
        assert_true(fabs(d.applied - d.weighted) < 1e-4 * d.weighted);
    }
}

static void test_the_broadcast_is_found(void **state) {
    (void)state;
    small_setup s = small_default();
    s.train.broadcast_bug = true;
    trm_findings f = {0};
    trm_signal_diagnosis d;
    signal_of(&s, false, &d, &f);
    assert_severity(&f, "policy-gradient", TRM_SEVERITY_FAULT);
    assert_non_null(strstr(find(&f, "policy-gradient")->advice, "mean(log_prob) * mean(return)"));
    assert_true(d.applied < 1e-5 && d.weighted > 0.01 && d.one_weight == 1);
}

// Returns that are not normalised over the episode do not cancel, but no step has its own.
static void test_the_broadcast_is_found_where_nothing_cancels(void **state) {
    (void)state;
    small_setup s = small_default();
    s.train.broadcast_bug = true;
    trm_text_copy(s.train.baseline, sizeof s.train.baseline, "running");
    trm_findings f = {0};
    trm_signal_diagnosis d;
    signal_of(&s, false, &d, &f);
    assert_severity(&f, "policy-gradient", TRM_SEVERITY_FAULT);
    assert_non_null(strstr(find(&f, "policy-gradient")->advice, "(T,1)"));
    assert_true(d.applied > 0.01 && d.one_weight == 1);
}

// What is said comes from what is measured: in episodes of one step the product has one element.
static void test_the_flag_is_not_what_is_judged(void **state) {
    (void)state;
    small_setup s = small_default();
    trm_text_copy(s.env.type, sizeof s.env.type, "sudoku-one");
    s.env.size = 4;
    s.train.broadcast_bug = true;
    trm_findings f = {0};
    trm_signal_diagnosis d;
    signal_of(&s, false, &d, &f);
    assert_severity(&f, "policy-gradient", TRM_SEVERITY_OK);
}

static void test_a_collapsed_policy_has_no_signal(void **state) {
    (void)state;
    small_setup s = small_default();
    trm_findings f = {0};
    trm_signal_diagnosis d;
    signal_of(&s, true, &d, &f);
    assert_true(d.scale < 1e-6);
    assert_severity(&f, "policy-gradient", TRM_SEVERITY_NOTE);
}

static void test_signals_judged(void **state) {
    (void)state;
    trm_signal_diagnosis d = {
        .updates = 5, .returns_sd = 1, .applied = 1, .weighted = 1, .scale = 1, .cosine = -1};
    trm_findings f = {0};
    trm_diagnose_judge_signal(&d, &f); // turned round
    assert_severity(&f, "policy-gradient", TRM_SEVERITY_FAULT);
    assert_null(strstr(f.items[0].advice, "(T,1)"));
    f.count = 0;
    d.returns_sd = 0;
    trm_diagnose_judge_signal(&d, &f);
    assert_severity(&f, "policy-gradient", TRM_SEVERITY_NOTE);
}

// ---- a short training ---------------------------------------------------------------------------

static void test_training(void **state) {
    (void)state;
    small_setup s = mlp_setup();
    s.train.lr = 1e-2f;
    trm_text_copy(s.train.baseline, sizeof s.train.baseline, "running");
    trm_learner *l = small_learner(&s, 1), *same = small_learner(&s, 1);
    trm_training_diagnosis d;
    trm_findings f = {0};
    trm_error e;
    assert_true(trm_diagnose_training(l, 200, NULL, NULL, &d, &f, &e));
    assert_same_learner(l, same);
    assert_int_equal(d.episodes, 200);
    static const char *const checks[] = {"training", "reward-rise", "entropy-trend", "wall-trend",
                                         "gradient-trend"};
    for (int i = 0; i < 5; i++)
        assert_severity(&f, checks[i], TRM_SEVERITY_OK);
    assert_true(d.reward.last > d.reward.first);
    trm_learner_free(l);
    trm_learner_free(same);
}

static void test_training_without_signal_does_not_rise(void **state) {
    (void)state;
    small_setup s = small_default();
    s.train.broadcast_bug = true;
    s.train.entropy = 0;
    trm_learner *l = small_learner(&s, 1);
    trm_training_diagnosis d;
    trm_findings f = {0};
    trm_error e;
    assert_true(trm_diagnose_training(l, 100, NULL, NULL, &d, &f, &e));
    assert_severity(&f, "reward-rise", TRM_SEVERITY_NOTE);
    trm_learner_free(l);
}

static void test_training_that_breaks_off(void **state) {
    (void)state;
    small_setup s = small_default();
    s.train.lr = INFINITY;
    trm_learner *l = small_learner(&s, 1);
    trm_training_diagnosis d;
    trm_findings f = {0};
    trm_error e;
    assert_true(trm_diagnose_training(l, 10, NULL, NULL, &d, &f, &e));
    assert_true(d.failed);
    assert_severity(&f, "training", TRM_SEVERITY_FAULT);
    trm_learner_free(l);
}

static bool stop_at_three(void *ctx, int64_t done) {
    (void)ctx;
    return done < 3;
}

static void test_training_stopped(void **state) {
    (void)state;
    small_setup s = small_default();
    trm_learner *l = small_learner(&s, 1);
    trm_training_diagnosis d;
    trm_findings f = {0};
    trm_error e;
    assert_true(trm_diagnose_training(l, 10, stop_at_three, NULL, &d, &f, &e));
    assert_int_equal(d.episodes, 3);
    assert_int_equal(f.count, 0);
    trm_learner_free(l);
}

// A made-up course of so many episodes: noise, a slope over the whole, and an episode in eight that
// goes badly wrong.
static double made_up_trend(int64_t n, double slope, uint64_t seed) {
    enum { MOST = 200 };
    static double at[MOST], reward[MOST];
    trm_rng rng;
    assert_in_range(n, 1, MOST);
    trm_rng_seed(&rng, seed, 0);
    for (int64_t i = 0; i < n; i++) {
        const double noise = 4 * ((double)trm_rng_float(&rng) - 0.5);
        at[i] = (double)i;
        reward[i] = slope * (double)i / (double)n + noise - (trm_rng_below(&rng, 8) ? 0 : 15);
    }
    return trm_diagnose_trend(at, reward, n);
}

// Few episodes show a clear rise or fall; hardly any course that goes nowhere looks like either.
static void test_a_trend_is_seen_and_none_is_made_up(void **state) {
    (void)state;
    enum { COURSES = 400, LONG = 200 };
    int32_t false_alarms = 0;
    for (uint64_t seed = 0; seed < COURSES; seed++)
        for (int64_t n = 10; n <= LONG; n *= 2)
            false_alarms += fabs(made_up_trend(n, 0, seed)) > 3;
    assert_in_range(false_alarms, 0, 15); // of 2,000 looks, where 5.4 are expected
    int32_t rises = 0, falls = 0;
    for (uint64_t seed = 0; seed < COURSES; seed++) {
        rises += made_up_trend(50, 7, seed) > 3;
        falls += made_up_trend(50, -7, seed) < -3;
    }
    assert_in_range(rises, (int32_t)(0.95 * COURSES), COURSES);
    assert_in_range(falls, (int32_t)(0.95 * COURSES), COURSES);
    const double x[] = {0, 0, 1, 1}, same[] = {2, 2, 2, 2}, up[] = {1, 1, 3, 3};
    assert_true(trm_diagnose_trend(x, same, 4) == 0);
    assert_true(fabs(trm_diagnose_trend(x, up, 4) - sqrt(3)) < 1e-12);
    assert_true(isnan(trm_diagnose_trend(x, up, 2)));
}

static void test_rewards_judged(void **state) {
    (void)state;
    trm_training_diagnosis d = {.episodes = 50,
                                .updates = 50,
                                .reward = {3.84, 10.72},
                                .reward_rise = 4,
                                .entropy = {0.9, 0.8},
                                .grad_norm = {1, 1}};
    trm_findings f = {0};
    trm_diagnose_judge_training(&d, &f);
    assert_severity(&f, "reward-rise", TRM_SEVERITY_OK);
    d.reward_rise = 2;
    f.count = 0;
    trm_diagnose_judge_training(&d, &f);
    assert_severity(&f, "reward-rise", TRM_SEVERITY_NOTE);
    d.reward = (trm_trend){10.72, 3.84};
    d.reward_rise = -4;
    f.count = 0;
    trm_diagnose_judge_training(&d, &f);
    assert_severity(&f, "reward-rise", TRM_SEVERITY_FAULT);
}

static void test_trainings_judged(void **state) {
    (void)state;
    trm_training_diagnosis bad = {.episodes = 100,
                                  .updates = 100,
                                  .reward = {1, -20},
                                  .reward_rise = -5,
                                  .success = {0.3, 0},
                                  .entropy = {0.9, 0.001},
                                  .idle = {0.2, 0.99},
                                  .grad_norm = {1, 1e-6}};
    trm_findings f = {0};
    trm_diagnose_judge_training(&bad, &f);
    assert_int_equal(trm_findings_count(&f, TRM_SEVERITY_FAULT), 4);
    assert_severity(&f, "training", TRM_SEVERITY_OK);
    bad.entropy.last = 0.4;
    bad.idle.last = 0.6;
    bad.grad_norm.last = 1000;
    f.count = 0;
    trm_diagnose_judge_training(&bad, &f);
    assert_severity(&f, "entropy-trend", TRM_SEVERITY_NOTE);
    assert_severity(&f, "wall-trend", TRM_SEVERITY_NOTE);
    assert_severity(&f, "gradient-trend", TRM_SEVERITY_NOTE);
}

// ---- data ---------------------------------------------------------------------------------------

enum { SAMPLES = 6, CELLS = 4 };

// Samples made by hand: input i is i, target i has its path at cell i % CELLS.
typedef struct made {
    float inputs[SAMPLES * CELLS];
    int32_t targets[SAMPLES * CELLS];
} made;

static trm_dataset make(made *m) {
    *m = (made){0};
    for (int32_t i = 0; i < SAMPLES; i++) {
        m->inputs[i * CELLS] = (float)i;
        m->targets[i * CELLS + i % CELLS] = 1;
    }
    return (trm_dataset){.count = SAMPLES,
                         .state_dim = CELLS,
                         .positions = CELLS,
                         .classes = 2,
                         .geometry = {.rows = 2, .cols = 2},
                         .inputs = m->inputs,
                         .targets = m->targets};
}

static void test_data_without_faults(void **state) {
    (void)state;
    made a, b;
    trm_dataset train = make(&a), other = make(&b);
    for (int32_t i = 0; i < SAMPLES; i++)
        b.inputs[i * CELLS] += 100;
    trm_data_diagnosis d;
    trm_findings f = {0};
    trm_diagnose_data(&train, &other, &d, &f);
    assert_int_equal(f.count, 4);
    assert_int_equal(trm_findings_count(&f, TRM_SEVERITY_OK), 4);
}

static void test_data_with_faults(void **state) {
    (void)state;
    made a, b;
    trm_dataset train = make(&a), other = make(&b);
    trm_data_diagnosis d;
    trm_findings f = {0};
    a.inputs[1 * CELLS] = 0; // as sample 0, with another target
    trm_diagnose_data(&train, &other, &d, &f);
    assert_severity(&f, "targets-ambiguous", TRM_SEVERITY_FAULT);
    assert_true(fabs(d.ambiguous - 2.0 / SAMPLES) < 1e-12);
    assert_severity(&f, "held-out", TRM_SEVERITY_FAULT);
    assert_severity(&f, "targets-constant", TRM_SEVERITY_OK);
    f.count = 0;
    memset(a.targets, 0, 2 * CELLS * sizeof *a.targets);
    trm_diagnose_data(&train, NULL, &d, &f);
    assert_severity(&f, "targets-empty", TRM_SEVERITY_NOTE);
    assert_int_equal(f.count, 3);
    f.count = 0;
    memset(a.targets, 0, sizeof a.targets);
    trm_diagnose_data(&train, NULL, &d, &f);
    assert_severity(&f, "targets-empty", TRM_SEVERITY_FAULT);
    assert_severity(&f, "targets-constant", TRM_SEVERITY_FAULT);
    assert_severity(&f, "targets-ambiguous", TRM_SEVERITY_OK);
}

// ---- stopping -----------------------------------------------------------------------------------

typedef struct patience {
    int64_t asked, most; // most: when to stop
} patience;

static bool ask(void *ctx, int64_t done) {
    patience *p = ctx;
    (void)done;
    return ++p->asked < p->most;
}

static bool ask_environment(const trm_learner *l, patience *p, trm_findings *f) {
    trm_environment_diagnosis d;
    return trm_diagnose_environment(l, 3, 1, ask, p, &d, f);
}

static bool ask_policy(const trm_learner *l, patience *p, trm_findings *f) {
    trm_policy_diagnosis d;
    const trm_play random = {.episodes = 3};
    const bool whole = trm_diagnose_policy(l, 3, 1, &random, false, ask, p, &d, f);
    trm_policy_diagnosis_done(&d);
    return whole;
}

static bool ask_units(const trm_learner *l, patience *p, trm_findings *f) {
    trm_unit_diagnosis d;
    const bool whole = trm_diagnose_units(l, 3, 1, ask, p, &d, f);
    trm_unit_diagnosis_done(&d);
    return whole;
}

static bool ask_gradient(const trm_learner *l, patience *p, trm_findings *f) {
    trm_gradient_diagnosis d;
    const bool whole = trm_diagnose_gradient(l, 1, ask, p, &d, f);
    trm_gradient_diagnosis_done(&d);
    return whole;
}

static bool ask_signal(const trm_learner *l, patience *p, trm_findings *f) {
    trm_signal_diagnosis d;
    trm_error e = {0};
    const bool whole = trm_diagnose_signal(l, 3, ask, p, &d, f, &e);
    assert_int_equal(e.code, whole ? TRM_OK : TRM_E_STOPPED);
    return whole;
}

// Whenever it is told to stop it asks no more, judges nothing, and can be freed.
static void test_every_part_stops(void **state) {
    (void)state;
    bool (*const parts[])(const trm_learner *l, patience *p, trm_findings *f) = {
        ask_environment, ask_policy, ask_units, ask_gradient, ask_signal};
    small_setup s = mlp_setup();
    s.model.hidden = 4;
    trm_learner *l = small_learner(&s, 1);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        patience all = {0, INT64_MAX};
        trm_findings f = {0};
        assert_true(parts[i](l, &all, &f));
        assert_true(f.count > 0 && all.asked >= 3);
        for (int64_t most = 1; most <= all.asked; most += 1 + most / 3) {
            patience p = {0, most};
            trm_findings none = {0};
            assert_false(parts[i](l, &p, &none));
            assert_int_equal(p.asked, most);
            assert_int_equal(none.count, 0);
        }
    }
    trm_learner_free(l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_environment_judged),
        cmocka_unit_test(test_a_new_policy_is_well),
        cmocka_unit_test(test_a_huge_bias_is_a_collapse),
        cmocka_unit_test(test_certain_and_right_is_no_collapse),
        cmocka_unit_test(test_dead_relu_units),
        cmocka_unit_test(test_a_choice_by_the_previous_action_alone),
        cmocka_unit_test(test_dead_units_that_no_trace_shows),
        cmocka_unit_test(test_the_gradient_is_right),
        cmocka_unit_test(test_a_broken_gradient_is_found),
        cmocka_unit_test(test_sizes_of_a_gradient),
        cmocka_unit_test(test_the_signal_is_there),
        cmocka_unit_test(test_the_broadcast_is_found),
        cmocka_unit_test(test_the_broadcast_is_found_where_nothing_cancels),
        cmocka_unit_test(test_the_flag_is_not_what_is_judged),
        cmocka_unit_test(test_a_collapsed_policy_has_no_signal),
        cmocka_unit_test(test_signals_judged),
        cmocka_unit_test(test_training),
        cmocka_unit_test(test_training_without_signal_does_not_rise),
        cmocka_unit_test(test_training_that_breaks_off),
        cmocka_unit_test(test_training_stopped),
        cmocka_unit_test(test_trainings_judged),
        cmocka_unit_test(test_a_trend_is_seen_and_none_is_made_up),
        cmocka_unit_test(test_rewards_judged),
        cmocka_unit_test(test_data_without_faults),
        cmocka_unit_test(test_data_with_faults),
        cmocka_unit_test(test_every_part_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
