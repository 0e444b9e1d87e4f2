// SPDX-License-Identifier: Apache-2.0
// Other people's names for the tensors of models that are known here.
#include <string.h>

#include "run/weights/tensor.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/model/paper.h"
#include "trm/run/weights.h"

// What names of the kin begin with, whatever wrappers put before it.
static const char *const stems[] = {
    "L_level.",    "H_level.", "lenet.",   "embed_tokens.", "input_embedding.",
    "lm_head.",    "q_head.",  "H_init",   "L_init",        "embed_pos.",
    "puzzle_emb.", "z_H_init", "z_L_init", "L1_init",       "pos_embedding.",
};

static bool begins(const char *name) {
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++)
        if (trm_text_starts(name, stems[i]))
            return true;
    return false;
}

static const char *const wrappers[] = {"_orig_mod.", "module.", "model.", "inner."};
enum { WRAPPERS = sizeof wrappers / sizeof *wrappers };

// The name without what wrappers put before it: the usual ones, or any before a name of the kin.
static const char *bare(const char *name) {
    for (size_t i = 0; i < WRAPPERS; i++) {
        if (trm_text_starts(name, wrappers[i])) {
            name += strlen(wrappers[i]);
            i = (size_t)-1; // from the first again
        }
    }
    for (const char *at = name; at; at = strchr(at, '.') ? strchr(at, '.') + 1 : NULL)
        if (begins(at))
            return at;
    return name;
}

static bool any(const trm_safetensors *s, const char *start) {
    for (int32_t i = 0; i < s->count; i++)
        if (trm_text_starts(bare(s->tensors[i].name), start))
            return true;
    return false;
}

// ---- families -----------------------------------------------------------------------------------

// Of nano-trm, what has another name; what ends in a dot goes on.
static const struct renaming {
    const char *from, *to;
} nano_names[] = {
    {"lenet.", "L_level."},           {"input_embedding.", "embed_tokens."},
    {"pos_embedding.", "embed_pos."}, {"z_H_init", "H_init"},
    {"z_L_init", "L_init"},
};

// Models of the kin that cannot be run here.
static const struct stranger {
    const char *has, *has_not, *nor, *what;
} strangers[] = {
    {"L1_init", NULL, NULL, "trm_hier6, which has six latents"},
    {"L_init", "H_init", "H_level.", "trm_singlez, which has one latent"},
    {"H_level.", "L_level.", NULL, "transformers_baseline, which has one level"},
    {"lenet.layers.0.mlp.dwconv.", NULL, NULL, "nano-trm with convolutions"},
    {"lenet.layers.0.mlp.board_conv.", NULL, NULL, "nano-trm with convolutions"},
};

static bool none(const trm_safetensors *s, const char *start) {
    return !start || !any(s, start);
}

static const struct stranger *find_stranger(const trm_safetensors *s) {
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        if (any(s, strangers[i].has) && none(s, strangers[i].has_not) && none(s, strangers[i].nor))
            return &strangers[i];
    return NULL;
}

// ---- adapting -----------------------------------------------------------------------------------

