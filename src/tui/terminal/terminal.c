// SPDX-License-Identifier: Apache-2.0
#include "tui/terminal/terminal.h"

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "tui/terminal/crash.h"
#include "tui/terminal/input.h"
#include "tui/terminal/modes.h"

// Milliseconds within which what belongs to an Esc follows it.
enum { ESC_DELAY = 25, READ = 256 };

struct trm_terminal {
    SCREEN *screen;
    FILE *out; // what curses writes to
    int frame; // memory that takes a frame's bytes in the terminal's place; -1: none
    trm_input input;
    uint8_t read[READ]; // what has come and is not taken yet: from `at` to `got`
    int32_t at, got;
    trm_look look;
    trm_canvas_cell *front; // what is on the glass
    int32_t rows, cols;     // of front
    bool mouse;
    bool ansi;            // it reads control sequences
    bool guarded;         // modes are known
    struct termios modes; // before
};

static const char XTERM[] = "xterm-256color";

// Terminals that understand what xterm does, newer than many a system's list of terminals.
static bool is_like_xterm(const char *name) {
    static const char *const names[] = {"xterm", "alacritty", "foot", "wezterm", "ghostty",
                                        "kitty", "contour",   "rio",  "tmux",    "screen"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

bool trm_terminal_possible(trm_error *e) {
    for (int fd = STDIN_FILENO; fd <= STDOUT_FILENO; fd++)
        if (!isatty(fd))
            return trm_error_set(e, TRM_E_INPUT, "standard %s is not one",
                                 fd == STDIN_FILENO ? "input" : "output");
    const char *name = getenv("TERM");
    if (name == NULL || *name == 0)
        return trm_error_set(e, TRM_E_INPUT, "TERM is not set");
    int status = 0;
    if (setupterm(NULL, STDOUT_FILENO, &status) != OK &&
        !(is_like_xterm(name) && setenv("TERM", XTERM, 1) == 0 &&
          setupterm(NULL, STDOUT_FILENO, &status) == OK))
        return trm_error_set(e, TRM_E_INPUT, "TERM=%s is not known here: try TERM=%s", name, XTERM);
    const char *move = tigetstr("cup");
    const bool able = move != NULL && move != (const char *)-1;
    del_curterm(cur_term);
    return able || trm_error_set(e, TRM_E_INPUT, "TERM=%s cannot move the cursor", name);
}

// The Linux console: no braille in its fonts, and its mouse is left to the console's own selection.
static bool on_console(void) {
    const char *term = getenv("TERM");
    return term != NULL && strncmp(term, "linux", 5) == 0;
}

static trm_look find_look(bool ascii, bool color) {
    trm_look look = {TRM_GLYPHS_FULL, TRM_DEPTH_MONO};
    if (ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        look.glyphs = TRM_GLYPHS_ASCII;
    else if (on_console())
        look.glyphs = TRM_GLYPHS_BLOCKS;
    if (!color || !has_colors())
        return look;
    if (COLORS >= 1 << 24)
        look.depth = TRM_DEPTH_RGB;
    else if (COLORS >= 256 && COLOR_PAIRS > TRM_INK_COUNT * (TRM_HEAT_LEVELS + 1))
        look.depth = TRM_DEPTH_256;
    else if (COLORS >= 16 && COLOR_PAIRS > TRM_INK_COUNT)
        look.depth = TRM_DEPTH_16;
    else if (COLORS >= 8 && COLOR_PAIRS > TRM_INK_COUNT)
        look.depth = TRM_DEPTH_8;
    return look;
}

// Pair numbers: the terminal's own background first, then one block of inks for each heat level.
static int pair_of(const trm_look *look, int32_t fg, int32_t bg) {
    if (look->depth == TRM_DEPTH_MONO)
        return 0;
    if (look->depth < TRM_DEPTH_256 || bg < TRM_INK_HEAT)
        return fg;
    return fg + (bg - TRM_INK_HEAT + 1) * TRM_INK_COUNT;
}

static void set_pairs(const trm_look *look, trm_theme theme) {
    const trm_colors colors = {look->depth, theme};
    if (look->depth == TRM_DEPTH_MONO)
        return;
    start_color();
    const int ground = use_default_colors() == OK ? -1 : COLOR_BLACK;
    const int ink0 = ground == -1 ? -1 : COLOR_WHITE;
    for (int32_t fg = 0; fg < TRM_INK_COUNT; fg++) {
        int32_t f = trm_ink_color(colors, fg);
        f = f < 0 ? ink0 : f;
        if (pair_of(look, fg, TRM_INK_DEFAULT) > 0)
            init_extended_pair(pair_of(look, fg, TRM_INK_DEFAULT), f, ground);
        for (int32_t b = 0; b < TRM_HEAT_LEVELS && look->depth >= TRM_DEPTH_256; b++)
            init_extended_pair(pair_of(look, fg, TRM_INK_HEAT + b), f,
                               trm_ink_color(colors, TRM_INK_HEAT + b));
    }
    if (ground != -1)
        assume_default_colors(ink0, ground);
}

static void write_all(int fd, const char *bytes, size_t size) {
    while (size > 0) {
        const ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; // a terminal that has gone is noticed elsewhere
        bytes += n;
        size -= (size_t)n;
    }
}

// Modes that curses does not know of, on terminals that read control sequences.
static void say(const trm_terminal *t, const char *what) {
    if (t->ansi)
        write_all(fileno(t->out), what, strlen(what));
}

static void set_modes(trm_terminal *t) {
    raw();
    noecho();
    nonl();
    curs_set(0);
    say(t, TRM_PASTE_ON);
    if (t->mouse)
        say(t, TRM_MOUSE_ON);
}

static void reset_modes(const trm_terminal *t) {
    say(t, TRM_PASTE_OFF);
    if (t->mouse)
        say(t, TRM_MOUSE_OFF);
}

// What leaves the screen as curses would, gathered beforehand: nothing can be looked up in a crash.
static struct {
    char bytes[512];
    size_t size;
} leaving;

static int gather(int c) {
    if (leaving.size < sizeof leaving.bytes)
        leaving.bytes[leaving.size++] = (char)c;
    return c;
}

// A capability's text; NULL where the terminal does not have it.
static const char *capability(const char *name) {
    const char *text = tigetstr(name);
    return text != (const char *)-1 ? text : NULL;
}

static void guard(const trm_terminal *t) {
    static const char *const names[] = {"sgr0", "op", "cnorm", "rmcup"};
    leaving.size = 0;
    if (!t->guarded)
        return;
    if (t->ansi)
        tputs(t->mouse ? TRM_FRAME_ENDS TRM_PASTE_OFF TRM_MOUSE_OFF : TRM_FRAME_ENDS TRM_PASTE_OFF,
              1, gather);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = capability(names[i]);
        if (text != NULL)
            tputs(text, 1, gather);
    }
    trm_crash_guard(leaving.bytes, leaving.size, &t->modes);
}

// A file in memory; -1 where there is none to be had, or where a limit on files would cut it short.
static int open_frame(void) {
#ifdef __linux__
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY)
        return memfd_create("frame", MFD_CLOEXEC);
#endif
    return -1;
}

// Curses writes to a descriptor of its own, so that a frame can be led elsewhere (begin_frame)
// while standard output stays the terminal, whatever happens.
static bool open_output(trm_terminal *t) {
    const int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    t->out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (t->out == NULL) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    t->frame = open_frame();
    return true;
}

static void close_output(trm_terminal *t) {
    fclose(t->out);
    if (t->frame >= 0)
        close(t->frame);
}

trm_terminal *trm_terminal_open(const trm_screen_options *o, trm_error *e) {
    trm_terminal *t = trm_alloc(1, sizeof *t);
    t->guarded = tcgetattr(STDIN_FILENO, &t->modes) == 0;
    if (t->guarded)
        trm_crash_guard("", 0, &t->modes);
    trm_crash_hold();
    const bool ready = open_output(t);
    t->screen = ready ? newterm(NULL, t->out, stdin) : NULL;
    if (t->screen == NULL) {
        if (ready)
            close_output(t);
        free(t);
        trm_crash_release();
        trm_crash_let_go();
        trm_error_set(e, TRM_E_INPUT, "the terminal cannot be opened; use `trm train …` instead");
        return NULL;
    }
    const char *move = capability("cup");
    t->ansi = move != NULL && strncmp(move, "\033[", 2) == 0;
    t->mouse = o->mouse && !on_console() && capability("kmous") != NULL;
    if (o->color && has_colors())
        start_color(); // sets COLORS
    t->look = find_look(o->ascii, o->color);
    set_pairs(&t->look, o->theme);
    guard(t);
    set_modes(t);
    trm_crash_let_go();
    return t;
}

void trm_terminal_close(trm_terminal *t) {
    if (t == NULL)
        return;
    trm_crash_hold();
    reset_modes(t);
    curs_set(1);
    endwin();
    trm_crash_release();
    trm_crash_let_go();
    delscreen(t->screen);
    close_output(t);
    free(t->front);
    free(t);
}

const trm_look *trm_terminal_look(const trm_terminal *t) {
    return &t->look;
}

void trm_terminal_measure(trm_terminal *t, int32_t *rows, int32_t *cols) {
    (void)t;
    struct winsize w;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 0 && w.ws_col > 0 &&
        (w.ws_row != LINES || w.ws_col != COLS))
        resizeterm(w.ws_row, w.ws_col);
    *rows = LINES > 0 ? LINES : 1;
    *cols = COLS > 0 ? COLS : 1;
}

