// SPDX-License-Identifier: Apache-2.0
// The two directions in which a cloud of points spreads most (principal components), and the points
// seen along them. By orthogonal iteration on the covariance, a step at a time, so that a caller
// that must not wait can share it out over its rounds. Deterministic: the largest coordinate of
// each direction is positive.
#ifndef TRM_AGENT_PCA_H
#define TRM_AGENT_PCA_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"

TRM_BEGIN_DECLS

enum { TRM_PCA_DIRECTIONS = 2, TRM_PCA_BASIS = 6 };

typedef struct trm_pca {
    int32_t dim, n;
    const float *const *points;  // [n] of dim floats each; borrowed
    double *mean;                // [dim]
    double *basis;               // [TRM_PCA_BASIS, dim] orthonormal; the first two are the answer
    double *image;               // [TRM_PCA_BASIS, dim] the covariance times the basis
    double value[TRM_PCA_BASIS]; // variance along each, falling
    double total;                // variance in all directions together
    int32_t rounds;
    bool done;
} trm_pca;

// Room for points of up to dim coordinates. Free with trm_pca_done.
void trm_pca_init(trm_pca *p, int32_t dim);
void trm_pca_done(trm_pca *p);

// Begins with these points; the pointers and what they point to must stay until it is done.
void trm_pca_begin(trm_pca *p, const float *const *points, int32_t n);

// One round of the iteration; true while there is more to do.
bool trm_pca_step(trm_pca *p);

// A point's coordinates along the two directions, from the mean. 0 where there is no such
// direction.
void trm_pca_project(const trm_pca *p, const float *point, float out[TRM_PCA_DIRECTIONS]);

// The share of the whole variance that lies along a direction; 0 where there is none.
double trm_pca_share(const trm_pca *p, int32_t direction);

TRM_END_DECLS

#endif
