// SPDX-License-Identifier: Apache-2.0
#include "trm/tui/watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/common/interrupt.h"
#include "cli/common/job.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/tui/lesson.h"

typedef struct watch_options {
    const char *out;
    bool resume, ascii, no_color, no_mouse;
    int pace;
} watch_options;

// In order of trm_pace.
static const char *const paces[] = {
    [TRM_PACE_AUTO] = "auto", [TRM_PACE_PACED] = "paced", [TRM_PACE_FREE] = "free", NULL};

static const trm_option options[] = {
    {.name = "--pace",
     .value = "PACE",
     .help = "auto (default), paced: at the speed of the show, free: at full speed",
     .kind = TRM_OPTION_CHOICE,
     .offset = offsetof(watch_options, pace),
     .choices = paces},
    {.name = "--out",
     .value = "DIR",
     .help = "record there (default: in the state folder, the last ten are kept)",
     .kind = TRM_OPTION_TEXT,
     .offset = offsetof(watch_options, out)},
    {.name = "--resume",
     .help = "go on with the run in RUN or DIR where its checkpoint stands",
     .kind = TRM_OPTION_FLAG,
     .offset = offsetof(watch_options, resume)},
    {.name = "--ascii",
     .help = "draw with ASCII characters only",
     .kind = TRM_OPTION_FLAG,
     .offset = offsetof(watch_options, ascii)},
    {.name = "--no-color",
     .help = "no colours (as the variable NO_COLOR)",
     .kind = TRM_OPTION_FLAG,
     .offset = offsetof(watch_options, no_color)},
    {.name = "--no-mouse",
     .help = "leave the mouse to the terminal",
     .kind = TRM_OPTION_FLAG,
     .offset = offsetof(watch_options, no_mouse)},
    {0},
};

static bool watch_episodes(const trm_job *job, const watch_options *o, char **summary,
                           trm_error *e) {
    const trm_watch_options view = {.trainer = job->trainer,
                                    .course = job->course,
                                    .config = &job->config,
                                    .rundir = job->rundir,
                                    .note = job->note[0] != '\0' ? job->note : NULL,
                                    .pace = (trm_pace)o->pace,
                                    .ascii = o->ascii,
                                    .color = trm_options_color(o->no_color),
                                    .mouse = !o->no_mouse};
    return trm_watch_run(&view, summary, e);
}

static bool watch_samples(const trm_job *job, const watch_options *o, char **summary,
                          trm_error *e) {
    const trm_lesson_watch_options view = {.trainer = job->trainer,
                                           .course = job->course,
                                           .config = &job->config,
                                           .rundir = job->rundir,
                                           .pace = (trm_pace)o->pace,
                                           .ascii = o->ascii,
                                           .color = trm_options_color(o->no_color),
                                           .mouse = !o->no_mouse};
    return trm_lesson_watch_run(&view, summary, e);
}

static int watch(const trm_job_request *request, const watch_options *o) {
    trm_error e = {0};
    if (!trm_watch_possible(&e)) {
        return trm_report_input_error(&e);
    }
    // Before and after the view too: a terminal that hangs up may say so while that is closing.
    trm_interrupt_catch(false);
    trm_job *job = trm_job_open(request, &e);
    if (job == NULL) {
        return trm_report_input_error(&e);
    }
    if (trm_interrupt_asked()) {
        trm_job_close(job);
        return TRM_EXIT_INTERRUPTED;
    }
    char *summary = NULL;
    int status = TRM_EXIT_DONE;
    bool ok = (trm_config_supervised(&job->config) ? watch_samples : watch_episodes)(job, o,
                                                                                     &summary, &e);
    if (summary != NULL) {
        puts(summary);
        free(summary);
    }
    if (!ok) {
        status = trm_report_error(&e);
    }
    trm_job_close(job);
    return trm_report_finish(status);
}

static int run(const trm_command *command, int argc, char **argv) {
    static char maze[] = "maze";
    watch_options o = {.pace = TRM_PACE_AUTO};
    trm_words words;
    int status = trm_options_parse(command, argc, argv, &o, &words);
    if (status != TRM_OPTIONS_GO) {
        return status;
    }
    trm_job_request request = {.source = words.plain_count > 0 ? words.plain[0] : maze,
                               .models = true,
                               .overrides = words.overrides,
                               .override_count = words.override_count,
                               .out = o.out,
                               .resume = o.resume,
                               .state_folder = true};
    status = watch(&request, &o);
    trm_words_free(&words);
    return status;
}

const trm_command trm_command_watch = {
    .name = "watch",
    .summary = "train and watch the model think (the default)",
    .usage = "watch [PRESET|CONFIG|RUN|MODEL] [key=value...] [--pace PACE] [--out DIR] [--resume]",
    .about = "Opens the live view in which the model trains on the preset (maze if none is\n"
             "named). Watching changes nothing: the run is bit for bit that of `trm train`.\n"
             "Presets that learn from a data set show samples and the answer at every step.\n"
             "A MODEL, by its file or by the name of a bundled one (sudoku9), is shown at\n"
             "work on boards it has never seen; nothing is trained or recorded.\n"
             "`?` shows the keys, `q` leaves.",
    .example = "  trm watch maze-k5 --pace paced\n"
               "  trm watch mazes-8-fixed-trm\n"
               "  trm watch runs/maze-3 --resume\n"
               "  trm watch sudoku9",
    .options = options,
    .words_max = 1,
    .overrides = true,
    .run = run,
};
