// SPDX-License-Identifier: Apache-2.0
#include "run/rundir/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "trm/base/file.h"
#include "trm/base/text.h"

enum { TRIES = 100 };

// The number in the lock file; -1: there is none.
static int64_t read_pid(int fd) {
    char text[24] = "";
    int64_t pid;
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return trm_text_to_i64(text, &pid) && pid > 0 ? pid : -1;
}

static bool refuse(int fd, const char *dir, trm_error *e) {
    const int64_t pid = read_pid(fd);
    if (pid > 0)
        return trm_error_set(e, TRM_E_INPUT,
                             "%s: process %lld is writing to this run; `trm watch %s` follows it",
                             dir, (long long)pid, dir);
    return trm_error_set(
        e, TRM_E_INPUT, "%s: another process is writing to this run: wait for it, or stop it", dir);
}

// True if the name still leads to the file that was locked: the holder before may have removed it.
static bool still_there(int fd, const char *path) {
    struct stat mine, named;
    return fstat(fd, &mine) == 0 && stat(path, &named) == 0 && mine.st_dev == named.st_dev &&
           mine.st_ino == named.st_ino;
}

static bool write_pid(int fd) {
    char text[24];
    size_t n = trm_text_format(text, sizeof text, "%ld\n", (long)getpid());
    return ftruncate(fd, 0) == 0 && trm_file_put(fd, text, n);
}

// Who only looks whether a lock is held shares it for a moment; a writer shares it with nobody.
static bool take(int fd) {
    enum { MOMENTS = 5000 };
    static const struct timespec moment = {.tv_nsec = 1000000};
    for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; i++) {
        if (errno != EWOULDBLOCK || i == MOMENTS || flock(fd, LOCK_SH | LOCK_NB) != 0)
            return false;
        flock(fd, LOCK_UN);
        nanosleep(&moment, NULL);
    }
    return true;
}

bool trm_lock_take(trm_lock *l, const char *dir, trm_error *e) {
    l->fd = -1;
    if (!trm_files_join(l->path, dir, RUN_LOCK, e))
        return false;
    for (int i = 0; i < TRIES; i++) {
        int fd = trm_file_open(l->path, O_RDWR | O_CREAT | O_NOFOLLOW, e);
        if (fd < 0)
            return false;
        if (!take(fd)) {
            bool ok =
                errno == EWOULDBLOCK ? refuse(fd, dir, e) : trm_file_errno(e, "lock", l->path);
            close(fd);
            return ok;
        }
        if (still_there(fd, l->path)) {
            l->fd = fd;
            if (write_pid(fd))
                return true;
            trm_file_errno(e, "write", l->path);
            trm_lock_release(l);
            return false;
        }
        close(fd);
    }
    return trm_error_set(
        e, TRM_E_IO,
        "%s: it is replaced again and again, so the run cannot be locked; stop the other program",
        l->path);
}

bool trm_lock_held(const trm_lock *l) {
    return l->fd >= 0 && still_there(l->fd, l->path);
}

bool trm_lock_keep(trm_lock *l, const char *dir, trm_error *e) {
    if (still_there(l->fd, l->path))
        return true;
    close(l->fd);
    return trm_lock_take(l, dir, e);
}

void trm_lock_release(trm_lock *l) {
    if (l->fd < 0)
        return;
    if (still_there(l->fd, l->path)) // and not that of a process that came after
        unlink(l->path);
    close(l->fd);
    l->fd = -1;
}

int64_t trm_lock_holder(const char *dir) {
    char path[RUN_PATH];
    if (!trm_files_join(path, dir, RUN_LOCK, NULL))
        return 0;
    int fd = trm_file_open(path, O_RDONLY | O_NOFOLLOW, NULL);
    if (fd < 0)
        return 0;
    int64_t holder = flock(fd, LOCK_SH | LOCK_NB) != 0 ? read_pid(fd) : 0;
    close(fd);
    return holder;
}

bool trm_lock_is_held(const char *dir) {
    return trm_lock_holder(dir) != 0;
}
