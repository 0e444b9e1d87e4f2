// SPDX-License-Identifier: Apache-2.0
#include "run/config/keys.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/text.h"

static const char *algorithm_name(int32_t i) {
    int32_t n = 0;
    while (trm_algorithm_name(n))
        n++;
    return i < n ? trm_algorithm_name(i) : i == n ? "supervised" : NULL;
}

static const char *baseline_name(int32_t i) {
    static const char *const names[] = {"episode", "running"};
    return i >= 0 && i < (int32_t)(sizeof names / sizeof *names) ? names[i] : NULL;
}

static const char *supervision_name(int32_t i) {
    static const char *const names[] = {"rising", "uniform", "carried"};
    return i >= 0 && i < (int32_t)(sizeof names / sizeof *names) ? names[i] : NULL;
}

static const char *loss_name(int32_t i) {
    static const char *const names[] = {"softmax", "stablemax"};
    return i >= 0 && i < (int32_t)(sizeof names / sizeof *names) ? names[i] : NULL;
}

static const char *data_name(int32_t i) {
    return i == 0 ? "none" : trm_dataset_name(i - 1);
}

#define MAX_EXACT                                                                                  \
    9007199254740991.0 // 2^53 - 1: every whole number up to here is a double of its own
#define MAX_EPISODES 1e12

#define FIELD(f)            .offset = offsetof(trm_config, f), .size = sizeof(((trm_config *)NULL)->f)
#define LABEL(p, f)         .path = p, .type = KEY_LABEL, FIELD(f)
#define TEXT(p, f)          .path = p, .type = KEY_TEXT, FIELD(f)
#define CHOICE(p, f, names) .path = p, .type = KEY_CHOICE, FIELD(f), .choice = names
#define BOOL(p, f)          .path = p, .type = KEY_BOOL, FIELD(f)
#define I32(p, f, lo, hi)   .path = p, .type = KEY_I32, FIELD(f), .min = lo, .max = hi
#define I64(p, f, lo, hi)   .path = p, .type = KEY_I64, FIELD(f), .min = lo, .max = hi
#define F32(p, f, lo, hi)   .path = p, .type = KEY_F32, FIELD(f), .min = lo, .max = hi

