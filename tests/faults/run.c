// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "../cli/process.h"
#include "trm/run/safetensors.h"

static const char *inside(const char *run, const char *name, char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "%s/%s", run, name);
    return out;
}

static void assert_json(const char *run, const char *name) {
    char path[PATH_SIZE];
    if (!file_is_there(inside(run, name, path)))
        return;
    char *text = file_text(path, NULL);
    cJSON *json = cJSON_ParseWithOpts(text, NULL, true);
    if (json == NULL)
        fail_msg("%s is no JSON: \"%s\"", path, text);
    cJSON_Delete(json);
    free(text);
}

static void assert_checkpoint(const char *run) {
    char path[PATH_SIZE];
    trm_safetensors s;
    trm_error e;
    if (!file_is_there(inside(run, "checkpoint.safetensors", path)))
        return;
    if (!trm_safetensors_read(&s, path, &e))
        fail_msg("%s", e.message);
    trm_safetensors_free(&s);
}

static const cJSON *number_of(const cJSON *line) {
    const cJSON *epoch = cJSON_GetObjectItem(line, "epoch");
    return epoch != NULL ? epoch : cJSON_GetObjectItem(line, "episode");
}

static int64_t count_lines(const char *run) {
    char path[PATH_SIZE];
    if (!file_is_there(inside(run, "metrics.jsonl", path)))
        return 0;
    char *text = file_text(path, NULL);
    int64_t n = 0;
    char *line = text;
    for (char *end = strchr(line, '\n'); end != NULL; end = strchr(line, '\n'), n++) {
        *end = '\0';
        cJSON *json = cJSON_ParseWithOpts(line, NULL, true);
        const cJSON *number = number_of(json);
        if (!cJSON_IsNumber(number) || (int64_t)number->valuedouble != n)
            fail_msg("%s: expected number %lld, found \"%s\"", path, (long long)n, line);
        cJSON_Delete(json);
        line = end + 1;
    }
    free(text);
    return n;
}

int64_t assert_sound(const char *run) {
    assert_json(run, "config.json");
    assert_json(run, "result.json");
    assert_checkpoint(run);
    return count_lines(run);
}

static void assert_same_result(const char *left, const char *right) {
    static const char *const of_the_clock[] = {"seconds", "steps_per_second"};
    char path[PATH_SIZE];
    char *text[2] = {file_text(inside(left, "result.json", path), NULL),
                     file_text(inside(right, "result.json", path), NULL)};
    cJSON *json[2];
    for (int i = 0; i < 2; i++) {
        json[i] = cJSON_Parse(text[i]);
        assert_non_null(json[i]);
        for (size_t k = 0; k < sizeof of_the_clock / sizeof *of_the_clock; k++)
            cJSON_DeleteItemFromObject(json[i], of_the_clock[k]);
        free(text[i]);
    }
    assert_true(cJSON_Compare(json[0], json[1], true));
    cJSON_Delete(json[0]);
    cJSON_Delete(json[1]);
}

void assert_same_run(const char *left, const char *right) {
    assert_equal_files(left, right, "config.json");
    assert_equal_files(left, right, "checkpoint.safetensors");
    char *x = metrics_without_seconds(left);
    char *y = metrics_without_seconds(right);
    assert_string_equal(x, y);
    free(x);
    free(y);
    assert_same_result(left, right);
    assert_equal_records(left, right);
}

// SplitMix64 (Steele, Lea, Flood 2014).
uint64_t random_next(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

uint64_t random_below(uint64_t *state, uint64_t bound) {
    return random_next(state) % bound;
}

int64_t setting(const char *variable, int64_t otherwise) {
    const char *text = getenv(variable);
    return text != NULL && text[0] != '\0' ? strtoll(text, NULL, 10) : otherwise;
}
