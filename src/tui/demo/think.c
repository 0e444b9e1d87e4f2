// SPDX-License-Identifier: Apache-2.0
// What the model of an act thinks of its board.
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "tui/demo/act.h"

static const float SURE = 0.9f;
static const double BUDGET = 0.006; // seconds of work a look

// ---- how long it thinks -------------------------------------------------------------------------

bool trm_act_watch(trm_act *a, trm_error *e) {
    a->shape = trm_model_trace_shape(a->model);
    a->trace = trm_alloc((size_t)trm_trace_size(&a->shape), sizeof *a->trace);
    return trm_agent_init_snapshot(&a->agent, NULL, a->model, NULL, a->shape.cycles, e);
}

trm_act_pace trm_act_pace_of(const trm_act *a) {
    const trm_model_config *c = trm_model_get_config(a->model);
    return (trm_act_pace){c->sup_steps, c->inner_steps, c->restart};
}

void trm_act_take_pace(trm_act *a, const trm_act_pace *pace) {
    trm_model_config c = *trm_model_get_config(a->model);
    trm_error e;
    c.sup_steps = pace->sup_steps;
    c.inner_steps = pace->inner_steps;
    c.restart = pace->restart;
    trm_model *m = trm_model_copy(a->model, &c, &e);
    if (m == NULL)
        return;
    trm_agent_done(&a->agent);
    trm_model_free(a->model);
    free(a->trace);
    a->model = m;
    a->config.model.sup_steps = pace->sup_steps;
    a->config.model.inner_steps = pace->inner_steps;
    a->config.model.restart = pace->restart;
    trm_act_watch(a, &e);
}

// ---- what is thought ----------------------------------------------------------------------------

static bool in_unit(const trm_act *a, int32_t unit, int32_t cell) {
    const int32_t side = a->board.rows, row = cell / side, col = cell % side;
    const int32_t stacks = side / a->board.box_cols;
    return unit < side ? row == unit
           : unit < 2 * side
               ? col == unit - side
               : row / a->board.box_rows * stacks + col / a->board.box_cols == unit - 2 * side;
}

// Does a digit stand twice in a row, column or box?
static bool clashes(const trm_act *a, int32_t step, int32_t unit) {
    uint32_t seen = 0;
    bool twice = false;
    for (int32_t i = 0; i < a->cells; i++) {
        if (!in_unit(a, unit, i) || a->answer[step][i] < 1)
            continue;
        const uint32_t bit = 1u << a->answer[step][i];
        twice |= (seen & bit) != 0;
        seen |= bit;
    }
    return twice;
}

static void find_clash(trm_act *a, int32_t step) {
    static const char *const kinds[] = {"row", "column", "box"};
    const int32_t side = a->board.rows;
    for (int32_t unit = 0; unit < 3 * side; unit++)
        if (clashes(a, step - 1, unit) && !clashes(a, step, unit)) {
            trm_text_format(a->steps[step].clash, sizeof a->steps[step].clash, "%s %d",
                            kinds[unit / side], unit % side + 1);
            return;
        }
}

static void count(trm_act *a, int32_t step) {
    trm_act_step *s = &a->steps[step];
    const int32_t *now = a->answer[step], *before = step > 0 ? a->answer[step - 1] : now;
    *s = (trm_act_step){.reach = INT32_MAX};
    for (int32_t i = 0; i < a->cells; i++) {
        if (!a->asked[i])
            continue;
        s->wrong += !a->right[step][i];
        s->sure += a->sure[step][i] >= SURE;
        s->changed += now[i] != before[i];
        if (a->maze && !a->right[step][i] && a->distance[i] <= s->reach)
            s->reach = a->distance[i] - 1;
    }
    if (a->maze || step == 0)
        return;
    s->restarts = trm_reading_restarts(&(trm_reading){.shape = &a->shape, .trace = a->trace}, step);
    find_clash(a, step);
}

static void look(trm_act *a) {
    const trm_subject subject = trm_act_subject(a);
    trm_subject_look(&subject, &a->agent, a->trace);
}

// A board of which it is never sure it thinks about with all its passes and for longer, if it can
// begin again: up to where it is sure and a step more.
static void think(trm_act *a) {
    const trm_reading r = {.shape = &a->shape, .trace = a->trace};
    look(a);
    if (a->shape.restart == 0 || trm_reading_sure(&r, trm_reading_stop(&r)))
        return;
    trm_act_pace pace = a->own;
    pace.sup_steps = TRM_ACT_STEPS;
    trm_act_take_pace(a, &pace);
    look(a);
    const trm_reading longer = {.shape = &a->shape, .trace = a->trace};
    pace.sup_steps = trm_reading_stop(&longer) + 2;
    if (pace.sup_steps >= a->shape.cycles)
        return;
    trm_act_take_pace(a, &pace);
    look(a);
}

static void read_sudoku(trm_act *a) {
    think(a);
    const trm_reading r = {.shape = &a->shape, .trace = a->trace};
    for (int32_t k = 0; k < a->shape.cycles; k++)
        for (int32_t i = 0; i < a->cells; i++) {
            const int32_t class_of = trm_reading_class(&r, k, i);
            a->answer[k][i] =
                a->asked[i] ? trm_dataset_digit(&a->set, class_of) : a->board.cells[i].digit;
            a->sure[k][i] = trm_reading_raw(&r, k, i * a->set.classes + class_of);
            a->right[k][i] = class_of == a->set.targets[i];
        }
}

// Where the plan of the last step leads from the start.
static void find_way(trm_act *a) {
    const trm_geometry g = trm_env_geometry(a->env);
    int32_t at = a->start;
    bool been[TRM_ACT_CELLS] = {false};
    a->way_length = 0;
    while (!been[at]) {
        a->way[a->way_length++] = at;
        been[at] = true;
        const int32_t action = at == a->goal ? -1 : a->answer[a->shape.cycles - 1][at];
        if (action < 0)
            break;
        const int32_t next =
            trm_geometry_neighbour(&g, at, (trm_direction)trm_env_direction(a->env, action), 1);
        if (next < 0 || a->board.cells[next].kind == TRM_CELL_WALL)
            break;
        at = next;
    }
    a->arrives = a->way[a->way_length - 1] == a->goal;
}

static void read_maze(trm_act *a) {
    const int32_t actions = trm_env_action_dim(a->env);
    for (int32_t i = 0; i < a->cells; i++)
        for (int32_t k = 0; k < a->shape.cycles; k++) {
            const int32_t action = a->map.action[k * a->cells + i];
            a->answer[k][i] = action;
            a->sure[k][i] = a->map.prob[k * a->cells + i];
            a->right[k][i] = action >= 0 && a->best[(int64_t)i * actions + action];
        }
    find_way(a);
}

bool trm_act_work(trm_act *a) {
    const double until = trm_clock_now() + BUDGET;
    bool more = true;
    if (a->known)
        return false;
    while (a->maze && more && trm_clock_now() < until)
        more = trm_policy_map_next(&a->map, &a->agent, a->state, -1);
    if (a->maze && more)
        return true;
    (a->maze ? read_maze : read_sudoku)(a);
    for (int32_t k = 0; k < a->shape.cycles; k++)
        count(a, k);
    a->last = a->shape.cycles - 1;
    while (a->last > 0 && a->steps[a->last].changed == 0)
        a->last--;
    a->known = true;
    return true;
}
