// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/policy_map.h"

#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"

void trm_policy_map_init(trm_policy_map *p, const trm_agent *a, const void *state,
                         int32_t max_cycles) {
    *p = (trm_policy_map){0};
    if (!a->env || !trm_env_editable(a->env, TRM_EDIT_AGENT))
        return;
    trm_board board;
    trm_env_describe(a->env, state, &board);
    trm_trace_shape shape = a->shape;
    shape.cycles = shape.cycles > max_cycles ? shape.cycles : max_cycles;
    p->rows = board.rows;
    p->cols = board.cols;
    p->cells = board.rows * board.cols;
    p->order = trm_alloc((size_t)p->cells, sizeof *p->order);
    p->action = trm_alloc((size_t)p->cells * (size_t)shape.cycles, sizeof *p->action);
    p->prob = trm_alloc((size_t)p->cells * (size_t)shape.cycles, sizeof *p->prob);
    p->state = trm_alloc(1, trm_env_state_size(a->env));
    p->trace = trm_alloc((size_t)trm_trace_size(&shape), sizeof *p->trace);
}

void trm_policy_map_done(trm_policy_map *p) {
    free(p->order);
    free(p->action);
    free(p->prob);
    free(p->state);
    free(p->trace);
    *p = (trm_policy_map){0};
}

void trm_policy_map_begin(trm_policy_map *p, const trm_agent *a, int32_t near) {
    p->cycles = a->shape.cycles;
    p->done = 0;
    if (p->cells == 0)
        return;
    for (int32_t i = 0; i < p->cells * p->cycles; i++) {
        p->action[i] = -1;
        p->prob[i] = 0;
    }
    const trm_geometry g = trm_env_geometry(a->env);
    trm_geometry_by_distance(&g, near >= 0 && near < p->cells ? near : 0, p->order);
}

bool trm_policy_map_next(trm_policy_map *p, trm_agent *a, const void *state, int32_t prev_action) {
    if (p->done >= p->cells)
        return false;
    const int32_t cell = p->order[p->done++];
    trm_error e;
    memcpy(p->state, state, trm_env_state_size(a->env));
    if (!trm_env_edit(a->env, p->state, &(trm_edit){.kind = TRM_EDIT_AGENT, .cell = cell}, &e))
        return true;
    trm_agent_inspect(a, p->state, prev_action, p->trace);
    const trm_reading r = trm_agent_reading(a, p->trace);
    for (int32_t c = a->shape.first_logits; c < a->shape.cycles; c++) {
        const int32_t best = trm_reading_best(&r, c);
        p->action[c * p->cells + cell] = (int16_t)best;
        p->prob[c * p->cells + cell] = best >= 0 ? trm_reading_masked(&r, c, best) : 0;
    }
    return true;
}
