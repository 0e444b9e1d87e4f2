// SPDX-License-Identifier: Apache-2.0
// Models from files of weights.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/config/keys.h"
#include "run/torch/torch.h"
#include "run/weights/checkpoint_parts.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/env/puzzle.h"
#include "trm/model/paper.h"
#include "trm/run/assets.h"
#include "trm/run/weights.h"
#include "trm/train/sizes.h"

enum { MAX_BARE_TENSORS = 4096 };

// A table of the file's names and shapes, as trm_model_recognise wants it.
static bool list_params(const trm_safetensors *s, trm_params *p, trm_arena *a, trm_error *e) {
    int32_t listed = 0;
    for (int32_t i = 0; i < s->count; i++) {
        const trm_tensor *t = &s->tensors[i];
        int32_t shape[TRM_PARAM_DIMS];
        if (trm_checkpoint_resumes(t->name))
            continue;
        if (++listed > MAX_BARE_TENSORS)
            return trm_error_set(e, TRM_E_INPUT,
                                 "more than %d tensors: not a model that is known here",
                                 MAX_BARE_TENSORS);
        bool ok = t->ndim >= 1 && strlen(t->name) < TRM_PARAM_NAME;
        for (int32_t d = 0; d < t->ndim; d++) {
            ok &= t->shape[d] >= 1 && t->shape[d] <= INT32_MAX;
            shape[d] = (int32_t)(t->shape[d] & INT32_MAX);
        }
        if (!ok)
            return trm_error_set(e, TRM_E_INPUT, "tensor %s belongs to no model that is known here",
                                 t->name);
        trm_params_add(p, a, t->name, t->ndim, shape, TRM_INIT_ZERO, 0, 0);
    }
    return true;
}

// Bare weights do not tell their board: the data set or the environment that is named does.
static bool take_board(const trm_params *params, trm_config *c, char *const *overrides, int n,
                       trm_error *e) {
    const bool paper = trm_paper_fits(params);
    if (paper && c->data.size == 0)
        return true; // take_samples
    if (strcmp(c->data.type, "none") != 0) {
        trm_dataset shape;
        const trm_dataset_config data = trm_config_data(c);
        if (!trm_dataset_shape(&data, &shape, e))
            return false;
        trm_model_take_dataset(&c->model, &shape);
        return true;
    }
    bool named = false;
    for (int i = 0; i < n && !paper; i++)
        named |= strncmp(overrides[i], "env.", strlen("env.")) == 0;
    trm_env *env = named ? trm_env_new(&c->env, e) : NULL;
    if (env) {
        const trm_geometry g = trm_env_geometry(env);
        trm_model_take_board(&c->model, &g);
    }
    trm_env_free(env);
    return env || !named;
}

// Of the paper's models weights do not tell all: the rest is what the paper's runs used, or what
// the file's metadata or the file beside say.
static bool take_paper(const trm_safetensors *s, const trm_params *params, const char *beside,
                       trm_model_config *c, trm_error *e) {
    if (!trm_paper_fits(params))
        return true;
    trm_paper_defaults(params, c);
    for (int32_t i = 0; i < s->metadata_count; i++)
        if (!trm_torch_take_setting(s->metadata[i].key, s->metadata[i].value, c, e))
            return false;
    return !beside || trm_torch_read_config(beside, c, e);
}

// What boards the paper's models were trained on, their tokens and cells tell; where these are of
// no board that is known here, no data set is named.
static void take_samples(trm_config *c) {
    const trm_model_config *m = &c->model;
    int32_t side = (int32_t)lrint(sqrt((double)m->positions));
    const bool square = side * side == m->positions;
    if (!trm_arch_reads_tokens(m->type) || !square)
        return;
    if (strcmp(c->data.type, "none") == 0) {
        const bool sudoku = trm_puzzle_size_of(side) && m->action_dim == side + 2;
        const bool maze = m->action_dim == TRM_TOKEN_PATH + 1 && side <= TRM_BOARD_MAX;
        if (!sudoku && !maze)
            return;
        trm_text_copy(c->data.type, sizeof c->data.type, sudoku ? "sudoku" : "mazes-10-fixed");
        c->data.size = 0;
    }
    if (c->data.size == 0)
        c->data.size = side;
}

