// SPDX-License-Identifier: Apache-2.0
#include "trm/run/runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/text.h"

static const char *const states[] = {"running", "finished", "stopped", "failed", "broken"};
static const char *const orders[] = {"age",      "name", "preset", "state",
                                     "progress", "last", "best",   "size"};

const char *trm_run_state_name(trm_run_state s) {
    return states[s];
}

const char *trm_runs_order_name(int32_t i) {
    return i >= 0 && i < TRM_RUNS_ORDERS ? orders[i] : NULL;
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const trm_run_entry *)a)->path, ((const trm_run_entry *)b)->path);
}

static double progress(const trm_run_entry *x) {
    return x->total > 0 ? (double)x->done / (double)x->total : 0;
}

// Less comes first. What is not known comes last.
static int falling(double a, double b) {
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a < b) - (a > b);
}

static int compare(const trm_run_entry *a, const trm_run_entry *b, trm_runs_order order) {
    switch (order) {
    case TRM_RUNS_BY_AGE:
        return (a->changed < b->changed) - (a->changed > b->changed);
    case TRM_RUNS_BY_PRESET:
        return strcmp(a->preset, b->preset);
    case TRM_RUNS_BY_STATE:
        return (a->state > b->state) - (a->state < b->state);
    case TRM_RUNS_BY_PROGRESS:
        return falling(progress(a), progress(b));
    case TRM_RUNS_BY_LAST:
        return falling(a->last, b->last);
    case TRM_RUNS_BY_BEST:
        return falling(a->best, b->best);
    case TRM_RUNS_BY_SIZE:
        return (a->bytes < b->bytes) - (a->bytes > b->bytes);
    case TRM_RUNS_BY_NAME:
    case TRM_RUNS_ORDERS:
        break;
    }
    return 0;
}

typedef struct ordering {
    trm_runs_order order;
    bool reverse;
} ordering;

static int by_order(const void *a, const void *b, void *ctx) {
    const ordering *o = ctx;
    const int by = compare(a, b, o->order);
    const int name = by_path(a, b);
    if (by == 0)
        return o->order == TRM_RUNS_BY_NAME && o->reverse ? -name : name;
    return o->reverse ? -by : by;
}

void trm_runs_sort(trm_runs *r, trm_runs_order order, bool reverse) {
    ordering o = {order, reverse};
    if (r->count > 0)
        qsort_r(r->items, (size_t)r->count, sizeof *r->items, by_order, &o);
}

bool trm_runs_match(const trm_run_entry *x, const char *text) {
    char word[TRM_RUN_NAME];
    while (*(text += strspn(text, " ")) != '\0') {
        const size_t n = strcspn(text, " ");
        trm_text_format(word, sizeof word, "%.*s", (int)n, text);
        text += n;
        if (!strcasestr(x->path, word) && !strcasestr(x->preset, word) &&
            !strcasestr(x->model, word) && !strcasestr(trm_run_state_name(x->state), word) &&
            !(x->resumable && strcasestr("resumable", word)))
            return false;
    }
    return true;
}

void trm_runs_filter(trm_runs *r, const char *text) {
    int32_t kept = 0;
    for (int32_t i = 0; i < r->count; i++)
        if (trm_runs_match(&r->items[i], text))
            r->items[kept++] = r->items[i];
        else
            free(r->items[i].path);
    r->count = kept;
}
