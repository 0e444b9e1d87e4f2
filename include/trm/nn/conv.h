// SPDX-License-Identifier: Apache-2.0
// Convolution of grids. A batch of grids is a matrix with one row a cell and one column a channel:
// row (i * height + y) * width + x is cell (y, x) of grid i. So what convolutions give is at once
// what layers that work on single cells take. No allocation, no locks: thread safe as long as
// outputs do not overlap.
#ifndef TRM_NN_CONV_H
#define TRM_NN_CONV_H

#include <stdint.h>

#include "trm/base/api.h"
#include "trm/nn/matrix.h"

TRM_BEGIN_DECLS

enum { TRM_CONV_TAPS = 9 }; // cells that one cell's output sees

// The cells of samples stored plane by plane (channels first): planes [B, C * P] to cells [B*P, C].
void trm_cells_from_planes(trm_mat cells, trm_mat planes);

// Memory of a convolution while it runs. Every cell stands with its eight neighbours, so that the
// whole is one matrix product.
typedef struct trm_conv_scratch {
    trm_mat patches; // [B*P, TRM_CONV_TAPS * in]
    trm_mat taps;    // [out, TRM_CONV_TAPS * in]: the weights as patches lie
} trm_conv_scratch;

// 3x3, stride 1, padded with one ring of zeros. (torch.nn.Conv2d, kernel_size 3, padding 1)
// x [B*P, in] without gaps between its rows, P = height * width; y [B*P, out]; w [out, in, 3, 3];
// b [out] or NULL.
void trm_conv3x3_forward(trm_mat y, trm_mat x, int32_t height, int32_t width, const float *w,
                         const float *b, trm_conv_scratch s);

// dx, dw and db are added to. dx.data, dw, db may be NULL: not wanted.
void trm_conv3x3_backward_add(trm_mat dx, float *dw, float *db, trm_mat dy, trm_mat x,
                              int32_t height, int32_t width, const float *w, trm_conv_scratch s);

// The same window for each channel by itself (depthwise: groups = channels), added to y: x and y
// [B*P, D], w [TRM_CONV_TAPS, D], tap by tap in the order of a 3x3 kernel's rows.
void trm_depthwise3x3_forward_add(trm_mat y, trm_mat x, int32_t height, int32_t width,
                                  const float *w);
// dx and dw are added to.
void trm_depthwise3x3_backward_add(trm_mat dx, float *dw, trm_mat dy, trm_mat x, int32_t height,
                                   int32_t width, const float *w);

TRM_END_DECLS

#endif
