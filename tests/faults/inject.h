// SPDX-License-Identifier: Apache-2.0
// What inject.c and the test that loads it agree on.
#ifndef TRM_TESTS_INJECT_H
#define TRM_TESTS_INJECT_H

enum {
    INJECT_MALLOC, // calloc, realloc and aligned_alloc, too
    INJECT_WRITE,  // not to standard output or error
    INJECT_FSYNC,
    INJECT_RENAME,
    INJECT_OPEN,
    INJECT_MMAP,
    INJECT_THREAD,
    INJECT_PPOLL,
    INJECT_READ, // not from standard input
    INJECT_STAT,
    INJECT_UNLINK,
    INJECT_MKDIR,
    INJECT_TRUNCATE,
    INJECT_CLOSE,
    INJECT_KINDS
};

#define INJECT_NAMES                                                                               \
    {                                                                                              \
        "malloc", "write", "fsync", "rename", "open", "mmap", "pthread_create", "ppoll", "read",   \
            "stat", "unlink", "mkdir", "ftruncate", "close"                                        \
    }

// A record of the log: "WHAT NUMBER SIZE PATH\tTO\n", then SIZE bytes. WHAT is w (written at offset
// NUMBER), s (fsync), c (opened, made if it was not there), t (and emptied), r (renamed to TO), u
// (unlinked), d (mkdir), f (cut to NUMBER), S (syncfs).
enum { INJECT_HEAD = 16384 };

#endif
