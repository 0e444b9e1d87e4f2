// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/run/config.h"

typedef struct presets_options {
    bool describe, json;
    const char *find;
} presets_options;

static const trm_option options[] = {
    TRM_FLAG(presets_options, describe, "--describe",
             "explain every setting: unit, range, default and meaning"),
    TRM_TEXT(presets_options, find, "--find", "TEXT",
             "list only those with this text in their name or line", NULL),
    TRM_SHARED_JSON(presets_options),
    {0},
};

static void print_json(void) {
    for (int32_t i = 0; trm_preset_name(i) != NULL; i++) {
        fputs(i == 0 ? "[{" : ",\n {", stdout);
        trm_json_text_member(stdout, true, "name", trm_preset_name(i));
        trm_json_text_member(stdout, false, "summary", trm_preset_summary(i));
        trm_json_text_member(stdout, false, "module", trm_preset_module(i));
        putchar('}');
    }
    puts("]");
}

typedef enum group { PLAYS, ANSWERS, PAPER, ORIGINAL, GROUPS } group;

static const char *const group_names[GROUPS] = {
    [PLAYS] = "learn by playing, on mazes and sudokus",
    [ANSWERS] = "learn from answers",
    [PAPER] = "the paper's models",
    [ORIGINAL] = "the original's experiments, as they are and corrected",
};

static group group_of(int32_t i) {
    trm_config c;
    trm_error unused;
    if (trm_preset_module(i)[0] != '\0' || !trm_config_preset(&c, trm_preset_name(i), &unused))
        return ORIGINAL;
    return strcmp(c.model.type, "trm-paper") == 0 ? PAPER
           : trm_config_supervised(&c)            ? ANSWERS
                                                  : PLAYS;
}

// Those in whose name or summary a text stands; NULL: all.
static bool is_asked(int32_t i, const char *find) {
    return find == NULL || strcasestr(trm_preset_name(i), find) != NULL ||
           strcasestr(trm_preset_summary(i), find) != NULL;
}

static void print_list(const char *find) {
    int width = 0;
    for (int32_t i = 0; trm_preset_name(i) != NULL; i++) {
        int length = (int)strlen(trm_preset_name(i));
        width = length > width ? length : width;
    }
    const char *between = "";
    for (int g = 0; g < GROUPS; g++) {
        bool first = true;
        for (int32_t i = 0; trm_preset_name(i) != NULL; i++) {
            if (group_of(i) != (group)g || !is_asked(i, find))
                continue;
            if (first)
                printf("%s%s:\n", between, group_names[g]);
            first = false;
            between = "\n";
            const char *module = trm_preset_module(i);
            printf("  %-*s  %s", width, trm_preset_name(i), trm_preset_summary(i));
            printf(module[0] != '\0' ? " [%s]\n" : "%s\n", module);
        }
    }
}

static int print_preset(const char *name) {
    trm_error e = {0};
    trm_config c;
    if (!trm_config_preset(&c, name, &e))
        return trm_report_error(&e);
    char *text = trm_config_print(&c);
    size_t length = strlen(text);
    printf("%s%s", text, length > 0 && text[length - 1] == '\n' ? "" : "\n");
    free(text);
    return TRM_EXIT_DONE;
}

static int run(const trm_words *words, void *given) {
    const presets_options *o = given;
    int status = TRM_EXIT_DONE;
    if (o->describe && o->json && words->plain_count == 0)
        return trm_report_no_effect("--json", "--describe prints a table");
    if (o->find != NULL && (o->describe || o->json || words->plain_count > 0))
        return trm_report_no_effect("--find", "no list is printed");
    if (words->plain_count > 0)
        status = print_preset(words->plain[0]);
    else if (!o->describe && o->json)
        print_json();
    else if (!o->describe)
        print_list(o->find);
    if (o->describe && status == TRM_EXIT_DONE)
        trm_config_describe(stdout);
    return trm_report_finish(status);
}

const trm_command trm_command_presets = {
    .name = "presets",
    .summary = "list the presets, print one, or explain every setting",
    .words = "[PRESET]",
    .about =
        "Lists the presets in groups, each with the module of the original that it stands for, if "
        "any. "
        "Named, a preset is printed as a whole configuration in JSON, which `trm train "
        "FILE.json` takes.",
    .examples = (const char *const[]){"trm presets", "trm presets --find sudoku",
                                      "trm presets maze > my.json", "trm presets --describe", NULL},
    .options = options,
    .options_size = sizeof(presets_options),
    .words_max = 1,
    .ranks = TRM_RANKS_FIRST,
    .run = run,
};
