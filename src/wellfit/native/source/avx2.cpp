// For x86 processors of 2013 and later.
#include "work.h"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif

#define TALL 6
namespace wellfit {
namespace avx2_floats {
#define REAL float
#define LANES 8
#include "kernels.inc"
}  // namespace avx2_floats
#undef REAL
#undef LANES
namespace avx2_doubles {
#define REAL double
#define LANES 4
#include "kernels.inc"
}  // namespace avx2_doubles
const Kernels<float>& kernels_avx2(float) { return avx2_floats::all; }
const Kernels<double>& kernels_avx2(double) { return avx2_doubles::all; }
}  // namespace wellfit

#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
