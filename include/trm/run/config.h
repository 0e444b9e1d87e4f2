// SPDX-License-Identifier: Apache-2.0
// The configuration of a run: JSON, presets, and `key.path=value` words. One table of keys
// (src/run/config/keys.c) holds path, type, unit, range and a line of documentation; parsing,
// printing, checking and `trm presets --describe` all read it.
#ifndef TRM_RUN_CONFIG_H
#define TRM_RUN_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/env/dataset.h"
#include "trm/env/env.h"
#include "trm/model/model.h"
#include "trm/train/learner.h"

TRM_BEGIN_DECLS

enum { TRM_CONFIG_NAME = 48 };

typedef struct trm_config {
    char preset[TRM_CONFIG_NAME]; // "preset": a label, where it came from; "" if from nowhere by
                                  // name
    int64_t seed;                 // 0 .. 2^53 - 1
    trm_env_config env;
    trm_dataset_config data; // type "none": reinforcement learning in env; see trm_config_data
    trm_model_config model;
    trm_train_config train;
    char from[TRM_ENV_PATH];  // train.from: weights to begin with (trm_checkpoint_begin); "": drawn
    int64_t checkpoint_every; // run.checkpoint_every, updates; 0: only at the end
    int64_t record_mib;       // run.record_mib: most that the record of its course takes; 0: none
} trm_config;

// Every key at its default.
trm_config trm_config_default(void);

// Leaves out the paths of this machine, which mean nothing on another: boards are generated then,
// and where a training began is told only if that was a bundled model.
void trm_config_leave_paths_out(trm_config *c);

// Reads a JSON text over *c: only the keys that stand in it change. `name` is what errors call the
// text. Syntax errors are reported with line and column; unknown keys with the nearest known one;
// wrong types and values out of range with what was found and what is allowed. On failure *c is
// unchanged.
bool trm_config_parse(trm_config *c, const char *name, const char *text, trm_error *e);

// Applies one "key.path=value" word; or n of them, in order.
bool trm_config_override(trm_config *c, const char *word, trm_error *e);
bool trm_config_override_all(trm_config *c, char *const *words, int n, trm_error *e);

// Does one of the words set this key?
bool trm_config_words_set(char *const *words, int n, const char *key);

// What is done with a configuration: a key matters to some of it and not to the rest.
typedef enum trm_config_use {
    TRM_USE_TRAIN = 1 << 0,    // a training that is recorded
    TRM_USE_COMPARE = 1 << 1,  // a training beside others, without a record
    TRM_USE_BENCH = 1 << 2,    // how fast a training is
    TRM_USE_DIAGNOSE = 1 << 3, // what keeps a training in an environment from learning
    TRM_USE_EXAMINE = 1 << 4,  // the same of a supervised one: its data and its answers
    TRM_USE_EVAL = 1 << 5,  // a model, asked about boards or samples that the configuration draws
    TRM_USE_MODEL = 1 << 6, // a model, whoever gives the state
    TRM_USE_BOARD = 1 << 7  // a board to play on
} trm_config_use;

typedef struct trm_config_asked {
    const trm_config *config;
    unsigned uses; // of trm_config_use, any of which will do
} trm_config_asked;

// Judges key=value words that a person typed, once all of them have been applied to the configs:
// fails on the first that has no effect on any of what is asked (count >= 1), with one line that
// says why and names the keys that do. A word that sets what was set already is judged alike.
bool trm_config_check_words(const trm_config_asked *asked, int count, char *const *words, int n,
                            trm_error *e);

// Fills *c from a preset's name. Unknown: the nearest is offered.
bool trm_config_preset(trm_config *c, const char *name, trm_error *e);

// PRESET, or the path of a JSON file, or of a run directory (its config.json). A word that looks
// like a path (has a '/' or ends in .json) or exists as a directory is one. What a file does not
// say is at its default; a file without "preset" is labelled with its own name.
bool trm_config_load(trm_config *c, const char *preset_or_path, trm_error *e);

// The whole configuration as JSON text, keys in table order, floats that read back exactly.
// malloc'd.
char *trm_config_print(const trm_config *c);

// Checks what single keys cannot: combinations (broadcast_bug needs one environment, …).
bool trm_config_check(const trm_config *c, trm_error *e);

// Learning from a data set (train.algorithm supervised) rather than in an environment?
bool trm_config_supervised(const trm_config *c);

// The model's configuration with the sizes that the environment or the data set gives.
bool trm_config_model(const trm_config *c, trm_model_config *out, trm_error *e);

// The environment that a model of this configuration plays in: its own, or, where it learned to
// answer sudokus, that of the same boards, with only legal digits to choose from and placed ones
// shown as given. Fails for data sets that are nothing to act on.
bool trm_config_board(const trm_config *c, trm_env_config *out, trm_error *e);

// The other way round, at its default otherwise: the configuration of a model that plays in env.
trm_config trm_config_of_player(const trm_env *env, const trm_model *m);

// Presets, in the order of listing; NULL past the last.
const char *trm_preset_name(int32_t i);
bool trm_preset_exists(const char *name);
const char *trm_preset_summary(int32_t i);
const char *trm_preset_module(int32_t i); // the original's module it stands for, or ""

// What a curve of whole answers right is to be held against: another training that was measured
// (assets/doc/first.md). NULL: nothing was, for this preset. *share: 0 to 1.
const char *trm_preset_yardstick(const char *preset, float *share);

// A key of the configuration, for listings.
typedef struct trm_config_key {
    const char *path, *doc;
    const char *(*choice)(int32_t i); // the values it can have, NULL past the last; NULL: others
} trm_config_key;

bool trm_config_key_at(int32_t i, trm_config_key *out); // false past the last

// The data set of a supervised configuration, with the puzzles of env.puzzles where it has such,
// and in the encoding that the model reads.
trm_dataset_config trm_config_data(const trm_config *c);

// Prints the key table: path, type and range, default, where it applies and what it is.
void trm_config_describe(FILE *out);

TRM_END_DECLS

#endif
