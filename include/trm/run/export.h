// SPDX-License-Identifier: Apache-2.0
// What a run recorded, for other programs: its metrics as a table, as JSON lines or as
// TensorBoard's event files, and what the model computed in a moment. Numbers read back to the same
// bits. The run may be one that is being written; nothing is written to it.
#ifndef TRM_RUN_EXPORT_H
#define TRM_RUN_EXPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "trm/base/api.h"
#include "trm/base/error.h"

TRM_BEGIN_DECLS

// The metrics to a stream: comma-separated values under a line of names, with nothing where a line
// of the run says nothing; or its lines as they are. What is no line of metrics is left out.
bool trm_export_csv(const char *run, FILE *out, trm_error *e);
bool trm_export_jsonl(const char *run, FILE *out, trm_error *e);

// A TensorBoard event file that grows with a run: a scalar for each number of each line, and the
// pictures that the caller makes. One thread at a time.
typedef struct trm_event_file trm_event_file;

// Whether this build can write them (it has protobuf-c). Where it cannot, opening fails with the
// same line.
bool trm_event_file_possible(trm_error *e);

// Makes the folder, and a new file in it. Free with trm_event_file_close (NULL is fine).
trm_event_file *trm_event_file_open(const char *run, const char *folder, trm_error *e);

// Adds what came since the last call. Where the run was cut back in the meantime, its lines are
// written again: TensorBoard takes the later ones.
bool trm_event_file_renew(trm_event_file *f, trm_error *e);

// The episode or epoch, from 0, of the last line that was added; -1: none.
int64_t trm_event_file_number(const trm_event_file *f);

// Adds a picture of an episode or epoch. Its time is that of the line of this number, or of the
// last one before it.
typedef struct trm_event_picture {
    const char *tag; // "board"; at most 63 bytes
    int64_t number;  // of the episode or epoch, from 0
    unsigned char *png;
    size_t size;           // bytes of it
    int32_t width, height; // pixels
} trm_event_picture;
bool trm_event_file_picture(trm_event_file *f, const trm_event_picture *p, trm_error *e);

void trm_event_file_close(trm_event_file *f);
const char *trm_event_file_path(const trm_event_file *f);

// Everything that a moment's model computed, as arrays in FILE.npz or FILE.safetensors. The moment
// of that episode or epoch, counted from 1, or the last one before it; 0: the newest. Of an
// episode, for each of its T steps: observations [T, S], actions [T], rewards [T], and of the
// model's C cycles h_mid, h and l [T, C, units], logits and probs [T, C, actions], halt [T, C]. Of
// an epoch the same for its N kept samples: inputs [N, S], targets [N, cells], and logits and probs
// [N, C, cells * classes]. What an architecture does not have is left out; *number: which moment it
// is, from 1.
bool trm_export_activations(const char *run, int64_t moment, const char *path, int64_t *number,
                            trm_error *e);

TRM_END_DECLS

#endif
