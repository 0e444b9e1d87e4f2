// SPDX-License-Identifier: Apache-2.0
// Indices and activations of the transformer, shared by its forward and its backward.
#ifndef TRM_MODEL_TRANSFORMER_H
#define TRM_MODEL_TRANSFORMER_H

#include "cells.h"

// torch.nn.TransformerEncoderLayer with its defaults: post-norm, ReLU.
typedef struct trm_encoder_layout {
    int32_t in_proj, out_proj, linear1, linear2, norm1, norm2;
} trm_encoder_layout;

typedef struct trm_transformer_layout {
    int32_t pos_encoding, input_proj, head0, head2;
    trm_encoder_layout *layers; // [layers]
} trm_transformer_layout;

// What a layer leaves for its backward. R = B * P cells.
typedef struct trm_encoder_acts {
    trm_mat qkv;          // [R, 3d]
    trm_mat mixed;        // [R, d]: attention's output, before out_proj
    trm_mat xhat1, x1;    // [R, d]: after the first norm
    trm_mat hidden;       // [R, feedforward], after ReLU and dropout
    trm_mat xhat2, x2;    // [R, d]: the layer's output
    float *rstd1, *rstd2; // [R]
} trm_encoder_acts;

typedef struct trm_transformer_plan {
    trm_mat x0;               // [R, d]: input and positions
    trm_encoder_acts *layers; // [layers]
    trm_mat head;             // [R, d/2], after ReLU
    uint64_t *seeds;          // [B]: of each sample's dropout; 0: none
    trm_mat cells;            // [chunk, planes]: the input, cell by cell
    trm_mat sum;              // [chunk, d]: what a norm reads
    trm_mat probs, dprobs;    // [P, P]
    trm_mat dx, dsum;         // [chunk, d]
    trm_mat dbranch;          // [chunk, d]: gradient on the way through a branch
    trm_mat dmixed;           // [chunk, d]
    trm_mat dqkv;             // [chunk, 3d]
    trm_mat dhidden, dhead;   // [chunk, feedforward], [chunk, d/2]
} trm_transformer_plan;

// Where a layer drops: torch's dropout on attention's weights, dropout1, dropout, dropout2.
typedef enum trm_encoder_place {
    DROP_ATTENTION,
    DROP_MIXED,
    DROP_HIDDEN,
    DROP_FEEDFORWARD,
    DROP_PLACES
} trm_encoder_place;

// The generator of a sample's masks at a place; false: no dropout.
bool trm_transformer_masks(const trm_transformer_plan *p, int32_t row, int32_t layer,
                           trm_encoder_place place, trm_rng *rng);

// Drops in the cells of samples row0 .. row0 + rows - 1 (mat's first): values, or their gradient.
void trm_transformer_drop(const trm_model *m, const trm_transformer_plan *p, trm_mat mat,
                          int32_t layer, trm_encoder_place place, int32_t row0, int32_t rows);

void trm_transformer_backward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                              float *grads);

#endif
