// For x86 processors with vectors of 64 bytes.
#include "work.h"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,prefer-vector-width=512")
#endif

#include <immintrin.h>

#define TALL 8
#define MASKS  // vectors of which only some numbers are read or written
namespace wellfit {
namespace avx512_floats {
#define REAL float
#define LANES 16
#include "kernels.inc"
}  // namespace avx512_floats
#undef REAL
#undef LANES
namespace avx512_doubles {
#define REAL double
#define LANES 8
#include "kernels.inc"
}  // namespace avx512_doubles
const Kernels<float>& kernels_avx512(float) { return avx512_floats::all; }
const Kernels<double>& kernels_avx512(double) { return avx512_doubles::all; }
}  // namespace wellfit

#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
