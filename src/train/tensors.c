// SPDX-License-Identifier: Apache-2.0
#include "train/tensors.h"

#include <assert.h>
#include <string.h>

#include "trm/base/text.h"

int64_t trm_tensor_count(const trm_tensor *t) {
    int64_t count = 1;
    for (int32_t i = 0; i < t->ndim; i++)
        count *= t->shape[i];
    return count;
}

size_t trm_dtype_size(trm_dtype t) {
    static const size_t sizes[] = {
        [TRM_F32] = 4,  [TRM_F64] = 8, [TRM_I64] = 8, [TRM_U8] = 1,  [TRM_I32] = 4,
        [TRM_I16] = 2,  [TRM_I8] = 1,  [TRM_U64] = 8, [TRM_U32] = 4, [TRM_U16] = 2,
        [TRM_BOOL] = 1, [TRM_F16] = 2, [TRM_BF16] = 2};
    assert((size_t)t < sizeof sizes / sizeof *sizes);
    return sizes[t];
}

size_t trm_tensor_bytes(const trm_tensor *t) {
    return (size_t)trm_tensor_count(t) * trm_dtype_size(t->dtype);
}

void trm_listing_put(trm_listing *to, const char *prefix, const char *name, trm_dtype dtype,
                     int32_t ndim, const int64_t *shape, void *data) {
    if (to->count < to->capacity) {
        trm_tensor *t = &to->out[to->count];
        *t = (trm_tensor){.dtype = dtype, .ndim = ndim, .data = data};
        trm_text_format(t->name, sizeof t->name, "%s%s", prefix, name);
        for (int32_t d = 0; d < ndim; d++)
            t->shape[d] = shape[d];
    }
    to->count++;
}

void trm_listing_put_slab(trm_listing *to, const trm_params *p, const char *prefix, float *slab) {
    for (int32_t i = 0; i < p->count; i++) {
        int64_t shape[TRM_PARAM_DIMS];
        for (int32_t d = 0; d < p->items[i].ndim; d++)
            shape[d] = p->items[i].shape[d];
        trm_listing_put(to, prefix, p->items[i].name, TRM_F32, p->items[i].ndim, shape,
                        trm_params_at(p, slab, i));
    }
}

void trm_listing_put_training(trm_listing *to, const trm_params *p, trm_adam *adam) {
    trm_listing_put_slab(to, p, "", p->values);
    trm_listing_put_slab(to, p, "optim.m.", adam->m);
    trm_listing_put_slab(to, p, "optim.v.", adam->v);
    trm_listing_put(to, "optim.", "step", TRM_I64, 1, (int64_t[]){1}, &adam->step);
}

// An exponent of all ones, which only what is not finite has, carries into the sign's place when
// one is added to it. In integers and without a branch, because this runs at every update.
bool trm_values_finite(const float *x, int64_t n) {
    uint32_t carried = 0;
#pragma omp simd reduction(| : carried)
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        carried |= (bits & 0x7fffffffu) + 0x00800000u;
    }
    return carried >> 31 == 0;
}

static bool none_negative(const float *x, int64_t n) {
    int32_t negative = 0;
#pragma omp simd reduction(| : negative)
    for (int64_t i = 0; i < n; i++)
        negative |= x[i] < 0;
    return !negative;
}

bool trm_training_sound(const trm_params *p, const trm_adam *adam) {
    return trm_values_finite(p->values, p->size) && trm_values_finite(adam->m, p->size) &&
           trm_values_finite(adam->v, p->size) && none_negative(adam->v, p->size);
}

bool trm_rng_sound(const trm_rng *r) {
    return r->s[0] | r->s[1] | r->s[2] | r->s[3]; // all zero would stay zero for ever
}
