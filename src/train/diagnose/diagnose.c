// SPDX-License-Identifier: Apache-2.0
#include "trm/train/diagnose.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "train/diagnose/impl.h"
#include "trm/nn/categorical.h"
#include "trm/nn/layers.h"

const char *trm_severity_name(trm_severity severity) {
    static const char *const names[] = {"ok", "note", "fault"};
    return names[severity];
}

int32_t trm_findings_count(const trm_findings *f, trm_severity severity) {
    int32_t n = 0;
    for (int32_t i = 0; i < f->count; i++)
        n += f->items[i].severity == severity;
    return n;
}

void trm_diagnose_add(trm_findings *f, const char *check, trm_verdict v, const char *format, ...) {
    assert(f->count < TRM_FINDINGS);
    trm_finding *to = &f->items[f->count++];
    *to =
        (trm_finding){.severity = v.severity, .check = check, .title = v.title, .advice = v.advice};
    va_list args;
    va_start(args, format);
    vsnprintf(to->seen, sizeof to->seen, format, args);
    va_end(args);
}

double trm_diagnose_norm(const float *x, int64_t n) {
    double squares = 0;
    for (int64_t i = 0; i < n; i++)
        squares += (double)x[i] * (double)x[i];
    return sqrt(squares);
}

double trm_diagnose_cosine(const float *x, const float *y, int64_t n) {
    double product = 0, norms = trm_diagnose_norm(x, n) * trm_diagnose_norm(y, n);
    for (int64_t i = 0; i < n; i++)
        product += (double)x[i] * (double)y[i];
    return norms > 0 ? product / norms : NAN;
}

trm_learner *trm_diagnose_copy(const trm_learner *l, const trm_train_config *c, trm_error *e) {
    trm_learner *copy =
        trm_learner_new(trm_env_get_config(l->env), trm_model_get_config(l->model), c, l->seed, e);
    if (copy)
        trm_model_set_weights(copy->model, trm_model_params_const(l->model)->values);
    return copy;
}

// ---- playing ------------------------------------------------------------------------------------

typedef struct session {
    const trm_env *env;
    trm_diagnose_how how;
    trm_diagnose_visits *keep;
    trm_agent agent; // zeroed: at random
    char *state;
    float *obs;
    bool *changes, *legal; // [A]
    trm_rng rng;
    trm_diagnose_watch *watch;
    int64_t steps, idle, choices, certain;
    double entropy;
} session;

static int32_t count_legal(const session *s) {
    int32_t n = 0;
    for (int32_t a = 0; a < trm_env_action_dim(s->env); a++)
        n += s->legal[a];
    return n;
}

static int32_t choose_at_random(session *s) {
    const bool choice = count_legal(s) > 1;
    s->entropy += choice;
    s->choices += choice;
    return trm_agent_any(s->legal, trm_env_action_dim(s->env), &s->rng);
}

static int32_t choose(session *s, int32_t prev) {
    trm_agent_legal(s->env, s->state, s->legal);
    if (s->how == DIAGNOSE_RANDOM)
        return choose_at_random(s);
    trm_env_observe(s->env, s->state, s->obs);
    trm_agent_run(&s->agent, 0, 1, s->state, s->obs, &prev);
    const double entropy = trm_agent_row_entropy(&s->agent, 0);
    if (!isnan(entropy)) {
        const int32_t best = trm_agent_best(&s->agent, 0);
        s->certain += (double)trm_agent_row_probs(&s->agent, 0)[best] > TRM_CERTAIN;
        s->entropy += entropy;
        s->choices++;
    }
    return trm_agent_sample(&s->agent, 0, &s->rng);
}

static void keep_step(const session *s, int32_t prev, int32_t action, float reward) {
    trm_diagnose_visits *v = s->keep;
    const int32_t actions = trm_env_action_dim(s->env);
    if (v->rows == v->capacity)
        return;
    memcpy(v->obs + (int64_t)v->rows * v->states, s->obs, (size_t)v->states * sizeof *s->obs);
    if (v->legal)
        memcpy(v->legal + (int64_t)v->rows * actions, s->legal, (size_t)actions * sizeof *v->legal);
    v->prev[v->rows] = prev;
    v->action[v->rows] = action;
    v->reward[v->rows++] = reward;
}

