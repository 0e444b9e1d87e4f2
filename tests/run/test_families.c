// SPDX-License-Identifier: Apache-2.0
// HRM's and nano-trm's files as people have them: what is missing, unexpected, of another shape or
// type, below a wrapper's name, or lies of its size. Each is the right model or one line.
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/model/paper.h"
#include "trm/run/checkpoint.h"
#include "trm/run/safetensors.h"

// What became of the tensors whose names end as told.
typedef enum change {
    AS_IS,
    WITHOUT,
    BESIDE, // another tensor of that name
    TWICE,  // once more below a wrapper's name
    LONGER, // a row more
    SHORTER,
    TURNED, // rows and columns changed places
    FLAT,   // one dimension
    AS_I64,
    AS_BF16, // which holds the numbers of this test
    AS_F64,
    NOT_FINITE,
} change;

typedef enum family { HRM, NANO_MIXES, NANO_ATTENDS } family;

enum { MOST = 40, WIDTH = 16, SLACK = 4096 };

typedef struct variant {
    family of;
    change what;
    const char *name; // the end of it
    const char *part; // of the line; NULL: the right model
} variant;

static trm_model *model_of(family f) {
    trm_model_config c = trm_model_config_default();
    trm_error e = {0};
    trm_rng rng;
    trm_text_copy(c.type, sizeof c.type, f == HRM ? "hrm" : "trm-paper");
    c.mlp_t = f == NANO_MIXES;
    trm_text_copy(c.position_encoding, sizeof c.position_encoding, c.mlp_t ? "none" : "rope");
    c.positions = c.state_dim = 16;
    c.action_dim = 11;
    c.d_model = WIDTH;
    c.heads = 1;
    c.layers = c.h_layers = 2;
    c.feedforward = 32;
    c.token_feedforward = c.mlp_t ? 24 : 0;
    c.prefix = f == HRM;
    c.puzzle_dim = f == HRM ? WIDTH : 0;
    c.puzzles = f == HRM ? 3 : 1;
    c.state_dim += f == HRM;
    trm_model *m = trm_model_new(&c, &e);
    if (!m)
        fail_msg("%s", e.message);
    trm_params *p = trm_model_params(m);
    trm_rng_seed(&rng, 3, 1);
    for (int64_t i = 0; i < p->size; i++)
        p->values[i] = (float)((int32_t)trm_rng_below(&rng, 255) - 127) / 128;
    return m;
}

// nano-trm's name of a tensor of the paper's.
static void name_for_nano(trm_tensor *t) {
    static const char *const names[][2] = {{"L_level.", "lenet."},
                                           {"embed_tokens.", "input_embedding."},
                                           {"H_init", "z_H_init"},
                                           {"L_init", "z_L_init"},
                                           {"", ""}};
    char own[TRM_TENSOR_NAME];
    size_t i = 0;
    trm_text_copy(own, sizeof own, t->name + strlen(TRM_PAPER_PREFIX));
    while (!trm_text_starts(own, names[i][0]))
        i++;
    trm_text_format(t->name, sizeof t->name, "%s%s", names[i][1], own + strlen(names[i][0]));
    if (trm_text_starts(own, "q_head."))
        t->shape[0] = 1; // nothing tells how sure a further step would be
}

// The numbers go to `room`.
static void convert(trm_tensor *t, trm_dtype to, char *room) {
    const float *from = t->data;
    const int64_t n = trm_tensor_count(t);
    for (int64_t i = 0; i < n; i++)
        if (to == TRM_F64)
            ((double *)room)[i] = (double)from[i];
        else if (to == TRM_I64)
            ((int64_t *)room)[i] = i;
        else
            memcpy(room + 2 * i, (const char *)(from + i) + 2, 2); // the upper half
    t->dtype = to;
    t->data = room;
}

static void change_one(trm_tensor *t, change what, char *room) {
    static float infinite[SLACK];
    const int64_t rows = t->shape[0];
    t->shape[0] += what == LONGER ? 1 : what == SHORTER ? -1 : 0;
    if (what == TURNED) {
        t->shape[0] = t->shape[1];
        t->shape[1] = rows;
    } else if (what == FLAT) {
        t->shape[0] = trm_tensor_count(t);
        t->ndim = 1;
    } else if (what == AS_I64 || what == AS_BF16 || what == AS_F64) {
        convert(t, what == AS_I64 ? TRM_I64 : what == AS_F64 ? TRM_F64 : TRM_BF16, room);
    } else if (what == NOT_FINITE) {
        assert_true(trm_tensor_count(t) <= SLACK);
        memcpy(infinite, t->data, trm_tensor_bytes(t));
        infinite[1] = -1.0f / 0.0f;
        t->data = infinite;
    }
}

