// SPDX-License-Identifier: Apache-2.0
#include "plot/cairo.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#ifdef __APPLE__
static const char LIBRARY[] = "libcairo.2.dylib";
#else
static const char LIBRARY[] = "libcairo.so.2";
#endif

static const struct {
    const char *name;
    size_t offset; // in trm_cairo_functions
} functions[] = {
#define CAIRO_ROW(name) {"cairo_" #name, offsetof(trm_cairo_functions, name)},
    CAIRO_FUNCTIONS(CAIRO_ROW)
#undef CAIRO_ROW
};

bool trm_cairo_functions_load(trm_cairo_functions *f, trm_error *e) {
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return trm_error_set(e, TRM_E_IO, "cairo, which draws the pictures, is not there: %s",
                             dlerror());
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *symbol = dlsym(library, functions[i].name);
        if (symbol == NULL)
            return trm_error_set(e, TRM_E_IO, "%s is too old: it has no %s", LIBRARY,
                                 functions[i].name);
        memcpy((char *)f + functions[i].offset, &symbol, sizeof symbol);
    }
    return true;
}
