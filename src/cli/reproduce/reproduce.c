// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/common/cluster.h"
#include "cli/common/interrupt.h"
#include "cli/common/options.h"
#include "cli/common/progress.h"
#include "cli/common/report.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/run/reproduce.h"

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

enum { COLUMNS = 3 }; // as the original does it, corrected, ours

// A claim with what was measured of it.
typedef struct row {
    const trm_claim *claim;
    const trm_measure_task *tasks[COLUMNS]; // NULL where there is no preset
} row;

// ---- what it has shown
// ---------------------------------------------------------------------------

enum { CELL = 96 };

static const char *preset_of(const trm_claim *c, int column) {
    return column == 0 ? c->as_is : column == 1 ? c->corrected : c->ours;
}

static bool is_done(const row *r, int column) {
    return r->tasks[column] != NULL && r->tasks[column]->done;
}

// "94.0 ± 0.2 %"; without the deviation where there is none.
static size_t write_share(char *out, size_t size, int digits, double mean, double deviation) {
    if (isnan(deviation))
        return trm_text_format(out, size, "%.*f %%", digits, 100 * mean);
    return trm_text_format(out, size, "%.*f ± %.*f %%", digits, 100 * mean, digits,
                           100 * deviation);
}

static void write_accuracy(char out[CELL], const trm_measure *m) {
    size_t used = trm_text_format(out, CELL, "cells ");
    used += write_share(out + used, CELL - used, 1, m->cells_mean, m->cells_deviation);
    used += trm_text_format(out + used, CELL - used, ", exact ");
    used += write_share(out + used, CELL - used, 1, m->mean, m->deviation);
    if (m->epochs < m->epochs_whole)
        trm_text_format(out + used, CELL - used, " (%d of %d epochs)", m->epochs, m->epochs_whole);
}

static void write_cell(char out[CELL], const row *r, int column) {
    char number[32];
    out[0] = '\0';
    if (r->claim->kind == TRM_CLAIM_READ && column == 0)
        trm_text_copy(out, CELL, r->claim->found);
    if (!is_done(r, column))
        return;
    const trm_measure *m = &r->tasks[column]->result;
    switch (r->claim->kind) {
    case TRM_CLAIM_SUCCESS:
        write_share(out, CELL, 0, m->mean, m->deviation);
        break;
    case TRM_CLAIM_ACCURACY:
        write_accuracy(out, m);
        break;
    case TRM_CLAIM_PARAMETERS:
        trm_text_copy(out, CELL, trm_text_thousands(number, (int64_t)m->mean));
        break;
    case TRM_CLAIM_DATA:
        trm_text_format(out, CELL, "%.0f answer%s, %.0f empty of %d", m->mean,
                        m->mean == 1 ? "" : "s", m->cells_mean, m->samples);
        break;
    case TRM_CLAIM_READ:
        break;
    }
}

static void print_table(const row *rows, int count, bool markdown) {
    static const char *const heads[] = {"claimed", "as the original does it", "corrected", "ours"};
    if (markdown)
        printf("| claim | claimed | %s | %s | %s | why |\n|---|---|---|---|---|---|\n", heads[1],
               heads[2], heads[3]);
    for (int i = 0; i < count; i++) {
        const trm_claim *c = rows[i].claim;
        char cells[COLUMNS][CELL];
        for (int k = 0; k < COLUMNS; k++)
            write_cell(cells[k], &rows[i], k);
        if (markdown) {
            printf("| %s | %s | %s | %s | %s | %s |\n", c->claim, c->claimed, cells[0], cells[1],
                   cells[2], c->reason);
            continue;
        }
        printf("%s\n", c->claim);
        const char *const values[] = {c->claimed, cells[0], cells[1], cells[2]};
        for (int k = 0; k < COLUMNS + 1; k++)
            if (values[k][0] != '\0')
                printf("    %-24s %s\n", heads[k], values[k]);
        printf("    %-24s %s\n", "why", c->reason);
    }
}

static void print_values(const char *name, const double *values, int32_t n) {
    printf(",\"%s\":[", name);
    for (int32_t i = 0; i < n; i++) {
        if (i > 0)
            putchar(',');
        trm_json_number(stdout, values[i]);
    }
    putchar(']');
}

