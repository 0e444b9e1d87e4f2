// SPDX-License-Identifier: Apache-2.0
// Episodes are played a batch at a time, in lock-step: rows that go through the model together cost
// a third of what they cost alone.
#include "trm/agent/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/agent/agent.h"
#include "trm/base/arena.h"
#include "trm/base/streams.h"
#include "trm/nn/categorical.h"

enum { BATCH = TRM_EVALUATION_BATCH };

// The episodes still going, packed; those that end leave.
struct trm_evaluator {
    const trm_env *env;
    trm_rng starts;
    trm_agent agent; // of BATCH rows; zeroed: at random
    bool *legal;     // [A] at random: what may be done
    float *chances;  // [A] … and how likely
    trm_rng rng;     // of those
    int32_t active;
    char *states;            // [BATCH] state blocks
    float *obs;              // [BATCH, S]
    int32_t action[BATCH];   // the newest
    int32_t previous[BATCH]; // -1 on the first step
    float total[BATCH];
    int32_t length;       // steps so far, the same for all
    float optimum[BATCH]; // reward of the solver's solution; NaN: none
    double optimum_length[BATCH];
    trm_step results[BATCH];
    trm_arena arena;
};

typedef trm_evaluator batch;

trm_evaluator *trm_evaluator_new(const trm_model *m, const trm_env *env, uint64_t seed,
                                 bool stops) {
    size_t obs = (size_t)trm_env_state_dim(env) * sizeof(float);
    batch *b = trm_alloc(1, sizeof *b);
    b->env = env;
    if (m)
        trm_agent_init_rows(&b->agent, env, m, BATCH, false);
    if (stops && m && trm_model_halts(m))
        trm_workspace_set_stopping(b->agent.workspace, true);
    b->legal = trm_arena_array(&b->arena, (size_t)trm_env_action_dim(env), sizeof *b->legal);
    b->chances = trm_arena_array(&b->arena, (size_t)trm_env_action_dim(env), sizeof(float));
    b->states = trm_arena_array(&b->arena, BATCH, trm_env_state_size(env));
    b->obs = trm_arena_array(&b->arena, BATCH, obs);
    trm_rng_seed(&b->starts, seed, TRM_STREAM_EVALUATION);
    trm_rng_seed(&b->rng, seed, TRM_STREAM_CHANCE_ACTIONS);
    return b;
}

void trm_evaluator_free(trm_evaluator *b) {
    trm_agent_done(&b->agent);
    trm_arena_free(&b->arena);
    free(b);
}

static char *state_of(const batch *b, int32_t i) {
    return b->states + (size_t)i * trm_env_state_size(b->env);
}

static float *obs_of(const batch *b, int32_t i) {
    return b->obs + (int64_t)i * trm_env_state_dim(b->env);
}

void trm_evaluator_draw(trm_evaluator *b, int32_t count, void *states) {
    for (int32_t i = 0; i < count; i++)
        trm_env_reset(b->env, (char *)states + (size_t)i * trm_env_state_size(b->env), &b->starts,
                      TRM_SPLIT_HELD_OUT);
}

static void begin(batch *b, const void *states, int32_t count) {
    b->active = count;
    b->length = 0;
    if (states != b->states)
        memcpy(b->states, states, (size_t)count * trm_env_state_size(b->env));
    for (int32_t i = 0; i < count; i++) {
        int32_t length = 0;
        trm_env_observe(b->env, state_of(b, i), obs_of(b, i));
        bool solvable = trm_env_optimum(b->env, state_of(b, i), &b->optimum[i], &length);
        b->optimum[i] = solvable ? b->optimum[i] : NAN;
        b->optimum_length[i] = solvable ? length : NAN;
        b->previous[i] = -1;
        b->total[i] = 0;
    }
}

static void choose(batch *b) {
    trm_agent_run(&b->agent, 0, b->active, b->states, b->obs, b->previous);
    for (int32_t i = 0; i < b->active; i++)
        b->action[i] = trm_agent_best(&b->agent, i);
}

// What is told of the actions before they are done.
static void note(batch *b, trm_evaluation_tally *t) {
    t->actions += b->active;
    for (int32_t i = 0; i < b->active; i++) {
        const double entropy = b->agent.model ? trm_agent_row_entropy(&b->agent, i) : (double)NAN;
        trm_env_legal(b->env, state_of(b, i), b->legal);
        t->idle += !b->legal[b->action[i]];
        if (isnan(entropy))
            continue;
        t->choices++;
        t->entropy += entropy;
        t->certain += (double)trm_agent_row_probs(&b->agent, i)[b->action[i]] > TRM_CERTAIN;
    }
}

static void choose_at_random(batch *b) {
    int32_t actions = trm_env_action_dim(b->env);
    for (int32_t i = 0; i < b->active; i++) {
        trm_agent_legal(b->env, state_of(b, i), b->legal);
        for (int32_t a = 0; a < actions; a++)
            b->chances[a] = b->legal[a] ? 0 : TRM_MASKED;
        trm_softmax(b->chances, b->chances, actions);
        b->action[i] = trm_categorical_sample(b->chances, actions, &b->rng);
    }
}

