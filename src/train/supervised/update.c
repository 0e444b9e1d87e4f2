// SPDX-License-Identifier: Apache-2.0
// What every way of learning from answers computes: the loss of an answer with its gradient, and
// the step that an update takes.
#include <math.h>
#include <string.h>

#include "train/supervised/impl.h"
#include "trm/nn/categorical.h"

static bool is(const char *choice, const char *name) {
    return strcmp(choice, name) == 0;
}

// ---- the loss -----------------------------------------------------------------------------------

bool trm_supervised_is_sure(const trm_supervised *s, const trm_workspace *w, int32_t row) {
    float go_on =
        is(trm_model_get_config(s->model)->type, "hrm") ? trm_workspace_continue(w, 0)[row] : 0;
    return trm_model_halts(s->model) && trm_workspace_halt(w, 0)[row] > go_on;
}

double trm_supervised_bce(double logit, double target, double share, float *gradient) {
    double p = 1 / (1 + exp(-logit));
    *gradient = (float)(share * (p - target));
    return share * (fmax(logit, 0) - target * logit + log1p(exp(-fabs(logit))));
}

// Of one position.
static double answer_loss(const trm_supervised *s, float *dlogits, const float *logits,
                          int32_t target, double share) {
    int32_t n = trm_model_get_config(s->model)->action_dim;
    if (is(s->config.loss, "stablemax-f64"))
        return trm_stablemax_cross_entropy_f64(dlogits, logits, n, target, share);
    return (double)(is(s->config.loss, "stablemax")
                        ? trm_stablemax_cross_entropy
                        : trm_cross_entropy)(dlogits, logits, n, target, (float)share);
}

static int32_t count_targets(const int32_t *targets, int32_t positions) {
    int32_t count = 0;
    for (int32_t p = 0; p < positions; p++)
        count += targets[p] >= 0;
    return count ? count : 1;
}

double trm_supervised_loss(const trm_supervised *s, trm_shard *sh, int32_t o, int32_t row,
                           double share) {
    const trm_model_config *c = trm_model_get_config(s->model);
    const float *logits = trm_mat_row(trm_workspace_logits(sh->workspace, o), row);
    float *dlogits = trm_mat_row(trm_workspace_dlogits(sh->workspace, o), row);
    const int32_t *targets = sh->targets[row];
    int32_t n = c->action_dim, counted = targets ? count_targets(targets, c->positions) : 0;
    double loss = 0, cell = counted == c->positions ? share : share * c->positions / counted;
    bool right = true;
    if (counted < c->positions)
        memset(dlogits, 0, (size_t)c->positions * (size_t)n * sizeof *dlogits);
    if (!targets) {
        if (trm_model_halts(s->model))
            trm_workspace_dhalt(sh->workspace, o)[row] = 0;
        return 0;
    }
    for (int32_t p = 0; p < c->positions; p++) {
        int64_t at = (int64_t)p * n;
        if (targets[p] < 0)
            continue;
        loss += answer_loss(s, dlogits + at, logits + at, targets[p], cell);
        right = right && trm_categorical_argmax(logits + at, n) == targets[p];
    }
    loss *= cell;
    if (trm_model_halts(s->model))
        loss += trm_supervised_bce((double)trm_workspace_halt(sh->workspace, o)[row], right,
                                   0.5 * share * c->positions,
                                   &trm_workspace_dhalt(sh->workspace, o)[row]);
    return loss;
}

// ---- the step -----------------------------------------------------------------------------------

static bool by_atan2(const trm_supervised *s) {
    return is(s->config.optimizer, "adam-atan2");
}

// The part of lr that is left of it.
static double cosine(const trm_supervised *s) {
    double done = ((double)s->epochs + s->share) / s->config.epochs;
    const double half_turn = 3.14159265358979323846, least = (double)s->config.lr_min_ratio;
    return least + (1 - least) * 0.5 * (1 + cos(half_turn * fmin(done, 1)));
}

static float learning_rate(const trm_supervised *s) {
    float lr = trm_schedule_lr(&s->config, s->adam.step + by_atan2(s));
    return s->config.cosine ? (float)((double)lr * cosine(s)) : lr;
}

// An average over the whole training would remember how it began: at first it is shorter.
static float average_decay(const trm_supervised *s) {
    float least = (float)(s->adam.step + 1) / (float)(s->adam.step + 10);
    return s->config.ema < least || !s->config.ema_warmup ? s->config.ema : least;
}

// Tables that learn by sign, in the rows of the batch.
static void step_puzzles(trm_supervised *s, float lr) {
    const trm_params *p = trm_model_params_const(s->model);
    // as lr goes, so does theirs
    float share = s->config.lr > 0 ? lr / s->config.lr : 0;
    for (int32_t i = 0; i < p->count && s->config.puzzle_lr > 0; i++)
        if (p->items[i].learning == TRM_LEARNS_BY_SIGN)
            trm_sign_rows_step(trm_params_at(p, p->values, i), trm_params_at(p, s->grads, i),
                               p->items[i].shape[1], s->puzzles, s->puzzle_count,
                               s->config.puzzle_lr * share, s->config.puzzle_decay);
}

static void step_weights(trm_supervised *s, float lr) {
    trm_params *p = trm_model_params(s->model);
    (by_atan2(s) ? trm_adam_atan2_step : trm_adam_params_step)(&s->adam, p, s->grads, lr);
    if (!s->average)
        return;
    trm_ema_step(s->average, p->values, s->adam.size, average_decay(s));
    for (int32_t i = 0; i < p->count; i++)
        if (p->items[i].learning != TRM_LEARNS)
            memcpy(trm_params_at(p, s->average, i), trm_params_at(p, p->values, i),
                   (size_t)p->items[i].size * sizeof(float));
}

bool trm_supervised_update(trm_supervised *s, trm_epoch *out, double *loss, trm_error *e) {
    *loss = 0;
    for (int32_t i = 0; i < s->shard_count; i++)
        *loss += s->shards[i].loss;
    trm_peers_add(s->peers, s->parts, s->shard_count, s->adam.size, true, s->grads);
    out->lr = learning_rate(s);
    step_puzzles(s, out->lr);
    trm_params_mute(trm_model_params_const(s->model), s->grads);
    out->grad_norm = trm_grad_clip(s->grads, s->adam.size, s->config.clip);
    if (!isfinite(*loss) || !isfinite(out->grad_norm))
        return trm_error_set(e, TRM_E_NUMERIC,
                             "the loss of epoch %lld is not finite; the weights before it are "
                             "kept: try a lower train.lr, or train.clip",
                             (long long)s->epochs);
    s->newest = (trm_batch){
        .batch = s->adam.step, .loss = *loss, .grad_norm = out->grad_norm, .lr = out->lr};
    step_weights(s, out->lr);
    return true;
}
