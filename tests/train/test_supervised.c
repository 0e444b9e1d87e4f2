// SPDX-License-Identifier: Apache-2.0
// Learning from answers: the same for any number of threads, set back whole, restored whole, and
// really learning.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/env/dataset.h"
#include "trm/model/paper.h"
#include "trm/train/supervised.h"

enum { TENSORS = 256 };

typedef struct setup {
    trm_dataset *train, *held_out;
    trm_model_config model;
    trm_train_config config;
    trm_samples samples, validation;
} setup;

// The paper's code: places in the batch that outlive the epoch, three shards of them, a puzzle's
// vector, and all that is its own.
static void as_in_the_paper(setup *s) {
    s->model.prefix = 1;
    s->model.puzzle_dim = 8;
    s->model.k_cycles = 2;
    s->model.inner_steps = 1;
    s->model.sup_steps = 3;
    s->model.restart = 2;
    s->config.ema = 0.9f;
    s->config.ema_warmup = false;
    s->config.explore = 0.3f;
    s->config.puzzle_lr = 1e-2f;
    s->config.puzzle_decay = 0.1f;
    s->config.weight_decay = 0.1f;
    trm_text_copy(s->config.explore_each, sizeof s->config.explore_each, "step");
    trm_text_copy(s->config.supervision, sizeof s->config.supervision, "act");
    trm_text_copy(s->config.optimizer, sizeof s->config.optimizer, "adam-atan2");
    trm_text_copy(s->config.loss, sizeof s->config.loss, "stablemax-f64");
}

static bool is_paper(const char *type) {
    return trm_arch_reads_tokens(type);
}

// 5x5 depth-first mazes and a small network of the given kind.
static setup make(const char *type) {
    trm_dataset_config data = {.type = "mazes-10-fixed", .size = 5};
    if (is_paper(type)) {
        data.encoding = TRM_ENCODING_TOKENS;
        data.numbered = true;
    }
    setup s = {.model = trm_model_config_default(), .config = trm_train_config_default()};
    s.train = trm_dataset_new(&data, TRM_SPLIT_TRAIN, 90, 1, NULL);
    s.held_out = trm_dataset_new(&data, TRM_SPLIT_HELD_OUT, 40, 1, NULL);
    s.samples = (trm_samples){s.train->inputs, s.train->targets, s.train->count};
    s.validation = (trm_samples){s.held_out->inputs, s.held_out->targets, s.held_out->count};
    trm_text_copy(s.model.type, sizeof s.model.type, type);
    s.model.state_dim = s.train->state_dim;
    s.model.action_dim = s.train->classes;
    s.model.positions = s.train->positions;
    s.model.height = s.train->geometry.rows;
    s.model.width = s.train->geometry.cols;
    s.model.x_dim = s.model.z_dim = s.model.hidden = 8;
    s.model.y_dim = 4;
    s.model.channels = 8;
    s.model.d_model = 8;
    s.model.heads = 2;
    s.model.layers = 1;
    s.model.feedforward = 16;
    s.config.lr = 3e-3f;
    if (strcmp(type, "trm-conv") == 0) { // a step at a time, and judged by averaged weights
        s.model.k_cycles = s.model.inner_steps = 1;
        s.model.sup_steps = 3;
        s.model.restart = 2;
        s.config.ema = 0.9f;
        s.config.cosine = true;
        trm_text_copy(s.config.supervision, sizeof s.config.supervision, "carried");
        trm_text_copy(s.config.loss, sizeof s.config.loss, "stablemax");
    }
    s.config.batch = is_paper(type)
                         ? 60
                         : 20; // three shards, the last one smaller; the last batch smaller still
    if (is_paper(type))
        as_in_the_paper(&s);
    return s;
}

static void drop(setup *s) {
    trm_dataset_free(s->train);
    trm_dataset_free(s->held_out);
}

static trm_supervised *learner(const setup *s, uint64_t seed) {
    trm_error e = {0};
    trm_supervised *l = trm_supervised_new(&s->model, &s->config, seed, &e);
    if (!l)
        fail_msg("%s", e.message);
    return l;
}

static trm_epoch epoch(const setup *s, trm_supervised *l) {
    trm_epoch out;
    trm_error e = {0};
    if (trm_supervised_epoch(l, &s->samples, &s->validation, NULL, NULL, &out, &e) !=
        TRM_UPDATE_DONE)
        fail_msg("%s", e.message);
    return out;
}

