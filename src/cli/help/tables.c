// SPDX-License-Identifier: Apache-2.0
#include "cli/help/tables.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/common/report.h"
#include "trm/base/arena.h"
#include "trm/env/env.h"
#include "trm/run/assets.h"
#include "trm/run/config.h"
#include "trm/run/reproduce.h"

const trm_help_row trm_help_environment[] = {
    {"NO_COLOR", "If set and not empty, nothing is drawn in colour."},
    {"TERM", "The kind of terminal. Screens need one that can move the cursor; progress bars need "
             "any that is not dumb."},
    {"LC_ALL",
     "With LC_CTYPE and LANG: the character set. Where it is not UTF-8, screens are drawn "
     "with ASCII characters. Numbers are written the same in every language."},
    {"XDG_STATE_HOME", "The state folder is $XDG_STATE_HOME/trm: the runs of `trm watch` and the "
                       "records of `trm play`. If unset: ~/.local/state/trm."},
    {"XDG_CONFIG_HOME", "The settings are in $XDG_CONFIG_HOME/trm/settings.json. If unset: "
                        "~/.config/trm/settings.json."},
    {"HOME", "Your home folder, where XDG_STATE_HOME is unset, and as ~ in a path typed on a "
             "screen."},
    {"TMPDIR", "Where `trm bench` writes the runs that it times. If unset: /tmp."},
    {0},
};

const trm_help_row trm_help_files[] = {
    {"RUN/config.json", "The whole configuration."},
    {"RUN/metrics.jsonl", "One JSON object per line for each episode, or for each epoch of a "
                          "supervised run. After the first million episodes only every second, "
                          "fourth, eighth … has one, and every new best."},
    {"RUN/episodes.jsonl", "The record that `trm replay` shows: one JSON object per kept episode "
                           "or epoch. "
                           "With RUN/weights it takes at most run.record_mib on disk."},
    {"RUN/weights/", "The weights that played each kept episode."},
    {"RUN/checkpoint.safetensors", "Weights, optimiser and everything else that resuming needs. "
                                   "PyTorch loads the weights as they are."},
    {"RUN/result.json", "The outcome, once training is done."},
    {"RUN/kernels.txt", "The BLAS library and kernel that computed the run, one line for each that "
                        "did. With another one the last bits of weights may differ."},
    {"RUN/checkpoint.request",
     "Asks the process that trains RUN for a checkpoint now, which removes "
     "it: `touch RUN/checkpoint.request`, or s while following."},
    {"$XDG_CONFIG_HOME/trm/settings.json",
     "How screens are drawn, in JSON: theme (dark, light, contrast, colour-blind), ascii, color, "
     "mouse (true, false)."},
    {"$XDG_STATE_HOME/trm/trash/", "Runs deleted on the screen of `trm runs`."},
    {"$XDG_STATE_HOME/trm/runs/", "The last ten runs of `trm watch` without --out."},
    {"$XDG_STATE_HOME/trm/scores.json", "The best results of `trm play`, one per kind of board."},
    {"$XDG_STATE_HOME/trm/welcomed",
     "Says that the start screen has offered its tour, which it does once."},
    {0},
};

#define ROW(name, number, text, more) {#number, more},
const trm_help_row trm_help_exits[] = {TRM_EXITS(ROW){0}};
#undef ROW

// ---- names --------------------------------------------------------------------------------------

static void presets(trm_word_each *each, void *ctx) {
    for (int32_t i = 0; trm_preset_name(i) != NULL; i++)
        each(ctx, trm_preset_name(i), trm_preset_summary(i));
}

static void models(trm_word_each *each, void *ctx) {
    char(*names)[TRM_MODEL_ASSET_NAME] = trm_alloc(TRM_MODEL_ASSETS, sizeof *names);
    int32_t n = trm_model_asset_names(names);
    for (int32_t i = 0; i < n; i++)
        each(ctx, names[i], NULL);
    free(names);
}

static void environments(trm_word_each *each, void *ctx) {
    for (int32_t i = 0; trm_env_name(i) != NULL; i++)
        each(ctx, trm_env_name(i), trm_env_summary(i));
}

