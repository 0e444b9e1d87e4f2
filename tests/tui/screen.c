// SPDX-License-Identifier: Apache-2.0
#include "screen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>
#include <vterm.h>

#include <cmocka.h>

#include "../cli/process.h"

struct screen {
    pid_t pid;
    int master, slave; // the slave is kept open: its modes are looked at after the end
    int ended;         // a pipe that ends with the program
    int stopped, go;   // of a job: a byte comes when it has stopped; a byte lets it go on
    int rows, cols;
    VTerm *vterm;
    VTermScreen *cells;
    struct termios modes; // before the program
    bool other_screen, cursor, mouse;
    bool drawing; // a frame has begun of which the end has not come
    char *bytes;
    size_t used, capacity;
};

static int note_property(VTermProp property, VTermValue *value, void *user) {
    screen *s = user;
    if (property == VTERM_PROP_ALTSCREEN)
        s->other_screen = value->boolean != 0;
    else if (property == VTERM_PROP_MOUSE)
        s->mouse = value->number != VTERM_PROP_MOUSE_NONE;
    return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = note_property};

void screen_window(screen *s, int rows, int cols) {
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    assert_int_equal(ioctl(s->slave, TIOCSWINSZ, &size), 0);
}

// In the child: becomes the program.
static void become(const char *dir, const char *const *env, const char *const *args,
                   const char *bin) {
    char *argv[32] = {strdup("trm")};
    for (int i = 0; args[i] != NULL && i < 30; i++)
        argv[i + 1] = strdup(args[i]);
    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("NO_COLOR");
    unsetenv("COLORTERM");
    unsetenv("LINES");
    unsetenv("COLUMNS");
    for (int i = 0; env != NULL && env[i] != NULL; i++)
        putenv(strdup(env[i]));
    if (chdir(dir) == 0)
        execv(bin, argv);
    _exit(127);
}

static void to_foreground(pid_t group) {
    tcsetpgrp(STDIN_FILENO, group);
}

// In the child of the test: what a shell does for one job, until that is done.
static void tend(pid_t job, int stopped, int go) {
    int status = 0;
    char byte = 's';
    while (waitpid(job, &status, WUNTRACED) == job && WIFSTOPPED(status)) {
        to_foreground(getpid());
        if (write(stopped, &byte, 1) != 1 || read(go, &byte, 1) != 1)
            _exit(126);
        to_foreground(job);
        kill(-job, SIGCONT);
    }
    to_foreground(getpid());
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void start_job(const char *dir, const char *const *env, const char *const *args,
                      const char *bin, const int *stopped, const int *go) {
    signal(SIGTTOU, SIG_IGN);
    pid_t job = fork();
    if (job == 0) {
        setpgid(0, 0);
        to_foreground(getpid());
        signal(SIGTTOU, SIG_DFL);
        close(stopped[1]);
        close(go[0]);
        become(dir, env, args, bin);
    }
    setpgid(job, job);
    tend(job, stopped[1], go[0]);
}

// A pipe whose reading end stays here.
static void open_pipe(int fds[2]) {
    assert_int_equal(pipe(fds), 0);
    fcntl(fds[0], F_SETFD, FD_CLOEXEC);
}

static screen *new_screen(int rows, int cols) {
    screen *s = calloc(1, sizeof *s);
    assert_non_null(s);
    assert_int_equal(openpty(&s->master, &s->slave, NULL, NULL, NULL), 0);
    fcntl(s->master, F_SETFD, FD_CLOEXEC);
    fcntl(s->master, F_SETFL, O_NONBLOCK);
    s->stopped = s->go = -1;
    s->rows = rows;
    s->cols = cols;
    s->cursor = true;
    screen_window(s, s->rows, s->cols);
    assert_int_equal(tcgetattr(s->slave, &s->modes), 0);
    // A program that has given its screen back dies of Ctrl-\ like any other, if it came a moment
    // before it ends: as a key it is still sent, as a signal never.
    s->modes.c_cc[VQUIT] = _POSIX_VDISABLE;
    assert_int_equal(tcsetattr(s->slave, TCSANOW, &s->modes), 0);
    s->vterm = vterm_new(rows, cols);
    vterm_set_utf8(s->vterm, 1);
    s->cells = vterm_obtain_screen(s->vterm);
    vterm_screen_enable_altscreen(s->cells, 1);
    vterm_screen_set_callbacks(s->cells, &callbacks, s);
    vterm_screen_reset(s->cells, 1);
    return s;
}

static screen *start(const char *dir, int rows, int cols, const char *const *env,
                     const char *const *args, bool job) {
    const char *bin = getenv("TRM_BIN");
    assert_non_null(bin);
    screen *s = new_screen(rows, cols);
    int ended[2];
    int stopped[2];
    int go[2];
    open_pipe(ended);
    open_pipe(stopped);
    open_pipe(go);
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0) {
        close(go[1]);
        if (login_tty(s->slave) != 0)
            _exit(126);
        if (job)
            start_job(dir, env, args, bin, stopped, go);
        close(stopped[1]);
        become(dir, env, args, bin);
    }
    close(ended[1]);
    close(stopped[1]);
    close(go[0]);
    s->ended = ended[0];
    s->stopped = stopped[0];
    s->go = go[1];
    fcntl(s->go, F_SETFD, FD_CLOEXEC);
    if (!job) { // its end is no news
        close(s->stopped);
        s->stopped = -1;
    }
    return s;
}

