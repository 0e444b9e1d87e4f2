// SPDX-License-Identifier: Apache-2.0
// Actor-critic with generalised advantages (Schulman and others, "High-Dimensional Continuous
// Control Using Generalized Advantage Estimation", 2016), and PPO with a clipped ratio (Schulman
// and others, "Proximal Policy Optimization Algorithms", 2017). Over the steps of a minibatch:
//   loss = -mean(min(r A, clip(r, 1 - e, 1 + e) A)) + c_v mean((V - target)^2) / 2 - c_e
//   mean(entropy) r = exp(log_prob - log_prob before the update), target = A + V before the update
// A is normalised over the update's steps. Episodes are played to their end, so nothing is left to
// bootstrap. Actor-critic is one pass in one part, where r is 1.
#include <math.h>
#include <string.h>

#include "train/learner_impl.h"
#include "trm/nn/categorical.h"

static const double EPSILON = 1e-6;

static int32_t passes(const trm_learner *l) {
    return l->algorithm == &trm_algorithm_ppo ? l->config.passes : 1;
}

static int32_t parts(const trm_learner *l) {
    return l->algorithm == &trm_algorithm_ppo ? l->config.minibatches : 1;
}

// ---- advantages

// Of one episode, into s->weight; what the value should be, into s->goal.
static void advantages(const trm_learner *l, trm_shard *s, int32_t episode) {
    int64_t first = (int64_t)episode * trm_env_max_steps(l->env);
    double gamma = (double)l->config.gamma, lambda = (double)l->config.gae;
    double advantage = 0, next = 0; // value of the step after
    for (int32_t t = s->length[episode] - 1; t >= 0; t--) {
        int32_t row = s->row_of[first + t];
        double value = (double)s->value[row];
        advantage =
            (double)s->reward[first + t] + gamma * next - value + gamma * lambda * advantage;
        next = value;
        s->weight[row] = (float)advantage;
        s->goal[row] = (float)(advantage + value);
    }
}

static void normalise(trm_learner *l) {
    double sum = 0, squares = 0, n = (double)trm_learner_rows(l);
    for (int32_t k = 0; k < l->shard_count; k++)
        for (int32_t r = 0; r < l->shards[k].rows; r++) {
            sum += (double)l->shards[k].weight[r];
            squares += (double)l->shards[k].weight[r] * (double)l->shards[k].weight[r];
        }
    double mean = sum / n, std = sqrt(fmax(squares / n - mean * mean, 0));
    for (int32_t k = 0; k < l->shard_count; k++)
        for (int32_t r = 0; r < l->shards[k].rows; r++) {
            float *a = &l->shards[k].weight[r];
            *a = (float)(((double)*a - mean) / (std + EPSILON));
        }
}

// ---- minibatches

// A new random order of each shard's rows.
static void shuffle(trm_learner *l) {
    for (int32_t k = 0; k < l->shard_count; k++) {
        trm_shard *s = &l->shards[k];
        for (int32_t r = 0; r < s->rows; r++)
            s->order[r] = r;
        trm_rng_shuffle(&l->rngs[s->first], s->order, (uint32_t)s->rows);
    }
}

static int32_t part_first(const trm_learner *l, const trm_shard *s, int32_t part) {
    return (int32_t)((int64_t)s->rows * part / parts(l));
}

static int32_t part_rows(const trm_learner *l, const trm_shard *s) {
    return part_first(l, s, s->part + 1) - part_first(l, s, s->part);
}

static int64_t rows_of_part(trm_learner *l, int32_t part) {
    int64_t rows = 0;
    for (int32_t k = 0; k < l->shard_count; k++) {
        l->shards[k].part = part;
        rows += part_rows(l, &l->shards[k]);
    }
    return rows;
}

// Runs the part's rows as rows 0 .. of the workspace, whose old ones are needed no more.
static void forward_part(const trm_learner *l, trm_shard *s) {
    const int32_t *order = s->order + part_first(l, s, s->part);
    int32_t dim = trm_env_state_dim(l->env), rows = part_rows(l, s), prev[TRM_AGAIN];
    for (int32_t done = 0, n; done < rows; done += n) {
        n = rows - done < TRM_AGAIN ? rows - done : TRM_AGAIN;
        for (int32_t i = 0; i < n; i++) {
            int32_t row = order[done + i];
            memcpy(s->again + (int64_t)i * dim, s->seen + (int64_t)row * dim,
                   (size_t)dim * sizeof *s->again);
            prev[i] = s->seen_prev[row];
        }
        trm_model_forward(l->model, s->workspace, done, trm_mat_of(s->again, n, dim), prev);
    }
}

