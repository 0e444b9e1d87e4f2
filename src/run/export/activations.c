// SPDX-License-Identifier: Apache-2.0
// A moment played or answered again, with all that its model computed, as arrays.
#include "trm/run/export.h"

#include <stdlib.h>
#include <string.h>

#include "run/export/npy.h"
#include "trm/agent/subject.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/run/record.h"
#include "trm/run/safetensors.h"

enum { ARRAYS = 12 };

// The arrays in the making: a row each step of an episode, or each sample.
typedef struct arrays {
    trm_arena arena;
    trm_tensor items[ARRAYS];
    int32_t count;
    int64_t rows;
} arrays;

static void *add(arrays *a, const char *name, trm_dtype type, int64_t second, int64_t third) {
    trm_tensor *t = &a->items[a->count++];
    *t = (trm_tensor){
        .dtype = type, .ndim = 1 + (second > 0) + (third > 0), .shape = {a->rows, second, third}};
    trm_text_copy(t->name, sizeof t->name, name);
    t->data = trm_arena_array(&a->arena, (size_t)trm_tensor_count(t), trm_dtype_size(type));
    return t->data;
}

// Copies `size` floats of each cycle of a row's trace.
typedef float *part_of(const trm_trace_shape *s, float *trace, int32_t cycle);

static void add_part(arrays *a, const char *name, const trm_trace_shape *s, int32_t size,
                     part_of *part, float *const *traces) {
    if (size < 1)
        return;
    float *out = add(a, name, TRM_F32, s->cycles, size);
    for (int64_t i = 0; i < a->rows; i++)
        for (int32_t c = 0; c < s->cycles; c++, out += size)
            memcpy(out, part(s, traces[i], c), (size_t)size * sizeof *out);
}

static void add_traces(arrays *a, const trm_trace_shape *s, float *const *traces) {
    add_part(a, "h_mid", s, s->h_mid, trm_trace_h_mid, traces);
    add_part(a, "h", s, s->h, trm_trace_h, traces);
    add_part(a, "l", s, s->l, trm_trace_l, traces);
    add_part(a, "logits", s, s->actions, trm_trace_logits, traces);
    add_part(a, "probs", s, s->actions, trm_trace_probs, traces);
    add_part(a, "halt", s, s->halts, trm_trace_halt, traces);
}

static bool take_episode(trm_record *r, int32_t i, trm_agent *agent, arrays *a, trm_error *e) {
    const trm_env *env = trm_record_env(r);
    const int32_t dim = trm_env_state_dim(env);
    trm_episode_trace t;
    trm_episode_trace_init(&t, env, agent->model);
    const bool ok = trm_record_play(r, i, agent, &t, e);
    a->rows = t.length;
    if (ok) {
        float **traces = trm_arena_array(&a->arena, (size_t)t.length, sizeof *traces);
        float *observations = add(a, "observations", TRM_F32, dim, 0);
        int64_t *actions = add(a, "actions", TRM_I64, 0, 0);
        float *rewards = add(a, "rewards", TRM_F32, 0, 0);
        for (int32_t k = 0; k < t.length; k++) {
            trm_env_observe(env, trm_episode_trace_state(&t, k), observations + (int64_t)k * dim);
            actions[k] = t.steps[k].action;
            rewards[k] = t.steps[k].reward;
            traces[k] = trm_episode_trace_trace(&t, k);
        }
        add_traces(a, &t.shape, traces);
    }
    trm_episode_trace_done(&t);
    return ok;
}

static bool take_epoch(trm_record *r, int32_t i, trm_agent *agent, arrays *a, trm_error *e) {
    const trm_moment *m = trm_record_moment(r, i);
    const trm_dataset *set = trm_record_data(r, i, e);
    const trm_trace_shape shape = agent->shape;
    if (set == NULL)
        return false;
    a->rows = m->count;
    float *inputs = add(a, "inputs", TRM_F32, set->state_dim, 0);
    int64_t *targets = add(a, "targets", TRM_I64, set->positions, 0);
    float **traces = trm_arena_array(&a->arena, (size_t)m->count, sizeof *traces);
    for (int32_t k = 0; k < m->count; k++) {
        const trm_subject s = trm_subject_of_sample(set, m->samples[k]);
        const int64_t at = m->samples[k];
        traces[k] = trm_arena_array(&a->arena, (size_t)trm_trace_size(&shape), sizeof **traces);
        trm_subject_look(&s, agent, traces[k]);
        memcpy(inputs + (int64_t)k * set->state_dim, set->inputs + at * set->state_dim,
               (size_t)set->state_dim * sizeof *inputs);
        for (int32_t p = 0; p < set->positions; p++)
            targets[(int64_t)k * set->positions + p] = set->targets[at * set->positions + p];
    }
    add_traces(a, &shape, traces);
    return true;
}

static bool write_arrays(const arrays *a, const char *path, trm_error *e) {
    return trm_text_ends(path, ".npz")
               ? trm_npz_write(path, a->items, a->count, e)
               : trm_safetensors_write(path, a->items, a->count, NULL, 0, e);
}

static bool export_with(trm_record *r, int32_t i, trm_model *m, const char *path, trm_error *e) {
    arrays a = {.arena = TRM_ARENA_INIT};
    trm_agent agent;
    trm_agent_init(&agent, trm_record_env(r), m);
    const bool episodes = trm_record_unit(r) == TRM_UNIT_EPISODE;
    const bool ok = trm_record_weights(r, i, m, e) &&
                    (episodes ? take_episode : take_epoch)(r, i, &agent, &a, e) &&
                    write_arrays(&a, path, e);
    trm_agent_done(&agent);
    trm_arena_free(&a.arena);
    return ok;
}

bool trm_export_activations(const char *run, int64_t moment, const char *path, int64_t *number,
                            trm_error *e) {
    if (!trm_text_ends(path, ".npz") && !trm_text_ends(path, ".safetensors"))
        return trm_error_set(e, TRM_E_INPUT,
                             "--activations %s: the name must end in .npz or .safetensors", path);
    trm_record *r = trm_record_open(run, e);
    if (r == NULL)
        return false;
    const int32_t i = moment > 0 ? trm_record_at(r, moment - 1) : trm_record_count(r) - 1;
    *number = trm_record_moment(r, i)->number + 1;
    trm_model *m = trm_record_model(r, e);
    const bool ok = m != NULL && export_with(r, i, m, path, e);
    trm_model_free(m);
    trm_record_free(r);
    return ok;
}
