// SPDX-License-Identifier: Apache-2.0
// What an architecture implements. Each has a file of its own and one row in TRM_ARCHS, below.
#ifndef TRM_MODEL_ARCH_H
#define TRM_MODEL_ARCH_H

#include "trm/base/arena.h"
#include "trm/model/inspect.h"
#include "trm/model/model.h"
#include "trm/model/paper.h"
#include "trm/model/work.h"

// A part of a matrix [actions, units], and where it goes.
typedef struct trm_block {
    int32_t action0, actions, unit0, units; // units: of h, then of l
    float *out;                             // [actions, units]
} trm_block;

typedef struct trm_arch {
    const char *name, *summary;

    // Samples that go through all layers together; NULL: trm_chunk_rows.
    int32_t (*chunk)(const trm_model_config *c);

    // Floats of a sample's state between supervision steps, and what it starts from; NULL where
    // there are no steps that can be run one at a time.
    int64_t (*carry_size)(const trm_model_config *c);
    void (*carry_start)(const trm_model *m, float *carry);

    // Sizes that have to fit one another, once each is in its range. NULL: a policy, which answers
    // once a sample (positions is 1).
    bool (*check)(const trm_model_config *c, trm_error *e);

    // Adds the parameters to m->params and returns the architecture's own indices, in m->arena.
    void *(*layout)(trm_model *m);

    // What is to be done once all parameters are drawn; may be NULL.
    void (*init)(trm_model *m);

    // As trm_model_silence_blocks; NULL: it has no blocks of which each adds to its input.
    void (*silence)(trm_model *m, int32_t first);

    // NULL: one.
    int32_t (*outputs)(const trm_model_config *c);

    // Takes the activation buffers for w->max_rows from w->arena.
    void *(*plan)(const trm_model *m, trm_workspace *w);

    // Rows row0 .. row0 + rows - 1, at most m->chunk of them. x and prev are in the workspace.
    void (*forward)(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows);
    void (*backward)(const trm_model *m, trm_workspace *w, int32_t row0, int32_t rows,
                     float *grads);

    // With w->learning.grads its forward learns: each output that is wanted has its loss told, and
    // is differentiated at once. False: that takes a backward.
    bool learns_by_step;

    // What a value head reads, of the last output: [max_rows, feature_dim]. Its gradient is in
    // w->dfeatures, rows 0 .. of the chunk, when backward is called. NULL: there can be no value
    // head.
    int32_t (*feature_dim)(const trm_model_config *c);
    trm_mat (*features)(const trm_model *m, const trm_workspace *w);

    // What a policy's halting head reads of output o: [max_rows, feature_dim]. Its forward then
    // calls trm_halting_forward for each output. NULL: it has no place for one, or a head of its
    // own.
    trm_mat (*halting_features)(const trm_model *m, const trm_workspace *w, int32_t o);

    bool duels; // it adds m->dueling_head to its outputs where there is one

    trm_trace_shape (*trace_shape)(const trm_model_config *c);
    void (*trace)(const trm_model *m, trm_workspace *w, int32_t row, float *data);

    // What its forward can be asked to do otherwise; NULL: nothing. Where it can run another number
    // of cycles, plan makes room for w->room outputs and forward runs w->outputs of them.
    trm_interventions (*interventions)(const trm_model_config *c);

    // As trm_model_head_gradient, from the sample and the last cycle's h and l; NULL: it does not
    // tell.
    bool (*head_gradient)(const trm_model *m, const float *x, const float *h, const float *l,
                          const trm_block *block);

    bool tokens;      // it reads samples as tokens: trm_arch_reads_tokens
    bool own_weights; // first weights are drawn in its own way, not as xavier_gain says

    // It has a halting head of its own, whatever the configuration says, with a second output, and
    // a sample may stop where its logit is above 0.
    bool halts;

    // Its forward begins again where model.restart says so.
    bool restarts;

    // Passes of a supervision step, and what hands them out; NULL: it has none to show.
    int32_t (*passes)(const trm_model_config *c);
    void (*visit_passes)(const trm_model *m, trm_workspace *w, int32_t row, int32_t step,
                         trm_pass_visitor *see, void *ctx);

    // Fills sizes from names and shapes; false if a tensor it looks at is missing.
    bool (*recognise)(const trm_params *p, trm_model_config *c);

    // The fields of trm_model_config that it reads, beside those that are given by the task; ends
    // with a NULL name. Sizes are checked against their range; the settings model.* apply where
    // their field stands here.
    const struct trm_field {
        const char *name;
        bool size;     // an int32_t with a range; else a flag or a share that `check` looks at
        size_t offset; // in trm_model_config
        int32_t min, max;
    } * fields;
} trm_arch;

