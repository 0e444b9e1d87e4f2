// SPDX-License-Identifier: Apache-2.0
#include "trm/tui/watch.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/common/cluster.h"
#include "cli/common/interrupt.h"
#include "cli/common/job.h"
#include "cli/common/options.h"
#include "cli/common/relay.h"
#include "cli/common/report.h"
#include "trm/base/arena.h"
#include "trm/run/follow.h"

typedef struct watch_options {
    const char *out;
    bool resume, follow, train;
    int pace;
    trm_display display;
} watch_options;

// In order of trm_pace.
static const char *const paces[] = {
    [TRM_PACE_AUTO] = "auto", [TRM_PACE_PACED] = "paced", [TRM_PACE_FREE] = "free", NULL};

static const trm_option options[] = {
    {.name = "--pace",
     .value = "PACE",
     .help = "how fast training runs while you watch",
     .fallback = "auto",
     .kind = TRM_OPTION_CHOICE,
     .offset = offsetof(watch_options, pace),
     .choices = paces},
    TRM_SHARED_OUT(watch_options, "the state folder, where the last ten runs are kept"),
    TRM_SHARED_RESUME(watch_options),
    TRM_SHARED_FOLLOW(watch_options),
    TRM_FLAG(watch_options, train, "--train",
             "train, where the word also names a bundled model or a finished run"),
    TRM_SHARED_DISPLAY(watch_options),
    {0},
};

// ---- following ----------------------------------------------------------------------------------

// A run that another process trains is looked at, unless this one is to train it.
static bool is_followed(const trm_words *words, const watch_options *o) {
    if (words->plain_count == 0 || o->follow || o->train)
        return o->follow;
    return !trm_preset_exists(words->plain[0]) &&
           (trm_follower_of_files(words->plain[0]) ||
            (!o->resume && o->out == NULL && words->override_count == 0 &&
             trm_run_writer(words->plain[0]) != 0));
}

// What has no effect on looking; NULL: nothing was given that has none.
static const char *without_effect(const trm_words *words, const watch_options *o) {
    const bool settings = words->override_count > 0 && !trm_follower_of_files(words->plain[0]);
    return o->out != NULL ? "--out"
           : o->resume    ? "--resume"
           : o->train     ? "--train"
           : settings     ? words->overrides[0]
                          : NULL;
}

// Before anything is said: what goes to standard error does not pass through the relay.
static void give_terminal_back(void) {
    if (!trm_relay_stop())
        fprintf(stderr, "trm: the process between this terminal and rank 0 was killed; what was "
                        "learned is saved: add --resume\n");
}

static bool show_followed(trm_follower *f, const trm_config *c, const watch_options *o,
                          char **summary, trm_error *e) {
    trm_course *course = trm_follower_course(f, e);
    if (course == NULL)
        return false;
    trm_trainer *trainer = trm_trainer_new(course, NULL, NULL, 0);
    const trm_watch_options view = {.trainer = trainer,
                                    .course = course,
                                    .config = c,
                                    .follower = f,
                                    .pace = (trm_pace)o->pace,
                                    TRM_DISPLAY_FIELDS(o->display)};
    const bool ok = trm_watch_run(&view, summary, e);
    give_terminal_back();
    trm_trainer_free(trainer);
    trm_course_free(course);
    return ok;
}

// A folder of checkpoints may have none yet, or one that is being written.
static trm_follower *wait_for_first(const trm_words *words, trm_config *c, trm_error *e) {
    enum { GLANCE_MS = 300 };
    const char *path = words->plain[0];
    trm_follower *f;
    int pipes[2] = {-1, -1};
    bool told = false;
    while ((f = trm_follower_open(path, words->overrides, words->override_count, c, e)) == NULL &&
           trm_follower_of_files(path) && trm_follower_waits(path) && !trm_interrupt_asked() &&
           (told || pipe(pipes) == 0)) {
        if (!told)
            fprintf(stderr, "trm: waiting for the first whole checkpoint in %s …\n", path);
        told = true;
        trm_interrupt_wait(pipes[0], GLANCE_MS);
    }
    if (told) {
        close(pipes[0]);
        close(pipes[1]);
    }
    return f;
}

static int follow(const trm_words *words, const watch_options *o) {
    trm_error e = {0};
    trm_config c;
    char *summary = NULL;
    if (words->plain_count == 0)
        return trm_report_usage("--follow needs the folder of a RUN");
    if (without_effect(words, o) != NULL)
        return trm_report_no_effect(without_effect(words, o), "the training is only looked at");
    trm_follower *f = wait_for_first(words, &c, &e);
    if (f == NULL)
        return trm_report_input_error(&e);
    trm_follower_keep_off(f);
    const bool ok = show_followed(f, &c, o, &summary, &e);
    if (summary != NULL)
        puts(summary);
    free(summary);
    trm_follower_free(f);
    return ok ? trm_report_finish(TRM_EXIT_DONE) : trm_report_error(&e);
}

