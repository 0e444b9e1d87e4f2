// SPDX-License-Identifier: Apache-2.0
// Every safetensors file of $TRM_FIXTURES and its folder "paper" is a test of its own.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parity.h"
#include "trm/base/text.h"

enum { MAX_FILES = 512 };

static const struct checker {
    const char *model;
    void (*check)(const trm_safetensors *s);
} checkers[] = {
    {"trm-full", parity_policy},    {"mlp", parity_policy},        {"trm-rl", parity_policy},
    {"trm-baseline", parity_cells}, {"trm-simple", parity_cells},  {"trm-maze", parity_cells},
    {"cnn", parity_cells},          {"transformer", parity_cells}, {"adam", parity_adam},
    {"trm", parity_paper},          {"hrm", parity_paper},
};

const trm_tensor *parity_tensor(const trm_safetensors *s, trm_dtype dtype, const char *format,
                                ...) {
    char name[TRM_TENSOR_NAME];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    const trm_tensor *t = trm_safetensors_find(s, name);
    if (!t)
        fail_msg("no tensor %s", name);
    else if (t->dtype != dtype)
        fail_msg("tensor %s has another dtype", name);
    return t;
}

double parity_number(const trm_safetensors *s, const char *key, double fallback) {
    const char *text = trm_safetensors_meta(s, key);
    double value = fallback;
    if (!text && fallback < 0)
        fail_msg("no metadata %s", key);
    if (text && !trm_text_to_f64(text, &value))
        fail_msg("metadata %s is no number: %s", key, text);
    return value;
}

static void test_file(void **state) {
    const char *path = *state;
    trm_safetensors s;
    trm_error e = {0};
    if (!trm_safetensors_read(&s, path, &e))
        fail_msg("%s", e.message);
    const char *model = trm_safetensors_meta(&s, "model");
    if (!model)
        model = trm_safetensors_meta(&s, "arch"); // of the paper's models
    if (!model)
        fail_msg("%s: no model in its metadata", path);
    for (size_t i = 0; i < sizeof checkers / sizeof *checkers; i++)
        if (strcmp(checkers[i].model, model) == 0) {
            checkers[i].check(&s);
            trm_safetensors_free(&s);
            return;
        }
    fail_msg("%s: no checker for model %s", path, model);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

// Appends a test for every file of a folder; returns how many there are now.
static size_t list(struct CMUnitTest *tests, size_t count, const char *folder) {
    DIR *dir = opendir(folder);
    size_t before = count;
    if (dir) {
        for (struct dirent *entry; (entry = readdir(dir)) && count < MAX_FILES;) {
            const char *dot = strrchr(entry->d_name, '.');
            char path[4096];
            if (!dot || strcmp(dot, ".safetensors") != 0)
                continue;
            trm_text_format(path, sizeof path, "%s/%s", folder, entry->d_name);
            tests[count++] = (struct CMUnitTest){.name = strdup(entry->d_name),
                                                 .test_func = test_file,
                                                 .initial_state = strdup(path)};
        }
        closedir(dir);
    }
    if (count == before)
        print_error("no fixture in %s\n", folder);
    return count;
}

int main(void) {
    static struct CMUnitTest tests[MAX_FILES];
    const char *folder = check_fixtures();
    char paper[4096];
    trm_text_format(paper, sizeof paper, "%s/paper", folder);
    size_t own = list(tests, 0, folder), count = list(tests, own, paper);
    if (own == 0 || count == own)
        return 1;
    qsort(tests, count, sizeof *tests, by_name);
    int failed = _cmocka_run_group_tests("parity", tests, count, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        free((void *)(uintptr_t)tests[i].name);
        free(tests[i].initial_state);
    }
    return failed;
}
