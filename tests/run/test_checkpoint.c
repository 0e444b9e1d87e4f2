// SPDX-License-Identifier: Apache-2.0
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "trm/base/text.h"
#include "trm/run/checkpoint.h"
#include "trm/run/safetensors.h"
#include "trm/train/course.h"

static trm_config config_with(const char *preset, const char *const *words) {
    trm_config c;
    trm_error e;
    assert_true(trm_config_preset(&c, preset, &e));
    for (; *words; words++)
        if (!trm_config_override(&c, *words, &e))
            fail_msg("%s", e.message);
    return c;
}

static trm_config small_trm(void) {
    static const char *const words[] = {"env.size=3",       "model.h_dim=8",   "model.l_dim=4",
                                        "model.k_cycles=2", "train.envs=2",    "train.episodes=20",
                                        "model.l_layers=2", "train.threads=2", NULL};
    return config_with("maze", words);
}

static trm_config small_mlp(void) {
    static const char *const words[] = {"env.size=2", "model.hidden=6", NULL};
    return config_with("maze-mlp", words);
}

static void update(trm_course *l, int times) {
    trm_advance u;
    trm_error e;
    for (int i = 0; i < times; i++)
        assert_int_equal(trm_course_advance(l, NULL, &u, &e), TRM_UPDATE_DONE);
}

static void save(const char *path, trm_course *l, const trm_config *c) {
    trm_error e;
    if (!trm_checkpoint_save(path, l, c, &e))
        fail_msg("%s", e.message);
}

static void assert_same_bytes(const char *a, const char *b) {
    size_t size, other_size;
    char *bytes = read_bytes(a, &size), *other = read_bytes(b, &other_size);
    assert_int_equal(size, other_size);
    assert_memory_equal(bytes, other, size);
    free(bytes);
    free(other);
}

static void restored_is_the_same_learner(void **state) {
    (void)state;
    const trm_config configs[] = {small_trm(), small_mlp()};
    for (size_t i = 0; i < 2; i++) {
        const char *a = temp_path("a"), *b = temp_path("b");
        trm_error e;
        trm_course *l = new_course(&configs[i]), *m = new_course(&configs[i]);
        update(l, 4);
        save(a, l, &configs[i]);
        if (!trm_checkpoint_restore(a, m, &configs[i], &e))
            fail_msg("%s", e.message);
        save(b, m, &configs[i]);
        assert_same_bytes(a, b);
        assert_int_equal(trm_course_count(m).done, trm_course_count(l).done);
        update(l, 3);
        update(m, 3);
        save(a, l, &configs[i]);
        save(b, m, &configs[i]);
        assert_same_bytes(a, b);
        trm_course_free(l);
        trm_course_free(m);
    }
}

static void threads_change_no_byte(void **state) {
    (void)state;
    const char *a = temp_path("a"), *b = temp_path("b");
    trm_config c = small_trm(), d = c;
    d.train.threads = 1;
    trm_course *l = new_course(&c), *m = new_course(&d);
    update(l, 3);
    update(m, 3);
    save(a, l, &c);
    save(b, m, &d);
    assert_same_bytes(a, b);
    trm_course_free(l);
    trm_course_free(m);
}

// ---- files that do not fit ----------------------------------------------------------------------

// A copy of a file with one thing changed.
typedef struct change {
    const char *drop;      // tensor left out
    const char *rename;    // tensor renamed to `to`
    const char *to;        //
    const char *flatten;   // tensor given the shape [all its elements]
    const char *poison;    // F32 tensor whose first value becomes NaN
    const char *widen;     // F32 tensor declared U8
    const char *format;    // metadata "format"; "" leaves all metadata out
    const char *only_from; // keeps only tensors with this prefix, and takes it off
} change;

static void make_flat(trm_tensor *t, trm_dtype dtype) {
    t->shape[0] = trm_tensor_count(t) * (int64_t)(trm_dtype_size(t->dtype) / trm_dtype_size(dtype));
    t->ndim = 1;
    t->dtype = dtype;
}

