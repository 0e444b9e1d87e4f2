// SPDX-License-Identifier: Apache-2.0
#include "trm/base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t trm_text_format(char *out, size_t size, const char *format, ...) {
    if (size == 0)
        return 0;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(out, size, format, args);
    va_end(args);
    if (n < 0) {
        out[0] = '\0';
        return 0;
    }
    return (size_t)n < size ? (size_t)n : size - 1;
}

void trm_text_add(char *out, size_t size, const char *format, ...) {
    const size_t used = strlen(out);
    va_list args;
    va_start(args, format);
    vsnprintf(out + used, size - used, format, args);
    va_end(args);
}

bool trm_text_copy(char *out, size_t size, const char *text) {
    if (size == 0)
        return false;
    size_t n = strnlen(text, size);
    bool fits = n < size;
    n = fits ? n : size - 1;
    memmove(out, text, n);
    out[n] = '\0';
    return fits;
}

// A decimal number taken apart: digits (with at most one point among them) from first to last,
// times 10^exponent.
struct decimal {
    bool negative;
    const char *first, *last; // half-open
    int64_t exponent;         // held at +-1e9, far beyond what any digits here can outweigh
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool take_apart(const char *text, struct decimal *d) {
    const char *p = text;
    d->negative = *p == '-';
    p += *p == '-' || *p == '+';
    d->first = p;
    bool digit = false, point = false;
    for (; is_digit(*p) || (*p == '.' && !point); p++) {
        digit |= *p != '.';
        point |= *p == '.';
    }
    d->last = p;
    d->exponent = 0;
    if (digit && (*p == 'e' || *p == 'E')) {
        p++;
        bool minus = *p == '-';
        p += *p == '-' || *p == '+';
        digit = is_digit(*p);
        for (; is_digit(*p); p++)
            if (d->exponent < 100000000)
                d->exponent = d->exponent * 10 + (*p - '0');
        d->exponent = minus ? -d->exponent : d->exponent;
    }
    return digit && *p == '\0';
}

bool trm_text_to_i64(const char *text, int64_t *out) {
    assert(text && out);
    struct decimal d;
    if (!take_apart(text, &d))
        return false;
    // value * 10^zeros is what has been read; zeros at the end wait until they are needed.
    uint64_t value = 0;
    int64_t zeros = 0, places = 0;
    bool point = false;
    for (const char *p = d.first; p < d.last; p++) {
        if (*p == '.') {
            point = true;
            continue;
        }
        places += point;
        zeros++;
        if (*p == '0')
            continue;
        for (; zeros > 0 && value; zeros--)
            if (__builtin_mul_overflow(value, UINT64_C(10), &value))
                return false;
        zeros = 0;
        if (__builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
            return false;
    }
    zeros += d.exponent - places;
    if (value && zeros < 0)
        return false;
    for (; zeros > 0 && value; zeros--)
        if (__builtin_mul_overflow(value, UINT64_C(10), &value))
            return false;
    if (value > (uint64_t)INT64_MAX + d.negative)
        return false;
    *out = (int64_t)(d.negative ? -value : value);
    return true;
}

bool trm_text_to_f64(const char *text, double *out) {
    assert(text && out);
    struct decimal d;
    if (!take_apart(text, &d))
        return false;
    locale_t c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    locale_t kept = c ? uselocale(c) : (locale_t)0;
    char *end;
    double value = strtod(text, &end);
    if (c) {
        uselocale(kept);
        freelocale(c);
    }
    if (*end || !isfinite(value))
        return false;
    *out = value;
    return true;
}

// Writes a number given as "d.ddde[+-]xx" by printf (whose point is the locale's): positional
// where that is readable, else with an exponent.
static size_t lay_out(char out[32], const char *scientific) {
    char digits[24];
    int n = 0;
    const char *p = scientific;
    bool negative = *p == '-';
    for (; *p && *p != 'e'; p++)
        if (is_digit(*p))
            digits[n++] = *p;
    digits[n] = '\0';
    int exponent = (int)strtol(p + 1, NULL, 10);
    while (n > 1 && digits[n - 1] == '0')
        digits[--n] = '\0';
    const char *sign = negative ? "-" : "";
    if (exponent < -6 || exponent > 16)
        return trm_text_format(out, 32, "%s%c%s%se%d", sign, digits[0], n > 1 ? "." : "",
                               digits + 1, exponent);
    if (exponent < 0)
        return trm_text_format(out, 32, "%s0.%.*s%s", sign, -exponent - 1, "00000", digits);
    if (exponent >= n - 1)
        return trm_text_format(out, 32, "%s%s%.*s", sign, digits, exponent - n + 1,
                               "0000000000000000");
    return trm_text_format(out, 32, "%s%.*s.%s", sign, exponent + 1, digits, digits + exponent + 1);
}

size_t trm_text_from_f32(char out[32], float value) {
    if (!isfinite(value))
        return trm_text_format(out, 32, "null");
    char text[48];
    for (int precision = 0; precision < 9; precision++) {
        trm_text_format(text, sizeof text, "%.*e", precision, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    return lay_out(out, text);
}

size_t trm_text_from_f64(char out[32], double value) {
    if (!isfinite(value))
        return trm_text_format(out, 32, "null");
    char text[48];
    for (int precision = 0; precision < 17; precision++) {
        trm_text_format(text, sizeof text, "%.*e", precision, value);
        if (strtod(text, NULL) == value)
            break;
    }
    return lay_out(out, text);
}

enum { WORD_MAX = 96 };

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int least(int a, int b) {
    return a < b ? a : b;
}

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours, no piece
// edited twice (Damerau 1964; the restricted form). Case is ignored. Three rows of the table, which
// is left once all that follows is more than `most`.
static int distance(const char *a, int n, const char *b, int m, int most) {
    int rows[3][WORD_MAX + 1], smallest = 0;
    for (int j = 0; j <= m; j++)
        rows[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = rows[i % 3];
        const int *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        int above = smallest; // the smallest of the row before
        smallest = now[0] = i;
        for (int j = 1; j <= m; j++) {
            char x = lower(a[i - 1]), y = lower(b[j - 1]);
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower(b[j - 2]) && y == lower(a[i - 2]))
                now[j] = least(now[j], before[j - 2] + 1);
            smallest = least(smallest, now[j]);
        }
        if (smallest > most && above >= most)
            return most + 1;
    }
    return rows[n % 3][m];
}

const char *trm_text_nearest(const char *word, const char *(*name_at)(const void *ctx, size_t i),
                             const void *ctx, size_t n) {
    size_t letters = strnlen(word, WORD_MAX + 1);
    const char *best = NULL;
    int best_distance = WORD_MAX + 1;
    for (size_t i = 0; i < n && letters <= WORD_MAX; i++) {
        const char *name = name_at(ctx, i);
        size_t size = name ? strnlen(name, WORD_MAX + 1) : 0;
        if (size == 0 || size > WORD_MAX)
            continue;
        int longer = (int)(letters > size ? letters : size);
        int apart = (int)(letters > size ? letters - size : size - letters);
        int most = least(best_distance, longer) - 1; // that it may be
        most = least(most, longer < 6 ? 1 : longer / 3);
        if (apart > most)
            continue;
        int d = distance(word, (int)letters, name, (int)size, most);
        if (d <= most) {
            best = name;
            best_distance = d;
        }
    }
    return best;
}

bool trm_text_starts(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

bool trm_text_ends(const char *text, const char *end) {
    const size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

int32_t trm_text_index(trm_text_names *name, const char *word) {
    for (int32_t i = 0; name(i); i++)
        if (strcmp(name(i), word) == 0)
            return i;
    return -1;
}

typedef struct names {
    trm_text_names *name;
} names;

static const char *name_of(const void *ctx, size_t i) {
    return ((const names *)ctx)->name((int32_t)i);
}

const char *trm_text_nearest_of(trm_text_names *name, const char *word) {
    const names all = {name};
    size_t n = 0;
    while (name((int32_t)n))
        n++;
    return trm_text_nearest(word, name_of, &all, n);
}

bool trm_text_unknown(trm_text_names *name, const char *what, const char *word, trm_error *e) {
    const char *near = trm_text_nearest_of(name, word);
    return trm_error_set(e, TRM_E_INPUT, "%s \"%s\"%s%s%s", what, word,
                         near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

char *trm_text_thousands(char out[32], int64_t value) {
    char digits[24];
    size_t n = trm_text_format(digits, sizeof digits, "%" PRIu64,
                               value < 0 ? -(uint64_t)value : (uint64_t)value);
    char *to = out;
    if (value < 0)
        *to++ = '-';
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

char *trm_text_duration(char out[32], double seconds) {
    const double longest = 1e12;
    if (!(seconds > 0)) // not a number, too
        seconds = 0;
    if (seconds > longest)
        seconds = longest;
    int64_t tenths = (int64_t)(seconds * 10 + 0.5);
    int64_t whole = (int64_t)(seconds + 0.5);
    if (tenths < 100)
        trm_text_format(out, 32, "%d.%ds", (int)(tenths / 10), (int)(tenths % 10));
    else if (whole < 60)
        trm_text_format(out, 32, "%ds", (int)whole);
    else if (whole < 3600)
        trm_text_format(out, 32, "%dm %02ds", (int)(whole / 60), (int)(whole % 60));
    else
        trm_text_format(out, 32, "%" PRId64 "h %02dm", whole / 3600, (int)(whole / 60 % 60));
    return out;
}

bool trm_text_among(const char *const *list, const char *word) {
    for (; list && *list; list++)
        if (strcmp(*list, word) == 0)
            return true;
    return false;
}

// ---- UTF-8

static bool continues(unsigned char byte) {
    return (byte & 0xC0) == 0x80;
}

size_t trm_utf8_decode(const char *text, size_t size, uint32_t *ch) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *s = (const unsigned char *)text;
    if (size == 0)
        return 0;
    const size_t n = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (n == 0 || n > size || s[0] > 0xF4)
        return 0;
    uint32_t c = n == 1 ? s[0] : s[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (!continues(s[i]))
            return 0;
        c = c << 6 | (s[i] & 0x3Fu);
    }
    if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return 0;
    if (ch)
        *ch = c;
    return n;
}

uint32_t trm_utf8_next(const char **text) {
    uint32_t ch = 0;
    const char *s = *text;
    if (*s == '\0')
        return 0;
    size_t n = trm_utf8_decode(s, strnlen(s, 4), &ch);
    if (n == 0) { // what would have belonged to it goes with it
        ch = '?';
        for (n = 1; (unsigned char)s[0] >= 0xC2 && n < 4 && continues((unsigned char)s[n]);)
            n++;
    }
    *text += n;
    return ch < 0x20 || (ch >= 0x7F && ch < 0xA0) ? '?' : ch;
}

size_t trm_utf8_put(char out[4], uint32_t ch) {
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    if (ch < 0x80) {
        out[0] = (char)ch;
        return 1;
    }
    const size_t n = ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, ch >>= 6)
        out[i] = (char)(0x80 | (ch & 0x3F));
    out[0] = (char)(lead[n] | ch);
    return n;
}

size_t trm_utf8_check(const char *text, size_t size) {
    size_t i = 0;
    for (size_t n; i < size && (n = trm_utf8_decode(text + i, size - i, NULL)) > 0;)
        i += n;
    return i;
}

size_t trm_utf8_cut(const char *text, size_t at) {
    while (at > 0 && continues((unsigned char)text[at]))
        at--;
    return at;
}

// ---- the locale

static bool says_utf8(const char *name) {
    const char *dot = strrchr(name, '.');
    const char *set = dot ? dot + 1 : name; // "de_DE.UTF-8@euro", and the bare "UTF-8" of macOS
    return strncasecmp(set, "UTF-8", 5) == 0 || strncasecmp(set, "UTF8", 4) == 0;
}

void trm_text_set_locale(void) {
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"}; // the first that is set
    const char *name = NULL;
    for (size_t i = 0; i < sizeof variables / sizeof *variables && !name; i++) {
        name = getenv(variables[i]);
        name = name && *name ? name : NULL;
    }
    const bool found = setlocale(LC_ALL, "") != NULL;
    if (!name || (!found && says_utf8(name)))
        setlocale(LC_CTYPE, "C.UTF-8");
    setlocale(LC_NUMERIC, "C");
}
