// SPDX-License-Identifier: Apache-2.0
#include "trm/tui/watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/common/interrupt.h"
#include "cli/common/job.h"
#include "cli/common/options.h"
#include "cli/common/report.h"

typedef struct watch_options {
    const char *out;
    bool resume;
    int pace;
    trm_display display;
} watch_options;

// In order of trm_pace.
static const char *const paces[] = {
    [TRM_PACE_AUTO] = "auto", [TRM_PACE_PACED] = "paced", [TRM_PACE_FREE] = "free", NULL};

static const trm_option options[] = {
    {.name = "--pace",
     .value = "PACE",
     .help = "how training and view go together",
     .fallback = "auto",
     .kind = TRM_OPTION_CHOICE,
     .offset = offsetof(watch_options, pace),
     .choices = paces},
    TRM_SHARED_OUT(watch_options, "the state folder, where the last ten runs are kept"),
    TRM_SHARED_RESUME(watch_options),
    TRM_SHARED_DISPLAY(watch_options),
    {0},
};

static bool show(const trm_job *job, const watch_options *o, char **summary, trm_error *e) {
    const trm_watch_options view = {.trainer = job->trainer,
                                    .course = job->course,
                                    .config = &job->config,
                                    .rundir = job->rundir,
                                    .note = job->note[0] != '\0' ? job->note : NULL,
                                    .pace = (trm_pace)o->pace,
                                    TRM_DISPLAY_FIELDS(o->display)};
    return trm_watch_run(&view, summary, e);
}

static int run(const trm_words *words, void *given) {
    const watch_options *o = given;
    const trm_job_request request = {.source = words->plain_count > 0 ? words->plain[0] : "maze",
                                     .models = true,
                                     .overrides = words->overrides,
                                     .override_count = words->override_count,
                                     .out = o->out,
                                     .resume = o->resume,
                                     .state_folder = true};
    trm_error e = {0};
    if (!trm_watch_possible(&e))
        return trm_report_input_error(&e);
    // Before and after the view too: a terminal that hangs up may say so while that is closing.
    trm_interrupt_catch(false);
    trm_job *job = trm_job_open(&request, &e);
    if (job == NULL)
        return trm_report_input_error(&e);
    trm_interrupt_saving();
    if (trm_interrupt_asked()) {
        trm_job_close(job);
        return TRM_EXIT_INTERRUPTED;
    }
    char *summary = NULL;
    int status = TRM_EXIT_DONE;
    bool ok = show(job, o, &summary, &e);
    if (summary != NULL) {
        puts(summary);
        free(summary);
    }
    if (!ok)
        status = trm_report_error(&e);
    trm_job_close(job);
    return trm_report_finish(status);
}

const trm_command trm_command_watch = {
    .name = "watch",
    .summary = "train and watch the model think (the default)",
    .words = "[PRESET|CONFIG|RUN|MODEL]",
    .about =
        "Trains a model, the preset maze if you name none, and shows it live. Watching changes "
        "nothing: the run is the one that `trm train` gives, bit for bit. A preset that learns "
        "from a data set shows samples and the model's answer at every step. A MODEL is shown on "
        "boards that it has never seen; it is not trained and nothing is recorded. With --pace "
        "paced every step is shown at a speed that you choose, with free training runs at full "
        "speed and the view shows samples, and auto goes from one to the other. Press ? for the "
        "keys (`trm help --keys` lists them all) and q to leave.",
    .examples = (const char *const[]){"trm", "trm watch maze-k5 --pace paced",
                                      "trm watch mazes-8-fixed-trm",
                                      "trm watch runs/maze-3 --resume", "trm watch sudoku9", NULL},
    .options = options,
    .options_size = sizeof(watch_options),
    .defaults = &(watch_options){.pace = TRM_PACE_AUTO},
    .words_max = 1,
    .overrides = true,
    .run = run,
};