// Returns the total reward; of no use once stopped.
static double play_episode(session *s, int32_t *length) {
    double total = 0;
    bool full = !s->keep || s->keep->rows == s->keep->capacity;
    bool done = false;
    trm_env_reset(s->env, s->state, &s->rng, TRM_SPLIT_TRAIN);
    *length = 0;
    for (int32_t prev = -1, action; !done && trm_diagnose_goes_on(s->watch);
         prev = action, ++*length) {
        trm_env_legal(s->env, s->state, s->changes);
        action = choose(s, prev);
        s->idle += !s->changes[action];
        const trm_step step = trm_env_step(s->env, s->state, action);
        done = step.done;
        total += (double)step.reward;
        if (!full)
            keep_step(s, prev, action, step.reward);
    }
    s->steps += *length;
    if (!full)
        s->keep->first[++s->keep->episodes] = s->keep->rows;
    return total;
}

bool trm_diagnose_play(const trm_env *env, const trm_model *m, trm_diagnose_how how,
                       int64_t episodes, uint64_t seed, trm_diagnose_visits *keep,
                       trm_diagnose_watch *watch, trm_play *out) {
    trm_arena arena = TRM_ARENA_INIT;
    size_t actions = (size_t)trm_env_action_dim(env);
    session s = {.env = env, .how = how, .keep = keep, .watch = watch};
    assert(episodes >= 1 && (m || how == DIAGNOSE_RANDOM) && !(keep && how == DIAGNOSE_RANDOM));
    s.state = trm_arena_alloc(&arena, trm_env_state_size(env));
    s.obs = trm_arena_array(&arena, (size_t)trm_env_state_dim(env), sizeof(float));
    s.changes = trm_arena_array(&arena, actions, sizeof(bool));
    s.legal = trm_arena_array(&arena, actions, sizeof(bool));
    if (how != DIAGNOSE_RANDOM)
        trm_agent_init(&s.agent, env, m);
    trm_rng_seed(&s.rng, seed, (uint64_t)TRM_STREAM_DIAGNOSE + (uint64_t)how);
    double sum = 0, squares = 0;
    int64_t successes = 0, n = 0;
    while (n < episodes && !watch->stopped && (!keep || keep->rows < keep->capacity)) {
        int32_t length;
        double total = play_episode(&s, &length);
        successes += trm_env_success(env, (float)total);
        sum += total;
        squares += total * total;
        n++;
    }
    double count = (double)n, steps = (double)s.steps;
    const double choices = s.choices > 0 ? (double)s.choices : 1;
    const bool values = s.agent.model && trm_model_get_config(s.agent.model)->q_values;
    *out = (trm_play){.episodes = n,
                      .success = (double)successes / count,
                      .reward = sum / count,
                      .reward_sd = n > 1 ? sqrt(fmax(squares - sum * sum / count, 0) / (count - 1))
                                         : (double)NAN,
                      .length = steps / count,
                      .idle = (double)s.idle / steps,
                      .entropy = values ? (double)NAN : s.entropy / choices,
                      .certain = (double)s.certain / choices};
    trm_agent_done(&s.agent);
    trm_arena_free(&arena);
    return !watch->stopped;
}

// ---- states that were visited -------------------------------------------------------------------

bool trm_diagnose_visit(trm_diagnose_visits *v, const trm_learner *l, int64_t episodes,
                        int32_t rows, uint64_t seed, trm_diagnose_watch *watch) {
    int32_t states = trm_env_state_dim(l->env), most = DIAGNOSE_VALUES / states;
    rows = rows < DIAGNOSE_ROWS ? rows : DIAGNOSE_ROWS;
    *v = (trm_diagnose_visits){
        .states = states, .capacity = rows < most ? rows : most, .watch = watch};
    size_t n = (size_t)v->capacity;
    v->obs = trm_arena_array(&v->arena, n * (size_t)states, sizeof *v->obs);
    v->prev = trm_arena_array(&v->arena, n, sizeof *v->prev);
    v->action = trm_arena_array(&v->arena, n, sizeof *v->action);
    v->reward = trm_arena_array(&v->arena, n, sizeof *v->reward);
    v->weight = trm_arena_array(&v->arena, n, sizeof *v->weight);
    v->first = trm_arena_array(&v->arena, n + 1, sizeof *v->first);
    if (trm_agent_masks(l->env)) {
        const size_t actions = (size_t)trm_env_action_dim(l->env);
        v->legal = trm_arena_array(&v->arena, n * actions, sizeof *v->legal);
        v->decision = trm_arena_array(&v->arena, actions, sizeof *v->decision);
    }
    trm_play play;
    if (!trm_diagnose_play(l->env, l->model, DIAGNOSE_SAMPLED, episodes, seed, v, watch, &play))
        return false;
    trm_diagnose_weigh(v, &l->config);
    return true;
}

