// SPDX-License-Identifier: Apache-2.0
// A moment played again. It draws the start and the actions from the generator that the episode
// had, so that the weights are proved to be those that played it.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/record/answers.h"
#include "trm/base/arena.h"
#include "trm/run/record.h"

// How far from the border between two actions a draw may lie on the wrong side: a forward of one
// sample is not to the last bit that of a batch, nor that of another machine.
static const float NEAR = 1e-4f;

typedef struct scene {
    const trm_record *record;
    const trm_moment *moment;
    trm_agent *agent;
    trm_rng rng;
    int32_t t, prev;
    float total;
    float *obs;
    char *state, *before;
} scene;

static bool differs(const scene *s, trm_error *e, const char *what) {
    return trm_error_set(e, TRM_E_INPUT, "episode %lld, step %d: %s",
                         (long long)s->moment->episode.episode, (int)s->t + 1, what);
}

// Would the agent have taken it as the best action, or at random?
static bool takes(scene *s) {
    const trm_config *c = trm_record_config(s->record);
    const int32_t action = s->moment->actions[s->t];
    bool random;
    const int32_t own = trm_agent_explore(
        s->agent, 0, trm_train_epsilon(&c->train, s->moment->update), &s->rng, &random);
    const float *worth = trm_agent_row_decision(s->agent, 0);
    return action == own ||
           (!random && worth[action] >= worth[own] - NEAR * fmaxf(1, fabsf(worth[own])));
}

// Would the agent have sampled the recorded action?
static bool samples(scene *s) {
    if (s->agent->shape.q_values)
        return takes(s);
    const float *probs = trm_agent_row_probs(s->agent, 0);
    float u = trm_rng_float(&s->rng), low = 0;
    int32_t action = s->moment->actions[s->t];
    for (int32_t a = 0; a < action; a++)
        low += probs[a];
    bool last = action == s->agent->shape.actions - 1;
    return u >= low - NEAR && (last || u < low + probs[action] + NEAR);
}

static bool as_recorded(const scene *s, const trm_step *result, trm_error *e) {
    const trm_moment *m = s->moment;
    bool same = result->reward >= m->rewards[s->t] && result->reward <= m->rewards[s->t];
    if (!same || result->reason != m->why[s->t])
        return differs(s, e, "another reward or reason than was recorded");
    return result->done == (s->t == m->episode.length - 1) ||
           differs(s, e, "the episode ends elsewhere than was recorded");
}

static bool step(scene *s, trm_episode_trace *episode_trace, trm_error *e) {
    const trm_moment *m = s->moment;
    const trm_env *env = trm_record_env(s->record);
    trm_env_observe(env, s->state, s->obs);
    trm_agent_run(s->agent, 0, 1, s->state, s->obs, &s->prev);
    if (!samples(s))
        return differs(s, e, "the weights kept with it would not sample the recorded action");
    memcpy(s->before, s->state, trm_env_state_size(env));
    int32_t action = m->actions[s->t];
    trm_step result = trm_env_step(env, s->state, action);
    s->total += result.reward;
    if (episode_trace) {
        const trm_step_view view = {.episode = m->episode.episode,
                                    .t = s->t,
                                    .state = s->before,
                                    .next_state = s->state,
                                    .action = action,
                                    .prev_action = s->prev,
                                    .result = result,
                                    .total_reward = s->total,
                                    .legal = trm_agent_row_legal(s->agent, 0),
                                    .model = s->agent->model,
                                    .workspace = s->agent->workspace};
        trm_episode_trace_append(episode_trace, env, &view);
    }
    s->prev = action;
    return as_recorded(s, &result, e);
}

static void begin(scene *s, trm_arena *arena) {
    const trm_env *env = trm_record_env(s->record);
    s->rng = s->moment->start;
    s->prev = -1;
    s->obs = trm_arena_array(arena, (size_t)trm_env_state_dim(env), sizeof *s->obs);
    s->state = trm_arena_alloc(arena, trm_env_state_size(env));
    s->before = trm_arena_alloc(arena, trm_env_state_size(env));
    trm_env_reset(env, s->state, &s->rng, TRM_SPLIT_TRAIN);
}

