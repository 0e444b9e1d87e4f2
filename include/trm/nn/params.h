// SPDX-License-Identifier: Apache-2.0
// The parameters of a model: one table of names and shapes over one slab of floats. The same table
// initialises, counts, saves, loads, clips and updates, so each of those is one loop.
#ifndef TRM_NN_PARAMS_H
#define TRM_NN_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/arena.h"
#include "trm/base/rng.h"

TRM_BEGIN_DECLS

// How a parameter starts (PyTorch's defaults; torch.nn.Linear, Embedding, LayerNorm, Conv2d).
typedef enum trm_param_init {
    TRM_INIT_ZERO,
    TRM_INIT_ONE,
    TRM_INIT_LINEAR,    // U(-1/sqrt(fan_in), 1/sqrt(fan_in)): weights and biases of linear and conv
    TRM_INIT_NORMAL,    // N(0, scale^2): embeddings with scale 1
    TRM_INIT_XAVIER,    // Xavier uniform over [out, in] whatever the scheme asked for
    TRM_INIT_TRUNCATED, // normal, cut off at 2 deviations, and then of deviation `scale`
    TRM_INIT_CONSTANT,  // `scale` everywhere
} trm_param_init;

// How a parameter learns.
typedef enum trm_learning {
    TRM_LEARNS,         // by the optimiser, and it is averaged
    TRM_LEARNS_BY_SIGN, // a table whose rows learn by trm_sign_rows_step; no optimiser, no average
    TRM_FIXED,          // never
} trm_learning;

enum { TRM_PARAM_NAME = 96, TRM_PARAM_DIMS = 4 };

typedef struct trm_param {
    char name[TRM_PARAM_NAME]; // the original's state_dict name
    int32_t ndim;
    int32_t shape[TRM_PARAM_DIMS]; // weights [out, in, …]
    int64_t size;                  // product of shape
    int64_t offset;                // floats into the slab
    trm_param_init init;
    int32_t fan_in;        // for TRM_INIT_LINEAR
    float scale;           // for TRM_INIT_NORMAL, _TRUNCATED and _CONSTANT
    trm_learning learning; // TRM_LEARNS unless the architecture says otherwise
    bool linear; // weight or bias of a Linear: what the original's Xavier scheme re-initialises
} trm_param;

typedef struct trm_params {
    trm_param *items;
    int32_t count, capacity;
    int64_t size; // floats in the slab, padding between parameters included (each starts at a
                  // multiple of 16 floats, but the second of a pair; padding is always 0, in values
                  // and in gradients)
    int64_t total; // parameters proper, without padding
    float *values; // [size]; NULL until trm_params_place
} trm_params;

// Appends a parameter to the table; returns its index. Names are unique (asserted).
// shape is {d0, d1, …} ending at ndim; every dimension >= 1.
int32_t trm_params_add(trm_params *p, trm_arena *a, const char *name, int32_t ndim,
                       const int32_t *shape, trm_param_init init, int32_t fan_in, float scale);

// torch.nn.Linear(in, out): "<prefix>.weight" [out, in] and "<prefix>.bias" [out]. Returns the
// index of the weight; the bias is the next one.
int32_t trm_params_add_linear(trm_params *p, trm_arena *a, const char *prefix, int32_t in,
                              int32_t out);

// Two Linears of one input, laid out so that one product computes both: the weights lie one behind
// the other as [2 * out, in] from the index returned, the biases as [2 * out] from that index + 2.
int32_t trm_params_add_linear_pair(trm_params *p, trm_arena *a, const char *first,
                                   const char *second, int32_t in, int32_t out);

// torch.nn.LayerNorm(dim): "<prefix>.weight" of ones and "<prefix>.bias" of zeros.
int32_t trm_params_add_norm(trm_params *p, trm_arena *a, const char *prefix, int32_t dim);

// torch.nn.Embedding(count, dim): "<prefix>.weight" [count, dim] from N(0, 1).
int32_t trm_params_add_embedding(trm_params *p, trm_arena *a, const char *prefix, int32_t count,
                                 int32_t dim);

// Takes the slab of values from the arena (zeroed). After this nothing more may be added.
void trm_params_place(trm_params *p, trm_arena *a);

// Index of a name, or -1.
int32_t trm_params_find(const trm_params *p, const char *name);

// Does every parameter learn by the optimiser?
bool trm_params_all_learn(const trm_params *p);

// Sets to 0 what a slab laid out by this table has for parameters that do not.
void trm_params_mute(const trm_params *p, float *grads);

// Draws every parameter in table order. xavier_gain <= 0: PyTorch's defaults; > 0: Linear weights
// Xavier uniform with that gain (Glorot and Bengio 2010), Linear biases 0, the rest as default (the
// original's "optimized" scheme).
void trm_params_init(trm_params *p, trm_rng *rng, float xavier_gain);

// Parameter i's values in a slab laid out by this table (values, gradients or moments alike).
static inline float *trm_params_at(const trm_params *p, float *slab, int32_t i) {
    return slab + p->items[i].offset;
}

TRM_END_DECLS

#endif
