// SPDX-License-Identifier: Apache-2.0
// TensorBoard's event files: records of TFRecord (length, its sum, bytes, their sum) that each hold
// an Event of event.proto.
#include "trm/run/export.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/crc.h"
#include "run/event.pb-c.h" // of the build
#include "run/json.h"
#include "run/rundir/fields.h"
#include "run/rundir/files.h"
#include "run/rundir/metrics.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/run/config.h"

// When a line was written.
typedef struct line_time {
    int64_t number;
    double seconds;
} line_time;

struct trm_event_file {
    char path[RUN_PATH];
    int fd;
    bool supervised;
    trm_metrics_tail *tail;
    double start;     // Unix time at which the run's seconds began
    line_time *times; // [count] by number
    int32_t count, capacity;
    trm_json_buffer records; // not yet written
    trm_error error;         // of the first writing that failed
};

// ---- records ------------------------------------------------------------------------------------

static uint32_t masked_sum(const void *bytes, size_t size) {
    const uint32_t crc = trm_crc(TRM_CRC32C, bytes, size);
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

static void put_little(trm_json_buffer *out, uint64_t x, int size) {
    unsigned char b[8];
    for (int i = 0; i < size; i++)
        b[i] = (unsigned char)(x >> (8 * i));
    trm_json_append_bytes(out, b, (size_t)size);
}

// protobuf-c packs straight into the records.
typedef struct sink {
    ProtobufCBuffer base;
    trm_json_buffer *records;
} sink;

static void sink_append(ProtobufCBuffer *base, size_t size, const uint8_t *bytes) {
    trm_json_append_bytes(((sink *)base)->records, bytes, size);
}

static void add_event(trm_event_file *f, const Trm__Event *event) {
    trm_json_buffer *out = &f->records;
    sink packed = {{sink_append}, out};
    const size_t length = out->size;
    put_little(out, trm__event__get_packed_size(event), 8);
    put_little(out, masked_sum(out->data + length, 8), 4);
    const size_t body = out->size;
    trm__event__pack_to_buffer(event, &packed.base);
    put_little(out, masked_sum(out->data + body, out->size - body), 4);
}

static void add_version(trm_event_file *f) {
    char version[] = "brain.Event:2";
    Trm__Event event = TRM__EVENT__INIT;
    event.wall_time = f->start;
    event.what_case = TRM__EVENT__WHAT_FILE_VERSION;
    event.file_version = version;
    add_event(f, &event);
}

static void add_value(trm_event_file *f, double seconds, int64_t step, const char *tag,
                      Trm__Summary__Value *value) {
    char name[64]; // what protobuf-c has for strings is not const
    Trm__Summary summary = TRM__SUMMARY__INIT;
    Trm__Event event = TRM__EVENT__INIT;
    trm_text_copy(name, sizeof name, tag);
    value->tag = name;
    summary.n_value = 1;
    summary.value = &value;
    event.wall_time = f->start + seconds;
    event.step = step;
    event.what_case = TRM__EVENT__WHAT_SUMMARY;
    event.summary = &summary;
    add_event(f, &event);
}

static void flush(trm_event_file *f) {
    if (f->error.code == TRM_OK && !trm_file_put(f->fd, f->records.data, f->records.size))
        trm_file_errno(&f->error, "write", f->path);
    f->records.size = 0;
}

// A run that was cut back begins again at a smaller number.
static void keep_time(trm_event_file *f, const trm_metrics_entry *x) {
    while (f->count > 0 && f->times[f->count - 1].number >= x->number)
        f->count--;
    f->times = trm_grow(f->times, f->count, &f->capacity, sizeof *f->times);
    f->times[f->count++] = (line_time){x->number, x->seconds};
}

static double seconds_of(const trm_event_file *f, int64_t number) {
    int32_t low = 0, high = f->count; // the last line not after it is low - 1
    while (low < high) {
        const int32_t middle = low + (high - low) / 2;
        if (f->times[middle].number <= number)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? f->times[low - 1].seconds : 0;
}

// Every number of a line but the one that is counted by.
static void add_line(void *ctx, const trm_metrics_entry *x) {
    enum { GATHERED = 1 << 18 };
    trm_event_file *f = ctx;
    const trm_run_fields *fields = f->supervised ? &trm_fields_of_epoch : &trm_fields_of_episode;
    const void *line = f->supervised ? (const void *)&x->epoch : &x->episode;
    keep_time(f, x);
    for (int32_t i = 1; i < fields->count; i++) {
        const double value = trm_fields_value(&fields->items[i], line);
        if (!isfinite(value))
            continue;
        Trm__Summary__Value v;
        trm__summary__value__init(&v);
        v.value_case = TRM__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
        v.simple_value = (float)value;
        add_value(f, x->seconds, x->number, fields->items[i].name, &v);
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

bool trm_event_file_possible(trm_error *e) {
    (void)e;
    return true;
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

// Writes what is gathered; false from the first failure on.
static bool conclude(trm_event_file *f, trm_error *e) {
    if (f->records.size > 0)
        flush(f);
    return f->error.code == TRM_OK || trm_error_set(e, f->error.code, "%s", f->error.message);
}

bool trm_event_file_renew(trm_event_file *f, trm_error *e) {
    trm_metrics_change change;
    trm_error ignored; // there may be no metrics yet
    trm_metrics_tail_read(f->tail, &change, add_line, f, &ignored);
    return conclude(f, e);
}

int64_t trm_event_file_number(const trm_event_file *f) {
    return f->count > 0 ? f->times[f->count - 1].number : -1;
}

bool trm_event_file_picture(trm_event_file *f, const trm_event_picture *p, trm_error *e) {
    enum { RGB = 3 };
    Trm__Summary__Image image = TRM__SUMMARY__IMAGE__INIT;
    Trm__Summary__Value v;
    image.width = p->width;
    image.height = p->height;
    image.colorspace = RGB;
    image.encoded_image_string = (ProtobufCBinaryData){p->size, p->png};
    trm__summary__value__init(&v);
    v.value_case = TRM__SUMMARY__VALUE__VALUE_IMAGE;
    v.image = &image;
    add_value(f, seconds_of(f, p->number), p->number, p->tag, &v);
    return conclude(f, e);
}

void trm_event_file_close(trm_event_file *f) {
    if (f == NULL)
        return;
    if (f->fd >= 0)
        close(f->fd);
    trm_metrics_tail_free(f->tail);
    free(f->records.data);
    free(f->times);
    free(f);
}

const char *trm_event_file_path(const trm_event_file *f) {
    return f->path;
}