static bool recognise(const trm_params *params, trm_model_config *c, trm_error *e) {
    trm_model_config found = *c;
    if (!trm_model_recognise(params, &found, e))
        return trm_paper_fits(params) && c->positions <= 1 && c->cells == 0
                   ? trm_error_set(e, TRM_E_INPUT,
                                   "the weights do not tell how many cells a sample has: say "
                                   "model.cells=81, or data.type=sudoku data.size=9")
                   : false;
    *c = found;
    return true;
}

// What the configuration says must be what the weights are: checked before anything is allocated
// by it, so that a small file cannot ask for a large model.
static bool take_config(const trm_safetensors *s, const trm_params *params, bool checkpoint,
                        const char *beside, char *const *overrides, int n, trm_config *c,
                        trm_error *e) {
    if (checkpoint ? !trm_config_parse(c, "config", trm_safetensors_meta(s, "config"), e)
                   : !take_paper(s, params, beside, &c->model, e))
        return false;
    if (!trm_config_override_all(c, overrides, n, e))
        return false;
    if (!checkpoint &&
        (!take_board(params, c, overrides, n, e) || !recognise(params, &c->model, e) ||
         !trm_config_override_all(c, overrides, n, e))) // what the weights contradict
        return false;
    if (!checkpoint)
        take_samples(c);
    // Boards that are named beside a model are what it is asked about.
    c->data.asked = trm_config_words_set(overrides, n, "env.puzzles") ||
                    trm_config_words_set(overrides, n, "env.mazes");
    // Bare weights of a model that answers a data set.
    if (!checkpoint && strcmp(c->data.type, "none") != 0)
        trm_text_copy(c->train.algorithm, sizeof c->train.algorithm, "supervised");
    const bool supervised = trm_config_supervised(c);
    if ((checkpoint || supervised) && !trm_config_model(c, &c->model, e))
        return false;
    if (supervised) // its grid cannot be read off the weights
        return trm_config_check(c, e);
    trm_config real = *c;
    if (!trm_model_recognise(params, &real.model, e) ||
        !trm_checkpoint_same_keys(&real, c, "model.", "in the weights", e))
        return false;
    if (real.model.state_dim != c->model.state_dim || real.model.action_dim != c->model.action_dim)
        return trm_error_set(e, TRM_E_INPUT,
                             "the weights are for %d state values and %d actions, env.type %s of "
                             "size %d has %d and %d",
                             (int)real.model.state_dim, (int)real.model.action_dim, c->env.type,
                             (int)c->env.size, (int)c->model.state_dim, (int)c->model.action_dim);
    return true;
}

// Blocks that the file has, at most the model's.
static int32_t blocks_of(const trm_safetensors *s, const trm_model *m) {
    const int32_t most = trm_model_get_config(m)->layers;
    int32_t there = 0;
    for (int32_t i = 0; i < s->count; i++)
        while (there < most && trm_model_in_blocks(m, s->tensors[i].name, there))
            there++;
    return there;
}

// Of a model with blocks, the first so many; the others stay.
static bool load_weights(const trm_safetensors *s, trm_model *m, int32_t blocks, trm_error *e) {
    trm_params *p = trm_model_params(m);
    trm_tensor *wanted = trm_checkpoint_parameters(p, p->values);
    int32_t count = 0;
    for (int32_t i = 0; i < p->count; i++)
        if (!trm_model_in_blocks(m, p->items[i].name, blocks))
            wanted[count++] = wanted[i];
    bool ok = trm_checkpoint_copy(s, wanted, count, false, e);
    free(wanted);
    return ok;
}

// What is in the file, under the names that models have here.
static bool read_named(trm_safetensors *s, const char *path, trm_error *e) {
    bool ours;
    if (!trm_weights_read(s, path, e))
        return false;
    if (trm_checkpoint_is(s, &ours, NULL) || trm_weights_adapt(s, e))
        return true;
    trm_safetensors_free(s);
    return trm_error_prefix(e, "%s", path);
}

