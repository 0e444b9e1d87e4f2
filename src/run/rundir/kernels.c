// SPDX-License-Identifier: Apache-2.0
#include "run/rundir/kernels.h"

#include <stdlib.h>
#include <string.h>

#include "run/rundir/files.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/nn/blas.h"
#include "trm/run/rundir.h"

enum { MOST = 4096 };

// The text of the file, "" if there is none; NULL if it cannot be read. malloc'd.
static char *read_all(const char *path) {
    char *text = NULL;
    size_t size;
    trm_error e;
    if (trm_file_exists(path))
        return trm_file_read(path, MOST, &text, &size, &e) ? text : NULL;
    return trm_alloc(1, 1);
}

// The first whole line that is another than `line`; NULL if there is none. *among: `line` is there.
static const char *other_line(const char *text, const char *line, bool *among) {
    const char *other = NULL;
    *among = false;
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        const bool same =
            strlen(line) == (size_t)(end - text) && strncmp(text, line, (size_t)(end - text)) == 0;
        *among |= same;
        other = same || other ? other : text;
    }
    return other;
}

bool trm_kernels_add(const char *dir, bool sync, trm_error *e) {
    char path[RUN_PATH], mine[TRM_BLAS_NAME], whole[MOST];
    bool among, ok = true;
    if (!trm_files_join(path, dir, RUN_KERNELS, e))
        return false;
    char *text = read_all(path);
    if (!text)
        return true;
    other_line(text, trm_blas_describe(mine), &among);
    if (!among && strlen(text) + strlen(mine) + 2 < sizeof whole) {
        size_t size = trm_text_format(whole, sizeof whole, "%s%s\n", text, mine);
        ok = trm_files_replace(path, whole, size, sync, e);
    }
    free(text);
    return ok;
}

bool trm_rundir_kernels_differ(const char *dir, char *out, size_t size) {
    char path[RUN_PATH], mine[TRM_BLAS_NAME];
    bool among;
    char *text = trm_files_join(path, dir, RUN_KERNELS, NULL) ? read_all(path) : NULL;
    const char *other = text ? other_line(text, trm_blas_describe(mine), &among) : NULL;
    if (other) {
        trm_error e;
        trm_error_set(
            &e, TRM_E_IO,
            "part of this run was computed by %.*s, not by %s as here: the last bits may differ",
            (int)strcspn(other, "\n"), other, mine);
        trm_text_copy(out, size, e.message);
    }
    free(text);
    return other != NULL;
}