static bool is(const char *name, const char *wanted) {
    return wanted && strcmp(name, wanted) == 0;
}

static void copy_changed(const char *from, const char *to, const change *ch) {
    trm_safetensors s;
    trm_error e;
    int32_t n = 0;
    if (!trm_safetensors_read(&s, from, &e))
        fail_msg("%s", e.message);
    for (int32_t i = 0; i < s.count; i++) {
        trm_tensor t = s.tensors[i];
        if (is(t.name, ch->drop))
            continue;
        if (ch->only_from) {
            size_t prefix = strlen(ch->only_from);
            if (strncmp(t.name, ch->only_from, prefix) != 0)
                continue;
            memmove(t.name, t.name + prefix, strlen(t.name + prefix) + 1);
        }
        if (is(t.name, ch->flatten))
            make_flat(&t, t.dtype);
        if (is(t.name, ch->widen))
            make_flat(&t, TRM_U8);
        if (is(t.name, ch->poison))
            *(float *)t.data = NAN;
        if (is(t.name, ch->rename))
            snprintf(t.name, sizeof t.name, "%s", ch->to);
        s.tensors[n++] = t;
    }
    for (int32_t i = 0; ch->format && i < s.metadata_count; i++)
        if (strcmp(s.metadata[i].key, "format") == 0) {
            free(s.metadata[i].value);
            s.metadata[i].value = strdup(ch->format);
        }
    bool bare = ch->only_from || is("", ch->format);
    if (!trm_safetensors_write(to, s.tensors, n, s.metadata, bare ? 0 : s.metadata_count, &e))
        fail_msg("%s", e.message);
    trm_safetensors_free(&s);
}

static const char input_weight[] = "recursive_core.input_embed.weight";

static void checkpoints_that_do_not_fit_are_refused(void **state) {
    (void)state;
    static const struct {
        change change;
        const char *words[2];
    } cases[] = {
        {{.drop = input_weight}, {"tensor recursive_core.input_embed.weight is missing"}},
        {{.rename = input_weight, .to = "x"}, {"input_embed.weight is missing"}},
        {{.flatten = input_weight}, {"input_embed.weight: shape [72] found, [8, 9] expected"}},
        {{.widen = input_weight}, {"input_embed.weight: U8 found, F32 expected"}},
        {{.poison = input_weight}, {"input_embed.weight: element 0 is not a finite number"}},
        {{.format = "trm-checkpoint-9"}, {"format trm-checkpoint-9, only trm-checkpoint-1"}},
        {{.format = ""}, {"bare weights, without the state of a training"}},
    };
    const char *good = temp_path("good"), *bad = temp_path("bad");
    trm_config c = small_trm();
    trm_course *l = new_course(&c);
    update(l, 2);
    save(good, l, &c);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_error e = {.code = TRM_OK};
        trm_course *m = new_course(&c);
        copy_changed(good, bad, &cases[i].change);
        assert_false(trm_checkpoint_restore(bad, m, &c, &e));
        assert_error(&e, TRM_E_INPUT, bad, cases[i].words[0], NULL);
        trm_course_free(m);
    }
    trm_course_free(l);
}

static void every_resume_tensor_is_needed(void **state) {
    (void)state;
    const char *good = temp_path("good"), *bad = temp_path("bad");
    trm_config c = small_mlp();
    trm_course *l = new_course(&c);
    trm_safetensors s;
    trm_error e;
    update(l, 2);
    save(good, l, &c);
    assert_true(trm_safetensors_read(&s, good, &e));
    int resume = 0;
    for (int32_t i = 0; i < s.count; i++) {
        const change ch = {.drop = s.tensors[i].name};
        copy_changed(good, bad, &ch);
        trm_course *m = new_course(&c);
        assert_false(trm_checkpoint_restore(bad, m, &c, &e));
        assert_error(&e, TRM_E_INPUT, s.tensors[i].name, "is missing", NULL);
        trm_course_free(m);
        resume += strncmp(s.tensors[i].name, "optim.", 6) == 0 ||
                  strncmp(s.tensors[i].name, "state.", 6) == 0;
    }
    assert_true(resume > 0);
    trm_safetensors_free(&s);
    trm_course_free(l);
}

