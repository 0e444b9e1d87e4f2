// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/episode.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trm/agent/agent.h"
#include "trm/base/arena.h"

static int32_t room(int32_t steps, const trm_trace_shape *shape) {
    const int64_t bytes = trm_trace_size(shape) * (int64_t)sizeof(float);
    const int64_t fit = ((int64_t)TRM_EPISODE_TRACE_MIB << 20) / bytes;
    return (int32_t)(fit < 1 ? 1 : fit < steps ? fit : steps);
}

void trm_episode_trace_init(trm_episode_trace *r, const trm_env *env, const trm_model *model) {
    *r = (trm_episode_trace){.episode = -1,
                             .shape = trm_model_trace_shape(model),
                             .state_size = trm_env_state_size(env)};
    r->capacity = room(trm_env_max_steps(env), &r->shape);
    size_t steps = (size_t)r->capacity;
    r->steps = trm_alloc(steps, sizeof *r->steps);
    r->states = trm_alloc(steps + 1, r->state_size);
    r->traces = trm_alloc_room(steps * (size_t)trm_trace_size(&r->shape), sizeof *r->traces);
    if (trm_agent_masks(env))
        r->legal = trm_alloc(steps * (size_t)r->shape.actions, sizeof *r->legal);
}

void trm_episode_trace_done(trm_episode_trace *r) {
    free(r->steps);
    free(r->states);
    free(r->traces);
    free(r->legal);
    *r = (trm_episode_trace){0};
}

static char *state_at(const trm_episode_trace *r, int32_t t) {
    return r->states + (size_t)t * r->state_size;
}

const void *trm_episode_trace_state(const trm_episode_trace *r, int32_t t) {
    assert(t >= 0 && t <= r->length);
    return state_at(r, t);
}

static float *trace_at(const trm_episode_trace *r, int32_t t) {
    return r->traces + (int64_t)t * trm_trace_size(&r->shape);
}

float *trm_episode_trace_trace(const trm_episode_trace *r, int32_t t) {
    assert(t >= 0 && t < r->length);
    return trace_at(r, t);
}

static bool *legal_at(const trm_episode_trace *r, int32_t t) {
    return r->legal ? r->legal + (int64_t)t * r->shape.actions : NULL;
}

trm_reading trm_episode_trace_reading(const trm_episode_trace *r, int32_t t) {
    return (trm_reading){
        .shape = &r->shape, .trace = trm_episode_trace_trace(r, t), .legal = legal_at(r, t)};
}

void trm_episode_trace_begin(trm_episode_trace *r, uint64_t id, int64_t episode) {
    assert(id != r->id);
    r->id = id;
    r->episode = episode;
    r->length = 0;
    r->finished = r->success = r->first_success = r->best = false;
}

static void keep(trm_episode_trace *r, const trm_step_view *view) {
    int32_t t = r->length++;
    r->steps[t] = (trm_episode_step){.action = view->action,
                                     .prev_action = view->prev_action,
                                     .reward = view->result.reward,
                                     .total_reward = view->total_reward,
                                     .done = view->result.done,
                                     .solved = view->result.solved,
                                     .reason = view->result.reason};
    memcpy(state_at(r, t), view->state, r->state_size);
    memcpy(state_at(r, t + 1), view->next_state, r->state_size);
    memset(trace_at(r, t), 0, (size_t)trm_trace_size(&r->shape) * sizeof *r->traces);
    trm_model_trace(view->model, view->workspace, view->row, trace_at(r, t));
    bool *legal = legal_at(r, t);
    assert(!legal == !view->legal);
    if (legal)
        memcpy(legal, view->legal, (size_t)r->shape.actions * sizeof *legal);
}

void trm_episode_trace_append(trm_episode_trace *r, const trm_env *env, const trm_step_view *view) {
    if (r->length < r->capacity)
        keep(r, view);
    r->finished = view->result.done;
    r->success = r->finished && trm_env_success(env, view->total_reward);
}

bool trm_episode_trace_full(const trm_episode_trace *r) {
    return r->length == r->capacity && !r->steps[r->length - 1].done;
}

void trm_episode_trace_sync(trm_episode_trace *dst, const trm_episode_trace *src) {
    trm_episode_trace_take(dst, src, src->length);
}

void trm_episode_trace_take(trm_episode_trace *dst, const trm_episode_trace *src, int32_t length) {
    assert(dst->capacity == src->capacity && dst->state_size == src->state_size);
    assert(length <= src->length);
    if (src->id == 0)
        return;
    const bool whole = length == src->length;
    int32_t from = dst->id == src->id ? dst->length : 0, n = length - from;
    if (n > 0) {
        memcpy(dst->steps + from, src->steps + from, (size_t)n * sizeof *dst->steps);
        memcpy(state_at(dst, from), state_at(src, from), (size_t)(n + 1) * src->state_size);
        memcpy(trace_at(dst, from), trace_at(src, from),
               (size_t)n * (size_t)trm_trace_size(&src->shape) * sizeof(float));
        bool *to = legal_at(dst, from);
        const bool *legal = legal_at(src, from);
        if (to && legal)
            memcpy(to, legal, (size_t)n * (size_t)src->shape.actions * sizeof *to);
    }
    dst->id = src->id;
    dst->episode = src->episode;
    dst->length = length;
    dst->finished = whole && src->finished;
    dst->success = whole && src->success;
    dst->first_success = whole && src->first_success;
    dst->best = whole && src->best;
}
