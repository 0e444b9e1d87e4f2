// SPDX-License-Identifier: Apache-2.0
// What help and the man page list besides commands, options and keys: one row each.
#ifndef TRM_CLI_HELP_TABLES_H
#define TRM_CLI_HELP_TABLES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct trm_help_row {
    const char *name, *what; // a word; a sentence or two
} trm_help_row;

// Each ends with a name of NULL.
extern const trm_help_row trm_help_environment[]; // variables that the program reads
extern const trm_help_row trm_help_files[];
extern const trm_help_row trm_help_exits[]; // every exit status, in digits

// ---- kinds of words -----------------------------------------------------------------------------

typedef void trm_word_each(void *ctx, const char *name, const char *what);

typedef enum trm_word_paths { TRM_PATHS_NONE, TRM_PATHS_FOLDERS, TRM_PATHS_FILES } trm_word_paths;

// A kind of word, as `words` of a command and `value` of an option call it in capitals.
typedef struct trm_word_kind {
    const char *name; // "PRESET"
    const char *what; // "a named configuration"
    // Calls `each` with every name that it can have, `what` NULL where there is nothing to say.
    // NULL: there are no such names.
    void (*names)(trm_word_each *each, void *ctx);
    bool listed;          // its names are few enough to stand in the help
    trm_word_paths paths; // paths of which kind it can be, too
    const char *suffix;   // … of files with this ending; NULL: any
} trm_word_kind;

enum { TRM_WORD_KINDS = 16 };

const trm_word_kind *trm_word_kind_at(int32_t i); // NULL past the last

// The kinds that a line of words names, in order, each once: "[ENV|RUN...] -o FILE" has ENV and
// RUN. What follows an option is that option's. Returns how many.
int32_t trm_word_kinds_of(const char *words, const trm_word_kind *out[TRM_WORD_KINDS]);

// Those of a command's words; key=value where it takes that.
struct trm_command;
int32_t trm_word_kinds_taken(const struct trm_command *command,
                             const trm_word_kind *out[TRM_WORD_KINDS]);

// key=value: its names are the configuration's keys.
extern const trm_word_kind trm_word_setting;

#endif
