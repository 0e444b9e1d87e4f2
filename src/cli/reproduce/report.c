// SPDX-License-Identifier: Apache-2.0
#include "cli/reproduce/report.h"

#include <math.h>
#include <stdio.h>

#include "cli/common/report.h"
#include "trm/base/text.h"

enum { CELL = 96 };

const char *reproduce_preset(const trm_claim *c, int column) {
    return column == 0 ? c->as_is : column == 1 ? c->corrected : c->ours;
}

static bool is_done(const reproduce_row *r, int column) {
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

static void write_cell(char out[CELL], const reproduce_row *r, int column) {
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

void reproduce_print_table(const reproduce_row *rows, int count, bool markdown) {
    static const char *const heads[] = {"claimed", "as the original does it", "corrected", "ours"};
    if (markdown)
        printf("| claim | claimed | %s | %s | %s | why |\n|---|---|---|---|---|---|\n", heads[1],
               heads[2], heads[3]);
    for (int i = 0; i < count; i++) {
        const trm_claim *c = rows[i].claim;
        char cells[REPRODUCE_COLUMNS][CELL];
        for (int k = 0; k < REPRODUCE_COLUMNS; k++)
            write_cell(cells[k], &rows[i], k);
        if (markdown) {
            printf("| %s | %s | %s | %s | %s | %s |\n", c->claim, c->claimed, cells[0], cells[1],
                   cells[2], c->reason);
            continue;
        }
        printf("%s\n", c->claim);
        const char *const values[] = {c->claimed, cells[0], cells[1], cells[2]};
        for (int k = 0; k < REPRODUCE_COLUMNS + 1; k++)
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

static void print_measure(const char *name, const reproduce_row *r, int column) {
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

void reproduce_print_json(const reproduce_row *rows, int count) {
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
