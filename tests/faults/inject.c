// SPDX-License-Identifier: Apache-2.0
// Loaded before the C library, for tests: calls that fail on purpose, and a log of what is written.
//
//   TRM_INJECT=KIND:N     the Nth call of KIND since main began fails (the first is 1)
//   TRM_INJECT=KIND:N+    … and every one after it
//   TRM_INJECT_COUNTS=F   a file of KINDS 64-bit numbers, mapped: the calls of each kind so far
//   TRM_INJECT_LIVE=F     a file of one 64-bit number, mapped: bytes allocated and not yet freed
//   TRM_INJECT_LOG=F      what changes files is appended to F: see inject.h
//   TRM_INJECT_TRACE=F    a crash writes there where it was: "OBJECT FUNCTION" a line, innermost
//   first; so does a loop that asks for memory for ever, which is then killed
//   TRM_INJECT_HOLD=F     fsync takes as long as F is there
//
// Counts begin with main: what the loader and other libraries do before is not the program's.
#undef _FILE_OFFSET_BITS // both names of a call are defined here
#include "inject.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define OURS __attribute__((visibility("default")))

enum { FOR_EVER = 100000 }; // requests for memory that all failed

static struct {
    bool armed;
    const char *hold;
    int kind, log, trace;
    uint64_t from, to; // calls that fail, from 1
    _Atomic uint64_t counts[INJECT_KINDS], *shared;
    _Atomic int64_t *live;
} state = {.kind = -1, .log = -1, .trace = -1};

static const char *const names[INJECT_KINDS] = INJECT_NAMES;
static const int errors[INJECT_KINDS] = {
    [INJECT_MALLOC] = ENOMEM, [INJECT_WRITE] = ENOSPC,  [INJECT_FSYNC] = EIO,
    [INJECT_RENAME] = EACCES, [INJECT_OPEN] = EMFILE,   [INJECT_MMAP] = ENOMEM,
    [INJECT_THREAD] = EAGAIN, [INJECT_PPOLL] = ENOMEM,  [INJECT_READ] = EIO,
    [INJECT_STAT] = EACCES,   [INJECT_UNLINK] = EACCES, [INJECT_MKDIR] = ENOSPC,
    [INJECT_TRUNCATE] = EIO,  [INJECT_CLOSE] = EIO,
};

static void trace(void) {
    void *frames[64];
    state.armed = false;
    const int n = backtrace(frames, sizeof frames / sizeof *frames);
    for (int i = 0; i < n; i++) {
        Dl_info at = {0};
        if (!dladdr(frames[i], &at) || !at.dli_fname)
            continue;
        const char *slash = strrchr(at.dli_fname, '/');
        dprintf(state.trace, "%s %s\n", slash ? slash + 1 : at.dli_fname,
                at.dli_sname ? at.dli_sname : "?");
    }
}

// Counts a call; true if it is to fail, with errno.
static bool fails(int kind) {
    if (!state.armed)
        return false;
    const uint64_t n = atomic_fetch_add(&state.counts[kind], 1) + 1;
    if (state.shared)
        atomic_store(&state.shared[kind], n);
    if (kind != state.kind || n < state.from || n > state.to)
        return false;
    if (kind == INJECT_MALLOC && n - state.from >= FOR_EVER && state.trace >= 0) {
        trace();
        kill(getpid(), SIGKILL);
    }
    errno = errors[kind];
    return true;
}

#define REAL(name)                                                                                 \
    static __typeof__(&(name)) real;                                                               \
    if (!real)                                                                                     \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

// ---- crashing -----------------------------------------------------------------------------------

static struct sigaction after_crash; // what the program, or a sanitizer, does about it

static void crash(int sig, siginfo_t *info, void *context) {
    trace();
    if (after_crash.sa_flags & SA_SIGINFO)
        after_crash.sa_sigaction(sig, info, context);
    else if (after_crash.sa_handler != SIG_DFL && after_crash.sa_handler != SIG_IGN)
        after_crash.sa_handler(sig);
    signal(sig, SIG_DFL);   // a fault comes again at the same place
    if (info->si_code <= 0) // a signal that was sent does not
        raise(sig);
}