// Rows that go through all layers together, and cells where each row has many: small enough for
// their activations to stay in cache.
enum { TRM_CHUNK = 64, TRM_CHUNK_CELLS = 256 };

// Samples of `tokens` rows each that are good to go through all layers together.
int32_t trm_chunk_samples(int32_t tokens);

// trm_arch.outputs of what answers after every supervision step.
int32_t trm_outputs_of_steps(const trm_model_config *c);

static inline int32_t trm_chunk_rows(const trm_model_config *c) {
    int32_t rows = TRM_CHUNK_CELLS / c->positions;
    return rows < 1 ? 1 : rows > TRM_CHUNK ? TRM_CHUNK : rows;
}

struct trm_model {
    const trm_arch *arch;
    trm_model_config config;
    trm_params params;
    int32_t chunk; // samples that go through all layers together
    void *layout;
    int32_t value_head;   // index of its weight; -1: none
    int32_t halting_head; // likewise
    int32_t dueling_head; // likewise
    trm_arena arena;
};

struct trm_workspace {
    int32_t max_rows;
    bool all_outputs;
    int32_t outputs;         // of the forwards: the model's, or as many as an intervention asks for
    int32_t room;            // outputs there is room for
    trm_mat x;               // [max_rows, S]
    int32_t *prev;           // [max_rows], -1: none
    trm_mat *logits;         // [room], each [max_rows, P * A]; data NULL where not computed
    trm_mat *dlogits;        // likewise
    float **halt;            // [outputs], each [max_rows]; NULL where there is no halting head
    float **dhalt;           // likewise
    float **go_on, **dgo_on; // likewise, of a head with a second output
    float *carry;            // [max_rows, carry_size]; NULL: every sample starts from scratch
    float *restarted;        // [carry size] the state of trm_workspace_restart; NULL: never
    bool stops;              // when the halting head says so
    int32_t done;            // outputs the newest forward has computed
    bool (*stop_asked)(void *ctx); // NULL: never
    void *stop_ctx;
    bool stopped;            // early
    int32_t *steps;          // [max_rows]: supervision steps that were run
    float *values, *dvalues; // [max_rows]; NULL without a value head
    trm_mat dfeatures;       // [chunk, F] likewise
    trm_rng *dropout;        // borrowed; NULL: evaluation
    struct {
        trm_model_loss *loss;
        void *ctx;
        float *grads;
    } learning; // of trm_model_learn; grads NULL: does not
    void *impl;
    trm_arena arena;

    // What the forwards do otherwise; NULL: nothing. It points to the room beside it.
    const trm_intervention *intervention;
    trm_intervention intervention_room;
    uint8_t *held_h, *held_l;
};

// The rows of a chunk's scratch: a workspace may have fewer than the model's chunk.
static inline int32_t trm_workspace_chunk(const trm_model *m, const trm_workspace *w) {
    return w->max_rows < m->chunk ? w->max_rows : m->chunk;
}

