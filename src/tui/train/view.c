// SPDX-License-Identifier: Apache-2.0
#include "tui/train/view.h"

#include <math.h>
#include <string.h>

#include "tui/layout.h"
#include "tui/train/panel.h"

static const float FADE = 0.98f; // of the activations' peak, a subject in sight

void trm_train_view_init(trm_train_view *v, const trm_config *config, const trm_trace_shape *shape,
                         bool ascii) {
    memset(v, 0, sizeof *v);
    v->config = config;
    v->shape = *shape;
    v->words = trm_words_of_trace(shape);
    v->ascii = ascii;
    v->step.cursor = v->step.agent = -1;
    v->step.optimum_mean = NAN;
    v->sample.best = -1;
    v->left = (double)NAN;
    v->selected = shape->cycles - 1;
}

void trm_train_view_done(trm_train_view *v) {
    v->panel->done(v);
}

void trm_train_view_history(trm_train_view *v, const trm_history *h) {
    v->panel->history(v, h);
}

bool trm_train_view_pausing(const trm_train_view *v) {
    return v->paused && (v->snap.state == TRM_TRAINER_RUNNING ||
                         (v->snap.state == TRM_TRAINER_SHOWING && v->panel->plays));
}

trm_reading trm_train_view_reading(const trm_train_view *v) {
    return v->panel->reading(v);
}

float *trm_train_view_trace(const trm_train_view *v) {
    return v->panel->reading(v).trace;
}

void trm_train_view_select(trm_train_view *v, int32_t cycle) {
    v->selected = trm_clamp(cycle, 0, v->shape.cycles - 1);
    if (v->panel->select != NULL)
        v->panel->select(v);
}

static float largest(const float *x, int32_t n) {
    float m = 0.0f;
    for (int32_t i = 0; i < n; i++)
        m = fabsf(x[i]) > m ? fabsf(x[i]) : m;
    return m;
}

// A scale follows a peak that fades slowly, so that it does not change from look to look.
static void follow(float *scale, float *peak, float now) {
    *peak = fmaxf(now, FADE * *peak);
    *scale = trm_heat_scale(*scale, *peak);
}

void trm_train_view_scale(trm_train_view *v) {
    float *trace = trm_train_view_trace(v);
    float h = 0.0f, l = 0.0f, mean = 0.0f;
    for (int32_t c = 0; c < v->shape.cycles; c++) {
        h = fmaxf(h, largest(trm_trace_h(&v->shape, trace, c), v->shape.h));
        l = fmaxf(l, largest(trm_trace_l(&v->shape, trace, c), v->shape.l));
        if (v->sample.answers != NULL)
            mean = fmaxf(mean, largest(v->sample.answers[c].mean, v->sample.positions));
    }
    follow(&v->h_scale, &v->h_peak, h);
    follow(&v->l_scale, &v->l_peak, l);
    follow(&v->mean_scale, &v->mean_peak, mean);
}
