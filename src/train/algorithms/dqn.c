// SPDX-License-Identifier: Apache-2.0
// Deep Q-learning (Mnih and others, "Human-level control through deep reinforcement learning",
// 2015): a memory of steps, weights of their own for looking ahead, errors clipped at 1; with
// double Q-learning (van Hasselt, Guez and Silver, "Deep Reinforcement Learning with Double
// Q-learning", 2016), returns of several steps, and prioritised replay (Schaul and others,
// "Prioritized Experience Replay", 2016):
//   loss = mean over a batch of w huber(Q(s, a) - R - gamma^n Q'(s', argmax Q(s', .)))
// R is what n steps brought, s' the state after them, Q' the older weights, w the importance that
// makes up for what is drawn more often. Actions that may not be taken are no candidates there. An
// episode that ends, be it by its limit of steps, leaves nothing to look ahead to.
//
// The model's outputs are Q; with train.dueling it makes them of a value and of advantages.
//
// Exploration is epsilon-greedy, epsilon falls evenly over episodes.
#include "train/algorithms/dqn.h"

#include <math.h>
#include <string.h>

#include "trm/nn/categorical.h"

static const double FLOOR = 1e-3; // of a priority

// ---- memory -------------------------------------------------------------------------------------

static int32_t most_steps(const trm_learner *l) {
    return l->config.envs * trm_env_max_steps(l->env);
}

bool trm_dqn_prepare(trm_learner *l, trm_error *e) {
    const int32_t shards = trm_rollout_shards(l->config.envs);
    const int64_t rows = (int64_t)(l->config.envs / shards) * trm_env_max_steps(l->env) * shards;
    if (l->config.batch > rows)
        return trm_error_set(
            e, TRM_E_INPUT,
            "train.batch: %d is more than an update of %d episodes may have steps, "
            "%lld: lower it, or raise train.envs",
            l->config.batch, l->config.envs, (long long)rows);
    return l->config.memory >= l->config.batch ||
           trm_error_set(e, TRM_E_INPUT,
                         "train.memory: %d steps are fewer than the %d of a batch: raise it, or "
                         "lower train.batch",
                         l->config.memory, l->config.batch);
}

double trm_dqn_bytes(const trm_learner *l) {
    return l->algorithm->q
               ? trm_replay_buffer_bytes(l->config.memory, most_steps(l), trm_env_state_dim(l->env),
                                         trm_env_action_dim(l->env))
               : 0;
}

void trm_dqn_init(trm_learner *l) {
    if (!l->algorithm->q)
        return;
    trm_arena *a = &l->arena;
    trm_dqn *d = l->dqn = trm_arena_alloc(a, sizeof *d);
    const size_t batch = (size_t)l->config.batch, dim = (size_t)trm_env_state_dim(l->env);
    trm_replay_buffer_init(&d->memory, a, l->config.memory, most_steps(l), (int32_t)dim,
                           trm_env_action_dim(l->env));
    d->target = trm_model_copy(l->model, NULL, NULL);
    d->slot = trm_arena_array(a, batch, sizeof *d->slot);
    d->weight = trm_arena_array(a, batch, sizeof *d->weight);
    d->miss = trm_arena_array(a, batch, sizeof *d->miss);
    d->parts = trm_arena_array(a, (size_t)l->shard_count, sizeof *d->parts);
    for (int32_t k = 0; k < l->shard_count; k++) {
        trm_dqn_part *p = &d->parts[k];
        p->first = (int32_t)((int64_t)l->config.batch * k / l->shard_count);
        p->count = (int32_t)((int64_t)l->config.batch * (k + 1) / l->shard_count) - p->first;
        const size_t rows = p->count > 0 ? (size_t)p->count : 1;
        p->workspace = trm_workspace_new(l->model, (int32_t)rows, false);
        p->x = trm_arena_array(a, rows * dim, sizeof *p->x);
        p->prev = trm_arena_array(a, rows, sizeof *p->prev);
        p->chosen = trm_arena_array(a, rows, sizeof *p->chosen);
    }
}