// Buffers that some code saves and that say nothing of the model.
static bool is_scratch(const char *name) {
    static const char *const ends[] = {".local_weights", ".local_ids", ".cos_cached", ".sin_cached",
                                       ".inv_freq"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (trm_text_ends(name, ends[i]))
            return true;
    return false;
}

static bool of_no_use(const trm_tensor *t) {
    return is_scratch(t->name) || (t->dtype != TRM_F32 && t->dtype != TRM_F64) || t->ndim == 0 ||
           trm_tensor_count(t) == 0;
}

// Weights of the kin as whole numbers, which nothing here can make numbers of again.
static const trm_tensor *quantised(const trm_safetensors *s) {
    for (int32_t i = 0; i < s->count; i++) {
        const trm_tensor *t = &s->tensors[i];
        if (t->dtype != TRM_F32 && t->dtype != TRM_F64 && trm_tensor_count(t) > 0 &&
            begins(bare(t->name)) &&
            (trm_text_ends(t->name, "weight") || trm_text_ends(t->name, "_init")))
            return t;
    }
    return NULL;
}

static void drop_useless(trm_safetensors *s) {
    int32_t kept = 0;
    for (int32_t i = 0; i < s->count; i++)
        if (!of_no_use(&s->tensors[i]))
            s->tensors[kept++] = s->tensors[i];
    s->count = kept;
}

static bool rename_tensor(trm_tensor *t, bool nano, trm_error *e) {
    char name[TRM_TENSOR_NAME];
    const char *rest = bare(t->name), *start = "";
    for (size_t i = 0; nano && i < sizeof nano_names / sizeof *nano_names; i++)
        if (trm_text_starts(rest, nano_names[i].from)) {
            rest += strlen(nano_names[i].from);
            start = nano_names[i].to;
            break;
        }
    if (trm_text_format(name, sizeof name, "%s%s%s", TRM_PAPER_PREFIX, start, rest) >= sizeof name)
        return trm_error_set(e, TRM_E_INPUT, "tensor \"%.60s...\": the name is too long", t->name);
    return trm_text_copy(t->name, sizeof t->name, name);
}

// Other models: what a wrapper puts before all of their names is taken off, as often as it is
// there.
static void unwrap(trm_safetensors *s) {
    for (size_t i = 0; i < WRAPPERS && s->count > 0; i++) {
        const size_t length = strlen(wrappers[i]);
        int32_t wrapped = 0;
        for (int32_t k = 0; k < s->count; k++) {
            const char *name = s->tensors[k].name;
            wrapped += trm_text_starts(name, wrappers[i]) && name[length];
        }
        if (wrapped < s->count)
            continue;
        for (int32_t k = 0; k < s->count; k++) {
            char *name = s->tensors[k].name;
            memmove(name, name + length, strlen(name + length) + 1);
        }
        i = (size_t)-1; // from the first again
    }
}

// The tensors of these two names, NULL where there is none; false if one has not so many rows.
static bool find_pair(trm_safetensors *s, const char *const names[2], int64_t rows,
                      trm_tensor *out[2]) {
    for (int32_t i = 0; i < 2; i++) {
        out[i] = NULL;
        for (int32_t k = 0; k < s->count; k++)
            out[i] = strcmp(s->tensors[k].name, names[i]) == 0 ? &s->tensors[k] : out[i];
        if (out[i] && out[i]->shape[0] != rows)
            return false;
    }
    return true;
}

// nano-trm's q_head has one output: the second, which is never trained, becomes 0. The new numbers
// stand behind the old ones in room of their own.
static void widen_head(trm_safetensors *s) {
    static const char *const names[] = {TRM_PAPER_PREFIX "q_head.weight",
                                        TRM_PAPER_PREFIX "q_head.bias"};
    trm_tensor *pair[2];
    if (!find_pair(s, names, 1, pair))
        return;
    for (size_t i = 0; i < 2; i++) {
        if (!pair[i])
            continue;
        size_t size = (size_t)trm_tensor_count(pair[i]) * sizeof(float);
        float *wider = trm_alloc(2 * size, 1);
        memcpy(wider, pair[i]->data, size);
        pair[i]->data = wider;
        pair[i]->shape[0] = 2;
        s->extra[i] = wider;
    }
}

// Its sudokus have a token more, 1, for an end that never comes: without it they are the paper's.
static void drop_end_token(trm_safetensors *s) {
    enum { TOKENS = 12, END = 1 };
    static const char *const names[] = {TRM_PAPER_PREFIX "embed_tokens.embedding_weight",
                                        TRM_PAPER_PREFIX "lm_head.weight"};
    trm_tensor *pair[2];
    if (!find_pair(s, names, TOKENS, pair))
        return;
    for (size_t i = 0; i < 2; i++) {
        if (!pair[i])
            continue;
        float *rows = pair[i]->data;
        const size_t d = (size_t)(trm_tensor_count(pair[i]) / TOKENS);
        if (i == 0 || !pair[0] || rows != pair[0]->data) // the two may share their numbers
            memmove(rows + END * d, rows + (END + 1) * d, (TOKENS - END - 1) * d * sizeof *rows);
        pair[i]->shape[0]--;
    }
}

bool trm_weights_adapt(trm_safetensors *s, trm_error *e) {
    bool nano = any(s, "lenet.layers."), kin = nano || any(s, "L_level.") || any(s, "H_level.");
    const struct stranger *stranger = kin ? find_stranger(s) : NULL;
    if (stranger)
        return trm_error_set(e, TRM_E_INPUT,
                             "%s: of this family only the Tiny Recursive Model itself, HRM and "
                             "nano-trm are known here",
                             stranger->what);
    const trm_tensor *whole = kin ? quantised(s) : NULL;
    if (whole)
        return trm_error_set(e, TRM_E_INPUT,
                             "tensor \"%s\" holds whole numbers: take the weights as they were "
                             "before they were quantised",
                             whole->name);
    drop_useless(s);
    if (!kin)
        unwrap(s);
    for (int32_t i = 0; i < s->count; i++) {
        if (kin && !rename_tensor(&s->tensors[i], nano, e))
            return false;
        trm_tensor_narrow(&s->tensors[i]);
    }
    if (!kin)
        return true;
    const char *twice = trm_tensor_named_twice(s->tensors, s->count, sizeof *s->tensors);
    if (twice)
        return trm_error_set(e, TRM_E_INPUT,
                             "tensor \"%s\" appears twice, with and without a prefix", bare(twice));
    if (nano) {
        widen_head(s);
        drop_end_token(s);
    }
    return true;
}

bool trm_weights_whole(const trm_safetensors *s, trm_error *e) {
    static const char *const needed[] = {"embed_tokens.embedding_weight", "lm_head.weight",
                                         "q_head.weight",
                                         "L_level.layers.0.mlp.gate_up_proj.weight"};
    const bool kin = any(s, "L_level.");
    for (size_t i = 0; kin && i < sizeof needed / sizeof *needed; i++)
        if (!any(s, needed[i]))
            return trm_error_set(e, TRM_E_INPUT,
                                 "looks like a Tiny Recursive Model or HRM, but there is no tensor "
                                 "\"%s\": take the file that the training wrote",
                                 needed[i]);
    for (int32_t i = 0; kin && i < s->count; i++)
        for (size_t k = 0; k < sizeof needed / sizeof *needed; k++)
            if (s->tensors[i].ndim != 2 && strcmp(bare(s->tensors[i].name), needed[k]) == 0)
                return trm_error_set(e, TRM_E_INPUT,
                                     "tensor \"%s\" has %d dimensions and not 2: take the file "
                                     "that the training wrote",
                                     s->tensors[i].name, (int)s->tensors[i].ndim);
    return true;
}
