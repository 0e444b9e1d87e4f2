// SPDX-License-Identifier: Apache-2.0
// The start screen, and the tour: two commands that open the same.
#include "trm/tui/demo.h"

#include "cli/commands.h"
#include "cli/common/interrupt.h"
#include "cli/common/job.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "run/rundir/place.h"
#include "trm/base/file.h"

// What Enter trains: boards that only thinking again answers, learned within seconds.
static const char TASK[] = "sudoku-4-k3";

typedef struct demo_options {
    trm_display display;
} demo_options;

static const trm_option options[] = {
    TRM_SHARED_DISPLAY(demo_options),
    {0},
};

static bool make_training(trm_watch_options *out, void **made, trm_error *e) {
    const trm_job_request request = {.source = TASK, .state_folder = true};
    trm_job *job = trm_job_open(&request, e);
    *made = job; // nothing was given
    if (job == NULL)
        return false;
    *out = (trm_watch_options){.trainer = job->trainer,
                               .course = job->course,
                               .config = &job->config,
                               .rundir = job->rundir,
                               .note = job->note[0] != '\0' ? job->note : NULL};
    return true;
}

static void training_closed(void *job) {
    trm_job_close(job);
}

// The tour is offered once: a file in the state folder says that it was.
static bool first_time(void) {
    char folder[RUN_PATH], path[RUN_PATH];
    trm_error ignored;
    return trm_place_state(folder, "", &ignored) && trm_place_state(path, "welcomed", &ignored) &&
           !trm_file_exists(path) && trm_file_mkdirs(folder, &ignored) &&
           trm_file_write(path, "", 0, &ignored);
}

static int show(const demo_options *o, bool tour) {
    trm_error e = {0};
    trm_demo_options view = {.train = make_training,
                             .trained = training_closed,
                             .tour = tour,
                             TRM_DISPLAY_FIELDS(o->display)};
    if (!trm_screens_possible(&e))
        return trm_report_usage("the start screen needs a terminal: %s; `trm train sudoku-4-k3` "
                                "trains without one, `trm help` lists all commands",
                                e.message);
    trm_interrupt_catch(false);
    trm_interrupt_saving(); // what is trained from here
    view.offer = !tour && first_time();
    const bool ok = trm_demo_run(&view, &e);
    return trm_report_finish(ok ? TRM_EXIT_DONE : trm_report_error(&e));
}

static int run_demo(const trm_words *words, void *given) {
    (void)words;
    return show(given, false);
}

static int run_tour(const trm_words *words, void *given) {
    (void)words;
    return show(given, true);
}

const trm_command trm_command_demo = {
    .name = "demo",
    .summary = "see two bundled models think (what `trm` alone does)",
    .words = "",
    .about = "Opens the start screen: bundled models think about a hard sudoku and a walled maze "
             "that they have never seen, step by step, and every step says what it changed. Enter "
             "trains a model from nothing; m, w and p open the microscope, what-if and a game on "
             "the board in focus, o takes a board of your own. Press ? for the keys, i for what a "
             "panel shows, q to leave.",
    .examples = (const char *const[]){"trm", "trm demo --ascii", NULL},
    .options = options,
    .options_size = sizeof(demo_options),
    .ranks = TRM_RANKS_FIRST,
    .run = run_demo,
};

const trm_command trm_command_tour = {
    .name = "tour",
    .summary = "ten stops that show how the model thinks",
    .words = "",
    .about =
        "Opens the start screen with a guided tour: ten short stops on what a Tiny Recursive "
        "Model is made of and how to look inside. Enter goes on, Backspace goes back, Esc ends "
        "it; every other key does what it always does.",
    .examples = (const char *const[]){"trm tour", NULL},
    .options = options,
    .options_size = sizeof(demo_options),
    .ranks = TRM_RANKS_FIRST,
    .run = run_tour,
};
