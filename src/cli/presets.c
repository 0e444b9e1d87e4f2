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
} presets_options;

static const trm_option options[] = {
    TRM_FLAG(presets_options, describe, "--describe",
             "explain every setting: unit, range, default and meaning"),
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

static void print_list(void) {
    int width = 0;
    for (int32_t i = 0; trm_preset_name(i) != NULL; i++) {
        int length = (int)strlen(trm_preset_name(i));
        width = length > width ? length : width;
    }
    for (int32_t i = 0; trm_preset_name(i) != NULL; i++) {
        const char *module = trm_preset_module(i);
        printf("%-*s  %s", width, trm_preset_name(i), trm_preset_summary(i));
        printf(module[0] != '\0' ? " [%s]\n" : "%s\n", module);
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
    if (words->plain_count > 0)
        status = print_preset(words->plain[0]);
    else if (!o->describe && o->json)
        print_json();
    else if (!o->describe)
        print_list();
    if (o->describe && status == TRM_EXIT_DONE)
        trm_config_describe(stdout);
    return trm_report_finish(status);
}

const trm_command trm_command_presets = {
    .name = "presets",
    .summary = "list the presets, print one, or explain every setting",
    .words = "[PRESET]",
    .about = "Lists the presets, each with the module of the original that it stands for, if any. "
             "Named, a preset is printed as a whole configuration in JSON, which `trm train "
             "FILE.json` takes.",
    .examples = (const char *const[]){"trm presets", "trm presets maze > my.json",
                                      "trm presets --describe", NULL},
    .options = options,
    .options_size = sizeof(presets_options),
    .words_max = 1,
    .run = run,
};
