// SPDX-License-Identifier: Apache-2.0
#include "support.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trm/base/file.h"
#include "trm/run/course.h"

static char temp[PATH_SIZE / 2];

int32_t less(void) {
    const char *asked = getenv("TRM_TESTS_LESS");
    const long times = asked ? strtol(asked, NULL, 10) : 1;
    return times > 1 && times < 1000 ? (int32_t)times : 1;
}

int temp_setup(void **state) {
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(temp, sizeof temp, "%s/trm-run-XXXXXX", base && base[0] ? base : "/tmp");
    return mkdtemp(temp) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw) {
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

int temp_teardown(void **state) {
    (void)state;
    return nftw(temp, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static char *next_path(void) {
    static char paths[8][PATH_SIZE];
    static int turn;
    return paths[turn++ % 8];
}

const char *temp_path(const char *name) {
    char *path = next_path();
    snprintf(path, PATH_SIZE, "%s/%s", temp, name);
    return path;
}

const char *fixture_path(const char *name) {
    const char *folder = getenv("TRM_FIXTURES");
    char *path = next_path();
    snprintf(path, PATH_SIZE, "%s/%s", folder ? folder : "", name);
    if (!folder || access(path, R_OK) != 0) {
        folder = getenv("TRM_FIXTURES_DEFAULT");
        snprintf(path, PATH_SIZE, "%s/%s", folder ? folder : "tests/fixtures", name);
    }
    return path;
}

void write_bytes(const char *path, const void *bytes, size_t size) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

void write_text(const char *path, const char *text) {
    write_bytes(path, text, strlen(text));
}

char *read_bytes(const char *path, size_t *size) {
    char *data;
    trm_error e;
    if (!trm_file_read(path, 1 << 28, &data, size, &e))
        fail_msg("%s", e.message);
    return data;
}

int64_t count_lines(const char *path) {
    size_t size;
    int64_t lines = 0;
    char *data = read_bytes(path, &size);
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    free(data);
    return lines;
}

void assert_error(const trm_error *e, trm_errc code, ...) {
    va_list words;
    va_start(words, code);
    assert_int_equal(e->code, code);
    assert_null(strchr(e->message, '\n'));
    for (const char *word; (word = va_arg(words, const char *));)
        if (!strstr(e->message, word))
            fail_msg("\"%s\" does not say \"%s\"", e->message, word);
    va_end(words);
}

trm_course *new_course(const trm_config *c) {
    trm_error e;
    trm_course *course = trm_run_course(c, &e);
    if (!course)
        fail_msg("%s", e.message);
    return course;
}
