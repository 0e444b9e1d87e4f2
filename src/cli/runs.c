// SPDX-License-Identifier: Apache-2.0
#include "trm/run/runs.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/common/interrupt.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/tui/runs.h"

enum { PATH_BYTES = TRM_RUNS_PATH, FOLDERS = 2 };

typedef struct runs_options {
    bool json, text, reverse;
    int sort;
    const char *filter;
    trm_display display;
} runs_options;

static const char *const orders[] = {"age",  "name", "preset", "state", "progress",
                                     "last", "best", "size",   NULL};

static const trm_option options[] = {
    {.name = "--sort",
     .value = "ORDER",
     .help = "what comes first: the newest, the furthest, the best, …",
     .fallback = "age",
     .kind = TRM_OPTION_CHOICE,
     .offset = offsetof(runs_options, sort),
     .choices = orders},
    TRM_FLAG(runs_options, reverse, "--reverse", "reverse the order"),
    TRM_TEXT(runs_options, filter, "--filter", "WORDS",
             "only runs with all these words in path, preset, model or state", NULL),
    TRM_FLAG(runs_options, text, "--text", "print the list, also on a terminal"),
    TRM_SHARED_JSON(runs_options),
    TRM_SHARED_DISPLAY(runs_options),
    {0},
};

// ---- the list in print --------------------------------------------------------------------------

static void print_json(const trm_run_entry *x, bool first) {
    fputs(first ? "[{" : ",\n {", stdout);
    trm_json_text_member(stdout, true, "run", x->path);
    trm_json_text_member(stdout, false, "state", trm_run_state_name(x->state));
    if (x->state == TRM_RUN_BROKEN) {
        trm_json_text_member(stdout, false, "trouble", x->trouble);
    } else {
        printf(",\"resumable\":%s", x->resumable ? "true" : "false");
        trm_json_text_member(stdout, false, "preset", x->preset);
        trm_json_text_member(stdout, false, "model", x->model);
        trm_json_member(stdout, false, "seed", (double)x->seed);
        trm_json_member(stdout, false, x->supervised ? "epochs" : "episodes", (double)x->done);
        trm_json_member(stdout, false, "total", (double)x->total);
        trm_json_member(stdout, false, x->supervised ? "exact_accuracy" : "success_last_50",
                        x->last);
        trm_json_member(stdout, false, x->supervised ? "best_exact" : "best_reward", x->best);
        trm_json_member(stdout, false, "seconds", x->seconds);
    }
    trm_json_member(stdout, false, "changed", (double)x->changed);
    trm_json_member(stdout, false, "bytes", (double)x->bytes);
    putchar('}');
}

static void print_row(const trm_run_entry *x, int width) {
    char done[64], last[16] = "-", best[16] = "-", when[32] = "";
    struct tm at;
    const time_t changed = (time_t)x->changed;
    if (localtime_r(&changed, &at) != NULL)
        strftime(when, sizeof when, "%Y-%m-%d %H:%M", &at);
    if (x->state == TRM_RUN_BROKEN) {
        printf("%-*s  %-8s  %s\n", width, x->path, trm_run_state_name(x->state), x->trouble);
        return;
    }
    trm_text_format(done, sizeof done, "%" PRId64 "/%" PRId64, x->done, x->total);
    if (!isnan(x->last))
        trm_text_format(last, sizeof last, "%.0f%%", 100 * x->last);
    if (!isnan(x->best))
        trm_text_format(best, sizeof best, x->supervised ? "%.0f%%" : "%+.2f",
                        x->supervised ? 100 * x->best : x->best);
    printf("%-*s  %-8s  %-20s  %13s  %5s  %7s  %6.1f MiB  %s\n", width, x->path,
           trm_run_state_name(x->state), x->preset, done, last, best, (double)x->bytes / 1048576,
           when);
}

static int print_list(trm_runs *list, const runs_options *o) {
    enum { WIDEST = 60 };
    int width = 3;
    bool first = true;
    for (int32_t i = 0; i < list->count; i++) {
        const int length = (int)strlen(list->items[i].path);
        width = length > width ? length : width;
    }
    width = width < WIDEST ? width : WIDEST;
    if (!o->json)
        printf("%-*s  %-8s  %-20s  %13s  %5s  %7s  %10s  %s\n", width, "run", "state", "preset",
               "done", "last", "best", "size", "changed");
    for (int32_t i = 0; i < list->count; i++) {
        trm_run_entry *x = &list->items[i];
        if (o->json)
            print_json(x, first);
        else
            print_row(x, width);
        first = false;
    }
    if (o->json)
        puts(first ? "[]" : "]");
    return trm_report_finish(TRM_EXIT_DONE);
}

