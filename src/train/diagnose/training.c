// SPDX-License-Identifier: Apache-2.0
// A short training, and where it is going.
#include <math.h>
#include <stdlib.h>

#include "train/diagnose/impl.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"

static const double GOOD = 0.9, STUCK = 0.9, COLLAPSED = 0.01;
static const double SURE = 3; // standard errors

// One update's numbers.
typedef struct point {
    double reward, success, entropy, idle, grad_norm;
} point;

typedef struct course {
    point *points; // [capacity]
    int64_t count, capacity;
    double *rewards; // [capacity * envs] of the episodes, update by update
    double *updates; // … and which update
    int64_t episodes;
    bool *changes; // [A]
    const trm_env *env;
    int64_t steps, idle; // environment 0's in this update
} course;

static bool watch_step(void *ctx, const trm_step_view *view) {
    course *c = ctx;
    trm_env_legal(c->env, view->state, c->changes);
    c->idle += !c->changes[view->action];
    c->steps++;
    return true;
}

static void take(course *c, const trm_update *u) {
    int32_t actions = trm_env_action_dim(c->env);
    point *p = &c->points[c->count++];
    for (int32_t i = 0; i < u->count; i++) {
        p->reward += (double)u->episodes[i].reward / u->count;
        c->rewards[c->episodes] = (double)u->episodes[i].reward;
        c->updates[c->episodes++] = (double)c->count;
        p->success += (double)u->episodes[i].success / u->count;
    }
    p->entropy = actions > 1 ? (double)u->entropy / log(actions) : 0;
    p->idle = (double)c->idle / (double)c->steps;
    p->grad_norm = (double)u->grad_norm;
    c->idle = c->steps = 0;
}

static double part_mean(const course *c, int64_t from, int64_t n, size_t field) {
    double sum = 0;
    for (int64_t i = from; i < from + n; i++)
        sum += *(const double *)(const void *)((const char *)&c->points[i] + field);
    return sum / (double)n;
}

static trm_trend trend(const course *c, size_t field) {
    int64_t n = c->count < 5 ? 1 : c->count / 5;
    return (trm_trend){part_mean(c, 0, n, field), part_mean(c, c->count - n, n, field)};
}

static int by_value(const void *a, const void *b) {
    const double x = **(const double *const *)a, y = **(const double *const *)b;
    return (x > y) - (x < y);
}

// Ranks of x [n]; equal values share the mean of theirs.
static void rank(const double *x, int64_t n, double *out) {
    const double **order = trm_alloc((size_t)n, sizeof *order);
    for (int64_t i = 0; i < n; i++)
        order[i] = &x[i];
    qsort(order, (size_t)n, sizeof *order, by_value);
    for (int64_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && *order[to] <= *order[from];)
            to++;
        for (int64_t i = from; i < to; i++)
            out[order[i] - x] = 0.5 * (double)(from + to - 1);
    }
    free(order);
}

// Spearman's rank correlation, which a few bad episodes do not drown, over its standard error where
// there is no trend, 1 / sqrt(n - 1).
double trm_diagnose_trend(const double *x, const double *y, int64_t n) {
    if (n < 3)
        return (double)NAN;
    double *a = trm_alloc((size_t)n, sizeof *a), *b = trm_alloc((size_t)n, sizeof *b);
    double xy = 0, xx = 0, yy = 0, mean = 0.5 * (double)(n - 1);
    rank(x, n, a);
    rank(y, n, b);
    for (int64_t i = 0; i < n; i++) {
        xy += (a[i] - mean) * (b[i] - mean);
        xx += (a[i] - mean) * (a[i] - mean);
        yy += (b[i] - mean) * (b[i] - mean);
    }
    free(a);
    free(b);
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) * sqrt((double)(n - 1)) : 0;
}

static void sum_up(const course *c, trm_training_diagnosis *out) {
    out->updates = c->count;
    if (c->count == 0)
        return;
    out->reward = trend(c, offsetof(point, reward));
    out->success = trend(c, offsetof(point, success));
    out->entropy = trend(c, offsetof(point, entropy));
    out->idle = trend(c, offsetof(point, idle));
    out->grad_norm = trend(c, offsetof(point, grad_norm));
    out->reward_rise = trm_diagnose_trend(c->updates, c->rewards, c->episodes);
}

// ---- what it means ------------------------------------------------------------------------------

static void judge_reward(const trm_training_diagnosis *d, trm_findings *f) {
    double rise = d->reward.last - d->reward.first;
    trm_verdict v =
        note("the reward does not rise yet",
             "Look for a fault above; if there is none, a longer look tells: --episodes.");
    if (d->success.first >= GOOD && d->success.last >= GOOD)
        v = fine("the reward is high from the start");
    else if (rise > 0 && d->reward_rise > SURE)
        v = fine("the reward rises");
    else if (rise < 0 && d->reward_rise < -SURE)
        v = fault("the reward falls",
                  "The steps are too large or point the wrong way: a lower train.lr, or "
                  "train.baseline=running.");
    trm_diagnose_add(f, "reward-rise", v,
                     "From %.2f in the first fifth of %lld episodes to %.2f in the last; the "
                     "trend over all of them is %+.1f standard errors.",
                     d->reward.first, (long long)d->episodes, d->reward.last, d->reward_rise);
}

