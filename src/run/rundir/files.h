// SPDX-License-Identifier: Apache-2.0
// The files of a run directory: their names, paths and plain errors.
#ifndef RUN_FILES_H
#define RUN_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trm/base/error.h"
#include "trm/base/file.h"

enum { RUN_PATH = 4096 };

#define RUN_CONFIG     "config.json"
#define RUN_METRICS    "metrics.jsonl"
#define RUN_EPISODES   "episodes.jsonl"
#define RUN_WEIGHTS    "weights" // a folder
#define RUN_CHECKPOINT "checkpoint.safetensors"
#define RUN_RESULT     "result.json"
#define RUN_KERNELS    "kernels.txt"
#define RUN_LOCK       "lock"
#define RUN_REQUEST    "checkpoint.request" // somebody asks for a checkpoint now

// out = dir/name. Fails if that does not fit.
bool trm_files_join(char out[RUN_PATH], const char *dir, const char *name, trm_error *e);

// True if the directory holds nothing, a lock and half-written files left behind not counted. False
// if it cannot be read.
bool trm_files_is_vacant(const char *path);

// Removes what a writer that was killed left half written. Only while holding the run's lock.
void trm_files_remove_leftovers(const char *dir);

// Removes a run's own files and then the directory, which stays if it holds anything else.
bool trm_files_remove_run(const char *dir);

// Puts bytes under a name: at any moment the old file or the new one is there. After a loss of
// power that holds only with `sync`; without, the name may stand there with some of its bytes or
// none.
bool trm_files_replace(const char *path, const void *bytes, size_t size, bool sync, trm_error *e);

// Makes a file's bytes durable, or the names that were made, renamed or removed in a folder.
bool trm_files_sync(const char *path, trm_error *e);

// All that was written to the file system that the folder is on, which takes a fraction of the time
// of many files one by one. False where that cannot be had.
bool trm_files_sync_all(const char *folder);

// Copies a file, durably; `to` must not exist. A file that is not there is passed over.
bool trm_files_copy(const char *from, const char *to, trm_error *e);

// Copies a folder of files that never change once they have their names, as links where those can
// be had. Passes over the folder if it is not there, and what is in it that is no file.
bool trm_files_copy_folder(const char *from, const char *to, trm_error *e);

// Cuts a file of lines to its last whole one. *dropped: bytes that went. fd is open for both.
bool trm_files_cut_partial_line(int fd, const char *path, int64_t *dropped, trm_error *e);

// The same for a path; fine if nothing is there.
bool trm_files_trim(const char *path, trm_error *e);

#endif