static int print(const char *const *folders, int32_t count, const runs_options *o) {
    trm_runs list = {0};
    trm_error e = {0};
    int status = TRM_EXIT_DONE;
    for (int32_t i = 0; i < count && status == TRM_EXIT_DONE; i++)
        if (!trm_runs_add(&list, folders[i], &e))
            status = trm_report_input_error(&e);
    if (status == TRM_EXIT_DONE) {
        if (o->filter != NULL)
            trm_runs_filter(&list, o->filter);
        trm_runs_measure_all(&list);
        trm_runs_sort(&list, (trm_runs_order)o->sort, o->reverse);
        status = print_list(&list, o);
    }
    trm_runs_free(&list);
    return status;
}

// ---- the screen, and what was chosen on it ------------------------------------------------------

// A command line made of a command's name and words; runs it.
static void run_command(const char *name, char *const *words, int count) {
    char *argv[TRM_RUNS_CHOSEN + 8];
    int argc = 0;
    const trm_command *command = trm_command_find(name);
    argv[argc++] = (char *)(uintptr_t)name;
    for (int i = 0; i < count; i++)
        argv[argc++] = words[i];
    argv[argc] = NULL;
    trm_command_run(command, argc, argv);
}

static void act(trm_runs_choice *c, char *note, size_t size) {
    static const char *const names[] = {[TRM_RUNS_FOLLOW] = "watch",
                                        [TRM_RUNS_RESUME] = "watch",
                                        [TRM_RUNS_REPLAY] = "replay",
                                        [TRM_RUNS_VERSUS] = "versus",
                                        [TRM_RUNS_PLOT] = "plot"};
    char follow[] = "--follow", resume[] = "--resume", out[] = "--out";
    char *words[TRM_RUNS_CHOSEN + 4];
    int n = 0;
    for (int i = 0; i < c->count && (i < 1 || c->deed == TRM_RUNS_PLOT || i < 2); i++)
        words[n++] = c->runs[i];
    if (c->deed == TRM_RUNS_FOLLOW)
        words[n++] = follow;
    if (c->deed == TRM_RUNS_RESUME)
        words[n++] = resume;
    if (c->deed == TRM_RUNS_PLOT) {
        words[n++] = out;
        words[n++] = c->text;
        trm_text_format(note, size, "drawn: %.200s", c->text);
    }
    run_command(names[c->deed], words, n);
}

static int show(const char *const *folders, int32_t count, const runs_options *o) {
    trm_error e = {0};
    char note[256] = "";
    trm_runs_choice *choice = trm_alloc(1, sizeof *choice);
    bool ok;
    choice->order = o->sort;
    choice->reverse = o->reverse;
    if (o->filter != NULL)
        trm_text_copy(choice->filter, sizeof choice->filter, o->filter);
    const trm_runs_options view = {
        .folders = folders, .count = count, .note = note, TRM_DISPLAY_FIELDS(o->display)};
    trm_interrupt_catch(false);
    trm_interrupt_saving(); // what is watched from here
    while ((ok = trm_runs_run(&view, choice, &e)) && choice->deed != TRM_RUNS_LEAVE &&
           !trm_interrupt_asked())
        act(choice, note, sizeof note);
    free(choice);
    return ok ? TRM_EXIT_DONE : trm_report_error(&e);
}

static int run(const trm_words *words, void *given) {
    const runs_options *o = given;
    char paths[FOLDERS][PATH_BYTES];
    const char *folders[FOLDERS];
    int32_t count = 0;
    trm_error e;
    const bool screen = !o->json && !o->text && trm_screens_possible(&e);
    if (!screen && trm_display_given(&o->display))
        return trm_report_no_effect(trm_display_given(&o->display), "no screen is opened");
    if (words->plain_count > 0)
        folders[count++] = words->plain[0];
    for (int32_t i = 0; i < FOLDERS && words->plain_count == 0; i++) {
        const char *folder = trm_runs_folder(i, paths[count], PATH_BYTES);
        if (folder != NULL)
            folders[count++] = folder;
    }
    if (count == 0 && screen)
        return trm_report_usage("no folder of runs is here: `trm train` makes one, or name a DIR");
    return screen ? show(folders, count, o) : print(folders, count, o);
}

const trm_command trm_command_runs = {
    .name = "runs",
    .summary = "list recorded runs; open, follow, resume or delete them",
    .words = "[DIR]",
    .about =
        "Lists the runs in DIR, or those in ./runs and in the state folder: state (running, "
        "finished, stopped, failed, broken), progress, the share of successes among the last 50 "
        "episodes or of held-out samples that are right after the last epoch, the best reward or "
        "share, size and age. On a terminal the list is a screen from which a run can be followed, "
        "resumed, replayed, compared, plotted or moved to the trash; ? shows the keys. Reading "
        "writes nothing and takes no lock.",
    .examples = (const char *const[]){"trm runs", "trm runs --sort best --filter maze",
                                      "trm runs --json", NULL},
    .options = options,
    .options_size = sizeof(runs_options),
    .words_max = 1,
    .ranks = TRM_RANKS_FIRST,
    .run = run,
};