static void other_configurations_are_refused(void **state) {
    (void)state;
    const char *path = temp_path("c");
    trm_config c = small_trm(), other = c;
    trm_error e;
    trm_course *l = new_course(&c);
    save(path, l, &c);
    trm_course_free(l);
    other.model.k_cycles = 5;
    l = new_course(&other);
    assert_false(trm_checkpoint_restore(path, l, &other, &e));
    assert_error(&e, TRM_E_INPUT, "model.k_cycles: 2 in the checkpoint, 5 expected", NULL);
    trm_course_free(l);
    other = c;
    snprintf(other.env.type, sizeof other.env.type, "maze-plain");
    l = new_course(&other);
    assert_false(trm_checkpoint_restore(path, l, &other, &e));
    assert_error(&e, TRM_E_INPUT, "env.type: \"maze-open\" in the checkpoint, \"maze-plain\"",
                 NULL);
    trm_course_free(l);
}

// ---- models -------------------------------------------------------------------------------------

static void load(const char *path, char *const *words, int n, trm_config *c, trm_model **m) {
    trm_error e;
    *m = trm_checkpoint_model(path, words, n, c, &e);
    if (!*m)
        fail_msg("%s", e.message);
}

static void a_checkpoint_gives_its_model(void **state) {
    (void)state;
    trm_config c = small_trm(), used;
    trm_course *l = new_course(&c);
    trm_model *m;
    const char *run = temp_path("run"), *path = temp_path("run/checkpoint.safetensors");
    mkdir(run, 0777);
    update(l, 2);
    save(path, l, &c);
    const trm_params *want = trm_model_params_const(trm_course_model(l));
    const char *const places[] = {path, run};
    for (int i = 0; i < 2; i++) {
        load(places[i], NULL, 0, &used, &m);
        const trm_params *got = trm_model_params_const(m);
        assert_int_equal(got->size, want->size);
        assert_memory_equal(got->values, want->values, (size_t)want->size * sizeof(float));
        assert_int_equal(used.model.k_cycles, 2);
        assert_int_equal(used.env.size, 3);
        assert_string_equal(used.preset, "maze");
        trm_model_free(m);
    }
    char words[][32] = {"model.k_cycles=7", "seed=3"};
    char *const overrides[] = {words[0], words[1]};
    load(path, overrides, 2, &used, &m);
    assert_int_equal(trm_model_get_config(m)->k_cycles, 7);
    assert_int_equal(used.seed, 3);
    trm_model_free(m);
    trm_course_free(l);
}

static void bare_weights_are_recognised(void **state) {
    (void)state;
    static const struct {
        const char *file, *type;
        int32_t states, actions, h, l, h_layers, l_layers, hidden;
        bool conditioning;
        int64_t total;
    } cases[] = {
        {"trm-full-small.safetensors", "trm-full", 9, 4, 16, 8, 1, 2, 128, false, 3124},
        {"trm-full-maze-k3.safetensors", "trm-full", 25, 4, 64, 32, 2, 1, 128, true, 69038},
        {"mlp-64.safetensors", "mlp", 16, 64, 64, 32, 2, 1, 64, true, 9408},
    };
    const char *path = temp_path("bare.safetensors");
    const change bare = {.only_from = "param."};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_config c;
        trm_model *m;
        char word[] = "model.k_cycles=4";
        char *const overrides[] = {word};
        copy_changed(fixture_path(cases[i].file), path, &bare);
        load(path, overrides, 1, &c, &m);
        assert_string_equal(c.model.type, cases[i].type);
        assert_int_equal(c.model.state_dim, cases[i].states);
        assert_int_equal(c.model.action_dim, cases[i].actions);
        assert_int_equal(c.model.h_dim, cases[i].h);
        assert_int_equal(c.model.l_dim, cases[i].l);
        assert_int_equal(c.model.h_layers, cases[i].h_layers);
        assert_int_equal(c.model.l_layers, cases[i].l_layers);
        assert_int_equal(c.model.hidden, cases[i].hidden);
        assert_int_equal(c.model.k_cycles, 4);
        if (strcmp(c.model.type, "mlp") != 0)
            assert_int_equal(c.model.action_conditioning, cases[i].conditioning);
        assert_int_equal(trm_model_params(m)->total, cases[i].total);
        trm_safetensors s;
        assert_true(trm_safetensors_read(&s, path, NULL));
        trm_params *p = trm_model_params(m);
        for (int32_t j = 0; j < p->count; j++)
            assert_memory_equal(trm_params_at(p, p->values, j),
                                trm_safetensors_find(&s, p->items[j].name)->data,
                                (size_t)p->items[j].size * sizeof(float));
        trm_safetensors_free(&s);
        trm_model_free(m);
    }
}

