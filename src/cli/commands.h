// SPDX-License-Identifier: Apache-2.0
// A command of the program: what `trm` dispatches to and what its help is printed from.
#ifndef TRM_CLI_COMMANDS_H
#define TRM_CLI_COMMANDS_H

#include <stdbool.h>

struct trm_option;

typedef struct trm_command {
    const char *name;
    const char *summary;              // one line, for the list of commands
    const char *usage;                // what stands after "trm "
    const char *about;                // a paragraph, lines of at most 78 characters
    const char *example;              // lines to type
    const struct trm_option *options; // ends with a name of NULL
    int words_min, words_max;         // words that are neither options nor key=value
    bool overrides;                   // key=value words are taken
    // argv[0] is the command's name. Returns the exit status.
    int (*run)(const struct trm_command *command, int argc, char **argv);
} trm_command;

// One a command, each in a file of its own.
extern const trm_command trm_command_watch;
extern const trm_command trm_command_train;
extern const trm_command trm_command_compare;
extern const trm_command trm_command_replay;
extern const trm_command trm_command_eval;
extern const trm_command trm_command_play;
extern const trm_command trm_command_versus;
extern const trm_command trm_command_probe;
extern const trm_command trm_command_reproduce;
extern const trm_command trm_command_diagnose;
extern const trm_command trm_command_bench;
extern const trm_command trm_command_plot;
extern const trm_command trm_command_presets;
extern const trm_command trm_command_export;

#endif
