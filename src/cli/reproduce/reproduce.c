// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/common/interrupt.h"
#include "cli/common/options.h"
#include "cli/common/progress.h"
#include "cli/common/report.h"
#include "cli/reproduce/report.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"

typedef struct reproduce_options {
    int64_t seeds, threads;
    bool quick, json, markdown;
} reproduce_options;

enum { SEEDS = 5, MAX_ROWS = 64 };

static const trm_option options[] = {
    TRM_SHARED_SEEDS(reproduce_options, TRM_MEASURE_SEEDS,
                     "5; with --quick 3, or 1 where training takes long"),
    TRM_SHARED_THREADS(reproduce_options, 64, "one per processor"),
    TRM_SHARED_QUICK(reproduce_options),
    TRM_SHARED_JSON(reproduce_options),
    TRM_FLAG(reproduce_options, markdown, "--markdown", "print the table as Markdown"),
    {0},
};

typedef struct job {
    reproduce_row rows[MAX_ROWS];
    int row_count;
    trm_measure_task tasks[MAX_ROWS * REPRODUCE_COLUMNS];
    int32_t task_count;
    int64_t seeds_done, seeds_total;
    trm_progress progress;
} job;

static int32_t seeds_for(const trm_claim *c, const reproduce_options *o) {
    if (o->seeds > 0)
        return (int32_t)o->seeds;
    return !o->quick ? SEEDS : c->quick_seeds > 0 ? c->quick_seeds : TRM_QUICK_SEEDS;
}

static void plan(job *j, const reproduce_options *o) {
    for (int i = 0; i < j->row_count; i++) {
        const trm_claim *c = j->rows[i].claim;
        for (int k = 0; k < REPRODUCE_COLUMNS; k++) {
            if (reproduce_preset(c, k) == NULL)
                continue;
            trm_measure_task *t = &j->tasks[j->task_count++];
            *t = (trm_measure_task){.claim = c,
                                    .preset = reproduce_preset(c, k),
                                    .seeds = seeds_for(c, o),
                                    .epochs = o->quick ? c->quick_epochs : 0};
            j->rows[i].tasks[k] = t;
            j->seeds_total += c->kind == TRM_CLAIM_PARAMETERS ? 1 : t->seeds;
        }
    }
}

static bool go_on(void *ctx) {
    (void)ctx;
    return !trm_interrupt_asked();
}

static void ended(void *ctx, const trm_measure_task *task) {
    job *j = ctx;
    char note[96];
    trm_text_format(note, sizeof note, "%s: %s", task->claim->name, task->preset);
    trm_progress_show(&j->progress, ++j->seeds_done, j->seeds_total, note);
}

static const char *name_at(const void *ctx, size_t i) {
    (void)ctx;
    return trm_claim_at((int32_t)i)->name;
}

static int unknown(const char *name) {
    size_t n = 0;
    while (trm_claim_at((int32_t)n) != NULL)
        n++;
    const char *near = trm_text_nearest(name, name_at, NULL, n);
    return trm_report_usage("there is no claim \"%s\"%s%s%s; `trm reproduce --help` lists them",
                            name, near ? "; did you mean \"" : "", near ? near : "",
                            near ? "\"?" : "");
}

// The claims named, or all of them.
static int choose(const trm_words *words, job *j) {
    for (int i = 0; words->plain_count == 0 && trm_claim_at(i) != NULL; i++)
        j->rows[j->row_count++].claim = trm_claim_at(i);
    for (int i = 0; i < words->plain_count; i++) {
        const trm_claim *c = trm_claim_find(words->plain[i]);
        if (c == NULL)
            return unknown(words->plain[i]);
        j->rows[j->row_count++].claim = c;
    }
    return TRM_EXIT_DONE;
}

static int reproduce(job *j, const reproduce_options *o) {
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const int64_t all = processors > 0 && processors < 64 ? processors : 1;
    trm_error e = {0};
    trm_interrupt_catch(false);
    plan(j, o);
    const trm_measure_watch watch = {.go_on = go_on, .ended = ended, .ctx = j};
    trm_progress_init(&j->progress, "measurements", 0);
    bool ok = trm_claims_measure(j->tasks, j->task_count,
                                 (int32_t)(o->threads > 0 ? o->threads : all), &watch, &e);
    trm_progress_clear(&j->progress);
    if (o->json)
        reproduce_print_json(j->rows, j->row_count);
    else
        reproduce_print_table(j->rows, j->row_count, o->markdown);
    int status = trm_report_finish(TRM_EXIT_DONE);
    return ok ? status : trm_report_error(&e);
}

static int run(const trm_words *words, void *given) {
    const reproduce_options *o = given;
    if (o->json && o->markdown)
        return trm_report_no_effect("--markdown", "--json prints no table");
    job *j = trm_alloc(1, sizeof *j);
    int status = choose(words, j);
    if (status == TRM_EXIT_DONE)
        status = reproduce(j, o);
    free(j);
    return status;
}

const trm_command trm_command_reproduce = {
    .name = "reproduce",
    .summary = "measure the claims of the original project",
    .words = "[CLAIM...]",
    .about = "Measures each claim of the original project three times with this program: as the "
             "original does it, with the original's fault corrected, and with our own recipe. "
             "Without a CLAIM it measures all of them. --quick uses fewer seeds and, for "
             "some claims, fewer epochs: under two minutes on two cores.",
    .examples = (const char *const[]){"trm reproduce --quick",
                                      "trm reproduce rl-k3 rl-k5 --seeds 10 --json", NULL},
    .options = options,
    .options_size = sizeof(reproduce_options),
    .words_min = 0,
    .words_max = MAX_ROWS - 1,
    .run = run,
};