// Bare weights do not tell their board. The words do, and without them it is not guessed.
static void the_board_of_bare_weights_is_named(void **state) {
    (void)state;
    static const char *const words[] = {"env.type=maze",
                                        "env.size=7",
                                        "env.width=15",
                                        "model.type=trm-conv",
                                        "model.d_model=4",
                                        "model.layers=1",
                                        "model.feedforward=4",
                                        "model.inner_steps=1",
                                        "model.sup_steps=2",
                                        "model.k_cycles=1",
                                        "model.read_at_agent=true",
                                        NULL};
    trm_config c = config_with("maze", words), used;
    trm_course *l = new_course(&c);
    const char *good = temp_path("good"), *path = temp_path("bare.safetensors");
    const change bare = {.only_from = ""};
    save(good, l, &c);
    copy_changed(good, path, &bare);
    trm_course_free(l);
    char named[][32] = {"env.type=maze", "env.size=7", "env.width=15", "model.read_at_agent=true",
                        "model.sup_steps=2"};
    char *const overrides[] = {named[0], named[1], named[2], named[3], named[4]};
    trm_model *m;
    load(path, overrides, 5, &used, &m);
    const trm_model_config *got = trm_model_get_config(m);
    assert_true(got->height == 7 && got->width == 15);
    assert_true(got->state_dim == 3 * 7 * 15 && got->action_dim == 4 && got->sup_steps == 2);
    trm_model_free(m);
    load(path, NULL, 0, &used, &m); // one cell, which no environment here has
    got = trm_model_get_config(m);
    assert_true(got->height == 1 && got->width == 1 && got->state_dim == 3);
    trm_model_free(m);
}

static void models_that_do_not_fit_are_refused(void **state) {
    (void)state;
    static const struct {
        change change;
        const char *word, *says;
    } cases[] = {
        {{0}, "model.h_dim=32", "model.h_dim: 8 in the weights, 32"},
        {{0}, "model.type=mlp", "model.type: \"trm-full\" in the weights, \"mlp\" expected"},
        {{0}, "model.action_conditioning=false", "model.action_conditioning: true in the wei"},
        {{0}, "env.size=5", "the weights are for 9 state values and 4 actions"},
        {{0}, "env.sise=5", "unknown key env.sise (did you mean env.size?)"},
        {{0}, "model.k_cycles=0", "model.k_cycles: 0 is out of range"},
        {{.drop = "action_head.0.weight"}, "seed=1", "action_head"},
        {{.flatten = "action_head.0.weight"}, "seed=1", "action_head"},
        {{.rename = "action_head.0.bias", .to = "stranger"}, "seed=1", ""},
        {{.poison = "action_head.2.bias"}, "seed=1", "action_head.2.bias: element 0 is not"},
        {{.format = "trm-checkpoint-2"}, "seed=1", "format trm-checkpoint-2"},
    };
    trm_config c = small_trm();
    trm_course *l = new_course(&c);
    const char *good = temp_path("good"), *bad = temp_path("bad");
    save(good, l, &c);
    trm_course_free(l);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_config used = trm_config_default(), before = used;
        trm_error e = {.code = TRM_OK};
        char word[64];
        char *const overrides[] = {word};
        snprintf(word, sizeof word, "%s", cases[i].word);
        copy_changed(good, bad, &cases[i].change);
        if (trm_checkpoint_model(bad, overrides, 1, &used, &e))
            fail_msg("case %zu is accepted", i);
        assert_error(&e, TRM_E_INPUT, bad, cases[i].says, NULL);
        assert_memory_equal(&used, &before, sizeof used);
    }
}

