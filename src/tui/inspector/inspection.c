// SPDX-License-Identifier: Apache-2.0
#include "tui/inspector/inspection.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "trm/model/work.h"
#include "tui/canvas/layout.h"

static const double QUICK = 2e9; // operations of a look that is there within a few frames

enum { TRACES_MIB = 64, LEAST_SLOTS = 4, AROUND = 64 };

trm_inspector_source trm_inspector_source_of(const trm_env *env, const trm_model *model,
                                             const float *weights,
                                             const trm_episode_trace *episode_trace, int32_t at,
                                             const char *title) {
    return (trm_inspector_source){.env = env,
                                  .model = model,
                                  .weights = weights,
                                  .steps = episode_trace->steps,
                                  .states = episode_trace->states,
                                  .length = episode_trace->length,
                                  .at = at,
                                  .title = title};
}

trm_inspector_source trm_inspector_source_of_samples(const trm_model *model, const float *weights,
                                                     const trm_dataset *set, int32_t first,
                                                     int32_t count, int32_t at, const char *title) {
    return (trm_inspector_source){.set = set,
                                  .first = first,
                                  .count = count,
                                  .number = first,
                                  .total = set->count,
                                  .model = model,
                                  .weights = weights,
                                  .at = at,
                                  .title = title};
}

trm_inspector_source trm_inspector_source_around(const trm_model *model, const trm_dataset *set,
                                                 int32_t sample, const char *title) {
    const int32_t n = set->count < AROUND ? set->count : AROUND;
    const int32_t first = trm_window(set->count, n, sample);
    return trm_inspector_source_of_samples(model, NULL, set, first, n, sample - first, title);
}

static void name_actions(trm_inspection *s) {
    const trm_subject subject = trm_inspection_subject(s, 0);
    s->actions = trm_subject_actions(&subject);
    s->names = trm_alloc((size_t)s->actions, sizeof *s->names);
    s->glyphs = trm_alloc((size_t)s->actions, sizeof *s->glyphs);
    for (int32_t a = 0; a < s->actions; a++) {
        trm_subject_name(&subject, a, s->names[a]);
        for (int ascii = 0; ascii < 2; ascii++) {
            const char *glyph = s->env != NULL ? trm_env_action_glyph(s->env, a, ascii) : NULL;
            const bool none = glyph == NULL || strcmp(glyph, s->names[a]) == 0;
            s->glyphs[a][ascii] = none ? "" : glyph;
        }
        const int32_t w = trm_text_columns(s->names[a]);
        s->name_width = w > s->name_width ? w : s->name_width;
    }
}

