// SPDX-License-Identifier: Apache-2.0
#include "trm/run/checkpoint.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/config/keys.h"
#include "run/torch/torch.h"
#include "run/weights/checkpoint_parts.h"
#include "run/weights/safetensors_header.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/env/puzzle.h"
#include "trm/model/paper.h"
#include "trm/run/assets.h"
#include "trm/run/safetensors.h"
#include "trm/run/weights.h"
#include "trm/train/sizes.h"

#define FORMAT "trm-checkpoint-1"

enum { MAX_BARE_TENSORS = 4096 };

// ---- saving -------------------------------------------------------------------------------------

// The course's own list, malloc'd.
static trm_tensor *list_tensors(trm_course *course, int32_t *count) {
    *count = trm_course_tensors(course, NULL, 0);
    trm_tensor *tensors = trm_alloc((size_t)*count + 1, sizeof *tensors);
    int32_t again = trm_course_tensors(course, tensors, *count);
    assert(again == *count);
    (void)again;
    return tensors;
}

char *trm_checkpoint_print(const trm_tensor *tensors, int32_t count, const trm_config *c,
                           size_t *size) {
    trm_config saved = *c;
    // What changes no result must change no byte.
    saved.train.threads = trm_train_config_default().threads;
    saved.record_mib = trm_config_default().record_mib;
    char *config = trm_config_print(&saved);
    char keys[][8] = {"format", "config"}, format[] = FORMAT;
    const struct trm_metadata metadata[] = {{keys[0], format}, {keys[1], config}};
    char *bytes = trm_safetensors_print(tensors, count, metadata, 2, size);
    free(config);
    return bytes;
}

static bool write_tensors(const char *path, const trm_tensor *tensors, int32_t count,
                          const trm_config *c, trm_error *e) {
    size_t size;
    char *bytes = trm_checkpoint_print(tensors, count, c, &size);
    bool ok = trm_file_write(path, bytes, size, e);
    free(bytes);
    return ok;
}

bool trm_checkpoint_save(const char *path, trm_course *course, const trm_config *c, trm_error *e) {
    int32_t count;
    trm_tensor *tensors = list_tensors(course, &count);
    bool ok = write_tensors(path, tensors, count, c, e);
    free(tensors);
    return ok;
}

// ---- checks -------------------------------------------------------------------------------------

static void print_shape(char *out, size_t size, const trm_tensor *t) {
    size_t n = trm_text_format(out, size, "[");
    for (int32_t i = 0; i < t->ndim; i++)
        n += trm_text_format(out + n, size - n, "%s%lld", i ? ", " : "", (long long)t->shape[i]);
    trm_text_format(out + n, size - n, "]");
}

static bool same_form(const trm_tensor *found, const trm_tensor *wanted, trm_error *e) {
    char have[128], want[128];
    bool same = found->ndim == wanted->ndim;
    for (int32_t i = 0; same && i < wanted->ndim; i++)
        same = found->shape[i] == wanted->shape[i];
    if (found->dtype != wanted->dtype)
        return trm_error_set(e, TRM_E_INPUT, "tensor %s: %s found, %s expected", wanted->name,
                             trm_header_dtype_name(found->dtype),
                             trm_header_dtype_name(wanted->dtype));
    if (same)
        return true;
    print_shape(have, sizeof have, found);
    print_shape(want, sizeof want, wanted);
    return trm_error_set(e, TRM_E_INPUT, "tensor %s: shape %s found, %s expected", wanted->name,
                         have, want);
}

static bool all_finite(const trm_tensor *t, trm_error *e) {
    int64_t n = trm_tensor_count(t);
    for (int64_t i = 0; i < n; i++) {
        bool finite = t->dtype == TRM_F32   ? isfinite(((const float *)t->data)[i])
                      : t->dtype == TRM_F64 ? isfinite(((const double *)t->data)[i])
                                            : true;
        if (!finite)
            return trm_error_set(
                e, TRM_E_INPUT,
                "tensor %s: element %lld is not a finite number: take an earlier checkpoint",
                t->name, (long long)i);
    }
    return true;
}

