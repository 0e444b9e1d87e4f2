// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/duel.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"

static void init_game(trm_duel_game *g, size_t steps, size_t state_size) {
    g->actions = trm_alloc(steps, sizeof *g->actions);
    g->steps = trm_alloc(steps, sizeof *g->steps);
    g->totals = trm_alloc(steps, sizeof *g->totals);
    g->states = trm_alloc(steps + 1, state_size);
}

void trm_duel_init(trm_duel *d, const trm_env *env, const trm_model *first,
                   const trm_model *second) {
    *d = (trm_duel){.env = env,
                    .state_size = trm_env_state_size(env),
                    .capacity = trm_env_max_steps(env),
                    .first = -1};
    trm_agent_init(&d->agents[0], env, first);
    trm_agent_init(&d->agents[1], env, second);
    for (int32_t i = 0; i < 2; i++)
        init_game(&d->games[i], (size_t)d->capacity, d->state_size);
    d->others = trm_alloc((size_t)d->capacity, sizeof *d->others);
}

void trm_duel_done(trm_duel *d) {
    for (int32_t i = 0; i < 2; i++) {
        trm_agent_done(&d->agents[i]);
        free(d->games[i].actions);
        free(d->games[i].steps);
        free(d->games[i].totals);
        free(d->games[i].states);
    }
    free(d->others);
    *d = (trm_duel){0};
}

static char *state_at(const trm_duel *d, int32_t side, int32_t t) {
    return d->games[side].states + (size_t)t * d->state_size;
}

static void play_step(trm_duel *d, int32_t side) {
    trm_duel_game *g = &d->games[side];
    const int32_t t = g->length++;
    assert(t < d->capacity);
    const int32_t action =
        trm_agent_ask(&d->agents[side], state_at(d, side, t), trm_duel_before(d, side, t));
    memcpy(state_at(d, side, t + 1), state_at(d, side, t), d->state_size);
    const trm_step step = trm_env_step(d->env, state_at(d, side, t + 1), action);
    g->actions[t] = action;
    g->steps[t] = step;
    g->totals[t] = (t > 0 ? g->totals[t - 1] : 0.0f) + step.reward;
    g->solved = step.solved;
    g->over = step.done;
}

// Up to where they part the second has been asked about the same states already.
static void compare_step(trm_duel *d) {
    const int32_t t = d->compared++;
    const bool same = d->first < 0 && t < d->games[1].length;
    d->others[t] = same ? d->games[1].actions[t]
                        : trm_agent_ask(&d->agents[1], state_at(d, 0, t), trm_duel_before(d, 0, t));
    if (trm_duel_differs(d, t)) {
        d->first = d->first < 0 ? t : d->first;
        d->differences++;
    }
}

void trm_duel_begin(trm_duel *d, const void *start) {
    for (int32_t i = 0; i < 2; i++) {
        d->games[i].length = 0;
        d->games[i].over = d->games[i].solved = false;
        memcpy(state_at(d, i, 0), start, d->state_size);
    }
    d->first = -1;
    d->differences = d->compared = 0;
}

bool trm_duel_over(const trm_duel *d) {
    return d->games[0].over && d->games[1].over && d->compared == d->games[0].length;
}

bool trm_duel_go_on(trm_duel *d) {
    const trm_duel_game *g = d->games;
    if (trm_duel_over(d))
        return false;
    if (!g[0].over && (g[1].over || g[0].length <= g[1].length))
        play_step(d, 0);
    else if (!g[1].over)
        play_step(d, 1);
    else
        compare_step(d);
    return true;
}

void trm_duel_play(trm_duel *d, const void *start) {
    trm_duel_begin(d, start);
    while (trm_duel_go_on(d))
        ;
}

const void *trm_duel_state(const trm_duel *d, int32_t side, int32_t t) {
    assert(t >= 0 && t <= d->games[side].length);
    return state_at(d, side, t);
}

int32_t trm_duel_before(const trm_duel *d, int32_t side, int32_t t) {
    return t > 0 ? d->games[side].actions[t - 1] : -1;
}

void trm_duel_path(const trm_duel *d, int32_t board, trm_episode_step *steps) {
    const trm_duel_game *g = &d->games[board];
    for (int32_t t = 0; t < g->length; t++)
        steps[t] = (trm_episode_step){.action = g->actions[t],
                                      .prev_action = trm_duel_before(d, board, t),
                                      .reward = g->steps[t].reward,
                                      .total_reward = g->totals[t],
                                      .done = g->steps[t].done,
                                      .solved = g->steps[t].solved,
                                      .reason = g->steps[t].reason};
}

