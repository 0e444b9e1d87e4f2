// SPDX-License-Identifier: Apache-2.0
// Imitation of the exact solver on the states that the policy itself comes to (Ross, Gordon and
// Bagnell, "A Reduction of Imitation Learning and Structured Prediction to No-Regret Online
// Learning", 2011, without the mixture): episodes are played by sampling from the policy, and at
// every step all best actions are asked for.
//   loss = mean over steps of the cross entropy between the best actions, alike, and the policy
// Steps from which nothing is best (a puzzle that went wrong) do not count.
//
// A policy that reads its answer at the agent's cell learns from whole boards instead, see
// boards.h; the episodes then only show how it does.
#include <string.h>

#include "train/algorithms/boards.h"
#include "train/learner_impl.h"
#include "trm/nn/categorical.h"

static int64_t labelled(const trm_learner *l) {
    int32_t actions = trm_env_action_dim(l->env);
    int64_t rows = 0;
    for (int32_t k = 0; k < l->shard_count; k++)
        for (int32_t r = 0; r < l->shards[k].rows; r++)
            rows += trm_count_best(l->shards[k].best + (int64_t)r * actions, actions) > 0;
    return rows;
}

static void differentiate_output(const trm_learner *l, trm_shard *s, int32_t o, float share) {
    trm_mat logits = trm_workspace_logits(s->workspace, o);
    trm_mat dlogits = trm_workspace_dlogits(s->workspace, o);
    float weight = trm_learner_output_weight(l, o);
    for (int32_t r = 0; r < s->rows; r++) {
        const float *row = trm_shard_decision(s, trm_mat_row(logits, r), r);
        const bool *best = s->best + (int64_t)r * logits.cols;
        float *to = trm_mat_row(dlogits, r);
        if (o == trm_model_outputs(l->model) - 1)
            trm_shard_add_entropy(s, (double)trm_categorical_entropy(row, logits.cols));
        if (trm_count_best(best, logits.cols) > 0)
            s->loss += (double)weight * trm_imitate(to, row, best, logits.cols, share * weight);
        else
            memset(to, 0, (size_t)logits.cols * sizeof *to);
    }
}

static void differentiate(trm_learner *l, trm_shard *s) {
    int32_t outputs = trm_model_outputs(l->model);
    float share = 1.0f / (float)labelled(l);
    for (int32_t o = l->config.deep_supervision ? 0 : outputs - 1; o < outputs; o++)
        differentiate_output(l, s, o, share);
    trm_learner_halting(l, s, NULL, s->rows, share);
    trm_model_backward(l->model, s->workspace, 0, s->rows, s->grads);
}

static trm_outcome update(trm_learner *l, const trm_learner_callback *callback, trm_update *out,
                          trm_error *e) {
    if (!trm_learner_roll(l, callback))
        return TRM_UPDATE_ABANDONED;
    if (l->answerer)
        trm_boards_learn(l, out);
    else
        trm_learner_differentiate(l, differentiate, labelled(l), out);
    if (!trm_learner_optimise(l, out, e))
        return TRM_UPDATE_FAILED;
    trm_learner_count(l, out);
    return TRM_UPDATE_DONE;
}

const trm_algorithm trm_algorithm_imitation = {
    .name = "imitation",
    .summary = "the exact solver's best actions, on the states the policy comes to",
    .labels = true,
    .prepare = trm_boards_prepare,
    .update = update};