static void print_measure(const char *name, const row *r, int column) {
    printf(",\"%s\":", name);
    if (!is_done(r, column)) {
        fputs("null", stdout);
        return;
    }
    const trm_measure *m = &r->tasks[column]->result;
    putchar('{');
    trm_json_text_member(stdout, true, "preset", r->tasks[column]->preset);
    trm_json_member(stdout, false, "seeds", m->seeds);
    trm_json_member(stdout, false, "mean", m->mean);
    trm_json_member(stdout, false, "deviation", m->deviation);
    trm_json_member(stdout, false, "cells", m->cells_mean);
    trm_json_member(stdout, false, "cells_deviation", m->cells_deviation);
    trm_json_member(stdout, false, "samples", m->samples);
    trm_json_member(stdout, false, "epochs", m->epochs);
    trm_json_member(stdout, false, "epochs_whole", m->epochs_whole);
    print_values("values", m->value, m->seeds);
    print_values("cells_values", m->cells, m->seeds);
    putchar('}');
}

static void print_json(const row *rows, int count) {
    static const char *const kinds[] = {"success", "accuracy", "parameters", "data", "read"};
    fputs("{\"claims\":[", stdout);
    for (int i = 0; i < count; i++) {
        const trm_claim *c = rows[i].claim;
        fputs(i > 0 ? ",{" : "{", stdout);
        trm_json_text_member(stdout, true, "name", c->name);
        trm_json_text_member(stdout, false, "claim", c->claim);
        trm_json_text_member(stdout, false, "kind", kinds[c->kind]);
        trm_json_text_member(stdout, false, "claimed", c->claimed);
        if (c->found != NULL)
            trm_json_text_member(stdout, false, "found", c->found);
        print_measure("as_is", &rows[i], 0);
        print_measure("corrected", &rows[i], 1);
        print_measure("ours", &rows[i], 2);
        trm_json_text_member(stdout, false, "reason", c->reason);
        putchar('}');
    }
    puts("]}");
}

// ---- measuring
// -----------------------------------------------------------------------------------

typedef struct job {
    row rows[MAX_ROWS];
    int row_count;
    trm_measure_task tasks[MAX_ROWS * COLUMNS];
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
        for (int k = 0; k < COLUMNS; k++) {
            if (preset_of(c, k) == NULL)
                continue;
            trm_measure_task *t = &j->tasks[j->task_count++];
            *t = (trm_measure_task){.claim = c,
                                    .preset = preset_of(c, k),
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

static const char *name_at(int32_t i) {
    return trm_claim_at(i) != NULL ? trm_claim_at(i)->name : NULL;
}

static int unknown(const char *name) {
    const char *near = trm_text_nearest_of(name_at, name);
    return trm_report_usage("there is no claim \"%s\"%s%s%s; `trm reproduce --help` lists them",
                            name, near ? "; did you mean \"" : "", near ? near : "",
                            near ? "\"?" : "");
}

// The claims named, or all of them.
static int choose(const trm_words *words, job *j) {
    for (int i = 0; words->plain_count == 0 && trm_claim_at(i) != NULL; i++)
        j->rows[j->row_count++].claim = trm_claim_at(i);
    for (int i = 0; i < words->plain_count; i++) {
        const trm_claim *c = trm_claim_at(trm_text_index(name_at, words->plain[i]));
        if (c == NULL)
            return unknown(words->plain[i]);
        j->rows[j->row_count++].claim = c;
    }
    return TRM_EXIT_DONE;
}

static int reproduce(job *j, const reproduce_options *o) {
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    trm_peers *peers = trm_cluster_peers();
    const int64_t all = !peers && processors > 0 && processors < 64 ? processors : 1;
    trm_error e = {0};
    trm_interrupt_catch(false);
    plan(j, o);
    const trm_measure_watch watch = {.go_on = go_on, .ended = ended, .ctx = j};
    trm_progress_init(&j->progress, "measurements", 0);
    bool ok = trm_claims_measure(j->tasks, j->task_count, peers,
                                 (int32_t)(o->threads > 0 ? o->threads : all), &watch, &e);
    trm_progress_clear(&j->progress);
    if (o->json)
        print_json(j->rows, j->row_count);
    else
        print_table(j->rows, j->row_count, o->markdown);
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
    .ranks = TRM_RANKS_ALL,
    .run = run,
};
