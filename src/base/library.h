// SPDX-License-Identifier: Apache-2.0
// Functions of a shared library that is loaded when it is first needed and not at every start: some
// bring many others with them. A table of them is declared by X-macro:
//
//   typedef struct { TRM_LIBRARY_MEMBER(zip_fread) … } functions;
//   static const trm_library_row rows[] = { TRM_LIBRARY_ROW(functions, zip_fread) … };
#ifndef TRM_BASE_LIBRARY_H
#define TRM_BASE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "trm/base/error.h"

typedef struct trm_library_row {
    const char *name;
    size_t offset; // in the table
} trm_library_row;

#define TRM_LIBRARY_MEMBER(name)    __typeof__(name) *name;
#define TRM_LIBRARY_ROW(type, name) {#name, offsetof(type, name)},

// The file name of version `major` of a library here: libNAME.so.MAJOR, libNAME.MAJOR.dylib.
#ifdef __APPLE__
#define TRM_LIBRARY_FILE(name, major) "lib" name "." major ".dylib"
#else
#define TRM_LIBRARY_FILE(name, major) "lib" name ".so." major
#endif

// Fills the table from the first of the files (NULL ends them) that is there. False with one line
// where none is; what: "cairo, which draws the pictures". It stays until the process ends.
bool trm_library_load(const char *const *files, const char *what, const trm_library_row *rows,
                      size_t count, void *table, trm_error *e);

#endif