bool trm_record_play(const trm_record *r, int32_t i, trm_agent *a, trm_episode_trace *episode_trace,
                     trm_error *e) {
    scene s = {.record = r, .moment = trm_record_moment(r, i), .agent = a};
    const trm_episode *ep = &s.moment->episode;
    trm_arena arena = TRM_ARENA_INIT;
    bool ok = true;
    begin(&s, &arena);
    if (episode_trace)
        trm_episode_trace_begin(episode_trace, episode_trace->id + 1, ep->episode);
    for (; ok && s.t < ep->length; s.t++)
        ok = step(&s, episode_trace, e);
    trm_arena_free(&arena);
    if (!ok)
        return false;
    bool same = s.total >= ep->reward && s.total <= ep->reward;
    if (!same || trm_env_success(trm_record_env(r), s.total) != ep->success)
        return trm_error_set(e, TRM_E_INPUT,
                             "episode %lld: its rewards add up to another total than was recorded",
                             (long long)ep->episode);
    return true;
}

// ---- how it looks -------------------------------------------------------------------------------

static bool end_of_episode(const trm_record *r, int32_t i, trm_board *board, trm_error *e) {
    const trm_env *env = trm_record_env(r);
    scene s = {.record = r, .moment = trm_record_moment(r, i)};
    trm_arena arena = TRM_ARENA_INIT;
    bool ok = true;
    begin(&s, &arena);
    for (; ok && s.t < s.moment->episode.length; s.t++) {
        const trm_step result = trm_env_step(env, s.state, s.moment->actions[s.t]);
        ok = as_recorded(&s, &result, e);
    }
    if (ok)
        trm_env_describe(env, s.state, board);
    trm_arena_free(&arena);
    return ok;
}

static void put_answer(const trm_dataset *d, int32_t said, int32_t right, trm_cell *cell,
                       uint8_t *sign) {
    *sign =
        (uint8_t)(trm_dataset_is_maze(d) ? trm_dataset_path_sign(d, said, right) : TRM_SIGN_NONE);
    if (said != right && *sign == TRM_SIGN_NONE)
        *sign = TRM_SIGN_WRONG;
    if (trm_dataset_is_sudoku(d) && cell->kind == TRM_CELL_EMPTY) {
        cell->digit = (uint8_t)trm_dataset_digit(d, said);
        cell->kind = cell->digit > 0 ? TRM_CELL_FILLED : TRM_CELL_EMPTY;
    }
}

static bool first_answer(trm_record *r, int32_t i, trm_agent *a, trm_board *board, uint8_t *signs,
                         trm_error *e) {
    trm_record_answer *then = trm_alloc(1, sizeof *then);
    bool ok = trm_record_sample(r, i, 0, then, e);
    *board = then->board;
    if (ok && board->rows > 0) {
        const trm_dataset *d = trm_record_data(r, i, e);
        int32_t *said = trm_alloc((size_t)then->cells, sizeof *said);
        ok =
            trm_answers_classes(a, then->input, said) || trm_error_set(e, TRM_E_STOPPED, "stopped");
        for (int32_t k = 0; ok && k < then->cells; k++)
            put_answer(d, said[k], then->target[k], &board->cells[k], &signs[k]);
        free(said);
    }
    free(then);
    return ok;
}

bool trm_record_board(trm_record *r, int32_t i, trm_agent *a, trm_board *board, uint8_t *signs,
                      trm_error *e) {
    memset(signs, TRM_SIGN_NONE, TRM_BOARD_MAX * TRM_BOARD_MAX);
    return trm_record_env(r) ? end_of_episode(r, i, board, e)
                             : first_answer(r, i, a, board, signs, e);
}
