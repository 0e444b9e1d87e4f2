// SPDX-License-Identifier: Apache-2.0
// A model: an architecture, its parameters, and forward and backward over batches. Every
// architecture stands behind this interface; trm_arch_list() names them.
//
// Weights are shared and read-only during forward and backward, activations live in workspaces:
// several threads may run one model at once, each with a workspace and a gradient slab of its own.
#ifndef TRM_MODEL_MODEL_H
#define TRM_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/base/rng.h"
#include "trm/model/trace.h"
#include "trm/nn/matrix.h"
#include "trm/nn/params.h"

TRM_BEGIN_DECLS

enum { TRM_MODEL_TYPE = 24 };

// Sizes of a model. An architecture reads the fields it needs and ignores the others.
typedef struct trm_model_config {
    char type[TRM_MODEL_TYPE]; // a name of trm_arch_name()
    int32_t state_dim;         // S, floats of a sample; given by the environment or the data set
    int32_t action_dim;        // A, actions of a policy or classes of a position; given likewise
    int32_t positions; // P, answers of a sample: cells or tokens; 1 for policies; given likewise
    int32_t height, width; // of the board whose cells the positions are, else 0; given likewise
    int32_t box_rows, box_cols; // size of that board's boxes, 0: it has none; given likewise
    bool value_head;   // beside the policy a Linear that tells a state's value; given by the
                       // algorithm (trm-full, mlp, trm-attn and its kin have a place for it)
    bool halting_head; // beside the policy a Linear on every cycle's H that learns when thinking
                       // on would not change the action; given by train.halting (trm-full)
    bool dueling_head; // … and on every cycle's H one that tells what the state is worth, to which
                       // the outputs add what each action is above their mean; given by
                       // train.dueling (trm-full)
    bool q_values;     // a policy's outputs are what actions are worth, not logits: the best one is
                       // taken, and traces say so; given by the algorithm
    float xavier_gain; // > 0: Xavier with this gain and zero biases; else PyTorch's default

    // trm-full
    int32_t h_dim;            // H
    int32_t l_dim;            // L
    int32_t k_cycles;         // K
    int32_t h_layers;         // blocks a cycle at the H level
    int32_t l_layers;         // blocks a cycle at the L level
    bool action_conditioning; // the previous action is an input

    // mlp: width of both hidden layers; trm-rl, trm-baseline, trm-simple, trm-maze: of the tiny net
    int32_t hidden;

    // trm-rl, trm-baseline, trm-simple, trm-maze
    int32_t x_dim;           // what a cell is embedded to (trm-simple, trm-maze)
    int32_t z_dim;           // latent
    int32_t y_dim;           // embedded answer
    int32_t head_hidden;     // width of the head's hidden layer
    int32_t inner_steps;     // updates of z a supervision step
    int32_t sup_steps;       // supervision steps
    bool detach_inner_steps; // of these only the last is differentiated; not trm-rl

    // trm-attn, trm-mix, trm-conv, trm-peer: d_model, heads, layers (blocks), feedforward (SwiGLU's
    // hidden units), inner_steps (n), k_cycles (T), sup_steps (N) and
    bool local;          // a depthwise 3x3 convolution beside the mixer of each block
    bool halting;        // a head that learns when the answer is right
    int32_t restart;     // supervision steps after which a sample whose halting head is not sure
                         // begins again, from its first state with noise on it; 0: never. Not of
                         // policies. Noise that helps out of a wrong answer, and the halting head
                         // to choose: Sghaier and others 2026 (arXiv:2605.19943), side by side
    float restart_noise; // standard deviation of that noise
    bool read_at_agent;  // as a policy: the answer is read at the agent's cell, where input plane 1
                        // is, and that plane is no input otherwise. With positions = cells the same
                        // weights answer for every cell where the agent might stand

    // trm-paper, hrm: d_model (hidden_size), heads, layers (L_layers), feedforward (SwiGLU's hidden
    // units), k_cycles (H_cycles), inner_steps (L_cycles), sup_steps (halt_max_steps), of hrm
    // h_layers (H_layers), and
    int32_t cells;             // S where neither a data set nor the weights tell; 0: it is given
    int32_t prefix;            // P, tokens before the cells
    int32_t puzzle_dim;        // values of the vector that a puzzle has in the prefix; 0: none
    int32_t puzzles;           // such vectors
    char position_encoding[8]; // a name of trm_position_encoding_name()
    bool mlp_t;                // trm-paper: a SwiGLU over tokens in place of attention
    int32_t token_feedforward; // its hidden units; 0: as many as the paper's code gives T tokens
    float rope_theta;
    float norm_eps; // of RMSNorm

    // cnn, transformer
    int32_t channels; // cnn: of the first and last hidden layer; the two between have twice as many
    int32_t d_model;  // transformer
    int32_t heads;    // transformer
    int32_t layers;   // transformer
    int32_t feedforward; // transformer
    float dropout;       // transformer, while training
} trm_model_config;

typedef struct trm_model trm_model;
typedef struct trm_workspace trm_workspace;