void trm_dqn_seed(trm_learner *l) {
    if (!l->dqn)
        return;
    trm_rng_seed(&l->dqn->rng, l->seed, TRM_STREAM_REPLAY);
    trm_model_set_weights(l->dqn->target, trm_model_params(l->model)->values);
}

void trm_dqn_done(trm_learner *l) {
    if (!l->dqn)
        return;
    for (int32_t k = 0; l->dqn->parts && k < l->shard_count; k++)
        trm_workspace_free(l->dqn->parts[k].workspace);
    trm_model_free(l->dqn->target);
}

void trm_dqn_wrote(trm_learner *l, int32_t shard, trm_parcel *parcel) {
    if (l->dqn) {
        const trm_dqn_part *p = &l->dqn->parts[shard];
        trm_parcel_add(parcel, l->dqn->miss + p->first, (size_t)p->count * sizeof *l->dqn->miss);
    }
}

void trm_dqn_list(trm_learner *l, trm_listing *to) {
    if (!l->dqn)
        return;
    trm_dqn *d = l->dqn;
    trm_replay_buffer *m = &d->memory;
    const trm_params *p = trm_model_params(d->target);
    const int64_t n = m->slots, one[] = {1}, ends[] = {2}, rng[] = {4}, each[] = {n};
    trm_listing_put_slab(to, p, "state.target.", p->values);
    trm_listing_put(to, "state.memory.", "rng", TRM_I64, 1, rng, &d->rng);
    trm_listing_put(to, "state.memory.", "ends", TRM_I64, 1, ends, m->ends);
    trm_listing_put(to, "state.memory.", "highest", TRM_F64, 1, one, m->highest);
    trm_listing_put(to, "state.memory.", "seen", TRM_F32, 2, (int64_t[]){n, m->dim}, m->seen);
    trm_listing_put(to, "state.memory.", "legal", TRM_U8, 2, (int64_t[]){n, m->actions}, m->legal);
    trm_listing_put(to, "state.memory.", "step", TRM_I64, 2, (int64_t[]){n, TRM_STEP_FIELDS},
                    m->step);
    trm_listing_put(to, "state.memory.", "gained", TRM_F32, 1, each, m->gained);
    trm_listing_put(to, "state.memory.", "discount", TRM_F32, 1, each, m->discount);
    trm_listing_put(to, "state.memory.", "priority", TRM_F64, 1, each,
                    m->tree.node + m->tree.leaves);
}

static bool sound_slot(const trm_replay_buffer *m, int32_t slot) {
    const int64_t *step = trm_replay_buffer_step(m, slot);
    const double priority = trm_sum_tree_get(&m->tree, slot);
    const uint8_t *legal = (const uint8_t *)m->legal + (int64_t)slot * m->actions;
    for (int32_t a = 0; a < m->actions; a++)
        if (legal[a] > 1)
            return false;
    return step[TRM_STEP_PREV] >= -1 && step[TRM_STEP_PREV] < m->actions &&
           step[TRM_STEP_ACTION] >= 0 && step[TRM_STEP_ACTION] < m->actions &&
           step[TRM_STEP_AHEAD] >= 0 && step[TRM_STEP_AHEAD] < m->slots && isfinite(priority) &&
           priority >= 0;
}

bool trm_dqn_restored(trm_learner *l) {
    trm_replay_buffer *m = &l->dqn->memory;
    const trm_params *p = trm_model_params(l->dqn->target);
    if (m->ends[1] < 0 || m->ends[0] < m->ends[1] || m->ends[0] - m->ends[1] > m->capacity ||
        m->ends[0] > l->counters.steps || !trm_rng_sound(&l->dqn->rng) ||
        !(*m->highest > 0 && isfinite(*m->highest)))
        return false;
    for (int32_t i = 0; i < m->slots; i++)
        if (!sound_slot(m, i))
            return false;
    trm_sum_tree_rebuild(&m->tree);
    return trm_values_finite(m->seen, (int64_t)m->slots * m->dim) &&
           trm_values_finite(m->gained, m->slots) && trm_values_finite(m->discount, m->slots) &&
           trm_values_finite(p->values, p->size);
}

