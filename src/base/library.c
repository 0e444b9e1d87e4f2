// SPDX-License-Identifier: Apache-2.0
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

bool trm_library_load(const char *const *files, const char *what, const trm_library_row *rows,
                      size_t count, void *table, trm_error *e) {
    void *library = NULL;
    for (; *files && !library; files += !library)
        library = dlopen(*files, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return trm_error_set(e, TRM_E_IO, "%s, is not there: %s", what, dlerror());
    for (size_t i = 0; i < count; i++) {
        void *symbol = dlsym(library, rows[i].name);
        if (!symbol)
            return trm_error_set(e, TRM_E_IO, "%s is too old: it has no %s", *files, rows[i].name);
        memcpy((char *)table + rows[i].offset, &symbol, sizeof symbol);
    }
    return true;
}
