// SPDX-License-Identifier: Apache-2.0
#include "tui/micro/scope.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"

enum { TRACES_MIB = 64, LEAST_SLOTS = 4 };

trm_micro_source trm_micro_source_of(const trm_env *env, const trm_model *model,
                                     const float *weights, const trm_reel *reel, int32_t at,
                                     const char *title) {
    return (trm_micro_source){.env = env,
                              .model = model,
                              .weights = weights,
                              .steps = reel->steps,
                              .states = reel->states,
                              .length = reel->length,
                              .at = at,
                              .title = title};
}

static void name_actions(trm_scope *s) {
    s->actions = trm_env_action_dim(s->env);
    s->names = trm_alloc((size_t)s->actions, sizeof *s->names);
    s->glyphs = trm_alloc((size_t)s->actions, sizeof *s->glyphs);
    for (int32_t a = 0; a < s->actions; a++) {
        trm_env_action_name(s->env, a, s->names[a]);
        for (int ascii = 0; ascii < 2; ascii++) {
            const char *glyph = trm_env_action_glyph(s->env, a, ascii);
            const bool none = glyph == NULL || strcmp(glyph, s->names[a]) == 0;
            s->glyphs[a][ascii] = none ? "" : glyph;
        }
        const int32_t w = trm_text_columns(s->names[a]);
        s->name_width = w > s->name_width ? w : s->name_width;
    }
}

static void copy_episode(trm_scope *s, const trm_micro_source *source) {
    const size_t n = (size_t)source->length;
    s->state_size = trm_env_state_size(source->env);
    s->length = source->length;
    s->steps = trm_alloc(n + 1, sizeof *s->steps);
    s->states = trm_alloc(n + 1, s->state_size);
    if (n > 0)
        memcpy(s->steps, source->steps, n * sizeof *s->steps);
    memcpy(s->states, source->states, (n + 1) * s->state_size);
    const bool over = n > 0 && s->steps[n - 1].done;
    s->moments = over ? s->length : s->length + 1;
}

static void make_room(trm_scope *s) {
    const int64_t bytes = trm_trace_size(&s->shape) * (int64_t)sizeof(float);
    const int64_t most = ((int64_t)TRACES_MIB << 20) / (bytes > 0 ? bytes : 1);
    s->slots = most < LEAST_SLOTS ? LEAST_SLOTS : most < s->moments ? (int32_t)most : s->moments;
    if (s->slots > s->moments)
        s->slots = s->moments;
    s->traces = trm_alloc((size_t)s->slots, (size_t)bytes);
    s->slot_of = trm_alloc((size_t)s->moments, sizeof *s->slot_of);
    s->moment_in = trm_alloc((size_t)s->slots, sizeof *s->moment_in);
    for (int32_t i = 0; i < s->moments; i++)
        s->slot_of[i] = -1;
    for (int32_t i = 0; i < s->slots; i++)
        s->moment_in[i] = -1;
}

trm_scope *trm_scope_new(const trm_micro_source *source, trm_error *e) {
    trm_agent agent;
    if (!trm_agent_init_snapshot(&agent, source->env, source->model, source->weights,
                                 TRM_SCOPE_CYCLES, e))
        return NULL;
    trm_scope *s = trm_alloc(1, sizeof *s);
    s->env = source->env;
    s->agent = agent;
    s->shape = agent.shape;
    s->how = source->how != NULL ? source->how : "sampled";
    s->task = trm_env_task(s->env);
    trm_text_copy(s->title, sizeof s->title, source->title);
    name_actions(s);
    copy_episode(s, source);
    make_room(s);
    return s;
}

void trm_scope_free(trm_scope *s) {
    if (s == NULL)
        return;
    trm_agent_done(&s->agent);
    free(s->names);
    free(s->glyphs);
    free(s->steps);
    free(s->states);
    free(s->traces);
    free(s->slot_of);
    free(s->moment_in);
    free(s);
}

trm_micro_source trm_scope_source(const trm_scope *s, int32_t at) {
    return (trm_micro_source){.env = s->env,
                              .model = s->agent.model,
                              .steps = s->steps,
                              .states = s->states,
                              .length = s->length,
                              .at = at,
                              .how = s->how,
                              .title = s->title};
}

const void *trm_scope_state(const trm_scope *s, int32_t moment) {
    return s->states + (size_t)moment * s->state_size;
}

int32_t trm_scope_prev_action(const trm_scope *s, int32_t moment) {
    return moment < s->length ? s->steps[moment].prev_action
           : moment > 0       ? s->steps[moment - 1].action
                              : -1;
}

float *trm_scope_trace(const trm_scope *s, int32_t moment) {
    if (moment < 0 || moment >= s->moments || s->slot_of[moment] < 0)
        return NULL;
    return s->traces + (int64_t)s->slot_of[moment] * trm_trace_size(&s->shape);
}

// A free slot, or that of the moment farthest from here.
static int32_t slot_for(trm_scope *s, int32_t moment) {
    int32_t farthest = 0;
    for (int32_t i = 0; i < s->slots; i++) {
        if (s->moment_in[i] < 0)
            return i;
        if (abs(s->moment_in[i] - moment) > abs(s->moment_in[farthest] - moment))
            farthest = i;
    }
    s->slot_of[s->moment_in[farthest]] = -1;
    s->known--;
    return farthest;
}

static void look(trm_scope *s, int32_t moment, float *trace) {
    const double from = trm_clock_now();
    trm_agent_look(&s->agent, trm_scope_state(s, moment), trm_scope_prev_action(s, moment), trace);
    s->look_seconds = fmax(s->look_seconds, trm_clock_now() - from);
}

float *trm_scope_look(trm_scope *s, int32_t moment) {
    if (s->slot_of[moment] >= 0)
        return trm_scope_trace(s, moment);
    const int32_t slot = slot_for(s, moment);
    s->slot_of[moment] = slot;
    s->moment_in[slot] = moment;
    s->known++;
    s->looks++;
    float *trace = trm_scope_trace(s, moment);
    look(s, moment, trace);
    return trace;
}

bool trm_scope_gradient(trm_scope *s, int32_t moment, int32_t action0, int32_t actions,
                        int32_t unit0, int32_t units, float *out) {
    float *trace = trm_scope_trace(s, moment);
    return trace != NULL && trm_agent_gradient(&s->agent, trm_scope_state(s, moment), trace,
                                               action0, actions, unit0, units, out);
}

int32_t trm_scope_next(const trm_scope *s, int32_t at) {
    if (s->known == s->slots)
        return s->slot_of[at] < 0 ? at : -1;
    for (int32_t d = 0; d < s->moments; d++)
        for (int32_t sign = 1; sign >= -1; sign -= 2) {
            const int32_t moment = at + sign * d;
            if (moment >= 0 && moment < s->moments && s->slot_of[moment] < 0)
                return moment;
        }
    return -1;
}

const char *trm_scope_glyph(const trm_scope *s, int32_t action, const trm_look *look) {
    return s->glyphs[action][look->glyphs == TRM_GLYPHS_ASCII];
}

trm_reading trm_scope_reading(const trm_scope *s, int32_t moment, bool *legal) {
    const bool masks = trm_agent_legal(s->env, trm_scope_state(s, moment), legal);
    return (trm_reading){
        .shape = &s->shape, .trace = trm_scope_trace(s, moment), .legal = masks ? legal : NULL};
}