static size_t bytes_of(const trm_tensor *t) {
    size_t n = t->dtype == TRM_F32 || t->dtype == TRM_I32 ? 4 : 8;
    for (int32_t d = 0; d < t->ndim; d++)
        n *= (size_t)t->shape[d];
    return n;
}

static bool same(trm_supervised *a, trm_supervised *b) {
    static trm_tensor ta[TENSORS], tb[TENSORS];
    int32_t n = trm_supervised_tensors(a, ta, TENSORS);
    assert_in_range(n, 1, TENSORS);
    assert_int_equal(n, trm_supervised_tensors(b, tb, TENSORS));
    for (int32_t i = 0; i < n; i++)
        if (memcmp(ta[i].data, tb[i].data, bytes_of(&ta[i])) != 0)
            return false;
    return true;
}

static const char *const types[] = {"trm-maze", "trm-simple", "cnn", "transformer",
                                    "trm-conv", "trm-paper",  "hrm"};
enum { TYPES = 7 };

static void test_threads_change_nothing(void **state) {
    (void)state;
    for (int k = 0; k < TYPES; k++) {
        setup s = make(types[k]);
        trm_supervised *one = learner(&s, 3), *other = learner(&s, 4);
        s.config.threads = 3;
        trm_supervised *three = learner(&s, 3);
        for (int i = 0; i < 2; i++) {
            trm_epoch a = epoch(&s, one), b = epoch(&s, three);
            epoch(&s, other);
            assert_true(a.train_loss == b.train_loss && a.score.loss == b.score.loss);
        }
        assert_true(same(one, three));
        assert_false(same(one, other));
        trm_supervised_free(one);
        trm_supervised_free(three);
        trm_supervised_free(other);
        drop(&s);
    }
}

static bool not_beyond_half(void *ctx, double share) {
    (void)ctx;
    return share < 0.5;
}

static void check_abandoned(const char *type) {
    setup s = make(type);
    trm_supervised *a = learner(&s, 3), *b = learner(&s, 3);
    trm_epoch out;
    trm_error e = {0};
    epoch(&s, a);
    epoch(&s, b);
    assert_int_equal(
        trm_supervised_epoch(a, &s.samples, &s.validation, not_beyond_half, NULL, &out, &e),
        TRM_UPDATE_ABANDONED);
    assert_true(same(a, b));
    epoch(&s, a);
    epoch(&s, b);
    assert_true(same(a, b));
    trm_supervised_free(a);
    trm_supervised_free(b);
    drop(&s);
}

static void test_an_abandoned_epoch_never_was(void **state) {
    (void)state;
    check_abandoned("transformer");
    check_abandoned("trm-paper");
}

static bool after_so_many(void *ctx) {
    int *left = ctx;
    return --*left < 0;
}

// Wherever in an update, or in the score that ends the epoch, it is told to stop.
static void test_stopped_within_an_update(void **state) {
    (void)state;
    static const char *const stopped[] = {"trm-paper", "hrm"};
    for (size_t k = 0; k < sizeof stopped / sizeof *stopped; k++) {
        setup s = make(stopped[k]);
        trm_supervised *a = learner(&s, 3), *b = learner(&s, 3), *c = learner(&s, 3);
        trm_epoch out;
        trm_error e = {0};
        int asked = INT32_MAX;
        assert_true(trm_supervised_update_share(a) >= 0);
        epoch(&s, a);
        epoch(&s, b);
        epoch(&s, c);
        trm_supervised_set_stop(c, after_so_many, &asked);
        epoch(&s, c);
        const int all = INT32_MAX - asked;
        assert_true(all > 40);
        trm_supervised_set_stop(a, after_so_many, &asked);
        for (int i = 0; i < 40; i++) {
            asked = (int)((int64_t)all * i / 40);
            if (trm_supervised_epoch(a, &s.samples, &s.validation, NULL, NULL, &out, &e) !=
                    TRM_UPDATE_ABANDONED ||
                !same(a, b))
                fail_msg("%s, told at %d of %d", stopped[k], i, all);
        }
        asked = INT32_MAX;
        epoch(&s, a);
        assert_true(same(a, c));
        trm_supervised_free(a);
        trm_supervised_free(b);
        trm_supervised_free(c);
        drop(&s);
    }
}