static void act(batch *b, trm_evaluation_tally *t) {
    if (b->agent.model)
        choose(b);
    else
        choose_at_random(b);
    note(b, t);
    trm_env_step_batch(b->env, b->states, b->active, b->action, b->obs, b->results);
    b->length++;
    for (int32_t i = 0; i < b->active; i++)
        b->total[i] += b->results[i].reward;
}

static double cycles_of(const batch *b) {
    double sum = 0;
    for (int32_t i = 0; b->agent.model && i < b->active; i++)
        sum += trm_workspace_steps(b->agent.workspace, i);
    return sum;
}

// Notes the episodes that have ended and closes the gaps that they leave.
static void commit(batch *b, trm_evaluation_tally *t) {
    int32_t kept = 0;
    for (int32_t i = 0; i < b->active; i++) {
        if (b->results[i].done) {
            t->episodes[t->ended].reward = b->total[i];
            t->episodes[t->ended].optimum = b->optimum[i];
            t->episodes[t->ended].optimum_length = b->optimum_length[i];
            t->episodes[t->ended++].length = b->length;
            continue;
        }
        if (kept != i) {
            memcpy(state_of(b, kept), state_of(b, i), trm_env_state_size(b->env));
            memcpy(obs_of(b, kept), obs_of(b, i),
                   (size_t)trm_env_state_dim(b->env) * sizeof(float));
            b->total[kept] = b->total[i];
            b->optimum[kept] = b->optimum[i];
            b->optimum_length[kept] = b->optimum_length[i];
        }
        b->previous[kept++] = b->action[i];
    }
    b->active = kept;
}

bool trm_evaluator_play(trm_evaluator *b, const void *states, int32_t count,
                        bool (*progress)(void *ctx, int64_t done), void *ctx,
                        trm_evaluation_tally *t) {
    bool go = true;
    begin(b, states, count);
    while (b->active > 0 && (go = !progress || progress(ctx, t->sums.episodes + t->ended))) {
        act(b, t);
        t->cycles += cycles_of(b);
        commit(b, t);
    }
    return go;
}

static void add_episodes(const trm_env *env, trm_evaluation_tally *into,
                         const trm_evaluation_tally *part) {
    trm_evaluation *sums = &into->sums;
    for (int32_t i = 0; i < part->ended; i++) {
        const double reward = (double)part->episodes[i].reward;
        const int32_t length = part->episodes[i].length;
        const bool success = trm_env_success(env, part->episodes[i].reward);
        sums->episodes++;
        sums->successes += success;
        sums->shortest += success && length == part->episodes[i].optimum_length;
        sums->mean_reward += reward;
        into->squares += reward * reward;
        sums->mean_length += length;
        sums->optimal_reward += (double)part->episodes[i].optimum;
        sums->optimal_length += part->episodes[i].optimum_length;
    }
}

void trm_evaluation_add(const trm_env *env, trm_evaluation_tally *into,
                        const trm_evaluation_tally *part) {
    add_episodes(env, into, part);
    if (into != part) {
        into->actions += part->actions;
        into->idle += part->idle;
        into->choices += part->choices;
        into->certain += part->certain;
        into->entropy += part->entropy;
        into->cycles += part->cycles;
    }
    into->ended = 0;
}

void trm_evaluation_conclude(const trm_evaluation_tally *t, bool stops, trm_evaluation *out) {
    *out = t->sums;
    const double n = out->episodes ? (double)out->episodes : NAN;
    const double sum = out->mean_reward;
    out->mean_reward /= n;
    out->reward_sd = n > 1 ? sqrt(fmax(t->squares - sum * sum / n, 0) / (n - 1)) : NAN;
    out->mean_length /= n;
    out->optimal_reward /= n;
    out->optimal_length /= n;
    out->idle = (double)t->idle / (double)t->actions;
    out->entropy = t->entropy / (double)t->choices;
    out->certain = (double)t->certain / (double)t->choices;
    out->mean_cycles = stops ? t->cycles / (double)t->actions : NAN;
}

void trm_evaluate(const trm_model *m, const trm_env *env, int64_t episodes, uint64_t seed,
                  bool stops, bool (*progress)(void *ctx, int64_t done), void *ctx,
                  trm_evaluation *out) {
    trm_evaluator *b = trm_evaluator_new(m, env, seed, stops);
    trm_evaluation_tally t = {0};
    for (bool go = true; go && t.sums.episodes < episodes;) {
        int64_t left = episodes - t.sums.episodes;
        int32_t count = left < BATCH ? (int32_t)left : BATCH;
        trm_evaluator_draw(b, count, b->states);
        go = trm_evaluator_play(b, b->states, count, progress, ctx, &t);
        trm_evaluation_add(env, &t, &t);
    }
    trm_evaluation_conclude(&t, stops && m && trm_model_halts(m), out);
    trm_evaluator_free(b);
}