static void strangers_are_named(void **state) {
    (void)state;
    trm_config c = small_mlp(), used;
    trm_course *l = new_course(&c);
    const char *good = temp_path("good"), *bad = temp_path("bad");
    trm_safetensors s;
    trm_error e;
    save(good, l, &c);
    trm_course_free(l);
    assert_true(trm_safetensors_read(&s, good, &e));
    trm_tensor *tensors = malloc(((size_t)s.count + 1) * sizeof *tensors);
    float value = 1;
    memcpy(tensors, s.tensors, (size_t)s.count * sizeof *tensors);
    tensors[s.count] = (trm_tensor){
        .name = "net.stranger", .dtype = TRM_F32, .ndim = 1, .shape = {1}, .data = &value};
    assert_true(trm_safetensors_write(bad, tensors, s.count + 1, s.metadata, 2, &e));
    l = new_course(&c);
    assert_false(trm_checkpoint_restore(bad, l, &c, &e));
    assert_error(&e, TRM_E_INPUT, "net.stranger", NULL);
    assert_null(trm_checkpoint_model(bad, NULL, 0, &used, &e));
    assert_error(&e, TRM_E_INPUT, "net.stranger", NULL);
    trm_course_free(l);
    free(tensors);
    trm_safetensors_free(&s);
}

// A small file that says it holds a huge model must not get the memory for one.
static void sizes_come_from_the_weights(void **state) {
    (void)state;
    trm_config c = small_trm(), huge, used;
    trm_error e;
    const char *path = temp_path("c");
    trm_course *l = new_course(&c);
    huge = c;
    huge.model.h_dim = 4096;
    huge.model.h_layers = 16;
    save(path, l, &huge);
    assert_null(trm_checkpoint_model(path, NULL, 0, &used, &e));
    assert_error(&e, TRM_E_INPUT, "model.h_dim: 8 in the weights, 4096 expected", NULL);
    trm_course_free(l);
}

// A training begins with the weights of another one's folder, whatever its boards and cycles.
static void a_training_begins_with_given_weights(void **state) {
    (void)state;
    static const char *const wider[] = {"env.size=3", "model.h_dim=16", "model.l_dim=4",
                                        "model.l_layers=2", NULL};
    trm_config c = small_trm(), other = config_with("maze", wider);
    trm_error e;
    trm_course *l = new_course(&c), *m, *w = new_course(&other);
    update(l, 3);
    save(temp_path("checkpoint.safetensors"), l, &c);
    c.seed = 9;
    c.model.k_cycles = 5;
    m = new_course(&c);
    const trm_params *from = trm_model_params_const(trm_course_model(l));
    const trm_params *to = trm_model_params_const(trm_course_model(m));
    const size_t bytes = (size_t)from->size * sizeof *from->values;
    assert_true(trm_checkpoint_begin(&c, trm_course_model(m), &e)); // train.from is empty
    assert_memory_not_equal(to->values, from->values, bytes);
    trm_text_copy(c.from, sizeof c.from, temp_path("."));
    if (!trm_checkpoint_begin(&c, trm_course_model(m), &e))
        fail_msg("%s", e.message);
    assert_memory_equal(to->values, from->values, bytes);
    trm_text_copy(other.from, sizeof other.from, c.from);
    assert_false(trm_checkpoint_begin(&other, trm_course_model(w), &e));
    assert_error(&e, TRM_E_INPUT, "train.from", NULL);
    trm_text_copy(other.from, sizeof other.from, "no-such-model");
    assert_false(trm_checkpoint_begin(&other, trm_course_model(w), &e));
    assert_error(&e, TRM_E_INPUT, "train.from", "no-such-model", "no bundled model", NULL);
    trm_course_free(l);
    trm_course_free(m);
    trm_course_free(w);
}