void trm_diagnose_visits_done(trm_diagnose_visits *v) {
    trm_arena_free(&v->arena);
    *v = (trm_diagnose_visits){0};
}

void trm_diagnose_weigh(trm_diagnose_visits *v, const trm_train_config *c) {
    bool running = strcmp(c->baseline, "running") == 0;
    double sum = 0, squares = 0;
    for (int32_t i = 0; i < v->episodes; i++) {
        int32_t first = v->first[i], length = v->first[i + 1] - first;
        trm_returns_discount(v->weight + first, v->reward + first, length, c->gamma);
        if (!running)
            trm_returns_normalise(v->weight + first, length);
    }
    for (int32_t r = 0; r < v->rows; r++) {
        sum += (double)v->weight[r];
        squares += (double)v->weight[r] * (double)v->weight[r];
    }
    trm_baseline baseline = {0};
    trm_baseline_update(&baseline, sum / v->rows, squares / v->rows, c->baseline_rate);
    if (running)
        trm_baseline_apply(&baseline, v->weight, v->rows);
}

int32_t trm_diagnose_forward(const trm_model *m, trm_workspace *w, const trm_diagnose_visits *v,
                             int32_t row) {
    const int32_t n = v->rows - row < DIAGNOSE_CHUNK ? v->rows - row : DIAGNOSE_CHUNK;
    if (!trm_diagnose_goes_on(v->watch))
        return 0;
    trm_mat x = trm_mat_of(v->obs + (int64_t)row * v->states, n, v->states);
    trm_model_forward(m, w, 0, x, v->prev + row);
    return n;
}

// A row's logits, of which a chunk's are in the workspace, as they decided.
static const float *decision_of(const trm_diagnose_visits *v, trm_mat logits, int32_t row,
                                int32_t r) {
    const bool *legal = v->legal ? v->legal + (int64_t)(row + r) * logits.cols : NULL;
    return trm_agent_mask(legal, trm_mat_row(logits, r), logits.cols, v->decision);
}

double trm_diagnose_loss(const trm_model *m, trm_workspace *w, const trm_diagnose_visits *v,
                         float entropy) {
    trm_mat logits = trm_workspace_logits(w, trm_model_outputs(m) - 1);
    double loss = 0;
    for (int32_t row = 0; row < v->rows; row += DIAGNOSE_CHUNK) {
        const int32_t n = trm_diagnose_forward(m, w, v, row);
        for (int32_t r = 0; r < n; r++) {
            const float *x = decision_of(v, logits, row, r);
            loss -= (double)trm_categorical_log_prob(x, logits.cols, v->action[row + r]) *
                    (double)v->weight[row + r];
            loss -= (double)entropy * (double)trm_categorical_entropy(x, logits.cols);
        }
    }
    return loss / v->rows;
}

void trm_diagnose_differentiate(const trm_model *m, trm_workspace *w, bool all,
                                const trm_diagnose_visits *v, float entropy, int32_t output,
                                float *grads) {
    int32_t outputs = trm_model_outputs(m);
    float share = 1.0f / (float)v->rows;
    trm_mat logits = trm_workspace_logits(w, output), dlogits = trm_workspace_dlogits(w, output);
    memset(grads, 0, (size_t)trm_model_params_const(m)->size * sizeof *grads);
    for (int32_t o = 0; all && o < outputs; o++)
        trm_mat_zero(trm_workspace_dlogits(w, o));
    for (int32_t row = 0; row < v->rows; row += DIAGNOSE_CHUNK) {
        const int32_t n = trm_diagnose_forward(m, w, v, row);
        for (int32_t r = 0; r < n; r++)
            trm_categorical_backward(trm_mat_row(dlogits, r), decision_of(v, logits, row, r),
                                     logits.cols, v->action[row + r], -v->weight[row + r] * share,
                                     -entropy * share);
        if (n > 0)
            trm_model_backward(m, w, 0, n, grads);
    }
}
