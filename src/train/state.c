// SPDX-License-Identifier: Apache-2.0
// A learner as named tensors: what a checkpoint holds.
#include <math.h>

#include "train/algorithms/dqn.h"
#include "train/learner_impl.h"
#include "train/tensors.h"

int32_t trm_learner_tensors(trm_learner *l, trm_tensor *out, int32_t capacity) {
    trm_listing to = {out, capacity, 0};
    trm_listing_put_training(&to, trm_model_params(l->model), &l->adam);
    trm_listing_put(&to, "state.", "counters", TRM_I64, 1, (int64_t[]){3}, &l->counters);
    trm_listing_put(&to, "state.", "rng", TRM_I64, 2, (int64_t[]){l->config.envs, 4}, l->rngs);
    trm_listing_put(&to, "state.", "baseline", TRM_F64, 1, (int64_t[]){3}, &l->baseline);
    trm_dqn_list(l, &to);
    return to.count;
}

// Optimiser's steps of an update.
static int64_t most_steps(const trm_learner *l) {
    return l->algorithm->q       ? l->config.replays
           : l->algorithm->again ? (int64_t)l->config.passes * l->config.minibatches
                                 : 1;
}

bool trm_learner_restored(trm_learner *l, trm_error *e) {
    const int64_t most = (int64_t)1 << 40; // updates: from there counting on never overflows
    const trm_counters *c = &l->counters;
    if (c->updates < 0 || c->updates > most || c->episodes != c->updates * l->config.envs ||
        c->steps < c->episodes || c->steps / trm_env_max_steps(l->env) > c->episodes ||
        (l->adam.step < c->updates && !l->dqn) || l->adam.step < 0 ||
        l->adam.step > c->updates * most_steps(l))
        return trm_error_set(e, TRM_E_INPUT, "the checkpoint's counters contradict one another");
    for (int32_t i = 0; i < l->config.envs; i++)
        if (!trm_rng_sound(&l->rngs[i]))
            return trm_error_set(e, TRM_E_INPUT, "the checkpoint's random state is empty");
    if (!isfinite(l->baseline.mean) || !isfinite(l->baseline.square) ||
        !isfinite(l->baseline.count) || l->baseline.count < 0)
        return trm_error_set(e, TRM_E_INPUT, "the checkpoint's baseline is not finite");
    if (l->dqn && !trm_dqn_restored(l))
        return trm_error_set(e, TRM_E_INPUT, "the checkpoint's memory of steps contradicts itself");
    return trm_training_sound(trm_model_params(l->model), &l->adam) ||
           trm_error_set(e, TRM_E_INPUT, "the checkpoint holds values that are not finite");
}