// The sizes of the original's Full variant: trm-full, h 64, l 32, K 3, 2 H layers, 1 L layer,
// action conditioning, mlp hidden 128, no Xavier. state_dim and action_dim are 0.
trm_model_config trm_model_config_default(void);

// "rope", "learned", "none"; NULL past the last.
const char *trm_position_encoding_name(int32_t i);

// Names and one-line summaries of the architectures, for listings; NULL past the last.
const char *trm_arch_name(int32_t i);
const char *trm_arch_summary(int32_t i);

// Does the architecture of that name read this field of trm_model_config ("k_cycles")? False for
// names that are none, and for the fields that the task gives.
bool trm_arch_reads(const char *name, const char *field);

// Does it read boards as tokens, one float a cell (trm-paper, hrm)? The others read planes. False
// for names that are none.
bool trm_arch_reads_tokens(const char *name);

// Allocates parameters (all 0 until initialised or loaded). Sizes are range-checked: an unknown
// type or a size out of range fails with the name, what was found and what is allowed; so does a
// model before trm_init (trm/nn/init.h). Free with trm_model_free (NULL is fine).
// So does one whose parameters this machine's memory cannot hold.
trm_model *trm_model_new(const trm_model_config *config, trm_error *e);

// The same for a configuration from outside: before any memory is taken, more than `most` floats of
// parameters fail with TRM_E_INPUT.
trm_model *trm_model_new_within(const trm_model_config *config, int64_t most, trm_error *e);
void trm_model_free(trm_model *m);

// The same model again, or (config not NULL) one with other settings and as many parameters, with
// the weights of `m`. NULL with *e filled as above.
trm_model *trm_model_copy(const trm_model *m, const trm_model_config *config, trm_error *e);

// Sets all parameters; values are laid out as the model's own slab.
void trm_model_set_weights(trm_model *m, const float *values);

// Has the blocks from `first` on change nothing, so that the model computes what one of `first`
// blocks would, and can learn to use the others (Net2Net, Chen and others 2016).
void trm_model_silence_blocks(trm_model *m, int32_t first);

// Is a parameter of that name one of a block from `first` on? Never where the architecture has no
// blocks that can be silent.
bool trm_model_in_blocks(const trm_model *m, const char *name, int32_t first);

// Draws all parameters from the generator, as the configuration says.
void trm_model_init(trm_model *m, trm_rng *rng);

const trm_model_config *trm_model_get_config(const trm_model *m);
trm_params *trm_model_params(trm_model *m);
const trm_params *trm_model_params_const(const trm_model *m);

// Samples that go through all layers together: batches of that many cost the least memory, and of
// fewer the most time.
int32_t trm_model_chunk(const trm_model *m);

// Sets of logits a forward can give: K for trm-full, sup_steps for the models with supervision
// steps, 1 for the others. The last one acts.
int32_t trm_model_outputs(const trm_model *m);

// Reads an architecture and its sizes off the names and shapes of bare weights: fills what they
// tell into *config (type, state_dim, action_dim, …) and leaves the rest (k_cycles, inner_steps,
// heads, …) as it is. Weights that work on any number of positions take it from *config, and with
// it state_dim. A board that *config does not know becomes one cell, or the square of as many cells
// as the weights tell; models that need one refuse other numbers of cells. `params` is a table with
// names and shapes only. Fails if no architecture fits, saying what is missing.
bool trm_model_recognise(const trm_params *params, trm_model_config *config, trm_error *e);

// Activations for up to max_rows samples. all_outputs: logits and gradients of every output are
// wanted (deep supervision), not only the last. One thread at a time.
trm_workspace *trm_workspace_new(const trm_model *m, int32_t max_rows, bool all_outputs);
void trm_workspace_free(trm_workspace *w);

// Bytes it takes; grows linearly with max_rows beyond a fixed part.
size_t trm_workspace_size(const trm_workspace *w);

// ---- supervision steps one at a time ------------------------------------------------------------
// Models whose latent and answer go from one supervision step to the next without gradient can be
// trained a step at a time, each sample at a step of its own.

// Floats of a sample's state between supervision steps; 0: the model has no such steps.
int64_t trm_model_carry_size(const trm_model *m);
// Writes the state before the first step.
void trm_model_carry_start(const trm_model *m, float *carry);

// Does a sample begin again before supervision step `step` (0-based) if the halting head was not
// sure of it at the step before? As model.restart says; a forward of several steps does so itself.
bool trm_model_restarts(const trm_model *m, int32_t step);
// Writes the state with which it begins again: the first one with noise. rng NULL: the noise of
// that step, the same for every sample, so that an answer depends on the sample alone.
void trm_model_carry_restart(const trm_model *m, float *carry, int32_t step, trm_rng *rng);

