// SPDX-License-Identifier: Apache-2.0
#include "run/rundir/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trm/base/file.h"
#include "trm/base/text.h"

enum { CHUNK = 1 << 16 };

bool trm_files_join(char out[RUN_PATH], const char *dir, const char *name, trm_error *e) {
    if (strlen(dir) + strlen(name) + 2 > RUN_PATH)
        return trm_error_set(e, TRM_E_INPUT, "%.60s...: the path is too long", dir);
    trm_text_format(out, RUN_PATH, "%s/%s", dir, name);
    return true;
}

static const char *const run_files[] = {RUN_CONFIG, RUN_METRICS, RUN_EPISODES, RUN_CHECKPOINT,
                                        RUN_RESULT, RUN_KERNELS, RUN_LOCK};

enum { RUN_FILES = sizeof run_files / sizeof *run_files };

// "NAME.….tmp" of one of a run's files: what a write goes to before it is renamed. Or a request
// that nobody answered.
static bool is_leftover(const char *name) {
    if (strcmp(name, RUN_REQUEST) == 0)
        return true;
    if (!trm_text_ends(name, ".tmp"))
        return false;
    for (int i = 0; i < RUN_FILES; i++) {
        size_t n = strlen(run_files[i]);
        if (strncmp(name, run_files[i], n) == 0 && name[n] == '.')
            return true;
    }
    return false;
}

bool trm_files_is_vacant(const char *path) {
    DIR *dir = opendir(path);
    if (!dir)
        return false;
    bool vacant = true;
    const struct dirent *entry;
    while (vacant && (entry = readdir(dir)))
        vacant = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                 strcmp(entry->d_name, RUN_LOCK) == 0 || is_leftover(entry->d_name);
    closedir(dir);
    return vacant;
}

void trm_files_remove_leftovers(const char *dir) {
    DIR *d = opendir(dir);
    const struct dirent *entry;
    char path[RUN_PATH];
    if (!d)
        return;
    while ((entry = readdir(d)))
        if (is_leftover(entry->d_name) && trm_files_join(path, dir, entry->d_name, NULL))
            unlink(path);
    closedir(d);
}

static void remove_folder(const char *path) {
    DIR *d = opendir(path);
    const struct dirent *entry;
    char file[RUN_PATH];
    if (!d)
        return;
    while ((entry = readdir(d)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            trm_files_join(file, path, entry->d_name, NULL))
            unlink(file);
    closedir(d);
    rmdir(path);
}

bool trm_files_remove_run(const char *dir) {
    char path[RUN_PATH];
    trm_files_remove_leftovers(dir);
    if (trm_files_join(path, dir, RUN_WEIGHTS, NULL))
        remove_folder(path);
    for (int i = 0; i < RUN_FILES; i++)
        if (trm_files_join(path, dir, run_files[i], NULL))
            unlink(path);
    return rmdir(dir) == 0;
}

bool trm_files_sync(const char *path, trm_error *e) {
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return trm_file_errno(e, "open", path);
    bool ok = fsync(fd) == 0 || errno == EINVAL || trm_file_errno(e, "sync", path);
    close(fd);
    return ok;
}

bool trm_files_sync_all(const char *folder) {
#ifdef __linux__
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && syncfs(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
#else
    (void)folder;
    return false;
#endif
}

bool trm_files_replace(const char *path, const void *bytes, size_t size, bool sync, trm_error *e) {
    char temporary[RUN_PATH];
    if (trm_text_format(temporary, sizeof temporary, "%s.tmp", path) + 1 >= sizeof temporary)
        return trm_error_set(e, TRM_E_INPUT, "%.60s...: the path is too long", path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0)
        return trm_file_errno(e, "write", path);
    bool ok = (trm_file_put(fd, bytes, size) && (!sync || fsync(fd) == 0)) ||
              trm_file_errno(e, "write", path);
    if (close(fd) != 0 && ok)
        ok = trm_file_errno(e, "write", path);
    if (ok && rename(temporary, path) != 0)
        ok = trm_file_errno(e, "write", path);
    if (!ok)
        unlink(temporary);
    return ok;
}

static bool copy_bytes(int in, int out, const char *from, const char *to, trm_error *e) {
    char chunk[CHUNK];
    for (;;) {
        ssize_t n = read(in, chunk, sizeof chunk);
        if (n == 0)
            return fsync(out) == 0 || trm_file_errno(e, "write", to);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return trm_file_errno(e, "read", from);
        if (!trm_file_put(out, chunk, (size_t)n))
            return trm_file_errno(e, "write", to);
    }
}

bool trm_files_copy(const char *from, const char *to, trm_error *e) {
    if (!trm_file_exists(from))
        return true;
    int in = trm_file_open(from, O_RDONLY, e);
    if (in < 0)
        return false;
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool ok = out >= 0 ? copy_bytes(in, out, from, to, e) : trm_file_errno(e, "write", to);
    close(in);
    if (out >= 0 && close(out) != 0 && ok)
        ok = trm_file_errno(e, "write", to);
    return ok;
}

bool trm_files_copy_folder(const char *from, const char *to, trm_error *e) {
    char source[RUN_PATH], target[RUN_PATH];
    DIR *d = opendir(from);
    const struct dirent *entry;
    struct stat st;
    bool ok = true;
    if (!d)
        return errno == ENOENT || trm_file_errno(e, "read", from);
    if (mkdir(to, 0777) != 0)
        ok = trm_file_errno(e, "create", to);
    while (ok && (entry = readdir(d))) {
        ok = trm_files_join(source, from, entry->d_name, e) &&
             trm_files_join(target, to, entry->d_name, e);
        if (ok && lstat(source, &st) == 0 && S_ISREG(st.st_mode) && link(source, target) != 0)
            ok = trm_files_copy(source, target, e);
    }
    closedir(d);
    return ok && trm_files_sync(to, e);
}

// Offset after the last newline of the file, 0 if it has none; -1 on a read error.
static int64_t whole_lines(int fd, int64_t size) {
    char chunk[4096];
    int64_t end = size;
    while (end > 0) {
        int64_t start = end > (int64_t)sizeof chunk ? end - (int64_t)sizeof chunk : 0;
        ssize_t n = pread(fd, chunk, (size_t)(end - start), start);
        if (n < 0 && errno == EINTR)
            continue;
        if (n != end - start)
            return -1;
        const char *newline = memrchr(chunk, '\n', (size_t)n);
        if (newline)
            return start + (newline - chunk) + 1;
        end = start;
    }
    return 0;
}

bool trm_files_cut_partial_line(int fd, const char *path, int64_t *dropped, trm_error *e) {
    struct stat st;
    *dropped = 0;
    if (fstat(fd, &st) != 0)
        return trm_file_errno(e, "read", path);
    int64_t whole = whole_lines(fd, st.st_size);
    if (whole < 0)
        return trm_file_errno(e, "read", path);
    *dropped = st.st_size - whole;
    if (*dropped > 0 && (ftruncate(fd, whole) != 0 || fsync(fd) != 0))
        return trm_file_errno(e, "write", path);
    return true;
}

bool trm_files_trim(const char *path, trm_error *e) {
    int64_t dropped;
    if (!trm_file_exists(path))
        return true;
    int fd = trm_file_open(path, O_RDWR, e);
    if (fd < 0)
        return false;
    bool ok = trm_files_cut_partial_line(fd, path, &dropped, e);
    close(fd);
    return ok;
}
