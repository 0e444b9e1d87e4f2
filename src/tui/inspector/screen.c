// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "trm/base/arena.h"
#include "tui/explain/explain.h"
#include "tui/inspector/draw.h"
#include "tui/inspector/state.h"

static bool tick(void *self, double now) {
    trm_inspector *m = self;
    (void)now;
    const bool wide = trm_inspector_layout_of(trm_app_area(m->app), m->view.side).wide;
    const bool turned = wide != m->view.wide;
    if (turned) {
        m->view.wide = wide;
        trm_inspector_view_refresh(&m->view);
    }
    return trm_inspector_work(m) || turned;
}

static double wait_time(const void *self, double now) {
    (void)now;
    return trm_inspector_busy(self) ? 0.0 : 1.0;
}

static void draw(trm_canvas *c, const void *self) {
    const trm_inspector *m = self;
    trm_inspector_draw(c, &m->view);
}

static int32_t panel_of(const void *self) {
    return TRM_PANEL_MICROSCOPE_BOARD + (int32_t)((const trm_inspector *)self)->view.focus;
}

static void close_screen(void *self) {
    trm_inspector *m = self;
    trm_inspector_view_done(&m->view);
    trm_policy_map_done(&m->map);
    trm_pca_done(&m->pca);
    free(m->points);
    trm_inspection_free(m->scope);
    free(m);
}

static const trm_screen_ops ops = {
    .name = "microscope",
    .meanwhile = "what goes on below goes on",
    .actions = trm_inspector_actions,
    .tick = tick,
    .wait = wait_time,
    .draw = draw,
    .panel = panel_of,
    .click = trm_inspector_click,
    .tell = trm_inspector_tell,
    .close = close_screen,
    .wheel = {'[', ']'},
};

bool trm_inspector_push(trm_app *app, const trm_inspector_source *source, trm_error *e) {
    trm_inspection *scope = trm_inspection_new(source, e);
    if (scope == NULL)
        return false;
    trm_inspector *m = trm_alloc(1, sizeof *m);
    const trm_trace_shape *s = &scope->shape;
    m->app = app;
    m->scope = scope;
    m->map_at = -1;
    m->path_of = -1;
    m->points = trm_alloc((size_t)scope->moments * (size_t)s->cycles, sizeof *m->points);
    trm_pca_init(&m->pca, s->h);
    trm_policy_map_init(&m->map, &scope->agent, trm_inspection_state(scope, 0), s->cycles);
    const int32_t at = source->at < scope->moments ? source->at : scope->moments - 1;
    trm_inspection_compute(scope, at);
    trm_inspector_view_init(&m->view, scope, at);
    m->view.map = &m->map;
    m->view.pca = &m->pca;
    return trm_app_push(app, &ops, m, e);
}

bool trm_inspector_push_either(trm_app *app, const trm_inspector_source *source, int32_t what_if,
                               trm_error *e) {
    return (what_if ? trm_what_if_push : trm_inspector_push)(app, source, e);
}
