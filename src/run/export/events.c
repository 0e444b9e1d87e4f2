// SPDX-License-Identifier: Apache-2.0
// TensorBoard's event files: records of TFRecord (length, its sum, bytes, their sum) that each hold
// an Event in the form of protocol buffers. Of those messages five fields are written, for which no
// library is needed:
//   Event: 1 wall_time (double), 2 step (varint), 3 file_version (text), 5 summary
//   Summary: 1 value;  Value: 1 tag (text), 2 simple_value (float)
#include "trm/run/export.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/crc.h"
#include "run/json.h"
#include "run/rundir/fields.h"
#include "run/rundir/files.h"
#include "run/rundir/metrics.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/run/config.h"

struct trm_event_file {
    char path[RUN_PATH];
    int fd;
    bool supervised;
    trm_metrics_tail *tail;
    double start;            // Unix time at which the run's seconds began
    trm_json_buffer records; // not yet written
    trm_error error;         // of the first writing that failed
};

// ---- protocol buffers ---------------------------------------------------------------------------

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

// A message in the making: none here is longer.
typedef struct message {
    unsigned char bytes[512];
    size_t size;
} message;

static void put_bytes(message *m, const void *bytes, size_t size) {
    if (m->size + size > sizeof m->bytes)
        return;
    memcpy(m->bytes + m->size, bytes, size);
    m->size += size;
}

static void put_little(message *m, uint64_t x, int size) {
    unsigned char b[8];
    for (int i = 0; i < size; i++)
        b[i] = (unsigned char)(x >> (8 * i));
    put_bytes(m, b, (size_t)size);
}

static void put_varint(message *m, uint64_t x) {
    for (; x >= 0x80; x >>= 7)
        put_little(m, (x & 0x7F) | 0x80, 1);
    put_little(m, x, 1);
}

static void put_key(message *m, int field, int type) {
    put_varint(m, (uint64_t)field << 3 | (uint64_t)type);
}

static void put_block(message *m, int field, const void *bytes, size_t size) {
    put_key(m, field, BYTES);
    put_varint(m, size);
    put_bytes(m, bytes, size);
}

static void put_double(message *m, int field, double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    put_key(m, field, FIXED64);
    put_little(m, bits, 8);
}

static void put_float(message *m, int field, float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    put_key(m, field, FIXED32);
    put_little(m, bits, 4);
}

// ---- records ------------------------------------------------------------------------------------

