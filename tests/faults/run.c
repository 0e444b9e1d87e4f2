// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <dirent.h>
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
    if (!file_is_there(inside(run, name, path))) {
        return;
    }
    char *text = file_text(path, NULL);
    cJSON *json = cJSON_ParseWithOpts(text, NULL, true);
    if (json == NULL) {
        fail_msg("%s is no JSON: \"%s\"", path, text);
    }
    cJSON_Delete(json);
    free(text);
}

static void assert_checkpoint(const char *run) {
    char path[PATH_SIZE];
    trm_safetensors s;
    trm_error e;
    if (!file_is_there(inside(run, "checkpoint.safetensors", path))) {
        return;
    }
    if (!trm_safetensors_read(&s, path, &e)) {
        fail_msg("%s", e.message);
    }
    trm_safetensors_free(&s);
}

static int64_t count_episodes(const char *run) {
    char path[PATH_SIZE];
    if (!file_is_there(inside(run, "metrics.jsonl", path))) {
        return 0;
    }
    char *text = file_text(path, NULL);
    int64_t n = 0;
    char *line = text;
    for (char *end = strchr(line, '\n'); end != NULL; end = strchr(line, '\n'), n++) {
        *end = '\0';
        cJSON *json = cJSON_ParseWithOpts(line, NULL, true);
        const cJSON *episode = cJSON_GetObjectItem(json, "episode");
        if (!cJSON_IsNumber(episode) || (int64_t)episode->valuedouble != n) {
            fail_msg("%s: expected episode %lld, found \"%s\"", path, (long long)n, line);
        }
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
    return count_episodes(run);
}

static void assert_same_file(const char *left, const char *right, const char *name) {
    char path[PATH_SIZE];
    size_t size;
    size_t other_size;
    char *bytes = file_text(inside(left, name, path), &size);
    char *other = file_text(inside(right, name, path), &other_size);
    if (size != other_size || memcmp(bytes, other, size) != 0) {
        fail_msg("%s of %s and %s differ", name, left, right);
    }
    free(bytes);
    free(other);
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
        for (size_t k = 0; k < sizeof of_the_clock / sizeof *of_the_clock; k++) {
            cJSON_DeleteItemFromObject(json[i], of_the_clock[k]);
        }
        free(text[i]);
    }
    assert_true(cJSON_Compare(json[0], json[1], true));
    cJSON_Delete(json[0]);
    cJSON_Delete(json[1]);
}

static int folder_size(const char *path) {
    int n = 0;
    DIR *d = opendir(path);
    while (d != NULL && readdir(d) != NULL) {
        n++;
    }
    if (d != NULL) {
        closedir(d);
    }
    return n;
}

// The record of the course: its lines, and the weights of every moment.
static void assert_same_record(const char *left, const char *right) {
    char path[PATH_SIZE];
    char other[PATH_SIZE];
    assert_same_file(left, right, "episodes.jsonl");
    inside(left, "weights", path);
    assert_int_equal(folder_size(path), folder_size(inside(right, "weights", other)));
    DIR *d = opendir(path);
    assert_non_null(d);
    for (const struct dirent *entry; (entry = readdir(d)) != NULL;) {
        if (entry->d_name[0] != '.') {
            assert_same_file(path, other, entry->d_name);
        }
    }
    closedir(d);
}

void assert_same_run(const char *left, const char *right) {
    assert_same_file(left, right, "config.json");
    assert_same_file(left, right, "checkpoint.safetensors");
    char *x = metrics_without_seconds(left);
    char *y = metrics_without_seconds(right);
    assert_string_equal(x, y);
    free(x);
    free(y);
    assert_same_result(left, right);
    assert_same_record(left, right);
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
