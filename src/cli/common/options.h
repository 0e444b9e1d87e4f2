// SPDX-License-Identifier: Apache-2.0
// Command lines read by tables. Every command takes --help, -h and --version besides its own
// options; `--name value` and `--name=value` are the same; `--` ends the options.
#ifndef TRM_CLI_OPTIONS_H
#define TRM_CLI_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/commands.h"
#include "trm/base/error.h"
#include "trm/tui/screens.h"

typedef enum trm_option_kind {
    TRM_OPTION_FLAG,  // sets a bool
    TRM_OPTION_COUNT, // an int64_t from min to max
    TRM_OPTION_TEXT,  // a const char *, borrowed from argv
    TRM_OPTION_CHOICE // an int: the index in choices
} trm_option_kind;

typedef struct trm_option {
    const char *name;     // "--out"
    const char *alias;    // "-o"; NULL for none
    const char *value;    // how the help calls its value, "DIR"; NULL for a flag
    const char *help;     // one sentence
    const char *fallback; // what holds without it; NULL: nothing to say
    trm_option_kind kind;
    size_t offset; // of its field in the command's struct of options
    int64_t min, max;
    const char *const *choices; // ends with NULL
} trm_option;

// A row for a flag: sets FIELD, a bool of the struct TYPE.
#define TRM_FLAG(TYPE, FIELD, NAME, HELP)                                                          \
    { .name = NAME, .help = HELP, .kind = TRM_OPTION_FLAG, .offset = offsetof(TYPE, FIELD) }

// A row for a text: sets FIELD, a const char *.
#define TRM_TEXT(TYPE, FIELD, NAME, VALUE, HELP, FALLBACK)                                         \
    {                                                                                              \
        .name = NAME, .value = VALUE, .help = HELP, .fallback = FALLBACK, .kind = TRM_OPTION_TEXT, \
        .offset = offsetof(TYPE, FIELD)                                                            \
    }

// ---- options that several commands share: one definition each -----------------------------------
// TYPE is the command's struct of options; each sets the field of its own name.

#define TRM_SHARED_JSON(TYPE)  TRM_FLAG(TYPE, json, "--json", "print JSON instead of text")
#define TRM_SHARED_QUICK(TYPE) TRM_FLAG(TYPE, quick, "--quick", "measure faster and less precisely")

#define TRM_SHARED_OUT(TYPE, FALLBACK)                                                             \
    TRM_TEXT(TYPE, out, "--out", "DIR",                                                            \
             "record the run in this folder, new or empty unless resumed", FALLBACK)

#define TRM_SHARED_RESUME(TYPE)                                                                    \
    TRM_FLAG(TYPE, resume, "--resume", "continue the run in RUN or DIR from its checkpoint")

#define TRM_SHARED_FOLLOW(TYPE)                                                                    \
    TRM_FLAG(TYPE, follow, "--follow",                                                             \
             "only look at RUN, whoever trains it; nothing is trained here")

#define TRM_SHARED_TENSORBOARD(TYPE)                                                               \
    TRM_TEXT(TYPE, tensorboard, "--tensorboard", "DIR",                                            \
             "write metrics and pictures of boards as an event file in this folder", NULL)

#define TRM_SHARED_ACTIVATIONS(TYPE)                                                               \
    TRM_TEXT(TYPE, activations, "--activations", "FILE",                                           \
             "write all that the model computed: to FILE.safetensors, or FILE.npy for one input, " \
             "FILE.npz for a moment of a run",                                                     \
             NULL)

// A whole number from LEAST to MOST.
#define TRM_COUNT(TYPE, FIELD, NAME, HELP, LEAST, MOST, FALLBACK)                                  \
    {                                                                                              \
        .name = NAME, .value = "N", .help = HELP, .fallback = FALLBACK, .kind = TRM_OPTION_COUNT,  \
        .offset = offsetof(TYPE, FIELD), .min = LEAST, .max = MOST                                 \
    }

#define TRM_SHARED_EPISODES(TYPE, LEAST, MOST, FALLBACK)                                           \
    TRM_COUNT(TYPE, episodes, "--episodes", "number of episodes, or of held-out samples", LEAST,   \
              MOST, FALLBACK)

