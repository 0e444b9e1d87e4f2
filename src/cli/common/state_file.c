// SPDX-License-Identifier: Apache-2.0
#include "cli/common/state_file.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/json.h"
#include "trm/base/arena.h"

enum { READ_AT_ONCE = 65536, FILE_MAX = 64 << 20 };

// Reads to the end of the stream; the file may be a pipe. *text is malloc'd.
static bool read_stream(FILE *in, const char *name, char **text, size_t *size, trm_error *e) {
    size_t capacity = READ_AT_ONCE;
    size_t used = 0;
    char *bytes = malloc(capacity);
    while (bytes != NULL) {
        used += fread(bytes + used, 1, capacity - used, in);
        if (used < capacity)
            break;
        if (capacity >= FILE_MAX) {
            free(bytes);
            return trm_error_set(e, TRM_E_INPUT,
                                 "%s: more than %d MiB: a file of states is smaller", name,
                                 FILE_MAX >> 20);
        }
        capacity *= 2;
        char *larger = realloc(bytes, capacity);
        if (larger == NULL)
            free(bytes);
        bytes = larger;
    }
    if (bytes == NULL)
        return trm_error_set(e, TRM_E_IO, "%s: out of memory", name);
    if (ferror(in)) {
        free(bytes);
        return trm_error_set(e, TRM_E_IO, "%s: %s", name, strerror(errno));
    }
    *text = bytes;
    *size = used;
    return true;
}

static bool refuse_syntax(const char *name, const char *text, const char *at, trm_error *e) {
    int line = 1;
    const char *start = text;
    for (const char *c = text; c < at; c++) {
        if (*c == '\n') {
            line++;
            start = c + 1;
        }
    }
    return trm_error_set(e, TRM_E_INPUT, "%s:%d:%d: this is not JSON", name, line,
                         (int)(at - start) + 1);
}

// One observation; `where` says which of several, "" if there is one.
static bool read_row(const char *name, const char *where, const cJSON *row, int32_t dim,
                     float *state, trm_error *e) {
    int32_t n = 0;
    for (const cJSON *x = row->child; x != NULL; x = x->next, n++) {
        if (!cJSON_IsNumber(x)) {
            return trm_error_set(e, TRM_E_INPUT, "%s: %sitem %d is not a number", name, where,
                                 n + 1);
        }
        float value = (float)x->valuedouble;
        if (!isfinite(value))
            return trm_error_set(e, TRM_E_INPUT, "%s: %sitem %d is too large for a 32-bit float",
                                 name, where, n + 1);
        if (n < dim)
            state[n] = value;
    }
    if (n != dim) {
        return trm_error_set(e, TRM_E_INPUT, "%s: %s%d numbers, the model takes %d", name, where, n,
                             dim);
    }
    return true;
}

static bool read_rows(const char *name, const cJSON *root, int32_t dim, float *states,
                      trm_error *e) {
    size_t r = 0;
    for (const cJSON *row = root->child; row != NULL; row = row->next, r++) {
        char where[32];
        snprintf(where, sizeof where, "state %zu: ", r + 1);
        if (!cJSON_IsArray(row)) {
            return trm_error_set(e, TRM_E_INPUT, "%s: %sthis is not an array of numbers", name,
                                 where);
        }
        if (!read_row(name, where, row, dim, states + r * (size_t)dim, e))
            return false;
    }
    return true;
}

static bool read_root(const char *name, const cJSON *root, int32_t dim, float **states,
                      size_t *count, trm_error *e) {
    if (!cJSON_IsArray(root)) {
        return trm_error_set(e, TRM_E_INPUT,
                             "%s: expected an array of %d numbers, or an array of such arrays",
                             name, dim);
    }
    bool many = cJSON_IsArray(root->child);
    *count = many ? (size_t)cJSON_GetArraySize(root) : 1;
    *states = trm_alloc(*count * (size_t)dim, sizeof **states);
    bool ok =
        many ? read_rows(name, root, dim, *states, e) : read_row(name, "", root, dim, *states, e);
    if (!ok) {
        free(*states);
        *states = NULL;
    }
    return ok;
}

bool trm_state_file_parse(const char *name, const char *text, size_t size, int32_t dim,
                          float **states, size_t *count, trm_error *e) {
    const char *end = text;
    cJSON *root = trm_json_parse(text, size, &end, false);
    if (root == NULL)
        return refuse_syntax(name, text, end, e);
    while (end < text + size && strchr(" \t\r\n", *end) != NULL && *end != '\0')
        end++;
    bool ok = end == text + size ? read_root(name, root, dim, states, count, e)
                                 : refuse_syntax(name, text, end, e);
    cJSON_Delete(root);
    return ok;
}

bool trm_state_file_read(const char *path, int32_t dim, float **states, size_t *count,
                         trm_error *e) {
    bool standard = strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    FILE *in = standard ? stdin : fopen(path, "re");
    if (in == NULL)
        return trm_error_set(e, TRM_E_IO, "%s: %s", name, strerror(errno));
    char *text = NULL;
    size_t size = 0;
    bool ok = read_stream(in, name, &text, &size, e);
    if (!standard)
        fclose(in);
    ok = ok && text != NULL && trm_state_file_parse(name, text, size, dim, states, count, e);
    free(text);
    return ok;
}
