// SPDX-License-Identifier: Apache-2.0
// What a model thought on one sample, cycle by cycle. A "cycle" is whatever the architecture
// repeats: a K cycle of trm-full, a layer of the mlp. Levels an architecture lacks have size 0.
// What a trace says is read with trm/model/reading.h.
#ifndef TRM_MODEL_TRACE_H
#define TRM_MODEL_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"

TRM_BEGIN_DECLS

// What is repeated, and what the two levels are. The words for it are in trm/agent/words.h.
typedef enum trm_trace_kind {
    TRM_TRACE_CYCLES, // K cycles over two levels, H and L
    TRM_TRACE_STEPS,  // steps that improve a latent z and an answer y
    TRM_TRACE_LEVELS, // steps over two levels, first the fast one, L, then the slow one, H
    TRM_TRACE_LAYERS, // layers of hidden units
    TRM_TRACE_MEANS,  // layers; each channel by its mean over the grid
    TRM_TRACE_TOKENS, // layers; the tokens
    TRM_TRACE_KINDS
} trm_trace_kind;

typedef struct trm_trace_shape {
    int32_t cycles;
    int32_t h_mid;        // H level before it goes down to L
    int32_t l;            // L level's output
    int32_t h;            // H level after L's feedback
    int32_t actions;      // values that the head reads: A of a policy; P * A, one position after
                          // the other, where a sample has P answers of A classes
    int32_t positions;    // P; 1 for policies
    int32_t first_logits; // cycles before this one have no reading by the head (their logits and
                          // probabilities are NaN); 0 where every cycle can be read
    int32_t prefix;       // of l and h: tokens that stand before the positions' own, each as wide
                          // as a position; they are on no board
    int32_t cells;        // of a board or strip that h and l lie on, behind the prefix, all alike
                          // wide; 0: they lie on none
    bool stablemax;       // probabilities are stable-max's, not softmax's
    bool q_values;        // logits are what actions are worth, and are read in place of
                          // probabilities
    bool halts;           // every cycle has what a halting head says of it
    bool stops_at_half;   // the model may stop where that is above 50 %, not TRM_HALT_SURE_SHARE
    int32_t restart;      // cycles after which a sample that is not sure begins again; 0: never
    trm_trace_kind kind;
} trm_trace_shape;

// Classes of a position: A.
static inline int32_t trm_trace_classes(const trm_trace_shape *s) {
    return s->actions / s->positions;
}

// Floats a cycle, and in all.
static inline int32_t trm_trace_stride(const trm_trace_shape *s) {
    return s->h_mid + s->l + s->h + 2 * s->actions + (s->halts ? 1 : 0);
}
static inline int64_t trm_trace_size(const trm_trace_shape *s) {
    return (int64_t)s->cycles * trm_trace_stride(s);
}

// Parts of cycle c in a block of trm_trace_size floats.
static inline float *trm_trace_h_mid(const trm_trace_shape *s, float *data, int32_t c) {
    return data + (int64_t)c * trm_trace_stride(s);
}
static inline float *trm_trace_l(const trm_trace_shape *s, float *data, int32_t c) {
    return trm_trace_h_mid(s, data, c) + s->h_mid;
}
static inline float *trm_trace_h(const trm_trace_shape *s, float *data, int32_t c) {
    return trm_trace_l(s, data, c) + s->l;
}
static inline float *trm_trace_logits(const trm_trace_shape *s, float *data, int32_t c) {
    return trm_trace_h(s, data, c) + s->h;
}
static inline float *trm_trace_probs(const trm_trace_shape *s, float *data, int32_t c) {
    return trm_trace_logits(s, data, c) + s->actions;
}
// One float, only where s->halts: how sure the halting head is that the model may stop here, 0
// to 1.
static inline float *trm_trace_halt(const trm_trace_shape *s, float *data, int32_t c) {
    return trm_trace_probs(s, data, c) + s->actions;
}

TRM_END_DECLS

#endif
