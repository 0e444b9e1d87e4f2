// SPDX-License-Identifier: Apache-2.0
#include "trm/nn/conv.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

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

// Where a row of cells stands on its grid: a division for each would take longer than its work.
typedef struct place {
    int32_t row, col, height, width;
} place;

static void move_on(place *p) {
    p->col = p->col + 1 < p->width ? p->col + 1 : 0;
    if (p->col == 0)
        p->row = p->row + 1 < p->height ? p->row + 1 : 0;
}

// Of the three cells that row k of a window reads, those on the board: `count` cells from row
// `first` of the matrix on, `skipped` outside before them. count 0: none.
typedef struct run {
    int32_t first, count, skipped;
} run;

static run run_of(const place *p, int32_t r, int32_t k) {
    const int32_t left = p->col > 0, right = p->col + 1 < p->width;
    if (p->row + k < 1 || p->row + k > p->height)
        return (run){0};
    return (run){r + (k - 1) * p->width - left, 1 + left + right, 1 - left};
}

// Column k * in + c of a patch is channel c of neighbour k: cells that lie side by side are copied
// together.
static void gather(trm_mat patches, trm_mat x, int32_t height, int32_t width) {
    place at = {0, 0, height, width};
    const size_t in = (size_t)x.cols;
    for (int32_t r = 0; r < x.rows; r++, move_on(&at)) {
        float *to = trm_mat_row(patches, r);
        for (int32_t k = 0; k < 3; k++, to += 3 * in) {
            const run n = run_of(&at, r, k);
            if (n.count < 3)
                memset(to, 0, 3 * in * sizeof *to);
            if (n.count > 0)
                memcpy(to + (size_t)n.skipped * in, trm_mat_row(x, n.first),
                       (size_t)n.count * in * sizeof *to);
        }
    }
}

// The transpose of gather: dx += what patches' gradients say about each cell.
TRM_CLONES static void scatter_add(trm_mat dx, trm_mat dpatches, int32_t height, int32_t width) {
    const int32_t in = dx.cols;
    place at = {0, 0, height, width};
    for (int32_t r = 0; r < dx.rows; r++, move_on(&at)) {
        const float *patch = trm_mat_row(dpatches, r);
        for (int32_t k = 0; k < 3; k++, patch += 3 * (int64_t)in) {
            const run n = run_of(&at, r, k);
            if (n.count > 0)
                add_to(trm_mat_row(dx, n.first), patch + (int64_t)n.skipped * in, n.count * in);
        }
    }
}

// From PyTorch's [out, in, taps] to [out, taps, in], as patches lie.
static void by_tap(trm_mat taps, const float *w) {
    const int32_t in = taps.cols / TRM_CONV_TAPS;
    for (int32_t o = 0; o < taps.rows; o++, w += taps.cols)
        for (int32_t k = 0; k < TRM_CONV_TAPS; k++)
            for (int32_t c = 0; c < in; c++)
                trm_mat_row(taps, o)[(int64_t)k * in + c] = w[(int64_t)c * TRM_CONV_TAPS + k];
}

// The way back, added.
static void add_by_channel(float *dw, trm_mat taps) {
    const int32_t in = taps.cols / TRM_CONV_TAPS;
    for (int32_t o = 0; o < taps.rows; o++, dw += taps.cols)
        for (int32_t c = 0; c < in; c++)
            for (int32_t k = 0; k < TRM_CONV_TAPS; k++)
                dw[(int64_t)c * TRM_CONV_TAPS + k] += trm_mat_row(taps, o)[(int64_t)k * in + c];
}

static bool fits(trm_mat x, int32_t out, int32_t height, int32_t width, trm_conv_scratch s) {
    const int32_t patch = TRM_CONV_TAPS * x.cols;
    return x.rows % (height * width) == 0 && x.stride == x.cols && s.patches.rows == x.rows &&
           s.patches.cols == patch && s.taps.rows == out && s.taps.cols == patch &&
           s.taps.stride == patch;
}

void trm_conv3x3_forward(trm_mat y, trm_mat x, int32_t height, int32_t width, const float *w,
                         const float *b, trm_conv_scratch s) {
    assert(fits(x, y.cols, height, width, s));
    (void)fits;
    gather(s.patches, x, height, width);
    by_tap(s.taps, w);
    trm_linear_forward(y, s.patches, s.taps.data, b);
}

void trm_conv3x3_backward_add(trm_mat dx, float *dw, float *db, trm_mat dy, trm_mat x,
                              int32_t height, int32_t width, const float *w, trm_conv_scratch s) {
    assert(fits(x, dy.cols, height, width, s));
    if (dw) {
        gather(s.patches, x, height, width);
        trm_mat_zero(s.taps);
        trm_linear_backward((trm_mat){0}, s.taps.data, NULL, dy, s.patches, w);
        add_by_channel(dw, s.taps);
    }
    if (db)
        trm_linear_backward((trm_mat){0}, NULL, db, dy, dy, w);
    if (!dx.data)
        return;
    by_tap(s.taps, w);
    trm_linear_backward(s.patches, NULL, NULL, dy, dy, s.taps.data);
    scatter_add(dx, s.patches, height, width);
}

// ---- each channel by itself ---------------------------------------------------------------------

TRM_CLONES static void add_windows(trm_mat y, trm_mat x, int32_t height, int32_t width,
                                   const float *w) {
    place at = {0, 0, height, width};
    for (int32_t r = 0; r < x.rows; r++, move_on(&at))
        for (int32_t k = 0; k < 3; k++) {
            const run n = run_of(&at, r, k);
            const float *taps = w + (3 * k + n.skipped) * (int64_t)x.cols;
            for (int32_t j = 0; j < n.count; j++, taps += x.cols)
                add_products_to(trm_mat_row(y, r), trm_mat_row(x, n.first + j), taps, x.cols);
        }
}

TRM_CLONES static void windows_backward(trm_mat dx, float *dw, trm_mat dy, trm_mat x,
                                        int32_t height, int32_t width, const float *w) {
    place at = {0, 0, height, width};
    for (int32_t r = 0; r < x.rows; r++, move_on(&at))
        for (int32_t k = 0; k < 3; k++) {
            const run n = run_of(&at, r, k);
            int64_t tap = (3 * k + n.skipped) * (int64_t)x.cols;
            for (int32_t j = 0; j < n.count; j++, tap += x.cols) {
                add_products_to(trm_mat_row(dx, n.first + j), trm_mat_row(dy, r), w + tap, x.cols);
                add_products_to(dw + tap, trm_mat_row(dy, r), trm_mat_row(x, n.first + j), x.cols);
            }
        }
}

void trm_depthwise3x3_forward_add(trm_mat y, trm_mat x, int32_t height, int32_t width,
                                  const float *w) {
    assert(x.rows % (height * width) == 0 && y.rows == x.rows && y.cols == x.cols);
    add_windows(y, x, height, width, w);
}

void trm_depthwise3x3_backward_add(trm_mat dx, float *dw, trm_mat dy, trm_mat x, int32_t height,
                                   int32_t width, const float *w) {
    assert(x.rows % (height * width) == 0 && dy.rows == x.rows && dx.rows == x.rows);
    windows_backward(dx, dw, dy, x, height, width, w);
}