static void judge_entropy(const trm_training_diagnosis *d, trm_findings *f) {
    trm_verdict v = fine("entropy holds");
    double first = 100 * d->entropy.first, last = 100 * d->entropy.last;
    double success = 100 * d->success.last;
    if (d->success.last >= GOOD)
        v = fine("certainty comes with success");
    else if (d->entropy.last < COLLAPSED)
        v = fault("the policy collapses",
                  "A lower train.lr, more train.entropy, or train.baseline=running: one "
                  "episode's own mean rewards whatever came late in it, even where every step "
                  "was bad.");
    else if (d->entropy.last < 0.5 * d->entropy.first)
        v = note("entropy falls fast",
                 "Watch whether it settles before the task is solved; more train.entropy "
                 "slows it.");
    trm_diagnose_add(f, "entropy-trend", v,
                     "From %.1f %% of its maximum to %.1f %%, with %.0f %% successes at the end.",
                     first, last, success);
}

static void judge_wall(const trm_training_diagnosis *d, trm_findings *f) {
    trm_verdict v = fine("it does not get stuck at a wall");
    double first = 100 * d->idle.first, last = 100 * d->idle.last;
    if (d->idle.last > STUCK && 1 - d->idle.last < 0.5 * (1 - d->idle.first))
        v = fault("it learns to act without effect",
                  "The policy walks into a wall for ever, or repeats what the board refuses: a "
                  "lower train.lr, more train.entropy, train.baseline=running.");
    else if (d->idle.last > 0.5 && d->idle.last > d->idle.first + 0.2)
        v = note("ever more steps change nothing",
                 "This is how walking into a wall for ever begins: a lower train.lr or more "
                 "train.entropy.");
    trm_diagnose_add(f, "wall-trend", v,
                     "Steps that change nothing: %.0f %% at first, %.0f %% at the end.", first,
                     last);
}

static void judge_norms(const trm_training_diagnosis *d, trm_findings *f) {
    trm_verdict v = fine("the gradient stays alive");
    double first = d->grad_norm.first, last = d->grad_norm.last;
    if (last > 100 * first)
        v = note("the gradient grows", "Try a lower train.lr.");
    else if (last < 1e-3 * first && d->success.last < GOOD)
        v = fault("the gradient dries up before the task is done",
                  "The policy is certain of something wrong: more train.entropy or a lower "
                  "train.lr.");
    trm_diagnose_add(f, "gradient-trend", v, "Its norm goes from %.3g to %.3g.", first, last);
}

void trm_diagnose_judge_training(const trm_training_diagnosis *d, trm_findings *f) {
    static const char check[] = "training";
    if (d->failed)
        trm_diagnose_add(f, check,
                         fault("training breaks off", "Try a lower train.lr or a train.clip."),
                         "After %lld updates: %s.", (long long)d->updates, d->error.message);
    else
        trm_diagnose_add(f, check, fine("training runs"), "%lld updates, all of them finite.",
                         (long long)d->updates);
    if (d->updates < 2)
        return;
    judge_reward(d, f);
    judge_entropy(d, f);
    judge_wall(d, f);
    judge_norms(d, f);
}

// ---- measuring ----------------------------------------------------------------------------------

// False: it was stopped.
static bool train(trm_learner *l, int64_t episodes, course *c,
                  bool (*progress)(void *ctx, int64_t done), void *ctx,
                  trm_training_diagnosis *out) {
    const trm_learner_callback callback = {watch_step, c};
    while (out->episodes < episodes) {
        trm_update u;
        if (trm_learner_update(l, &callback, &u, &out->error) != TRM_UPDATE_DONE) {
            out->failed = true;
            return true;
        }
        take(c, &u);
        out->episodes += u.count;
        if (progress && !progress(ctx, out->episodes))
            return false;
    }
    return true;
}

bool trm_diagnose_training(const trm_learner *l, int64_t episodes,
                           bool (*progress)(void *ctx, int64_t done), void *ctx,
                           trm_training_diagnosis *out, trm_findings *f, trm_error *e) {
    *out = (trm_training_diagnosis){0};
    trm_learner *copy = trm_diagnose_copy(l, &l->config, e);
    if (!copy)
        return false;
    trm_arena arena = TRM_ARENA_INIT;
    course c = {.env = copy->env, .capacity = (episodes - 1) / l->config.envs + 1};
    const size_t all = (size_t)c.capacity * (size_t)l->config.envs;
    c.points = trm_arena_array(&arena, (size_t)c.capacity, sizeof *c.points);
    c.rewards = trm_arena_array(&arena, all, sizeof *c.rewards);
    c.updates = trm_arena_array(&arena, all, sizeof *c.updates);
    c.changes = trm_arena_array(&arena, (size_t)trm_env_action_dim(copy->env), sizeof(bool));
    bool whole = train(copy, episodes, &c, progress, ctx, out);
    sum_up(&c, out);
    trm_arena_free(&arena);
    trm_learner_free(copy);
    if (whole)
        trm_diagnose_judge_training(out, f);
    return true;
}
