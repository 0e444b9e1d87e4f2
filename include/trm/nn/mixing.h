// SPDX-License-Identifier: Apache-2.0
// How the cells of a grid come to know of one another, beside attention and convolution. A batch of
// samples of P positions is a matrix with one row a position: row i * P + p is position p of sample
// i. No allocation, no locks: thread safe as long as outputs do not overlap.
#ifndef TRM_NN_MIXING_H
#define TRM_NN_MIXING_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/nn/matrix.h"

TRM_BEGIN_DECLS

// ---- rotary positions (Su et al. 2021) ----------------------------------------------------------

// Angles of every pair of columns of a head of `width` columns at every position, as cosines and
// sines [height * width_of_grid, width / 2]. On a grid (height > 1) the first half of the pairs
// turns with the row and the second with the column; on a line (height 1) all turn with the
// column. The slowest pair of a half turns by 1 / 100 a step, the fastest by 1.
void trm_rotary_table(float *cosines, float *sines, int32_t height, int32_t width, int32_t pairs);

// The same for `positions` on a line as the paper's code has it: pair j of a head turns by
// theta^(-j / pairs) a position.
void trm_rope_table(float *cosines, float *sines, int32_t positions, int32_t pairs, float theta);

// Turns the pairs (columns j and j + pairs of each head) of x [B*P, heads * 2 * pairs] by the angle
// of the row's position, or back: the inverse is the backward. In place.
void trm_rotary_apply(trm_mat x, int32_t heads, const float *cosines, const float *sines,
                      int32_t positions, int32_t pairs, bool back);

// ---- a linear layer over positions --------------------------------------------------------------

// y[i] [Q,D] = w [Q,P] x[i] [P,D] for every sample i: x [B*P, D], y [B*Q, D].
void trm_positions_linear_forward(trm_mat y, trm_mat x, const float *w, int32_t q, int32_t p);
// dx overwritten or added to, dw [Q,P] added to.
void trm_positions_linear_backward(trm_mat dx, bool add, float *dw, trm_mat dy, trm_mat x,
                                   const float *w, int32_t q, int32_t p);

// ---- RMSNorm over positions
// ----------------------------------------------------------------------

// As trm_rmsnorm_forward, but over the P positions of every column of a sample instead of over the
// columns of a position. x, y [B*P, D]; keeps rstd [B, D] for the backward. y may be x.
void trm_positions_rmsnorm_forward(trm_mat y, float *rstd, trm_mat x, int32_t p, float eps);
// y and rstd are the forward's outputs; dots [D] is scratch; dx may be dy.
void trm_positions_rmsnorm_backward(trm_mat dx, trm_mat dy, trm_mat y, const float *rstd, int32_t p,
                                    float *dots);

// ---- relations ----------------------------------------------------------------------------------

enum { TRM_RELATIONS_MAX = 3 };

// Relations, each of which parts the positions into groups of equal size: the rows, columns and
// boxes of a sudoku. What is gathered has one row a group: those of relation k of all samples lie
// together, from row B * first[k] on, sample by sample. Borrowed.
typedef struct trm_groups {
    int32_t positions;                    // P
    int32_t relations;                    // R
    int32_t first[TRM_RELATIONS_MAX + 1]; // groups of all relations before; first[R] = G in all
    float scale[TRM_RELATIONS_MAX];       // what sums are multiplied by
    const int32_t *group;                 // [P, R]: which group of its relation
} trm_groups;

// sums [B*G, D] = for every group the sum of its members' rows of x [B*P, D], times the relation's
// scale if `scaled`.
void trm_groups_gather(trm_mat sums, trm_mat x, const trm_groups *g, bool scaled);
// y [B*P, D] += for every position the rows of its groups in sums [B*G, D], each times the
// relation's scale if `scaled`. Equally scaled, the two are each other's backward.
void trm_groups_spread_add(trm_mat y, trm_mat sums, const trm_groups *g, bool scaled);

TRM_END_DECLS

#endif