// What the model says of a board of ones.
static trm_mat answer(trm_course *course, trm_workspace **w) {
    const trm_model *m = trm_course_model(course);
    float x[64 * 4];
    const int32_t size = trm_model_get_config(m)->state_dim;
    assert_in_range(size, 1, sizeof x / sizeof *x);
    for (int32_t i = 0; i < size; i++)
        x[i] = (float)(i % 5 == 0);
    *w = trm_workspace_new(m, 1, false);
    trm_model_forward(m, *w, 0, trm_mat_of(x, 1, size), NULL);
    return trm_workspace_logits(*w, trm_model_outputs(m) - 1);
}

// Weights of two blocks in a model of four, whose new blocks have nothing to say yet.
static void a_training_begins_with_fewer_blocks(void **state) {
    (void)state;
    static const char *const types[] = {"trm-attn", "trm-mix", "trm-conv", "trm-peer"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const char *words[] = {types[i],
                               "model.d_model=16",
                               "model.feedforward=24",
                               "model.sup_steps=2",
                               "model.layers=2",
                               "model.local=true",
                               NULL};
        char type[32];
        trm_text_format(type, sizeof type, "model.type=%s", types[i]);
        words[0] = type;
        trm_config c = config_with("mazes-8-fixed-attn", words);
        trm_error e;
        trm_workspace *w, *v;
        trm_course *two = new_course(&c), *four;
        save(temp_path("checkpoint.safetensors"), two, &c);
        words[4] = "model.layers=4";
        c = config_with("mazes-8-fixed-attn", words);
        trm_text_copy(c.from, sizeof c.from, temp_path("."));
        four = new_course(&c);
        if (!trm_checkpoint_begin(&c, trm_course_model(four), &e))
            fail_msg("%s", e.message);
        trm_mat want = answer(two, &w), found = answer(four, &v);
        for (int32_t k = 0; k < want.cols; k++)
            assert_float_equal(found.data[k], want.data[k], 1e-3);
        trm_params *p = trm_model_params(trm_course_model(four));
        trm_params_at(p, p->values, trm_params_find(p, "blocks.3.down.weight"))[0] = 9;
        trm_workspace_free(v);
        found = answer(four, &v);
        assert_memory_not_equal(found.data, want.data, (size_t)want.cols * sizeof *want.data);
        words[4] = "model.layers=1"; // what there is more of is no model like this one
        c = config_with("mazes-8-fixed-attn", words);
        trm_text_copy(c.from, sizeof c.from, temp_path("."));
        trm_course *one = new_course(&c);
        assert_false(trm_checkpoint_begin(&c, trm_course_model(one), &e));
        assert_error(&e, TRM_E_INPUT, "train.from", "blocks.1.", NULL);
        trm_workspace_free(w);
        trm_workspace_free(v);
        trm_course_free(one);
        trm_course_free(two);
        trm_course_free(four);
    }
}

