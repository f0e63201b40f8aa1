// For x86 processors of 2013 and later.
#include "work.h"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif

#define TALL 6
#define PROCESSOR avx2
#define BYTES 32
#include "processor.inc"

#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
