// SPDX-License-Identifier: Apache-2.0
// What is taken out of a run has the run's numbers to the bit, in forms that are read here by
// readers of their own.
#include "support.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/crc.h"
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

static void what_is_no_line_is_left_out(void **state) {
    (void)state;
    char run[PATH_SIZE], path[PATH_SIZE + 16];
    snprintf(run, sizeof run, "%s", temp_path("run"));
    snprintf(path, sizeof path, "mkdir %.2000s", run);
    assert_int_equal(system(path), 0);
    snprintf(path, sizeof path, "%s/config.json", run);
    write_text(path, "{}");
    snprintf(path, sizeof path, "%s/metrics.jsonl", run);
    write_text(path, "nonsense\n{\"episode\":0,\"reward\":0.1,\"loss\":null}\n[]\n{\"episode\":1");
    char *csv = exported(trm_export_csv, run);
    assert_string_equal(strchr(csv, '\n') + 1, "0,,,,0.1,,,,,,\n");
    free(csv);
}

// ---- event files --------------------------------------------------------------------------------

typedef struct reader {
    const unsigned char *at, *end;
} reader;

static uint64_t little(const unsigned char *b, int size) {
    uint64_t x = 0;
    for (int i = size - 1; i >= 0; i--)
        x = x << 8 | b[i];
    return x;
}

static uint64_t varint(reader *r) {
    uint64_t x = 0;
    for (int shift = 0;; shift += 7) {
        assert_true(r->at < r->end && shift < 64);
        x |= (uint64_t)(*r->at & 0x7F) << shift;
        if (*r->at++ < 0x80)
            return x;
    }
}

// The next field: its number; what it holds, as an integer or as a block.
static int next_field(reader *r, uint64_t *value, reader *block) {
    const uint64_t key = varint(r);
    const int size = (key & 7) == 1 ? 8 : 4;
    if ((key & 7) == 0) {
        *value = varint(r);
    } else if ((key & 7) == 2) {
        const uint64_t length = varint(r);
        assert_true(length <= (uint64_t)(r->end - r->at));
        *block = (reader){r->at, r->at + length};
        r->at += length;
    } else {
        assert_true((key & 7) == 1 || (key & 7) == 5);
        *value = little(r->at, size);
        r->at += size;
    }
    assert_true(r->at <= r->end);
    return (int)(key >> 3);
}

static uint32_t masked(const unsigned char *b, size_t n) {
    const uint32_t crc = trm_crc(TRM_CRC32C, b, n);
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

// One event: its step, -1 for the version; and the scalar's tag and value.
static int64_t read_event(reader r, char tag[64], float *value) {
    int64_t step = 0;
    uint64_t number = 0;
    reader block = {NULL, NULL}, inner = {NULL, NULL};
    while (r.at < r.end) {
        const int field = next_field(&r, &number, &block);
        if (field == 3) {
            assert_memory_equal(block.at, "brain.Event:2", 13);
            return -1;
        }
        if (field == 2)
            step = (int64_t)number;
        if (field != 5)
            continue;
        assert_int_equal(next_field(&block, &number, &inner), 1);
        assert_int_equal(next_field(&inner, &number, &block), 1);
        snprintf(tag, 64, "%.*s", (int)(block.end - block.at), (const char *)block.at);
        assert_int_equal(next_field(&inner, &number, &block), 2);
        const uint32_t bits = (uint32_t)number;
        memcpy(value, &bits, sizeof *value);
        assert_ptr_equal(inner.at, inner.end);
    }
    return step;
}

// Every scalar is that of the line of its step. Returns how many there are.
static int check_events(const char *path, const char *run) {
    size_t size;
    int scalars = 0;
    char *bytes = read_bytes(path, &size), *json = metrics_of(run), tag[64];
    const unsigned char *b = (const unsigned char *)bytes, *end = b + size;
    cJSON *lines[64] = {NULL};
    char *rest = json;
    for (char *l; (l = strsep(&rest, "\n")) && l[0] != '\0';) {
        cJSON *line = cJSON_Parse(l);
        lines[cJSON_GetObjectItem(line, "episode")->valueint] = line;
    }
    while (b < end) {
        assert_true(end - b >= 16);
        const uint64_t length = little(b, 8);
        float value = 0;
        assert_int_equal(little(b + 8, 4), masked(b, 8));
        assert_true(length <= (uint64_t)(end - b) - 16);
        assert_int_equal(little(b + 12 + length, 4), masked(b + 12, length));
        const int64_t step = read_event((reader){b + 12, b + 12 + length}, tag, &value);
        b += 16 + length;
        if (step < 0)
            continue;
        const cJSON *item = cJSON_GetObjectItem(lines[step], tag);
        assert_true(cJSON_IsNumber(item));
        assert_float_equal(value, (float)item->valuedouble, 0);
        scalars++;
    }
    for (int i = 0; i < 64; i++)
        cJSON_Delete(lines[i]);
    free(bytes);
    free(json);
    return scalars;
}

static void event_files_hold_every_number(void **state) {
    (void)state;
    trm_error e;
    trm_event_file *f = trm_event_file_open(RUN, temp_path("log/deep"), &e);
    if (f == NULL)
        fail_msg("%s", e.message);
    assert_true(trm_event_file_renew(f, &e));
    char *path = strdup(trm_event_file_path(f));
    const int scalars = check_events(path, RUN);
    assert_int_equal(scalars, 16 * 10);       // every field but the episode's number
    assert_true(trm_event_file_renew(f, &e)); // nothing came since
    assert_int_equal(check_events(path, RUN), scalars);
    trm_event_file_close(f);
    free(path);
    assert_null(trm_event_file_open(RUN, "/dev/null/x", &e));
    assert_error(&e, TRM_E_IO, "/dev/null", NULL);
}

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
        WITH_FOLDER(event_files_hold_every_number),
        WITH_FOLDER(arrays_are_the_same_in_both_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