int32_t trm_duel_think(trm_duel *d, int32_t side, int32_t board, int32_t t) {
    assert(t >= 0 && t < d->games[board].length);
    return trm_agent_think(&d->agents[side], state_at(d, board, t), trm_duel_before(d, board, t));
}

bool trm_duel_differs(const trm_duel *d, int32_t t) {
    return t >= 0 && t < d->compared && d->others[t] != d->games[0].actions[t];
}

int32_t trm_duel_next(const trm_duel *d, int32_t t, int32_t by) {
    for (t += by; t >= 0 && t < d->games[0].length; t += by)
        if (trm_duel_differs(d, t))
            return t;
    return -1;
}

// ---- one sample, answered by both

void trm_duel_answers_init(trm_duel_answers *a, const trm_dataset *const sets[2],
                           const trm_model *const models[2]) {
    *a = (trm_duel_answers){.sets = {sets[0], sets[1]}, .first = -1};
    for (int32_t i = 0; i < 2; i++) {
        trm_agent_init(&a->agents[i], NULL, models[i]);
        const int32_t steps = a->agents[i].shape.cycles;
        a->steps = steps > a->steps ? steps : a->steps;
    }
    a->differing = trm_alloc((size_t)a->steps, sizeof *a->differing);
}

void trm_duel_answers_done(trm_duel_answers *a) {
    trm_agent_done(&a->agents[0]);
    trm_agent_done(&a->agents[1]);
    free(a->differing);
    *a = (trm_duel_answers){0};
}

void trm_duel_answers_go(trm_duel_answers *a, int32_t sample) {
    assert(sample >= 0 && sample < a->sets[0]->count && sample < a->sets[1]->count);
    a->sample = sample;
    a->known[0] = a->known[1] = false;
    a->first = -1;
    memset(a->differing, 0, (size_t)a->steps * sizeof *a->differing);
}

static void find_differences(trm_duel_answers *a) {
    for (int32_t t = a->steps - 1; t >= 0; t--) {
        for (int32_t c = trm_duel_answers_next(a, t, -1, 1); c >= 0;
             c = trm_duel_answers_next(a, t, c, 1))
            a->differing[t]++;
        a->first = a->differing[t] > 0 ? t : a->first;
    }
}

bool trm_duel_answers_ask(trm_duel_answers *a) {
    const int32_t side = a->known[0] ? 1 : 0;
    const trm_subject s = trm_duel_answers_subject(a, side);
    if (a->known[side])
        return false;
    trm_subject_look(&s, &a->agents[side], a->agents[side].trace);
    a->known[side] = true;
    if (side == 1)
        find_differences(a);
    return true;
}

trm_subject trm_duel_answers_subject(const trm_duel_answers *a, int32_t side) {
    return trm_subject_of_sample(a->sets[side], a->sample);
}

trm_reading trm_duel_answers_reading(const trm_duel_answers *a, int32_t side) {
    const trm_agent *agent = &a->agents[side];
    return (trm_reading){.shape = &agent->shape, .trace = a->known[side] ? agent->trace : NULL};
}

int32_t trm_duel_answers_cycle(const trm_duel_answers *a, int32_t side, int32_t t) {
    const int32_t last = a->agents[side].shape.cycles - 1;
    return t < last ? t : last;
}

// What a side has in a cell; false: it has no answer.
static bool value_of(const trm_duel_answers *a, int32_t side, int32_t t, int32_t cell,
                     int32_t *value) {
    const trm_reading r = trm_duel_answers_reading(a, side);
    const trm_subject s = trm_duel_answers_subject(a, side);
    const int32_t cycle = trm_duel_answers_cycle(a, side, t);
    if (!r.trace || !trm_reading_known(&r, cycle))
        return false;
    *value =
        trm_subject_value(&s, cell * a->sets[side]->classes + trm_reading_class(&r, cycle, cell));
    return true;
}

bool trm_duel_answers_differ(const trm_duel_answers *a, int32_t t, int32_t cell) {
    int32_t one, two;
    return value_of(a, 0, t, cell, &one) && value_of(a, 1, t, cell, &two) && one != two;
}

int32_t trm_duel_answers_next(const trm_duel_answers *a, int32_t t, int32_t cell, int32_t by) {
    for (cell += by; cell >= 0 && cell < a->sets[0]->positions; cell += by)
        if (trm_duel_answers_differ(a, t, cell))
            return cell;
    return -1;
}