screen *screen_open(const char *dir, int rows, int cols, const char *const *env,
                    const char *const *args) {
    return start(dir, rows, cols, env, args, false);
}

screen *screen_open_as_job(const char *dir, int rows, int cols, const char *const *env,
                           const char *const *args) {
    return start(dir, rows, cols, env, args, true);
}

// Modes that libvterm does not know, or not as terminals do: to it, the cursor's visibility is
// something that is saved and restored together with its place.
static void follow_modes(screen *s, size_t from) {
    const struct {
        const char *set;
        bool *mode;
    } modes[] = {{"\x1b[?2026", &s->drawing}, {"\x1b[?25", &s->cursor}};
    for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
        const size_t n = strlen(modes[m].set);
        for (size_t i = from > n ? from - n : 0; i + n < s->used; i++) {
            const char *at = s->bytes + i;
            if (memcmp(at, modes[m].set, n) == 0 && (at[n] == 'h' || at[n] == 'l'))
                *modes[m].mode = at[n] == 'h';
        }
    }
}

static void keep(screen *s, const char *bytes, size_t n) {
    if (s->used + n + 1 > s->capacity) {
        s->capacity = (s->used + n + 1) * 2;
        s->bytes = realloc(s->bytes, s->capacity);
        assert_non_null(s->bytes);
    }
    memcpy(s->bytes + s->used, bytes, n);
    s->used += n;
    s->bytes[s->used] = '\0';
    follow_modes(s, s->used - n);
}

// Takes all that has come, and answers what the program asked the terminal.
static void take(screen *s) {
    char bytes[16384];
    for (ssize_t n = read(s->master, bytes, sizeof bytes); n > 0;
         n = read(s->master, bytes, sizeof bytes)) {
        keep(s, bytes, (size_t)n);
        vterm_input_write(s->vterm, bytes, (size_t)n);
    }
    size_t answer = vterm_output_read(s->vterm, bytes, sizeof bytes);
    if (answer > 0)
        assert_int_equal(write(s->master, bytes, answer), answer);
}

// Waits until something came, or the end, or the deadline; returns whether the program has ended.
static bool wait_more(screen *s, double deadline) {
    struct pollfd fds[3] = {{.fd = s->master, .events = POLLIN},
                            {.fd = s->ended, .events = POLLIN},
                            {.fd = s->stopped, .events = POLLIN}};
    int left = (int)((deadline - now()) * 1000) + 1;
    poll(fds, 3, left > 0 ? left : 0);
    take(s);
    return fds[1].revents != 0;
}

bool screen_wait(screen *s, bool (*done)(screen *s, const void *ctx), const void *ctx,
                 double seconds) {
    double deadline = now() + seconds;
    bool ended = false;
    take(s);
    while ((s->drawing && !ended) || !done(s, ctx)) {
        if (ended || now() > deadline)
            return false;
        ended = wait_more(s, deadline);
    }
    return true;
}