// Writes the model's weights, changed, behind `prefix`.
static void write_changed(const trm_model *m, const variant *v, const char *prefix) {
    trm_tensor out[MOST];
    const trm_params *p = trm_model_params_const(m);
    // rows that are too many reach beyond the last number
    float *values = trm_alloc((size_t)p->size + SLACK, sizeof *values);
    memcpy(values, p->values, (size_t)p->size * sizeof *values);
    double *doubles = trm_alloc((size_t)p->size, sizeof *doubles);
    trm_tensor *own = trm_checkpoint_parameters(p, values);
    int32_t count = 0, changed = 0;
    trm_error e = {0};
    for (int32_t i = 0; i < p->count && count < MOST - 1; i++) {
        trm_tensor *t = &out[count++];
        *t = own[i];
        if (v->of != HRM)
            name_for_nano(t);
        if (v->what == BESIDE || !trm_text_ends(t->name, v->name))
            continue;
        changed++;
        count -= v->what == WITHOUT;
        change_one(t, v->what, (char *)(doubles + ((float *)t->data - values)));
        if (v->what == TWICE) {
            out[count] = *t;
            trm_text_format(out[count++].name, TRM_TENSOR_NAME, "module.%.100s", t->name);
        }
    }
    if (v->what == BESIDE) {
        out[count] = own[0];
        trm_text_copy(out[count++].name, TRM_TENSOR_NAME, v->name);
    }
    assert_true(v->what == AS_IS || v->what == BESIDE || changed > 0);
    for (int32_t i = 0; i < count; i++) {
        char name[TRM_TENSOR_NAME];
        trm_text_format(name, sizeof name, "%s%s", prefix, out[i].name);
        trm_text_copy(out[i].name, sizeof out[i].name, name);
    }
    if (!trm_safetensors_write(temp_path("family"), out, count, NULL, 0, &e))
        fail_msg("%s", e.message);
    free(doubles);
    free(values);
    free(own);
}

static trm_model *load(trm_error *e) {
    static char cells[] = "model.cells=16", heads[] = "model.heads=1";
    char *words[] = {cells, heads};
    trm_config c = trm_config_default();
    *e = (trm_error){0};
    return trm_checkpoint_model(temp_path("family"), words, 2, &c, e);
}

static void check_line(const trm_error *e, const char *part, size_t i) {
    assert_int_equal(e->code, TRM_E_INPUT);
    assert_null(strchr(e->message, '\n'));
    if (!strstr(e->message, part))
        fail_msg("%zu: \"%s\" does not say \"%s\"", i, e->message, part);
}

// Its second output, which nano-trm has not, is 0.
static void check_model(const trm_model *read, const trm_model *m, family f) {
    const trm_params *a = trm_model_params_const(read), *b = trm_model_params_const(m);
    assert_string_equal(trm_model_get_config(read)->type, trm_model_get_config(m)->type);
    assert_int_equal(a->count, b->count);
    for (int32_t i = 0; i < a->count; i++) {
        const float *x = trm_params_at(a, a->values, i), *y = trm_params_at(b, b->values, i);
        const bool narrower = f != HRM && strstr(a->items[i].name, "q_head.");
        const int64_t n = a->items[i].size, told = narrower ? n / 2 : n;
        assert_string_equal(a->items[i].name, b->items[i].name);
        assert_int_equal(n, b->items[i].size);
        assert_memory_equal(x, y, (size_t)told * sizeof *x);
        for (int64_t k = told; k < n; k++)
            assert_true(x[k] == 0);
    }
}

static void check_variant(const variant *v, const char *prefix, size_t i) {
    trm_error e;
    trm_model *m = model_of(v->of);
    write_changed(m, v, prefix);
    trm_model *read = load(&e);
    if (v->part && read)
        fail_msg("%zu: reads", i);
    if (!v->part && !read)
        fail_msg("%zu: %s", i, e.message);
    if (read)
        check_model(read, m, v->of);
    else
        check_line(&e, v->part, i);
    trm_model_free(read);
    trm_model_free(m);
}

