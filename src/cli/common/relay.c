// SPDX-License-Identifier: Apache-2.0
// A process of its own, so that the terminal is given back whatever becomes of the program. It may
// neither allocate nor print: it was forked from a process with threads.
#include "cli/common/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "trm/base/file.h"
#include "tui/terminal/modes.h"

enum { LOOK_MS = 200, BYTES = 4096 };

typedef struct relay {
    int terminal, keys, master;
    pid_t program;
    struct winsize size;
} relay;

// One process has one terminal.
static struct taken {
    int in, out; // as they were
    pid_t relay; // 0: none is taken
} taken;

// The program has given the terminal back itself.
static volatile sig_atomic_t calm;

static void note_calm(int number) {
    (void)number;
    calm = 1;
}

// No signals come of this pseudo-terminal, so Ctrl-C is made one. interrupts: of whom; 0: nobody.
static bool pass(int from, int to, pid_t interrupts) {
    enum { CTRL_C = 3 };
    char bytes[BYTES];
    const ssize_t n = read(from, bytes, sizeof bytes);
    if (n > 0 && interrupts && memchr(bytes, CTRL_C, (size_t)n))
        kill(interrupts, SIGINT);
    return n > 0 ? trm_file_put(to, bytes, (size_t)n) : n < 0 && errno == EINTR;
}

static void follow_size(relay *r) {
    struct winsize now;
    if (ioctl(r->terminal, TIOCGWINSZ, &now) != 0 ||
        (now.ws_row == r->size.ws_row && now.ws_col == r->size.ws_col))
        return;
    r->size = now;
    ioctl(r->master, TIOCSWINSZ, &now);
    kill(r->program, SIGWINCH);
}

// Until the program has closed its side.
static void run(relay *r) {
    struct pollfd fds[] = {{.fd = r->keys, .events = POLLIN}, {.fd = r->master, .events = POLLIN}};
    for (;;) {
        const int n = poll(fds, 2, LOOK_MS);
        if (n < 0 && errno != EINTR)
            return;
        follow_size(r);
        if (n <= 0)
            continue;
        if (fds[0].revents && !pass(r->keys, r->master, r->program))
            fds[0].fd = -1;
        if (fds[1].revents && !pass(r->master, r->terminal, 0))
            return;
    }
}

// What mpirun waits for must not stay open here.
static void close_others(const relay *r) {
    for (int fd = 0; fd < sysconf(_SC_OPEN_MAX) && fd < BYTES; fd++)
        if (fd != r->terminal && fd != r->keys && fd != r->master)
            close(fd);
}

static void between(relay *r) {
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGTTOU, SIGTTIN, SIGPIPE, SIGUSR1};
    static const char leave[] = TRM_MODES_OFF
        "\r\n"
        "trm: a rank was killed, and the run ended; its last checkpoint is whole: add --resume\r\n";
    struct termios before, raw;
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    signal(SIGUSR2, note_calm);
    setpgid(0, 0);
    close_others(r);
    if (tcgetattr(r->terminal, &before) == 0) {
        raw = before;
        cfmakeraw(&raw);
        tcsetattr(r->terminal, TCSANOW, &raw);
        run(r);
        if (!calm)
            trm_file_put(r->terminal, leave, sizeof leave - 1);
        tcsetattr(r->terminal, TCSADRAIN, &before);
    }
    _exit(0);
}

// The program's side of a pseudo-terminal; -1: there is none.
static int open_pair(int *master) {
    *master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    const bool ready = *master >= 0 && grantpt(*master) == 0 && unlockpt(*master) == 0;
    const char *name = ready ? ptsname(*master) : NULL;
    return name ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
}

bool trm_relay_start(void) {
    relay r = {.keys = STDIN_FILENO, .master = -1, .program = getpid()};
    r.terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    const int slave = r.terminal >= 0 ? open_pair(&r.master) : -1;
    if (slave >= 0) {
        if (ioctl(r.terminal, TIOCGWINSZ, &r.size) == 0)
            ioctl(r.master, TIOCSWINSZ, &r.size);
        taken = (struct taken){fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3),
                               fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), fork()};
        if (taken.relay == 0)
            between(&r);
        if (taken.relay > 0) {
            dup2(slave, STDIN_FILENO);
            dup2(slave, STDOUT_FILENO);
        }
        close(slave);
    }
    close(r.terminal);
    close(r.master);
    return taken.relay > 0;
}

void trm_relay_stop(void) {
    if (taken.relay <= 0)
        return;
    kill(taken.relay, SIGUSR2);
    dup2(taken.in, STDIN_FILENO);
    dup2(taken.out, STDOUT_FILENO);
    while (waitpid(taken.relay, NULL, 0) < 0 && errno == EINTR)
        ;
    taken.relay = 0;
}
