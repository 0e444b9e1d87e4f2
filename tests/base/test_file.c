// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trm/base/file.h"
#include "trm/base/text.h"

static char folder[64];

static const char *in_folder(const char *name) {
    static char path[4][256];
    static int next;
    char *out = path[next = (next + 1) % 4];
    trm_text_format(out, sizeof path[0], "%s/%s", folder, name);
    return out;
}

static int setup(void **state) {
    (void)state;
    trm_text_copy(folder, sizeof folder, "/tmp/trm-test-file-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

// How many names there are in a folder, `.` and `..` not counted; removes them if asked to.
static int names_in(const char *path, bool remove_them) {
    DIR *d = opendir(path);
    assert_non_null(d);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(d));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        n++;
        if (remove_them)
            unlinkat(dirfd(d), entry->d_name, 0);
    }
    closedir(d);
    return n;
}

static int teardown(void **state) {
    (void)state;
    chmod(folder, 0700);
    names_in(folder, true);
    return rmdir(folder);
}

static void check_content(const char *path, const char *want) {
    char *data = NULL;
    size_t size = 0;
    trm_error e = {0};
    if (!trm_file_read(path, 1 << 20, &data, &size, &e))
        fail_msg("%s", e.message);
    assert_int_equal(size, strlen(want));
    assert_string_equal(data, want);
    free(data);
}

static void check_one_line(const trm_error *e, const char *part) {
    assert_null(strchr(e->message, '\n'));
    if (!strstr(e->message, part))
        fail_msg("\"%s\" does not name %s", e->message, part);
}

static void test_write_then_read(void **state) {
    (void)state;
    const char *path = in_folder("a.bin");
    assert_false(trm_file_exists(path));
    trm_error e;
    assert_true(trm_file_write(path, "one", 3, &e));
    check_content(path, "one");
    assert_true(trm_file_write(path, "", 0, &e));
    check_content(path, "");
    assert_true(trm_file_write(path, "two and more", 12, &e));
    check_content(path, "two and more");
    assert_true(trm_file_exists(path));
    assert_int_equal(names_in(folder, false), 1);
}

static void test_large_content_with_zeros(void **state) {
    (void)state;
    enum { SIZE = 300001 };
    char *data = calloc(1, SIZE), *back = NULL;
    for (int i = 0; i < SIZE; i++)
        data[i] = (char)(i * 7 / 5);
    size_t size;
    trm_error e;
    assert_true(trm_file_write(in_folder("big"), data, SIZE, &e));
    assert_true(trm_file_read(in_folder("big"), SIZE, &back, &size, &e));
    assert_int_equal(size, SIZE);
    assert_memory_equal(data, back, SIZE);
    assert_int_equal(back[SIZE], 0);
    free(back);
    back = NULL;
    assert_false(trm_file_read(in_folder("big"), SIZE - 1, &back, &size, &e));
    assert_null(back);
    check_one_line(&e, "/big");
    assert_int_equal(e.code, TRM_E_INPUT);
    free(data);
}

static void test_only_regular_files_are_read(void **state) {
    (void)state;
    char *data;
    size_t size;
    trm_error e;
    assert_false(trm_file_read(folder, 100, &data, &size, &e));
    check_one_line(&e, folder);
    assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
    assert_false(trm_file_read(in_folder("pipe"), 100, &data, &size, &e)); // and does not wait
    check_one_line(&e, "/pipe");
    assert_false(trm_file_read("/dev/zero", 100, &data, &size, &e));
    assert_false(trm_file_read(in_folder("none"), 100, &data, &size, &e));
    check_one_line(&e, "/none: No such file");
    assert_int_equal(e.code, TRM_E_IO);
}

static void test_a_file_without_a_size_is_read(void **state) {
    (void)state;
    char *data;
    size_t size;
    trm_error e;
    assert_true(trm_file_read("/proc/self/status", 1 << 20, &data, &size, &e));
    assert_true(size > 0 && strlen(data) == size);
    free(data);
    assert_false(trm_file_read("/proc/self/status", 10, &data, &size, &e));
    check_one_line(&e, "larger than the 10 bytes");
}

