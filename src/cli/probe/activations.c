// SPDX-License-Identifier: Apache-2.0
#include "cli/probe/activations.h"

#include <stdlib.h>
#include <string.h>

#include "run/export/npy.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/model/paper.h"
#include "trm/run/safetensors.h"

bool trm_activations_named(const char *path, trm_error *e) {
    return trm_text_ends(path, ".npy") || trm_text_ends(path, ".safetensors") ||
           trm_error_set(e, TRM_E_INPUT,
                         "--activations %s: the name must end in .npy or .safetensors", path);
}

bool trm_activations_one(size_t inputs, trm_error *e) {
    return inputs == 1 ||
           trm_error_set(e, TRM_E_INPUT, "--activations: one input fills the file, found %zu",
                         inputs);
}

typedef struct collection {
    trm_arena arena;
    trm_tensor *tensors; // [capacity]
    int32_t count, capacity;
    float *states; // of an array: z_H and z_L after each pass, one behind the other; NULL: none
    int32_t step;
} collection;

// ---- one array ----------------------------------------------------------------------------------

static bool write_array(const char *path, int32_t ndim, const int32_t *shape, float *values,
                        trm_error *e) {
    trm_tensor t = {.dtype = TRM_F32, .ndim = ndim};
    t.data = values;
    for (int32_t i = 0; i < ndim; i++)
        t.shape[i] = shape[i];
    return trm_npy_write(path, &t, e);
}

// ---- many tensors -------------------------------------------------------------------------------

static void add(collection *c, const char *name, int32_t rows, int32_t cols, const float *values) {
    const size_t size = (size_t)rows * (size_t)(cols ? cols : 1);
    if (size == 0 || c->count == c->capacity)
        return;
    trm_tensor *t = &c->tensors[c->count++];
    *t = (trm_tensor){.dtype = TRM_F32, .ndim = cols ? 2 : 1, .shape = {rows, cols}};
    trm_text_copy(t->name, sizeof t->name, name);
    t->data = trm_arena_array(&c->arena, size, sizeof *values);
    memcpy(t->data, values, size * sizeof *values);
}

static void add_step(collection *c, const char *part, int32_t rows, int32_t cols,
                     const float *values) {
    char name[TRM_TENSOR_NAME];
    trm_text_format(name, sizeof name, "step.%d.%s", c->step, part);
    add(c, name, rows, cols, values);
}

static void take_pass(void *ctx, const trm_pass *p) {
    collection *c = ctx;
    const size_t size = (size_t)p->h.rows * (size_t)p->h.cols;
    char part[32];
    if (c->states) {
        memcpy(c->states, p->h.data, size * sizeof *c->states);
        memcpy(c->states + size, p->l.data, size * sizeof *c->states);
        c->states += 2 * size;
        return;
    }
    trm_text_format(part, sizeof part, "pass.%d.z_%c", p->index, p->writes_h ? 'H' : 'L');
    add_step(c, part, p->h.rows, p->h.cols, p->writes_h ? p->h.data : p->l.data);
}

static void visit(trm_agent *a, collection *c) {
    for (c->step = 0; c->step < a->outputs; c->step++)
        trm_model_visit_passes(a->model, a->workspace, 0, c->step, take_pass, c);
}

// ---- models with passes -------------------------------------------------------------------------

static int32_t passes_of(const trm_agent *a) {
    return a->outputs * trm_model_passes(a->model);
}

static bool write_passes_array(trm_agent *a, const char *path, trm_error *e) {
    const int32_t hidden = trm_model_get_config(a->model)->d_model;
    const size_t each = (size_t)2 * (size_t)a->shape.h, count = (size_t)passes_of(a) * each;
    float *states = trm_alloc(count, sizeof *states);
    collection c = {.states = states};
    const int32_t shape[] = {passes_of(a), 2, a->shape.h / hidden, hidden};
    visit(a, &c);
    const bool ok = write_array(path, 4, shape, states, e);
    free(states);
    return ok;
}

static void collect_passes(trm_agent *a, float *trace, collection *c) {
    const trm_trace_shape *s = &a->shape;
    visit(a, c);
    for (c->step = 0; c->step < a->outputs; c->step++) {
        add_step(c, "logits", s->positions, trm_trace_classes(s),
                 trm_trace_logits(s, trace, c->step));
        add_step(c, "q_halt", 1, 0, trm_workspace_halt(a->workspace, c->step));
        add_step(c, "q_continue", 1, 0, trm_workspace_continue(a->workspace, c->step));
    }
}

// ---- others: what a trace has -------------------------------------------------------------------

static bool write_trace_array(const trm_agent *a, float *trace, const char *path, trm_error *e) {
    const trm_trace_shape *s = &a->shape;
    const size_t each = (size_t)(s->h_mid + s->l + s->h), cycles = (size_t)s->cycles;
    float *values = trm_alloc(cycles * each, sizeof *values);
    const int32_t shape[] = {s->cycles, (int32_t)each};
    for (size_t c = 0; c < cycles; c++)
        memcpy(values + c * each, trm_trace_h_mid(s, trace, (int32_t)c), each * sizeof *values);
    const bool ok = write_array(path, 2, shape, values, e);
    free(values);
    return ok;
}

static void collect_trace(const trm_agent *a, float *trace, collection *c) {
    const trm_trace_shape *s = &a->shape;
    for (int32_t i = 0; i < s->cycles; i++) {
        const int32_t read = i >= s->first_logits ? s->actions : 0;
        const struct {
            const char *name;
            int32_t size;
            const float *values;
        } parts[] = {{"h_mid", s->h_mid, trm_trace_h_mid(s, trace, i)},
                     {"l", s->l, trm_trace_l(s, trace, i)},
                     {"h", s->h, trm_trace_h(s, trace, i)},
                     {"logits", read, trm_trace_logits(s, trace, i)},
                     {"probs", read, trm_trace_probs(s, trace, i)},
                     {"halt", s->halts, trm_trace_halt(s, trace, i)}};
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
            char name[TRM_TENSOR_NAME];
            trm_text_format(name, sizeof name, "cycle.%d.%s", i, parts[k].name);
            add(c, name, parts[k].size, 0, parts[k].values);
        }
    }
}

bool trm_activations_write(trm_agent *a, float *trace, const char *path, trm_error *e) {
    enum { PARTS = 6 };
    const bool passes = trm_model_passes(a->model) > 0;
    if (trm_text_ends(path, ".npy"))
        return passes ? write_passes_array(a, path, e) : write_trace_array(a, trace, path, e);
    collection c = {.arena = TRM_ARENA_INIT, .capacity = passes_of(a) + PARTS * a->shape.cycles};
    c.tensors = trm_alloc((size_t)c.capacity, sizeof *c.tensors);
    if (passes)
        collect_passes(a, trace, &c);
    else
        collect_trace(a, trace, &c);
    const bool ok = trm_safetensors_write(path, c.tensors, c.count, NULL, 0, e);
    free(c.tensors);
    trm_arena_free(&c.arena);
    return ok;
}
