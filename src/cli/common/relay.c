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

#include "cli/common/cluster.h"
#include "trm/base/file.h"
#include "tui/terminal/modes.h"

enum { LOOK_MS = 200, BYTES = 4096 };
enum { NOBODY = -1, STARTER = -2 }; // beside ranks

typedef struct relay {
    int terminal, keys, master;
    pid_t program, starter; // mpirun
    const pid_t *ranks;
    int32_t count, dead; // whose end was seen first
    bool alone;          // mpirun is gone
    struct winsize size;
} relay;

// One process has one terminal.
static struct taken {
    struct termios before;
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

static bool gone(pid_t process) {
    return process > 0 && kill(process, 0) != 0 && errno == ESRCH;
}

// mpirun ends rank 0 a second after another one died, and that one may be long gone by then.
static void look_for_dead(relay *r) {
    r->alone = gone(r->starter);
    if (r->alone && r->dead == NOBODY) // else it ended because of the other
        r->dead = STARTER;
    for (int32_t i = 1; i < r->count && r->dead == NOBODY; i++)
        if (gone(r->ranks[i]))
            r->dead = i;
}

// Until the program has closed its side, or nobody looks after it any more.
static void run(relay *r) {
    struct pollfd fds[] = {{.fd = r->keys, .events = POLLIN}, {.fd = r->master, .events = POLLIN}};
    while (!r->alone) {
        const int n = poll(fds, 2, LOOK_MS);
        if (n < 0 && errno != EINTR)
            return;
        follow_size(r);
        look_for_dead(r);
        if (n <= 0)
            continue;
        if (fds[0].revents && !pass(r->keys, r->master, r->program))
            fds[0].fd = -1;
        if (fds[1].revents && !pass(r->master, r->terminal, 0))
            return;
    }
}

static void say(int to, const char *text) {
    trm_file_put(to, text, strlen(text));
}

static void say_number(int to, int32_t n) {
    char digits[12];
    size_t at = sizeof digits;
    for (digits[--at] = '\0'; at > 0 && (n > 0 || at == sizeof digits - 1); n /= 10)
        digits[--at] = (char)('0' + n % 10);
    say(to, digits + at);
}

// Rank 0 is gone. Was it the first?
static void say_who(const relay *r) {
    bool all_here = true;
    for (int32_t i = 1; i < r->count; i++)
        all_here = all_here && r->ranks[i] > 0;
    say(r->terminal, "\r\ntrm: ");
    if (r->dead == STARTER) {
        say(r->terminal, "mpirun");
    } else {
        say(r->terminal, "rank ");
        say_number(r->terminal, r->dead == NOBODY ? 0 : r->dead);
        if (r->dead == NOBODY && !all_here)
            say(r->terminal, ", or one on another machine,");
    }
    say(r->terminal, " died, and the run ended; its last checkpoint is whole: add --resume\r\n");
}

// What mpirun waits for must not stay open here.
static void close_others(const relay *r) {
    for (int fd = 0; fd < sysconf(_SC_OPEN_MAX) && fd < BYTES; fd++)
        if (fd != r->terminal && fd != r->keys && fd != r->master)
            close(fd);
}

// Unless a shell has taken it meanwhile.
static void give_back(int terminal) {
    struct termios now;
    if (tcgetattr(terminal, &now) == 0 && (now.c_lflag & (ICANON | ISIG | ECHO)) == 0)
        tcsetattr(terminal, TCSADRAIN, &taken.before);
}

static void between(relay *r) {
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGTTOU, SIGTTIN, SIGPIPE, SIGUSR1};
    struct termios raw = taken.before;
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    signal(SIGUSR2, note_calm);
    setpgid(0, 0);
    close_others(r);
    cfmakeraw(&raw);
    tcsetattr(r->terminal, TCSANOW, &raw);
    run(r);
    if (!calm) {
        say(r->terminal, TRM_MODES_OFF);
        say_who(r);
    }
    give_back(r->terminal);
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
    relay r = {.keys = STDIN_FILENO,
               .master = -1,
               .program = getpid(),
               .starter = getppid(),
               .ranks = trm_cluster_processes(),
               .count = trm_cluster_peers()->count,
               .dead = NOBODY};
    r.terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    const bool there = r.terminal >= 0 && tcgetattr(r.terminal, &taken.before) == 0;
    const int slave = there ? open_pair(&r.master) : -1;
    if (slave >= 0) {
        if (ioctl(r.terminal, TIOCGWINSZ, &r.size) == 0)
            ioctl(r.master, TIOCSWINSZ, &r.size);
        taken.in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        taken.out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        taken.relay = fork();
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

// What the relay did not come to do.
static void clean_up(void) {
    const int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    signal(SIGTTOU, SIG_IGN);
    say(terminal, TRM_MODES_OFF "\r\n");
    give_back(terminal);
    close(terminal);
}

bool trm_relay_stop(void) {
    int status = 0;
    if (taken.relay <= 0)
        return true;
    kill(taken.relay, SIGUSR2);
    dup2(taken.in, STDIN_FILENO);
    dup2(taken.out, STDOUT_FILENO);
    while (waitpid(taken.relay, &status, 0) < 0 && errno == EINTR)
        ;
    taken.relay = 0;
    if (!WIFSIGNALED(status))
        return true;
    clean_up();
    return false;
}