bool trm_checkpoint_weights(const char *path, trm_model *m, int64_t *updates, trm_error *e) {
    trm_safetensors s;
    if (!read_named(&s, path, e))
        return false;
    bool ok = load_weights(&s, m, INT32_MAX, e) || trm_error_prefix(e, "%s", path);
    const trm_tensor *counters = trm_safetensors_find(&s, "state.counters");
    const trm_tensor *steps = trm_safetensors_find(&s, "optim.step");
    bool counts = counters && counters->dtype == TRM_I64 && trm_tensor_count(counters) == 3;
    bool steps_count = steps && trm_safetensors_find(&s, "state.epochs") &&
                       steps->dtype == TRM_I64 && trm_tensor_count(steps) == 1;
    *updates = counts        ? ((const int64_t *)counters->data)[1]
               : steps_count ? ((const int64_t *)steps->data)[0]
                             : -1;
    trm_safetensors_free(&s);
    return ok;
}

trm_model *trm_checkpoint_build_model(trm_safetensors *s, const char *beside,
                                      char *const *overrides, int n, trm_config *c, trm_error *e) {
    bool ok;
    enum { SLACK = 1 << 16 };
    bool checkpoint = trm_checkpoint_is(s, &ok, e);
    trm_arena arena = TRM_ARENA_INIT;
    trm_params params = {0};
    trm_model *m = NULL;
    trm_config used = trm_config_default();
    if (!ok || (!checkpoint && (!trm_weights_adapt(s, e) || !trm_weights_whole(s, e))) ||
        !list_params(s, &params, &arena, e) ||
        !take_config(s, &params, checkpoint, beside, overrides, n, &used, e))
        goto out;
    // Names and shapes are compared below; this keeps a small file from asking for a large model.
    m = trm_model_new_within(&used.model, 2 * params.size + SLACK, e);
    if (m && !load_weights(s, m, INT32_MAX, e)) {
        trm_model_free(m);
        m = NULL;
    }
    if (m)
        *c = used;
out:
    trm_arena_free(&arena);
    return m;
}

// The file that a word for a model stands for.
static bool find_file(const char *path, char *file, size_t size, trm_error *e) {
    const bool folder = trm_file_is_folder(path), there = trm_file_exists(path);
    const bool bundled = !folder && !there && trm_model_asset_path(path, file, size);
    if (!there && !bundled && !strpbrk(path, "./")) {
        trm_model_asset_folder(file, size);
        return trm_error_set(e, TRM_E_INPUT,
                             "%s: no file, no run and no bundled model; the bundled ones are "
                             "looked for in %s",
                             path, file);
    }
    if (!bundled)
        trm_text_copy(file, size, path);
    if (folder)
        trm_text_format(file, size, "%s/checkpoint.safetensors", path);
    return strlen(file) + 1 < size ||
           trm_error_set(e, TRM_E_INPUT, "%s: the path is too long", path);
}

// The all_config.yaml in the file's folder; false if there is none.
static bool find_beside(const char *file, char *beside, size_t size) {
    const char *slash = strrchr(file, '/');
    int folder = slash ? (int)(slash - file) + 1 : 0;
    return trm_text_format(beside, size, "%.*sall_config.yaml", folder, file) < size &&
           trm_file_exists(beside);
}

// Weights may have fewer blocks than the model: the others change nothing then.
bool trm_checkpoint_begin(const trm_config *c, trm_model *m, trm_error *e) {
    char file[4096];
    trm_safetensors s;
    if (c->from[0] == '\0')
        return true;
    if (!find_file(c->from, file, sizeof file, e) || !read_named(&s, file, e))
        return trm_error_prefix(e, "train.from");
    const int32_t blocks = blocks_of(&s, m);
    bool ok = load_weights(&s, m, blocks > 0 ? blocks : INT32_MAX, e);
    if (!ok) {
        trm_error_prefix(e, "%s", file);
        trm_error_prefix(e, "train.from");
    }
    if (ok && blocks > 0)
        trm_model_silence_blocks(m, blocks);
    trm_safetensors_free(&s);
    return ok;
}

trm_model *trm_checkpoint_model(const char *path, char *const *overrides, int n, trm_config *c,
                                trm_error *e) {
    char file[4096], beside[4096];
    trm_safetensors s;
    if (!find_file(path, file, sizeof file, e) || !trm_weights_read(&s, file, e))
        return NULL;
    bool told = find_beside(file, beside, sizeof beside);
    trm_model *m = trm_checkpoint_build_model(&s, told ? beside : NULL, overrides, n, c, e);
    if (!m)
        trm_error_prefix(e, "%s", file);
    trm_safetensors_free(&s);
    return m;
}
