// SPDX-License-Identifier: Apache-2.0
#include "trm/base/error.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = sizeof((trm_error *)0)->message };

// Length of the UTF-8 sequence at s (RFC 3629), or 0 where there is no valid one. The terminating
// 0 is never a continuation byte, so nothing past it is read.
static size_t sequence(const unsigned char *s) {
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;
    if (n < 2)
        return n;
    uint32_t c = s[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3fu);
    }
    return c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : n;
}

static bool is_control(const unsigned char *s, size_t n) {
    return n == 1 ? s[0] < 0x20 || s[0] == 0x7f : n == 2 && s[0] == 0xc2 && s[1] < 0xa0;
}

// Replaces what a terminal might act on, in place; the text never grows.
static void clean(char *text) {
    const unsigned char *from = (const unsigned char *)text;
    char *to = text;
    while (*from) {
        size_t n = sequence(from);
        if (!n || is_control(from, n)) {
            *to++ = '?';
            from += n ? n : 1;
        } else {
            memmove(to, from, n);
            to += n;
            from += n;
        }
    }
    *to = '\0';
}

// Drops the first bytes of a sequence whose rest was cut off.
static void drop_half_sequence(char *text) {
    size_t n = strlen(text);
    size_t tail = 0;
    while (tail < 3 && tail < n && ((unsigned char)text[n - 1 - tail] & 0xc0) == 0x80)
        tail++;
    if (tail < n && (unsigned char)text[n - 1 - tail] >= 0xc2 &&
        !sequence((const unsigned char *)text + n - 1 - tail))
        text[n - 1 - tail] = '\0';
}

// Formats into a buffer of its own first: the arguments may point into the message replaced.
__attribute__((format(printf, 2, 0))) static void fill(char out[LONGEST], const char *format,
                                                       va_list args) {
    char text[LONGEST];
    int n = vsnprintf(text, sizeof text, format, args);
    if (n < 0)
        text[0] = '\0';
    else if ((size_t)n >= sizeof text)
        drop_half_sequence(text);
    clean(text);
    memcpy(out, text, strlen(text) + 1);
}

bool trm_error_set(trm_error *e, trm_errc code, const char *format, ...) {
    if (!e)
        return false;
    va_list args;
    va_start(args, format);
    fill(e->message, format, args);
    va_end(args);
    e->code = code;
    return false;
}

bool trm_error_prefix(trm_error *e, const char *format, ...) {
    if (!e)
        return false;
    char prefix[LONGEST];
    va_list args;
    va_start(args, format);
    fill(prefix, format, args);
    va_end(args);
    return trm_error_set(e, e->code, "%s: %s", prefix, e->message);
}