// A training that is made while its view opens. It outlives the command where that does not wait.
typedef struct opening {
    trm_job_request request;
    trm_job *job;
    atomic_bool over;
} opening;

static bool open_job(trm_watch_options *out, void **given, trm_error *e) {
    opening *o = *given;
    trm_job *job = trm_job_open(&o->request, e);
    if (job != NULL) {
        trm_interrupt_saving();
        out->trainer = job->trainer;
        out->course = job->course;
        out->config = &job->config;
        out->rundir = job->rundir;
        out->note = job->note[0] != '\0' ? job->note : NULL;
        o->job = job;
    }
    atomic_store(&o->over, true);
    if (job != NULL && trm_interrupt_asked())
        return trm_error_set(e, TRM_E_STOPPED, "stopped before the training began");
    return job != NULL;
}

static int train(opening *opened, const watch_options *o) {
    trm_error e = {0};
    void *job = opened;
    char *summary = NULL;
    trm_watch_options view = {.pace = (trm_pace)o->pace, TRM_DISPLAY_FIELDS(o->display)};
    bool ok = true;
    if (trm_cluster_peers() != NULL) { // the other ranks wait for this one
        ok = open_job(&view, &job, &e);
    } else {
        view.make = open_job;
        view.job = job;
    }
    ok = ok && trm_watch_run(&view, &summary, &e);
    give_terminal_back();
    if (summary != NULL)
        puts(summary);
    free(summary);
    if (!atomic_load(&opened->over)) { // its thread works with what this process has
        const int status = ok ? TRM_EXIT_DONE : trm_report_error(&e);
        fflush(stdout);
        _exit(status);
    }
    const int status = ok                    ? TRM_EXIT_DONE
                       : opened->job == NULL ? trm_report_input_error(&e)
                                             : trm_report_error(&e);
    trm_job_close(opened->job);
    return trm_report_finish(status);
}

static int watch(const trm_words *words, void *given) {
    const watch_options *o = given;
    opening *opened = trm_alloc(1, sizeof *opened);
    opened->request =
        (trm_job_request){.source = words->plain_count > 0 ? words->plain[0] : "maze-open",
                          .models = words->plain_count > 0,
                          .train = o->train,
                          .overrides = words->overrides,
                          .override_count = words->override_count,
                          .out = o->out,
                          .resume = o->resume,
                          .state_folder = true};
    trm_error e = {0};
    const bool followed = is_followed(words, o);
    int status;
    if ((!followed && !trm_job_check(&opened->request, &e)) || !trm_watch_possible(&e)) {
        status = trm_report_input_error(&e);
    } else {
        // Before and after the view too: a terminal that hangs up may say so while that is closing.
        trm_interrupt_catch(false);
        status = followed ? follow(words, o) : train(opened, o);
    }
    free(opened);
    return status;
}

// On the terminal of mpirun where that started this process.
static int run(const trm_words *words, void *given) {
    if (trm_cluster_peers() && !isatty(STDIN_FILENO) && !trm_relay_start())
        return trm_report_usage("watch needs a terminal, and mpirun gives this process none: "
                                "`mpirun ... trm train ... --out RUN` trains, and `trm watch RUN` "
                                "in another terminal shows it");
    const int status = watch(words, given);
    fflush(stdout);
    give_terminal_back();
    return status;
}

const trm_command trm_command_watch = {
    .name = "watch",
    .summary = "train and watch the model think",
    .words = "[PRESET|CONFIG|RUN|MODEL|DIR]",
    .about = "Trains a model, the preset maze-open if you name none, and shows it live. Watching "
             "changes nothing: the run is the one that `trm train` gives, bit for bit. A preset "
             "that learns from a data set shows samples and the model's answer at every step. A "
             "MODEL is shown on boards that it has never seen; it is not trained and nothing is "
             "recorded. The name of a bundled model (`trm models`) means the model, and a RUN that "
             "is finished opens as it ended; --train trains instead. A RUN that another process "
             "trains is followed: its numbers and curves as they are written, its newest moments "
             "and its newest weights; nothing is written, and that training goes on as if nobody "
             "looked. So is a DIR in which another program leaves checkpoints (step_N, "
             ".safetensors, .pt): each new one answers the same boards and is scored. With --pace "
             "paced every step is shown at a speed that you choose, with free training runs at "
             "full speed and the view shows samples, and auto goes from one to the other. Press ? "
             "for the keys (`trm help --keys` lists them all) and q to leave.",
    .examples =
        (const char *const[]){"trm watch maze-open", "trm watch maze-k5 --pace paced",
                              "trm watch mazes-8-fixed-trm", "trm watch runs/maze-3 --resume",
                              "trm watch runs/maze-3 --follow", "trm watch sudoku9", NULL},
    .options = options,
    .options_size = sizeof(watch_options),
    .defaults = &(watch_options){.pace = TRM_PACE_AUTO},
    .words_max = 1,
    .overrides = true,
    .ranks = TRM_RANKS_ALL,
    .run = run,
};
