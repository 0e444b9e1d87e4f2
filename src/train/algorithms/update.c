// SPDX-License-Identifier: Apache-2.0
// What the algorithms of a learner share.
#include <string.h>

#include "train/algorithms/dqn.h"
#include "train/learner_impl.h"
#include "trm/nn/categorical.h"

trm_keeps trm_learner_keeps(const trm_learner *l) {
    return (trm_keeps){.passing = l->answerer != NULL, // boards are learned from, not steps
                       .all_outputs = l->config.deep_supervision || l->config.halting,
                       .values = l->algorithm->values,
                       .labels = l->algorithm->labels,
                       .again = l->algorithm->again,
                       .explores = l->algorithm->q};
}

typedef struct job {
    trm_learner *l;
    const trm_learner_callback *callback;
    void (*differentiate)(trm_learner *l, trm_shard *s);
} job;

static void roll(void *ctx, int32_t i) {
    const job *j = ctx;
    trm_learner *l = j->l;
    trm_shard *s = &l->shards[i];
    trm_rollout_run(s, l->env, l->rngs + s->first, i == 0 ? j->callback : NULL,
                    l->counters.episodes);
}

static void rolled(void *ctx, int32_t i, trm_parcel *parcel) {
    trm_learner *l = ((const job *)ctx)->l;
    trm_rollout_wrote(&l->shards[i], l->env, l->rngs + l->shards[i].first, parcel);
}

bool trm_learner_roll(trm_learner *l, const trm_learner_callback *callback) {
    job j = {.l = l, .callback = callback};
    trm_peers_run(l->peers, l->pool, l->shard_count, roll, rolled, &j);
    return !l->shards[0].abandoned;
}

int64_t trm_learner_rows(const trm_learner *l) {
    int64_t rows = 0;
    for (int32_t k = 0; k < l->shard_count; k++)
        rows += l->shards[k].rows;
    return rows;
}

static double step_weight(const trm_learner *l, int32_t output) {
    return strcmp(l->config.supervision, "uniform") == 0 ? 1 : 1 + 0.1 * output;
}

float trm_learner_output_weight(const trm_learner *l, int32_t o) {
    int32_t outputs = trm_model_outputs(l->model);
    double sum = 0;
    if (!l->config.deep_supervision)
        return o == outputs - 1 ? 1.0f : 0.0f;
    for (int32_t i = 0; i < outputs; i++)
        sum += step_weight(l, i);
    return (float)(step_weight(l, o) / sum);
}

static int32_t decision_of(const trm_shard *s, trm_mat logits, int32_t i, const int32_t *order) {
    const float *decision = trm_shard_decision(s, trm_mat_row(logits, i), order ? order[i] : i);
    return trm_categorical_argmax(decision, logits.cols);
}

void trm_learner_halting(const trm_learner *l, trm_shard *s, const int32_t *order, int32_t rows,
                         float share) {
    int32_t last = trm_model_outputs(l->model) - 1;
    for (int32_t o = 0; l->config.halting && o < last; o++) {
        trm_mat now = trm_workspace_logits(s->workspace, o);
        trm_mat end = trm_workspace_logits(s->workspace, last);
        const float *halt = trm_workspace_halt(s->workspace, o);
        float *dhalt = trm_workspace_dhalt(s->workspace, o);
        for (int32_t r = 0; r < rows; r++) {
            bool stays = decision_of(s, now, r, order) == decision_of(s, end, r, order);
            dhalt[r] = share * (trm_logistic(halt[r]) - (stays ? 1.0f : 0.0f));
        }
    }
}

static void differentiate(void *ctx, int32_t i) {
    const job *j = ctx;
    trm_shard *s = &j->l->shards[i];
    s->loss = s->entropy_sum = 0;
    s->entropy_count = 0;
    memset(s->grads, 0, (size_t)j->l->adam.size * sizeof *s->grads);
    j->differentiate(j->l, s);
}

// Where whole boards are learned from, they are made meanwhile, from the shard's generator.
static void differentiated(void *ctx, int32_t i, trm_parcel *parcel) {
    trm_learner *l = ((const job *)ctx)->l;
    trm_shard *s = &l->shards[i];
    trm_parcel_add(parcel, &l->rngs[s->first], sizeof *l->rngs);
    trm_parcel_add(parcel, &s->loss, sizeof s->loss);
    trm_parcel_add(parcel, &s->entropy_sum, sizeof s->entropy_sum);
    trm_parcel_add(parcel, &s->entropy_count, sizeof s->entropy_count);
    trm_dqn_wrote(l, i, parcel);
}

void trm_learner_differentiate(trm_learner *l, void (*each)(trm_learner *l, trm_shard *s),
                               int64_t rows, trm_update *out) {
    job j = {.l = l, .differentiate = each};
    double loss = 0, entropy = 0;
    int64_t count = 0;
    trm_peers_run(l->peers, l->pool, l->shard_count, differentiate, differentiated, &j);
    trm_peers_add(l->peers, l->parts, l->shard_count, l->adam.size, false, l->grads);
    for (int32_t k = 0; k < l->shard_count; k++) {
        const trm_shard *s = &l->shards[k];
        loss += s->loss;
        entropy += s->entropy_sum;
        count += s->entropy_count;
    }
    out->entropy = (float)(entropy / (double)count);
    double bonus = l->algorithm->bonus ? (double)l->config.entropy * entropy : 0;
    out->loss = (float)((loss - bonus) / (double)rows);
}

void trm_learner_count(trm_learner *l, trm_update *out) {
    for (int32_t k = 0; k < l->shard_count; k++) {
        const trm_shard *s = &l->shards[k];
        for (int32_t i = 0; i < s->count; i++) {
            l->counters.steps += s->length[i];
            l->episodes[s->first + i] =
                (trm_episode){.episode = l->counters.episodes++,
                              .update = l->counters.updates,
                              .step = l->counters.steps,
                              .reward = s->total[i],
                              .success = trm_env_success(l->env, s->total[i]),
                              .length = s->length[i]};
        }
    }
    out->update = l->counters.updates++;
    out->count = l->config.envs;
    out->episodes = l->episodes;
}
