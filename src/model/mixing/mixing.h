// SPDX-License-Identifier: Apache-2.0
// The recursive models whose cells see one another (Jolicoeur-Martineau 2025, "Less is More:
// Recursive Reasoning with Tiny Networks"). One small network of a few blocks refines a latent z
// and an answer y, each one row a cell of D units:
//   latent recursion: n times z = net(x + y + z), then y = net(y + z)
//   supervision step: T latent recursions, of which the last is differentiated; the head reads y
// Steps follow one another without gradient between them. A block is a mixer, by which cells see
// one another, and a SwiGLU, each with a residual and RMSNorm behind it. Only the mixer differs
// from architecture to architecture. With `local` every channel of a cell also sees itself in the
// eight neighbours: a depthwise 3x3 convolution beside the mixer.
#ifndef TRM_MODEL_MIXING_H
#define TRM_MODEL_MIXING_H

#include "model/arch.h"
#include "trm/nn/mixing.h"

// The input plane of mazes that shows the agent.
enum { AGENT_PLANE = 1 };

struct trm_mixer;

typedef struct trm_block_layout {
    int32_t mix0, mix1; // the mixer's weights; mix1 -1 where it has one only
    int32_t local;      // [9, D], added to what the mixer adds; -1: none
    int32_t gate, down; // SwiGLU: [2F, D], [D, F]
} trm_block_layout;

typedef struct trm_mixing_layout {
    const struct trm_mixer *mixer;
    int32_t tokens;           // P: cells of a sample
    int32_t planes;           // C: values of a cell
    int32_t embed;            // [D, C] and bias
    int32_t y0, z0;           // [D]
    int32_t head;             // see head.c
    int32_t halt;             // [1, D] and bias; -1: no halting head
    int32_t first_pool;       // of what a policy's head reads, see head.c
    bool by_cell;             // the head answers for every cell
    trm_block_layout *blocks; // [layers]
    float *cosines, *sines;   // rotary positions
    trm_groups groups;        // relations
} trm_mixing_layout;

// A mixer's own, which each uses in its way.
typedef struct trm_mixer_mats {
    trm_mat mat0, mat1;
    trm_mat probs, dprobs; // attention; probs.rows 0: not kept
} trm_mixer_mats;

// Of one chunk. R = samples * P rows; G the groups of the same samples.
typedef struct trm_block_acts {
    trm_mat in;           // [R, D]; the block's input, or a view of the one's output before
    trm_mixer_mats mix;   // what the mixer keeps
    trm_mat mid, out;     // [R, D]: after the mixer, after the SwiGLU, each normalised
    float *rstd1, *rstd2; // [R]
    trm_mat ab, gated;    // [R, 2F], [R, F]
} trm_block_acts;

typedef struct trm_net_acts {
    trm_mat in;             // [R, D]
    trm_block_acts *blocks; // [layers]
} trm_net_acts;

// Memory of a chunk that nobody keeps.
typedef struct trm_mixing_scratch {
    trm_mat d0;          // [R, D]
    trm_mat dab, dgated; // [R, 2F], [R, F]
    trm_mixer_mats mix;
} trm_mixing_scratch;

// States of every sample at a supervision step.
typedef struct trm_mixing_step {
    trm_mat start_y, start_z; // [B*P, D]: before the latent recursion that is differentiated
    trm_mat y, z;             // [B*P, D]: after it
    trm_mat logits;           // [B, P * A]
} trm_mixing_step;

// What of a chunk's activations is at hand.
typedef struct trm_held_chunk {
    int32_t row0, rows, step; // rows 0: nothing
} trm_held_chunk;

// What rows of the workspace are about, see recall.c.
typedef struct trm_recall {
    bool *known;    // [max_rows]; NULL: nothing is ever recalled
    float *inputs;  // [max_rows, P, C]
    float *weights; // with which they were thought
    int32_t outputs;
} trm_recall;

typedef struct trm_mixing_plan {
    trm_mixing_step *steps;  // [outputs]
    trm_net_acts *nets;      // [n + 1] of one chunk: the differentiated recursion
    trm_net_acts idle;       // of one chunk: passes that are not differentiated
    trm_held_chunk held;     // what `nets` is of
    trm_mat cells, x, y, z;  // [chunk, C], [chunk, D]…
    trm_mat inputs;          // [chunk, C] what of the cells is embedded
    trm_mat pooled, dpooled; // [chunk samples, (C + 1) * D], see head.c
    trm_mat features;        // [B, F] for a value head, see head.c
    trm_mat dx, dy, dz;      // [chunk, D]
    trm_mixing_scratch scratch;
    trm_recall recall;
} trm_mixing_plan;

// How cells see one another. y [R, D] is what is added to in [R, D].
typedef struct trm_mixer {
    const char *name;
    bool (*check)(const trm_model_config *c, int32_t tokens, trm_error *e); // may be NULL
    void (*layout)(trm_model *m, trm_mixing_layout *l, const char *prefix, trm_block_layout *b);
    void (*prepare)(trm_model *m, trm_mixing_layout *l); // tables, once a model; may be NULL
    // Takes what a block keeps for a chunk of `samples`, or (kept false) what all of them share.
    void (*plan)(const trm_model *m, trm_workspace *w, int32_t samples, trm_mixer_mats *mats,
                 bool kept);
    void (*forward)(const trm_model *m, const trm_block_layout *b, trm_mat y,
                    const trm_block_acts *a, trm_mixing_scratch *s);
    // dx [R, D] is added to.
    void (*backward)(const trm_model *m, const trm_block_layout *b, trm_mat dx, trm_mat dy,
                     const trm_block_acts *a, trm_mixing_scratch *s, float *grads);
} trm_mixer;

