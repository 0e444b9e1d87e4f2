// SPDX-License-Identifier: Apache-2.0
// What is taken out of a run has the run's numbers to the bit, in forms that are read here by
// readers of their own.
#include "support.h"

#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cjson/cJSON.h>

#include "base/crc.h"
#ifdef TRM_EVENTS
#include "../support/events.h"
#endif
#include "trm/run/export.h"
#include "trm/run/record.h"
#include "trm/run/safetensors.h"

#define RUN fixture_path("masked-run")

static void sums_are_those_of_the_standards(void **state) {
    (void)state;
    assert_int_equal(trm_crc(TRM_CRC32, "123456789", 9), 0xCBF43926u);
    assert_int_equal(trm_crc(TRM_CRC32C, "123456789", 9), 0xE3069283u);
    assert_int_equal(trm_crc(TRM_CRC32C, "", 0), 0);
}

static char *exported(bool (*table)(const char *, FILE *, trm_error *), const char *run) {
    trm_error e;
    const char *path = temp_path("out");
    FILE *f = fopen(path, "w");
    if (!table(run, f, &e))
        fail_msg("%s", e.message);
    fclose(f);
    return read_bytes(path, &(size_t){0});
}

static char *metrics_of(const char *run) {
    char path[PATH_SIZE + 16];
    snprintf(path, sizeof path, "%s/metrics.jsonl", run);
    return read_bytes(path, &(size_t){0});
}

static void lines_are_as_they_were(void **state) {
    (void)state;
    char *out = exported(trm_export_jsonl, RUN), *in = metrics_of(RUN);
    assert_string_equal(out, in);
    free(out);
    free(in);
}

// Each value of the table is that of the line, under its name; null is nothing.
static void tables_read_back(void **state) {
    (void)state;
    char *csv = exported(trm_export_csv, RUN), *json = metrics_of(RUN);
    char *rest = csv, *lines = json, *names = strdup(strsep(&rest, "\n"));
    int rows = 0;
    for (char *row; (row = strsep(&rest, "\n")) && row[0] != '\0'; rows++) {
        cJSON *line = cJSON_Parse(strsep(&lines, "\n"));
        char *left = strdup(names), *next = left, *name;
        while ((name = strsep(&next, ","))) {
            const char *value = strsep(&row, ",");
            const cJSON *item = cJSON_GetObjectItem(line, name);
            assert_non_null(value);
            assert_non_null(item);
            if (cJSON_IsNull(item))
                assert_string_equal(value, "");
            else
                assert_true(!(strtod(value, NULL) < item->valuedouble) &&
                            !(strtod(value, NULL) > item->valuedouble));
        }
        assert_null(row);
        free(left);
        cJSON_Delete(line);
    }
    assert_int_equal(rows, 16);
    free(names);
    free(csv);
    free(json);
}

// A run with a configuration and nothing else; *path: of its metrics.
static void bare_run(char run[PATH_SIZE], char path[PATH_SIZE + 32]) {
    snprintf(run, PATH_SIZE, "%s", temp_path("run"));
    snprintf(path, PATH_SIZE + 32, "mkdir %.2000s", run);
    assert_int_equal(system(path), 0);
    snprintf(path, PATH_SIZE + 32, "%s/config.json", run);
    write_text(path, "{}");
    snprintf(path, PATH_SIZE + 32, "%s/metrics.jsonl", run);
}

static void what_is_no_line_is_left_out(void **state) {
    (void)state;
    char run[PATH_SIZE], path[PATH_SIZE + 32];
    bare_run(run, path);
    write_text(path, "nonsense\n{\"episode\":0,\"reward\":0.1,\"loss\":null}\n[]\n{\"episode\":1");
    char *csv = exported(trm_export_csv, run);
    assert_string_equal(strchr(csv, '\n') + 1, "0,,,,0.1,,,,,,\n");
    free(csv);
}

// ---- event files --------------------------------------------------------------------------------

static uint64_t little(const unsigned char *b, int size) {
    uint64_t x = 0;
    for (int i = size - 1; i >= 0; i--)
        x = x << 8 | b[i];
    return x;
}

#ifdef TRM_EVENTS
static trm_event_file *open_events(const char *run, const char *folder) {
    trm_error e;
    trm_event_file *f = trm_event_file_open(run, folder, &e);
    if (f == NULL)
        fail_msg("%s", e.message);
    return f;
}

enum { LINES = 64 };

// A run's lines, and what an event file says of them.
typedef struct told {
    cJSON *lines[LINES];
    int events, scalars, pictures;
    double start;
} told;

static void tell_lines(told *t, const char *run) {
    char *json = metrics_of(run), *rest = json;
    for (char *l; (l = strsep(&rest, "\n")) && l[0] != '\0';) {
        cJSON *line = cJSON_Parse(l);
        t->lines[cJSON_GetObjectItem(line, "episode")->valueint] = line;
    }
    free(json);
}

static const unsigned char png[] = "\x89PNG and more";