// A number that a file gives a block is no number of blocks to count to.
static void a_block_of_any_number_is_a_stranger(void **state) {
    (void)state;
    static const char *const words[] = {"model.d_model=16", "model.feedforward=24", NULL};
    static const char *const names[] = {"blocks.2147483647.x", "blocks.99999999999999999999.x"};
    trm_config c = config_with("mazes-8-fixed-attn", words);
    trm_course *l = new_course(&c);
    trm_error e;
    float value = 1;
    trm_text_copy(c.from, sizeof c.from, temp_path("strange.safetensors"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        trm_tensor one = {.dtype = TRM_F32, .ndim = 1, .shape = {1}, .data = &value};
        trm_text_copy(one.name, sizeof one.name, names[i]);
        assert_true(trm_safetensors_write(c.from, &one, 1, NULL, 0, &e));
        assert_false(trm_checkpoint_begin(&c, trm_course_model(l), &e));
        assert_error(&e, TRM_E_INPUT, "train.from", NULL);
    }
    trm_course_free(l);
}

static void other_files_are_refused(void **state) {
    (void)state;
    trm_config used;
    trm_error e;
    const char *path = temp_path("x");
    assert_null(trm_checkpoint_model(path, NULL, 0, &used, &e));
    assert_error(&e, TRM_E_IO, path, NULL);
    write_text(path, "not a model at all");
    assert_null(trm_checkpoint_model(path, NULL, 0, &used, &e));
    assert_error(&e, TRM_E_INPUT, path, "not safetensors", NULL);
    assert_null(trm_checkpoint_model(fixture_path("adam.safetensors"), NULL, 0, &used, &e));
    assert_error(&e, TRM_E_INPUT, "adam.safetensors: ", NULL);
    assert_null(trm_checkpoint_model(temp_path("."), NULL, 0, &used, &e));
    assert_error(&e, TRM_E_IO, "checkpoint.safetensors", NULL);
}

static trm_model *model_of_preset(trm_config *c, const char *preset) {
    trm_model_config sizes;
    trm_error e;
    *c = trm_config_default();
    assert_true(trm_config_preset(c, preset, &e));
    assert_true(trm_config_model(c, &sizes, &e));
    trm_model *m = trm_model_new(&sizes, &e);
    assert_non_null(m);
    return m;
}

// The configuration in a small file asks for a model of 64 GB.
static void a_small_file_cannot_ask_for_a_large_model(void **state) {
    (void)state;
    trm_config c, used;
    trm_error e;
    const char *path = temp_path("large");
    trm_model *m = model_of_preset(&c, "sudoku-9-peer");
    c.model.d_model = 4096;
    c.model.feedforward = 16384;
    c.model.layers = 64;
    assert_true(trm_checkpoint_export(path, m, &c, &e));
    assert_null(trm_checkpoint_model(path, NULL, 0, &used, &e));
    assert_error(&e, TRM_E_INPUT, path, "a model of 16", "use smaller sizes", NULL);
    trm_model_free(m);
}

// What is exported stands by itself on another machine.
static void paths_are_not_exported(void **state) {
    (void)state;
    trm_config c, read;
    trm_error e;
    const char *path = temp_path("portable");
    trm_model *m = model_of_preset(&c, "sudoku-4-peer");
    trm_text_copy(c.env.puzzles, sizeof c.env.puzzles, "mine.txt");
    trm_text_copy(c.from, sizeof c.from, "runs/first");
    c.data.generated = 0.5f;
    assert_true(trm_checkpoint_export(path, m, &c, &e));
    trm_model_free(m);
    m = trm_checkpoint_model(path, NULL, 0, &read, &e);
    assert_non_null(m);
    assert_string_equal(read.env.puzzles, "");
    assert_string_equal(read.from, "");
    assert_true(read.data.generated == 0);
    trm_model_free(m);
    trm_text_copy(c.from, sizeof c.from, "sudoku4");
    trm_config_leave_paths_out(&c);
    assert_string_equal(c.from, "sudoku4");
}

#define TEMP(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMP(restored_is_the_same_learner),
        TEMP(threads_change_no_byte),
        TEMP(checkpoints_that_do_not_fit_are_refused),
        TEMP(every_resume_tensor_is_needed),
        TEMP(other_configurations_are_refused),
        TEMP(a_checkpoint_gives_its_model),
        TEMP(paths_are_not_exported),
        TEMP(bare_weights_are_recognised),
        TEMP(the_board_of_bare_weights_is_named),
        TEMP(models_that_do_not_fit_are_refused),
        TEMP(strangers_are_named),
        TEMP(sizes_come_from_the_weights),
        TEMP(a_training_begins_with_given_weights),
        TEMP(a_training_begins_with_fewer_blocks),
        TEMP(a_block_of_any_number_is_a_stranger),
        TEMP(other_files_are_refused),
        TEMP(a_small_file_cannot_ask_for_a_large_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
