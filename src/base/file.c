// SPDX-License-Identifier: Apache-2.0
#include "trm/base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"

bool trm_file_errno(trm_error *e, const char *verb, const char *path) {
    return trm_error_set(e, TRM_E_IO, "cannot %s %s: %s", verb, path, strerror(errno));
}

// Reads up to `want` bytes from `at` on; less only at the end of the file. -1 with errno on
// failure. Where the descriptor stands does not matter: under valgrind those of /proc/self/exe
// share it.
static ssize_t read_full(int fd, char *to, size_t want, size_t at) {
    size_t have = 0;
    while (have < want) {
        ssize_t n = pread(fd, to + have, want - have, (off_t)(at + have));
        if (n == 0)
            break;
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0)
            have += (size_t)n;
    }
    return (ssize_t)have;
}

bool trm_file_put(int fd, const char *from, size_t size) {
    while (size > 0) {
        ssize_t n = write(fd, from, size);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            from += n;
            size -= (size_t)n;
        }
    }
    return true;
}

static bool too_large(trm_error *e, const char *path, size_t limit) {
    return trm_error_set(e, TRM_E_INPUT, "%s is larger than the %zu bytes allowed here", path,
                         limit);
}

static bool read_open(int fd, const char *path, size_t limit, char **data, size_t *size,
                      trm_error *e) {
    struct stat st;
    if (fstat(fd, &st) != 0)
        return trm_file_errno(e, "read", path);
    if ((uintmax_t)st.st_size > limit)
        return too_large(e, path, limit);
    // The size is only where to start: the file may grow or shrink meanwhile, and what the system
    // makes up while it is read (/proc) has none.
    size_t capacity = st.st_size < 4096 ? 4096 : (size_t)st.st_size;
    char *text = NULL;
    size_t have = 0;
    while (true) {
        capacity = capacity < limit ? capacity : limit;
        char *grown = realloc(text, capacity + 2); // a byte to see past the end, and the final 0
        ssize_t n = grown ? read_full(fd, grown + have, capacity + 1 - have, have) : -1;
        text = grown ? grown : text;
        if (n < 0) {
            trm_file_errno(e, "read", path);
            break;
        }
        have += (size_t)n;
        if (have <= capacity) {
            text[have] = '\0';
            *data = text;
            *size = have;
            return true;
        }
        if (capacity == limit) {
            too_large(e, path, limit);
            break;
        }
        capacity *= 2;
    }
    free(text);
    return false;
}

int trm_file_open(const char *path, int flags, trm_error *e) {
    const char *verb = (flags & O_ACCMODE) == O_RDONLY ? "read" : "write";
    struct stat st = {0};
    int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
    const bool seen = fd >= 0 && fstat(fd, &st) == 0;
    if (seen && S_ISREG(st.st_mode) && fcntl(fd, F_SETFL, flags & O_APPEND) == 0)
        return fd;
    int why = errno;
    if (seen && !S_ISREG(st.st_mode))
        trm_error_set(e, TRM_E_INPUT, "cannot %s %s: it is %s, not a file", verb, path,
                      S_ISDIR(st.st_mode) ? "a folder" : "a device or a pipe");
    else
        trm_file_errno(e, verb, path);
    if (fd >= 0)
        close(fd);
    errno = why;
    return -1;
}

FILE *trm_file_stream(const char *path, trm_error *e) {
    int fd = trm_file_open(path, O_RDONLY, e);
    FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (fd >= 0 && !f) {
        trm_file_errno(e, "read", path);
        close(fd);
    }
    return f;
}

bool trm_file_read(const char *path, size_t limit, char **data, size_t *size, trm_error *e) {
    assert(path && data && size && limit < SIZE_MAX / 2);
    int fd = trm_file_open(path, O_RDONLY, e);
    if (fd < 0)
        return false;
    bool ok = read_open(fd, path, limit, data, size, e);
    close(fd);
    return ok;
}

// A new file: whatever stands under the temporary name is left from a process that was killed.
static int create(const char *temp, mode_t mode) {
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int fd = open(temp, flags, mode);
    if (fd < 0 && errno == EEXIST && unlink(temp) == 0)
        fd = open(temp, flags, mode);
    return fd;
}

static bool fill(const char *temp, const struct stat *old, const void *data, size_t size) {
    int fd = create(temp, 0666);
    if (fd < 0)
        return false;
    bool ok = (!old || fchmod(fd, old->st_mode & 0777) == 0) && trm_file_put(fd, data, size) &&
              fsync(fd) == 0;
    int why = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        why = errno;
    }
    if (!ok)
        unlink(temp);
    errno = why;
    return ok;
}

bool trm_file_sync_name(const char *path) {
    char *folder = strdup(path);
    if (!folder)
        return false;
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd < 0 ? errno == EACCES : fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;
    int why = errno;
    if (fd >= 0)
        close(fd);
    free(folder);
    errno = why;
    return ok;
}

bool trm_file_write(const char *path, const void *data, size_t size, trm_error *e) {
    assert(path && (data || size == 0));
    struct stat st;
    bool replaces = stat(path, &st) == 0;
    if (replaces && !S_ISREG(st.st_mode))
        return trm_error_set(e, TRM_E_INPUT, "cannot write %s: it is %s", path,
                             S_ISDIR(st.st_mode) ? "a folder" : "no regular file");
    char *real = replaces ? realpath(path, NULL) : NULL; // a link stays, its file is replaced
    const char *target = real ? real : path;
    size_t room = strlen(target) + 32;
    char *temp = trm_alloc(room, 1);
    trm_text_format(temp, room, "%s.%ld.tmp", target, (long)getpid());

    bool ok = fill(temp, replaces ? &st : NULL, data, size);
    if (ok && rename(temp, target) != 0) {
        int why = errno;
        unlink(temp);
        errno = why;
        ok = false;
    }
    ok = ok && trm_file_sync_name(target);
    if (!ok)
        trm_file_errno(e, "write", path);
    free(temp);
    free(real);
    return ok;
}

bool trm_file_is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool trm_file_mkdirs(const char *path, trm_error *e) {
    assert(path);
    size_t length = strlen(path);
    char *part = trm_alloc(length + 1, 1);
    bool ok = length > 0;
    errno = ENOENT;
    for (size_t i = 1; ok && i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0777) == 0) {
            ok = trm_file_sync_name(part);
        } else {
            int why = errno;
            ok = trm_file_is_folder(part);
            errno = why == EEXIST ? ENOTDIR : why;
        }
    }
    if (!ok)
        trm_file_errno(e, "create the folder", path);
    free(part);
    return ok;
}

bool trm_file_exists(const char *path) {
    struct stat st;
    return lstat(path, &st) == 0;
}
