// SPDX-License-Identifier: Apache-2.0
#include "trm/nn/params.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "trm/base/text.h"

enum { ALIGN = 16 };

static void grow(trm_params *p, trm_arena *a) {
    if (p->count < p->capacity)
        return;
    int32_t capacity = p->capacity ? 2 * p->capacity : 32;
    trm_param *items = trm_arena_array(a, (size_t)capacity, sizeof *items);
    if (p->count)
        memcpy(items, p->items, (size_t)p->count * sizeof *items);
    p->items = items;
    p->capacity = capacity;
}

int32_t trm_params_add(trm_params *p, trm_arena *a, const char *name, int32_t ndim,
                       const int32_t *shape, trm_param_init init, int32_t fan_in, float scale) {
    assert(!p->values && ndim >= 1 && ndim <= TRM_PARAM_DIMS && trm_params_find(p, name) < 0);
    grow(p, a);
    p->size = (p->size + ALIGN - 1) / ALIGN * ALIGN;
    trm_param *item = &p->items[p->count];
    *item = (trm_param){
        .ndim = ndim, .size = 1, .offset = p->size, .init = init, .fan_in = fan_in, .scale = scale};
    bool whole = trm_text_copy(item->name, sizeof item->name, name);
    assert(whole);
    (void)whole;
    for (int32_t d = 0; d < ndim; d++) {
        assert(shape[d] >= 1);
        item->shape[d] = shape[d];
        item->size *= shape[d];
    }
    p->size += item->size;
    p->total += item->size;
    return p->count++;
}

static int32_t add_part(trm_params *p, trm_arena *a, const char *prefix, const char *part,
                        int32_t ndim, const int32_t *shape, trm_param_init init, int32_t fan_in) {
    char name[TRM_PARAM_NAME];
    trm_text_format(name, sizeof name, "%s.%s", prefix, part);
    return trm_params_add(p, a, name, ndim, shape, init, fan_in, 1.0f);
}

static int32_t add_linear_part(trm_params *p, trm_arena *a, const char *prefix, const char *part,
                               int32_t ndim, const int32_t *shape, int32_t fan_in) {
    int32_t index = add_part(p, a, prefix, part, ndim, shape, TRM_INIT_LINEAR, fan_in);
    p->items[index].linear = true;
    return index;
}

int32_t trm_params_add_linear(trm_params *p, trm_arena *a, const char *prefix, int32_t in,
                              int32_t out) {
    int32_t weight = add_linear_part(p, a, prefix, "weight", 2, (int32_t[]){out, in}, in);
    add_linear_part(p, a, prefix, "bias", 1, (int32_t[]){out}, in);
    return weight;
}

// Moves the newest parameter back to the end of the one before it.
static void pack_last(trm_params *p) {
    trm_param *last = &p->items[p->count - 1], *before = last - 1;
    last->offset = before->offset + before->size;
    p->size = last->offset + last->size;
}

int32_t trm_params_add_linear_pair(trm_params *p, trm_arena *a, const char *first,
                                   const char *second, int32_t in, int32_t out) {
    int32_t weight = add_linear_part(p, a, first, "weight", 2, (int32_t[]){out, in}, in);
    add_linear_part(p, a, second, "weight", 2, (int32_t[]){out, in}, in);
    pack_last(p);
    add_linear_part(p, a, first, "bias", 1, (int32_t[]){out}, in);
    add_linear_part(p, a, second, "bias", 1, (int32_t[]){out}, in);
    pack_last(p);
    return weight;
}

int32_t trm_params_add_norm(trm_params *p, trm_arena *a, const char *prefix, int32_t dim) {
    int32_t weight = add_part(p, a, prefix, "weight", 1, &dim, TRM_INIT_ONE, 0);
    add_part(p, a, prefix, "bias", 1, &dim, TRM_INIT_ZERO, 0);
    return weight;
}

int32_t trm_params_add_embedding(trm_params *p, trm_arena *a, const char *prefix, int32_t count,
                                 int32_t dim) {
    return add_part(p, a, prefix, "weight", 2, (int32_t[]){count, dim}, TRM_INIT_NORMAL, 0);
}

void trm_params_place(trm_params *p, trm_arena *a) {
    assert(!p->values);
    p->size = (p->size + ALIGN - 1) / ALIGN * ALIGN;
    p->values = trm_arena_array(a, (size_t)p->size, sizeof *p->values);
}

int32_t trm_params_find(const trm_params *p, const char *name) {
    for (int32_t i = 0; i < p->count; i++)
        if (strcmp(p->items[i].name, name) == 0)
            return i;
    return -1;
}

bool trm_params_all_learn(const trm_params *p) {
    bool all = true;
    for (int32_t i = 0; i < p->count; i++)
        all &= p->items[i].learning == TRM_LEARNS;
    return all;
}

void trm_params_mute(const trm_params *p, float *grads) {
    for (int32_t i = 0; i < p->count; i++)
        if (p->items[i].learning != TRM_LEARNS)
            memset(trm_params_at(p, grads, i), 0, (size_t)p->items[i].size * sizeof *grads);
}

static void fill_uniform(float *out, int64_t n, float bound, trm_rng *rng) {
    for (int64_t i = 0; i < n; i++)
        out[i] = (2.0f * trm_rng_float(rng) - 1.0f) * bound;
}

static void fill_constant(float *out, int64_t n, float value) {
    for (int64_t i = 0; i < n; i++)
        out[i] = value;
}

// Cutting a normal distribution off at 2 deviations leaves it this deviation.
static const float TRUNCATED_DEVIATION = 0.87962566f;

static float truncated_normal(trm_rng *rng) {
    float z;
    do
        z = trm_rng_normal(rng);
    while (fabsf(z) > 2.0f);
    return z / TRUNCATED_DEVIATION;
}

static float xavier_bound(const trm_param *item, float gain) {
    return gain * sqrtf(6.0f / (float)(item->shape[0] + item->shape[1]));
}

static void init_one(const trm_param *item, float *out, trm_rng *rng, float xavier_gain) {
    if (item->linear && xavier_gain > 0) {
        if (item->ndim == 1)
            fill_constant(out, item->size, 0);
        else
            fill_uniform(out, item->size, xavier_bound(item, xavier_gain), rng);
        return;
    }
    switch (item->init) {
    case TRM_INIT_ZERO:
    case TRM_INIT_ONE:
        fill_constant(out, item->size, item->init == TRM_INIT_ONE ? 1.0f : 0.0f);
        break;
    case TRM_INIT_LINEAR:
        fill_uniform(out, item->size, 1.0f / sqrtf((float)item->fan_in), rng);
        break;
    case TRM_INIT_XAVIER:
        fill_uniform(out, item->size, xavier_bound(item, 1.0f), rng);
        break;
    case TRM_INIT_NORMAL:
        for (int64_t i = 0; i < item->size; i++)
            out[i] = item->scale * trm_rng_normal(rng);
        break;
    case TRM_INIT_TRUNCATED:
        for (int64_t i = 0; i < item->size; i++)
            out[i] = item->scale * truncated_normal(rng);
        break;
    case TRM_INIT_CONSTANT:
        fill_constant(out, item->size, item->scale);
        break;
    }
}

void trm_params_init(trm_params *p, trm_rng *rng, float xavier_gain) {
    assert(p->values);
    for (int32_t i = 0; i < p->count; i++)
        init_one(&p->items[i], trm_params_at(p, p->values, i), rng, xavier_gain);
}