static void check_restored(const char *type) {
    static trm_tensor from[TENSORS], to[TENSORS];
    setup s = make(type);
    trm_supervised *a = learner(&s, 3), *b = learner(&s, 9);
    trm_error e = {0};
    epoch(&s, a);
    int32_t n = trm_supervised_tensors(a, from, TENSORS);
    trm_supervised_tensors(b, to, TENSORS);
    for (int32_t i = 0; i < n; i++)
        memcpy(to[i].data, from[i].data, bytes_of(&from[i]));
    assert_true(trm_supervised_restored(b, &e));
    epoch(&s, a);
    epoch(&s, b);
    assert_true(same(a, b));
    *(float *)to[0].data = NAN;
    assert_false(trm_supervised_restored(b, &e));
    trm_supervised_free(a);
    trm_supervised_free(b);
    drop(&s);
}

static void test_restored_goes_on_the_same(void **state) {
    (void)state;
    check_restored("transformer");
    check_restored("trm-conv");
    check_restored("trm-paper");
    check_restored("hrm");
}

static void test_what_is_not_finite_is_set_back(void **state) {
    (void)state;
    setup s = make("cnn");
    s.config.lr = INFINITY;
    trm_supervised *a = learner(&s, 3);
    s.config.lr = 1e-3f;
    trm_supervised *b = learner(&s, 3);
    trm_epoch out;
    trm_error e = {0};
    assert_int_equal(trm_supervised_epoch(a, &s.samples, &s.validation, NULL, NULL, &out, &e),
                     TRM_UPDATE_FAILED);
    assert_int_equal(e.code, TRM_E_NUMERIC);
    assert_true(same(a, b));
    trm_supervised_free(a);
    trm_supervised_free(b);
    drop(&s);
}

typedef struct onlooker {
    trm_supervised *l;
    const setup *s;
    int64_t batches;
} onlooker;

static int32_t largest(const float *x, int32_t n) {
    int32_t best = 0;
    for (int32_t i = 1; i < n; i++)
        best = x[i] > x[best] ? i : best;
    return best;
}

// Asks after every batch what there is to be asked; the last cycle's reading is the answer.
static bool look_on(void *ctx, double share) {
    onlooker *o = ctx;
    trm_trace_shape shape = trm_model_trace_shape(trm_supervised_model(o->l));
    int32_t classes[64], sample = (int32_t)(o->batches % o->s->held_out->count);
    const float *input = o->s->held_out->inputs + sample * o->s->model.state_dim;
    float *data = trm_alloc((size_t)trm_trace_size(&shape), sizeof *data);
    trm_batch batch;
    trm_supervised_batch(o->l, &batch);
    assert_int_equal(batch.batch, o->batches++);
    assert_true(isfinite(batch.loss) && batch.grad_norm > 0 && batch.lr > 0 && share > 0);
    trm_supervised_trace(o->l, input, NULL, NULL, data);
    trm_supervised_answer(o->l, input, classes);
    assert_int_equal(shape.positions, o->s->model.positions);
    const int32_t n = trm_trace_classes(&shape);
    assert_int_equal(n, o->s->model.action_dim);
    for (int32_t p = 0; p < shape.positions; p++)
        assert_int_equal(classes[p],
                         largest(trm_trace_logits(&shape, data, shape.cycles - 1) + n * p, n));
    free(data);
    return true;
}

static void test_looking_changes_nothing(void **state) {
    (void)state;
    for (int k = 0; k < TYPES; k++) {
        setup s = make(types[k]);
        s.model.dropout = 0.2f;
        trm_supervised *plain = learner(&s, 3), *seen = learner(&s, 3);
        onlooker o = {seen, &s, 0};
        trm_epoch out;
        trm_error e = {0};
        for (int i = 0; i < 2; i++) {
            epoch(&s, plain);
            assert_int_equal(
                trm_supervised_epoch(seen, &s.samples, &s.validation, look_on, &o, &out, &e),
                TRM_UPDATE_DONE);
        }
        bool carried = strcmp(s.config.supervision, "carried") == 0;
        // act: 90 samples in batches of 60, which no epoch cuts short
        int64_t whole = is_paper(types[k]) ? 3 : 2 * 5;
        assert_true(carried ? o.batches > whole : o.batches == whole);
        assert_true(same(plain, seen));
        trm_supervised_free(plain);
        trm_supervised_free(seen);
        drop(&s);
    }
}

