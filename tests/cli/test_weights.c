// SPDX-License-Identifier: Apache-2.0
// Weights as PyTorch saves them, probed by the real binary: every cycle is the original's.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "process.h"
#include "trm/base/text.h"
#include "trm/run/safetensors.h"

enum { NAME_SIZE = 64, PREFIX = 6 };

static void read_fixture(const char *name, trm_safetensors *s) {
    char path[PATH_SIZE];
    trm_error e;
    snprintf(path, sizeof path, "%s/%s", getenv("TRM_FIXTURES_DEFAULT"), name);
    if (!trm_safetensors_read(s, path, &e))
        fail_msg("%s", e.message);
}

// Only the parameters, under their own names, without metadata.
static void write_bare(void **state, const trm_safetensors *s) {
    char path[PATH_SIZE];
    trm_error e;
    int32_t n = 0;
    trm_tensor *bare = calloc((size_t)s->count, sizeof *bare);
    for (int32_t i = 0; i < s->count; i++) {
        if (strncmp(s->tensors[i].name, "param.", PREFIX) == 0) {
            bare[n] = s->tensors[i];
            memmove(bare[n].name, bare[n].name + PREFIX, strlen(bare[n].name + PREFIX) + 1);
            n++;
        }
    }
    snprintf(path, sizeof path, "%s/bare.safetensors", (const char *)*state);
    assert_true(n > 0);
    assert_true(trm_safetensors_write(path, bare, n, NULL, 0, &e));
    free(bare);
}

static const trm_tensor *tensor(const trm_safetensors *s, const char *name) {
    const trm_tensor *t = trm_safetensors_find(s, name);
    assert_non_null(t);
    return t;
}

// Row `row` of input.state as JSON; malloc'd.
static char *state_text(const trm_safetensors *s, int64_t row) {
    const trm_tensor *states = tensor(s, "input.state");
    int64_t dim = states->shape[1];
    char *text = calloc((size_t)dim + 1, 33);
    size_t used = 0;
    for (int64_t i = 0; i < dim; i++) {
        text[used++] = i == 0 ? '[' : ',';
        used += trm_text_from_f32(text + used, ((const float *)states->data)[row * dim + i]);
    }
    text[used] = ']';
    return text;
}

// 1e-5 of the largest value of the whole tensor.
static void assert_agrees(const cJSON *array, const trm_tensor *t, int64_t row) {
    const float *values = t->data;
    double largest = 0;
    for (int64_t i = 0; i < trm_tensor_count(t); i++)
        largest = fmax(largest, fabs((double)values[i]));
    assert_int_equal(cJSON_GetArraySize(array), t->shape[1]);
    for (int64_t i = 0; i < t->shape[1]; i++) {
        double found = cJSON_GetArrayItem(array, (int)i)->valuedouble;
        double wanted = (double)values[row * t->shape[1] + i];
        if (!(fabs(found - wanted) <= 1e-5 * largest)) {
            fail_msg("%s, row %d, element %d: %.9g, the original has %.9g", t->name, (int)row,
                     (int)i, found, wanted);
        }
    }
}

static void assert_cycles(const trm_safetensors *s, const cJSON *cycles, int64_t row) {
    static const char *const parts[] = {"h_mid", "l", "h", "logits"};
    int c = 0;
    const cJSON *cycle;
    cJSON_ArrayForEach(cycle, cycles) {
        for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
            char name[NAME_SIZE];
            snprintf(name, sizeof name, "cycle.%d.%s", c, parts[p]);
            assert_agrees(cJSON_GetObjectItem(cycle, parts[p]), tensor(s, name), row);
        }
        c++;
    }
}

static int64_t previous_action(const trm_safetensors *s, int64_t row) {
    const trm_tensor *previous = trm_safetensors_find(s, "input.prev_action");
    return previous != NULL ? ((const int64_t *)previous->data)[row] : -1;
}

// Probes every row; `word` is what the weights cannot tell.
static void probe_rows(void **state, const char *fixture, const char *word, int cycles) {
    trm_safetensors s;
    read_fixture(fixture, &s);
    write_bare(state, &s);
    int64_t rows = tensor(&s, "input.state")->shape[0];
    for (int64_t row = 0; row < rows; row++) {
        char *text = state_text(&s, row);
        char action[NAME_SIZE];
        int64_t previous = previous_action(&s, row);
        snprintf(action, sizeof action, "--prev-action=%d", (int)previous);
        outcome o = RUN_WITH(*state, text, "probe", "bare.safetensors", "--state", "-", "--json",
                             word, previous >= 0 ? action : NULL);
        if (o.status != 0)
            fail_msg("%s: %s", fixture, o.err);
        cJSON *json = cJSON_Parse(o.out);
        const cJSON *found = cJSON_GetObjectItem(json, "cycles");
        if (cycles > 0) {
            assert_int_equal(cJSON_GetArraySize(found), cycles);
            assert_cycles(&s, found, row);
        } else {
            const cJSON *last = cJSON_GetArrayItem(found, cJSON_GetArraySize(found) - 1);
            assert_agrees(cJSON_GetObjectItem(last, "logits"), tensor(&s, "logits"), row);
        }
        cJSON_Delete(json);
        outcome_free(&o);
        free(text);
    }
    trm_safetensors_free(&s);
}

static void test_maze(void **state) {
    probe_rows(state, "trm-full-maze-k3.safetensors", "model.k_cycles=3", 3);
}

static void test_sudoku(void **state) {
    probe_rows(state, "trm-full-sudoku-k5.safetensors", "model.k_cycles=5", 5);
}

// Two L layers, one H layer, no action conditioning: read off names and shapes.
static void test_small(void **state) {
    probe_rows(state, "trm-full-small.safetensors", "model.k_cycles=1", 1);
}

static void test_mlp(void **state) {
    probe_rows(state, "mlp-64.safetensors", "model.type=mlp", 0);
    probe_rows(state, "mlp-128.safetensors", "model.type=mlp", 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_maze, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_sudoku, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_small, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_mlp, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
