// SPDX-License-Identifier: Apache-2.0
// Episodes are played a batch at a time, in lock-step: rows that go through the model together cost
// a third of what they cost alone.
#include "trm/agent/evaluate.h"

#include <math.h>
#include <string.h>

#include "trm/agent/agent.h"
#include "trm/base/arena.h"
#include "trm/base/streams.h"
#include "trm/nn/categorical.h"

enum { BATCH = 32 };

// The episodes still going, packed; those that end leave.
typedef struct batch {
    const trm_env *env;
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
    int64_t actions, idle, choices, certain; // so far, as trm_evaluation's shares
    double entropy, cycles, squares;         // sums
    trm_step results[BATCH];
    trm_arena arena;
} batch;

static void batch_init(batch *b, const trm_env *env, const trm_model *m) {
    size_t obs = (size_t)trm_env_state_dim(env) * sizeof(float);
    *b = (batch){.env = env};
    if (m)
        trm_agent_init_rows(&b->agent, env, m, BATCH, false);
    b->legal = trm_arena_array(&b->arena, (size_t)trm_env_action_dim(env), sizeof *b->legal);
    b->chances = trm_arena_array(&b->arena, (size_t)trm_env_action_dim(env), sizeof(float));
    b->states = trm_arena_array(&b->arena, BATCH, trm_env_state_size(env));
    b->obs = trm_arena_array(&b->arena, BATCH, obs);
}

static void batch_done(batch *b) {
    trm_agent_done(&b->agent);
    trm_arena_free(&b->arena);
}

static char *state_of(const batch *b, int32_t i) {
    return b->states + (size_t)i * trm_env_state_size(b->env);
}

static float *obs_of(const batch *b, int32_t i) {
    return b->obs + (int64_t)i * trm_env_state_dim(b->env);
}

static void begin(batch *b, int32_t count, trm_rng *rng) {
    b->active = count;
    b->length = 0;
    for (int32_t i = 0; i < count; i++) {
        int32_t length = 0;
        trm_env_reset(b->env, state_of(b, i), rng, TRM_SPLIT_HELD_OUT);
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
static void note(batch *b) {
    b->actions += b->active;
    for (int32_t i = 0; i < b->active; i++) {
        const double entropy = b->agent.model ? trm_agent_row_entropy(&b->agent, i) : (double)NAN;
        trm_env_legal(b->env, state_of(b, i), b->legal);
        b->idle += !b->legal[b->action[i]];
        if (isnan(entropy))
            continue;
        b->choices++;
        b->entropy += entropy;
        b->certain += (double)trm_agent_row_probs(&b->agent, i)[b->action[i]] > TRM_CERTAIN;
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

static void act(batch *b) {
    if (b->agent.model)
        choose(b);
    else
        choose_at_random(b);
    note(b);
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

static void count(batch *b, int32_t i, trm_evaluation *sums) {
    sums->episodes++;
    bool success = trm_env_success(b->env, b->total[i]);
    sums->successes += success;
    sums->shortest += success && b->length == b->optimum_length[i];
    sums->mean_reward += (double)b->total[i];
    b->squares += (double)b->total[i] * (double)b->total[i];
    sums->mean_length += b->length;
    sums->optimal_reward += (double)b->optimum[i];
    sums->optimal_length += b->optimum_length[i];
}

// Counts the episodes that have ended and closes the gaps that they leave.
static void commit(batch *b, trm_evaluation *sums) {
    int32_t kept = 0;
    for (int32_t i = 0; i < b->active; i++) {
        if (b->results[i].done) {
            count(b, i, sums);
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

static void conclude(const batch *b, bool stops, trm_evaluation *out) {
    const double n = out->episodes ? (double)out->episodes : NAN;
    const double sum = out->mean_reward;
    out->mean_reward /= n;
    out->reward_sd = n > 1 ? sqrt(fmax(b->squares - sum * sum / n, 0) / (n - 1)) : NAN;
    out->mean_length /= n;
    out->optimal_reward /= n;
    out->optimal_length /= n;
    out->idle = (double)b->idle / (double)b->actions;
    out->entropy = b->entropy / (double)b->choices;
    out->certain = (double)b->certain / (double)b->choices;
    out->mean_cycles = stops ? b->cycles / (double)b->actions : NAN;
}

void trm_evaluate(const trm_model *m, const trm_env *env, int64_t episodes, uint64_t seed,
                  bool stops, bool (*progress)(void *ctx, int64_t done), void *ctx,
                  trm_evaluation *out) {
    batch b;
    trm_rng rng;
    bool go = true;
    batch_init(&b, env, m);
    stops = stops && m && trm_model_halts(m);
    if (stops)
        trm_workspace_set_stopping(b.agent.workspace, true);
    trm_rng_seed(&rng, seed, TRM_STREAM_EVALUATION);
    trm_rng_seed(&b.rng, seed, TRM_STREAM_CHANCE_ACTIONS);
    *out = (trm_evaluation){0};
    while (go && out->episodes < episodes) {
        int64_t left = episodes - out->episodes;
        begin(&b, left < BATCH ? (int32_t)left : BATCH, &rng);
        while (b.active > 0 && (go = !progress || progress(ctx, out->episodes))) {
            act(&b);
            b.cycles += cycles_of(&b);
            commit(&b, out);
        }
    }
    conclude(&b, stops, out);
    batch_done(&b);
}