typedef struct steps {
    const setup *s;
    trm_trace_shape shape;
    float *whole, *trace; // as answered in one go; in the making
    int32_t known, limit;
} steps;

// Steps that are there are those of the whole answer, and the others are not there yet.
static bool see_step(void *ctx, int32_t known) {
    steps *k = ctx;
    assert_int_equal(known, ++k->known);
    for (int32_t c = 0; c < k->shape.cycles; c++) {
        const float *l = trm_trace_l(&k->shape, k->trace, c);
        const float *logits = trm_trace_logits(&k->shape, k->trace, c);
        if (c < known) {
            assert_memory_equal(l, trm_trace_l(&k->shape, k->whole, c),
                                (size_t)k->shape.l * sizeof *l);
            assert_memory_equal(logits, trm_trace_logits(&k->shape, k->whole, c),
                                (size_t)k->shape.actions * sizeof *logits);
            assert_true(*trm_trace_halt(&k->shape, k->trace, c) > 0);
        }
        for (int32_t i = 0; c >= known && i < k->shape.l; i++)
            assert_true(l[i] == 0.0f);
    }
    return known < k->limit;
}

static void test_long_thoughts_are_seen_step_by_step(void **state) {
    (void)state;
    for (int k = 5; k < TYPES; k++) {
        setup s = make(types[k]);
        trm_supervised *l = learner(&s, 1);
        steps o = {.s = &s, .shape = trm_model_trace_shape(trm_supervised_model(l)), .limit = 99};
        const int64_t size = trm_trace_size(&o.shape);
        const float *input = s.held_out->inputs;
        o.whole = trm_alloc((size_t)size, sizeof *o.whole);
        o.trace = trm_alloc((size_t)size, sizeof *o.trace);
        assert_true(o.shape.cycles > 2);
        assert_int_equal(trm_supervised_trace(l, input, NULL, NULL, o.whole), o.shape.cycles);
        assert_int_equal(trm_supervised_trace(l, input, see_step, &o, o.trace), o.shape.cycles);
        assert_int_equal(o.known, o.shape.cycles - 1);
        assert_memory_equal(o.trace, o.whole, (size_t)size * sizeof *o.trace);
        o.known = 0;
        o.limit = 2;
        assert_int_equal(trm_supervised_trace(l, input, see_step, &o, o.trace), 2);
        free(o.whole);
        free(o.trace);
        trm_supervised_free(l);
        drop(&s);
    }
}

typedef struct scoring {
    trm_supervised *l;
    const setup *s;
    int32_t asked, limit;
    float *trace;
} scoring;

static bool look_while_scoring(void *ctx) {
    scoring *k = ctx;
    trm_supervised_trace(k->l, k->s->held_out->inputs, NULL, NULL, k->trace);
    return ++k->asked <= k->limit;
}

// Also with averaged weights, which the score and a look both put in and take out.
static void test_a_score_can_be_looked_into_and_stopped(void **state) {
    (void)state;
    for (int t = 0; t < TYPES; t++) {
        setup s = make(types[t]);
        trm_supervised *l = learner(&s, 5);
        const trm_trace_shape shape = trm_model_trace_shape(trm_supervised_model(l));
        scoring k = {l, &s, 0, 1000, calloc((size_t)trm_trace_size(&shape), sizeof(float))};
        trm_score plain, seen = {0};
        epoch(&s, l);
        assert_true(trm_supervised_score(l, &s.validation, NULL, NULL, &plain));
        assert_true(trm_supervised_score(l, &s.validation, look_while_scoring, &k, &seen));
        assert_true(k.asked > 1);
        assert_true(plain.loss == seen.loss && plain.cell_accuracy == seen.cell_accuracy);
        k = (scoring){l, &s, 0, 1, k.trace};
        assert_false(trm_supervised_score(l, &s.validation, look_while_scoring, &k, &seen));
        assert_int_equal(k.asked, 2);
        free(k.trace);
        trm_supervised_free(l);
        drop(&s);
    }
}

