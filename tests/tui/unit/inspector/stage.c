// SPDX-License-Identifier: Apache-2.0
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"

enum { STEPS = 6 };

static void open_model(stage *s, const char *type) {
    trm_model_config c = trm_model_config_default();
    trm_error e = {0};
    trm_rng rng;
    trm_text_copy(c.type, sizeof c.type, type);
    c.h_dim = 12;
    c.l_dim = 6;
    c.hidden = 24;
    c.halting_head = strcmp(type, "trm-full") == 0;
    c.state_dim = trm_env_state_dim(s->env);
    c.action_dim = trm_env_action_dim(s->env);
    s->model = trm_model_new(&c, &e);
    if (!s->model)
        fail_msg("%s", e.message);
    trm_rng_seed(&rng, 11, 0);
    trm_model_init(s->model, &rng);
}

static void open_scope(stage *s) {
    const size_t size = trm_env_state_size(s->env);
    char *states = trm_alloc(STEPS + 1, size);
    trm_episode_step steps[STEPS] = {{0}};
    trm_error e = {0};
    trm_rng rng;
    int32_t n = 0;
    trm_rng_seed(&rng, 2, 0);
    trm_env_reset(s->env, states, &rng, TRM_SPLIT_TRAIN);
    for (bool done = false; n < STEPS && !done; n++) {
        const int32_t action = (int32_t)trm_rng_below(&rng, (uint32_t)trm_env_action_dim(s->env));
        char *next = states + (size_t)(n + 1) * size;
        memcpy(next, states + (size_t)n * size, size);
        const trm_step r = trm_env_step(s->env, next, action);
        steps[n] = (trm_episode_step){.action = action,
                                      .prev_action = n > 0 ? steps[n - 1].action : -1,
                                      .reward = r.reward,
                                      .reason = r.reason,
                                      .done = r.done,
                                      .solved = r.solved};
        done = r.done;
    }
    const trm_inspector_source source = {.env = s->env,
                                         .model = s->model,
                                         .steps = steps,
                                         .states = states,
                                         .length = n,
                                         .title = "a walk"};
    s->scope = trm_inspection_new(&source, &e);
    free(states);
    if (!s->scope)
        fail_msg("%s", e.message);
}

// All that the microscope computes between frames, at once.
static void work(stage *s) {
    const trm_trace_shape *shape = &s->scope->shape;
    const int32_t at = s->view.at, prev = trm_inspection_prev_action(s->scope, at);
    trm_policy_map_begin(&s->map, &s->scope->agent, s->view.agent);
    while (
        s->map.done < 60 && // enough of a large board
        trm_policy_map_next(&s->map, &s->scope->agent, trm_inspection_state(s->scope, at), prev)) {
    }
    const int32_t n = s->scope->moments * shape->cycles;
    const float **points = trm_alloc((size_t)n, sizeof *points);
    for (int32_t i = 0; i < n; i++)
        points[i] = trm_trace_h(shape, trm_inspection_compute(s->scope, i / shape->cycles),
                                i % shape->cycles);
    trm_pca_begin(&s->pca, points, n);
    while (trm_pca_step(&s->pca)) {
    }
    trm_inspector_view_take_path(&s->view);
    free(points);
}

static stage *open_stage(const char *type, int32_t size, const char *model, bool masked) {
    stage *s = trm_alloc(1, sizeof *s);
    trm_env_config c = trm_env_config_default();
    trm_error e = {0};
    trm_text_copy(c.type, sizeof c.type, type);
    c.size = size;
    c.mask_actions = masked;
    s->env = trm_env_new(&c, &e);
    if (!s->env)
        fail_msg("%s", e.message);
    open_model(s, model);
    open_scope(s);
    trm_inspection_compute(s->scope, 0);
    trm_inspector_view_init(&s->view, s->scope, 0);
    trm_pca_init(&s->pca, s->scope->shape.h);
    trm_policy_map_init(&s->map, &s->scope->agent, trm_inspection_state(s->scope, 0),
                        s->scope->shape.cycles);
    s->view.map = &s->map;
    s->view.pca = &s->pca;
    work(s);
    return s;
}

stage *stage_open(const char *type, int32_t size, const char *model) {
    return open_stage(type, size, model, false);
}

stage *stage_open_masked(const char *type, int32_t size, const char *model) {
    return open_stage(type, size, model, true);
}

void stage_close(stage *s) {
    trm_inspector_view_done(&s->view);
    trm_policy_map_done(&s->map);
    trm_pca_done(&s->pca);
    trm_inspection_free(s->scope);
    trm_model_free(s->model);
    trm_env_free(s->env);
    free(s);
}

void stage_go(stage *s, int32_t moment) {
    trm_inspector_view_go(&s->view, moment);
    trm_inspection_compute(s->scope, moment);
    trm_inspector_view_arrive(&s->view);
}

bool stage_shows(const trm_canvas *c, const char *text) {
    for (int32_t y = 0; y < c->rows; y++)
        for (int32_t x = 0; x < c->cols; x++) {
            int32_t i = 0;
            while (text[i] != 0 && x + i < c->cols &&
                   c->cells[(size_t)y * (size_t)c->cols + (size_t)(x + i)].ch == (uint32_t)text[i])
                i++;
            if (text[i] == 0)
                return true;
        }
    return false;
}