static const variant variants[] = {
    {HRM, AS_IS, "", NULL},
    {HRM, AS_BF16, "H_init", NULL},
    {HRM, AS_BF16, "", NULL},
    {HRM, AS_F64, "", NULL},
    {HRM, BESIDE, "puzzle_emb.local_weights", NULL},
    {HRM, BESIDE, "rotary_emb.cos_cached", NULL},
    {HRM, WITHOUT, "H_init", "no tensor \"model.inner.H_init"},
    {HRM, WITHOUT, "L_init", "L_init"},
    {HRM, WITHOUT, "embed_tokens.embedding_weight", "no tensor \"embed_tokens"},
    {HRM, WITHOUT, "lm_head.weight", "no tensor \"lm_head"},
    {HRM, WITHOUT, "q_head.bias", "hrm, but: no tensor \"model.inner.q_head.bias"},
    {HRM, WITHOUT, "H_level.layers.0.mlp.gate_up_proj.weight", "hrm, but: no tensor"},
    {HRM, WITHOUT, "L_level.layers.0.mlp.gate_up_proj.weight", "no tensor \"L_level"},
    {HRM, WITHOUT, "H_level.layers.1.mlp.gate_up_proj.weight", "hrm, but: no tensor"},
    {HRM, WITHOUT, "H_level.layers.1.self_attn.o_proj.weight", "no tensor"},
    {HRM, WITHOUT, "mlp.down_proj.weight", "no tensor"},
    {HRM, BESIDE, "H_level.layers.0.mlp_t.down_proj.weight", "unexpected"},
    {HRM, BESIDE, "L_level.layers.7.mlp.down_proj.weight", "unexpected"},
    {HRM, BESIDE, "head.weight", "unexpected"},
    {HRM, TWICE, "L_level.layers.0.mlp.down_proj.weight", "twice"},
    {HRM, LONGER, "lm_head.weight", "lm_head"},
    {HRM, SHORTER, "lm_head.weight", "lm_head"},
    {HRM, SHORTER, "q_head.weight", "q_head.weight\" has a shape"},
    {HRM, LONGER, "q_head.bias", "q_head.bias"},
    {HRM, TURNED, "embed_tokens.embedding_weight", "do not make a model.d_model of 11"},
    {HRM, TURNED, "H_level.layers.0.mlp.gate_up_proj.weight", "H_level"},
    {HRM, FLAT, "H_level.layers.0.mlp.gate_up_proj.weight", "H_level"},
    {HRM, FLAT, "q_head.weight", "q_head.weight\" has 1 dim"},
    {HRM, SHORTER, "H_level.layers.1.mlp.gate_up_proj.weight", "H_level"},
    {HRM, LONGER, "L_level.layers.0.self_attn.qkv_proj.weight", "qkv_proj"},
    {HRM, SHORTER, "H_init", "H_init"},
    {HRM, AS_I64, "lm_head.weight", "lm_head.weight\" holds whole numbers"},
    {HRM, AS_I64, "H_init", "H_init\" holds whole numbers"},
    {HRM, NOT_FINITE, "L_level.layers.0.mlp.down_proj.weight", "not a finite number"},

    {NANO_MIXES, AS_IS, "", NULL},
    {NANO_ATTENDS, AS_IS, "", NULL},
    {NANO_ATTENDS, AS_BF16, "", NULL},
    {NANO_MIXES, AS_F64, "", NULL},
    {NANO_MIXES, BESIDE, "lenet.rotary_emb.inv_freq", NULL},
    {NANO_MIXES, WITHOUT, "z_H_init", "no tensor \"model.inner.H_init"},
    {NANO_MIXES, WITHOUT, "z_L_init", "L_init"},
    {NANO_MIXES, WITHOUT, "input_embedding.embedding_weight", "no tensor \"embed_tokens"},
    {NANO_MIXES, WITHOUT, "lm_head.weight", "no tensor \"lm_head"},
    {NANO_MIXES, WITHOUT, "q_head.weight", "no tensor \"q_head"},
    {NANO_MIXES, WITHOUT, "q_head.bias", "no tensor \"model.inner.q_head.bias"},
    {NANO_MIXES, WITHOUT, "lenet.layers.0.mlp.gate_up_proj.weight", "no tensor \"L_level.layers.0"},
    {NANO_MIXES, WITHOUT, "lenet.layers.0.mlp_t.gate_up_proj.weight", "no tensor"},
    {NANO_MIXES, WITHOUT, "lenet.layers.1.mlp_t.down_proj.weight", "no tensor"},
    {NANO_ATTENDS, WITHOUT, "self_attn.qkv_proj.weight", "no tensor"},
    {NANO_MIXES, BESIDE, "lenet.layers.1.mlp.dwconv.weight", "unexpected"},
    {NANO_MIXES, BESIDE, "lenet.layers.0.mlp.board_conv.weight", "convolutions"},
    {NANO_MIXES, BESIDE, "lenet.layers.0.self_attn.o_proj.weight", "unexpected"},
    {NANO_MIXES, BESIDE, "optimizer.step", "unexpected"},
    {NANO_MIXES, TWICE, "z_H_init", "twice"},
    {NANO_MIXES, LONGER, "q_head.weight", "q_head"},
    {NANO_MIXES, FLAT, "q_head.weight", "q_head.weight\" has 1 dim"},
    {NANO_MIXES, LONGER, "q_head.bias", "q_head"},
    {NANO_MIXES, LONGER, "input_embedding.embedding_weight", "lm_head"},
    {NANO_MIXES, SHORTER, "lm_head.weight", "lm_head"},
    {NANO_MIXES, TURNED, "lenet.layers.0.mlp_t.gate_up_proj.weight", "mlp_t"},
    {NANO_MIXES, SHORTER, "lenet.layers.0.mlp_t.down_proj.weight", "mlp_t"},
    {NANO_ATTENDS, SHORTER, "lenet.layers.1.self_attn.o_proj.weight", "o_proj"},
    {NANO_MIXES, FLAT, "lenet.layers.0.mlp.gate_up_proj.weight", "has 1 dim"},
    {NANO_MIXES, SHORTER, "z_L_init", "L_init"},
    {NANO_MIXES, AS_I64, "lm_head.weight", "whole numbers"},
    {NANO_MIXES, AS_I64, "z_L_init", "L_init"},
    {NANO_MIXES, NOT_FINITE, "lm_head.weight", "not a finite number"},
};

