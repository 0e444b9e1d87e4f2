// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/common/interrupt.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/base/text.h"
#include "trm/run/reproduce.h"

typedef struct reproduce_options {
    int64_t seeds, threads;
    bool quick, json, markdown;
} reproduce_options;

enum { COLUMNS = 3, CELL = 48, SEEDS = 5 };

static const trm_option options[] = {
    {.name = "--seeds",
     .value = "N",
     .help = "random seeds each (default 5; with --quick 3, and 1 for supervised)",
     .kind = TRM_OPTION_COUNT,
     .offset = offsetof(reproduce_options, seeds),
     .min = 1,
     .max = TRM_MEASURE_SEEDS},
    {.name = "--threads",
     .value = "N",
     .help = "seeds at once (default: one a processor)",
     .kind = TRM_OPTION_COUNT,
     .offset = offsetof(reproduce_options, threads),
     .min = 1,
     .max = 64},
    {.name = "--quick",
     .help = "fewer seeds: under two minutes on two cores",
     .kind = TRM_OPTION_FLAG,
     .offset = offsetof(reproduce_options, quick)},
    {.name = "--json",
     .help = "print one JSON object",
     .kind = TRM_OPTION_FLAG,
     .offset = offsetof(reproduce_options, json)},
    {.name = "--markdown",
     .help = "print the table as Markdown",
     .kind = TRM_OPTION_FLAG,
     .offset = offsetof(reproduce_options, markdown)},
    {0},
};

// A claim with what was measured of it.
typedef struct row {
    const trm_claim *claim;
    trm_measure measures[COLUMNS]; // as the original, corrected, ours
    bool measured[COLUMNS];
} row;

static const char *preset_of(const trm_claim *c, int column) {
    return column == 0 ? c->as_is : column == 1 ? c->corrected : c->ours;
}

static bool go_on(void *ctx) {
    (void)ctx;
    return !trm_interrupt_asked();
}

static int32_t seeds_for(const trm_claim *c, const reproduce_options *o) {
    if (o->seeds > 0)
        return (int32_t)o->seeds;
    return !o->quick ? SEEDS : c->kind == TRM_CLAIM_ACCURACY ? 1 : 3;
}

static bool measure_row(row *r, const reproduce_options *o, trm_error *e) {
    for (int k = 0; k < COLUMNS; k++) {
        const char *preset = preset_of(r->claim, k);
        if (preset == NULL)
            continue;
        fprintf(stderr, "trm: %s: %s\n", r->claim->name, preset);
        if (!trm_claim_measure(r->claim, preset, seeds_for(r->claim, o), (int32_t)o->threads, go_on,
                               NULL, &r->measures[k], e))
            return false;
        r->measured[k] = true;
    }
    return true;
}

static void write_cell(char out[CELL], const row *r, int column) {
    const trm_measure *m = &r->measures[column];
    char number[32];
    out[0] = '\0';
    if (!r->measured[column])
        return;
    switch (r->claim->kind) {
    case TRM_CLAIM_SUCCESS:
        if (m->seeds > 1)
            trm_text_format(out, CELL, "%.0f ± %.0f %%", 100 * m->mean, 100 * m->deviation);
        else
            trm_text_format(out, CELL, "%.0f %%", 100 * m->mean);
        break;
    case TRM_CLAIM_ACCURACY:
        trm_text_format(out, CELL, "cells %.1f %%, exact %.1f %%", 100 * m->cells_mean,
                        100 * m->mean);
        break;
    case TRM_CLAIM_PARAMETERS:
        trm_text_copy(out, CELL, trm_text_thousands(number, (int64_t)m->mean));
        break;
    case TRM_CLAIM_DATA:
        trm_text_format(out, CELL, "%.0f answers, %.0f empty of %d", m->mean, m->cells_mean,
                        m->samples);
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

static void print_measure(const char *name, const row *r, int column) {
    const trm_measure *m = &r->measures[column];
    printf(",\"%s\":", name);
    if (!r->measured[column]) {
        fputs("null", stdout);
        return;
    }
    putchar('{');
    trm_json_text_member(stdout, true, "preset", preset_of(r->claim, column));
    trm_json_member(stdout, false, "mean", m->mean);
    trm_json_member(stdout, false, "deviation", m->deviation);
    trm_json_member(stdout, false, "cells", m->cells_mean);
    trm_json_member(stdout, false, "samples", m->samples);
    fputs(",\"values\":[", stdout);
    for (int32_t i = 0; i < m->seeds; i++) {
        if (i > 0)
            putchar(',');
        trm_json_number(stdout, m->value[i]);
    }
    fputs("]}", stdout);
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
        print_measure("as_is", &rows[i], 0);
        print_measure("corrected", &rows[i], 1);
        print_measure("ours", &rows[i], 2);
        trm_json_text_member(stdout, false, "reason", c->reason);
        putchar('}');
    }
    puts("]}");
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
static int choose(const trm_words *words, row *rows, int *count) {
    *count = 0;
    for (int i = 0; words->plain_count == 0 && trm_claim_at(i) != NULL; i++)
        rows[(*count)++].claim = trm_claim_at(i);
    for (int i = 0; i < words->plain_count; i++) {
        const trm_claim *c = trm_claim_find(words->plain[i]);
        if (c == NULL)
            return unknown(words->plain[i]);
        rows[(*count)++].claim = c;
    }
    return TRM_EXIT_DONE;
}

static int reproduce(row *rows, int count, const reproduce_options *o) {
    trm_error e = {0};
    int done = 0;
    trm_interrupt_catch(false);
    while (done < count && measure_row(&rows[done], o, &e))
        done++;
    if (o->json)
        print_json(rows, done);
    else
        print_table(rows, done, o->markdown);
    int status = trm_report_finish(TRM_EXIT_DONE);
    return done < count ? trm_report_error(&e) : status;
}

static int run(const trm_command *command, int argc, char **argv) {
    enum { MAX_ROWS = 64 };
    static row rows[MAX_ROWS];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    reproduce_options o = {.threads = processors > 0 && processors < 64 ? processors : 1};
    trm_words words;
    int count, status = trm_options_parse(command, argc, argv, &o, &words);
    if (status != TRM_OPTIONS_GO)
        return status;
    status = choose(&words, rows, &count);
    if (status == TRM_EXIT_DONE)
        status = reproduce(rows, count, &o);
    trm_words_free(&words);
    return status;
}

const trm_command trm_command_reproduce = {
    .name = "reproduce",
    .summary = "what each of the original's claims is worth, measured",
    .usage = "reproduce [NAME...] [--quick] [--seeds N] [--threads N] [--json|--markdown]",
    .about =
        "Measures the claims of the original project on this implementation: as the original does\n"
        "it, with its fault corrected, and by our own recipe. Names: rl-mlp, rl-k5, rl-k3,\n"
        "rl-sudoku, rl-sudoku-one, rl-sudoku-easy, rl-sudoku-medium, mazes-8-cnn, mazes-8-trm,\n"
        "mazes-10-transformer, mazes-10-trm, baseline, parameters-*, data-8, data-10,\n"
        "deep-supervision, halting.",
    .example = "  trm reproduce --quick\n"
               "  trm reproduce rl-k3 rl-k5 --seeds 10 --json",
    .options = options,
    .words_min = 0,
    .words_max = 63,
    .run = run,
};