static const config_key keys[] = {
    {LABEL("preset", preset), .unit = "", .doc = "a label: the preset this came from"},
    {I64("seed", seed, 0, MAX_EXACT), .unit = "",
     .doc = "everything random follows from it: the same seed is the same run"},

    {CHOICE("env.type", env.type, trm_env_name), .unit = "", .doc = "the environment"},
    {I32("env.size", env.size, 2, TRM_BOARD_MAX), .unit = "cells", .doc = "side of the board"},
    {F32("env.bonus", env.bonus, -1e6, 1e6), .unit = "",
     .doc = "sudoku-empty: reward of the full grid"},
    {F32("env.difficulty", env.difficulty, 0, 1), .optional = true, .unit = "",
     .doc = "sudoku-easy, sudoku-medium: share of blank cells; null: .25 and .5"},
    {I32("env.width", env.width, 0, TRM_BOARD_MAX), .unit = "cells",
     .doc = "maze: cells across; 0: as env.size"},
    {F32("env.braid", env.braid, 0, 1), .unit = "",
     .doc = "maze: chance that a dead end is opened; 0: a perfect maze"},
    {CHOICE("env.shaping", env.shaping, trm_env_shaping_name), .unit = "",
     .doc = "maze: how coming nearer is rewarded, by straight distance or by steps left"},
    {I32("env.givens", env.givens, 0, 77), .unit = "digits",
     .doc = "sudoku: at the start; 0: the size's own (6, 14, 36)"},
    {BOOL("env.placed_given", env.placed_given), .unit = "",
     .doc = "sudoku: placed digits are shown to the model as given ones"},
    {TEXT("env.puzzles", env.puzzles), .unit = "",
     .doc = "sudoku: a file of one-line puzzles, or a folder of them; empty: drawn"},

    {CHOICE("data.type", data.type, data_name), .unit = "",
     .doc = "supervised: the data set; none: learn in the environment"},
    {I32("data.size", data.size, 0, 256), .unit = "cells",
     .doc = "side of the mazes or sudokus, or tokens; 0: the data set's own"},
    {I32("data.givens_min", data.givens_min, 0, 77), .unit = "digits",
     .doc = "sudoku: fewest at the start; 0: as givens_max, or the size's own"},
    {I32("data.givens_max", data.givens_max, 0, 77), .unit = "digits",
     .doc = "sudoku: most at the start; 0: as givens_min"},
    {BOOL("data.fresh", data.fresh), .unit = "",
     .doc = "new training samples for every epoch, never the same again"},
    {I32("data.train", data.train, 1, 1000000), .unit = "samples", .doc = "samples to learn from"},
    {I32("data.validation", data.validation, 1, 1000000), .unit = "samples",
     .doc = "samples scored after every epoch"},
    {I32("data.test", data.test, 1, 1000000), .unit = "samples",
     .doc = "samples scored at the end"},

    {CHOICE("model.type", model.type, trm_arch_name), .unit = "", .doc = "the architecture"},
    {I32("model.h_dim", model.h_dim, 2, 4096), .step = 2, .unit = "units",
     .doc = "trm-full: width of the H level"},
    {I32("model.l_dim", model.l_dim, 1, 4096), .unit = "units",
     .doc = "trm-full: width of the L level"},
    {I32("model.k_cycles", model.k_cycles, 1, 64), .unit = "cycles",
     .doc = "trm-full: how often H and L are gone through before acting; trm-attn and its kin: "
            "recursions a supervision step, the last differentiated; trm-paper, hrm: H_cycles"},
    {I32("model.h_layers", model.h_layers, 1, 16), .unit = "blocks",
     .doc = "trm-full: H blocks a cycle; hrm: H_layers"},
    {I32("model.l_layers", model.l_layers, 1, 16), .unit = "blocks",
     .doc = "trm-full: L blocks a cycle"},
    {BOOL("model.action_conditioning", model.action_conditioning), .unit = "",
     .doc = "trm-full: the previous action is an input"},
    {I32("model.hidden", model.hidden, 1, 4096), .unit = "units",
     .doc = "mlp: width of both hidden layers; trm-rl and the cell models: of the tiny net"},
    {I32("model.x_dim", model.x_dim, 1, 4096), .unit = "units",
     .doc = "trm-simple, trm-maze: what a cell is embedded to"},
    {I32("model.z_dim", model.z_dim, 1, 4096), .unit = "units",
     .doc = "trm-rl, cell models: latent state"},
    {I32("model.y_dim", model.y_dim, 1, 4096), .unit = "units",
     .doc = "trm-rl, cell models: embedded answer"},
    {I32("model.head_hidden", model.head_hidden, 1, 4096), .unit = "units",
     .doc = "trm-rl, cell models: the head's hidden layer"},
    {I32("model.inner_steps", model.inner_steps, 1, 64), .unit = "steps",
     .doc = "trm-rl, cell models, trm-attn and its kin: updates of z a supervision step (a "
            "recursion); trm-paper, hrm: L_cycles"},
    {I32("model.sup_steps", model.sup_steps, 1, 64), .unit = "steps",
     .doc = "trm-rl, cell models, trm-attn and its kin: supervision steps"},
    {BOOL("model.detach_inner_steps", model.detach_inner_steps), .unit = "",
     .doc = "cell models: gradient through the last inner step only"},
    {BOOL("model.local", model.local), .unit = "",
     .doc = "trm-attn and its kin: every block also has a depthwise 3x3 convolution"},
    {BOOL("model.halting", model.halting), .unit = "",
     .doc = "trm-attn and its kin: a head that learns when the answer is right"},
    {I32("model.channels", model.channels, 1, 1024), .unit = "channels",
     .doc = "cnn: of its first and last hidden layer; twice as many between"},
    {I32("model.d_model", model.d_model, 2, 4096), .unit = "units",
     .doc = "transformer, trm-attn and its kin: width"},
    {I32("model.heads", model.heads, 1, 64), .unit = "heads",
     .doc = "transformer, trm-attn: attention heads; must divide d_model"},
    {I32("model.layers", model.layers, 1, 64), .unit = "layers",
     .doc = "transformer: layers; trm-attn and its kin: blocks"},
    {I32("model.feedforward", model.feedforward, 1, 16384), .unit = "units",
     .doc = "transformer, trm-attn and its kin: feed-forward width"},
    {F32("model.dropout", model.dropout, 0, 0.9), .unit = "",
     .doc = "transformer: share dropped while training"},
    {BOOL("model.read_at_agent", model.read_at_agent), .unit = "",
     .doc = "trm-attn and its kin in mazes: what stands at the agent's cell acts, and imitation "
            "learns all cells of train.batch boards at once"},
    {I32("model.cells", model.cells, 0, 4096), .quiet = true, .unit = "cells",
     .doc = "trm-paper, hrm: of a sample, where neither weights nor a data set tell; 0: they do"},
    {I32("model.prefix", model.prefix, 0, 1024), .quiet = true, .unit = "tokens",
     .doc = "trm-paper, hrm: before the cells"},
    {I32("model.puzzle_dim", model.puzzle_dim, 0, 65536), .quiet = true, .unit = "units",
     .doc = "trm-paper, hrm: of the vector that a puzzle has in the prefix; 0: none"},
    {I32("model.puzzles", model.puzzles, 1, 1048576), .quiet = true, .unit = "vectors",
     .doc = "trm-paper, hrm: puzzles that have a vector of their own"},
    {CHOICE("model.position_encoding", model.position_encoding, trm_position_encoding_name),
     .quiet = true, .unit = "", .doc = "trm-paper, hrm: how attention knows where a token stands"},
    {BOOL("model.mlp_t", model.mlp_t), .quiet = true, .unit = "",
     .doc = "trm-paper: a SwiGLU over tokens in place of attention"},
    {I32("model.token_feedforward", model.token_feedforward, 0, 65536), .quiet = true,
     .unit = "units", .doc = "trm-paper: hidden units of mlp_t; 0: as many as the paper's code"},
    {F32("model.rope_theta", model.rope_theta, 1, 1e9), .quiet = true, .unit = "",
     .doc = "trm-paper, hrm: base of rope's angles"},
    {F32("model.norm_eps", model.norm_eps, 0, 1), .quiet = true, .unit = "",
     .doc = "trm-paper, hrm: what RMSNorm adds to the mean square"},
    {F32("model.xavier_gain", model.xavier_gain, 0, 100), .unit = "",
     .doc = "above 0: Xavier weights with this gain and zero biases; 0: PyTorch's default"},

    {CHOICE("train.algorithm", train.algorithm, algorithm_name), .unit = "",
     .doc = "how the model learns"},
    {TEXT("train.from", from), .unit = "",
     .doc =
         "weights to begin with: a run, a checkpoint, or a model that comes along; empty: drawn"},
    {I64("train.episodes", train.episodes, 1, MAX_EPISODES), .unit = "episodes",
     .doc = "length of the training"},
    {I32("train.epochs", train.epochs, 1, 1e9), .unit = "epochs",
     .doc = "supervised: passes over the training samples"},
    {I32("train.batch", train.batch, 1, 65536), .unit = "samples",
     .doc = "supervised: samples an update; imitation with model.read_at_agent: boards"},
    {CHOICE("train.supervision", train.supervision, supervision_name), .unit = "",
     .doc = "weight of step i in the loss, 1 + 0.1 i or 1; carried (supervised): an update a step"},
    {CHOICE("train.loss", train.loss, loss_name), .unit = "",
     .doc = "supervised: cross entropy of softmax or of stable-max"},
    {F32("train.ema", train.ema, 0, 0.999999), .unit = "",
     .doc = "supervised: decay of the averaged weights that are judged and saved; 0: none"},
    {BOOL("train.cosine", train.cosine), .unit = "",
     .doc = "supervised: lr also falls to 0 along a cosine over the training"},
    {I32("train.envs", train.envs, 1, 4096), .unit = "episodes",
     .doc = "episodes an update, each in an environment of its own"},
    {I32("train.threads", train.threads, 1, 64), .unit = "threads",
     .doc = "threads that share an update's work; never changes a result"},
    {F32("train.gamma", train.gamma, 0, 1), .unit = "", .doc = "discount a step"},
    {F32("train.lr", train.lr, 0, 1e6), .unit = "", .doc = "Adam's learning rate"},
    {F32("train.entropy", train.entropy, 0, 1e6), .unit = "",
     .doc = "weight of the entropy bonus in the loss"},
    {F32("train.clip", train.clip, 0, 1e6), .unit = "",
     .doc = "largest global norm of the gradient; 0: no clipping"},
    {I32("train.warmup", train.warmup, 0, 1e9), .unit = "updates",
     .doc = "updates over which lr rises from 0; 0: none"},
    {F32("train.decay", train.decay, 0, 1), .unit = "",
     .doc = "factor on lr an update after the warm-up; 1: none"},
    {F32("train.beta2", train.beta2, 0, 0.999999), .unit = "",
     .doc = "Adam's memory of squared gradients; the less, the less one large gradient does"},
    {F32("train.weight_decay", train.weight_decay, 0, 1e6), .unit = "",
     .doc = "L2 weight added to the gradient, as in Adam"},
    {CHOICE("train.baseline", train.baseline, baseline_name), .unit = "",
     .doc = "what normalises returns: the episode's own mean and deviation, or running ones"},
    {F32("train.baseline_rate", train.baseline_rate, 1e-6, 1), .unit = "",
     .doc = "running baseline: weight of the newest episode"},
    {BOOL("train.mask_actions", env.mask_actions), .unit = "",
     .doc = "actions that would change nothing cannot be chosen, in training and afterwards"},
    {BOOL("train.deep_supervision", train.deep_supervision), .unit = "",
     .doc = "in an environment: the loss on every cycle's answer, weighted by train.supervision"},
    {BOOL("train.halting", train.halting), .unit = "",
     .doc = "trm-full in an environment: a head learns when more cycles would change nothing"},
    {F32("train.gae", train.gae, 0, 1), .unit = "",
     .doc = "actor-critic, ppo: lambda of the advantages"},
    {F32("train.value", train.value, 0, 1e6), .unit = "",
     .doc = "actor-critic, ppo: weight of the value's squared error in the loss"},
    {F32("train.ratio_clip", train.ratio_clip, 0, 1e6), .unit = "",
     .doc = "ppo: how far the probability ratio may go from 1"},
    {I32("train.passes", train.passes, 1, 1000), .unit = "passes",
     .doc = "ppo: over an update's steps"},
    {I32("train.minibatches", train.minibatches, 1, 1000), .unit = "parts",
     .doc = "ppo: into which each pass is divided, one optimiser step each"},
    {BOOL("train.broadcast_bug", train.broadcast_bug), .unit = "",
     .doc = "the original's (T,T) product instead of the policy gradient"},

    {I64("run.checkpoint_every", checkpoint_every, 0, MAX_EPISODES), .unit = "updates",
     .doc = "updates between checkpoints; 0: only at the end"},
    {I64("run.record_mib", record_mib, 0, 1048576), .unit = "MiB",
     .doc = "most that the record for `trm replay` takes on disk; 0: none"},
};