static bool is_resume_state(const char *name) {
    return strncmp(name, "optim.", 6) == 0 || strncmp(name, "state.", 6) == 0;
}

// Copies every wanted tensor from the file, once all were checked. Tensors of the file that nobody
// wants are refused, those for resuming only if `strict`.
static bool copy_tensors(const trm_safetensors *s, const trm_tensor *wanted, int32_t count,
                         bool strict, trm_error *e) {
    for (int32_t i = 0; i < count; i++) {
        const trm_tensor *found = trm_safetensors_find(s, wanted[i].name);
        if (!found)
            return trm_error_set(e, TRM_E_INPUT, "tensor %s is missing", wanted[i].name);
        if (!same_form(found, &wanted[i], e))
            return false;
        if (strncmp(found->name, "state.", 6) != 0 && !all_finite(found, e))
            return false;
    }
    for (int32_t i = 0; i < s->count; i++) {
        const char *name = s->tensors[i].name;
        bool known = !strict && is_resume_state(name);
        for (int32_t j = 0; j < count && !known; j++)
            known = strcmp(wanted[j].name, name) == 0;
        if (!known)
            return trm_error_set(e, TRM_E_INPUT, "tensor %s is unexpected", name);
    }
    for (int32_t i = 0; i < count; i++) {
        const trm_tensor *found = trm_safetensors_find(s, wanted[i].name);
        size_t size = trm_tensor_bytes(found);
        if (size)
            memcpy(wanted[i].data, found->data, size);
    }
    return true;
}

// Fails on the first key of env or model in which the two differ: "K: HAVE in WHERE, WANT …".
static bool same_keys(const trm_config *have, const trm_config *want, const char *section,
                      const char *format, trm_error *e) {
    const trm_config_row *k;
    size_t length = strlen(section);
    for (size_t i = 0; (k = trm_config_row_at(i)); i++) {
        if (strncmp(k->path, section, length) != 0 || trm_config_key_equal(k, have, want))
            continue;
        trm_json_buffer a = {0}, b = {0};
        trm_config_key_print(k, have, &a);
        trm_config_key_print(k, want, &b);
        trm_error_set(e, TRM_E_INPUT, "%s: %s %s, %s expected", k->path, a.data, format, b.data);
        free(a.data);
        free(b.data);
        return false;
    }
    return true;
}

// True if the file says it is a checkpoint of ours; *ok false if of a kind that cannot be read.
static bool is_checkpoint(const trm_safetensors *s, bool *ok, trm_error *e) {
    const char *format = trm_safetensors_meta(s, "format");
    *ok = true;
    if (!format || strncmp(format, "trm-checkpoint", strlen("trm-checkpoint")) != 0)
        return false;
    if (strcmp(format, FORMAT) != 0)
        *ok = trm_error_set(e, TRM_E_INPUT,
                            "format %.40s, only %s can be read: another version of trm wrote it",
                            format, FORMAT);
    else if (!trm_safetensors_meta(s, "config"))
        *ok = trm_error_set(e, TRM_E_INPUT,
                            "its metadata has no config: it is not a checkpoint of trm");
    return true;
}

// ---- restoring ----------------------------------------------------------------------------------

static bool read_back(const trm_safetensors *s, const trm_config *mine, const trm_tensor *wanted,
                      int32_t count, trm_error *e) {
    bool ok;
    trm_config saved = trm_config_default();
    if (!is_checkpoint(s, &ok, e))
        return trm_error_set(e, TRM_E_INPUT,
                             "bare weights, without the state of a training: start one from them "
                             "with train.from=FILE");
    return ok && trm_config_parse(&saved, "config", trm_safetensors_meta(s, "config"), e) &&
           same_keys(&saved, mine, "env.", "in the checkpoint", e) &&
           same_keys(&saved, mine, "data.", "in the checkpoint", e) &&
           same_keys(&saved, mine, "model.", "in the checkpoint", e) &&
           copy_tensors(s, wanted, count, true, e);
}