static void remember_step(trm_learner *l, const trm_shard *s, int32_t episode, int32_t t) {
    trm_replay_buffer *m = &l->dqn->memory;
    const int64_t first = (int64_t)episode * trm_env_max_steps(l->env);
    const int64_t row = s->row_of[first + t];
    const int32_t slot = trm_replay_buffer_room(m);
    int64_t *step = trm_replay_buffer_step(m, slot);
    int32_t ahead;
    memcpy(m->seen + (int64_t)slot * m->dim, s->seen + row * m->dim,
           (size_t)m->dim * sizeof *m->seen);
    memcpy(m->legal + (int64_t)slot * m->actions, s->legal + row * m->actions, (size_t)m->actions);
    m->gained[slot] = trm_n_step_return(s->reward + first, s->length[episode], t, l->config.n_step,
                                        l->config.gamma, &ahead, &m->discount[slot]);
    step[TRM_STEP_PREV] = s->seen_prev[row];
    step[TRM_STEP_ACTION] = s->action[row];
    step[TRM_STEP_AHEAD] = m->discount[slot] > 0 ? ahead : 0;
}

static void remember(trm_learner *l) {
    for (int32_t k = 0; k < l->shard_count; k++)
        for (int32_t i = 0; i < l->shards[k].count; i++)
            for (int32_t t = 0; t < l->shards[k].length[i]; t++)
                remember_step(l, &l->shards[k], i, t);
}

// ---- loss ---------------------------------------------------------------------------------------

double trm_huber(double miss, double *slope) {
    const double size = fabs(miss);
    *slope = size < 1 ? miss : miss < 0 ? -1 : 1;
    return size < 1 ? miss * miss / 2 : size - 0.5;
}

// Rows of the batch as they were seen, or as they were `ahead`.
static void gather(const trm_learner *l, const trm_dqn_part *p, bool ahead) {
    const trm_replay_buffer *m = &l->dqn->memory;
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t own = l->dqn->slot[p->first + i];
        const int64_t on = ahead ? trm_replay_buffer_step(m, own)[TRM_STEP_AHEAD] : 0;
        const int32_t slot = (int32_t)((own + on) % m->slots);
        memcpy(p->x + (int64_t)i * m->dim, m->seen + (int64_t)slot * m->dim,
               (size_t)m->dim * sizeof *p->x);
        p->prev[i] = (int32_t)trm_replay_buffer_step(m, slot)[TRM_STEP_PREV];
    }
}

static int32_t best_at(const trm_replay_buffer *m, int32_t slot, const float *q) {
    const bool *legal = m->legal + (int64_t)slot * m->actions;
    int32_t best = -1;
    for (int32_t a = 0; a < m->actions; a++)
        if (legal[a] && (best < 0 || q[a] > q[best]))
            best = a;
    return best < 0 ? 0 : best;
}

static void choose(const trm_learner *l, trm_dqn_part *p) {
    const trm_replay_buffer *m = &l->dqn->memory;
    const trm_mat q = trm_workspace_logits(p->workspace, trm_model_outputs(l->model) - 1);
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t own = l->dqn->slot[p->first + i];
        const int32_t on = (int32_t)trm_replay_buffer_step(m, own)[TRM_STEP_AHEAD];
        p->chosen[i] = best_at(m, (own + on) % m->slots, trm_mat_row(q, i));
    }
}