enum { KEY_COUNT = sizeof keys / sizeof *keys };

const config_key *config_key_at(size_t i) {
    return i < KEY_COUNT ? &keys[i] : NULL;
}

const config_key *config_key_find(const char *path) {
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(keys[i].path, path) == 0)
            return &keys[i];
    return NULL;
}

static const char *leaf(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

static const char *path_at(const void *ctx, size_t i) {
    (void)ctx;
    return keys[i].path;
}

const char *config_key_nearest(const char *path) {
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(leaf(keys[i].path), leaf(path)) == 0)
            return keys[i].path;
    return trm_text_nearest(path, path_at, NULL, KEY_COUNT);
}

static void *field(const config_key *k, trm_config *c) {
    return (char *)c + k->offset;
}

static const void *const_field(const config_key *k, const trm_config *c) {
    return (const char *)c + k->offset;
}

static bool is_whole(const config_key *k) {
    return k->type == KEY_I32 || k->type == KEY_I64;
}

bool config_label_valid(const char *text, size_t size) {
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return text[0] != '.' && strlen(text) < size && text[strspn(text, allowed)] == '\0';
}

config_value config_key_read(const config_key *k, const char *word) {
    config_value v = {.kind = VALUE_STRING, .string = word, .word = true};
    if (k->type == KEY_BOOL && (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)) {
        v.kind = VALUE_BOOL;
        v.truth = word[0] == 't';
    } else if ((is_whole(k) || k->type == KEY_F32) && trm_text_to_f64(word, &v.number)) {
        v.kind = VALUE_NUMBER;
    } else if (k->optional && strcmp(word, "null") == 0) {
        v.kind = VALUE_NULL;
    }
    return v;
}

