// For x86 processors of 2013 and later.
#include "work.h"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi"))), apply_to = function)
#else
#pragma GCC target("avx2,fma,bmi")
#endif

#include <immintrin.h>

#define TALL 6
#define SIGNS  // vectors whose signs are read as bits
#define PROCESSOR avx2
#define BYTES 32
#include "processor.inc"

#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
