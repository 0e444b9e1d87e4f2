// SPDX-License-Identifier: Apache-2.0
// What public headers put around their declarations: C linkage in C++, and a place among the
// symbols of the shared library. All else in the library is hidden (-fvisibility=hidden).
#ifndef TRM_BASE_API_H
#define TRM_BASE_API_H

#ifdef __cplusplus
#define TRM_BEGIN_DECLS _Pragma("GCC visibility push(default)") extern "C" {
#define TRM_END_DECLS                                                                              \
    }                                                                                              \
    _Pragma("GCC visibility pop")
#else
#define TRM_BEGIN_DECLS _Pragma("GCC visibility push(default)")
#define TRM_END_DECLS   _Pragma("GCC visibility pop")
#endif

#endif