static void print_number(const config_key *k, double x, json_text *out) {
    char text[32];
    if (is_whole(k)) {
        json_append(out, "%.0f", x);
    } else {
        trm_text_from_f64(text, x);
        json_append(out, "%s", text);
    }
}

static void print_choices(const config_key *k, json_text *out) {
    for (int32_t i = 0; k->choice(i); i++)
        json_append(out, "%s%s", i ? ", " : "", k->choice(i));
}

void config_key_print_type(const config_key *k, json_text *out) {
    switch (k->type) {
    case KEY_LABEL:
        json_append(out, "name");
        return;
    case KEY_TEXT:
        json_append(out, "path");
        return;
    case KEY_CHOICE:
        print_choices(k, out);
        return;
    case KEY_BOOL:
        json_append(out, "true, false");
        return;
    case KEY_I32:
    case KEY_I64:
    case KEY_F32:
        break;
    }
    print_number(k, k->min, out);
    json_append(out, "..");
    print_number(k, k->max, out);
    if (k->unit[0])
        json_append(out, " %s", k->unit);
    if (k->step > 1)
        json_append(out, ", multiples of %d", (int)k->step);
    if (k->optional)
        json_append(out, ", null");
}

static bool wrong_type(const config_key *k, const char *expected, const config_value *v,
                       trm_error *e) {
    static const char *const kinds[] = {"null",     "true or false", "a number",
                                        "a string", "an array",      "an object"};
    if (v->word)
        return trm_error_set(e, TRM_E_INPUT, "%s: expected %s, found \"%s\"", k->path, expected,
                             v->string);
    return trm_error_set(e, TRM_E_INPUT, "%s: expected %s, found %s", k->path, expected,
                         kinds[v->kind]);
}

