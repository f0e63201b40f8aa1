// For x86 processors with vectors of 64 bytes.
#include "work.h"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,bmi,prfchw,clflushopt"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,bmi,prfchw,clflushopt,prefer-vector-width=512")
#endif

#include <immintrin.h>

#define TALL 8
#define MASKS  // vectors of which only some numbers are read or written
#define PROCESSOR avx512
#define BYTES 64
#include "processor.inc"

#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
