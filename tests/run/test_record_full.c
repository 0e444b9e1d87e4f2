// SPDX-License-Identifier: Apache-2.0
// The record of a run for which the disk has no room at any byte: the lines that are there stay,
// and the next is taken when there is room again.
#include "support.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/record/store.h"

enum { CAPACITY = 100 };

static int count_files(const char *folder) {
    int n = 0;
    DIR *d = opendir(folder);
    for (const struct dirent *entry; d && (entry = readdir(d));)
        n += entry->d_name[0] != '.';
    if (d)
        closedir(d);
    return n;
}

static void assert_file_is(const char *path, const char *text, size_t size) {
    size_t found;
    char *bytes = read_bytes(path, &found);
    assert_int_equal(found, size);
    assert_memory_equal(bytes, text, size);
    free(bytes);
}

// No file may grow beyond so many bytes.
static void limit_files(rlim_t bytes) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void no_room_at_any_byte(void **state) {
    (void)state;
    static const char line[] = "{\"episode\":1,\"update\":1,\"step\":8,\"reward\":1}\n";
    static const char weights[] = "bytes";
    enum { LINE = sizeof line - 1 };
    const char *run = temp_path("run");
    trm_store s;
    trm_error e;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(mkdir(run, 0777), 0);
    assert_true(trm_store_init(&s, run, CAPACITY, &e));
    for (int64_t i = 0; i < 4; i++) {
        const trm_store_moment m = {i, i, 0};
        const size_t before = (size_t)i * LINE;
        char text[4 * LINE];
        for (size_t k = 0; k < 4; k++)
            memcpy(text + k * LINE, line, LINE);
        for (size_t room = 0; room < LINE; room++) {
            limit_files(before + room);
            bool added = trm_store_add(&s, &m, line, LINE, weights, sizeof weights, &e);
            limit_files(RLIM_INFINITY);
            assert_false(added);
            assert_error(&e, TRM_E_IO, "File too large", NULL);
            if (i > 0)
                assert_file_is(s.episodes, text, before);
            else
                assert_int_not_equal(access(s.episodes, F_OK), 0);
        }
        assert_true(trm_store_add(&s, &m, line, LINE, weights, sizeof weights, &e));
        assert_file_is(s.episodes, text, before + LINE);
        assert_int_equal(s.count, i + 1);
    }
    assert_int_equal(count_files(s.weights), 4);
    trm_store_done(&s);
}

#define TEMP(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMP(no_room_at_any_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
