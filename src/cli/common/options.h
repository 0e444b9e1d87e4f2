// SPDX-License-Identifier: Apache-2.0
// Command lines read by tables. Every command takes --help, -h and --version besides its own
// options; `--name value` and `--name=value` are the same; `--` ends the options.
#ifndef TRM_CLI_OPTIONS_H
#define TRM_CLI_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/commands.h"

typedef enum trm_option_kind {
    TRM_OPTION_FLAG,  // sets a bool
    TRM_OPTION_COUNT, // an int64_t from min to max
    TRM_OPTION_TEXT,  // a const char *, borrowed from argv
    TRM_OPTION_CHOICE // an int: the index in choices
} trm_option_kind;

typedef struct trm_option {
    const char *name;  // "--out"
    const char *value; // how the help calls its value, "DIR"; NULL for a flag
    const char *help;  // one line
    trm_option_kind kind;
    size_t offset; // of its field in the command's struct of options
    int64_t min, max;
    const char *const *choices; // ends with NULL
} trm_option;

// The words of a command line that are not options. Both arrays are allocated, their strings are
// argv's.
typedef struct trm_words {
    char **plain;
    int plain_count;
    char **overrides; // key=value
    int override_count;
} trm_words;

// Go on: not an exit status.
enum { TRM_OPTIONS_GO = -1 };

// Fills the command's struct of options (already holding the defaults) and *words (free with
// trm_words_free after TRM_OPTIONS_GO). Otherwise help was printed or one line of complaint, and
// the result is the exit status.
int trm_options_parse(const trm_command *command, int argc, char **argv, void *fields,
                      trm_words *words);
void trm_words_free(trm_words *words);

// Colours are wanted: neither --no-color (told by no_color) nor the variable NO_COLOR says no.
bool trm_options_color(bool no_color);

// Usage, paragraph, options, exit statuses and example, to standard output.
void trm_options_help(const trm_command *command);

#endif
