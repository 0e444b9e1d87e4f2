// SPDX-License-Identifier: Apache-2.0
// The plan in the board in sight. Of boards with an agent the model is asked from every cell, those
// near the agent first, for a few milliseconds a look; of others it stands in the trace.
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "tui/train/state.h"

static const double SHARE = 0.008; // seconds of a look that may go into it

const char *trm_train_no_plan(const void *self) {
    const trm_train_screen *w = self;
    return w->view.samples ? "the answers stand in the cells already" : NULL;
}

static bool make(trm_train_screen *w) {
    trm_train_plan *p = &w->plan;
    trm_error e = {0};
    const trm_model *own = trm_course_model_const(w->o->course);
    if (p->model)
        return true;
    p->model = trm_model_new(trm_model_get_config(own), &e);
    if (!p->model) {
        trm_app_status(w->app, "%s", e.message);
        return false;
    }
    p->weights = trm_alloc((size_t)trm_model_params_const(own)->size, sizeof *p->weights);
    p->cursor = -1;
    trm_agent_init(&p->agent, w->view.step.env, p->model);
    return true;
}

void trm_train_plan_turn(void *self) {
    trm_train_screen *w = self;
    trm_step_sight *s = &w->view.step;
    s->planned = !s->planned && make(w);
}

void trm_train_plan_done(trm_train_screen *w) {
    trm_train_plan *p = &w->plan;
    if (!p->model)
        return;
    trm_policy_map_done(&p->map);
    trm_agent_done(&p->agent);
    trm_model_free(p->model);
    free(p->weights);
    *p = (trm_train_plan){0};
}

// The weights of the episode in sight. False: training has gone on to the next one.
static bool renew_weights(trm_train_screen *w, uint64_t id) {
    trm_train_plan *p = &w->plan;
    if (p->weights_of == id)
        return true;
    if (!trm_trainer_episode_weights(w->o->trainer, id, p->weights))
        return false;
    trm_model_set_weights(p->model, p->weights);
    p->weights_of = id;
    return true;
}

static bool is_of_step(const trm_train_screen *w) {
    const trm_step_sight *s = &w->view.step;
    return w->plan.id == s->episode_trace->id && w->plan.cursor == s->cursor;
}

static bool begin(trm_train_screen *w) {
    trm_train_plan *p = &w->plan;
    trm_step_sight *s = &w->view.step;
    const void *state = trm_episode_trace_state(s->episode_trace, s->cursor);
    s->map = NULL;
    if (!renew_weights(w, s->episode_trace->id))
        return false;
    if (!p->map.order)
        trm_policy_map_init(&p->map, &p->agent, state, w->view.shape.cycles);
    if (p->map.cells > 0)
        trm_policy_map_begin(&p->map, &p->agent, trm_board_agent(&s->decided));
    p->id = s->episode_trace->id;
    p->cursor = s->cursor;
    s->map = &p->map;
    return true;
}

bool trm_train_planning(const trm_train_screen *w) {
    const trm_step_sight *s = &w->view.step;
    return s->planned && s->cursor >= 0 && is_of_step(w) && w->plan.map.done < w->plan.map.cells;
}

bool trm_train_plan_tick(trm_train_screen *w, double now) {
    trm_train_plan *p = &w->plan;
    const trm_step_sight *s = &w->view.step;
    if (!s->planned || s->cursor < 0 || (!is_of_step(w) && !begin(w)))
        return false;
    const int32_t before = p->map.done;
    const void *state = trm_episode_trace_state(s->episode_trace, s->cursor);
    const int32_t previous = s->episode_trace->steps[s->cursor].prev_action;
    while (p->map.done < p->map.cells && trm_clock_now() < now + SHARE &&
           trm_policy_map_next(&p->map, &p->agent, state, previous))
        ;
    return p->map.done > before;
}