// A workspace with one output: a forward runs one supervision step from the state in
// trm_workspace_carry [max_rows, carry size] and leaves the next state there. Only for models whose
// carry size is not 0 (asserted).
trm_workspace *trm_workspace_new_carried(const trm_model *m, int32_t max_rows);
float *trm_workspace_carry(trm_workspace *w);
// Makes the states of the first `rows` samples ready for step `step` (0-based): at 0 the first
// state, later only where a sample begins again.
void trm_workspace_carry_on(trm_workspace *w, const trm_model *m, int32_t rows, int32_t step);

// Is there a halting head? It says of every output whether it takes it to be right, or, of a
// policy, to be what the last output will choose: a logit [rows], above 0 for yes, and where the
// caller puts the loss's gradient. In a workspace that is new that gradient is 0. A policy's head
// reads H without touching it: its gradient ends at its own weights.
bool trm_model_halts(const trm_model *m);
const float *trm_workspace_halt(const trm_workspace *w, int32_t o);
float *trm_workspace_dhalt(trm_workspace *w, int32_t o);

// Evaluation: samples stop at the first supervision step or cycle of which the halting head is
// sure: a logit above TRM_HALT_SURE, 95 %, or of trm-paper and hrm, as their own code has it, above
// 0. The last output's logits are those of that step. No
// backward, no trace and no value after such a forward. Without a halting head, or with all
// outputs, nothing changes.
#define TRM_HALT_SURE_SHARE 0.95f
#define TRM_HALT_SURE       2.944439f // ln 19, of which that is the logistic function
void trm_workspace_set_stopping(trm_workspace *w, bool stops);
// Supervision steps or cycles the newest forward of this row has used: with stopping, fewer than N.
int32_t trm_workspace_steps(const trm_workspace *w, int32_t row);

// A forward or backward that takes long may be ended early: `asked` is called now and then by the
// thread that runs it, and once it says yes, what is computed means nothing until the next forward
// (trm_workspace_stopped). NULL: never. trm-paper and hrm ask before every pass, others never.
void trm_workspace_set_stop(trm_workspace *w, bool (*asked)(void *ctx), void *ctx);
bool trm_workspace_stopped(const trm_workspace *w);
// Outputs that the newest forward has computed: within `asked` those so far.
int32_t trm_workspace_done(const trm_workspace *w);

// Dropout for the forwards to come: masks are drawn from this generator, one draw a sample, in
// order of rows; a backward uses its forward's. NULL, as in a new workspace: none (evaluation). The
// generator is borrowed and belongs to the workspace's thread while forwards run. Models without
// dropout, and those with rate 0, never touch it.
void trm_workspace_set_dropout(trm_workspace *w, trm_rng *rng);

// Runs `rows` samples and keeps their activations as rows row0 .. row0 + rows - 1 of the workspace,
// so that a rollout can be run step by step and differentiated at once. x [rows, S] is copied.
// prev_action [rows]: the action before, negative where there is none; NULL: none anywhere.
void trm_model_forward(const trm_model *m, trm_workspace *w, int32_t row0, trm_mat x,
                       const int32_t *prev_action);

// Logits [max_rows, P * A] of output o (of the last one with o = outputs - 1); without all_outputs
// only the last exists. Borrowed, valid until the next forward of those rows.
trm_mat trm_workspace_logits(const trm_workspace *w, int32_t o);

// Where the caller puts the gradient of the loss with respect to those logits.
trm_mat trm_workspace_dlogits(trm_workspace *w, int32_t o);

// What the value head says of every row [max_rows], and where the caller puts the gradient of the
// loss with respect to it (new ones are 0). Only with a value head (asserted).
const float *trm_workspace_values(const trm_workspace *w);
float *trm_workspace_dvalues(trm_workspace *w);

// Puts the gradient of output o's loss, of rows row0 .. row0 + rows - 1, where trm_model_backward
// looks for it (trm_workspace_dlogits and its like). What the forward says of them is there.
typedef void trm_model_loss(void *ctx, int32_t o, int32_t row0, int32_t rows);

// A forward, the loss of every output that the workspace keeps, and the backward that adds to
// `grads`. A model whose supervision steps pass no gradient to one another goes back through each
// as soon as it is run, and so need not run it a second time; such a one has no value head here
// (asserted). x and prev_action as above, no intervention.
void trm_model_learn(const trm_model *m, trm_workspace *w, trm_mat x, const int32_t *prev_action,
                     trm_model_loss *loss, void *ctx, float *grads);

// Adds the gradient of rows row0 .. row0 + rows - 1 to `grads` (laid out as the parameters' slab).
// Uses the activations of the forward; works through them in fixed chunks, so that the result
// depends on row0 and rows only.
void trm_model_backward(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                        float *grads);

// Shape of this model's traces.
trm_trace_shape trm_model_trace_shape(const trm_model *m);

// Copies what the model thought on a row already run into data (trm_trace_size floats). The reading
// of the head at cycles whose logits the forward did not need is computed here, from the same
// activations; the last cycle's logits are the very ones of the forward. Changes nothing that a
// later backward reads. Within `asked` of the row's forward the first trm_workspace_done steps are
// copied.
void trm_model_trace(const trm_model *m, trm_workspace *w, int32_t row, float *data);

TRM_END_DECLS

#endif
