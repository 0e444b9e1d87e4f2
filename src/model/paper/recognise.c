// SPDX-License-Identifier: Apache-2.0
// Sizes from the names and shapes of weights, and what the paper's runs used where these tell
// nothing.
#include <string.h>

#include "model/cells.h"
#include "paper.h"
#include "trm/base/text.h"

// A matrix's shape by the name behind the prefix; NULL: there is none.
static const int32_t *shape_of(const trm_params *p, const char *name) {
    char full[TRM_PARAM_NAME];
    trm_text_format(full, sizeof full, "%s%s", TRM_PAPER_PREFIX, name);
    return trm_cells_shape(p, full, 2);
}

static bool any_below(const trm_params *p, const char *start) {
    char full[TRM_PARAM_NAME];
    trm_text_format(full, sizeof full, "%s%s", TRM_PAPER_PREFIX, start);
    for (int32_t i = 0; i < p->count; i++)
        if (trm_text_starts(p->items[i].name, full))
            return true;
    return false;
}

static bool is_hrm(const trm_params *p) {
    return any_below(p, "H_level.");
}

bool trm_paper_fits(const trm_params *p) {
    return shape_of(p, "q_head.weight") && shape_of(p, "embed_tokens.embedding_weight") &&
           shape_of(p, "lm_head.weight") && shape_of(p, "L_level.layers.0.mlp.gate_up_proj.weight");
}

// A layer counts if any of it is there: what it lacks is then missing, and not the rest unexpected.
static int32_t count_layers(const trm_params *p, const char *level) {
    char start[64];
    int32_t count = 0;
    do
        trm_text_format(start, sizeof start, "%s.layers.%d.", level, ++count);
    while (count < 64 && any_below(p, start));
    return count;
}

// T where the weights tell, else 0.
static int32_t tokens_told(const trm_params *p) {
    const int32_t *mixes = shape_of(p, "L_level.layers.0.mlp_t.gate_up_proj.weight");
    const int32_t *positions = shape_of(p, "embed_pos.embedding_weight");
    return positions ? positions[0] : mixes ? mixes[1] : 0;
}

void trm_paper_defaults(const trm_params *p, trm_model_config *c) {
    const int32_t *embed = shape_of(p, "embed_tokens.embedding_weight");
    bool hrm = is_hrm(p);
    int32_t words = embed ? embed[0] : 0, heads = embed ? embed[1] / 64 : 0;
    c->action_dim = words;
    c->heads = heads < 1 ? 1 : heads > 64 ? 64 : heads;
    c->k_cycles = hrm ? 2 : 3;
    c->inner_steps = hrm ? 2 : words == 6 ? 4 : 6;
    c->sup_steps = 16;
    c->prefix = shape_of(p, "puzzle_emb.weights") ? 16 : 0;
    c->cells = tokens_told(p) ? 0 : words == 11 ? 81 : words == 6 ? 900 : 0;
    c->rope_theta = 10000.0f;
    c->norm_eps = 1e-5f;
    trm_text_copy(c->position_encoding, sizeof c->position_encoding, "rope");
}

static int32_t at_least(int32_t x, int32_t least) {
    return x < least ? least : x;
}

// Prefix and cells share out T; where the weights do not tell it, both come from the configuration.
static void set_tokens(const trm_params *p, trm_model_config *c, bool hrm) {
    int32_t told = tokens_told(p), given = c->positions > 1 ? c->positions : c->cells;
    int32_t d = at_least(c->d_model, 1), fits = (int32_t)(((int64_t)c->puzzle_dim + d - 1) / d);
    if (c->puzzle_dim == 0)
        c->prefix = 0;
    else if (told && given)
        c->prefix = told - given;
    else if (hrm || c->prefix == 0)
        c->prefix = fits;
    c->positions = told ? told - c->prefix : given;
    c->state_dim = c->positions + (c->puzzle_dim > 0);
}

static bool recognise(const trm_params *p, trm_model_config *c, bool hrm) {
    if (!trm_paper_fits(p) || is_hrm(p) != hrm)
        return false;
    const int32_t *embed = shape_of(p, "embed_tokens.embedding_weight");
    const int32_t *puzzles = shape_of(p, "puzzle_emb.weights");
    const int32_t *mixes = shape_of(p, "L_level.layers.0.mlp_t.gate_up_proj.weight");
    c->action_dim = embed[0];
    c->d_model = embed[1];
    c->layers = count_layers(p, "L_level");
    if (hrm)
        c->h_layers = count_layers(p, "H_level");
    c->feedforward = shape_of(p, "L_level.layers.0.mlp.gate_up_proj.weight")[0] / 2;
    c->mlp_t = mixes != NULL;
    c->token_feedforward = mixes ? mixes[0] / 2 : 0;
    c->puzzle_dim = puzzles ? puzzles[1] : 0;
    c->puzzles = puzzles ? puzzles[0] : 1;
    if (shape_of(p, "embed_pos.embedding_weight"))
        trm_text_copy(c->position_encoding, sizeof c->position_encoding, "learned");
    else if (c->mlp_t || strcmp(c->position_encoding, "learned") == 0)
        trm_text_copy(c->position_encoding, sizeof c->position_encoding, "none");
    set_tokens(p, c, hrm);
    return true;
}

bool trm_paper_recognise(const trm_params *p, trm_model_config *c) {
    return recognise(p, c, false);
}

bool trm_paper_recognise_hrm(const trm_params *p, trm_model_config *c) {
    return recognise(p, c, true);
}