// The first event is the version; every scalar is that of the line of its step, and of its time.
static void check_event(void *ctx, const Trm__Event *event) {
    told *t = ctx;
    if (t->events++ == 0) {
        assert_int_equal(event->what_case, TRM__EVENT__WHAT_FILE_VERSION);
        assert_string_equal(event->file_version, "brain.Event:2");
        t->start = event->wall_time;
        return;
    }
    assert_int_equal(event->what_case, TRM__EVENT__WHAT_SUMMARY);
    assert_int_equal(event->summary->n_value, 1);
    const cJSON *line = t->lines[event->step];
    const Trm__Summary__Value *v = event->summary->value[0];
    const double seconds = cJSON_GetObjectItem(line, "seconds")->valuedouble;
    assert_float_equal(event->wall_time, t->start + seconds, 0);
    if (v->value_case == TRM__SUMMARY__VALUE__VALUE_IMAGE) {
        assert_string_equal(v->tag, "board");
        assert_int_equal(v->image->width, 12);
        assert_int_equal(v->image->height, 34);
        assert_int_equal(v->image->colorspace, 3);
        assert_int_equal(v->image->encoded_image_string.len, sizeof png);
        assert_memory_equal(v->image->encoded_image_string.data, png, sizeof png);
        t->pictures++;
        return;
    }
    const cJSON *item = cJSON_GetObjectItem(line, v->tag);
    assert_int_equal(v->value_case, TRM__SUMMARY__VALUE__VALUE_SIMPLE_VALUE);
    assert_true(cJSON_IsNumber(item));
    assert_float_equal(v->simple_value, (float)item->valuedouble, 0);
    t->scalars++;
}

static told check_events(const char *path, const char *run) {
    told t = {.events = 0};
    tell_lines(&t, run);
    read_events(path, check_event, &t);
    for (int i = 0; i < LINES; i++)
        cJSON_Delete(t.lines[i]);
    return t;
}

static void event_files_hold_every_number(void **state) {
    (void)state;
    trm_error e;
    trm_event_file *f = open_events(RUN, temp_path("log/deep"));
    assert_int_equal(trm_event_file_number(f), -1);
    assert_true(trm_event_file_renew(f, &e));
    assert_int_equal(trm_event_file_number(f), 15);
    const char *path = trm_event_file_path(f);
    assert_int_equal(check_events(path, RUN).scalars, 16 * 10); // every field but the number
    assert_true(trm_event_file_renew(f, &e));                   // nothing came since
    assert_int_equal(check_events(path, RUN).events, 1 + 16 * 10);
    trm_event_file_close(f);
    assert_null(trm_event_file_open(RUN, "/dev/null/x", &e));
    assert_error(&e, TRM_E_IO, "/dev/null", NULL);
}

static void pictures_have_the_time_of_their_line(void **state) {
    (void)state;
    trm_error e;
    unsigned char bytes[sizeof png];
    memcpy(bytes, png, sizeof png);
    trm_event_file *f = open_events(RUN, temp_path("log"));
    trm_event_picture p = {
        .tag = "board", .png = bytes, .size = sizeof png, .width = 12, .height = 34};
    assert_true(trm_event_file_renew(f, &e));
    for (p.number = 0; p.number < 16; p.number += 5)
        assert_true(trm_event_file_picture(f, &p, &e));
    const told t = check_events(trm_event_file_path(f), RUN);
    assert_int_equal(t.pictures, 4);
    assert_int_equal(t.scalars, 16 * 10);
    trm_event_file_close(f);
}

// Time and step of the last event.
typedef struct moment {
    double wall_time;
    int64_t step;
} moment;

static void see_first(void *ctx, const Trm__Event *event) {
    if (event->what_case == TRM__EVENT__WHAT_FILE_VERSION)
        *(moment *)ctx = (moment){event->wall_time, event->step};
}

static void see_last(void *ctx, const Trm__Event *event) {
    *(moment *)ctx = (moment){event->wall_time, event->step};
}

static double seconds_in(const char *line) {
    cJSON *json = cJSON_ParseWithOpts(line, NULL, false);
    const double seconds = cJSON_GetObjectItem(json, "seconds")->valuedouble;
    cJSON_Delete(json);
    return seconds;
}

// A picture goes by the lines that are there now, not by those that were cut off.
static void pictures_of_a_run_that_was_cut_back(void **state) {
    (void)state;
    char run[PATH_SIZE], path[PATH_SIZE + 32];
    trm_error e;
    moment first = {0}, last = {0};
    unsigned char bytes[sizeof png];
    memcpy(bytes, png, sizeof png);
    bare_run(run, path);
    char *lines = metrics_of(RUN), *second = strchr(lines, '\n') + 1;
    const double seconds = seconds_in(lines);
    write_text(path, lines);
    trm_event_file *f = open_events(run, temp_path("log"));
    trm_event_picture p = {.tag = "board", .number = 4, .png = bytes, .size = sizeof png};
    assert_true(trm_event_file_renew(f, &e));
    *second = '\0';
    write_text(path, lines);
    assert_true(trm_event_file_renew(f, &e));
    assert_int_equal(trm_event_file_number(f), 0);
    assert_true(trm_event_file_picture(f, &p, &e));
    read_events(trm_event_file_path(f), see_first, &first);
    read_events(trm_event_file_path(f), see_last, &last);
    assert_int_equal(last.step, 4);
    assert_float_equal(last.wall_time, first.wall_time + seconds, 0);
    trm_event_file_close(f);
    free(lines);
}

