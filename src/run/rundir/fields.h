// SPDX-License-Identifier: Apache-2.0
// The fields of what a run records, a table for each kind of record: a line of metrics.jsonl and
// one of episodes.jsonl, each for an episode or an epoch, and result.json. Writers, readers, the
// columns of trm/run/metrics.h and the documentation all come from these rows. A new field is one
// new row.
#ifndef RUN_FIELDS_H
#define RUN_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "run/json.h"
#include "trm/base/error.h"
#include "trm/run/metrics.h"
#include "trm/train/learner.h"
#include "trm/train/supervised.h"

typedef enum trm_field_type {
    FIELD_I64, // whole numbers
    FIELD_I32,
    FIELD_BOOL, // 0 or 1
    FIELD_F32,  // as few digits as read back to the same float
    FIELD_WIDE, // a float with the digits of a double
    FIELD_F64,
    FIELD_MICROS, // a double, rounded to millionths
    FIELD_OWN     // of a form of its own: written and read elsewhere
} trm_field_type;

typedef struct trm_run_field {
    const char *name;
    trm_field_type type;
    size_t offset;      // in the record's struct
    double least, most; // what a reader takes
    bool loose;         // what a reader may miss; of a column it is NaN then
    int metric;         // trm_metric + 1; 0: no column
    const char *unit;   // NULL: none
    const char *doc;
} trm_run_field;

typedef struct trm_run_fields {
    const char *file, *record; // "metrics.jsonl", "an episode"
    const trm_run_field *items;
    int32_t count;
} trm_run_fields;

// Records as structs, where there is no other.
typedef struct trm_run_episode_line {
    trm_episode episode;
    double seconds;
    float loss, entropy, grad_norm, lr; // of the update
} trm_run_episode_line;

typedef struct trm_run_epoch_line {
    trm_epoch epoch;
    double seconds;
} trm_run_epoch_line;

typedef struct trm_run_result { // after learning in an environment
    int64_t episodes;
    float success50, mean50;
    int32_t window;
    double seconds, steps_per_second;
    int64_t parameters;
} trm_run_result;

typedef struct trm_run_answers_result { // after learning from a data set
    int64_t epochs;
    trm_score test;
    double seconds;
    int64_t parameters;
} trm_run_answers_result;

extern const trm_run_fields trm_fields_of_episode, // trm_run_episode_line
    trm_fields_of_epoch,                           // trm_run_epoch_line
    trm_fields_of_moment,                          // trm_moment
    trm_fields_of_epoch_moment,                    // trm_moment
    trm_fields_of_result,                          // trm_run_result
    trm_fields_of_answers_result;                  // trm_run_answers_result

// Appends "name":value for each field but those of a form of their own, with commas between.
void trm_fields_print(const trm_run_fields *f, const void *record, trm_json_buffer *out);
// The same as an object on lines of its own, for people.
void trm_fields_print_lines(const trm_run_fields *f, const void *record, trm_json_buffer *out);

// A field's number; NaN for one of a form of its own.
double trm_fields_value(const trm_run_field *f, const void *record);

// Reads one field of the object; false with *e (may be NULL) saying what was expected if it is not
// there or not in its range. Loose ones stay as they are.
bool trm_fields_read(const trm_run_field *f, const cJSON *root, void *record, trm_error *e);
// All of them.
bool trm_fields_read_all(const trm_run_fields *f, const cJSON *root, void *record, trm_error *e);

#endif
