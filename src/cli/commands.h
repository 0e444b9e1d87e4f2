// SPDX-License-Identifier: Apache-2.0
// The commands of the program: one row each. Dispatch, help, the man page, the shells' completions
// and their tests are all made from these rows and the options in them.
#ifndef TRM_CLI_COMMANDS_H
#define TRM_CLI_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trm_option;
struct trm_words;

// Which of the processes that mpirun has started run a command. There is no default.
typedef enum trm_ranks {
    TRM_RANKS_FIRST = 1, // rank 0, as without mpirun
    TRM_RANKS_ALL        // rank 0, and it gives work to the others (trm/run/cluster.h)
} trm_ranks;

typedef struct trm_command {
    const char *name;
    const char *summary;              // one line, for the list of commands
    const char *words;                // "PRESET|CONFIG|RUN", "MODEL FILE"; see cli/help/words.h
    const char *about;                // a paragraph, without line breaks
    const char *const *examples;      // lines to type; ends with NULL
    const struct trm_option *options; // ends with a name of NULL
    size_t options_size;              // of the struct that they fill …
    const void *defaults;             // … and what it holds before; NULL: zeros
    int words_min, words_max;         // words that are neither options nor key=value
    bool overrides;                   // key=value words are taken
    trm_ranks ranks;
    // Returns the exit status. options: the struct that was filled.
    int (*run)(const struct trm_words *words, void *options);
} trm_command;

// Every command, in the order of listing. Each is trm_command_NAME in a file of its own.
#define TRM_COMMANDS(ROW)                                                                          \
    ROW(demo)                                                                                      \
    ROW(tour)                                                                                      \
    ROW(watch)                                                                                     \
    ROW(train)                                                                                     \
    ROW(replay)                                                                                    \
    ROW(runs)                                                                                      \
    ROW(play)                                                                                      \
    ROW(versus)                                                                                    \
    ROW(compare)                                                                                   \
    ROW(reproduce)                                                                                 \
    ROW(eval)                                                                                      \
    ROW(probe)                                                                                     \
    ROW(diagnose)                                                                                  \
    ROW(plot)                                                                                      \
    ROW(bench)                                                                                     \
    ROW(presets)                                                                                   \
    ROW(boards)                                                                                    \
    ROW(models)                                                                                    \
    ROW(export)                                                                                    \
    ROW(help)

#define ROW(name) extern const trm_command trm_command_##name;
TRM_COMMANDS(ROW)
#undef ROW

const trm_command *trm_command_at(int32_t i); // NULL past the last
const trm_command *trm_command_find(const char *name);

// One line with the nearest name. Returns the exit status.
int trm_command_unknown(const char *name);

#endif
