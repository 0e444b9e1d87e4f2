// SPDX-License-Identifier: Apache-2.0
#include "trm/run/export.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/common/options.h"
#include "cli/common/pictures.h"
#include "cli/common/report.h"
#include "trm/base/file.h"
#include "trm/run/checkpoint.h"

typedef struct export_options {
    const char *csv, *jsonl, *tensorboard, *activations;
    int64_t moment;
} export_options;

static const trm_option options[] = {
    TRM_TEXT(export_options, csv, "--csv", "FILE",
             "write RUN's metrics as comma-separated values; - for standard output", NULL),
    TRM_TEXT(export_options, jsonl, "--jsonl", "FILE",
             "write RUN's metrics as lines of JSON; - for standard output", NULL),
    TRM_SHARED_TENSORBOARD(export_options),
    TRM_SHARED_ACTIVATIONS(export_options),
    TRM_COUNT(export_options, moment, "--moment",
              "with --activations: the moment at this episode or epoch, or the last before it", 1,
              INT64_MAX, "the newest"),
    {0},
};

// ---- a run's numbers ----------------------------------------------------------------------------

typedef bool export_table(const char *run, FILE *out, trm_error *e);

static bool to_file(export_table *table, const char *run, const char *path, trm_error *e) {
    if (strcmp(path, "-") == 0)
        return table(run, stdout, e);
    FILE *out = fopen(path, "we");
    if (out == NULL)
        return trm_file_errno(e, "write", path);
    bool ok = table(run, out, e);
    if ((fflush(out) != 0 || ferror(out)) && ok)
        ok = trm_file_errno(e, "write", path);
    if (fclose(out) != 0 && ok)
        ok = trm_file_errno(e, "write", path);
    return ok;
}

static bool to_events(const char *run, const char *folder, trm_error *e) {
    trm_event_file *f = trm_event_file_open(run, folder, e);
    const bool ok = f != NULL && trm_event_file_renew(f, e) && trm_pictures_export(run, f, e);
    trm_event_file_close(f);
    return ok;
}

static int export_run(const trm_words *words, const export_options *o) {
    const char *run = words->plain[0];
    trm_error e = {0};
    int64_t number = 0;
    if (words->plain_count > 1)
        return trm_report_usage("%s: a RUN is exported to the file that its option names",
                                words->plain[1]);
    if (words->override_count > 0)
        return trm_report_no_effect(words->overrides[0], "a run is exported as it was recorded");
    if (o->moment > 0 && o->activations == NULL)
        return trm_report_no_effect("--moment", "it chooses what --activations writes");
    if (!trm_file_is_folder(run)) {
        trm_error_set(&e, TRM_E_INPUT, "%s: not the folder of a run (it has no config.json)", run);
        return trm_report_input_error(&e);
    }
    if ((o->csv != NULL && !to_file(trm_export_csv, run, o->csv, &e)) ||
        (o->jsonl != NULL && !to_file(trm_export_jsonl, run, o->jsonl, &e)) ||
        (o->tensorboard != NULL && !to_events(run, o->tensorboard, &e)) ||
        (o->activations != NULL &&
         !trm_export_activations(run, o->moment, o->activations, &number, &e)))
        return trm_report_input_error(&e);
    return trm_report_finish(TRM_EXIT_DONE);
}

// ---- a model's weights --------------------------------------------------------------------------

static int export_model(const trm_words *words) {
    trm_error e = {0};
    int status = TRM_EXIT_DONE;
    trm_config c;
    const trm_config_asked asked = {&c, TRM_USE_EVAL | TRM_USE_MODEL | TRM_USE_BOARD};
    if (words->plain_count < 2)
        return trm_report_usage("export needs a FILE for the weights of MODEL, or --csv, --jsonl, "
                                "--tensorboard or --activations for a RUN");
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

static int run(const trm_words *words, void *given) {
    const export_options *o = given;
    const bool of_run = o->csv || o->jsonl || o->tensorboard || o->activations;
    if (!of_run && o->moment > 0)
        return trm_report_no_effect("--moment", "it chooses what --activations writes");
    return of_run ? export_run(words, o) : export_model(words);
}

const trm_command trm_command_export = {
    .name = "export",
    .summary = "write a model's weights alone, or what a run recorded",
    .words = "MODEL|RUN [FILE]",
    .about =
        "Writes the weights of MODEL to FILE in safetensors form, without what only resuming "
        "needs. If the run keeps averaged weights, those are written. The configuration is in "
        "the file's metadata, so that `trm eval FILE` needs nothing else; "
        "paths of this machine are left out. With --csv, --jsonl, "
        "--tensorboard or --activations what RUN recorded is written for spreadsheets, pandas, "
        "TensorBoard or NumPy, with numbers that read back exactly; the run may be one that is "
        "being trained. The arrays of --activations have a row for each step of an episode or each "
        "sample of an epoch: observations, actions and rewards, or inputs and targets; and of "
        "every "
        "cycle h_mid, h, l, logits, probs and halt, as far as the architecture has them.",
    .examples =
        (const char *const[]){"trm export runs/maze-3 maze.safetensors",
                              "trm eval maze.safetensors --episodes 1000",
                              "trm export runs/maze-3 --csv metrics.csv",
                              "trm export runs/maze-3 --tensorboard logs/maze-3",
                              "trm export runs/maze-3 --activations best.npz --moment 100", NULL},
    .options = options,
    .options_size = sizeof(export_options),
    .words_min = 1,
    .words_max = 2,
    .overrides = true,
    .ranks = TRM_RANKS_FIRST,
    .run = run,
};
