// SPDX-License-Identifier: Apache-2.0
// A learner as named tensors: what a checkpoint holds.
#include <math.h>

#include "learner_impl.h"
#include "trm/base/text.h"

typedef struct listing {
    trm_tensor *out;
    int32_t capacity, count;
} listing;

static void put(listing *to, const char *prefix, const char *name, trm_dtype dtype, int32_t ndim,
                const int64_t *shape, void *data) {
    if (to->count < to->capacity) {
        trm_tensor *t = &to->out[to->count];
        *t = (trm_tensor){.dtype = dtype, .ndim = ndim, .data = data};
        trm_text_format(t->name, sizeof t->name, "%s%s", prefix, name);
        for (int32_t d = 0; d < ndim; d++)
            t->shape[d] = shape[d];
    }
    to->count++;
}

static void put_slab(listing *to, const trm_params *p, const char *prefix, float *slab) {
    for (int32_t i = 0; i < p->count; i++) {
        int64_t shape[TRM_PARAM_DIMS];
        for (int32_t d = 0; d < p->items[i].ndim; d++)
            shape[d] = p->items[i].shape[d];
        put(to, prefix, p->items[i].name, TRM_F32, p->items[i].ndim, shape,
            trm_params_at(p, slab, i));
    }
}

int32_t trm_learner_tensors(trm_learner *l, trm_tensor *out, int32_t capacity) {
    listing to = {out, capacity, 0};
    const trm_params *p = trm_model_params(l->model);
    put_slab(&to, p, "", p->values);
    put_slab(&to, p, "optim.m.", l->adam.m);
    put_slab(&to, p, "optim.v.", l->adam.v);
    put(&to, "optim.", "step", TRM_I64, 1, (int64_t[]){1}, &l->adam.step);
    put(&to, "state.", "counters", TRM_I64, 1, (int64_t[]){3}, &l->counters);
    put(&to, "state.", "rng", TRM_I64, 2, (int64_t[]){l->config.envs, 4}, l->rngs);
    put(&to, "state.", "baseline", TRM_F64, 1, (int64_t[]){3}, &l->baseline);
    return to.count;
}

// A generator of zeros only would give zeros for ever.
static bool rngs_alive(const trm_learner *l) {
    for (int32_t i = 0; i < l->config.envs; i++)
        if (!(l->rngs[i].s[0] | l->rngs[i].s[1] | l->rngs[i].s[2] | l->rngs[i].s[3]))
            return false;
    return true;
}

bool trm_learner_restored(trm_learner *l, trm_error *e) {
    const trm_counters *c = &l->counters;
    const trm_params *p = trm_model_params(l->model);
    if (c->episodes < 0 || c->updates < 0 || c->steps < c->episodes || l->adam.step != c->updates ||
        c->episodes < c->updates)
        return trm_error_set(e, TRM_E_INPUT, "the checkpoint's counters contradict one another");
    if (!rngs_alive(l))
        return trm_error_set(e, TRM_E_INPUT, "the checkpoint's random state is empty");
    if (!isfinite(l->baseline.mean) || !isfinite(l->baseline.square) || !(l->baseline.count >= 0))
        return trm_error_set(e, TRM_E_INPUT, "the checkpoint's baseline is not finite");
    for (int64_t i = 0; i < p->size; i++)
        if (!isfinite(p->values[i]) || !isfinite(l->adam.m[i]) || !(l->adam.v[i] >= 0) ||
            !isfinite(l->adam.v[i]))
            return trm_error_set(e, TRM_E_INPUT, "the checkpoint holds values that are not finite");
    return true;
}
