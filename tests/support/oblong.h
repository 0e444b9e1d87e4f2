// SPDX-License-Identifier: Apache-2.0
// Boards that are not square, for tests of whatever might take one for a square.
#ifndef TRM_TESTS_OBLONG_H
#define TRM_TESTS_OBLONG_H

#include <stdint.h>

typedef struct oblong {
    int32_t rows, cols;
} oblong;

// Any board. Some have as many cells as a square: 4x9, 1x64, 3x48 …
static const oblong oblongs[] = {{1, 1},  {1, 2},   {2, 1},  {1, 64},  {64, 1},  {2, 3},   {3, 2},
                                 {4, 9},  {9, 4},   {5, 7},  {7, 5},   {7, 15},  {15, 7},  {3, 31},
                                 {31, 3}, {63, 5},  {5, 63}, {9, 64},  {64, 9},  {16, 25}, {3, 48},
                                 {8, 18}, {12, 27}, {2, 32}, {63, 64}, {64, 64}, {6, 6}};
enum { OBLONGS = sizeof oblongs / sizeof *oblongs };

// Sizes that `maze` takes: odd, from 7 to 63. 7x63 and 9x25 have as many cells as a square.
static const oblong mazes[] = {{7, 9},   {7, 11},  {7, 13},  {7, 15},  {9, 7},  {11, 7}, {15, 7},
                               {7, 31},  {31, 7},  {9, 25},  {25, 9},  {7, 63}, {63, 7}, {11, 13},
                               {13, 11}, {21, 19}, {17, 29}, {61, 63}, {63, 9}, {9, 63}, {27, 45}};
enum { MAZES = sizeof mazes / sizeof *mazes };

// Twenty that whole programs go through in little time.
static const oblong small_mazes[] = {
    {7, 9},  {9, 7},  {7, 11}, {11, 7}, {7, 13}, {13, 7}, {7, 15},  {15, 7},  {7, 17}, {17, 7},
    {9, 11}, {11, 9}, {9, 13}, {13, 9}, {7, 31}, {31, 7}, {11, 13}, {13, 11}, {7, 63}, {9, 25}};
enum { SMALL_MAZES = sizeof small_mazes / sizeof *small_mazes };

#endif
