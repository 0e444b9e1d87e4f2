// SPDX-License-Identifier: Apache-2.0
#include "env/files/lines.h"

#include <string.h>

static bool begins(const char *text, size_t size, const char *with, size_t n) {
    return size >= n && memcmp(text, with, n) == 0;
}

// Every other byte of the first few is 0: a text of ASCII without a mark.
static bool is_wide(const char *text, size_t size) {
    return size >= 4 && ((!text[0] && text[1] && !text[2] && text[3]) ||
                         (text[0] && !text[1] && text[2] && !text[3]));
}

bool trm_lines_open(trm_lines *l, const char *text, size_t size, trm_error *e) {
    if (begins(text, size, "\xff\xfe", 2) || begins(text, size, "\xfe\xff", 2) ||
        is_wide(text, size))
        return trm_error_set(e, TRM_E_INPUT, "a UTF-16 text, expected UTF-8: save it as UTF-8");
    if (memchr(text, 0, size))
        return trm_error_set(e, TRM_E_INPUT, "not a text: it holds zero bytes");
    const size_t mark = begins(text, size, "\xef\xbb\xbf", 3) ? 3 : 0;
    *l = (trm_lines){.at = text + mark, .end = text + size};
    return true;
}

bool trm_lines_next(trm_lines *l, const char **line, size_t *length) {
    if (l->at == l->end)
        return false;
    const char *stop = l->at;
    while (stop < l->end && *stop != '\n' && *stop != '\r')
        stop++;
    *line = l->at;
    *length = (size_t)(stop - l->at);
    if (stop < l->end)
        stop += l->end - stop > 1 && stop[0] == '\r' && stop[1] == '\n' ? 2 : 1;
    l->at = stop;
    l->number++;
    return true;
}
