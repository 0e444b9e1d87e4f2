// SPDX-License-Identifier: Apache-2.0
// What the microscope computes between two frames, the most urgent first: the thoughts of the
// moment in sight, the policy around it, the thoughts of the other moments, the directions of the
// path.
#include "tui/inspector/state.h"

#include "trm/base/clock.h"

static const double BUDGET = 0.004;    // seconds a round
static const double SLOW_LOOK = 0.008; // a look that would make a key wait too long

static bool map_wanted(const trm_inspector *m) {
    return m->map.cells > 0 && (m->map_at != m->view.at || m->map.done < m->map.cells);
}

static bool path_wanted(const trm_inspector *m) {
    return m->path_of != m->scope->looks || !m->pca.done;
}

bool trm_inspector_busy(const trm_inspector *m) {
    return m->view.trace == NULL || map_wanted(m) ||
           trm_inspection_next(m->scope, m->view.at) >= 0 || path_wanted(m);
}

static void look_here(trm_inspector *m) {
    if (trm_inspection_compute(m->scope, m->view.at) != NULL)
        trm_inspector_view_arrive(&m->view);
}

static void map_next(trm_inspector *m) {
    trm_inspection *s = m->scope;
    const int32_t at = m->view.at;
    if (m->map_at != at)
        trm_policy_map_begin(&m->map, &s->agent, m->view.agent);
    m->map_at = at;
    trm_policy_map_next(&m->map, &s->agent, trm_inspection_state(s, at),
                        trm_inspection_prev_action(s, at));
}

static void begin_path(trm_inspector *m) {
    const trm_trace_shape *s = &m->scope->shape;
    int32_t n = 0;
    for (int32_t t = 0; t < m->scope->moments; t++) {
        float *trace = trm_inspection_trace(m->scope, t);
        for (int32_t c = 0; trace != NULL && c < s->cycles; c++)
            m->points[n++] = trm_trace_h(s, trace, c);
    }
    trm_pca_begin(&m->pca, m->points, n);
    m->path_of = m->scope->looks;
}

static void path_next(trm_inspector *m) {
    if (m->path_of != m->scope->looks)
        begin_path(m);
    if (!trm_pca_step(&m->pca))
        trm_inspector_view_take_path(&m->view);
}

// One piece of work; false if there is none.
static bool work_once(trm_inspector *m) {
    const int32_t next = trm_inspection_next(m->scope, m->view.at);
    if (m->view.trace == NULL)
        look_here(m);
    else if (map_wanted(m))
        map_next(m);
    else if (next >= 0)
        trm_inspection_compute(m->scope, next);
    else if (path_wanted(m))
        path_next(m);
    else
        return false;
    return true;
}

bool trm_inspector_work(trm_inspector *m) {
    const double until = trm_clock_now() + BUDGET;
    const bool first = m->answer_first && m->scope->look_seconds > SLOW_LOOK;
    bool any = first;
    m->answer_first = false;
    while (!first && work_once(m)) {
        any = true;
        if (trm_clock_now() >= until)
            break;
    }
    return any;
}
