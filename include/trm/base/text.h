// SPDX-License-Identifier: Apache-2.0
// Small text helpers: bounded formatting, number parsing that says no, nearest names, locale-free
// floats. All are pure and thread safe.
#ifndef TRM_BASE_TEXT_H
#define TRM_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"

TRM_BEGIN_DECLS

// snprintf that always terminates; returns the length written (cut to size - 1), never negative.
size_t trm_text_format(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// The same at the end of the text that is in `out`.
void trm_text_add(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Copies `text` cut to size - 1 bytes; true if it fitted whole.
bool trm_text_copy(char *out, size_t size, const char *text);

// Whole-string parsers: false on anything left over, on overflow, on an empty string. Decimal only;
// "1e3" is accepted as an integer if it is exactly one. Nan and infinity are refused.
bool trm_text_to_i64(const char *text, int64_t *out);
bool trm_text_to_f64(const char *text, double *out);

// Shortest decimal that reads back to the same float / double, '.' as point in every locale.
// Needs 32 bytes. Non-finite values are written as "null". Returns the length. Positional from 1e-6
// to 1e16, else as in "1e-7".
size_t trm_text_from_f32(char out[32], float value);
size_t trm_text_from_f64(char out[32], double value);

// The one of `names` nearest to `word` by edit distance (with transposition), or NULL when nothing
// is near enough to be what was meant (more than a third of the letters of the longer one, at least
// 2, differ; or all of them). Case is ignored.
// name_at(ctx, i) gives name i of n.
const char *trm_text_nearest(const char *word, const char *(*name_at)(const void *ctx, size_t i),
                             const void *ctx, size_t n);

// Names in a row: name i, from 0; NULL past the last.
typedef const char *trm_text_names(int32_t i);

// Which of them the word is, or -1; and the nearest to it, as above.
int32_t trm_text_index(trm_text_names *name, const char *word);
const char *trm_text_nearest_of(trm_text_names *name, const char *word);

// "WHAT \"word\"", and, where a name is near, "; did you mean \"it\"?", as TRM_E_INPUT. Returns
// false.
bool trm_text_unknown(trm_text_names *name, const char *what, const char *word, trm_error *e);

// Does the text begin, or end, with the other?
bool trm_text_starts(const char *text, const char *start);
bool trm_text_ends(const char *text, const char *end);

// Is the word one of the list's, which ends with NULL? A list that is NULL is empty.
bool trm_text_among(const char *const *list, const char *word);

// Sets the process's locale to the user's, but for numbers, which are written the same for
// everyone. Where it is not installed but its name says UTF-8, or where none is named at all,
// characters are UTF-8. Once, before there are threads.
void trm_text_set_locale(void);

// ---- UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF)

// One character off `text`, of which `size` bytes are there. Returns its bytes (1..4), 0 if it is
// not well formed. *ch is its number; NULL where that does not matter.
size_t trm_utf8_decode(const char *text, size_t size, uint32_t *ch);

// One character off the terminated *text, for the screen; advances. 0 at the end, '?' for what is
// not well formed or a control character.
uint32_t trm_utf8_next(const char **text);

// Writes ch, returns the bytes (1..4); no terminator.
size_t trm_utf8_put(char out[4], uint32_t ch);

// Index of the first byte that is not well formed, `size` if all are.
size_t trm_utf8_check(const char *text, size_t size);

// The nearest index not above `at` at which a character begins: where text may be cut.
size_t trm_utf8_cut(const char *text, size_t at);

// "69,038" (groups of three). Needs 32 bytes.
char *trm_text_thousands(char out[32], int64_t value);

// "1m 03s", "2h 05m", "0.4s". Needs 32 bytes.
char *trm_text_duration(char out[32], double seconds);

TRM_END_DECLS

#endif