static void test_variants(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
        check_variant(&variants[i], variants[i].of == HRM ? "_orig_mod." : "", i);
}

static void test_prefixes(void **state) {
    (void)state;
    static const char *const prefixes[] = {
        "", "module.", "_orig_mod.", "_orig_mod.model.inner.", "state_dict.", "net.inner.", "ema."};
    static const variant as_is[] = {
        {HRM, AS_IS, "", NULL}, {NANO_MIXES, AS_IS, "", NULL}, {NANO_ATTENDS, AS_IS, "", NULL}};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        for (size_t k = 0; k < sizeof as_is / sizeof *as_is; k++)
            check_variant(&as_is[k], prefixes[i], i);
}

// Sizes that contradict one another, of texts as long as the true ones.
static void test_lies(void **state) {
    (void)state;
    static const struct {
        family of;
        const char *truth, *lie, *part;
    } lies[] = {
        {HRM, "\"shape\":[16]", "\"shape\":[17]", "H_init"},
        {HRM, "\"shape\":[16]", "\"shape\":[-1]", "a whole number, 0 or more"},
        {HRM, "\"shape\":[11,16]", "\"shape\":[99,16]", "embed_tokens"},
        {HRM, "\"F32\"", "\"F64\"", "128 bytes"},
        {HRM, "\"F32\"", "\"F99\"", "dtype F99"},
        {HRM, "\"data_offsets\":[0,64]", "\"data_offsets\":[8,64]", "give 56"},
        {HRM, "\"data_offsets\":[0,64]", "\"data_offsets\":[64,0]", ""},
        {NANO_MIXES, "\"data_offsets\":[0,64]", "\"data_offsets\":[0,99]", ""},
        {NANO_MIXES, "\"shape\":[16]", "\"shape\":[ 4]", "H_init"},
        {NANO_MIXES, "\"shape\":[1,16]", "\"shape\":[8,16]", "q_head"},
        {NANO_MIXES, "\"shape\":[1]", "\"shape\":[0]", "q_head"},
        {NANO_MIXES, "\"F32\"", "\"I64\"", ""},
    };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        const variant plain = {lies[i].of, AS_IS, "", NULL};
        trm_model *m = model_of(lies[i].of);
        char *bytes;
        size_t size;
        uint64_t header;
        trm_error e = {0};
        write_changed(m, &plain, "");
        trm_model_free(m);
        assert_true(trm_file_read(temp_path("family"), 1 << 20, &bytes, &size, &e));
        memcpy(&header, bytes, sizeof header);
        const size_t n = strlen(lies[i].truth);
        char *at = memmem(bytes + 8, header, lies[i].truth, n);
        assert_non_null(at);
        assert_int_equal(n, strlen(lies[i].lie));
        memcpy(at, lies[i].lie, n);
        assert_true(trm_file_write(temp_path("family"), bytes, size, &e));
        m = load(&e);
        if (m)
            fail_msg("lie %zu reads", i);
        check_line(&e, lies[i].part, i);
        for (int32_t k = 0; k < 16; k++) { // a header that is longer than the file, or cut
            header = (uint64_t)1 << (4 * k);
            memcpy(bytes, &header, sizeof header);
            assert_true(trm_file_write(temp_path("family"), bytes, size, &e));
            assert_null(load(&e));
            check_line(&e, "", i);
        }
        free(bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_lies),
    };
    return cmocka_run_group_tests_name("families", tests, temp_setup, temp_teardown);
}