// A small CNN learns more of 5x5 mazes than the best constant answer, and the score is a recount.
static void test_it_learns_and_counts_right(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 3; seed++) {
        setup s = make("cnn");
        s.model.channels = 16;
        trm_supervised *l = learner(&s, seed);
        trm_dataset_stats stats;
        trm_epoch out = {0};
        for (int i = 0; i < 60; i++)
            out = epoch(&s, l);
        trm_dataset_measure(s.held_out, &stats);
        assert_true(out.score.cell_accuracy > stats.majority + 0.1);
        int32_t classes[64], right = 0, exact = 0;
        for (int32_t i = 0; i < s.held_out->count; i++) {
            const int32_t *target = s.held_out->targets + i * s.model.positions;
            int32_t hits = 0;
            trm_supervised_answer(l, s.held_out->inputs + i * s.model.state_dim, classes);
            for (int32_t p = 0; p < s.model.positions; p++)
                hits += classes[p] == target[p];
            right += hits;
            exact += hits == s.model.positions;
        }
        double n = s.held_out->count;
        assert_true(fabs(out.score.cell_accuracy - right / (n * s.model.positions)) < 1e-9);
        assert_true(fabs(out.score.exact_accuracy - exact / n) < 1e-9);
        trm_supervised_free(l);
        drop(&s);
    }
}

static int64_t updates_of(trm_supervised *l) {
    trm_batch batch;
    trm_supervised_batch(l, &batch);
    return batch.batch + 1;
}

// Without a halting head every sample goes through all its steps, but for those that start as if
// some were done.
static void test_carried_samples_are_all_learned_from(void **state) {
    (void)state;
    setup s = make("trm-conv");
    s.model.halting = false;
    s.config.batch = 9;
    trm_supervised *l = learner(&s, 3);
    trm_epoch first = epoch(&s, l), out = first;
    // nine places, of which three start at each of three steps; 90 samples, ten rounds of them
    assert_int_equal(updates_of(l), 3 * 10);
    for (int i = 0; i < 60; i++)
        out = epoch(&s, l);
    assert_true(out.train_loss < 0.5 * first.train_loss);
    assert_true(out.score.cell_accuracy > first.score.cell_accuracy + 0.05);
    trm_supervised_free(l);
    drop(&s);
}

// Where the halting head is never sure, every sample begins again after every second step, from
// noise that its generator makes: the same run with less noise is another one, and with none of it
// what is learned depends on the first steps alone.
static void test_carried_samples_begin_again(void **state) {
    (void)state;
    trm_supervised *l[3];
    setup s = make("trm-conv");
    s.model.halting = true;
    s.model.restart = 2;
    for (int i = 0; i < 3; i++) {
        s.model.restart_noise = i < 2 ? 0.5f : 0.1f;
        l[i] = learner(&s, 3);
        trm_epoch first = epoch(&s, l[i]), out = first;
        for (int k = 0; k < 60; k++)
            out = epoch(&s, l[i]);
        assert_true(out.train_loss < 0.6 * first.train_loss);
    }
    assert_true(same(l[0], l[1]));
    assert_false(same(l[0], l[2]));
    for (int i = 0; i < 3; i++)
        trm_supervised_free(l[i]);
    drop(&s);
}

static const float *weight(trm_supervised *l, const char *name) {
    const trm_params *p = trm_model_params_const(trm_supervised_model(l));
    char full[TRM_PARAM_NAME];
    trm_text_format(full, sizeof full, TRM_PAPER_PREFIX "%s", name);
    return trm_params_at(p, p->values, trm_params_find(p, full));
}