// Something has come within so many milliseconds.
static bool typed(int wait) {
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&in, 1, wait) > 0;
}

uint32_t trm_terminal_key(trm_terminal *t, int32_t *y, int32_t *x) {
    const double now = trm_clock_now();
    *y = *x = 0;
    for (;;) {
        while (t->at < t->got) {
            const uint32_t key = trm_input_byte(&t->input, t->read[t->at], now);
            t->at += !t->input.again;
            *y = t->input.y;
            *x = t->input.x;
            if (key != TRM_KEY_NONE)
                return key;
        }
        const bool wonders = trm_input_wonders(&t->input);
        if (!typed(wonders ? ESC_DELAY : 0))
            return wonders ? trm_input_idle(&t->input) : (uint32_t)TRM_KEY_NONE;
        const ssize_t n = read(STDIN_FILENO, t->read, sizeof t->read);
        if (n <= 0)
            return TRM_KEY_NONE;
        t->at = 0;
        t->got = (int32_t)n;
    }
}

bool trm_terminal_has_keys(const trm_terminal *t) {
    return t->at < t->got;
}

static attr_t attributes(uint8_t attr) {
    attr_t a = A_NORMAL;
    if (attr & TRM_ATTR_BOLD)
        a |= A_BOLD;
    if (attr & TRM_ATTR_DIM)
        a |= A_DIM;
    if (attr & TRM_ATTR_REVERSE)
        a |= A_REVERSE;
    if (attr & TRM_ATTR_UNDERLINE)
        a |= A_UNDERLINE;
    return a;
}