// Writing stops half way, as on a full disk: a limit on the size of files does it for any user.
static void test_a_failed_write_keeps_the_old_file(void **state) {
    (void)state;
    const char *path = in_folder("kept");
    trm_error e;
    assert_true(trm_file_write(path, "old", 3, &e));
    struct rlimit kept, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &kept), 0);
    small = kept;
    small.rlim_cur = 1000;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    static const char data[5000];
    bool ok = trm_file_write(path, data, sizeof data, &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &kept), 0);
    assert_false(ok);
    assert_int_equal(e.code, TRM_E_IO);
    check_one_line(&e, "/kept: File too large");
    check_content(path, "old");
    assert_int_equal(names_in(folder, false), 1);
}

static void test_a_read_only_folder(void **state) {
    (void)state;
    const char *path = in_folder("kept");
    trm_error e;
    assert_true(trm_file_write(path, "old", 3, &e));
    assert_int_equal(chmod(folder, 0555), 0);
    bool root = geteuid() == 0; // may write anywhere: be somebody else for a moment
    if (root)
        assert_int_equal(seteuid(65534), 0);
    bool replaced = trm_file_write(path, "new", 3, &e);
    bool created = trm_file_write(in_folder("fresh"), "new", 3, NULL);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_false(replaced);
    assert_false(created);
    check_one_line(&e, "/kept: Permission denied");
    check_content(path, "old");
    assert_int_equal(names_in(folder, false), 1);
}

static void test_what_cannot_be_replaced(void **state) {
    (void)state;
    trm_error e;
    assert_false(trm_file_write(folder, "x", 1, &e));
    check_one_line(&e, "a folder");
    assert_false(trm_file_write("/dev/null", "x", 1, &e));
    check_one_line(&e, "/dev/null");
    assert_false(trm_file_write(in_folder("no/such"), "x", 1, &e));
    check_one_line(&e, "/no/such: No such file");
    assert_int_equal(names_in(folder, false), 0);
}

static void test_a_link_stays_and_rights_are_kept(void **state) {
    (void)state;
    trm_error e;
    assert_true(trm_file_write(in_folder("real"), "old", 3, &e));
    assert_int_equal(chmod(in_folder("real"), 0640), 0);
    assert_int_equal(symlink("real", in_folder("link")), 0);
    assert_true(trm_file_write(in_folder("link"), "new", 3, &e));
    check_content(in_folder("real"), "new");
    struct stat st;
    assert_int_equal(lstat(in_folder("link"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(in_folder("real"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
}

static void test_a_leftover_is_no_obstacle(void **state) {
    (void)state;
    char temp[300];
    trm_text_format(temp, sizeof temp, "%s.%ld.tmp", in_folder("a"), (long)getpid());
    trm_error e;
    assert_true(trm_file_write(temp, "half", 4, &e));
    assert_true(trm_file_write(in_folder("a"), "whole", 5, &e));
    check_content(in_folder("a"), "whole");
    assert_int_equal(names_in(folder, false), 1);
}

static void test_mkdirs(void **state) {
    (void)state;
    trm_error e;
    const char *deep = in_folder("x/y//z/");
    assert_true(trm_file_mkdirs(deep, &e));
    assert_true(trm_file_mkdirs(deep, &e));
    assert_true(trm_file_mkdirs("/", &e));
    assert_true(trm_file_write(in_folder("x/y/z/file"), "1", 1, &e));
    assert_false(trm_file_mkdirs(in_folder("x/y/z/file"), &e));
    check_one_line(&e, "Not a directory");
    assert_false(trm_file_mkdirs(in_folder("x/y/z/file/w"), &e));
    check_one_line(&e, "Not a directory");
    assert_false(trm_file_mkdirs("", &e));
    assert_int_equal(unlink(in_folder("x/y/z/file")), 0);
    assert_int_equal(rmdir(in_folder("x/y/z")), 0);
    assert_int_equal(rmdir(in_folder("x/y")), 0);
    assert_int_equal(rmdir(in_folder("x")), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_write_then_read),
        TEST(test_large_content_with_zeros),
        TEST(test_only_regular_files_are_read),
        TEST(test_a_file_without_a_size_is_read),
        TEST(test_a_failed_write_keeps_the_old_file),
        TEST(test_a_read_only_folder),
        TEST(test_what_cannot_be_replaced),
        TEST(test_a_link_stays_and_rights_are_kept),
        TEST(test_a_leftover_is_no_obstacle),
        TEST(test_mkdirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
