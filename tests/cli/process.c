// SPDX-License-Identifier: Apache-2.0
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

enum { RUN_SECONDS = 200, POLL_MS = 10 };

double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int scratch_make(void **state) {
    const char *tmp = getenv("TMPDIR");
    char *path = malloc(PATH_SIZE);
    char home[PATH_SIZE];
    snprintf(path, PATH_SIZE, "%s/trm-test-XXXXXX", tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp");
    if (mkdtemp(path) == NULL)
        return 1;
    snprintf(home, sizeof home, "%.*s/home", PATH_SIZE - 8, path);
    setenv("HOME", home, 1);
    setenv("XDG_STATE_HOME", home, 1);
    setenv("XDG_CONFIG_HOME", home, 1);
    *state = path;
    return mkdir(home, 0700);
}

static int remove_entry(const char *path, const struct stat *s, int type, struct FTW *at) {
    (void)s;
    (void)type;
    (void)at;
    return remove(path);
}

static int remove_tree(const char *path) {
    enum { OPEN_FILES = 16 };
    return nftw(path, remove_entry, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
}

void folder_remove(const char *path) {
    assert_int_equal(remove_tree(path), 0);
}

int scratch_remove(void **state) {
    int failed = remove_tree(*state);
    free(*state);
    return failed;
}

int folder_entries(const char *path) {
    int n = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (const struct dirent *d = readdir(dir); d != NULL; d = readdir(dir)) {
        n += strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
             strcmp(d->d_name, "home") != 0;
    }
    closedir(dir);
    return n;
}

// All that comes until the end; 0-terminated.
static char *read_all(FILE *in, size_t *size) {
    size_t capacity = 4096;
    size_t used = 0;
    char *text = malloc(capacity);
    assert_non_null(text);
    for (;;) {
        used += fread(text + used, 1, capacity - 1 - used, in);
        if (used < capacity - 1)
            break;
        capacity *= 2;
        text = realloc(text, capacity);
        assert_non_null(text);
    }
    text[used] = '\0';
    *size = used;
    return text;
}

char *file_text(const char *path, size_t *size) {
    size_t unused;
    FILE *in = fopen(path, "re");
    if (in == NULL)
        fail_msg("%s cannot be read", path);
    char *text = read_all(in, size != NULL ? size : &unused);
    fclose(in);
    return text;
}

void file_put(const char *path, const void *bytes, size_t size) {
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

void file_put_text(const char *path, const char *text) {
    file_put(path, text, strlen(text));
}

bool file_is_there(const char *path) {
    return access(path, F_OK) == 0;
}

int line_count(const char *text) {
    int n = 0;
    for (const char *c = text; *c; c++)
        n += *c == '\n';
    return n;
}

void wait_for_file(const char *path, double seconds) {
    double deadline = now() + seconds;
    while (!file_is_there(path)) {
        if (now() > deadline)
            fail_msg("%s did not appear", path);
        poll(NULL, 0, POLL_MS);
    }
}

char *metrics_without_seconds(const char *run) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/metrics.jsonl", run);
    char *text = file_text(path, NULL);
    char *to = text;
    const char *from = text;
    for (const char *at = strstr(from, "\"seconds\":"); at != NULL;
         at = strstr(from, "\"seconds\":")) {
        memmove(to, from, (size_t)(at - from));
        to += at - from;
        from = at + strcspn(at, ",}");
    }
    memmove(to, from, strlen(from) + 1);
    return text;
}

void assert_equal_files(const char *left, const char *right, const char *name) {
    const char *const runs[2] = {left, right};
    size_t sizes[2];
    char *bytes[2];
    for (int i = 0; i < 2; i++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "%s/%s", runs[i], name);
        bytes[i] = file_text(path, &sizes[i]);
    }
    if (sizes[0] != sizes[1] || memcmp(bytes[0], bytes[1], sizes[0]) != 0)
        fail_msg("%s of %s and %s differ", name, left, right);
    free(bytes[0]);
    free(bytes[1]);
}

static int count_files(const char *run) {
    char path[PATH_SIZE];
    int n = 0;
    snprintf(path, sizeof path, "%s/weights", run);
    DIR *d = opendir(path);
    assert_non_null(d);
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

void assert_equal_records(const char *left, const char *right) {
    char path[PATH_SIZE];
    assert_equal_files(left, right, "episodes.jsonl");
    assert_int_equal(count_files(left), count_files(right));
    snprintf(path, sizeof path, "%s/weights", left);
    DIR *d = opendir(path);
    for (const struct dirent *entry; (entry = readdir(d)) != NULL;) {
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof path, "weights/%s", entry->d_name);
            assert_equal_files(left, right, path);
        }
    }
    closedir(d);
}

