// SPDX-License-Identifier: Apache-2.0
// The key table of the configuration: the one place where a key's path, type, range, unit,
// documentation and where it applies stand. A new key is one new entry.
#ifndef RUN_CONFIG_KEYS_H
#define RUN_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run/json.h"
#include "trm/base/error.h"
#include "trm/run/config.h"

typedef enum trm_config_key_type {
    KEY_LABEL,  // a name: letters, digits, '.', '_', '-'
    KEY_TEXT,   // any text that fits: a path
    KEY_CHOICE, // one of choice(0), choice(1), …
    KEY_BOOL,
    KEY_I32,
    KEY_I64,
    KEY_F32,
} trm_config_key_type;

// What has to read a key's field for it to matter.
typedef enum trm_config_reader {
    CONFIG_BY_SECTION, // env.*: the environment, data.*: the data set, model.*: the architecture,
                       // train.*: the algorithm; the rest: nothing has to
    CONFIG_BY_NONE,
    CONFIG_BY_ENV,
    CONFIG_BY_DATA,
    CONFIG_BY_MODEL,
    CONFIG_BY_ALGORITHM,
    CONFIG_BY_PUZZLES, // the environment, or the data set where that is learned from
    CONFIG_BY_GIVENS   // the environment, or a board to play on made from a data set
} trm_config_reader;

// What a key is there for: keys of one purpose are offered for one another.
typedef enum trm_config_purpose {
    CONFIG_KIND,
    CONFIG_BOARD,
    CONFIG_REWARD,
    CONFIG_SEEN,
    CONFIG_SAMPLES,
    CONFIG_MODEL,
    CONFIG_CYCLES,
    CONFIG_HALTING,
    CONFIG_START,
    CONFIG_LENGTH,
    CONFIG_UPDATE,
    CONFIG_LOSS,
    CONFIG_RETURNS,
    CONFIG_RATE,
    CONFIG_STEADY,
    CONFIG_RECORD
} trm_config_purpose;

// Something else that must be so for a key to matter.
typedef struct trm_config_condition {
    bool (*holds)(const trm_config *c);
    const char *says; // "train.baseline=running"
} trm_config_condition;

typedef struct trm_config_row {
    const char *path; // "section.name", or "name" at the top; a section's keys stand together
    trm_config_key_type type;
    size_t offset, size; // the field in trm_config
    double min, max;     // of numbers; whole ones are below 2^53
    int32_t step;        // whole numbers: a multiple of this; 0 is 1
    bool optional;       // KEY_F32: may be null, which is NaN
    bool quiet;          // written only where it is not at its default: a key that came
                         // later changes no byte of files that do without it
    const char *(*choice)(int32_t i); // NULL past the last
    unsigned uses;                    // trm_config_use: to which it matters
    trm_config_reader reader;
    trm_config_purpose purpose;
    const trm_config_condition *only; // NULL: none
    const char *unit;                 // NULL: none
    const char *doc;
} trm_config_row;

// What a text gives a key, before anything was checked.
typedef struct trm_config_value {
    enum { VALUE_NULL, VALUE_BOOL, VALUE_NUMBER, VALUE_STRING, VALUE_ARRAY, VALUE_OBJECT } kind;
    double number;
    bool truth;
    const char *string;
    bool word; // comes from a key=value word: errors quote what stood there
} trm_config_value;

const trm_config_row *trm_config_row_at(size_t i); // NULL past the last
const trm_config_row *trm_config_key_find(const char *path);

// The key most likely meant: the same name in another section, or the nearest path; else NULL.
const char *trm_config_key_nearest(const char *path);

// Checks and stores. Errors start with the key's path. On failure *c is unchanged.
bool trm_config_key_set(const trm_config_row *k, trm_config *c, const trm_config_value *v,
                        trm_error *e);

// The value of a key=value word for this key, by its type.
trm_config_value trm_config_key_read(const trm_config_row *k, const char *word);

// Appends the value as JSON.
void trm_config_key_print(const trm_config_row *k, const trm_config *c, trm_json_buffer *out);

// Does the key matter to any of these uses of the configuration?
bool trm_config_key_applies(const trm_config_row *k, const trm_config *c, unsigned uses);

// Appends for what a key is, for people: "maze", "trm-full, trm-attn"; nothing where that is
// everything.
void trm_config_key_print_where(const trm_config_row *k, trm_json_buffer *out);

// Appends the type with range and unit, or the choices, for people.
void trm_config_key_print_type(const trm_config_row *k, trm_json_buffer *out);

bool trm_config_key_equal(const trm_config_row *k, const trm_config *a, const trm_config *b);

// True if `text` may be a label that fits in `size` bytes.
bool trm_config_label_valid(const char *text, size_t size);

#endif
