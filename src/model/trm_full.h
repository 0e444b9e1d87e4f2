// SPDX-License-Identifier: Apache-2.0
// Indices and activations of trm-full, shared by its forward and its backward.
#ifndef TRM_MODEL_TRM_FULL_H
#define TRM_MODEL_TRM_FULL_H

#include "arch.h"

// One H block: x + output_proj(silu(linear1(n)) * linear2(n)), n = norm(x).
typedef struct trm_full_h_block {
    int32_t gate;        // linear1 and linear2 as a pair
    int32_t output_proj; // weight
    int32_t norm;        // weight (gain)
} trm_full_h_block;

// One L block: x + net.2(relu(net.0(norm(x)))).
typedef struct trm_full_l_block {
    int32_t net0, net2, norm;
} trm_full_l_block;

typedef struct trm_full_layout {
    int32_t input_embed, h_to_l, l_to_h, h_carry, head0, head2;
    int32_t action_embed, action_proj; // -1 without action conditioning
    trm_full_h_block *h_blocks;        // [h_layers]
    trm_full_l_block *l_blocks;        // [l_layers]
} trm_full_layout;

// What an H block leaves for its backward. Row counts are the workspace's. What follows from these
// in a pass over the elements (n, gated) is computed again: training many environments is bound by
// memory sooner than by arithmetic.
typedef struct trm_full_h_acts {
    trm_mat xhat; // [B, H]
    float *rstd;  // [B]
    trm_mat ab;   // [B, 4H]: linear1's and linear2's outputs
} trm_full_h_acts;

typedef struct trm_full_l_acts {
    trm_mat xhat;   // [B, L]
    float *rstd;    // [B]
    trm_mat hidden; // [B, 2L], after ReLU
} trm_full_l_acts;

typedef struct trm_full_cycle {
    trm_full_h_acts *h_blocks; // [h_layers]
    trm_full_l_acts *l_blocks; // [l_layers]
    trm_mat h_mid;             // [B, H] just before h_to_l
    trm_mat l;                 // [B, L]
    trm_mat h;                 // [B, H] after feedback
    trm_mat head;              // [B, H/2] after ReLU; data NULL where no logits are wanted
} trm_full_cycle;

typedef struct trm_full_plan {
    trm_mat joined;         // [B, S + H]: state and embedded previous action
    trm_mat input;          // [B, S]: what goes into input_embed
    trm_mat h0;             // [B, H]
    trm_full_cycle *cycles; // [K]
    // of one chunk, in either direction
    trm_mat n_h, n_l, gated; // [chunk, H], [chunk, L], [chunk, 2H]
    // gradients of one chunk
    trm_mat value;           // [chunk, 1] where there is a dueling head; in backward its gradient
    trm_mat dh, dn_h, dr;    // [chunk, H]
    trm_mat dl, dn_l;        // [chunk, L]
    trm_mat dab, dgated;     // [chunk, 4H], [chunk, 2H]
    trm_mat dhidden;         // [chunk, 2L]
    trm_mat dhead;           // [chunk, H/2]
    trm_mat dinput, djoined; // [chunk, S], [chunk, S + H]
    float *probe_head;       // scratch for traces: [H/2]
    trm_mat stopped;         // with a halting head, logits of those that stop: [chunk, A]
} trm_full_plan;

void trm_full_backward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                       float *grads);

#endif