bool trm_checkpoint_fill_model(const trm_safetensors *s, trm_course *course, const trm_config *c,
                               trm_error *e) {
    int32_t count;
    trm_tensor *wanted = list_tensors(course, &count);
    bool ok = read_back(s, c, wanted, count, e);
    free(wanted);
    return ok && trm_course_restored(course, e);
}

bool trm_checkpoint_restore(const char *path, trm_course *course, const trm_config *c,
                            trm_error *e) {
    trm_safetensors s;
    if (!trm_safetensors_read(&s, path, e))
        return false;
    bool ok = trm_checkpoint_fill_model(&s, course, c, e) || trm_error_prefix(e, "%s", path);
    trm_safetensors_free(&s);
    return ok;
}

// ---- models -------------------------------------------------------------------------------------

// A table of the file's names and shapes, as trm_model_recognise wants it.
static bool list_params(const trm_safetensors *s, trm_params *p, trm_arena *a, trm_error *e) {
    int32_t listed = 0;
    for (int32_t i = 0; i < s->count; i++) {
        const trm_tensor *t = &s->tensors[i];
        int32_t shape[TRM_PARAM_DIMS];
        if (is_resume_state(t->name))
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
        !same_keys(&real, c, "model.", "in the weights", e))
        return false;
    if (real.model.state_dim != c->model.state_dim || real.model.action_dim != c->model.action_dim)
        return trm_error_set(e, TRM_E_INPUT,
                             "the weights are for %d state values and %d actions, env.type %s of "
                             "size %d has %d and %d",
                             (int)real.model.state_dim, (int)real.model.action_dim, c->env.type,
                             (int)c->env.size, (int)c->model.state_dim, (int)c->model.action_dim);
    return true;
}

trm_tensor *trm_checkpoint_parameters(const trm_params *p, float *slab) {
    trm_tensor *tensors = trm_alloc((size_t)p->count + 1, sizeof *tensors);
    for (int32_t i = 0; i < p->count; i++) {
        trm_tensor *t = &tensors[i];
        trm_text_copy(t->name, sizeof t->name, p->items[i].name);
        t->dtype = TRM_F32;
        t->ndim = p->items[i].ndim;
        for (int32_t d = 0; d < t->ndim; d++)
            t->shape[d] = p->items[i].shape[d];
        t->data = trm_params_at(p, slab, i);
    }
    return tensors;
}

static bool load_weights(const trm_safetensors *s, trm_model *m, trm_error *e) {
    trm_params *p = trm_model_params(m);
    trm_tensor *wanted = trm_checkpoint_parameters(p, p->values);
    bool ok = copy_tensors(s, wanted, p->count, false, e);
    free(wanted);
    return ok;
}

bool trm_checkpoint_export(const char *path, const trm_model *m, const trm_config *c,
                           trm_error *e) {
    const trm_params *p = trm_model_params_const(m);
    trm_tensor *weights = trm_checkpoint_parameters(p, p->values);
    trm_config portable = *c;
    trm_config_leave_paths_out(&portable);
    bool ok = write_tensors(path, weights, p->count, &portable, e);
    free(weights);
    return ok;
}

bool trm_checkpoint_weights(const char *path, trm_model *m, int64_t *updates, trm_error *e) {
    trm_safetensors s;
    bool ours;
    if (!trm_weights_read(&s, path, e))
        return false;
    bool ok =
        (is_checkpoint(&s, &ours, NULL) || trm_weights_adapt(&s, e)) && load_weights(&s, m, e);
    if (!ok)
        trm_error_prefix(e, "%s", path);
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
    bool checkpoint = is_checkpoint(s, &ok, e);
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
    if (m && !load_weights(s, m, e)) {
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

bool trm_checkpoint_begin(const trm_config *c, trm_model *m, trm_error *e) {
    char file[4096];
    int64_t updates;
    return c->from[0] == '\0' ||
           (find_file(c->from, file, sizeof file, e) &&
            trm_checkpoint_weights(file, m, &updates, e)) ||
           trm_error_prefix(e, "train.from");
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