// The factor of d log_prob in a step's loss.
static double policy_loss(const trm_learner *l, const trm_shard *s, int32_t row, double log_prob,
                          double *loss) {
    double ratio = exp(log_prob - (double)s->log_prob[row]), a = (double)s->weight[row];
    double e = (double)l->config.ratio_clip;
    double clipped = fmin(fmax(ratio, 1 - e), 1 + e);
    bool held = l->algorithm == &trm_algorithm_ppo && clipped * a < ratio * a;
    *loss = held ? -clipped * a : -ratio * a;
    return held ? 0 : -ratio * a;
}

static void differentiate_output(const trm_learner *l, trm_shard *s, int32_t o, float share) {
    const int32_t *order = s->order + part_first(l, s, s->part);
    trm_mat logits = trm_workspace_logits(s->workspace, o);
    trm_mat dlogits = trm_workspace_dlogits(s->workspace, o);
    bool last = o == trm_model_outputs(l->model) - 1;
    float weight = trm_learner_output_weight(l, o);
    for (int32_t i = 0; i < part_rows(l, s); i++) {
        int32_t row = order[i];
        const float *at = trm_shard_decision(s, trm_mat_row(logits, i), row);
        double loss;
        double log_prob = (double)trm_categorical_log_prob(at, logits.cols, s->action[row]);
        double factor = policy_loss(l, s, row, log_prob, &loss);
        s->loss += loss * (double)weight;
        if (last)
            trm_shard_add_entropy(s, (double)trm_categorical_entropy(at, logits.cols));
        trm_categorical_backward(trm_mat_row(dlogits, i), at, logits.cols, s->action[row],
                                 (float)factor * share * weight,
                                 last ? -l->config.entropy * share : 0);
    }
}

static void differentiate_value(const trm_learner *l, trm_shard *s, float share) {
    const int32_t *order = s->order + part_first(l, s, s->part);
    const float *values = trm_workspace_values(s->workspace);
    float *dvalues = trm_workspace_dvalues(s->workspace);
    for (int32_t i = 0; i < part_rows(l, s); i++) {
        double miss = (double)values[i] - (double)s->goal[order[i]];
        s->loss += (double)l->config.value * miss * miss / 2;
        dvalues[i] = l->config.value * (float)miss * share;
    }
}

static void differentiate(trm_learner *l, trm_shard *s) {
    int32_t outputs = trm_model_outputs(l->model), rows = part_rows(l, s);
    int64_t all = 0;
    for (int32_t k = 0; k < l->shard_count; k++)
        all += part_rows(l, &l->shards[k]);
    if (rows == 0)
        return;
    float share = 1.0f / (float)all;
    forward_part(l, s);
    for (int32_t o = l->config.deep_supervision ? 0 : outputs - 1; o < outputs; o++)
        differentiate_output(l, s, o, share);
    differentiate_value(l, s, share);
    trm_learner_halting(l, s, s->order + part_first(l, s, s->part), rows, share);
    trm_model_backward(l->model, s->workspace, 0, rows, s->grads);
}

// ---- the update

static bool optimise(trm_learner *l, trm_update *out, trm_error *e) {
    double loss = 0, entropy = 0, steps = 0;
    for (int32_t pass = 0; pass < passes(l); pass++) {
        shuffle(l);
        for (int32_t part = 0; part < parts(l); part++) {
            int64_t rows = rows_of_part(l, part);
            if (rows == 0)
                continue;
            trm_learner_differentiate(l, differentiate, rows, out);
            if (!trm_learner_optimise(l, out, e))
                return false;
            loss += (double)out->loss;
            entropy += (double)out->entropy;
            steps++;
        }
    }
    out->loss = (float)(loss / steps);
    out->entropy = (float)(entropy / steps);
    return true;
}

static trm_outcome update(trm_learner *l, const trm_learner_callback *callback, trm_update *out,
                          trm_error *e) {
    if (!trm_learner_roll(l, callback))
        return TRM_UPDATE_ABANDONED;
    for (int32_t k = 0; k < l->shard_count; k++)
        for (int32_t i = 0; i < l->shards[k].count; i++)
            advantages(l, &l->shards[k], i);
    normalise(l);
    if (!optimise(l, out, e))
        return TRM_UPDATE_FAILED;
    trm_learner_count(l, out);
    return TRM_UPDATE_DONE;
}

const trm_algorithm trm_algorithm_actor_critic = {
    .name = "actor-critic",
    .summary = "a value head, generalised advantages, one step an update",
    .values = true,
    .again = true,
    .bonus = true,
    .update = update};

const trm_algorithm trm_algorithm_ppo = {
    .name = "ppo",
    .summary = "the same with a clipped ratio, several passes in minibatches",
    .values = true,
    .again = true,
    .bonus = true,
    .update = update};
