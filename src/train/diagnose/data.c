// SPDX-License-Identifier: Apache-2.0
// Samples: is there anything to learn in their targets?
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/diagnose/impl.h"
#include "trm/base/text.h"

// A sample's place among rows of bytes, sorted.
typedef struct entry {
    const char *bytes;
    size_t size;
    int32_t sample;
} entry;

static int by_bytes(const void *a, const void *b) {
    const entry *x = a, *y = b;
    int order = memcmp(x->bytes, y->bytes, x->size);
    return order ? order : x->sample < y->sample ? -1 : x->sample > y->sample;
}

static bool same_bytes(const entry *a, const entry *b) {
    return memcmp(a->bytes, b->bytes, a->size) == 0;
}

// malloc'd.
static entry *sorted(const void *rows, int32_t count, size_t size) {
    entry *e = trm_alloc((size_t)count, sizeof *e);
    for (int32_t i = 0; i < count; i++)
        e[i] = (entry){(const char *)rows + (size_t)i * size, size, i};
    qsort(e, (size_t)count, sizeof *e, by_bytes);
    return e;
}

// Samples in groups of equal inputs whose targets are not all equal.
static double count_ambiguous(const trm_dataset *s, const entry *inputs) {
    int32_t positions = s->positions;
    int32_t ambiguous = 0;
    size_t size = (size_t)positions * sizeof *s->targets;
    for (int32_t first = 0, end; first < s->count; first = end) {
        bool differ = false;
        const int32_t *target = s->targets + (int64_t)inputs[first].sample * positions;
        for (end = first + 1; end < s->count && same_bytes(&inputs[first], &inputs[end]); end++)
            differ |=
                memcmp(target, s->targets + (int64_t)inputs[end].sample * positions, size) != 0;
        ambiguous += differ ? end - first : 0;
    }
    return (double)ambiguous / s->count;
}

// ---- what it means ------------------------------------------------------------------------------

static void judge_constant(const trm_dataset_stats *d, trm_findings *f) {
    trm_verdict v = fine("the targets vary");
    double share = 100 * d->majority;
    if (d->count > 1 && d->distinct_targets == 1)
        v = fault("all targets are one and the same",
                  "Whatever learns that answer by heart scores 100 % without looking at its "
                  "input: vary start, goal and path.");
    else if (d->majority > 0.95)
        v = note("one answer is nearly right everywhere",
                 "Judge by samples that are right in every cell, not by cells.");
    trm_diagnose_add(f, "targets-constant", v,
                     "%d samples have %d different inputs and %d different targets; one answer "
                     "for all of them is right in %.1f %% of the cells.",
                     d->count, d->distinct_inputs, d->distinct_targets, share);
}

static void judge_empty(const trm_dataset_stats *d, trm_findings *f) {
    trm_verdict v = fine("every target says something");
    if (2 * (int64_t)d->without_path > d->count)
        v = fault("the targets are empty",
                  "Answering nothing is then right: draw samples that have an answer, as mazes "
                  "whose goal can be reached.");
    else if (d->without_path > 0)
        v = note("some targets are empty", "Leave them out, unless having no answer is one.");
    trm_diagnose_add(f, "targets-empty", v, "%d of %d targets have no path between start and goal.",
                     d->without_path, d->count);
}

static void judge_ambiguous(const trm_data_diagnosis *d, trm_findings *f) {
    trm_verdict v = fine("equal inputs have equal targets");
    if (d->ambiguous > 0)
        v = fault("equal inputs have different targets",
                  "No model can be right on all of them: put what tells them apart into the "
                  "input.");
    trm_diagnose_add(f, "targets-ambiguous", v,
                     "%.1f %% of %d samples have an input that occurs with another target, too.",
                     100 * d->ambiguous, d->stats.count);
}

static void judge_held_out(const trm_data_diagnosis *d, trm_findings *f) {
    trm_verdict v = fine("held-out samples are new");
    if (d->met > 0)
        v = fault("held-out samples were trained on",
                  "Their score tells what was learned by heart: draw them from a side of their "
                  "own.");
    trm_diagnose_add(f, "held-out", v,
                     "%.1f %% of the held-out inputs are among the training inputs.", 100 * d->met);
}

void trm_diagnose_data(const trm_dataset *train, const trm_dataset *held_out,
                       trm_data_diagnosis *out, trm_findings *f) {
    entry *inputs =
        sorted(train->inputs, train->count, (size_t)train->state_dim * sizeof *train->inputs);
    *out = (trm_data_diagnosis){.ambiguous = count_ambiguous(train, inputs), .met = (double)NAN};
    free(inputs);
    trm_dataset_measure(train, &out->stats);
    if (held_out && held_out->count > 0)
        out->met = (double)trm_dataset_overlap(held_out, train) / held_out->count;
    judge_constant(&out->stats, f);
    judge_empty(&out->stats, f);
    judge_ambiguous(out, f);
    if (!isnan(out->met))
        judge_held_out(out, f);
}
