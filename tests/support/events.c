// SPDX-License-Identifier: Apache-2.0
#include "events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/crc.h"
#include "trm/base/file.h"

static uint64_t little(const unsigned char *b, int size) {
    uint64_t x = 0;
    for (int i = size - 1; i >= 0; i--)
        x = x << 8 | b[i];
    return x;
}

static uint32_t masked(const unsigned char *b, size_t n) {
    const uint32_t crc = trm_crc(TRM_CRC32C, b, n);
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

void read_events(const char *path, see_event *see, void *ctx) {
    size_t size;
    char *bytes;
    assert_true(trm_file_read(path, 1 << 26, &bytes, &size, NULL));
    const unsigned char *b = (const unsigned char *)bytes, *end = b + size;
    for (uint64_t length; b < end; b += 16 + length) {
        assert_true(end - b >= 16);
        length = little(b, 8);
        assert_int_equal(little(b + 8, 4), masked(b, 8));
        assert_true(length <= (uint64_t)(end - b) - 16);
        assert_int_equal(little(b + 12 + length, 4), masked(b + 12, length));
        Trm__Event *event = trm__event__unpack(NULL, length, b + 12);
        assert_non_null(event);
        assert_int_equal(event->base.n_unknown_fields, 0);
        see(ctx, event);
        trm__event__free_unpacked(event, NULL);
    }
    free(bytes);
}

static uint32_t big(const unsigned char *b) {
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

void png_size(const unsigned char *png, size_t size, int32_t *width, int32_t *height) {
    size_t at = 8;
    bool whole = false;
    assert_true(size > 8);
    assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
    *width = (int32_t)big(png + 16);
    *height = (int32_t)big(png + 20);
    while (at + 12 <= size && !whole) {
        const uint32_t length = big(png + at);
        assert_true(length <= size - at - 12);
        assert_int_equal(big(png + at + 8 + length), trm_crc(TRM_CRC32, png + at + 4, length + 4));
        whole = memcmp(png + at + 4, "IEND", 4) == 0;
        at += 12 + length;
    }
    assert_true(whole);
    assert_int_equal(at, size);
}
