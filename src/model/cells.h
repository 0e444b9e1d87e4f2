// SPDX-License-Identifier: Apache-2.0
// What the architectures beside trm-full and the mlp share: samples of many cells, sizes read off
// tensors, and traces.
#ifndef TRM_MODEL_CELLS_H
#define TRM_MODEL_CELLS_H

#include "arch.h"
#include "trm/nn/conv.h"

// Cells of `samples` samples: every activation of a model that answers per position has one row for
// each, those of sample i from row i * P on.
static inline int32_t cells_of(const trm_model *m, int32_t samples) {
    return samples * m->config.positions;
}

// Most cells that come to an architecture at once.
static inline int32_t cells_chunk(const trm_model *m) {
    return cells_of(m, trm_chunk_rows(&m->config));
}

// A matrix of the workspace for all cells of all its samples, and one for a chunk's.
trm_mat trm_cells_mat(const trm_model *m, trm_workspace *w, int32_t cols);
trm_mat trm_cells_chunk_mat(const trm_model *m, trm_workspace *w, int32_t cols);

// Cells of samples row0 .. row0 + rows - 1 of such a matrix.
static inline trm_mat cells_rows(const trm_model *m, trm_mat mat, int32_t row0, int32_t rows) {
    return trm_mat_rows(mat, cells_of(m, row0), cells_of(m, rows));
}

// Inputs, logits or their gradients [B, P * cols] as [B * P, cols].
static inline trm_mat cells_view(const trm_model *m, trm_mat mat) {
    return trm_mat_of(mat.data, cells_of(m, mat.rows), mat.cols / m->config.positions);
}

// Values of a cell in a sample.
static inline int32_t cells_input_dim(const trm_model_config *c) {
    return c->state_dim / c->positions;
}

// Samples row0 .. row0 + rows - 1, stored plane by plane, as the first cells of `cells`.
trm_mat trm_cells_input(const trm_model *m, const trm_workspace *w, trm_mat cells, int32_t row0,
                        int32_t rows);

// torch.nn.Conv2d(in, out, kernel): "<prefix>.weight" [out, in, kernel, kernel] and "<prefix>.bias"
// [out]. Returns the index of the weight; the bias is the next one.
int32_t trm_cells_add_conv(trm_model *m, const char *prefix, int32_t in, int32_t out,
                           int32_t kernel);

// Scratch of convolutions of at most so many channels for a chunk; and the same memory for one of
// them.
trm_conv_scratch trm_cells_conv_scratch(const trm_model *m, trm_workspace *w, int32_t in,
                                        int32_t out);
trm_conv_scratch trm_cells_conv_part(trm_conv_scratch s, int32_t in, int32_t out);

// 3x3 convolution by the index of its weight, then ReLU; and its backward without the ReLU.
// The scratch may have more rows than x.
void trm_cells_conv(const trm_model *m, int32_t weight, trm_mat y, trm_mat x, trm_conv_scratch s);
void trm_cells_conv_backward(const trm_model *m, float *grads, int32_t weight, trm_mat dx,
                             trm_mat dy, trm_mat x, trm_conv_scratch s);

// trm_arch.check: a sample's values are shared out evenly to its positions; and these are the cells
// of a grid.
bool trm_cells_check(const trm_model_config *c, trm_error *e);
bool trm_cells_check_grid(const trm_model_config *c, trm_error *e);

// The shape of a tensor in a table of names and shapes; NULL if none of so many dimensions is
// there.
const int32_t *trm_cells_shape(const trm_params *p, const char *name, int32_t ndim);

// For recognising: state_dim for `dim` values a cell; and, where the configuration knows no board,
// the square of as many cells as there are positions, if there is one.
void trm_cells_set_input(trm_model_config *c, int64_t dim);
void trm_cells_set_grid(trm_model_config *c);

// Copies logits [positions * A] to cycle c of a trace, with their softmax position by position.
void trm_cells_trace_logits(const trm_trace_shape *s, float *data, int32_t c, const float *logits,
                            int32_t positions);
// Says that cycle c has no reading by the head.
void trm_cells_trace_unread(const trm_trace_shape *s, float *data, int32_t c);

// The head_gradient of a head that reads [z, y] of every position by itself: an action depends on
// its own position's units. y_dim 0: of z alone.
void trm_cells_head_gradient(const trm_model *m, int32_t head0, int32_t head2, const float *z,
                             int32_t z_dim, const float *y, int32_t y_dim, const trm_block *block);

// Copies the rows of m behind one another.
void trm_cells_copy_out(float *out, trm_mat m);

#endif