// What cannot be written is said at once and from then on; nothing more is tried.
static void a_full_disk_is_told(void **state) {
    (void)state;
    trm_error e;
    struct rlimit before, limit;
    trm_event_file *f = open_events(RUN, temp_path("log"));
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){1000, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_false(trm_event_file_renew(f, &e));
    assert_error(&e, TRM_E_IO, "events.out.tfevents", NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    unsigned char bytes[] = "x";
    const trm_event_picture p = {.tag = "board", .png = bytes, .size = 1};
    assert_false(trm_event_file_picture(f, &p, &e));
    assert_error(&e, TRM_E_IO, "events.out.tfevents", NULL);
    trm_event_file_close(f);
}
#else
static void without_protobuf_no_event_files(void **state) {
    (void)state;
    trm_error e;
    assert_false(trm_event_file_possible(&e));
    assert_error(&e, TRM_E_INPUT, "no event files", "--csv FILE", NULL);
    assert_null(trm_event_file_open(RUN, temp_path("log"), &e));
    assert_error(&e, TRM_E_INPUT, "no event files", "--csv FILE", NULL);
    trm_event_file_close(NULL);
}
#endif

// ---- activations --------------------------------------------------------------------------------

// An array of an .npz file: its shape as text, and its numbers.
static const char *find_array(const char *bytes, size_t size, const char *name, char shape[64]) {
    char entry[160];
    snprintf(entry, sizeof entry, "%.120s.npy", name);
    const char *at = memmem(bytes, size, entry, strlen(entry));
    assert_non_null(at);
    at += strlen(entry);
    assert_memory_equal(at, "\x93NUMPY\x01", 7);
    const size_t head = (size_t)(unsigned char)at[8] | (size_t)(unsigned char)at[9] << 8;
    assert_int_equal((head + 10) % 64, 0);
    const char *from = memmem(at, head + 10, "'shape': (", 10);
    assert_non_null(from);
    from += 10;
    snprintf(shape, 64, "%.*s", (int)strcspn(from, ")"), from);
    return at + 10 + head;
}

static void arrays_are_the_same_in_both_forms(void **state) {
    (void)state;
    trm_error e;
    trm_safetensors s;
    int64_t number;
    size_t size;
    char shape[64], wanted[64];
    const char *npz = temp_path("a.npz"), *tensors = temp_path("a.safetensors");
    if (!trm_export_activations(RUN, 3, npz, &number, &e) ||
        !trm_export_activations(RUN, 3, tensors, &number, &e) ||
        !trm_safetensors_read(&s, tensors, &e))
        fail_msg("%s", e.message);
    trm_record *r = trm_record_open(RUN, &e);
    const trm_moment *m = trm_record_moment(r, trm_record_at(r, 2));
    assert_int_equal(number, m->number + 1);
    char *bytes = read_bytes(npz, &size);
    assert_true(s.count >= 6);
    for (int32_t i = 0; i < s.count; i++) {
        const trm_tensor *t = &s.tensors[i];
        const size_t n = (size_t)trm_tensor_count(t) * trm_dtype_size(t->dtype);
        const char *array = find_array(bytes, size, t->name, shape);
        assert_memory_equal(array, t->data, n);
        assert_int_equal(t->shape[0], m->episode.length);
        if (t->ndim == 2) {
            snprintf(wanted, sizeof wanted, "%d, %d", (int)t->shape[0], (int)t->shape[1]);
            assert_string_equal(shape, wanted);
        }
    }
    const trm_tensor *actions = trm_safetensors_find(&s, "actions");
    for (int32_t k = 0; k < m->episode.length; k++)
        assert_int_equal(((const int64_t *)actions->data)[k], m->actions[k]);
    // A whole zip archive: as many entries in its directory.
    assert_int_equal(little((const unsigned char *)bytes + size - 22, 4), 0x06054b50);
    assert_int_equal(little((const unsigned char *)bytes + size - 12, 2), s.count);
    free(bytes);
    trm_safetensors_free(&s);
    trm_record_free(r);
    assert_false(trm_export_activations(RUN, 0, temp_path("a.txt"), &number, &e));
    assert_error(&e, TRM_E_INPUT, ".npz or .safetensors", NULL);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, temp_setup, temp_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_those_of_the_standards),
        WITH_FOLDER(lines_are_as_they_were),
        WITH_FOLDER(tables_read_back),
        WITH_FOLDER(what_is_no_line_is_left_out),
#ifdef TRM_EVENTS
        WITH_FOLDER(event_files_hold_every_number),
        WITH_FOLDER(pictures_have_the_time_of_their_line),
        WITH_FOLDER(pictures_of_a_run_that_was_cut_back),
        WITH_FOLDER(a_full_disk_is_told),
#else
        WITH_FOLDER(without_protobuf_no_event_files),
#endif
        WITH_FOLDER(arrays_are_the_same_in_both_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