// What the values of the part's rows should be, into s->weight.
static void look_ahead(const trm_learner *l, trm_shard *s, trm_dqn_part *p) {
    const trm_replay_buffer *m = &l->dqn->memory;
    const trm_mat x = trm_mat_of(p->x, p->count, m->dim);
    gather(l, p, true);
    if (l->config.double_q) {
        trm_model_forward(l->model, p->workspace, 0, x, p->prev);
        choose(l, p);
    }
    trm_model_forward(l->dqn->target, p->workspace, 0, x, p->prev);
    if (!l->config.double_q)
        choose(l, p);
    const trm_mat q = trm_workspace_logits(p->workspace, trm_model_outputs(l->model) - 1);
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t slot = l->dqn->slot[p->first + i];
        s->weight[i] = m->gained[slot] + m->discount[slot] * trm_mat_row(q, i)[p->chosen[i]];
    }
}

static void differentiate_output(const trm_learner *l, trm_shard *s, const trm_dqn_part *p,
                                 int32_t o) {
    const trm_dqn *d = l->dqn;
    const trm_mat q = trm_workspace_logits(s->workspace, o);
    const trm_mat dq = trm_workspace_dlogits(s->workspace, o);
    const bool last = o == trm_model_outputs(l->model) - 1;
    const double weight = (double)trm_learner_output_weight(l, o);
    for (int32_t i = 0; i < p->count; i++) {
        const int64_t action =
            trm_replay_buffer_step(&d->memory, d->slot[p->first + i])[TRM_STEP_ACTION];
        const double miss = (double)trm_mat_row(q, i)[action] - (double)s->weight[i];
        const double w = weight * (double)d->weight[p->first + i];
        double slope;
        s->loss += w * trm_huber(miss, &slope);
        memset(trm_mat_row(dq, i), 0, (size_t)dq.cols * sizeof(float));
        trm_mat_row(dq, i)[action] = (float)(w * slope / l->config.batch);
        if (last)
            d->miss[p->first + i] = (float)miss;
    }
}

static void halting(const trm_learner *l, trm_shard *s, const trm_dqn_part *p) {
    const trm_dqn *d = l->dqn;
    const int32_t last = trm_model_outputs(l->model) - 1;
    for (int32_t o = 0; l->config.halting && o < last; o++)
        for (int32_t i = 0; i < p->count; i++) {
            const int32_t slot = d->slot[p->first + i];
            const float *now = trm_mat_row(trm_workspace_logits(s->workspace, o), i);
            const float *end = trm_mat_row(trm_workspace_logits(s->workspace, last), i);
            const bool stays = best_at(&d->memory, slot, now) == best_at(&d->memory, slot, end);
            trm_workspace_dhalt(s->workspace, o)[i] =
                (trm_logistic(trm_workspace_halt(s->workspace, o)[i]) - (stays ? 1.0f : 0.0f)) /
                (float)l->config.batch;
        }
}

static void differentiate(trm_learner *l, trm_shard *s) {
    trm_dqn_part *p = &l->dqn->parts[s - l->shards];
    const int32_t outputs = trm_model_outputs(l->model);
    if (p->count == 0)
        return;
    look_ahead(l, s, p);
    gather(l, p, false);
    trm_model_forward(l->model, s->workspace, 0, trm_mat_of(p->x, p->count, l->dqn->memory.dim),
                      p->prev);
    for (int32_t o = l->config.deep_supervision ? 0 : outputs - 1; o < outputs; o++)
        differentiate_output(l, s, p, o);
    halting(l, s, p);
    trm_model_backward(l->model, s->workspace, 0, p->count, s->grads);
}

// ---- the update ---------------------------------------------------------------------------------

static void draw_batch(trm_learner *l) {
    trm_dqn *d = l->dqn;
    const int32_t batch = l->config.batch;
    const double count = (double)trm_replay_buffer_count(&d->memory);
    const double total = trm_sum_tree_total(&d->memory.tree);
    float most = 0;
    for (int32_t i = 0; i < batch; i++) {
        d->slot[i] = trm_replay_buffer_draw(&d->memory, i, batch, &d->rng);
        const double chance = trm_sum_tree_get(&d->memory.tree, d->slot[i]) / total;
        d->weight[i] = (float)pow(count * chance, -(double)l->config.importance);
        most = d->weight[i] > most ? d->weight[i] : most;
    }
    for (int32_t i = 0; i < batch; i++)
        d->weight[i] /= most;
}

