// SPDX-License-Identifier: Apache-2.0
#include "trm/nn/conv.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernels.h"
#include "trm/nn/layers.h"

void trm_cells_from_planes(trm_mat cells, trm_mat planes) {
    int32_t positions = planes.cols / cells.cols;
    assert(positions * cells.cols == planes.cols && cells.rows == planes.rows * positions);
    for (int32_t i = 0; i < planes.rows; i++)
        for (int32_t c = 0; c < cells.cols; c++) {
            const float *plane = trm_mat_row(planes, i) + (int64_t)c * positions;
            for (int32_t p = 0; p < positions; p++)
                trm_mat_row(cells, i * positions + p)[c] = plane[p];
        }
}

// Row of the neighbour that tap k of cell (y, x) reads, relative to the grid's first; -1 outside.
static int32_t neighbour(int32_t y, int32_t x, int32_t k, int32_t height, int32_t width) {
    int32_t ny = y + k / 3 - 1, nx = x + k % 3 - 1;
    return ny >= 0 && ny < height && nx >= 0 && nx < width ? ny * width + nx : -1;
}

// Column c * 9 + k of a patch is channel c of neighbour k, as the weights lie in PyTorch.
static void fill_patch(float *restrict patch, const float *const near[TRM_CONV_TAPS], int32_t n) {
    for (int32_t c = 0; c < n; c++, patch += TRM_CONV_TAPS)
        for (int32_t k = 0; k < TRM_CONV_TAPS; k++)
            patch[k] = near[k][c];
}

// In parts of the channels, so that what lies outside the grid can be read like any cell.
static void gather(trm_mat patches, trm_mat x, int32_t height, int32_t width) {
    enum { CHANNELS = 64 };
    static const float outside[CHANNELS];
    const float *near[TRM_CONV_TAPS];
    const int32_t positions = height * width;
    for (int32_t r = 0; r < x.rows; r++)
        for (int32_t c = 0; c < x.cols; c += CHANNELS) {
            const int32_t cell = r % positions, n = x.cols - c < CHANNELS ? x.cols - c : CHANNELS;
            for (int32_t k = 0; k < TRM_CONV_TAPS; k++) {
                int32_t at = neighbour(cell / width, cell % width, k, height, width);
                near[k] = at < 0 ? outside : trm_mat_row(x, r - cell + at) + c;
            }
            fill_patch(trm_mat_row(patches, r) + (int64_t)c * TRM_CONV_TAPS, near, n);
        }
}

// The transpose of gather: dx += what patches' gradients say about each cell.
static void scatter_add(trm_mat dx, trm_mat dpatches, int32_t height, int32_t width) {
    int32_t positions = height * width;
    for (int32_t r = 0; r < dx.rows; r++) {
        int32_t cell = r % positions;
        const float *patch = trm_mat_row(dpatches, r);
        for (int32_t k = 0; k < TRM_CONV_TAPS; k++) {
            int32_t at = neighbour(cell / width, cell % width, k, height, width);
            if (at < 0)
                continue;
            float *to = trm_mat_row(dx, r - cell + at);
            for (int32_t c = 0; c < dx.cols; c++)
                to[c] += patch[(int64_t)c * TRM_CONV_TAPS + k];
        }
    }
}

static bool fits(trm_mat x, int32_t height, int32_t width, trm_mat patches) {
    return x.rows % (height * width) == 0 && patches.rows == x.rows &&
           patches.cols == TRM_CONV_TAPS * x.cols;
}

void trm_conv3x3_forward(trm_mat y, trm_mat x, int32_t height, int32_t width, const float *w,
                         const float *b, trm_mat patches) {
    assert(fits(x, height, width, patches));
    (void)fits;
    gather(patches, x, height, width);
    trm_linear_forward(y, patches, w, b);
}

void trm_conv3x3_backward(trm_mat dx, float *dw, float *db, trm_mat dy, trm_mat x, int32_t height,
                          int32_t width, const float *w, trm_mat patches) {
    assert(fits(x, height, width, patches));
    gather(patches, x, height, width);
    trm_linear_backward((trm_mat){0}, dw, db, dy, patches, w);
    if (!dx.data)
        return;
    trm_linear_backward(patches, NULL, NULL, dy, dy, w);
    trm_mat_zero(dx);
    scatter_add(dx, patches, height, width);
}

// ---- each channel by itself ---------------------------------------------------------------------

// y += a * b
TRM_CLONES static void add_products(float *restrict y, const float *restrict a,
                                    const float *restrict b, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        y[i] += a[i] * b[i];
}

void trm_depthwise3x3_forward_add(trm_mat y, trm_mat x, int32_t height, int32_t width,
                                  const float *w) {
    int32_t positions = height * width;
    assert(x.rows % positions == 0 && y.rows == x.rows && y.cols == x.cols);
    for (int32_t r = 0; r < x.rows; r++) {
        int32_t cell = r % positions, row = cell / width, col = cell % width;
        for (int32_t k = 0; k < TRM_CONV_TAPS; k++) {
            int32_t at = neighbour(row, col, k, height, width);
            if (at >= 0)
                add_products(trm_mat_row(y, r), trm_mat_row(x, r - cell + at),
                             w + (int64_t)k * x.cols, x.cols);
        }
    }
}

void trm_depthwise3x3_backward_add(trm_mat dx, float *dw, trm_mat dy, trm_mat x, int32_t height,
                                   int32_t width, const float *w) {
    int32_t positions = height * width;
    assert(x.rows % positions == 0 && dy.rows == x.rows && dx.rows == x.rows);
    for (int32_t r = 0; r < x.rows; r++) {
        int32_t cell = r % positions, row = cell / width, col = cell % width;
        for (int32_t k = 0; k < TRM_CONV_TAPS; k++) {
            int32_t at = neighbour(row, col, k, height, width);
            if (at < 0)
                continue;
            int64_t tap = (int64_t)k * x.cols;
            add_products(trm_mat_row(dx, r - cell + at), trm_mat_row(dy, r), w + tap, x.cols);
            add_products(dw + tap, trm_mat_row(dy, r), trm_mat_row(x, r - cell + at), x.cols);
        }
    }
}
