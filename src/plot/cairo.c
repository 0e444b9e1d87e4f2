// SPDX-License-Identifier: Apache-2.0
#include "plot/cairo.h"

#include "base/library.h"

bool trm_cairo_functions_load(trm_cairo_functions *f, trm_error *e) {
#define CAIRO_ROW(name) {"cairo_" #name, offsetof(trm_cairo_functions, name)},
    static const char *const files[] = {TRM_LIBRARY_FILE("cairo", "2"), NULL};
    static const trm_library_row rows[] = {CAIRO_FUNCTIONS(CAIRO_ROW)};
#undef CAIRO_ROW
    return trm_library_load(files, "cairo, which draws the pictures", rows,
                            sizeof rows / sizeof *rows, f, e);
}