static uint32_t masked_sum(const void *bytes, size_t size) {
    const uint32_t crc = trm_crc(TRM_CRC32C, bytes, size);
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

static void add_record(trm_event_file *f, const message *m) {
    message frame = {.size = 0};
    put_little(&frame, m->size, 8);
    put_little(&frame, masked_sum(frame.bytes, 8), 4);
    trm_json_append_bytes(&f->records, frame.bytes, frame.size);
    trm_json_append_bytes(&f->records, m->bytes, m->size);
    frame.size = 0;
    put_little(&frame, masked_sum(m->bytes, m->size), 4);
    trm_json_append_bytes(&f->records, frame.bytes, frame.size);
}

static void add_version(trm_event_file *f) {
    static const char version[] = "brain.Event:2";
    message m = {.size = 0};
    put_double(&m, 1, f->start);
    put_block(&m, 3, version, sizeof version - 1);
    add_record(f, &m);
}

static void add_scalar(trm_event_file *f, double time, int64_t step, const char *tag, float value) {
    message v = {.size = 0}, summary = {.size = 0}, event = {.size = 0};
    put_block(&v, 1, tag, strlen(tag));
    put_float(&v, 2, value);
    put_block(&summary, 1, v.bytes, v.size);
    put_double(&event, 1, time);
    put_key(&event, 2, VARINT);
    put_varint(&event, (uint64_t)step);
    put_block(&event, 5, summary.bytes, summary.size);
    add_record(f, &event);
}

static void flush(trm_event_file *f) {
    if (f->error.code == TRM_OK && !trm_file_put(f->fd, f->records.data, f->records.size))
        trm_file_errno(&f->error, "write", f->path);
    f->records.size = 0;
}

// Every number of a line but the one that is counted by.
static void add_line(void *ctx, const trm_metrics_entry *x) {
    enum { GATHERED = 1 << 18 };
    trm_event_file *f = ctx;
    const trm_run_fields *fields = f->supervised ? &trm_fields_of_epoch : &trm_fields_of_episode;
    const void *line = f->supervised ? (const void *)&x->epoch : &x->episode;
    for (int32_t i = 1; i < fields->count; i++) {
        const double value = trm_fields_value(&fields->items[i], line);
        if (isfinite(value))
            add_scalar(f, f->start + x->seconds, x->number, fields->items[i].name, (float)value);
    }
    if (f->records.size > GATHERED)
        flush(f);
}

// ---- the file -----------------------------------------------------------------------------------

// When the run began: its last line was written at the file's time.
static double start_of(const trm_event_file *f, const char *metrics) {
    struct stat st;
    struct timespec now;
    const trm_metrics_entry *x = trm_metrics_tail_last(f->tail);
    clock_gettime(CLOCK_REALTIME, &now);
    if (x == NULL || stat(metrics, &st) != 0)
        return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
    return (double)st.st_mtim.tv_sec + 1e-9 * (double)st.st_mtim.tv_nsec - x->seconds;
}

static bool make_file(trm_event_file *f, const char *folder, trm_error *e) {
    char name[128], host[64] = "localhost";
    gethostname(host, sizeof host - 1);
    trm_text_format(name, sizeof name, "events.out.tfevents.%010lld.%s.%ld", (long long)f->start,
                    host, (long)getpid());
    if (!trm_file_mkdirs(folder, e) || !trm_files_join(f->path, folder, name, e))
        return false;
    f->fd = trm_file_open(f->path, O_WRONLY | O_CREAT | O_EXCL, e);
    return f->fd >= 0;
}

trm_event_file *trm_event_file_open(const char *run, const char *folder, trm_error *e) {
    char metrics[RUN_PATH];
    trm_config c;
    trm_metrics_change change;
    if (!trm_config_load(&c, run, e) || !trm_files_join(metrics, run, RUN_METRICS, e))
        return NULL;
    const trm_unit unit = trm_config_supervised(&c) ? TRM_UNIT_EPOCH : TRM_UNIT_EPISODE;
    trm_event_file *f = trm_alloc(1, sizeof *f);
    f->fd = -1;
    f->supervised = unit == TRM_UNIT_EPOCH;
    f->tail = trm_metrics_tail_new(metrics, unit);
    trm_metrics_tail_read(f->tail, &change, NULL, NULL, NULL); // for the last line's seconds
    f->start = start_of(f, metrics);
    trm_metrics_tail_free(f->tail);
    f->tail = trm_metrics_tail_new(metrics, unit);
    if (!make_file(f, folder, e)) {
        trm_event_file_close(f);
        return NULL;
    }
    add_version(f);
    return f;
}

bool trm_event_file_renew(trm_event_file *f, trm_error *e) {
    trm_metrics_change change;
    trm_error ignored; // there may be no metrics yet
    trm_metrics_tail_read(f->tail, &change, add_line, f, &ignored);
    if (f->records.size > 0)
        flush(f);
    return f->error.code == TRM_OK || trm_error_set(e, f->error.code, "%s", f->error.message);
}

void trm_event_file_close(trm_event_file *f) {
    if (f == NULL)
        return;
    if (f->fd >= 0)
        close(f->fd);
    trm_metrics_tail_free(f->tail);
    free(f->records.data);
    free(f);
}

const char *trm_event_file_path(const trm_event_file *f) {
    return f->path;
}
