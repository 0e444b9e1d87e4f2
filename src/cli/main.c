// SPDX-License-Identifier: Apache-2.0
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/common/interrupt.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/base/text.h"
#include "trm/nn/init.h"

static const trm_command *const commands[] = {
    &trm_command_watch,   &trm_command_train,    &trm_command_replay,    &trm_command_play,
    &trm_command_versus,  &trm_command_compare,  &trm_command_reproduce, &trm_command_eval,
    &trm_command_probe,   &trm_command_diagnose, &trm_command_plot,      &trm_command_bench,
    &trm_command_presets, &trm_command_export,
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static const char *command_name_at(const void *ctx, size_t i) {
    (void)ctx;
    return i < COMMANDS ? commands[i]->name : "help";
}

static const trm_command *find_command(const char *name) {
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static int unknown_command(const char *name) {
    const char *near = trm_text_nearest(name, command_name_at, NULL, COMMANDS + 1);
    if (near != NULL) {
        return trm_report_usage("unknown command %s; did you mean %s?", name, near);
    }
    return trm_report_usage("unknown command %s; `trm --help` lists them", name);
}

static int help(void) {
    printf(
        "usage: trm [COMMAND] [words and options]\n\n"
        "Watch a Tiny Recursive Model think while it learns. `trm` alone is `trm watch maze`.\n\n"
        "commands:\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    }
    printf("\noptions:\n"
           "  --help     this text; `trm COMMAND --help` tells what a command takes\n"
           "  --version  the program's version\n\n"
           "exit status: 0 done, 1 failed, 2 bad usage or input, 130 interrupted\n\n"
           "example:\n"
           "  trm\n"
           "  trm train maze seed=3\n"
           "  trm eval runs/maze-3\n");
    return trm_report_finish(TRM_EXIT_DONE);
}

static int dispatch(int argc, char **argv) {
    static char watch[] = "watch";
    static char *alone[] = {watch, NULL};
    if (argc < 2) {
        return trm_command_watch.run(&trm_command_watch, 1, alone);
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        return help();
    }
    if (strcmp(word, "help") == 0) {
        const trm_command *about = argc > 2 ? find_command(argv[2]) : NULL;
        if (argc > 2 && about == NULL) {
            return unknown_command(argv[2]);
        }
        if (about == NULL) {
            return help();
        }
        trm_options_help(about);
        return trm_report_finish(TRM_EXIT_DONE);
    }
    // Options and key=value words alone are for the view.
    if (word[0] == '-' || strchr(word, '=') != NULL) {
        return trm_command_watch.run(&trm_command_watch, argc, argv);
    }
    const trm_command *command = find_command(word);
    return command != NULL ? command->run(command, argc - 1, argv + 1) : unknown_command(word);
}

int main(int argc, char **argv) {
    trm_interrupt_prepare();
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    trm_init();
    int status = dispatch(argc, argv);
    trm_done();
    return status;
}