static const char *choice_at(const void *ctx, size_t i) {
    const config_key *k = ctx;
    return k->choice((int32_t)i);
}

static bool set_choice(const config_key *k, trm_config *c, const char *value, trm_error *e) {
    size_t n = 0;
    for (; k->choice((int32_t)n); n++)
        if (strcmp(k->choice((int32_t)n), value) == 0)
            return trm_text_copy(field(k, c), k->size, value);
    const char *near = trm_text_nearest(value, choice_at, k, n);
    if (near)
        return trm_error_set(e, TRM_E_INPUT, "%s: unknown \"%s\" (did you mean %s?)", k->path,
                             value, near);
    json_text list = {0};
    print_choices(k, &list);
    trm_error_set(e, TRM_E_INPUT, "%s: unknown \"%s\" (known: %s)", k->path, value, list.data);
    free(list.data);
    return false;
}

static bool out_of_range(const config_key *k, double x, trm_error *e) {
    char found[32];
    json_text range = {0};
    print_number(k, k->min, &range);
    json_append(&range, "..");
    print_number(k, k->max, &range);
    trm_text_from_f64(found, x);
    trm_error_set(e, TRM_E_INPUT, "%s: %s is out of range %s", k->path,
                  isfinite(x) ? found : "a number too large to hold", range.data);
    free(range.data);
    return false;
}

