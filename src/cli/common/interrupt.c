// SPDX-License-Identifier: Apache-2.0
#include "cli/common/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli/common/cluster.h"

#include "cli/common/report.h"

// The one thing a handler may touch.
static volatile sig_atomic_t stop_asked;

// What is let through while waiting.
static sigset_t open_mask;

// The thread that waits.
static pthread_t waiting;

// What the command does by itself, and what it has said of it.
enum { SAVES = 1, SAYS_SO };
static volatile sig_atomic_t saving;

// A bar may stand on the line.
static void end_here(int number) {
    static const char line[] = "\r\033[Ktrm: interrupted\n";
    struct termios unused;
    size_t skip = tcgetattr(STDERR_FILENO, &unused) == 0 ? 0 : strlen("\r\033[K");
    const bool ends = saving == 0 || (saving == SAYS_SO && number == SIGINT);
    if (ends && write(STDERR_FILENO, line + skip, sizeof line - 1 - skip) >= -1)
        _exit(TRM_EXIT_INTERRUPTED);
}

// A thread that we did not start (a BLAS library keeps some) may be the one that gets a signal. It
// hands it on, so that the wait ends.
static void note_stop(int number) {
    static const struct itimerval grace = {.it_value = {.tv_usec = 800000}};
    const int kept = errno;
    if (!pthread_equal(pthread_self(), waiting)) {
        pthread_kill(waiting, number);
    } else if (stop_asked) {
        end_here(number);
    } else {
        stop_asked = 1;
        if (!saving)
            setitimer(ITIMER_REAL, &grace, NULL);
    }
    errno = kept;
}

void trm_interrupt_prepare(void) {
    // A closed descriptor would be given to the next file opened, and output would land there.
    // The wrong direction makes every use of it fail, as it should.
    static const int wrong_way[3] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", wrong_way[fd]) < 0)
            _exit(1);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

void trm_interrupt_catch(bool blocked) {
    // the last is what job systems send before a job's time is over
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    const size_t count = sizeof numbers / sizeof *numbers - (trm_cluster_peers() ? 0 : 1);
    sigset_t set;
    sigemptyset(&set);
    waiting = pthread_self();
    for (size_t i = 0; i < count; i++) {
        struct sigaction now;
        bool ignored = sigaction(numbers[i], NULL, &now) == 0 && now.sa_handler == SIG_IGN;
        if (numbers[i] == SIGHUP && ignored)
            continue;
        struct sigaction action = {.sa_handler = note_stop};
        sigemptyset(&action.sa_mask);
        sigaction(numbers[i], &action, NULL);
        sigaddset(&set, numbers[i]);
    }
    struct sigaction late = {.sa_handler = end_here};
    sigemptyset(&late.sa_mask);
    sigaction(SIGALRM, &late, NULL);
    pthread_sigmask(SIG_SETMASK, NULL, &open_mask);
    if (blocked)
        pthread_sigmask(SIG_BLOCK, &set, NULL);
}

void trm_interrupt_saving(void) {
    saving = SAVES;
}

void trm_interrupt_says_so(void) {
    saving = SAYS_SO;
}

bool trm_interrupt_wait(int fd, int milliseconds) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    struct timespec limit = {.tv_sec = milliseconds / 1000,
                             .tv_nsec = (long)(milliseconds % 1000) * 1000000L};
    int n = ppoll(&p, 1, &limit, &open_mask);
    if (n < 0 && errno != EINTR) { // there is no such call here, or no memory for it
        sigset_t closed;
        pthread_sigmask(SIG_SETMASK, &open_mask, &closed);
        n = poll(&p, 1, milliseconds);
        pthread_sigmask(SIG_SETMASK, &closed, NULL);
    }
    return n > 0;
}

bool trm_interrupt_asked(void) {
    return stop_asked != 0;
}
