// SPDX-License-Identifier: Apache-2.0
// The Tiny Recursive Model as the paper's own code has it (Jolicoeur-Martineau 2025), and the
// Hierarchical Reasoning Model that it came from (Wang et al. 2025), so that checkpoints of either
// run here as they are. A sample is S cells, each a token of V, behind P prefix tokens that hold a
// vector of the puzzle's own. Every token has D values of a latent z_L and of an answer z_H:
//   supervision step: H_cycles times { L_cycles times z_L = L(z_L + z_H + x), z_H = H(z_H + z_L) }
// Each line is a pass. Heads read z_H: lm_head every cell, q_head the first token. trm-paper has
// one net for both levels and differentiates the last H cycle; hrm has two nets and differentiates
// the last pass of each. A block is attention (or a SwiGLU over tokens) and a SwiGLU, each with the
// residual and RMSNorm behind it.
//
// Letters: B samples, T = P + S tokens, R = B * T rows.
#ifndef TRM_MODEL_PAPER_PAPER_H
#define TRM_MODEL_PAPER_PAPER_H

#include "model/arch.h"
#include "trm/model/paper.h"
#include "trm/nn/mixing.h"

typedef struct trm_paper_block {
    int32_t mix_in, mix_out; // attention: [3D, D], [D, D]; over tokens: [2It, T], [T, It]
    int32_t gate, down;      // SwiGLU: [2F, D], [D, F]
} trm_paper_block;

typedef struct trm_paper_net {
    trm_paper_block *blocks;
    int32_t count;
} trm_paper_net;

typedef struct trm_paper_layout {
    int32_t tokens, cells, prefix;  // T, S, P
    int32_t token_hidden;           // It; 0: attention
    int32_t h_init, l_init;         // [D], never trained
    int32_t embed, lm_head;         // [V, D]
    int32_t q_head;                 // [2, D] and bias [2]: halt, continue
    int32_t puzzles;                // [ids, puzzle_dim]; -1: none
    int32_t positions;              // [T, D]; -1: none
    trm_paper_net level_l, level_h; // of trm-paper: the same
    int32_t passes, first_learned;  // of a step; those from first_learned on differentiate
    float *cosines, *sines;         // [T, hd / 2]; NULL: no rope
} trm_paper_layout;

// Of one chunk.
typedef struct trm_paper_acts {
    trm_mat in;              // [R, D]; a view of what came before
    trm_mat mix_in, mix_out; // attention: [R, 3D], [R, D]; over tokens: [B*2It, D], [B*It, D]
    trm_mat mid, out;        // [R, D]: behind each half of the block
    float *rstd_mid;         // [R], over tokens [B, D]
    float *rstd_out;         // [R]
    trm_mat ab, gated;       // [R, 2F], [R, F]
} trm_paper_acts;

typedef struct trm_paper_net_acts {
    trm_mat in;             // [R, D]
    trm_paper_acts *blocks; // as many as the net has
} trm_paper_net_acts;

// Memory of a chunk that nobody keeps.
typedef struct trm_paper_scratch {
    trm_mat sum;              // [R, D]
    trm_mat dab, dgated;      // [R, 2F], [R, F]
    trm_mat mix_in, mix_out;  // as the acts'
    trm_mat square0, square1; // [T, T]; attention only
    float *dots;              // [D]
} trm_paper_scratch;

// States of every sample around a supervision step.
typedef struct trm_paper_step {
    trm_mat h, l;                 // [B*T, D] after the step before; of the first: before it
    trm_mat learned_h, learned_l; // [B*T, D] before the first pass that is differentiated; data
                                  // NULL where no gradient is wanted
    trm_mat logits;               // [B, S * V]
} trm_paper_step;

typedef struct trm_paper_plan {
    trm_paper_step *steps;    // [room + 1]; of the last one only h and l: the state at the end
    trm_paper_net_acts *nets; // one for each pass that is differentiated
    trm_paper_net_acts idle;  // for the others
    struct {
        int32_t row0, rows, step; // what `nets` is of; rows 0: nothing
    } held;
    trm_mat x, h, l; // [chunk rows, D]
    trm_mat dx, d;   // likewise
    trm_mat q, dq;   // [chunk, 2]
    trm_mat reading; // [1, S * V]
    trm_mat *layers; // what a pass hands out: views of its blocks' outputs
    trm_paper_scratch scratch;
} trm_paper_plan;

static inline int32_t paper_rows(const trm_model *m, int32_t samples) {
    return samples * ((const trm_paper_layout *)m->layout)->tokens;
}

