// SPDX-License-Identifier: Apache-2.0
// Files that are whole or not there. Thread safe for different paths.
#ifndef TRM_BASE_FILE_H
#define TRM_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "trm/base/api.h"
#include "trm/base/error.h"

TRM_BEGIN_DECLS

// open() for a file that may be anything by now: never waits (for the other end of a pipe), and
// refuses what is no regular file. flags as open()'s, O_CLOEXEC is added; a new file gets mode 0666
// less the umask. -1, with one line naming the path and with errno, where it cannot be opened.
int trm_file_open(const char *path, int flags, trm_error *e);
// The same as a stream, for reading. NULL where it cannot be opened.
FILE *trm_file_stream(const char *path, trm_error *e);

// Reads a whole regular file of at most `limit` bytes; *data is malloc'd, terminated by an extra
// 0 byte that *size does not count. Free with free(). Fails with one line naming the path.
bool trm_file_read(const char *path, size_t limit, char **data, size_t *size, trm_error *e);

// Writes data under a temporary name in the same directory, fsyncs, renames over `path`, fsyncs the
// directory. Either the old file or the new one is there, at any moment.
bool trm_file_write(const char *path, const void *data, size_t size, trm_error *e);

// Makes a name that was just made or renamed last: syncs its directory. A directory that may not be
// read, or a file system that cannot sync one, is no failure. False leaves why in errno.
bool trm_file_sync_name(const char *path);

// Creates a directory and its parents (mode 0777 less the umask); fine if it exists.
bool trm_file_mkdirs(const char *path, trm_error *e);

// True if something of that name is there.
bool trm_file_exists(const char *path);

// True if it is a folder, or a link to one.
bool trm_file_is_folder(const char *path);

// Writes all bytes; false leaves why in errno.
bool trm_file_put(int fd, const char *bytes, size_t size);

// "cannot VERB PATH: what errno says", as TRM_E_IO. Returns false.
bool trm_file_errno(trm_error *e, const char *verb, const char *path);

TRM_END_DECLS

#endif