static void claims(trm_word_each *each, void *ctx) {
    for (int32_t i = 0; trm_claim_at(i) != NULL; i++)
        each(ctx, trm_claim_at(i)->name, trm_claim_at(i)->claim);
}

static void commands(trm_word_each *each, void *ctx) {
    for (int32_t i = 0; trm_command_at(i) != NULL; i++)
        each(ctx, trm_command_at(i)->name, trm_command_at(i)->summary);
}

static void settings(trm_word_each *each, void *ctx) {
    trm_config_key key;
    for (int32_t i = 0; trm_config_key_at(i, &key); i++)
        each(ctx, key.path, key.doc);
}

// ---- kinds --------------------------------------------------------------------------------------

static const trm_word_kind kinds[] = {
    {.name = "PRESET", .what = "a named configuration; `trm presets` lists them", .names = presets},
    {.name = "CONFIG",
     .what = "a configuration in a JSON file",
     .paths = TRM_PATHS_FILES,
     .suffix = ".json"},
    {.name = "RUN", .what = "the folder of a recorded run", .paths = TRM_PATHS_FOLDERS},
    {.name = "MODEL",
     .what = "a run's folder, a checkpoint, bare weights in safetensors form, or a bundled model",
     .names = models,
     .listed = true,
     .paths = TRM_PATHS_FILES,
     .suffix = ".safetensors"},
    {.name = "ENV", .what = "an environment", .names = environments, .listed = true},
    {.name = "CLAIM", .what = "a claim of the original project", .names = claims, .listed = true},
    {.name = "COMMAND", .what = "the name of a command", .names = commands},
    {.name = "FILE", .what = "a file", .paths = TRM_PATHS_FILES},
    {.name = "DIR", .what = "a folder", .paths = TRM_PATHS_FOLDERS},
    {.name = "PICTURE", .what = "a file whose name ends in .svg or .png", .paths = TRM_PATHS_FILES},
    {.name = "PUZZLE",
     .what = "a digit or a dot (blank) for each cell, row by row; or a file with such a line; or - "
             "for standard input",
     .paths = TRM_PATHS_FILES},
    {.name = "UNITS", .what = "units of the two levels, counted from 0: h:12,l:3"},
    {.name = "WORD", .what = "part of a name"},
};

const trm_word_kind trm_word_setting = {
    .name = "key=value",
    .what = "a setting, such as seed=3; `trm presets --describe` lists them all",
    .names = settings,
};

enum { KINDS = sizeof kinds / sizeof *kinds };
_Static_assert((int)KINDS < (int)TRM_WORD_KINDS, "room for all kinds and key=value");

const trm_word_kind *trm_word_kind_at(int32_t i) {
    return i >= 0 && i < KINDS ? &kinds[i] : NULL;
}

static const trm_word_kind *find(const char *name, size_t length) {
    for (int32_t i = 0; i < KINDS; i++)
        if (strlen(kinds[i].name) == length && strncmp(kinds[i].name, name, length) == 0)
            return &kinds[i];
    return NULL;
}

static bool among(const trm_word_kind *kind, const trm_word_kind *const *all, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        if (all[i] == kind)
            return true;
    return false;
}

int32_t trm_word_kinds_of(const char *words, const trm_word_kind *out[TRM_WORD_KINDS]) {
    int32_t n = 0;
    for (const char *c = words; *c != '\0' && *c != '-';) {
        size_t length = 0;
        while (isupper((unsigned char)c[length]))
            length++;
        const trm_word_kind *kind = length > 0 ? find(c, length) : NULL;
        if (kind != NULL && !among(kind, out, n))
            out[n++] = kind;
        c += length > 0 ? length : 1;
    }
    return n;
}

int32_t trm_word_kinds_taken(const trm_command *command, const trm_word_kind *out[TRM_WORD_KINDS]) {
    int32_t n = trm_word_kinds_of(command->words, out);
    if (command->overrides)
        out[n++] = &trm_word_setting;
    return n;
}
