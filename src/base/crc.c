// SPDX-License-Identifier: Apache-2.0
#include "base/crc.h"

uint32_t trm_crc(uint32_t polynomial, const void *bytes, size_t size) {
    enum { NIBBLE = 16, BITS = 4 };
    const unsigned char *b = bytes;
    uint32_t table[NIBBLE], crc = UINT32_MAX;
    for (uint32_t i = 0; i < NIBBLE; i++) {
        table[i] = i;
        for (int k = 0; k < BITS; k++)
            table[i] = (table[i] >> 1) ^ ((table[i] & 1) ? polynomial : 0);
    }
    for (size_t i = 0; i < size; i++) {
        crc ^= b[i];
        crc = (crc >> BITS) ^ table[crc % NIBBLE];
        crc = (crc >> BITS) ^ table[crc % NIBBLE];
    }
    return ~crc;
}
