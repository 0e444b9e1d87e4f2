// SPDX-License-Identifier: Apache-2.0
// Cyclic redundancy checks of 32 bits, as files of other programs have them.
#ifndef TRM_BASE_CRC_H
#define TRM_BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

// The reversed polynomials: that of zip, and Castagnoli's.
#define TRM_CRC32  0xEDB88320u
#define TRM_CRC32C 0x82F63B78u

uint32_t trm_crc(uint32_t polynomial, const void *bytes, size_t size);

#endif