OURS int sigaction(int sig, const struct sigaction *restrict to, struct sigaction *restrict was) {
    REAL(sigaction);
    if (sig != SIGSEGV || state.trace < 0)
        return real(sig, to, was);
    if (was)
        *was = after_crash;
    if (to)
        after_crash = *to;
    return 0;
}

static void trace_crashes(const char *path) {
    static char stack[1 << 16];
    void *frame;
    const struct sigaction ours = {.sa_sigaction = crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    const stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    backtrace(&frame, 1); // loads what it needs
    sigaltstack(&other, NULL);
    sigaction(SIGSEGV, &ours, &after_crash);
    state.trace =
        (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

// ---- beginning ----------------------------------------------------------------------------------

static void choose(const char *what) {
    const char *colon = what ? strchr(what, ':') : NULL;
    for (int k = 0; colon && k < INJECT_KINDS; k++)
        if (strlen(names[k]) == (size_t)(colon - what) &&
            strncmp(what, names[k], strlen(names[k])) == 0)
            state.kind = k;
    if (state.kind < 0)
        return;
    char *end;
    state.from = strtoull(colon + 1, &end, 10);
    state.to = *end == '+' ? UINT64_MAX : state.from;
}

// NULL where there is no such file.
static void *map_shared(const char *path, size_t size) {
    const int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0) : -1;
    if (fd < 0)
        return NULL;
    void *at = (void *)syscall(SYS_mmap, NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    return at != MAP_FAILED ? at : NULL;
}

static void begin(void) {
    const char *counts = getenv("TRM_INJECT_COUNTS"), *log = getenv("TRM_INJECT_LOG");
    const char *trace = getenv("TRM_INJECT_TRACE");
    choose(getenv("TRM_INJECT"));
    state.shared = map_shared(counts, sizeof state.counts);
    state.live = map_shared(getenv("TRM_INJECT_LIVE"), sizeof *state.live);
    state.hold = getenv("TRM_INJECT_HOLD");
    if (log)
        state.log = (int)syscall(SYS_openat, AT_FDCWD, log,
                                 O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (trace)
        trace_crashes(trace);
    unsetenv("LD_PRELOAD"); // programs that this one starts are left alone
    state.armed = true;
}

static int (*their_main)(int argc, char **argv, char **env);

static int our_main(int argc, char **argv, char **env) {
    begin();
    return their_main(argc, argv, env);
}

int __libc_start_main(int (*program)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*done)(void), void (*loader)(void), void *stack);

OURS int __libc_start_main(int (*program)(int, char **, char **), int argc, char **argv,
                           void (*init)(void), void (*done)(void), void (*loader)(void),
                           void *stack) {
    REAL(__libc_start_main);
    their_main = program;
    return real(our_main, argc, argv, init, done, loader, stack);
}

// ---- memory and threads -------------------------------------------------------------------------

// Finding the real ones may itself allocate.
static char early[1 << 16];
static size_t early_used;

static bool is_early(const void *p) {
    return (const char *)p >= early && (const char *)p < early + sizeof early;
}

static void *early_alloc(size_t size) {
    void *p = early + early_used;
    early_used += (size + 63) / 64 * 64;
    return early_used <= sizeof early ? p : NULL;
}

static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void *(*aligned)(size_t, size_t);
    void (*free)(void *);
} memory;

static bool find_memory(void) {
    static bool finding;
    if (memory.free)
        return true;
    if (finding)
        return false;
    finding = true;
    *(void **)&memory.malloc = dlsym(RTLD_NEXT, "malloc");
    *(void **)&memory.calloc = dlsym(RTLD_NEXT, "calloc");
    *(void **)&memory.realloc = dlsym(RTLD_NEXT, "realloc");
    *(void **)&memory.aligned = dlsym(RTLD_NEXT, "aligned_alloc");
    *(void **)&memory.free = dlsym(RTLD_NEXT, "free");
    finding = false;
    return true;
}

// Counts what is there more, or with -1 less.
static void *count_live(void *p, int sign) {
    if (state.live && p)
        atomic_fetch_add(state.live, sign * (int64_t)malloc_usable_size(p));
    return p;
}

OURS void *malloc(size_t size) {
    return !find_memory()         ? early_alloc(size)
           : fails(INJECT_MALLOC) ? NULL
                                  : count_live(memory.malloc(size), 1);
}

OURS void *calloc(size_t n, size_t size) {
    return !find_memory()         ? early_alloc(n * size) // zeros
           : fails(INJECT_MALLOC) ? NULL
                                  : count_live(memory.calloc(n, size), 1);
}

OURS void *realloc(void *p, size_t size) {
    if (!find_memory() || is_early(p)) {
        void *larger = malloc(size);
        return larger && p ? memcpy(larger, p, size) : larger;
    }
    if (fails(INJECT_MALLOC))
        return NULL;
    count_live(p, -1);
    void *now = memory.realloc(p, size);
    count_live(now ? now : p, 1);
    return now;
}

OURS void *aligned_alloc(size_t alignment, size_t size) {
    return find_memory() && !fails(INJECT_MALLOC) ? count_live(memory.aligned(alignment, size), 1)
                                                  : NULL;
}

OURS void free(void *p) {
    if (p && !is_early(p) && find_memory()) {
        count_live(p, -1);
        memory.free(p);
    }
}

OURS void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
    if (fails(INJECT_MMAP))
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, offset);
}