#define TRM_SIZE(field, min, max)                                                                  \
    { #field, true, offsetof(trm_model_config, field), min, max }
#define TRM_READS(field)                                                                           \
    { #field, false, offsetof(trm_model_config, field), 0, 0 }
#define TRM_FIELDS(...)                                                                            \
    (const struct trm_field[]) {                                                                   \
        __VA_ARGS__, {                                                                             \
            0                                                                                      \
        }                                                                                          \
    }

// ---- the registry: a row a model, in order of listing -------------------------------------------
// Row `id` names the architecture trm_arch_<id> and the count of its operations trm_products_<id>:
// a model without a count does not link.

#define TRM_ARCHS(ROW)                                                                             \
    ROW(full)                                                                                      \
    ROW(mlp)                                                                                       \
    ROW(rl)                                                                                        \
    ROW(baseline)                                                                                  \
    ROW(simple)                                                                                    \
    ROW(maze)                                                                                      \
    ROW(attn)                                                                                      \
    ROW(mix)                                                                                       \
    ROW(conv)                                                                                      \
    ROW(peer)                                                                                      \
    ROW(cnn)                                                                                       \
    ROW(transformer)                                                                               \
    ROW(paper)                                                                                     \
    ROW(hrm)

// The products that a forward and a backward make for a sample, as they are counted.
typedef struct trm_product_list {
    trm_product *items;
    int32_t count, capacity; // what does not fit is counted, too
} trm_product_list;

#define TRM_ARCH_DECLARE(id)                                                                       \
    extern const trm_arch trm_arch_##id;                                                           \
    void trm_products_##id(trm_product_list *l, const trm_model_config *c);
TRM_ARCHS(TRM_ARCH_DECLARE)
#undef TRM_ARCH_DECLARE

// The architecture of that name; NULL: there is none, and *e (may be NULL) offers the nearest.
const trm_arch *trm_arch_find(const char *name, trm_error *e);
const trm_arch *trm_arch_at(int32_t i); // NULL past the last

// Counts a product; one that is made 0 times is none.
void trm_products_add(trm_product_list *l, const char *name, trm_product p);
// One of which every time is differentiated to the weight.
void trm_products_add_linear(trm_product_list *l, const char *name, int32_t out, int32_t in,
                             int32_t times, int32_t input_gradients);

static inline trm_mat trm_workspace_mat(trm_workspace *w, int32_t rows, int32_t cols) {
    return trm_mat_of(trm_arena_array(&w->arena, (size_t)rows * (size_t)cols, sizeof(float)), rows,
                      cols);
}

// Asks whether to end early. What was ended stays so until the next forward.
static inline bool trm_workspace_ends(trm_workspace *w) {
    w->stopped = w->stopped || (w->stop_asked && w->stop_asked(w->stop_ctx));
    return w->stopped;
}

// Does output o's logits have to be computed for the loss?
static inline bool trm_workspace_wants(const trm_workspace *w, int32_t o) {
    return w->all_outputs || o == w->outputs - 1;
}

// d = the gradient that comes from the value head, or 0.
void trm_workspace_start_gradient(const trm_workspace *w, trm_mat d);

static inline const float *trm_model_weight(const trm_model *m, int32_t i) {
    return m->params.values + m->params.items[i].offset;
}

static inline float *trm_model_grad(const trm_model *m, float *grads, int32_t i) {
    return grads + m->params.items[i].offset;
}

// ---- halting: a head that says of every output whether the model may stop there ----------------

// Before the first output: no row has stopped.
void trm_halting_start(trm_workspace *w, int32_t row0, int32_t rows);
// The state with which a row begins again before output o > 0, in w->restarted; NULL: it goes on.
const float *trm_workspace_restart(const trm_model *m, const trm_workspace *w, int32_t o,
                                   int32_t row);
// Is the head sure of a row at output o, of which it has spoken?
bool trm_halting_sure(const trm_workspace *w, int32_t o, int32_t row);
// Notes in w->steps which rows stop at output o; true once all have.
bool trm_halting_note(trm_workspace *w, int32_t o, int32_t row0, int32_t rows);
// Has a policy's head speak of output o.
void trm_halting_forward(const trm_model *m, trm_workspace *w, int32_t o, int32_t row0,
                         int32_t rows);
// Adds the gradient of that head's own weights, over all outputs; none without it.
void trm_halting_backward(const trm_model *m, const trm_workspace *w, int32_t row0, int32_t rows,
                          float *grads);
// Puts what the head said of a row into its trace, where that has a place for it.
void trm_halting_trace(const trm_workspace *w, const trm_trace_shape *s, int32_t row, float *data);

// trm_workspace_new with room for a number of outputs.
trm_workspace *trm_workspace_plan(const trm_model *m, int32_t max_rows, bool all_outputs,
                                  int32_t room);

// Sets the held units' columns to 0; NULL: none.
void trm_hold_units(trm_mat mat, const uint8_t *held);

// The head_gradient of a head of Linear, ReLU, Linear over [x, rest], for units of x [x_dim].
void trm_head_gradient(const trm_model *m, int32_t head0, int32_t head2, const float *x,
                       int32_t x_dim, const float *rest, const trm_block *b);

// Linear layers by the index of their weight; the bias is the next parameter.
void trm_apply_linear(const trm_model *m, int32_t weight, trm_mat y, trm_mat x);
void trm_apply_linear_add(const trm_model *m, int32_t weight, trm_mat y, trm_mat x);
void trm_apply_linear_backward(const trm_model *m, float *grads, int32_t weight, trm_mat dx,
                               trm_mat dy, trm_mat x);
void trm_apply_linear_backward_add(const trm_model *m, float *grads, int32_t weight, trm_mat dx,
                                   trm_mat dy, trm_mat x);

#endif