#define TRM_SHARED_SEEDS(TYPE, MOST, FALLBACK)                                                     \
    TRM_COUNT(TYPE, seeds, "--seeds", "train each with N random seeds, counting up by one", 1,     \
              MOST, FALLBACK)

#define TRM_SHARED_THREADS(TYPE, MOST, FALLBACK)                                                   \
    TRM_COUNT(TYPE, threads, "--threads", "number of threads; results do not depend on it", 1,     \
              MOST, FALLBACK)

// How a screen is drawn. A command that opens one has this as the field `display`.
typedef struct trm_display {
    bool ascii, no_color, no_mouse;
    int theme; // of trm_display_themes
    const char *record;
} trm_display;

// How a screen is drawn: what the command line says, then the variables, then the
// settings of $XDG_CONFIG_HOME/trm/settings.json or ~/.config/trm/settings.json:
// {"theme": "light", "ascii": false, "color": true, "mouse": true}. One line on
// standard error says what in that file is not understood; the rest of it counts.
trm_screen_options trm_settings_screen(const trm_display *d);

#define TRM_SHARED_DISPLAY(TYPE)                                                                   \
    TRM_FLAG(TYPE, display.ascii, "--ascii", "draw with ASCII characters only"),                   \
        TRM_FLAG(TYPE, display.no_color, "--no-color", "draw without colours"),                    \
        TRM_FLAG(TYPE, display.no_mouse, "--no-mouse", "leave the mouse to the terminal"),         \
        {.name = "--theme",                                                                        \
         .value = "THEME",                                                                         \
         .help = "colours to draw with",                                                           \
         .fallback = "that of settings.json, or dark",                                             \
         .kind = TRM_OPTION_CHOICE,                                                                \
         .offset = offsetof(TYPE, display.theme),                                                  \
         .choices = trm_display_themes},                                                           \
        TRM_TEXT(TYPE, display.record, "--record", "FILE",                                         \
                 "record what is drawn: FILE.cast for asciinema, FILE.svg a moving picture", NULL)

// What TRM_SHARED_DISPLAY's --theme takes: "saved", then the names of trm_theme.
extern const char *const trm_display_themes[];

// The same as fields of a screen's options. DISPLAY names a trm_display.
#define TRM_DISPLAY_FIELDS(DISPLAY) .screen = trm_settings_screen(&(DISPLAY))
// Colours are wanted: neither --no-color (told by no_color) nor the variable NO_COLOR
// says no.
bool trm_options_color(bool no_color);

// The first of these options that was given, NULL if none was: it has no effect where
// no screen opens.
const char *trm_display_given(const trm_display *d);

// True if a screen can be drawn; else *e names the command and what is missing.
bool trm_options_terminal(const trm_command *command, trm_error *e);

// ---- reading
// ------------------------------------------------------------------------------------

// The words of a command line that are not options. Both arrays are allocated, their
// strings are argv's.
typedef struct trm_words {
    char **plain;
    int plain_count;
    char **overrides; // key=value
    int override_count;
} trm_words;

// Go on: not an exit status.
enum { TRM_OPTIONS_GO = -1 };

// Fills the command's struct of options (already holding the defaults) and *words
// (free with trm_words_free after TRM_OPTIONS_GO). Otherwise help was printed or one
// line of complaint, and the result is the exit status.
int trm_options_parse(const trm_command *command, int argc, char **argv, void *fields,
                      trm_words *words);
void trm_words_free(trm_words *words);

// Reads a command line, argv[0] being the command's name, and runs it. Returns the
// exit status.
int trm_command_run(const trm_command *command, int argc, char **argv);

// Row i of a command's options: its own, then those that every command takes. NULL
// past the last.
const trm_option *trm_option_at(const trm_command *command, int32_t i);
int32_t trm_option_own(const trm_command *command); // how many are its own

// "train PRESET|CONFIG|RUN [key=value...] [options]"
enum { TRM_USAGE = 160 };
const char *trm_command_usage(const trm_command *command, char out[TRM_USAGE]);

#endif