OURS int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
                        void *ctx) {
    REAL(pthread_create);
    return fails(INJECT_THREAD) ? EAGAIN : real(thread, attr, run, ctx);
}

OURS int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *time, const sigset_t *mask) {
    REAL(ppoll);
    return fails(INJECT_PPOLL) ? -1 : real(fds, n, time, mask);
}

// ---- files --------------------------------------------------------------------------------------

// One record in one write: a kill leaves whole ones.
static void note(char what, int fd, const char *path, const char *to, int64_t number,
                 const void *bytes, size_t size) {
    if (!state.armed || state.log < 0)
        return;
    const int kept = errno;
    char head[INJECT_HEAD], name[64], target[PATH_MAX] = "";
    if (!path) {
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
        ssize_t length = syscall(SYS_readlink, name, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        path = target;
    }
    int n = snprintf(head, sizeof head, "%c %lld %zu %s\t%s\n", what, (long long)number, size, path,
                     to ? to : "");
    if (n < (int)sizeof head) {
        struct iovec parts[2] = {{head, (size_t)n}, {(void *)(uintptr_t)bytes, size}};
        syscall(SYS_writev, state.log, parts, 2);
    }
    errno = kept;
}

OURS ssize_t write(int fd, const void *bytes, size_t size) {
    if (fd > STDERR_FILENO && fails(INJECT_WRITE))
        return -1;
    int64_t at = state.log >= 0 ? syscall(SYS_lseek, fd, 0, SEEK_CUR) : 0;
    ssize_t n = syscall(SYS_write, fd, bytes, size);
    int64_t after = state.log >= 0 ? syscall(SYS_lseek, fd, 0, SEEK_CUR) : 0;
    if (n > 0 && at >= 0)
        note('w', fd, NULL, NULL, after - n, bytes, (size_t)n);
    return n;
}

OURS ssize_t read(int fd, void *bytes, size_t size) {
    return fd > STDERR_FILENO && fails(INJECT_READ) ? -1 : syscall(SYS_read, fd, bytes, size);
}

static ssize_t pread_real(int fd, void *bytes, size_t size, off_t at) {
    return fd > STDERR_FILENO && fails(INJECT_READ) ? -1
                                                    : syscall(SYS_pread64, fd, bytes, size, at);
}

OURS ssize_t pread(int fd, void *bytes, size_t size, off_t at) {
    return pread_real(fd, bytes, size, at);
}

OURS ssize_t pread64(int fd, void *bytes, size_t size, off_t at) {
    return pread_real(fd, bytes, size, at);
}

static int open_real(int folder, const char *path, int flags, mode_t mode) {
    if (fails(INJECT_OPEN))
        return -1;
    int fd = (int)syscall(SYS_openat, folder, path, flags, mode);
    if (fd >= 0 && (flags & (O_CREAT | O_TRUNC)))
        note(flags & O_TRUNC ? 't' : 'c', fd, NULL, NULL, 0, NULL, 0);
    return fd;
}

#define MODE_OF(flags, mode)                                                                       \
    mode_t mode = 0;                                                                               \
    va_list args;                                                                                  \
    va_start(args, flags);                                                                         \
    if ((flags)&O_CREAT)                                                                           \
        (mode) = va_arg(args, mode_t);                                                             \
    va_end(args)

OURS int open(const char *path, int flags, ...) {
    MODE_OF(flags, mode);
    return open_real(AT_FDCWD, path, flags, mode);
}

OURS int open64(const char *path, int flags, ...) {
    MODE_OF(flags, mode);
    return open_real(AT_FDCWD, path, flags, mode);
}

OURS int close(int fd) {
    if (fd > STDERR_FILENO && fails(INJECT_CLOSE)) {
        syscall(SYS_close, fd); // Linux closes in any case
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_close, fd);
}

OURS int fsync(int fd) {
    enum { GLANCE_MS = 5 };
    if (fails(INJECT_FSYNC))
        return -1;
    while (state.hold && syscall(SYS_faccessat, AT_FDCWD, state.hold, F_OK) == 0)
        syscall(SYS_ppoll, NULL, 0, &(struct timespec){.tv_nsec = GLANCE_MS * 1000000}, NULL, 0);
    note('s', fd, NULL, NULL, 0, NULL, 0);
    return (int)syscall(SYS_fsync, fd);
}

OURS int syncfs(int fd) {
    if (fails(INJECT_FSYNC))
        return -1;
    note('S', fd, NULL, NULL, 0, NULL, 0);
    return (int)syscall(SYS_syncfs, fd);
}

OURS int rename(const char *from, const char *to) {
    if (fails(INJECT_RENAME))
        return -1;
    int done = (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
    if (done == 0)
        note('r', -1, from, to, 0, NULL, 0);
    return done;
}

OURS int unlink(const char *path) {
    if (fails(INJECT_UNLINK))
        return -1;
    int done = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (done == 0)
        note('u', -1, path, NULL, 0, NULL, 0);
    return done;
}

OURS int mkdir(const char *path, mode_t mode) {
    if (fails(INJECT_MKDIR))
        return -1;
    int done = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
    if (done == 0)
        note('d', -1, path, NULL, 0, NULL, 0);
    return done;
}

OURS int ftruncate(int fd, off_t size) {
    if (fails(INJECT_TRUNCATE))
        return -1;
    int done = (int)syscall(SYS_ftruncate, fd, size);
    if (done == 0)
        note('f', fd, NULL, NULL, size, NULL, 0);
    return done;
}

int fstat64(int fd, struct stat64 *st);
int stat64(const char *restrict path, struct stat64 *restrict st);

OURS int fstat64(int fd, struct stat64 *st) {
    REAL(fstat64);
    return fails(INJECT_STAT) ? -1 : real(fd, st);
}

OURS int stat64(const char *restrict path, struct stat64 *restrict st) {
    REAL(stat64);
    return fails(INJECT_STAT) ? -1 : real(path, st);
}

OURS int fstat(int fd, struct stat *st) {
    REAL(fstat);
    return fails(INJECT_STAT) ? -1 : real(fd, st);
}

OURS int stat(const char *restrict path, struct stat *restrict st) {
    REAL(stat);
    return fails(INJECT_STAT) ? -1 : real(path, st);
}

// What they are called where sizes have 64 bits in any case.
#define ALSO(name, other) OURS __typeof__(name) other __attribute__((alias(#name), copy(name)))
ALSO(mmap, mmap64);
ALSO(ftruncate, ftruncate64);