extern const trm_mixer trm_mixer_attention, trm_mixer_tokens, trm_mixer_conv, trm_mixer_relations;

// Boxes of the relations, and how many a board has: the board's own. One without boxes is cut into
// blocks as a sudoku of its side would be, and an oblong one into its rows.
typedef struct trm_mixing_box {
    int32_t rows, cols;
} trm_mixing_box;
trm_mixing_box trm_mixing_box_of(const trm_model_config *c);
int32_t trm_mixing_boxes(const trm_model_config *c);

static inline int32_t mixing_rows(const trm_model *m, int32_t samples) {
    return samples * ((const trm_mixing_layout *)m->layout)->tokens;
}

// Cells of a sample: positions, or those of a policy's grid.
int32_t trm_mixing_tokens(const trm_model_config *c);

// net(in): fills a's activations from its input; returns the output, which is borrowed from them.
trm_mat trm_net_forward(const trm_model *m, trm_net_acts *a, int32_t rows, trm_mixing_scratch *s);
// d [rows, D]: the output's gradient becomes the input's, in place.
void trm_net_backward(const trm_model *m, trm_net_acts *a, trm_mat d, trm_mixing_scratch *s,
                      float *grads);

// What y [R, D] of a chunk's samples says: logits [samples, P * A], and whether to stop [samples]
// (NULL: not wanted, or no halting head).
bool trm_mixing_head_by_cell(const trm_model_config *c, int32_t actions);
void trm_mixing_head_add(trm_model *m, trm_mixing_layout *l);
void trm_mixing_head_plan(const trm_model *m, trm_workspace *w, trm_mixing_plan *p,
                          int32_t samples);
void trm_mixing_head_forward(const trm_model *m, trm_mixing_plan *p, trm_mat logits, float *halt,
                             trm_mat y);
// dy [R, D] overwritten. p->cells holds the chunk's input.
void trm_mixing_head_backward(const trm_model *m, trm_mixing_plan *p, trm_mat dy, trm_mat dlogits,
                              const float *dhalt, trm_mat y, float *grads);
// d logits / d y of one sample x [S], as trm_arch's head_gradient; its units are those of y.
void trm_mixing_head_gradient(const trm_model *m, const float *x, const trm_block *block);

// What a value head reads of samples' y [R, D] and cells [R, C]: [samples, F]; and its gradient,
// which is added to dy.
int32_t trm_mixing_head_feature_dim(const trm_model_config *c);
void trm_mixing_head_features(const trm_model *m, trm_mat features, trm_mat y, trm_mat cells);
void trm_mixing_head_features_backward(const trm_model *m, trm_mat dy, trm_mat dfeatures,
                                       trm_mat cells);

// A weight [out, in] from N(0, 1 / in), without a bias.
int32_t trm_mixing_add_weight(trm_model *m, const char *prefix, const char *name, int32_t out,
                              int32_t in);

void trm_mixing_backward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                         float *grads);
// Its parts: before the first step, one step whose activations are at hand, after the last.
void trm_mixing_backward_begin(const trm_model *m, const trm_workspace *w, int32_t samples);
void trm_mixing_backward_step(const trm_model *m, trm_workspace *w, int32_t row0, int32_t samples,
                              int32_t o, float *grads);
void trm_mixing_backward_end(const trm_model *m, const trm_workspace *w, int32_t samples,
                             float *grads);

// The latent recursion that is differentiated, from p->x, p->y, p->z (all of the chunk), kept in
// p->nets; p->y and p->z become its result.
void trm_mixing_recursion(const trm_model *m, trm_mixing_plan *p, int32_t samples);

void trm_recall_plan(const trm_model *m, trm_workspace *w, trm_recall *r);
// The row that was thought from what is embedded now, with these weights; -1: none.
int32_t trm_recall_find(const trm_model *m, const trm_workspace *w, trm_mixing_plan *p,
                        int32_t samples);
// These rows have just been written from what is embedded.
void trm_recall_keep(const trm_model *m, const trm_workspace *w, trm_mixing_plan *p, int32_t row0,
                     int32_t samples);

// Loads the chunk's input into p->cells and p->x.
void trm_mixing_embed(const trm_model *m, const trm_workspace *w, trm_mixing_plan *p, int32_t row0,
                      int32_t samples);

// ---- the state between supervision steps, see carry.c -------------------------------------------

int64_t trm_mixing_carry_size(const trm_model_config *c);
void trm_mixing_carry_start(const trm_model *m, float *carry);
// Puts the state before the first step, or a carried workspace's, into p->y and p->z.
void trm_mixing_start(const trm_model *m, const trm_workspace *w, trm_mixing_plan *p, int32_t row0,
                      int32_t samples);
// … the state with which samples begin again that were not sure at step o - 1.
void trm_mixing_restart(const trm_model *m, const trm_workspace *w, trm_mixing_plan *p,
                        int32_t row0, int32_t samples, int32_t o);
// Leaves p->y and p->z in a carried workspace.
void trm_mixing_keep(const trm_model *m, const trm_workspace *w, const trm_mixing_plan *p,
                     int32_t row0, int32_t samples);

#endif