static void copy_episode(trm_inspection *s, const trm_inspector_source *source) {
    const size_t n = (size_t)source->length;
    assert(source->states && (source->steps || n == 0));
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

static void copy_samples(trm_inspection *s, const trm_inspector_source *source) {
    trm_dataset *copy = trm_dataset_part(source->set, source->first, source->count);
    s->set = *copy;
    free(copy);
    s->moments = s->set.count;
    s->states = (char *)s->set.inputs;
    s->state_size = (size_t)s->set.state_dim * sizeof *s->set.inputs;
    s->number = source->number;
    s->total = source->total;
    s->cell = source->cell;
    if (source->config == NULL)
        return;
    s->config = trm_alloc(1, sizeof *s->config);
    *s->config = *source->config;
}

static void make_room(trm_inspection *s) {
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

// The states of an episode as the samples that a model reads which plays by its answers.
static trm_dataset *states_as_samples(trm_inspector_source *s) {
    trm_agent a;
    trm_agent_init(&a, s->env, s->model);
    if (a.answering)
        trm_agent_set_puzzle(&a, s->puzzle > 0 || !s->config ? s->puzzle : s->config->data.puzzle);
    trm_dataset *d = a.answering ? trm_agent_samples(&a, s->states, s->length + 1) : NULL;
    trm_agent_done(&a);
    if (d == NULL)
        return NULL;
    const trm_config *config = s->config;
    *s = trm_inspector_source_of_samples(s->model, s->weights, d, 0, d->count, s->at, s->title);
    s->config = config;
    return d;
}

static trm_inspection *open_source(const trm_inspector_source *source, trm_error *e) {
    trm_agent agent;
    if (source->env == NULL && !trm_subject_answers(source->model, source->set, e))
        return NULL;
    if (!trm_agent_init_snapshot(&agent, source->env, source->model, source->weights,
                                 TRM_INSPECTION_CYCLES, e))
        return NULL;
    trm_inspection *s = trm_alloc(1, sizeof *s);
    s->env = source->env;
    s->agent = agent;
    s->shape = agent.shape;
    s->how = source->how != NULL ? source->how : trm_words_of_trying(&agent.shape);
    trm_text_copy(s->title, sizeof s->title, source->title);
    if (s->env != NULL)
        copy_episode(s, source);
    else
        copy_samples(s, source);
    name_actions(s);
    make_room(s);
    return s;
}

trm_inspection *trm_inspection_new(const trm_inspector_source *source, trm_error *e) {
    trm_inspector_source own = *source;
    trm_dataset *samples =
        own.env != NULL && own.weights == NULL && trm_agent_plays(own.env, own.model)
            ? states_as_samples(&own)
            : NULL;
    trm_inspection *s = open_source(&own, e);
    trm_dataset_free(samples);
    return s;
}

void trm_inspection_free(trm_inspection *s) {
    if (s == NULL)
        return;
    trm_agent_done(&s->agent);
    free(s->names);
    free(s->glyphs);
    free(s->steps);
    free(s->states);
    free(s->set.targets);
    free(s->config);
    free(s->traces);
    free(s->slot_of);
    free(s->moment_in);
    free(s);
}

trm_inspector_source trm_inspection_source(const trm_inspection *s, int32_t at) {
    if (trm_inspection_samples(s)) {
        trm_inspector_source source = trm_inspector_source_of_samples(s->agent.model, NULL, &s->set,
                                                                      0, s->moments, at, s->title);
        source.number = s->number;
        source.total = s->total;
        source.config = s->config;
        return source;
    }
    return (trm_inspector_source){.env = s->env,
                                  .model = s->agent.model,
                                  .steps = s->steps,
                                  .states = s->states,
                                  .length = s->length,
                                  .at = at,
                                  .how = s->how,
                                  .title = s->title};
}

bool trm_inspection_on_board(const trm_inspection *s) {
    const trm_geometry g = trm_inspection_samples(s) ? s->set.geometry : trm_env_geometry(s->env);
    return s->shape.cells > 0 && trm_geometry_cells(&g) == s->shape.cells;
}

bool trm_inspection_samples(const trm_inspection *s) {
    return s->env == NULL;
}

const char *trm_inspection_word(const trm_inspection *s) {
    return trm_inspection_samples(s) ? "sample" : trm_words_of_trace(&s->shape)->move;
}

int32_t trm_inspection_number(const trm_inspection *s, int32_t moment) {
    return s->number + moment + 1;
}

int32_t trm_inspection_total(const trm_inspection *s) {
    return trm_inspection_samples(s) ? s->total : s->moments;
}

trm_subject trm_inspection_subject(const trm_inspection *s, int32_t moment) {
    return trm_inspection_samples(s) ? trm_subject_of_sample(&s->set, moment)
                                     : trm_subject_of_state(s->env, trm_inspection_state(s, moment),
                                                            trm_inspection_prev_action(s, moment));
}

const void *trm_inspection_state(const trm_inspection *s, int32_t moment) {
    return s->states + (size_t)moment * s->state_size;
}

int32_t trm_inspection_prev_action(const trm_inspection *s, int32_t moment) {
    return moment < s->length                         ? s->steps[moment].prev_action
           : moment > 0 && !trm_inspection_samples(s) ? s->steps[moment - 1].action
                                                      : -1;
}

float *trm_inspection_trace(const trm_inspection *s, int32_t moment) {
    if (moment < 0 || moment >= s->moments || s->slot_of[moment] < 0)
        return NULL;
    return s->traces + (int64_t)s->slot_of[moment] * trm_trace_size(&s->shape);
}

// A free slot, or that of the moment farthest from here.
static int32_t slot_for(trm_inspection *s, int32_t moment) {
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

static bool look(trm_inspection *s, int32_t moment, float *trace) {
    const double from = trm_clock_now();
    const trm_subject subject = trm_inspection_subject(s, moment);
    trm_subject_look(&subject, &s->agent, trace);
    s->look_seconds = fmax(s->look_seconds, trm_clock_now() - from);
    return !trm_workspace_stopped(s->agent.workspace);
}

void trm_inspection_yield(trm_inspection *s, trm_app *app) {
    trm_workspace_set_stop(s->agent.workspace, trm_app_pending, app);
}

bool trm_inspection_quick(const trm_inspection *s) {
    return trm_model_flops(trm_model_get_config(s->agent.model)).forward < QUICK;
}

float *trm_inspection_compute(trm_inspection *s, int32_t moment) {
    if (s->slot_of[moment] >= 0)
        return trm_inspection_trace(s, moment);
    const int32_t slot = slot_for(s, moment);
    float *trace = s->traces + (int64_t)slot * trm_trace_size(&s->shape);
    s->moment_in[slot] = -1;
    if (!look(s, moment, trace))
        return NULL;
    s->slot_of[moment] = slot;
    s->moment_in[slot] = moment;
    s->known++;
    s->looks++;
    return trace;
}

bool trm_inspection_gradient(trm_inspection *s, int32_t moment, int32_t action0, int32_t actions,
                             int32_t unit0, int32_t units, float *out) {
    float *trace = trm_inspection_trace(s, moment);
    const trm_subject subject = trm_inspection_subject(s, moment);
    return trace != NULL &&
           trm_subject_gradient(&subject, &s->agent, trace, action0, actions, unit0, units, out);
}

int32_t trm_inspection_next(const trm_inspection *s, int32_t at) {
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

const char *trm_inspection_sign(const void *inspection, int32_t action, bool ascii) {
    const trm_inspection *s = inspection;
    const char *glyph = s->glyphs[action][ascii];
    return glyph[0] != 0 ? glyph : s->names[action];
}

const char *trm_inspection_glyph(const trm_inspection *s, int32_t action, const trm_look *look) {
    return s->glyphs[action][look->glyphs == TRM_GLYPHS_ASCII];
}

trm_reading trm_inspection_reading(const trm_inspection *s, int32_t moment, int32_t cell,
                                   bool *legal) {
    const trm_subject subject = trm_inspection_subject(s, moment);
    const bool masks = trm_subject_legal(&subject, cell, legal);
    return (trm_reading){.shape = &s->shape,
                         .trace = trm_inspection_trace(s, moment),
                         .legal = masks ? legal : NULL};
}