static size_t put_utf8(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char heads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    out[0] = (char)(heads[n] | c);
    return n;
}

void screen_line(screen *s, int row, char out[SCREEN_LINE]) {
    size_t used = 0;
    size_t end = 0;
    for (int col = 0; col < s->cols && used + 8 < SCREEN_LINE; col++) {
        VTermScreenCell cell;
        vterm_screen_get_cell(s->cells, (VTermPos){.row = row, .col = col}, &cell);
        if (cell.chars[0] == (uint32_t)-1)
            continue; // the right half of a wide character
        if (cell.chars[0] == 0 || cell.chars[0] == ' ') {
            out[used++] = ' ';
            continue;
        }
        used += put_utf8(out + used, cell.chars[0]);
        end = used;
    }
    out[end] = '\0';
}

void screen_wipe(screen *s) {
    static const char all[] = "\x1b[2J";
    take(s);
    vterm_input_write(s->vterm, all, sizeof all - 1);
}

int screen_rows(const screen *s) {
    return s->rows;
}

int screen_cols(const screen *s) {
    return s->cols;
}

const char *screen_bytes(const screen *s, size_t *size) {
    *size = s->used;
    return s->bytes;
}

bool screen_has(screen *s, const char *text) {
    char line[SCREEN_LINE];
    for (int row = 0; row < s->rows; row++) {
        screen_line(s, row, line);
        if (strstr(line, text) != NULL)
            return true;
    }
    return false;
}

double screen_number(screen *s, const char *word) {
    char line[SCREEN_LINE];
    for (int row = 0; row < s->rows; row++) {
        screen_line(s, row, line);
        const char *at = strstr(line, word);
        char *end = NULL;
        if (at != NULL) {
            double number = strtod(at + strlen(word), &end);
            if (end != at + strlen(word))
                return number;
        }
    }
    return -1;
}

bool screen_shows(screen *s, const void *text) {
    return screen_has(s, text);
}

static bool has_not(screen *s, const void *text) {
    return !screen_has(s, text);
}

static void close_terminal(screen *s) {
    if (s->master >= 0) {
        close(s->master);
        close(s->slave);
    }
    s->master = s->slave = -1;
}

static void discard(screen *s) {
    close_terminal(s);
    close(s->ended);
    if (s->stopped >= 0)
        close(s->stopped);
    close(s->go);
    vterm_free(s->vterm);
    free(s->bytes);
    free(s);
}

void screen_fail(screen *s, const char *message, int line) {
    char text[SCREEN_LINE];
    fprintf(stderr, "line %d: %s; the screen, %d x %d:\n", line, message, s->cols, s->rows);
    for (int row = 0; row < s->rows; row++) {
        screen_line(s, row, text);
        fprintf(stderr, "|%s\n", text);
    }
    kill(s->pid, SIGKILL);
    waitpid(s->pid, NULL, 0);
    discard(s);
    fail_msg("line %d: %s", line, message);
    abort();
}

void screen_see(screen *s, const char *text, int line) {
    if (!screen_wait(s, screen_shows, text, SCREEN_SECONDS)) {
        char message[SCREEN_LINE];
        snprintf(message, sizeof message, "\"%s\" did not come", text);
        screen_fail(s, message, line);
    }
}

void screen_lose(screen *s, const char *text, int line) {
    if (!screen_wait(s, has_not, text, SCREEN_SECONDS)) {
        char message[SCREEN_LINE];
        snprintf(message, sizeof message, "\"%s\" did not go", text);
        screen_fail(s, message, line);
    }
}

void screen_keys(screen *s, const char *bytes) {
    size_t n = strlen(bytes);
    assert_int_equal(write(s->master, bytes, n), n);
}

bool screen_pour(screen *s, const char *bytes, size_t n) {
    double deadline = now() + SCREEN_SECONDS;
    bool ended = wait_more(s, now());
    for (size_t done = 0; !ended && done < n;) {
        ssize_t taken = write(s->master, bytes + done, n - done);
        if (taken > 0)
            done += (size_t)taken;
        else if (now() > deadline)
            screen_fail(s, "it takes no keys", __LINE__);
        else
            ended = wait_more(s, now() + 0.05);
    }
    return !ended;
}

