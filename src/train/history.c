// SPDX-License-Identifier: Apache-2.0
#include "trm/train/history.h"

#include <math.h>
#include <stddef.h>

void trm_history_init(trm_history *h) {
    *h = (trm_history){.width = 1,
                       .best_reward = -INFINITY,
                       .best_episode = -1,
                       .first_success = -1,
                       .batches.stride = 1,
                       .epochs.stride = 1};
}

int32_t trm_history_window(const trm_history *h) {
    return h->episodes < TRM_HISTORY_WINDOW ? (int32_t)h->episodes : TRM_HISTORY_WINDOW;
}

float trm_history_last(const trm_history *h) {
    return h->episodes > 0 ? h->window_reward[(h->episodes - 1) % TRM_HISTORY_WINDOW] : NAN;
}

float trm_history_mean50(const trm_history *h) {
    double sum = 0;
    int64_t n = trm_history_window(h);
    for (int64_t i = 0; i < n; i++)
        sum += (double)h->window_reward[i];
    return n ? (float)(sum / (double)n) : NAN;
}

float trm_history_success50(const trm_history *h) {
    int32_t count = 0;
    int64_t n = trm_history_window(h);
    for (int64_t i = 0; i < n; i++)
        count += h->window_success[i];
    return n ? (float)count / (float)n : NAN;
}

// Pairs of points become one: half as many, each standing for twice as many episodes.
static void thin(trm_history *h) {
    for (int32_t i = 0; i < h->count / 2; i++) {
        const trm_history_point *a = &h->points[2 * i], *b = a + 1;
        h->points[i] = (trm_history_point){.episode = a->episode,
                                           .step = b->step,
                                           .count = a->count + b->count,
                                           .min = fminf(a->min, b->min),
                                           .max = fmaxf(a->max, b->max),
                                           .sum = a->sum + b->sum,
                                           .mean50 = b->mean50,
                                           .success50 = b->success50};
    }
    h->count /= 2;
    h->width *= 2;
}

static trm_history_point *newest_point(trm_history *h, int64_t episode) {
    if (h->count && h->points[h->count - 1].count < h->width)
        return &h->points[h->count - 1];
    if (h->count == TRM_HISTORY_POINTS)
        thin(h);
    trm_history_point *p = &h->points[h->count++];
    *p = (trm_history_point){.episode = episode, .min = INFINITY, .max = -INFINITY};
    return p;
}

bool trm_history_notable(const trm_history *h, const trm_episode *ep) {
    return ep->reward > h->best_reward || (ep->success && h->first_success < 0);
}

void trm_history_add(trm_history *h, const trm_episode *ep) {
    trm_history_add_many(h, ep, 1);
}

static void fill_window(trm_history *h, const trm_episode *ep, int64_t count) {
    for (int64_t i = count < TRM_HISTORY_WINDOW ? count : TRM_HISTORY_WINDOW; i > 0; i--) {
        int64_t slot = (h->episodes + count - i) % TRM_HISTORY_WINDOW;
        h->window_reward[slot] = ep->reward;
        h->window_success[slot] = ep->success;
    }
    h->episodes += count;
    h->successes += ep->success ? count : 0;
}

void trm_history_add_many(trm_history *h, const trm_episode *ep, int64_t count) {
    fill_window(h, ep, count);
    if (ep->success && h->first_success < 0)
        h->first_success = ep->episode;
    if (ep->reward > h->best_reward) {
        h->best_reward = ep->reward;
        h->best_episode = ep->episode;
    }
    for (int64_t episode = ep->episode, part; count > 0; count -= part, episode += part) {
        trm_history_point *p = newest_point(h, episode);
        part = count < h->width - p->count ? count : h->width - p->count;
        p->step = ep->step;
        p->count += part;
        p->min = fminf(p->min, ep->reward);
        p->max = fmaxf(p->max, ep->reward);
        p->sum += (double)ep->reward * (double)part;
        p->mean50 = trm_history_mean50(h);
        p->success50 = trm_history_success50(h);
    }
}

// ---- epochs -------------------------------------------------------------------------------------

// Keeps every second value of a full list: the later one of each pair.
static void halve(float *values) {
    for (int32_t i = 0; i < TRM_HISTORY_CURVE / 2; i++)
        values[i] = values[2 * i + 1];
}

static void halve_mean(float *values) {
    for (int32_t i = 0; i < TRM_HISTORY_CURVE / 2; i++)
        values[i] = 0.5f * (values[2 * i] + values[2 * i + 1]);
}

void trm_history_add_batch(trm_history *h, double x, double loss) {
    trm_history_batches *b = &h->batches;
    b->sum += loss;
    if (++b->seen % b->stride != 0)
        return;
    if (b->count == TRM_HISTORY_CURVE) {
        halve(b->x);
        halve_mean(b->loss);
        b->count /= 2;
        b->stride *= 2;
        if (b->seen % b->stride != 0)
            return; // the first half of a point
    }
    b->x[b->count] = (float)x;
    b->loss[b->count++] = (float)(b->sum / (double)b->stride);
    b->sum = 0;
}

void trm_history_add_epoch(trm_history *h, const trm_epoch *epoch) {
    trm_history_epochs *k = &h->epochs;
    if (++k->seen % k->stride != 0)
        return;
    if (k->count == TRM_HISTORY_CURVE) {
        float *const lists[] = {k->x, k->train_loss, k->validation_loss, k->cells, k->exact};
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
            halve(lists[i]);
        k->count /= 2;
        k->stride *= 2;
        if (k->seen % k->stride != 0)
            return;
    }
    const int32_t i = k->count++;
    k->x[i] = (float)(epoch->epoch + 1);
    k->train_loss[i] = (float)epoch->train_loss;
    k->validation_loss[i] = (float)epoch->score.loss;
    k->cells[i] = (float)epoch->score.cell_accuracy;
    k->exact[i] = (float)epoch->score.exact_accuracy;
}