int assert_equal_runs(const char *dir, const char *left, const char *right) {
    char paths[2][PATH_SIZE];
    char *bytes[2];
    const char *const runs[2] = {left, right};
    for (int i = 0; i < 2; i++) {
        snprintf(paths[i], PATH_SIZE, "%s/%s", dir, runs[i]);
        bytes[i] = metrics_without_seconds(paths[i]);
    }
    assert_equal_files(paths[0], paths[1], "checkpoint.safetensors");
    assert_equal_records(paths[0], paths[1]);
    assert_string_equal(bytes[0], bytes[1]);
    const int lines = line_count(bytes[0]);
    free(bytes[0]);
    free(bytes[1]);
    return lines;
}

// A pipe whose ends no child inherits by itself.
static void make_pipe(int fds[2]) {
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
}

static int input_file(const char *input) {
    if (input == NULL)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    FILE *file = tmpfile();
    assert_non_null(file);
    fwrite(input, 1, strlen(input), file);
    assert_int_equal(fflush(file), 0);
    int fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3);
    fclose(file);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

process process_start(const char *dir, const char *input, const char *const *args) {
    const char *bin = getenv("TRM_BIN");
    assert_non_null(bin);
    char *argv[32] = {strdup("trm")};
    int n = 1;
    for (; args[n - 1] != NULL; n++) {
        assert_true(n < 31);
        argv[n] = strdup(args[n - 1]);
    }
    int out[2];
    int err[2];
    make_pipe(out);
    make_pipe(err);
    int in = input_file(input);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, dir);
    posix_spawn_file_actions_adddup2(&actions, in, 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    process p = {.out = out[0], .err = err[0]};
    assert_int_equal(posix_spawn(&p.pid, bin, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in);
    close(out[1]);
    close(err[1]);
    while (n > 0)
        free(argv[--n]);
    return p;
}

typedef struct stream {
    char *text;
    size_t used, capacity;
} stream;

// Appends what can be read; false at the end.
static bool stream_take(stream *s, int fd) {
    if (s->capacity - s->used < 4096) {
        s->capacity = s->capacity * 2 + 8192;
        s->text = realloc(s->text, s->capacity);
        assert_non_null(s->text);
    }
    ssize_t n = read(fd, s->text + s->used, s->capacity - s->used - 1);
    s->used += n > 0 ? (size_t)n : 0;
    s->text[s->used] = '\0';
    return n > 0;
}

outcome process_finish(process *p, double seconds) {
    double deadline = now() + seconds;
    stream streams[2] = {{0}, {0}};
    struct pollfd fds[2] = {{.fd = p->out, .events = POLLIN}, {.fd = p->err, .events = POLLIN}};
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        int left = (int)((deadline - now()) * 1000);
        if (left <= 0 || poll(fds, 2, left) == 0) {
            kill(p->pid, SIGKILL);
            waitpid(p->pid, NULL, 0);
            fail_msg("not done after %.0f s", seconds);
        }
        for (int i = 0; i < 2; i++)
            if (fds[i].revents != 0 && !stream_take(&streams[i], fds[i].fd))
                fds[i].fd = -1;
    }
    int status = 0;
    assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
    close(p->out);
    close(p->err);
    return (outcome){.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                     .out = streams[0].text,
                     .err = streams[1].text};
}

void outcome_free(outcome *o) {
    free(o->out);
    free(o->err);
    *o = (outcome){0};
}

outcome process_run(const char *dir, const char *input, const char *const *args) {
    process p = process_start(dir, input, args);
    return process_finish(&p, RUN_SECONDS);
}

void assert_refused(outcome o, const char *part) {
    if (o.status != 2 || line_count(o.err) != 1 || o.out[0] != '\0' ||
        strstr(o.err, part) == NULL) {
        fail_msg("expected one line with \"%s\" and exit status 2, got status %d:\n%s%s", part,
                 o.status, o.out, o.err);
    }
    outcome_free(&o);
}
