// SPDX-License-Identifier: Apache-2.0
// Loaded before the C library: the time of day goes back an hour whenever it is looked at. The
// clock that never goes back is left alone.
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { START = 1700000000, HOUR = 3600 };

static time_t earlier(void) {
    static long looks;
    return START - HOUR * __atomic_add_fetch(&looks, 1, __ATOMIC_RELAXED);
}

__attribute__((visibility("default"))) time_t time(time_t *t) {
    time_t now = earlier();
    if (t != NULL)
        *t = now;
    return now;
}

__attribute__((visibility("default"))) int gettimeofday(struct timeval *restrict t,
                                                        void *restrict zone) {
    (void)zone;
    *t = (struct timeval){.tv_sec = earlier()};
    return 0;
}

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *t) {
    if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)
        return (int)syscall(SYS_clock_gettime, clock, t);
    *t = (struct timespec){.tv_sec = earlier()};
    return 0;
}