static inline bool paper_is_hrm(const trm_model *m) {
    const trm_paper_layout *l = m->layout;
    return l->level_h.blocks != l->level_l.blocks;
}

static inline int32_t paper_tokens(const trm_model_config *c) {
    return c->prefix + c->positions;
}

// Width of the SwiGLU over tokens.
int32_t trm_paper_token_hidden(const trm_model_config *c);

// ---- block.c ------------------------------------------------------------------------------------

trm_paper_net_acts trm_paper_plan_net(const trm_model *m, trm_workspace *w, int32_t samples,
                                      int32_t count);
void trm_paper_plan_scratch(const trm_model *m, trm_workspace *w, trm_paper_scratch *s,
                            int32_t samples);
// Fills a's activations from its input; returns the output, which is borrowed from them.
trm_mat trm_paper_net_forward(const trm_model *m, const trm_paper_net *net, trm_paper_net_acts *a,
                              int32_t rows, trm_paper_scratch *s);
// d [rows, D]: the output's gradient becomes the input's, in place.
void trm_paper_net_backward(const trm_model *m, const trm_paper_net *net, trm_paper_net_acts *a,
                            trm_mat d, trm_paper_scratch *s, float *grads);

// ---- input.c: from tokens to x, from z_H to logits ----------------------------------------------

// x [samples * T, D] of samples [samples, S (+ 1)].
void trm_paper_embed(const trm_model *m, trm_mat x, trm_mat samples);
void trm_paper_embed_backward(const trm_model *m, trm_mat dx, trm_mat samples, float *grads);
// logits [samples, S * V], q [samples, 2]
void trm_paper_read(const trm_model *m, trm_mat logits, trm_mat q, trm_mat h);
// dh [samples * T, D] overwritten.
void trm_paper_read_backward(const trm_model *m, trm_mat dh, trm_mat dlogits, trm_mat dq, trm_mat h,
                             float *grads);

// ---- forward.c, backward.c ----------------------------------------------------------------------

void *trm_paper_plan_new(const trm_model *m, trm_workspace *w);
int64_t trm_paper_carry_size(const trm_model_config *c);
void trm_paper_carry_start(const trm_model *m, float *carry);
void trm_paper_begin_step(const trm_model *m, const trm_workspace *w, trm_paper_plan *p,
                          int32_t row0, int32_t samples, int32_t o);
void trm_paper_forward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t samples);
void trm_paper_backward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                        float *grads);
// Its parts: before the first step, one step whose activations are at hand, after the last.
void trm_paper_backward_begin(const trm_model *m, const trm_workspace *w, int32_t samples);
void trm_paper_backward_step(const trm_model *m, trm_workspace *w, int32_t row0, int32_t samples,
                             int32_t o, float *grads);
void trm_paper_backward_end(const trm_model *m, const trm_workspace *w, int32_t row0,
                            int32_t samples, float *grads);

// How a step runs: as configured, or as an intervention asks for.
typedef struct trm_paper_course {
    int32_t h_cycles, l_cycles;
    bool changed; // not the passes that a backward expects
} trm_paper_course;

trm_paper_course trm_paper_course_of(const trm_model *m, const trm_workspace *w);

// Puts the samples' input into p->x.
void trm_paper_load(const trm_model *m, const trm_workspace *w, trm_paper_plan *p, int32_t row0,
                    int32_t samples);
// A pass from p->x, p->h, p->l into one of the two; the acts are its own, or idle ones.
void trm_paper_pass(const trm_model *m, const trm_workspace *w, bool writes_h,
                    trm_paper_net_acts *a, int32_t samples);
// The passes that are differentiated, in p->nets.
void trm_paper_learned_passes(const trm_model *m, trm_workspace *w, int32_t samples);

// ---- look.c -------------------------------------------------------------------------------------

int32_t trm_paper_passes(const trm_model_config *c);
void trm_paper_visit_passes(const trm_model *m, trm_workspace *w, int32_t row, int32_t step,
                            trm_pass_visitor *see, void *ctx);
trm_trace_shape trm_paper_trace_shape(const trm_model_config *c);
trm_trace_shape trm_paper_trace_shape_hrm(const trm_model_config *c);
void trm_paper_trace(const trm_model *m, trm_workspace *w, int32_t row, float *data);
trm_interventions trm_paper_interventions(const trm_model_config *c);
bool trm_paper_head_gradient(const trm_model *m, const float *x, const float *z, const float *y,
                             const trm_block *b);

// ---- recognise.c, work.c ------------------------------------------------------------------------

bool trm_paper_recognise(const trm_params *p, trm_model_config *c);
bool trm_paper_recognise_hrm(const trm_params *p, trm_model_config *c);

#endif