static void put_cell(const trm_terminal *t, int32_t y, int32_t x, const trm_canvas_cell *cell) {
    if (cell->ch == 0)
        return;
    const wchar_t text[2] = {(wchar_t)cell->ch, 0};
    int pair = pair_of(&t->look, cell->fg, cell->bg);
    cchar_t c;
    setcchar(&c, text, attributes(cell->attr), 0, &pair);
    mvadd_wch(y, x, &c);
}

static void fit_front(trm_terminal *t, const trm_canvas *c) {
    free(t->front);
    t->front = trm_alloc((size_t)c->rows * (size_t)c->cols, sizeof *t->front);
    t->rows = c->rows;
    t->cols = c->cols;
    erase();
}

// Curses hands on its bytes at every move of the cursor. They are brought together, so that a frame
// is one write, and wakes who reads it once.
static bool begin_frame(const trm_terminal *t) {
    return t->frame >= 0 && lseek(t->frame, 0, SEEK_SET) == 0 &&
           dup2(t->frame, fileno(t->out)) >= 0;
}

static void end_frame(const trm_terminal *t) {
    char bytes[1 << 14];
    const off_t size = lseek(t->frame, 0, SEEK_CUR);
    dup2(STDOUT_FILENO, fileno(t->out));
    ssize_t n;
    for (off_t at = 0; at < size; at += n) {
        const size_t left = (size_t)(size - at);
        n = pread(t->frame, bytes, left < sizeof bytes ? left : sizeof bytes, at);
        if (n <= 0)
            return;
        write_all(STDOUT_FILENO, bytes, (size_t)n);
    }
}

void trm_terminal_show(trm_terminal *t, const trm_canvas *c, bool whole) {
    bool changed = whole;
    if (t->front == NULL || t->rows != c->rows || t->cols != c->cols)
        fit_front(t, c);
    for (int32_t y = 0; y < c->rows; y++)
        for (int32_t x = 0; x < c->cols; x++) {
            const size_t i = (size_t)y * (size_t)c->cols + (size_t)x;
            if (memcmp(&t->front[i], &c->cells[i], sizeof *t->front) == 0)
                continue;
            t->front[i] = c->cells[i];
            put_cell(t, y, x, &c->cells[i]);
            changed = true;
        }
    if (!changed)
        return;
    if (whole)
        clearok(curscr, TRUE);
    const bool gathered = begin_frame(t);
    // DEC private mode 2026, "synchronized output": a terminal that knows it shows a frame at once
    // and never half of one; the others pass over it.
    say(t, TRM_FRAME_BEGINS);
    wnoutrefresh(stdscr);
    doupdate();
    say(t, TRM_FRAME_ENDS);
    if (gathered)
        end_frame(t);
}

void trm_terminal_copy(trm_terminal *t, const char *text, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = (const uint8_t *)text;
    char out[4];
    say(t, "\033]52;c;");
    for (size_t i = 0; i < size && t->ansi; i += 3) {
        const size_t n = size - i < 3 ? size - i : 3;
        const uint32_t bits = (uint32_t)in[i] << 16 | (n > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
                              (n > 2 ? in[i + 2] : 0u);
        for (size_t k = 0; k < 4; k++)
            out[k] = k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=';
        write_all(fileno(t->out), out, sizeof out);
    }
    say(t, "\a");
}

void trm_terminal_leave(trm_terminal *t) {
    trm_crash_hold();
    reset_modes(t);
    endwin();
    trm_crash_release();
    trm_crash_let_go();
}

void trm_terminal_enter(trm_terminal *t) {
    trm_crash_hold();
    guard(t);
    reset_prog_mode();
    set_modes(t);
    trm_crash_let_go();
    clearok(curscr, TRUE);
}