static void renew_priorities(trm_learner *l) {
    trm_replay_buffer *m = &l->dqn->memory;
    for (int32_t i = 0; i < l->config.batch; i++) {
        const double error = fabs((double)l->dqn->miss[i]) + FLOOR;
        const double priority = pow(error, (double)l->config.priority);
        trm_sum_tree_set(&m->tree, l->dqn->slot[i], priority);
        *m->highest = fmax(*m->highest, priority);
    }
}

static bool replay(trm_learner *l, trm_update *out, trm_error *e) {
    double loss = 0;
    out->lr = trm_schedule_lr(&l->config, l->counters.updates);
    if (trm_replay_buffer_count(&l->dqn->memory) < l->config.batch)
        return true;
    for (int32_t i = 0; i < l->config.replays; i++) {
        draw_batch(l);
        trm_learner_differentiate(l, differentiate, l->config.batch, out);
        if (!trm_learner_optimise(l, out, e))
            return false;
        renew_priorities(l);
        loss += (double)out->loss / l->config.replays;
    }
    out->loss = (float)loss;
    return true;
}

double trm_train_epsilon(const trm_train_config *c, int64_t updates) {
    const double from = (double)c->epsilon, to = (double)c->epsilon_min;
    const double done = (double)updates * c->envs / fmax(c->epsilon_episodes, 1);
    return done < 1 ? from + (to - from) * done : to;
}

// Mean over the newest steps, of what was acted with.
static double entropy_of(const trm_learner *l) {
    double sum = 0;
    for (int32_t k = 0; k < l->shard_count; k++)
        for (int32_t r = 0; r < l->shards[k].rows; r++) {
            const bool *legal = l->shards[k].legal + (int64_t)r * l->dqn->memory.actions;
            int32_t n = 0;
            for (int32_t a = 0; a < l->dqn->memory.actions; a++)
                n += legal[a];
            const double other = n > 1 ? l->shards[k].epsilon / n : 0, best = 1 - (n - 1) * other;
            sum -= other > 0 ? (n - 1) * other * log(other) : 0;
            sum -= best * log(best);
        }
    return sum / (double)trm_learner_rows(l);
}

static trm_outcome update(trm_learner *l, const trm_learner_callback *callback, trm_update *out,
                          trm_error *e) {
    trm_dqn *d = l->dqn;
    for (int32_t k = 0; k < l->shard_count; k++)
        l->shards[k].epsilon = trm_train_epsilon(&l->config, l->counters.updates);
    if (!trm_learner_roll(l, callback))
        return TRM_UPDATE_ABANDONED;
    if (l->counters.updates == 0) // the model may have been given others since it was made
        trm_model_set_weights(d->target, trm_model_params(l->model)->values);
    trm_replay_buffer_begin(&d->memory);
    d->rng_kept = d->rng;
    remember(l);
    if (!replay(l, out, e)) {
        trm_replay_buffer_set_back(&d->memory);
        d->rng = d->rng_kept;
        return TRM_UPDATE_FAILED;
    }
    trm_replay_buffer_commit(&d->memory);
    out->entropy = (float)entropy_of(l);
    trm_learner_count(l, out);
    if (l->counters.updates % l->config.target_every == 0)
        trm_model_set_weights(d->target, trm_model_params(l->model)->values);
    return TRM_UPDATE_DONE;
}

const trm_algorithm trm_algorithm_dqn = {
    .name = "dqn",
    .summary = "deep Q-learning: double, dueling, several steps ahead, prioritised replay",
    .again = true,
    .q = true,
    .prepare = trm_dqn_prepare,
    .update = update};
