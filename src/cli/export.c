// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "cli/commands.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/run/checkpoint.h"

static const trm_option options[] = {{0}};

static int run(const trm_words *words, void *none) {
    (void)none;
    trm_error e = {0};
    int status = TRM_EXIT_DONE;
    trm_config c;
    const trm_config_asked asked = {&c, TRM_USE_EVAL | TRM_USE_MODEL | TRM_USE_BOARD};
    trm_model *model =
        trm_checkpoint_model(words->plain[0], words->overrides, words->override_count, &c, &e);
    if (model == NULL ||
        !trm_config_check_words(&asked, 1, words->overrides, words->override_count, &e))
        status = trm_report_input_error(&e);
    else if (!trm_checkpoint_export(words->plain[1], model, &c, &e))
        status = trm_report_error(&e);
    else
        status = trm_report_finish(TRM_EXIT_DONE);
    trm_model_free(model);
    return status;
}

const trm_command trm_command_export = {
    .name = "export",
    .summary = "write a model's weights alone, with its configuration",
    .words = "MODEL FILE",
    .about = "Writes the weights of MODEL to FILE in safetensors form, without what only resuming "
             "needs. If the run keeps averaged weights, those are written. The configuration is in "
             "the file's metadata, so that `trm eval FILE` needs nothing else.",
    .examples = (const char *const[]){"trm export runs/maze-3 maze.safetensors",
                                      "trm eval maze.safetensors --episodes 1000", NULL},
    .options = options,
    .words_min = 2,
    .words_max = 2,
    .overrides = true,
    .run = run,
};