void screen_resize(screen *s, int rows, int cols) {
    take(s);
    s->rows = rows;
    s->cols = cols;
    vterm_set_size(s->vterm, rows, cols);
    screen_window(s, s->rows, s->cols);
}

bool screen_has_color(screen *s) {
    VTermScreenCell plain;
    VTermScreenCell cell;
    for (int row = 0; row < s->rows; row++) {
        for (int col = 0; col < s->cols; col++) {
            vterm_screen_get_cell(s->cells, (VTermPos){.row = row, .col = col}, &cell);
            plain = cell;
            if (!VTERM_COLOR_IS_DEFAULT_FG(&plain.fg) || !VTERM_COLOR_IS_DEFAULT_BG(&plain.bg))
                return true;
        }
    }
    return false;
}

double screen_cpu_seconds(const screen *s) {
    clockid_t clock;
    struct timespec t;
    assert_int_equal(clock_getcpuclockid(s->pid, &clock), 0);
    assert_int_equal(clock_gettime(clock, &t), 0);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void screen_signal(screen *s, int number) {
    assert_int_equal(kill(s->pid, number), 0);
}

static bool never(screen *s, const void *ctx) {
    (void)s;
    (void)ctx;
    return false;
}

// The program's last bytes may still be on their way through the pseudo-terminal when it has ended.
static void take_last(screen *s) {
    const double deadline = now() + 5;
    while ((s->other_screen || s->mouse || !s->cursor) && now() < deadline) {
        poll(&(struct pollfd){.fd = s->master, .events = POLLIN}, 1, 10);
        take(s);
    }
}

static void assert_restored(screen *s) {
    struct termios modes;
    take_last(s);
    assert_int_equal(tcgetattr(s->slave, &modes), 0);
    assert_int_equal(modes.c_iflag, s->modes.c_iflag);
    assert_int_equal(modes.c_oflag, s->modes.c_oflag);
    assert_int_equal(modes.c_lflag, s->modes.c_lflag);
    assert_memory_equal(modes.c_cc, s->modes.c_cc, sizeof modes.c_cc);
    assert_false(s->other_screen);
    assert_false(s->mouse);
    assert_true(s->cursor);
}

static bool has_stopped(screen *s, const void *ctx) {
    (void)ctx;
    struct pollfd fd = {.fd = s->stopped, .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

void screen_wait_stopped(screen *s) {
    char byte;
    // The last of its output comes before it stops.
    if (!screen_wait(s, has_stopped, NULL, SCREEN_SECONDS))
        screen_fail(s, "it did not stop", 0);
    assert_int_equal(read(s->stopped, &byte, 1), 1);
    take(s);
    assert_restored(s);
}

void screen_foreground(screen *s) {
    assert_int_equal(write(s->go, "c", 1), 1);
}

void screen_scribble(screen *s, const char *text) {
    size_t n = strlen(text);
    assert_int_equal(write(s->slave, text, n), n);
    take(s);
}

static int exit_status(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int screen_hang_up(screen *s) {
    int status = 0;
    struct pollfd fd = {.fd = s->ended, .events = POLLIN};
    take(s);
    close_terminal(s);
    bool ended = poll(&fd, 1, SCREEN_SECONDS * 1000) == 1;
    if (!ended)
        kill(s->pid, SIGKILL);
    waitpid(s->pid, &status, 0);
    discard(s);
    assert_true(ended);
    return exit_status(status);
}

void screen_abandon(screen *s) {
    screen_wait(s, never, NULL, SCREEN_SECONDS);
    waitpid(s->pid, NULL, 0);
    discard(s);
}

int screen_close(screen *s) {
    int status = 0;
    screen_wait(s, never, NULL, SCREEN_SECONDS);
    if (waitpid(s->pid, &status, WNOHANG) != s->pid) {
        // The pipe ends a moment before the process does.
        struct pollfd fd = {.fd = s->ended, .events = POLLIN};
        if (poll(&fd, 1, 0) == 0)
            screen_fail(s, "the program did not end", 0);
        waitpid(s->pid, &status, 0);
    }
    take(s);
    assert_restored(s);
    discard(s);
    return exit_status(status);
}
