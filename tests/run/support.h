// SPDX-License-Identifier: Apache-2.0
// What the tests of this layer share: fixtures and a folder to write in.
#ifndef TESTS_RUN_SUPPORT_H
#define TESTS_RUN_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trm/base/error.h"
#include "trm/run/config.h"

enum { PATH_SIZE = 4096 };

// Folder of this test, made on the first call below $TMPDIR or /tmp. cmocka setup and teardown make
// a fresh one for each test and remove it with everything in it.
int temp_setup(void **state);
int temp_teardown(void **state);

// temp/name, in one of eight buffers taken in turn.
const char *temp_path(const char *name);

const char *fixture_path(const char *name);

// How much less there is to be done of what is repeated many times: 1, or TRM_TESTS_LESS, where
// every instruction is watched.
int32_t less(void);

void write_bytes(const char *path, const void *bytes, size_t size);
void write_text(const char *path, const char *text);

// The file's bytes, terminated; free() them. Fails the test if it cannot be read.
char *read_bytes(const char *path, size_t *size);

// Whole lines of a file.
int64_t count_lines(const char *path);

// The error holds one line with every one of the words (NULL at the end).
void assert_error(const trm_error *e, trm_errc code, ...);

// Never NULL.
typedef struct trm_course trm_course; // trm/train/course.h
trm_course *new_course(const trm_config *c);

#endif