static bool set_number(const config_key *k, trm_config *c, double x, trm_error *e) {
    char found[32];
    if (!(x >= k->min && x <= k->max))
        return out_of_range(k, x, e);
    trm_text_from_f64(found, x);
    if (is_whole(k) && x != floor(x))
        return trm_error_set(e, TRM_E_INPUT, "%s: expected a whole number, found %s", k->path,
                             found);
    if (k->step > 1 && fmod(x, k->step) != 0)
        return trm_error_set(e, TRM_E_INPUT, "%s: expected a multiple of %d, found %s", k->path,
                             (int)k->step, found);
    if (k->type == KEY_I32)
        *(int32_t *)field(k, c) = (int32_t)x;
    else if (k->type == KEY_I64)
        *(int64_t *)field(k, c) = (int64_t)x;
    else
        *(float *)field(k, c) = (float)x;
    return true;
}

bool config_key_set(const config_key *k, trm_config *c, const config_value *v, trm_error *e) {
    switch (k->type) {
    case KEY_LABEL:
        if (v->kind != VALUE_STRING)
            return wrong_type(k, "a string", v, e);
        if (!config_label_valid(v->string, k->size))
            return trm_error_set(e, TRM_E_INPUT,
                                 "%s: expected at most %d letters, digits, '.', '_' or '-' (no "
                                 "'.' first), found \"%s\"",
                                 k->path, (int)k->size - 1, v->string);
        return trm_text_copy(field(k, c), k->size, v->string);
    case KEY_TEXT:
        if (v->kind != VALUE_STRING)
            return wrong_type(k, "a string", v, e);
        if (strlen(v->string) >= k->size)
            return trm_error_set(e, TRM_E_INPUT, "%s: expected at most %d bytes, found %zu",
                                 k->path, (int)k->size - 1, strlen(v->string));
        // What stands in config.json must be read back from it.
        if (json_utf8_check(v->string, strlen(v->string)) < strlen(v->string))
            return trm_error_set(e, TRM_E_INPUT, "%s: not UTF-8", k->path);
        return trm_text_copy(field(k, c), k->size, v->string);
    case KEY_CHOICE:
        if (v->kind != VALUE_STRING)
            return wrong_type(k, "a string", v, e);
        return set_choice(k, c, v->string, e);
    case KEY_BOOL:
        if (v->kind != VALUE_BOOL)
            return wrong_type(k, "true or false", v, e);
        *(bool *)field(k, c) = v->truth;
        return true;
    case KEY_I32:
    case KEY_I64:
    case KEY_F32:
        if (k->optional && v->kind == VALUE_NULL) {
            *(float *)field(k, c) = NAN;
            return true;
        }
        if (v->kind != VALUE_NUMBER)
            return wrong_type(k, is_whole(k) ? "a whole number" : "a number", v, e);
        return set_number(k, c, v->number, e);
    }
    return false;
}

// Reading goes through a double: a text that only a float's own reader would round right is
// written with the digits of the double instead.
static void print_float(float x, json_text *out) {
    char text[32];
    double back;
    trm_text_from_f32(text, x);
    if (!trm_text_to_f64(text, &back) || (float)back != x)
        trm_text_from_f64(text, x);
    json_append(out, "%s", text);
}

void config_key_print(const config_key *k, const trm_config *c, json_text *out) {
    const void *f = const_field(k, c);
    switch (k->type) {
    case KEY_LABEL:
    case KEY_TEXT:
    case KEY_CHOICE:
        json_append_string(out, f);
        return;
    case KEY_BOOL:
        json_append(out, "%s", *(const bool *)f ? "true" : "false");
        return;
    case KEY_I32:
        json_append(out, "%lld", (long long)*(const int32_t *)f);
        return;
    case KEY_I64:
        json_append(out, "%lld", (long long)*(const int64_t *)f);
        return;
    case KEY_F32:
        print_float(*(const float *)f, out);
        return;
    }
}

bool config_key_equal(const config_key *k, const trm_config *a, const trm_config *b) {
    if (k->type == KEY_LABEL || k->type == KEY_TEXT || k->type == KEY_CHOICE)
        return strcmp(const_field(k, a), const_field(k, b)) == 0;
    if (k->optional && isnan(*(const float *)const_field(k, a)))
        return isnan(*(const float *)const_field(k, b));
    return memcmp(const_field(k, a), const_field(k, b), k->size) == 0;
}
