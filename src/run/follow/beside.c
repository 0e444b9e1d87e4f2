// SPDX-License-Identifier: Apache-2.0
#include "run/follow/beside.h"

#ifdef __linux__

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trm/base/clock.h"
#include "trm/base/text.h"

static const double EVERY = 0.5; // seconds

_Static_assert(sizeof(cpu_set_t) == sizeof((trm_beside){0}.may), "the size of the system's set");

typedef struct thread_place {
    int64_t ticks; // of processor time
    int processor; // it was on last
} thread_place;

// proc(5): the fields behind the name in brackets are numbers from 3 on.
static bool read_place(int tasks, const char *thread, thread_place *out) {
    enum { UTIME = 14, STIME = 15, PROCESSOR = 39 };
    char path[64], text[1024];
    trm_text_format(path, sizeof path, "%s/stat", thread);
    const int fd = openat(tasks, path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    const char *at = strrchr(text, ')');
    *out = (thread_place){.processor = -1};
    for (int field = 3; at && (at = strchr(at + 1, ' ')); field++) {
        if (field == UTIME || field == STIME)
            out->ticks += strtoll(at, NULL, 10);
        if (field == PROCESSOR)
            out->processor = (int)strtol(at, NULL, 10);
    }
    return out->processor >= 0 && out->processor < CPU_SETSIZE;
}

// The most busy first, as many as there is room for.
static int32_t insert(thread_place *all, int32_t count, int32_t room, const thread_place *x) {
    if (room <= 0 || (count == room && all[room - 1].ticks >= x->ticks))
        return count;
    int32_t i = count < room ? count++ : room - 1;
    for (; i > 0 && all[i - 1].ticks < x->ticks; i--)
        all[i] = all[i - 1];
    all[i] = *x;
    return count;
}

static void take_busy(int64_t process, int32_t threads, cpu_set_t *may) {
    enum { MOST = 64 };
    thread_place all[MOST] = {{0}}, x;
    int32_t count = 0;
    char path[64];
    trm_text_format(path, sizeof path, "/proc/%lld/task", (long long)process);
    DIR *tasks = opendir(path);
    const struct dirent *entry;
    while (tasks && (entry = readdir(tasks)))
        if (entry->d_name[0] != '.' && read_place(dirfd(tasks), entry->d_name, &x))
            count = insert(all, count, threads < MOST ? threads : MOST, &x);
    if (tasks)
        closedir(tasks);
    for (int32_t i = 0; i < count; i++)
        CPU_CLR(all[i].processor, may);
}

static void use(const cpu_set_t *set) {
    DIR *tasks = opendir("/proc/self/task");
    const struct dirent *entry;
    while (tasks && (entry = readdir(tasks)))
        if (entry->d_name[0] != '.')
            sched_setaffinity((pid_t)strtol(entry->d_name, NULL, 10), sizeof *set, set);
    if (tasks)
        closedir(tasks);
}

void trm_beside_keep_off(trm_beside *b, int64_t process, int32_t threads) {
    const double now = trm_clock_now();
    cpu_set_t may;
    if (now < b->due)
        return;
    b->due = now + EVERY;
    if (!b->known) {
        if (sched_getaffinity(0, sizeof may, &may) != 0)
            return;
        memcpy(b->may, &may, sizeof may);
        memcpy(b->now, &may, sizeof may);
        b->known = true;
    }
    memcpy(&may, b->may, sizeof may);
    if (process > 0)
        take_busy(process, threads, &may);
    if (CPU_COUNT(&may) == 0)
        memcpy(&may, b->may, sizeof may);
    if (memcmp(b->now, &may, sizeof may) != 0)
        use(&may);
    memcpy(b->now, &may, sizeof may);
}

void trm_beside_end(trm_beside *b) {
    cpu_set_t may;
    memcpy(&may, b->may, sizeof may);
    if (b->known)
        use(&may);
    b->known = false;
}

#else

void trm_beside_keep_off(trm_beside *b, int64_t process, int32_t threads) {
    (void)b;
    (void)process;
    (void)threads;
}

void trm_beside_end(trm_beside *b) {
    (void)b;
}

#endif