// The starts of a state stay; the puzzle's vector, which starts at 0, goes by the sign of its
// gradient; and the first step of either is as the paper's code makes it.
static void test_what_the_optimiser_may_touch(void **state) {
    (void)state;
    static const char *const optimizers[] = {"adam", "adam-atan2"};
    for (int k = 0; k < 2; k++) {
        setup s = make("trm-paper");
        trm_text_copy(s.config.optimizer, sizeof s.config.optimizer, optimizers[k]);
        s.config.warmup = 4;
        trm_supervised *l = learner(&s, 3), *first = learner(&s, 3);
        trm_epoch out = epoch(&s, l);
        size_t bytes = (size_t)s.model.d_model * sizeof(float);
        float moved = 0, lr = s.config.lr * (float)k / 4; // Adam's first is at 0, as it always was
        assert_true(fabsf(out.lr - lr) < 1e-9f);
        assert_memory_equal(weight(l, "H_init"), weight(first, "H_init"), bytes);
        assert_memory_equal(weight(l, "L_init"), weight(first, "L_init"), bytes);
        for (int32_t i = 0; i < s.model.puzzle_dim; i++)
            moved += fabsf(weight(l, "puzzle_emb.weights")[i]);
        assert_true(fabsf(moved - (float)s.model.puzzle_dim * s.config.puzzle_lr * lr /
                                      s.config.lr) < 1e-6f);
        assert_int_equal(k == 0, memcmp(weight(l, "lm_head.weight"),
                                        weight(first, "lm_head.weight"), bytes) == 0);
        trm_supervised_free(l);
        trm_supervised_free(first);
        drop(&s);
    }
}

enum { MIRROR = 9, MIRRORED = 240, COLOURS = 4 };

// Rows of tokens, whose answer is the same the other way round; the last cell's nobody asks about.
static trm_samples mirrored(float *inputs, int32_t *targets, uint64_t seed) {
    trm_rng rng;
    trm_rng_seed(&rng, seed, 7);
    for (int32_t i = 0; i < MIRRORED; i++) {
        float *x = inputs + i * MIRROR;
        for (int32_t p = 0; p < MIRROR; p++)
            x[p] = (float)(1 + trm_rng_below(&rng, COLOURS));
        for (int32_t p = 0; p < MIRROR; p++)
            targets[i * MIRROR + p] = p == MIRROR - 1 ? -1 : (int32_t)x[MIRROR - 1 - p];
    }
    return (trm_samples){inputs, targets, MIRRORED};
}

// One answer in 4^8 is right by chance.
static void test_the_papers_training_learns(void **state) {
    (void)state;
    static float inputs[2][MIRRORED * MIRROR];
    static int32_t targets[2][MIRRORED * MIRROR];
    const trm_samples train = mirrored(inputs[0], targets[0], 1);
    const trm_samples held_out = mirrored(inputs[1], targets[1], 2);
    for (uint64_t seed = 0; seed < 2; seed++) {
        setup s = make("trm-paper");
        trm_epoch out = {0};
        trm_error e = {0};
        s.model.state_dim = s.model.positions = MIRROR;
        s.model.height = s.model.width = s.model.prefix = s.model.puzzle_dim = 0;
        s.model.action_dim = 1 + COLOURS;
        s.model.mlp_t = true;
        s.model.d_model = s.model.token_feedforward = 16;
        s.model.feedforward = 32;
        s.config.batch = 12;
        trm_supervised *l = learner(&s, seed);
        for (int i = 0; i < 40; i++)
            assert_int_equal(trm_supervised_epoch(l, &train, &held_out, NULL, NULL, &out, &e),
                             TRM_UPDATE_DONE);
        assert_true(out.score.exact_accuracy > 0.25);
        trm_supervised_free(l);
        drop(&s);
    }
}

static void test_only_models_with_steps_are_carried(void **state) {
    (void)state;
    setup s = make("trm-conv");
    trm_error e = {0};
    trm_text_copy(s.model.type, sizeof s.model.type, "cnn");
    assert_null(trm_supervised_new(&s.model, &s.config, 1, &e));
    assert_non_null(strstr(e.message, "carried"));
    drop(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_change_nothing),
        cmocka_unit_test(test_an_abandoned_epoch_never_was),
        cmocka_unit_test(test_stopped_within_an_update),
        cmocka_unit_test(test_restored_goes_on_the_same),
        cmocka_unit_test(test_what_is_not_finite_is_set_back),
        cmocka_unit_test(test_looking_changes_nothing),
        cmocka_unit_test(test_long_thoughts_are_seen_step_by_step),
        cmocka_unit_test(test_a_score_can_be_looked_into_and_stopped),
        cmocka_unit_test(test_it_learns_and_counts_right),
        cmocka_unit_test(test_carried_samples_are_all_learned_from),
        cmocka_unit_test(test_carried_samples_begin_again),
        cmocka_unit_test(test_what_the_optimiser_may_touch),
        cmocka_unit_test(test_the_papers_training_learns),
        cmocka_unit_test(test_only_models_with_steps_are_carried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
